from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cchc.catalogue.profiles import FieldMap, Profile
from cchc.errors import ConfigurationError
from cchc.landing.delivery import Block, LandedRow
from cchc.sources import unread
from cchc.sources.texts import clean
from cchc.staging.blocks import compile_blocks
from cchc.staging.mapping import compile_map
from cchc.staging.readers import Unreadable, reader
from cchc.staging.row_hash import row_hash
from cchc.warehouse.datasets import COLUMNS, KEYS, NAMES
from unit.sources.profiles import profile


def field(kind: str, **more: Any) -> FieldMap:
    return FieldMap.model_validate({"path": "x", "type": kind, **more})


def read(text: str, kind: str, **more: Any) -> object:
    return reader(field(kind, **more), "Asia/Ho_Chi_Minh")(text)


MOMENT = {"formats": ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y"]}


def test_codes_keep_their_zeros() -> None:
    assert read("007", "code") == "007"
    assert read("  H14 . 01\t2 ", "code") == "H14 . 01 2"
    assert read("", "code") is None
    with pytest.raises(Unreadable, match="quá dài"):
        read("x" * 300, "code")


@pytest.mark.parametrize(
    "code", ["H14\u0301", "12/Q\u0332Đ", "12\u20e3", "12\ufff9/QĐ", "12\u0085.3\x9f", "12\ue000"]
)
def test_a_code_with_something_nobody_sees_is_no_second_key(code: str) -> None:
    with pytest.raises(Unreadable, match="ký tự ẩn"):
        read(code, "code")


@pytest.mark.parametrize(
    "code", ["12/QĐ-UBND", "ấp Tân Thuận 3", "Số 5 – “B”", "12\u200b/QĐ", "Nghị định §4"]
)
def test_vietnamese_codes_are_read_in_either_form(code: str) -> None:
    assert read(normalize("NFD", code), "code") == read(code, "code") == clean(code)


def test_what_is_said_of_a_whole_row_is_said_once() -> None:
    speaks = profile("registers")
    paths = {f.path for f in speaks.datasets["dossier"].fields.values() if f.path}
    landed = row(dict.fromkeys(paths, unread.mark("ragged")))
    (said,) = compile_map("dossier", speaks)(landed).cast_errors
    assert said.startswith("dòng thừa hoặc thiếu ô so với tiêu đề")
    assert compile_blocks("dossier", speaks)(Block.of([landed])).cast_errors == {0: (said,)}


def test_local_moments_stay_on_their_day() -> None:
    late = read("31/12/2022 23:30:00", "timestamp", **MOMENT)
    assert late == datetime(2022, 12, 31, 16, 30, tzinfo=UTC)
    assert read("01/01/2023", "timestamp", **MOMENT) == datetime(2022, 12, 31, 17, 0, tzinfo=UTC)
    assert read("2022/12/31 23:30:00", "date", formats=["%Y/%m/%d %H:%M:%S"]) == date(2022, 12, 31)


def test_a_stated_zone_counts() -> None:
    iso = {"formats": ["%Y-%m-%dT%H:%M:%S%z"]}
    assert read("2022-12-31T20:00:00+0000", "date", **iso) == date(2023, 1, 1)
    assert read("2022-12-31T16:30:00Z", "timestamp", **iso) == datetime(2022, 12, 31, 16, 30, tzinfo=UTC)
    assert read("31/12/2022", "timestamp", formats=["%d/%m/%Y"], zone="UTC") == datetime(
        2022, 12, 31, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("form", "text"),
    [("epoch_s", "1793468096"), ("epoch_ms", "1793468096000"), ("epoch_ms", " 1793468096000")],
)
def test_numbers_since_1970_are_moments_in_utc(form: str, text: str) -> None:
    moment = datetime(2026, 10, 31, 17, 34, 56, tzinfo=UTC)
    if text != text.strip():  # the door cleans
        with pytest.raises(Unreadable):
            read(text, "timestamp", formats=[form])
        return
    assert read(text, "timestamp", formats=["%d/%m/%Y", form]) == moment
    assert read(text, "date", formats=[form]) == date(2026, 11, 1)  # in Việt Nam


@pytest.mark.parametrize(
    "text", ["1793468096000", "1e9", "1793468096.5", "17934680960000", "٢", "99999999999999"]
)
def test_numbers_of_another_size_are_no_seconds(text: str) -> None:
    with pytest.raises(Unreadable, match=r"ngày giờ|năm") as caught:
        read(text, "timestamp", formats=["epoch_s"])
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["31/02/2022", "2022-02-01", "05/13/2022", "x", "01/01/0001", "01/01/9999", "5/1/22"]
)
def test_days_that_are_none(text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text, "timestamp", **MOMENT)
    assert text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("1.234", 1234),
        ("1.234.567,5", "1234567.5"),
        ("41,6", "41.6"),
        ("75 %", 75),
        ("-2", -2),
        ("1234", 1234),
        ("0,125", "0.125"),
        ("1,2340", "1.234"),
        ("12,345 %", "12.345"),
        ("1.234,567", "1234.567"),
    ],
)
def test_vietnamese_numbers(text: str, value: object) -> None:
    assert read(text, "number", formats=["vi"]) == Decimal(str(value))


@pytest.mark.parametrize(
    "text",
    ["75.5", "1.23", "1,000", "12,345,678", "1,234.5", "1.2345", "1 234", "NaN", "1e5", "١", "9" * 50, "-"],
)
def test_numbers_that_could_mean_two_things_are_not_read(text: str) -> None:
    with pytest.raises(Unreadable, match="số"):
        read(text, "number", formats=["vi"])


def test_plain_numbers() -> None:
    assert read("75.50", "number") == Decimal("75.50")
    assert read("-12", "integer") == -12
    for text, kind in (
        ("1,5", "number"),
        ("1.0", "integer"),
        ("NaN", "number"),
        ("2147483648", "integer"),
        ("１", "integer"),
    ):
        with pytest.raises(Unreadable):
            read(text, kind)


def test_flags() -> None:
    assert [read(t, "flag") for t in ("true", "Có", "co", "1")] == [True] * 4
    assert [read(t, "flag") for t in ("false", "KHÔNG", "khong", "0")] == [False] * 4
    assert read("", "flag") is None
    given_or_not = {"choices": {"": "false", "*": "true"}}
    assert read("", "flag", **given_or_not) is False
    assert read("05/01/2022", "flag", **given_or_not) is True
    with pytest.raises(Unreadable, match="có/không"):
        read("2", "flag")
    with pytest.raises(ConfigurationError):
        read("x", "flag", choices={"x": "maybe"})


def test_hours_of_the_clock() -> None:
    for text in ("15:00", " 15h00 ", "15h", "15:00:00"):
        assert read(text, "time") == time(15)
    assert read("7:30", "time") == time(7, 30)
    assert read("", "time") is None
    for text in ("24:00", "14:60", "14", "14.00", "3 giờ chiều", "14:0", "١٥:٠٠"):
        with pytest.raises(Unreadable, match="không đọc được giờ") as caught:
            read(text, "time")
        assert text not in str(caught.value)


def test_choices() -> None:
    states = {"choices": {"Đang xử lý": "processing", "": "unknown", "bỏ": None}}
    assert read(" đang  XỬ lý ", "choice", **states) == "processing"
    assert read("", "choice", **states) == "unknown"
    assert read("bỏ", "choice", **states) is None
    with pytest.raises(Unreadable, match="danh mục"):
        read("archived", "choice", **states)


def row(fields: dict[str, str | None]) -> LandedRow:
    return LandedRow(7, "page 1", fields)


DOSSIER: dict[str, str | None] = {
    "dossierNo": "000.00.09.H14-220105-0001",
    "serviceCode": "9.000001",
    "online": "true",
    "dossierStatus": "paying",
    "receiveDate": "05/01/2022 23:30:00",
    "dueDate": "",
    "releaseDate": "",
    "finishDate": None,
    "viaPostal": "2",
}


def canonical(
    fields: dict[str, str | None], speaks: Profile | None = None
) -> tuple[dict[str, Any], list[str]]:
    staged = compile_map("dossier", speaks or profile("opencps-2"))(row(fields))
    return dict(zip(COLUMNS["dossier"], staged.values, strict=True)), staged.cast_errors


def test_a_dossier_becomes_canonical() -> None:
    values, errors = canonical(DOSSIER)
    assert errors == []
    assert values["dossier_code"] == "000.00.09.H14-220105-0001"
    assert (values["intake"], values["channel"], values["online_level"]) == ("one_stop", "online", "unknown")
    assert (values["status"], values["post_out"], values["post_in"]) == ("payment", True, None)
    assert values["received_at"] == datetime(2022, 1, 5, 16, 30, tzinfo=UTC)
    assert (values["due_at"], values["finished_at"], values["has_result"]) == (None, None, False)


def test_what_cannot_be_read_is_null_and_named_without_its_value() -> None:
    wrong = DOSSIER | {"receiveDate": "31/02/2022 10:00:00", "dossierStatus": "archived", "dossierNo": ""}
    values, errors = canonical(wrong)
    assert errors == [
        "mã hồ sơ: thiếu",
        "trạng thái: giá trị không có trong danh mục",
        "ngày tiếp nhận: không đọc được ngày giờ",
    ]
    assert values["received_at"] is None


def test_a_field_a_record_does_not_name_is_an_error_of_that_record() -> None:
    without = {k: v for k, v in DOSSIER.items() if k != "releaseDate"}
    _, errors = canonical(without)
    assert errors == ["ngày kết thúc xử lý: thiếu"]


def test_every_shipped_profile_compiles() -> None:
    for code in ("opencps-2", "national-hoso", "qcvn102-exchange", "registers"):
        for dataset in profile(code).datasets:
            compile_map(dataset, profile(code))


def test_mistakes_in_a_profile_are_ours() -> None:
    speaks = profile("opencps-2")
    fields = speaks.datasets["dossier"].fields
    for wrong in ({"colour": fields["intake"]}, {"post_in": FieldMap(constant="maybe", type="flag")}):
        broken = speaks.datasets["dossier"].model_copy(update={"fields": fields | wrong})
        with pytest.raises(ConfigurationError, match="opencps-2"):
            compile_map("dossier", speaks.model_copy(update={"datasets": {"dossier": broken}}))


@pytest.mark.parametrize(
    ("column", "wrong", "says"),
    [
        (
            "received_at",
            {"type": "timestamp", **MOMENT, "choices": {"hôm nay": "01/01/2026"}},
            "choices of type timestamp",
        ),
        ("supplement_requests", {"type": "integer", "choices": {"một": "1"}}, "choices of type integer"),
        ("supplement_requests", {"type": "number"}, "integer column is read as integer, not as number"),
        ("received_at", {"type": "date", "formats": ["%d/%m/%Y"]}, "read as timestamp, not as date"),
        ("post_in", {"type": "choice", "choices": {"1": "true"}}, "read as flag, not as choice"),
        ("post_in", {"type": "flag", "choices": {"1": "yes"}}, "a flag's choices"),
        ("dossier_code", {"type": "integer"}, "read as code or text or choice, not as integer"),
    ],
)
def test_a_field_that_does_not_give_what_its_column_holds_is_named(
    column: str, wrong: dict[str, Any], says: str
) -> None:
    speaks = profile("opencps-2")
    fields = speaks.datasets["dossier"].fields | {column: FieldMap.model_validate({"path": "x"} | wrong)}
    broken = speaks.datasets["dossier"].model_copy(update={"fields": fields})
    with pytest.raises(ConfigurationError, match=rf"^profile opencps-2: dossier\.{column}: .*{says}"):
        compile_map("dossier", speaks.model_copy(update={"datasets": {"dossier": broken}}))


def test_choices_of_a_day_may_say_that_there_is_none() -> None:
    speaks = profile("opencps-2")
    fields = speaks.datasets["dossier"].fields
    never = fields["due_at"].model_copy(update={"choices": {"chưa hẹn": None}})
    changed = speaks.datasets["dossier"].model_copy(update={"fields": fields | {"due_at": never}})
    values, errors = canonical(
        DOSSIER | {"dueDate": "Chưa hẹn"}, speaks.model_copy(update={"datasets": {"dossier": changed}})
    )
    assert (values["due_at"], errors) == (None, [])


def test_natural_keys_are_columns() -> None:
    for dataset, key in KEYS.items():
        assert set(key) <= set(COLUMNS[dataset])


def test_the_hash_sees_values_and_not_their_writing() -> None:
    noon = datetime(2022, 1, 1, 12, tzinfo=UTC)
    assert row_hash((Decimal("1.50"), noon)) == row_hash((Decimal("1.5"), noon))
    assert row_hash((Decimal("10"), None)) != row_hash((Decimal("1"), None))
    assert (
        len({row_hash(v) for v in ((None, "a"), ("a", None), (True, "a"), ("t", "a"), (1, "a"), ("", "a"))})
        == 6
    )
    assert len({row_hash((v,)) for v in (time(15), time(15, 30), "15:00:00", date(2022, 1, 1))}) == 4
    assert len({row_hash(v) for v in (("a",), ("a", None), ("a", ""), (None, "a"))}) == 3


def test_the_hash_of_a_row_stays_what_it_is_in_warehouses() -> None:
    moment = datetime(2026, 11, 2, 8, 30, 0, 250_000, tzinfo=UTC)
    row = ("H14.01", None, True, Decimal("1.50"), moment, date(2026, 11, 2), time(15), "a\x1fb", None, None)
    assert row_hash(row).hex() == "61adc98b1d6620edc0b8189d4e09d923"
    assert row_hash(("a\0", None)).hex() == "900b6da912f76eaba20398b0f143e4dd"
    assert row_hash((None, None)) == row_hash(()) == bytes.fromhex("cae66941d9efbd404e4d88758ea67670")


words = st.text(alphabet="0123/: aậ.,-tru", max_size=20) | st.sampled_from(
    ["05/01/2022 10:00:00", "processing", "true"]
)


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from(sorted(DOSSIER)), st.none() | words))
def test_any_text_gives_a_row_and_errors_never_hold_it(fields: dict[str, str | None]) -> None:
    values, errors = canonical(fields)
    assert list(values) == list(COLUMNS["dossier"])
    columns = {NAMES[column]: column for column in COLUMNS["dossier"]}
    for error in errors:
        name, _, phrase = error.partition(": ")
        assert values[columns[name]] is None
        assert phrase in {
            "thiếu",
            "không đọc được ngày giờ",
            "giá trị không có trong danh mục",
            "không đọc được có/không",
        }
