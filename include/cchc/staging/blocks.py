"""A block of landed rows, read by column: what is ordinary all together, and of the rest each different text once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import NamedTuple

from cchc.catalogue.base import DatasetName
from cchc.catalogue.profiles import Profile
from cchc.landing.delivery import Block
from cchc.sources.door.columns import ABSENT, Absent
from cchc.staging import copying, together
from cchc.staging.mapping import Column, compile_columns
from cchc.staging.readers import Unreadable, Value
from cchc.staging.row_hash import NOTHING, canonical, hash_of
from cchc.warehouse.datasets import TYPES

_Text = str | Absent | None


class StagedBlock(NamedTuple):
    """Canonical rows by column; an unreadable value is null and in `cast_errors`."""

    row_no: Sequence[int]
    page: Sequence[str]
    cast_errors: Mapping[int, Sequence[str]]  # by place, where there are any; as in `StagedRow`
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
    in_one_way: dict[together.ReadTogether, list[_Column]] = {}
    for column in columns:
        if column.together:
            in_one_way.setdefault(column.together, []).append(column)

    def read_block(block: Block) -> StagedBlock:
        size = len(block.row_no)
        texts_of = {column: column.texts(block.columns) for column in columns}
        reads: dict[_Column, together.Read] = {}
        for read_together, of_those in in_one_way.items():
            several = [column for column in of_those if len(texts_of[column]) > 1]
            if several:
                found = read_together([texts_of[column] for column in several])
                reads |= zip(several, found, strict=True)
        errors: dict[int, tuple[str, ...]] = {}
        forms: list[copying.Column] = []
        fields: list[copying.Column] = []
        for column in columns:
            written = column.written(texts_of[column], reads.get(column), size, errors)
            forms.append(written.canonical)
            fields.append(written.field)
        while forms and forms[-1] == NOTHING:  # empty values at the end say nothing
            forms.pop()
        hashes = list(map(hash_of, copying.joined(size, forms)))
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
        self._null = self._written(None)
        self._constant = _Written(*self._written(column.constant)) if column.path is None else None
        self.together = (
            together.reader(column.field, zone, self._written) if column.field and column.path else None
        )

    def texts(self, texts_of: Mapping[str, Sequence[_Text]]) -> Sequence[_Text]:
        """Return the texts of the column; one, if all are the same."""
        texts = texts_of.get(self._column.path or "") or (ABSENT,)
        alike = texts[0] == texts[-1] and texts.count(texts[0]) == len(texts)
        return texts[:1] if alike else texts

    def written(
        self,
        texts: Sequence[_Text],
        read: together.Read | None,
        size: int,
        errors: dict[int, tuple[str, ...]],
    ) -> _Written:
        """Return the column's values; what cannot be read is said in `errors`."""
        if self._constant is not None:
            return self._constant
        left, rest = (read.left, [texts[at] for at in read.left]) if read else (range(size), texts)
        forms, fields, problems = self._alone(set(rest))
        alike = len(texts) == 1
        if problems:
            for at, text in zip(left, repeat(texts[0]) if alike else rest, strict=not alike):
                if text in problems and problems[text] not in (said := errors.get(at, ())):
                    errors[at] = (*said, problems[text])
        if alike:
            return _Written(*forms.values(), *fields.values())
        if not read:
            return _Written(list(map(forms.__getitem__, texts)), list(map(fields.__getitem__, texts)))
        for at, text in zip(left, rest, strict=True):
            read.canonical[at], read.fields[at] = forms[text], fields[text]
        return _Written(read.canonical, read.fields)

    def _alone(
        self, texts: Iterable[_Text]
    ) -> tuple[dict[_Text, bytes], dict[_Text, bytes], dict[_Text, str]]:
        """Return what each text says, in both forms, and of those that cannot be read, which say null, the problem."""
        forms, fields, problems = {}, {}, {}
        for text in texts:
            try:
                forms[text], fields[text] = self._written(self._column.value(text))
            except Unreadable as problem:
                forms[text], fields[text] = self._null
                problems[text] = self._column.says(problem)
        return forms, fields, problems

    def _written(self, value: Value) -> tuple[bytes, bytes]:
        return canonical(value), self._field(value)
