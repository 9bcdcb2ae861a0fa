"""The hash chain over releases and revisions: whatever is changed afterwards is found, on a real PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cchc.indicators import periods
from cchc.publishing import chain, closing
from cchc.publishing.release import publish
from cchc.warehouse import migrate
from integration.indicator_facts import at, watermark, write
from integration.rows import new_run
from integration.seed_unit import DAY, UNIT, catalogue

CATALOGUE = catalogue()


@pytest.fixture
def root(warehouse: Engine, tmp_path: Path) -> Path:
    """Return a directory of three releases of three days."""
    releases = tmp_path / "releases"
    for n in range(3):
        day = DAY + timedelta(days=n)
        received = at(day.isoformat())
        write(warehouse, "dossier", UNIT, "s", [{"dossier_code": f"d{n}", "received_at": received}])
        watermark(warehouse, UNIT, "s", day, "dossier")
        publish(warehouse, CATALOGUE, day, None, releases)
    return releases


def found(warehouse: Engine, root: Path) -> list[tuple[int | None, str, str]]:
    _, findings = chain.verify(warehouse, root, chain.anchor_of(root))
    return [(f.chain_no, f.level, f.message) for f in findings]


def run(warehouse: Engine, statement: str) -> None:
    with warehouse.begin() as connection:
        connection.execute(text(statement))


def names(warehouse: Engine) -> list[str]:
    with warehouse.connect() as connection:
        return list(connection.scalars(text("select release_id from publish.chain_link order by chain_no")))


def test_what_was_published_verifies(warehouse: Engine, root: Path) -> None:
    assert found(warehouse, root) == []
    lines = chain.anchor_of(root).read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    publish(warehouse, CATALOGUE, DAY, None, root)  # the same content again is no new release
    assert chain.anchor_of(root).read_text().splitlines() == lines


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update publish.indicator_value set printed = '9' where {second}", "a number of it was changed"),
        ("update publish.indicator_value set coverage = 1 where {second}", "a number of it was changed"),
        ("delete from publish.indicator_value where {second}", "a number of it was changed"),
        (
            "update publish.release set sources_fresh = 99 where {second}",
            "its row in publish.release was changed",
        ),
        (
            "update publish.release set content_sha256 = repeat('0', 64) where {second}",
            "its row in publish.release",
        ),
    ],
)
def test_a_changed_row_is_found(warehouse: Engine, root: Path, statement: str, said: str) -> None:
    run(warehouse, statement.format(second=f"release_id = '{names(warehouse)[1]}'"))
    assert any(
        no == 2 and level == "fail" and said in message for no, level, message in found(warehouse, root)
    )


def test_a_changed_and_a_lost_file_are_found(warehouse: Engine, root: Path) -> None:
    first, second, third = names(warehouse)
    page = root / first / "index.html"
    page.write_text(page.read_text().replace("0", "1"))
    (root / second / "more.csv").write_text("")
    for path in (root / third).iterdir():
        path.unlink()
    (root / third).rmdir()
    messages = [
        (no, message.split(" in ")[0].split(" from ")[0]) for no, _, message in found(warehouse, root)
    ]
    assert messages == [
        (1, "a file of it was changed, added or removed"),
        (2, "a file of it was changed, added or removed"),
        (3, "its files are gone"),
    ]


@pytest.mark.parametrize("removed", [1, 2, 3])
def test_a_removed_release_is_found(warehouse: Engine, root: Path, removed: int) -> None:
    gone = names(warehouse)[removed - 1]
    run(warehouse, f"delete from publish.chain_link where release_id = '{gone}'")
    run(warehouse, f"delete from publish.indicator_value where release_id = '{gone}'")
    run(warehouse, f"delete from publish.release where release_id = '{gone}'")
    assert (removed, "fail") in {(no, level) for no, level, _ in found(warehouse, root)}


def rewrite(warehouse: Engine) -> None:
    """Seal every link anew, as someone who knows how it is done would, hashes and all."""
    with warehouse.begin() as connection:
        connection.execute(text("update publish.chain_link set chain_sha256 = null"))
        for no in connection.scalars(text("select chain_no from publish.chain_link order by 1")).all():
            connection.execute(
                text(
                    "update publish.chain_link as l set previous_sha256 = before.chain_sha256"
                    " from publish.chain_link as before"
                    " where before.chain_no = :no - 1 and l.chain_no = :no"
                ),
                {"no": no},
            )
            chain.seal(connection, no)


def test_a_chain_rewritten_whole_is_found_by_its_anchor(warehouse: Engine, root: Path) -> None:
    run(warehouse, "update publish.indicator_value set reason = 'changed'")
    rewrite(warehouse)
    messages = found(warehouse, root)
    assert [no for no, _, message in messages if "the chain was rewritten" in message] == [1, 2, 3]
    # and nothing new goes out on top of it
    write(warehouse, "dossier", UNIT, "s", [{"dossier_code": "d9", "received_at": at(DAY.isoformat())}])
    before = (root / "current").readlink()
    with pytest.raises(chain.ChainBroken, match="cchc release verify"):
        publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    assert (root / "current").readlink() == before


def test_a_lost_anchor_is_told_and_begins_anew(warehouse: Engine, root: Path) -> None:
    chain.anchor_of(root).unlink()
    assert [(level, message[:18]) for _, level, message in found(warehouse, root)] == [
        ("warn", "there is no anchor")
    ]
    publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    assert [level for _, level, _ in found(warehouse, root)] == ["warn"]
    assert "begins at no. 4" in found(warehouse, root)[0][2]


@pytest.mark.parametrize("kept", [0, 10])
def test_a_kill_while_anchoring_is_mended_by_the_next_publication(
    warehouse: Engine, root: Path, kept: int
) -> None:
    anchor = chain.anchor_of(root)
    lines = anchor.read_text().splitlines(keepends=True)
    anchor.write_text("".join(lines[:2]) + lines[2][:kept])
    assert [(no, level) for no, level, _ in found(warehouse, root)] == [(3, "warn")]
    publish(warehouse, CATALOGUE, DAY + timedelta(days=2), None, root)
    assert anchor.read_text().splitlines(keepends=True) == lines
    assert found(warehouse, root) == []


def test_an_anchor_that_is_none_is_said(warehouse: Engine, root: Path) -> None:
    anchor = chain.anchor_of(root)
    anchor.write_text("hello\n" + anchor.read_text())
    assert "line 1: this is no line of an anchor" in found(warehouse, root)[0][2]


MONTH = periods.parse("2026-11")
TABLES = ("closed_period", "closed_value", "closed_record", "reopening")


def freeze(warehouse: Engine, root: Path, by: str = "Nguyễn Văn A") -> None:
    closing.close(warehouse, CATALOGUE, MONTH, by, "ghi chú", chain.anchor_of(root))


@pytest.fixture
def closed(warehouse: Engine, root: Path) -> Path:
    """Return a directory of releases 1 to 3 and 5, with revision 0 as link 4 and revision 1 as link 6."""
    new_run(warehouse, DAY)
    freeze(warehouse, root)
    publish(warehouse, CATALOGUE, DAY + timedelta(days=4), None, root)
    closing.reopen(warehouse, MONTH, "Trần Thị B", "hồ sơ nộp muộn")
    freeze(warehouse, root, "Trần Thị B")
    return root


def test_revisions_are_links_of_the_same_chain(warehouse: Engine, closed: Path) -> None:
    assert found(warehouse, closed) == []
    lines = [line.split()[:2] for line in chain.anchor_of(closed).read_text().splitlines()]
    assert [no for no, _ in lines] == ["1", "2", "3", "4", "5", "6"]
    assert (lines[3][1], lines[5][1]) == ("report/2026-11/0", "report/2026-11/1")


@pytest.mark.parametrize(
    ("statement", "no", "said"),
    [
        (
            "update publish.closed_value set printed = '9' where revision = 0 and unit_code = 'SYT'",
            4,
            "a number of it was changed, added or removed in publish.closed_value",
        ),
        ("delete from publish.closed_value where revision = 1 and unit_code = 'SYT'", 6, "a number of it"),
        (
            "update publish.closed_record set row_hash = 'z' where revision = 0 and dossier_code = 'd0'",
            4,
            "a dossier of it was changed, added or removed in publish.closed_record",
        ),
        (
            "update publish.closed_record set unit_code = 'SYT' where revision = 0 and dossier_code = 'd0'",
            4,
            "a dossier of it",
        ),
        (
            "delete from publish.closed_record where revision = 1 and dossier_code = 'd0'",
            6,
            "a dossier of it",
        ),
        (
            "update publish.closed_period set closed_by = 'B' where revision = 0",
            4,
            "its row in publish.closed",
        ),
        ("update publish.closed_period set note = null where revision = 0", 4, "its row in publish.closed"),
        ("update publish.closed_period set on_time_rules = '{}' where revision = 1", 6, "its row in publish"),
        (
            "update publish.closed_period set catalogue_sha256 = repeat('0', 64) where revision = 1",
            6,
            "its row in publish.closed_period was changed",
        ),
        ("update publish.closed_period set period_to = '2026-11-15' where revision = 0", 4, "its row in pub"),
        ("update publish.reopening set reason = 'vì'", 6, "its row in publish.closed_period was changed"),
    ],
)
def test_a_revision_the_owner_changed_is_found(
    warehouse: Engine, closed: Path, statement: str, no: int, said: str
) -> None:
    drop_triggers(warehouse)
    run(warehouse, statement)
    messages = found(warehouse, closed)
    assert [(at, level) for at, level, _ in messages] == [(no, "fail")]
    assert messages[0][2].startswith(said)


def drop_triggers(warehouse: Engine) -> None:
    for table in TABLES:
        run(warehouse, f"drop trigger {table}_stands on publish.{table}")


def remove(warehouse: Engine, revision: int) -> None:
    drop_triggers(warehouse)
    run(warehouse, "alter table publish.chain_link drop constraint chain_link_calendar_period_revision_fkey")
    for table in ("closed_value", "closed_record", "reopening", "closed_period"):
        run(warehouse, f"delete from publish.{table} where revision = {revision}")


@pytest.mark.parametrize(("revision", "no"), [(0, 4), (1, 6)])
def test_a_removed_revision_is_found(warehouse: Engine, closed: Path, revision: int, no: int) -> None:
    remove(warehouse, revision)
    assert (no, "fail", "its row in publish.closed_period was removed") in found(warehouse, closed)
    run(warehouse, f"delete from publish.chain_link where revision = {revision}")  # with its link
    assert any(at == no and level == "fail" and "removed" in m for at, level, m in found(warehouse, closed))


def test_a_revision_outside_the_chain_is_found(warehouse: Engine, closed: Path) -> None:
    run(warehouse, "delete from publish.chain_link where revision = 1")
    assert (None, "fail", "it is not in the chain") in found(warehouse, closed)
    run(
        warehouse,
        "insert into publish.closed_period select calendar, '2026-10', revision, period_from, period_to,"
        " reporting_day, closed_at, closed_by, note, catalogue_sha256, on_time_rules, 1, 1"
        " from publish.closed_period where revision = 0",
    )
    assert [m for _, _, m in found(warehouse, closed)].count("it is not in the chain") == 2


def test_revisions_rewritten_hashes_and_all_are_found_by_the_anchor(warehouse: Engine, closed: Path) -> None:
    drop_triggers(warehouse)
    run(warehouse, "update publish.closed_value set reason = 'changed' where revision = 0")
    rewrite(warehouse)
    messages = found(warehouse, closed)
    assert [no for no, _, message in messages if "the chain was rewritten" in message] == [4, 5, 6]
    closing.reopen(warehouse, MONTH, "A", "lần nữa")
    with pytest.raises(chain.ChainBroken, match="cchc release verify"):
        freeze(warehouse, closed)


def test_publishing_and_closing_at_once_get_numbers_of_their_own(warehouse: Engine, root: Path) -> None:
    new_run(warehouse, DAY)
    failures: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    def close(label: str) -> None:
        anchor = chain.anchor_of(root)
        closing.close(warehouse, CATALOGUE, periods.parse(label), "A", anchor=anchor)

    work: list[Callable[[], object]] = []
    for n in range(4):
        work.append(lambda n=n: publish(warehouse, CATALOGUE, DAY + timedelta(days=10 + n), None, root))  # type: ignore[misc]
        work.append(lambda n=n: close(f"2026-0{n + 1}"))  # type: ignore[misc]
    threads = [threading.Thread(target=guarded, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert found(warehouse, root) == []
    lines = chain.anchor_of(root).read_text().splitlines()
    assert [int(line.split()[0]) for line in lines] == list(range(1, 12))


def test_revisions_closed_before_the_chain_had_them_are_sealed_by_the_migration(
    warehouse: Engine, root: Path
) -> None:
    """The migration hashes in SQL what Python hashes: every kind of text must come out alike."""
    new_run(warehouse, DAY)
    migrate.downgrade(warehouse, "0004_measures")
    run(
        warehouse,
        "insert into publish.closed_period (calendar, period, revision, period_from, period_to, reporting_day,"
        " closed_by, note, catalogue_sha256, on_time_rules, sources_expected, sources_complete)"
        " select 'report', '2026-11', n, '2026-10-15', '2026-11-14', '2026-11-14', 'Nguyễn Thị “Ớ” \U0001f600',"
        """ case n when 0 then E'dòng\n\t"\\ \u007f\u0001' end, repeat('a', 64), '{"bé": "b", "a": null}', 2, 1"""
        " from generate_series(0, 1) as n;"
        "insert into publish.reopening (calendar, period, revision, reopened_by, reason)"
        " values ('report', '2026-11', 0, 'Trần', 'vì “thế”');"
        "insert into publish.closed_value (calendar, period, revision, unit_code, set_code, indicator_code,"
        " value, numerator, denominator, printed, reason, coverage, fresh_to)"
        " values ('report', '2026-11', 0, 'SYT', 's', 'i', 95.30, 2, 3.0, '95,3%', null, 0.5, '2026-11-14'),"
        " ('report', '2026-11', 0, 'SNV', 's', 'i', null, null, null, null, 'chưa có', null, null);"
        "insert into publish.closed_record (calendar, period, revision, unit_code, source_code, dossier_code,"
        " row_hash) select 'report', '2026-11', 0, u, 's', 'hồ sơ ' || n, 'x'"
        " from generate_series(1, 3) as n, unnest(array['SYT', 'SNV']) as u",
    )
    migrate.upgrade(warehouse)
    assert [(no, level) for no, level, _ in found(warehouse, root)] == [(5, "warn")]  # not anchored yet
    publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    assert found(warehouse, root) == []
    lines = [line.split()[:2] for line in chain.anchor_of(root).read_text().splitlines()]
    assert lines[3:5] == [["4", "report/2026-11/0"], ["5", "report/2026-11/1"]]
