"""Where the pages are, under Airflow's own address."""

from __future__ import annotations

from airflow.sdk import conf

GRID = "cchc-grid"
PORTAL = "cchc"
RELEASES = "ban-phat-hanh"  # below the portal: each release under its own name
OPENER = "mo.js"  # below either: what their entry in Airflow's menu runs


def page_url(prefix: str) -> str:
    """Return the address of the pages below a prefix, under the one people use for Airflow."""
    return f"{conf.get('api', 'base_url', fallback='').rstrip('/')}/{prefix}/"
