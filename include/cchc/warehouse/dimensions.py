"""Bring the warehouse's units and sources to what the catalogue says."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection, Engine, text

from cchc.catalogue.models import Catalogue
from cchc.warehouse import names
from cchc.warehouse.sql import query

_LOCK = text("select pg_advisory_xact_lock(hashtextextended('cchc dimensions', 0))")


def sync(engine: Engine, catalogue: Catalogue) -> None:
    """Write units with their validity, their codes in other systems, their edges, and the sources; idempotent.

    A unit's facts stay when it leaves the catalogue; its name and validity do not. A source that leaves keeps its
    on-time rule. Where a source came, went, or has another rule or place, its unit's dossiers are counted again.
    """
    units = [
        {
            "unit_code": u.code,
            "valid_from": u.valid_from,
            "valid_to": u.valid_to,
            "name": u.name,
            "unit_group": u.group,
            "parent_code": u.parent,
        }
        for u in catalogue.units
    ]
    codes = [
        {"code_system": system, "code": code, "valid_from": u.valid_from, "unit_code": u.code}
        for u in catalogue.units
        for system, code in u.codes.items()
    ]
    edges = [edge.model_dump() for edge in catalogue.edges]
    places: Counter[str] = Counter()
    sources = []
    for s in catalogue.sources.values():
        has_dossiers = "dossier" in catalogue.profile_of(s).datasets
        places[s.unit] += has_dossiers
        sources.append(
            {
                "source_code": s.code,
                "unit_code": s.unit,
                "profile_code": s.profile,
                "kind": catalogue.profile_of(s).kind,
                "title": s.title,
                "on_time_rule": catalogue.profile_of(s).on_time_rule,
                "expected": s.expected,
                "listed": places[s.unit] if has_dossiers else None,
            }
        )
    with engine.begin() as connection:
        connection.execute(_LOCK)
        before = _counted_by(connection)
        for rules in ("forget_rules", "ask_rules"):
            connection.execute(query(f"dimensions/{rules}"), {"rules": sorted(catalogue.asked_rules())})
        stocks = [m for m in catalogue.measures.values() if m.kind == "stock"]
        connection.execute(
            query("dimensions/stock_measures"),
            {"measures": [m.code for m in stocks], "datasets": [m.dataset for m in stocks]},
        )
        names.sync(connection, catalogue)
        connection.execute(query("dimensions/clear"))
        for name, rows in (("unit", units), ("unit_code", codes), ("unit_edge", edges), ("source", sources)):
            if rows:
                connection.execute(query(f"dimensions/{name}"), rows)
        connection.execute(
            query("dimensions/retire_sources"), {"sources": [s["source_code"] for s in sources]}
        )
        changed = {unit for _, unit, *_ in before ^ _counted_by(connection)}
        connection.execute(query("dimensions/stale_marts"), {"units": sorted(changed)})


def _counted_by(connection: Connection) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in connection.execute(query("dimensions/sources"))}
