from __future__ import annotations

from functools import reduce
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue.profiles import DatasetMap
from cchc.sources.door.allow_list import Admitted, Door, Refused
from cchc.sources.door.columns import by_column
from cchc.sources.formats.strict_json import parse
from unit.sources.profiles import admit

MAP = DatasetMap.model_validate(
    {
        "fields": {
            "document_code": {"path": "id", "type": "code"},
            "counterpart": {"path": "from.organ", "type": "code"},
            "action": {"constant": "new"},
        },
        "personal": ["applicantName", "signer"],
        "ignored": ["counter"],
        "secrecy": {"paths": ["subject", "code.notation"], "level": "level"},
    }
)


def fields(payload: dict[str, Any]) -> dict[str, str | None]:
    found = admit(MAP, payload)
    assert isinstance(found, Admitted)
    return found.fields


def test_only_mapped_paths_come_in() -> None:
    payload = {
        "id": "007",
        "applicantName": "Nguyễn Văn A",
        "signer": {"fullName": "Nguyễn Văn B", "phone": "0912345678"},
        "counter": 3,
        "subject": "V/v họp",
        "newField": "Nguyễn Văn C",
        "nested": {"deep": {"pin": 1234}},
        "from": {"organ": "000.00.01.H14", "email": "a@example.vn"},
    }
    found = admit(MAP, payload)
    assert isinstance(found, Admitted)
    assert found.fields == {"id": "007", "from.organ": "000.00.01.H14"}
    assert found.unknown == {"newField", "nested.deep.pin", "from.email"}


def test_texts_are_nfc_trimmed_and_without_invisible_characters() -> None:
    text = " \u200b" + normalize("NFD", "Thực phẩm") + "\u00a0\ufeff"
    assert fields({"id": text}) == {"id": "Thực phẩm"}
    assert fields({"id": "a\x00b\ud800"}) == {"id": "ab?"}


def test_scalars_become_text_and_null_stays_null() -> None:
    assert fields({"id": True}) == {"id": "true"}
    assert fields({"id": 12}) == {"id": "12"}
    assert fields({"id": parse(b"[1.50]")[0]}) == {"id": "1.50"}
    assert fields({"id": None}) == {"id": None}
    assert fields({}) == {}


def test_an_object_where_a_text_is_expected_does_not_come_in() -> None:
    assert fields({"id": {"value": "Nguyễn Văn A"}}) == {}


def test_of_a_repeated_element_the_first_counts() -> None:
    assert fields({"from": [{"organ": "A"}, {"organ": "B"}]}) == {"from.organ": "A"}


@pytest.mark.parametrize(
    "payload",
    [
        {"id": "1", "level": "Mật"},
        {"id": "1", "level": normalize("NFD", "TỐI MẬT")},
        {"id": "1", "level": "tuyệt\u00a0 mật"},
        {"id": "1", "level": "C"},  # a code nobody explained: closed
        {"id": "1", "level": 2},
        {"id": "1", "level": {"code": "M"}},
        {"id": "1", "subject": "(Mật) V/v họp"},
        {"id": "1", "code": {"notation": normalize("NFD", "MẬT-QĐ-UBND")}},
        {"id": "1", "classification": "Tối mật"},  # a field nobody named
        {"id": "1", "classification": "ＭẬＴ"},
        {"id": "1", "classification": "\u041cật"},  # a Cyrillic М
        {"id": "1", "subject": "V/v họp Ｔối Ｍật"},
        {"id": "1", "Mật": True},
        {"id": "1", "new": {"Tuyệt mật": 1}},
        {"id": "1", "new": [{"ＭẬＴ": "2"}]},
        {"id": "1", "subject": {"Tối mật": "x"}},
        {"id": "1", "M.Ậ.T": "có"},
        {"id": "1", "mat": {"since": "2026"}},
        {"id": "1", "deep": reduce(lambda inner, _: {"x": inner}, range(30), {"Mật": 1})},
        {"id": "1", "deep": reduce(lambda inner, _: {"x": inner}, range(30), {"doMat": 1})},
        {"id": "1", "deep": reduce(lambda inner, _: {"x": inner}, range(30), {"mat": 1})},
        {"id": "1", "doMat": 2},
        {"id": "1", "isSecret": True},
        {"id": "1", "mucDoMat": "1"},
        {"id": "1", "secretLevel": "C"},
        {"id": "1", "Độ mật": 3},
        {"id": "1", "counter": {"do_mat": "1"}},  # within what is dropped unread
        {"id": "1", "signer": [{"do-mat": 2}]},
        {"id": "1", "subject": "<p>V/v họp T&#7888;I M&#7852;T</p>"},
        {"id": "1", "subject": "V/v họp T<b>ối</b> m<b>ật</b>"},
        {"id": "1", "note": "<b>M&#7853;t</b>"},
    ],
)
def test_a_marked_record_is_refused(payload: dict[str, Any]) -> None:
    assert admit(MAP, payload) == Refused()
    records = [{"id": "0"}, payload, {"id": "2"}]
    page = Door(MAP).admit_page(records, by_column(records))
    assert (list(page.numbers), page.columns) == ([0, 2], {"id": ["0", "2"]})


@pytest.mark.parametrize("no", [None, False, 0, "", "0", "false", "Không", " KHÔNG ", [], {}, {"x": None}])
def test_a_field_called_as_a_mark_that_says_no_is_none(no: object) -> None:
    assert fields({"id": "1", "Mật": no}) == {"id": "1"}
    records = [{"id": "1", "Mật": no}] * 2
    assert list(Door(MAP).admit_page(records, by_column(records)).numbers) == [0, 1]


ORDINARY = ["0", "false", "N", "NORMAL", "Thường", "Bình thường", "Công khai", "không mật", "Không có"]


@pytest.mark.parametrize("no", [None, False, 0, *ORDINARY, [], {"x": ""}])
@pytest.mark.parametrize("name", ["doMat", "isSecret", "Độ mật"])
def test_a_field_that_states_secrecy_and_says_no_is_no_mark(name: str, no: object) -> None:
    assert fields({"id": "1", name: no}) == {"id": "1"}
    records = [{"id": "1", name: no}] * 2
    assert list(Door(MAP).admit_page(records, by_column(records)).numbers) == [0, 1]


def test_a_field_that_the_profile_names_is_what_the_profile_says() -> None:
    named = DatasetMap.model_validate(
        {
            "fields": {"document_code": {"path": "doMat", "type": "code"}},
            "personal": ["isSecret"],
            "ignored": ["x.secretLevel"],
        }
    )
    found = admit(named, {"doMat": "2", "isSecret": True, "x": {"secretLevel": "C"}})
    assert found == Admitted({"doMat": "2"})


def test_a_level_is_what_stands_there_whatever_its_field_is_called() -> None:
    assert MAP.secrecy
    named = MAP.model_copy(update={"secrecy": MAP.secrecy.model_copy(update={"level": "Mật"})})
    assert isinstance(admit(named, {"id": "1", "Mật": "Thường"}), Admitted)
    assert admit(named, {"id": "1", "Mật": "C"}) == Refused()


@pytest.mark.parametrize("level", ["", "Thường", " thường ", None, 0])
def test_an_ordinary_level_comes_in(level: object) -> None:
    assert fields({"id": "1", "level": level}) == {"id": "1"}


def test_a_record_that_must_state_its_level_is_refused_where_it_does_not() -> None:
    strict = MAP.model_copy(update={"secrecy": MAP.secrecy.model_copy(update={"required": True})})  # type: ignore[union-attr]
    assert admit(strict, {"id": "1", "subject": "V/v họp"}) == Refused(unstated=True)
    assert isinstance(admit(strict, {"id": "1", "level": ""}), Admitted)


def test_names_that_look_like_data_are_not_kept() -> None:
    found = admit(MAP, {"0912345678": 1, "cccd 001099012345": 2, "x" * 200: 3, "tên": 4})
    assert isinstance(found, Admitted)
    assert found.unknown == {"(unreadable name)", "tên"}


@pytest.mark.parametrize(
    ("value", "lands"),
    [
        ("Nguyễn Văn Tèo", "⟦masked:name⟧"),
        (normalize("NFD", "TRẦN THỊ MƠ"), "⟦masked:name⟧"),
        ("CCCD 003185000123", "⟦masked:identity⟧"),
        (185000123, "⟦masked:identity⟧"),  # a number of the JSON, too
        ("0950 000 123", "⟦masked:phone⟧"),
        ("a@example.vn", "⟦masked:email⟧"),
        ("H14.05,2026/11/03,12/SGDDT-VP", "H14.05,2026/11/03,12/SGDDT-VP"),
        ("12/SGDDT-VP", "12/SGDDT-VP"),
    ],
)
def test_a_value_that_looks_personal_lands_masked(value: object, lands: str) -> None:
    assert fields({"id": value}) == {"id": lands}
    assert fields({"from": [{"organ": value}]}) == {"from.organ": lands}


def test_what_the_profile_itself_names_is_never_masked() -> None:
    said = DatasetMap.model_validate(
        {
            "fields": {
                "status": {"path": "s", "type": "choice", "choices": {"Lê Văn Nam": "a"}},
                "received_at": {"path": "d", "type": "timestamp", "formats": ["%d/%m/%Y"]},
                "has_result": {"path": "d", "type": "flag", "choices": {"": "false", "*": "true"}},
            }
        }
    )
    found = admit(said, {"s": " lê văn  nam ", "d": "Nông Hà"})
    assert found == Admitted({"s": "lê văn  nam", "d": "⟦masked:name⟧"})


@pytest.mark.parametrize("name", ["Nguyễn Văn Tèo", "nguyen_van_teo", "a@example.vn", "Độ Mật 12"])
def test_the_name_of_an_unknown_field_is_kept_only_where_it_is_no_data(name: str) -> None:
    found = admit(MAP, {"x": {name: 0}, "Họ và tên": 2, "hoTenNguoiNop": 3, "Lý Do": 4})
    assert isinstance(found, Admitted)
    assert found.unknown == {"(unreadable name)", "Họ và tên", "hoTenNguoiNop", "Lý Do"}


words = st.text(
    alphabet="aM\u1eadt .\u00a0\u200b\u0323\ud800", max_size=12
)  # every letter would take seconds to draw from
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=10,
)


@given(
    st.dictionaries(st.sampled_from(["id", "from", "subject", "level", "x", "applicantName"]), json_values)
)
def test_whatever_comes_nothing_but_mapped_paths_is_kept(payload: dict[str, Any]) -> None:
    found = Door(MAP).admit(payload)
    if isinstance(found, Admitted):
        assert set(found.fields) <= {"id", "from.organ"}
