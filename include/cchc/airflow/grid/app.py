"""The grid's web application. Airflow mounts what a plugin brings without any login: it asks for Airflow's own here.

Who may read the runs of `sync_units` may see the grid; anybody else is sent to the login page, or told no.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import requires_access_dag
from airflow.models.asset import AssetEvent
from fastapi import Depends, FastAPI, HTTPException, Query, Request, status
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from cchc.airflow.grid import cells, page
from cchc.airflow.grid.mount import page_url
from cchc.airflow.reporting_day import ZONE
from cchc.catalogue.load import cached
from cchc.errors import CchcError
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

app = FastAPI(title="cchc grid", docs_url=None, redoc_url=None, openapi_url=None)


@app.exception_handler(HTTPException)
async def _refused(request: Request, error: HTTPException) -> Response:
    """Send whoever is not logged in to Airflow's login page; say no to everybody else."""
    if error.status_code == status.HTTP_401_UNAUTHORIZED:
        back = f"{page_url()}?{request.url.query}"  # by the address people use, not the one behind a proxy
        return RedirectResponse(get_auth_manager().get_url_login(next_url=back.rstrip("?")), 307)
    words = {status.HTTP_403_FORBIDDEN: "Tài khoản này không có quyền xem các đợt đồng bộ (sync_units)."}
    return PlainTextResponse(words.get(error.status_code, str(error.detail)), error.status_code)


@app.get("/", dependencies=[Depends(requires_access_dag("GET", DagAccessEntity.RUN, DAG_ID))])
def grid(
    session: SessionDep,
    days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 30,
    to: Annotated[date | None, Query(ge=date(2000, 1, 1))] = None,
    sort: str = "",
) -> HTMLResponse:
    """Return the page for the `days` reporting days that end with `to`, by default with last night's."""
    try:
        catalogue = cached(settings().catalogue)
        warehouse = engine()
        yesterday = datetime.now(ZONE).date() - timedelta(days=1)
        shown = cells.read(warehouse, catalogue, yesterday, days, to=to, worst_first=sort == "worst")
    except CchcError as error:
        raise HTTPException(status.HTTP_503_SERVICE_UNAVAILABLE, str(error)) from None
    except SQLAlchemyError as error:  # its text may repeat the address
        raise HTTPException(
            status.HTTP_503_SERVICE_UNAVAILABLE,
            f"Kho dữ liệu không trả lời ({type(error).__name__}): chạy `cchc doctor`.",
        ) from None
    runs = _airflow_runs(session, shown.days[0])
    text = page.render(
        shown,
        worst_first=sort == "worst",
        link=lambda run_id: runs.get(run_id) if run_id else None,
        province=catalogue.province.name,
    )
    return HTMLResponse(text, headers=_HEADERS)


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
