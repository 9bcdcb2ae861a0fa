"""The hash chain over releases: whatever is changed afterwards is found, on a real PostgreSQL and file system."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cchc.publishing import chain
from cchc.publishing.release import publish
from integration.indicator_facts import at, watermark, write
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
        return list(connection.scalars(text("select release_id from publish.release order by chain_no")))


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
    run(warehouse, f"delete from publish.indicator_value where release_id = '{gone}'")
    run(warehouse, f"delete from publish.release where release_id = '{gone}'")
    assert (removed, "fail") in {(no, level) for no, level, _ in found(warehouse, root)}


def test_a_chain_rewritten_whole_is_found_by_its_anchor(warehouse: Engine, root: Path) -> None:
    run(warehouse, "update publish.indicator_value set reason = 'changed'")
    with warehouse.begin() as connection:  # someone who knows how it is done, hashes and all
        connection.execute(text("update publish.release set chain_sha256 = null"))
        for no in (1, 2, 3):
            if no > 1:
                connection.execute(
                    text(
                        "update publish.release set previous_sha256 = (select before.chain_sha256"
                        " from publish.release as before where before.chain_no = :no - 1) where chain_no = :no"
                    ),
                    {"no": no},
                )
            chain.seal(connection, no)
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
