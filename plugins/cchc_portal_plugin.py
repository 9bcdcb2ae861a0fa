"""A link in Airflow's navigation to the published indicator page, where CCHC_PORTAL_URL says where it is."""

from __future__ import annotations

import os
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin


def _views() -> list[dict[str, Any]]:
    portal = os.environ.get("CCHC_PORTAL_URL", "").strip()
    if not portal:
        return []
    return [{"name": "CCHC", "href": portal, "destination": "nav", "nav_top_level": True}]


class CchcPortalPlugin(AirflowPlugin):
    """Adds a link and nothing else: no page, no API, nothing that would need a login of its own."""

    name = "cchc_portal"
    external_views: ClassVar[list[dict[str, Any]]] = _views()
