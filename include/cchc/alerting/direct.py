"""Tell somebody at once and without the warehouse: for a test, and for when the warehouse itself is what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cchc.alerting import mail, transport
from cchc.alerting.outbox import way
from cchc.alerting.transport import Letter, NotTaken, Unreachable
from cchc.alerting.urgent import ways
from cchc.catalogue.models import Recipient
from cchc.settings import Smtp


@dataclass(frozen=True)
class Told:
    """What came of one way to one recipient; `problem` is empty where the message was taken."""

    recipient: str
    channel: str
    key: str
    problem: str = ""


def tell(
    people: Iterable[Recipient],
    kind: str,
    day: str,
    subject: str,
    text: str,
    smtp: Smtp,
    notify: Mapping[str, str],
    *,
    done: Iterable[str] = (),
) -> list[Told]:
    """Send a message to people over each of their ways, but those whose key is in `done`; return what came of each.

    The same kind and day is the same message to whoever looks at its id. Raises `ConfigurationError` where the mail
    password would travel unencrypted.
    """
    mail.check(smtp)
    told = []
    skip = set(done)
    for person in {person.key: person for person in people}.values():
        for recipient, channel in ways(person):
            key = transport.key(recipient, day, kind, channel)
            if key in skip:
                continue
            to = way(channel, smtp, notify)
            letter = Letter(key, recipient, subject, text, "", datetime.now(UTC))
            problem = ""
            try:
                to.open()
                to.hand_over(letter)
            except (Unreachable, NotTaken) as error:
                problem = str(error)
            finally:
                to.close()
            told.append(Told(person.name, channel, key, problem))
    return told
