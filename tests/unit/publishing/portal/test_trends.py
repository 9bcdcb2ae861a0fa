"""What the months of a trend are called."""

from __future__ import annotations

from datetime import date

from cchc.indicators import periods
from cchc.publishing.portal import trends


def test_a_month_that_has_just_begun_is_not_called_like_the_one_before() -> None:
    day = date(2026, 11, 15)
    begun = periods.of_publication("report_month", day)
    before = periods.month_of(date(2026, 11, 14))
    assert [trends.month_name(period) for period in (before, begun)] == ["11/2026", "12/2026"]
