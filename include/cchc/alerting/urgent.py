"""What is critical to the whole province is told at once, not with the digest: at most once per thing and night.

============== ==================================================== ===================
thing          told when                                            to
============== ==================================================== ===================
not-published  the day has no release                               office, engineers
over-budget    more expected sources failed than the budget allows  office, engineers
secrecy        a source brings marked records for the first time    office, engineers
gate           what the gate counted is not to be believed          engineers
not-delivered  a site does not show what is published               engineers
============== ==================================================== ===================
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from cchc.alerting import alerts, outbox, words
from cchc.alerting.findings import Thing
from cchc.alerting.transport import MAIL
from cchc.catalogue.models import Catalogue, Recipient
from cchc.errors import CchcError
from cchc.settings import Smtp, settings
from cchc.warehouse.sql import query

log = logging.getLogger(__name__)

_MOST_NAMED = 10  # sources named one by one in a message


@dataclass(frozen=True)
class _Urgent:
    kind: str
    text: str
    office: bool = True


def tell(
    engine: Engine,
    catalogue: Catalogue,
    run_id: UUID,
    smtp: Smtp,
    *,
    notify: Mapping[str, str] | None = None,
    troubles: Mapping[str, str] | None = None,
    publish_tried: bool = False,
) -> int:
    """Look what of a run is critical to the province, send it, and return how many messages were new.

    May be called after every step. `troubles` are datasets whose check is not believed, with the reason; with
    `publish_tried` a day without a release is told. What cannot be sent stays in the
    outbox: nothing is raised for it, for a night does not stop because nobody could be told.
    """
    written = put(engine, catalogue, run_id, troubles=troubles or {}, publish_tried=publish_tried)
    if written:
        try:
            outbox.send(engine, smtp, notify)
        except CchcError as error:
            log.error("urgent messages wait: %s", error)
    return written


def put(
    engine: Engine,
    catalogue: Catalogue,
    run_id: UUID,
    *,
    troubles: Mapping[str, str],
    publish_tried: bool,
    behind: Sequence[str] = (),
) -> int:
    """Write what of a run is critical to the outbox and return how many messages that added.

    `behind` says of each site that does not show what is published why, in words without a secret.
    """
    with engine.begin() as connection:
        alerts.alone(connection)
        state = connection.execute(query("alerting/urgent_state"), {"run_id": run_id}).one()
        outcomes = connection.execute(query("alerting/outcomes"), {"day": state.reporting_day}).all()
        found = [
            *_over_budget(catalogue, state.reporting_day, outcomes),
            *_secrecy(outcomes, set(state.known_secrecy)),
            *_gate(troubles),
            *_behind(behind),
        ]
        if publish_tried and not state.releases:
            text = (
                "Chưa công bố được số liệu của ngày báo cáo này; trang số liệu vẫn là của lần công bố trước. "
                "Quản trị hệ thống tổng hợp chạy `cchc doctor` và xem vì sao bước công bố dừng."
            )
            found.append(_Urgent("not-published", text))
        return sum(_write(connection, catalogue, run_id, state.reporting_day, urgent) for urgent in found)


def _over_budget(catalogue: Catalogue, day: date, outcomes: Sequence[Any]) -> list[_Urgent]:
    rows = [
        row
        for row in outcomes
        if row.source_code not in catalogue.sources or catalogue.sources[row.source_code].expected
    ]
    failed = sum(row.state in ("failed", "held") for row in rows)
    # one source that is read by hand is not a night
    allowed = catalogue.province.allowed_failures(max(len(rows), len(catalogue.expected_on(day))))
    if failed <= allowed:
        return []
    text = (
        f"{words.count(failed)} trên {words.count(len(rows))} nguồn không có số liệu; "
        f"mức cho phép là {words.count(allowed)} nguồn. Từng nguồn, nguyên nhân và việc cần làm ở thư tổng hợp của "
        "đêm; quản trị hệ thống tổng hợp làm theo hướng dẫn run_over_budget."
    )
    return [_Urgent("over-budget", text)]


def _secrecy(outcomes: Sequence[Any], known: set[str]) -> list[_Urgent]:
    new = [row for row in outcomes if row.refused and row.source_code not in known]
    if not new:
        return []
    sources = ", ".join(sorted(row.source_code for row in new)[:_MOST_NAMED])
    if len(new) > _MOST_NAMED:
        sources += f" và {words.count(len(new) - _MOST_NAMED)} nguồn khác"
    text = (
        f"{words.count(sum(row.refused for row in new))} bản ghi mang dấu mật nằm trên hệ thống nối mạng, tại "
        f"{words.count(len(new))} nguồn: {sources}. Nội dung đã bị từ chối, không lưu. "
        "Yêu cầu đơn vị gỡ khỏi hệ thống nguồn; vị trí có trong thư tổng hợp gửi đơn vị và quản trị hệ thống."
    )
    return [_Urgent("secrecy", text)]


def _gate(troubles: Mapping[str, str]) -> list[_Urgent]:
    if not troubles:
        return []
    said = "; ".join(f"{words.dataset(code)}: {why}" for code, why in sorted(troubles.items()))
    return [
        _Urgent("gate", f"Dữ liệu được giữ lại, số liệu trước đó không đổi. Lý do: {said}.", office=False)
    ]


def _behind(sites: Sequence[str]) -> list[_Urgent]:
    if not sites:
        return []
    text = (
        "Bản đã phát hành không đổi, nhưng trang dưới đây vẫn hiện bản cũ. Đêm sau hệ thống tự chép lại; sớm hơn thì "
        f"chạy `cchc release deliver` (hướng dẫn site_not_delivered). Lý do: {'; '.join(sites)}"
    )
    return [_Urgent("not-delivered", text, office=False)]


def _write(connection: Connection, catalogue: Catalogue, run_id: UUID, day: date, urgent: _Urgent) -> int:
    thing = Thing(urgent.kind, "")
    if urgent.kind != "secrecy":  # the digest writes that down for each unit
        alerts.see(connection, {thing: ""}, day)
    alert = alerts.standing(connection, day).open.get(thing)
    province = catalogue.province
    link = settings().portal_url
    name = f"{province.name}, ngày báo cáo {day:%d/%m/%Y}"
    since = f" ({words.night(alert.night)})" if alert and alert.night > 1 else ""
    body = f"{name}{since}.\n\n{urgent.text}\n" + (f"\n{link}\n" if link else "")
    now = datetime.now(ZoneInfo(province.zone))
    people = [*province.office, *province.engineers] if urgent.office else list(province.engineers)
    written = 0
    for person in {person.key: person for person in people}.values():
        if "urgent" not in person.kinds:
            continue
        for recipient, channel in ways(person):
            written += connection.execute(
                query("alerting/put_urgent"),
                {
                    "recipient": recipient,
                    "channel": channel,
                    "day": day,
                    "kind": f"urgent-{urgent.kind}",
                    "run_id": run_id,
                    "subject": f"[CCHC] KHẨN: {words.KINDS[urgent.kind]} – {day:%d/%m/%Y}",
                    "body_text": body,
                    "body_html": "",
                    "not_before": None if person.urgent_in_quiet_hours else person.not_before(now),
                    "alerts": [alert.alert_id] if alert else [],
                },
            ).rowcount
    return written


def ways(person: Recipient) -> list[tuple[str, str]]:
    """Return (recipient, channel) of each way to a person: the address for mail, else what they are known by."""
    mail = [(person.email, MAIL)] if person.email else []
    return [*mail, *((person.key, channel) for channel in person.channels)]
