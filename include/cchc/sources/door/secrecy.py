"""Finds secrecy marks (Mật, Tối mật, Tuyệt mật) in texts.

In doubt it does: a document that is refused by mistake shows in the refused count, a secret one that comes in
breaks the law. The word `mật` of everyday compounds (bảo mật, mật khẩu, mật ong …) is not a mark.
"""

from __future__ import annotations

import re

from cchc.sources.texts import clean, label, without_marks

_EDGE, _END = r"(?<![^\W_])", r"(?![^\W_])"  # a letter or digit on neither side; _ separates
_HIGH = re.compile(rf"{_EDGE}(?:t\s*ố\s*i|t\s*u\s*y\s*ệ\s*t)[\W_]*m\s*ậ\s*t{_END}")
_PLAIN = re.compile(rf"{_EDGE}m\s*ậ\s*t{_END}")
_HIGH_BARE = re.compile(rf"{_EDGE}(?:toi|tuyet)[\W_]*mat{_END}")
_BARE = re.compile(rf"{_EDGE}mat{_END}")
_WORD = re.compile(r"[^\W\d_]+")

_NOT_AFTER = frozenset({"bảo", "bí", "thân", "cẩn", "túi", "sỏi", "ống", "đường", "dịch", "gan"})
_NOT_BEFORE = frozenset({"khẩu", "độ", "mã", "ong", "mía", "gấu", "thiết", "hoa"})
_WHOLE = frozenset({"mật", "tốimật", "tuyệtmật", "mat", "toimat", "tuyetmat"})  # however it is spaced
_LONGEST_WHOLE = 40
# m, a letter that may become a or ậ, one letter more, and no other behind it: what no such level lacks
_MAY_BE_WHOLE = re.compile(r"[mM][\W\d_]*[aAâÂạẠậẬẚ][\W\d_]*[^\W\d_][\W\d_]*\Z")
_LONGEST_CODE = 60  # a symbol such as 12/TOIMAT-SGDDT, against a sentence


def is_mark(text: str) -> bool:
    """Whether the whole text is nothing but a secrecy level, as in a field that states it."""
    if len(text) < 3 or not ("m" in text or "M" in text):
        return False
    if len(text) > _LONGEST_WHOLE:
        text = clean(text)  # a column of fixed width fills up with spaces
        if len(text) > _LONGEST_WHOLE:
            return False
    if not _MAY_BE_WHOLE.search(text):
        return False
    return "".join(_WORD.findall(label(text))) in _WHOLE


def carries_mark(text: str) -> bool:
    """Whether a title, note or symbol contains a secrecy mark: any case, NFD, letters or words spaced apart."""
    folded = clean(text).casefold()
    if "m" not in folded:
        return False
    if (
        is_mark(folded)
        or _HIGH.search(folded)
        or any(_stands_alone(folded, m) for m in _PLAIN.finditer(folded))
    ):
        return True
    bare = without_marks(folded)
    if bare != folded:  # written with tone marks, so `mat` would be another word (mặt, mất, mắt)
        return False
    if _HIGH_BARE.search(bare):
        return True
    return len(bare) <= _LONGEST_CODE and bare.count(" ") <= 1 and _BARE.search(bare) is not None


def _stands_alone(folded: str, found: re.Match[str]) -> bool:
    before = _WORD.findall(folded[: found.start()])
    after = _WORD.findall(folded[found.end() :])
    adjoins = folded[found.end() : found.end() + 1] == " "
    preceded = folded[found.start() - 1 : found.start()] == " "
    if preceded and before and before[-1] in _NOT_AFTER:
        return False
    return not (adjoins and after and after[0] in _NOT_BEFORE)
