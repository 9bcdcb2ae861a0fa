"""After the pulls: judge the batch, load what passed, refresh the marts. Goes on in `publish_indicators`."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import TriggerRule, dag, get_current_context, task, task_group

from cchc.airflow import params
from cchc.airflow.assets import HELD, STAGING, WAREHOUSE, Run, announce, announced_runs, run_uuid
from cchc.airflow.deadline import the_night_is_due
from cchc.airflow.defaults import TAGS, runbook, shown_as, task_defaults

_BY_DAY = shown_as("task.op_args[0]['day']")


@task(multiple_outputs=False)
def runs() -> list[Run]:
    """List the runs to load: one as a rule, more when events waited."""
    return announced_runs(get_current_context(), STAGING)


@task(map_index_template=_BY_DAY, multiple_outputs=False)
def gate(run: Run) -> dict[str, str]:
    """Check each dataset of the batch once: bad rows to quarantine, deliveries beyond belief held."""
    from cchc.airflow.gating import gate_one

    return gate_one(run, get_current_context())


@task(outlets=[WAREHOUSE], map_index_template=_BY_DAY, multiple_outputs=False)
def load(run: Run) -> dict[str, int]:
    """Load each delivery in one transaction of its own and refresh the marts it touched."""
    from cchc import night

    counts = night.load(run_uuid(run))
    announce(get_current_context(), WAREHOUSE, run)
    return counts


@task(outlets=[HELD], map_index_template=_BY_DAY)
def held(run: Run) -> int:
    """Have people asked about deliveries that are held (`decide_deliveries`); skipped where none is."""
    from cchc.airflow.gating import waiting

    context = get_current_context()
    waits = waiting(run, context)
    announce(context, HELD, run)
    return waits


@task(trigger_rule=TriggerRule.ONE_FAILED, retries=0, map_index_template=_BY_DAY)
def broken_off(run: Run) -> None:
    """Close a run that could not be loaded and tell the people of it; the last release stays published."""
    from cchc.airflow.budget import close_broken_off

    close_broken_off(run_uuid(run), get_current_context())


@task_group
def one_run(run: Run) -> None:
    """Wire the steps of one run."""
    gated, loaded, otherwise = gate(run), load(run), broken_off(run)
    gated >> loaded >> [otherwise, held(run)]
    gated >> otherwise


@dag(
    schedule=[STAGING],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    deadline=the_night_is_due(),
    default_args=task_defaults(timedelta(minutes=90)),
    params={"run_id": params.run_id()},
    tags=[*TAGS, "nightly"],
    doc_md=runbook("load_warehouse"),
)
def load_warehouse() -> None:
    """Work on every run that was announced."""
    one_run.expand(run=runs())


load_warehouse()
