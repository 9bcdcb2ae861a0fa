"""Read the figures of a release or of a closed revision, as they were published; nothing is counted anew."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from cchc.catalogue.models import Catalogue, Publication
from cchc.errors import ConfigurationError
from cchc.indicators import inspections, periods
from cchc.indicators.inspections import Register
from cchc.indicators.periods import Period
from cchc.publishing import revisions
from cchc.publishing.content import Content
from cchc.publishing.reports import kept, model
from cchc.publishing.reports.figures import (
    Edition,
    Figure,
    Key,
    Silent,
    of_components,
    of_points,
    of_row,
    of_value,
)
from cchc.publishing.reports.sql import query
from cchc.publishing.sql import query as published
from cchc.settings import settings

_LIST = "`cchc release list` shows the releases"


def before(period: Period) -> Period | None:
    """Return the named period of the same kind just before; None of a range, which has none."""
    if ".." in period.label:
        return None
    if "-W" in period.label:
        return periods.week_of(date.fromordinal(period.start.toordinal() - 1), period.calendar)
    year, _, part = period.label.partition("-")
    kinds = (("Q1", "Q2", "Q3", "Q4"), ("H1", "H2"), tuple(f"{month:02}" for month in range(1, 13)))
    for kind in kinds:
        if part in kind:
            place = kind.index(part)
            label = f"{year}-{kind[place - 1]}" if place else f"{int(year) - 1}-{kind[-1]}"
            return periods.parse(label, period.calendar)
    return periods.parse(
        f"{int(year) - 1}{'-' if part else ''}{part}", period.calendar
    )  # nine months, the year


def is_whole(period: Period) -> bool:
    """Return whether a period has all the days of its name: that of a running month has not."""
    return periods.parse(period.label, period.calendar).end == period.end


def of_release(
    connection: Connection,
    catalogue: Catalogue,
    period: Period,
    release_id: str | None = None,
    main_set: str | None = None,
) -> Edition:
    """Return the figures of a release over exactly the days of a period.

    Default: the newest that has the period of `main_set`, which a report is about first of all (a publication may have
    other sets of the same days later on), else the newest that has the period.
    Points and the names of silent sources are read from the release's own folder, where it is still there.
    Raises `ConfigurationError` for a release that does not exist or has nothing of the period.
    """
    found = _releases(connection, period, release_id, main_set)
    if not found:
        _no_release(connection, period, release_id)
    head = found[0]
    span = {"release_id": head.release_id, "period_from": period.start, "period_to": period.end}
    rows = connection.execute(query("release_values"), span)
    figures = {figure.key: figure for figure in map(of_row, rows)}
    points, silent = kept.load(Path(head.path), period)
    figures |= {figure.key: figure for figure in points}
    return Edition(
        name=f"bản phát hành {head.release_id}",
        sha256=head.content_sha256,
        day=head.reporting_day,
        period=period,
        figures=figures,
        expected=head.sources_expected,
        complete=head.sources_fresh,
        silent=silent,
    )


def of_publication(
    connection: Connection, catalogue: Catalogue, publication: Publication, release_id: str | None = None
) -> Edition:
    """Return the figures of a release (default the newest) over the period that a publication of it is about.

    Raises `ConfigurationError` as `of_release` does, and where nothing has been published.
    """
    rows = connection.execute(published("releases"), {"release_id": release_id}).all()
    if not rows:
        what = f"there is no release {release_id}" if release_id else "nothing has been published yet"
        raise ConfigurationError(f"{what}: {_LIST}, `cchc publish` makes one")
    newest = rows[0]
    period = periods.of_publication(publication.period, newest.reporting_day)
    return of_release(connection, catalogue, period, newest.release_id)


def _of_closed(connection: Connection, catalogue: Catalogue, period: Period, head: Row[Any]) -> Edition:
    """Return the figures of a closed revision, `head` being its row."""
    key = {"calendar": head.calendar, "period": head.period, "revision": head.revision}
    rows = revisions.values_of(connection, head).values()
    figures = {figure.key: figure for figure in map(of_row, rows)}
    for index in catalogue.scores.values():
        for version in index.versions:
            figures |= {figure.key: figure for figure in of_components(index, version, figures)}
    return Edition(
        name=f"bản chốt số liệu kỳ {revisions.name_of(head)} (bản {head.revision})",
        sha256=str(connection.execute(query("revision_hash"), key).scalar_one()),
        day=head.reporting_day,
        period=period,
        figures=figures,
        expected=head.sources_expected,
        complete=head.sources_complete,
    )


def of_period(
    connection: Connection,
    catalogue: Catalogue,
    period: Period,
    release_id: str | None = None,
    main_set: str | None = None,
) -> Edition:
    """Return the figures of a period: of the release that is named, else of its newest closed revision or release.

    `main_set`: as for `of_release`. Raises `ConfigurationError` where neither has the period.
    """
    if release_id is None and (closed := revisions.of_days_on(connection, period)):
        return _of_closed(connection, catalogue, period, closed[0])
    return of_release(connection, catalogue, period, release_id, main_set)


def month_before(connection: Connection, catalogue: Catalogue, day: date) -> Edition | None:
    """Return what the report of a release of `day` is compared with; None where its report month is not over."""
    main_set = model.report(settings().catalogue, "periodic").indicator_set
    return _before(connection, catalogue, periods.of_publication("report_month", day), main_set)


def earlier(
    connection: Connection, catalogue: Catalogue, edition: Edition, main_set: str | None = None
) -> Edition | None:
    """Return the figures of the period before, to compare with; None where it was neither closed nor published.

    A part of a period is not compared with a whole one. `main_set`: as for `of_release`.
    """
    return _before(connection, catalogue, edition.period, main_set)


def _before(
    connection: Connection, catalogue: Catalogue, own: Period, main_set: str | None
) -> Edition | None:
    period = before(own)
    if period is None or not is_whole(own):
        return None
    if closed := revisions.of_days_on(connection, period):
        return _of_closed(connection, catalogue, period, closed[0])
    if not _releases(connection, period, None, main_set):
        return None
    return of_release(connection, catalogue, period, main_set=main_set)


def register(
    connection: Connection, catalogue: Catalogue, units: Collection[str], edition: Edition
) -> Register:
    """Return what inspections found about units up to the last day of an edition's period."""
    return inspections.register(connection, catalogue, units, min(edition.period.end, edition.day))


def of_content(content: Content, catalogue: Catalogue, period: Period, name: str) -> Edition:
    """Return the figures of content that is being released, over a period; `name` is that of its data edition."""
    figures: dict[Key, Figure] = {}
    for table in content.tables:
        if (table.period.start, table.period.end) == (period.start, period.end):
            figures |= {f.key: f for row in table.rows for f in map(of_value, row.values)}
    for own in content.points:
        if (own.period.start, own.period.end) == (period.start, period.end):
            for version, parts in own.parts.items():
                figures |= {f.key: f for f in of_points(own.index, version, parts)}
    return Edition(
        name=f"dữ liệu {name}",
        sha256="",
        day=content.day,
        period=period,
        figures=figures,
        expected=len(content.sources),
        complete=content.fresh,
        silent=tuple(Silent.of(s.title, s.unit_name, s.problem) for s in content.sources if not s.is_fresh),
    )


def _releases(
    connection: Connection, period: Period, release_id: str | None, main_set: str | None
) -> list[Row[Any]]:
    span = {
        "release_id": release_id,
        "period_from": period.start,
        "period_to": period.end,
        "set_code": main_set,
    }
    return list(connection.execute(query("releases_of_period"), span))


def _no_release(connection: Connection, period: Period, release_id: str | None) -> None:
    days = f"{period.label} ({period.start} to {period.end})"
    if release_id is None:
        raise ConfigurationError(
            f"period {days} is not closed and no release has numbers of exactly these days: close it "
            f"(`cchc period close {period.label} --by NAME`), or publish it (publications in province.yaml)"
        )
    there = connection.execute(published("releases"), {"release_id": release_id}).first()
    raise ConfigurationError(
        f"there is no release {release_id}: {_LIST}"
        if there is None
        else f"release {release_id} has no numbers of exactly the period {days}: name another one; {_LIST}"
    )
