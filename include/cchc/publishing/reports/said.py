"""Figures as a sentence says them, and the record of every number that was said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from cchc.catalogue.models import Catalogue
from cchc.indicators.numbers import percent, printed, rounded
from cchc.publishing.reports.figures import WHOLE, Edition, Figure, Key


@dataclass(frozen=True)
class Meaning:
    """What a number is."""

    title: str  # Vietnamese
    unit: str  # Vietnamese, or %
    decimals: int = 0


@dataclass(frozen=True)
class Use:
    """A figure that a report says, and where it stands."""

    figure: Figure
    meaning: Meaning
    edition: Edition
    unit_name: str


@dataclass(frozen=True)
class Derived:
    """A number that follows from figures: a change, a rank, how many units a list has."""

    what: str  # Vietnamese
    printed: str


@dataclass
class Trace:
    """Every number that was said, in the order it was said first."""

    uses: dict[tuple[str, Key], Use] = field(default_factory=dict)
    derived: dict[tuple[str, str], Derived] = field(default_factory=dict)

    def use(self, use: Use) -> None:
        """Remember a figure."""
        self.uses.setdefault((use.edition.name, use.figure.key), use)

    def derive(self, what: str, number: str) -> str:
        """Remember a number that follows from figures, and return it."""
        self.derived.setdefault((what, number), Derived(what, number))
        return number


class Counted:
    """A number that follows from figures; it is remembered when it is said."""

    def __init__(self, trace: Trace, what: str, count: int | None) -> None:
        self._trace, self._what, self.count = trace, what, count

    def __str__(self) -> str:
        return self._trace.derive(self._what, "–" if self.count is None else printed(Decimal(self.count)))

    def __bool__(self) -> bool:
        return bool(self.count)


def lowered(title: str) -> str:
    """Return a title as it stands inside a sentence; a short form in capitals (TTHC) stays."""
    return title if title[1:2].isupper() else f"{title[:1].lower()}{title[1:]}"


class Said:
    """A figure inside a sentence: `{{ received }}`, `{{ share.numerator }}`, `{% if received.known %}`."""

    def __init__(
        self,
        trace: Trace,
        use: Use,
        earlier: Use | None,
        by: Callable[[Said, str, str | None], str],
        compare_from: Decimal = Decimal(1),
    ) -> None:
        self._trace, self._use, self._earlier, self._by = trace, use, earlier, by
        self._compare_from = compare_from

    def __str__(self) -> str:
        return self._of(self._use.figure.printed)

    def _of(self, text: str | None) -> str:
        self._trace.use(self._use)
        return "–" if text is None else text

    @property
    def use(self) -> Use:
        """The figure and where it stands."""
        return self._use

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return self._use.figure.value is not None

    @property
    def zero(self) -> bool:
        """Whether the number is known and zero."""
        return self.known and not self._use.figure.value

    @property
    def numerator(self) -> str:
        """The numerator of a share, as officers write it."""
        above = self._use.figure.numerator
        return self._of(None if above is None else printed(above))

    @property
    def denominator(self) -> str:
        """The denominator of a share."""
        below = self._use.figure.denominator
        return self._of(None if below is None else printed(below))

    @property
    def title(self) -> str:
        """The indicator's title as it stands inside a sentence."""
        return lowered(self._use.meaning.title)

    @property
    def unit(self) -> str:
        """What is counted; empty of a percentage, whose sign stands in the number, and of a term."""
        return "" if self._use.meaning.unit in ("%", "thời hạn") else self._use.meaning.unit

    @property
    def reason(self) -> str:
        """Why there is no number; remembered, as a number would be."""
        self._trace.use(self._use)
        return self._use.figure.reason or "không rõ lý do"

    @property
    def previous(self) -> Said | None:
        """The same of the period before; None where that is not known."""
        if self._earlier is None or self._earlier.figure.value is None:
            return None
        return Said(self._trace, self._earlier, None, self._by)

    @property
    def change(self) -> Decimal | None:
        """The difference to the period before.

        None where one of the two is not known, or of too few of its sources, or lacks units: sums of different units
        are not compared.
        """
        if self._earlier is None:
            return None
        now, before = self._use.figure, self._earlier.figure
        if now.value is None or before.value is None:
            return None
        if now.reason is not None or before.reason is not None:
            return None
        if any(f.coverage is not None and f.coverage < self._compare_from for f in (now, before)):
            return None
        return now.value - before.value

    @property
    def by(self) -> str:
        """How much it changed, without a sign: `799 hồ sơ (7,1%)`, of a percentage `2,3 điểm phần trăm`."""
        change = self.change
        if change is None:
            return ""
        what = f"Chênh lệch so với kỳ trước: {self._use.meaning.title} – {self._use.unit_name}"
        amount = self._trace.derive(what, printed(abs(change), self._use.meaning.decimals or None))
        before = self._earlier.figure.value if self._earlier else None
        share = None
        if before and self._use.meaning.unit != "%":
            share = f"{printed(rounded(percent(abs(change), abs(before)), 1), 1)}%"
            self._trace.derive(f"{what}, tính bằng % của kỳ trước", share)
        return self._by(self, amount, share)


def meaning_of(catalogue: Catalogue, set_code: str, code: str) -> Meaning | None:
    """Return what an indicator or points are; None where the catalogue does not have them."""
    for index in catalogue.scores.values():
        for version, own in index.versions.items():
            if set_code != f"{index.code}-{version}":
                continue
            if code == WHOLE:
                return Meaning(f"Tổng điểm Bộ chỉ số, {own.title}", "điểm", 2)
            for group in index.groups:
                if code == f"group:{group.code}":
                    return Meaning(group.title, "điểm", 2)
                for component in group.components:
                    if code == component.code:
                        return Meaning(component.title, "điểm", 2)
    chosen = catalogue.indicator_sets.get(set_code)
    for indicator in chosen.indicators if chosen else ():
        if indicator.code == code:
            return Meaning(indicator.title, indicator.unit, indicator.decimals)
    return None
