"""`cchc source`: the systems the night reads, listed and tried."""

from __future__ import annotations

import sys
from datetime import date

import click

from cchc import night, output
from cchc.commands.options import DAY, FORMAT, known_source, say
from cchc.sources.connections import from_environment
from cchc.staging import preview


@click.group()
def source() -> None:
    """List and check the systems the night reads."""


@source.command("list")
@FORMAT
def source_list(form: output.Format) -> None:
    """Print every source of the catalogue."""
    catalogue = night.catalogue()
    columns = (
        ("code", "Nguồn"),
        ("unit", "Đơn vị"),
        ("name", "Tên đơn vị"),
        ("kind", "Loại"),
        ("profile", "Hồ sơ kết nối"),
        ("host", "Máy chủ"),
        ("history_from", "Từ ngày"),
    )
    rows = (
        {
            "code": s.code,
            "unit": s.unit,
            "name": catalogue.unit(s.unit).name,
            "kind": catalogue.profile_of(s).kind,
            "profile": s.profile,
            "host": s.host,
            "history_from": s.history_from,
        }
        for s in catalogue.sources.values()
    )
    output.write(rows, columns, form)


@source.command("check")
@click.argument("code")
@DAY
@click.option("--rows", "limit", default=5, show_default=True, help="Records to show of each dataset.")
@FORMAT
def source_check(code: str, day: date, limit: int, form: output.Format) -> None:
    """Connect to a source and show how its first records are read; nothing is stored."""
    catalogue = night.catalogue()
    chosen = known_source(catalogue, code)
    found = preview.preview(catalogue, chosen, day, from_environment, limit)
    output.write(found.rows, preview.COLUMNS, form, title=f"{code}: {found.sentence}")
    for note in found.notes:
        say(note)
    if found.problems:
        sys.exit(1)
