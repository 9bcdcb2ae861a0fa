"""The night's digest: one message per person who must act, and none when there is nothing new to mend.

=============== ==============================================================
recipient       reads
=============== ==============================================================
unit contact    the failures and rows of the own units, rows as a file; what
                left their numbers, since the source has it no more
parent unit     what of the units below stays open for too many nights
engineer        everything; of what left the numbers what is much
office          the three things that changed most since the day before; which
                units are missing, how much is wrong and waits in all, what
                stays open, what left the numbers where it is much
=============== ==============================================================

A person with several of these roles gets one message with all of it. A message goes out for news: what is wrong for
the first time, new rows, what left the numbers or came back, what is escalated, mended or changed. What stays open is
told again after `remind_every` nights; what blocks no number goes along, and makes a message of its own only where
there was none for that long.
Mail has all of it; a chat gets the subject, the counts and the link.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from cchc.alerting import alerts, attachment, phrases, removals, review, subjects, waiting, words
from cchc.alerting import findings as reading
from cchc.alerting.alerts import Alert, Memory, Standing
from cchc.alerting.attachment import Workload
from cchc.alerting.changes import Change
from cchc.alerting.findings import ROWS_SHOWN, Findings, Wrong, unit_name
from cchc.alerting.phrases import templates
from cchc.alerting.subjects import Questions, Sections
from cchc.alerting.transport import MAIL
from cchc.alerting.waiting import Waiting
from cchc.catalogue.models import Catalogue, Recipient
from cchc.settings import settings
from cchc.warehouse.sql import query

KIND = "digest"


@dataclass(frozen=True)
class Extras:
    """What other rooms add to a digest; neither section is there where nothing is given."""

    questions: Questions | None = None  # for the office and the engineers; a new one is news
    scorecards: Mapping[str, str] = field(
        default_factory=dict
    )  # unit → its line, in Vietnamese; for its contact
    praised: Collection[str] = frozenset()  # units whose line says that all is well
    changes: tuple[Change, ...] = ()  # between this release and the one of an earlier day, for the office


@dataclass
class _Reader:
    """One recipient and what they are responsible for."""

    recipient: Recipient
    units: set[str] = field(default_factory=set)
    below: set[str] = field(default_factory=set)  # units whose parent's contact this is
    everything: bool = False
    summary: bool = False

    @property
    def above(self) -> bool:
        """Whether this is the province: its office or its engineers."""
        return self.summary or self.everything

    @property
    def owners(self) -> set[str]:
        """What kinds of rules this reader mends for the province."""
        return {name for name, has in (("office", self.summary), ("engineer", self.everything)) if has}


@dataclass(frozen=True)
class Message:
    """A composed digest; `chat` is what a channel beside mail gets."""

    recipient: Recipient
    subject: str
    text: str
    html: str
    chat: str
    file: bytes | None
    file_name: str
    alerts: tuple[int, ...]


@dataclass(frozen=True)
class _Night:
    """What all messages of a night are made from."""

    catalogue: Catalogue
    found: Findings
    standing: Standing
    memory: Memory
    notes: tuple[review.Note, ...]
    removals: tuple[removals.Removal, ...]
    waiting: Mapping[str, Waiting]  # by unit
    extras: Extras
    link: str


def compose(
    engine: Engine,
    catalogue: Catalogue,
    run_id: UUID,
    extras: Extras = Extras(),
    portal_url: str | None = None,
) -> int:
    """Judge what is wrong, write the digests of a run to the outbox and return how many were written or renewed.

    Composing the same night again renews what was not sent yet and never adds a second message. All of it is one
    transaction. `portal_url` is where messages lead to (None: that of the settings; empty: no link).
    """
    found = reading.read(engine, catalogue, run_id)
    link = settings().portal_url if portal_url is None else portal_url
    now = datetime.now(ZoneInfo(catalogue.province.zone))
    with engine.begin() as connection:
        alerts.alone(connection)
        standing = alerts.judge(connection, catalogue, found.day, found.things())
        memory = alerts.remembered(connection, standing, found.day)
        notes = review.read(connection, found.day, catalogue.province.remind_every)
        gone = removals.read(connection, found.day)
        left = waiting.read(connection, found.day)
        night = _Night(catalogue, found, standing, memory, notes, gone, left, extras, link)
        rows = [row for message in _messages(connection, night) for row in _rows(message, now)]
        connection.execute(
            query("alerting/withdraw_messages"),
            {"day": found.day, "kind": KIND, "kept": [f"{r['recipient']}\n{r['channel']}" for r in rows]},
        )
        values = {"day": found.day, "kind": KIND, "run_id": run_id}
        written = sum(
            connection.execute(query("alerting/put_message"), {**values, **row}).rowcount for row in rows
        )
        connection.execute(query("alerting/mark_told"), {"run_id": run_id})
    return written


def _rows(message: Message, now: datetime) -> Iterable[dict[str, Any]]:
    """Yield a row of the outbox for each way to the recipient."""
    to = message.recipient
    common = {"subject": message.subject, "not_before": to.not_before(now), "alerts": list(message.alerts)}
    if to.email:
        yield {
            **common,
            "recipient": to.email,
            "channel": MAIL,
            "body_text": message.text,
            "body_html": message.html,
            "attachment_name": message.file_name if message.file else None,
            "attachment": message.file,
        }
    for channel in to.channels:
        yield {
            **common,
            "recipient": to.key,
            "channel": channel,
            "body_text": message.chat,
            "body_html": "",
            "attachment_name": None,
            "attachment": None,
        }


def _messages(connection: Connection, night: _Night) -> Iterable[Message]:
    for reader in _readers(night.catalogue, night.found):
        if KIND in reader.recipient.kinds and (message := _message(connection, night, reader)):
            yield message


def _readers(catalogue: Catalogue, found: Findings) -> list[_Reader]:
    """Return each recipient once, however many roles they have, in the order of their keys."""
    readers: dict[str, _Reader] = {}

    def reader(recipient: Recipient) -> _Reader:
        return readers.setdefault(recipient.key, _Reader(recipient))

    units = catalogue.units_on(found.day)
    contacts = {unit.code: unit.contact for unit in units if unit.contact is not None}
    for unit in units:
        if unit.contact is not None:
            reader(unit.contact).units.add(unit.code)
        if unit.parent in contacts:
            reader(contacts[unit.parent]).below.add(unit.code)
    for person in catalogue.province.office:
        reader(person).summary = True
    for person in catalogue.province.engineers:
        reader(person).everything = True
    return [readers[key] for key in sorted(readers)]


def _message(connection: Connection, night: _Night, reader: _Reader) -> Message | None:
    """Return a reader's message, or None where nothing of theirs is new."""
    found = night.found if reader.above else night.found.for_units(reader.units)
    own = night.found if reader.everything else night.found.for_units(reader.units)
    standing = night.standing
    heard = night.memory.of(reader.recipient)
    # what was told since then is no news
    since = found.day - timedelta(days=night.catalogue.province.remind_every - 1)
    mine = [a for a in standing.open.values() if _concerns(a, reader, own, found)]
    mended = [a for a in standing.mended if a.alert_id in heard]
    escalated = [a for a in standing.escalated if reader.above or a.thing.unit_code in reader.below]
    changes = night.extras.changes if reader.summary else ()
    questions = night.extras.questions if reader.above else None
    notes = review.of_reader(night.notes, reader.units, reader.owners)
    gone = removals.of_reader(night.removals, reader.units, night.catalogue.province, above=reader.above)
    news = (
        any(heard.get(alert.alert_id, date.min) < max(since, alert.changed_day) for alert in mine)
        or any(rule.new_rows for rule in found.rules)
        or changes
        or gone
        or mended
        or escalated
        or (questions is not None and questions.new)
        or any(note.is_news(found.day) for note in notes)
        or (notes and night.memory.last_digest(reader.recipient) < since)
    )
    if not news:
        return None
    units = None if reader.everything else reader.units
    load = attachment.read(connection, night.catalogue, units) if units is None or units else Workload((), 0)
    sections = Sections(
        changes=changes,
        mended=phrases.lines(night.catalogue, mended),
        escalated=phrases.lines(night.catalogue, escalated, nights=True),
        questions=questions,
        review=review.lines(notes),
        scorecards=_scorecards(night, reader),
        removals=gone,
        waiting=sum(night.waiting.values(), Waiting()) if reader.above else Waiting(),
    )
    values = _values(night, reader, found, own, load) | sections.__dict__
    return Message(
        recipient=reader.recipient,
        subject=subjects.subject(night.catalogue, found, sections, load),
        text=templates().get_template("digest.txt.j2").render(values),
        html=templates().get_template("digest.html.j2").render(values),
        chat=templates().get_template("chat.txt.j2").render(values),
        file=attachment.workbook(load, found.day) if load.rows else None,
        file_name=f"can-sua-{found.day}.xlsx",
        alerts=tuple(sorted({alert.alert_id for alert in (*mine, *escalated)})),
    )


def _scorecards(night: _Night, reader: _Reader) -> list[str]:
    """Return the lines of the own units, with what lowers them and is not theirs.

    None says that all is well where records are gone.
    """
    lost = {gone.unit_code for gone in night.removals if gone.removed}
    lines: list[str] = []
    for unit, line in night.extras.scorecards.items():
        if unit not in reader.units or (unit in lost and unit in night.extras.praised):
            continue
        failed = [f.source for f in night.found.failures if f.unit_code == unit and f.ours]
        lines += [line, *([words.NOT_ITS_OWN.format(sources=", ".join(failed))] if failed else [])]
    return lines


def _concerns(alert: Alert, reader: _Reader, own: Findings, found: Findings) -> bool:
    """Whether an open alert is a part of what this reader is told of."""
    thing = alert.thing
    if not thing.unit_code:
        return False  # of the province's own: an urgent message tells it, and nothing in the digest does
    if thing.kind == "secrecy" and thing not in found.things():
        return False  # this night did not see it, and nothing proves that it is gone
    if reader.above:
        return True
    if thing.unit_code not in reader.units:
        return False
    # rows of the nights before wait too; a failure that is ours is no business of the unit
    return thing.kind == "rows" or thing in own.things()


def _values(
    night: _Night, reader: _Reader, found: Findings, own: Findings, load: Workload
) -> dict[str, object]:
    province = night.catalogue.province.name
    told = {u.code for u in night.catalogue.units_on(found.day) if u.contact is not None}
    opened = night.standing.open

    def nights(part: Wrong) -> str:
        alert = opened.get(part.thing)
        return words.night(alert.night if alert else 1)

    return {
        "province": province[:1].lower() + province[1:],  # within a sentence: tỉnh, thành phố
        "name": reader.recipient.name,
        "all": found,
        "own": own,
        "rows": own.rows[:ROWS_SHOWN],
        "summary": reader.above,
        "everything": reader.everything,
        "units": phrases.by_unit(night.catalogue, found, night.waiting),
        "silent": [name for code, name in found.units().items() if code not in told]
        if reader.everything
        else [],
        "nights": nights,
        "unit_name": lambda code: unit_name(night.catalogue, code),
        "removed": removals.counted,
        "load": load,
        "link": night.link,
        "page": lambda path: phrases.page(night.link, path),
        "remind_every": night.catalogue.province.remind_every,
    }
