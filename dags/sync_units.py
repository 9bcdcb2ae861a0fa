"""Every night: pull each source of each unit into staging, server by server. Goes on in `load_warehouse`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import TriggerRule, dag, get_current_context, task, task_group

from cchc.airflow import params
from cchc.airflow.assets import STAGING, Run, announce, run_uuid
from cchc.airflow.deadline import the_night_is_due
from cchc.airflow.defaults import TAGS, at, runbook, shown_as, task_defaults
from cchc.airflow.pools import Lane, lanes


@task(multiple_outputs=False)
def open_run() -> Run:
    """Open the night's run in the ledger for its reporting day."""
    from cchc import night
    from cchc.airflow.reporting_day import reporting_day

    context = get_current_context()
    day = reporting_day(context)
    run_id = night.open_run(day, "sync", context["params"]["sources"] or None)
    return {"run_id": str(run_id), "day": day.isoformat()}


@task(multiple_outputs=False)
def sources(run: Run, host: str | None) -> list[dict[str, str]]:
    """List the run's sources on one server, with the name the grid shows."""
    from cchc.airflow.pull import sources_on

    return sources_on(run_uuid(run), host)


@task(map_index_template=shown_as("task.op_kwargs['source']['title']"), multiple_outputs=False)
def pull(run: Run, source: dict[str, str]) -> dict[str, str | int]:
    """Pull one source into landing and staging; red when it did not deliver, its outcome row says why."""
    from cchc.airflow.pull import pull_one

    return pull_one(run_uuid(run), source, get_current_context())


@task(outlets=[STAGING], trigger_rule=TriggerRule.ALL_DONE)
def staged(run: Run) -> str:
    """Hand the run on, whatever became of its sources: a failed one is published too, as missing data."""
    from cchc import night

    summary = night.after_pull(run_uuid(run))
    announce(get_current_context(), STAGING, run)
    return summary.sentence()


@task(retries=0, multiple_outputs=False, map_index_template=shown_as("task.task_id"))
def failure_budget(run: Run) -> dict[str, Any]:
    """Name the sources that failed; fail the run when they are more than the budget allows."""
    from cchc import night
    from cchc.airflow.budget import judge

    return judge(get_current_context(), night.after_pull(run_uuid(run)))


def pull_lane(lane: Lane, run: Run) -> Any:
    """Wire the pulls from one server: as many at once as its pool has slots, each within its time limit."""

    @task_group(group_id=lane.name)
    def group() -> None:
        limited = pull.override(
            pool=lane.pool,
            max_active_tis_per_dagrun=lane.slots,
            execution_timeout=timedelta(seconds=lane.seconds) + timedelta(minutes=5),
        )
        limited.partial(run=run).expand(source=sources(run, lane.host))

    return group()


@dag(
    schedule=at("30 1 * * *"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=4),
    deadline=the_night_is_due(),
    default_args=task_defaults(timedelta(minutes=15)),
    params={"day": params.day(), "sources": params.sources(required=False)},
    tags=[*TAGS, "nightly"],
    doc_md=runbook("sync_units"),
)
def sync_units() -> None:
    """Open a run, pull its sources, hand it on, judge it."""
    run = open_run()
    pulls = [pull_lane(lane, run) for lane in lanes()]
    pulls >> staged(run) >> failure_budget(run)


sync_units()
