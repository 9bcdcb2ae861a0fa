"""The internal portal: a site of its own in Airflow's API server, its entry in the navigation, and links of tasks."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from cchc.airflow.links import GridLink, PortalLink
from cchc.airflow.pages.address import PORTAL
from cchc.airflow.pages.mount import entry, portal


class CchcPortalPlugin(AirflowPlugin):
    """Mounts the site, which asks for Airflow's login itself, and the ways to it."""

    name = "cchc_portal"
    fastapi_apps: ClassVar[list[dict[str, Any]]] = [
        {"app": portal, "url_prefix": f"/{PORTAL}", "name": "cchc_portal"}
    ]
    react_apps: ClassVar[list[dict[str, Any]]] = [entry("CCHC", PORTAL)]
    global_operator_extra_links: ClassVar[list[Any]] = [PortalLink(), GridLink()]
