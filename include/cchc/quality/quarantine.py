"""Look into quarantine: which rows are kept out of the numbers, why, and where they stand in the source.

An item is `open` until the source brings the row without that fault (`corrected`), a person lets it be (`waived`: it
stays out of the numbers, and nobody is asked while it is the same), or no delivery shows it any more (`expired`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from cchc.errors import ConfigurationError
from cchc.quality.rules import all_rules
from cchc.warehouse.sql import query

STATES = ("open", "corrected", "waived", "expired")

COLUMNS = (
    ("item_id", "Số"),
    ("unit_code", "Đơn vị"),
    ("source_code", "Nguồn"),
    ("dataset", "Loại"),
    ("record_key", "Bản ghi"),
    ("rule_code", "Quy tắc"),
    ("message", "Lý do"),
    ("page", "Vị trí"),
    ("state", "Tình trạng"),
    ("first_seen", "Thấy lần đầu"),
    ("last_seen", "Thấy gần nhất"),
)


@dataclass(frozen=True)
class Item:
    """One quarantined record under one rule."""

    item_id: int
    unit_code: str
    source_code: str
    dataset: str
    record_key: str
    rule_code: str
    severity: str
    message: str
    page: str
    state: str
    first_seen: datetime
    last_seen: datetime


def find(
    engine: Engine,
    *,
    unit: str | None = None,
    source: str | None = None,
    rule: str | None = None,
    state: str | None = "open",
    limit: int = 200,
) -> list[Item]:
    """Return at most `limit` items that match, newest first; `state=None` for all states."""
    values = {"unit": unit, "source": source, "rule": rule, "state": state, "most": limit}
    with engine.connect() as connection:
        return [Item(**row) for row in connection.execute(query("gate/quarantine_find"), values).mappings()]


def waive(engine: Engine, item_id: int, by: str, reason: str) -> None:
    """Let an open item be, with the name of who says so and why; the row stays out of the numbers.

    Raises `ConfigurationError` where it is not open, or `by` or `reason` is empty.
    """
    by, reason = by.strip(), reason.strip()
    if not by or not reason:
        raise ConfigurationError("a row is waived with the name of the person who says so and a reason")
    values = {"item_id": item_id, "by": by, "reason": reason}
    with engine.begin() as connection:
        done = connection.execute(query("gate/quarantine_waive"), values).one_or_none()
    if done is None:
        raise ConfigurationError(f"there is no open quarantine item {item_id}; see `cchc quarantine list`")


def show(engine: Engine, item_id: int) -> dict[str, Any] | None:
    """Return one item flat: its row field by field (``row.<column>``), its rule's origin, its landing file."""
    with engine.connect() as connection:
        found = (
            connection.execute(query("gate/quarantine_show"), {"item_id": item_id}).mappings().one_or_none()
        )
    if found is None:
        return None
    flat = {key: value for key, value in found.items() if key != "row_data"}
    rule = all_rules().get(flat["rule_code"])
    flat["rule_origin"] = rule.origin if rule else None
    flat |= {f"row.{key}": value for key, value in found["row_data"].items()}
    return flat
