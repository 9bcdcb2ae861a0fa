"""Statistics of the registers of documents (sổ văn bản đến, đi) of units over a period, by unit, month and kind.

The counts are the measures of the catalogue, so they are those of the indicators. The layout is ours: no circular's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from sqlalchemy import Connection, text

from cchc.catalogue.indicators import Indicator, IndicatorSet, Term
from cchc.catalogue.models import Catalogue
from cchc.indicators import delivered, periods, words
from cchc.indicators.compute import IndicatorValue, compute_on, subject_of
from cchc.indicators.delivered import Need
from cchc.indicators.numbers import percent, rounded
from cchc.indicators.periods import Period
from cchc.publishing.silence import Silence
from cchc.publishing.sql import source
from cchc.warehouse.sql import source as warehouse_source

_TERM_FIELDS = ("due_on", "done_on")  # without both nobody knows what was in time
_SET = "document-registers"
_BASIS = "số đăng ký văn bản của đơn vị"
_EVERY = "from core.document as d\n"


@dataclass(frozen=True)
class Column:
    """A measure, or the share of one in another."""

    code: str
    heads: tuple[str, ...]  # from the widest heading to its own
    share: tuple[str, str] | None = None  # measures above and below
    by_term: bool = False  # needs a register that says when a document was due and done

    @property
    def adds_up(self) -> bool:
        """Whether the months of a period add up to it: no share does, nor what is overdue on a day."""
        return self.share is None and self.code != "documents_in_overdue"

    def indicator(self) -> Indicator:
        """Return it as an indicator over the catalogue's measures."""
        made = Indicator(
            code=self.code, title=self.heads[-1], unit="văn bản", value=_term(self.code), basis=_BASIS
        )
        if self.share is None:
            return made
        above, below = map(_term, self.share)
        stated = {"unit": "%", "value": (), "numerator": above, "denominator": below, "decimals": 1}
        return Indicator.model_validate(made.model_dump() | stated)


def _term(measure: str) -> tuple[Term, ...]:
    return (Term(measure=measure),)


COLUMNS = (
    Column("documents_in", ("Văn bản đến", "Tổng số")),
    Column("documents_in_electronic", ("Văn bản đến", "Điện tử")),
    Column("documents_in_paper", ("Văn bản đến", "Chỉ bản giấy")),
    Column(
        "in_electronic_share",
        ("Văn bản đến", "Tỷ lệ điện tử (%)"),
        ("documents_in_electronic", "documents_in"),
    ),
    Column("documents_in_on_time", ("Văn bản đến", "Có hạn xử lý", "Xong đúng hạn"), by_term=True),
    Column("documents_in_late", ("Văn bản đến", "Có hạn xử lý", "Xong quá hạn"), by_term=True),
    Column("documents_in_overdue", ("Văn bản đến", "Có hạn xử lý", "Chưa xong, đã quá hạn"), by_term=True),
    Column("documents_out", ("Văn bản đi", "Tổng số")),
    Column("documents_out_electronic_only", ("Văn bản đi", "Chỉ điện tử")),
    Column("documents_out_parallel", ("Văn bản đi", "Điện tử và giấy")),
    Column("documents_out_paper", ("Văn bản đi", "Chỉ bản giấy")),
    Column("documents_out_signed", ("Văn bản đi", "Ký số")),
    Column("out_signed_share", ("Văn bản đi", "Tỷ lệ ký số (%)"), ("documents_out_signed", "documents_out")),
)
_INDICATORS = IndicatorSet(code=_SET, title="", indicators=tuple(column.indicator() for column in COLUMNS))


@dataclass(frozen=True)
class Line:
    """A unit, a sum of units, or a month; a column without a known number holds None, and a reason."""

    kind: Literal["unit", "group", "total", "month"]
    code: str
    title: str
    values: Mapping[str, Decimal | None]  # by column
    reasons: Mapping[str, str]  # by column that has no number (Vietnamese)
    coverage: Decimal | None  # the lowest of its columns


@dataclass(frozen=True)
class Kind:
    """How many documents of a kind came or went; `title` None: of which no register names the kind."""

    direction: Literal["in", "out"]
    title: str | None
    documents: int


@dataclass(frozen=True)
class DocumentStatistics:
    """The registers of one unit, or of the province's units, over a period."""

    code: str
    name: str
    period: Period
    day: date
    lines: tuple[Line, ...]  # groups before their units, the total last; of one unit that alone
    months: tuple[Line, ...]
    kinds: tuple[Kind, ...]  # those of records: what a unit states as a sum has none


def gather(
    connection: Connection, catalogue: Catalogue, unit_code: str, period: Period, *, day: date | None = None
) -> DocumentStatistics:
    """Return the statistics of a unit; the province's own code gives all its units and their sums.

    `day`: the reporting day that coverage is measured against (default: the newest night's); a period that goes on
    after the newest night is counted up to it. Raises `ConfigurationError` for an unknown unit.
    """
    subject = subject_of(catalogue, unit_code, period)
    through = day or delivered.reporting_day(connection, period)
    period = periods.until(period, through)
    asking = _Asking(connection, catalogue, through)
    lines = asking.lines([*subject.members, subject.code] if subject.whole else [subject.code], period)
    if subject.whole:
        lines = [*asking.grouped(lines[:-1], period), replace(lines[-1], kind="total", title="Cả tỉnh")]
    name = catalogue.province.name if subject.whole else catalogue.unit(subject.code).name
    return DocumentStatistics(
        code=subject.code,
        name=name,
        period=period,
        day=through,
        lines=tuple(lines),
        months=tuple(asking.month(subject.code, month) for month in _months(period)),
        kinds=_kinds(connection, subject.members, period),
    )


@dataclass
class _Asking:
    """One snapshot, asked for units and for months."""

    connection: Connection
    catalogue: Catalogue
    day: date

    def __post_init__(self) -> None:
        self._silence = Silence.read(self.connection, self.catalogue)

    def lines(self, units: Sequence[str], period: Period) -> list[Line]:
        """Return a line for each unit, in their order."""
        values = compute_on(self.connection, self.catalogue, _INDICATORS, units, period, day=self.day)
        heeded = self._silence.heed_all(values, _INDICATORS.indicators)
        width = len(COLUMNS)
        return [self._line(code, heeded[n * width :][:width], period) for n, code in enumerate(units)]

    def month(self, unit: str, month: Period) -> Line:
        """Return a month's line of a unit."""
        (line,) = self.lines([unit], month)
        first = month.title().split(" (")[0]
        title = first if ".." in month.label else f"{first[0].upper()}{first[1:]}"
        return replace(line, kind="month", code=month.label, title=title)

    def _line(self, code: str, values: Sequence[IndicatorValue], period: Period) -> Line:
        found = {v.indicator_code: v.value for v in values}
        reasons = {v.indicator_code: v.reason or "" for v in values if v.value is None}
        if why := self._no_terms(code, period):
            for column in COLUMNS:
                if column.by_term and found[column.code] is not None:
                    found[column.code], reasons[column.code] = None, why
        known = [v.coverage for v in values if v.coverage is not None]
        name = "" if code == self.catalogue.province.code else self.catalogue.unit(code).name
        return Line("unit", code, name, found, reasons, min(known, default=None))

    def _no_terms(self, code: str, period: Period) -> str | None:
        """Return why nobody knows what was in time: no register of the unit says when a document was due and done."""
        need = Need("document", {}, period, _TERM_FIELDS)
        members = subject_of(self.catalogue, code, period).members
        return None if self._silence.sources.of(members, need) else words.not_stated(_TERM_FIELDS)

    def grouped(self, lines: Sequence[Line], period: Period) -> Iterator[Line]:
        """Yield each group's sum and its units."""
        for group, title in words.GROUPS.items():
            members = [line for line in lines if self.catalogue.unit(line.code).group == group]
            if members:
                of = [line.code for line in members]
                need, silence = Need("document", {}, period), self._silence
                cover = delivered.coverage(silence.sources, silence.marks, of, [need], self.day)
                yield replace(_added(group, title, members), coverage=cover.share)
                yield from members


def share(above: Decimal | None, below: Decimal | None) -> Decimal | None:
    """Return a share in percent to one place, half up; None where one of the two is not known or nothing is divided."""
    return rounded(percent(above, below), 1) if above is not None and below else None


def _added(group: str, title: str, members: Sequence[Line]) -> Line:
    """Return the sums of what is known; unknown where nothing is."""
    values: dict[str, Decimal | None] = {}
    for column in COLUMNS:
        if column.share is None:
            known = [value for line in members if (value := line.values[column.code]) is not None]
            values[column.code] = sum(known, Decimal(0)) if known else None
        else:
            above, below = (values[code] for code in column.share)
            values[column.code] = share(above, below)
    reasons = {code: "chưa có số liệu của đơn vị nào" for code, value in values.items() if value is None}
    return Line("group", group, title, values, reasons, None)


def _months(period: Period) -> Iterable[Period]:
    """Yield the months of a period in its calendar; the first and the last as far as they are in it."""
    day = period.start
    while day <= period.end:
        month = periods.month_of(day, period.calendar)
        yield replace(month, start=max(month.start, period.start), end=min(month.end, period.end))
        day = month.end + timedelta(days=1)


def _kinds(connection: Connection, units: Sequence[str], period: Period) -> tuple[Kind, ...]:
    """Return how many documents of each kind came and went, the most first."""
    events = warehouse_source("mart/document")
    if events.count(_EVERY) != 1:
        raise ValueError(f"mart/document.sql must read {_EVERY.strip()!r} once")
    chosen = (
        "from (select d.* from core.document as d where (d.unit_code, d.source_code, d.direction, d.document_code)"
        f" in (\n{source('document_span')}\n) offset 0) as d\n"
    )
    statement = f"with record_event as (\n{events.replace(_EVERY, chosen)}\n)\n{source('document_kinds')}"
    values = {"units": list(units), "first_day": period.start, "last_day": period.end}
    # the planner takes the chosen documents for one, and would go through every message again for each of them
    connection.execute(text("set local enable_nestloop = off"))
    rows = connection.execute(text(statement), values).all()
    connection.execute(text("set local enable_nestloop = default"))
    return tuple(
        Kind(row.direction, f"{row.kind[0].upper()}{row.kind[1:]}" if row.kind else None, int(row.documents))
        for row in rows
    )
