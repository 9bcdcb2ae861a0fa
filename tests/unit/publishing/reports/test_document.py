"""The Word file: laid out by Nghị định 30/2020, deterministic, and a template that is wrong says where."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date

import docx
import pytest
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.shared import Cm, Length, Pt

from cchc.errors import ConfigurationError
from cchc.publishing import reports
from cchc.publishing.reports import document
from cchc.publishing.reports.narrative import Narrative
from cchc.settings import SHIPPED_CATALOGUE
from unit.publishing.reports.facts import UNIT, catalogue, of_article

TEMPLATE = document.shipped_template()


@pytest.fixture(scope="module")
def narrative() -> Narrative:
    return reports.told(
        catalogue(),
        "unit",
        of_article(),
        None,
        subject=UNIT,
        main_set="seed-2022",
        directory=SHIPPED_CATALOGUE,
    )


@pytest.fixture(scope="module")
def body(narrative: Narrative) -> bytes:
    return document.render(narrative, TEMPLATE, "shipped")


def _edited(old: str, new: str) -> bytes:
    """Return the shipped template as the office edited it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(TEMPLATE)) as held, zipfile.ZipFile(out, "w") as edited:
        for name in held.namelist():
            part = held.read(name).decode()
            assert old in part or name != "word/document.xml"
            edited.writestr(name, part.replace(old, new))
    return out.getvalue()


def _cm(length: Length | None) -> float:
    assert length is not None
    return round(length.cm, 2)


def test_it_is_laid_out_by_the_decree(body: bytes) -> None:
    made = docx.Document(io.BytesIO(body))
    text, appendix = made.sections
    assert (_cm(text.page_width), _cm(text.page_height)) == (21.0, 29.7)
    assert (_cm(appendix.page_width), _cm(appendix.page_height)) == (29.7, 21.0)
    margins = (text.top_margin, text.bottom_margin, text.left_margin, text.right_margin)
    assert [_cm(m) for m in margins] == [2.0, 2.0, 3.0, 2.0]
    for section in (text, appendix):
        assert section.different_first_page_header_footer
        assert "PAGE" in section.header._element.xml
        assert "PAGE" not in section.first_page_header._element.xml
        assert section.header.paragraphs[0].style.name == "Số trang"
    defaults = made.styles.element.xpath("w:docDefaults//w:rFonts")[0]
    assert set(defaults.values()) == {"Times New Roman"}
    said = made.styles["Nội dung"]
    assert said.font.size == Pt(14)
    assert said.paragraph_format.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY
    assert abs(said.paragraph_format.first_line_indent - Cm(1)) < Pt(0.1)
    assert said.paragraph_format.line_spacing == 1.15
    sizes = {
        "Quốc hiệu": 12,
        "Tiêu ngữ": 13,
        "Số, ký hiệu": 13,
        "Tên loại": 14,
        "Trích yếu": 14,
        "Chức vụ": 14,
    }
    sizes |= {"Quyền hạn, chức vụ": sizes.pop("Chức vụ"), "Nơi nhận (danh sách)": 11, "Nơi nhận (từ)": 12}
    assert {name: made.styles[name].font.size.pt for name in sizes} == sizes


def test_head_and_foot_stand_where_they_belong(body: bytes) -> None:
    made = docx.Document(io.BytesIO(body))
    left, right = ([p.text for p in cell.paragraphs if p.text] for cell in made.tables[0].row_cells(0))
    assert left == ["UBND TỈNH CAO BẰNG", "SỞ GIÁO DỤC VÀ ĐÀO TẠO", "Số:        /BC-SGDĐT"]
    assert right[:2] == ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"]
    assert right[2].split() == ["Cao", "Bằng,", "ngày", "tháng", "năm"]
    foot = [table for table in made.tables if table.rows[0].cells[0].paragraphs[0].text == "Nơi nhận:"]
    to, role = ([p.text for p in cell.paragraphs] for cell in foot[0].row_cells(0))
    assert to == ["Nơi nhận:", "- Như trên;", "- Sở Nội vụ;", "- Lãnh đạo đơn vị;", "- Lưu: VT."]
    assert role == ["GIÁM ĐỐC", ""]
    assert [p.text for p in made.paragraphs if p.style.name == "Tên loại"] == ["BÁO CÁO"]
    titles = [p.text for p in made.paragraphs if p.style.name == "Tiêu đề phần"]
    assert [title.split(".")[0] for title in titles] == [str(n) for n in range(1, 9)]


def test_the_same_report_is_the_same_bytes(narrative: Narrative, body: bytes) -> None:
    assert document.render(narrative, TEMPLATE, "shipped") == body
    with zipfile.ZipFile(io.BytesIO(body)) as held:
        assert {entry.date_time for entry in held.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = docx.Document(io.BytesIO(body)).core_properties
    assert (properties.created.date(), properties.modified.date()) == (date(2022, 10, 13), date(2022, 10, 13))
    assert properties.author == "SỞ GIÁO DỤC VÀ ĐÀO TẠO"


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"), (date(2026, 11, 20), "ngày 20 tháng 11 năm 2026")],
)
def test_who_signs_may_give_day_number_and_name(narrative: Narrative, day: date, said: str) -> None:
    head = replace(narrative.head, dated=day, number="12", name="Trần Thị B & C <D>")
    made = docx.Document(io.BytesIO(document.render(replace(narrative, head=head), TEMPLATE, "shipped")))
    cells = [p.text for table in made.tables for cell in table.row_cells(0) for p in cell.paragraphs]
    assert f"Cao Bằng, {said}" in cells
    assert "Số: 12/BC-SGDĐT" in cells
    assert "Trần Thị B & C <D>" in cells
    kept = next(p.text for p in made.paragraphs if p.style.name == "Kèm theo")
    assert kept == f"(Kèm theo Báo cáo số 12/BC-SGDĐT {said} của Sở Giáo dục và Đào tạo)"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{{ mo_dau }}", "{{ mo_dua }}", r"template my.docx: the report does not fill \{\{ mo_dua \}\}"),
        ("{{ phan.tieu_de }}", "{{ phan.ten }}", r"template my.docx: .*ten"),
        ("{{ ket_thuc }}", "{{ ket_thuc", r"template my.docx: .*ket_thuc.* is not closed"),
        ("{%p endfor %}", "", r"template my.docx: "),
    ],
)
def test_a_template_that_is_wrong_says_where(narrative: Narrative, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        document.render(narrative, _edited(old, new), "my.docx")


def test_what_is_no_word_document_is_told(narrative: Narrative) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as other:
        other.writestr("content.xml", "x")
    for wrong in (b"", b"\xd0\xcf\x11\xe0 an old .doc", out.getvalue()):
        with pytest.raises(ConfigurationError, match=r"my\.doc is no Word document \(\.docx\)"):
            document.render(narrative, wrong, "my.doc")


def test_an_edited_template_is_taken(narrative: Narrative) -> None:
    made = document.render(narrative, _edited("Nơi nhận:", "Nơi nhận (mẫu của tỉnh):"), "my.docx")
    cells = [
        p.text
        for table in docx.Document(io.BytesIO(made)).tables
        for c in table.row_cells(0)
        for p in c.paragraphs
    ]
    assert "Nơi nhận (mẫu của tỉnh):" in cells
