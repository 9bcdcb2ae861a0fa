"""What the public reads of content made by hand: intervals, points, frozen numbers, and nobody's name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from cchc.catalogue.indicators import Term
from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue
from cchc.publishing.archive import Change, ClosedPeriod, Frozen, Revision
from cchc.publishing.content import Content
from cchc.publishing.suppression import remembered
from cchc.publishing.suppression.columns import Columns, is_about_people
from cchc.publishing.suppression.public import public, reason
from cchc.publishing.suppression.solver import withhold
from cchc.publishing.suppression.table import Table as Cells
from cchc.publishing.tables import Row, Table
from integration.seed_unit import catalogue

DAY = date(2026, 11, 14)
PERIOD = periods.parse("2026-11")
CATALOGUE = catalogue()
CORE = CATALOGUE.indicator_sets["province-core"]
BY_CODE = {i.code: i for i in CORE.indicators}
SMALL = reason(5)


def _value(unit: str, code: str, *numbers: int, printed: str = "") -> IndicatorValue:
    above, below = (Decimal(numbers[0]), Decimal(numbers[1])) if len(numbers) > 1 else (None, None)
    value = Decimal(numbers[0]) if above is None or below is None else round(100 * above / below, 1)
    return IndicatorValue(
        unit, "province-core", code, PERIOD, value, above, below, printed or str(value), None, Decimal(1), DAY, ()
    )  # fmt: skip


def _content(*values: IndicatorValue, archive: tuple[ClosedPeriod, ...] = ()) -> Content:
    codes = tuple(dict.fromkeys(v.indicator_code for v in values))
    units = dict.fromkeys(v.unit_code for v in values)
    rows = tuple(Row(unit, unit, tuple(v for v in values if v.unit_code == unit)) for unit in units)
    table = Table("t", "Bảng", "province-core", "Bộ", PERIOD, tuple(BY_CODE[c] for c in codes), rows)
    return Content("H14", "Tỉnh Cao Bằng", DAY, (), (table,) if values else (), archive=archive)


def _shown(content: Content) -> dict[tuple[str, str], IndicatorValue]:
    (table,) = public(content, CATALOGUE).content.tables
    return {(v.unit_code, v.indicator_code): v for row in table.rows for v in row.values}


def test_content_without_small_numbers_is_published_whole() -> None:
    content = _content(
        _value("SGDDT", "received", 120),
        _value("SGDDT", "received-online-share", 60, 120),
        _value("SGDDT", "documents-out-signed-share", 3, 4),
        _value("SGDDT", "documents-in", 2),
        _value("SYT", "received", 0),
    )
    assert public(content, CATALOGUE).content == content


def test_a_share_whose_rest_is_small_is_an_interval() -> None:
    share = _shown(_content(_value("SGDDT", "on-time-share", 997, 1000, printed="99,7%")))[
        "SGDDT", "on-time-share"
    ]
    assert (share.value, share.numerator, share.denominator) == (None, None, None)
    assert share.bounds == (Decimal("99.6"), Decimal("99.9"))
    assert (share.printed, share.reason) == ("99,6–99,9%", SMALL)
    share = _shown(_content(_value("SGDDT", "on-time-share", 2, 50)))["SGDDT", "on-time-share"]
    assert share.bounds == (Decimal("2.0"), Decimal("8.0"))


def test_a_count_that_would_tell_a_small_one_goes_with_it() -> None:
    shown = _shown(
        _content(
            _value("H14", "received", 203),
            _value("SGDDT", "received", 3),
            _value("SYT", "received", 40),
            _value("01273", "received", 160),
        )
    )
    told = {unit: value.value for (unit, _), value in shown.items()}
    assert told == {"H14": 203, "SGDDT": None, "SYT": None, "01273": 160}
    assert shown["SYT", "received"].reason == SMALL
    # the same number stands in the share: it is not told there either
    shown = _shown(_content(_value("SYT", "received", 3), _value("SYT", "received-online-share", 0, 3)))
    assert all(v.value is None and v.denominator is None and v.bounds is None for v in shown.values())


def test_only_records_about_people_are_protected() -> None:
    named = {i.code for i in CORE.indicators if is_about_people(CATALOGUE, i.terms())}
    assert named == {"received", "received-online-share", "finished", "on-time-share", "overdue-in-process"}
    seed = CATALOGUE.indicator_sets["seed-2022"].indicators
    (with_dossiers,) = [i for i in seed if i.code == "procedures-with-dossiers"]
    assert not is_about_people(CATALOGUE, with_dossiers.terms())


def test_equations_between_columns_come_from_what_they_count() -> None:
    columns = Columns(CATALOGUE)
    share = BY_CODE["on-time-share"]
    above, below, rest = columns.of(share.numerator), columns.of(share.denominator), columns.complement(share)
    assert columns.of(BY_CODE["finished"].value) == below
    (bond,) = columns.bound(frozenset((above, below, rest)))
    assert {abs(factor) for factor in bond.values()} == {1}
    assert bond[above] == bond[rest] == -bond[below]
    assert columns.bound(frozenset((above, below))) == []
    assert columns.add_up(below)
    assert not columns.add_up(columns.of(BY_CODE["overdue-in-process"].value))


def test_what_parts_leave_of_their_whole_tells_no_small_part() -> None:
    """Received 100, online 60, direct 37: with no dossier of a channel that nobody knows, 3 came by post."""
    table, period = Cells(CATALOGUE), PERIOD
    counts = [
        (Term(measure="received"), 100),
        (Term(measure="received_online"), 60),
        (Term(measure="received", where={"channel": "direct"}), 37),
        (Term(measure="received", where={"channel": "post"}), 3),
    ]
    cells = {
        term.where.get("channel", term.measure): table.of_unit("SYT", period, table.columns.of([term]), value)
        for term, value in counts
    }
    withheld = withhold(table.problem(5), 5)
    assert {name for name, cell in cells.items() if table.among(cell, withheld.cells)} > {"post"}
    # of 15 petitions 6 are about procedures and 7 about staff: 2 are about something else, though nobody prints it
    kinds = ("petitions", 15), ("petitions_about_procedures", 6), ("petitions_about_staff", 7)
    columns = {table.columns.of([Term(measure=name)]): value for name, value in kinds}
    assert list(table.columns.left(columns).values()) == [2]
    # received online by the indicator's measure and by the form's channel is one count
    assert table.columns.of([Term(measure="received", where={"channel": "online"})]) == table.columns.of(
        [Term(measure="received_online")]
    )


def _revision(number: int, *changes: Change) -> Revision:
    stated: dict[str, Any] = {
        "number": number,
        "reporting_day": DAY,
        "closed_at": datetime(2026, 11, 20, tzinfo=UTC),
        "closed_by": "Nguyễn Văn A",
        "note": "theo đề nghị của Trần Thị B",
        "sources_expected": 1,
        "sources_complete": 1,
        "reopened_at": None,
        "reopened_by": "Nguyễn Văn A",
        "reason": "bổ sung",
        "changes": changes,
        "form_changes": 0,
    }
    return Revision(**stated)


def test_a_closed_period_tells_no_small_number_and_no_name() -> None:
    def name(unit: str, code: str = "received") -> tuple[str, str, str]:
        return (unit, "province-core", code)

    values = {
        name("H14"): Frozen("210", None, None, None),
        name("SGDDT"): Frozen("10", None, None, None),
        name("SYT"): Frozen("40", None, None, None),
        name("01273"): Frozen("160", None, None, None),
        name("SYT", "gone"): Frozen("3", None, None, None),
        name("SYT", "on-time-share"): Frozen("99,7%", None, Decimal(997), Decimal(1000)),
        name("SYT", "documents-in"): Frozen("2", None, None, None),
    }
    changes = (
        Change("H14", "province-core", "received", "203", "210"),
        Change("SGDDT", "province-core", "received", "3", "10"),
        Change("SYT", "province-core", "on-time-share", "99,8%", "99,7%"),
        Change("SYT", "province-core", "documents-in", "1", "2"),
    )
    closed = ClosedPeriod(PERIOD, (_revision(2, *changes), _revision(1)), values)
    content = public(_content(archive=(closed,)), CATALOGUE).content
    (shown,) = content.archive
    assert "Nguyễn" not in repr(content)
    assert "Trần" not in repr(content)
    told = {key[0::2]: frozen.printed for key, frozen in shown.values.items()}
    assert told["SYT", "gone"] is None
    assert told["SYT", "on-time-share"] is None
    assert told["SYT", "documents-in"] == "2"
    assert told["H14", "received"] == "210"
    before = {(c.unit_code, c.indicator_code): c.before for c in shown.revisions[0].changes}
    assert before["SGDDT", "received"] == SMALL
    assert before["SYT", "on-time-share"] == SMALL
    assert before["SYT", "documents-in"] == "1"
    # 203 less 40 less 160 would tell the 3: one of the numbers that did not change is not told either, or the total
    assert before["H14", "received"] == SMALL or None in (told["SYT", "received"], told["01273", "received"])


def _told(day: date, numbers: dict[str, int], ended: list[Any]) -> tuple[dict[str, Any], Any]:
    content = replace(_content(*(_value(unit, "received", n) for unit, n in numbers.items())), day=day)
    made = public(content, CATALOGUE, remembered.merged(ended, []))
    (table,) = made.content.tables
    return {row.unit_code: row.values[0].value for row in table.rows}, made.ended


def test_late_data_of_a_month_that_has_ended_is_remembered_too() -> None:
    """First said, then late data twice: what the second release published of it must not tell with the third's."""
    first = {"H14": 60, "SGDDT": 30, "SYT": 20, "01273": 10}
    second = {"H14": 203, "SGDDT": 3, "SYT": 40, "01273": 160}
    third = {"H14": 333, "SGDDT": 3, "SYT": 170, "01273": 160}
    ended: list[Any] = []
    shown = []
    for day, numbers in enumerate((first, second, third), start=16):
        told, left = _told(date(2026, 11, day), numbers, ended)
        ended.append(left)
        shown.append(told)
    assert shown[1]["01273"] == 160
    # 333 less 170 less the 160 of the day before is the 3
    assert None in (shown[2]["H14"], shown[2]["SYT"])
