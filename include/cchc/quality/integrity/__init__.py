"""Questions about numbers that look better than the service is: closed just before due, nothing ever late.

Each is a statistical test of a unit against its peers (docs/adr/0014): how often a pattern shows, and how unlikely that
is where the unit is like the other units of its group. What comes of it is a question with what may explain it, never a
finding; what cannot be judged is said to be so. Questions are for the office and the unit that is asked: nothing of
them is published, and nothing of publishing reads them.

    ask          judge the month of reports of a day and keep its questions
    find         the questions that stand
    judgements   what came of every test, also where nothing could be said
    dossiers     the records that a question is about
    answer       what the unit answered
"""

from cchc.quality.integrity.model import Figures, Judgement, Question, Span, State, Test, span_of, test_of
from cchc.quality.integrity.run import ask
from cchc.quality.integrity.store import answer, dossiers, find, get, judgements, newest_span

__all__ = [
    "Figures",
    "Judgement",
    "Question",
    "Span",
    "State",
    "Test",
    "answer",
    "ask",
    "dossiers",
    "find",
    "get",
    "judgements",
    "newest_span",
    "span_of",
    "test_of",
]
