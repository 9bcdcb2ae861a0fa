"""Under which field a unit's procedures stand in a form of several units: one row is one field, whatever its code.

A system may number its fields itself: LV01 is one field at one unit and another at the next. So a form of several units
goes by what the units' registers call their fields. A code that all call alike stays the name of its row; so does one
that nobody calls anything.
"""

from __future__ import annotations

import json
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cchc.publishing.sql import source

Stated = tuple[str, str, str]  # a unit, its code of a field, what its register calls it


@dataclass(frozen=True)
class Fields:
    """The names of a form's rows of fields (`FormRow.field_code`): codes, and titles where codes do not serve."""

    titles: Mapping[str, str]  # as printed, by the row's name; a row without one is printed by its name
    moved: Mapping[str, Mapping[str, str]]  # unit → code → the row's name, where that is not the code

    unclear: frozenset[str] = frozenset()  # codes that units mean different fields by

    def note(self, rows: Iterable[str | None]) -> Iterator[str]:
        """Yield which of these rows are of units that use such a code and state no title (Vietnamese)."""
        if codes := sorted({name for name in rows if name in self.unclear}):
            yield (
                f"Dòng {', '.join(codes)}: mỗi đơn vị dùng mã này cho một lĩnh vực khác; dòng chỉ gồm các đơn vị"
                " chưa ghi tên lĩnh vực của mình, có thể là nhiều lĩnh vực."
            )

    def asked(self) -> dict[str, str]:
        """Return the parameter of `sql/form_field.sql` that says under which row a unit's code stands."""
        return {"moved": json.dumps(self.moved)}


#: Of units one by one: each has its own codes.
AS_CODED = Fields({}, {})


def of_units(units: Collection[str], stated: Iterable[Stated], declared: Mapping[str, str]) -> Fields:
    """Return the fields of a form of these units; of several spellings of a title the first counts.

    `declared`: code → title, which all units mean by it, whatever their registers say. In a form of one unit its codes
    are the rows.
    """
    calls: dict[str, dict[str, str]] = {code: {_word(title): title} for code, title in declared.items()}
    names = {_word(title): title for title in declared.values()}
    by_unit: dict[tuple[str, str], str] = {}
    for unit, code, title in stated:
        names.setdefault(_word(title), title)
        if code not in declared:
            calls.setdefault(code, {}).setdefault(_word(title), title)
            by_unit[unit, code] = _word(title)
    alike = {code: next(iter(titles)) for code, titles in calls.items() if len(titles) == 1}
    titles = {code: calls[code][word] for code, word in alike.items()}
    if len(units) < 2:
        return Fields(titles, {})
    codes: dict[str, set[str]] = defaultdict(set)
    for code, called in calls.items():
        for word in called:
            codes[word].add(code)
    away = calls.keys() - alike.keys()
    away |= {code for several in codes.values() if len(several) > 1 for code in several}
    while more := {names[word] for code in away for word in calls[code]} & calls.keys() - away:
        away |= more  # a code that is spelled as the title of another row
    moved: dict[str, dict[str, str]] = {
        unit: {code: names[alike[code]] for code in sorted(away & alike.keys())} for unit in units
    }
    for (unit, code), word in by_unit.items():
        if code in away:
            moved[unit][code] = names[word]
    titles = {code: title for code, title in titles.items() if code not in away}
    used = {name for rows in moved.values() for name in rows.values()}
    unclear = frozenset(calls.keys() - alike.keys() - used)
    return Fields({**titles, **{name: name for name in used}}, moved, unclear)


def by_field(counted: str, name: str) -> str:
    """Return `publishing/sql/<name>.sql` over what was `counted` by unit and procedure and the field of each.

    `field_of` is the one definition of the field a dossier is printed under; it needs `last_day` and `Fields.asked`.
    """
    return f"with counted as (\n{counted}\n),\n\nfield_of as (\n{source('form_field')}\n)\n\n{source(name)}"


def _word(title: str) -> str:
    """Return what titles of one field have in common: neither capitals nor blanks make another field."""
    return " ".join(unicodedata.normalize("NFC", title).split()).casefold()
