"""The night's digest: one message per person who must act, and none when there is nothing to mend.

=============== ==============================================
recipient       reads
=============== ==============================================
unit contact    the failures and rows of the own units
engineer        everything
office          which units are missing, and how much is wrong
=============== ==============================================

A person with several of these roles gets one message with all of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from uuid import UUID

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from sqlalchemy import Engine

from cchc.alerting import findings as reading
from cchc.alerting import words
from cchc.alerting.findings import ROWS_SHOWN, Findings
from cchc.catalogue.models import Catalogue, Recipient
from cchc.warehouse.sql import query

KIND = "digest"


@dataclass
class _Reader:
    """One mailbox and what its owner is responsible for."""

    recipient: Recipient
    units: set[str] = field(default_factory=set)
    everything: bool = False
    summary: bool = False


@dataclass(frozen=True)
class Message:
    """A composed digest."""

    recipient: str
    subject: str
    text: str
    html: str


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=PackageLoader("cchc.alerting"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["count"] = words.count
    return environment


def compose(engine: Engine, catalogue: Catalogue, run_id: UUID) -> int:
    """Write the digests of a run to the outbox and return how many messages were written or renewed.

    Composing the same night again renews what was not sent yet and never adds a second message.
    """
    found = reading.read(engine, catalogue, run_id)
    messages = [] if found.is_empty else _messages(catalogue, found)
    written = 0
    with engine.begin() as connection:
        connection.execute(
            query("alerting/withdraw_messages"),
            {"day": found.day, "kind": KIND, "recipients": [m.recipient for m in messages]},
        )
        for message in messages:
            result = connection.execute(
                query("alerting/put_message"),
                {
                    "recipient": message.recipient,
                    "day": found.day,
                    "kind": KIND,
                    "run_id": run_id,
                    "subject": message.subject,
                    "body_text": message.text,
                    "body_html": message.html,
                },
            )
            written += result.rowcount
    return written


def _messages(catalogue: Catalogue, found: Findings) -> list[Message]:
    messages = []
    for reader in _readers(catalogue, found):
        part = found if reader.everything or reader.summary else found.for_units(reader.units)
        if not part.is_empty:
            messages.append(_message(catalogue, reader, part))
    return messages


def _readers(catalogue: Catalogue, found: Findings) -> list[_Reader]:
    """Return each mailbox once, however many roles its owner has, in the order of the addresses."""
    readers: dict[str, _Reader] = {}

    def reader(recipient: Recipient) -> _Reader:
        return readers.setdefault(recipient.email.lower(), _Reader(recipient))

    for unit in catalogue.units_on(found.day):
        if unit.contact is not None:
            reader(unit.contact).units.add(unit.code)
    for person in catalogue.province.office:
        reader(person).summary = True
    for person in catalogue.province.engineers:
        reader(person).everything = True
    return [readers[address] for address in sorted(readers)]


def _message(catalogue: Catalogue, reader: _Reader, found: Findings) -> Message:
    own = found if reader.everything else found.for_units(reader.units)
    province = catalogue.province.name
    told = {u.code for u in catalogue.units_on(found.day) if u.contact is not None}
    values = {
        "province": province[:1].lower() + province[1:],  # within a sentence: tỉnh, thành phố
        "name": reader.recipient.name,
        "all": found,
        "own": own,
        "rows": own.rows[:ROWS_SHOWN],
        "summary": reader.summary or reader.everything,
        "everything": reader.everything,
        "units": _by_unit(found),
        "silent": [name for code, name in found.units().items() if code not in told]
        if reader.everything
        else [],
    }
    return Message(
        recipient=reader.recipient.email,
        subject=_subject(found),
        text=_templates().get_template("digest.txt.j2").render(values),
        html=_templates().get_template("digest.html.j2").render(values),
    )


def _subject(found: Findings) -> str:
    parts = []
    if found.failures:
        parts.append(f"{words.count(len(found.failures))} nguồn chưa có số liệu")
    if found.rules:
        parts.append(f"{words.count(found.row_count)} dòng cần sửa")
    if found.refusals:
        parts.append(f"{words.count(found.refused_count)} bản ghi mang dấu mật")
    units = list(found.units().values())
    place = f" – {units[0]}" if len(units) == 1 else f" – {words.count(len(units))} đơn vị"
    return words.short(f"[CCHC] {found.day:%d/%m/%Y}: {', '.join(parts)}{place}", 200)


@dataclass(frozen=True)
class _UnitLine:
    unit: str
    sources: str
    rows: int
    refused: int


def _by_unit(found: Findings) -> list[_UnitLine]:
    lines = []
    for code, name in found.units().items():
        part = found.of_units({code})
        sources = ", ".join(f.source for f in part.failures)
        lines.append(_UnitLine(name, sources, part.row_count, part.refused_count))
    return sorted(lines, key=lambda line: (not line.sources, -line.rows))
