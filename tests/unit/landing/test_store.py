from __future__ import annotations

import gzip
import hashlib
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cchc.catalogue.models import Source
from cchc.errors import CchcError
from cchc.landing.delivery import Delivery, LandedRow
from cchc.landing.store import Spool, read, read_blocks, store
from cchc.sources.connector import Window

SOURCE = Source(code="x-nguon", unit="X", profile="p", history_from=date(2022, 1, 1))
WINDOW = Window(date(2022, 1, 1), date(2022, 1, 31))
AT = datetime(2022, 2, 1, tzinfo=UTC)
ROWS: list[tuple[str, dict[str, str | None]]] = [
    ("1", {"b": "Nguồn", "a": None}),
    ("2", {}),
    ("2", {"a": "007"}),
]


def land(root: Path | str, rows: list[tuple[str, dict[str, str | None]]], refused: int = 0) -> Delivery:
    with Spool() as spool:
        for page, fields in rows:
            spool.take(1, (0,), (page,), {path: (text,) for path, text in fields.items()})
        spool.take(refused, (), (), {})
        return store(str(root), spool, source=SOURCE, dataset="dossier", window=WINDOW, pulled_at=AT)


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_what_is_landed_is_read(tmp_path: Path) -> None:
    delivery = land(tmp_path, ROWS, refused=2)
    assert list(read(delivery)) == [LandedRow(n, page, fields) for n, (page, fields) in enumerate(ROWS, 1)]
    assert (delivery.received, delivery.refused, delivery.landed) == (5, 2, 3)
    assert Path(delivery.path).relative_to(tmp_path).parts[:3] == (
        "x-nguon",
        "dossier",
        "2022-01-01_2022-01-31",
    )
    assert files(tmp_path) == [Path(delivery.path)]
    assert delivery.bytes == Path(delivery.path).stat().st_size


def test_the_same_content_is_the_same_file_and_delivery(tmp_path: Path) -> None:
    here, there = (
        land(tmp_path / "a", ROWS),
        land(tmp_path / "b", [(p, dict(reversed(f.items()))) for p, f in ROWS]),
    )
    assert Path(here.path).read_bytes() == Path(there.path).read_bytes()
    assert here.delivery_id == there.delivery_id
    before = Path(here.path).stat().st_mtime_ns
    assert land(tmp_path / "a", ROWS) == here
    assert Path(here.path).stat().st_mtime_ns == before


def test_other_content_or_counts_are_another_delivery(tmp_path: Path) -> None:
    ids = {
        land(tmp_path, ROWS).delivery_id,
        land(tmp_path, ROWS, 1).delivery_id,
        land(tmp_path, ROWS[:2]).delivery_id,
    }
    assert len(ids) == len(files(tmp_path)) == 3


def test_an_empty_delivery_is_a_file_too(tmp_path: Path) -> None:
    assert list(read(land(tmp_path, []))) == []


def test_an_object_store_will_do() -> None:
    delivery = land("memory://landing", ROWS)
    assert delivery.path.startswith("memory://landing/x-nguon/dossier/")
    assert len(list(read(delivery))) == 3


def test_every_damaged_byte_of_the_content_is_found(tmp_path: Path) -> None:
    delivery = land(tmp_path, ROWS)
    whole = Path(delivery.path).read_bytes()
    wanted = list(read(delivery))
    for at in range(len(whole)):
        Path(delivery.path).write_bytes(whole[:at] + bytes([whole[at] ^ 0x20]) + whole[at + 1 :])
        found = []
        with suppress(CchcError):
            found = list(read(delivery))
        assert found in ([], wanted)  # some bytes of the packing mean nothing, none gives another content
    for end in range(len(whole)):
        Path(delivery.path).write_bytes(whole[:end])
        with pytest.raises(CchcError, match="damaged"):
            list(read(delivery))


def test_a_well_packed_file_with_other_content_is_found(tmp_path: Path) -> None:
    delivery = land(tmp_path, ROWS)
    with pa.input_stream(delivery.path, compression="zstd") as packed:
        content = packed.read()
    with pa.output_stream(delivery.path, compression="zstd") as packed:
        packed.write(content.replace(b"007", b"008"))
    with pytest.raises(CchcError, match="checksum"):
        list(read(delivery))


SOUND = {"row_no": [1, 2], "page": "p", "columns": {"a": ["x", None]}}


def put(root: Path, name: str, *lines: object) -> Delivery:
    """Return a delivery of two rows whose file holds these lines, under a checksum that fits."""
    content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    path = root / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(content))
    else:
        with pa.output_stream(str(path), compression="zstd") as packed:
            packed.write(content)
    rows = replace(land(root, ROWS[:2]), path=str(path), sha256=hashlib.sha256(content).hexdigest())
    return replace(rows, landed=2)


COUNTED = {"counts": {"received": 2, "refused": 0, "landed": 2}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": {"a": ["x", ["y"]]}},
        {"columns": {"a": ["x", 1]}},
        {"columns": {"a": ["x", True]}},
        {"columns": {"a": "xy"}},
        {"columns": {"a": {"0": "x", "1": "y"}}},
        {"columns": {"a": ["x"]}},
        {"columns": [["x", "y"]]},
        {"page": ["p"]},
        {"page": ["p", None]},
        {"page": None},
        {"row_no": [1, 2, 3]},
        {"row_no": [1, "2"]},
        {"row_no": [1, 2.5]},
        {"row_no": [0, 1]},
        {"row_no": [1, 2**63]},
        {"row_no": "12"},
        {"row_no": 2},
        {"absent": {"a": [2]}},
        {"absent": {"b": [0]}},
        {"absent": {"a": [[0]]}},
        {"absent": [0]},
    ],
)
def test_a_block_of_another_shape_is_damage_before_anyone_takes_it(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    assert len(list(read(put(tmp_path, "sound.columns.zst", SOUND, COUNTED)))) == 2
    with pytest.raises(CchcError, match="damaged: it cannot be read"):
        next(read_blocks(put(tmp_path, "wrong.columns.zst", {**SOUND, **wrong}, COUNTED)))


@pytest.mark.parametrize(
    "wrong", [{"fields": ["x"]}, {"fields": {"a": ["x"]}}, {"fields": None}, {"page": 1}, {"row_no": "1"}]
)
def test_a_row_of_before_of_another_shape_is_damage(tmp_path: Path, wrong: dict[str, object]) -> None:
    row = {"row_no": 1, "page": "p", "fields": {"a": "x"}}
    assert len(list(read(put(tmp_path, "sound.ndjson.gz", row, row, COUNTED)))) == 2
    with pytest.raises(CchcError, match="damaged: it cannot be read"):
        next(read_blocks(put(tmp_path, "wrong.ndjson.gz", row, row | wrong, COUNTED)))


def test_files_of_before_are_still_read(tmp_path: Path) -> None:
    lines = [
        {"fields": fields, "page": page, "row_no": number} for number, (page, fields) in enumerate(ROWS, 1)
    ]
    counted = {"counts": {"received": 3, "refused": 0, "landed": 3}}
    content = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in [*lines, counted]).encode()
    path = tmp_path / "0123.ndjson.gz"
    path.write_bytes(gzip.compress(content))
    old = replace(land(tmp_path, ROWS), path=str(path), sha256=hashlib.sha256(content).hexdigest())
    assert list(read(old)) == [LandedRow(n, page, fields) for n, (page, fields) in enumerate(ROWS, 1)]
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CchcError, match="damaged"):
        list(read(old))


def test_a_damaged_file_is_mended_by_the_same_content(tmp_path: Path) -> None:
    delivery = land(tmp_path, ROWS)
    whole = Path(delivery.path).read_bytes()
    Path(delivery.path).write_bytes(whole[:-1] + b"x")
    assert land(tmp_path, ROWS) == delivery
    assert Path(delivery.path).read_bytes() == whole


def test_a_missing_file_and_a_wrong_manifest_are_named(tmp_path: Path) -> None:
    delivery = land(tmp_path, ROWS)
    with pytest.raises(CchcError, match="holds 3 rows, the manifest says 4"):
        list(read(replace(delivery, landed=4)))
    Path(delivery.path).unlink()
    with pytest.raises(CchcError, match="it is missing"):
        list(read(delivery))


def test_a_root_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CchcError, match="CCHC_LANDING"):
        land(tmp_path / "file", ROWS)


texts = st.text(alphabet='aậ007 \n\r"\\\u2028\U0001f9fe,{}', max_size=12)
rows = st.lists(st.tuples(texts, st.dictionaries(texts, st.none() | texts, max_size=4)), max_size=8)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows)
def test_any_rows_come_back_as_they_were(
    tmp_path: Path, rows: list[tuple[str, dict[str, str | None]]]
) -> None:
    found = list(read(land(tmp_path, rows)))
    assert [(row.page, row.fields) for row in found] == rows
