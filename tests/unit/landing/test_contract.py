from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue.profiles import Contract, DatasetMap
from cchc.errors import ContractBroken
from cchc.landing.contract import KINDS, Shape, Watch
from cchc.sources.connector import RawPage

MAP = DatasetMap.model_validate(
    {
        "fields": {
            "dossier_code": {"path": "id", "required": True},
            "finished_at": {"path": "ended", "type": "date", "formats": ["%d"], "present": True},
            "field_code": {"path": "field"},
            "channel": {"path": "way.code"},
        },
        "personal": ["owner"],
    }
)
WHOLE: dict[str, Any] = {"id": "1", "ended": None}


def watch(*pages: tuple[str, list[dict[str, Any]]], contract: Contract | None = None) -> Shape:
    watching = Watch("s", MAP, contract)
    for name, records in pages:
        watching.see(RawPage("dossier", name, records))
    return watching.finish()


def test_fields_that_some_record_of_the_page_has_are_there() -> None:
    watch(("1", [WHOLE, {}]), ("2", [{"id": "2"}, {"ended": "1"}]))
    assert watch() == Shape({})


def test_a_note_of_a_file_is_no_field_of_its_source() -> None:
    """It changes from night to night (hidden rows, files that nothing reads); no frozen source is held for it."""
    notes = dict.fromkeys(("dòng ẩn - 3", "tệp không đọc - so 2.csv", "trang tính ẩn"), "")
    assert watch(("a.csv", [WHOLE | notes])) == watch(("a.csv", [WHOLE]))


def test_a_field_gone_from_a_whole_page_breaks_the_contract() -> None:
    with pytest.raises(ContractBroken, match=r"\[page 2\]: field ended is in none of the 2 records"):
        watch(("1", [WHOLE]), ("2", [{"id": "2"}, {"id": "3"}]))
    with pytest.raises(ContractBroken, match=r"\[page 1\]: field ended, id"):
        watch(("1", [{}, {}]), ("2", [WHOLE]))
    with pytest.raises(ContractBroken, match=r"\[page 1\]: field ended is in none of the 4"):
        watch(("1", [{"id": "2"}, {"id": "3"}]), ("1", [{"id": "2"}, {"id": "3"}]))


def test_a_single_record_may_lack_it_by_its_own_mistake() -> None:
    watch(("1", [WHOLE, WHOLE]), ("2", [{"id": "3"}]))


def test_marked_records_need_not_have_it() -> None:
    """Of those nothing more may have been asked than what the list says."""
    marked = {"id": "2", "level": "Mật"}
    for records, refused in (([marked] * 3, 3), ([marked, marked, WHOLE | {"ended": "1"}], 2)):
        watching = Watch("s", MAP)
        watching.see(RawPage("dossier", "1", records), refused=refused)
        watching.finish()
    watching.see(RawPage("dossier", "2", [marked, {"id": "3"}, {"id": "4"}]), refused=1)
    with pytest.raises(ContractBroken, match="field ended is in none of the 2 records"):
        watching.finish()


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"field": {"code": "hunter2"}}, "field field: a single value was expected, found: object"),
        ({"field": ["hunter2"]}, "field field: a single value was expected, found: list"),
        ({"field": [{"code": "hunter2"}]}, "field field: a single value was expected, found: list"),
        ({"way": "hunter2"}, "field way: an object or list was expected, found: text"),
        ({"way": 3}, "field way: an object or list was expected, found: number"),
        ({"way": ["hunter2"]}, "field way: an object or list was expected, found: text"),
        ({"way": {"code": {"of": "hunter2"}}}, "field way.code: a single value was expected, found: object"),
    ],
)
def test_what_would_be_misread_breaks_the_contract_and_no_value_is_told(
    record: dict[str, Any], said: str
) -> None:
    with pytest.raises(ContractBroken, match=r"\[page 2\]") as broken:
        watch(("1", [WHOLE]), ("2", [WHOLE, WHOLE | record]))
    assert said in str(broken.value)
    assert "hunter2" not in str(broken.value)


@pytest.mark.parametrize(
    "record",
    [
        {"id": 17},
        {"field": 1.5},
        {"field": []},
        {"field": {}},
        {"way": ""},
        {"way": None},
        {"way": [{"code": "1"}, {"code": "2"}]},
        {"way": []},
        {"unknown": {"any": [1, {"deep": {}}]}},
    ],
)
def test_what_is_read_all_the_same_is_only_noted(record: dict[str, Any]) -> None:
    watch(("1", [WHOLE, WHOLE | record]))


def test_elements_that_repeat_are_read_where_the_profile_says_so() -> None:
    page = ("1", [WHOLE | {"field": ["a", "b"]}])
    watch(page, contract=Contract(repeated=True))
    with pytest.raises(ContractBroken):
        watch(("1", [WHOLE | {"field": [{"a": 1}]}]), contract=Contract(repeated=True))


def test_the_shape_has_names_and_kinds_and_never_a_value() -> None:
    shape = watch(
        (
            "1",
            [
                {"id": 1, "ended": None, "way": {"code": "x"}, "owner": {"0912345678": "An"}},
                {
                    "id": "1",
                    "ended": None,
                    "new": [True],
                    "Nguyễn Văn An": 1,
                    "012345678901": 2,
                    "gone": None,
                },
            ],
        ),
        ("2", [WHOLE | {"ended": "01/02/2026", "e\u0301": None}]),
    )
    assert list(shape.pairs()) == [
        ("(unreadable name)", "number"),
        ("ended", "text"),
        ("gone", "null"),
        ("id", "number"),
        ("id", "text"),
        ("new", "flag"),
        ("new", "list"),
        ("owner", "object"),
        ("way", "object"),
        ("way.code", "text"),
        ("é", "null"),
    ]


def test_endless_new_names_do_not_fill_memory() -> None:
    shape = watch(*((str(n), [WHOLE | {f"n{n}x{i}": 1 for i in range(100)}]) for n in range(40)))
    assert len(shape.kinds) <= 2_001
    with pytest.raises(ContractBroken, match="field field"):
        watch(
            *((str(n), [WHOLE | {f"n{n}x{i}": 1 for i in range(100)}]) for n in range(40)),
            ("last", [WHOLE | {"field": {"a": 1}}]),
        )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "way", "code", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(["id", "ended", "field", "way", "owner", "x"]), _JSON), max_size=4
    )
)
def test_any_record_is_read_or_breaks_the_contract(records: list[dict[str, Any]]) -> None:
    try:
        shape = watch(("1", records))
    except ContractBroken:
        return
    assert {kind for _, kind in shape.pairs()} <= set(KINDS)
    assert not any(type(r.get("field")) is dict and r["field"] for r in records)


def test_it_costs_a_few_microseconds_a_record() -> None:
    records = [{f"field{n}": "x" for n in range(86)} | WHOLE for _ in range(200)]
    watching = Watch("s", MAP)
    watching.see(RawPage("dossier", "1", records))
    best = min(_seconds(watching, records) for _ in range(20))
    assert best / len(records) < 40e-6  # about 4 µs where nothing else runs


def _seconds(watching: Watch, records: list[dict[str, Any]]) -> float:
    started = time.perf_counter()
    watching.see(RawPage("dossier", "1", records))
    return time.perf_counter() - started
