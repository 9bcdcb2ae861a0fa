"""One small province with one source down, and a real Airflow on it, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from dags import small_province
from e2e.stack import Stack, standing
from simulators.faults import Fault

DAY = date(2026, 11, 14)
DOWN = "01288-dvcqg"
SOURCES = (
    "snv-motcua",
    "stp-motcua",
    "snnmt-dvcqg",
    "01273-dvcqg",
    "01279-dvcqg",
    DOWN,
    "snv-vanban",
    "snv-sotay",
)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Return the running whole: eight sources on four kinds of system, one of them down."""
    faults = {DOWN: Fault("refuse"), "snnmt-dvcqg": Fault("bad_rows", "14")}
    with standing(
        DAY,
        lambda catalogue: small_province.write(
            catalogue, SOURCES, failure_budget=0.15
        ),  # one of eight may fail
        faults,
    ) as running:
        yield running
