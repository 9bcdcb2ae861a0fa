"""How a source's first records are read, without storing anything: for whoever writes or mends a profile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue, Source
from cchc.landing.delivery import LandedRow
from cchc.sources.contract import Resolver, Window
from cchc.sources.door import Door, Refused
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
    records = connect(source, profile, catalogue.host_of(source), resolve).records(window)
    for raw in records:
        if raw.dataset not in doors:
            continue
        seen += 1
        admitted = doors[raw.dataset].admit(raw.payload)
        if isinstance(admitted, Refused):
            refused += 1
            continue
        unknown |= admitted.unknown
        if taken[raw.dataset] < limit:
            taken[raw.dataset] += 1
            row = readers[raw.dataset](LandedRow(seen, raw.place, admitted.fields))
            named = zip(canonical.COLUMNS[raw.dataset], row.values, strict=True)
            rows.append(
                {
                    "dataset": raw.dataset,
                    "place": raw.place,
                    "record": "; ".join(f"{name}={value}" for name, value in named if value is not None),
                    "problems": "; ".join(row.cast_errors),
                }
            )
        if all(count >= limit for count in taken.values()):
            break
    records.close()  # the source's connections are let go even when there is more to read
    notes = [f"{name}: không có bản ghi" for name, count in taken.items() if not count]
    if refused:
        notes.append(f"{refused} bản ghi bị từ chối (có dấu độ mật)")
    if unknown:
        notes.append(f"Trường chưa có trong hồ sơ kết nối: {', '.join(sorted(unknown))}")
    problems = sum(1 for row in rows if row["problems"])
    sentence = f"{window.start:%d/%m/%Y} – {window.end:%d/%m/%Y}, đã xem {seen} bản ghi, {problems} có lỗi"
    return Preview(rows, sentence, notes, problems)
