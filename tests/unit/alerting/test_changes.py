"""Which three changes the office reads first, and what is no change at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from cchc.alerting.changes import Change, most_important, moved
from cchc.catalogue.indicators import Indicator
from cchc.catalogue.load import cached
from cchc.settings import SHIPPED_CATALOGUE

BEFORE = date(2026, 11, 27)
ON_TIME = "on-time-share"
OVERDUE = "overdue-in-process"


def change(kind: Any, size: int, *, worse: bool | None = True, text: str = "") -> Change:
    return Change(kind, text or f"{kind} {size} {worse}", "", "index.html", worse, Decimal(size))


def told(*found: Change) -> list[str]:
    return [one.text for one in most_important(found)]


def test_one_of_each_kind_comes_before_a_second_of_any() -> None:
    assert told(
        change("unit", 9), change("unit", 8), change("unit", 7), change("province", 1), change("sources", 1)
    ) == ["sources 1 True", "province 1 True", "unit 9 True"]
    assert told(change("unit", 9), change("unit", 8), change("province", 1)) == [
        "province 1 True",
        "unit 9 True",
        "unit 8 True",
    ]
    assert told() == []


def test_a_decision_about_a_period_is_first_and_a_fourth_kind_waits() -> None:
    kinds = [change(kind, 5) for kind in ("unit", "province", "sources", "period")]
    assert told(*kinds) == ["period 5 True", "sources 5 True", "province 5 True"]


def test_of_a_kind_what_got_worse_is_first_then_what_is_unusual_then_the_alphabet() -> None:
    found = [
        change("unit", 9, worse=False),
        change("unit", 2),
        change("unit", 3, text="b"),
        change("unit", 3, text="a"),
    ]
    assert told(*found) == told(*reversed(found)) == ["a", "b", "unit 2 True"]


def _indicator(code: str) -> Indicator:
    known = cached(SHIPPED_CATALOGUE).indicator_sets["province-core"].indicators
    return next(indicator for indicator in known if indicator.code == code)


def _share(before: str, now: str | None, denominator: int = 1000, unit: str = "SNV", **more: Any) -> Any:
    row = {
        "unit_code": unit,
        "set_code": "province-core",
        "indicator_code": ON_TIME,
        "period_from": date(2026, 11, 15),
        "period_to": date(2026, 11, 28),
        "value_before": Decimal(before),
        "value_now": None if now is None else Decimal(now),
        "printed_before": before.replace(".", ",") + "%",
        "printed_now": None if now is None else now.replace(".", ",") + "%",
        "denominator_before": Decimal(denominator),
        "denominator_now": Decimal(denominator),
        "reason": None,
        "coverage_before": Decimal(1),
        "coverage_now": Decimal(1),
    }
    return SimpleNamespace(**row | more)


def _balance(before: int, now: int, unit: str = "H14") -> Any:
    more = {"indicator_code": OVERDUE, "denominator_before": None, "denominator_now": None}
    row = _share(str(before), str(now), unit=unit, **more)
    row.printed_before, row.printed_now = str(before), str(now)
    return row


def _moved(code: str, row: Any, usual: str | None = None) -> list[Change]:
    known = {(row.unit_code, row.set_code, code): Decimal(usual)} if usual else {}
    return list(moved(cached(SHIPPED_CATALOGUE), _indicator(code), row, known, BEFORE))


def test_a_share_is_told_with_both_numbers_its_period_and_what_is_usual() -> None:
    (fell,) = _moved(ON_TIME, _share("93.8", "92.6", unit="H14"), usual="0.2")
    assert fell == Change(
        "province",
        "Trước hạn và đúng hạn giảm 1,2 điểm: từ 93,8% (27/11) còn 92,6%",
        "Toàn tỉnh, tháng 12/2026 (15/11/2026 – 28/11/2026). Thường mỗi ngày thay đổi 0,2 điểm",
        "index.html",
        worse=True,
        size=Decimal(6),
    )
    (rose,) = _moved(ON_TIME, _share("92.6", "93.8"))
    assert (rose.kind, rose.worse, rose.path) == ("unit", False, "don-vi/SNV.html")
    assert rose.detail == "Sở Nội vụ, tháng 12/2026 (15/11/2026 – 28/11/2026)"
    assert rose.text.endswith("tăng 1,2 điểm: từ 92,6% (27/11) lên 93,8%")


def test_more_overdue_dossiers_are_worse_and_are_a_balance_of_a_day() -> None:
    (more,) = _moved(OVERDUE, _balance(120, 135), usual="5")
    assert more.text == "Đang giải quyết quá hạn tăng 15 hồ sơ: từ 120 (27/11) lên 135"
    assert more.detail == "Toàn tỉnh, đến hết ngày 28/11/2026. Thường mỗi ngày thay đổi 5 hồ sơ"
    assert (more.worse, more.size) == (True, Decimal(3))
    assert _moved(OVERDUE, _balance(135, 120))[0].worse is False


def test_a_number_that_is_gone_is_told_with_its_reason() -> None:
    (gone,) = _moved(ON_TIME, _share("93.8", None, reason="chưa có số liệu nào của kỳ từ Một cửa"))
    assert gone.text == "Trước hạn và đúng hạn: không còn số liệu, ngày 27/11 là 93,8%"
    assert gone.detail.endswith(". Chưa có số liệu nào của kỳ từ Một cửa")
    assert gone.worse is True
    balance = _balance(120, 0)
    balance.value_now, balance.printed_now, balance.reason = None, None, "chưa có số liệu"
    (gone,) = _moved(OVERDUE, balance)
    assert gone.text == "Đang giải quyết quá hạn: không còn số liệu, ngày 27/11 là 120"
    assert gone.detail == "Toàn tỉnh, đến hết ngày 28/11/2026. Chưa có số liệu"


def test_a_share_of_other_sources_says_so() -> None:
    (fell,) = _moved(ON_TIME, _share("93.8", "92.6", coverage_now=Decimal("0.9")))
    assert fell.detail.endswith(". Nguồn đủ số liệu: 100%, nay 90%")


@pytest.mark.parametrize(
    "row",
    [
        _share("90.0", "80.0", denominator=20),  # two dossiers
        _share("93.8", "93.7", denominator=1000),  # one
        _balance(120, 122),
    ],
)
def test_what_a_few_records_make_is_no_change(row: Any) -> None:
    assert _moved(row.indicator_code, row) == []


@pytest.mark.parametrize(
    ("before", "now", "is_told"),
    [
        (26, 400, False),  # of one Sunday
        (49, 50, False),
        (50, 49, False),
        (50, 50, True),
        (400, 801, False),  # more than half of them came since
        (400, 800, True),
        (801, 400, False),
    ],
)
def test_a_share_of_too_few_records_on_either_day_is_not_compared(
    before: int, now: int, is_told: bool
) -> None:
    row = _share("100.0", "69.5", denominator_before=Decimal(before), denominator_now=Decimal(now))
    assert bool(_moved(ON_TIME, row)) is is_told
