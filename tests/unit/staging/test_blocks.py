from __future__ import annotations

import struct
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue.base import DatasetName
from cchc.catalogue.load import cached
from cchc.catalogue.profiles import FieldMap, Profile
from cchc.landing.delivery import Block, LandedRow
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.door.columns import ABSENT, Absent
from cchc.staging import copying
from cchc.staging.blocks import compile_blocks
from cchc.staging.mapping import compile_map
from cchc.staging.readers import reader
from cchc.staging.row_hash import row_hash
from cchc.warehouse.datasets import TYPES
from unit.staging.many import read_together, written

VIETNAM = timezone(timedelta(hours=7))
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


def _are_as_one_by_one(profile: Profile, dataset: DatasetName, landed: list[LandedRow]) -> None:
    block = compile_blocks(dataset, profile)(Block.of(landed))
    single = list(map(compile_map(dataset, profile), landed))
    assert [list(block.cast_errors.get(at, ())) for at in range(len(landed))] == [
        row.cast_errors for row in single
    ]
    assert (
        list(block.row_hash) == [row_hash(row.values) for row in single] == [row.row_hash for row in single]
    )
    writers = [copying.field(of_type) for of_type in TYPES[dataset].values()]
    values = [[write(value) for write, value in zip(writers, row.values, strict=True)] for row in single]
    size = len(landed)
    columns = [[found] * size if isinstance(found, bytes) else found for found in block.fields]
    assert [list(row) for row in zip(*columns, strict=True)] == values
    assert copying.rows(size, block.fields) == b"".join(
        struct.pack("!h", len(row)) + b"".join(row) for row in values
    )
    assert list(Block.of(landed).rows()) == landed


@given(blocks())
def test_rows_are_read_together_as_they_are_one_by_one(
    given: tuple[Profile, DatasetName, list[dict[str, str | None]]],
) -> None:
    profile, dataset, fields = given
    _are_as_one_by_one(
        profile, dataset, [LandedRow(number, f"page {number}", one) for number, one in enumerate(fields, 1)]
    )


@given(st.datetimes(datetime(1895, 1, 1), datetime(2205, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_moments_are_read_together_in_every_zone(local: datetime, zone: str) -> None:
    field = FieldMap(path="x", type="timestamp", formats=("%d/%m/%Y %H:%M:%S",), zone=zone)
    read = reader(field, "UTC")
    day = [local.replace(hour=hour, microsecond=0) for hour in range(24)]
    texts = [f"{one:%d/%m/}{one.year:04}{one: %H:%M:%S}" for one in day]
    (found,) = read_together(field, "UTC", texts) or ()
    assert found in ({}, {text: written(field, read(text)) for text in texts if found})


def test_a_day_without_a_change_of_the_clock_is_read_together() -> None:
    field = FieldMap(path="x", type="timestamp", formats=("%d/%m/%Y %H:%M:%S",))
    for zone, day, many in (
        ("Asia/Ho_Chi_Minh", "03/11/2026", 1),
        ("Europe/Berlin", "24/10/2026", 1),
        ("Europe/Berlin", "25/10/2026", 0),
    ):
        (found,) = read_together(field, zone, [f"{day} 08:30:00"]) or ()
        assert len(found) == many


FORMATS = [
    ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y"),
    ("%Y-%m-%dT%H:%M:%S%z",),
    ("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S"),
    ("%Y-%m-%d %H:%M:%S.%f", "%Y%m%d"),
]
TROUBLE = [
    "",
    " ",
    "0",
    "hôm qua",
    "\ud800",
    "⟦masked:name⟧",
    "⟦unread:digits⟧",
    "⟦unread:ragged⟧",
    "x" * 201,
    "H14\n0001",
    None,
    ABSENT,
]
DAYS = [
    date(1900, 1, 1),
    date(1899, 12, 31),
    date(2199, 12, 31),
    date(2200, 1, 1),
    date(1945, 9, 2),
    date(2024, 2, 29),
]


def _moment(chance: Random, formats: tuple[str, ...]) -> str:
    """Return a moment by one of the formats; a few are damaged in ways that leave the text about as it was."""
    form = chance.choice(formats)
    day = chance.choice([*DAYS, *[date(2026, 1, 1) + timedelta(chance.randrange(400)) for _ in range(30)]])
    clock = chance.choice(
        [time(0, 0, 0), time(23, 59, 59, 999_999), time(chance.randrange(24), 30, 5, chance.randrange(10**6))]
    )
    text = datetime.combine(day, clock, chance.choice([VIETNAM, VIETNAM, UTC])).strftime(form)
    damage = chance.randrange(40)
    at = chance.randrange(len(text))
    if damage < 4:
        return text[:at] + chance.choice("0199?x\n １\udc80:") + text[at + 1 :]
    if damage == 4:
        return text + text[:3]
    return text[:-3] if damage == 5 else text


@pytest.mark.parametrize("seed", range(14))
def test_many_rows_of_all_kinds_are_read_together_as_they_are_one_by_one(seed: int) -> None:
    chance = Random(seed)
    profile, dataset = chance.choice(MAPS)
    formats, size = chance.choice(FORMATS), chance.choice([1, 2, 50, 150])
    of_dataset = profile.datasets[dataset]
    fields = {
        name: field.model_copy(
            update={"formats": formats} if field.type in ("timestamp", "date") else {"empty": ("", "0")}
        )
        for name, field in of_dataset.fields.items()
    }
    changed = of_dataset.model_copy(update={"fields": fields})
    profile = profile.model_copy(update={"datasets": {dataset: changed}})
    columns = {}
    for field in fields.values():
        if field.path is None:
            continue
        codes = [f"H14.{number:04}" for number in range(size)]
        usual = [*field.choices, *field.empty] if field.choices else [*codes, *field.empty]
        texts: list[str | Absent | None] = []
        trouble = chance.choice([0, 0.02, 0.5])
        for _ in range(size):
            if chance.random() < trouble:
                texts.append(chance.choice(TROUBLE))
            elif field.type in ("timestamp", "date"):
                texts.append(_moment(chance, formats))
            else:
                texts.append(chance.choice(usual))
        columns[field.path] = texts
    block = Block(range(1, size + 1), ["page"] * size, columns)
    _are_as_one_by_one(profile, dataset, list(block.rows()))
