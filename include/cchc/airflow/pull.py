"""What a pull task does around `night.pull_source`: which sources, which try, which colour."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any
from uuid import UUID

from airflow.sdk.exceptions import AirflowFailException

from cchc import night
from cchc.airflow.connections import resolve
from cchc.airflow.links import lead_to_unit
from cchc.airflow.said import of_overtaken, of_source, say
from cchc.errors import Overtaken
from cchc.ops import ledger
from cchc.warehouse.engine import engine


def sources_on(run_id: UUID, host: str | None) -> list[dict[str, str]]:
    """Return code and title (code and unit name) of the run's sources on a host, or of those without one."""
    known = night.catalogue()
    chosen = [known.sources[code] for code in night.sources_of(run_id)]
    return [
        {"code": source.code, "title": f"{source.code} · {known.unit(source.unit).name}"}
        for source in chosen
        if source.host == host
    ]


def pull_one(
    run_id: UUID, source: Mapping[str, str], context: MutableMapping[str, Any]
) -> dict[str, str | int]:
    """Pull one source, have its task say what came of it and lead to its unit, and return its summary.

    While tries are left, a server that is down raises `SourceUnavailable`, and Airflow tries again later. The
    outcome row is in the ledger in any case, so a source that failed or is held only turns its own task red.
    So does a pull that was begun anew meanwhile or comes after its run was judged; it leaves everything as it is.
    """
    code, ti = source["code"], context["ti"]
    day = ledger.run(engine(), run_id).reporting_day
    lead_to_unit(context, night.catalogue().sources[code].unit, day.isoformat())
    try:
        outcome = night.pull_source(run_id, code, resolve, final=ti.try_number > ti.max_tries)
    except Overtaken as error:
        say(context, of_overtaken(source["title"], code))
        raise AirflowFailException(str(error)) from error
    say(context, of_source(source["title"], outcome))
    if outcome.state in ("failed", "held"):
        raise AirflowFailException(outcome.message or f"{code}: {outcome.state}")
    return outcome.summary()
