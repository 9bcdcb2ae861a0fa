from __future__ import annotations

from decimal import Decimal

import pytest

from cchc.catalogue.load import cached
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.indicators.official import Official, Pair, cause, month, pairs
from cchc.indicators.scoring.own import OwnPart
from cchc.settings import SHIPPED_CATALOGUE

CATALOGUE = cached(SHIPPED_CATALOGUE)
INDEX = CATALOGUE.score_set("qd766")
PROGRESS = INDEX.group("progress")
ON_TIME = PROGRESS.components[0]


def number(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def ours(
    numerator: float | None = 90,
    denominator: float | None = 100,
    score: float | None = 18,
    *,
    reason: str | None = None,
    lacking: tuple[str, ...] = (),
) -> OwnPart:
    return OwnPart(
        unit_code="SNV",
        group=PROGRESS,
        component=ON_TIME,
        numerator=number(numerator),
        denominator=number(denominator),
        ratio=None,
        score=number(score),
        reason=reason,
        coverage=None,
        lacking=lacking,
    )


def theirs(
    numerator: float | None = 90,
    denominator: float | None = 100,
    score: float | None = 18,
    quality: str | None = None,
) -> Official:
    return Official(number(numerator), number(denominator), number(score), quality)


@pytest.mark.parametrize(
    ("official", "own", "text"),
    [
        (theirs(), ours(), ""),
        (theirs(None, None, None), ours(), "Cổng chưa công bố"),
        (
            theirs(),
            ours(None, None, None, reason="chưa có dữ liệu hồ sơ"),
            "tỉnh chưa có số liệu: chưa có dữ liệu hồ sơ",
        ),
        (
            theirs(100, 100, 20, "TEMP_NATIONAL_REPORT_DENOMINATOR"),
            ours(),
            "Cổng đang dùng số tạm (tử số bằng mẫu số), Cổng ghi chú số liệu: TEMP_NATIONAL_REPORT_DENOMINATOR",
        ),
        (theirs(90, 100, 18, "LATE"), ours(), "Cổng ghi chú số liệu: LATE"),
        (theirs(score=17.9), ours(), "cùng số đếm nhưng khác điểm: khác phiên bản quy tắc tính điểm"),
        (
            theirs(72, 80, 18),
            ours(),
            "mẫu số của tỉnh nhiều hơn 25,0%: có hồ sơ chưa đồng bộ lên Cổng",
        ),
        (
            theirs(180, 200, 18),
            ours(lacking=("snv-motcua", "snv-sotay")),
            "mẫu số của tỉnh ít hơn 50,0%: nguồn của tỉnh chưa phủ hết hồ sơ, thiếu snv-motcua, snv-sotay",
        ),
        (theirs(91, 101, 18.02), ours(), "mẫu số lệch ít: số liệu được lấy vào lúc khác nhau"),
        (
            theirs(89, 100, 17.8),
            ours(),
            "cùng mẫu số, khác tử số: khác quy tắc đúng hạn hoặc khác định nghĩa",
        ),
        (
            theirs(180, 200, 18),
            ours(),
            "mẫu số của tỉnh ít hơn 50,0%: có hồ sơ không có trong nguồn của tỉnh, hoặc hai bên đếm khác nhau",
        ),
        (
            theirs(180, 200, 18),
            ours(lacking=("a", "b", "c", "d", "e")),
            "mẫu số của tỉnh ít hơn 50,0%: nguồn của tỉnh chưa phủ hết hồ sơ, thiếu a, b, c và 2 nguồn khác",
        ),
        (theirs(0, 0, None), ours(), "Cổng chưa đếm hồ sơ nào trong tháng, tỉnh có 100"),
        (theirs(None, None, 17), ours(), "Cổng chỉ công bố điểm, không công bố số đếm"),
    ],
)
def test_the_likely_cause(official: Official, own: OwnPart, text: str) -> None:
    assert cause(Pair("SNV", PROGRESS, ON_TIME, official, (own,))) == text


def test_what_is_counted_is_named() -> None:
    found = pairs(
        CATALOGUE, INDEX, "portal-2026", ["SNV"], {("SNV", "online", "services_used"): theirs()}, []
    )
    assert [p.counted for p in found] == ["thủ tục"]
    more = Pair("SNV", PROGRESS, ON_TIME, theirs(72, 80), (ours(),), "thủ tục")
    assert (
        cause(more)
        == "mẫu số của tỉnh nhiều hơn 25,0%: có thủ tục chưa có trên Cổng, hoặc hai bên đếm khác nhau"
    )


def test_a_group_of_one_component_takes_the_groups_points() -> None:
    official = {
        ("SNV", "progress", ""): theirs(None, None, 17.8),
        ("SNV", "progress", "on_time"): theirs(89, 100, None),
    }
    found = list(pairs(CATALOGUE, INDEX, "portal-2026", ["SNV"], official, [ours()]))
    assert [(p.component, p.official.score, p.difference) for p in found] == [
        (ON_TIME, Decimal("17.8"), Decimal("0.2"))
    ]
    assert found[0].row()["official_numerator"] == 89


def test_a_group_whose_part_is_not_known_has_no_sum() -> None:
    online = INDEX.group("online")
    parts = [
        OwnPart("SNV", online, component, None, None, None, score, reason, None, ())
        for component, score, reason in zip(
            online.components, (Decimal(2), None, Decimal(6)), (None, "thiếu", None), strict=True
        )
    ]
    official = {("SNV", "online", ""): theirs(None, None, 8.5)}
    whole = list(pairs(CATALOGUE, INDEX, "portal-2026", ["SNV"], official, parts))[-1]
    assert (whole.component, whole.own_score, whole.difference) == (None, None, None)
    assert cause(whole) == "tỉnh chưa có số liệu: thiếu"


def test_only_calendar_months_are_published() -> None:
    assert month(periods.parse("2026-10", "calendar")).start.day == 1
    for text, calendar in (("2026-10", "report"), ("2026-Q3", "calendar")):
        with pytest.raises(ConfigurationError, match="calendar months"):
            month(periods.parse(text, calendar))  # type: ignore[arg-type]
