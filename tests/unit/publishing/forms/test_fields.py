"""A row of fields of several units is what their registers call a field: no two fields, and no field twice."""

from __future__ import annotations

import json
import random

import pytest

from cchc.publishing.forms import fields

HT, DL, KCB = "Hộ tịch", "Điện lực", "Khám bệnh, chữa bệnh"


def _row(found: fields.Fields, unit: str, code: str) -> tuple[str, str]:
    """Return the name of the row of a unit's code, and its title as printed."""
    name = json.loads(found.asked()["moved"]).get(unit, {}).get(code, code)
    return name, found.titles.get(name, name)


def test_a_code_that_all_call_alike_is_the_name_of_its_row() -> None:
    found = fields.of_units(("A", "B", "C"), [("A", "HT", HT), ("B", "HT", " hộ  TỊCH")], {})
    assert {_row(found, unit, "HT") for unit in "ABC"} == {("HT", HT)}
    assert _row(found, "A", "X") == ("X", "X")


def test_a_code_of_several_fields_is_as_many_rows() -> None:
    stated = [("A", "LV01", HT), ("B", "LV01", KCB), ("C", "LV01", HT)]
    found = fields.of_units(("A", "B", "C", "D"), stated, {})
    assert [_row(found, unit, "LV01") for unit in "ABCD"] == [
        (HT, HT),
        (KCB, KCB),
        (HT, HT),
        ("LV01", "LV01"),  # nobody knows which of the two it is
    ]
    (note,) = found.note([None, HT, KCB, "LV01"])
    assert note.startswith("Dòng LV01: mỗi đơn vị dùng mã này cho một lĩnh vực khác")
    assert list(found.note([None, HT, KCB])) == []


def test_a_field_of_several_codes_is_one_row() -> None:
    found = fields.of_units(("A", "B", "C"), [("A", "LV01", HT), ("B", "HT", HT), ("B", "DL", DL)], {})
    assert [_row(found, unit, code) for unit, code in (("A", "LV01"), ("B", "HT"), ("C", "HT"))] == [
        (HT, HT)
    ] * 3
    assert _row(found, "B", "DL") == ("DL", DL)


def test_what_the_layout_declares_is_what_all_units_mean() -> None:
    stated = [("A", "LV01", HT), ("B", "LV01", KCB), ("A", "LV02", DL), ("B", "LV02", HT)]
    found = fields.of_units(("A", "B"), stated, {"LV01": "Hộ tịch, chứng thực"})
    assert {_row(found, unit, "LV01") for unit in "AB"} == {("LV01", "Hộ tịch, chứng thực")}
    assert (_row(found, "A", "LV02"), _row(found, "B", "LV02")) == ((DL, DL), (HT, HT))


def test_a_unit_alone_has_its_own_codes() -> None:
    found = fields.of_units(("A",), [("A", "LV01", HT), ("A", "LV02", HT)], {"LV03": DL})
    assert [_row(found, "A", code) for code in ("LV01", "LV02", "LV03")] == [
        ("LV01", HT),
        ("LV02", HT),
        ("LV03", DL),
    ]


@pytest.mark.parametrize("seed", range(60))
def test_rows_are_the_same_exactly_where_titles_are(seed: int) -> None:
    """Codes may be spelled as titles of others: they are no less apart."""
    rng = random.Random(seed)
    words = ["a", "b", "c", "d", "e"]
    stated = [(unit, code, rng.choice(words)) for unit in "XYZ" for code in words if rng.random() < 0.6]
    found = fields.of_units("XYZ", stated, {})
    for unit, code, title in stated:
        for other, coded, called in stated:
            same = _row(found, unit, code)[0] == _row(found, other, coded)[0]
            assert same == (title == called)
        assert _row(found, unit, code)[1] == title
    for code in words:  # a code that is no part of a clash keeps its name
        titles = {title for _, of, title in stated if of == code}
        codes = {of for _, of, title in stated if title in titles}
        if len(titles) == 1 and codes == {code} and code not in {title for _, _, title in stated}:
            assert {_row(found, unit, code) for unit in "XYZ"} == {(code, *titles)}
