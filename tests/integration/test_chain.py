"""The hash chain over releases and revisions: whatever is changed afterwards is found, on a real PostgreSQL."""

from __future__ import annotations

import json
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from cchc.commands.release import release
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.publishing import anchor_file, chain, closing, verification
from cchc.publishing import release as releasing
from cchc.publishing.release import publish
from cchc.publishing.sql import query
from cchc.settings import settings
from cchc.warehouse import marts, migrate
from cchc.warehouse.engine import connect
from integration.indicator_facts import at, watermark, write
from integration.published import edit
from integration.rows import new_run
from integration.seed_unit import DAY, UNIT, catalogue

CATALOGUE = catalogue()


@dataclass(frozen=True)
class Made:
    """A database and the folder that its releases and its anchor are in: tests get copies of both."""

    database: str
    folder: Path


@contextmanager
def copied(postgres: Engine, database: str) -> Iterator[Engine]:
    """Yield an engine on a database as another is, which nobody is in; the copy is dropped afterwards."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with postgres.connect() as admin:
        admin.execute(text(f'create database "{name}" template "{database}"'))
    engine = connect(postgres.url.set(database=name))
    try:
        yield engine
    finally:
        engine.dispose()
        with postgres.connect() as admin:
            admin.execute(text(f'drop database "{name}" with (force)'))


@pytest.fixture(scope="module")
def published(postgres: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Return three releases of three days, published once for all tests here."""
    folder = tmp_path_factory.mktemp("published")
    with copied(postgres, "template_cchc") as warehouse:
        _publish_three(warehouse, folder / "releases")
        warehouse.dispose()
        yield Made(str(warehouse.url.database), folder)


@pytest.fixture(scope="module")
def frozen(postgres: Engine, published: Made, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    """Return the same with a month closed, opened again and closed again; see `closed`."""
    folder = tmp_path_factory.mktemp("frozen")
    shutil.copytree(published.folder, folder, symlinks=True, dirs_exist_ok=True)
    with copied(postgres, published.database) as warehouse:
        _close_twice(warehouse, folder / "releases")
        warehouse.dispose()
        yield Made(str(warehouse.url.database), folder)


@pytest.fixture
def made(request: pytest.FixtureRequest) -> Made:
    """Return what the test begins with: closed periods too, where it asks for them."""
    found: Made = request.getfixturevalue("frozen" if "closed" in request.fixturenames else "published")
    return found


@pytest.fixture
def warehouse(postgres: Engine, made: Made) -> Iterator[Engine]:
    """Return an engine on a warehouse of the test's own."""
    with copied(postgres, made.database) as engine:
        yield engine


@pytest.fixture
def root(made: Made, tmp_path: Path) -> Path:
    """Return a directory of three releases of three days."""
    shutil.copytree(made.folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path / "releases"


def _publish_three(warehouse: Engine, releases: Path) -> None:
    days = [DAY + timedelta(days=n) for n in range(3)]
    dossiers = [{"dossier_code": f"d{n}", "received_at": at(day.isoformat())} for n, day in enumerate(days)]
    write(warehouse, "dossier", UNIT, "s", dossiers)
    marts.refresh(warehouse)
    for day in days:
        watermark(warehouse, UNIT, "s", day, "dossier")
        publish(warehouse, CATALOGUE, day, None, releases)


def found(warehouse: Engine, root: Path) -> list[tuple[int | None, str, str]]:
    _, findings = verification.verify(warehouse, root, anchor_file.beside(root))
    return [(f.chain_no, f.level, f.message) for f in findings]


def run(warehouse: Engine, statement: str) -> None:
    with warehouse.begin() as connection:
        connection.execute(text(statement))


def names(warehouse: Engine) -> list[str]:
    with warehouse.connect() as connection:
        return list(connection.scalars(text("select release_id from publish.chain_link order by chain_no")))


def test_what_was_published_verifies(warehouse: Engine, root: Path) -> None:
    assert found(warehouse, root) == []
    lines = anchor_file.beside(root).read_text().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    publish(warehouse, CATALOGUE, DAY, None, root)  # the same content again is no new release
    assert anchor_file.beside(root).read_text().splitlines() == lines


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
        ("update publish.release set published_at = now() where {second}", "its row in publish.release was"),
        (
            "with r as (insert into ops.run (run_id, reporting_day, kind, sources) values"
            " (gen_random_uuid(), '2026-11-14', 'sync', '{{}}') returning run_id)"
            " update publish.release set run_id = (select run_id from r) where {second}",
            "its row in publish.release was changed",
        ),
        (
            "update publish.release set path = '/tmp/x' where {second}",
            "its path in publish.release is that of",
        ),
        ("update publish.release set path = '/x' || path where {second}", "its row in publish.release was"),
    ],
)
def test_a_changed_row_is_found(warehouse: Engine, root: Path, statement: str, said: str) -> None:
    drop_triggers(warehouse)
    run(warehouse, statement.format(second=f"release_id = '{names(warehouse)[1]}'"))
    assert any(
        no == 2 and level == "fail" and said in message for no, level, message in found(warehouse, root)
    )


def test_a_changed_and_a_lost_file_are_found(warehouse: Engine, root: Path) -> None:
    first, second, third = names(warehouse)
    page = root / first / "internal" / "index.html"
    edit(page, page.read_bytes().replace(b"0", b"1"))
    (root / second / "internal" / "more.csv").write_text("")
    shutil.rmtree(root / third)
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
    drop_triggers(warehouse)
    run(warehouse, f"delete from publish.chain_link where release_id = '{gone}'")
    run(warehouse, f"delete from publish.indicator_value where release_id = '{gone}'")
    run(warehouse, f"delete from publish.public_counts where release_id = '{gone}'")
    run(warehouse, f"delete from publish.release where release_id = '{gone}'")
    assert (removed, "fail") in {(no, level) for no, level, _ in found(warehouse, root)}


def rewrite(warehouse: Engine) -> None:
    """Seal every link anew, as someone who knows how it is done would, hashes and all."""
    drop_triggers(warehouse)
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
    drop_triggers(warehouse)
    run(warehouse, "update publish.indicator_value set reason = 'changed'")
    rewrite(warehouse)
    messages = found(warehouse, root)
    assert [no for no, _, message in messages if "the chain was rewritten" in message] == [1, 2, 3]
    # and nothing new goes out on top of it
    write(warehouse, "dossier", UNIT, "s", [{"dossier_code": "d9", "received_at": at(DAY.isoformat())}])
    marts.refresh(warehouse)
    before = (root / "current").readlink()
    with pytest.raises(chain.ChainBroken, match="cchc release verify"):
        publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    assert (root / "current").readlink() == before


def test_a_lost_anchor_is_told_and_begins_anew(warehouse: Engine, root: Path) -> None:
    anchor_file.beside(root).unlink()
    assert [(level, message[:18]) for _, level, message in found(warehouse, root)] == [
        ("fail", "there is no anchor")
    ]
    assert "put the anchor back from where it is kept" in found(warehouse, root)[0][2]
    publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)  # a night is not lost
    assert (root / "current").readlink() == Path(names(warehouse)[-1])


@pytest.fixture
def anew(warehouse: Engine, root: Path) -> Path:
    """Return an anchor that was lost, and begun anew by a publication after the chain was rewritten whole."""
    drop_triggers(warehouse)
    run(warehouse, "update publish.indicator_value set reason = 'changed'")
    rewrite(warehouse)
    anchor = anchor_file.beside(root)
    anchor.unlink()
    publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    assert [line.split()[0] for line in anchor.read_text().splitlines()] == ["4"]
    return anchor


def test_an_anchor_begun_anew_fails_until_a_person_answers_for_it(
    warehouse: Engine, root: Path, anew: Path
) -> None:
    for n in range(2):  # however much is published on top of it
        ((_, level, message),) = found(warehouse, root)
        assert level == "fail"
        assert message.startswith(
            f"no. 1–3 is not in {anew}, which goes on at no. 4: a chain that was rewritten"
        )
        assert "cchc release anchor --by NAME --reason TEXT" in message
        publish(warehouse, CATALOGUE, DAY + timedelta(days=6 + n), None, root)
    lines = anew.read_bytes()
    by, reason = "Nguyễn Thị\tA", " mất đĩa;\nđã đối chiếu \udcff "
    assert chain.answer(warehouse, anew, by, reason) == [4]
    assert anew.read_bytes().startswith(lines)  # only ever added to
    ((_, level, message),) = found(warehouse, root)
    assert level == "warn"
    assert "Nguyễn Thị A answers for it since 20" in message
    assert message.endswith(": mất đĩa; đã đối chiếu \\udcff")
    with pytest.raises(ConfigurationError, match="lacks no link that nobody answers for"):
        chain.answer(warehouse, anew, "B", "lần nữa")
    publish(warehouse, CATALOGUE, DAY + timedelta(days=8), None, root)
    assert found(warehouse, root) == [(None, "warn", message)]
    whole = anew.read_text().splitlines()
    assert [line.split()[0] for line in whole] == ["4", "5", "6", "#", "7"]
    # the word is of that loss alone
    anew.write_text("\n".join(whole[1:]) + "\n")
    assert [(level, m[:9]) for _, level, m in found(warehouse, root)] == [("fail", "no. 1–4 i")]
    anew.write_text(whole[3] + "\n")
    assert [(level, m[:18]) for _, level, m in found(warehouse, root)] == [("fail", "there is no anchor")]


def test_the_command_answers_for_an_anchor_with_a_name_and_a_reason(
    warehouse: Engine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_RELEASES", str(root))
    monkeypatch.delenv("CCHC_ANCHOR", raising=False)
    settings.cache_clear()
    monkeypatch.setattr("cchc.night.ready_warehouse", lambda: warehouse)

    def said(*arguments: str) -> Result:
        return CliRunner().invoke(release, list(arguments))

    asked = ("anchor", "--by", "Trần Văn B", "--reason", "máy chủ hỏng")
    try:
        assert "lacks no link" in str(said(*asked).exception)
        anchor_file.beside(root).unlink()
        assert said("verify").exit_code == 1
        assert "give --by and --reason" in str(said("anchor", "--by", "B", "--reason", " ").exception)
        assert said(*asked).stdout == f"{anchor_file.beside(root)}\t3\n"  # nothing has to be published first
        done = said("verify", "--format", "json")
        assert done.exit_code == 0
        assert [f["message"].split("; ")[1][:10] for f in json.loads(done.stdout)] == ["Trần Văn B"]
        rewrite(warehouse)
        run(warehouse, "update publish.chain_link set chain_sha256 = repeat('0', 64) where chain_no = 3")
        assert isinstance(said(*asked).exception, chain.ChainBroken)
    finally:
        settings.cache_clear()


def test_a_persons_word_that_a_kill_cut_short_was_not_given(
    warehouse: Engine, root: Path, anew: Path
) -> None:
    with anew.open("ab") as out:
        out.write("# 4\t2026-11-20T00:00:00+00:00\tNguyễn".encode()[:-2])
    assert [(level, m[:9]) for _, level, m in found(warehouse, root)] == [("fail", "no. 1–3 i")]
    publish(warehouse, CATALOGUE, DAY + timedelta(days=6), None, root)
    assert [line.split()[0] for line in anew.read_text().splitlines()] == ["4", "5"]
    assert chain.answer(warehouse, anew, "A", "mất đĩa") == [4]
    assert [level for _, level, _ in found(warehouse, root)] == ["warn"]


def test_lines_of_before_put_back_end_the_failure(warehouse: Engine, root: Path) -> None:
    anchor = anchor_file.beside(root)
    before = anchor.read_text()
    anchor.unlink()
    publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    anchor.write_text(before + anchor.read_text())
    assert found(warehouse, root) == []


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ((1, 3), "no. 2 is not in"),
        ((2, 3), "no. 1 is not in"),
        ((3,), "no. 1–2 is not in"),
        ((), "there is no anchor"),  # emptied
    ],
)
def test_a_line_removed_from_the_anchor_is_found(
    warehouse: Engine, root: Path, kept: tuple[int, ...], said: str
) -> None:
    anchor = anchor_file.beside(root)
    lines = anchor.read_text().splitlines(keepends=True)
    anchor.write_text("".join(lines[no - 1] for no in kept))
    ((_, level, message),) = found(warehouse, root)
    assert (level, message[: len(said)]) == ("fail", said)
    publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    assert [level for _, level, _ in found(warehouse, root)] == ["fail"]


@pytest.mark.parametrize("order", [(1, 3, 2), (1, 2, 2, 3), (1, 2, 3, 1)])
def test_lines_of_the_anchor_in_another_order_are_found(
    warehouse: Engine, root: Path, order: tuple[int, ...]
) -> None:
    anchor = anchor_file.beside(root)
    lines = anchor.read_text().splitlines(keepends=True)
    anchor.write_text("".join(lines[no - 1] for no in order))
    assert "fail" in {level for _, level, _ in found(warehouse, root)}


def test_the_first_line_torn_of_a_later_link_fails(warehouse: Engine, root: Path) -> None:
    anchor = anchor_file.beside(root)
    anchor.write_text(anchor.read_text().splitlines()[2][:20])
    for _ in range(2):
        assert ("fail", "no. 1–2 i") in [(level, m[:9]) for _, level, m in found(warehouse, root)]
        publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)


def test_a_release_on_disk_that_the_database_does_not_know_is_found(warehouse: Engine, root: Path) -> None:
    """The newest release taken out of the database, with its line in the anchor, and `current` set back."""
    gone = names(warehouse)[-1]
    _removed_newest(warehouse)
    anchor = anchor_file.beside(root)
    anchor.write_text("".join(anchor.read_text().splitlines(keepends=True)[:-1]))
    (root / "current").unlink()
    (root / "current").symlink_to(names(warehouse)[-1])
    _, (finding,) = verification.verify(warehouse, root, anchor)
    assert (finding.name, finding.level) == (gone, "fail")
    assert f"{root / gone} is no release that the database knows" in finding.message


def test_tables_that_were_emptied_are_found_by_the_releases_on_disk(warehouse: Engine, root: Path) -> None:
    there = set(names(warehouse))
    drop_triggers(warehouse)
    run(warehouse, f"truncate {', '.join(f'publish.{table}' for table in TABLES)}")
    anchor_file.beside(root).unlink()
    _, findings = verification.verify(warehouse, root, anchor_file.beside(root))
    assert {f.name for f in findings if f.level == "fail"} == there


def test_what_may_stand_beside_the_releases_is_no_finding(warehouse: Engine, root: Path) -> None:
    (root / ".unfinished-0123").mkdir()
    (root / ".unfinished-4567").symlink_to(names(warehouse)[0])
    (root / "lost+found").mkdir()
    (root / "index.html").write_text("")
    assert found(warehouse, root) == []


def test_a_publication_under_way_is_no_finding(
    warehouse: Engine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    placed, go_on = threading.Event(), threading.Event()
    enter = releasing._enter

    def slowly(*arguments: Any) -> None:
        placed.set()
        go_on.wait(30)
        enter(*arguments)

    monkeypatch.setattr(releasing, "_enter", slowly)
    findings: list[tuple[int | None, str, str]] = []
    day = DAY + timedelta(days=5)
    publishing = threading.Thread(target=lambda: publish(warehouse, CATALOGUE, day, None, root))
    looking = threading.Thread(target=lambda: findings.extend(found(warehouse, root)))
    publishing.start()
    assert placed.wait(30)
    looking.start()
    looking.join(0.5)
    assert looking.is_alive()  # its folder is there, and not yet its row
    go_on.set()
    publishing.join()
    looking.join()
    assert findings == []
    assert found(warehouse, root) == []


def test_a_publication_killed_before_its_row_is_taken_up_by_the_next(
    warehouse: Engine, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    day = DAY + timedelta(days=5)
    with monkeypatch.context() as patched:
        patched.setattr(releasing, "_enter", killed)
        with pytest.raises(KeyboardInterrupt):
            publish(warehouse, CATALOGUE, day, None, root)
    assert "publishing that day again enters it" in found(warehouse, root)[0][2]
    publish(warehouse, CATALOGUE, day, None, root)
    assert found(warehouse, root) == []


@pytest.mark.parametrize("kept", [0, 10])
def test_a_kill_while_anchoring_is_mended_by_the_next_publication(
    warehouse: Engine, root: Path, kept: int
) -> None:
    anchor = anchor_file.beside(root)
    lines = anchor.read_text().splitlines(keepends=True)
    anchor.write_text("".join(lines[:2]) + lines[2][:kept])
    torn = (
        [(3, "warn", f"the last line of {anchor} is torn: the next publication writes it again")]
        if kept
        else []
    )
    messages = found(warehouse, root)
    assert messages[:-1] == torn
    assert messages[-1][:2] == (3, "warn")
    publish(warehouse, CATALOGUE, DAY + timedelta(days=2), None, root)
    assert anchor.read_text().splitlines(keepends=True) == lines
    assert found(warehouse, root) == []


def test_an_anchor_that_is_none_is_said(warehouse: Engine, root: Path) -> None:
    anchor = anchor_file.beside(root)
    anchor.write_text("hello\n" + anchor.read_text())
    assert "line 1: this is no line of an anchor" in found(warehouse, root)[0][2]


MONTH = periods.parse("2026-11")
TABLES = (
    "closed_period",
    "closed_value",
    "closed_record",
    "reopening",
    "release",
    "public_counts",
    "indicator_value",
    "chain_link",
)


def freeze(warehouse: Engine, root: Path, by: str = "Nguyễn Văn A") -> None:
    closing.close(warehouse, CATALOGUE, MONTH, by, "ghi chú", anchor_file.beside(root))


@pytest.fixture
def closed(root: Path) -> Path:
    """Return a directory of releases 1 to 3 and 5; revision 0 is link 4, its reopening 6, revision 1 is 7."""
    return root


def _close_twice(warehouse: Engine, root: Path) -> None:
    new_run(warehouse, DAY)
    watermark(warehouse, UNIT, "sgddt-motcua", DAY, "dossier")
    freeze(warehouse, root)
    publish(warehouse, CATALOGUE, DAY + timedelta(days=4), None, root)
    closing.reopen(warehouse, MONTH, "Trần Thị B", "hồ sơ nộp muộn", anchor_file.beside(root))
    freeze(warehouse, root, "Trần Thị B")


def test_revisions_are_links_of_the_same_chain(warehouse: Engine, closed: Path) -> None:
    assert found(warehouse, closed) == []
    lines = [line.split()[:2] for line in anchor_file.beside(closed).read_text().splitlines()]
    assert [no for no, _ in lines] == ["1", "2", "3", "4", "5", "6", "7"]
    assert [name for _, name in (lines[3], *lines[5:])] == [
        "report/2026-11/0",
        "report/2026-11/0/reopened",
        "report/2026-11/1",
    ]


@pytest.mark.parametrize(
    ("statement", "no", "said"),
    [
        (
            "update publish.closed_value set printed = '9' where revision = 0 and unit_code = 'SYT'",
            4,
            "a number of it was changed, added or removed in publish.closed_value",
        ),
        ("delete from publish.closed_value where revision = 1 and unit_code = 'SYT'", 7, "a number of it"),
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
            7,
            "a dossier of it",
        ),
        (
            "update publish.closed_period set closed_by = 'B' where revision = 0",
            4,
            "its row in publish.closed",
        ),
        ("update publish.closed_period set note = null where revision = 0", 4, "its row in publish.closed"),
        ("update publish.closed_period set on_time_rules = '{}' where revision = 1", 7, "its row in publish"),
        (
            "update publish.closed_period set catalogue_sha256 = repeat('0', 64) where revision = 1",
            7,
            "its row in publish.closed_period was changed",
        ),
        ("update publish.closed_period set period_to = '2026-11-15' where revision = 0", 4, "its row in pub"),
        (
            "delete from publish.closed_value where revision = 1 and set_code = 'form:ii06a'",
            7,
            "a number of it",
        ),
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
    """Do what only the owner of the tables can do first."""
    for table in TABLES:
        run(warehouse, f"drop trigger if exists {table}_stands on publish.{table}")
    run(warehouse, "drop trigger if exists chain_link_sealed on publish.chain_link")


def remove(warehouse: Engine, revision: int) -> None:
    drop_triggers(warehouse)
    run(warehouse, "alter table publish.chain_link drop constraint chain_link_calendar_period_revision_fkey")
    for table in ("closed_value", "closed_record", "reopening", "closed_period"):
        run(warehouse, f"delete from publish.{table} where revision = {revision}")


@pytest.mark.parametrize(("revision", "no"), [(0, 4), (1, 7)])
def test_a_removed_revision_is_found(warehouse: Engine, closed: Path, revision: int, no: int) -> None:
    remove(warehouse, revision)
    assert (no, "fail", "its row in publish.closed_period was removed") in found(warehouse, closed)
    run(warehouse, f"delete from publish.chain_link where revision = {revision}")  # with its link
    assert any(at == no and level == "fail" and "removed" in m for at, level, m in found(warehouse, closed))


def test_a_revision_outside_the_chain_is_found(warehouse: Engine, closed: Path) -> None:
    drop_triggers(warehouse)
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
    assert [no for no, _, message in messages if "the chain was rewritten" in message] == [4, 5, 6, 7]
    for _ in range(2):
        with pytest.raises(chain.ChainBroken, match="cchc release verify"):
            publish(warehouse, CATALOGUE, DAY + timedelta(days=9), None, closed)
    with pytest.raises(chain.ChainBroken, match="cchc release verify"):
        closing.reopen(warehouse, MONTH, "A", "lần nữa", anchor_file.beside(closed))
    with pytest.raises(chain.ChainBroken, match="cchc release verify"):
        freeze(warehouse, closed)


def test_publishing_and_closing_at_once_get_numbers_of_their_own(warehouse: Engine, root: Path) -> None:
    new_run(warehouse, DAY)
    watermark(warehouse, UNIT, "sgddt-motcua", DAY, "dossier")
    failures: list[BaseException] = []

    def guarded(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    def close(label: str) -> None:
        anchor = anchor_file.beside(root)
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
    lines = anchor_file.beside(root).read_text().splitlines()
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
    assert [(no, level) for no, level, _ in found(warehouse, root)] == [(6, "warn")]  # not anchored yet
    publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    assert found(warehouse, root) == []
    lines = [line.split()[:2] for line in anchor_file.beside(root).read_text().splitlines()]
    assert lines[3:6] == [
        ["4", "report/2026-11/0"],
        ["5", "report/2026-11/1"],
        ["6", "report/2026-11/0/reopened"],
    ]


@pytest.mark.parametrize("table", ["release", "indicator_value", "public_counts", "chain_link"])
@pytest.mark.parametrize(
    "how",
    ["update publish.{} set {} = {}", "delete from publish.{}", "truncate publish.{} cascade"],
)
def test_what_was_published_refuses_to_be_changed(
    warehouse: Engine, root: Path, table: str, how: str
) -> None:
    columns = {
        "release": "path",
        "indicator_value": "reason",
        "public_counts": "ended",
        "chain_link": "values_sha256",
    }
    column = columns[table]
    with pytest.raises(DBAPIError, match="what was published is never changed"):
        run(warehouse, how.format(table, column, column))


@pytest.mark.parametrize(
    ("statement", "no", "said"),
    [
        ("update publish.reopening set reason = 'vì'", 5, "its row in publish.reopening was changed"),
        ("update publish.reopening set reopened_by = 'A'", 5, "its row in publish.reopening was changed"),
        ("delete from publish.reopening", 5, "its row in publish.reopening was removed"),
        (
            "delete from publish.chain_link where is_reopening; delete from publish.reopening",
            5,
            "it was removed; ",
        ),
        (
            "insert into publish.reopening (calendar, period, revision, reopened_by, reason)"
            " values ('report', '2026-10', 0, 'A', 'vì')",
            None,
            "it is not in the chain",
        ),
    ],
)
def test_what_is_done_to_the_reopening_of_the_newest_revision_is_found(
    warehouse: Engine, root: Path, statement: str, no: int | None, said: str
) -> None:
    new_run(warehouse, DAY)
    watermark(warehouse, UNIT, "sgddt-motcua", DAY, "dossier")
    freeze(warehouse, root)
    closing.reopen(warehouse, MONTH, "Trần Thị B", "hồ sơ nộp muộn", anchor_file.beside(root))
    anchor = anchor_file.beside(root)
    closing.close(warehouse, CATALOGUE, periods.parse("2026-10"), "A", anchor=anchor)
    assert found(warehouse, root) == []
    drop_triggers(warehouse)
    run(warehouse, statement)
    messages = found(warehouse, root)
    assert (no, "fail", said) in [(at, level, m[: len(said)]) for at, level, m in messages]


def _removed_newest(warehouse: Engine) -> None:
    gone = names(warehouse)[-1]
    drop_triggers(warehouse)
    for table in ("chain_link", "indicator_value", "public_counts", "release"):
        run(warehouse, f"delete from publish.{table} where release_id = '{gone}'")


@pytest.mark.parametrize("cut", [1, 40, 80])
def test_the_last_link_removed_and_the_anchor_cut_is_found(warehouse: Engine, root: Path, cut: int) -> None:
    anchor = anchor_file.beside(root)
    _removed_newest(warehouse)
    (root / "current").unlink()
    (root / "current").symlink_to(names(warehouse)[-1])
    anchor.write_bytes(anchor.read_bytes()[:-cut])
    (_, stranger, _), (no, level, message) = found(warehouse, root)
    assert (stranger, no, level) == ("fail", 3, "fail")
    assert "no link begins as it does: '3 2026-11-1" in message
    if cut == 80:  # "3 2026-11-1": the next release begins so, too
        return
    before = anchor.read_bytes()
    with pytest.raises(chain.ChainBroken, match="no link begins as it does"):
        publish(warehouse, CATALOGUE, DAY + timedelta(days=5), None, root)
    assert anchor.read_bytes() == before


def test_a_torn_line_that_says_otherwise_is_found(warehouse: Engine, root: Path) -> None:
    anchor = anchor_file.beside(root)
    lines = anchor.read_text().splitlines(keepends=True)
    anchor.write_text("".join(lines[:2]) + lines[2][:-10] + "000000000")
    assert (3, "fail") in {(no, level) for no, level, _ in found(warehouse, root)}
    anchor.write_text("".join(lines) + "4 2026")
    assert [(no, level) for no, level, _ in found(warehouse, root)] == [(4, "fail")]


def test_the_first_line_torn_is_written_again_and_the_anchor_begins_where_it_began(
    warehouse: Engine, root: Path
) -> None:
    anchor = anchor_file.beside(root)
    whole = anchor.read_text()
    anchor.write_text(whole[:20])
    publish(warehouse, CATALOGUE, DAY + timedelta(days=2), None, root)
    assert anchor.read_text() == whole


@pytest.mark.parametrize(
    "line", [b"\xff\xfe\n", "² a b\n".encode(), b"3 a b\n", b"3 a b c\n", b"\n", b"\0\n"]
)
def test_an_anchor_of_other_bytes_is_a_finding(warehouse: Engine, root: Path, line: bytes) -> None:
    anchor = anchor_file.beside(root)
    anchor.write_bytes(anchor.read_bytes() + line)
    ((no, level, message),) = found(warehouse, root)
    assert (no, level) == (None, "fail")
    assert "line 4: this is no line of an anchor" in message
    anchor.unlink()
    anchor.mkdir()
    assert "cannot be read" in found(warehouse, root)[0][2]


def test_a_directory_and_a_link_inside_a_release_are_findings(warehouse: Engine, root: Path) -> None:
    first, second, third = names(warehouse)
    (root / first / "public" / "more").mkdir()
    page = "internal/index.html"
    (root / second / page).unlink()
    (root / second / page).symlink_to(root / first / page)
    (root / third / "loop").symlink_to("loop")
    messages = {no: message for no, level, message in reversed(found(warehouse, root)) if level == "fail"}
    assert messages[1] == f"public/more was added in {root / first}: it is no file"
    assert messages[2] == f"{page} was added in {root / second}: it is no file"
    assert messages[3] == f"loop was added in {root / third}: it is no file"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"sources_fresh": 0', '"sources_fresh": 5'),
        ('"bytes": ', '"bytes": 1'),
        ("{", "["),
        ("2026-11-14", "x"),
    ],
)
def test_a_changed_manifest_is_found(warehouse: Engine, root: Path, old: str, new: str) -> None:
    first = names(warehouse)[0]
    manifest = root / first / "manifest.json"
    assert old in manifest.read_text()
    edit(manifest, manifest.read_bytes().replace(old.encode(), new.encode(), 1))
    assert found(warehouse, root) == [(1, "fail", f"manifest.json was changed in {root / first}")]
    manifest.unlink()
    assert found(warehouse, root) == [(1, "fail", f"manifest.json was removed in {root / first}")]


@pytest.mark.parametrize("target", ["first", "/etc", None])
def test_a_link_that_shows_another_release_is_found(
    warehouse: Engine, root: Path, target: str | None
) -> None:
    link = root / "current"
    link.unlink()
    if target is not None:
        link.symlink_to(names(warehouse)[0] if target == "first" else target)
    ((_, level, message),) = found(warehouse, root)
    assert level == "fail"
    assert "is no release of 2026-11-16, the newest day" in message
    publish(warehouse, CATALOGUE, DAY + timedelta(days=2), None, root)
    assert found(warehouse, root) == []


def test_a_chain_of_before_reopenings_were_links_comes_over_and_goes_back(
    warehouse: Engine, closed: Path
) -> None:
    """Links of the form before stay as they were sealed; the newest reopening goes with the way back."""
    migrate.downgrade(warehouse, "0008_touched_procedures")
    with warehouse.connect() as connection:
        there = connection.scalars(text("select chain_no from publish.chain_link order by 1")).all()
    assert there == [1, 2, 3, 4, 5, 7]
    migrate.upgrade(warehouse)
    with warehouse.connect() as connection:
        last = connection.execute(
            text("select chain_no, is_reopening from publish.chain_link order by 1 desc limit 1")
        ).one()
    assert tuple(last) == (8, True)
    messages = found(warehouse, closed)
    assert not [m for no, _, m in messages if no == 8 and "not anchored yet" not in m]


def test_a_release_sealed_before_its_path_was_verifies(warehouse: Engine, root: Path) -> None:
    with warehouse.connect() as connection:
        row = connection.execute(query("chain"), {"from_no": 3, "to_no": 3}).one()
    before = chain.link(row, row.values_sha256, row.records_sha256, whole=False)
    drop_triggers(warehouse)
    run(warehouse, f"update publish.chain_link set chain_sha256 = '{before}' where chain_no = 3")
    anchor = anchor_file.beside(root)
    anchor.write_text(anchor.read_text().replace(row.chain_sha256, before))
    assert found(warehouse, root) == []
    run(warehouse, "update publish.release set sources_fresh = 9 where reporting_day = '2026-11-16'")
    assert (3, "fail", "its row in publish.release was changed") in found(warehouse, root)
