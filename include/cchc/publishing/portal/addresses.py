"""Where pages of the portal are, from the root of a build."""

from __future__ import annotations

import hashlib
import re

# nothing; the list itself; devices of Windows, whatever their ending
_TAKEN = re.compile(r"(index|(con|prn|aux|nul|com\d|lpt\d)(\..*)?)?$", re.IGNORECASE | re.DOTALL)
_LONGEST_NAME = 120  # characters of a page's name before its ending; most file systems take 255 bytes


def slug(code: str) -> str:
    """Return a code as the name of a page: letters, digits, dots, dashes; anything else is its number, no two alike.

    Nor are two alike where `A1` and `a1` are the same file, as on Windows: a code with small letters ends in its hash,
    as one does that is longer than file systems take. A name that means something else begins with `_`.
    """
    name = re.sub(r"^\.|[^0-9A-Za-z.-]", lambda found: f"_{ord(found.group()):x}_", code)
    if len(name) > _LONGEST_NAME or re.search("[a-z]", code):
        name = f"{name[:_LONGEST_NAME]}_{hashlib.sha256(code.encode()).hexdigest()[:16]}"
    return f"_{name}" if _TAKEN.match(name) else name


def unit_page(code: str) -> str:
    """Return the path of a unit's page."""
    return f"don-vi/{slug(code)}.html"


def procedure_page(code: str) -> str:
    """Return the path of a procedure's page."""
    return f"thu-tuc/{slug(code)}.html"
