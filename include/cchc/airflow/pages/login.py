"""Airflow's own login before our pages: Airflow mounts what a plugin brings without any.

Who is not logged in is sent to the login page and back; who may not see the runs that a page is about is told no. Only
the script that leads from Airflow's menu to the pages asks for nothing: it would be no script if it led to the login.
"""

from __future__ import annotations

from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity
from airflow.api_fastapi.core_api.security import requires_access_dag
from fastapi import Depends, FastAPI, HTTPException, Request, status
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from cchc.airflow.pages.address import OPENER, page_url

#: Airflow's UI calls what this defines when the entry is clicked. The page lies beside the script, below whatever path
#: Airflow itself is; the entry leaves no trace in the history, so "back" leads to where the click was.
_OPENER = """\
globalThis.AirflowPlugin = () => {
  location.replace(new URL(".", import.meta.url));
  return null;
};
"""


def guarded(title: str, prefix: str, dag_id: str, refusal: str) -> tuple[FastAPI, list[Any]]:
    """Return an application below a prefix and what each route of its pages depends on: reading the runs of a DAG.

    `refusal` is what somebody without that right reads (Vietnamese).
    """
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> Response:
        if error.status_code == status.HTTP_401_UNAUTHORIZED:
            # by the address people use, not the one behind a proxy
            below = request.url.path.removeprefix(request.scope["root_path"]).lstrip("/")
            back = f"{page_url(prefix)}{below}?{request.url.query}"
            return RedirectResponse(get_auth_manager().get_url_login(next_url=back.rstrip("?")), 307)
        said = refusal if error.status_code == status.HTTP_403_FORBIDDEN else str(error.detail)
        return PlainTextResponse(said, error.status_code, headers={"Cache-Control": "no-store"})

    @app.get(f"/{OPENER}")
    def opener() -> Response:
        return Response(_OPENER, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    return app, [Depends(requires_access_dag("GET", DagAccessEntity.RUN, dag_id))]
