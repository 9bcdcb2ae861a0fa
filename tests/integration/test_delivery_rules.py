"""The rules over whole deliveries: each catches what breaks it and lets the ordinary pass; one office for each case."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text

from cchc.catalogue.models import Catalogue, Source
from cchc.catalogue.profiles import DatasetMap, FieldMap, Profile
from cchc.commands.delivery import delivery as command
from cchc.errors import ConfigurationError
from cchc.quality import deliveries, gate
from cchc.quality.rules import rules_of
from cchc.warehouse.load import load_delivery, quarantine_rows
from integration.rows import DAY, catalogue, delivery, good, new_run, scalar, stage_rows

Rows = list[dict[str, Any]]
YESTERDAY = DAY - timedelta(days=1)


@dataclass
class Office:
    """One unit with one source; what it brings tonight is judged together with what all the others bring."""

    engine: Engine
    unit: str
    tonight: UUID
    kind: str = "rest"
    is_complete: bool = False  # its profile vouches for that

    def __post_init__(self) -> None:
        with self.engine.begin() as connection:
            connection.execute(
                text(
                    "insert into core.source"
                    " (source_code, unit_code, profile_code, kind, title, on_time_rule, expected)"
                    " values (:source, :unit, 'p', :kind, 't', 'r', true)"
                ),
                {"source": self.source, "unit": self.unit, "kind": self.kind},
            )

    @property
    def source(self) -> str:
        return f"{self.unit.lower()}-motcua"

    def reads_files(self) -> None:
        """Its source is a register, read whole every night."""
        self.change("update core.source set kind = 'files' where source_code = :source")

    def change(self, statement: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            wanted = values if "source" not in statement else values | {"source": self.source}
            connection.execute(text(statement), wanted)

    def dossiers(self, first: int, last: int, day: date = DAY, **changes: Any) -> Rows:
        """Open dossiers of a day; their codes are this office's own."""
        on = {"received_at": f"{day} 08:00+07", "due_at": None, "finished_at": None, "returned_at": None}
        made = on | {"status": "processing"} | changes
        code = "000.00.01.H14-261114-{:02d}{:05d}"
        number = int(self.unit.removeprefix("U"))
        return [
            good("dossier") | made | {"dossier_code": code.format(number, n)} for n in range(first, last + 1)
        ]

    def brings(self, rows: Sequence[dict[str, Any]], ago: int = 0, **more: Any) -> UUID:
        """Bring rows tonight, or an earlier night; a night that is over is loaded without being judged."""
        run_id = new_run(self.engine, DAY - timedelta(days=ago)) if ago else self.tonight
        at = {"window_to": DAY - timedelta(days=ago), "pulled": timedelta(days=-ago)}
        given: dict[str, Any] = {"dataset": "dossier", "days": 4, "unit": self.unit, "source": self.source}
        if self.is_complete:
            given["total"] = len(rows)
        found = delivery(self.engine, run_id, rows=rows, **given | at | more)
        if ago:
            load_delivery(self.engine, run_id, found, "m1")
        return found

    def usually(self, nights: int = 5, each: int = 40) -> None:
        """So many nights with so many dossiers each."""
        for ago in range(nights, 0, -1):
            rows = self.dossiers(ago * 1000, ago * 1000 + each - 1, DAY - timedelta(days=ago))
            self.brings(rows, ago)

    def steadily(self, nights: int = 20, each: int = 12) -> None:
        """So many nights with so many dossiers for each working day of their four days."""
        for ago in range(nights, 0, -1):
            last = DAY - timedelta(days=ago)
            worked = [d for n in range(4) if (d := last - timedelta(days=n)).isoweekday() < 6]
            self.brings(
                [row for d in worked for row in self.dossiers(d.day * 100 + 1, d.day * 100 + each, d)], ago
            )

    def decided(self, rows: Rows, decision: deliveries.Decision, ago: int = 0, **more: Any) -> UUID:
        """Bring rows, held for whatever reason, and decide about them."""
        found = self.brings(rows, ago, **more)
        self.change(
            "update landing.delivery set state = 'held', reason = 'xem lại' where delivery_id = :d", d=found
        )
        deliveries.decide(self.engine, found, decision, "Lan", "đã hỏi đơn vị")
        return found


def file_rows(name: str, rows: Rows) -> Rows:
    return [row | {"page": f"{name}:{number}"} for number, row in enumerate(rows, start=2)]


def total_differs(office: Office) -> UUID:
    return office.brings(office.dossiers(1, 40), total=41)


def empty(office: Office) -> UUID:
    office.usually()
    return office.brings([])


def dropped(office: Office) -> UUID:
    office.usually()
    return office.brings(office.dossiers(1, 12))


def jumped(office: Office) -> UUID:
    office.usually()
    return office.brings(office.dossiers(1, 200))


def dropped_in_a_week_that_was_missed(office: Office) -> UUID:
    """As many as on one night, from an office that never has more for fewer days."""
    office.steadily()
    return office.brings(office.dossiers(1, 30), days=11)


def jumped_in_days_off(office: Office) -> UUID:
    office.steadily()
    return office.brings(office.dossiers(1, 70), window_to=date(2026, 11, 8), days=3)


def records_gone(office: Office) -> UUID:
    office.reads_files()
    office.brings(file_rows("so.csv", office.dossiers(1, 60, YESTERDAY)), 1)
    return office.brings(file_rows("so.csv", office.dossiers(41, 100)))


def records_missing(office: Office) -> UUID:
    office.reads_files()
    office.brings(file_rows("so.csv", office.dossiers(1, 60, YESTERDAY)), 1)
    return office.brings(file_rows("so.csv", office.dossiers(21, 80)))


def window_gone(office: Office, left: int = 3) -> UUID:
    """Of eight a day that were known of the days between, so many are left."""
    office.is_complete = True
    spread = [office.dossiers(n * 10, n * 10 + 9, DAY - timedelta(days=n))[0:8] for n in range(1, 6)]
    office.brings([row for rows in spread for row in rows], 1, days=8)
    return office.brings([row for rows in spread for row in rows[:left]], days=8)


def window_missing(office: Office) -> UUID:
    return window_gone(office, 7)


def another_months_answer_again(office: Office) -> UUID:
    """What was believed once would take away what came since."""
    office.is_complete = True
    few, many = (
        office.dossiers(1, 9, DAY - timedelta(days=3)),
        office.dossiers(1, 40, DAY - timedelta(days=3)),
    )
    office.brings(many, 1, days=8)
    once = office.brings(few, 2, days=8)
    office.change(
        "update landing.delivery set pulled_at = pulled_at + interval '2 days', window_to = :day"
        " where delivery_id = :d",
        d=once,
        day=DAY,
    )
    office.change("insert into landing.run_delivery values (:r, :d)", r=office.tonight, d=once)
    with office.engine.begin() as connection:
        stage_rows(connection, office.tonight, once, "dossier", few, office.unit, office.source)
    return once


def new_field(office: Office) -> UUID:
    return _shape(office, office.brings(office.dossiers(1, 20)), accepted=False)


def kind_changed(office: Office) -> UUID:
    before = office.brings(office.dossiers(1, 20, YESTERDAY), 1)
    found = office.brings(office.dossiers(21, 40))
    _shape(office, before, kind="text")
    return _shape(office, found, kind="number")


def _shape(office: Office, found: UUID, kind: str = "text", *, accepted: bool = True) -> UUID:
    office.change(
        "insert into ops.source_field (unit_code, source_code, dataset, path, kind, first_seen, last_seen,"
        " first_delivery, last_delivery, accepted_at) select :unit, :source, 'dossier', 'maMoi', :kind, pulled_at,"
        " pulled_at, delivery_id, delivery_id, case when :accepted then pulled_at end"
        " from landing.delivery where delivery_id = :d",
        d=found,
        unit=office.unit,
        kind=kind,
        accepted=accepted,
    )
    return found


def went_back(office: Office) -> UUID:
    office.reads_files()
    office.brings(file_rows("so.csv", office.dossiers(1, 60, YESTERDAY)), 1)
    return office.brings(file_rows("so.csv", office.dossiers(1, 60, date(2026, 10, 15))))


def file_twice(office: Office) -> UUID:
    office.reads_files()
    rows = office.dossiers(1, 30)
    return office.brings(file_rows("thang-10.csv", rows) + file_rows("thang-11.csv", rows))


def outside_window(office: Office) -> UUID:
    return office.brings(office.dossiers(1, 20, date(2026, 10, 1)))


def of_another_unit(office: Office) -> UUID:
    rows = office.dossiers(1, 20)
    run_id = new_run(office.engine)
    theirs = delivery(office.engine, run_id, "dossier", rows, unit="SNV", source="snv-motcua")
    load_delivery(office.engine, run_id, theirs, "m1")
    return office.brings(rows)


def too_many_bad_rows(office: Office) -> UUID:
    return office.brings(office.dossiers(1, 9) + office.dossiers(10, 20, status="lost"))


def rejected(office: Office) -> UUID:
    office.reads_files()
    rows = file_rows("so.csv", office.dossiers(1, 20, YESTERDAY))
    office.decided(rows, "rejected", 1)
    return office.brings(rows)  # the same file again, the night after


def has_secrets(office: Office) -> UUID:
    return office.brings(office.dossiers(1, 20), refused=2)


def all_refused(office: Office) -> UUID:
    return office.brings([], refused=40)


def stale(office: Office) -> UUID:
    office.brings(office.dossiers(1, 24, DAY - timedelta(days=20)), 20, days=30)
    return office.brings([], days=1)  # a day on which none was to be expected


def unknown_fields(office: Office) -> UUID:
    return office.brings(office.dossiers(1, 20), unknown=["maMoi"])


BREAKS: dict[str, Callable[[Office], UUID]] = {
    "DELIVERY_TOTAL_DIFFERS": total_differs,
    "DELIVERY_EMPTY": empty,
    "DELIVERY_DROPPED": dropped,
    "DELIVERY_JUMPED": jumped,
    "DELIVERY_RECORDS_GONE": records_gone,
    "DELIVERY_RECORDS_MISSING": records_missing,
    "DELIVERY_WENT_BACK": went_back,
    "DELIVERY_FILE_TWICE": file_twice,
    "DELIVERY_OUTSIDE_WINDOW": outside_window,
    "DELIVERY_OF_ANOTHER_UNIT": of_another_unit,
    "DELIVERY_TOO_MANY_BAD_ROWS": too_many_bad_rows,
    "DELIVERY_REJECTED": rejected,
    "DELIVERY_ALL_REFUSED": all_refused,
    "DELIVERY_HAS_SECRETS": has_secrets,
    "DELIVERY_STALE": stale,
    "DELIVERY_UNKNOWN_FIELDS": unknown_fields,
    "DELIVERY_NEW_FIELDS": new_field,
    "DELIVERY_KINDS_CHANGED": kind_changed,
}
#: Further ways to break them.
ALSO: dict[Callable[[Office], UUID], str] = {
    dropped_in_a_week_that_was_missed: "DELIVERY_DROPPED",
    jumped_in_days_off: "DELIVERY_JUMPED",
    window_gone: "DELIVERY_RECORDS_GONE",
    window_missing: "DELIVERY_RECORDS_MISSING",
    another_months_answer_again: "DELIVERY_RECORDS_GONE",
}


def small_office(office: Office) -> UUID:
    for ago in range(6, 0, -1):
        office.brings(office.dossiers(ago, ago, DAY - timedelta(days=ago)) if ago % 2 else [], ago)
    return office.brings([])


def a_holiday(office: Office) -> UUID:
    office.usually()  # asked for the Sunday alone
    return office.brings([], window_to=date(2026, 11, 8), days=1)


def a_week_that_was_missed(office: Office) -> UUID:
    office.usually()
    return office.brings(office.dossiers(1, 90), days=9)


def many_open_ones_beside_a_longer_window(office: Office) -> UUID:
    office.usually(each=40)
    return office.brings(office.dossiers(1, 40), days=16)


def many_open_ones_in_days_off(office: Office) -> UUID:
    office.usually(nights=10, each=40)
    return office.brings(office.dossiers(1, 40), window_to=date(2026, 11, 8), days=3)


def a_first_delivery(office: Office) -> UUID:
    return office.brings(office.dossiers(1, 300), days=60)


def a_growing_register(office: Office) -> UUID:
    office.reads_files()
    office.brings(file_rows("so.csv", office.dossiers(1, 60, YESTERDAY)), 1)
    return office.brings(file_rows("so.csv", office.dossiers(1, 90)))


def procedures_that_begin_later(office: Office) -> UUID:
    office.reads_files()
    later = [good("procedure", n, valid_from="2027-01-01" if n % 2 else "2026-11-13") for n in range(1, 41)]
    office.brings(later, 1, dataset="procedure")
    return office.brings([*later, good("procedure", 41)], dataset="procedure")


def few_as_somebody_said(office: Office) -> UUID:
    office.usually()
    return office.decided(office.dossiers(1, 12), "approved")


def the_same_file_again_that_somebody_believed(office: Office) -> UUID:
    office.reads_files()
    office.brings(file_rows("so.csv", office.dossiers(1, 60, YESTERDAY)), 2)
    rows = file_rows("so.csv", office.dossiers(1, 9, YESTERDAY) + office.dossiers(10, 20, status="lost"))
    office.decided(rows, "approved", 1)
    return office.brings(rows)


def another_empty_answer(office: Office) -> UUID:
    office.usually()
    office.decided([], "approved", days=1, window_to=YESTERDAY, pulled=timedelta(hours=-9))
    return office.brings([])


def the_night_after_somebody_said_so(office: Office) -> UUID:
    office.usually()
    found = office.brings(office.dossiers(1, 12, YESTERDAY), 1, pulled=timedelta(hours=-12))
    office.change(
        "insert into ops.delivery_decision (delivery_id, unit_code, source_code, decision, decided_by, reason,"
        " held_because) values (:d, :unit, :source, 'approved', 'Lan', 'ít', 'giảm')",
        d=found,
        unit=office.unit,
    )
    return office.brings(office.dossiers(1, 12))


def a_new_years_register(office: Office) -> UUID:
    office.reads_files()
    office.brings(file_rows("so.csv", office.dossiers(1, 60, YESTERDAY)), 2)
    office.brings(file_rows("so.csv", office.dossiers(61, 85, YESTERDAY)), 1)  # another one, approved
    return office.brings(file_rows("so.csv", office.dossiers(61, 86)))


def a_document_that_another_unit_sent(office: Office) -> UUID:
    sent = [good("document", n) for n in range(1, 21)]
    run_id = new_run(office.engine)
    theirs = delivery(office.engine, run_id, "document", sent, unit="SNV", source="snv-trucvanban")
    load_delivery(office.engine, run_id, theirs, "m1")
    return office.brings([row | {"direction": "in"} for row in sent], dataset="document", days=31)


ORDINARY: tuple[Callable[[Office], UUID], ...] = (
    small_office,
    a_holiday,
    many_open_ones_beside_a_longer_window,
    many_open_ones_in_days_off,
    a_week_that_was_missed,
    a_first_delivery,
    a_growing_register,
    procedures_that_begin_later,
    few_as_somebody_said,
    the_same_file_again_that_somebody_believed,
    the_night_after_somebody_said_so,
    a_new_years_register,
    a_document_that_another_unit_sent,
)


@pytest.fixture
def working_year(warehouse: Engine) -> Engine:
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into core.calendar_day (day, is_working, working_no)"
                " select d::date, extract(isodow from d) < 6, row_number() over (order by d)"
                " from generate_series(date '2026-01-01', date '2026-12-31', '1 day') as d"
            )
        )
    return warehouse


def _vouching_for(sources: Iterable[str]) -> Catalogue:
    """Return a catalogue that knows some sources, whose deliveries of dossiers are complete."""
    dossier = DatasetMap(fields={"dossier_code": FieldMap(path="x")}, complete=True)
    profile = Profile(code="p", kind="rest", title="p", datasets={"dossier": dossier})
    known = {
        code: Source(code=code, unit=code.partition("-")[0].upper(), profile="p", history_from=YESTERDAY)
        for code in sources
    }
    return catalogue().model_copy(update={"profiles": {"p": profile}, "sources": known})


def test_each_rule_catches_its_delivery_alone_and_nothing_ordinary(working_year: Engine) -> None:
    engine = working_year
    tonight = new_run(engine)
    assert set(BREAKS) == {rule.code for rule in rules_of("delivery")}
    cases = [*BREAKS.values(), *ALSO, another_empty_answer, *ORDINARY]
    offices = [Office(engine, f"U{number}", tonight) for number, _ in enumerate(cases)]
    brought = {case(office): case.__name__ for case, office in zip(cases, offices, strict=True)}

    report = gate.run(engine, tonight, _vouching_for(o.source for o in offices if o.is_complete))

    with engine.connect() as connection:
        found = connection.execute(
            text(
                "select d.delivery_id, d.state, d.held_by, array_remove(array_agg(v.rule_code), null) as broken"
                " from landing.run_delivery as rd join landing.delivery as d using (delivery_id)"
                " left join stg.violation as v on v.run_id = rd.run_id and v.delivery_id = d.delivery_id"
                " and v.dataset = 'delivery' where rd.run_id = :run group by d.delivery_id"
            ),
            {"run": tonight},
        ).all()
    critical = {rule.code for rule in rules_of("delivery") if rule.severity == "critical"}
    wanted = {function.__name__: [code] for code, function in BREAKS.items()}
    wanted |= {function.__name__: [code] for function, code in ALSO.items()}
    wanted |= {"another_empty_answer": ["DELIVERY_EMPTY"]}
    wanted |= {function.__name__: [] for function in ORDINARY}
    believed_bad = wanted | {"the_same_file_again_that_somebody_believed": ["DELIVERY_TOO_MANY_BAD_ROWS"]}
    found = [row for row in found if row.delivery_id in brought]
    assert {brought[row.delivery_id]: row.broken for row in found} == believed_bad
    assert {brought[row.delivery_id]: row.held_by for row in found} == {
        name: [code for code in codes if code in critical] for name, codes in wanted.items()
    }
    assert all((row.state == "held") == bool(row.held_by) for row in found)
    assert {h.delivery_id for h in report.held} == {row.delivery_id for row in found if row.held_by}
    assert not report.troubles
    # who waits for a person: what is held, but for what a person rejected
    waiting = {brought[h.delivery_id] for h in deliveries.held(engine) if h.delivery_id in brought}
    asked = {BREAKS[code].__name__ for code in critical - {"DELIVERY_REJECTED"}}
    # and what was approved waits until it is loaded
    also = {function.__name__ for function, code in ALSO.items() if code in critical}
    assert waiting == asked | also | {"another_empty_answer", "few_as_somebody_said"}


def test_a_decision_is_made_once_about_what_is_held_and_never_changed(warehouse: Engine) -> None:
    office = Office(warehouse, "U1", new_run(warehouse))
    found = total_differs(office)
    with pytest.raises(ConfigurationError, match="is not held: it is landed"):
        deliveries.decide(warehouse, found, "approved", "Lan", "được")
    gate.run(warehouse, office.tonight, catalogue())
    for by, reason in (("", "được"), ("Lan", " ")):
        with pytest.raises(ConfigurationError, match="name of the person"):
            deliveries.decide(warehouse, found, "approved", by, reason)
    deliveries.decide(warehouse, found, "rejected", "Lan", "thiếu hồ sơ")
    with pytest.raises(ConfigurationError, match="rejected by Lan already"):
        deliveries.decide(warehouse, found, "rejected", "Minh", "thiếu hồ sơ")
    assert deliveries.held(warehouse) == []
    deliveries.decide(warehouse, found, "approved", "Minh", "đã hỏi: đủ")  # a later word counts
    gate.run(warehouse, office.tonight, catalogue())
    assert scalar(warehouse, "select state from landing.delivery") == "landed"
    deliveries.decide(warehouse, found, "approved", "Minh", "lần nạp trước bị ngắt")  # it was not loaded
    assert [h.reason for h in deliveries.held(warehouse)] == [
        "Đã duyệt nhưng chưa nạp xong; duyệt lại để nạp"
    ]
    with pytest.raises(ConfigurationError, match=r"it is landed \(approved by Minh\)"):
        deliveries.decide(warehouse, found, "rejected", "Lan", "thôi")
    shown = deliveries.show(warehouse, found)
    assert shown["decision.2"].endswith("approved by Minh: đã hỏi: đủ")
    assert "decision.3" in shown
    with warehouse.connect() as connection, pytest.raises(Exception, match="never changed or removed"):
        connection.execute(text("delete from ops.delivery_decision"))


def test_rows_of_a_rejected_content_are_nobodys_to_correct(warehouse: Engine) -> None:
    office = Office(warehouse, "U1", new_run(warehouse))
    found = too_many_bad_rows(office)
    (stopped,) = gate.run(warehouse, office.tonight, catalogue()).held
    assert stopped.is_for_its_rows
    for _ in range(2):
        quarantine_rows(warehouse, office.tonight, found, "m1")
    states = "select string_agg(distinct state, ',') || count(*) from quarantine.item"
    assert scalar(warehouse, states) == "open11"
    deliveries.decide(warehouse, found, "rejected", "Lan", "mẫu cũ")
    assert scalar(warehouse, states) == "expired11"


def test_the_command_shows_what_waits_and_writes_a_decision_down(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(warehouse, "U1", new_run(warehouse))
    found = str(too_many_bad_rows(office))
    gate.run(warehouse, office.tonight, catalogue())
    monkeypatch.setattr("cchc.night.ready_warehouse", lambda: warehouse)

    def run(*words: str) -> Result:
        return CliRunner().invoke(command, words)

    (listed,) = json.loads(run("list", "--format", "json").stdout)
    assert (listed["delivery_id"], listed["received"], listed["source_code"]) == (found, 20, "u1-motcua")
    assert listed["reason"] == (
        "Quá nhiều dòng không hợp lệ: 11 trên 20 dòng, mức cho phép 50%; nhiều nhất: "
        "Trạng thái hồ sơ không có trong danh mục (11 dòng)"
    )
    shown = {row["field"]: row["value"] for row in json.loads(run("show", found, "--format", "json").stdout)}
    assert shown["rows.DOSSIER_STATUS_UNKNOWN"] == "11: Trạng thái hồ sơ không có trong danh mục"
    assert run("reject", found, "--by", "Lan").exit_code == 2, "a decision has a reason"
    assert run("reject", found, "--by", "Lan", "--reason", "đơn vị sửa").exit_code == 0
    assert json.loads(run("list", "--format", "json").stdout) == []
    other = "00000000-0000-0000-0000-000000000000"
    assert "no delivery" in str(run("show", other).exception)
