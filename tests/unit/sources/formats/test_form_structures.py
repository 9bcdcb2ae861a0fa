"""Forms of many structures: each is read as the sum of its rows, and one with a wrong number in it is an error."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from cchc.sources.formats.isolation import BadWorkbook
from unit.sources.formats.forms import FORMULAS, LETTERED, SIGNED, Rows, form, read, row

NAMES = ("Đất đai", "Hộ tịch", "Chứng thực", "Cộng đồng", "Tổng đài")
LEVELS = ("Cấp tỉnh", "Cấp huyện", "Cấp xã")
TOTALS = ("Tổng cộng", "TỔNG SỐ", "Cộng", "Tổng cộng toàn sở")
STYLES = ("plain", "dotted", "roman", "letter", "capitals", "title", "total above")


def _leaves(rng: random.Random, style: str, *, numbered: bool) -> tuple[Rows, int]:
    rows: Rows = []
    added = 0
    for number in range(1, rng.randint(2, 5)):
        tens = rng.choice((0, 1, 2, 5))
        added += tens
        rows.append(row(number if numbered else "", rng.choice(NAMES), tens))
        if rng.random() < 0.15:
            rows.append(row("", "Trong đó: lần đầu", rng.randint(0, tens)))
        elif style == "dotted" and numbered:
            first = rng.randint(0, tens)
            rows += [row(f"{number}.1", "Cấp", first), row(f"{number}.2", "Đổi", tens - first)]
    return rows, added


def _head(rng: random.Random, style: str, at: int, added: int, *, numbered: bool) -> Rows:
    stated = added if rng.random() < 0.7 else None
    match style:
        case "roman":
            return [row(("I", "II", "III")[at], LEVELS[at], stated)]
        case "letter":
            return [row("ABC"[at], LEVELS[at], stated), row("I", "Sở", added if stated is None else None)]
        case "capitals":
            return [row("", LEVELS[at].upper(), stated)]
        case "title":
            return [row("", LEVELS[at], added if numbered else None)]
        case "total above":
            return [row("", f"Tổng số {LEVELS[at].lower()}", added)]
    return []


def _form(rng: random.Random) -> tuple[Rows, int]:
    """Return the rows of a form, and what to_handle is in tens."""
    style, numbered, has_totals = rng.choice(STYLES), rng.random() < 0.7, rng.random() < 0.4
    rows: Rows = []
    total = 0
    for at in range(1 if style in ("plain", "dotted") else rng.randint(1, 3)):
        leaves, added = _leaves(rng, style, numbered=numbered)
        total += added
        if rng.random() < 0.2:
            leaves[1:1] = form()[2:]  # the headings of another page
        rows += [*_head(rng, style, at, added, numbered=numbered), *leaves]
        if has_totals and style not in ("plain", "dotted", "total above"):
            rows.append(row("", rng.choice(("Cộng", f"Cộng {LEVELS[at].lower()}")), added))
    of_all = row("", rng.choice(TOTALS), total)
    rows = [of_all, *rows] if rng.random() < 0.2 else [*rows, of_all]
    below = (
        ["", "Ghi chú: số liệu"],
        ["", "Tỷ lệ (%)", "", "0,5"],
        ["", "Người lập", *[""] * 4, "Thủ trưởng"],
    )
    return [*rows, *(line for line in below if rng.random() < 0.3)], total


def test_the_sum_is_read_and_a_wrong_number_is_told() -> None:
    for seed in range(200):
        rng = random.Random(seed)
        rows, total = _form(rng)
        numbers: Sequence[object] = rng.choice((SIGNED, LETTERED, FORMULAS, ()))
        assert read(form(*rows, numbers=numbers)).to_handle == str(total * 10), seed
        stated = [cells for cells in rows if isinstance(cells[-1], int) and "Trong đó" not in cells[1]]
        rng.choice(stated)[2] += 10
        with pytest.raises(BadWorkbook, match=r"column .+: the rows add up to .+, row \d+ "):
            read(form(*rows, numbers=numbers))
