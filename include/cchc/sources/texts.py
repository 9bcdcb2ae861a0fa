"""Texts as sources write them, made comparable: one form of Vietnamese letters, no invisible characters."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from unicodedata import category, combining, normalize

# zero-width and direction marks, soft hyphen, byte order mark: seen by nobody, different for every program
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")  # tabs and line ends are white space, the rest is damage
_NO_LETTER = re.compile(r"[^\w\s!-~]")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
# the tone mark of oa, oe and uy stands on either letter, as people learned it: hoá is hóa, thuỷ is thủy
_OLD_TONES = re.compile("(?:o[àáảãạèéẻẽẹ]|u[ỳýỷỹỵ])(?![\u0300-\u036f])")  # nor where a second mark stands
_NEW_TONES = dict(
    zip(
        ("oà", "oá", "oả", "oã", "oạ", "oè", "oé", "oẻ", "oẽ", "oẹ", "uỳ", "uý", "uỷ", "uỹ", "uỵ"),
        ("òa", "óa", "ỏa", "õa", "ọa", "òe", "óe", "ỏe", "õe", "ọe", "ùy", "úy", "ủy", "ũy", "ụy"),
        strict=True,
    )
)


def clean(text: str) -> str:
    """Return `text` in NFC, trimmed, without invisible and control characters, with ordinary spaces."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = text.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate cannot be stored
    text = _SPACES.sub(" ", _CONTROL.sub("", _INVISIBLE.sub("", text)))
    return normalize("NFC", text).strip()


def without_stray(text: str) -> str:
    """Return a clean text without the characters that Vietnamese has none of: tone marks on no letter, unseen ones."""
    if text.isascii():
        return text
    return _NO_LETTER.sub(lambda found: "" if category(found[0])[0] in "MC" else found[0], text)


@lru_cache(maxsize=4_096)
def label(text: str) -> str:
    """Return the form in which two headings, or two words of a list, are the same.

    Clean, one space, caseless, and the tone mark on one letter whichever of two it was written on. It is compared and
    never shown.
    """
    folded = " ".join(clean(text).casefold().split())
    return folded if folded.isascii() else _OLD_TONES.sub(lambda old: _NEW_TONES[old.group()], folded)


def without_marks(text: str) -> str:
    """Return `text` without tone and vowel marks: `Tuyệt mật` becomes `Tuyet mat`."""
    plain = "".join(c for c in normalize("NFD", text) if not combining(c))
    return plain.replace("đ", "d").replace("Đ", "D")


def as_text(value: object) -> str | None:
    """Return a JSON scalar as text: true and false in lower case, numbers without exponent; None stays None."""
    if value is None:
        return None
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)
