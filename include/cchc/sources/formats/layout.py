"""What a profile says of a file: `select` of a dataset of kind files, checked."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from cchc.catalogue.base import Code, Model
from cchc.errors import ConfigurationError

_PERIOD_PARTS = {"from", "to", "month", "quarter", "year"}


class PeriodAt(Model):
    """Where a sheet says its period: a pattern with the groups from and to (dd/mm/yyyy), or month, quarter, year."""

    place: Literal["title", "sheet", "file"]  # lines above the headings, name of the sheet, name of the file
    pattern: str
    calendar: Literal["report", "calendar"] = "report"  # report: from the 15th to the 14th (NĐ 09/2019/NĐ-CP)

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, text: str) -> str:
        try:
            groups = set(re.compile(text).groupindex)
        except re.error as error:
            raise ValueError(f"this is no pattern: {error}") from None
        if not groups or groups - _PERIOD_PARTS:
            raise ValueError("its groups are named from and to, or month, quarter, year")
        return text


class FormLayout(Model):
    """A printed form, read column by column into rows `measure`, `from`, `to`, `value`."""

    row_head: tuple[str, ...] = Field(
        min_length=1
    )  # heading of the names of rows: by it the headings are found
    order: tuple[str, ...] = ("TT", "STT", "Số TT")  # heading of their numbers: I, 1, 1.1
    total: tuple[str, ...] = ("Tổng cộng", "Tổng số", "Cộng", "Tổng")
    # measure → its heading, from the widest to its own: Đã giải quyết / Quá hạn; several writings may be given. The
    # own heading is the same, of those above it the given words are a part.
    columns: dict[Code, tuple[str, ...]] = Field(min_length=1)
    optional: tuple[Code, ...] = ()  # measures whose column may be missing

    @field_validator("row_head", "order", "total", mode="before")
    @classmethod
    def _one_or_several(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("columns", mode="before")
    @classmethod
    def _one_or_several_each(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return {code: (text,) if isinstance(text, str) else text for code, text in value.items()}


class Select(Model):
    """The files of one dataset and how they are laid out."""

    files: str  # pattern of file names below the source's folder
    format: Literal[
        "csv", "ndjson", "workbook", "xlsx"
    ]  # workbook: .xlsx, .xls or .ods, by what is in the file
    sheet: str | None = None  # the one sheet to read
    sheets: str | None = None  # pattern of the names of the sheets to read: Tháng *
    period: tuple[PeriodAt, ...] = ()
    unit: str | None = (
        None  # pattern with the group unit, of the title lines: whose file this is (params.named)
    )
    total: tuple[str, ...] = ()  # list: how the row of the total begins; it is left out and must agree
    form: FormLayout | None = None
    memory_mb: int = Field(default=512, ge=64)  # what opening one workbook may take
    seconds: int = Field(default=60, ge=1)

    @field_validator("unit")
    @classmethod
    def _finds_a_unit(cls, text: str | None) -> str | None:
        try:
            if text is not None and "unit" not in re.compile(text).groupindex:
                raise ValueError("its group is named unit")
        except re.error as error:
            raise ValueError(f"this is no pattern: {error}") from None
        return text

    @model_validator(mode="after")
    def _fits_together(self) -> Select:
        of_sheets = self.sheet or self.sheets or self.period or self.unit or self.total or self.form
        if self.is_workbook and (self.sheet is None) == (self.sheets is None):
            raise ValueError("a workbook has either a sheet or sheets")
        if not self.is_workbook and of_sheets:
            raise ValueError(
                f"sheet, sheets, period, unit, total and form are for workbooks, not for {self.format}"
            )
        if self.form is not None and not self.period:
            raise ValueError(
                "a form needs the period: where its sheet says from which day to which day it counts"
            )
        return self

    @property
    def is_workbook(self) -> bool:
        """Whether the files are workbooks."""
        return self.format == "workbook"


def select(profile: str, dataset: str, given: dict[str, Any]) -> Select:
    """Return the checked `select`; raises `ConfigurationError` naming profile, dataset and key."""
    try:
        return Select.model_validate(given)
    except ValidationError as error:
        problems = "; ".join(
            ".".join(map(str, ("select", *problem["loc"])))
            + f": {problem['msg'].removeprefix('Value error, ')}"
            for problem in error.errors()
        )
        raise ConfigurationError(f"profile {profile}: dataset {dataset}: {problems}") from None


def days_of(parts: dict[str, str], calendar: str) -> tuple[date, date]:
    """Return first and last day of a period given by its parts; raises `ValueError` for parts that are none."""
    if "from" in parts and "to" in parts:
        return _day(parts["from"]), _day(parts["to"])
    year = int(parts["year"])
    if "month" in parts:
        first = last = int(parts["month"])
    elif "quarter" in parts:
        roman = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
        quarter = roman.get(parts["quarter"].lower()) or int(parts["quarter"])
        first, last = 3 * quarter - 2, 3 * quarter
    else:
        first, last = 1, 12
    if calendar == "calendar":
        return date(year, first, 1), date(year, last, monthrange(year, last)[1])
    before = (year, first - 1) if first > 1 else (year - 1, 12)
    return date(*before, 15), date(year, last, 14)


def _day(text: str) -> date:
    day, month, year = (int(part) for part in re.split(r"\D+", text.strip()))
    return date(year, month, day)
