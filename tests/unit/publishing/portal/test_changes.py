"""What revisions changed: a page shows the greatest changes, a file all of them."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

from cchc.publishing.archive import Change
from cchc.publishing.portal import changes, periods
from unit.publishing.portal.made import EVIL, closed, dead_links, opened, revision, view

PAGE, FILE = "ky/2026-11.html", "ky/2026-11-ban-1.csv"


def _many(count: int) -> tuple[Change, ...]:
    """Return so many changes: number n changes by n, one becomes known, one is withheld."""
    made = [
        Change(f"U{n:04}", "province-core", "received", "1.000", f"{1000 + n:,}".replace(",", "."))
        for n in range(count)
    ]
    made[7] = Change("U0007", "province-core", "received", None, "9.999.999")
    made[8] = Change("U0008", EVIL, EVIL, "5", "số nhỏ dưới 5, không công bố riêng")
    return tuple(made)


def test_thousands_of_changes_are_a_page_of_the_greatest_and_a_file_of_all() -> None:
    made = dict(
        periods.pages(
            view("public", archive=(closed(revisions=(revision(1, changes=_many(5000)), revision(0))),))
        )
    )
    assert len(made[PAGE]) < 150_000
    page = opened([(PAGE, made[PAGE])])[PAGE]
    assert "5.000 số đã đổi so với bản trước" in page.text
    assert "Dưới đây là 300 số đổi nhiều nhất, đổi nhiều ở trên; còn 4.700 số nữa." in page.text
    at = page.rows.index(["Đơn vị", "Chỉ số", "Trước", "Sau"])
    listed = page.rows[at + 1 :]
    assert [row[0] for row in listed[:3]] == ["U0007", "U0008", "U4999"]
    assert len(listed) == 300
    assert f"../{FILE}" in page.links
    rows = list(csv.DictReader(io.StringIO(made[FILE].decode("utf-8-sig"))))
    assert (len(rows), rows[7]["after"], rows[7]["title"]) == (5000, "9.999.999", "Hồ sơ tiếp nhận")
    assert rows[8]["set_code"] == "'" + EVIL  # no spreadsheet takes it for a formula


def test_a_few_changes_are_all_on_the_page() -> None:
    made = dict(periods.pages(view(archive=(closed(),))))
    assert FILE not in made
    assert not any(path.endswith(".csv") for path in made)


def test_many_revisions_share_the_page() -> None:
    revisions = tuple(revision(n, changes=_many(120) if n else ()) for n in reversed(range(12)))
    made = dict(periods.pages(view(archive=(closed(revisions=revisions),))))
    assert len(made[PAGE]) < 200_000
    assert sum(path.endswith(".csv") for path in made) == 11
    pages = opened((path, html) for path, html in made.items() if path == PAGE)
    assert [link for link in dead_links(pages, made) if ".csv" in link] == []


def test_a_share_that_fell_is_more_than_a_great_count_that_hardly_changed() -> None:
    sizes = {
        ("95,2%", "87,5%"): "0.077",
        ("1.250", "1.000"): "0.2",
        ("100.000", "100.080"): "0.0008",
        ("0", "0,4"): "0.4",
        (None, "12"): "1",
        ("số nhỏ dưới 5, không công bố riêng", "12"): "1",
        ("99,6–99,9%", None): "0",
    }
    for (before, after), size in sizes.items():
        found = changes.size(Change("SNV", "s", "i", before, after))
        assert round(found, 4) == Decimal(size), (before, after)
