"""`cchc role`: who may do what in the warehouse."""

from __future__ import annotations

import sys
from typing import cast

import click

from cchc import night, output
from cchc.commands.options import FORMAT, known_unit, say
from cchc.errors import ConfigurationError
from cchc.warehouse import roles


@click.group()
def role() -> None:
    """Say which logins of the database may load, publish, or read the office's, a unit's, or all data.

    These commands need the warehouse's owner, with CREATEROLE, or a superuser in CCHC_WAREHOUSE_DSN.
    """


@role.command("apply")
def role_apply() -> None:
    """Set up the groups and their rights in this database; again at any time."""
    roles.apply(night.ready_warehouse())
    click.echo("\n".join(f"cchc_{kind}" for kind in roles.KINDS))


@role.command("create")
@click.argument("login")
def role_create(login: str) -> None:
    """Make a login; its password is asked for, or read from standard input. It has no rights before `grant`."""
    roles.create(night.ready_warehouse(), login, _password())
    click.echo(login)


def _password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise ConfigurationError(
            "no password on standard input: printf '%s\\n' \"$PASSWORD\" | cchc role create …"
        )
    return given


@role.command("grant")
@click.argument("login")
@click.option("--as", "kind", required=True, type=click.Choice(roles.KINDS), help="What it may do.")
@click.option("--unit", "units", multiple=True, help="The unit it reads as; may be given several times.")
def role_grant(login: str, kind: str, units: tuple[str, ...]) -> None:
    """Give a login the rights of one kind; a unit's login reads that unit's rows alone."""
    catalogue = night.catalogue()
    known = [known_unit(catalogue, unit) for unit in units]
    roles.grant(night.ready_warehouse(), login, cast("roles.Kind", kind), known)
    click.echo("\t".join((login, kind, *known)))


@role.command("list")
@FORMAT
def role_list(form: output.Format) -> None:
    """Print the logins with rights here."""
    columns = (
        ("login", "Tài khoản"),
        ("kinds", "Quyền"),
        ("units", "Đơn vị"),
        ("is_gone", "Máy chủ không còn tài khoản này"),
    )
    found = roles.listed(night.ready_warehouse())
    output.write((one.__dict__ for one in found), columns, form)
    if gone := [one.login for one in found if one.is_gone]:
        say(f"Thu hồi bằng `cchc role revoke`: {', '.join(gone)}")


@role.command("revoke")
@click.argument("login")
def role_revoke(login: str) -> None:
    """Take all rights here from a login; the login itself is the administrator's to drop."""
    roles.revoke(night.ready_warehouse(), login)
    click.echo(login)
