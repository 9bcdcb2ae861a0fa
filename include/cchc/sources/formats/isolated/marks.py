"""What a look at the raw sheet tells that its cells, as values, no longer do."""

from __future__ import annotations

from dataclasses import dataclass, field

from cchc.sources.formats.isolated.child import Refusal

_MOST = 200_000

Place = tuple[int, int]  # row and column, from 0


@dataclass
class Marks:
    """Cells without a value one could believe (`error`, `formula`), what is hidden, merged cells (first, last)."""

    hidden_rows: int = 0
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)  # first and last, from 0
    broken: dict[Place, str] = field(default_factory=dict)
    merged: list[tuple[Place, Place]] = field(default_factory=list)

    def mark(self, row: int, column: int, why: str) -> None:
        """Note a cell; raises `Refusal` for a sheet that is full of them."""
        self.broken[row, column] = why
        if len(self.broken) > _MOST:
            raise Refusal(f"more than {_MOST} cells hold errors or formulas without a value")


def cut_off(rows: int) -> Refusal:
    """Return the refusal of a sheet that ends where its format does."""
    return Refusal(f"the sheet has exactly {rows:,} rows, all that its format holds: suspected cut off")
