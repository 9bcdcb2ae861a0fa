"""Where Airflow finds the grid. Every component of Airflow loads this with the plugin, so it imports nothing heavy."""

from __future__ import annotations

from typing import Any


async def page(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request to the grid; only the API server ever comes here, and only it loads the application."""
    from cchc.airflow.pages.app import app

    await app(scope, receive, send)
