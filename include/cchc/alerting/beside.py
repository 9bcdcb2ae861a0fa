"""What a night's digests say besides what went wrong: what changed, questions of the numbers, marks of the data."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Engine

from cchc.alerting import changes
from cchc.alerting.digest import Extras
from cchc.alerting.subjects import Questions
from cchc.catalogue.models import Catalogue
from cchc.quality import integrity, scorecard


def read(engine: Engine, catalogue: Catalogue, day: date, started_at: datetime) -> Extras:
    """Return it for a reporting day; questions that were asked since the run started are new."""
    waiting = integrity.find(engine)
    new = sum(question.asked_at >= started_at for question in waiting)
    cards = scorecard.read(engine, day)
    marks = {card.unit_code: "; ".join(scorecard.lines(card)) for card in cards}
    return Extras(
        questions=Questions(new, len(waiting)) if waiting else None,
        scorecards={unit: said for unit, said in marks.items() if said},
        praised={card.unit_code for card in cards if all(mark.band in (None, "good") for mark in card.marks)},
        changes=changes.read(engine, catalogue, day),
    )
