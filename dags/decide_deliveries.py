"""After a night with held deliveries, or by hand: ask an engineer about each of them and do what was decided."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, get_current_context, task, task_group

from cchc.airflow import params
from cchc.airflow.assets import HELD
from cchc.airflow.decisions import APPROVE, LATER, REJECT, Question
from cchc.airflow.defaults import TAGS, runbook, shown_as, task_defaults

_PATIENCE = timedelta(hours=22)  # the next night asks again


@task(multiple_outputs=False)
def held() -> list[dict[str, str]]:
    """List the deliveries that wait for a decision, as questions to people."""
    from cchc.airflow import decisions

    return decisions.questions()


@task(multiple_outputs=False, map_index_template=shown_as("task.op_args[1]"))
def carry_out(delivery_id: str, subject: str, answer: dict[str, Any]) -> str:
    """Write down what was decided and by whom; load what was approved; skipped where nothing was decided."""
    from cchc.airflow import decisions

    return decisions.carry_out(delivery_id, subject, answer, get_current_context())


@task_group
def one_delivery(delivery_id: str, subject: str, body: str) -> None:
    """Ask about one delivery and do what was decided, whatever becomes of the others."""
    question = Question(
        task_id="ask",
        subject=subject,
        body=body,
        options=[APPROVE, REJECT, LATER],
        defaults=LATER,  # where nobody answers nothing is decided
        params={"reason": params.reason()},
        response_timeout=_PATIENCE,
        execution_timeout=None,
        retries=5,  # asked again: without a reason, or answered before Airflow saw it waiting (see close_period)
        retry_delay=timedelta(seconds=5),
        map_index_template="{{ task.subject }}",
        doc_md="Waits for a person under Required Actions; without an answer nothing is decided.",
    )
    carry_out(delivery_id, subject, question.output)


@dag(
    schedule=[HELD],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=_PATIENCE + timedelta(hours=2),
    default_args=task_defaults(timedelta(hours=1)),
    tags=[*TAGS, "by-hand"],
    doc_md=runbook("decide_deliveries"),
)
def decide_deliveries() -> None:
    """List, ask, carry out."""
    one_delivery.expand_kwargs(held())


decide_deliveries()
