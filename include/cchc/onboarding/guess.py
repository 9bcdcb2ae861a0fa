"""What the fields of a sample are: guessed by name and by what their values look like, never telling a personal one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Literal

from cchc.sources.door import screen
from cchc.sources.door.allow_list import flatten
from cchc.sources.texts import as_text, without_marks

Role = Literal["personal", "text", "date", "flag", "choice", "code", "number", "empty", "object"]

FORMATS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y%m%d%H%M%S",
    "%Y%m%d",
)
_PERSONAL = re.compile(
    r"applicant|contact|delegate|owner|citizen|ho ?(va ?)?ten|chu ?ho ?so|nguoi|can ?bo|phone|tel ?no|mobile|fax"
    r"|dien ?thoai|sdt|e ?mail|address|dia ?chi|cmnd|cccd|cmtnd|identity|id ?no|giay ?to|dinh ?danh|birth|ngay ?sinh"
    r"|password|\bpin\b|account|tai ?khoan|\buser|action user|signer|ky ?boi|ward|village|thon|xom|meta ?data"
)
_TEXT = re.compile(
    r"note|remark|ghi ?chu|noi ?dung|trich ?yeu|content|subject|description|summary|comment"
    r"|\bfile|\btep\b|dinh ?kem|\burl\b"
)
_FLAGS = {"true", "false", "0", "1", "co", "khong", "yes", "no", "x"}
_EPOCHS = {"epoch_s": re.compile(r"1\d{9}", re.ASCII), "epoch_ms": re.compile(r"1\d{12}", re.ASCII)}
_SHOWN = 25  # distinct values of a list
_LONG = 60  # characters on average: a sentence
_SURE = 0.9


@dataclass(frozen=True)
class Guess:
    """What one field is, and why it is thought so (English, without a value of it)."""

    path: str
    role: Role
    why: str
    filled: int  # records that have a value
    distinct: int
    formats: tuple[str, ...] = ()
    values: tuple[str, ...] = ()  # of a list of few, screened
    has_zone: bool = False


def words_of(path: str) -> str:
    """Return the last part of a path as small words without accents: `lastActionUser` is `last action user`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", path.rpartition(".")[2])
    return " ".join(re.sub(r"[\W_]+", " ", without_marks(spaced)).casefold().split())


def guess(records: Iterable[Mapping[str, Any]]) -> list[Guess]:
    """Return a guess for each field, in the order in which the fields come."""
    texts: dict[str, list[str]] = {}
    for record in records:
        plain = {key: _plain(value) for key, value in record.items()}
        for path, value in flatten(plain):
            found = texts.setdefault(path, [])
            if text := as_text(value):
                found.append(text)
    return [_one(path, found) for path, found in texts.items()]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def _one(path: str, texts: list[str]) -> Guess:
    counted, words = Counter(texts), words_of(path)
    if _PERSONAL.search(words_of(path.replace(".", " "))):
        return Guess(path, "personal", "its name says so", len(texts), len(counted))
    if not texts and _TEXT.search(words):
        return Guess(path, "text", "free text may hold anything", 0, 0)
    if not texts:
        return Guess(path, "empty", "no record has a value", 0, 0)
    hits = sum(count for text, count in counted.items() if screen.find(text, "label"))
    formats = _formats(counted)
    if hits and not formats:
        return Guess(
            path, "personal", f"{hits} of {len(texts)} values look personal", len(texts), len(counted)
        )
    if formats:
        zone = any(form.endswith("%z") for form in formats)
        why = f"every value reads as {' or '.join(formats)}"
        return Guess(path, "date", why, len(texts), len(counted), formats, has_zone=zone)
    for form, pattern in _EPOCHS.items():
        if all(map(pattern.fullmatch, counted)):
            why = "numbers of this size are times since 1970"
            return Guess(path, "date", why, len(texts), len(counted), (form,), has_zone=True)
    if _TEXT.search(words) or sum(map(len, texts)) / len(texts) > _LONG:
        return Guess(path, "text", "free text may hold anything", len(texts), len(counted))
    values = tuple(v for v, _ in counted.most_common(_SHOWN) if screen.shown(v, _LONG) == v)
    if {without_marks(text).casefold() for text in counted} <= _FLAGS:
        return Guess(path, "flag", "nothing but yes and no", len(texts), len(counted), values=values)
    if len(counted) <= _SHOWN and (len(counted) <= len(texts) / 2 or len(texts) < _SHOWN):
        return Guess(
            path, "choice", f"{len(counted)} different values", len(texts), len(counted), values=values
        )
    return Guess(path, "code", f"{len(counted)} different values", len(texts), len(counted))


def _formats(counted: Counter[str]) -> tuple[str, ...]:
    """Return the formats that together read every value, most used first; empty where they do not."""
    used: Counter[str] = Counter()
    for text, count in counted.items():
        form = next((f for f in FORMATS if len(text) > 7 and _reads(text, f)), None)
        if form is None:
            return ()
        used[form] += count
    return tuple(form for form, _ in used.most_common())


def _reads(text: str, form: str) -> bool:
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007  only whether it can be read
    except ValueError:
        return False
    return 1900 <= found.year < 2200
