"""The DAGs run for real, without a scheduler: `dag.test()` on Airflow's own tables, three sources, one of them down."""

from __future__ import annotations

import json

from dags.conftest import DOWN, Night
from dags.processes import run_json


def test_sync_pulls_the_others_and_goes_red_over_budget(night: Night) -> None:
    run = night.runs[0]
    pulls = {
        name.partition("[")[2].split(" ")[0]: task for name, task in run["tasks"].items() if ".pull[" in name
    }
    assert {code: task["state"] for code, task in pulls.items()} == {
        "snv-motcua": "success",
        "snv-sotay": "success",
        DOWN: "failed",
    }
    assert pulls[DOWN]["tries"] == 3  # down: tried again, twice
    assert pulls[DOWN]["said"].startswith("LỖI: Không kết nối được với hệ thống của đơn vị. Cần làm: ")
    assert f"`cchc source check {DOWN}`" in pulls[DOWN]["said"]
    assert pulls["snv-sotay"]["said"].endswith(" bản ghi")
    assert run["tasks"]["staged"]["state"] == "success"
    assert run["tasks"]["failure_budget"]["state"] == "failed"  # one of three is more than a tenth
    said = (
        f"2/3 nguồn có số liệu, VƯỢT MỨC (cho phép thiếu 0); thiếu: {DOWN}. Cần làm: xem run_over_budget.md"
    )
    assert run["tasks"]["failure_budget"]["said"] == said
    assert run["state"] == "failed"


def test_a_server_without_sources_this_night_is_skipped(night: Night) -> None:
    skipped = [name for name, task in night.runs[0]["tasks"].items() if task["state"] == "skipped"]
    assert skipped == ["cong766.pull", "truc.pull"]  # small_province has no source on either


def test_what_arrived_is_loaded_and_published(night: Night) -> None:
    load, publish = night.runs[1], night.runs[2]
    assert load["state"] == "success"
    assert load["tasks"]["one_run.gate[2026-11-14]"]["said"] == "không giữ lần nhận nào"
    assert load["tasks"]["one_run.held[2026-11-14]"]["state"] == "skipped"  # and so nobody is asked
    assert load["tasks"]["one_run.broken_off"]["state"] == "skipped"
    states = {name: task["state"] for name, task in publish["tasks"].items()}
    assert states == {
        "runs": "success",
        "one_run.publish[2026-11-14]": "success",
        "one_run.deliver[2026-11-14]": "success",
        "one_run.review[2026-11-14]": "success",
        "one_run.digest[2026-11-14]": "success",
        "one_run.failure_budget[2026-11-14]": "failed",
    }
    assert publish["state"] == "failed"
    (first,) = night.ask("select run_id, state from ops.run where kind = 'sync' order by started_at limit 1")
    assert first[1] == "over_budget"
    outcomes = night.ask(f"select source_code, state from ops.source_outcome where run_id = '{first[0]}'")
    assert dict(outcomes) == {"snv-motcua": "loaded", "snv-sotay": "loaded", DOWN: "failed"}
    assert night.ask("select sources_fresh, sources_expected from publish.release limit 1") == [(2, 3)]


def test_a_single_source_may_be_pulled_alone(night: Night) -> None:
    run = night.runs[3]
    assert run["state"] == "success"
    assert [name for name in run["tasks"] if ".pull[" in name] == ["motcua.pull[snv-motcua · Sở Nội vụ]"]


def test_replay_and_maintenance_end_well(night: Night) -> None:
    assert night.runs[4]["state"] == "success"
    ((state, received),) = night.ask(
        "select o.state, o.received from ops.source_outcome o join ops.run r using (run_id) where r.kind = 'replay'"
    )
    assert state in ("loaded", "unchanged")
    assert received > 0
    assert night.runs[5]["state"] == "success"


def test_nobody_is_asked_where_nothing_is_held(night: Night) -> None:
    states = {name: task["state"] for name, task in night.runs[6]["tasks"].items()}
    assert states == {"held": "success", "one_delivery.ask": "skipped", "one_delivery.carry_out": "skipped"}
    assert night.runs[6]["state"] == "success"


def test_a_load_that_does_not_know_its_run_fails(night: Night) -> None:
    assert night.runs[7]["state"] == "failed"
    assert night.runs[7]["tasks"]["runs"] == {"state": "failed", "tries": 1, "said": "", "leads": ["", ""]}


def test_a_run_that_cannot_be_opened_is_red_at_once(night: Night) -> None:
    run = night.runs[8]
    assert run["state"] == "failed"
    assert run["tasks"]["open_run"]["state"] == "failed"
    assert run["tasks"]["open_run"]["tries"] == 1  # another try would end the same way
    assert run["tasks"]["staged"]["state"] == "failed"  # nothing is announced
    assert run["tasks"]["failure_budget"]["state"] == "upstream_failed"


def test_a_gate_that_breaks_off_closes_the_run_and_tells_the_people(night: Night) -> None:
    ((run_id,),) = night.ask(
        "select run_id from ops.run where reporting_day = '2026-11-13'"  # nobody was told about this day yet
    )
    before = len(night.province.mail.messages())
    night.do("alter table stg.violation rename to violation_away")
    try:
        plan = json.dumps([{"dag": "load_warehouse", "conf": {"run_id": str(run_id)}}])
        (run,) = run_json("run_dags.py", night.environment, plan, seconds=200)
    finally:
        night.do("alter table stg.violation_away rename to violation")
    assert run["state"] == "failed"
    assert {name: task["state"] for name, task in run["tasks"].items()} == {
        "runs": "success",
        "one_run.gate[2026-11-13]": "failed",
        "one_run.load[0]": "upstream_failed",
        "one_run.held[0]": "upstream_failed",
        "one_run.broken_off[2026-11-13]": "failed",
    }
    said = run["tasks"]["one_run.broken_off[2026-11-13]"]["said"]
    assert said == "KHÔNG NẠP ĐƯỢC, số liệu cũ giữ nguyên. Cần làm: sửa bước lỗi rồi chạy lại"
    assert night.ask(f"select state from ops.run where run_id = '{run_id}'") == [("over_budget",)]
    assert len(night.province.mail.messages()) > before
