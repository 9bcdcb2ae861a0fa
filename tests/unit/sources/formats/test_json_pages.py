"""Pages read by column are what the strict reader says of them, whatever came before and in whatever they differ."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.sources.door.allow_list import Door
from cchc.sources.door.columns import Records, Table, by_column
from cchc.sources.formats.json_pages import PageReader, reader_of
from cchc.sources.formats.strict_json import BadJson, parse_strictly
from unit.sources.profiles import profile

names = st.sampled_from(["id", "mã", "a.b", "a", "k:", '"', "\u0323", ""])
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.sampled_from(["", "x", '": "', "Mật", "\u0000"])
)
objects = st.dictionaries(names, scalars | st.dictionaries(names, scalars, max_size=2), max_size=3)
# what a record of a page may be instead: two keys of a name, no whole number, too large, no letter, nested, no object
oddities = st.sampled_from(
    [
        '{"id": 1, "id": 2}',
        '{"\\u0069d": "x", "id": "y"}',
        '{"id": 1.0}',
        '{"id": 1e2}',
        '{"id": 99999999999999999999}',
        '{"id": ' + "9" * 41 + "}",
        '{"id": "\\ud800"}',
        '{"id": [1]}',
        '{"id": {"id": {"id": {}}}}',
        "[]",
        "null",
        "{}",
        '{"id" :\n1}',
        '{"id": NaN}',
        '{"id": 1,}',
        '{"neu": 1}',
    ]
)
KEYS = ((), ("data",), ("result", "items"))


@st.composite
def lists(draw: st.DrawFn) -> tuple[tuple[str, ...], list[bytes]]:
    """Pages of one list: most records have the fields of the others, one may be odd."""
    keys = draw(st.sampled_from(KEYS))
    alike = draw(st.lists(objects, min_size=1, max_size=3))
    bodies = []
    for _ in range(draw(st.integers(2, 4))):
        records = [
            json.dumps(draw(st.sampled_from(alike))) for _ in range(draw(st.sampled_from([20, 21, 3, 0])))
        ]
        if draw(st.booleans()):
            records = [json.dumps(r) for r in draw(st.lists(objects, max_size=2))] + records
        if records and draw(st.booleans()):
            records[draw(st.integers(0, len(records) - 1))] = draw(oddities)
        body = f"[{','.join(records)}]"
        for key in reversed(keys):
            beside = draw(
                st.sampled_from(
                    ["", '"total": 5, ', f'"{key}": 1, ', '"total": 1.50, "x": {"a": [{"b": 1}]}, ']
                )
            )
            body = f'{{{beside}"{key}": {body}}}'
        bodies.append(body.encode())
    return keys, bodies


def said(read: Any, body: bytes) -> object:
    try:
        return read(body)
    except BadJson as bad:
        return (str(bad), bad.cut_short)


def plain(value: Any) -> Any:
    """What a person would write for it, true and 1 apart."""
    return json.dumps(value, sort_keys=True, default=list)


def in_full(table: Table | None) -> object:
    if table is None:
        return None
    return {
        path: (plain([repr(v) for v in column]), kinds) for path, (column, kinds) in table.columns.items()
    }, table.objects


@given(lists())
def test_pages_are_read_as_the_strict_reader_reads_them(
    given_pages: tuple[tuple[str, ...], list[bytes]],
) -> None:
    keys, bodies = given_pages
    reader = PageReader(keys)
    for body in bodies:
        found, strictly = said(reader.parse, body), said(parse_strictly, body)
        assert plain(found) == plain(strictly)
        for key in keys:
            if not isinstance(found, dict) or not isinstance(strictly, dict) or key not in found:
                return
            found, strictly = found[key], strictly[key]
        if isinstance(found, Records) and isinstance(strictly, list):
            assert found == strictly
            assert in_full(by_column(found)) == in_full(by_column(strictly))


def page(*records: Any, **beside: Any) -> bytes:
    return json.dumps({"total": 99, **beside, "data": list(records)}).encode()


ALIKE = [{"id": n, "code": f"H{n}", "more": {"note": None if n % 2 else "x"}} for n in range(30)]


def read_by_column(reader: PageReader, body: bytes) -> bool:
    found = reader.parse(body)
    assert found == parse_strictly(body)
    return isinstance(found["data"], Records)


def test_from_the_second_page_on_a_list_is_read_by_column() -> None:
    reader = PageReader(["data"])
    assert not read_by_column(reader, page(*ALIKE))
    assert read_by_column(reader, page(*ALIKE[:3]))
    assert read_by_column(reader, page())
    assert not read_by_column(
        reader, page(*ALIKE, {"id": None, "code": "x"})
    )  # a null, a field that is not there
    assert (
        read_by_column(reader, page({"id": None, "code": "x"}, *ALIKE, {"id": 5, "code": "y", "more": None}))
        is False
    )
    assert read_by_column(
        reader, page({"id": None, "code": "x"}, *ALIKE, {"id": 5, "code": "y", "more": None})
    )
    assert not read_by_column(reader, page(*ALIKE, new=1))  # beside the records


@pytest.mark.parametrize(
    "odd", ['{"id": 1, "id": 1, "code": ""}', '{"id": 1.5, "code": ""}', '{"id": [], "code": ""}']
)
def test_a_list_that_is_odd_page_after_page_is_read_in_the_old_way(odd: str) -> None:
    reader = PageReader(["data"])
    body = page(*ALIKE).replace(b"]}", b", " + odd.encode() + b"]}")
    for _ in range(5):
        assert said(reader.parse, body) == said(parse_strictly, body)
    assert not read_by_column(reader, page(*ALIKE))


def test_records_are_made_where_somebody_asks_for_one() -> None:
    reader = PageReader(["data"])
    reader.parse(page(*ALIKE))
    records = reader.parse(page(*ALIKE))["data"]
    assert (records[3], records[-2:], list(records), len(records)) == (ALIKE[3], ALIKE[-2:], ALIKE, 30)
    assert records == ALIKE
    assert records != ALIKE[1:]
    assert list(records.each("code"))[:2] == ["H0", "H1"]
    assert records.each("more")[1] == {"note": None}


def field_names(many: int) -> list[str]:
    return [f"field {n}" for n in range(many)]


def test_what_one_source_showed_harms_no_other() -> None:
    """Sick ones: fractions on every page, a name that the door takes for another, an object where others have a text,
    hundreds of fields."""
    keys = ("data",)
    wide = [dict.fromkeys(field_names(400), "x")] * 30
    sick = [
        [{**record, "id": 1.5} for record in ALIKE],
        [{**record, " code": "y"} for record in ALIKE],
        [{**record, "code": {"of": "x"}} for record in ALIKE],
        wide,
    ]
    for number, records in enumerate(sick):
        reader = reader_of(f"a profile {number}", keys)
        for _ in range(5):
            reader.parse(page(*records))
        healthy = reader_of(f"a profile {number}", keys)
        healthy.parse(page(*ALIKE))
        assert read_by_column(healthy, page(*ALIKE))


@pytest.mark.parametrize("within", [False, True])
def test_records_with_hardly_a_field_in_common_are_not_made_wide(within: bool) -> None:
    """Each would take a place for every field: 100 bytes of a hostile page would be megabytes."""
    fields: dict[str, Any] = dict.fromkeys(field_names(300), "x")
    wide, narrow = ({"id": 1, "more": fields} if within else {"id": 1, **fields}), {"id": 1}
    reader = PageReader(["data"])
    reader.parse(page(wide, *[narrow] * 25))
    assert read_by_column(reader, page(wide, *[narrow] * 20))
    assert not read_by_column(reader, page(*[narrow] * 3_000))
    assert not read_by_column(reader, page(wide, *[narrow] * 3_000))


def test_records_with_hardly_a_field_in_common_teach_nothing() -> None:
    reader = PageReader(["data"])
    reader.parse(page({"id": 1, **dict.fromkeys(field_names(300), "x")}, *[{"id": 1}] * 3_000))
    assert not read_by_column(reader, page({"id": 1}))


@pytest.mark.parametrize(
    "record",
    [
        {"number": "H-1", "number ": "H-2"},
        {"number": "H-1", "\u200bnumber": "H-2"},
        {"procedure.code": "1.01", "procedure": {"code": "1.02"}},
    ],
)
def test_of_two_fields_of_one_path_the_first_of_each_record_counts(record: dict[str, Any]) -> None:
    door, reader = Door(profile("example-rest").datasets["dossier"]), PageReader(["data"])
    reader.parse(page(*[record] * 30))
    body = page(dict(reversed(record.items())))
    found, strictly = (read(body)["data"] for read in (reader.parse, parse_strictly))
    kept, should = (door.admit_page(records, by_column(records)) for records in (found, strictly))
    assert kept.columns == should.columns
