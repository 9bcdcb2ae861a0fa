"""Rows to correct as a workbook."""

from __future__ import annotations

from datetime import date

from cchc.publishing.workbooks.corrections import Correction, Workload, render
from unit.publishing.workbooks.made import DAY, opened, texts

ROW = Correction(
    unit="Sở A",
    source="a-motcua",
    dataset="hồ sơ",
    record="=1+1",
    message="Ngày kết thúc xử lý trước ngày tiếp nhận; " * 3,
    owner="Đơn vị",
    place="trang 1, bản ghi thứ 10",
    rule="DOSSIER_FINISHED_BEFORE_RECEIVED",
    first_seen=date(2026, 11, 12),
    nights=3,
)


def test_a_row_says_what_where_which_rule_and_since_when() -> None:
    book = opened(render(Workload((ROW,), 1), DAY, "Chưa được ghi nhận."))
    sheet = book["Cần sửa"]
    assert texts(sheet)[0][:5] == ["Đơn vị", "Nguồn", "Dữ liệu", "Bản ghi", "Lý do"]
    cells = next(sheet.iter_rows(min_row=2))
    assert [cell.value for cell in cells][6:8] == [ROW.place, ROW.rule]
    assert (cells[8].value.date(), cells[9].value) == (ROW.first_seen, 3)
    assert (cells[3].value, cells[3].data_type, cells[3].quotePrefix) == ("=1+1", "s", True)
    assert cells[8].number_format == "dd/mm/yyyy"
    assert sheet.row_dimensions[2].height == 30, "as high as its longest text"
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:J2", "$1:$1")
    notes = [row[0] for row in texts(book["Ghi chú"])]
    assert "Mỗi dòng là một lỗi của một bản ghi. Chưa được ghi nhận." in notes
    assert notes[-1] == "Tệp liệt kê đủ 1 lỗi."


def test_a_file_that_is_cut_says_so() -> None:
    notes = [row[0] for row in texts(opened(render(Workload((ROW,), 12_345), DAY))["Ghi chú"])]
    assert str(notes[-1]).startswith("Tệp liệt kê 1 lỗi đầu trong 12.345 lỗi")


def test_nothing_to_correct_is_a_table_without_rows() -> None:
    sheet = opened(render(Workload((), 0), DAY))["Cần sửa"]
    assert (sheet.max_row, sheet.auto_filter.ref) == (1, "A1:J1")
