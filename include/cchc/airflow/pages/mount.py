"""Where Airflow finds our pages. Every component of Airflow loads this with a plugin, so it imports nothing heavy."""

from __future__ import annotations

from typing import Any

from cchc.airflow.pages.address import OPENER


def entry(title: str, prefix: str) -> dict[str, Any]:
    """Return the entry of Airflow's menu that opens the pages below a prefix in the whole window.

    Airflow 3.3 knows three kinds of entry. What only links is drawn as a button that leads nowhere. A frame keeps the
    pages within Airflow's own: they print as one sheet and their links lead to no other site. So it is the third, a
    component, which has nothing to show and goes to the pages.
    """
    return {
        "name": title,
        "url_route": prefix,
        "bundle_url": f"{prefix}/{OPENER}",
        "destination": "nav",
        "nav_top_level": True,
    }


async def grid(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request to the grid; only the API server ever comes here, and only it loads the application."""
    from cchc.airflow.pages.app import app

    await app(scope, receive, send)


async def portal(scope: Any, receive: Any, send: Any) -> None:
    """Answer a request to the internal portal, as `grid` does."""
    from cchc.airflow.pages.portal import app

    await app(scope, receive, send)
