"""What inspections found, and what of it is done: the findings about a unit or the whole province as of a day.

The register is kept by one office about others, so its rows are asked for by the unit they are about. A recommendation
or shortcoming is open until it is done, and overdue from the day after its last day; a commendation asks for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, Row

from cchc.catalogue.models import Catalogue
from cchc.indicators.delivered import watermarks
from cchc.indicators.sql import query

Topic = Literal[
    "planning", "procedures", "one_stop", "documents", "archive", "discipline", "finance", "it", "other"
]
Kind = Literal["finding", "recommendation", "commendation"]
State = Literal["open", "overdue", "done", "noted"]

#: What an officer calls them (Vietnamese), in the order they are shown.
TOPICS: Mapping[Topic, str] = {
    "planning": "chỉ đạo, điều hành cải cách hành chính",
    "procedures": "thủ tục hành chính",
    "one_stop": "cơ chế một cửa, một cửa liên thông",
    "documents": "công tác văn thư",
    "archive": "công tác lưu trữ",
    "discipline": "kỷ luật, kỷ cương hành chính và văn hóa công vụ",
    "finance": "tài chính công",
    "it": "công nghệ thông tin",
    "other": "nội dung khác",
}
KINDS: Mapping[Kind, str] = {
    "finding": "tồn tại",
    "recommendation": "kiến nghị",
    "commendation": "ghi nhận",
}
STATES: Mapping[State, str] = {
    "overdue": "quá hạn",
    "open": "đang thực hiện",
    "done": "đã thực hiện",
    "noted": "không phải thực hiện",
}


@dataclass(frozen=True)
class Finding:
    """One finding of an inspection, as of a day."""

    unit_code: str  # that was inspected
    inspection_code: str
    finding_code: str
    inspected_on: date
    inspector: str  # a body, never a person
    topic: Topic
    kind: Kind
    summary: str
    due_on: date | None  # None: no day was set, so it is never overdue
    done_on: date | None  # None: not done up to the day asked for
    evidence: str | None
    state: State

    @property
    def is_done_late(self) -> bool:
        """Whether it was done after its last day."""
        return self.done_on is not None and self.due_on is not None and self.done_on > self.due_on


@dataclass(frozen=True)
class Register:
    """What the registers of inspections say of some units as of a day."""

    day: date
    complete_to: (
        date | None
    )  # what the stalest register has delivered to; None: one never has, and 0 is not known
    findings: tuple[Finding, ...]  # newest inspection first

    def count(self, state: State, kind: Kind | None = None) -> int | None:
        """Return how many findings are in a state, of one kind or of all; None where one never delivered."""
        if self.complete_to is None:
            return None
        return sum(f.state == state and kind in (None, f.kind) for f in self.findings)

    def by_unit(self) -> dict[str, Counter[State]]:
        """Return how many findings of each unit that was inspected are in each state."""
        found: dict[str, Counter[State]] = {}
        for finding in self.findings:
            found.setdefault(finding.unit_code, Counter())[finding.state] += 1
        return found


def register(connection: Connection, catalogue: Catalogue, units: Collection[str], day: date) -> Register:
    """Return the findings about some units as of a day: inspections up to it, done where it was done up to it."""
    rows = connection.execute(query("inspections"), {"units": list(units), "last_day": day})
    return Register(day, _complete_to(connection, catalogue), tuple(_finding(row, day) for row in rows))


def _finding(row: Row[Any], day: date) -> Finding:
    done_on = row.done_on if row.done_on is not None and row.done_on <= day else None
    return Finding(
        row.unit_code,
        row.inspection_code,
        row.finding_code,
        row.inspected_on,
        row.inspector,
        row.topic,
        row.finding_kind,
        row.summary,
        row.due_on,
        done_on,
        row.evidence,
        _state(row.finding_kind, row.due_on, done_on, day),
    )


def _state(kind: Kind, due: date | None, done: date | None, day: date) -> State:
    if kind == "commendation":
        return "noted"
    if done is not None:
        return "done"
    return "overdue" if due is not None and due < day else "open"


def _complete_to(connection: Connection, catalogue: Catalogue) -> date | None:
    marks = watermarks(connection, catalogue)
    registers = [
        source.code
        for source in catalogue.sources.values()
        if source.expected
        and "inspection" in catalogue.profile_of(source).datasets
        and "inspection" not in source.without
    ]
    days = [marks.get((code, "inspection")) for code in registers]
    known = [day for day in days if day is not None]
    return min(known) if known and len(known) == len(days) else None
