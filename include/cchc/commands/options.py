"""What several commands share: options, the codes they check, and how they speak to the person at the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.markup import escape
from sqlalchemy import Engine

from cchc import night
from cchc.catalogue.models import Catalogue, Source
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.publishing import revisions
from cchc.warehouse import marts

err = Console(stderr=True)

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print.",
)
CALENDAR = click.option(
    "--calendar",
    type=click.Choice(["report", "calendar"]),
    default="report",
    show_default=True,
    help="report: 15th to 14th (NĐ 09/2019); calendar: calendar months.",
)
PERIOD = click.option(
    "--period", required=True, help="2022-01-01..2022-10-13, 2026-11, 2026-Q3, 2026-H1, 2026 or 2026-W47."
)


def _day(_context: click.Context, _parameter: click.Parameter, text: str | None) -> date:
    today = datetime.now(ZoneInfo(night.catalogue().province.zone)).date()
    if text is None:
        return today - timedelta(days=1)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a day: write 2026-11-14") from None
    if day > today:  # a release of it would stay the current one until that day has come
        raise ConfigurationError(f"the reporting day {day} is still to come: today is {today}")
    return day


DAY = click.option(
    "--day", callback=_day, default=None, help="Reporting day (ISO), today at the latest; default yesterday."
)

PUBLISHED_DAY = click.option(
    "--day",
    callback=lambda context, parameter, text: _day(context, parameter, text) if text else None,
    default=None,
    help="Reporting day (ISO), today at the latest; default that of the newest night.",
)


def known_unit(catalogue: Catalogue, code: str) -> str:
    """Return the code, or raise `ConfigurationError` where no unit of the catalogue has it."""
    if code not in {u.code for u in catalogue.units}:
        raise ConfigurationError(f"unit {code} is not in the catalogue; `cchc source list` shows the codes")
    return code


def known_source(catalogue: Catalogue, code: str) -> Source:
    """Return the source of that code, or raise `ConfigurationError`."""
    if code not in catalogue.sources:
        raise ConfigurationError(f"source {code} is not in the catalogue; see `cchc source list`")
    return catalogue.sources[code]


def known_calendar(calendar: str) -> periods.Calendar:
    """Return what `CALENDAR` gave, as the calendar it is."""
    return cast("periods.Calendar", calendar)


def asked_period(text: str, calendar: str) -> periods.Period:
    """Return the period of PERIOD and CALENDAR; raises `ConfigurationError` for what is none."""
    return periods.parse(text, known_calendar(calendar))


def say(text: str) -> None:
    """Tell the person at the terminal, apart from the output that a program reads."""
    err.print(escape(text), highlight=False)


def say_beside(
    warehouse: Engine,
    period: periods.Period,
    units: Iterable[str],
    *,
    unit: str | None = None,
    set_code: str | None = None,
) -> None:
    """Say what a reader of live numbers must know: of which of `units` more is loaded, and that the period is closed.

    `unit` and `set_code` narrow the command that is named for the frozen numbers.
    """
    with warehouse.connect() as connection:
        late = sorted(set(marts.behind(connection)) & set(units))
    if late:
        named = ", ".join(late[:5]) + (f" và {len(late) - 5} đơn vị khác" if len(late) > 5 else "")
        say(
            f"Số liệu chưa tính hết dữ liệu đã nạp của {named}: đợt đang chạy sẽ tính nốt;"
            " nếu không có đợt nào đang chạy thì chạy `cchc sync`."
        )
    if note := revisions.live_note(warehouse, period, unit=unit, set_code=set_code):
        say(note)


OUTCOME_COLUMNS = (
    ("source_code", "Nguồn"),
    ("unit_code", "Đơn vị"),
    ("state", "Kết quả"),
    ("received", "Nhận"),
    ("loaded", "Nạp"),
    ("unchanged", "Không đổi"),
    ("quarantined", "Cách ly"),
    ("refused", "Từ chối"),
    ("removed", "Gỡ"),  # no longer at the source: out of the numbers
    ("came_back", "Có lại"),
    ("message", "Ghi chú"),
)
