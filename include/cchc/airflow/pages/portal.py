"""The internal portal of the release that is out, and of each release under its name, behind Airflow's login.

Who may read the runs of `publish_indicators` may see it. Files are sent as they lie in the release: a static site that
asks nothing of any other address.
"""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import Request, status
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from cchc.airflow.pages.address import PORTAL, RELEASES, page_url
from cchc.airflow.pages.folder import within
from cchc.airflow.pages.login import guarded
from cchc.airflow.pages.render import notice
from cchc.publishing.sites import copies
from cchc.publishing.sites.place import content_type
from cchc.settings import settings

_BUILD = "internal"
_RELEASE = re.compile(r"\d{4}-\d\d-\d\d-[0-9a-f]{12}")
_SAVED = (".xlsx", ".docx", ".parquet", ".zip")  # a browser keeps these instead of showing them
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self'; img-src 'self' data:; "
        "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
_KEPT = "private, no-cache"  # and asked for again each time
_NOT_KEPT = "no-store"  # pages: on a shared machine, "back" would show them to who comes after a logout
_NOT_FOUND = "Bản phát hành này không có trang hoặc tệp như vậy."

app, _may_see = guarded(
    "cchc portal",
    PORTAL,
    "publish_indicators",
    "Tài khoản này không có quyền xem số liệu (publish_indicators).",
)
_known = StaticFiles(directory=None, packages=None)


@app.api_route(f"/{RELEASES}/{{release_id}}/{{path:path}}", methods=["GET", "HEAD"], dependencies=_may_see)
def of_release(request: Request, release_id: str, path: str) -> Response:
    """Return a file of a release under its own name."""
    folder = settings().releases / release_id
    if not _RELEASE.fullmatch(release_id) or not folder.is_dir():
        return _notice(status.HTTP_404_NOT_FOUND, f"Không còn bản phát hành {release_id} ở đây.")
    return _file(request, folder.resolve(), path)


@app.api_route("/{path:path}", methods=["GET", "HEAD"], dependencies=_may_see)
def newest(request: Request, path: str) -> Response:
    """Return a file of the release that is out."""
    folder = copies.current(settings().releases)
    if folder is None or not (folder / _BUILD).is_dir():
        text = (
            "Chưa có bản phát hành nào. Trang số liệu hiện ra sau lần công bố đầu tiên: đêm đồng bộ, "
            "hoặc quản trị hệ thống chạy cchc publish."
        )
        return _notice(status.HTTP_503_SERVICE_UNAVAILABLE, text)
    return _file(request, folder, path)


def _file(request: Request, release: Path, path: str) -> Response:
    wanted = within(release / _BUILD, path)
    if wanted is None:
        return _notice(status.HTTP_404_NOT_FOUND, _NOT_FOUND)
    kept = _NOT_KEPT if wanted.suffix == ".html" else _KEPT
    answer = FileResponse(
        wanted,
        headers={**_HEADERS, "Cache-Control": kept},
        media_type=content_type(wanted.name),
        stat_result=wanted.stat(),
        filename=wanted.name if wanted.suffix in _SAVED else None,
    )
    if _known.is_not_modified(answer.headers, request.headers):
        same = ("etag", "last-modified", "cache-control")
        return Response(status_code=304, headers={name: answer.headers[name] for name in same})
    return answer


def _notice(code: int, text: str) -> Response:
    return HTMLResponse(
        notice(text, page_url(PORTAL)), code, headers={**_HEADERS, "Cache-Control": _NOT_KEPT}
    )
