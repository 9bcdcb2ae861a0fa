"""Where the pages are, under Airflow's own address."""

from __future__ import annotations

from airflow.sdk import conf

PREFIX = "cchc-grid"


def page_url() -> str:
    """Return the grid's address, under the one people use for Airflow."""
    return f"{conf.get('api', 'base_url', fallback='').rstrip('/')}/{PREFIX}/"
