"""The same dossiers under two on-time rules: how many fall where, which differ, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, Row

from cchc.catalogue.base import OnTimeRule
from cchc.errors import ConfigurationError
from cchc.indicators import words
from cchc.indicators.periods import Period
from cchc.indicators.sql import query

_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
RULES: tuple[str, ...] = get_args(OnTimeRule)
COLUMNS = (
    ("unit_code", "Đơn vị"),
    ("source_code", "Nguồn"),
    ("dossier_code", "Mã hồ sơ"),
    ("procedure_code", "Mã thủ tục"),
    ("first", "Quy tắc thứ nhất"),
    ("second", "Quy tắc thứ hai"),
    ("why", "Vì sao"),
    ("due_at", "Hẹn trả"),
    ("finished_at", "Xong"),
    ("returned_at", "Trả kết quả"),
    ("supplement_at", "Yêu cầu bổ sung"),
    ("supplement_completed_at", "Bổ sung xong"),
    ("extended_at", "Gia hạn"),
)


@dataclass
class Tally:
    """How many dossiers have which pair of outcomes; complete when all rows were read."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def compared(self) -> int:
        """All dossiers that ended in the period."""
        return self.pairs.total()

    @property
    def differing(self) -> int:
        """Those on which the rules do not agree."""
        return sum(n for (first, second), n in self.pairs.items() if first != second)

    def sentence(self, first: str, second: str) -> str:
        """Return the tally as an officer reads it."""
        parts = [
            f"{n} hồ sơ {words.OUTCOMES[a]} theo {first}, {words.OUTCOMES[b]} theo {second}"
            for (a, b), n in sorted(self.pairs.items())
            if a != b
        ]
        head = f"{self.compared} hồ sơ giải quyết xong trong kỳ, {self.differing} hồ sơ khác nhau giữa hai quy tắc"
        return head + (": " + "; ".join(parts) if parts else "")


def compare(
    engine: Engine, units: Collection[str], period: Period, first: str, second: str, tally: Tally
) -> Iterator[dict[str, Any]]:
    """Yield the dossiers of `units` that ended in the period and are judged differently, in a fixed order.

    Counts all of them in `tally`. Raises `ConfigurationError` for a rule that does not exist.
    """
    for rule in (first, second):
        if rule not in RULES:
            raise ConfigurationError(f"there is no on-time rule {rule!r}; there are: {', '.join(RULES)}")
    where = {
        "units": list(units),
        "first": first,
        "second": second,
        "first_day": period.start,
        "last_day": period.end,
    }
    with (
        engine.connect().execution_options(stream_results=True, max_row_buffer=5000) as connection,
        connection.execute(query("rule_outcomes"), where) as rows,
    ):
        for row in rows:
            tally.pairs[row.first_outcome, row.second_outcome] += 1
            if row.first_outcome != row.second_outcome:
                yield {
                    **row._asdict(),
                    "first": words.OUTCOMES[row.first_outcome],
                    "second": words.OUTCOMES[row.second_outcome],
                    "why": "; ".join(_reasons(row, {first, second})),
                }


def _reasons(row: Row[Any], rules: set[str]) -> Iterator[str]:
    """Yield what the two rules read differently in this dossier: see core.promised_at and core.on_time_outcome."""
    if row.due_at is None:
        yield from _without_promise(row, rules)
        return
    ended: datetime = row.finished_at or row.returned_at
    if "portal-766" in rules:
        yield from _waiting(row)
    if (
        "returned-date" in rules
        and row.finished_at
        and row.returned_at
        and row.returned_at != row.finished_at
    ):
        yield "returned-date xét ngày trả kết quả, quy tắc kia xét lúc giải quyết xong"
    if "opencps-batch" in rules:
        if (
            ended < row.due_at
            and row.extended_at is None
            and not (row.returned_at and row.returned_at < row.due_at)
        ):
            yield "opencps-batch chỉ tính trước hạn khi có gia hạn hoặc đã trả trước hẹn"
        elif ended <= row.due_at:
            yield "opencps-batch tính trước hạn theo giờ, không theo ngày"
    if "opencps-live" in rules and ended <= row.due_at:
        yield "opencps-live tính trước hạn theo buổi làm việc có giờ hẹn trả"
    by_day = rules & {"date", "returned-date"}
    if by_day and rules - by_day and ended > row.due_at and _local_day(ended) == _local_day(row.due_at):
        yield "xong sau giờ hẹn trả: quy tắc theo giờ tính là quá hạn, quy tắc theo ngày thì chưa"


def _without_promise(row: Row[Any], rules: set[str]) -> Iterator[str]:
    if "portal-766" in rules and row.own_due_at is not None:
        own = row.own_due_at.astimezone(_ZONE)
        yield f"không có ngày hẹn trả: portal-766 xét theo thời hạn của thủ tục, đến {own:%H:%M %d/%m/%Y}"
        yield from _waiting(row)
        if "opencps-live" not in rules:
            yield "quy tắc kia không có hạn để xét nên tính là đúng hạn"
    if "opencps-live" in rules:
        yield "không có ngày hẹn trả: opencps-live tính là trước hạn"


def _waiting(row: Row[Any]) -> Iterator[str]:
    if row.supplement_at and row.supplement_completed_at:
        days = (row.supplement_completed_at - row.supplement_at).total_seconds() / 86400
        if days > 0:
            yield f"portal-766 trừ {days:.1f} ngày chờ bổ sung giấy tờ".replace(".", ",")


def _local_day(moment: datetime) -> date:
    return moment.astimezone(_ZONE).date()
