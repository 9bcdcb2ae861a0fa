from __future__ import annotations

import pytest

from cchc.sources.web.json_path import find, first_text

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
