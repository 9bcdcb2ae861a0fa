"""What the tests of messages share: a province, nights that went wrong, and a mail server."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Engine, text

from cchc.catalogue.models import Catalogue
from integration.rows import new_run
from simulators.mail import Sink

DAY = date(2026, 11, 14)
UNITS = ("SGDDT", "SYT", "SNV")
PROFILE = {
    "code": "p",
    "kind": "files",
    "title": "Sổ theo dõi",
    "datasets": {"procedure": {"fields": {"procedure_code": {"path": "a"}}}},
}


def catalogue(**changes: Any) -> Catalogue:
    def unit(code: str, name: str, address: str | None) -> dict[str, Any]:
        contact = {"name": f"Văn thư {name}", "email": address} if address else None
        return {"code": code, "name": name, "group": "department", "valid_from": DAY, "contact": contact}

    units = [
        unit("SGDDT", "Sở Giáo dục và Đào tạo", "gd@tinh.test"),
        unit("SYT", "Sở Y tế", "yt@tinh.test"),
        unit("SNV", "Sở Nội vụ", None),
    ]
    source = {"profile": "p", "history_from": DAY}
    data: dict[str, Any] = {
        "province": {
            "code": "H14",
            "name": "tỉnh Cao Bằng",
            "engineers": [{"name": "Kỹ sư", "email": "kysu@tinh.test"}],
            "office": [{"name": "Văn phòng", "email": "vp@tinh.test"}],
        },
        "units": units,
        "edges": [],
        "hosts": {},
        "profiles": {"p": PROFILE},
        "sources": {
            f"{u['code'].lower()}-sotay": {**source, "code": f"{u['code'].lower()}-sotay", "unit": u["code"]}
            for u in units
        },
        "measures": {},
        "indicator_sets": {},
    }
    data["province"] |= changes
    return Catalogue.model_validate(data)


def outcome(engine: Engine, run_id: UUID, unit: str, state: str = "loaded", **more: Any) -> None:
    values = {"error_class": None, "message": None, "refused": 0, **more}
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.source_outcome (run_id, unit_code, source_code, state, stage, error_class,"
                " message, refused, started_at, finished_at)"
                " values (:r, :u, :s, :state, 'pull', :error_class, :message, :refused, now(), now())"
            ),
            {"r": run_id, "u": unit, "s": f"{unit.lower()}-sotay", "state": state, **values},
        )


def quarantined(engine: Engine, run_id: UUID, unit: str, records: list[str]) -> None:
    delivery = uuid4()
    source = f"{unit.lower()}-sotay"
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into landing.delivery (delivery_id, unit_code, source_code, dataset, window_from,"
                " window_to, path, sha256, bytes, received, refused, landed, profile_code, pulled_at) values"
                " (:d, :u, :s, 'dossier', :day, :day, 'x', 'x', 1, 9, 0, 9, 'p', now())"
            ),
            {"d": delivery, "u": unit, "s": source, "day": DAY},
        )
        connection.execute(
            text("insert into landing.run_delivery values (:r, :d)"), {"r": run_id, "d": delivery}
        )
        for row, record in enumerate(records, start=1):
            connection.execute(
                text(
                    "insert into quarantine.item (unit_code, source_code, dataset, record_key, rule_code,"
                    " severity, message, row_data, delivery_id, row_no, page, mapping_version) values (:u, :s,"
                    " 'dossier', :k, 'finish-before-receive', 'critical', 'Ngày trả trước ngày tiếp nhận',"
                    " cast(:data as jsonb), :d, :row, :page, 'v1')"
                    " on conflict (unit_code, source_code, dataset, record_key, rule_code)"
                    " do update set delivery_id = excluded.delivery_id"
                ),
                {
                    "u": unit,
                    "s": source,
                    "k": record,
                    "d": delivery,
                    "row": row,
                    "page": f"so_tiep_nhan.csv:{row}",
                    "data": json.dumps({"dossier_code": record, "channel": "CANARY-VALUE"}),
                },
            )


def bad_night(engine: Engine) -> UUID:
    run_id = new_run(engine)
    outcome(engine, run_id, "SGDDT")
    quarantined(engine, run_id, "SGDDT", ["000.01.H14-1", "000.01.H14-2"])
    message = "syt-sotay [page 3]: connection refused."
    outcome(engine, run_id, "SYT", "failed", error_class="SourceUnavailable", message=message)
    outcome(engine, run_id, "SNV", refused=2)
    return run_id


def outbox_rows(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text("select * from ops.outbox order by recipient")).all())


class Mailbox(Sink):
    """A real mail server that can do something in the middle of taking a message."""

    before_taking: Callable[[], None] | None = None
    after_taking: Callable[[], None] | None = None

    def __enter__(self) -> Mailbox:
        super().__enter__()
        return self

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.before_taking:
            self.before_taking()
        answer = await super().handle_DATA(server, session, envelope)
        if self.after_taking:
            self.after_taking()
        return answer

    def to(self, address: str) -> list[EmailMessage]:
        return [m for m in self.messages() if m["To"] == address]


def body(mail: Any, kind: str = "plain") -> str:
    return str(mail.get_body((kind,)).get_content())


def night(engine: Engine, number: int, failing: tuple[str, ...] = (), **refused: int) -> UUID:
    """Write the outcomes of the night that is `number` nights after the first."""
    run_id = new_run(engine, day=DAY + timedelta(days=number))
    for unit in UNITS:
        if unit in failing:
            outcome(engine, run_id, unit, "failed", error_class="SourceUnavailable", message="refused")
        else:
            outcome(engine, run_id, unit, refused=refused.get(unit, 0))
    return run_id


def rows(engine: Engine, table: str = "ops.alert") -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text(f"select * from {table} order by 1")).all())
