"""A release of some units over three months, made by hand: one unit has numbers, the others have none yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.periods import Period
from cchc.publishing.content import Content, SourceState, shown_units
from cchc.publishing.forms.rows import Form, FormRow
from cchc.publishing.history import History, Key, Month
from unit.publishing.portal.made import DAY, PERIOD, catalogue, content, form

_KEPT = ("H14", "SNV", "STP", "STC", "SCT", "SGDDT", "SYT", "01273", "01279")  # a page of each takes its time
FEW = catalogue().model_copy(update={"units": tuple(u for u in catalogue().units if u.code in _KEPT)})
SET = FEW.indicator_sets["province-core"]
UNITS = ("H14", *(unit.code for unit in shown_units(FEW, DAY)))
MISSING = "chưa có dữ liệu hồ sơ từ Phần mềm một cửa"


def value(unit: str, code: str, period: Period = PERIOD, **changed: Any) -> IndicatorValue:
    """Return a number of a unit; without a value it is not known."""
    stated: dict[str, Any] = {
        "unit_code": unit,
        "set_code": SET.code,
        "indicator_code": code,
        "period": period,
        "value": None,
        "numerator": None,
        "denominator": None,
        "printed": None,
        "reason": None if changed.get("printed") else MISSING,
        "coverage": Decimal(1),
        "fresh_to": DAY,
        "lacking": (),
    }
    return IndicatorValue(**{**stated, **changed})


def share(
    unit: str, code: str, above: int, below: int, period: Period = PERIOD, **changed: Any
) -> IndicatorValue:
    """Return a share of a unit, to one place."""
    found = round(Decimal(100 * above) / below, 1)
    text = f"{found}%".replace(".", ",")
    counts = {"numerator": Decimal(above), "denominator": Decimal(below)}
    return value(unit, code, period, value=found, printed=text, **counts, **changed)


def count(unit: str, code: str, number: int, period: Period = PERIOD, **changed: Any) -> IndicatorValue:
    """Return a count of a unit."""
    text = f"{number:,}".replace(",", ".")
    return value(unit, code, period, value=Decimal(number), printed=text, **changed)


def release(*values: IndicatorValue, **changed: Any) -> Content:
    """Return the release: the given numbers, and all others of three months not known."""
    given = {(v.unit_code, v.indicator_code, v.period.label): v for v in values}
    months = []
    whole = periods.month_of(DAY)
    for _ in range(3):
        period = periods.until(whole, DAY)
        of_month: Mapping[Key, IndicatorValue] = {
            (unit, i.code): given.get((unit, i.code, period.label)) or value(unit, i.code, period)
            for unit in UNITS
            for i in SET.indicators
        }
        months.append(Month(period, None, of_month))
        whole = periods.month_of(whole.start - timedelta(days=1))
    history = History(SET.code, SET.title, SET.indicators, UNITS, tuple(reversed(months)))
    forms = {code: tuple(_form(code, unit) for unit in UNITS) for code in ("ii06a", "07a")}
    return replace(content(), **{"history": history, "forms": forms, **changed})


def _form(code: str, unit: str) -> Form:
    """Return a form of which nothing is known."""
    empty = form(code, unit)
    codes = [column.code for column in empty.layout.columns]
    total = FormRow(
        "total", "total", None, "", "Tổng cộng", dict.fromkeys(codes), dict.fromkeys(codes, MISSING)
    )
    return replace(empty, rows=(total,))


def source(unit: str, name: str, problem: str | None = None) -> SourceState:
    """Return the state of a unit's one-stop software."""
    return SourceState(f"{unit.lower()}-motcua", "Một cửa", unit, name, problem is None, DAY, problem)
