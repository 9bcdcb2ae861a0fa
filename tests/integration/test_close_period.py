"""What `close_period` says in the end, of a real warehouse: closed, left open, or closed before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine

from cchc.airflow import closing as dag
from cchc.indicators import periods
from cchc.publishing import closing
from cchc.settings import settings
from cchc.warehouse import engine as engines
from integration.indicator_facts import watermark
from integration.rows import new_run
from integration.seed_unit import UNIT, catalogue

MONTH = periods.parse("2026-11")


@pytest.fixture
def november(warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return a warehouse after the night that ends November, as the installation's own."""
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", warehouse.url.render_as_string(hide_password=False))
    settings.cache_clear()
    engines.engine.cache_clear()
    new_run(warehouse, date(2026, 11, 14))
    watermark(warehouse, UNIT, "sgddt-motcua", date(2026, 11, 14), "dossier")
    try:
        yield warehouse
    finally:
        engines.engine().dispose()
        settings.cache_clear()
        engines.engine.cache_clear()


def _context(answer: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "params": {"period": "2026-11", "calendar": "report"},
        "dag_run": SimpleNamespace(run_id="by_hand_1"),
        "ti": SimpleNamespace(xcom_pull=lambda task_ids: answer if task_ids == "approve" else None),
    }


def _said(option: str) -> dict[str, Any]:
    return {"chosen_options": [option], "responded_by_user": {"id": "7", "name": "van.a"}}


def test_what_is_rejected_is_said_to_be_open(november: Engine) -> None:
    said = dag.outcome(_context(_said("Reject")))
    assert said == "Kỳ 2026-11 vẫn để mở, không số nào bị chốt: van.a không đồng ý."


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "vẫn để mở, không số nào bị chốt: không có ai trả lời đến hết hạn"),
        (_said("Approve"), "vẫn để mở, không số nào bị chốt: van.a đã đồng ý nhưng việc chốt bị lỗi"),
    ],
)
def test_what_nobody_decided_fails(november: Engine, answer: dict[str, Any] | None, words: str) -> None:
    with pytest.raises(dag.NotClosed, match=words):
        dag.outcome(_context(answer))


def test_what_this_run_froze_is_said_and_another_runs_is_not_called_open(november: Engine) -> None:
    closing.close(november, catalogue(), MONTH, "van.b", "Airflow by_hand_0")
    with pytest.raises(dag.NotClosed, match=r"đã được chốt từ trước \(bản 0, người chốt van.b\)"):
        dag.outcome(_context(None))
    closing.reopen(november, MONTH, "van.b", "thiếu số liệu")
    with pytest.raises(dag.NotClosed, match="vẫn để mở"):
        dag.outcome(_context(None))
    closing.close(november, catalogue(), MONTH, "van.a", "Airflow by_hand_1")
    assert dag.outcome(_context(_said("Approve"))) == "Kỳ 2026-11 đã được chốt: bản 1, người chốt van.a."
