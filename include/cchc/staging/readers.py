"""How the text of one field is read, by the type its profile gives it.

A reader returns a value, or None for "not given", or raises `Unreadable`, whose text names what was expected and
never holds the value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from cchc.catalogue.profiles import FieldMap
from cchc.errors import ConfigurationError
from cchc.sources import unread
from cchc.sources.door import screen
from cchc.sources.texts import clean, label, without_stray
from cchc.staging.date_forms import YEARS

Value = str | int | bool | Decimal | datetime | date | time | None
Reader = Callable[[str], Value]

ANY = "*"  # in choices: any other text

_LONGEST_CODE = 200
_LONGEST_TEXT = 2_000
_LONGEST_NUMBER = 40
_LARGEST_INTEGER = 2**31 - 1  # of PostgreSQL's integer: what is longer would be cut to its last bits
_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
_VIETNAMESE_NUMBER = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?\s*%?", re.ASCII)
_TWO_NUMBERS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+", re.ASCII)
# letters and digits that no Vietnamese keyboard writes: Ð (eth) for Đ, Н (Cyrillic) for H, １ for 1. To people they
# look the same, and they make another key
_VIETNAMESE = "0-9A-Za-zÀ-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ"
_FOREIGN = re.compile(rf"[^\W{_VIETNAMESE}_]")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d\d)(?::(\d\d))?|h(\d\d)?)", re.ASCII)
_FLAGS = {
    "true": True,
    "1": True,
    "co": True,
    "có": True,
    "false": False,
    "0": False,
    "khong": False,
    "không": False,
}


class Unreadable(ValueError):
    """The text is not what the field holds; the message is Vietnamese and without the text."""


class UnreadableRow(Unreadable):
    """Nobody knows what any field of the row holds."""


def reader(field: FieldMap, zone: str) -> Reader:
    """Return the reader of a field; `zone` is the profile's, where the field names none."""
    zone_info = ZoneInfo(field.zone or zone)
    makers: dict[str, Callable[[], Reader]] = {
        "code": lambda: _code,
        "text": lambda: _text,
        "integer": lambda: _integer,
        "number": lambda: _vietnamese_number if "vi" in field.formats else _number,
        "timestamp": lambda: lambda text: _moment(text, field.formats, zone_info),
        "date": lambda: lambda text: _day(text, field.formats, zone_info),
        "time": lambda: _time,
        "flag": lambda: _no_flag,
        "choice": lambda: _no_choice,
    }
    read = makers[field.type]()
    own = choices(field)
    empty = labels(field.empty)

    def read_field(text: str) -> Value:
        key = label(text) if own or len(text) < _LONGEST_NUMBER else text
        if key in own and key != ANY:
            return own[key]
        if key in empty:
            return None
        if (not_read := unread.why(text)) is not None:
            raise (UnreadableRow if unread.is_of_row(text) else Unreadable)(not_read)
        if ANY in own:
            return own[ANY]
        personal = screen.masked(text)
        if personal is not None:
            raise Unreadable(f"có nội dung giống {personal}, đã che và không lưu")
        return read(text)

    return read_field


def labels(texts: Iterable[str]) -> frozenset[str]:
    """Return the labels of texts."""
    return frozenset(map(label, texts))


def choices(field: FieldMap) -> dict[str, Value]:
    """Return label → canonical value; a flag without choices of its own knows true/false, 1/0 and có/không."""
    if field.type == "flag":
        if not field.choices:
            return dict(_FLAGS)
        return {label(text): _flag(value) for text, value in field.choices.items()}
    return {label(text): value for text, value in field.choices.items()}


def _flag(value: str | None) -> bool | None:
    if value not in ("true", "false", None):
        raise ConfigurationError(f"a flag's choices lead to true, false or null, not to {value!r}")
    return None if value is None else value == "true"


def _code(text: str) -> str:
    text = " ".join(clean(text).split())
    if len(text) > _LONGEST_CODE:
        raise Unreadable("mã quá dài")
    if not text.isascii() and _FOREIGN.search(text):
        raise Unreadable("có chữ hoặc chữ số không phải tiếng Việt (như Ð thay cho Đ, １ thay cho 1)")
    if without_stray(text) != text:
        raise Unreadable("có dấu rời hoặc ký tự ẩn, gõ lại mã")
    return text


def _text(text: str) -> str:
    text = clean(text)
    if len(text) > _LONGEST_TEXT:
        raise Unreadable("nội dung quá dài")
    return text


def _integer(text: str) -> int:
    if len(text) > _LONGEST_NUMBER or not _INTEGER.fullmatch(text):
        raise Unreadable("không đọc được số nguyên")
    number = int(text)
    if abs(number) > _LARGEST_INTEGER:
        raise Unreadable("số quá lớn")
    return number


def _number(text: str) -> Decimal:
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        raise Unreadable("không đọc được số")
    return Decimal(text)


def _vietnamese_number(text: str) -> Decimal:
    """Read 1.234,5 and 41,6 %: dots group thousands, the comma is the decimal sign; 1,234 might mean thousands, too."""
    text = clean(text)
    if _TWO_NUMBERS.fullmatch(text):
        raise Unreadable("không rõ số: dấu phẩy là hàng nghìn hay thập phân (viết 1.234 hoặc 1,2340)")
    if len(text) > _LONGEST_NUMBER or not _VIETNAMESE_NUMBER.fullmatch(text):
        raise Unreadable("không đọc được số (viết như 1.234,5)")
    return Decimal(text.rstrip("% ").replace(".", "").replace(",", "."))


#: names that stand among the formats of a field for numbers since the beginning of 1970 in UTC
EPOCHS = {"epoch_s": timedelta(seconds=1), "epoch_ms": timedelta(milliseconds=1)}
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_WHOLE = re.compile(r"-?\d{1,13}", re.ASCII)


@lru_cache(maxsize=8_192)
def _parsed(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats:
        try:
            if form in EPOCHS:
                return _since_1970(text, EPOCHS[form])
            return datetime.strptime(text, form)  # noqa: DTZ007  local time: the zone is added by the caller
        except (ValueError, OverflowError):
            continue
    return None


def _since_1970(text: str, unit: timedelta) -> datetime:
    if not _WHOLE.fullmatch(text):
        raise ValueError
    return _BEGINNING + int(text) * unit


def _moment(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> datetime:
    found = _parsed(text, formats)
    if found is None:
        raise Unreadable("không đọc được ngày giờ")
    if found.year not in YEARS:
        raise Unreadable("năm không hợp lý")
    return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)


def _day(text: str, formats: tuple[str, ...], zone: ZoneInfo) -> date:
    found = _parsed(text, formats)
    if found is None:
        raise Unreadable("không đọc được ngày")
    if found.year not in YEARS:
        raise Unreadable("năm không hợp lý")
    return (found.astimezone(zone) if found.tzinfo else found).date()


def _time(text: str) -> time:
    """Read 15:00, also as 15:00:00, 15h00 and 15h: an hour of the clock."""
    found = _CLOCK.fullmatch(clean(text))
    if found is None:
        raise Unreadable("không đọc được giờ (viết như 15:00)")
    try:
        return time(int(found[1]), int(found[2] or 0), int(found[3] or 0))
    except ValueError:
        raise Unreadable("không đọc được giờ (viết như 15:00)") from None


def _no_choice(_text: str) -> Any:
    raise Unreadable("giá trị không có trong danh mục")


def _no_flag(_text: str) -> Any:
    raise Unreadable("không đọc được có/không")
