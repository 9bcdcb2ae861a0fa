"""Finds secrecy marks (Mật, Tối mật, Tuyệt mật) in texts.

In doubt it does: a document that is refused by mistake shows in the refused count, a secret one that comes in
breaks the law. The word `mật` of everyday compounds (bảo mật, mật khẩu, mật ong …) is not a mark. A text with tags or
character references is looked at as it stands and as a browser shows it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from unicodedata import normalize

from cchc.sources.texts import clean, label, without_marks


def _spelt(letters: str) -> str:
    """Return the pattern of a word whose letters may stand apart: `M Ậ T`, `M.Ậ.T`."""
    return r"[\W_]*".join(letters)


_EDGE, _END = r"(?<![^\W_])", r"(?![^\W_])"  # a letter or digit on neither side; _ separates
_HIGH = re.compile(rf"{_EDGE}(?:{_spelt('tối')}|{_spelt('tuyệt')})[\W_]*{_spelt('mật')}{_END}")
_PLAIN = re.compile(rf"{_EDGE}{_spelt('mật')}{_END}")
_HIGH_BARE = re.compile(rf"{_EDGE}(?:{_spelt('toi')}|{_spelt('tuyet')})[\W_]*{_spelt('mat')}{_END}")
_BARE = re.compile(rf"{_EDGE}{_spelt('mat')}{_END}")
_WORD = re.compile(r"[^\W\d_]+")

_NOT_AFTER = frozenset({"bảo", "bí", "thân", "cẩn", "túi", "sỏi", "ống", "đường", "dịch", "gan"})
_NOT_BEFORE = frozenset({"khẩu", "độ", "mã", "ong", "mía", "gấu", "thiết", "hoa"})
_WHOLE = frozenset({"mật", "tốimật", "tuyệtmật", "mat", "toimat", "tuyetmat"})  # however it is spaced
_LONGEST_WHOLE = 40
# m, a letter that may become a or ậ, one letter more, and no other behind it: what no such level lacks
_MAY_BE_WHOLE = re.compile(r"[mM][\W\d_]*[aAâÂạẠậẬẚ][\W\d_]*[^\W\d_][\W\d_]*$", re.MULTILINE)
_MAY_CARRY = re.compile(r"[mM][\W\d_]*[aAâÂạẠậẬẚ][\W\d_]*[tT]")
_LONGEST_CODE = 60  # a symbol such as 12/TOIMAT-SGDDT, against a sentence

# Not of ASCII, Latin alphabets, tone marks and common signs: what may look like a letter of a mark (Ｍ, М, ⓜ)
_UNUSUAL = re.compile(
    "[^\\x00-\\x7f\u00a0\u00ab\u00ad\u00b0\u00b7\u00bb\u00c0-\u024f\u0300-\u036f\u1ea0-\u1ef9\u2000-\u206f]"
)
# Cyrillic and Greek letters that look like those of a mark; NFKC knows the rest (full-width, in circles, bold …)
_LOOK_ALIKES = str.maketrans("МмАаТтОоІіУуЕеΜμΑαΤτΟοΙιΥυΕε", "mmaattooiiyyeemmaattooiiyyee")


_MARKUP = re.compile(r"<[^<>]*>|&[#\w]")
_ELEMENT = re.compile(r"<[^<>]*>")
_MOST_UNFOLDING = 3  # references to references: nobody writes more by mistake

# What a field is called that states secrecy: độ mật, mức độ mật, bí mật, secretLevel …; not mật độ, matKhau, secretary
_NAME_SAYS = re.compile(
    r"(?<![^\W_])(?:(?:m[uứ]c|c[aấ]p)? ?[dđ][oộ] ?(?:b[aả]o ?)?m[aậ]t|(?:m[uứ]c|c[aấ]p|b[ií]|t[oố]i|tuy[eệ]t) ?m[aậ]t)"
    r"(?![^\W_]| (?:kh[aẩ]u|m[aã]|[dđ][oộ]|b[aằ]ng)(?![^\W_]))"
    r"|secret(?!ar| ?(?:key|token))|secrecy|confidential"
)
_HUMP = re.compile(r"(?<=[^\W\d_A-ZĐ])(?=[A-ZĐ])|[\W\d_]+")


def names_mark(name: str) -> bool:
    """Whether the name of a field says that what stands there is whether, or how, something is secret."""
    seen = clean(_as_seen(name))
    words = " ".join(_HUMP.sub(" ", seen).split()).casefold()
    return _NAME_SAYS.search(words) is not None or ("ậ" in words and carries_mark(words))


def is_mark(text: str) -> bool:
    """Whether the whole text is nothing but a secrecy level, as in a field that states it."""
    return _is_mark(text) or (_has_markup(text) and any(map(_is_mark, _as_shown(text))))


def _is_mark(text: str) -> bool:
    if not ("m" in text or "M" in text or _is_unusual(text)):
        return False
    if len(text) > _LONGEST_WHOLE:
        text = clean(text)  # a column of fixed width fills up with spaces
        if len(text) > _LONGEST_WHOLE:
            return False
    if not _MAY_BE_WHOLE.search(text) and not _is_unusual(text):
        return False
    return "".join(_WORD.findall(label(_as_seen(text)))) in _WHOLE


def any_is_mark(texts: Iterable[str]) -> bool:
    """Whether `is_mark` says so of any text; all are looked at together first, for of most columns none can."""
    return _any(is_mark, texts, _MAY_BE_WHOLE)


def any_carries_mark(texts: Iterable[str]) -> bool:
    """Whether `carries_mark` says so of any text, found as `any_is_mark` finds it."""
    return _any(carries_mark, texts, _MAY_CARRY)


def _any(says: Callable[[str], bool], texts: Iterable[str], may: re.Pattern[str]) -> bool:
    """Whether any text is such, where none is that has no match of `may`, but for those with unusual letters."""
    together = "\n".join(texts)
    if _has_markup(together) and _any_with_markup(says, [t for t in set(texts) if _has_markup(t)], may):
        return True
    if not together.isascii():
        texts = set(texts)
        together = "\n".join(texts)
        if _is_unusual(together):
            return any(map(says, texts))
    if not ("m" in together or "M" in together) or may.search(together) is None:
        return False
    return any(says(text) for text in texts if may.search(text))


def _any_with_markup(says: Callable[[str], bool], texts: Iterable[str], may: re.Pattern[str]) -> bool:
    together = _resolved("<>\n".join(texts))  # no tag and no reference goes from one text into the next
    shown = (together, _ELEMENT.sub("", together))
    return any(may.search(found) or _is_unusual(found) for found in shown) and any(map(says, texts))


def carries_mark(text: str) -> bool:
    """Whether a title, note or symbol contains a secrecy mark: any case, NFD, letters or words apart, look-alikes."""
    return _carries_mark(text) or (_has_markup(text) and any(map(_carries_mark, _as_shown(text))))


def _carries_mark(text: str) -> bool:
    folded = clean(_as_seen(text)).casefold()
    if "m" not in folded:
        return False
    if (
        _is_mark(text)
        or _HIGH.search(folded)
        or any(_stands_alone(folded, m) for m in _PLAIN.finditer(folded))
    ):
        return True
    bare = without_marks(folded)
    if bare != folded.replace("đ", "d"):  # with tone marks, so `mat` would be another word (mặt, mất, mắt)
        return False
    if _HIGH_BARE.search(bare):
        return True
    return len(bare) <= _LONGEST_CODE and bare.count(" ") <= 1 and _BARE.search(bare) is not None


def _has_markup(text: str) -> bool:
    return ("<" in text or "&" in text) and _MARKUP.search(text) is not None


def _as_shown(text: str) -> set[str]:
    """Return what a browser makes of a text: its references are letters, its tags nothing, or a break."""
    text = _resolved(text)
    return {text, _ELEMENT.sub("", text), _ELEMENT.sub("|", text)}


def _resolved(text: str) -> str:
    for _ in range(_MOST_UNFOLDING):
        text = html.unescape(text)
    return text


def _is_unusual(text: str) -> bool:
    return not text.isascii() and _UNUSUAL.search(text) is not None


def _as_seen(text: str) -> str:
    """Return a text with the letters that a reader takes it for."""
    return normalize("NFKC", text).translate(_LOOK_ALIKES) if _is_unusual(text) else text


def _stands_alone(folded: str, found: re.Match[str]) -> bool:
    before = _WORD.findall(folded[: found.start()])
    after = _WORD.findall(folded[found.end() :])
    adjoins = folded[found.end() : found.end() + 1] == " "
    preceded = folded[found.start() - 1 : found.start()] == " "
    if preceded and before and before[-1] in _NOT_AFTER:
        return False
    return not (adjoins and after and after[0] in _NOT_BEFORE)
