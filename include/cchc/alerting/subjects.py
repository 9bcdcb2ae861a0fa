"""The sections of a digest that are not lists of what is wrong, and its subject."""

from __future__ import annotations

from dataclasses import dataclass

from cchc.alerting import removals, review, words
from cchc.alerting.attachment import Workload
from cchc.alerting.changes import Change
from cchc.alerting.findings import Findings, unit_name
from cchc.alerting.waiting import Waiting
from cchc.catalogue.models import Catalogue


@dataclass(frozen=True)
class Questions:
    """What the integrity of the data asks the office and the engineers: questions of this night, and all open ones."""

    new: int
    open: int


@dataclass(frozen=True)
class Sections:
    """The short sections of a digest."""

    changes: tuple[Change, ...]
    mended: list[str]
    escalated: list[str]
    questions: Questions | None
    review: list[review.Line]
    scorecards: list[str]
    removals: list[removals.Removal]
    waiting: Waiting  # rows to correct in all, for the province


def subject(catalogue: Catalogue, found: Findings, sections: Sections, load: Workload) -> str:
    """Return the subject of a digest: what is wrong and where, or else what is new."""
    parts = []
    if found.failures:
        parts.append(f"{words.count(len(found.failures))} nguồn chưa có số liệu")
    if found.rules:
        in_all = sections.waiting.in_all
        before = f" (cả các đêm trước: {words.count(in_all)})" if in_all > found.row_count else ""
        parts.append(f"{words.count(found.row_count)} dòng cần sửa{before}")
    if found.refusals:
        parts.append(f"{words.count(found.refused_count)} bản ghi mang dấu mật")
    if sections.removals:
        parts.append(removals.counted(sections.removals))
    if not parts and sections.changes:
        parts.append(sections.changes[0].text)
    if not parts and load.in_all:
        parts.append(f"{words.count(load.in_all)} lỗi từ các đêm trước chờ sửa")
    if sections.escalated:
        parts.append("có việc quá hạn")
    if not parts and sections.mended:
        parts.append("đã khắc phục")
    if not parts and sections.questions is not None and sections.questions.new:
        parts.append(f"{words.count(sections.questions.new)} câu hỏi mới về số liệu")
    if not parts:
        parts.append("có điểm cần xem lại")
    gone = {removal.unit_code: unit_name(catalogue, removal.unit_code) for removal in sections.removals}
    units = list((found.units() | gone).values())
    place = f" – {units[0]}" if len(units) == 1 else f" – {words.count(len(units))} đơn vị" if units else ""
    return words.short(f"[CCHC] {found.day:%d/%m/%Y}: {', '.join(parts)}{place}", 200)
