"""By hand, when a period is over: show its numbers, wait for a person's word, freeze them, say what became of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule, dag, get_current_context, task

from cchc.airflow import params
from cchc.airflow.defaults import TAGS, runbook, task_defaults
from cchc.airflow.retries import RETRIES

_PATIENCE = timedelta(days=7)
_NOBODY_ANSWERED = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception="airflow.providers.standard.exceptions.HITLTriggerEventError",
            action=RetryAction.FAIL,
            reason="nobody answered in time: the period stays open",
        )
    ]
)


@task(multiple_outputs=False)
def preview() -> str:
    """Work out what would be frozen and what is missing; fails for a period that cannot be closed."""
    from cchc.airflow import closing

    return closing.preview(get_current_context())


@task(multiple_outputs=False)
def freeze(answer: dict[str, Any]) -> str:
    """Freeze the revision in the name of the person who approved; skipped where that person rejected it."""
    from cchc.airflow import closing

    return closing.freeze(get_current_context(), answer)


@task(trigger_rule="all_done", retries=0)
def outcome() -> str:
    """Say whether the period is closed or stays open; fails where it stays open and nobody said that it should."""
    from cchc.airflow import closing

    return closing.outcome(get_current_context())


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
    """Preview, approve, freeze, say how it ended; what is rejected is not frozen.

    `approve` has retries for a bug of Airflow's (3.3.2): whoever answers before the scheduler has read that the asking
    process ended has the task queued again under the same try, the scheduler takes that old end for the new one's and
    fails the task as "changed externally" (`SchedulerJobRunner.process_executor_events` lets only `scheduled` pass,
    not `queued`). Nothing here can come between the two. The next try asks again; the first answer is lost.
    """
    approve = HITLOperator(  # not ApprovalOperator: that skips what follows before its own answer can be read there
        task_id="approve",
        options=["Approve", "Reject"],
        subject="Chốt số liệu kỳ {{ params.period }}",
        body="{{ ti.xcom_pull(task_ids='preview') }}",
        response_timeout=_PATIENCE,
        execution_timeout=None,
        retries=RETRIES,
        retry_delay=timedelta(seconds=5),
        retry_policy=_NOBODY_ANSWERED,
        doc_md="Waits for a person: Approve freezes in that person's name, Reject leaves everything as it is.",
    )
    preview() >> approve
    freeze(approve.output) >> outcome()


close_period()
