"""Samples are read as their connector will read them, whatever stands above and between the records."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError
from cchc.onboarding.draft import draft
from cchc.onboarding.guess import guess
from cchc.onboarding.read import read
from unit.sources.formats import books, sheets

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


REGISTER = ["STT", "Số hồ sơ", "Mã thủ tục", "Người nộp", "Tình trạng", "Tiếp nhận", "Hẹn trả"]


@pytest.mark.parametrize(
    ("total", "each"), [("Tổng cộng: 30 hồ sơ", 15), ("Tổng cộng: 16 hồ sơ", 8), ("Tổng cộng", 15), ("", 15)]
)
def test_a_register_with_groups_totals_and_signatures_behind_a_cover(
    tmp_path: Path, total: str, each: int
) -> None:
    sample, table = tmp_path / "so.xlsx", [REGISTER]
    for group in ("I", "II"):
        table.append([group, "LĨNH VỰC ĐẤT ĐAI"])
        table += [
            [str(n), f"H{group}{n}", "1.001228", "Nguyễn Văn An", "Đang xử lý", f"{n:02d}/11/2026", ""]
            for n in range(1, each + 1)
        ]
    table += [["", total], [], [*[""] * 5, "Cao Bằng, ngày 20 tháng 11 năm 2026"], ["", "Trần Thị Bình"]]
    sample.write_bytes(sheets.months(("Bìa", [["SỔ THEO DÕI"], ["Năm 2026"]]), ("Sổ", table)))
    found = read(str(sample), "files")
    assert (found.path, len(found.records)) == ("Sổ", 2 * each)
    drafted = draft(found, "files", "dossier", "new-p")
    dossier = Profile.model_validate(yaml.safe_load(drafted)).datasets["dossier"]
    assert dossier.fields["dossier_code"].path == "Số hồ sơ"
    assert dossier.personal == ("Người nộp",)
    assert "Bình" not in drafted
    assert (
        len(sheets.rows(sample.read_bytes(), dossier, **dossier.select)) == 2 * each
    )  # as the connector reads it


@pytest.mark.parametrize(
    ("codes", "role"),
    [
        ([f"H14-{n}" for n in range(30)], "code"),
        ([f"H14-{n}" for n in range(5)], "personal"),
        ([f"Hồ sơ {n}" for n in range(30)], "personal"),
    ],
)
def test_one_name_among_many_codes(codes: list[str], role: str) -> None:
    (found,) = guess([{"Số": text} for text in [*codes, "Trần Thị Bình"]])
    assert found.role == role
    assert "Bình" not in f"{found}"
