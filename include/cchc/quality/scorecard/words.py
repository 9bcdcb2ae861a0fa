"""What a unit is told of its card, as its officer reads it."""

from __future__ import annotations

from cchc.quality.integrity.words import number
from cchc.quality.scorecard.card import Mark, UnitCard
from cchc.quality.scorecard.definitions import BANDS


def lines(card: UnitCard) -> list[str]:
    """Return a line for each mark that is not good, in the order of the definitions (Vietnamese).

    One line where all that was judged is good; none where nothing was judged.
    """
    judged = [mark for mark in card.marks if mark.band is not None]
    below = [_line(mark, card.nights) for mark in judged if mark.band != "good"]
    if judged and not below:
        titles = ", ".join(mark.dimension.title.lower() for mark in judged)
        return [f"Các mặt được đánh giá đều tốt: {titles}."]
    return below


def _line(mark: Mark, nights: int) -> str:
    said = (
        f"{mark.dimension.title}: {number(mark.share or 0)}%, {BANDS[mark.band or 'poor']}"
        f" ({number(mark.numerator)} trên {number(mark.denominator)} {mark.dimension.counted}"
    )
    if mark.change:
        way = "tăng" if mark.change > 0 else "giảm"
        said += f"; {way} {number(abs(mark.change))} điểm phần trăm so với {nights} đêm trước đó"
    if mark.oldest_nights is not None:
        said += f"; dòng chờ sửa lâu nhất đã {mark.oldest_nights} đêm"
    return said + ")"
