"""The hour by which a night is to be done, as Airflow's own deadline alert.

The alert only asks. Whether the night is done stands in the ledger; who is told of one that is not, and that nobody is
told twice, is known in `cchc.ops.deadline`, which the machine's own clock asks too (`cchc doctor --deadline`). The
triggerer asks, for it has room also when every worker hangs.
"""

from __future__ import annotations

import asyncio
import logging
import os
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert

from cchc.airflow.reporting_day import ZONE
from cchc.errors import ConfigurationError

log = logging.getLogger(__name__)


@dataclass
class NextTimeOfDay(BaseDeadlineReference):  # type: ignore[misc]
    """The next time that clocks in the province show `at`, from the moment a DAG run is created.

    Airflow's own references are moments of one DAG run; the night is three, and is due at an hour.
    """

    at: str = "06:00"

    def _evaluate_with(self, *, session: Any = None, now: datetime | None = None) -> datetime:
        moment = (now or datetime.now(ZONE)).astimezone(ZONE)
        due = datetime.combine(moment.date(), time.fromisoformat(self.at), ZONE)
        return due if due > moment else due + timedelta(days=1)

    def serialize_reference(self) -> dict[str, Any]:
        """Return what Airflow keeps of it."""
        return {"reference_type": self.reference_name, "at": self.at}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> NextTimeOfDay:
        """Return it from what Airflow kept."""
        return cls(reference_data["at"])


def the_night_is_due() -> DeadlineAlert:
    """Return the alert for a DAG of the night, due at CCHC_DEADLINE (06:00 where it is not set).

    Raises `ConfigurationError` where that is not an hour.
    """
    at = os.environ.get("CCHC_DEADLINE", "").strip() or "06:00"
    try:
        time.fromisoformat(at)
    except ValueError:
        raise ConfigurationError(f"CCHC_DEADLINE is {at!r}: an hour such as 06:00 is needed") from None
    return DeadlineAlert(
        name="the night is to be done",
        reference=NextTimeOfDay(at),
        interval=timedelta(0),
        callback=AsyncCallback(ask, {"at": at}),
    )


async def ask(at: str) -> list[str]:
    """Ask the ledger whether the night is done, tell the engineers where it is not, and return what was found."""
    return await asyncio.to_thread(_ask, time.fromisoformat(at))


def _ask(at: time) -> list[str]:
    from cchc.catalogue.load import cached
    from cchc.ops import deadline
    from cchc.settings import settings

    own = settings()
    findings = deadline.check(own, cached(own.catalogue), at, datetime.now(ZONE))
    for finding in findings:
        log.log(
            logging.INFO if finding.level == "ok" else logging.ERROR, "%s: %s", finding.check, finding.message
        )
    return [f"{finding.level} {finding.check}: {finding.message}" for finding in findings]
