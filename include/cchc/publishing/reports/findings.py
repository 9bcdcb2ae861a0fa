"""What inspections found, as a report tells it: from the register of inspections, which is not part of a release."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from cchc.indicators.inspections import KINDS, STATES, TOPICS, Finding, Register
from cchc.publishing.reports.model import Findings
from cchc.publishing.reports.said import Counted
from cchc.publishing.reports.speaker import Speaker

_SHOWN = ("overdue", "open", "done", "noted")  # what must be done first


def told(speaker: Speaker, wanted: Findings, register: Register | None) -> Iterator[str]:
    """Yield paragraphs: how many there are, then each of them: by inspection, or the overdue ones first.

    Where no register has delivered it is said that nothing is known: that is not the same as nothing found.
    """
    if register is None or register.count("open") is None:
        yield speaker.fill(wanted.missing)
        return
    period = speaker.edition.period
    chosen = [
        finding
        for finding in register.findings
        if finding.kind in wanted.kinds
        and finding.state in wanted.states
        and (not wanted.during or period.start <= finding.inspected_on <= period.end)
    ]
    if not chosen:
        yield speaker.fill(wanted.none)
        return
    known = (
        f"Sổ theo dõi kiểm tra đến ngày {register.day:%d/%m/%Y}: {', '.join(KINDS[k] for k in wanted.kinds)}"
    )
    if set(wanted.states) != set(STATES):
        known = f"{known} ({' hoặc '.join(STATES[state] for state in wanted.states)})"
    counts: dict[str, Counted] = {
        state: Counted(
            speaker.trace, f"{known}, {STATES[state]}", sum(finding.state == state for finding in chosen)
        )
        for state in STATES
    }
    count = Counted(speaker.trace, known, len(chosen))
    yield speaker.fill(wanted.say, count=count, as_of=_day(register.day), behind=_behind(register), **counts)
    codes = list(dict.fromkeys(finding.inspection_code for finding in chosen if wanted.by is not None))
    chosen.sort(key=lambda f: (codes.index(f.inspection_code) if codes else 0, _SHOWN.index(f.state)))
    inspection = ""
    for finding in chosen[: wanted.most]:
        if wanted.by is not None and finding.inspection_code != inspection:
            inspection = finding.inspection_code
            yield _item(speaker, wanted.by, finding)
        yield _item(speaker, wanted.item, finding)
    left = len(chosen) - wanted.most
    if left > 0 and wanted.others:
        yield speaker.fill(
            wanted.others, count=Counted(speaker.trace, f"{known}, không nêu từng nội dung", left)
        )


def _behind(register: Register) -> str:
    """Return that the register does not reach the day it is told of; empty where it does."""
    if register.complete_to is None:
        return "sổ theo dõi chưa gửi đủ số liệu"
    return (
        f"sổ theo dõi có đến ngày {_day(register.complete_to)}" if register.complete_to < register.day else ""
    )


def _item(speaker: Speaker, text: str, finding: Finding) -> str:
    names = {
        "who": speaker.unit_name(finding.unit_code),
        "topic": TOPICS[finding.topic],
        "kind": KINDS[finding.kind],
        "state": STATES[finding.state],
        "summary": finding.summary.rstrip(" .;"),
        "inspector": finding.inspector,
        "inspected": _day(finding.inspected_on),
        "due": _day(finding.due_on),
        "done": _day(finding.done_on),
        "late": finding.is_done_late,
        "evidence": finding.evidence or "",
    }
    return speaker.fill(text, **names)


def _day(day: date | None) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"
