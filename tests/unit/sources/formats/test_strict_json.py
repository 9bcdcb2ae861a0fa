from __future__ import annotations

import pytest

from cchc.sources.formats.strict_json import BadJson, parse


def test_fractions_stay_as_written_and_a_byte_order_mark_is_nothing() -> None:
    assert parse(b'\xef\xbb\xbf{"a": 1.20, "b": 12E5, "c": 7}') == {"a": "1.20", "b": "12E5", "c": 7}


@pytest.mark.parametrize(
    ("body", "cut_short"),
    [
        (b'{"a": 1, "a": 2}', False),
        (b'{"a": NaN}', False),
        (b'{"a": -Infinity}', False),
        (b'{"a": ' + b"9" * 5000 + b"}", False),
        (b"not json", False),
        (b"", True),
        ("{'a': 'á'}".encode("utf-16"), False),
        (b"[" * 100_000, False),
        (b'{"a": [1, 2', True),
        (b'{"a": "xyz', True),
        ('{"a": "ậ'.encode()[:-1], True),
    ],
)
def test_what_cannot_be_trusted_is_refused(body: bytes, cut_short: bool) -> None:
    with pytest.raises(BadJson) as caught:
        parse(body)
    assert caught.value.cut_short is cut_short
