"""The scorecard: how good the data of each unit is, by dimension, over a span of nights. For officers; never public."""

from cchc.quality.scorecard.card import Mark, UnitCard, newest_day, newest_day_on, read, read_on, write
from cchc.quality.scorecard.definitions import Dimension, Scorecard, definitions
from cchc.quality.scorecard.words import lines

__all__ = [
    "Dimension",
    "Mark",
    "Scorecard",
    "UnitCard",
    "definitions",
    "lines",
    "newest_day",
    "newest_day_on",
    "read",
    "read_on",
    "write",
]
