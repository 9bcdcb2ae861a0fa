"""What stands below a table on the page: why a number is missing or not yet whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from cchc.indicators.compute import IndicatorValue
from cchc.indicators.numbers import percent, printed
from cchc.publishing.points import Cell


@dataclass
class Notes:
    """The numbered notes below one table."""

    prefix: str
    source_names: dict[str, str]
    is_closed: bool = False  # the numbers are frozen: how many sources lacked is known, not which
    texts: list[str] = field(default_factory=list)

    def number(self, value: IndicatorValue | Cell) -> int | None:
        """Return the number of the note a value needs, or None."""
        text = self._text(value)
        if text is None:
            return None
        if text not in self.texts:
            self.texts.append(text)
        return self.texts.index(text) + 1

    def _text(self, value: IndicatorValue | Cell) -> str | None:
        if value.reason is not None:
            return f"{value.reason[0].upper()}{value.reason[1:]}."
        if self.is_closed and value.coverage is not None and value.coverage < 1 and value.printed is not None:
            share = printed(percent(value.coverage, Decimal(1)).normalize())
            return f"Lúc chốt mới có {share}% nguồn phải có."
        if not value.lacking:
            return None
        if len(value.lacking) > 3:
            return f"Chưa gồm đủ số liệu của {len(value.lacking)} nguồn; xem danh sách ở trang Tổng quan."
        names = "; ".join(self.source_names.get(code, code) for code in value.lacking)
        return f"Chưa gồm đủ số liệu của {names}."
