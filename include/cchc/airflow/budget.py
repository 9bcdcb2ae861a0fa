"""The colour of a DAG run: by the failure budget, and never without the names of the sources that failed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from typing import Any
from uuid import UUID

from airflow.sdk.exceptions import AirflowFailException

from cchc.airflow.said import of_run, say
from cchc.ops.ledger import RunSummary

log = logging.getLogger(__name__)


def judge(
    context: MutableMapping[str, Any], summary: RunSummary, steps: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Log every source that failed and return the run in figures; raises when the budget is overrun.

    `steps` are the results of steps before; one without a result did not end well, which fails the run too.
    The figures are in XCom `run` also when this raises.
    """
    for row in summary.rows:
        if row.source_code in summary.failed:
            log.error("%s: %s at %s: %s", row.source_code, row.state, row.stage, row.message)
    log.info("%s", summary.sentence())
    figures = {
        "run_id": str(summary.run_id),
        "day": summary.reporting_day.isoformat(),
        "state": summary.state,
        "expected": summary.expected,
        "failed": list(summary.failed),
        "allowed": summary.allowed,
    }
    context["ti"].xcom_push("run", figures)
    say(context, of_run(summary))
    broken = [name for name, result in (steps or {}).items() if result is None]
    if broken:
        say(context, f"{of_run(summary)}. HỎNG: {', '.join(broken)}: xem log của tác vụ đó")
        raise AirflowFailException(f"did not end well: {', '.join(broken)}. {summary.sentence()}")
    if summary.state != "success":
        raise AirflowFailException(f"more sources failed than the budget allows: {summary.sentence()}")
    return figures


def close_broken_off(run_id: UUID, context: MutableMapping[str, Any]) -> None:
    """Close a run whose gate or load broke off and send its digests; raises, for the DAG run is to be red."""
    from cchc import night

    summary = night.close_run(run_id)
    sent = night.send_digest(run_id)
    say(
        context,
        f"{summary.reporting_day} – KHÔNG NẠP ĐƯỢC, số liệu cũ giữ nguyên. Cần làm: sửa bước lỗi rồi chạy lại",
    )
    raise AirflowFailException(
        f"the run was not loaded and nothing new is published; {sent} messages sent. {summary.sentence()}"
    )
