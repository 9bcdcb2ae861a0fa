"""What every DAG of the product has in common."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import CronTriggerTimetable, conf

from cchc.airflow.retries import BY_ERROR_CLASS, RETRIES

TAGS = ("cchc",)
ZONE_NAME = "Asia/Ho_Chi_Minh"
_DOCS = Path(__file__).parent / "docs"


def task_defaults(execution: timedelta) -> dict[str, Any]:
    """Return `default_args`: an owner, a limit on every task, retries by error class."""
    return {
        "owner": "cchc",
        "execution_timeout": execution,
        "retries": RETRIES,
        "retry_delay": _again_after(),
        "retry_policy": BY_ERROR_CLASS,
    }


def _again_after() -> timedelta:
    """Return Airflow's own setting for the wait between tries.

    It is named on every task because the scheduler does not read the setting: it takes 300 s for a task without one.
    """
    return timedelta(seconds=conf.getint("core", "default_task_retry_delay"))


def at(cron: str) -> CronTriggerTimetable:
    """Return a schedule in local time.

    A fresh installation waits for the next time: without the zero, Airflow would at once make up for the last
    one if that is less than a tenth of the interval ago, and a night would start that nobody asked for.
    """
    return CronTriggerTimetable(cron, timezone=ZONE_NAME, run_immediately=timedelta(0))


def shown_as(expression: str) -> str:
    """Return a `map_index_template`: the value of `expression` until the task says more (`said.say`)."""
    return "{{ said if said is defined else " + expression + " }}"


def runbook(dag_id: str) -> str:
    """Return the DAG's documentation: what it does, when it fails, what to do then."""
    return (_DOCS / f"{dag_id}.md").read_text(encoding="utf-8")
