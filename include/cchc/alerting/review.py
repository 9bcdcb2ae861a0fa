"""What blocks no number but wants a look: told along with a digest, reminded of with its rhythm, never escalated."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from cchc.alerting import words
from cchc.quality.rules import Owner, all_rules
from cchc.warehouse.sql import query


@dataclass(frozen=True)
class Note:
    """One rule that rows of one source break; `broken` is their number on the worst of the nights looked at."""

    unit_code: str
    source_code: str
    rule_code: str
    broken: int
    first_day: date
    last_day: date

    def is_news(self, day: date) -> bool:
        """Whether it began on that day and is a warning: something was lost, or has stopped coming."""
        rule = all_rules().get(self.rule_code)
        return self.first_day == day and rule is not None and rule.severity == "warning"


@dataclass(frozen=True)
class Line:
    """One rule over all sources of a reader."""

    message: str
    sources: str
    broken: int
    is_of_delivery: bool  # about the delivery as a whole, so that a number of rows says nothing
    last_day: date


def owner(rule_code: str) -> Owner:
    """Return who can mend what breaks a rule: `unit`, `engineer` or `office`; of a rule that is gone the engineer."""
    rule = all_rules().get(rule_code)
    return rule.owner if rule else "engineer"


def read(connection: Connection, day: date, nights: int) -> tuple[Note, ...]:
    """Return what is to be looked at of so many nights up to a reporting day."""
    rows = connection.execute(query("alerting/to_review"), {"day": day, "nights": nights})
    return tuple(Note(**row) for row in rows.mappings())


def of_reader(notes: Iterable[Note], units: Collection[str], owners: Collection[str]) -> list[Note]:
    """Return what a reader can do something about: that of the own units, and that of the roles the reader has."""
    return [
        note
        for note in notes
        if (whose := owner(note.rule_code)) in owners or (whose == "unit" and note.unit_code in units)
    ]


def lines(notes: Iterable[Note]) -> list[Line]:
    """Return the rules in words, the one that most rows break first."""
    by_rule: dict[str, list[Note]] = {}
    for note in notes:
        by_rule.setdefault(note.rule_code, []).append(note)
    made = [_line(code, of) for code, of in by_rule.items()]
    return sorted(made, key=lambda line: (-line.broken, line.message))


def _line(code: str, of: list[Note]) -> Line:
    rule = all_rules().get(code)
    return Line(
        message=rule.message if rule else code,
        sources=words.listed([note.source_code for note in of]),
        broken=sum(note.broken for note in of),
        is_of_delivery=code.startswith("DELIVERY_"),
        last_day=max(note.last_day for note in of),
    )
