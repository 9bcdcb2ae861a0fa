from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue.profiles import FieldMap
from cchc.sources.door.columns import ABSENT
from cchc.staging import date_forms
from cchc.staging.readers import Unreadable, reader
from unit.staging.many import read_together, written

FORMATS = [
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M:%S",
    "%Y-%m-%d",
    "%Y-%m-%d%z",
    "%Y-%m-%d-%H:%M",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%d/%m/%Y%z %H",
    "%Y%m%d",
    "%d %b %Y",
    "epoch_s",
]
OFFSETS = ["Z", "z", "+0700", "+07:00", "-03:30", "+24:00", "+07:00:30", "+07", ""]

heads = st.from_regex(
    r"[0-4]\d[/-][01]\d[/-](19|20)\d\d([T ][0-2]\d(:[0-6]\d){1,2})?", fullmatch=True
) | st.from_regex(
    r"(1899|19\d\d|20\d\d|2200)[/-][01]\d[/-][0-3]\d([Tt -][0-2]\d(:[0-6]\d){1,2})?", fullmatch=True
)
tails = st.tuples(
    st.sampled_from(["", ".0", ".000", ".123", ".000250", ".1234567"]), st.sampled_from(OFFSETS)
).map("".join)
chosen = st.lists(st.sampled_from(FORMATS), unique=True, min_size=1, max_size=4).map(tuple)


@given(
    st.lists(heads, min_size=1, max_size=4),
    st.lists(tails, min_size=1, max_size=2),
    chosen,
    st.sampled_from(["timestamp", "date"]),
    st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin"]),
)
def test_what_is_read_together_is_read_so_alone(
    heads: list[str], tails: list[str], formats: tuple[str, ...], kind: str, zone: str
) -> None:
    field = FieldMap.model_validate({"path": "x", "type": kind, "formats": formats, "empty": ["2026-11-01"]})
    read = reader(field, zone)
    texts = [head + tail for head in heads for tail in tails]
    for found in read_together(field, zone, texts, [*texts, None, ABSENT, ""]) or ():
        for text, forms in found.items():
            assert isinstance(text, str)
            assert written(field, read(text)) == forms, text


@pytest.mark.parametrize(
    ("form", "texts", "others"),
    [
        (
            "%Y-%m-%dT%H:%M:%S.%f%z",
            ["2026-11-02T08:30:00.000+0700", "2026-11-02T08:30:59.250+0700"],
            ["2026-11-02T08:30:60.000+0700"],
        ),
        (
            "%Y-%m-%dT%H:%M:%S%z",
            ["2026-11-02T08:30:00Z", "2024-02-29T23:59:59Z"],
            ["2026-02-29T08:30:00Z", "2026-11-02T24:00:00Z"],
        ),
        (
            "%Y-%m-%dT%H:%M:%S",
            ["2026-11-02T08:30:00"],
            ["2026-11-02 08:30:00", "1899-11-02T08:30:00", "2026-1１-02T08:30:00"],
        ),
        ("%d/%m/%Y %H:%M", ["02/11/2026 08:30"], ["02/11/2026 08:3x", "00/11/2026 08:30"]),
    ],
)
def test_forms_that_vendors_write(form: str, texts: list[str], others: list[str]) -> None:
    """Which ones are read together: else nothing would be said above."""
    found = date_forms.read([*texts, *others], next(date_forms.certain([form])))
    assert found is not None
    assert found.read.tolist() == [True] * len(texts) + [False] * len(others)
    read = reader(FieldMap(path="x", type="timestamp", formats=(form,)), "UTC")
    for text, day, second, microsecond in zip(
        texts, found.days, found.seconds, found.microseconds, strict=False
    ):
        zone = timezone(timedelta(seconds=found.offset or 0))
        since = timedelta(days=int(day), seconds=int(second), microseconds=int(microsecond))
        assert read(text) == (datetime(1970, 1, 1, tzinfo=zone) + since).astimezone(UTC)


@pytest.mark.parametrize(
    "texts",
    [
        ["2026-11-02\n2026", "11-03", "2026-11-04"],
        ["2026-11-02\n2026-11-03", None, "2026-11-04"],
        ["2026-11-021", "026-11-03", "2026-11-04"],
        ["2026-11-0", "22026-11-03", "2026-11-04"],
        ["2026-11-0２", "2026-11-\udc80\udc80", "2026-11-04"],
    ],
)
def test_a_text_is_not_taken_for_another(texts: list[str | None]) -> None:
    """One behind the other, the texts are as long as three days and have as many lines."""
    field = FieldMap(path="x", type="date", formats=("%Y-%m-%d",))
    (found,) = read_together(field, "UTC", texts) or ()
    assert found == {"2026-11-04": written(field, date(2026, 11, 4))}


def test_a_form_that_another_might_read_before_it_is_not_certain() -> None:
    def certain(*formats: str) -> int:
        return len(list(date_forms.certain(formats)))

    assert certain("%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y") == 3
    assert certain("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z") == 2
    assert certain("%d/%m/%Y", "%m/%d/%Y") == 1
    assert certain("%Y-%m-%d%z", "%Y-%m-%d-%H", "%Y-%m-%d") == 2
    assert certain("%d %b %Y", "%Y-%m-%d") == 0
    assert certain("epoch_s", "%Y-%m-%d") == 0
    assert certain("%d/%d/%Y", "%H:%M") == 0
    assert certain("%d?%m?%Y") == 0


def test_all_forms_of_a_field_and_all_its_columns_are_read_together() -> None:
    field = FieldMap(path="x", type="timestamp", formats=("%d/%m/%Y %H:%M:%S", "%d/%m/%Y"))
    columns = ["01/11/2026 08:30:00", "01/11/2026", "32/11/2026"], ["02/11/2026", None, ABSENT]
    read = reader(field, "UTC")
    assert read_together(field, "UTC", *columns) == [
        {text: written(field, read(text)) for text in texts}
        for texts in (["01/11/2026 08:30:00", "01/11/2026"], ["02/11/2026"])
    ]


def test_a_day_that_a_profile_calls_empty_is_no_moment() -> None:
    field = FieldMap(
        path="x", type="timestamp", formats=("%Y-%m-%dT%H:%M:%S",), empty=("1900-01-01T00:00:00",)
    )
    assert read_together(field, "UTC", ["1900-01-01T00:00:00"]) is None
    assert reader(field, "UTC")("1900-01-01T00:00:00") is None
    with pytest.raises(Unreadable):
        reader(field, "UTC")("1900-01-32T00:00:00")
