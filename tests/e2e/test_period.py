"""A period is closed by a person: the DAG asks, waits, and freezes in the name of who approved."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from cchc.warehouse import embedded
from cchc.warehouse.engine import connect, url
from demo.place import USER
from e2e.conftest import DAY
from e2e.stack import Stack, wait_for


def _path(run: str) -> str:
    return f"/api/v2/dags/close_period/dagRuns/{run}"


def _tasks(stack: Stack, run: str) -> dict[str, str]:
    found = stack.airflow._call("GET", f"{_path(run)}/taskInstances")["task_instances"]
    return {ti["task_id"]: ti["state"] for ti in found}


def _tries(stack: Stack, run: str, task: str) -> int:
    return int(stack.airflow._call("GET", f"{_path(run)}/taskInstances/{task}")["try_number"])


def _question(stack: Stack, run: str) -> dict[str, Any] | None:
    """Return the question if one waits for an answer."""
    found = stack.airflow._call("GET", f"{_path(run)}/hitlDetails")["hitl_details"]
    return found[0] if found and not found[0]["response_received"] else None


def _ask(stack: Stack, run: str) -> dict[str, Any]:
    """Start a closing and return its question, once it is asked."""
    if not stack.ask(
        f"select 1 from ops.run where reporting_day = '{DAY}' and state is distinct from 'running'"
    ):
        stack.night("before_closing")
    stack.airflow.pause("close_period", False)
    stack.airflow.trigger("close_period", run, {"period": "2026-11"})
    question: dict[str, Any] = wait_for("question", lambda: _question(stack, run), 180)
    return question


def _approve_or_reject(stack: Stack, run: str, option: str) -> None:
    path = f"{_path(run)}/taskInstances/approve/-1/hitlDetails"
    stack.airflow._call("PATCH", path, {"chosen_options": [option], "params_input": {}})


def _answer(stack: Stack, run: str, option: str) -> str:
    """Answer, again if the question is asked again, and return how the run ended."""

    def ended() -> str | None:
        if _question(stack, run):
            stack.scheduler_goes_round()
            _approve_or_reject(stack, run, option)
        state = stack.airflow.run_state("close_period", run)
        return state if state in ("success", "failed") else None

    return str(wait_for("end of close_period", ended, 240))


def _said(stack: Stack, run: str) -> str:
    path = f"{_path(run)}/taskInstances/outcome/xcomEntries/return_value"
    return str(stack.airflow._call("GET", path)["value"])


def test_what_is_rejected_is_not_frozen_and_what_is_approved_is(stack: Stack) -> None:
    question = _ask(stack, "closing_1")
    assert question["subject"] == "Chốt số liệu kỳ 2026-11"
    assert "số liệu, trong đó" in question["body"]
    assert "kỳ vẫn để mở" in question["body"]
    assert _answer(stack, "closing_1", "Reject") == "success", _tasks(stack, "closing_1")
    assert _tasks(stack, "closing_1")["freeze"] == "skipped"
    assert _said(stack, "closing_1") == f"Kỳ 2026-11 vẫn để mở, không số nào bị chốt: {USER} không đồng ý."
    assert stack.ask("select count(*) from publish.closed_period") == [0]

    _timed_out(stack)

    # Answered as soon as it is asked: Airflow takes it, or gives that try up and asks again (dags/close_period.py).
    # Either will do, as long as the answer that counts freezes, and freezes once.
    _ask(stack, "closing_2")
    _approve_or_reject(stack, "closing_2", "Approve")
    assert _answer(stack, "closing_2", "Approve") == "success", _tasks(stack, "closing_2")
    assert stack.ask("select period, revision, closed_by, note from publish.closed_period") == [
        ("2026-11", 0, USER, "Airflow closing_2")
    ]
    assert _said(stack, "closing_2") == f"Kỳ 2026-11 đã được chốt: bản 0, người chốt {USER}."
    assert stack.ask("select count(*) > 0 from publish.closed_value where value is not null") == [True]
    assert stack.ask("select count(*) > 0 from publish.closed_record") == [True]


def _timed_out(stack: Stack) -> None:
    """Nobody answers: the time is set back in Airflow's own table, its scheduler does the rest."""
    _ask(stack, "closing_late")
    engine = connect(url(embedded.dsn(stack.place.home / "postgres", "airflow")))
    past = text(
        "update task_instance set trigger_timeout = now() - interval '1 minute'"
        " where run_id = 'closing_late' and task_id = 'approve' and state = 'awaiting_input'"
    )

    def ended() -> bool:
        if _question(stack, "closing_late"):
            stack.scheduler_goes_round()
            with engine.begin() as connection:
                connection.execute(past)
        return stack.airflow.run_state("close_period", "closing_late") in ("success", "failed")

    wait_for("end", ended, 240)
    engine.dispose()
    assert stack.airflow.run_state("close_period", "closing_late") == "failed"
    assert _tasks(stack, "closing_late") == {
        "preview": "success",
        "approve": "failed",
        "freeze": "upstream_failed",
        "outcome": "failed",
    }
    # asking again for another week is not what anyone wants; one try may be lost as in `closing_2`
    assert _tries(stack, "closing_late", "approve") < 3
    logs = "\n".join(p.read_text(encoding="utf-8") for p in stack.place.home.rglob("*outcome*/*.log"))
    assert "Kỳ 2026-11 vẫn để mở, không số nào bị chốt: không có ai trả lời đến hết hạn" in logs
    assert stack.ask("select count(*) from publish.closed_period") == [0]
