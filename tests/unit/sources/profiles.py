"""The shipped profiles, and sources that speak them, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, NamedTuple

from cchc.catalogue.base import DatasetName
from cchc.catalogue.files import parsed
from cchc.catalogue.models import Host, Source
from cchc.catalogue.profiles import DatasetMap, Profile
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.connector import Connection, Window
from cchc.sources.door.allow_list import Admitted, Door, Refused
from cchc.sources.registry import connect

WINDOW = Window(date(2022, 1, 1), date(2022, 1, 31))
_PARAMS = {
    "opencps": "groupId",
    "national": "maDonVi",
    "edxml": "organ",
    "files": "folder",
    "portal766": "rootDepartmentId",
    "igate": "agency",
    "rest": "unit",
    "database": "unit",
}


class Record(NamedTuple):
    """One record of a page, as a connector gave it."""

    dataset: DatasetName
    page: str
    place: str
    payload: Mapping[str, Any]


@cache
def profile(code: str) -> Profile:
    """Return a shipped profile."""
    return Profile.model_validate(parsed(SHIPPED_CATALOGUE / "profiles" / f"{code}.yaml"))


def with_options(code: str, **options: Any) -> Profile:
    """Return a shipped profile with other options."""
    found = profile(code)
    return found.model_copy(update={"options": found.options | options})


def source(kind: str, key: str, **params: str) -> Source:
    """Return a source of a kind, found by `key` in its system."""
    return Source(
        code="x-nguon",
        unit="X",
        profile="p",
        host="h",
        history_from=date(2022, 1, 1),
        params={_PARAMS[kind]: key, **params},
    )


def read(
    speaks: Profile,
    url: str,
    key: str = "x",
    window: Window = WINDOW,
    total_seconds: float = 10,
    **params: str,
) -> tuple[list[Record], Mapping[DatasetName, int]]:
    """Return every record that a source at `url` gives (of January 2022, if not told otherwise), and its totals."""
    host = Host(
        code="h",
        connection="h",
        connect_seconds=1,
        read_seconds=0.5,
        total_seconds=total_seconds,
        private=True,
        plain_http=True,
    )
    connector = connect(
        source(speaks.kind, key, **params), speaks, host, lambda _code: Connection(url, "me", "hunter2")
    )
    records = [
        Record(page.dataset, page.name, page.place(number), payload)
        for page in connector.read(window)
        for number, payload in enumerate(page.records)
    ]
    return records, connector.totals()


def admit(dataset_map: DatasetMap, payload: Mapping[str, Any]) -> Admitted | Refused:
    """Return what the door keeps of one record."""
    return Door(dataset_map).admit(payload)
