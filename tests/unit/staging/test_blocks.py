from __future__ import annotations

import struct
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from cchc.catalogue.base import DatasetName
from cchc.catalogue.load import cached
from cchc.catalogue.profiles import FieldMap, Profile
from cchc.landing.delivery import Block, LandedRow
from cchc.settings import SHIPPED_CATALOGUE
from cchc.staging import copying
from cchc.staging.blocks import compile_blocks
from cchc.staging.mapping import compile_map
from cchc.staging.readers import reader
from cchc.staging.row_hash import canonical, row_hash
from cchc.staging.together import reader as reader_of_many
from cchc.warehouse.datasets import TYPES

ZONES = ["Asia/Ho_Chi_Minh", "UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns"]
PROFILES = cached(SHIPPED_CATALOGUE).profiles
MAPS = [(profile, dataset) for profile in PROFILES.values() for dataset in profile.datasets]

moments = st.datetimes(datetime(1890, 1, 1), datetime(2210, 1, 1)).map("{:%d/%m/%Y %H:%M:%S}".format)  # noqa: DTZ001
texts = (
    st.none()
    | st.sampled_from(
        [
            "",
            "done",
            "no such",
            "01/11/2026 08:30:00",
            "31/02/2026",
            "31/02/2026 10:00:00",
            "29/02/2024 23:59:60",
            "01/11/2026 24:00:00",
            "01/11/2026\n08:30:00",
            "٠١/١١/٢٠٢٦ 08:30:00",
            "01.11.2026 08:30:00",
            "31/03/1911 23:50:00",
            "⟦masked:name⟧",
            "⟦unread:digits⟧",
            "2",
            "000.00.09.H14-220105-0001",
            " H14 . 01\t2",
            "H14  1",
            "ấp 3",
            "x" * 201,
            "true",
            "99999999999",
        ]
    )
    | moments
    | moments.map(lambda text: text[:10])
    | st.text(alphabet="019/: aậ.,-", max_size=20)
)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Profile, DatasetName, list[dict[str, str | None]]]:
    """A shipped map, and rows with some of its fields."""
    profile, dataset = draw(st.sampled_from(MAPS))
    paths = sorted({f.path for f in profile.datasets[dataset].fields.values() if f.path})
    few = draw(st.lists(texts, min_size=1, max_size=6))  # so that texts come again
    return (
        profile,
        dataset,
        draw(
            st.lists(
                st.dictionaries(st.sampled_from(paths), st.sampled_from(few) | texts), min_size=1, max_size=6
            )
        ),
    )


@settings(max_examples=200, deadline=None)
@given(blocks())
def test_rows_are_read_together_as_they_are_one_by_one(
    given: tuple[Profile, DatasetName, list[dict[str, str | None]]],
) -> None:
    profile, dataset, fields = given
    landed = [LandedRow(number, f"page {number}", one) for number, one in enumerate(fields, 1)]
    block = compile_blocks(dataset, profile)(Block.of(landed))
    single = list(map(compile_map(dataset, profile), landed))
    assert list(block.cast_errors) == [row.cast_errors for row in single]
    assert (
        list(block.row_hash) == [row_hash(row.values) for row in single] == [row.row_hash for row in single]
    )
    writers = [copying.field(of_type) for of_type in TYPES[dataset].values()]
    written = [[write(value) for write, value in zip(writers, row.values, strict=True)] for row in single]
    size = len(landed)
    columns = [[found] * size if isinstance(found, bytes) else found for found in block.fields]
    assert [list(row) for row in zip(*columns, strict=True)] == written
    assert copying.rows(size, block.fields) == b"".join(
        struct.pack("!h", len(row)) + b"".join(row) for row in written
    )
    assert list(Block.of(landed).rows()) == landed


@given(st.datetimes(datetime(1895, 1, 1), datetime(2205, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_moments_are_read_together_in_every_zone(local: datetime, zone: str) -> None:
    field = FieldMap(path="x", type="timestamp", formats=("%d/%m/%Y %H:%M:%S",), zone=zone)
    write = copying.field("timestamptz")
    together = reader_of_many(field, "UTC", lambda value: (canonical(value), write(value)))
    assert together is not None
    read = reader(field, "UTC")
    day = [local.replace(hour=hour, microsecond=0) for hour in range(24)]
    found = together([f"{one:%d/%m/}{one.year:04}{one: %H:%M:%S}" for one in day])
    for text, form, data in zip(found.texts, found.canonical, found.fields, strict=True):
        value = read(text)
        assert (canonical(value), write(value)) == (form, data)
    assert len(found.texts) in (0, 24)


def test_a_day_without_a_change_of_the_clock_is_read_together() -> None:
    field = FieldMap(path="x", type="timestamp", formats=("%d/%m/%Y %H:%M:%S",))
    for zone, day, many in (
        ("Asia/Ho_Chi_Minh", "03/11/2026", 1),
        ("Europe/Berlin", "24/10/2026", 1),
        ("Europe/Berlin", "25/10/2026", 0),
    ):
        together = reader_of_many(field, zone, lambda _: (b"", b""))
        assert together is not None
        assert len(together([f"{day} 08:30:00"]).texts) == many
