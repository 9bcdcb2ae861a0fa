"""Cells and rows that cannot be read: a mark lands in place of the text and says why, so that nothing is lost.

Staging makes a cast error of it, and the row waits in quarantine until its source brings it corrected.
"""

from __future__ import annotations

from typing import Literal

from cchc.catalogue.profiles import DatasetMap

Why = Literal["error", "formula", "amount", "digits", "number", "ragged", "message"]

_OPEN, _CLOSE = "⟦unread:", "⟧"
_WORDS: dict[str, str] = {  # as officers read them
    "error": "ô báo lỗi của bảng tính (#REF!, #N/A …)",
    "formula": "công thức chưa được tính; tính lại (Excel Ctrl+Alt+F9, LibreOffice Ctrl+Shift+F9) rồi lưu thành .xlsx",
    "amount": "ô ghi chữ hoặc số viết không rõ (1,000); ghi số đếm như 1000 hoặc 1.000, không có thì để trống",
    "digits": "số có hơn 15 chữ số, bảng tính đã làm tròn; định dạng ô là văn bản rồi nhập lại",
    "number": "mã nằm trong ô dạng số nên có thể đã mất số 0; định dạng ô là văn bản rồi nhập lại",
    "message": "thông điệp không đọc được (XML sai, đầu quá dài, không đúng loại) hoặc trục không còn giữ; cần gửi lại",
    "ragged": "dòng thừa hoặc thiếu ô so với tiêu đề nên không biết ô nào là của cột nào",
}


_OF_ROWS: tuple[Why, ...] = ("message", "ragged")  # not of one field


def mark(why: Why) -> str:
    """Return what lands in place of a text that cannot be read."""
    return f"{_OPEN}{why}{_CLOSE}"


def ragged(dataset_map: DatasetMap) -> dict[str, str] | None:
    """Return what lands of a row of which nobody knows which cell is of which column.

    None where a record must state its secrecy level: then nothing of it may be kept, not even that it was there.
    """
    if dataset_map.secrecy is not None and (dataset_map.secrecy.required or dataset_map.secrecy.level):
        return None
    paths = (field.path for field in dataset_map.fields.values() if field.path is not None)
    return dict.fromkeys(paths, mark("ragged"))


def why(text: str) -> str | None:
    """Return, in Vietnamese, why a landed text could not be read; None for any other text."""
    if not (text.startswith(_OPEN) and text.endswith(_CLOSE)):
        return None
    return _WORDS.get(text[len(_OPEN) : -len(_CLOSE)])


def is_of_row(text: str) -> bool:
    """Whether a mark says so of the whole row, in each of its fields."""
    return text in map(mark, _OF_ROWS)
