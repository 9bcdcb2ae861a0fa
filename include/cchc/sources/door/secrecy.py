"""Finds secrecy marks (Mật, Tối mật, Tuyệt mật) in texts.

In doubt it does: a document that is refused by mistake shows in the refused count, a secret one that comes in
breaks the law. The word `mật` of everyday compounds (bảo mật, mật khẩu, mật ong …) is not a mark. A text with tags or
character references is looked at as a browser shows it, and so is what stands within a tag or a comment.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from cchc.sources.texts import clean, label, without_marks


def _spelt(letters: str) -> str:
    """Return the pattern of a word whose letters may stand apart: `M Ậ T`, `M.Ậ.T`."""
    return r"[\W_]*".join(letters)


_EDGE, _END = r"(?<![^\W_])", r"(?![^\W_])"  # a letter or digit on neither side; _ separates
_HIGH = re.compile(rf"{_EDGE}(?:{_spelt('tối')}|{_spelt('tuyệt')})[\W_]*{_spelt('mật')}{_END}")
_PLAIN = re.compile(rf"{_EDGE}{_spelt('mật')}{_END}", re.IGNORECASE)
_HIGH_BARE = re.compile(rf"{_EDGE}(?:{_spelt('toi')}|{_spelt('tuyet')})[\W_]*{_spelt('mat')}{_END}")
_BARE = re.compile(rf"{_EDGE}{_spelt('mat')}{_END}")
_WORD = re.compile(r"[^\W\d_]+")

_NOT_AFTER = frozenset(
    {"bảo", "bí", "thân", "cẩn", "túi", "sỏi", "ống", "đường", "dịch", "gan", "ong", "trù"}
)
_NOT_BEFORE = frozenset({"khẩu", "độ", "mã", "ong", "mía", "gấu", "thiết", "hoa"})
_HYPHENS = "-\u2010\u2011"  # the second and third look like the first
_BEFORE = re.compile(rf"([^\W\d_]+)([{_HYPHENS}]|[\s,–-]*\s)\Z")  # bảo mật, bảo-mật; gan, mật; gan - mật
_AFTER = re.compile(rf"(\s+|[{_HYPHENS}])([^\W\d_]+)(?:\s+([^\W\d_]+))?")
_URGENCY = "khẩn"  # `Mật, độ khẩn: …` says two things
_PLACE = re.compile(r"(?<!\w)(?:phường|xã|thôn|làng|phố|núi|đền|chùa)\s+\Z", re.IGNORECASE)
_IN_ADDRESS = re.compile(r"(?:\A|,\s*|\d\s+)\Z")
_NAMES = frozenset({"sơn", "ninh"})  # phường Mật Sơn, thôn Mật Ninh
_HIGH_SEEN = re.compile(_HIGH.pattern, re.IGNORECASE)
# What leaves no doubt in any field: papers of which it is said, a stamp, brackets around it, a sign behind it
_PAPERS = (
    "văn bản|tài liệu|công văn|hồ sơ|giấy tờ|tờ trình|báo cáo|quyết định|kế hoạch|biên bản|nội dung|thông tin"
    "|dấu|loại|hạng|mức|chế độ|(?:mức |cấp )?độ mật"
).replace(" ", r"\s+")
_TOLD = re.compile(rf"(?<!\w)(?:{_PAPERS})[\W_]+\Z", re.IGNORECASE)
# tỷ lệ văn bản điện tử (trừ văn bản mật): said of what there is none of
_EXCEPT = re.compile(
    r"(?<!\w)(?:trừ|ngoài|không|không phải|không bao gồm|không gồm)(?: các| những)?\s+\Z", re.IGNORECASE
)
_OPENS, _ENDS = re.compile(r"[(\[{«<“\"'][\W_]*\Z"), re.compile(r"[\W_]*[)\]}»>”\"']")
_GOES_ON = re.compile(r"\s*[:(\[{;/|!–—-]")  # Mật (không phổ biến), Mật: …
_SAYS = re.compile("[:=]")
_NEAR = 60  # letters: what may be a word beside another
_WHOLE = frozenset({"mật", "tốimật", "tuyệtmật", "mat", "toimat", "tuyetmat"})  # however it is spaced
_LONGEST_WHOLE = 40
# m, a letter that may become a or ậ, one letter more, and no other behind it: what no such level lacks
_M_AND_A, _NO_FURTHER = r"[mM][\W\d_]*[aAâÂạẠậẬẚ][\W\d_]*", r"[^\W\d_][\W\d_]*$"
_MAY_BE_WHOLE = re.compile(f"{_M_AND_A}{_NO_FURTHER}", re.MULTILINE)
_MAY_CARRY = re.compile(f"{_M_AND_A}[tT]")
_MAY_TELL = re.compile(f"{_M_AND_A}(?:[tT]|{_NO_FURTHER})", re.MULTILINE)
_SOME = 32
# between texts that are looked at together: the end of a line, and a letter with which no mark goes on
_BETWEEN = "\nx"
_LONGEST_CODE = 60  # a symbol such as 12/TOIMAT-SGDDT, against a sentence

# Not of ASCII, Latin alphabets, tone marks and common signs: what may look like a letter of a mark (Ｍ, М, ⓜ)
_UNUSUAL = re.compile(
    "[^\\x00-\\x7f\u00a0\u00ab\u00ad\u00b0\u00b7\u00bb\u00c0-\u024f\u0300-\u036f\u1ea0-\u1ef9\u2000-\u206f]"
)
# Cyrillic and Greek letters that look like those of a mark; NFKC knows the rest (full-width, in circles, bold …)
_LOOK_ALIKES = str.maketrans("МмАаТтОоІіУуЕеΜμΑαΤτΟοΙιΥυΕε", "mmaattooiiyyeemmaattooiiyyee")


_REFERENCE = re.compile(r"&[#\w]")
_ELEMENT = re.compile(r"<[^<>]*>")
# As a browser reads it: `>` within quotes ends no tag. It never fails, so it is linear whatever stands there.
_QUOTING = re.compile(r"""<(?:[^<>"']|"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))*+(?:>|\Z|(?=<))""")
_WITHIN_WORDS = re.compile(
    r"</?(?:a|abbr|b|big|code|em|font|i|mark|small|span|strong|su[bp]|tt|u)\b", re.IGNORECASE
)
_LINE = re.compile(r"</?w?br\b", re.IGNORECASE)
_UNSEEN = re.compile(
    r"""\b(?:class|style|href|src|id|name)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE
)
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
    return _is_mark(text) or (_has_markup(text) and any(map(_is_mark, {_resolved(text), *_as_shown(text)})))


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


def level_stated(line: str) -> str:
    """Return the level of secrecy that a line states, and nothing else: `Mật`, `Độ mật: Mật`; else nothing."""
    name, *level = _SAYS.split(line, maxsplit=1)
    if level and names_mark(name) and is_mark(level[0]):
        return level[0]
    return line if is_mark(line) else ""


def tells_mark(text: str) -> bool:
    """Whether a text of any field leaves no doubt that something is secret: `Mật`, `Độ mật: Tối mật`, `văn bản mật`.

    What may be the name of a person or place is none, where `carries_mark` finds one: `Trần Mật`.
    """
    if not _has_markup(text):
        return _tells_mark(text)
    return is_mark(text) or any(map(_tells_mark, _as_shown(text) | _within_tags(text)))


def _tells_mark(text: str) -> bool:
    if not _MAY_CARRY.search(text) and not _is_unusual(text):
        return _is_mark(text)
    seen = clean(_as_seen(text))
    if level_stated(text) or any(_goes_alone(seen, found) for found in _HIGH_SEEN.finditer(seen)):
        return True
    return any(_is_told(seen, found) for found in _PLAIN.finditer(seen) if _stands_alone(seen, found))


def _goes_alone(seen: str, found: re.Match[str]) -> bool:
    """Whether the word found is not the beginning of a compound: buổi tối mật độ xe cao."""
    after = _AFTER.match(seen, found.end(), found.end() + _NEAR)
    return after is None or after[2].casefold() not in _NOT_BEFORE


def _is_told(seen: str, found: re.Match[str]) -> bool:
    """Whether the word found is told as a level by what stands around it."""
    head, end = seen[max(0, found.start() - _NEAR) : found.start()], found.end()
    if paper := _TOLD.search(head):
        return _EXCEPT.search(head[: paper.start()]) is None
    if _OPENS.search(head) and _ENDS.match(seen, end):
        return True
    return not any(map(str.isalnum, head)) and _GOES_ON.match(seen, end) is not None


def any_tells_mark(texts: Sequence[str]) -> bool:
    """Whether `tells_mark` says so of any text; all are looked at together first, for of most columns none can."""
    return _any(tells_mark, texts, _MAY_TELL)


def any_carries_mark(texts: Sequence[str]) -> bool:
    """Whether `carries_mark` says so of any text, found as `any_tells_mark` finds it."""
    return _any(carries_mark, texts, _MAY_CARRY)


def _any(says: Callable[[str], bool], texts: Sequence[str], may: re.Pattern[str]) -> bool:
    """Whether any text is such, where none is that has no match of `may`, but for those with unusual letters."""
    if len(set(texts[:_SOME])) < _SOME // 2:  # most columns of words say the same again and again
        texts = list(set(texts))
    together = _BETWEEN.join(texts)
    if _has_markup(together) and _any_with_markup(says, [t for t in set(texts) if _has_markup(t)], may):
        return True
    if not together.isascii() and _holds_unusual(together):
        return any(map(says, set(texts)))
    if not ("m" in together or "M" in together) or may.search(together) is None:
        return False
    return any(says(text) for text in set(texts) if may.search(text))


def _holds_unusual(long_text: str) -> bool:
    """Do what `_is_unusual` does; the halves of letters beyond the 65,536 first ones are unusual too."""
    letters = np.frombuffer(long_text.encode("utf-16-le", "surrogatepass"), dtype=np.uint16)
    return bool(_unusual()[letters].any())


@cache
def _unusual() -> NDArray[np.bool_]:
    usual = _UNUSUAL.sub("", "".join(map(chr, range(2**16))))
    found = np.ones(2**16, dtype=np.bool_)
    found[list(map(ord, usual))] = False
    return found


def _any_with_markup(says: Callable[[str], bool], texts: Iterable[str], may: re.Pattern[str]) -> bool:
    together = _resolved("<>\n".join(texts))  # no tag and no reference goes from one text into the next
    quoting = (_QUOTING.sub("", text) for text in map(_resolved, texts) if _is_quoting(text))
    shown = (together, _ELEMENT.sub("", together), "<>\n".join(quoting))
    return any(may.search(found) or _is_unusual(found) for found in shown) and any(map(says, texts))


def _is_quoting(text: str) -> bool:
    """Whether `_QUOTING` may see another tag in a text than `_ELEMENT`: with quotes, or one that does not end."""
    return '"' in text or "'" in text or text.rfind("<") > text.rfind(">")


def carries_mark(text: str) -> bool:
    """Whether a title, note or symbol contains a secrecy mark: any case, NFD, letters or words apart, look-alikes."""
    if not _has_markup(text):
        return _carries_mark(text)
    return is_mark(text) or any(map(_carries_mark, _as_shown(text) | _within_tags(text)))


def _carries_mark(text: str) -> bool:
    seen = clean(_as_seen(text))
    folded = seen.casefold()
    if "m" not in folded:
        return False
    if _is_mark(text) or _HIGH.search(folded) or any(_stands_alone(seen, m) for m in _PLAIN.finditer(seen)):
        return True
    bare = without_marks(folded)
    if bare != folded.replace("đ", "d"):  # with tone marks, so `mat` would be another word (mặt, mất, mắt)
        return False
    if _HIGH_BARE.search(bare):
        return True
    return len(bare) <= _LONGEST_CODE and bare.count(" ") <= 1 and _BARE.search(bare) is not None


def _has_markup(text: str) -> bool:
    return "<" in text or ("&" in text and _REFERENCE.search(text) is not None)


def _as_shown(text: str) -> set[str]:
    """Return what a browser makes of a text: its references are letters, its tags nothing, or a blank or break."""
    text = _resolved(text)
    return {tag.sub(shown, text) for tag in (_ELEMENT, _QUOTING) for shown in ("", _gap)}


def _gap(tag: re.Match[str]) -> str:
    """Return what parts words where a tag stands: a blank, a new line, another paragraph or cell."""
    if _WITHIN_WORDS.match(tag[0]):
        return " "
    return "\n" if _LINE.match(tag[0]) else "|"


def _within_tags(text: str) -> set[str]:
    """Return what stands in tags and comments, but what no reader sees of an element: its style and its addresses."""
    return {_UNSEEN.sub(" x ", tag.strip("<>")) for tag in _QUOTING.findall(_resolved(text))}


def _resolved(text: str) -> str:
    for _ in range(_MOST_UNFOLDING):
        text = html.unescape(text)
    return text


def _is_unusual(text: str) -> bool:
    return not text.isascii() and _UNUSUAL.search(text) is not None


def _as_seen(text: str) -> str:
    """Return a text with the letters that a reader takes it for."""
    return normalize("NFKC", text).translate(_LOOK_ALIKES) if _is_unusual(text) else text


def _stands_alone(seen: str, found: re.Match[str]) -> bool:
    """Whether the word found is of no everyday compound and no name of a place."""
    start, end, word = found.start(), found.end(), found[0]
    head = seen[max(0, start - _NEAR) : start]
    before, after = _BEFORE.search(head), _AFTER.match(seen, end, end + _NEAR)
    if before and before[1].casefold() in _NOT_AFTER and _joined(before[1], before[2], word):
        return False
    if after is None or not _joined(word, after[1], after[2]):
        return True
    following, then = after[2].casefold(), after[3] or ""
    if following in _NOT_BEFORE:
        return then.casefold() == _URGENCY
    if following in _NAMES and word[0].isupper() and after[2][0].isupper():
        in_address = start <= _NEAR and not word.isupper() and _IN_ADDRESS.search(seen[:start])
        return not (_PLACE.search(head) or (in_address and not then[:1].isupper()))
    return True


def _joined(first: str, gap: str, second: str) -> bool:
    """Whether two words are one compound: the second goes on in small letters, or on the line as the first is written.

    `MẬT Độ khẩn`, a capital on a new line and small letters there behind `MẬT` begin something else.
    """
    on_the_line = gap not in _HYPHENS and not gap.strip(" \t,–-")
    if second[0].islower():
        return on_the_line or not first.isupper()
    return on_the_line and first.isupper() == second.isupper()
