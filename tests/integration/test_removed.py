"""Records that left the numbers, since their source has them no more: counted wherever a person looks, and told."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc import cli, night, settings
from cchc.airflow import said
from cchc.airflow.pages import cells, render
from cchc.ops import ledger
from cchc.warehouse import migrate
from cchc.warehouse.load import load_delivery
from cchc.warehouse.sql import query
from integration.installation import installed, loaded
from integration.mailing import Mailbox, body
from simulators.province import only, running

DAY = date(2026, 11, 14)
CODE, UNIT = "snv-sotay", "SNV"
STRUCK = 40


class Office:
    """An office whose register of documents loses rows, and finds them again when others are struck out."""

    def __init__(self, folder: Path, warehouse: Engine) -> None:
        self.register = max(folder.rglob("so_van_ban_*.ndjson"))
        for register in folder.rglob(
            "so_van_ban_*.ndjson"
        ):  # of a source with marked records no code is told
            plain = [
                line for line in register.read_text(encoding="utf-8").splitlines() if not _is_marked(line)
            ]
            register.write_text("\n".join(plain), encoding="utf-8")
        self.whole = self.register.read_text(encoding="utf-8")
        self.warehouse = warehouse

    def strike(self, count: int, after: int = 0) -> list[str]:
        """Strike so many rows out of the whole, from its middle on, and return the codes of their documents."""
        with self.warehouse.connect() as connection:
            known = list(connection.scalars(text("select document_code from core.document")))
        lines = self.whole.splitlines()
        code_of = {
            line: code for line in lines[len(lines) // 2 : -40] for code in known if f'"{code}"' in line
        }
        struck = dict(list(code_of.items())[after : after + count])
        self.register.write_text("\n".join(line for line in lines if line not in struck), encoding="utf-8")
        return list(struck.values())


@pytest.fixture
def office(
    warehouse: Engine, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    folder = tmp_path / "systems"
    with (
        running(folder, DAY, systems=only(CODE), faults={}) as systems,
        installed(monkeypatch, warehouse, tmp_path / "home", systems),
    ):
        for name, value in {"HOST": "127.0.0.1", "PORT": str(mailbox.port), "FROM": "cchc@tinh.test"}.items():
            monkeypatch.setenv(f"CCHC_SMTP_{name}", value)
        settings.settings.cache_clear()
        found = Office(folder, warehouse)
        assert loaded(DAY, [CODE]).state == "success"
        yield found


def _is_marked(line: str) -> bool:
    return json.loads(line)["do_mat"] not in ("", "Thường")


def _sync(day: date) -> dict[str, str]:
    done = CliRunner().invoke(cli.app, ["sync", "--day", f"{day}", "--source", CODE, "--format", "csv"])
    assert done.exit_code == 0, done.output
    (row,) = csv.DictReader(done.stdout.splitlines())
    return row


def _killed_after_the_load(day: date) -> None:
    """Run a night up to the commit of its loads: no outcome says what it did."""
    run_id = night.open_run(day, "sync", [CODE])
    night.pull_source(run_id, CODE)
    night.gate(run_id)
    with night.warehouse().connect() as connection:
        found = connection.execute(query("ops/deliveries_of_run"), {"run_id": run_id}).all()
    for delivery in found:
        load_delivery(night.warehouse(), run_id, delivery.delivery_id, "m")
    ledger.break_off(night.warehouse(), run_id)


def test_what_a_register_lost_is_counted_and_told(office: Office, mailbox: Mailbox) -> None:
    codes = office.strike(STRUCK)
    _killed_after_the_load(DAY)
    row = _sync(DAY)
    assert (row["removed"], row["came_back"]) == (f"{STRUCK}", "0")
    known = night.catalogue()
    contact = next(u.contact for u in known.units_on(DAY) if u.code == UNIT)
    assert contact is not None
    [unit] = mailbox.to(f"{contact.email}")
    assert f"{STRUCK} bản ghi đã gỡ khỏi số liệu – Sở Nội vụ" in unit["Subject"]
    plain, html = body(unit), " ".join(body(unit, "html").split())
    for told in (plain, html):
        assert "bị gỡ khỏi số liệu vì không còn trong hệ thống nguồn" in told
        assert "Khi nguồn trả lại đủ, bản ghi tự được tính lại" in told
        assert "đều tốt" not in told
        assert "cchc delivery" not in told
        assert sum(code in told for code in codes) == 10
    assert f"({CODE}), văn bản: gỡ {STRUCK} trên " in plain
    assert f"và {STRUCK - 10} bản ghi nữa" in plain
    assert "Có bản ghi đã có không còn ở nguồn" not in plain, "told once, with its number"
    for person in (*known.province.engineers, *known.province.office):
        above = mailbox.to(f"{person.email}")[-1]
        assert f"gỡ {STRUCK} trên " in body(above)
        assert ("cchc delivery reject" in body(above)) == (person in known.province.engineers)

    sent = len(mailbox.messages())
    again = loaded(DAY, [CODE])
    night.send_digest(again.run_id)
    assert [row.removed for row in again.rows] == [STRUCK], "begun again it tells the same"
    assert len(mailbox.messages()) == sent

    page = cells.read(office.warehouse, known, DAY, 1, to=DAY)
    (cell,) = [row.cells[0] for _, rows in page.groups for row in rows if row.code == UNIT]
    told = f"{CODE}: gỡ {STRUCK} bản ghi khỏi số liệu vì không còn trong hệ thống nguồn"
    assert told in cell.title
    shown = render.grid(page, worst_first=False, link=lambda _run: None, province="Tỉnh")
    assert "<sup>−</sup></td>" in shown

    office.strike(2, after=STRUCK)
    summary = loaded(DAY + timedelta(days=1), [CODE])
    assert [(row.removed, row.came_back) for row in summary.rows] == [(2, STRUCK)]
    back = f"tính lại {STRUCK} bản ghi đã gỡ, nay nguồn có lại: {CODE}"
    assert said.of_run(summary).endswith(
        f"; gỡ 2 bản ghi khỏi số liệu vì không còn trong hệ thống nguồn; {back}"
    )
    night.send_digest(summary.run_id)
    told_of_two = [mail for mail in mailbox.messages() if "gỡ 2 trên" in body(mail)]
    assert [mail["To"] for mail in told_of_two] == [contact.email], "too little for the province"
    assert f"{STRUCK} bản ghi đã gỡ trước đây nay có lại trong hệ thống nguồn" in body(told_of_two[0])

    kept = text("select reporting_day, removed, came_back from ops.newest_outcome order by 1")
    for is_migrated in (False, True):
        if is_migrated:
            migrate.downgrade(office.warehouse, "0018_attempts")
            migrate.upgrade(office.warehouse)
        with office.warehouse.connect() as connection:
            assert [tuple(row) for row in connection.execute(kept)] == [
                (DAY, STRUCK, 0),
                (DAY + timedelta(days=1), 2, STRUCK),
            ]


def test_no_code_is_told_where_a_removed_record_may_be_a_marked_one(office: Office, mailbox: Mailbox) -> None:
    codes = office.strike(STRUCK)
    [marked, *struck] = codes
    lines = [json.loads(line) for line in office.whole.splitlines() if f'"{marked}"' in line]
    assert lines, "the record is still there, with its mark"
    rest = office.register.read_text(encoding="utf-8")
    with_mark = [json.dumps(line | {"do_mat": "Mật"}, ensure_ascii=False) for line in lines]
    office.register.write_text("\n".join([rest, *with_mark]), encoding="utf-8")
    assert _sync(DAY)["removed"] == f"{STRUCK}"
    office.whole = rest
    office.strike(3)  # the unit takes it out, as it was asked to, and three others
    assert _sync(DAY + timedelta(days=1))["removed"] == "3"

    told = [mail for mail in mailbox.messages() if "đã gỡ khỏi số liệu" in str(mail["Subject"])]
    assert len(told) > 2, "the unit on both days, the office and the engineers on one"
    for mail in told:
        for shown in (body(mail), " ".join(body(mail, "html").split())):
            assert "không nêu mã vì nguồn có bản ghi mang dấu mật" in shown
            assert "mã của các bản ghi đã gỡ không được nêu" in shown
            assert not [code for code in (marked, *struck) if code in shown]
            assert "bản ghi nữa" not in shown
