"""XLS: whether the result of a formula could be a text, by the last of its tokens ([MS-XLS] 2.5.198, Rgce)."""

from __future__ import annotations

import struct
from collections.abc import Iterable

# bytes behind the number of a token; those from 0x20 on come in three classes (0x24, 0x44, 0x64)
_TOKENS: dict[int, Iterable[int]] = {
    0: range(0x03, 0x17),
    1: (0x1C, 0x1D),
    2: (0x1E, 0x21, 0x29),
    3: (0x22,),
    4: (0x01, 0x02, 0x23, 0x24, 0x2A, 0x2C),
    6: (0x26, 0x27, 0x28, 0x39, 0x3A, 0x3C),
    7: (0x20,),
    8: (0x1F, 0x25, 0x2B, 0x2D),
    10: (0x3B, 0x3D),
}
_SIZES = {token: size for size, tokens in _TOKENS.items() for token in tokens}
_CLASSES = 0x20
_PAREN, _TEXT, _ATTRIBUTE, _FUNCTION, _FUNCTION_OF_MANY = 0x15, 0x17, 0x19, 0x21, 0x22
_CHOOSE, _SUM = 0x04, 0x10  # of an attribute
_ARITHMETIC = {0x03, 0x04, 0x05, 0x06, 0x07, 0x12, 0x13, 0x14, 0x1E, 0x1F}  # + - * / ^, signs, %, numbers
# COUNT SUM AVERAGE MIN MAX ABS INT ROUND DATE DAY MONTH YEAR NOW COUNTA PRODUCT ROUNDUP ROUNDDOWN TODAY DAYS360
# SUMPRODUCT SUBTOTAL SUMIF COUNTIF COUNTBLANK
_NUMERIC = {
    *(0, 4, 5, 6, 7, 24, 25, 27, 65, 67, 68, 69, 74, 169, 183, 212, 213, 220, 221, 228, 344, 345, 346, 347),
}


def may_be_text(formula: bytes) -> bool:
    """Whether a FORMULA record, from its row on, may have a text as its result; raises `struct.error` if cut off."""
    at = 22
    end = at + int.from_bytes(formula[20:22], "little")
    is_number = False
    while at < end:
        token = formula[at] if formula[at] < _CLASSES else _CLASSES | (formula[at] & (_CLASSES - 1))
        length = _length(token, formula, at + 1)
        if length is None:
            return True
        if token == _ATTRIBUTE:
            is_number |= formula[at + 1] == _SUM
        elif token != _PAREN:
            is_number = token in _ARITHMETIC or _is_numeric(token, formula, at + 1)
        at += 1 + length
    return not is_number


def _length(token: int, formula: bytes, at: int) -> int | None:
    """Return how many bytes stand behind the number of a token; None for one that nobody knows."""
    if token == _TEXT:
        count, wide = struct.unpack_from("<BB", formula, at)
        return 2 + int(count) * (2 if wide & 1 else 1)
    if token == _ATTRIBUTE:
        kind, count = struct.unpack_from("<BH", formula, at)
        return 3 + (2 * (int(count) + 1) if kind == _CHOOSE else 0)
    return _SIZES.get(token)


def _is_numeric(token: int, formula: bytes, at: int) -> bool:
    if token == _FUNCTION:
        return struct.unpack_from("<H", formula, at)[0] in _NUMERIC
    return token == _FUNCTION_OF_MANY and struct.unpack_from("<BH", formula, at)[1] in _NUMERIC
