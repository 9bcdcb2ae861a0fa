"""A period is closed by a person: the DAG asks, waits, and freezes in the name of who approved."""

from __future__ import annotations

import time
from typing import Any

from demo.place import USER
from e2e.conftest import DAY, Stack, wait_for


def _ask(stack: Stack, run: str) -> str:
    """Start a closing and return the path of its question, once it is asked."""
    stack.airflow.trigger("close_period", run, {"period": "2026-11"})
    path = f"/api/v2/dags/close_period/dagRuns/{run}"

    def asked() -> dict[str, Any] | None:
        found = stack.airflow._call("GET", f"{path}/hitlDetails")["hitl_details"]
        return found[0] if found else None

    question = wait_for("question", asked, 90)
    assert question["subject"] == "Chốt số liệu kỳ 2026-11"
    assert "số liệu, trong đó" in question["body"]
    task = f"{path}/taskInstances/approve"
    wait_for("task that waits", lambda: stack.airflow._call("GET", task)["state"] == "awaiting_input", 30)
    time.sleep(10)  # the scheduler has yet to hear that the process ended: no person answers within it
    return f"{path}/taskInstances/approve/-1/hitlDetails"


def _answer(stack: Stack, run: str, path: str, option: str) -> str:
    stack.airflow._call("PATCH", path, {"chosen_options": [option], "params_input": {}})
    return str(
        wait_for(
            "end of close_period",
            lambda: (
                (state := stack.airflow.run_state("close_period", run)) in ("success", "failed") and state
            ),
            90,
        )
    )


def test_what_is_rejected_is_not_frozen_and_what_is_approved_is(stack: Stack) -> None:
    if not stack.ask(
        f"select 1 from ops.run where reporting_day = '{DAY}' and state is distinct from 'running'"
    ):
        stack.night("before_closing")
    stack.airflow.pause("close_period", False)
    path = _ask(stack, "closing_1")
    assert _answer(stack, "closing_1", path, "Reject") == "success"
    assert stack.ask("select count(*) from publish.closed_period") == [0]
    path = _ask(stack, "closing_2")
    assert _answer(stack, "closing_2", path, "Approve") == "success"
    assert stack.ask("select period, revision, closed_by, note from publish.closed_period") == [
        ("2026-11", 0, USER, "Airflow closing_2")
    ]
    assert stack.ask("select count(*) > 0 from publish.closed_value where value is not null") == [True]
    assert stack.ask("select count(*) > 0 from publish.closed_record") == [True]
