"""Which workbooks a release has, and that its forms are printed as before."""

from __future__ import annotations

import pytest

from cchc.publishing.workbooks import folder
from unit.publishing.workbooks.made import DAY, EVIL, GROUPS, form, opened, points, row_of, statistics, texts


def test_every_workbook_has_its_place() -> None:
    made = folder.files(
        day=DAY, groups=GROUPS, points=[points()], forms=[form("ii06a"), form("07a")], statistics=statistics()
    )
    paths = ["bieu-mau/766.xlsx", "bieu-mau/van-ban.xlsx", "bieu-mau/ii06a-H14.xlsx", "bieu-mau/07a-H14.xlsx"]
    assert list(made) == paths
    assert all(opened(content).sheetnames for content in made.values())
    assert folder.files(day=DAY, groups=GROUPS) == {}


@pytest.mark.parametrize(("code", "paper"), [("ii06a", 9), ("07a", 8)])
def test_a_form_is_a_table_with_its_head_and_its_notes(code: str, paper: int) -> None:
    made = form(code)
    sheet = opened(folder.files(day=DAY, groups={}, forms=[made])[f"bieu-mau/{code}-H14.xlsx"])[code.upper()]
    assert texts(sheet)[1][0] == made.layout.title
    total = row_of(sheet, made.layout.total)
    assert [cell.value for cell in total[2:]] == [None if c.missing else 1234 for c in made.layout.columns]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value == EVIL} == {"s"}
    assert sheet.page_setup.paperSize == paper
    assert sheet.freeze_panes.startswith("C")
    assert sheet.page_setup.fitToHeight == 0
