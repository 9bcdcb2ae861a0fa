"""Our own due date beside the declared one: the term of the procedure against what the office promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import Engine

from cchc.indicators import words
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.indicators.sql import query

VERDICTS = {
    "same": "trùng ngày",
    "later": "hẹn trả sau thời hạn của thủ tục",
    "sooner": "hẹn trả trước thời hạn của thủ tục",
    "no_due": "không có ngày hẹn trả",
    "no_calendar": "lịch làm việc chưa có năm này",
}
COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("source_code", "Nguồn"),
    ("dossier_code", "Mã hồ sơ"),
    ("procedure_code", "Mã thủ tục"),
    ("term", "Thời hạn"),
    ("received_at", "Tiếp nhận"),
    ("due_at", "Hẹn trả"),
    ("own_due_at", "Hạn tính lại"),
    ("verdict", "So sánh"),
)


def compare(
    engine: Engine, units: Collection[str], period: Period, tally: Counter[str], *, every: bool = False
) -> Iterator[dict[str, Any]]:
    """Yield the dossiers received in the period whose declared due day is not the one their term gives; or `every` one.

    Only dossiers whose procedure has a term in force that day can be compared. Counts all of them in `tally` by
    verdict: same, later, sooner, no_due, no_calendar. Counting rules: `cchc.catalogue.calendar.WorkingCalendar.due_at`.
    """
    where = {"units": list(units), "first_day": period.start, "last_day": period.end}
    with (
        engine.connect().execution_options(stream_results=True, max_row_buffer=5000) as connection,
        connection.execute(query("due_dates"), where) as rows,
    ):
        for row in rows:
            tally[row.verdict] += 1
            if every or row.verdict != "same":
                term = f"{printed(row.term_value)} {words.TERM_UNITS[row.term_unit]}"
                yield {**row._asdict(), "term": term, "verdict": VERDICTS[row.verdict]}


def sentence(tally: Counter[str]) -> str:
    """Return the tally as an officer reads it."""
    parts = [f"{tally[verdict]} {text}" for verdict, text in VERDICTS.items() if tally[verdict]]
    return f"{tally.total()} hồ sơ so sánh được" + (": " + "; ".join(parts) if parts else "")
