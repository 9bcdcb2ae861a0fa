"""The reporting week and the named series of report periods, as a province's data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints

from cchc.catalogue.base import Model
from cchc.catalogue.files import read
from cchc.errors import ConfigurationError

Part = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|1[0-2]|Q[1-4]|H[12]|9M|year)$")]


class Week(Model):
    """Which day a week begins on."""

    first_day: int = Field(ge=1, le=7)  # 1: Monday
    basis: str = Field(min_length=1)
    confirmed: bool


class Series(Model):
    """Reports that are due one after another."""

    title: str  # Vietnamese
    periods: tuple[Part, ...] = Field(min_length=1)  # parts of a year: 11, Q3, H1, year
    due_day: int = Field(ge=15, le=28)  # of the last month of a report period, which ends on its 14th
    basis: str = Field(min_length=1)
    confirmed: bool


class ReportPeriods(Model):
    """`periods.yaml`."""

    week: Week
    series: dict[str, Series]

    def of(self, code: str) -> Series:
        """Return a series by its code; raises `ConfigurationError` naming those there are."""
        if code not in self.series:
            raise ConfigurationError(f"there is no series {code!r}; there are: {', '.join(self.series)}")
        return self.series[code]


@cache
def load(directory: Path) -> ReportPeriods:
    """Return the province's `periods.yaml`, or the shipped one; raises `ConfigurationError`."""
    return read(directory, "periods.yaml", "report periods", ReportPeriods)[0]
