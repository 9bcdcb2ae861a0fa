"""The total below a list: columns of numbers are added up and rows counted, and held against what it states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from cchc.catalogue.profiles import FieldMap
from cchc.sources.formats.cells import amount, told
from cchc.sources.formats.isolation import BadWorkbook, Broken, Cell
from cchc.sources.formats.tables.headings import Headings
from cchc.sources.texts import label, without_marks

# `Tổng cộng: 1.234 hồ sơ, trong đó …` counts the rows. Without such a word behind it a number may be đồng, and
# `Tổng cộng tháng 11 hồ sơ` says which month
_NUMBER = r"(\d{1,3}(?:\.\d{3})+|\d+)"
_UNIT = r"(?:hồ sơ|hs|bộ hồ sơ|văn bản|thủ tục|phản ánh|kiến nghị|đơn(?! vị)|dòng|bản ghi)"
_NO_TIME = "".join(rf"(?<!\b{word})" for word in ("ngày", "tuần", "tháng", "quý", "năm", "kỳ", "đợt"))
_COUNT = re.compile(rf"[^\d,.;]*?(?:[:=]\s*|{_NO_TIME}\s){_NUMBER}\s*{_UNIT}(?:[\s,.;/()].*)?")

# What may stand behind a total of one word: Cộng: / Cộng (1+2) / Cộng I / Cộng cấp tỉnh, but not Cộng đồng, Tổng hợp
_BEHIND = (
    *("toàn", "chung", "cả", "các", "theo", "cấp", "tỉnh", "xã", "đơn vị", "lĩnh vực", "tthc", "hồ sơ"),
    *("mục", "phần", "nhóm", "trang", "tháng", "kỳ"),
)
_BEHIND_TOTAL = re.compile(rf"\W*(?:$|\d|[^\w\s]|(?:[ivxlc]+|[a-zđ]|{'|'.join(map(label, _BEHIND))})\b)")


def behind_total(text: str, total: str) -> str | None:
    """Return what stands behind the words of a total with which a text begins; None where it is called otherwise.

    Of one word only what makes it a total may stand behind; one of several may have wrong marks (Tông cộng).
    """
    is_sure = " " in total or "." in total
    words, begins = (without_marks(label(t)) if is_sure else label(t) for t in (text, total))
    if not words.startswith(begins):
        return None
    rest = words[len(begins) :]
    return rest if not rest[:1].isalnum() and (is_sure or _BEHIND_TOTAL.match(rest)) else None


class _Sums:
    """What some rows add up to, by column, and how many they are."""

    def __init__(self, columns: Iterable[int]) -> None:
        self.of = dict.fromkeys(columns, Decimal(0))
        self.unknown: set[int] = set()  # columns of which nobody knows what they add up to
        self.count = 0

    def take(self, other: _Sums) -> None:
        """Take the rows of another one too."""
        for at, value in other.of.items():
            self.of[at] += value
        self.unknown |= other.unknown
        self.count += other.count

    def unlike(self, stated: Mapping[int, Decimal]) -> int | None:
        """Return the first column that adds up to something else, or None."""
        return next((at for at, n in stated.items() if at not in self.unknown and self.of[at] != n), None)


class Control:
    """Adds up what stands in the rows of one list; a total is that of all rows, or of those since the one before."""

    def __init__(self, found: Headings, fields: Mapping[str, FieldMap]) -> None:
        numeric = ("integer", "number")
        self._columns = {
            at: name for at, name in enumerate(found.names) if name in fields and fields[name].type in numeric
        }
        self._above = _Sums(self._columns)  # up to the last total
        self._group = _Sums(self._columns)  # since then

    @property
    def count(self) -> int:
        """How many rows there were."""
        return self._above.count + self._group.count

    def add(self, cells: Sequence[Cell]) -> None:
        """Take a row."""
        self._group.count += 1
        for at in self._columns:
            value = amount(cells[at]) if at < len(cells) else None
            if isinstance(value, Broken):
                self._group.unknown.add(at)  # the row goes to quarantine, so the sum says nothing
            elif value is not None:
                self._group.of[at] += value

    def add_unknown(self) -> None:
        """Take a row of which nobody knows what it holds."""
        self._group.count += 1
        self._group.unknown.update(self._columns)

    def compare(self, cells: Sequence[Cell], number: int) -> None:
        """Raise `BadWorkbook` where the row of a total (from 0) states something else than the rows above it."""
        group, self._group = self._group, _Sums(self._columns)
        is_second = self._above.count > 0 and group.count > 0
        self._above.take(group)
        amounts = {at: amount(cells[at]) for at in self._columns if at < len(cells)}
        stated = {at: value for at, value in amounts.items() if isinstance(value, Decimal)}
        count = _count(cells)
        may_be = (self._above, group) if is_second else (self._above,)
        if any(rows.unlike(stated) is None and count in (None, rows.count) for rows in may_be):
            return
        if (at := self._above.unlike(stated)) is not None:
            since = f", since the total before it to {told(group.of[at])}" if is_second else ""
            raise BadWorkbook(
                f"column {self._columns[at]}: the rows add up to {told(self._above.of[at])}{since}, "
                f"the total in row {number + 1} states {told(stated[at])}"
            )
        since = f", {group.count} since the total before it" if is_second else ""
        raise BadWorkbook(
            f"{self._above.count} rows stand above it{since}, "
            f"the total in row {number + 1} states {told(Decimal(count or 0))}"
        )


def _count(cells: Sequence[Cell]) -> int | None:
    """Return how many rows a total states, in its first text."""
    found = _COUNT.fullmatch(
        next((label(cell) for cell in cells if isinstance(cell, str) and cell.strip()), "")
    )
    return int(found[1].replace(".", "")) if found else None
