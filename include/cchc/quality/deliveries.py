"""Deliveries that the gate held: which of them wait for a person, and what persons decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Engine

from cchc.catalogue.base import DatasetName
from cchc.errors import ConfigurationError
from cchc.warehouse.sql import query

Decision = Literal["approved", "rejected"]

COLUMNS = (
    ("delivery_id", "Số"),
    ("unit_code", "Đơn vị"),
    ("source_code", "Nguồn"),
    ("dataset", "Loại"),
    ("window_from", "Từ ngày"),
    ("window_to", "Đến ngày"),
    ("received", "Nhận được"),
    ("previous", "Lần trước"),
    ("reason", "Lý do giữ lại"),
    ("pulled_at", "Lấy lúc"),
)


@dataclass(frozen=True)
class Held:
    """A delivery that waits for a decision; counts are records."""

    delivery_id: UUID
    unit_code: str
    source_code: str
    dataset: DatasetName
    window_from: date
    window_to: date
    received: int
    previous: int | None  # of the last delivery that was loaded before it
    held_by: tuple[str, ...]  # rules; none where its dataset could not be judged
    reason: str  # Vietnamese
    pulled_at: datetime


@dataclass(frozen=True)
class Decided:
    """Where a decided delivery belongs: its source, and the run that judged it last."""

    source_code: str
    run_id: UUID
    is_in_core: bool  # loaded, so that a rejection has to take it back


def held(engine: Engine) -> list[Held]:
    """Return the deliveries that wait for a decision, by unit and source.

    Of a source and dataset only the newest pull waits: it covers what an earlier one that was not believed brought.
    """
    with engine.connect() as connection:
        rows = connection.execute(query("decisions/held")).mappings()
        return [Held(**dict(row) | {"held_by": tuple(row["held_by"])}) for row in rows]


def show(engine: Engine, delivery_id: UUID) -> dict[str, Any]:
    """Return all that is known of a delivery, flat: its manifest, what its rows broke, what was decided about it.

    Raises `ConfigurationError` for a delivery that the manifest does not hold.
    """
    this = {"delivery_id": delivery_id}
    with engine.connect() as connection:
        found = connection.execute(query("ops/delivery"), this).mappings().one_or_none()
        if found is None:
            raise ConfigurationError(f"there is no delivery {delivery_id}; see `cchc delivery list`")
        flat = dict(found)
        for row in connection.execute(query("decisions/rows_of_delivery"), this):
            flat[f"rows.{row.rule_code}"] = f"{row.broken}: {row.example}"
        for number, row in enumerate(connection.execute(query("decisions/history"), this), start=1):
            flat[f"decision.{number}"] = (
                f"{row.decided_at:%Y-%m-%d %H:%M} {row.decision} by {row.decided_by}: {row.reason}"
            )
    return flat


def decide(engine: Engine, delivery_id: UUID, decision: Decision, by: str, reason: str) -> Decided:
    """Write down a decision about a delivery that is held, or a rejection of one that was loaded.

    Raises `ConfigurationError` where there is nothing to decide (any more), or `by` or `reason` is empty. What was cut
    off after a decision, a load or the taking back of one, may be decided the same way again.
    """
    by, reason = by.strip(), reason.strip()
    if not by or not reason:
        raise ConfigurationError("a decision needs the name of the person who decides and a reason")
    with engine.begin() as connection:
        found = connection.execute(query("decisions/lock"), {"delivery_id": delivery_id}).one_or_none()
        if found is None:
            raise ConfigurationError(f"there is no delivery {delivery_id}; see `cchc delivery list`")
        before = found.decided or ""
        cut_off = decision == "approved" and found.state == "landed" and before.startswith(decision)
        taken_back = decision == "rejected" and found.is_in_core
        if found.state != "held" and not cut_off and not taken_back:
            said = f" ({before})" if before else ""
            raise ConfigurationError(f"delivery {delivery_id} is not held: it is {found.state}{said}")
        if decision == "rejected" and before.startswith(decision) and not found.is_in_core:
            raise ConfigurationError(f"delivery {delivery_id} was {before} already")
        row = {
            "delivery_id": delivery_id,
            "unit_code": found.unit_code,
            "source_code": found.source_code,
            "decision": decision,
            "decided_by": by,
            "reason": reason,
            "held_because": found.reason or "",
        }
        connection.execute(query("decisions/put"), row)
        if decision == "rejected":
            connection.execute(query("decisions/forget_rows"), {"delivery_id": delivery_id})
        if taken_back:
            back = {"delivery_id": delivery_id, "reason": f"{by}: {reason}"}
            connection.execute(query("decisions/take_back"), back)
    return Decided(found.source_code, found.run_id, found.is_in_core)
