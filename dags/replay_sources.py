"""By hand, after a mapping or a rule was mended: rebuild sources from landing files; nothing is pulled."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, get_current_context, task

from cchc.airflow import params
from cchc.airflow.assets import WAREHOUSE, Run, announce
from cchc.airflow.defaults import TAGS, runbook, task_defaults


@task(outlets=[WAREHOUSE], multiple_outputs=False)
def replay() -> Run:
    """Stage the sources' landing files again, gate them and rebuild their rows, one transaction a source."""
    from cchc import mending
    from cchc.airflow.reporting_day import reporting_day

    context = get_current_context()
    day = reporting_day(context)
    run: Run = {"run_id": str(mending.replay(context["params"]["sources"], day)), "day": day.isoformat()}
    announce(context, WAREHOUSE, run)
    return run


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=6),
    default_args=task_defaults(timedelta(hours=5)),
    params={"sources": params.sources(required=True), "day": params.day()},
    tags=[*TAGS, "by-hand"],
    doc_md=runbook("replay_sources"),
)
def replay_sources() -> None:
    """Rebuild; `publish_indicators` follows by the asset."""
    replay()


replay_sources()
