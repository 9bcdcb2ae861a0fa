"""What every DAG promises, checked on what Airflow really loaded."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from dags.processes import ROOT, airflow_environment, run_json

DAG_IDS = {
    "sync_units",
    "load_warehouse",
    "publish_indicators",
    "replay_sources",
    "maintain_warehouse",
    "close_period",
    "decide_deliveries",
    "send_messages",
}
NIGHT = ("sync_units", "load_warehouse", "publish_indicators")
HOSTS = [
    h["code"] for h in yaml.safe_load((ROOT / "include/catalogue/hosts.yaml").read_text(encoding="utf-8"))
]


def test_exactly_the_dags_of_the_night_load(described: Any) -> None:
    assert described["import_errors"] == {}
    assert set(described["dags"]) == DAG_IDS


@pytest.mark.parametrize("dag_id", sorted(DAG_IDS))
def test_a_dag_is_wiring_with_limits_and_a_runbook(described: Any, dag_id: str) -> None:
    dag = described["dags"][dag_id]
    path = Path(dag["file"])
    assert path.name == f"{dag_id}.py"
    assert len(path.read_text(encoding="utf-8").splitlines()) < 120
    assert dag["catchup"] is False
    assert dag["max_active_runs"] == 1
    assert dag["run_limit"]
    assert "cchc" in dag["tags"]
    assert "### What it does" in dag["doc"]
    assert "### When it fails" in dag["doc"]
    for task_id, task in dag["tasks"].items():
        assert task["limit"], f"{dag_id}.{task_id} may run for ever"
        assert task["limit"] < dag["run_limit"], f"{dag_id}.{task_id} may outlive its run"
        assert task["owner"] == "cchc"
        assert task["policy"], f"{dag_id}.{task_id} retries whatever the error"
        assert task["docs"], f"{dag_id}.{task_id} does not say what it does"


def test_parsing_loads_nothing_heavy(described: Any) -> None:
    assert described["already_loaded"] == []
    assert described["loaded_at_parse"] == []


def test_the_night_is_scheduled_in_local_time_and_never_made_up_for(described: Any) -> None:
    timetable = described["dags"]["sync_units"]["timetable"]
    assert "30 1 * * *" in timetable
    assert "Asia/Ho_Chi_Minh" in timetable
    assert (
        "datetime.timedelta(0)" in timetable
    )  # run_immediately: a fresh installation starts no night by itself


def test_the_dags_are_chained_by_assets(described: Any) -> None:
    dags = described["dags"]
    assert dags["sync_units"]["tasks"]["staged"]["outlets"] == ["cchc://staging/"]
    assert "cchc://staging/" in dags["load_warehouse"]["timetable"]
    assert dags["load_warehouse"]["tasks"]["one_run.load"]["outlets"] == ["cchc://warehouse/"]
    assert dags["replay_sources"]["tasks"]["replay"]["outlets"] == ["cchc://warehouse/"]
    assert "cchc://warehouse/" in dags["publish_indicators"]["timetable"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_vendors_server_has_its_own_pool_and_limit(described: Any, host: str) -> None:
    tasks = described["dags"]["sync_units"]["tasks"]
    pull = tasks[f"{host}.pull"]
    assert pull["pool"] == f"cchc_{host}"
    assert pull["mapped"]
    assert pull["at_once"]
    assert pull["retries"] == 2
    assert "title" in pull["title"]


def test_one_failed_source_stops_nothing(described: Any) -> None:
    tasks = described["dags"]["sync_units"]["tasks"]
    assert tasks["staged"]["trigger"] == "TriggerRule.ALL_DONE"
    assert set(tasks["staged"]["upstream"]) == {"open_run", *(f"{host}.pull" for host in HOSTS)}
    assert described["dags"]["sync_units"]["leaves"] == [
        "failure_budget"
    ]  # the only task that colours the run


def test_a_closing_says_how_it_ended_and_outlives_an_answer_that_came_too_soon(described: Any) -> None:
    dag = described["dags"]["close_period"]
    assert dag["leaves"] == ["outcome"]
    assert (
        dag["tasks"]["outcome"]["trigger"] == "TriggerRule.ALL_DONE"
    )  # also after a freeze that was skipped
    assert dag["tasks"]["outcome"]["upstream"] == ["freeze"]
    assert dag["tasks"]["approve"]["retries"] == 2
    assert dag["tasks"]["outcome"]["retries"] == 0


def test_every_pool_a_task_names_is_written_by_the_pools_command(described: Any, tmp_path: Path) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "cchc.airflow.pools"],
        env=airflow_environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    pools = json.loads(printed.stdout)
    named = {task["pool"] for dag in described["dags"].values() for task in dag["tasks"].values()}
    assert named - {"default_pool"} == set(pools)
    assert all(pool["slots"] >= 1 and pool["description"] for pool in pools.values())


def test_a_broken_catalogue_is_an_import_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "hosts.yaml").write_text("- {code: 1, connection: x}\n", encoding="utf-8")
    seen = run_json("describe_dags.py", airflow_environment(tmp_path, CCHC_CATALOGUE=str(tmp_path)))
    assert set(seen["dags"]) == DAG_IDS - {"sync_units"}  # it alone has a pull a host
    (message,) = seen["import_errors"].values()
    assert "hosts.yaml is wrong" in message


def test_the_plugins_add_two_entries_with_their_pages_links_and_a_deadline(described: Any) -> None:
    assert described["plugin_errors"] == {}
    nothing: dict[str, Any] = {"entries": [], "apps": [], "links": [], "deadlines": []}
    top = {"destination": "nav", "nav_top_level": True}
    grid = {"name": "Nhận số liệu", "url_route": "cchc-grid", "bundle_url": "cchc-grid/mo.js", **top}
    portal = {"name": "CCHC", "url_route": "cchc", "bundle_url": "cchc/mo.js", **top}
    assert described["plugins"] == {
        "cchc_deadline": {**nothing, "deadlines": ["NextTimeOfDay"]},
        "cchc_grid": {
            **nothing,
            "entries": [grid],
            "apps": ["/cchc-grid"],
        },
        "cchc_portal": {
            **nothing,
            "entries": [portal],
            "apps": ["/cchc"],
            "links": ["Trang số liệu", "Nhận số liệu"],
        },
    }
    served = ("cchc.airflow.pages.app", "cchc.airflow.pages.portal", "cchc.airflow.pages.login")
    assert not set(served) & set(described["loaded_by_plugins"])


def test_plugin_files_have_names_of_their_own() -> None:
    files = {p.stem for p in (ROOT / "plugins").glob("*.py")}
    # Airflow runs every file here as a top-level module of its name
    assert files == {"cchc_portal_plugin", "cchc_grid_plugin", "cchc_deadline_plugin"}


def test_runbooks_that_dag_docs_name_exist() -> None:
    docs = ROOT / "include/cchc/airflow/docs"
    assert {p.stem for p in docs.glob("*.md")} == DAG_IDS
    for page in (*docs.glob("*.md"), *(ROOT / "docs/runbooks").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r"docs/runbooks/([a-z_]+\.md)", text) + re.findall(
            r"\]\(([a-z_]+\.md)\)", text
        ):
            assert (ROOT / "docs/runbooks" / name).exists(), f"{page.name} names {name}"


def test_commands_that_runbooks_name_exist() -> None:
    from click import Group

    from cchc.cli import app

    for page in (ROOT / "docs/runbooks").glob("*.md"):
        for command in re.findall(
            r"`(?:docker compose exec worker )?cchc ((?:[a-z]+ ?)+)", page.read_text("utf-8")
        ):
            group: Any = app
            for word in command.split():
                assert word in group.commands, f"{page.name}: cchc {command}"
                group = group.commands[word]
                if not isinstance(group, Group):
                    break


@pytest.mark.parametrize("dag_id", NIGHT)
def test_the_night_is_due_at_an_hour_and_the_ledger_is_asked_then(described: Any, dag_id: str) -> None:
    assert described["dags"][dag_id]["deadline"] == [
        [{"reference_type": "NextTimeOfDay", "at": "06:00"}, "cchc.airflow.deadline.ask"]
    ]


def test_only_the_night_is_due(described: Any) -> None:
    assert [name for name, dag in described["dags"].items() if dag["deadline"]] == sorted(NIGHT)


def test_people_are_asked_about_one_delivery_each_and_nobody_need_answer(described: Any) -> None:
    dags = described["dags"]
    assert dags["load_warehouse"]["tasks"]["one_run.held"]["outlets"] == ["cchc://held/"]
    assert dags["load_warehouse"]["tasks"]["one_run.held"]["upstream"] == ["one_run.load", "runs"]
    decide = dags["decide_deliveries"]
    assert "cchc://held/" in decide["timetable"]
    assert decide["tasks"]["one_delivery.carry_out"]["upstream"] == ["held", "one_delivery.ask"]
    assert decide["tasks"]["one_delivery.ask"]["limit"] < 24 * 3600  # the next night asks again
