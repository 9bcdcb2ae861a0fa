from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue.load import load
from cchc.landing.delivery import Block, LandedRow
from cchc.settings import SHIPPED_CATALOGUE
from cchc.staging.mapping import compile_blocks, compile_map, row_hash
from cchc.staging.readers import _parsed

SPEAKS = load(SHIPPED_CATALOGUE).profiles["opencps-2"]

texts = st.none() | st.sampled_from(
    ["", "done", "no such", "01/11/2026 08:30:00", "31/02/2026", "⟦masked:name⟧", "2"]
)
rows = st.lists(
    st.dictionaries(
        st.sampled_from(
            [
                "dossierNo",
                "serviceCode",
                "dossierStatus",
                "receiveDate",
                "dueDate",
                "releaseDate",
                "viaPostal",
            ]
        ),
        texts,
    ),
    min_size=1,
    max_size=5,
)


@given(rows)
def test_rows_are_read_together_as_they_are_one_by_one(fields: list[dict[str, str | None]]) -> None:
    landed = [LandedRow(number, f"page {number}", one) for number, one in enumerate(fields, 1)]
    block = compile_blocks("dossier", SPEAKS)(Block.of(landed))
    single = list(map(compile_map("dossier", SPEAKS), landed))
    assert list(block.cast_errors) == [row.cast_errors for row in single]
    assert list(zip(*block.columns, strict=True)) == [row.values for row in single]
    assert list(block.row_hash) == [row_hash(row.values) for row in single]
    assert list(Block.of(landed).rows()) == landed


FORMATS = ["%d/%m/%Y %H:%M:%S", "%d/%m/%Y", "%m/%d/%Y", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d"]


@given(
    st.from_regex(r"[0-4]\d/[01]\d/(20\d\d|0000)( [0-2]\d:[0-6]\d:[0-6]\d)?", fullmatch=True),
    st.lists(st.sampled_from(FORMATS), unique=True).map(tuple),
)
def test_common_dates_are_read_as_strptime_reads_them(text: str, formats: tuple[str, ...]) -> None:
    wanted = None
    for form in formats:
        try:
            wanted = datetime.strptime(text, form)  # noqa: DTZ007
            break
        except ValueError:
            continue
    assert _parsed(text, formats) == wanted
