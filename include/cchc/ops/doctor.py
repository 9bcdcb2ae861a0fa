"""Examine an installation: what is well, what is not, and what to do about it. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import fsspec
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Catalogue, Source
from cchc.errors import ConfigurationError
from cchc.ops import surroundings
from cchc.ops.ledger import LONGEST_NIGHT_HOURS
from cchc.ops.surroundings import Finding, names
from cchc.quality import deliveries
from cchc.settings import Settings
from cchc.warehouse import embedded, migrate
from cchc.warehouse.engine import connect, url
from cchc.warehouse.sql import query

_STALE = timedelta(days=2)  # a source this far behind the newest night is named
_NIGHTLY = timedelta(hours=26)
_LONGEST = timedelta(hours=5)  # no night takes longer: a run that is still open was cut off
_SAMPLE = 50  # landing files looked for


def diagnose(settings: Settings, catalogue: Catalogue) -> list[Finding]:
    """Return the findings in the order of the night: catalogue, connections, places, warehouse, what waits.

    A check that cannot be made is a finding too; nothing is raised for what is wrong with the installation.
    """
    findings = [
        surroundings.of_catalogue(catalogue),
        *surroundings.of_sources(catalogue),
        surroundings.of_working_days(settings, datetime.now(ZoneInfo(catalogue.province.zone)).date()),
        *surroundings.of_connections(catalogue),
        *surroundings.of_messages(settings, catalogue),
        surroundings.of_landing(settings),
        surroundings.of_releases(settings),
        *surroundings.of_sites(settings),
        surroundings.of_disk(settings),
    ]
    try:
        engine = _engine(settings)
    except ConfigurationError as error:
        return [*findings, Finding("warehouse", "fail", str(error), "mend what the message names")]
    if engine is None:
        missing = f"there is none yet in {settings.embedded_data}"
        return [*findings, Finding("warehouse", "warn", missing, "`cchc migrate`, then `cchc sync`")]
    try:
        schema = _schema(engine)
        findings.append(schema)
        if schema.level == "ok":
            for check in (_last_run, _cut_off, _held, _waiting, _files):
                findings.extend(check(engine))
            findings.extend(_stale(engine, catalogue))
    except SQLAlchemyError as error:
        # the driver's own text may repeat the address; its class and state say enough
        state = getattr(getattr(error, "orig", None), "sqlstate", None) or "no answer"
        message = f"{engine.url.render_as_string(hide_password=True)}: {type(error).__name__} ({state})"
        findings.append(
            Finding("warehouse", "fail", message, "see that the server runs and CCHC_WAREHOUSE_DSN is right")
        )
    finally:
        engine.dispose()
    return findings


def _engine(settings: Settings) -> Engine | None:
    if settings.warehouse_dsn is not None:
        return connect(url(settings.warehouse_dsn))
    if not (settings.embedded_data / "PG_VERSION").exists():
        return None
    return connect(url(embedded.dsn(settings.embedded_data, "cchc")))


def _schema(engine: Engine) -> Finding:
    found, head = migrate.current(engine), migrate.head()
    if found == head:
        return Finding("warehouse", "ok", f"reachable, at schema {head}")
    message = f"reachable, at schema {found or 'none'}; this product needs {head}"
    return Finding("warehouse", "fail", message, "`cchc migrate`")


def _last_run(engine: Engine) -> Iterator[Finding]:
    with engine.connect() as connection:
        run = connection.execute(query("doctor/last_run")).one_or_none()
    if run is None:
        yield Finding("last night", "warn", "no night ran yet", "`cchc sync`, or start sync_units in Airflow")
        return
    about = f"reporting day {run.reporting_day}, started {run.started_at:%Y-%m-%d %H:%M}"
    if run.state == "running":
        if run.age < _LONGEST:
            yield Finding("last night", "ok", f"{about}, is running")
        else:
            yield Finding(
                "last night", "fail", f"{about}, was cut off", "run the sync again: nothing is doubled"
            )
    elif run.state != "success":
        note = f": {run.note}" if run.note else ""
        yield Finding("last night", "fail", f"{about}, ended {run.state}{note}", "see the sources named")
    elif run.age > _NIGHTLY:
        hours = int(run.age.total_seconds() // 3600)
        yield Finding(
            "last night",
            "warn",
            f"{about}, {hours} hours ago",
            "see that the scheduler runs and sync_units is on",
        )
    else:
        yield Finding("last night", "ok", f"{about}, {run.state}")


def _cut_off(engine: Engine) -> Iterator[Finding]:
    """Name runs whose process was killed: it could not close its run, so what came after it tells."""
    with engine.connect() as connection:
        rows = connection.execute(query("doctor/cut_off"), {"hours": LONGEST_NIGHT_HOURS}).all()
    if not rows:
        yield Finding("open runs", "ok", "none was cut off")
        return
    named = names(
        [f"{row.kind} of {row.reporting_day}, started {row.started_at:%Y-%m-%d %H:%M}" for row in rows]
    )
    yield Finding(
        "open runs",
        "warn",
        f"{len(rows)} still open, though a newer run has ended or {LONGEST_NIGHT_HOURS} hours passed: {named}",
        f"if their processes are gone, nothing: the next run closes what is open for {LONGEST_NIGHT_HOURS} hours",
    )


def _held(engine: Engine) -> Iterator[Finding]:
    rows = deliveries.held(engine)
    if not rows:
        yield Finding("held deliveries", "ok", "none")
        return
    named = names([f"{row.source_code} [{row.dataset}]" for row in rows])
    yield Finding(
        "held deliveries",
        "warn",
        f"{len(rows)}: {named}",
        "see `cchc delivery list` and approve or reject each; the last good data stays until then",
    )


def _waiting(engine: Engine) -> Iterator[Finding]:
    with engine.connect() as connection:
        row = connection.execute(query("doctor/waiting"), {"hours": LONGEST_NIGHT_HOURS}).one()
    if row.open_records:
        message = (
            f"{row.open_records} records of {row.open_units} units wait to be corrected, of all nights, for "
            f"{row.open_faults} faults (rows of the same code are one record; the table of a run counts each row)"
        )
        yield Finding(
            "quarantine", "warn", message, "`cchc quarantine list`; the units correct them at the source"
        )
    else:
        yield Finding("quarantine", "ok", "no record waits to be corrected")
    if row.unsent:
        why = f"; the last try said: {row.mail_error}" if row.mail_error else ""
        yield Finding(
            "mail",
            "warn",
            f"{row.unsent} messages are not sent{why}",
            "see CCHC_SMTP_HOST and the mail server; `cchc alerts send` tries again",
        )
    else:
        yield Finding("mail", "ok", "nothing waits")
    if row.touched and not row.running:
        message = f"{row.touched} days were loaded after the marts were made"
        yield Finding("marts", "fail", message, "`cchc sync` refreshes them")
    else:
        yield Finding("marts", "ok", "in step with the records")


def _files(engine: Engine) -> Iterator[Finding]:
    with engine.connect() as connection:
        ids = connection.execute(query("ops/manifest"), {"most": _SAMPLE}).scalars().all()
        paths = [connection.execute(query("ops/delivery"), {"delivery_id": i}).one().path for i in ids]
    gone = [path for path in paths if not _is_there(path)]
    if gone:
        message = f"{len(gone)} of the newest {len(paths)} are gone: {names(gone, 3)}"
        yield Finding("landing files", "fail", message, "restore them from the backup: replay needs them")
    else:
        yield Finding("landing files", "ok", f"the newest {len(paths)} are there")


def _is_there(path: str) -> bool:
    try:
        files, name = fsspec.core.url_to_fs(path)
        return bool(files.exists(name))
    except Exception:
        return False


def _awaited(catalogue: Catalogue, source: Source) -> set[DatasetName]:
    return {*catalogue.profile_of(source).datasets} - {*source.without}


def _stale(engine: Engine, catalogue: Catalogue) -> Iterator[Finding]:
    with engine.connect() as connection:
        run = connection.execute(query("doctor/last_run")).one_or_none()
        rows = connection.execute(query("doctor/source_days")).all()
    if run is None:
        return
    day: date = run.reporting_day
    complete: dict[str, date] = {}  # a source is as far as the dataset that lags most
    for row in rows:
        source = catalogue.sources.get(row.source_code)
        if source is not None and source.unit == row.unit_code and row.dataset in _awaited(catalogue, source):
            complete[row.source_code] = min(row.complete_to, complete.get(row.source_code, date.max))
    valid = {unit.code for unit in catalogue.units_on(day)}
    due = [s.code for s in catalogue.sources.values() if s.unit in valid and s.history_from <= day]
    never = [code for code in due if code not in complete]
    late = [
        f"{code} ({complete[code]})" for code in due if code in complete and day - complete[code] > _STALE
    ]
    if never or late:
        parts = []
        if late:
            parts.append(f"{len(late)} more than {_STALE.days} days behind: {names(late)}")
        if never:
            parts.append(f"{len(never)} never loaded: {names(never)}")
        yield Finding("sources", "warn", "; ".join(parts), "`cchc source check CODE` shows why")
    else:
        yield Finding("sources", "ok", f"all {len(due)} are up to {day}")
