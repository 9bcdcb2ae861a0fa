"""After the load: publish the release, copy it to its sites, send the digests, close the run by the failure budget."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import TriggerRule, dag, get_current_context, task, task_group

from cchc.airflow import params
from cchc.airflow.assets import WAREHOUSE, Run, announced_runs, run_uuid
from cchc.airflow.deadline import the_night_is_due
from cchc.airflow.defaults import TAGS, runbook, shown_as, task_defaults

_BY_DAY = shown_as("task.op_args[0]['day']")


@task(multiple_outputs=False)
def runs() -> list[Run]:
    """List the runs to publish: one as a rule, more when events waited."""
    return announced_runs(get_current_context(), WAREHOUSE)


@task(trigger_rule=TriggerRule.ALL_DONE, map_index_template=_BY_DAY, multiple_outputs=False)
def review(run: Run) -> dict[str, int]:
    """Mark each unit's data and ask what patterns in the numbers raise as questions; nothing of it is public."""
    from cchc import night

    return night.review_data(run_uuid(run))


@task(trigger_rule=TriggerRule.ALL_DONE, map_index_template=_BY_DAY)
def publish(run: Run) -> str:
    """Publish the release of the run's reporting day, complete or not at all; returns its id."""
    from cchc import night
    from cchc.airflow.links import lead_to_release

    release = night.publish(run_uuid(run))
    lead_to_release(get_current_context(), release)
    return release


@task(trigger_rule=TriggerRule.ALL_DONE, map_index_template=_BY_DAY, multiple_outputs=False)
def deliver(run: Run) -> dict[str, str]:
    """Copy what is published to the sites people read; returns which release each of them shows."""
    from cchc import night

    return night.deliver()


@task(trigger_rule=TriggerRule.ALL_DONE, map_index_template=_BY_DAY)
def digest(run: Run) -> int:
    """Tell each person once what to mend, also when nothing could be published; returns the messages sent."""
    from cchc import night

    return night.send_digest(run_uuid(run))


@task(trigger_rule=TriggerRule.ALL_DONE, retries=0, map_index_template=_BY_DAY, multiple_outputs=False)
def failure_budget(
    run: Run,
    release: str | None,
    delivered: dict[str, str] | None,
    reviewed: dict[str, int] | None,
    messages: int | None,
) -> dict[str, Any]:
    """Close the run; red when it is over budget or a step before did not end well."""
    from cchc import night
    from cchc.airflow.budget import judge

    steps = {"publish": release, "deliver": delivered, "review": reviewed, "digest": messages}
    return judge(get_current_context(), night.close_run(run_uuid(run)), steps)


@task_group
def one_run(run: Run) -> None:
    """Wire the steps of one run."""
    reviewed, release, delivered, messages = review(run), publish(run), deliver(run), digest(run)
    reviewed >> release >> delivered >> messages  # the office's pages show the marks of the night
    failure_budget(run, release, delivered, reviewed, messages)


@dag(
    schedule=[WAREHOUSE],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    deadline=the_night_is_due(),
    default_args=task_defaults(timedelta(minutes=30)),
    params={"run_id": params.run_id()},
    tags=[*TAGS, "nightly"],
    doc_md=runbook("publish_indicators"),
)
def publish_indicators() -> None:
    """Work on every run that was announced."""
    one_run.expand(run=runs())


publish_indicators()
