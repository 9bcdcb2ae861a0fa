"""The classes of an index, as data."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from cchc.catalogue.scores import Bands


def _bands(*bounds: int) -> Bands:
    classes = [{"title": f"từ {bound}", "least": bound} for bound in bounds]
    return Bands.model_validate({"confirmed": False, "classes": classes})


@pytest.mark.parametrize(
    ("share", "title"), [("100", "từ 90"), ("90", "từ 90"), ("89.99", "từ 0"), ("0", "từ 0")]
)
def test_a_share_is_of_the_best_class_it_reaches(share: str, title: str) -> None:
    assert _bands(90, 0).of(Decimal(share)).title == title


@pytest.mark.parametrize("bounds", [(0, 90), (90, 90, 0), (90, 50), ()])
def test_classes_that_leave_a_share_without_one_are_refused(bounds: tuple[int, ...]) -> None:
    with pytest.raises(ValidationError):
        _bands(*bounds)
