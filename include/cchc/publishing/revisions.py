"""Closed revisions as they were frozen: list them, print one again, and say what differs between two, or from now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, Row

from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.delivered import reporting_day
from cchc.indicators.listing import Codes
from cchc.indicators.periods import Period
from cchc.publishing.figures import is_of_form, of_period
from cchc.publishing.sql import query

_LEVELS = ("department", "district", "commune", "total")

LIST_COLUMNS = (
    ("period", "Kỳ"),
    ("calendar", "Lịch"),
    ("revision", "Bản"),
    ("period_from", "Từ ngày"),
    ("period_to", "Đến ngày"),
    ("closed_at", "Chốt lúc"),
    ("closed_by", "Người chốt"),
    ("sources_complete", "Nguồn đủ"),
    ("sources_expected", "Nguồn phải có"),
    ("reopened_by", "Người mở lại"),
    ("reason", "Lý do mở lại"),
)
DIFF_COLUMNS = (
    ("kind", "Loại"),
    ("unit_code", "Đơn vị"),
    ("cell", "Chỉ số hoặc hồ sơ"),
    ("before", "Trước"),
    ("after", "Sau"),
    ("numerator_before", "Tử số trước"),
    ("numerator_after", "Tử số sau"),
    ("denominator_before", "Mẫu số trước"),
    ("denominator_after", "Mẫu số sau"),
)
SHOW_COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("set_code", "Bộ hoặc biểu"),
    ("indicator_code", "Chỉ số hoặc ô"),
    ("printed", "Số liệu"),
    ("value", "Giá trị"),
    ("numerator", "Tử số"),
    ("denominator", "Mẫu số"),
    ("reason", "Lý do, ghi chú"),
    ("coverage", "Độ phủ"),
    ("fresh_to", "Đủ đến ngày"),
)
KIND, FORM_KIND = "chỉ số", "biểu"
_CHANGES = {"came": ("–", "có thêm"), "went": ("có", "không còn"), "changed": ("có", "đã thay đổi")}


def listed(engine: Engine, period: Period | None = None) -> list[Row[Any]]:
    """Return the revisions of one period, or of all, newest first."""
    with engine.connect() as connection:
        return listed_on(connection, period)


def listed_on(connection: Connection, period: Period | None) -> list[Row[Any]]:
    """Return what `listed` returns, in the snapshot of `connection`."""
    where = {"period": period.label if period else None, "calendar": period.calendar if period else None}
    return list(connection.execute(query("closed_periods"), {**where, "days_from": None, "days_to": None}))


def of_days_on(connection: Connection, period: Period) -> list[Row[Any]]:
    """Return the revisions of exactly the days of a period, whatever name they were closed under; newest first."""
    where = {"period": None, "calendar": None, "days_from": period.start, "days_to": period.end}
    return list(connection.execute(query("closed_periods"), where))


def values_of(connection: Connection, revision: Row[Any]) -> dict[Cell, Row[Any]]:
    """Return the numbers, points and cells of forms of a revision as they were frozen, by where they stand."""
    where = {"calendar": revision.calendar, "period": revision.period, "revision": revision.revision}
    return {
        (row.unit_code, row.set_code, row.indicator_code): row
        for row in connection.execute(query("closed_values"), where)
    }


def name_of(revision: Row[Any]) -> str:
    """Return how a closed period is named to `cchc period`."""
    return (
        revision.period
        if revision.calendar == "report"
        else f"{revision.period} --calendar {revision.calendar}"
    )


def live_note(
    engine: Engine, period: Period, *, unit: str | None = None, set_code: str | None = None
) -> str | None:
    """Return that the days of a period are closed and a live number is not the frozen one (Vietnamese); None: open."""
    with engine.connect() as connection:
        there = of_days_on(connection, period)
    if not there:
        return None
    newest = there[0]
    which = name_of(newest)
    narrowed = (f" --unit {unit}" if unit else "") + (f" --set {set_code}" if set_code else "")
    reopened = f", {newest.reopened_by} đã mở lại" if newest.reopened_by else ""
    return (
        f"Kỳ {newest.period} đã chốt: bản {newest.revision}, người chốt {newest.closed_by}{reopened}. "
        f"Đây là số liệu hiện có, không phải số đã chốt; số đã chốt: `cchc period show {which}{narrowed}`; "
        f"khác nhau chỗ nào: `cchc period diff {which}`."
    )


@dataclass(frozen=True)
class Shown:
    """A frozen revision, or a part of it, as it was closed."""

    revision: Row[Any]  # as `listed` returns it: who closed it and when, the rules
    values: list[Row[Any]]  # `SHOW_COLUMNS`, by unit, set and cell


def show(
    engine: Engine,
    period: Period,
    revision: int | None = None,
    *,
    unit: str | None = None,
    set_code: str | None = None,
) -> Shown:
    """Return the frozen numbers of a revision (default the newest), all or those of a unit or a set.

    Raises `ConfigurationError` for a revision that does not exist and a unit or a set that it has nothing of.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        frozen = _existing(listed_on(connection, period), period, revision)
        rows = list(values_of(connection, frozen).values())
    for wanted, column in ((unit, "unit_code"), (set_code, "set_code")):
        there = sorted({getattr(row, column) for row in rows})
        if wanted is not None and wanted not in there:
            raise ConfigurationError(
                f"revision {frozen.revision} of {period.label} has no {column} {wanted}; there are: {', '.join(there)}"
            )
    chosen = [r for r in rows if unit in (None, r.unit_code) and set_code in (None, r.set_code)]
    return Shown(frozen, sorted(chosen, key=_in_order))


def _in_order(row: Row[Any]) -> tuple[str, str, list[int | str]]:
    """Sort the cells of a form as it is printed: by level, the level before its fields, c3 before c10."""
    if not is_of_form(row.set_code):
        return row.unit_code, row.set_code, [row.indicator_code]
    level, *field, column = row.indicator_code.split("/")
    name = "/".join(field)
    place = [_LEVELS.index(level) if level in _LEVELS else len(_LEVELS), len(field), not name, name]
    return row.unit_code, row.set_code, [*place, int("".join(filter(str.isdecimal, column)) or 0), column]


def _existing(there: list[Row[Any]], period: Period, revision: int | None) -> Row[Any]:
    """Return a revision, or the newest; raises `ConfigurationError` where it does not exist."""
    if not there:
        raise ConfigurationError(f"period {period.label} ({period.calendar} calendar) was never closed")
    if revision is None:
        return there[0]
    for row in there:
        if row.revision == revision:
            return row
    have = ", ".join(str(row.revision) for row in reversed(there))
    raise ConfigurationError(f"period {period.label} has no revision {revision}; there are: {have}")


Cell = tuple[str, str, str]
Figure = tuple[str | None, Decimal | None, Decimal | None]  # printed or reason, numerator, denominator


def diff(
    engine: Engine,
    catalogue: Catalogue,
    period: Period,
    earlier: int | None = None,
    later: int | None = None,
    *,
    unit: str | None = None,
    pseudonym_key: str | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the cells that differ between two revisions, then the dossiers; `later` None: what the warehouse gives now.

    `earlier` None is the newest closed revision; `unit`: only what differs of it, for the province's own code its
    cells and the dossiers of all units. Only the dossiers of one unit are listed under their own codes (see
    `diff_codes`). Raises `ConfigurationError` for a revision that does not exist.
    """
    codes = diff_codes(catalogue, unit, pseudonym_key)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        there = listed_on(connection, period)
        first = int(_existing(there, period, earlier).revision)
        if later is not None:
            _existing(there, period, later)
        before = frozen_figures(connection, period, first)
        if later is None:
            day = reporting_day(connection, period)
            after = {cell_of(v): figure_of(v) for v in of_period(connection, catalogue, period, day)}
        else:
            after = frozen_figures(connection, period, later)
        apart = differences(before, after)
        yield from (row for row in apart if unit in (None, row["unit_code"]))
        where = {
            "calendar": period.calendar,
            "period": period.label,
            "earlier": first,
            "later": later,
            "period_from": period.start,
            "period_to": period.end,
            "unit": None if codes.together else unit,
        }
        for place, row in enumerate(connection.execute(query("record_changes"), where), start=1):
            old, new = _CHANGES[row.change]
            own = {
                "unit_code": row.unit_code,
                "source_code": row.source_code,
                "record_code": row.dossier_code,
            }
            cell = f"{row.source_code} {codes.shown('dossier', own, place)['record_code']}"
            yield {"kind": "hồ sơ", "unit_code": row.unit_code, "cell": cell, "before": old, "after": new}


def diff_codes(catalogue: Catalogue, unit: str | None, key: str | None) -> Codes:
    """Return the codes that a difference lists dossiers under: their own only where it is of one unit."""
    return Codes(unit in (None, catalogue.province.code), key)


def cell_of(value: IndicatorValue) -> Cell:
    """Return where a value stands: unit, set, indicator or cell."""
    return value.unit_code, value.set_code, value.indicator_code


def figure_of(value: IndicatorValue) -> Figure:
    """Return what is compared of a value."""
    return value.printed or value.reason, value.numerator, value.denominator


def frozen_figures(connection: Connection, period: Period, revision: int) -> dict[Cell, Figure]:
    """Return what a revision holds, by cell."""
    frozen = _existing(listed_on(connection, period), period, revision)
    return {
        cell: (r.printed or r.reason, r.numerator, r.denominator)
        for cell, r in values_of(connection, frozen).items()
    }


def differences(before: dict[Cell, Figure], after: dict[Cell, Figure]) -> Iterator[dict[str, Any]]:
    """Yield the cells that differ; keys as in `DIFF_COLUMNS`."""
    nothing: Figure = (None, None, None)
    # a revision of before forms were frozen has none of their cells: nothing is known to differ
    before, after = (
        {cell: figure for cell, figure in side.items() if _forms_in(other) or not is_of_form(cell[1])}
        for side, other in ((before, after), (after, before))
    )
    for cell in sorted({*before, *after}):
        old, new = before.get(cell, nothing), after.get(cell, nothing)
        if old != new:
            unit, set_code, indicator = cell
            yield {
                "kind": FORM_KIND if is_of_form(set_code) else KIND,
                "unit_code": unit,
                "cell": f"{set_code} {indicator}",
                "before": old[0],
                "after": new[0],
                "numerator_before": old[1],
                "numerator_after": new[1],
                "denominator_before": old[2],
                "denominator_after": new[2],
            }


def _forms_in(figures: dict[Cell, Figure]) -> bool:
    return any(is_of_form(set_code) for _, set_code, _ in figures)
