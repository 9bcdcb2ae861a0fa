"""Links from a task to the pages it is about: a release in the portal, a unit in the portal and in the grid.

A task writes down where it leads to; the API server makes the address of it, for only there the one people use is sure
to be known. A task that wrote nothing down has no link.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, ClassVar

from airflow.sdk import BaseOperatorLink

from cchc.airflow.pages.address import GRID, PORTAL, RELEASES, page_url
from cchc.publishing.portal.addresses import unit_page


def lead_to_release(context: MutableMapping[str, Any], release_id: str) -> None:
    """Have the running task lead to a release in the portal."""
    context["ti"].xcom_push(_key(PORTAL), f"{RELEASES}/{release_id}/")


def lead_to_unit(context: MutableMapping[str, Any], unit: str, day: str) -> None:
    """Have the running task lead to a unit's page in the portal and to its row in the grid that ends with `day`."""
    context["ti"].xcom_push(_key(PORTAL), unit_page(unit))
    context["ti"].xcom_push(_key(GRID), f"?to={day}#{unit}")


def _key(prefix: str) -> str:
    return f"page:{prefix}"


class _PageLink(BaseOperatorLink):  # type: ignore[misc]
    prefix: ClassVar[str]
    title: ClassVar[str]

    @property
    def name(self) -> str:
        """What stands on the button."""
        return self.title

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the page's address, nothing where the task leads nowhere."""
        from airflow.serialization.definitions.operatorlink import XComOperatorLink

        path = XComOperatorLink(name=self.name, xcom_key=_key(self.prefix)).get_link(operator, ti_key=ti_key)
        return f"{page_url(self.prefix)}{path}" if path else ""


class PortalLink(_PageLink):
    """To the release, or to the unit's page in it."""

    prefix = PORTAL
    title = "Trang số liệu"


class GridLink(_PageLink):
    """To the unit's row in the grid."""

    prefix = GRID
    title = "Nhận số liệu"
