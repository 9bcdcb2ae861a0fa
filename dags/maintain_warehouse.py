"""Every week: drop old staged batches, analyse tables, check landing files against the manifest."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from cchc.airflow.defaults import TAGS, at, runbook, task_defaults


@task(multiple_outputs=False)
def maintain() -> dict[str, int]:
    """Tidy up and check; fails naming the landing files that are damaged or gone."""
    from cchc import mending

    return mending.maintain()


@dag(
    schedule=at("0 9 * * 6"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=4),
    default_args=task_defaults(timedelta(hours=3)),
    tags=[*TAGS, "weekly"],
    doc_md=runbook("maintain_warehouse"),
)
def maintain_warehouse() -> None:
    """One task; the work is in `cchc.ops.upkeep`."""
    maintain()


maintain_warehouse()
