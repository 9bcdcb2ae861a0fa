"""What the tasks of `close_period` do: the period as its form names it, and the person who approved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cchc import night
from cchc.indicators import periods
from cchc.publishing import closing


def _period(context: Mapping[str, Any]) -> periods.Period:
    asked = context["params"]
    return periods.parse(asked["period"], asked["calendar"])


def preview(context: Mapping[str, Any]) -> str:
    """Return what would be frozen, for the person who approves (Vietnamese, Markdown)."""
    return closing.preview(night.ready_warehouse(), night.catalogue(), _period(context))


def freeze(context: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Freeze the revision in the name of who approved and return it as `2026-11 0`.

    The revision carries the id of the DAG run: the same run, killed and tried again, finds it and freezes no second.
    """
    period = _period(context)
    engine = night.ready_warehouse()
    mark = f"Airflow {context['dag_run'].run_id}"
    for row in closing.revisions(engine, period):
        if row.note == mark:
            return f"{period.label} {row.revision}"
    user = answer.get("responded_by_user") or {}
    by = str(user.get("name") or user.get("id") or "")
    closed = closing.close(engine, night.catalogue(), period, by, mark)
    return f"{period.label} {closed.revision}"
