"""The grid of unit × day: a page of its own in Airflow's API server and an entry in the navigation."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from cchc.airflow.pages.address import GRID
from cchc.airflow.pages.mount import entry, grid


class CchcGridPlugin(AirflowPlugin):
    """Mounts the page, which asks for Airflow's login itself, and the way to it."""

    name = "cchc_grid"
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [
        {"app": grid, "url_prefix": f"/{GRID}", "name": "cchc_grid"}
    ]
    react_apps: ClassVar[list[dict[str, Any]]] = [entry("Nhận số liệu", GRID)]
