"""How everything is counted: each indicator, each column of a form, each component of an index, and what signs mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cchc.catalogue.indicators import Indicator, IndicatorSet
from cchc.catalogue.models import Catalogue
from cchc.catalogue.scores import Group, ScoreSet
from cchc.indicators import words
from cchc.indicators.numbers import percent, printed
from cchc.publishing.forms import wording
from cchc.publishing.forms.layouts import Layout
from cchc.publishing.portal import scored
from cchc.publishing.portal.scored import ComponentWords
from cchc.publishing.portal.view import View, dated
from cchc.quality.scorecard import definitions


@dataclass(frozen=True)
class Method:
    """An indicator as officers read it (Vietnamese)."""

    indicator: Indicator
    formula: str
    denominator: str
    rounding: str
    rules: tuple[str, ...]  # on-time rules that its terms ask for
    own_rule: bool  # whether the on-time rule of each source counts in it
    valid: str  # empty: at all times


@dataclass(frozen=True)
class MethodSet:
    """An indicator set."""

    code: str
    title: str
    methods: tuple[Method, ...]


@dataclass(frozen=True)
class FormColumn:
    """A column of a form."""

    code: str
    number: str  # (3)
    heading: str
    formula: str
    missing: str  # why it has no numbers; empty: it has


@dataclass(frozen=True)
class FormWords:
    """A form."""

    layout: Layout
    columns: tuple[FormColumn, ...]
    identities: tuple[str, ...]


@dataclass(frozen=True)
class IndexWords:
    """An index: its groups with their components."""

    index: ScoreSet
    groups: tuple[tuple[Group, tuple[ComponentWords, ...]], ...]


def page(view: View) -> tuple[str, bytes]:
    """Return the page of methods."""
    catalogue = view.catalogue
    layouts = [forms[0].layout for forms in view.content.forms.values() if forms]
    chosen = view.content.history.set_code if view.content.history else None
    least = catalogue.indicator_set(chosen).rank_from_coverage if chosen else Decimal(1)
    return view.page(
        "phuong-phap.html",
        "methods.html.j2",
        "Cách tính",
        sets=[_set(catalogue, own) for own in shown_sets(view)],
        forms=[_form(catalogue, layout) for layout in layouts],
        indexes=[_index(catalogue, index) for index in catalogue.scores.values()],
        on_time=_on_time(catalogue, shown_sets(view)),
        arithmetic=scored.ARITHMETIC,
        quality=definitions() if view.is_internal else None,
        ranked_from=f"{printed(percent(least, Decimal(1)).normalize(), 0)}%",
    )


def shown_sets(view: View) -> list[IndicatorSet]:
    """Return the indicator sets of which any page shows a number: the portal's own first."""
    content = view.content
    codes = [content.history.set_code] if content.history else []
    codes += [table.set_code for table in content.tables]
    codes += sorted({set_code for closed in content.archive for _, set_code, _ in closed.values})
    sets = view.catalogue.indicator_sets
    return [sets[code] for code in dict.fromkeys(codes) if code in sets]


def _set(catalogue: Catalogue, own: IndicatorSet) -> MethodSet:
    return MethodSet(own.code, own.title, tuple(_method(catalogue, one) for one in own.indicators))


def _method(catalogue: Catalogue, indicator: Indicator) -> Method:
    return Method(
        indicator,
        words.formula(catalogue, indicator),
        words.denominator(catalogue, indicator),
        words.rounding(indicator),
        tuple(words.rules(indicator)),
        words.own_rule(catalogue, indicator),
        _valid(indicator.valid_from, indicator.valid_to),
    )


def _valid(start: date, end: date | None) -> str:
    said = [] if start == Indicator.model_fields["valid_from"].default else [f"từ {dated(start)}"]
    return " ".join(said + ([f"đến {dated(end)}"] if end else []))


def _form(catalogue: Catalogue, layout: Layout) -> FormWords:
    columns = tuple(
        FormColumn(
            c.code,
            wording.number(c.code),
            " – ".join(c.heads),
            wording.formula(catalogue, layout, c),
            c.missing,
        )
        for c in layout.columns
    )
    return FormWords(layout, columns, tuple(map(wording.identity, layout.identities)))


def _index(catalogue: Catalogue, index: ScoreSet) -> IndexWords:
    groups = (
        (group, tuple(scored.component(catalogue, index, group, one) for one in group.components))
        for group in index.groups
    )
    return IndexWords(index, tuple(groups))


def _on_time(catalogue: Catalogue, sets: Sequence[IndicatorSet]) -> dict[str, str]:
    """Return the on-time rules in use with their meaning: those of sources, and those that terms ask for."""
    used = {catalogue.profiles[source.profile].on_time_rule for source in catalogue.sources.values()}
    used |= {term.rule for own in sets for one in own.indicators for term in one.terms() if term.rule}
    for index in catalogue.scores.values():
        used |= {term.rule for terms in index.counts.values() for term in terms if term.rule}
    return {code: meaning for code, meaning in words.ON_TIME_RULES.items() if code in used}
