"""Where Airflow finds our pages. Every component of Airflow loads this with a plugin, so it imports nothing heavy."""

from __future__ import annotations

from typing import Any


async def grid(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request to the grid; only the API server ever comes here, and only it loads the application."""
    from cchc.airflow.pages.app import app

    await app(scope, receive, send)


async def portal(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request to the internal portal, as `grid` does."""
    from cchc.airflow.pages.portal import app

    await app(scope, receive, send)
