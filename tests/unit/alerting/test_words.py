"""What officers read: numbers, places and causes in Vietnamese."""

from __future__ import annotations

import unicodedata

import pytest

from cchc.alerting import words
from cchc.catalogue.base import DATASETS
from cchc.catalogue.load import cached
from cchc.errors import ContractBroken, SourceUnavailable
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse.datasets import KEYLESS


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (999, "999"), (1234, "1.234"), (1234567, "1.234.567")]
)
def test_counts_are_written_as_in_vietnam(number: int, text: str) -> None:
    assert words.count(number) == text


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dataset_has_a_name(dataset: str) -> None:
    assert words.dataset(dataset) != dataset


@pytest.mark.parametrize("error", ["SourceUnavailable", "SourceRefused", "ContractBroken", "DeliveryHeld"])
def test_every_failure_of_a_source_says_what_its_unit_should_do(error: str) -> None:
    what, action = words.cause(error)
    assert not words.is_ours(error)
    assert what
    assert action.endswith(".")
    assert unicodedata.is_normalized("NFC", what + action)


@pytest.mark.parametrize(
    "name", [None, "Interrupted", "ConfigurationError", "ReconciliationError", "KeyError"]
)
def test_any_other_failure_is_ours(name: str | None) -> None:
    assert words.is_ours(name)
    assert "Đơn vị không phải làm gì" in words.cause(name)[1]


@pytest.mark.parametrize(
    ("page", "place"),
    [
        ("2", "trang 2, bản ghi thứ 1.015"),
        ("so_tiep_nhan_2026.csv:15", "tệp so_tiep_nhan_2026.csv, dòng 15"),
        ("so.xlsx sheet Hồ sơ row 7", "tệp so.xlsx, trang tính Hồ sơ, dòng 7"),
        ("so.xlsx sheet Biểu II.06a column C", "tệp so.xlsx, trang tính Biểu II.06a, cột C"),
        ("fromReceiveDate 3", "hồ sơ tiếp nhận, trang 3, bản ghi thứ 1.015"),
        ("accepted 2026-11-01 2", "hồ sơ tiếp nhận, từ ngày 01/11/2026, trang 2, bản ghi thứ 1.015"),
        ("changed_since 4", "trang 4, bản ghi thứ 1.015"),  # a name that says nothing to an officer
        ("2026-11-01 4", "từ ngày 01/11/2026, trang 4, bản ghi thứ 1.015"),
        ("KQ_DiemDanhGia 2026-11 page 1", "tháng 11/2026, trang 1, bản ghi thứ 1.015"),
        ("v_ho_so page 3 row 1205", "bảng v_ho_so, bản ghi thứ 1.205"),
        ("received page 1", "trang 1, bản ghi thứ 1.015"),
        ("in 3 docId 17", "văn bản đến, trang 3, docId 17"),
        ("anything else", "anything else"),
    ],
)
def test_a_place_is_where_a_person_looks(page: str, place: str) -> None:
    assert words.place(page, 1015) == place


def test_every_list_that_a_profile_names_is_known_to_an_officer() -> None:
    profiles = cached(SHIPPED_CATALOGUE).profiles.values()
    names = {step["name"] for p in profiles for step in p.options.get("passes", ()) if step.get("name")}
    assert names
    assert names <= set(words.LISTS)


@pytest.mark.parametrize(
    ("dataset", "key", "shown"),
    [
        ("dossier", "000.01.H14|1", "000.01.H14|1"),  # one column: whatever stands in it
        ("document", "in|DEN-7", "văn bản đến DEN-7"),
        ("document", "out|DI-7", "văn bản đi DI-7"),
        ("procedure", "1.001234|2026-07-01", "1.001234, 01/07/2026"),
        ("document", f"{KEYLESS}3971af1ec67a", "không có mã"),
        ("dataset-that-is-gone", "a|b", "a|b"),
    ],
)
def test_a_record_is_what_its_unit_calls_it(dataset: str, key: str, shown: str) -> None:
    assert words.record(dataset, key) == shown


def test_a_unit_looks_at_its_file_and_not_for_a_server_or_a_vendor() -> None:
    said = str(ContractBroken("syt-sotay", "the file is empty", where="so.xlsx sheet Hồ sơ"))
    what, action = words.cause("ContractBroken", "files", said)
    assert what == "Tệp của đơn vị thiếu hoặc sai cấu trúc"
    assert action.startswith("Kiểm tra tệp so.xlsx, trang tính Hồ sơ: thiếu thì đặt vào")
    assert "nhà cung cấp" in words.cause("ContractBroken", "opencps", said)[1]
    said = str(SourceUnavailable("syt-sotay", "the file cannot be read", where="so.csv"))
    assert words.cause("SourceUnavailable", "files", said)[1].startswith("Kiểm tra tệp so.csv: ")
    assert "máy chủ" in words.cause("SourceUnavailable", "opencps", said)[1]


@pytest.mark.parametrize("kind", ["national", "portal766"])
def test_the_national_portal_is_no_business_of_a_unit(kind: str) -> None:
    for error in ("SourceUnavailable", "SourceRefused", "ContractBroken"):
        assert words.is_ours(error, kind)
        assert "Đơn vị không phải làm gì" in words.cause(error, kind)[1]
    assert not words.is_ours("DeliveryHeld", kind), "the data are the unit's own"


def test_why_deliveries_are_held_is_said_for_each_dataset() -> None:
    said = (
        "syt-sotay: [dossier] Số bản ghi giảm: 3; [document] Quá nhiều dòng không hợp lệ: 150 trên 150 dòng"
    )
    assert words.held(said) == (
        "hồ sơ – Số bản ghi giảm: 3; văn bản – Quá nhiều dòng không hợp lệ: 150 trên 150 dòng"
    )


def test_long_and_broken_lines_are_made_short() -> None:
    assert words.short("a\r\nBcc:  b") == "a Bcc: b"
    assert len(words.short("x" * 5000)) == 400
    assert words.short("x" * 5000).endswith("…")


def test_a_long_list_of_names_is_cut() -> None:
    assert words.listed(["a"]) == "a"
    assert words.listed(list("abcde")) == "a, b, c, d, e"
    assert words.listed([f"s{n}" for n in range(1239)]) == "s0, s1, s2, s3, s4 và 1.234 nguồn nữa"


@pytest.mark.parametrize(
    ("in_all", "come", "gone", "said"),
    [
        (1234, 3, 1, "Đang chờ sửa: 1.234 dòng (thêm 3, bớt 1 so với đêm trước)"),
        (26, 0, 0, "Đang chờ sửa: 26 dòng (như đêm trước)"),
        (2, 2, 0, "Đang chờ sửa: 2 dòng (đều mới)"),
        (0, 0, 26, "Đang chờ sửa: 0 dòng (thêm 0, bớt 26 so với đêm trước)"),
    ],
)
def test_what_waits_is_told_with_what_changed(in_all: int, come: int, gone: int, said: str) -> None:
    assert words.waiting(in_all, come, gone) == said
