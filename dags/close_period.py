"""By hand, when a period is over: show its numbers, wait for a person's word, freeze them as the next revision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import dag, get_current_context, task

from cchc.airflow import params
from cchc.airflow.defaults import TAGS, runbook, task_defaults

_PATIENCE = timedelta(days=7)


@task(multiple_outputs=False)
def preview() -> str:
    """Work out what would be frozen and what is missing; fails for a period that cannot be closed."""
    from cchc.airflow import closing

    return closing.preview(get_current_context())


@task(multiple_outputs=False)
def freeze(answer: dict[str, Any]) -> str:
    """Freeze the revision in the name of the person who approved; a second try finds it done."""
    from cchc.airflow import closing

    return closing.freeze(get_current_context(), answer)


@dag(
    schedule=None,
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=_PATIENCE + timedelta(days=1),
    default_args=task_defaults(timedelta(minutes=30)),
    params={"period": params.period(), "calendar": params.calendar()},
    tags=[*TAGS, "by-hand"],
    doc_md=runbook("close_period"),
)
def close_period() -> None:
    """Preview, approve, freeze; what is rejected is not frozen."""
    approve = ApprovalOperator(
        task_id="approve",
        subject="Chốt số liệu kỳ {{ params.period }}",
        body="{{ ti.xcom_pull(task_ids='preview') }}",
        response_timeout=_PATIENCE,
        execution_timeout=None,
        retries=0,
        doc_md="Waits for a person: Approve freezes in that person's name, Reject leaves everything as it is.",
    )
    preview() >> approve
    freeze(approve.output)


close_period()
