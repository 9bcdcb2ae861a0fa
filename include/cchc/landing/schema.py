"""What the records of each source have looked like over time, and which new fields a person accepted.

Names and kinds of fields only (`ops.source_field`), never a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine

from cchc.catalogue.profiles import Contract
from cchc.errors import ConfigurationError
from cchc.landing.contract import Shape
from cchc.landing.delivery import Delivery
from cchc.warehouse.sql import query

#: (key, Vietnamese heading) of `history`
HISTORY_COLUMNS = (
    ("dataset", "Loại dữ liệu"),
    ("first_seen", "Từ lúc"),
    ("fingerprint", "Dấu cấu trúc"),
    ("fields", "Số trường"),
    ("added", "Mới thấy"),
)
#: (key, Vietnamese heading) of `fields`
FIELD_COLUMNS = (
    ("dataset", "Loại dữ liệu"),
    ("path", "Trường"),
    ("kinds", "Kiểu"),
    ("first_seen", "Thấy lần đầu"),
    ("last_seen", "Thấy gần nhất"),
    ("is_accepted", "Đã chấp nhận"),
    ("accepted_by", "Người chấp nhận"),
)

Row = dict[str, Any]


def record(connection: Connection, delivery: Delivery, shape: Shape, contract: Contract) -> None:
    """Note what a delivery showed; under `freeze`, what is new waits for a person."""
    pairs = list(shape.pairs())
    values = {
        "unit_code": delivery.unit_code,
        "source_code": delivery.source_code,
        "dataset": delivery.dataset,
        "delivery_id": delivery.delivery_id,
        "seen_at": delivery.pulled_at,
        "paths": [path for path, _ in pairs],
        "kinds": [kind for _, kind in pairs],
        "accepts": contract.policy == "evolve",
    }
    connection.execute(query("contract/record"), values)


def history(engine: Engine, source_code: str) -> list[Row]:
    """Return one row for each delivery that showed something new, by dataset and time."""
    return _rows(engine, "contract/history", {"source_code": source_code})


def fields(engine: Engine, source_code: str) -> list[Row]:
    """Return every field a source has shown, with its kinds and whether it is accepted."""
    return _rows(engine, "contract/fields", {"source_code": source_code})


def accept(engine: Engine, source_code: str, by: str) -> int:
    """Accept every new field of a source and return how many fields and kinds that were.

    Raises `ConfigurationError` where `by` names nobody.
    """
    if not by.strip():
        raise ConfigurationError("accepting a schema needs the name of the person who does")
    with engine.begin() as connection:
        values = {"source_code": source_code, "by": by.strip()}
        return connection.execute(query("contract/accept"), values).rowcount


def _rows(engine: Engine, name: str, values: Mapping[str, Any]) -> list[Row]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query(name), values).mappings()]
