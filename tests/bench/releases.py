"""A whole release of a province: every unit, the months of its trend, both builds; and the next day's."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from bench import pages
from bench.measure import Times
from cchc.catalogue.models import Catalogue
from cchc.publishing import release
from cchc.publishing.release import Release

RELEASE, AGAIN, NEXT = "a whole release", "the same release again", "the release of the next day"
WRITTEN = "the same files, written and synced"
DAY = date(2026, 11, 13)

Ratio = tuple[str, float, str]


def publish(
    engine: Engine,
    catalogue: Catalogue,
    data: Path,
    size: int,
    rounds: int,
    times: Times,
    say: Callable[[str], None],
) -> list[Ratio]:
    """Publish in an empty folder, again, and for the next day; returns ratios and what is the same file in both."""
    folder = data / "releases"
    shared, seen = 0.0, folder
    for number in range(1, rounds + 1):
        say(f"releases, round {number}, {size:,} dossiers")
        shutil.rmtree(folder, ignore_errors=True)
        first = times.take(RELEASE, size, lambda: _publish(engine, catalogue, DAY, folder))
        again = times.take(AGAIN, size, lambda: _publish(engine, catalogue, DAY, folder))
        assert again.release_id == first.release_id
        following = times.take(
            NEXT, size, lambda: _publish(engine, catalogue, DAY + timedelta(days=1), folder)
        )
        made = seen = Path(first.path)
        times.take(WRITTEN, size, partial(_write, made, data / "written"))
        shared = _same(made, Path(following.path))
    seconds = times.median(RELEASE, size)
    months = catalogue.province.portal.months
    return [
        (f"a whole release, seconds, {months} months", seconds, "< 60 on 2 cores"),
        ("a whole release ÷ writing its files", seconds / times.median(WRITTEN, size), "–"),
        ("share of its files that the next day's release does not write again", shared, "–"),
        *pages.measure(seen / "public"),
    ]


def _publish(engine: Engine, catalogue: Catalogue, day: date, folder: Path) -> Release:
    return release.publish(engine, catalogue, day, None, folder, folder / "anchor")


def _write(files: Path, folder: Path) -> None:
    """Write what a release holds without making any of it: what no way of publishing can do without."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(files, folder, copy_function=shutil.copyfile)
    os.sync()


def _same(first: Path, second: Path) -> float:
    names = [path.relative_to(second) for path in second.rglob("*") if path.is_file()]
    same = sum((first / n).exists() and (first / n).samefile(second / n) for n in names)
    return same / len(names)
