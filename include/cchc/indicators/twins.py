"""Dossiers that stand in more than one system: what becomes of them in the counts, and where the two differ."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from cchc.indicators.sql import query
from cchc.warehouse.datasets import COLUMNS

COLUMNS_SHOWN = (
    ("dossier_code", "Mã hồ sơ"),
    ("unit_code", "Đơn vị"),
    ("source_code", "Nguồn"),
    ("other_unit", "Đơn vị kia"),
    ("other_source", "Nguồn kia"),
    ("counted", "Cách tính"),
    ("differing", "Trường khác nhau"),
)
_COUNTED = {
    "once": "tính một lần, theo nguồn đứng trước trong danh mục",
    "each_system": "tính ở cả hai nguồn: khác thủ tục",
    "each_unit": "tính ở cả hai đơn vị",
}


def twins(connection: Connection, units: Collection[str]) -> list[dict[str, Any]]:
    """Return each pair of records with one dossier code that stand in two systems, where one is of `units`.

    In a unit, records of one code and procedure are one dossier: mỗi hồ sơ một mã (Thông tư 01/2018/TT-VPCP, Điều 19).
    """
    fields = [name for name in COLUMNS["dossier"] if name not in ("dossier_code", "intake")]
    found = connection.execute(query("twins"), {"units": list(units), "fields": fields}).mappings()
    return [
        {**row, "counted": _COUNTED[row["counted"]], "differing": ", ".join(row["differing"])}
        for row in found
    ]
