"""`cchc source`: the systems the night reads, listed and tried."""

from __future__ import annotations

import getpass
import sys
from contextlib import suppress
from datetime import date

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from cchc import night, output
from cchc.catalogue.base import DATASETS, DatasetName
from cchc.catalogue.load import hosts
from cchc.catalogue.models import Host
from cchc.commands.options import DAY, FORMAT, known_source, say
from cchc.errors import ConfigurationError
from cchc.landing import schema
from cchc.onboarding import check as checking
from cchc.onboarding.draft import draft
from cchc.onboarding.read import read
from cchc.onboarding.table import read_table
from cchc.settings import settings
from cchc.sources.connections import from_environment

_MOST_ADDED = 8


@click.group()
def source() -> None:
    """List, check and draft the systems the night reads."""


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
    """Connect to a source, show how its first records are read and which rules they break; nothing is stored.

    json and csv carry the records; what else was found is told beside them.
    """
    catalogue = night.catalogue()
    chosen = known_source(catalogue, code)
    engine: Engine | None = None
    with suppress(ConfigurationError, SQLAlchemyError):
        engine = night.ready_warehouse()
    found = checking.check(catalogue, chosen, day, from_environment, limit, engine)
    output.write(found.rows, checking.ROWS, form, title=f"{code}: {found.sentence}")
    for rows, columns, title in (
        (found.unread, checking.UNREAD, "Giá trị chưa đọc được"),
        (found.rules, checking.RULES, "Quy tắc bị vi phạm"),
        (found.cost, checking.COST, "Khối lượng và thời gian"),
    ):
        if rows and form == "table":
            output.write(rows, columns, form, title=title)
        elif form != "table":
            for row in rows:
                say(f"{title}: " + "; ".join(f"{h} {row[k]}" for k, h in columns if row.get(k) is not None))
    for note in found.notes:
        say(note)
    if found.problems:
        sys.exit(1)


@source.command("schema")
@click.argument("code")
@click.option("--accept", is_flag=True, help="Accept the new fields of a frozen source.")
@click.option("--by", default=getpass.getuser, show_default="the user of this terminal", help="Who accepts.")
@click.option("--fields", "all_fields", is_flag=True, help="Every field, not what changed when.")
@FORMAT
def source_schema(code: str, accept: bool, by: str, all_fields: bool, form: output.Format) -> None:
    """Show which fields a source's records have had, and when what was new; names and kinds, never a value."""
    known_source(night.catalogue(), code)
    engine = night.ready_warehouse()
    if accept:
        say(f"{code}: {schema.accept(engine, code, by)} fields or kinds accepted by {by}")
    if all_fields:
        output.write(schema.fields(engine, code), schema.FIELD_COLUMNS, form)
        return
    rows = schema.history(engine, code)
    if form == "table":
        for row in rows:  # the first deliveries' hundred fields are not read by anybody here
            added = row["added"]
            more = f" … (+{len(added) - _MOST_ADDED}: --fields)" if len(added) > _MOST_ADDED else ""
            row |= {"fingerprint": row["fingerprint"][:16], "added": ", ".join(added[:_MOST_ADDED]) + more}
    output.write(rows, schema.HISTORY_COLUMNS, form)
    waiting = [row["path"] for row in schema.fields(engine, code) if not row["is_accepted"]]
    if waiting:
        say(f"chờ chấp nhận (--accept): {', '.join(waiting)}")


@source.command("new")
@click.option("--kind", type=click.Choice(["rest", "files", "database"]), required=True)
@click.option("--sample", required=True, help="A file or URL; for a database the code of its connection.")
@click.option("--table", default="", help="Of a database: table or view, schema.table where needed.")
@click.option("--dataset", type=click.Choice(DATASETS), default="dossier", show_default=True)
@click.option("--code", default="new-profile", show_default=True, help="Code of the profile.")
def source_new(kind: str, sample: str, table: str, dataset: DatasetName, code: str) -> None:
    """Draft a profile from a sample answer, file or table and print it, to be edited; nothing is stored.

    No value of a field that looks personal stands in it.
    """
    if kind == "database" and not table:
        raise ConfigurationError("a database needs --table: the table or view to read")
    if kind == "database":
        # of the servers alone: a shell that writes the draft into profiles/ has made its file, which is still empty
        known = hosts(settings().catalogue).values()
        declared = (host for host in known if host.connection == sample)
        host = next(declared, Host(code=sample, connection=sample))  # what is not declared is strict
        records = read_table(host, from_environment(sample), table)
    else:
        records = read(sample, kind)
    click.echo(draft(records, kind, dataset, code), nl=False)
