"""What inspections found, as a report tells it: from the register of inspections, which is not part of a release."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from cchc.indicators.inspections import KINDS, STATES, TOPICS, Finding, Register
from cchc.publishing.reports.model import Findings
from cchc.publishing.reports.said import Counted
from cchc.publishing.reports.speaker import Speaker

_SHOWN = ("overdue", "open", "done", "noted")  # what must be done first


def told(speaker: Speaker, wanted: Findings, register: Register | None) -> Iterator[str]:
    """Yield paragraphs: how many there are, then each of them: by inspection, or the overdue ones first.

    Where a register has never delivered it is said that nothing is known, which is not the same as nothing found; what
    others have is told one by one, and not how many there are.
    """
    if register is None:
        yield speaker.fill(wanted.missing, partly=False)
        return
    period = speaker.edition.period
    chosen = [
        finding
        for finding in register.findings
        if finding.kind in wanted.kinds
        and finding.state in wanted.states
        and (not wanted.during or period.start <= finding.inspected_on <= period.end)
    ]
    known = (
        f"Sổ theo dõi kiểm tra đến ngày {register.day:%d/%m/%Y}: {', '.join(KINDS[k] for k in wanted.kinds)}"
    )
    if set(wanted.states) != set(STATES):
        known = f"{known} ({' hoặc '.join(STATES[state] for state in wanted.states)})"
    if register.complete_to is None:
        yield speaker.fill(wanted.missing, partly=bool(chosen))
    elif not chosen:
        yield speaker.fill(wanted.none)
    else:
        yield _counted(speaker, wanted, register, register.complete_to, chosen, known)
    codes = list(dict.fromkeys(finding.inspection_code for finding in chosen if wanted.by is not None))
    chosen.sort(key=lambda f: (codes.index(f.inspection_code) if codes else 0, _SHOWN.index(f.state)))
    inspection = ""
    for finding in chosen[: wanted.most]:
        if wanted.by is not None and finding.inspection_code != inspection:
            inspection = finding.inspection_code
            yield _item(speaker, wanted.by, finding)
        yield _item(speaker, wanted.item, finding)
    left = len(chosen) - wanted.most
    if left > 0 and wanted.others and register.complete_to is not None:
        yield speaker.fill(
            wanted.others, count=Counted(speaker.trace, f"{known}, không nêu từng nội dung", left)
        )


def _counted(
    speaker: Speaker,
    wanted: Findings,
    register: Register,
    complete_to: date,
    chosen: Sequence[Finding],
    known: str,
) -> str:
    """Return how many findings there are and in which state, and how far a register reaches that lags behind."""
    counts: dict[str, Counted] = {
        state: Counted(
            speaker.trace, f"{known}, {STATES[state]}", sum(finding.state == state for finding in chosen)
        )
        for state in STATES
    }
    count = Counted(speaker.trace, known, len(chosen))
    behind = f"sổ theo dõi có đến ngày {_day(complete_to)}" if complete_to < register.day else ""
    return speaker.fill(wanted.say, count=count, as_of=_day(register.day), behind=behind, **counts)


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
