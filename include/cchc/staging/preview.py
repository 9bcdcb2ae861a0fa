"""How a source's first records are read, without storing anything: for whoever writes or mends a profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue, Source
from cchc.landing.delivery import LandedRow
from cchc.sources.contract import Resolver, Window
from cchc.sources.door.allow_list import Door, Refused
from cchc.sources.registry import connect, datasets
from cchc.staging.mapping import compile_map
from cchc.warehouse import datasets as canonical

#: (key, Vietnamese heading) of a previewed row
COLUMNS = (
    ("dataset", "Loại dữ liệu"),
    ("place", "Vị trí trong nguồn"),
    ("record", "Đọc được"),
    ("problems", "Không đọc được"),
)


@dataclass(frozen=True)
class Preview:
    """The first rows of each dataset, a sentence about them, notes, and how many rows have problems."""

    rows: list[dict[str, Any]]
    sentence: str
    notes: list[str]
    problems: int


def preview(catalogue: Catalogue, source: Source, day: date, resolve: Resolver, limit: int) -> Preview:
    """Read the days before `day` (the province's overlap) until each dataset has `limit` rows, or to the end.

    Raises the connector's `SourceError` or `ConfigurationError`.
    """
    profile = catalogue.profile_of(source)
    wanted = datasets(source, profile)
    doors = {name: Door(profile.datasets[name]) for name in wanted}
    readers = {name: compile_map(name, profile) for name in wanted}
    taken: dict[DatasetName, int] = dict.fromkeys(wanted, 0)
    unknown: set[str] = set()
    rows: list[dict[str, Any]] = []
    seen = refused = 0
    window = Window(max(source.history_from, day - timedelta(catalogue.province.overlap_days)), day)
    pages = connect(source, profile, catalogue.host_of(source), resolve).read(window)
    for page in pages:
        if page.dataset not in doors:
            continue
        for number, payload in enumerate(page.records):
            seen += 1
            admitted = doors[page.dataset].admit(payload)
            if isinstance(admitted, Refused):
                refused += 1
                continue
            unknown |= admitted.unknown
            if taken[page.dataset] < limit:
                taken[page.dataset] += 1
                place = page.place(number)
                row = readers[page.dataset](LandedRow(seen, place, admitted.fields))
                named = zip(canonical.COLUMNS[page.dataset], row.values, strict=True)
                rows.append(
                    {
                        "dataset": page.dataset,
                        "place": place,
                        "record": "; ".join(f"{name}={value}" for name, value in named if value is not None),
                        "problems": "; ".join(row.cast_errors),
                    }
                )
        if all(count >= limit for count in taken.values()):
            break
    pages.close()  # the source's connections are let go even when there is more to read
    notes = [f"{name}: không có bản ghi" for name, count in taken.items() if not count]
    if refused:
        notes.append(f"{refused} bản ghi bị từ chối (có dấu độ mật)")
    if unknown:
        notes.append(f"Trường chưa có trong hồ sơ kết nối: {', '.join(sorted(unknown))}")
    problems = sum(1 for row in rows if row["problems"])
    sentence = f"{window.start:%d/%m/%Y} – {window.end:%d/%m/%Y}, đã xem {seen} bản ghi, {problems} có lỗi"
    return Preview(rows, sentence, notes, problems)
