"""The web application of what came in and how good it is: the grid of unit × day, the scorecards, GX's Data Docs.

Who may read the runs of `sync_units` may see these pages, by Airflow's own login.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from airflow.api_fastapi.common.db.common import SessionDep
from airflow.models.asset import AssetEvent
from fastapi import HTTPException, Query, status
from fastapi.responses import FileResponse, HTMLResponse, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from cchc.airflow.pages import cells, render
from cchc.airflow.pages.address import GRID
from cchc.airflow.pages.folder import INDEX, within
from cchc.airflow.pages.login import guarded
from cchc.airflow.reporting_day import ZONE
from cchc.catalogue.load import cached
from cchc.errors import CchcError
from cchc.quality import scorecard
from cchc.settings import settings
from cchc.warehouse.engine import engine

DAG_ID = "sync_units"
MOST_DAYS = 90
_HEADERS = {
    # one page with its own style, shown nowhere else and asking nothing of anybody
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}

app, _MAY_SEE = guarded(
    "cchc grid", GRID, DAG_ID, "Tài khoản này không có quyền xem các đợt đồng bộ (sync_units)."
)


@app.get("/", dependencies=_MAY_SEE)
def grid(
    session: SessionDep,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 30,
    to: Annotated[date | None, Query(ge=date(2000, 1, 1))] = None,
    sort: str = "",
) -> HTMLResponse:
    """Return the page for the `days` reporting days that end with `to`, by default with last night's."""
    with _told():
        catalogue = cached(settings().catalogue)
        yesterday = datetime.now(ZONE).date() - timedelta(days=1)
        shown = cells.read(engine(), catalogue, yesterday, days, to=to, worst_first=sort == "worst")
    runs = _airflow_runs(session, shown.days[0])
    text = render.grid(
        shown,
        worst_first=sort == "worst",
        link=lambda run_id: runs.get(run_id) if run_id else None,
        province=catalogue.province.name,
    )
    return HTMLResponse(text, headers=_HEADERS)


@app.get("/scorecard", dependencies=_MAY_SEE)
def scorecards(day: date | None = None, sort: str = "") -> HTMLResponse:
    """Return the page of the scorecards that the night of `day` kept, by default those of the newest night."""
    with _told():
        catalogue = cached(settings().catalogue)
        shown = scorecard.newest_day(engine()) if day is None else day
        cards = scorecard.read(engine(), shown) if shown else []
    text = render.scorecards(
        cards,
        catalogue,
        shown,
        worst_first=sort == "worst",
        documents=(settings().data_docs / INDEX).is_file(),
    )
    return HTMLResponse(text, headers=_HEADERS)


@app.get("/data-docs/{path:path}", dependencies=_MAY_SEE)
def data_docs(path: str) -> Response:
    """Return a page of the newest night's Data Docs: sums, never rows."""
    wanted = within(settings().data_docs.resolve(), path)
    if wanted is None:
        raise HTTPException(
            status.HTTP_404_NOT_FOUND, "Không có trang này; đêm mới nhất ghi lại toàn bộ các trang."
        )
    return FileResponse(wanted, headers=_HEADERS)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a page cannot be made without into words for the person who asked."""
    try:
        yield
    except CchcError as error:
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, str(error)) from None
    except SQLAlchemyError as error:  # its text may repeat the address
        raise HTTPException(
            status.HTTP_503_SERVICE_UNAVAILABLE,
            f"Kho dữ liệu không trả lời ({type(error).__name__}): chạy `cchc doctor`.",
        ) from None


def _airflow_runs(session: Any, first: date) -> dict[UUID, str]:
    """Return the page of each ledger run's DAG run, as far as Airflow's own events tell, relative to the grid's."""
    events = session.execute(
        select(AssetEvent.source_dag_id, AssetEvent.source_run_id, AssetEvent.extra).where(
            AssetEvent.source_dag_id == DAG_ID,
            AssetEvent.timestamp >= datetime(first.year, first.month, first.day, tzinfo=ZONE),
        )
    )
    found: dict[UUID, str] = {}
    for dag_id, run_id, extra in events:
        told = json.loads(extra) if isinstance(extra, str) else extra or {}
        if ledger_run := told.get("run_id"):
            found[UUID(ledger_run)] = f"../dags/{dag_id}/runs/{quote(run_id, safe='')}"
    return found
