from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from cchc.errors import ConfigurationError, ContractBroken, SourceUnavailable
from cchc.sources.formats.names import REGISTERS, copy_among, is_note
from unit.sources.kinds.registers import put
from unit.sources.profiles import Record, profile, read

PROFILE = profile("registers")
NAMES = [
    *("ma_ho_so", "ma_tthc", "ma_linh_vuc", "kenh", "muc_do", "trang_thai"),
    *("ngay_tiep_nhan", "ngay_hen_tra", "ngay_hoan_thanh", "ngay_tra"),
    *("nhan_bcci", "tra_bcci", "co_ket_qua", "ho_ten"),
]


def line(code: str, name: str = "Nguyễn Văn A", delimiter: str = ",") -> str:
    values = [code, "9.000001", "", "1", "4", "10", "05/01/2022 08:00", "", "", "", "co", "khong", "co", name]
    return delimiter.join(values)


def register(
    folder: Path, text: str | bytes, name: str = "so_tiep_nhan_2022.csv"
) -> Callable[[], list[Record]]:
    put(folder, name, text)
    dataset = {"csv": "dossier", "son": "document", "lsx": "procedure"}[name[-3:]]
    return lambda: read(PROFILE, folder.as_uri(), datasets=dataset)[0]


def workbook(sheet: str, rows: list[list[Any]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "dd/mm/yyyy"}) as book:
        page = book.add_worksheet(sheet)
        for number, cells in enumerate(rows):
            page.write_row(number, 0, cells)
    return target.getvalue()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_csv_by_headings_under_any_delimiter(tmp_path: Path, delimiter: str, mark: str) -> None:
    names = [f" {n.upper()} " for n in reversed(NAMES)]
    cells = line("007", delimiter="|").split("|")
    text = f"{mark}{delimiter.join(names)}\r\n{delimiter.join(reversed(cells))}\r\n\r\n"
    (record,) = register(tmp_path, text)()
    assert record.payload["ma_ho_so"] == "007"
    assert record.place == "so_tiep_nhan_2022.csv:2"


def test_files_are_read_in_order_of_their_names(tmp_path: Path) -> None:
    head = ",".join(NAMES)
    register(tmp_path, f"{head}\n{line('2')}\n", "so_tiep_nhan_2023.csv")
    records = register(tmp_path, f"{head}\n{line('1')}\n", "so_tiep_nhan_2022.csv")()
    assert [r.payload["ma_ho_so"] for r in records] == ["1", "2"]


def test_a_quoted_text_may_hold_delimiters_and_line_ends(tmp_path: Path) -> None:
    name = '"A, ""B""\nC"'
    text = f"{','.join(NAMES)}\n{line('1', name)}\n{line('2')}\n"
    records = register(tmp_path, text)()
    assert [r.place for r in records] == ["so_tiep_nhan_2022.csv:3", "so_tiep_nhan_2022.csv:4"]


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (
            ",".join(NAMES).replace("ngay_hen_tra", "hen_tra"),
            "so_tiep_nhan_2022.csv",
            "heading ngay_hen_tra is missing",
        ),
        (",".join([*NAMES, "kenh"]), "so_tiep_nhan_2022.csv", "heading kenh stands twice"),
        ("", "so_tiep_nhan_2022.csv", "the file is empty"),
        ("<!DOCTYPE html><html lang=vi>", "so_tiep_nhan_2022.csv", "heading ma_ho_so"),
        (f"{','.join(NAMES)}\n{line('1')}\n1,2,", "so_tiep_nhan_2022.csv:3", "3 cells, the heading has 14"),
        (
            f"{','.join(NAMES)}\n{line('1', 'A, B')}\n",
            "so_tiep_nhan_2022.csv",
            "1 of 1 rows have more or fewer",
        ),
        (f"{','.join(NAMES)}\n{line('1', chr(34) + 'open')}", "so_tiep_nhan_2022.csv:2", "quotes"),
        (f"{','.join(NAMES)}\n{line('1')}".encode()[:-1] + b"\xe1", "so_tiep_nhan_2022.csv", "not UTF-8"),
    ],
)
def test_a_csv_that_is_not_what_it_should_be(
    tmp_path: Path, text: str | bytes, where: str, words: str
) -> None:
    with pytest.raises(ContractBroken, match=words) as caught:
        register(tmp_path, text)()
    assert caught.value.where == where
    assert "Nguyễn" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1}\n{"a": ', "2]: the line cannot be read: not JSON .cut off"),
        ("[1]", "not a JSON object"),
        ("x", "not JSON"),
    ],
)
def test_a_broken_line_of_ndjson(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ContractBroken, match=words):
        register(tmp_path, text, "so_van_ban_2022.ndjson")()


HEADINGS = ["Mã TTHC", "Lĩnh vực", "Mức độ", "Thời hạn", "Đơn vị thời hạn", "Hiệu lực từ", "Hiệu lực đến"]


def test_a_sheet_is_read_as_text(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["DANH MỤC THỦ TỤC HÀNH CHÍNH"],
        [],
        [f" {h.upper()} " for h in HEADINGS],
        ["001.23", "GD", 4, 1.5, "Ngày làm việc", datetime(2021, 7, 21), ""],  # noqa: DTZ001  cells have no zone
        [],
        ["1.012766", "GD", "toàn trình", 1234, "tháng", date(2021, 7, 1), "31/12/2025"],
    ]
    first, second = register(tmp_path, workbook("thủ tục ", rows), "thu_tuc.xlsx")()
    assert first.place == "thu_tuc.xlsx sheet thủ tục row 4"
    assert list(first.payload.values()) == ["001.23", "GD", "4", "1,5", "Ngày làm việc", "21/07/2021", ""]
    assert second.place == "thu_tuc.xlsx sheet thủ tục row 6"
    assert list(second.payload.values()) == [
        "1.012766",
        "GD",
        "toàn trình",
        "1234",
        "tháng",
        "01/07/2021",
        "31/12/2025",
    ]


@pytest.mark.parametrize(
    ("content", "where", "words"),
    [
        (
            workbook("Thủ tục", [HEADINGS[:-2] + HEADINGS[-1:]]),
            "thu_tuc.xlsx sheet Thủ tục",
            "heading Hiệu lực từ is missing",
        ),
        (workbook("Thủ tục", []), "thu_tuc.xlsx sheet Thủ tục", "heading Mã TTHC"),
        (workbook("Sheet1", [HEADINGS]), "thu_tuc.xlsx", "no sheet Thủ tục"),
        (workbook("Thủ tục", [HEADINGS])[:-300], "thu_tuc.xlsx", "cut off"),
        (b"<html>", "thu_tuc.xlsx", "a page .HTML or XML., not a workbook"),
        (b"", "thu_tuc.xlsx", "the file is empty"),
    ],
)
def test_a_workbook_that_is_not_what_it_should_be(
    tmp_path: Path, content: bytes, where: str, words: str
) -> None:
    with pytest.raises(ContractBroken, match=words) as caught:
        register(tmp_path, content, "thu_tuc.xlsx")()
    assert caught.value.where == where


def test_a_file_that_should_be_there(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(ContractBroken, match=r"\[so_tiep_nhan_\*\.csv\]: the file is not there"):
        read(PROFILE, tmp_path.as_uri())
    with pytest.raises(ContractBroken, match=r"thu_tuc\.xlsx"):
        read(PROFILE, tmp_path.as_uri(), datasets="procedure")


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="mounted"):
        read(PROFILE, tmp_path.as_uri())


@pytest.mark.parametrize("folder", ["../x", "/etc", "a/../../b"])
def test_a_folder_stays_below_the_connections(tmp_path: Path, folder: str) -> None:
    with pytest.raises(ConfigurationError, match="leads out"):
        read(PROFILE, tmp_path.as_uri(), folder)


def test_an_unknown_dataset_is_a_mistake_of_ours(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no dataset official_score"):
        read(PROFILE, tmp_path.as_uri(), datasets="dossier, official_score")


def test_files_that_nothing_reads_are_noted(tmp_path: Path) -> None:
    head = ",".join(NAMES)
    names = ("so_tiep_nhan.csv", "Nguyễn Văn An.xlsx", "so_van_ban_1.ndjson", "anh.jpg", "desktop.ini")
    for name in names:
        put(tmp_path, name, "x")
    first, second = register(tmp_path, f"{head}\n{line('1')}\n{line('2')}\n", "SO_TIEP_NHAN_1.CSV".lower())()
    noted = {"tệp không đọc - so_tiep_nhan.csv", "tệp không đọc - tên đã che"}
    assert set(first.payload) == {*NAMES, *noted}
    assert all(map(is_note, noted))
    assert set(second.payload) == set(NAMES)


def test_a_file_that_is_not_there_under_its_name(tmp_path: Path) -> None:
    put(tmp_path, "so mot cua.csv", "x")
    words = r"the file is not there \(there is so mot cua\.csv\); the unit"
    with pytest.raises(ContractBroken, match=words):
        read(PROFILE, tmp_path.as_uri(), datasets="dossier")


def test_a_register_that_is_called_secret(tmp_path: Path) -> None:
    put(tmp_path, "so_tiep_nhan_Tối mật.csv", f"{','.join(NAMES)}\n{line('1')}\n")
    with pytest.raises(ContractBroken, match="its name bears a mark of secrecy: nothing of it was taken"):
        read(PROFILE, tmp_path.as_uri(), datasets="dossier")


def test_capitals_in_a_name_do_not_matter(tmp_path: Path) -> None:
    put(tmp_path, "SO_TIEP_NHAN_2022.CSV", f"{','.join(NAMES)}\n{line('1')}\n")
    assert len(read(PROFILE, tmp_path.as_uri(), datasets="dossier")[0]) == 1


@pytest.mark.parametrize(
    "copy",
    [
        "so_tiep_nhan_2022 (1).csv",
        "so_tiep_nhan_2022 - Copy.csv",
        "so_tiep_nhan_2022 cũ.csv",
        "so_tiep_nhan_2022 - Sao chép.csv",
    ],
)
def test_a_copy_beside_its_original(tmp_path: Path, copy: str) -> None:
    text = f"{','.join(NAMES)}\n{line('1')}\n"
    put(tmp_path, copy, text)
    with pytest.raises(ContractBroken, match=r"it looks like a copy of so_tiep_nhan_2022\.csv") as caught:
        register(tmp_path, text)()
    assert caught.value.where == copy
    (tmp_path / "x" / "so_tiep_nhan_2022.csv").unlink()
    assert len(read(PROFILE, tmp_path.as_uri(), datasets="dossier")[0]) == 1


@pytest.mark.parametrize("suffix", REGISTERS)
def test_a_copy_of_a_register_of_every_kind(suffix: str) -> None:
    name, copy = f"06a T11{suffix}", f"06a T11 (1){suffix.upper()}"
    assert copy_among([name, copy]) == (copy, name)
    assert copy_among([name, f"06a T11 (1){'.csv' if suffix == '.tsv' else '.tsv'}"]) is None
