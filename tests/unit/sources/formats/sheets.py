"""Reading the sheets of workbooks made for tests, by a small map of three columns."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter
import xlwt

from cchc.catalogue.profiles import DatasetMap, FieldMap
from cchc.sources import unread
from cchc.sources.formats.layout import select
from cchc.sources.formats.workbook import SheetRow, rows_of_workbook

MAP = DatasetMap(
    fields={
        "procedure_code": FieldMap(path="Mã", type="code"),
        "term_value": FieldMap(path="Số", type="number", formats=("vi",)),
        "valid_from": FieldMap(path="Ngày", type="date", formats=("%d/%m/%Y",)),
    }
)
HEAD = ["Mã", "Số", "Ngày"]
DAY = datetime(2022, 1, 5)  # noqa: DTZ001  cells have no zone
SHEET = {"files": "*", "format": "workbook", "sheet": "Sổ"}
ERROR = unread.mark("error")


def rows(content: bytes, of: DatasetMap = MAP, **chosen: Any) -> list[SheetRow]:
    """Return the rows of a workbook, with what is to be noted."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        return list(
            rows_of_workbook(file, "so.xlsx", select("p", "d", {**SHEET, **chosen}), of, also_read=())
        )


def cells(content: bytes, of: DatasetMap = MAP, **chosen: Any) -> list[list[str]]:
    """Return the texts of its rows."""
    return [list(row.record.values()) for row in rows(content, of, **chosen)]


def saved(book: xlwt.Workbook) -> bytes:
    """Return an .xls workbook."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def months(*of: tuple[str, Sequence[Sequence[Any]]]) -> bytes:
    """Return an .xlsx workbook of several sheets."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name, body in of:
            page = book.add_worksheet(name)
            for number, row in enumerate(body):
                page.write_row(number, 0, row)
    return target.getvalue()
