"""The workbooks of a release, from what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from cchc.publishing.forms import workbook as forms_workbook
from cchc.publishing.forms.rows import Form
from cchc.publishing.points import Points
from cchc.publishing.workbooks import documents, index766
from cchc.publishing.workbooks.register_statistics import DocumentStatistics

FOLDER = "bieu-mau"


def files(
    *,
    day: date,
    groups: Mapping[str, str],
    points: Iterable[Points] = (),
    forms: Iterable[Form] = (),
    statistics: DocumentStatistics | None = None,
    withheld: str = "",
) -> dict[str, bytes]:
    """Return the workbooks by path: `bieu-mau/766.xlsx`, `bieu-mau/van-ban.xlsx`, `bieu-mau/ii06a-<UNIT>.xlsx`.

    `groups`: unit code → department, commune …; `day`: the reporting day; `withheld`: the reason of what is known and
    not public.
    """
    made = {f"{FOLDER}/{index_name(of)}.xlsx": index766.render(of, groups, day, withheld) for of in points}
    if statistics is not None:
        made[f"{FOLDER}/van-ban.xlsx"] = documents.render(statistics)
    for form in forms:
        made[f"{FOLDER}/{form.layout.code}-{form.unit_code}.xlsx"] = forms_workbook.render(form)
    return made


def index_name(points: Points) -> str:
    """Return what an index is called in file names: the number of its decision."""
    return points.index.code.removeprefix("qd")
