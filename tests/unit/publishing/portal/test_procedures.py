"""The pages of procedures: what each row says, and that nothing withheld can be worked out."""

from __future__ import annotations

import time
from dataclasses import replace

from cchc.publishing.portal import methods, procedures
from cchc.publishing.procedures import Procedure, ProcedureRow
from unit.publishing.portal.made import (
    COLUMNS,
    EVIL,
    PERIOD,
    content,
    dead_links,
    opened,
    row,
    unit_rows,
    view,
)

EVIL_PAGE = "thu-tuc/_3d_1_2b_1_22__27__3c_script_3e_alert_28_1_29__3c__2f_script_3e__12b4de92684bea31.html"


def test_every_procedure_has_a_row_in_the_list_and_a_page() -> None:
    pages = opened(procedures.pages(view()))
    assert list(pages) == ["thu-tuc/index.html", "thu-tuc/1.001.html", EVIL_PAGE]
    listed = pages["thu-tuc/index.html"]
    assert listed.row("Cấp phiếu lý lịch tư pháp") == ["1.001", "Tư pháp", "1.207", "41", "41", "41", "2"]
    own = pages["thu-tuc/1.001.html"]
    assert "toàn trình" in own.text
    assert "10 ngày làm việc" in own.text
    assert own.row("Sở Nội vụ") == ["7"] * 11
    assert own.row("Sở Tư pháp") == ["1.200", *["34"] * 10]
    assert own.row("Cộng") == ["1.207", *["41"] * 10]
    assert f"tháng 12/2026 ({PERIOD.start:%d/%m/%Y} – 09/12/2026)" in own.text.replace("Tháng", "tháng")
    units = [cells[0] for cells in own.rows if cells[0].startswith("Sở ")]
    assert units == ["Sở Nội vụ", "Sở Tư pháp"]  # as the catalogue has them


def test_headings_are_merged_as_the_form_prints_them() -> None:
    own = opened(procedures.pages(view()))["thu-tuc/1.001.html"]
    assert own.rows[0] == [
        "Đơn vị",
        "Số hồ sơ tiếp nhận",
        "Số hồ sơ đã giải quyết",
        "Số hồ sơ đang giải quyết",
    ]
    assert 'colspan="4">Số hồ sơ tiếp nhận' in own.html


def test_every_link_leads_somewhere() -> None:
    own = view()
    pages = opened([*procedures.pages(own), methods.page(own)])
    assert dead_links(pages, unit_rows(*content().procedure_rows)) == []
    assert "../phuong-phap.html#ii06a-c13" in pages["thu-tuc/1.001.html"].links


def test_a_sum_over_an_unknown_part_is_unknown() -> None:
    rows = (row("SNV", "1.001", 7, None), row("STP", "1.001", 9, 6))
    pages = opened(procedures.pages(view("public", procedure_rows=rows)))
    assert pages["thu-tuc/1.001.html"].row("Cộng các đơn vị nêu trên") == ["16", *["–"] * 10]
    assert pages["thu-tuc/1.001.html"].row("Sở Nội vụ") == ["7", *["–"] * 10]
    assert pages["thu-tuc/index.html"].row("Cấp phiếu lý lịch tư pháp")[2:6] == ["16", "–", "–", "–"]
    assert "../phuong-phap.html#so-nho" in pages["thu-tuc/1.001.html"].links
    assert "số nhỏ" not in opened(procedures.pages(view()))["thu-tuc/1.001.html"].text


def test_only_columns_that_hold_a_number_are_shown() -> None:
    sums = {"c3": 30, "c7": 20, "c11": 10}
    rows = (ProcedureRow("SNV", "1.001", None, {code: sums.get(code) for code in COLUMNS}),)
    pages = opened(procedures.pages(view("public", procedure_rows=rows)))
    assert pages["thu-tuc/1.001.html"].row("Sở Nội vụ") == ["30", "20", "10"]


def test_names_from_outside_are_text() -> None:
    for page in opened(procedures.pages(view())).values():
        assert page.tags.count("script") == 1  # the portal's own
    own = opened(procedures.pages(view()))[EVIL_PAGE]
    assert own.text.count(EVIL) == 5  # window, heading, code, field, table
    assert "chưa rõ mức độ" in own.text


def test_a_procedure_that_nobody_names_says_so() -> None:
    facts = {code: replace(own, title=None) for code, own in content().procedures.items() if code == "1.001"}
    rows = (row("SNV", "1.001", 7),)
    pages = opened(procedures.pages(view(procedure_rows=rows, procedures=facts)))
    assert "Chưa đơn vị nào ghi tên" in pages["thu-tuc/index.html"].text
    assert "Thủ tục 1.001" in pages["thu-tuc/1.001.html"].text
    assert "Tên thủ tục chưa đơn vị nào ghi" in pages["thu-tuc/1.001.html"].text


def test_levels_of_before_keep_their_number() -> None:
    assert [procedures.level(code) for code in ("full", "partial", "3", None)] == [
        "toàn trình",
        "một phần",
        "mức độ 3",
        None,
    ]


def test_without_dossiers_the_list_says_so() -> None:
    for empty in (view(forms={}), view(procedure_rows=(), procedures={})):
        pages = opened(procedures.pages(empty))
        assert list(pages) == ["thu-tuc/index.html"]
        assert "Chưa có hồ sơ theo thủ tục" in pages["thu-tuc/index.html"].text
        assert pages["thu-tuc/index.html"].rows == []


def test_many_procedures_are_written_in_no_time() -> None:
    codes = [f"2.{n:06}" for n in range(200)]
    rows = tuple(row("SNV", code, n, n + 1) for n, code in enumerate(codes))
    many = view(procedure_rows=rows, procedures={c: Procedure(c, c, None, None, None, None) for c in codes})
    begun = time.process_time()
    assert sum(1 for _ in procedures.pages(many)) == 201
    assert time.process_time() - begun < 1  # 1,500 of them have five seconds
