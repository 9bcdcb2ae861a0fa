"""A small province whose figures stand in a hand-made edition: the numbers of the inspected unit, and two communes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from cchc.catalogue.files import parsed
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.publishing.reports.figures import Edition, Figure
from cchc.settings import SHIPPED_CATALOGUE

UNIT = "SGDDT"

#: code, as printed, numerator and denominator: the article's numbers in its order.
ARTICLE = (
    ("received", "11.999"),
    ("received-one-stop", "1.237"),
    ("received-direct", "10.762"),
    ("finished-on-time", "11.801"),
    ("finished-early", "194"),
    ("finished-late", "4"),
    ("closed-without-result", "0"),
    ("procedures-reviewed-share", "100%", 125, 125),
    ("shorter-term-share", "42%", 52, 125),
    ("units-on-document-system", "100%"),
    ("documents-in", "8.619"),
    ("documents-in-electronic", "8.613"),
    ("documents-out", "2.412"),
    ("documents-out-electronic-only", "2.383"),
    ("documents-out-parallel", "29"),
    ("documents-out-signed", "2.299"),
    ("documents-out-signed-share", "95,3%", 2299, 2412),
    ("staff-official-mail", "100%"),
    ("procedures-level-4", "84"),
    ("procedures-term-cut-2019", "75%"),
    ("shortest-term", "1 ngày làm việc"),
    ("procedures-with-dossiers", "13"),
    ("received-by-post", "11.727"),
    ("received-by-post-share", "97,7%", 11727, 11999),
)

#: SHA-256, cut, of every sentence of six or more words of the article: none of ours may be one of them.
ARTICLE_SENTENCES = """
df8a96da72 4e7b6e53b0 2627f5c74f 8a01cbb352 079c4c48ca 3e0f3c1e80 561ec39f0e 27cb9b51d1 3e62c6c20b
2c52b2689f 15b199069b 56e792d1fd 80dcb0d201 24676c297d bc7fc5fb06 cc95bcf396 8423a97182 0a996526c1
e3e4d1ca49 aaac8dbb86 763072e41d 8a8ba3a4d4 7eb873391a 641a361b01 bf483123ec 7b197cc39c 58b43275e2
302d189f98 ad5011a362 cf16d92edc 6af28c999f 201a27671e 0b9a18fede 48bcc6421a 842d010b3e 4b6020e36b
6f062c83a1 5ed7d63418 26982feaf9 fe02ce7650 99ae12dd3e
"""


def catalogue() -> Catalogue:
    """Return a province of one department and three communes, with the shipped indicators."""

    def unit(code: str, name: str, group: str) -> dict[str, object]:
        return {"code": code, "name": name, "group": group, "valid_from": date(2020, 1, 1)}

    folder = SHIPPED_CATALOGUE / "indicators"
    return Catalogue.model_validate(
        {
            "province": {"code": "H14", "name": "Tỉnh Cao Bằng", "publications": []},
            "units": [
                unit("H14", "Tỉnh Cao Bằng", "province"),
                unit(UNIT, "Sở Giáo dục và Đào tạo", "department"),
                *(unit(f"0000{n}", f"Xã {n}", "commune") for n in (1, 2, 3)),
            ],
            "edges": [],
            "hosts": {},
            "profiles": {},
            "sources": {},
            "measures": {m["code"]: m for m in parsed(SHIPPED_CATALOGUE / "measures.yaml")},
            "indicator_sets": {
                name: parsed(folder / f"{name}.yaml") for name in ("seed-2022", "province-core", "cong-vu")
            },
        }
    )


def figure(
    code: str,
    shown: str | None,
    above: int | None = None,
    below: int | None = None,
    *,
    unit: str = UNIT,
    set_code: str = "seed-2022",
    coverage: str | None = "1",
    reason: str = "các nguồn không ghi",
) -> Figure:
    """Return a figure as a release has it; `shown` None: a missing one."""
    number = (
        None if shown is None else Decimal(shown.split(" ")[0].rstrip("%").replace(".", "").replace(",", "."))
    )
    parts = (None if part is None else Decimal(part) for part in (above, below))
    covered = None if coverage is None else Decimal(coverage)
    return Figure(unit, set_code, code, number, *parts, shown, reason if shown is None else None, covered)


def edition(
    figures: Iterable[Figure], period: str = "2022-01-01..2022-10-13", name: str = "bản phát hành X"
) -> Edition:
    """Return figures as one release has them."""
    span = periods.parse(period)
    return Edition(name, "f" * 64, span.end, span, {f.key: f for f in figures}, expected=4, complete=3)


def of_article() -> Edition:
    """Return the article's numbers."""
    return edition(figure(*row) for row in ARTICLE)
