"""Points of one component: caps, slopes, zero denominators, and rounding like the portal's."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue.load import cached
from cchc.catalogue.scores import Component
from cchc.indicators.scoring.points import half_up, points, share_of, to_fixed
from cchc.settings import SHIPPED_CATALOGUE

SCORES = cached(SHIPPED_CATALOGUE).score_set("qd766")
COMPONENTS = {c.code: c for g in SCORES.groups for c in g.components}


def earn(
    code: str, version: str, n: object, d: object, factor: Fraction | None = None
) -> tuple[str | None, str | None, str | None]:
    found = points(
        COMPONENTS[code],
        version,
        SCORES.versions[version].arithmetic,
        None if n is None else Decimal(str(n)),
        None if d is None else Decimal(str(d)),
        factor,
    )
    return (
        None if found.ratio is None else str(found.ratio),
        None if found.score is None else str(found.score),
        found.reason,
    )


def test_the_index_has_a_hundred_points_in_six_groups() -> None:
    assert [g.max for g in SCORES.groups] == [18, 20, 12, 10, 22, 18]
    assert sum(g.max for g in SCORES.groups) == 100


def test_linear_points() -> None:
    assert earn("on_time", "portal-2026", 144625, 184513) == ("78.38", "15.68", None)
    # 1223/1611 is 75.916 %: from the printed 75.92 % it would be 4.56
    assert earn("ORIGINAL_RESULT_AVAILABLE", "portal-2026", 1223, 1611) == ("75.92", "4.55", None)


@pytest.mark.parametrize(
    ("version", "score"),
    [("written", "0.58"), ("portal-2026", "0.46")],  # on paper 80 % is enough, the portal asks for all
)
def test_the_two_versions_differ_where_the_portal_does(version: str, score: str) -> None:
    assert earn("SO_HOA_GIAY_TO_GIAI_QUYET", version, 21233, 184513)[1] == score


def test_a_cap_gives_all_points_from_its_share_on() -> None:
    assert earn("dossiers_online", "portal-2026", 50, 100)[1] == "6.00"
    assert earn("dossiers_online", "portal-2026", 100, 100)[1] == "6.00"
    assert earn("dossiers_online", "portal-2026", 25, 100)[1] == "3.00"


@pytest.mark.parametrize(
    ("n", "factor", "expected"),
    [
        (
            40,
            Fraction(4, 5),
            ("32.00", "3.84", None),
        ),  # 40 % of which four fifths are synchronised, 50 % is enough
        (
            90,
            Fraction(1, 2),
            ("45.00", "5.40", None),
        ),  # the ceiling is reached after the multiplication, not before
        (90, Fraction(1), ("90.00", "6.00", None)),
        (90, Fraction(0), ("0.00", "0.00", None)),  # nothing synchronised is known, and is zero
        (90, None, (None, None, "chưa biết tỷ lệ DOSSIER_SYNC để nhân")),
    ],
)
def test_on_paper_dossiers_online_are_multiplied_by_the_share_of_the_synchronised(
    n: int, factor: Fraction | None, expected: tuple[str | None, ...]
) -> None:
    assert earn("dossiers_online", "written", n, 100, factor) == expected
    assert earn("dossiers_online", "portal-2026", n, 100, factor) == earn(
        "dossiers_online", "portal-2026", n, 100
    )


def test_a_share_to_multiply_by_is_at_most_the_whole_and_not_known_without_a_denominator() -> None:
    assert share_of(Decimal(110), Decimal(100)) == 1
    assert share_of(Decimal(1), Decimal(3)) == Fraction(1, 3)
    assert share_of(Decimal(0), Decimal(0)) is None
    assert share_of(None, Decimal(3)) is None
    assert share_of(Decimal(3), None) is None


def test_a_payment_share_is_rounded_before_it_earns_points() -> None:
    # 1/120 = 0.8333 %: 0.83 % of six points
    assert earn("dossiers_paid_online", "portal-2026", 1, 120)[1] == "0.05"
    rounded_first = points(
        COMPONENTS["dossiers_paid_online"], "portal-2026", "double", Decimal(8259), Decimal(9999)
    )
    assert rounded_first.score == to_fixed(6 * 82.6 / 100)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("on_time", ("0", "0", None)),
        ("PETITION_PROCESSING_ON_TIME", ("0", "6", None)),
        ("PUBLISH_ON_TIME", (None, None, "mẫu số bằng 0")),
        ("PETITION_CLASSIFICATION_TTHC", ("0", None, None)),
    ],
)
def test_nothing_to_divide_is_what_the_portal_says(code: str, expected: tuple[str | None, ...]) -> None:
    assert earn(code, "portal-2026", 0, 0) == expected


def test_on_paper_nothing_to_divide_is_never_zero() -> None:
    for component in COMPONENTS.values():
        assert earn(component.code, "written", 0, 0)[:2] == (None, None)


def test_missing_counts_are_not_zero() -> None:
    assert earn("on_time", "portal-2026", None, 10) == (None, None, "thiếu tử số")
    assert earn("on_time", "portal-2026", 10, None) == (None, None, "thiếu mẫu số")
    assert earn("on_time", "portal-2026", None, None)[1] is None
    assert earn("ELECTRONIC_CERTIFIED_COPY", "portal-2026", None, None) == ("100", "2", None)


@pytest.mark.parametrize("version", ["written", "portal-2026"])
@pytest.mark.parametrize("denominator", [0, 100])
def test_a_share_above_the_whole_earns_nothing_known(version: str, denominator: int) -> None:
    said = f"tử số 1.500 lớn hơn mẫu số {denominator}"
    for component in COMPONENTS.values():
        assert earn(component.code, version, 1500, denominator, Fraction(1)) == (None, None, said)


@pytest.mark.parametrize("version", ["written", "portal-2026"])
def test_published_counts_above_the_whole_earn_what_the_rule_says_and_are_remarked(version: str) -> None:
    """The rules have no clause for them: the ratio stands as it is, the points end at the maximum."""
    arithmetic = SCORES.versions[version].arithmetic
    for component in COMPONENTS.values():
        counts = (Decimal(1500), Decimal(1000), Fraction(1))
        found = points(component, version, arithmetic, *counts, published=True)
        most = Decimal(component.max) if component.max else None
        assert (found.ratio, found.score, found.reason) == (Decimal(150), most, None)
        assert found.remark == "tử số 1.500 lớn hơn mẫu số 1.000"


@pytest.mark.parametrize(
    ("code", "version", "expected"),
    [
        ("on_time", "portal-2026", (Decimal(0), Decimal(0))),
        ("dossiers_paid_online", "portal-2026", (Decimal(0), Decimal(0))),
        ("PETITION_PROCESSING_ON_TIME", "portal-2026", (Decimal(0), Decimal(6))),
        ("PUBLISH_ON_TIME", "portal-2026", (None, None)),
        ("REUSED_DIGITIZED_DATA", "portal-2026", (None, None)),
        ("on_time", "written", (None, None)),
    ],
)
def test_published_counts_over_nothing_are_what_the_rule_says_of_nothing_to_divide(
    code: str, version: str, expected: tuple[Decimal | None, Decimal | None]
) -> None:
    arithmetic = SCORES.versions[version].arithmetic
    found = points(COMPONENTS[code], version, arithmetic, Decimal(5), Decimal(0), published=True)
    assert (found.ratio, found.score) == expected
    said = found.remark if found.score is not None else found.reason
    assert said == "tử số 5 lớn hơn mẫu số 0"


def test_a_slope_ends_at_the_maximum() -> None:
    assert earn("procedures_integrated", "portal-2026", 79, 100)[1] == "1.98"
    assert earn("procedures_integrated", "portal-2026", 100, 100)[1] == "2.00"


def test_rounding_is_half_up_on_the_binary_value() -> None:
    assert to_fixed(0.125) == Decimal("0.13")  # a tie that a double holds
    assert to_fixed(1.005) == Decimal("1.00")  # the double is below 1.005
    assert to_fixed(90.625) == Decimal("90.63")
    assert half_up(Fraction(1005, 1000)) == Decimal("1.01")
    assert half_up(Fraction(-1005, 1000)) == Decimal("-1.01")


@given(st.integers(0, 10**7), st.integers(1, 10**7), st.sampled_from(sorted(COMPONENTS)))
def test_the_versions_agree_to_a_cent_where_their_rules_do(n: int, d: int, code: str) -> None:
    component: Component = COMPONENTS[code]
    n = min(n, d)
    double = points(component, "portal-2026", "double", Decimal(n), Decimal(d))
    exact = points(component, "portal-2026", "exact", Decimal(n), Decimal(d))
    assert double.ratio is not None
    assert exact.ratio is not None
    assert abs(double.ratio - exact.ratio) <= Decimal("0.01")
    if component.max:
        assert double.score is not None
        assert exact.score is not None
        assert abs(double.score - exact.score) <= Decimal("0.01")
        assert 0 <= double.score <= component.max
    else:
        assert double.score is None


@given(st.integers(0, 9999), st.integers(1, 10000), st.sampled_from(sorted(COMPONENTS)))
def test_more_done_is_never_fewer_points(n: int, d: int, code: str) -> None:
    n = min(n, d - 1)
    for version, how in SCORES.versions.items():
        less = points(COMPONENTS[code], version, how.arithmetic, Decimal(n), Decimal(d)).score
        more = points(COMPONENTS[code], version, how.arithmetic, Decimal(n + 1), Decimal(d)).score
        assert (less is None and more is None) or (less is not None and more is not None and less <= more)
