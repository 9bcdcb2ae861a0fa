"""The sentence of a question, as an officer reads it."""

from __future__ import annotations

from decimal import Decimal

from cchc.quality.integrity.model import Figures, Span, Test, Tests

_SWAP = str.maketrans(",.", ".,")  # 1,234.5 is written 1.234,5
_UNKNOWN = "chưa rõ bao nhiêu"


def number(value: int | float | Decimal) -> str:
    """Return `1.234`, and `1.234,5` of what is no whole number."""
    return (f"{value:,}" if value % 1 else f"{value:,.0f}").translate(_SWAP)


def percent(share: float) -> str:
    """Return a share from 0 to 1 as `12,3%`."""
    return f"{100 * share:,.1f}%".translate(_SWAP)


def sentence(known: Tests, test: Test, unit: str, span: Span, figures: Figures) -> str:
    """Return the question to a unit of that name, in Vietnamese; its span ends with the last day that was counted."""
    parameters = {
        name: value if isinstance(value, str) else number(value) for name, value in known.values(test).items()
    }
    return test.question.format(
        **parameters,
        unit=unit,
        span=f"từ {span.first:%d/%m/%Y} đến {span.until:%d/%m/%Y}",
        last=f"{span.until:%d/%m/%Y}",
        n=number(figures.n),
        d=number(figures.d),
        share=percent(figures.share),
        peers=number(figures.peers),
        peers_n=number(figures.peers_n),
        peers_d=number(figures.peers_d),
        peers_share=percent(figures.peers_share),
        recomputed=_UNKNOWN if figures.recomputed is None else number(figures.recomputed),
    )
