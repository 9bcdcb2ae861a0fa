from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cchc.catalogue.load import cached
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.door.allow_list import Admitted, Door
from cchc.sources.door.columns import ABSENT, by_column
from cchc.sources.formats.strict_json import BadJson, parse, parse_strictly

MAPS = [m for profile in cached(SHIPPED_CATALOGUE).profiles.values() for m in profile.datasets.values()]

texts = st.sampled_from(
    [
        "",
        "MẬT",
        "m a t",
        "M\u1eacT.",
        "Tuyệt mật",
        "ＭẬＴ",
        "\u041cật",
        "1",
        "true",
        "01/02/2026",
        "Nguyễn Văn An",
        "0950000123",
        "done",
        "\u200b",
    ]
) | st.text(max_size=6)
scalars = st.none() | st.booleans() | st.integers(-2, 2) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)


@st.composite
def pages(draw: st.DrawFn) -> tuple[Any, list[dict[str, Any]]]:
    """A dataset's map, and records with fields that it knows and others."""
    chosen = draw(st.sampled_from(MAPS))
    known = sorted({f.path for f in chosen.fields.values() if f.path} | set(chosen.personal))
    names = st.sampled_from([*known, "a.b", "a", "Lạ"]) | texts
    record = st.dictionaries(names, scalars | values, max_size=6)
    shaped = draw(st.booleans())
    if shaped:  # all records with the same fields, as most pages are
        fields = draw(st.lists(names, min_size=2, max_size=5, unique=True))
        record = st.fixed_dictionaries(dict.fromkeys(fields, scalars))
    return chosen, draw(st.lists(record, max_size=5))


@given(pages())
def test_a_page_is_admitted_as_its_records_are_one_by_one(page: tuple[Any, list[dict[str, Any]]]) -> None:
    dataset_map, records = page
    found = Door(dataset_map).admit_page(records, by_column(records))
    door = Door(dataset_map)
    single = [door.admit(record) for record in records]
    unstated = next(
        (n for n, one in enumerate(single) if not isinstance(one, Admitted) and one.unstated), None
    )
    assert found.unstated == unstated
    if unstated is not None:
        return
    passed = {n: one for n, one in enumerate(single) if isinstance(one, Admitted)}
    assert list(found.numbers) == list(passed)
    rows = [
        {path: column[at] for path, column in found.columns.items() if column[at] is not ABSENT}
        for at in range(len(found.numbers))
    ]
    assert rows == [one.fields for one in passed.values()]
    assert found.unknown == frozenset().union(*(one.unknown for one in passed.values()))


def test_records_that_share_no_field_are_not_laid_out_in_columns() -> None:
    own = [{"id": str(at), "history": {f"{at}-{n}": "x" for n in range(10)}} for at in range(2_000)]
    assert by_column(own) is None
    page = Door(MAPS[0]).admit_page(own, by_column(own))
    assert list(page.numbers) == list(range(2_000))
    rare = [{"id": str(at), **({"history": {"a": "x", "b": "y"}} if at == 7 else {})} for at in range(2_000)]
    table = by_column(rare)
    assert table is not None
    assert set(table.columns) == {"id", "history.a", "history.b"}


def test_an_answer_of_endless_values_is_not_read() -> None:
    with pytest.raises(BadJson, match="smaller pages"):
        parse(b"[" + b"[]," * 2_000_001 + b"[]]")


pieces = st.sampled_from(
    [
        '{"a": 1}',
        '{"a" :1}',
        '{"a":1,"a":2}',
        '{"a":"\\":"}',
        "1.50",
        "1e400",
        "9" * 41,
        "18446744073709551616",
        "-0",
        "NaN",
        '"\\ud800"',
        '"x :y"',
        "null",
        "[]",
        "{}",
        '{"a":1 ,"a" : 2, "b":"\\" :"}',
        "\ufeff1",
        '{"\\u0061":1,"a":2}',
        "0.1",
    ]
)
bodies = st.recursive(
    pieces,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda found: f"[{', '.join(found)}]")
        | inner.map(lambda found: f'{{"k": {found},\n"l":{found}}}')
    ),
    max_leaves=5,
).map(str.encode) | st.binary(max_size=12)


@settings(max_examples=200)
@given(bodies)
@example(b'{"a" \t:1,"a"\r\n:2}')
@example(b"[" * 60 + b"1" + b"]" * 60)
def test_json_is_read_as_the_strict_reader_reads_it(body: bytes) -> None:
    said: list[object] = []
    for read in (parse, parse_strictly):
        try:
            said.append(json.dumps(read(body)))
        except BadJson as bad:
            said.append((str(bad), bad.cut_short))
    assert said[0] == said[1]
