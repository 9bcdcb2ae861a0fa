"""Workbooks made for tests, in the three formats, and what is wrong with some of them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter
import xlwt

Rows = Sequence[Sequence[Any]]


def xlsx(
    rows: Rows, name: str = "Sổ", merged: Sequence[tuple[int, int, int, int]] = (), **options: Any
) -> bytes:
    """Return an .xlsx workbook of one sheet."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"default_date_format": "dd/mm/yyyy", **options}) as book:
        page = book.add_worksheet(name)
        for place in merged:
            page.merge_range(*place, "")
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if isinstance(cell, str) and cell:
                    page.write_string(number, column, cell)
                elif cell != "":
                    page.write(number, column, cell)
    return target.getvalue()


def xls(rows: Rows, name: str = "Sổ", *, since_1904: bool = False) -> bytes:
    """Return an .xls workbook of one sheet; the text #REF! becomes an error."""
    book = xlwt.Workbook(encoding="utf-8")
    book.dates_1904 = since_1904
    page, style = book.add_sheet(name), xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for number, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if cell == "#REF!":
                page.row(number).set_cell_error(column, cell)
            elif cell != "":
                page.write(number, column, cell, *([style] if isinstance(cell, datetime) else []))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


_ODS = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0">'
    '<office:body><office:spreadsheet><table:table table:name="{name}">{rows}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def ods(rows: Rows, name: str = "Sổ", hidden: Sequence[int] = ()) -> bytes:
    """Return an .ods workbook of one sheet, as LibreOffice writes it; the text #REF! becomes an error."""

    def cell(value: Any) -> str:
        if value == "":
            return "<table:table-cell/>"
        if value == "#REF!":
            return (
                '<table:table-cell table:formula="of:=[.#REF!]" office:value-type="string" '
                'office:string-value="" calcext:value-type="error"><text:p>#REF!</text:p></table:table-cell>'
            )
        if isinstance(value, datetime):
            day = f"{value:%Y-%m-%d}"
            return f'<table:table-cell office:value-type="date" office:date-value="{day}"><text:p/></table:table-cell>'
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p/></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'

    lines = "".join(
        f"<table:table-row{' table:visibility=' + chr(34) + 'filter' + chr(34) if n in hidden else ''}>"
        f"{''.join(map(cell, row))}</table:table-row>"
        for n, row in enumerate(rows)
    )
    content = _ODS.format(name=name, rows=lines)
    manifest = '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": mimetype, "META-INF/manifest.xml": manifest, "content.xml": content})


def zipped(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def changed(content: bytes, part: str, old: str, new: str) -> bytes:
    """Return a zipped workbook with a text of one of its parts replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    text = parts[part]
    assert isinstance(text, bytes)
    assert old.encode() in text
    parts[part] = text.replace(old.encode(), new.encode(), 1)
    return zipped(parts)


def encrypted() -> bytes:
    """Return what Excel writes for a workbook with a password: a compound file with the stream EncryptedPackage."""
    free, end = 0xFFFFFFFF, 0xFFFFFFFE
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    fat = struct.pack("<II", 0xFFFFFFFD, end) + struct.pack("<I", free) * 126

    def entry(name: str, kind: int) -> bytes:
        text = name.encode("utf-16-le") + b"\0\0"
        return (
            text.ljust(64, b"\0")
            + struct.pack("<HBB", len(text), kind, 1)
            + bytes(48)
            + struct.pack("<IQ", end, 0)
        )

    directory = b"".join(
        [entry("Root Entry", 5), entry("EncryptionInfo", 2), entry("EncryptedPackage", 2), bytes(128)]
    )
    return header + fat + directory
