"""Reports: the periodic report of the province and the report of a unit, as Word, PDF or text.

Every number in them is a figure of a release or of a closed revision, or follows from such figures and is listed as
that; a figure that is not there is said to be missing, with the reason, and is never a zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine

from cchc.catalogue.models import Catalogue, Publication
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.indicators.compute import subject_of
from cchc.indicators.inspections import Register
from cchc.indicators.periods import Period
from cchc.publishing.content import Content
from cchc.publishing.reports import document, model, reading
from cchc.publishing.reports.figures import Edition
from cchc.publishing.reports.narrative import Narrative, tell
from cchc.settings import settings

__all__ = ["Edition", "Narrative", "files", "periodic", "told", "unit"]

PATH = "bao-cao/bao-cao-cchc.docx"  # of the periodic report in a release


def unit(
    engine: Engine, catalogue: Catalogue, unit_code: str, publication: str, release_id: str | None = None
) -> Narrative:
    """Return the report of a unit with the figures of a publication in a release (default the newest).

    Raises `ConfigurationError` for a unit, a publication or a release that does not exist, and for a unit that the
    publication is not about.
    """
    chosen = next((p for p in catalogue.province.publications if p.code == publication), None)
    if chosen is None:
        there = ", ".join(p.code for p in catalogue.province.publications)
        raise ConfigurationError(f"there is no publication {publication}; province.yaml has: {there}")
    if all(u.code != unit_code for u in catalogue.units):
        raise ConfigurationError(f"unit {unit_code} is not in units.yaml")
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        edition = reading.of_publication(connection, catalogue, chosen, release_id)
        previous = reading.earlier(connection, catalogue, edition, chosen.indicator_set)
        register = reading.register(connection, catalogue, [unit_code], edition)
    stated = any(key[:2] == (unit_code, chosen.indicator_set) for key in edition.figures)
    if not stated or not _is_about(catalogue, chosen, unit_code):
        raise ConfigurationError(
            f"{edition.name} has no numbers of unit {unit_code} in publication {publication} ({chosen.title})"
        )
    main_set = chosen.indicator_set
    return told(catalogue, "unit", edition, previous, subject=unit_code, main_set=main_set, register=register)


def _is_about(catalogue: Catalogue, publication: Publication, unit_code: str) -> bool:
    if isinstance(publication.units, tuple):
        return unit_code in publication.units
    return f"{catalogue.unit(unit_code).group}s" == publication.units


def periodic(
    engine: Engine, catalogue: Catalogue, period: Period, release_id: str | None = None
) -> Narrative:
    """Return the province's report of a period: its newest closed revision, or a release that has exactly its days.

    Raises `ConfigurationError` where neither is there.
    """
    main_set = model.report(settings().catalogue, "periodic").indicator_set
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        edition = reading.of_period(connection, catalogue, period, release_id, main_set)
        previous = reading.earlier(connection, catalogue, edition, main_set)
        members = subject_of(catalogue, catalogue.province.code, period).members
        register = reading.register(connection, catalogue, members, edition)
    subject = catalogue.province.code
    return told(catalogue, "periodic", edition, previous, subject=subject, register=register)


def told(
    catalogue: Catalogue,
    code: str,
    edition: Edition,
    previous: Edition | None,
    *,
    subject: str,
    main_set: str | None = None,
    register: Register | None = None,
    directory: Path | None = None,
) -> Narrative:
    """Return a report of the catalogue (`unit`, `periodic`) about `subject` with the figures of an edition."""
    directory = directory or settings().catalogue
    report = model.report(directory, code)
    return tell(
        report,
        model.phrases(directory),
        catalogue,
        edition,
        previous,
        subject=subject,
        main_set=report.indicator_set or main_set or "",
        code=code,
        register=register,
    )


def files(
    content: Content, catalogue: Catalogue, name: str, previous: Edition | None = None
) -> Mapping[str, bytes]:
    """Return the periodic report of the report month, as files of the release that is being made of `content`.

    `name`: of the data edition, for the release's own is not known inside it. `previous`: the month before, as
    `reading.month_before` returns it; without it nothing is compared. No file where no publication has numbers of the
    province for the report month.
    """
    period = periods.of_publication("report_month", content.day)
    edition = reading.of_content(content, catalogue, period, name)
    if not any(code == content.province_code for code, _, _ in edition.figures):
        return {}
    subject, register = content.province_code, content.inspections
    narrative = told(catalogue, "periodic", edition, previous, subject=subject, register=register)
    return {PATH: document.render(narrative, *document.template(settings().catalogue))}
