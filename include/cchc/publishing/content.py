"""What a release says: the tables of the province's publications, the points of its indexes, the state of every source.

It depends on the warehouse and the reporting day alone, never on the clock: the same data is the same release.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Connection

from cchc.catalogue.models import Catalogue, Source, Unit
from cchc.catalogue.profiles import NATIONAL
from cchc.indicators import delivered, inspections, periods, words
from cchc.indicators.inspections import Register
from cchc.publishing import archive, evidence, history, points, procedures, tables, waiting
from cchc.publishing.archive import ClosedPeriod
from cchc.publishing.forms import layouts
from cchc.publishing.forms.rows import Builder, Form
from cchc.publishing.history import History
from cchc.publishing.points import Points
from cchc.publishing.procedures import Procedure, ProcedureRow
from cchc.publishing.silence import Silence, heed_form, heed_row
from cchc.publishing.sql import query
from cchc.publishing.tables import Table
from cchc.publishing.waiting import Waiting
from cchc.publishing.workbooks import register_statistics
from cchc.publishing.workbooks.register_statistics import DocumentStatistics
from cchc.quality import scorecard
from cchc.quality.scorecard import UnitCard
from cchc.settings import settings
from cchc.warehouse import marts

# what last came of a source, as the public reads it; the error itself is for those who mend it
_WORDS = {
    "SourceUnavailable": "không kết nối được với hệ thống của đơn vị",
    "SourceRefused": "hệ thống của đơn vị từ chối đăng nhập",
    "ContractBroken": "hệ thống của đơn vị trả dữ liệu sai cấu trúc",
    "DeliveryHeld": "dữ liệu bất thường, đang giữ lại để kiểm tra",
}
_OF_FILES = _WORDS | {
    "SourceUnavailable": "không đọc được tệp của đơn vị",
    "ContractBroken": "tệp của đơn vị thiếu hoặc sai cấu trúc",
}
_OF_NATIONAL = "chưa lấy được dữ liệu từ Cổng Dịch vụ công quốc gia"
_FAILED = "không lấy được dữ liệu"
_BEHIND = "chưa có dữ liệu đến ngày báo cáo"


@dataclass(frozen=True)
class SourceState:
    """One expected source: whether its data reaches the reporting day, and what is wrong where it does not."""

    code: str
    title: str
    unit_code: str
    unit_name: str
    is_fresh: bool
    fresh_to: date | None  # None: it never delivered everything it should
    problem: str | None  # Vietnamese; also set where fresh data of the day was followed by a failure
    notice: str | None = (
        None  # Vietnamese; what came though the catalogue claims otherwise: nothing is missing
    )


@dataclass(frozen=True)
class Content:
    """All that a release says."""

    province_code: str
    province_name: str
    day: date
    sources: tuple[SourceState, ...]
    tables: tuple[Table, ...]
    points: tuple[Points, ...] = ()  # none in a province without an index
    history: History | None = None  # None: the portal shows no set of every unit
    forms: Mapping[str, tuple[Form, ...]] = field(
        default_factory=dict
    )  # by form: each unit's, the province's first
    procedure_rows: tuple[
        ProcedureRow, ...
    ] = ()  # of the current report month, in the columns of the first form
    procedures: Mapping[str, Procedure] = field(default_factory=dict)  # those with rows, by code
    documents: DocumentStatistics | None = None  # of the registers, for the same month
    inspections: Register | None = None  # what was found about the units, as of the day
    evidence: Mapping[evidence.Key, tuple[str, ...]] = field(
        default_factory=dict
    )  # of what units state themselves
    archive: tuple[ClosedPeriod, ...] = ()
    cards: Mapping[str, UnitCard] = field(default_factory=dict)  # how good each unit's data is: for insiders
    waiting: Mapping[str, Waiting] = field(default_factory=dict)  # unit → its rows to correct: for insiders

    @property
    def fresh(self) -> int:
        """How many expected sources have data up to the reporting day."""
        return sum(source.is_fresh for source in self.sources)

    @property
    def notices(self) -> tuple[SourceState, ...]:
        """The sources of which the catalogue claims what is not so."""
        return tuple(source for source in self.sources if source.notice is not None)

    @property
    def problems(self) -> tuple[SourceState, ...]:
        """The sources that something is wrong with; none is ever left out."""
        return tuple(source for source in self.sources if source.problem is not None)


def gather(connection: Connection, catalogue: Catalogue, day: date) -> Content:
    """Return the content of the release of `day`, in the snapshot of `connection`.

    Raises `ReconciliationError` where more is loaded than the numbers count.
    """
    marts.check_in_step(connection, [unit.code for unit in catalogue.units])
    published = tables.gather(connection, catalogue, day)
    units = (catalogue.province.code, *(u.code for u in shown_units(catalogue, day)))
    forms = _forms(connection, catalogue, units, day)
    rows = _procedure_rows(connection, catalogue, forms)
    silent = Silence.read(connection, catalogue).of_forms(next(iter(forms.values()), ()))
    return Content(
        province_code=catalogue.province.code,
        province_name=catalogue.province.name,
        day=day,
        sources=_sources(connection, catalogue, day),
        tables=published,
        points=points.gather(connection, catalogue, day),
        history=_history(connection, catalogue, units, day),
        forms={
            code: tuple(heed_form(form, silent.get(form.unit_code)) for form in own)
            for code, own in forms.items()
        },
        procedure_rows=tuple(heed_row(row) if row.unit_code in silent else row for row in rows),
        procedures=procedures.gather(connection, rows),
        documents=_documents(connection, catalogue, day),
        inspections=_inspections(connection, catalogue, units, day),
        evidence=evidence.gather(connection, catalogue, published),
        archive=archive.gather(connection, catalogue),
        cards=_cards(connection, day),
        waiting=waiting.gather(connection, catalogue),
    )


def shown_units(catalogue: Catalogue, day: date) -> tuple[Unit, ...]:
    """Return the units that have a page: those in office on the day, in catalogue order; the province is not one."""
    return tuple(unit for unit in catalogue.units_on(day) if unit.group != "province")


def _history(connection: Connection, catalogue: Catalogue, units: Sequence[str], day: date) -> History | None:
    code = catalogue.province.portal.indicator_set
    if code is None:
        return None
    return history.gather(connection, catalogue, catalogue.indicator_set(code), units, day)


def _forms(
    connection: Connection, catalogue: Catalogue, units: Sequence[str], day: date
) -> dict[str, tuple[Form, ...]]:
    """Return the portal's forms of the report month up to the day, in this snapshot."""
    period = periods.of_publication("report_month", day)
    found = {}
    for code in catalogue.province.portal.forms:
        layout = layouts.load(settings().catalogue, code)
        layout.check(catalogue)
        made = (Builder(connection, catalogue, layout, unit, period, day).form() for unit in units)
        found[code] = tuple(made)
    return found


def _procedure_rows(
    connection: Connection, catalogue: Catalogue, forms: Mapping[str, tuple[Form, ...]]
) -> tuple[ProcedureRow, ...]:
    if not forms:
        return ()
    of_units = [f for f in next(iter(forms.values())) if f.unit_code != catalogue.province.code]
    return procedures.gather_rows(connection, catalogue, of_units[0].layout, of_units) if of_units else ()


def _documents(connection: Connection, catalogue: Catalogue, day: date) -> DocumentStatistics | None:
    if catalogue.province.portal.indicator_set is None:
        return None
    period = periods.of_publication("report_month", day)
    return register_statistics.gather(connection, catalogue, catalogue.province.code, period, day=day)


def _inspections(
    connection: Connection, catalogue: Catalogue, units: Sequence[str], day: date
) -> Register | None:
    """Return the findings about the units; None in a province that keeps no such register."""
    kept = any("inspection" in catalogue.profile_of(source).datasets for source in catalogue.sources.values())
    return inspections.register(connection, catalogue, units, day) if kept else None


def _cards(connection: Connection, day: date) -> dict[str, UnitCard]:
    newest = scorecard.newest_day_on(connection, day)
    return {card.unit_code: card for card in scorecard.read_on(connection, newest)} if newest else {}


def _sources(connection: Connection, catalogue: Catalogue, day: date) -> tuple[SourceState, ...]:
    marks = delivered.watermarks(connection, catalogue)
    outcomes = {row.source_code: row for row in connection.execute(query("last_outcomes"), {"day": day})}
    states = []
    for source in catalogue.sources.values():
        if not source.expected or source.history_from > day:
            continue
        profile = catalogue.profile_of(source)
        kept = [marks.get((source.code, name)) for name in profile.datasets if name not in source.without]
        found = [mark for mark in kept if mark is not None]
        fresh_to = min(found) if found and len(found) == len(kept) else None
        problem = None
        outcome = outcomes.get(source.code)
        if outcome is not None and outcome.state in ("failed", "held"):
            held = "DeliveryHeld" if outcome.state == "held" else outcome.error_class
            national = held != "DeliveryHeld" and profile.kind in NATIONAL
            told = _OF_FILES if profile.kind == "files" else _WORDS
            problem = _OF_NATIONAL if national else told.get(held or "", _FAILED)
        elif fresh_to is None or fresh_to < day:
            problem = _BEHIND
        states.append(_state(catalogue, source, fresh_to, day, problem, _notice(marks, source, day)))
    return tuple(states)


def _notice(marks: delivered.Watermarks, source: Source, day: date) -> str | None:
    came = delivered.unclaimed(marks, source, day)
    return (
        f"danh mục nguồn ghi {words.not_kept(came)}, nhưng nguồn có gửi; đã đọc như thường" if came else None
    )


def _state(
    catalogue: Catalogue,
    source: Source,
    fresh_to: date | None,
    day: date,
    problem: str | None,
    notice: str | None,
) -> SourceState:
    return SourceState(
        code=source.code,
        title=source.title or source.code,
        unit_code=source.unit,
        unit_name=catalogue.unit(source.unit).name,
        is_fresh=fresh_to is not None and fresh_to >= day,
        fresh_to=fresh_to,
        problem=problem,
        notice=notice,
    )
