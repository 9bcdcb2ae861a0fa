"""Integrity questions without a warehouse: what chance is worth, who is asked, and that nobody is accused."""

from __future__ import annotations

import math
import random
import string
import unicodedata
from datetime import date
from fractions import Fraction

import pytest
from pydantic import ValidationError

from cchc.quality.integrity import model
from cchc.quality.integrity.chance import at_least, at_least_among, believed, spread
from cchc.quality.integrity.judge import Count, judge
from cchc.quality.integrity.model import Figures, Judgement, Span, Test, span_of, spans_of
from cchc.quality.integrity.sql import source
from cchc.quality.integrity.words import sentence

KNOWN = model.tests()
SHARES = [t for t in KNOWN.tests if t.statistic != "difference"]
SPAN = Span(date(2026, 10, 15), date(2026, 11, 14), date(2026, 11, 14))


def exactly(n: int, d: int, peers_n: int, peers_d: int) -> Fraction:
    """Return the tail of `at_least` in whole numbers."""
    marked, every = n + peers_n, d + peers_d
    ways = sum(math.comb(marked, x) * math.comb(every - marked, d - x) for x in range(n, min(d, marked) + 1))
    return Fraction(ways, math.comb(every, d))


def test_the_tail_is_the_exact_one_in_every_small_case() -> None:
    for d in range(1, 7):
        for peers_d in range(1, 7):
            for n in range(d + 1):
                for peers_n in range(peers_d + 1):
                    wanted = float(exactly(n, d, peers_n, peers_d))
                    assert at_least(n, d, peers_n, peers_d) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize(
    ("n", "d", "peers_n", "peers_d"),
    [
        (60, 200, 900, 19_000),
        (5, 40, 0, 5_000),
        (199, 200, 9_000, 10_000),
        (0, 50, 3, 900),
        (1, 900, 800, 901),
    ],
)
def test_the_tail_is_the_exact_one_in_large_cases(n: int, d: int, peers_n: int, peers_d: int) -> None:
    assert at_least(n, d, peers_n, peers_d) == pytest.approx(float(exactly(n, d, peers_n, peers_d)), rel=1e-7)


def test_millions_of_records_are_no_trouble() -> None:
    assert at_least(500_000, 1_000_000, 10_000_000, 20_000_000) == pytest.approx(0.5, abs=0.01)
    assert at_least(1_000_000, 1_000_000, 0, 20_000_000) == 0
    assert at_least(0, 1_000_000, 20_000_000, 20_000_000) == 1


@pytest.mark.parametrize("counts", [(5, 4, 0, 9), (-1, 4, 0, 9), (1, 4, 10, 9)])
def test_what_is_no_count_is_refused(counts: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="no counts"):
        at_least(*counts)


def test_the_tail_among_units_that_differ_is_a_sum_over_the_shares_they_may_have() -> None:
    share, differ, steps = 0.2, 0.1, 20_000
    a, b = share * 9, (1 - share) * 9
    weights = [((i + 0.5) / steps) ** (a - 1) * (1 - (i + 0.5) / steps) ** (b - 1) for i in range(steps)]
    tails = [
        sum(math.comb(12, x) * p**x * (1 - p) ** (12 - x) for x in range(5, 13))
        for p in ((i + 0.5) / steps for i in range(steps))
    ]
    wanted = sum(w * t for w, t in zip(weights, tails, strict=True)) / sum(weights)
    assert at_least_among(5, 12, share, differ) == pytest.approx(wanted, rel=1e-4)
    assert at_least_among(0, 12, share, differ) == pytest.approx(1)


def test_the_spread_of_peers_is_found_and_one_odd_peer_does_not_make_it() -> None:
    drawn = random.Random(3)
    alike = [(sum(drawn.random() < 0.2 for _ in range(200)), 200) for _ in range(55)]
    assert spread(alike, 0.05) < 0.01
    shares = [drawn.betavariate(0.2 * 9, 0.8 * 9) for _ in range(400)]
    differing = [(sum(drawn.random() < p for _ in range(200)), 200) for p in shares]
    assert spread(differing, 0.05) == pytest.approx(0.1, abs=0.03)
    with_an_odd_one = [*alike[1:], (180, 200)]
    assert spread(with_an_odd_one, 0.05) < 0.02 < spread(with_an_odd_one, 0)
    assert spread([(0, 100), (0, 100), (0, 100)], 0.05) == 0
    assert spread([(1, 1), (0, 1)], 0.05) == 0


def test_the_example_of_the_procedure_of_benjamini_and_hochberg() -> None:
    tails = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719]
    tails += [0.6528, 0.7590, 1.0]  # section 3.2 of the paper: four of fifteen at 0.05
    assert believed(random.Random(1).sample(tails, len(tails)), 0.05) == 0.0095
    assert believed([0.2, 0.9], 0.05) == 0
    assert believed([], 0.05) == 0


# --- judging -----------------------------------------------------------------------------------------------------
def units(count: int, group: str = "commune") -> dict[str, str]:
    return {f"U{i:02}": group for i in range(count)}


def one(test: Test, own: tuple[int, int] | None, *peers: tuple[int, int], is_over: bool = True) -> Judgement:
    """Judge the first unit by one test."""
    counts = {f"U{i:02}": Count(*c) for i, c in enumerate(peers, start=1)}
    if own is not None:
        counts["U00"] = Count(*own)
    known = KNOWN.model_copy(update={"tests": (test,)})
    return judge(known, {test.code: counts}, units(len(peers) + 1), is_over=is_over)[0]


JUST_BEFORE = next(t for t in KNOWN.tests if t.code == "finished_just_before_due")
LAST_DAY = next(t for t in KNOWN.tests if t.whole_span)
STOCK = next(t for t in KNOWN.tests if t.statistic == "difference")
PEERS = ((10, 200), (8, 150), (12, 300))


def test_a_unit_unlike_its_peers_is_asked_with_all_figures() -> None:
    found = one(JUST_BEFORE, (60, 100), *PEERS)
    assert found.verdict == "asked"
    assert found.figures is not None
    assert found.figures.model_dump(exclude={"tail"}) == {
        "n": 60, "d": 100, "peers": 3, "peers_n": 30, "peers_d": 650, "recomputed": None
    }  # fmt: skip
    assert found.figures.tail == pytest.approx(float(exactly(60, 100, 30, 650)), rel=1e-6)
    assert found.figures.ratio == pytest.approx(13)


@pytest.mark.parametrize(
    ("own", "peers", "reason"),
    [
        (None, PEERS, "không có bản ghi để xét, cần ít nhất 30"),
        ((29, 29), PEERS, "29 bản ghi để xét, cần ít nhất 30"),
        ((60, 100), PEERS[:2], "2 đơn vị cùng nhóm có dữ liệu, cần ít nhất 3"),
        ((60, 100), (), "không có đơn vị cùng nhóm có dữ liệu, cần ít nhất 3"),
        (
            (60, 100),
            ((1, 30), (1, 30), (1, 39)),
            "các đơn vị cùng nhóm chỉ có 99 bản ghi để so, cần ít nhất 100",
        ),
    ],
)
def test_too_little_is_not_judged_and_says_why(
    own: tuple[int, int] | None, peers: tuple[tuple[int, int], ...], reason: str
) -> None:
    found = one(JUST_BEFORE, own, *peers)
    assert (found.verdict, found.reason, found.figures) == ("not_judged", reason, None)


def test_units_of_another_group_are_no_peers() -> None:
    groups = {**units(4), "U00": "department"}
    counts = {JUST_BEFORE.code: {u: Count(5, 100) for u in groups} | {"U00": Count(60, 100)}}
    known = KNOWN.model_copy(update={"tests": (JUST_BEFORE,)})
    assert judge(known, counts, groups, is_over=True)[0].verdict == "not_judged"


@pytest.mark.parametrize(
    ("own", "verdict"),
    [((2_800, 20_000), "quiet"), ((3_100, 20_000), "asked")],
    ids=["certain, but under three times the share", "over it"],
)
def test_a_certain_but_small_difference_is_not_worth_a_question(own: tuple[int, int], verdict: str) -> None:
    found = one(JUST_BEFORE, own, (500, 10_000), (500, 10_000), (500, 10_000))
    assert found.figures is not None
    assert found.figures.tail is not None
    assert found.figures.tail < 1e-9
    assert found.verdict == verdict


def test_a_large_difference_of_few_records_is_not_believed() -> None:
    assert one(JUST_BEFORE, (5, 30), *((6, 120),) * 3).verdict == "quiet"


@pytest.mark.parametrize(("n", "verdict"), [(4, "quiet"), (5, "asked")])
def test_a_handful_of_records_is_not_worth_a_question(n: int, verdict: str) -> None:
    found = one(JUST_BEFORE, (n, 30), *((0, 5_000),) * 3)
    assert found.figures is not None
    assert found.figures.ratio is None
    assert found.verdict == verdict


def test_a_test_of_whole_spans_waits_for_the_end() -> None:
    assert one(LAST_DAY, (60, 100), *PEERS, is_over=False).reason == "kỳ báo cáo chưa kết thúc"
    assert one(LAST_DAY, (60, 100), *PEERS, is_over=True).verdict == "asked"


def test_two_numbers_that_must_be_one_need_no_peers() -> None:
    counts = {STOCK.code: {"U00": Count(3, 40, True, 41), "U01": Count(7, 7, False)}}
    known = KNOWN.model_copy(update={"tests": (STOCK,)})
    asked, quiet, silent = judge(known, counts, units(3), is_over=True)
    assert (asked.verdict, quiet.verdict, silent.verdict) == ("asked", "quiet", "not_judged")
    assert asked.figures == Figures(n=3, d=40, peers=1, peers_n=0, peers_d=1, recomputed=41)
    assert silent.reason == "đơn vị chưa báo cáo cả hai số của hai kỳ liền nhau"


# --- the tests as data -------------------------------------------------------------------------------------------
PLACEHOLDERS = {
    "unit",
    "span",
    "last",
    "n",
    "d",
    "share",
    "peers",
    "peers_n",
    "peers_d",
    "peers_share",
    "recomputed",
}
ACCUSING = (
    "gian dối",
    "gian lận",
    "khai khống",
    "vi phạm",
    "sai phạm",
    "bất thường",
    "nghi",
    "đối phó",
    "che giấu",
    "cố ý",
)


@pytest.mark.parametrize("test", KNOWN.tests, ids=lambda t: t.code)
def test_a_question_is_one_and_no_accusation(test: Test) -> None:
    figures = Figures(n=1234, d=2000, peers=19, peers_n=56, peers_d=78_000)
    said = sentence(KNOWN, test, "Sở Y tế", SPAN, figures)
    assert "Xin cho biết" in said
    assert said.endswith("?")
    assert "1.234" in said
    assert "từ 15/10/2026 đến 14/11/2026" in said
    for text in (said, test.title, test.counted, *test.innocent):
        assert unicodedata.is_normalized("NFC", text)
        assert not [word for word in ACCUSING if f" {word} " in f" {text.lower()} "]
    assert len(test.origin) > 20


@pytest.mark.parametrize("test", KNOWN.tests, ids=lambda t: t.code)
def test_a_sentence_names_its_parameters_and_a_statement_reads_them(test: Test) -> None:
    used = {name for _, name, _, _ in string.Formatter().parse(test.question) if name}
    assert used <= PLACEHOLDERS | set(test.parameters) | {"month_ends_on"}
    for name in test.parameters:
        assert f":{name}" in source(test.code) + source("counts_by_day") * (test.statistic == "burst")


def test_a_share_is_written_as_officers_do() -> None:
    said = sentence(KNOWN, JUST_BEFORE, "Sở Y tế", SPAN, Figures(n=1, d=8, peers=3, peers_n=0, peers_d=1500))
    assert "1 trong 8 hồ sơ có hẹn trả đến giờ của Sở Y tế (12,5%)" in said
    assert "ở 3 đơn vị cùng nhóm là 0 trong 1.500 (0,0%)" in said


def test_a_code_stands_once() -> None:
    with pytest.raises(ValidationError, match="stands twice"):
        model.Tests(judging=KNOWN.judging, tests=(STOCK, STOCK))


@pytest.mark.parametrize(
    ("day", "spans"),
    [
        (date(2026, 11, 14), ["2026-10-15..2026-11-14"]),
        (date(2026, 11, 15), ["2026-10-15..2026-11-14", "2026-11-15..2026-11-15"]),
        (date(2027, 1, 21), ["2026-12-15..2027-01-14", "2027-01-15..2027-01-21"]),
        (date(2027, 1, 22), ["2027-01-15..2027-01-22"]),
    ],
)
def test_in_its_first_days_a_month_is_judged_with_the_one_before(day: date, spans: list[str]) -> None:
    assert [f"{span.first}..{span.until}" for span in spans_of(day)] == spans


def test_a_span_grows_and_never_shrinks() -> None:
    begun = span_of(date(2026, 11, 1))
    assert begun.up_to(None) == begun.up_to(date(2026, 10, 20)) == begun
    assert begun.up_to(date(2026, 11, 10)).until == date(2026, 11, 10)
    assert begun.up_to(date(2026, 12, 10)).is_over


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 11, 14), date(2026, 10, 15), date(2026, 11, 14)),
        (date(2026, 11, 15), date(2026, 11, 15), date(2026, 12, 14)),
        (date(2026, 12, 31), date(2026, 12, 15), date(2027, 1, 14)),
        (date(2027, 1, 1), date(2026, 12, 15), date(2027, 1, 14)),
        (date(2027, 2, 28), date(2027, 2, 15), date(2027, 3, 14)),
    ],
)
def test_the_span_is_the_month_of_reports(day: date, first: date, last: date) -> None:
    assert span_of(day) == Span(first, last, day)
    assert span_of(day).is_over == (day == last)
