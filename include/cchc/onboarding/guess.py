"""What the fields of a sample are: guessed by name and by what their values look like, never telling a personal one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from cchc.onboarding.fields import fields_of
from cchc.sources.door import screen
from cchc.sources.texts import without_marks

Role = Literal["personal", "text", "date", "flag", "choice", "code", "empty", "unfit"]

#: of days first; one that is American is taken only where it reads what no other does
FORMATS = (
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"),
    *("%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d-%m-%Y"),
    *("%d.%m.%Y %H:%M", "%d.%m.%Y", "%d/%m/%y %H:%M", "%d/%m/%y", "%d-%m-%y"),
    *("%d/%m/%Y %I:%M:%S %p", "%d/%m/%Y %I:%M %p", "%H:%M:%S %d/%m/%Y", "%H:%M %d/%m/%Y"),
    *("%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S"),
    *("%Y-%m-%d %H:%M:%S%z", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "%Y%m%d%H%M%S", "%Y%m%d"),
)
_AMERICAN = tuple(re.sub("%d([/-])%m", r"%m\1%d", form) for form in FORMATS if re.search("%d[/-]%m", form))
_EXACT = {"%Y%m%d%H%M%S": 14, "%Y%m%d": 8}  # digits: any fewer would be read too
_SHORTEST = len("1/1/26")
_PERSONAL = re.compile(
    r"applicant|contact|delegate|owner|citizen|\bho ?(va ?)?ten|chu ?ho ?so|nguoi|can ?bo(?! ?sung)|phone|tel ?no"
    r"|mobile|\bfax|dien ?thoai|sdt|\be ?mail|address|dia ?chi|cmnd|cccd|cmtnd|identity|\bid ?no\b|giay ?to"
    r"|dinh ?danh|birth|ngay ?sinh|password|\bpin\b|\baccount|tai ?khoan|\buser|signer|ky ?boi|\bward|\bvillage"
    r"|\bthon\b|\bxom\b|meta ?data"
)
_DATED = re.compile(r"\b(ngay|date|luc|hen)\b")
_TEXT = re.compile(
    r"note|remark|ghi ?chu|noi ?dung|trich ?yeu|content|subject|description|summary|comment"
    r"|\bfile|\btep\b|dinh ?kem|\burl\b"
)
_FLAGS = {"true", "false", "0", "1", "co", "khong", "yes", "no", "x"}
_EPOCHS = {"epoch_s": re.compile(r"1\d{9}", re.ASCII), "epoch_ms": re.compile(r"1\d{12}", re.ASCII)}
_SHOWN = 25  # distinct values of a list
_LONG = 60  # characters on average: a sentence
_SURE = 0.9  # of the values read as dates: the others are mistakes of somebody
_SEVERAL = 2  # records that share a value: it is none of a person


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
    doubt: str = ""  # about the formats


def words_of(path: str) -> str:
    """Return the last part of a path as small words without accents: `lastActionUser` is `last action user`."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", path.rpartition(".")[2])
    return " ".join(re.sub(r"[\W_]+", " ", without_marks(spaced)).casefold().split())


def is_free_text(path: str) -> bool:
    """Whether a field is called as those are that people write into, whatever they wrote."""
    return bool(_TEXT.search(words_of(path)))


def may_be_shown(value: str, count: int) -> bool:
    """Whether a value of a list of few may be shown: records share it, or even the strictest screen passes it."""
    if screen.shown(value, _LONG) != value or screen.find(value, "choice"):
        return False
    return count >= _SEVERAL or screen.find(value, "number") is None


def guess(records: Sequence[Mapping[str, Any]], twice: Collection[str] = ()) -> list[Guess]:
    """Return a guess for each field, in the order in which the fields come.

    `twice`: labels of headings that stand twice. Fields whose names look like data are one guess: of the object they
    stand in, or `UNREADABLE`.
    """
    fields = fields_of(records, twice)
    guesses = [_one(path, texts) for path, texts in fields.texts.items()]
    for number, found in enumerate(guesses):
        if found.path in fields.unfit and found.role not in ("personal", "text"):
            guesses[number] = replace(found, role="unfit", why=fields.unfit[found.path])
    hidden = [
        Guess(path, "personal", "names of fields there look like data", count, count)
        for path, count in fields.hidden.items()
    ]
    return [*guesses, *hidden]


def _one(path: str, texts: list[str]) -> Guess:
    counted, words = Counter(texts), words_of(path)
    if _PERSONAL.search(words_of(path.replace(".", " "))):
        return Guess(path, "personal", "its name says so", len(texts), len(counted))
    if not texts and _TEXT.search(words):
        return Guess(path, "text", "free text may hold anything", 0, 0)
    if not texts:
        return Guess(path, "empty", "no record has a value", 0, 0)
    hits = sum(count for text, count in counted.items() if screen.find(text, "label"))
    formats, read, doubt = _formats(counted)
    if not formats and _are_personal(counted, hits):
        return Guess(
            path, "personal", f"{hits} of {len(texts)} values look personal", len(texts), len(counted)
        )
    if formats:
        zone = any(form.endswith("%z") for form in formats)
        which = "every value reads" if read == len(texts) else f"{read} of {len(texts)} values read"
        why = f"{which} as {' or '.join(formats)}"
        return Guess(path, "date", why, len(texts), len(counted), formats, has_zone=zone, doubt=doubt)
    for form, pattern in _EPOCHS.items():
        if all(map(pattern.fullmatch, counted)):
            why = "numbers of this size are times since 1970"
            return Guess(path, "date", why, len(texts), len(counted), (form,), has_zone=True)
    if _TEXT.search(words) or sum(map(len, texts)) / len(texts) > _LONG:
        return Guess(path, "text", "free text may hold anything", len(texts), len(counted))
    values = tuple(v for v, count in counted.most_common(_SHOWN) if may_be_shown(v, count))
    masked = f"; {hits} of {len(texts)} look personal and would be masked" if hits else ""
    dated = "; a date by its name, in no form that is known here: which is it?"
    told = f"{len(counted)} different values{masked}{dated if _DATED.search(words) else ''}"
    if {without_marks(text).casefold() for text in counted} <= _FLAGS:
        return Guess(path, "flag", "nothing but yes and no", len(texts), len(counted), values=values)
    if len(counted) <= _SHOWN and (len(counted) <= len(texts) / 2 or len(texts) < _SHOWN):
        return Guess(path, "choice", told, len(texts), len(counted), values=values)
    return Guess(path, "code", told, len(texts), len(counted))


def _are_personal(counted: Counter[str], hits: int) -> bool:
    """Whether values are personal of which so many look so: any but a few among codes (one word with a digit)."""
    codes = sum(n for text, n in counted.items() if " " not in text and any(map(str.isdigit, text)))
    few = (1 - _SURE) * counted.total()
    return hits > 0 and (hits > few or counted.total() - codes > few)


def _formats(counted: Counter[str]) -> tuple[tuple[str, ...], int, str]:
    """Return the formats that together read nearly every value, most used first, how many, and what is in doubt.

    None where they do not.
    """
    used, read = _used(counted, FORMATS)
    american, more = _used(counted, _AMERICAN) if read < counted.total() else ((), 0)
    if more > read:
        return american, more, "month first: the other order reads fewer"
    by_day = [text for text in counted if any(re.search("%d[/-]%m", f) and _reads(text, f) for f in used)]
    either = by_day and all(any(_reads(text, form) for form in _AMERICAN) for text in by_day)
    return used, read, "dd/mm or mm/dd? all days are ≤ 12" if either else ""


def _used(counted: Counter[str], forms: Sequence[str]) -> tuple[tuple[str, ...], int]:
    used: Counter[str] = Counter()
    may_fail = (1 - _SURE) * counted.total()
    for text, count in counted.items():
        form = next((f for f in (*used, *forms) if _reads(text, f)), None)
        if form is not None:
            used[form] += count
        else:
            may_fail -= count
            if may_fail < 0:
                return (), 0
    return tuple(form for form, _ in used.most_common()), used.total()


def _reads(text: str, form: str) -> bool:
    if len(text) != _EXACT.get(form, len(text)) or len(text) < _SHORTEST:
        return False
    try:
        found = datetime.strptime(text, form)  # noqa: DTZ007  only whether it can be read
    except ValueError:
        return False
    return 1900 <= found.year < 2200
