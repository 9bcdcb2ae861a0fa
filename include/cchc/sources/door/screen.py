"""The screen at the door: values that look like personal data are masked before anything is written.

The allow-list keeps whole fields out; the screen looks at what stands in a field that may pass, because offices type
names and numbers of people into fields of codes. What it looks for is data (`screen.yaml`); what it cannot recognise
is told in ADR 17.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple
from unicodedata import normalize

import numpy as np
from pydantic import Field

from cchc.catalogue.base import Model
from cchc.catalogue.files import parsed
from cchc.catalogue.profiles import FieldMap
from cchc.sources.door.secrecy import carries_mark
from cchc.sources.texts import clean, without_marks, without_stray

HIDDEN = "(tên đã che)"  # stands for the name of a file, field or message that looks like personal data

_OPEN, _CLOSE = "⟦masked:", "⟧"
_WORD = re.compile(r"[^\W\d_]+")
_GAPS = frozenset(" ._/+-")  # what may stand between two words of a name
_LONGEST_WORD, _MOST_WORDS, _LONG_TEXT = 8, 6, 2_000
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_FEW = 2
_SHORTEST_NUMBER = 9  # of those that identify a person by themselves

Kind = Literal["identity", "phone", "email", "account", "birth", "address", "name", "words"]


class TextClass(Model):
    """How texts of one class are looked at; see the head of `screen.yaml`."""

    columns: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    name_words: int
    needs_digit: bool = False
    words: Literal["", "capitals", "plain"] = ""
    passes: str = ""


class NumberRule(Model):
    """A pattern over a casefolded text, with texts it must and must not find."""

    kind: Kind
    pattern: str
    not_in: tuple[str, ...] = ()
    finds: tuple[str, ...] = Field(min_length=1)
    passes: tuple[str, ...] = Field(min_length=1)


class NameRules(Model):
    """What names are known by; lists are one text, parted by blanks or `|`."""

    surnames: str
    surnames_alone: str
    surnames_before_middle: str
    middles: str
    bare_surnames_alone: str
    bare_surnames: str
    joined: str
    after: str
    compounds: str
    landmarks: str
    honorifics: str


class Rules(Model):
    """The content of `screen.yaml`."""

    classes: dict[str, TextClass]
    kinds: dict[Kind, str]
    not_looked_at: tuple[str, ...]
    numbers: tuple[NumberRule, ...]
    names: NameRules


@cache
def rules() -> Rules:
    """Return the rules of the screen."""
    return Rules.model_validate(parsed(Path(__file__).with_name("screen.yaml")))


def class_of(column: str, field: FieldMap) -> str:
    """Return the class in which the texts of a field are looked at."""
    classes = rules().classes
    by_column = [name for name, found in classes.items() if column in found.columns]
    by_type = [name for name, found in classes.items() if field.type in found.types]
    return (by_column or by_type)[0]


def mask(kind: Kind) -> str:
    """Return what lands in place of a text that looks like personal data."""
    return f"{_OPEN}{kind}{_CLOSE}"


def masked(text: str) -> str | None:
    """Return, in Vietnamese, what a landed text was masked for; None for any other text."""
    if not (text.startswith(_OPEN) and text.endswith(_CLOSE)):
        return None
    kind = text[len(_OPEN) : -len(_CLOSE)]
    return next((words for name, words in rules().kinds.items() if name == kind), None)


def shown(text: str, most: int = 120) -> str:
    """Return a name from a source (file, message, error code) as it may be shown, or `HIDDEN`."""
    text = clean(text)
    return HIDDEN if len(text) > most or find(text, "label") or carries_mark(text) else text


def passes(text: str, of_class: str) -> bool:
    """Whether a text is of a form of its class that needs no further look, as most are; `find` then returns None."""
    return len(text) <= _LONG_TEXT and _class(of_class)[1].fullmatch(text) is not None


def all_pass(texts: Collection[str], of_class: str) -> bool:
    """Whether each of the texts is clean already and passes, looked at together; in doubt it says no."""
    lines = "\n".join((*texts, ""))
    return (
        lines.isascii()
        and lines.count("\n") == len(texts)
        and max(map(len, texts), default=0) <= _LONG_TEXT
        and _class(of_class)[2].fullmatch(lines) is not None
    )


def all_pass_as_one(texts: Sequence[str], of_class: str) -> bool:
    """Whether the texts pass as the first of them does, from which they differ in nothing but digits.

    To what passes one digit is as good as another.
    """
    if not texts or not passes(first := texts[0], of_class):
        return False
    lines = "\n".join((*texts, ""))
    if len(lines) != len(texts) * (len(first) + 1) or not lines.isascii():
        return False
    characters = np.frombuffer(lines.encode(), dtype=np.uint8).reshape(len(texts), -1)
    digits = characters - np.uint8(ord("0")) < 10  # what comes before "0" becomes large
    return bool(((characters == characters[0]) | (digits & digits[0])).all())


def find(text: str, of_class: str) -> Kind | None:
    """Return what kind of personal data a text of a class looks like, or None; a text in NFC is asked for."""
    if len(text) < _SHORTEST_NUMBER and text.isdigit():  # most texts
        return None
    if len(text) > _LONG_TEXT:
        return "words"
    if passes(text, of_class):
        return None
    chosen = _class(of_class)[0]
    text = _plain(text)
    for pattern in _not_looked_at():
        text = pattern.sub("#", text)
    folded = text.casefold()
    for kind, pattern, not_in in _numbers():
        if of_class not in not_in and pattern.search(folded):
            return kind
    runs = list(_runs(text))
    if any(_is_name(run, at, chosen.name_words) for run in runs for at in range(len(run))):
        return "name"
    if _names().joined.search(without_marks(folded)) or _is_introduced(text):
        return "name"
    if chosen.words and any(_are_capitals(run) for run in runs):
        return "words"
    if chosen.words == "plain" and " " in text and any(_is_said(word.text) for run in runs for word in run):
        return "words"
    if chosen.needs_digit and runs and not any(c.isdigit() for c in text) and "#" not in text:
        return "words"
    return None


def _plain(text: str) -> str:
    """Return a text with one blank between words, and digits, signs and dashes as keyboards have them."""
    if not text.isascii():
        text = _DASHES.sub("-", without_stray(clean(normalize("NFKC", text))))  # `1\u03012` is 12 to people
    return " ".join(text.split())


@cache
def _class(name: str) -> tuple[TextClass, re.Pattern[str], re.Pattern[str]]:
    """Return a class, the pattern of texts that pass, and that of lines of such texts."""
    chosen = rules().classes[name]
    return chosen, re.compile(chosen.passes), re.compile(rf"(?:(?:{chosen.passes})\n)*+")


# --- numbers ------------------------------------------------------------------------------------------------
@cache
def _not_looked_at() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in rules().not_looked_at)


@cache
def _numbers() -> tuple[tuple[Kind, re.Pattern[str], frozenset[str]], ...]:
    return tuple((r.kind, re.compile(r.pattern, re.VERBOSE), frozenset(r.not_in)) for r in rules().numbers)


# --- names --------------------------------------------------------------------------------------------------
class _Names(NamedTuple):
    surnames: frozenset[str]
    alone: frozenset[str]
    before_middle: frozenset[str]
    bare_alone: frozenset[str]
    bare: frozenset[str]
    middles: frozenset[str]
    compounds: frozenset[str]
    landmarks: frozenset[str]
    after: re.Pattern[str]
    joined: re.Pattern[str]
    introduced: re.Pattern[str]


class _Word(NamedTuple):
    text: str
    folded: str
    gap: str  # what parts it from the word before, "" for the first of a run
    before: str  # the text up to it, casefolded


@cache
def _names() -> _Names:
    given = rules().names
    surnames = frozenset(given.surnames.split())
    honorifics = "|".join(_listed(given.honorifics))
    return _Names(
        surnames,
        frozenset(given.surnames_alone.split()),
        surnames | frozenset(given.surnames_before_middle.split()),
        frozenset(given.bare_surnames_alone.split()),
        frozenset(given.bare_surnames.split()),
        frozenset(given.middles.split()),
        _listed(given.compounds),
        _listed(given.landmarks),
        re.compile(rf"(?<!\w)(?:{'|'.join(_listed(given.after))})\s+$"),
        re.compile(given.joined),
        re.compile(rf"(?:^|[:;,(.-]\s*)(?:hộ\s+)?(?:{honorifics})\s*:?\s+", re.IGNORECASE),
    )


def _listed(text: str) -> frozenset[str]:
    return frozenset(" ".join(entry.split()) for entry in text.split("|"))


def _runs(text: str) -> Iterator[list[_Word]]:
    """Yield the words of a text that stand together as the words of a name do."""
    run: list[_Word] = []
    end = 0
    for found in _WORD.finditer(text):
        gap = text[end : found.start()]
        if run and gap not in _GAPS:
            yield run
            run = []
        word = found.group()
        run.append(_Word(word, word.casefold(), gap if run else "", text[: found.start()].casefold()))
        end = found.end()
    if run:
        yield run


def _is_name(run: Sequence[_Word], at: int, least: int) -> bool:
    """Whether a name begins at a word of a run."""
    names, word = _names(), run[at]
    if word.folded not in names.before_middle and word.folded not in names.bare | names.bare_alone:
        return False
    if _is_compound(run, at - 1) or _is_compound(run, at) or names.after.search(word.before):
        return False
    if word.folded in names.surnames and word.text[0].isupper():
        length = 1 + _capitals(run[at + 1 :])
        if " ".join(w.folded for w in run[at : at + length]) in names.landmarks:
            return False
        if length >= least:
            return True
    behind = run[at + 1 : at + 3]
    if len(behind) < _FEW:
        return False
    if behind[0].folded in names.middles and not _is_compound(run, at + 1):
        return True
    if word.folded in names.bare_alone:
        apart = all(w.gap == " " for w in behind)
        return apart and all(w.text[0].isupper() and w.text.isascii() for w in (word, *behind))
    return word.folded in names.alone


def _is_compound(run: Sequence[_Word], at: int) -> bool:
    return 0 <= at < len(run) - 1 and f"{run[at].folded} {run[at + 1].folded}" in _names().compounds


def _capitals(words: Sequence[_Word]) -> int:
    """Return how many words, from the first on, could go on a name."""
    count = 0
    for word in words:
        if not word.text[0].isupper() or len(word.text) > _LONGEST_WORD or count == _MOST_WORDS:
            break
        count += 1
    return count


def _is_introduced(text: str) -> bool:
    """Whether a form of address stands there with two words in capitals behind it."""
    names = _names()
    for found in names.introduced.finditer(text):
        run = next(_runs(text[found.end() :]), [])
        if text[found.end() : found.end() + 1].isupper() and _capitals(run) >= _FEW:
            first = f"{found.group().split()[-1].strip(':').casefold()} {run[0].folded}"
            if first not in names.landmarks and not all(w.text.isupper() for w in run[:_FEW]):
                return True
    return False


def _are_capitals(run: Sequence[_Word]) -> bool:
    """Whether two words stand side by side as in a name or heading, not as in a code: `Hờ Mị`, `HỜ MỊ`."""
    for before, word in pairwise(run):
        pair = (before.text, word.text)
        whole = word.gap == " " and min(map(len, pair)) > 1
        if whole and (all(w.istitle() for w in pair) or all(_is_said(w) and w.isupper() for w in pair)):
            return True
    return False


def _is_said(word: str) -> bool:
    """Whether a word is no abbreviation of a code: those are short, or capitals without accents but Đ."""
    return len(word) > 1 and not (word.isupper() and word.replace("Đ", "D").isascii())
