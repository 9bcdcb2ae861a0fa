"""`cchc alerts`: what is wrong and who is told of it."""

from __future__ import annotations

import sys
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import click

from cchc import night, output
from cchc.alerting import alerts as known_alerts
from cchc.alerting import direct, outbox
from cchc.catalogue.models import Catalogue, Recipient
from cchc.commands.options import FORMAT, err, say
from cchc.errors import ConfigurationError
from cchc.settings import settings

_ALERTS = (
    ("alert_id", "Số"),
    ("kind", "Loại"),
    ("unit_code", "Đơn vị"),
    ("source_code", "Nguồn"),
    ("dataset", "Dữ liệu"),
    ("rule_code", "Quy tắc"),
    ("since", "Từ"),
    ("nights", "Số đêm"),
    ("times_told", "Số lần báo"),
    ("told_at", "Báo gần nhất"),
    ("escalated_day", "Báo cấp trên"),
    ("closed_day", "Khắc phục"),
)
_OUTBOX = (
    ("message_no", "Số"),
    ("recipient", "Người nhận"),
    ("channel", "Kênh"),
    ("reporting_day", "Ngày báo cáo"),
    ("kind", "Loại"),
    ("state", "Trạng thái"),
    ("attempts", "Số lần gửi"),
    ("not_before", "Không gửi trước"),
    ("sent_at", "Đã gửi"),
    ("subject", "Tiêu đề"),
    ("last_error", "Lỗi"),
)
_TOLD = (("recipient", "Người nhận"), ("channel", "Kênh"), ("result", "Kết quả"))


@click.group()
def alerts() -> None:
    """Show what is wrong and who was told; send what waits; try a recipient's channels."""


@alerts.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that are mended too.")
@FORMAT
def alerts_list(everything: bool, form: output.Format) -> None:
    """Print the open alerts, oldest first."""
    rows = known_alerts.listing(night.ready_warehouse(), everything=everything)
    output.write((row.__dict__ for row in rows), _ALERTS, form)


@alerts.command("send")
def alerts_send() -> None:
    """Send what waits in the outbox and is due; Airflow does so every hour."""
    report = outbox.send(night.ready_warehouse(), settings().smtp, settings().notify)
    say(f"{report.sent} sent, {report.waiting} wait, {report.quiet} of them for the end of quiet hours")
    for problem in (*report.failed, *filter(None, [report.note])):
        err.print(problem, style="red", markup=False, highlight=False)
    if report.failed or report.note:
        sys.exit(1)


@alerts.command("outbox")
@click.option("--all", "everything", is_flag=True, help="What was sent too.")
@click.option("--limit", default=200, show_default=True)
@FORMAT
def alerts_outbox(everything: bool, limit: int, form: output.Format) -> None:
    """Print the messages that wait, newest first."""
    rows = outbox.listing(night.ready_warehouse(), everything=everything, limit=limit)
    output.write(rows, _OUTBOX, form)


@alerts.command("test")
@click.option("--to", "who", required=True, help="Name or address of a recipient, or the code of a unit.")
@FORMAT
def alerts_test(who: str, form: output.Format) -> None:
    """Send a recipient a test message over each channel and say what happened."""
    catalogue = night.catalogue()
    people = _recipients(catalogue, who)
    now = datetime.now(ZoneInfo(catalogue.province.zone))
    told = direct.tell(
        people,
        f"test-{uuid4().hex[:8]}",  # every test is a message of its own
        now.date().isoformat(),
        f"[CCHC] Thư thử – {now:%H:%M %d/%m/%Y}",
        f"{catalogue.province.name}: đây là thư thử của hệ thống tổng hợp số liệu CCHC. Không cần trả lời.\n",
        settings().smtp,
        settings().notify,
    )
    rows = ({**one.__dict__, "result": one.problem or "sent"} for one in told)
    output.write(rows, _TOLD, form)
    if any(one.problem for one in told):
        sys.exit(1)


def _recipients(catalogue: Catalogue, who: str) -> list[Recipient]:
    people = [*catalogue.province.engineers, *catalogue.province.office]
    people += [unit.contact for unit in catalogue.units if unit.contact is not None]
    wanted = who.casefold()
    found = [p for p in people if wanted in (p.name.casefold(), p.key.casefold())]
    found += [u.contact for u in catalogue.units if u.contact is not None and u.code == who]
    if not found:
        raise ConfigurationError(
            f"nobody in the catalogue is {who}: name a recipient of province.yaml or units.yaml, or a unit's code"
        )
    return list({p.key: p for p in found}.values())
