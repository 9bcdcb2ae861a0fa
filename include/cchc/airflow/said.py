"""What a run's page says of a task in one line: its name there, which a task may change until it ends.

Airflow's API for tasks (3.3) takes no notes, and a task has no business in Airflow's database; but the name of a mapped
task is rendered again when it ends, also when it fails. So the list of a run's tasks says what failed and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any

from cchc.alerting import words
from cchc.ops.ledger import RunSummary, SourceOutcome

_LONGEST = 250  # of a task's name in Airflow's database; a longer one would fail the task
_SHOWN = 6  # source codes of a list

_MEND = {
    "SourceUnavailable": "thử `cchc source check {0}`; sáng ra vẫn vậy thì gọi đơn vị",
    "SourceRefused": "xin lại tài khoản, đặt AIRFLOW_CONN_… của máy chủ",
    "ContractBroken": "`cchc source check {0}`, sửa profile rồi chạy lại nguồn này",
    "DeliveryHeld": "quyết định ở decide_deliveries hoặc `cchc delivery list`",
    "Interrupted": "tiến trình bị ngắt: chạy lại sync_units với sources = {0}",
}
_OURS = "lỗi của hệ thống tổng hợp: xem log của tác vụ"


def say(context: MutableMapping[str, Any], text: str) -> None:
    """Have the running task shown with this text, where it is `defaults.shown_as`."""
    context["said"] = words.short(text, _LONGEST)


def of_source(title: str, outcome: SourceOutcome) -> str:
    """Return what came of a source, and for one that did not deliver what to do (Vietnamese)."""
    if outcome.state not in ("failed", "held"):
        return f"{title} – {words.count(outcome.received)} bản ghi"
    kind = outcome.error_class or ""
    word = "BỊ GIỮ" if outcome.state == "held" else "LỖI"
    what, _for_the_unit = words.cause(kind)
    return f"{title} – {word}: {what}. Cần làm: {_MEND.get(kind, _OURS).format(outcome.source_code)}"


def of_overtaken(title: str, source_code: str) -> str:
    """Return that a pull may not write any more, and what to do where its source is still missing (Vietnamese)."""
    mend = _MEND["Interrupted"].partition(": ")[2].format(source_code)
    return f"{title} – KHÔNG GHI: đã có lần lấy sau, hoặc đợt này đã chốt. Cần làm: nếu nguồn còn thiếu thì {mend}"


def of_gate(day: str, outcomes: Iterable[SourceOutcome]) -> str:
    """Return what the gate held, and what to do (Vietnamese)."""
    held = [row.source_code for row in outcomes if row.state == "held"]
    if not held:
        return f"{day} – không giữ lần nhận nào"
    return f"{day} – GIỮ {len(held)} nguồn: {_list(held)}. Cần làm: {_MEND['DeliveryHeld']}"


def of_run(summary: RunSummary) -> str:
    """Return how many sources delivered, which did not, what to do, and what left the numbers (Vietnamese)."""
    there = summary.expected - len(summary.failed)
    line = f"{summary.reporting_day} – {there}/{summary.expected} nguồn có số liệu"
    left = _removed(summary.rows)
    if not summary.failed:
        return line + left
    budget = f"cho phép thiếu {summary.allowed}"
    if summary.state == "success":
        return f"{line} ({budget}); thiếu: {_list(summary.failed)}{left}"
    return (
        f"{line}, VƯỢT MỨC ({budget}); thiếu: {_list(summary.failed)}. Cần làm: xem run_over_budget.md{left}"
    )


def _removed(rows: Iterable[SourceOutcome]) -> str:
    """Return what left the numbers or came back, and of which sources most; nothing where nothing did."""
    moved = sorted((r for r in rows if r.removed + r.came_back), key=lambda r: -(r.removed + r.came_back))
    said = words.removed(sum(r.removed for r in moved), sum(r.came_back for r in moved))
    return f"; {said}: {_list(r.source_code for r in moved)}" if said else ""


def _list(codes: Iterable[str]) -> str:
    known = list(codes)
    more = f" và {len(known) - _SHOWN} nguồn khác" if len(known) > _SHOWN else ""
    return ", ".join(known[:_SHOWN]) + more
