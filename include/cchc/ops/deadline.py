"""Notice a night that did not run: independent of the scheduler, the outbox and, if need be, the warehouse.

To be called by the machine's own clock (cron, a systemd timer, the monitoring) some minutes after the hour by which
the night is to be done. What was told is in a small file in CCHC_HOME, so that nobody is told twice a morning.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cchc.alerting import direct
from cchc.catalogue.models import Catalogue
from cchc.errors import CchcError, ConfigurationError
from cchc.ops.surroundings import Finding
from cchc.settings import Settings
from cchc.warehouse import embedded
from cchc.warehouse.engine import connect, url
from cchc.warehouse.sql import query

_SECONDS = 30.0  # for the warehouse's answer: one that hangs is one that cannot be reached
_CHECK = "night"


@dataclass(frozen=True)
class Missed:
    """Why a night is not done: in English for the engineer at the terminal, in Vietnamese for the message."""

    message: str
    words: str


def check(settings: Settings, catalogue: Catalogue, deadline: time, now: datetime) -> list[Finding]:
    """Return whether the night of the day before `now` (local, with its zone) was done by `deadline`.

    Before the deadline the night before that is looked for. Where it was not done the engineers of the province are
    told over their own channels, each at most once a morning, and the findings say who was.
    """
    due = now.date() if now.time() >= deadline else now.date() - timedelta(days=1)
    day = due - timedelta(days=1)
    missed = _missed(settings, catalogue, day)
    if missed is None:
        return [Finding(_CHECK, "ok", f"reporting day {day} is done")]
    action = "docs/runbooks/night_did_not_run.md"
    finding = Finding(
        _CHECK, "fail", f"reporting day {day}, due by {deadline:%H:%M}: {missed.message}", action
    )
    return [finding, *_tell(settings, catalogue, day, deadline, missed)]


def _missed(settings: Settings, catalogue: Catalogue, day: date) -> Missed | None:
    """Return why the night of a reporting day is not done, or None where it is."""
    answer: list[Missed | None] = []
    asking = threading.Thread(target=lambda: answer.append(_ask(settings, catalogue, day)), daemon=True)
    asking.start()
    asking.join(_SECONDS)
    if not answer:
        return Missed(f"the warehouse gave no answer in {_SECONDS:.0f} seconds", "kho dữ liệu không trả lời")
    return answer[0]


def _ask(settings: Settings, catalogue: Catalogue, day: date) -> Missed | None:
    try:
        engine = _engine(settings)
    except CchcError as error:
        return Missed(str(error), "kho dữ liệu chưa được cấu hình đúng")
    if engine is None:
        return Missed(f"there is no warehouse in {settings.embedded_data}", "chưa có kho dữ liệu")
    try:
        with engine.connect() as connection:
            runs = connection.execute(query("doctor/nights"), {"day": day}).all()
    except SQLAlchemyError as error:
        # the driver's own text may repeat the address; its class and state say enough
        state = getattr(getattr(error, "orig", None), "sqlstate", None) or "no answer"
        return Missed(
            f"the warehouse cannot be used: {type(error).__name__} ({state})",
            "không kết nối được kho dữ liệu",
        )
    finally:
        engine.dispose()
    return _judged(catalogue, day, runs)


def _judged(catalogue: Catalogue, day: date, runs: Sequence[Any]) -> Missed | None:
    """Return why the runs of a day make no night; one source that was read by hand does not."""
    expected = catalogue.expected_on(day)
    read = {code for run in runs if run.is_done for code in run.sources}
    done = any(run.is_done for run in runs)
    if done and len(expected - read) <= catalogue.province.allowed_failures(len(expected)):
        return None
    run = next((run for run in runs if not run.is_done), None)
    if run is None and not done:
        return Missed("no night was started", "đợt đồng bộ chưa bắt đầu")
    if run is None:
        count = f"{len(expected & read)}/{len(expected)}"
        return Missed(f"only {count} of the expected sources were read", f"mới đồng bộ {count} nguồn")
    local = run.started_at.astimezone(ZoneInfo(catalogue.province.zone))
    begun, at = f"{local:%H:%M %d/%m/%Y}", f"{local:%Y-%m-%d %H:%M}"
    if run.state == "running":
        return Missed(f"still running since {at}", f"đợt đồng bộ chạy từ {begun} chưa xong")
    return Missed(f"broke off, started {at}", f"đợt đồng bộ chạy từ {begun} bị ngắt")


def _engine(settings: Settings) -> Engine | None:
    if settings.warehouse_dsn is not None:
        return connect(url(settings.warehouse_dsn))
    if not (settings.embedded_data / "PG_VERSION").exists():
        return None
    return connect(url(embedded.dsn(settings.embedded_data, "cchc")))


def _tell(
    settings: Settings, catalogue: Catalogue, day: date, deadline: time, missed: Missed
) -> Iterator[Finding]:
    province = catalogue.province
    subject = f"[CCHC] KHẨN: đợt đồng bộ đêm chưa xong – {day:%d/%m/%Y}"
    text = (
        f"{province.name}: đến {deadline:%H:%M} chưa có kết quả đồng bộ của ngày báo cáo {day:%d/%m/%Y}: "
        f"{missed.words}.\n\nCần làm: chạy `cchc doctor`, rồi theo hướng dẫn night_did_not_run.\n"
    )
    if not province.engineers:
        yield Finding("told", "fail", "province.yaml names no engineers", "enter them: nobody is told")
    with _remembered(settings.home / "deadline.json", day) as done:
        if done:
            yield Finding("told", "ok", f"{len(done)} messages went out earlier this morning")
        try:
            told = direct.tell(
                province.engineers,
                "deadline",
                day.isoformat(),
                subject,
                text,
                settings.smtp,
                settings.notify,
                done=done,
            )
        except ConfigurationError as error:
            yield Finding("told", "fail", str(error), "mend the variable named")
            return
        done += [one.key for one in told if not one.problem]
    for one in told:
        check_ = f"told {one.recipient} by {one.channel}"
        if one.problem:
            yield Finding(check_, "fail", one.problem, "`cchc alerts test --to` tries it")
        else:
            yield Finding(check_, "ok", "sent")


@contextmanager
def _remembered(path: Path, day: date) -> Iterator[list[str]]:
    """Return the keys of the messages told about a reporting day; what is added is kept. One caller at a time.

    Where the file cannot be written the caller tells all the same: twice is better than never.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError:
        yield []
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        done = _read(file.read(), day)
        yield done
        with suppress(OSError):
            file.seek(0)
            file.truncate()
            json.dump({"day": day.isoformat(), "told": done}, file)
            file.flush()
            os.fsync(file.fileno())


def _read(text: str, day: date) -> list[str]:
    try:
        found: Any = json.loads(text)
    except ValueError:  # new, or cut off
        return []
    if not isinstance(found, dict) or found.get("day") != day.isoformat():
        return []
    return [key for key in found.get("told", []) if isinstance(key, str)]
