"""Records that their source has no more: what proves it, what becomes of them; order and kills change nothing."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue, Province, Source
from cchc.catalogue.profiles import CAN_BE_COMPLETE, DatasetMap, FieldMap, Profile
from cchc.indicators import as_of
from cchc.quality import delivery_facts, gate
from cchc.warehouse import marts
from cchc.warehouse.datasets import HAPPENED
from cchc.warehouse.load import LoadCounts, load_delivery, rebuild_source
from integration.installation import installed, loaded
from integration.rows import DAY, delivery, good, new_run, scalar, stage_rows
from simulators.province import only, running

UNIT, CODE = "SGDDT", "sgddt-motcua"
Row = dict[str, Any]


def _catalogue(*, complete: bool = True) -> Catalogue:
    fields = {"dossier_code": FieldMap(path="x")}
    maps: dict[DatasetName, DatasetMap] = {
        name: DatasetMap(fields=fields, complete=complete) for name in ("dossier", "document", "petition")
    }
    profile = Profile(code="p", kind="opencps", title="p", datasets=maps)
    source = Source(code=CODE, unit=UNIT, profile="p", history_from=date(2026, 1, 1))
    bare = Catalogue.model_construct(province=Province(code="H14", name="Tỉnh thử"))
    return bare.model_copy(update={"profiles": {"p": profile}, "sources": {CODE: source}})


def dossier(number: int, day: date, **changes: Any) -> Row:
    """Return an open dossier that was received on a day."""
    open_ = {"due_at": None, "finished_at": None, "returned_at": None, "status": "processing"}
    return good("dossier", number, received_at=f"{day} 08:00+07", **open_, **changes)


def _day(number: int) -> date:
    return date(2026, 11, number)


@dataclass
class Warehouse:
    """A warehouse that one source delivers to."""

    engine: Engine
    pulls: int = 0

    def bring(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        first: date = DAY - timedelta(days=10),
        last: date = DAY,
        bad: Iterable[int] = (),
        pulled: int | None = None,
        dataset: DatasetName = "dossier",
        complete: bool = True,
        **more: Any,
    ) -> tuple[UUID, UUID]:
        """Stage and judge what the source says of the days; `bad`: numbers of rows (from 1) that break a rule.

        It states a total, which is what it gives, unless `total` says otherwise.
        """
        rows = list(rows)
        run_id = new_run(self.engine, last)
        self.pulls += 1
        at = timedelta(hours=self.pulls if pulled is None else pulled)
        found = delivery(
            self.engine,
            run_id,
            dataset,
            rows,
            window_to=last,
            days=(last - first).days + 1,
            pulled=at,
            **{"total": len(rows) + more.get("refused", 0)} | more,
        )
        self.judge(run_id, found, bad, dataset, complete=complete)
        return run_id, found

    def judge(
        self,
        run_id: UUID,
        delivery_id: UUID,
        bad: Iterable[int] = (),
        dataset: DatasetName = "dossier",
        *,
        complete: bool = True,
    ) -> None:
        with self.engine.begin() as connection:
            for number in bad:
                connection.execute(
                    text(
                        "insert into stg.violation (run_id, dataset, delivery_id, row_no, rule_code, severity, message)"
                        " values (:r, :s, :d, :n, 'R', 'critical', 'sai')"
                    ),
                    {"r": run_id, "s": dataset, "d": delivery_id, "n": number},
                )
            delivery_facts.write(connection, run_id, _catalogue(complete=complete), [dataset])

    def load(self, rows: Iterable[Mapping[str, Any]], **more: Any) -> LoadCounts:
        """Bring rows and load them."""
        return load_delivery(self.engine, *self.bring(rows, **more), "m1")

    def column(self, statement: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.scalars(text(statement)))

    def dossiers(self) -> list[int]:
        """Return the numbers of the dossiers that count."""
        codes = self.column("select dossier_code from core.dossier order by 1")
        return [int(code[-4:]) for code in codes]

    def counts(self) -> list[tuple[Any, ...]]:
        """Return the refreshed marts."""
        marts.refresh(self.engine)
        with self.engine.connect() as connection:
            found = connection.execute(text("select * from mart.measure_day order by 1, 2, 3, 4, 5, 6, 7"))
            return [tuple(row) for row in found]


@pytest.fixture
def house(warehouse: Engine) -> Warehouse:
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into core.source (source_code, unit_code, profile_code, kind, title, on_time_rule, expected)"
                " values (:s, :u, 'p', 'opencps', 't', 'date', true)"
            ),
            {"s": CODE, "u": UNIT},
        )
    return Warehouse(warehouse)


def test_what_can_be_complete_is_what_happens_on_a_day() -> None:
    assert set(CAN_BE_COMPLETE) == set(HAPPENED)
    with pytest.raises(ValueError, match="complete is for records that happen on a day"):
        Profile(
            code="p",
            kind="rest",
            title="p",
            datasets={"procedure": DatasetMap(fields={"procedure_code": FieldMap(path="x")}, complete=True)},
        )


def test_a_record_that_is_gone_leaves_the_numbers_and_comes_back(house: Warehouse) -> None:
    rows = [dossier(n, _day(n)) for n in range(4, 15)]  # the 4th and the 14th are the window's edges
    house.load(rows)
    before = house.counts()
    with house.engine.begin() as connection:  # it was known since long
        connection.execute(text("update core.dossier set known_since = now() - interval '3 days'"))
        connection.execute(text("update ops.known_since_start set moment = now() - interval '30 days'"))
    kept = [row for row in rows if row["dossier_code"][-2:] not in ("04", "08", "14")]
    counts = house.load(kept)
    assert (counts.removed, counts.unchanged) == (1, 8)
    assert house.dossiers() == [4, *range(5, 8), *range(9, 15)]
    assert house.column("select record_key from core.tombstone where came_back_at is null") == [
        good("dossier", 8)["dossier_code"]
    ]
    assert house.column("select change || (old_row ->> 'status') from core.change_history") == [
        "removeprocessing"
    ]
    assert scalar(house.engine, "select removed from ops.load_ledger where removed > 0") == 1
    assert len(house.counts()) < len(before)
    assert _day(8) not in {row[1] for row in house.counts()}
    with as_of.connect(house.engine, datetime.now(as_of._ZONE).date() - timedelta(days=1), [UNIT]) as then:
        assert then.scalar(text("select count(*) from core.dossier")) == 11
    with as_of.connect(house.engine, None, [UNIT]) as now:
        assert now.scalar(text("select count(*) from core.dossier")) == 10

    counts = house.load(rows)
    assert (counts.inserted, counts.removed) == (1, 0)
    assert scalar(house.engine, "select came_back_at is not null from core.tombstone")
    assert house.counts() == before
    assert house.load(kept).removed == 1  # and gone again
    assert scalar(house.engine, "select count(*) from core.tombstone where came_back_at is null") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"total": 9},  # the source itself says that it has more
        {"total": None},  # it says nothing: nobody can tell whether that is all
        {"complete": False},  # a list by the day of change
        {"first": _day(7), "last": _day(8)},  # no inner day
        {"first": _day(7), "last": _day(13)},  # days before those that were read already
        {"rows": [{**dossier(4, _day(4)), "dossier_code": None}], "bad": [1]},  # it could be any record
        {"rows": []},  # an empty answer is not zero
    ],
)
def test_what_proves_nothing_removes_nothing(house: Warehouse, changes: dict[str, Any]) -> None:
    rows = [dossier(n, _day(n)) for n in range(4, 15)]
    house.load(rows)
    house.load(**{"rows": [row for row in rows if row["dossier_code"][-2:] != "08"], **changes})
    assert 8 in house.dossiers()
    assert scalar(house.engine, "select count(*) from core.tombstone") == 0


def test_a_record_that_turned_bad_is_not_gone_and_a_bad_one_that_is_gone_is_nobodys_to_correct(
    house: Warehouse,
) -> None:
    rows = [dossier(n, _day(n)) for n in range(4, 15)]
    house.load(rows)
    house.load(rows, bad=[5, 6])
    assert house.dossiers() == list(range(4, 15))
    open_ = "select right(record_key, 4)::int from quarantine.item where state = 'open' order by 1"
    assert house.column(open_) == [8, 9]
    house.load([*rows[:4], *rows[6:], dossier(20, _day(9))], bad=[10])
    assert house.dossiers() == [4, 5, 6, 7, 10, 11, 12, 13, 14]
    assert house.column(open_) == [20]
    house.load([*rows[:4], *rows[6:]])
    assert house.column(open_) == []


def test_an_older_extract_neither_removes_nor_brings_back(house: Warehouse) -> None:
    rows = [dossier(n, _day(n)) for n in range(4, 15)]
    house.load(rows, pulled=1)
    house.load([*rows[:4], *rows[5:]], pulled=5)
    # it has the 8th, lacks the 11th, and has one that was gone before anybody else saw it
    counts = house.load([*rows[:7], *rows[8:], dossier(30, _day(9))], pulled=3)
    assert (counts.inserted, counts.removed) == (0, 0)
    assert 8 not in house.dossiers()
    assert 11 in house.dossiers()
    assert 30 not in house.dossiers()


def test_a_late_extract_does_not_bring_back_what_was_seen_later_on_another_day(house: Warehouse) -> None:
    house.load([dossier(1, _day(9)), dossier(2, _day(9))], first=_day(7), pulled=3)
    house.load([dossier(2, _day(9))], first=_day(7), pulled=4)
    counts = house.load(
        [dossier(1, _day(5)), dossier(3, _day(5))], first=_day(1), pulled=2
    )  # nobody else read the 5th
    assert (counts.inserted, counts.unchanged) == (1, 1)
    assert house.dossiers() == [2, 3]


def test_a_register_proves_the_days_it_has_rows_of(house: Warehouse) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("update core.source set kind = 'files'"))
    old = [dossier(n, date(2025, 12, n)) for n in range(1, 11)]
    house.load(old)
    house.load([*old[:4], *old[5:]])
    assert house.dossiers() == [1, 2, 3, 4, 6, 7, 8, 9, 10]
    new = [dossier(100 + n, date(2026, 1, n)) for n in range(1, 11)]  # this year's
    assert house.load(new).removed == 0
    assert len(house.dossiers()) == 19
    assert house.load([*new[:2], *new[3:]]).removed == 1
    assert 103 not in house.dossiers()


def _register(name: str, rows: Iterable[Row]) -> list[Row]:
    return [row | {"page": f"{name}:{line}"} for line, row in enumerate(rows, start=2)]


def _book(year: int, count: int = 20) -> list[Row]:
    """Return the register of a year: a dossier every 16 days."""
    first = (year - 2024) * 100
    days = (date(year, 1, 5) + timedelta(days=16 * n) for n in range(count))
    return _register(f"{year}.csv", [dossier(first + n, day) for n, day in enumerate(days)])


def test_a_mistyped_date_in_a_new_book_takes_no_year_away(house: Warehouse) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("update core.source set kind = 'files'"))
    house.load(_book(2025, 22))
    book = _book(2026)  # alone in the folder now: a person approved that
    assert house.load(book).removed == 0
    run_id, _ = house.bring([*book[:9], {**book[9], "received_at": "2025-01-05 08:00+07"}, *book[10:]])
    report = gate.run(house.engine, run_id, _catalogue())
    (held,) = report.held
    assert held.reason.endswith("22 trên 42 bản ghi phải có; nếu duyệt, không còn được tính: 22")
    assert house.dossiers() == [*range(100, 122), *range(200, 220)]

    # a row that breaks a rule as well makes no span, but it is shown
    broken = {**book[9], "received_at": "2025-01-05 08:00+07"}
    assert house.load([*book[:5], *book[6:9], broken, *book[10:]], bad=[9]).removed == 1
    assert house.dossiers() == [*range(100, 122), *range(200, 205), *range(206, 220)]


def test_a_book_missing_between_others_is_not_gone(house: Warehouse) -> None:
    with house.engine.begin() as connection:
        connection.execute(text("update core.source set kind = 'files'"))
    books = {year: _book(year) for year in (2024, 2025, 2026)}
    house.load([*books[2024], *books[2025], *books[2026]])
    everything = house.dossiers()
    assert house.load([*books[2024][:9], *books[2024][10:], *books[2026]]).removed == 0
    assert house.dossiers() == everything
    assert house.load([*books[2024], *books[2026][:9], *books[2026][10:]]).removed == 1, "after the hole"
    counts = house.load(
        [*books[2024][:4], *books[2024][5:], *books[2025][:4], *books[2025][5:], *books[2026]]
    )
    assert (counts.removed, counts.inserted) == (2, 1), "none is missing: all of them prove"
    assert house.dossiers() == [n for n in everything if n not in (4, 104)]


def test_a_row_that_an_office_strikes_out_of_its_register(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        running(tmp_path / "systems", DAY, systems=only("snv-sotay"), faults={}) as systems,
        installed(monkeypatch, warehouse, tmp_path / "home", systems),
    ):
        assert loaded(DAY, ["snv-sotay"]).state == "success"
        before = scalar(warehouse, "select count(*) from core.dossier")
        struck = scalar(
            warehouse,
            "select dossier_code from core.dossier order by received_at, dossier_code offset 5 limit 1",
        )
        for register in (tmp_path / "systems").rglob("so_tiep_nhan_*.csv"):
            lines = register.read_text(encoding="utf-8-sig").splitlines()
            if any(struck in line for line in lines):
                register.write_text("\n".join(line for line in lines if struck not in line), encoding="utf-8")
        summary = loaded(DAY, ["snv-sotay"])
        assert [row.state for row in summary.rows] == ["loaded"]
        assert scalar(warehouse, "select count(*) from core.dossier") == before - 1
        assert scalar(warehouse, "select record_key from core.tombstone") == struck
        told = scalar(
            warehouse, "select message from stg.violation where rule_code = 'DELIVERY_RECORDS_MISSING'"
        )
        assert (
            told
            == f"Có bản ghi đã có không còn ở nguồn: 1 trên {before} bản ghi phải có; không còn được tính: 1"
        )


def test_documents_and_petitions_go_too(house: Warehouse) -> None:
    documents = [good("document", n, registered_on=_day(n)) for n in range(4, 15)]
    petitions = [good("petition", n, received_at=f"{_day(n)} 23:30+07", due_at=None) for n in range(4, 15)]
    for dataset, rows in (("document", documents), ("petition", petitions)):
        house.load(rows, dataset=dataset)
        assert house.load([*rows[:3], *rows[4:]], dataset=dataset).removed == 1
    assert {row[1] for row in house.counts() if row[2] == "documents_out"} == {
        _day(n) for n in range(4, 15) if n != 7
    }
    assert house.column("select petition_code from core.petition where petition_code = 'PAKN-7'") == []


def _expected(pulls: Mapping[int, tuple[date, dict[int, tuple[date, int]], set[int]]]) -> dict[int, int]:
    """Return number → content of what must count: the same story told by a dictionary, in the order of the pulls."""
    known: dict[int, tuple[date, int]] = {}
    for _, (first, shown, bad) in sorted(pulls.items()):
        if shown:
            for number in [n for n, (day, _) in known.items() if first < day < DAY and n not in shown]:
                del known[number]
        known |= {n: what for n, what in shown.items() if n not in bad}
    return {n: content for n, (_, content) in known.items()}


# 22 and 40: late extracts with what was gone since
@pytest.mark.parametrize("seed", [1, 22, 40])
def test_any_order_of_deliveries_with_kills_is_the_story_in_order_and_a_rebuild(
    house: Warehouse, seed: int
) -> None:
    rng = random.Random(seed)
    world: dict[int, tuple[date, int]] = {}
    pulls: dict[int, tuple[date, dict[int, tuple[date, int]], set[int]]] = {}
    for pull in range(1, 19):
        for _ in range(rng.randrange(1, 5)):
            number = rng.randrange(10)
            if number in world and rng.random() < 0.5:
                del world[number]
            else:
                world[number] = (_day(rng.randrange(2, 15)), rng.randrange(3))
        first = _day(rng.randrange(1, 12))
        shown = {n: what for n, what in world.items() if first <= what[0]}
        bad = {n for n in shown if seed % 2 and rng.random() < 0.1}
        pulls[pull] = (first, shown, bad)
    order = sorted(
        pulls, key=lambda pull: pull + (0 if seed % 2 else rng.uniform(0, 4))
    )  # late ones come after newer
    brought: dict[UUID, int] = {}
    for pull in order:
        run_id, found = _bring(house, pulls, pull)
        brought[found] = pull
        _killed_now_and_then(house.engine, run_id, found, rng)
    shown_now = _contents(house)
    assert shown_now == _expected(pulls)
    by_deltas = house.counts()
    marts.rebuild(house.engine)
    assert house.counts() == by_deltas

    again = new_run(house.engine)
    for found, pull in brought.items():
        _bring(house, pulls, pull, again, found)
    rebuild_source(house.engine, again, CODE, list(brought), "m2")
    assert _contents(house) == shown_now
    assert house.counts() == by_deltas
    assert scalar(house.engine, "select count(*) from core.change_history where change = 'remove'") > 0


def _bring(
    house: Warehouse,
    pulls: Mapping[int, Any],
    pull: int,
    run_id: UUID | None = None,
    found: UUID | None = None,
) -> tuple[UUID, UUID]:
    first, shown, bad = pulls[pull]
    rows = [dossier(n, day, field_code=f"v{content}") for n, (day, content) in sorted(shown.items())]
    wrong = [place for place, n in enumerate(sorted(shown), start=1) if n in bad]
    if run_id is None or found is None:
        return house.bring(rows, first=first, bad=wrong, pulled=pull)
    with house.engine.begin() as connection:
        connection.execute(
            text("insert into landing.run_delivery (run_id, delivery_id) values (:r, :d)"),
            {"r": run_id, "d": found},
        )
        stage_rows(connection, run_id, found, "dossier", rows, UNIT, CODE)
        connection.execute(text("delete from stg.delivery where run_id = :r"), {"r": run_id})
    house.judge(run_id, found, wrong)
    return run_id, found


def _contents(house: Warehouse) -> dict[int, int]:
    with house.engine.connect() as connection:
        rows = connection.execute(text("select dossier_code, field_code from core.dossier")).all()
    return {int(row.dossier_code[-4:]): int(row.field_code[1:]) for row in rows}


class _Killed(Exception):
    pass


def _killed_now_and_then(engine: Engine, run_id: UUID, found: UUID, rng: random.Random) -> None:
    """Load, sometimes broken off at one of its steps before; and sometimes once more."""
    last = rng.choice([None, "bury", "remove_gone", "merge", "mark_loaded"])

    def on_step(step: str) -> None:
        if step == last:
            raise _Killed

    try:
        load_delivery(engine, run_id, found, "m1", on_step)
    except _Killed:
        load_delivery(engine, run_id, found, "m1")
    if rng.random() < 0.3:
        assert load_delivery(engine, run_id, found, "m1").removed == 0
