"""What a profile says of a file: `select` of a dataset of kind files, checked."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from cchc.catalogue.base import Code, Model
from cchc.errors import ConfigurationError

_PERIOD_PARTS = {"from", "to", "month", "until", "quarter", "first", "last", "whole", "year"}

Place = Literal["title", "sheet", "file"]  # lines above the headings, name of the sheet, name of the file


class PeriodAt(Model):
    """Where a sheet says its period.

    A pattern has the groups from and to (15/10/2026, also with - or . or without the year), or one of: month or quarter
    (until: the last of several), first (so many months of a year), last, whole (the year). year beside them is their
    year; alone it gives the year to what has none.
    """

    place: Place
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
            raise ValueError("its groups are named from and to, or month, quarter, first, last, whole, year")
        if ("from" in groups) != ("to" in groups) or (
            "until" in groups and not groups & {"month", "quarter"}
        ):
            raise ValueError("from goes with to, and until with month or quarter")
        return text


# How offices write it: in words (title) and short (T11, T11-26, Q4 2026). A number on its own is no month, and neither
# is one behind a letter: Sheet1, TT 01/2020.
_OWN = r"(?<![^\W\d_])"
_DAY = r"\d{1,2}[/.-]\d{1,2}(?:[/.-](?:\d{4}|\d\d))?(?!\d)"
_AND = r"\s*(?:[-–,+&]|và|đến)\s*"
# no last one of several: the form's own number (06a), a document's (06/BC), a day (11/12/2026), 6 tháng đầu năm
_LAST = r"(?![^\W_]|/(?!\s*(?:năm|nam|(?:20\d\d|2\d)(?![\d/])))|\s*th[áa]ng)"
_MONTH = (
    r"(?P<month>\d{1,2})(?!\d|/\d{1,2}/\d)"
    rf"(?:{_AND}(?:tháng\s*|t)?(?P<until>1[0-2]|0?[1-9]){_LAST}){{0,11}}"
)
_QUARTER = (
    r"(?P<quarter>[1-4]|IV|I{1,3})(?![^\W_])"
    rf"(?:{_AND}(?:(?:quý|qúy)\s*|q)?(?P<until>[1-4]|IV|I{{1,3}}){_LAST}){{0,3}}"
)
_AND_YEAR = r"[\s,._/(-]{0,9}(?:của\s+)?(?:năm|nam)?[\s:._-]{0,9}(?P<year>\d{4})(?!\d)"
_AND_SHORT_YEAR = r"[\s,._/(-]{0,9}(?:năm|nam)?[\s._-]{0,9}(?P<year>\d{4}|(?<=[-./_])2\d)(?!\d)"
_HOUR = r"(?:\d{1,2}\s*(?:h|g|giờ|:)\s*(?:\d\d)?(?!\d)\D{0,15})?"  # 17h00 ngày
_MONTHS_OF_YEAR = [
    r"(?<!\d)(?P<first>\d{1,2})[\s._]{0,9}(?:tháng|thang)[\s._]{0,9}(?:đầu|dau)?[\s.,_()]{0,9}(?:năm|nam)[\s._]{0,9}(?P<year>\d{4})",
    r"(?<!\d)(?P<last>\d{1,2})[\s._]{0,9}(?:tháng|thang)[\s._]{0,9}(?:cuối|cuoi)[\s._]{0,9}(?:năm|nam)[\s._]{0,9}(?P<year>\d{4})",
]
_PATTERNS: dict[Place, list[str]] = {
    "title": [
        rf"(?<![\d/.-])(?P<from>{_DAY})[\s)]*(?:(?:đến|tới)\D{{0,15}}{_HOUR}|[-–—]\s*(?:ngày\s*)?)(?P<to>{_DAY})",
        rf"{_OWN}tháng\s*{_MONTH}(?:{_AND_YEAR})?",
        rf"{_OWN}(?:tháng(?:\s+báo\s+cáo)?|kỳ(?:\s+báo\s+cáo)?)\s*:\s*(?P<month>1[0-2]|0?[1-9])(?!\d){_AND_YEAR}",
        rf"{_OWN}t\.?\s?{_MONTH}{_AND_YEAR}",
        rf"{_OWN}(?:quý|qúy)\s*{_QUARTER}(?:{_AND_YEAR})?",
        rf"{_OWN}(?:quý|qúy)\s*:\s*{_QUARTER}{_AND_YEAR}",
        rf"{_OWN}q\.?\s?{_QUARTER}{_AND_YEAR}",
        *_MONTHS_OF_YEAR,
        r"(?:kỳ báo cáo\s*:?\s*(?:cả\s+)?|cả\s+)năm\s*(?P<whole>\d{4})",
        r"năm(?:\s+báo\s+cáo)?\s*:?\s*(?P<year>20\d\d)(?!\d)",
    ],
    "sheet": [
        rf"(?<![\d/.-])(?P<from>{_DAY})\s*(?:đến|tới|[-–—])\s*(?P<to>{_DAY})",
        rf"{_OWN}(?:tháng|thang|th|t)[\s._]*{_MONTH}(?:{_AND_SHORT_YEAR})?",
        rf"{_OWN}(?:quý|qúy|quy)[\s._]*{_QUARTER}(?:{_AND_SHORT_YEAR})?",
        rf"{_OWN}q[\s._]*{_QUARTER}{_AND_SHORT_YEAR}",
        *_MONTHS_OF_YEAR,
        r"^(?:cả\s+)?năm\s*(?P<whole>20\d\d)$",
    ],
    "file": [
        rf"{_OWN}(?:tháng|thang|th|t)[\s._-]*{_MONTH}(?:{_AND_YEAR})?",
        rf"{_OWN}(?:quý|qúy|quy)[\s._-]*{_QUARTER}(?:{_AND_YEAR})?",
        rf"{_OWN}q[\s._-]*{_QUARTER}{_AND_YEAR}",
        *_MONTHS_OF_YEAR,
        # the year of a workbook with a sheet for each month closes its name; one elsewhere is a document's number
        r"(?:(?<!\d)(?<!\d[\s._-])|(?:nam|năm)[\s._-]{0,9})(?P<year>20\d\d)(?:\s*\(\d+\))?\.\w+$",
    ],
}
OFFICE_PERIODS = tuple(
    PeriodAt(place=place, pattern=pattern) for place, patterns in _PATTERNS.items() for pattern in patterns
)


class FormLayout(Model):
    """A printed form, read column by column into rows `measure`, `from`, `to`, `value`."""

    row_head: tuple[str, ...] = Field(
        min_length=1
    )  # heading of the names of rows: by it the headings are found
    order: tuple[str, ...] = ("TT", "STT", "Số TT")  # heading of their numbers: I, 1, 1.1
    # How the name of a total begins (Tổng cộng toàn sở); one of several words may have wrong marks (Tông cộng)
    total: tuple[str, ...] = ("Tổng cộng", "Tổng số", "T.Cộng", "T. Cộng", "Cộng", "Tổng")
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
    format: Literal["csv", "ndjson", "workbook"]  # workbook: .xlsx, .xls or .ods, by what is in the file
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
        return self

    @property
    def periods(self) -> tuple[PeriodAt, ...]:
        """Where the sheets say which days they count: as the profile says; of a form, else, as offices write it."""
        return self.period or (OFFICE_PERIODS if self.form is not None else ())

    @property
    def names_no_sheet(self) -> bool:
        """Whether the pattern of the sheets says nothing of their names, so that any other may stand beside them."""
        return set(self.sheets or "") == {"*"}

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
