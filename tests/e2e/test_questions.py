"""What waits for people: held deliveries are asked about, and decided once; a night that is not done is told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import requests
from sqlalchemy import text

from cchc.quality import deliveries
from cchc.warehouse import embedded
from cchc.warehouse.engine import connect, url
from demo.place import USER
from e2e.conftest import DAY
from e2e.stack import Stack, wait_for

NEXT = DAY + timedelta(days=1)
SILENT = ("snv-motcua", "stp-motcua")
_OF_LOST = "dagrun_id in (select id from dag_run where run_id = 'lost')"
RUNS = "/api/v2/dags/decide_deliveries/dagRuns"


def _metadata(stack: Stack, statement: str) -> Any:
    """Look into Airflow's own tables, or set a time back in them; its scheduler does the rest."""
    engine = connect(url(embedded.dsn(stack.place.home / "postgres", "airflow")))
    with engine.begin() as connection:
        answer = connection.execute(text(statement))
        found = answer.scalar() if answer.returns_rows else None
    engine.dispose()
    return found


def _questions(stack: Stack) -> dict[str, dict[str, Any]]:
    """Return the questions of the newest run that wait for an answer, by subject."""
    runs = stack.airflow.runs("decide_deliveries")
    if not runs:
        return {}
    found = stack.airflow._call("GET", f"{RUNS}/{runs[0][0]}/hitlDetails")["hitl_details"]
    return {
        asked["subject"]: asked
        for asked in found
        if not asked["response_received"] and asked["task_instance"]["state"] == "awaiting_input"
    }


def _answer(stack: Stack, asked: dict[str, Any], option: str, reason: str) -> None:
    ti = asked["task_instance"]
    path = f"{RUNS}/{ti['dag_run_id']}/taskInstances/{ti['task_id']}/{ti['map_index']}/hitlDetails"
    stack.airflow._call("PATCH", path, {"chosen_options": [option], "params_input": {"reason": reason}})


def _decisions(stack: Stack) -> dict[str, str]:
    """Return what the newest run's decisions are shown as, and their states."""
    run = stack.airflow.runs("decide_deliveries")[0][0]
    found = stack.airflow._call("GET", f"{RUNS}/{run}/taskInstances?limit=100")["task_instances"]
    return {ti["rendered_map_index"]: ti["state"] for ti in found if ti["task_id"].endswith("carry_out")}


def test_held_deliveries_are_asked_about_and_decided_once(stack: Stack) -> None:
    if not stack.ask(f"select 1 from publish.release where reporting_day >= '{DAY}'"):
        stack.night("before_questions")
    stack.airflow.pause("decide_deliveries", False)
    stack.province.move_to(NEXT)
    for source in SILENT:
        stack.province.misbehave(source, "empty")
    stack.airflow.trigger("sync_units", "silent", {"day": NEXT.isoformat(), "sources": list(SILENT)})
    asked = wait_for("two questions", lambda: len(found := _questions(stack)) == 2 and found, 180)
    assert set(asked) == {"snv-motcua · Sở Nội vụ: hồ sơ", "stp-motcua · Sở Tư pháp: hồ sơ"}
    assert "- Nhận được: 0 bản ghi; lần nạp trước: " in asked["snv-motcua · Sở Nội vụ: hồ sơ"]["body"]

    # somebody is faster at the terminal
    (faster,) = [held for held in deliveries.held(stack.warehouse) if held.source_code == "stp-motcua"]
    deliveries.decide(stack.warehouse, faster.delivery_id, "rejected", "Trần B", "xuất nhầm tháng")

    reasons = dict.fromkeys(asked, "")  # none at first: asked again

    def ended() -> bool:
        if questions := _questions(stack):
            stack.scheduler_goes_round()
        for subject, question in questions.items():
            _answer(stack, question, "Duyệt và nạp", reasons[subject])
            reasons[subject] = "đơn vị xác nhận nghỉ lễ"
        return stack.airflow.runs("decide_deliveries")[0][1] in ("success", "failed")

    wait_for("end of decide_deliveries", ended, 180)
    assert _decisions(stack) == {
        f"snv-motcua · Sở Nội vụ: hồ sơ – ĐÃ DUYỆT, {USER}: đơn vị xác nhận nghỉ lễ": "success",
        "stp-motcua · Sở Tư pháp: hồ sơ – không còn chờ: đã có quyết định khác hoặc số liệu mới hơn": "skipped",
    }
    decided = (
        "select source_code, decision, decided_by, reason from ops.delivery_decision order by source_code"
    )
    assert stack.ask(decided) == [
        ("snv-motcua", "approved", USER, "đơn vị xác nhận nghỉ lễ"),
        ("stp-motcua", "rejected", "Trần B", "xuất nhầm tháng"),
    ]
    state = f"select source_code, state from landing.delivery where window_to = '{NEXT}' order by source_code"
    assert stack.ask(state) == [("snv-motcua", "loaded"), ("stp-motcua", "held")]


def test_the_grid_is_behind_the_login_of_a_real_airflow(stack: Stack) -> None:
    address = f"{stack.airflow.url}/cchc-grid/?to={NEXT}&days=2"
    assert requests.get(address, allow_redirects=False, timeout=60).status_code == 307
    page = stack.airflow._session.get(address, timeout=60)
    assert page.status_code == 200
    assert "stp-motcua: bị giữ" in page.text
    assert 'href="../dags/sync_units/runs/silent"' in page.text


def test_a_night_that_is_not_done_is_told_once(stack: Stack) -> None:
    def told() -> list[str]:
        subjects = [str(mail["subject"]) for mail in stack.province.mail.messages()]
        return [subject for subject in subjects if "đợt đồng bộ đêm chưa xong" in subject]

    assert told() == []
    for dag in ("load_warehouse", "publish_indicators"):  # nobody says which run: they fail, and are not done
        stack.airflow.trigger(dag, "lost", {})
    wait_for(
        "two runs with a deadline",
        lambda: _metadata(stack, f"select count(*) from deadline where {_OF_LOST}") == 2,
        60,
    )
    _metadata(stack, f"update deadline set deadline_time = now() - interval '1 minute' where {_OF_LOST}")
    answered = (
        "select count(*) from callback where state = 'success'"
        f" and id in (select callback_id from deadline where {_OF_LOST})"
    )
    wait_for("two answers", lambda: _metadata(stack, answered) == 2, 60)
    assert len(told()) == 1
