"""A block of landed rows, read by column: each different text once, and what is ordinary all together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from cchc.catalogue.base import DatasetName
from cchc.catalogue.profiles import Profile
from cchc.landing.delivery import Block
from cchc.sources.door.columns import ABSENT, Absent
from cchc.staging import copying, together
from cchc.staging.mapping import Column, compile_columns
from cchc.staging.readers import Unreadable, Value
from cchc.staging.row_hash import BETWEEN, NOTHING, canonical, hash_of
from cchc.warehouse.datasets import TYPES

_Text = str | Absent | None


class StagedBlock(NamedTuple):
    """Canonical rows by column; an unreadable value is null and in `cast_errors`."""

    row_no: Sequence[int]
    page: Sequence[str]
    cast_errors: Sequence[list[str]]  # `ngày tiếp nhận: không đọc được ngày giờ`, never the value
    row_hash: Sequence[bytes]
    fields: Sequence[copying.Column]  # as binary COPY takes them, in the order of `datasets.COLUMNS`


def compile_blocks(dataset: DatasetName, profile: Profile) -> Callable[[Block], StagedBlock]:
    """Return the function that reads landed rows of `dataset`, to what `compile_map` gives of each; raises as it does.

    It raises `OverflowError` for a number that its column cannot hold.
    """
    columns = [
        _Column(column, copying.field(TYPES[dataset][column.name]), profile.zone)
        for column in compile_columns(dataset, profile)
    ]

    def read_block(block: Block) -> StagedBlock:
        size = len(block.row_no)
        errors: list[list[str]] = [[] for _ in range(size)]
        forms: list[copying.Column] = []
        fields: list[copying.Column] = []
        for column in columns:
            read = column.read(block.columns, size, errors)
            forms.append(read.canonical)
            fields.append(read.field)
        while forms and forms[-1] == NOTHING:  # empty values at the end say nothing
            forms.pop()
        parted = [piece for form in forms for piece in (BETWEEN, form)][1:]
        hashes = [hash_of(row) for row in copying.joined(size, parted)] if parted else [hash_of(b"")] * size
        return StagedBlock(block.row_no, block.page, errors, hashes, fields)

    return read_block


class _Written(NamedTuple):
    """The values of a column, written out; what is the same in all rows stands once."""

    canonical: copying.Column
    field: copying.Column


class _Column:
    """How the texts of one column are read and written out."""

    def __init__(self, column: Column, field: copying.Field, zone: str) -> None:
        self._column = column
        self._field = field
        self._together = (
            together.reader(column.field, zone, self._written) if column.field and column.path else None
        )
        self._null = self._written(None)
        self._constant = _Written(*self._written(column.constant)) if column.path is None else None

    def read(
        self, texts_of: Mapping[str, Sequence[_Text]], size: int, errors: Sequence[list[str]]
    ) -> _Written:
        """Return a column's values; what cannot be read is said in `errors`."""
        if self._constant is not None:
            return self._constant
        texts = texts_of.get(self._column.path or "") or (ABSENT,) * size
        different = list(dict.fromkeys(texts))
        read = together.NOTHING_READ
        if self._together is not None:
            read = self._together([text for text in different if text and isinstance(text, str)])
        if len(read.texts) == len(texts):  # each text is another: they are in order
            return _Written(read.canonical, read.fields)
        forms: dict[_Text, bytes] = dict(zip(read.texts, read.canonical, strict=True))
        fields: dict[_Text, bytes] = dict(zip(read.texts, read.fields, strict=True))
        for text in different:
            if text not in forms:
                forms[text], fields[text] = self._alone(text, texts, errors)
        if len(different) == 1:
            return _Written(*forms.values(), *fields.values())
        return _Written(list(map(forms.__getitem__, texts)), list(map(fields.__getitem__, texts)))

    def _alone(self, text: _Text, texts: Sequence[_Text], errors: Sequence[list[str]]) -> tuple[bytes, bytes]:
        """Return what one text says, or null, and then say in all its rows that it cannot be read."""
        try:
            return self._written(self._column.value(text))
        except Unreadable as problem:
            said = self._column.says(problem)
            for at, other in enumerate(texts):
                if other == text and said not in errors[at]:
                    errors[at].append(said)
            return self._null

    def _written(self, value: Value) -> tuple[bytes, bytes]:
        return canonical(value), self._field(value)
