"""Registers in workbooks of every format: what is in the cells, and what is refused or marked."""

from __future__ import annotations

import io
import struct
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
import xlwt

from cchc.catalogue.profiles import DatasetMap, FieldMap
from cchc.errors import ConfigurationError
from cchc.sources import unread
from cchc.sources.formats.cells import as_text
from cchc.sources.formats.isolated.books import opened
from cchc.sources.formats.isolated.refusal import Refusal
from cchc.sources.formats.isolation import BadWorkbook
from cchc.sources.formats.layout import select
from cchc.staging.readers import Unreadable, reader
from unit.sources.formats import books
from unit.sources.formats.sheets import DAY, ERROR, HEAD, MAP, SHEET, cells, rows, saved


@pytest.mark.parametrize("make", [books.xlsx, books.xls, books.ods])
def test_the_same_rows_from_every_format(make: Any) -> None:
    body = [["001", 1.5, DAY], ["", "", ""], [" =a\t\n\"'", 1234, "31/02/2022"], ["x", "1.234,5", 44562]]
    found = rows(make([["SỔ"], HEAD, *body]))
    assert [row.place for row in found] == [" row 3", " row 5", " row 6"]
    texts = [list(row.record.values()) for row in found]
    assert texts[0] == ["001", "1,5", "05/01/2022"]
    assert texts[1][1:] == ["1234", "31/02/2022"]
    assert texts[2] == ["x", "1.234,5", "44562"]  # a day that is no date here: staging cannot read it


def test_texts_are_kept_exactly() -> None:
    texts = ["=1+1", "+84", "-5", "@x", "a\tb", "c\nd", 'e"f', "\\.", "'"]
    assert [row[0] for row in cells(books.xlsx([HEAD, *([text] for text in texts)]))] == texts


@pytest.mark.parametrize("make", [books.xls, books.ods])
def test_an_error_is_marked_wherever_it_stands(make: Any) -> None:
    assert cells(make([HEAD, ["a", "#REF!", DAY], ["b", 1, "#REF!"], ["#REF!", "", ""]])) == [
        ["a", ERROR, "05/01/2022"],
        ["b", "1", ERROR],
        [ERROR, "", ""],
    ]


def test_errors_and_formulas_that_were_never_worked_out() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        page = book.add_worksheet("Sổ")
        page.write_row(0, 0, HEAD)
        page.write_formula(1, 0, '="a"&"b"', None, "ab")
        page.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        page.write_formula(2, 1, "=1+1", None, 2)
        page.write_formula(2, 2, "=NA()", None, "#N/A")
        page.write_formula(2, 0, '=""', None, "")
    # a formula without a type whose result is empty was never worked out
    formula = unread.mark("formula")
    assert cells(target.getvalue()) == [["ab", ERROR, ""], [formula, "2", ERROR]]
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Sổ"
    sheet.append(HEAD)
    sheet.append(["a", "=1+1", "=SUM(B1:B2)"])
    target = io.BytesIO()
    made.save(target)
    assert cells(target.getvalue()) == [["a", formula, formula]]


def test_errors_of_a_program_that_quotes_otherwise() -> None:
    plain = '<c r="B2"><v>1</v></c>'
    for cell, why in (
        ("<c r='B2' t='e'><v>#REF!</v></c>", ERROR),
        ("<c r='B2'><f>1+1</f></c>", unread.mark("formula")),
    ):
        made = books.changed(books.xlsx([HEAD, ["a", 1]]), "xl/worksheets/sheet1.xml", plain, cell)
        assert cells(made) == [["a", why, ""]]


def test_a_zero_of_a_formula_is_no_number_where_all_is_still_to_be_worked_out() -> None:
    def written(*, once_worked_out: bool) -> bytes:
        target = io.BytesIO()
        with xlsxwriter.Workbook(target) as book:  # says fullCalcOnLoad
            page = book.add_worksheet("Sổ")
            page.write_row(0, 0, HEAD)
            page.write_row(1, 0, ["a", 0])
            page.write_formula(1, 2, "=B2+7", book.add_format({"num_format": "dd/mm/yyyy"}))
            page.write(2, 0, "b")
            page.write_formula(2, 1, "=B2*2")
            page.write_formula(2, 2, "=B2*2", None, 5)
        found = target.getvalue()
        return (
            books.changed(found, "xl/workbook.xml", ' fullCalcOnLoad="1"', "") if once_worked_out else found
        )

    formula = unread.mark("formula")
    assert cells(written(once_worked_out=False)) == [["a", "0", formula], ["b", formula, "5"]]
    assert cells(written(once_worked_out=True))[1] == ["b", "0", "5"]


def test_an_empty_result_in_an_xls_workbook() -> None:
    def written(result: bytes = b"", record: bytes = b"") -> bytes:
        book = xlwt.Workbook()
        page = book.add_sheet("Sổ")
        for column, text in enumerate(HEAD):
            page.write(0, column, text)
        page.write(1, 0, "a")
        page.write(1, 1, xlwt.Formula("1+1"))
        page.write(1, 2, xlwt.Formula("B2+7"))
        found = saved(book)
        never = b"\x03\0\0\0\0\0\xff\xff"  # an empty text
        assert found.count(never) == 2
        found = found.replace(never, result or never, 1)
        guts = b"\x80\0\x08\0" + bytes(4) + b"\x01\0\0\0"  # a record of the sheet that says nothing here
        assert guts in found
        return found.replace(guts, record + guts[len(record) :], 1) if record else found

    formula = unread.mark("formula")
    assert cells(written()) == [["a", formula, formula]]  # nothing in the workbook was worked out
    assert cells(written(struct.pack("<d", 2))) == [["a", "2", ""]]  # the other one is an empty text indeed
    waits = b"\x5e\0\x08\0" + bytes(8)  # UNCALCED
    assert cells(written(bytes(8), waits)) == [["a", formula, formula]]
    assert cells(written(bytes(8))) == [["a", "0", ""]]


def test_a_zero_that_libreoffice_writes_for_a_text() -> None:
    """In .xls it writes 0 beside each text that it did not work out itself, as `soffice --convert-to xls` shows."""
    numbers = ("B1+1", "SUM(B1:B1)", "(B1*2)", "ROUND(B1;0)", "COUNTIF(B1:B1;5)", "-B1", "0")
    texts = ('"a"&"b"', 'IF(B1=1;"Có";"Không")', "B1", "VLOOKUP(1;A1:B1;2;0)", "TRIM(B1)")
    formulas = (*numbers, *texts)
    book = xlwt.Workbook()
    page = book.add_sheet("Sổ")
    for column, text in enumerate(HEAD):
        page.write(0, column, text)
    for row, formula in enumerate(formulas, 1):
        page.write(row, 0, formula)
        page.write(row, 1, xlwt.Formula(formula))
    never, writer = b"\x03\0\0\0\0\0\xff\xff", b"\x5c\0\x70\0"
    made = saved(book)
    assert made.count(never) == len(formulas)
    made = made.replace(never, bytes(8))
    assert cells(made) == [[formula, "0", ""] for formula in formulas]
    at = made.index(writer) + len(writer)
    of_libreoffice = made[:at] + b"\x04\0\0Calc".ljust(0x70) + made[at + 0x70 :]
    assert cells(of_libreoffice) == [
        *([formula, "0", ""] for formula in numbers),
        *([formula, unread.mark("formula"), ""] for formula in texts),
    ]


def with_shares(make: Any) -> bytes:
    """Return a workbook with 0.955 and 0.07 in cells that show 95,5% and 7%, and 0.955 where % is but written."""
    if make is books.ods:
        share = 'office:value-type="percentage" office:value="0.'
        return books.changed(
            books.changed(
                books.ods([HEAD, ["a", 0.955, 0.07], ["b", 0.955, ""]]),
                "content.xml", 'office:value-type="float" office:value="0.9', f"{share}9",
            ),
            "content.xml", 'office:value-type="float" office:value="0.07', f"{share}07",
        )  # fmt: skip
    target = io.BytesIO()
    if make is books.xlsx:
        book = xlsxwriter.Workbook(target)
        styles = [book.add_format({"num_format": text}) for text in ("0.0%", "0%", '0.0"%"')]
        page = book.add_worksheet("Sổ")
    else:
        book = xlwt.Workbook()
        styles = [xlwt.easyxf(num_format_str=text) for text in ("0.0%", "0%", '0.0"%"')]
        page = book.add_sheet("Sổ")
    for number, row in enumerate([HEAD, ["a", 0.955, 0.07], ["b", 0.955]]):
        for column, cell in enumerate(row):
            style = [styles[2 if number == 2 else column - 1]] if isinstance(cell, float) else []
            page.write(number, column, cell, *style)
    if make is books.xlsx:
        book.close()
    else:
        book.save(target)
    return target.getvalue()


@pytest.mark.parametrize("make", [books.xlsx, books.xls, books.ods])
def test_a_share_is_what_people_see(make: Any) -> None:
    """Who types 95,5% has 0.955 in the cell; who types 95,5 has 95.5: as numbers nobody could tell them apart."""
    found = cells(with_shares(make))
    assert found == [["a", "95,5%", "7%"], ["b", "0,9550", ""]]
    read = reader(MAP.fields["term_value"], "Asia/Ho_Chi_Minh")
    assert [read(row[1]) for row in found] == [Decimal("95.5"), Decimal("0.955")]


def test_a_short_workbook_whose_stream_stands_among_others() -> None:
    """A compound file keeps what is below 4,096 bytes in short sectors; LibreOffice wrote this one."""
    content = (Path(__file__).parents[3] / "fuzz" / "corpus" / "workbook" / "short_xls").read_bytes()
    assert cells(content) == [["a", "1", "05/01/2022"]]


def test_a_number_that_no_day_can_be_spoils_its_row_alone() -> None:
    for number in (-1e300, 1e300):
        content = books.xlsx([HEAD, ["a", 1, DAY], ["b", 2, DAY], ["c", 3, DAY]])
        far = books.changed(
            content,
            "xl/worksheets/sheet1.xml",
            '<v>44566</v></c></row><row r="4"',
            f'<v>{number}</v></c></row><row r="4"',
        )
        found = cells(far)
        assert [row[0] for row in (found[0], found[2])] == ["a", "c"]
        assert found[1][2] in (ERROR, unread.mark("digits"))


def test_an_hour_is_never_lost() -> None:
    of = {
        "a": FieldMap(path="Mã", type="timestamp", formats=("%d/%m/%Y", "%d/%m/%Y %H:%M:%S")),
        "b": FieldMap(path="Số", type="timestamp", formats=("%d/%m/%Y", "%d/%m/%Y %H:%M")),
        "c": FieldMap(path="Ngày", type="date", formats=("%d/%m/%Y",)),
    }
    moment = datetime(2026, 11, 10, 16, 30, 20)  # noqa: DTZ001
    found = cells(
        books.xlsx([HEAD, [moment] * 3, [DAY] * 3], default_date_format="dd/mm/yyyy hh:mm"),
        DatasetMap(fields=of),
    )
    assert found == [["10/11/2026 16:30:20", "10/11/2026 16:30", "10/11/2026"], ["05/01/2022"] * 3]
    day_alone = FieldMap(path="Mã", type="timestamp", formats=("%d/%m/%Y",))
    with pytest.raises(Unreadable, match="không đọc được ngày giờ"):
        reader(day_alone, "Asia/Ho_Chi_Minh")(as_text(moment, day_alone))


def test_a_code_in_a_number_cell_may_have_lost_zeros() -> None:
    mark, digits = unread.mark("number"), unread.mark("digits")
    body = [[123, 1], [1.01276, 12345678901234567], [1234567890123456, 1]]
    assert cells(books.xlsx([HEAD, *body])) == [[mark, "1", ""], [mark, digits, ""], [digits, "1", ""]]
    shaped = MAP.model_copy(
        update={
            "fields": {
                **MAP.fields,
                "procedure_code": FieldMap(path="Mã", type="code", formats=("0.000000",)),
            }
        }
    )
    assert [row[0] for row in cells(books.xlsx([HEAD, *body[:2]]), shaped)] == ["123.000000", "1.012760"]


@pytest.mark.parametrize("make", [books.xlsx, books.xls])
def test_days_are_the_same_since_1904(make: Any) -> None:
    option: dict[str, Any] = {"date_1904": True} if make is books.xlsx else {"since_1904": True}
    assert cells(make([HEAD, ["a", 1, DAY]], **option)) == [["a", "1", "05/01/2022"]]


def xlsx_at(row: int) -> bytes:
    return books.changed(
        books.xlsx([HEAD, ["a", 1]]),
        "xl/worksheets/sheet1.xml",
        '<row r="2" spans="1:3"><c r="A2" t="s"><v>3</v></c><c r="B2">',
        f'<row r="{row}" spans="1:3"><c r="A{row}" t="s"><v>3</v></c><c r="B{row}">',
    )


def xls_at(row: int) -> bytes:
    body: list[list[Any]] = [HEAD, ["a"]]
    return books.xls([*body, *([[]] * (row - 3)), ["z"]])


DTD = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (xlsx_at(1_048_576), "exactly 1,048,576 rows.* suspected cut off"),
        (xls_at(65_536), "exactly 65,536 rows.* suspected cut off"),
        (books.encrypted(), "has a password"),
        (books.changed(books.xlsx([HEAD]), "xl/worksheets/sheet1.xml", "<worksheet", DTD), "declares a DTD"),
        (books.ods([HEAD]).replace(b"PK\x03\x04", b"PK\x03\x05", 1), "empty, or it was cut off"),
        (books.zipped({"xl/workbook.xml": b" " * 60_000_000}), "unpacks to more than is sensible"),
        (books.zipped({"a.txt": "x"}), "a ZIP archive, not a workbook"),
        (books.zipped({"xl/workbook.bin": b"x"}), "a binary workbook .* save it as .xlsx"),
        (b"<html><table>", "a page .HTML or XML., not a workbook"),
        ("Mã;Số\n".encode(), "a text .CSV., not a workbook"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "of 2003"),
        (b"\x00\x01\x02", "not a workbook"),
        (b"", "the file is empty"),
        (books.xlsx([HEAD])[:-100], "cut off"),
        (books.xls([HEAD])[:2000], "cut off"),
    ],
)  # fmt: skip
def test_what_the_reading_process_refuses(content: bytes, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        opened(io.BytesIO(content)).sheet(0)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (books.encrypted(), "has a password"),
        (books.xlsx([HEAD, ["a"], [""]], merged=[(1, 0, 2, 0)]), "the cells of rows 2 to 3 are merged"),
        (
            books.xlsx([["Danh môc thñ tôc"], ["M·", "Sè", "Ngµy"], ["x", "®Êt ®ai"]]),
            "written for a TCVN3 font",
        ),
        (books.xlsx([HEAD], name="Khác"), "has no sheet Sổ"),
    ],
)
def test_a_workbook_that_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(BadWorkbook, match=words):
        rows(content)


def test_a_sheet_one_row_short_of_the_most_is_read() -> None:
    assert [row.place for row in rows(xls_at(65_535))] == [" row 2", " row 65535"]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"sheet": None}, "dataset d: select: a workbook has either a sheet or sheets"),
        ({"format": "pdf"}, "select.format: "),
        ({"format": "xlsx"}, "select.format: "),
        ({"shet": "x"}, "select.shet: "),
        ({"format": "csv"}, "are for workbooks, not for csv"),
        ({"period": [{"place": "title", "pattern": "("}]}, "this is no pattern"),
        ({"period": [{"place": "title", "pattern": "(?P<from>x)"}]}, "from goes with to"),
        ({"period": [{"place": "title", "pattern": "(?P<until>x)"}]}, "until with month or quarter"),
    ],
)
def test_a_mistake_in_the_profile_is_named(chosen: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        select("p", "d", {**SHEET, **chosen})
