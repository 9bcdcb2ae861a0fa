"""A quarantined row as its unit finds it: the record by its code, and where in the source it stands (Vietnamese)."""

from __future__ import annotations

import re

from cchc.warehouse.datasets import KEYLESS, KEYS

_DIRECTIONS = {"in": "văn bản đến", "out": "văn bản đi"}
_SHEET = re.compile(r"(.+) sheet (.+?)(?: (row|column) (\w+))?")
_LINE_OF_FILE = re.compile(r"(.+):(\d+)")
_ROW_OF_TABLE = re.compile(r"(\S+)(?: page \d+)? row (\d+)")
_MESSAGE = re.compile(r"(.+) docId (\S+)")
_PAGE = re.compile(r"(?:([^\s\d]\S*) )?(?:(\d{4})-(\d\d)(?:-(\d\d))? )?(?:page )?(\d+)")
_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)\b")

#: What a profile calls a list that a source is asked for → what is in it; any other name says nothing to an officer.
LISTS: dict[str, str] = {
    **_DIRECTIONS,
    **dict.fromkeys(("accepted", "fromReceiveDate"), "hồ sơ tiếp nhận"),
    **dict.fromkeys(("returned", "fromReleaseDate"), "hồ sơ trả kết quả"),
    "open": "hồ sơ đang giải quyết",
}


def place(page: str, row_no: int) -> str:
    """Return where a row stands in its source, with the words for it: file and line, or page and number among all."""
    found = _PAGE.fullmatch(page)
    return f"{_page(found)}, bản ghi thứ {count(row_no)}" if found else stretch(page)


def lasting(page: str) -> str:
    """Return where a row stands in a file or message; empty of a page of answers: another pull finds it on another."""
    if _LINE_OF_FILE.fullmatch(page) or _SHEET.fullmatch(page):
        return short(file(page), 80)
    found = _MESSAGE.fullmatch(page)
    return f"docId {found[2]}" if found else ""


def stretch(page: str) -> str:
    """Return what of its source a page is (Vietnamese): its list and number; of a file, table or message the place."""
    if found := _LINE_OF_FILE.fullmatch(page) or _SHEET.fullmatch(page):
        return short(file(found.string), 80)
    if found := _ROW_OF_TABLE.fullmatch(page):
        return short(f"bảng {found[1]}, bản ghi thứ {count(int(found[2]))}", 80)
    if found := _PAGE.fullmatch(page):
        return _page(found)
    if found := _MESSAGE.fullmatch(page):
        return short(f"{stretch(found[1])}, docId {found[2]}", 80)
    return short(page, 80)


def _page(found: re.Match[str]) -> str:
    name, year, month, day, number = found.groups()
    parts = (
        LISTS.get(name or "", ""),
        f"từ ngày {day}/{month}/{year}" if day else f"tháng {month}/{year}" if year else "",
        f"trang {number}",
    )
    return ", ".join(part for part in parts if part)


def file(where: str) -> str:
    """Return a file, and what of it (Vietnamese): tệp a.xlsx, trang tính Hồ sơ, dòng 7."""
    if found := _SHEET.fullmatch(where):
        at = {"row": f", dòng {found[4]}", "column": f", cột {found[4]}"}.get(found[3] or "", "")
        return f"tệp {found[1]}, trang tính {found[2]}{at}"
    if found := _LINE_OF_FILE.fullmatch(where):
        return f"tệp {found[1]}, dòng {found[2]}"
    return f"tệp {where}"


def record(code: str, key: str) -> str:
    """Return a record of a dataset as its unit knows it: its code, or that it has none."""
    if key.startswith(KEYLESS):
        return KEYLESS.rstrip(": ")  # the place beside it says which
    columns = next((columns for name, columns in KEYS.items() if name == code), ())
    parts = key.split("|")
    if len(columns) < 2 or len(parts) != len(columns):
        return key
    if columns[0] == "direction":
        return " ".join([_DIRECTIONS.get(parts[0], parts[0]), *parts[1:]])
    return ", ".join(_DAY.sub(r"\3/\2/\1", part) for part in parts)


def count(number: int) -> str:
    """Return a whole number as it is written in Vietnamese: 1.234."""
    return f"{number:,}".replace(",", ".")


def short(text: str, limit: int = 400) -> str:
    """Return a text on one line, cut where it is too long for a mail."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
