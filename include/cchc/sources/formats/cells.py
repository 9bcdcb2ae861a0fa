"""A spreadsheet's cell as text: codes keep their zeros, days are written as the profile writes them."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from cchc.catalogue.profiles import FieldMap
from cchc.sources import unread
from cchc.sources.formats.isolation import Broken, Cell
from cchc.sources.texts import clean

_EXACT = 10**15  # from here on a spreadsheet has rounded: it keeps 15 digits
_MAY_BE_PERSONAL = 8  # digits: an identity card of nine of which a number cell has lost the zero
_SHAPE = re.compile(r"0+(?:\.(0+))?")
_ERRORS = re.compile(r"#(?:REF!|N/A|NAME\?|VALUE!|DIV/0!|NULL!|NUM!)|Err:\d{3}")
# 1.234,5; also 1 234. What 1,234 means nobody can tell: thousands, as a program set to English writes them, or 1,2
_VIETNAMESE = re.compile(r"[+-]?(\d{1,3}([. ]\d{3})+|\d+)(,(?!\d{3}$)\d+)?", re.ASCII)
_NOTHING = re.compile(r"[-–—_./…\s]*")


def as_text(cell: Cell, field: FieldMap | None) -> str:
    """Return the text of a cell, exactly; one that cannot be believed as `unread.mark`.

    A code in a number cell may have lost zeros: it is believed only where the field's `formats` give its shape
    (``0.000000``), and then written so.
    """
    if isinstance(cell, str):
        return unread.mark("error") if _ERRORS.fullmatch(cell.strip()) else cell
    if isinstance(cell, Broken):
        return unread.mark(cell.why)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, date):  # a datetime is one too
        return _moment(cell, field)
    if isinstance(cell, time):
        return cell.isoformat()
    if abs(cell) >= _EXACT:
        return unread.mark("digits")
    if field is not None and field.type == "code":
        return _code(Decimal(repr(cell)), field)
    is_number = field is not None and field.type == "number"
    return as_number(Decimal(repr(cell))) if is_number else written(Decimal(repr(cell)), comma=False)


def as_number(value: Decimal) -> str:
    """Write a number as people write it, so that it cannot be taken for another: of thousands, as 1,234 might be."""
    text = written(value)
    return f"{text}0" if len(text.partition(",")[2]) == 3 else text


def written(value: Decimal, *, comma: bool = True) -> str:
    """Write a number without exponent and needless zeros; with the decimal comma people write."""
    whole = value.to_integral_value()
    text = format(whole if whole == value else value.normalize(), "f")
    return text.replace(".", ",") if comma else text


def told(value: Decimal) -> str:
    """Write a number for an error; one so long may be an identity or telephone number typed into the wrong cell."""
    text = written(value)
    digits = sum(map(str.isdigit, text))
    return text if digits < _MAY_BE_PERSONAL else f"a number of {digits} digits"


def amount(cell: Cell) -> Decimal | Broken | None:
    """Return the number of a cell of a printed form, also where it is a text (1.234); None for nothing, dashes or dots.

    What is no number is `Broken`.
    """
    if isinstance(cell, Broken):
        return cell
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    if not isinstance(cell, str):
        return Broken("amount")
    text = clean(cell).replace("\u00a0", " ")
    if _NOTHING.fullmatch(text):
        return None
    if len(text) > 40 or not _VIETNAMESE.fullmatch(text):
        return Broken("error" if _ERRORS.fullmatch(text) else "amount")
    return Decimal(text.replace(".", "").replace(" ", "").replace(",", "."))


def _moment(cell: date, field: FieldMap | None) -> str:
    """Return a moment in the first of the field's formats that keeps its hour.

    Where a moment is asked for and no format keeps it, it is written in full: staging cannot read that, as it could
    not if a person had typed it.
    """
    forms = [form for form in field.formats if "%" in form] if field is not None else []
    if field is None or not forms:
        return cell.isoformat()
    clock = cell.time() if isinstance(cell, datetime) else time()
    kept = next((form for form in forms if _keeps(form, clock)), None)
    if kept is None and clock.second:  # a minute is as exact as the law is
        kept = next((form for form in forms if _keeps(form, clock.replace(second=0))), None)
    if kept is None and field.type == "timestamp":
        kept = "%d/%m/%Y %H:%M:%S"
    return cell.strftime(kept or forms[0])


def _keeps(form: str, clock: time) -> bool:
    parts = ((clock.hour, "%H"), (clock.minute, "%M"), (clock.second, "%S"))
    return all(not value or sign in form or "%T" in form for value, sign in parts)


def _code(value: Decimal, field: FieldMap) -> str:
    shape = next((form for form in field.formats if _SHAPE.fullmatch(form)), None)
    if shape is None:
        return unread.mark("number")
    places = len(shape.partition(".")[2])
    try:
        exact = value.quantize(Decimal(1).scaleb(-places))
    except InvalidOperation:
        return unread.mark("number")
    return format(exact, f"0{len(shape)}f") if exact == value else unread.mark("number")
