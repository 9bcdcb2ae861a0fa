"""Samples are read as their connector will read them, whatever stands above and between the records."""

from __future__ import annotations

from pathlib import Path

import pytest

from cchc.errors import ConfigurationError
from cchc.onboarding.read import read
from unit.sources.formats import books

HEAD = ["Mã hồ sơ", "Tình trạng"]


@pytest.mark.parametrize(
    ("above", "sign"),
    [("\n \nsep=|\n", "|"), ("sep=;\n", ";"), ("\nSỔ THEO DÕI\n\n", "\t"), ("", ",")],
    ids=["sep below empty lines", "sep", "titles", "nothing"],
)
def test_what_stands_above_the_headings_of_a_csv(tmp_path: Path, above: str, sign: str) -> None:
    sample = tmp_path / "so.csv"
    lines = [HEAD, ["H1", "xong"], HEAD, ["H2", "chờ"]]
    sample.write_text(above + "".join(f"{sign.join(line)}\n" for line in lines), "utf-8-sig")
    found = read(str(sample), "files").records
    assert [list(record.items()) for record in found] == [
        list(zip(HEAD, row, strict=True)) for row in (lines[1], lines[3])
    ]


def test_a_csv_that_changes_its_encoding_is_told(tmp_path: Path) -> None:
    sample = tmp_path / "so.csv"
    sample.write_bytes("Mã hồ sơ,Tình trạng\nH1,xong\n".encode("utf-16")[:-1])
    with pytest.raises(ConfigurationError, match=r"sample so\.csv: .*cut off"):
        read(str(sample), "files")


@pytest.mark.parametrize("name", ["so.xlsm", "SO.XLSX"])
def test_a_workbook_under_any_of_its_names(tmp_path: Path, name: str) -> None:
    sample = tmp_path / name
    sample.write_bytes(books.xlsx([HEAD, ["H1", "xong"]]))
    assert read(str(sample), "files").records == [dict(zip(HEAD, ["H1", "xong"], strict=True))]
