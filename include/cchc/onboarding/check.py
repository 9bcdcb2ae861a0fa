"""What `cchc source check` tells: how a source's first records are read, and what to mend before the first night."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from cchc.catalogue.models import Catalogue, Source
from cchc.onboarding.draft import UNDECIDED
from cchc.onboarding.mistakes import mistakes
from cchc.onboarding.sample import Sample, sample
from cchc.onboarding.trial import judge
from cchc.quality.rules import KEEP_OUT
from cchc.sources.connector import Resolver, Window
from cchc.sources.door.allow_list import readable_name
from cchc.warehouse import datasets as canonical

Row = dict[str, Any]
Columns = tuple[tuple[str, str], ...]

#: (key, Vietnamese heading) of the tables
ROWS: Columns = (
    ("dataset", "Loại dữ liệu"),
    ("place", "Vị trí trong nguồn"),
    ("record", "Đọc được"),
    ("problems", "Không đọc được"),
)
UNREAD: Columns = (
    ("dataset", "Loại dữ liệu"),
    ("column", "Cột"),
    ("path", "Trường của nguồn"),
    ("value", "Giá trị, hoặc dạng của giá trị (9: chữ số, a: chữ cái)"),
    ("count", "Số bản ghi"),
)
RULES: Columns = (
    ("dataset", "Loại dữ liệu"),
    ("rule_code", "Quy tắc"),
    ("severity", "Mức"),
    ("message", "Nội dung"),
    ("rows", "Số bản ghi"),
    ("place", "Bản ghi đầu tiên"),
)
COST: Columns = (
    ("dataset", "Loại dữ liệu"),
    ("seen", "Đã xem"),
    ("pages", "Số trang"),
    ("kilobytes", "KB"),
    ("seconds", "Giây"),
    ("total", "Nguồn công bố"),
    ("night_seconds", "Mỗi đêm, khoảng giây"),
    ("night_megabytes", "Mỗi đêm, khoảng MB"),
    ("first_seconds", "Lần đầu, khoảng giây"),
    ("first_megabytes", "Lần đầu, khoảng MB"),
)


@dataclass(frozen=True)
class Check:
    """The tables of a check, a sentence about it, notes, and how many records and fields cannot be used as they are."""

    sentence: str
    rows: list[Row]
    unread: list[Row]
    rules: list[Row]
    cost: list[Row]
    notes: list[str]
    problems: int


def check(
    catalogue: Catalogue, source: Source, day: date, resolve: Resolver, limit: int, engine: Engine | None
) -> Check:
    """Read the first pages of the days before `day` (the province's overlap) and judge them; nothing is stored.

    `limit`: rows to show of each dataset. Without an engine no rule is tried, and a note says so. Raises the
    connector's `SourceError` or `ConfigurationError`.
    """
    window = Window(max(source.history_from, day - timedelta(catalogue.province.overlap_days)), day)
    samples = list(sample(catalogue, source, window, resolve, max(limit, 1)).values())
    broken = judge(engine, source, day, window, samples) if engine is not None else []
    seen, bad = sum(s.seen for s in samples), sum(s.bad for s in samples)
    wrong = [
        f"{s.dataset}: hồ sơ kết nối sai: {said}" for s in samples for said in mistakes(s.profile, s.dataset)
    ]
    notes = [*wrong, *_notes(samples)]
    if engine is None:
        notes.append("Chưa thử quy tắc kiểm tra: kho dữ liệu chưa sẵn sàng (chạy cchc migrate)")
    keeps_out = any(found.severity in KEEP_OUT for found in broken)
    return Check(
        f"{window.start:%d/%m/%Y} – {window.end:%d/%m/%Y}, đã xem {seen} bản ghi, {bad} có lỗi",
        [row for s in samples for row in _shown(s, limit)],
        [row for s in samples for row in _unread(s)],
        [found.__dict__ for found in broken],
        [_cost(s, source, window) for s in samples],
        notes,
        bad + sum(s.unstated for s in samples) + keeps_out + len(wrong),
    )


def _local(value: object, zone: ZoneInfo) -> object:
    return f"{value.astimezone(zone):%d/%m/%Y %H:%M}" if isinstance(value, datetime) else value


def _shown(of: Sample, limit: int) -> Iterator[Row]:
    zone = ZoneInfo(of.profile.zone)
    for place, row in of.rows[:limit]:
        named = zip(canonical.COLUMNS[of.dataset], row.values, strict=True)
        yield {
            "dataset": of.dataset,
            "place": place,
            "record": "; ".join(
                f"{name}={_local(value, zone)}" for name, value in named if value is not None
            ),
            "problems": "; ".join(row.cast_errors),
        }


def _unread(of: Sample) -> Iterator[Row]:
    for (column, path, value), count in of.unread.most_common():
        yield {"dataset": of.dataset, "column": column, "path": path, "value": value, "count": count}


def _notes(samples: Iterable[Sample]) -> Iterator[str]:
    for of in samples:
        if of.is_absent:
            yield f"{of.dataset}: nguồn không có sổ này"
        elif not of.seen:
            yield f"{of.dataset}: không có bản ghi"
        if of.refused:
            yield f"{of.dataset}: {of.refused} bản ghi bị từ chối (có dấu độ mật)"
        if of.unstated:
            yield f"{of.dataset}: {of.unstated} bản ghi không nêu độ mật nên không được nhận"
        if of.personal:
            yield f"{of.dataset}: trường cá nhân hoặc văn bản tự do đã bỏ: {', '.join(sorted(of.personal))}"
        if of.unknown:
            yield f"{of.dataset}: trường chưa có trong hồ sơ kết nối: {', '.join(sorted(of.unknown))}"
        if undecided := sorted(_undecided(of)):
            yield f"{of.dataset}: còn UNDECIDED (chưa quyết định) trong hồ sơ kết nối: {', '.join(undecided)}"
        if gone := sorted(_never_seen(of)):
            yield f"{of.dataset}: không bản ghi nào đã xem có trường {', '.join(gone)}"


def _undecided(of: Sample) -> Iterator[str]:
    for name, field in of.profile.datasets[of.dataset].fields.items():
        if UNDECIDED in (field.path, field.constant, *field.formats, *field.choices.values()):
            yield name


def _never_seen(of: Sample) -> Iterator[str]:
    fields = of.profile.datasets[of.dataset].fields.values()
    needed = (field.path for field in fields if field.path and not field.optional and of.seen)
    return (path for path in needed if readable_name(path) not in of.shape.kinds)


def _cost(of: Sample, source: Source, window: Window) -> Row:
    """Return what was read and what a night and the first read will cost, as far as the source lets it be known."""
    row: Row = {
        "dataset": of.dataset,
        "seen": of.seen,
        "pages": of.pages,
        "kilobytes": round(of.bytes / 1000),
        "seconds": f"{of.seconds:.1f}",
        "total": of.total,
    }
    expected = of.seen if of.is_complete else of.total
    if not of.seen or expected is None:
        return row
    days = (window.end - window.start).days + 1
    # a register is read whole each night, whatever the days
    history = 1.0 if of.profile.kind == "files" else ((window.end - source.history_from).days + 1) / days
    pages = max(1, math.ceil(expected / (of.seen / of.pages)))
    for name, times in (("night", 1.0), ("first", max(history, 1.0))):
        row[f"{name}_seconds"] = math.ceil(of.seconds / of.pages * pages * times)
        row[f"{name}_megabytes"] = math.ceil(of.bytes / of.seen * expected * times / 1e6)
    return row
