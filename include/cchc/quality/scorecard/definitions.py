"""What the scorecard measures, as data: the span, the dimensions in the order they are read, and their bands."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from cchc.catalogue.base import Code, Model
from cchc.catalogue.files import parsed

_FILE = Path(__file__).parent / "dimensions.yaml"

Band = Literal["good", "fair", "poor"]
#: What an officer calls a band (Vietnamese).
BANDS: dict[Band, str] = {"good": "tốt", "fair": "cần chú ý", "poor": "kém"}


class Dimension(Model):
    """One way to look at the quality of a unit's data: a share, from 0 to 1."""

    code: Code
    title: str  # Vietnamese
    counted: str  # Vietnamese: what the numerator and the denominator count
    sentence: str  # Vietnamese: what the share says, and what is not judged
    origin: str  # the vocabulary its name comes from, and the formula
    good: Decimal = Field(gt=0, le=1)
    fair: Decimal = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _bands_are_in_order(self) -> Dimension:
        if self.fair >= self.good:
            raise ValueError(f"dimension {self.code}: fair begins at {self.fair}, good at {self.good}")
        return self

    def band(self, numerator: int, denominator: int) -> Band | None:
        """Return the band of a share, or None where there was nothing to judge."""
        if denominator == 0:
            return None
        share = Decimal(numerator) / denominator
        return "good" if share >= self.good else "fair" if share >= self.fair else "poor"


class Scorecard(Model):
    """The span and the dimensions."""

    nights: int = Field(ge=1)
    in_time_hours: int = Field(ge=1)
    correct_within: int = Field(ge=1)  # nights
    dimensions: tuple[Dimension, ...]


@cache
def definitions() -> Scorecard:
    """Return the definitions this product ships."""
    return Scorecard.model_validate(parsed(_FILE))
