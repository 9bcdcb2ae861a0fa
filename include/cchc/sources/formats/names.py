"""Names of files and sheets, as people write them: what a pattern means, which is a copy, how one is told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from cchc.sources.door.allow_list import readable_name
from cchc.sources.door.screen import shown
from cchc.sources.texts import label, without_marks

#: what is noted of files, as the names of fields nobody knows begin, with `-` before the count or name
NOTED = frozenset(
    (
        "tệp không đọc",
        "trang tính không đọc",
        "trang tính trống",
        "trang tính ẩn",
        "dòng ẩn",
        "cột ẩn",
        "dòng không phải hồ sơ",
    )
)
WORKBOOKS = (".xls", ".xlsx", ".xlsm", ".xlsb", ".ods")
#: how the names of registers end
REGISTERS = (".csv", ".tsv", ".txt", ".json", ".ndjson", ".jsonl", *WORKBOOKS)
_LONGEST = 80  # as a field nobody knows may be called
_MOST = 20  # names told
_SIGNS = re.compile(r"[^\w.@ /-]")
# what programs and people add to the name of a copy; words that mean something else without accents keep them
_COPY = re.compile(
    r"[\s_-]*(?:\(\d{1,2}\)|\(cu\)|[(\[_-]?\s*(?:cũ|bản cũ|ban cu|old|copy|bản sao|ban sao|sao chép|sao chep"
    r"|sao lưu|sao luu|backup)\s*(?:\(?\d{1,2}\)?)?[)\]]?)$"
)
_COPY_OF = re.compile(r"^(?:copy of|(?:bản sao|ban sao|sao chép|sao chep)(?: của| cua)?)\s+")


def key(name: str) -> str:
    """Return the form in which two names are the same: caseless, without accents."""
    return without_marks(label(name))


def matches(name: str, pattern: str) -> bool:
    """Whether a name is of a pattern (`*`, `?`, `[ab]`); capitals and accents do not matter."""
    return fnmatchcase(key(name), key(pattern))


def copy_among(names: Iterable[str]) -> tuple[str, str] | None:
    """Return a name and that of which it is a copy by what it is called, as `Tháng 11 (cũ)` is of `Tháng 11`.

    Two names that differ in capitals or accents alone are such a pair too.
    """
    known: dict[str, str] = {}
    for name in dict.fromkeys(names):
        other = known.setdefault(key(name), name)
        if other != name:
            return name, other
    for name in known.values():
        said = label(name)
        suffix = next((end for end in REGISTERS if said.endswith(end)), "")
        stem = said.removesuffix(suffix)
        original = _COPY_OF.sub("", _COPY.sub("", stem))
        found = known.get(without_marks(original.strip() + suffix))
        if original != stem and found is not None:
            return name, found
    return None


def note(what: str, name: str) -> str:
    """Return a note of a file or sheet, such as a field nobody knows may be called, so that the delivery notes it."""
    said = f"{what} - {' '.join(_SIGNS.sub(' ', shown(name)).split())}"[:_LONGEST].strip()
    return said if readable_name(said) == said else f"{what} - tên đã che"


def notes(what: str, names: Iterable[str]) -> dict[str, str]:
    """Return notes of several names, to be added to a record."""
    found = sorted({note(what, name) for name in names})
    more = [f"{what} - và {len(found) - _MOST} tên khác"] if len(found) > _MOST else []
    return dict.fromkeys((*found[:_MOST], *more), "")


def note_of_lines(count: int) -> dict[str, str]:
    """Return the note of so many lines that are no records; none of none."""
    return {f"dòng không phải hồ sơ - {count}": ""} if count else {}


def is_note(name: str) -> bool:
    """Whether the name of a field is a note: no field of the source, so its contract says nothing of it."""
    return name.partition(" - ")[0] in NOTED


def last(path: str) -> str:
    """Return the name of a file in its folder."""
    return PurePosixPath(path).name
