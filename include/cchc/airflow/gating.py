"""What the gate's tasks do around `night.gate`: say what is held, and have people asked about it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from airflow.sdk.exceptions import AirflowSkipException

from cchc import mending, night
from cchc.airflow.assets import Run, run_uuid
from cchc.airflow.said import of_gate, say
from cchc.ops import ledger


def gate_one(run: Run, context: MutableMapping[str, Any]) -> dict[str, str]:
    """Judge a run's batch, have the task say what is held, and return the verdict on each dataset."""
    verdicts = night.gate(run_uuid(run))
    say(context, of_gate(run["day"], ledger.outcomes(night.ready_warehouse(), run_uuid(run))))
    return verdicts


def waiting(run: Run, context: MutableMapping[str, Any]) -> int:
    """Return how many deliveries wait for a person, those of earlier nights included; raises Airflow's skip at none."""
    waits = len(mending.held_deliveries())
    say(context, f"{run['day']} – {waits} lần nhận chờ quyết định")
    if not waits:
        raise AirflowSkipException("nothing is held")
    return waits
