"""What numbers count, as sums of measures: those that count the same are one column, and columns bind each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import lcm

from cchc.catalogue.indicators import Indicator, Term
from cchc.catalogue.models import Catalogue
from cchc.publishing.forms.layouts import FormTerm, Layout
from cchc.publishing.suppression.parts import APART, NOTHING_LEFT
from cchc.publishing.suppression.problem import Bond

_PEOPLE = ("dossier", "petition")  # datasets whose records are each about somebody
_START, _END = " lúc đầu", " lúc cuối"
_TIMES = {"before": _START, "start": _START, "through": _END, "end": _END, "within": ""}
_COUNT = 60.0

Vector = dict[str, Fraction]


def is_about_people(catalogue: Catalogue, terms: Iterable[Term]) -> bool:
    """Return whether terms count records about people: dossiers or petitions, not procedures that have some."""
    return any(
        term.measure is not None
        and term.aggregate == "sum"
        and catalogue.measures[term.measure].dataset in _PEOPLE
        for term in terms
    )


class Columns:
    """The columns of one catalogue: each is named by what it counts."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._parts: dict[str, Vector] = {}
        self._identities: list[dict[str, int]] = []
        self._made: dict[frozenset[str], list[Bond]] = {}
        self._left: dict[frozenset[str], list[tuple[str, Vector]]] = {}
        self._atoms: set[str] = set()  # what the catalogue counts
        self._taken: dict[str, tuple[str, str] | None] = {}
        self._counts: set[str] = set()  # what indicators count, or divide by
        self._shown: set[str] = set()  # the others are differences that nobody prints
        self._balances: set[str] = set()  # measures that do not add up over days

    def of(self, terms: Iterable[Term], *, above: bool = False) -> str:
        """Return the column of a sum of an indicator's terms; `above`: of its numerator."""
        name = self._named((self._atom(term), -1 if term.minus else 1) for term in terms)
        self._shown.add(name)
        if not above:
            self._counts.add(name)
        return name

    def complement(self, share: Indicator) -> str:
        """Return the column of what is in the denominator of a share and not in its numerator."""
        below = [(self._atom(term), -1 if term.minus else 1) for term in share.denominator]
        above = [(self._atom(term), 1 if term.minus else -1) for term in share.numerator]
        return self._named([*below, *above])

    def of_form(self, layout: Layout) -> dict[str, str]:
        """Return the column of each column of a form that has numbers, by its code; learns what must be equal in it."""
        found = {
            c.code: self._named((self._of_form(t), -1 if t.minus else 1) for t in c.value)
            for c in layout.columns
            if c.value
        }
        by_code = {c.code: c.value for c in layout.columns}
        for c in layout.columns:
            if c.sum:
                parts = [term for code in c.sum for term in by_code[code]]
                found[c.code] = self._named((self._of_form(t), -1 if t.minus else 1) for t in parts)
        self._shown.update(found.values())
        for identity in layout.identities:
            bond: dict[str, int] = {}
            for side, codes in ((1, identity.left), (-1, identity.right)):
                for code in codes:
                    bond[found[code]] = bond.get(found[code], 0) + side
            self._identities.append({column: factor for column, factor in bond.items() if factor})
        return found

    def costs(self) -> dict[str, float]:
        """Return what withholding a column costs: a rest that stands nowhere hardly anything, a total more.

        A count of an indicator costs the most: without its denominator a share has not even a range.
        """
        return {
            name: _COUNT if name in self._counts else float(len(parts)) if name in self._shown else 0.1
            for name, parts in self._parts.items()
        }

    def add_up(self, column: str) -> bool:
        """Return whether the numbers of two periods that meet are together that of both."""
        return not self._balances & self._parts[column].keys()

    def vector(self, column: str) -> dict[str, int]:
        """Return what a column counts: how often each measure is in it."""
        return {atom: int(factor) for atom, factor in self._parts[column].items()}

    def of_vector(self, vector: Mapping[str, int]) -> str:
        """Return the column that counts this: what `vector` returned, of a catalogue that may have changed since."""
        self._balances.update(vector.keys() - self._atoms)  # nobody knows any more whether they add up
        return self._named(vector.items())

    def balance(self, column: str) -> tuple[str, str] | None:
        """Return when a balance is taken, at the `start` or `end` of its days, and of what; None: it is none."""
        if column not in self._taken:
            self._taken[column] = self._balance(column)
        return self._taken[column]

    def _balance(self, column: str) -> tuple[str, str] | None:
        parts = self._parts[column].items()
        for when, mark in (("start", _START), ("end", _END)):
            if all(atom.split("[")[0].endswith(mark) for atom, _ in parts):
                return when, " ".join(f"{factor}·{atom.replace(mark, '')}" for atom, factor in parts)
        return None

    def left(self, row: Mapping[str, int]) -> dict[str, int]:
        """Return what parts leave of their whole (`parts.APART`) where a row tells both, as columns nobody prints."""
        columns = frozenset(row)
        if columns not in self._left:
            self._left[columns] = list(self._leave(columns))
        made = {
            name: int(sum(factor * row[column] for column, factor in of.items()))
            for name, of in self._left[columns]
        }
        return {name: value for name, value in made.items() if value >= 0}

    def _leave(self, columns: frozenset[str]) -> Iterator[tuple[str, Vector]]:
        span = _always()
        for column in sorted(columns):
            span.add(column, self._parts[column])
        for whole, parts in APART:
            told = [part for part in parts if span.made_of(dict.fromkeys(part, Fraction(1))) is not None]
            for part in told:  # a part that nobody prints, and two columns tell
                if (name := self._named((atom, 1) for atom in part)) not in columns:
                    yield name, span.made_of(dict.fromkeys(part, Fraction(1))) or {}
            atoms = [(atom, 1) for atom in whole] + [(atom, -1) for part in told for atom in part]
            made = span.made_of({atom: Fraction(factor) for atom, factor in atoms}) if told else None
            if made is not None and (name := self._named(atoms)) not in columns:
                yield name, made

    def bound(self, columns: frozenset[str]) -> list[Bond]:
        """Return independent equations that hold between these columns in every row."""
        if columns not in self._made:
            self._made[columns] = self._bonds(columns)
        return self._made[columns]

    def _bonds(self, columns: frozenset[str]) -> list[Bond]:
        known = _always()  # of the columns, as sums of measures
        order = sorted(columns, key=lambda c: (len(self._parts[c]), c))
        bonds: list[Bond] = [
            {name: factor for name, factor in bond.items() if name}
            for column in order
            if (bond := known.add(column, self._parts[column])) is not None
        ]
        together = _Span()
        for n, bond in enumerate([*bonds, *(i for i in self._identities if i.keys() <= columns)]):
            same = together.add(str(n), {c: Fraction(f) for c, f in bond.items()}) is not None
            if not same and n >= len(bonds):
                bonds.append(bond)
        return bonds

    def _atom(self, term: Term) -> str:
        if term.reported is not None:
            stated = f"{term.reported} {term.part} báo cáo {term.period or ''}"
            self._atoms.add(stated)
            self._balances.add(stated)
            return stated
        stock = self._catalogue.measures[term.measure or ""].kind == "stock"
        asked: Mapping[str, object] = {
            **{str(name): wanted for name, wanted in term.where.items()},
            "needs_result": term.needs_result,
            "among": term.among,
            "aggregate": None if term.aggregate == "sum" else term.aggregate,
            "period": term.period,
        }
        name = _atom(term.counted_as, _TIMES[term.at] if stock else "", asked)
        self._atoms.add(name)
        if stock or any(asked[key] is not None for key in ("needs_result", "among", "aggregate", "period")):
            self._balances.add(name)
        return name

    def _of_form(self, term: FormTerm) -> str:
        name = _atom(term.measure, _TIMES[term.at], term.where.asked())
        self._atoms.add(name)
        if term.at != "within":
            self._balances.add(name)
        return name

    def _named(self, parts: Iterable[tuple[str, int]]) -> str:
        vector: Vector = {}
        for atom, factor in parts:
            vector[atom] = vector.get(atom, Fraction(0)) + factor
        vector = {atom: factor for atom, factor in sorted(vector.items()) if factor}
        name = name_of(vector)
        self._parts[name] = vector
        return name


def name_of(vector: Mapping[str, Fraction | int]) -> str:
    """Return the name of the column that counts this: how often each measure."""
    return " ".join(
        f"{'+' if factor > 0 else '-'}{abs(factor)}·{atom}" for atom, factor in sorted(vector.items())
    )


def _atom(measure: str, at: str, asked: Mapping[str, object]) -> str:
    if (measure, asked.get("channel"), asked.get("online_level")) == ("received", "online", None):
        measure, asked = "received_online", {**asked, "channel": None}  # it has a measure of its own
    which = ",".join(f"{key}={value}" for key, value in sorted(asked.items()) if value is not None)
    return f"{measure}{at}" + (f"[{which}]" if which else "")


class _Span:
    """Vectors as they come, reduced by those before them."""

    def __init__(self) -> None:
        self._rows: dict[
            str, tuple[Vector, Vector]
        ] = {}  # by leading part: the vector, and what it is a sum of

    def add(self, name: str, vector: Mapping[str, Fraction]) -> Bond | None:
        """Take in a vector; return how it and those before it add up to nothing, None where they do not."""
        left, made = self._reduced(name, vector)
        if left:
            self._rows[min(left)] = (left, made)
            return None
        whole = lcm(*(factor.denominator for factor in made.values()))
        return {column: int(factor * whole) for column, factor in made.items()}

    def made_of(self, vector: Mapping[str, Fraction]) -> Vector | None:
        """Return how often each vector is in this one, None where it is no sum of them."""
        left, made = self._reduced("", vector)
        return None if left else {name: -factor for name, factor in made.items() if name}

    def _reduced(self, name: str, vector: Mapping[str, Fraction]) -> tuple[Vector, Vector]:
        left, made = dict(vector), {name: Fraction(1)}
        while left and (lead := min(left)) in self._rows:
            other, other_made = self._rows[lead]
            times = left[lead] / other[lead]
            left, made = _less(left, other, times), _less(made, other_made, times)
        return left, made


def _always() -> _Span:
    """Return a span of what is always nothing, under no name."""
    span = _Span()
    for vector in NOTHING_LEFT:
        span.add("", {atom: Fraction(factor) for atom, factor in vector.items()})
    return span


def _less(one: Vector, other: Vector, times: Fraction) -> Vector:
    found = dict(one)
    for key, value in other.items():
        rest = found.get(key, Fraction(0)) - times * value
        if rest:
            found[key] = rest
        else:
            found.pop(key, None)
    return found
