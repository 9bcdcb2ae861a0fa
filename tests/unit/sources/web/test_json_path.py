from __future__ import annotations

import pytest

from cchc.sources.web.json_path import Lacking, find, find_each, first_text

ANSWER = {
    "a": {"b": [{"id": 1, "lang": 46}, {"id": 2, "lang": "228"}]},
    "one": {"id": 3},
    "none": None,
    "flag": True,
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", [ANSWER]),
        ("a.b[*].id", [1, 2]),
        ("a.b[lang=228].id", [2]),
        ("a.b[lang=1].id", []),
        ("one[*].id", [3]),
        ("a.b.id", []),
        ("a.missing", []),
        ("none", [None]),
        ("flag.x", []),
    ],
)
def test_a_path_leads_to_every_value(path: str, found: list[object]) -> None:
    assert find(ANSWER, path) == found


@pytest.mark.parametrize("path", ["a..b", ".a", "a[", "a[]", "[*"])
def test_what_is_no_path_is_told(path: str) -> None:
    with pytest.raises(ValueError, match="is no path"):
        find(ANSWER, path)


def test_the_first_scalar_counts() -> None:
    assert first_text(ANSWER, ("none", "a", "a.b[*].id", "flag")) == "1"
    assert first_text(ANSWER, ("flag",)) == "true"
    assert first_text(ANSWER, ("none", "a")) is None


GROUPS: dict[str, object] = {"g": [{"items": [1]}, {"error": "timeout"}], "none": [], "said": {"items": [2]}}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", [GROUPS]),
        ("g", [GROUPS["g"]]),
        ("g[*]", GROUPS["g"]),
        ("g[error=timeout].error", ["timeout"]),
        ("none[*].items", []),
        ("said[*].items", [[2]]),
        ("missing[*].items", None),
        ("said.missing", None),
        ("g[error=other].error", None),
    ],
)
def test_a_path_to_all_leads_to_all_or_nowhere(path: str, found: object) -> None:
    assert find_each(GROUPS, path) == found


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("g[*].items", r"g\[2\] has no items"),
        ("g[*].error[*]", r"g\[1\] has no error"),
        ("g[error=timeout].error[*]", r"g\[error=timeout\].error has no list"),
        ("g[*][error=timeout]", r"g\[1\] has no error=timeout"),
    ],
)
def test_an_element_without_the_rest_of_the_path_is_told(path: str, words: str) -> None:
    with pytest.raises(Lacking, match=words):
        find_each(GROUPS, path)
