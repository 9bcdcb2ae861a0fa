"""What officers read: numbers, places and causes in Vietnamese."""

from __future__ import annotations

import unicodedata

import pytest

from cchc.alerting import words
from cchc.catalogue.base import DATASETS


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1234, "1.234"), (1234567, "1.234.567")]
)
def test_counts_are_written_as_in_vietnam(number: int, text: str) -> None:
    assert words.count(number) == text


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dataset_has_a_name(dataset: str) -> None:
    assert words.dataset(dataset) != dataset


@pytest.mark.parametrize("error", ["SourceUnavailable", "SourceRefused", "ContractBroken", "DeliveryHeld"])
def test_every_failure_of_a_source_says_what_its_unit_should_do(error: str) -> None:
    what, action = words.cause(error)
    assert not words.is_ours(error)
    assert what
    assert action.endswith(".")
    assert unicodedata.is_normalized("NFC", what + action)


@pytest.mark.parametrize(
    "name", [None, "Interrupted", "ConfigurationError", "ReconciliationError", "KeyError"]
)
def test_any_other_failure_is_ours(name: str | None) -> None:
    assert words.is_ours(name)
    assert "Đơn vị không phải làm gì" in words.cause(name)[1]


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ("2", "trang 2"),
        ("so_tiep_nhan_2026.csv:15", "so_tiep_nhan_2026.csv:15"),
        ("sheet A row 7", "sheet A row 7"),
    ],
)
def test_a_place_is_where_a_person_looks(page: str, place: str) -> None:
    assert words.place(page) == place


def test_long_and_broken_lines_are_made_short() -> None:
    assert words.short("a\r\nBcc:  b") == "a Bcc: b"
    assert len(words.short("x" * 5000)) == 400
    assert words.short("x" * 5000).endswith("…")


def test_a_long_list_of_names_is_cut() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(list("abcde")) == "a, b, c, d, e"
    assert words.listed([f"s{n}" for n in range(1239)]) == "s0, s1, s2, s3, s4 và 1.234 nguồn nữa"
