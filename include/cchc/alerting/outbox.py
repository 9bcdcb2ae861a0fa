"""Send what waits in the outbox, each message once (docs/adr/0013).

======== =====================================================================================
state    meaning
======== =====================================================================================
waiting  written and not handed over; a rerun of the night may still improve or withdraw it
sending  claimed, in a transaction of its own, before it is handed over: from now on unchanged
sent     the other side said that it has it
======== =====================================================================================

A sender holds a lock of its database session while it is at a message. A message in `sending` that nobody holds was
left by a sender that died, or its answer was lost: it may have arrived. It is handed over again, byte for byte and
under the same id (Message-ID, Idempotency-Key), by which the receiver knows it for the same message: none is lost,
and who looks at the id sees none twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from cchc.alerting import alerts, mail, transport
from cchc.alerting.chat import Chat
from cchc.alerting.mail import Mail
from cchc.alerting.transport import MAIL, Letter, NotTaken, Transport, Unreachable
from cchc.settings import Smtp, notify_name, settings
from cchc.warehouse.sql import query

log = logging.getLogger(__name__)

OnStep = Callable[[str], None]

_LOCKS = 0x63636F  # the space of advisory locks on messages
_PATIENCE = 3  # hand-overs without an answer in a row before a round ends


def _nothing(_step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class SendReport:
    """What one round did; `waiting` messages stay in the outbox, `quiet` of them until quiet hours end."""

    sent: int
    failed: tuple[str, ...]  # "recipient: why"
    waiting: int
    note: str = ""  # why a channel could not be used at all
    quiet: int = 0


def send(
    engine: Engine, smtp: Smtp, notify: Mapping[str, str] | None = None, on_step: OnStep = _nothing
) -> SendReport:
    """Send the messages that are due, oldest first, and return what came of it.

    `notify` are the channels' addresses (None: those of the settings). A message that is refused does not keep the
    others back; a channel that cannot be reached ends its own round and everything of it stays. `on_step` is told each
    step as it is done. Raises `ConfigurationError` where the password would travel unencrypted.
    """
    mail.check(smtp)
    addresses = settings().notify if notify is None else notify
    with engine.connect() as connection:
        channels = connection.execute(query("alerting/channels_due")).scalars().all()
    rounds = [_Round(engine, name, way(name, smtp, addresses), on_step) for name in channels]
    for one in rounds:
        one.run()
    with engine.connect() as connection:
        left = connection.execute(query("alerting/waiting")).one()
    report = SendReport(
        sent=sum(one.sent for one in rounds),
        failed=tuple(f"{recipient}: {why}" for one in rounds for recipient, why in one.failed),
        waiting=left.waiting,
        note="; ".join(one.note for one in rounds if one.note),
        quiet=left.quiet,
    )
    _tell_log(report, rounds)
    return report


def way(channel: str, smtp: Smtp, notify: Mapping[str, str]) -> Transport:
    """Return the way to a channel's recipients; whether it leads anywhere shows when it is opened."""
    return Mail(smtp) if channel == MAIL else Chat(channel, notify.get(notify_name(channel)))


def _tell_log(report: SendReport, rounds: list[_Round]) -> None:
    # addresses of people stay in the table
    whys = [why.replace(recipient, "…") for one in rounds for recipient, why in one.failed]
    if report.note or whys:
        log.error(
            "messages: %d sent, %d wait. %s", report.sent, report.waiting, "; ".join([*whys, report.note])
        )


class _Round:
    """One try for each message of one channel that is due."""

    def __init__(self, engine: Engine, channel: str, way: Transport, on_step: OnStep) -> None:
        self.engine = engine
        self.channel = channel
        self.way = way
        self.on_step = on_step
        self.sent = 0
        self.failed: list[tuple[str, str]] = []
        self.note = ""
        self.unanswered = 0  # in a row
        self.after: dict[str, Any] = {"channel": channel, "after": None, "after_no": 0}

    def run(self) -> None:
        try:
            with self.engine.connect() as connection:
                while self.unanswered < _PATIENCE and self._next(connection):
                    pass
        except Unreachable as error:
            self.note = str(error)
            with self.engine.begin() as connection:
                alerts.alone(connection)
                values = {"channel": self.channel, "error": self.note}
                connection.execute(query("alerting/mark_unreachable"), values)
        finally:
            self.way.close()

    def _next(self, connection: Connection) -> bool:
        """Try the next message; returns whether there was one."""
        with connection.begin():
            row = connection.execute(query("alerting/next_message"), self.after).one_or_none()
            if row is None:
                return False
            self.after |= {"after": row.created_at, "after_no": row.message_no}
            lock = {"space": _LOCKS, "message_no": row.message_no}
            if not connection.execute(query("alerting/lock_message"), lock).scalar_one():
                return True  # another sender is at it
        try:
            self.way.open()
            self._send(connection, row.message_no)
        finally:
            with suppress(SQLAlchemyError), connection.begin():  # a session that is gone holds no lock
                connection.execute(query("alerting/unlock_message"), lock)
        return True

    def _send(self, connection: Connection, message_no: int) -> None:
        with connection.begin():
            row = connection.execute(
                query("alerting/claim_message"), {"message_no": message_no}
            ).one_or_none()
        if row is None:
            return  # another sender has finished it
        self.on_step("claimed")
        try:
            self.way.hand_over(_letter(row))
        except NotTaken as error:
            self.unanswered = self.unanswered + 1 if error.perhaps else 0
            self.failed.append((row.recipient, str(error)))
            state = "sending" if error.perhaps or row.may_have_arrived else "waiting"
            with connection.begin():
                values = {"message_no": message_no, "state": state, "error": str(error)}
                connection.execute(query("alerting/mark_not_sent"), values)
            return
        self.on_step("handed over")
        with connection.begin():
            alerts.alone(connection)
            connection.execute(query("alerting/mark_sent"), {"message_no": message_no})
            self.on_step("before commit")
        self.on_step("finished")
        self.unanswered = 0
        self.sent += 1


def _letter(row: Any) -> Letter:
    return Letter(
        key=transport.key(row.recipient, row.reporting_day.isoformat(), row.kind, row.channel),
        recipient=row.recipient,
        subject=row.subject,
        text=row.body_text,
        html=row.body_html,
        created_at=row.created_at,
        attachment_name=row.attachment_name,
        attachment=bytes(row.attachment) if row.attachment is not None else None,
    )


def listing(engine: Engine, *, everything: bool = False, limit: int = 200) -> list[dict[str, Any]]:
    """Return the messages that are not sent, newest first, without their bodies; with `everything` the others too."""
    with engine.connect() as connection:
        values = {"everything": everything, "most": limit}
        rows = connection.execute(query("alerting/list_outbox"), values).mappings()
        return [dict(row) for row in rows]
