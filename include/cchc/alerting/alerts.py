"""What is wrong from the night it began until it is mended (`ops.alert`): told as news once, then only reminded of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Engine

from cchc.alerting.findings import Thing
from cchc.catalogue.models import Catalogue, Recipient
from cchc.warehouse.sql import query


@dataclass(frozen=True)
class Alert:
    """One thing that is wrong, or was until this night. `night` counts from 1, the night it began.

    `changed_day` is the reporting day that brought its present cause.
    """

    alert_id: int
    thing: Thing
    since: date
    changed_day: date
    night: int
    escalated_now: bool = False
    closed_now: bool = False


@dataclass(frozen=True)
class Standing:
    """What is open after a night, and what of it the night closed."""

    alerts: tuple[Alert, ...]

    @property
    def open(self) -> dict[Thing, Alert]:
        """What is wrong."""
        return {alert.thing: alert for alert in self.alerts if not alert.closed_now}

    @property
    def escalated(self) -> tuple[Alert, ...]:
        """What this night tells those above the unit."""
        return tuple(alert for alert in self.alerts if alert.escalated_now and not alert.closed_now)

    @property
    def mended(self) -> tuple[Alert, ...]:
        """What this night found mended."""
        return tuple(alert for alert in self.alerts if alert.closed_now)


@dataclass(frozen=True)
class Memory:
    """What the nights before told whom: recipient → alert → reporting day, and of whoever had a digest its day."""

    told: Mapping[str, Mapping[int, date]]
    digests: Mapping[str, date]

    def of(self, recipient: Recipient) -> dict[int, date]:
        """Return the reporting day that last told this recipient of an alert."""
        found: dict[int, date] = {}
        for name in {recipient.key, recipient.email}:
            for alert_id, day in self.told.get(name or "", {}).items():
                found[alert_id] = max(day, found.get(alert_id, day))
        return found

    def last_digest(self, recipient: Recipient) -> date:
        """Return the reporting day of this recipient's last digest; `date.min` where there was none."""
        return max(self.digests.get(name or "", date.min) for name in (recipient.key, recipient.email))


def remembered(connection: Connection, standing: Standing, day: date) -> Memory:
    """Return what the nights before a reporting day told of what stands after it."""
    told: dict[str, dict[int, date]] = {}
    since = min((alert.since for alert in standing.alerts), default=day)
    for row in connection.execute(query("alerting/told"), {"since": since, "day": day}):
        told.setdefault(row.recipient, {})[row.alert_id] = row.last_day
    digests = connection.execute(query("alerting/last_digests"), {"day": day}).all()
    return Memory(told, {row.recipient: row.last_day for row in digests})


def alone(connection: Connection) -> None:
    """Wait until no other transaction changes alerts or messages; to be called before the first change."""
    connection.execute(query("alerting/lock_alerts"))


def see(connection: Connection, things: Mapping[Thing, str], day: date) -> None:
    """Write down what is wrong and why: opened, or seen again."""
    rows = [{**thing._asdict(), "cause": cause, "day": day} for thing, cause in sorted(things.items())]
    if rows:
        connection.execute(query("alerting/see_alert"), rows)


def judge(connection: Connection, catalogue: Catalogue, day: date, things: Mapping[Thing, str]) -> Standing:
    """Open, close and escalate by what a night found wrong; judging the same night again corrects what it said.

    `things` are what is wrong, each with its cause (empty where none is told apart).
    """
    connection.execute(query("alerting/reopen_alerts"), {"day": day})
    see(connection, things, day)
    connection.execute(query("alerting/close_alerts"), {"day": day, "sources": list(catalogue.sources)})
    connection.execute(query("alerting/forget_secrecy"), {"day": day})
    connection.execute(query("alerting/close_secrecy"), {"day": day})
    nights = catalogue.province.escalate_after
    connection.execute(query("alerting/escalate_alerts"), {"day": day, "nights": nights})
    return standing(connection, day)


def standing(connection: Connection, day: date) -> Standing:
    """Return what is open, and what was closed on that reporting day."""
    rows = connection.execute(query("alerting/standing_alerts"), {"day": day})
    return Standing(
        tuple(
            Alert(
                alert_id=row.alert_id,
                thing=Thing(row.kind, row.unit_code, row.source_code, row.dataset, row.rule_code),
                since=row.since,
                changed_day=row.changed_day,
                night=row.night,
                escalated_now=row.escalated_now,
                closed_now=row.closed_now,
            )
            for row in rows
        )
    )


@dataclass(frozen=True)
class Listed:
    """One alert as it stands in the table."""

    alert_id: int
    kind: str
    unit_code: str
    source_code: str
    dataset: str
    rule_code: str
    since: date
    last_day: date
    nights: int
    times_told: int
    told_at: datetime | None
    escalated_day: date | None
    closed_day: date | None


def listing(engine: Engine, *, everything: bool = False) -> list[Listed]:
    """Return the open alerts, oldest first; with `everything` those that are closed too."""
    with engine.connect() as connection:
        rows = connection.execute(query("alerting/list_alerts"), {"everything": everything})
        return [Listed(**row) for row in rows.mappings()]
