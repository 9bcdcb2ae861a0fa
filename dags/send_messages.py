"""Every hour: send what waits in the outbox, because quiet hours are over or a server could not be reached."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from cchc.airflow.defaults import TAGS, at, runbook, task_defaults


@task
def send() -> int:
    """Send what is due; returns how many messages went out."""
    from cchc import night

    return night.send_waiting()


@dag(
    schedule=at("5 * * * *"),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=50),
    default_args=task_defaults(timedelta(minutes=45)),
    tags=[*TAGS, "hourly"],
    doc_md=runbook("send_messages"),
)
def send_messages() -> None:
    """One task; the work is in `cchc.alerting.outbox`."""
    send()


send_messages()
