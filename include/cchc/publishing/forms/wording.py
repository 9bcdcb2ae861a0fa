"""What a form's column is made of and must agree with, as officers read it."""

from __future__ import annotations

from cchc.catalogue.indicators import Term
from cchc.catalogue.models import Catalogue
from cchc.indicators import words
from cchc.publishing.forms.layouts import Column, FormTerm, Identity, Layout


def number(code: str) -> str:
    """Return a column's code as it is printed: (8) of c8."""
    return f"({code.removeprefix('c')})"


def form_terms(layout: Layout, column: Column) -> tuple[FormTerm, ...]:
    """Return the terms of a column; of a sum of columns those of all of them."""
    added = [c for c in layout.columns if c.code in column.sum]
    return tuple(term for c in added or [column] for term in c.value)


def as_term(term: FormTerm) -> Term:
    """Return a column's term as an indicator would ask it."""
    return Term.model_validate(
        {
            "measure": term.measure,
            "where": term.where.asked(),
            "at": "start" if term.at == "before" else "end",
            "minus": term.minus,
        }
    )


def title(catalogue: Catalogue, term: FormTerm) -> str:
    """Return a term in words (Vietnamese): `Hồ sơ tiếp nhận, trong kỳ`."""
    own = words.term(catalogue, as_term(term))
    return f"{own}, trong kỳ" if term.at == "within" else own


def formula(catalogue: Catalogue, layout: Layout, column: Column) -> str:
    """Return a column's formula in words (Vietnamese)."""
    if column.missing:
        return "không có"
    made = words.signed((term.minus, title(catalogue, term)) for term in form_terms(layout, column))
    return " + ".join(map(number, column.sum)) + " = " + made if column.sum else made


def identity(own: Identity) -> str:
    """Return what must be equal in every row: `(3) = (4) + (5) + (6)`."""
    return " = ".join(" + ".join(map(number, side)) for side in (own.left, own.right))
