"""NDJSON: each line an object, read strictly."""

from __future__ import annotations

import io

import pytest

from cchc.sources.formats.lines import rows_of_ndjson
from cchc.sources.formats.separated import BadText


def test_lines_with_and_without_mark_and_blank_lines() -> None:
    content = b'\xef\xbb\xbf{"a": "x"}\r\n\r\n{"a": 12345678901234567890}\n'
    assert list(rows_of_ndjson(io.BytesIO(content))) == [(1, {"a": "x"}), (3, {"a": 12345678901234567890})]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"a": ', "cut off"),
        ('{"a": 1', "cut off"),
        ('{"a": 1, "a": 2}', "stands twice"),
        ('{"a": NaN}', "JSON"),
        ('{"a": Infinity}', "JSON"),
        ('{"a": ' + "9" * 5000 + "}", "digits"),
        ("[" * 100_000, "nested|JSON"),
        ('{"a": "' + "x" * 1_000_001 + '"}', "over 1000000 bytes"),
        ("[1]", "not a JSON object"),
        ("null", "not a JSON object"),
    ],
    ids=["cut", "cut value", "twice", "nan", "infinity", "digits", "deep", "long", "list", "null"],
)
def test_a_line_that_cannot_be_trusted(line: str, words: str) -> None:
    with pytest.raises(BadText, match=words) as caught:
        list(rows_of_ndjson(io.BytesIO(f'{{"a": 0}}\n{line}'.encode())))
    assert caught.value.line == 2
