"""Which letters a text is written in: UTF-8, UTF-16, Windows-1258; texts for the fonts of old times are refused."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import BinaryIO
from unicodedata import normalize

_CHUNK = 1024 * 1024
_SAMPLE = 64 * 1024
_MOST_WORDS = 5_000

#: letters of Vietnamese that no other encoding's misread text has: with a mark of their own and a tone
_TRUE = re.compile("[\u1ea0-\u1ef9ăđơưĂĐƠƯ]")
# TCVN3 (ABC): letters with marks stand on signs of Latin-1, so they are found inside words
_TCVN3 = re.compile(
    "[a-zA-Z][µ¸¶·¹¨»¾¼½Æ©ÇËÐÎÏÑªÖ×ØÜÞßä«åæç¬ëîïñ\xadøö÷ûüþ®]|[®§][a-zA-Zµ¸¶·¹¨©ªÒÕÓÔÖ«¬\xad]"
)
# VNI: a vowel is followed by the letter that stands for its mark
_VNI = re.compile("[aeiouyöôAEIOUYÖÔ][øûïåäëüØÛÏÅÄËÜ]|[aeoAEO][âÂ]|[ñÑ][aeiouyöôAEIOUYÖÔ]")
_TONES = re.compile("[aeiouyăâêôơưAEIOUYĂÂÊÔƠƯ][\u0300\u0301\u0303\u0309\u0323]")
_VIETNAMESE = re.compile(
    "[\x00-\x7f\xa0–—‘’“”•…«»°₫àáâãèéêìíòóôõùúýÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝăđĩũơưĂĐĨŨƠƯ\u1ea0-\u1ef9]*"
)

_DAMAGE = re.compile(
    rb"[\x00-\x08\x0e-\x19\x1b-\x1f]"
)  # no text in any encoding of one byte a letter has these
_NO_TEXT = "the file is no text, whatever its name says; save it as CSV UTF-8 from the program that it is of"


class UnknownLetters(ValueError):
    """The text is in no encoding that is read here; the message says which it seems to be and what to do."""


def font_of(texts: Iterable[str]) -> str | None:
    """Return TCVN3 or VNI where texts are written for such a font, else None."""
    found = {"TCVN3": 0, "VNI": 0}
    true = seen = 0
    for text in texts:
        if text.isascii():
            continue
        for word in text.split():
            seen += 1
            true += _TRUE.search(word) is not None
            found["TCVN3"] += _TCVN3.search(word) is not None
            found["VNI"] += _VNI.search(word) is not None
        if seen > _MOST_WORDS:
            break
    font = max(found, key=lambda name: found[name])
    return font if found[font] >= 2 and found[font] > 4 * true else None


def refuse_font(texts: Iterable[str], error: type[ValueError]) -> None:
    """Raise `error` where texts are written for an old font."""
    font = font_of(texts)
    if font is not None:
        raise error(
            f"its texts are written for a {font} font, not in Unicode; convert it to Unicode and save it anew"
        )


def encoding_of(file: BinaryIO) -> str:
    """Return the encoding of a text file, read from its start; raises `UnknownLetters`.

    UTF-8 needs no mark, UTF-16 none where its texts are mostly Latin, and Windows-1258 is what holds nothing but
    Vietnamese when it is read so.
    """
    file.seek(0)
    sample = file.read(_SAMPLE)
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = sample.count(0)
    if zeros > len(sample) // 4:
        encoding = "utf-16-le" if sample[1::2].count(0) > zeros // 2 else "utf-16-be"
        if "\0" in sample.decode(encoding, "ignore"):
            raise UnknownLetters(_NO_TEXT)
        return encoding
    file.seek(0)
    if _is_utf8(file):
        refuse_font(sample.decode("utf-8", "ignore").splitlines(), UnknownLetters)
        return "utf-8"
    file.seek(0)
    if _is_1258(file):
        return "cp1258"
    if _DAMAGE.search(sample):
        raise UnknownLetters(_NO_TEXT)
    refuse_font(sample.decode("latin-1").splitlines(), UnknownLetters)
    raise UnknownLetters("the file is not UTF-8 (nor UTF-16, nor Windows-1258); save it as CSV UTF-8")


def _is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(_CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_1258(file: BinaryIO) -> bool:
    tones = 0
    while chunk := file.readline(_CHUNK):
        try:
            text = chunk.decode("cp1258")
        except UnicodeDecodeError:
            return False
        tones += len(_TONES.findall(text))
        if not _VIETNAMESE.fullmatch(normalize("NFC", text)):
            return False
    return tones > 0
