"""Cells and rows that cannot be read: a mark lands in place of the text and says why, so that nothing is lost.

Staging makes a cast error of it, and the row waits in quarantine until its source brings it corrected.
"""

from __future__ import annotations

from typing import Literal

Why = Literal["error", "formula", "digits", "number", "ragged"]

_OPEN, _CLOSE = "⟦unread:", "⟧"
_WORDS: dict[str, str] = {  # as officers read them
    "error": "ô báo lỗi của bảng tính (#REF!, #N/A …)",
    "formula": "công thức chưa được tính; mở tệp bằng bảng tính rồi lưu lại",
    "digits": "số có hơn 15 chữ số, bảng tính đã làm tròn; định dạng ô là văn bản rồi nhập lại",
    "number": "mã nằm trong ô dạng số nên có thể đã mất số 0; định dạng ô là văn bản rồi nhập lại",
    "ragged": "dòng thừa hoặc thiếu ô so với tiêu đề nên không biết ô nào là của cột nào",
}


def mark(why: Why) -> str:
    """Return what lands in place of a text that cannot be read."""
    return f"{_OPEN}{why}{_CLOSE}"


def why(text: str) -> str | None:
    """Return, in Vietnamese, why a landed text could not be read; None for any other text."""
    if not (text.startswith(_OPEN) and text.endswith(_CLOSE)):
        return None
    return _WORDS.get(text[len(_OPEN) : -len(_CLOSE)])
