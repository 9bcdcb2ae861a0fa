"""Forms as data: columns, what each is made of, and what must add up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from cchc.catalogue.base import Code, Model
from cchc.catalogue.files import read
from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE


class Where(Model):
    """The dossiers a term is about; None: any."""

    channel: Literal["direct", "online", "post", "unknown"] | None = None
    online_level: Literal["1", "2", "3", "4", "partial", "full", "unknown"] | None = None

    def asked(self) -> dict[str, str]:
        """Return the dimensions that are asked for."""
        return {name: value for name, value in self.model_dump().items() if value is not None}

    def any_level(self) -> Where:
        """Return the same dossiers of whatever online level."""
        return self.model_copy(update={"online_level": None})


class FormTerm(Model):
    """A measure, counted in the period or as the balance before it or at its end."""

    measure: str
    at: Literal["before", "within", "through"]
    where: Where = Where()
    minus: bool = False


class Column(Model):
    """One column: a sum of terms, a sum of other columns, or missing with the reason officers read."""

    code: Code
    heads: tuple[str, ...] = Field(min_length=1)  # from the widest heading to the column's own
    number: str  # as printed below the headings: (3)=(4)+(5)+(6)
    value: tuple[FormTerm, ...] = ()
    sum: tuple[Code, ...] = ()
    missing: str = ""
    reported: Code | None = (
        None  # what units call the same number where they state it (core.reported_measure)
    )

    @model_validator(mode="after")
    def _one_way(self) -> Column:
        if sum(map(bool, (self.value, self.sum, self.missing))) != 1:
            raise ValueError(f"column {self.code} has one of value, sum or missing")
        return self


class Identity(Model):
    """Columns whose sums are equal in every row."""

    left: tuple[Code, ...] = Field(min_length=1)
    right: tuple[Code, ...] = Field(min_length=1)


class Level(Model):
    """Rows of the units of one group."""

    group: Literal["department", "commune", "district"]
    title: str


class Layout(Model):
    """One form."""

    code: Code
    number: str
    title: str
    basis: str = ""
    counted: str  # what is counted: Số hồ sơ TTHC
    row_head: str
    no_field: str
    total: str
    levels: tuple[Level, ...] = Field(min_length=1)
    field_titles: dict[str, str] = Field(default_factory=dict)
    columns: tuple[Column, ...] = Field(min_length=1)
    identities: tuple[Identity, ...] = ()
    notes: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_what_is_there(self) -> Layout:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        codes = [c.code for c in self.columns]
        plain = {c.code for c in self.columns if c.value}
        known = {c.code for c in self.columns if not c.missing}
        for code in sorted({c for c in codes if codes.count(c) > 1}):
            yield f"column {code} is there twice"
        for column in self.columns:
            if wrong := [code for code in column.sum if code not in plain]:
                yield f"column {column.code} sums {', '.join(wrong)}, which is no column with a value"
        for identity in self.identities:
            if wrong := [code for code in (*identity.left, *identity.right) if code not in known]:
                yield f"an identity names {', '.join(wrong)}, which is no column with numbers"
        groups = [level.group for level in self.levels]
        if len(groups) != len(set(groups)):
            yield "a level is there twice"

    def terms(self) -> Iterator[FormTerm]:
        """Yield every term of every column."""
        for column in self.columns:
            yield from column.value

    @property
    def sums(self) -> tuple[str, ...]:
        """The columns that others add up to, as themselves or an identity says."""
        totals = {one.left for one in self.identities}
        return tuple(c.code for c in self.columns if c.sum or (c.code,) in totals)

    def told_by(self, columns: Iterable[str]) -> tuple[str, ...]:
        """Return these columns and what the identities tell of others to who knows them."""
        known = set(columns)
        while found := [
            next(iter(left)) for one in self.identities if len(left := {*one.left, *one.right} - known) == 1
        ]:
            known.update(found)
        return tuple(c.code for c in self.columns if c.code in known)

    @cached_property
    def begun(self) -> tuple[tuple[str, str], ...]:
        """Return the sums that begin with a balance, each with its column: what the period before ended with."""
        by_code = {c.code: c for c in self.columns}
        terms = {
            c.code: [t for code in c.sum or (c.code,) for t in by_code[code].value] for c in self.columns
        }
        balances = [code for code, own in terms.items() if own and all(t.at == "before" for t in own)]
        return tuple((s, b) for s in self.sums for b in balances if all(t in terms[s] for t in terms[b]))

    def check(self, catalogue: Catalogue) -> None:
        """Raise `ConfigurationError` where a term asks for what the catalogue's measures cannot answer."""
        for term in self.terms():
            measure = catalogue.measures.get(term.measure)
            if measure is None or measure.dataset != "dossier":
                raise ConfigurationError(
                    f"form {self.code}: {term.measure} is no measure of dossiers; see measures.yaml"
                )
            if (measure.kind == "stock") == (term.at == "within"):
                right = "before or through" if measure.kind == "stock" else "within"
                raise ConfigurationError(
                    f"form {self.code}: {term.measure} is a {measure.kind}: write `at: {right}`"
                )


@cache
def load(directory: Path, code: str) -> Layout:
    """Return a form from the province's `forms/` or the shipped one.

    Raises `ConfigurationError`: for a form that is not there it names those there are.
    """
    there = {
        path.stem for folder in (directory, SHIPPED_CATALOGUE) for path in (folder / "forms").glob("*.yaml")
    }
    if code not in there:
        raise ConfigurationError(f"there is no form {code}; there are: {', '.join(sorted(there))}")
    return read(directory, f"forms/{code}.yaml", f"form {code}", Layout)[0]
