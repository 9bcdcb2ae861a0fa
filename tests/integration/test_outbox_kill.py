"""SIGKILL the sender at random moments and at every named step: each message arrives, and is one message.

Mail goes to a real SMTP server, chat messages to a real HTTP server. Two customary designs go through the same kills
and must be caught. `CCHC_KILL_SENDS=500` runs the long version.
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cchc.alerting import transport
from integration.nursery import Nursery
from simulators.mail import Sink
from simulators.webhook import Webhook

KILLS = int(os.environ.get("CCHC_KILL_SENDS", "100"))
STEPS = ("claimed", "handed over", "before commit", "finished")
DAY = date(2026, 11, 14)


@dataclass
class Harm:
    """What the kills did: messages that never came, that came as two, and copies under the same id."""

    kills: int
    lost: int
    doubled: int
    copies: int


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery("integration.senders")
    yield made
    made.close()


class Post:
    """The outbox, the two servers and what was put in for them."""

    def __init__(self, engine: Engine, mailbox: Sink, webhook: Webhook) -> None:
        self.engine, self.mailbox, self.webhook = engine, mailbox, webhook
        self.expected: set[str] = set()

    def put(self) -> None:
        """Write one mail, with an attachment, and one chat message."""
        number = len(self.expected)
        with self.engine.begin() as connection:
            for channel in (transport.MAIL, "hook"):
                connection.execute(
                    text(
                        "insert into ops.outbox (recipient, channel, reporting_day, kind, subject, body_text,"
                        " body_html, attachment_name, attachment) values (:r, :c, :d, 'digest', 's', 't', '', 'a', :a)"
                    ),
                    {"r": f"u{number}@tinh.test", "c": channel, "d": DAY, "a": bytes(50_000)},
                )
                self.expected.add(transport.key(f"u{number}@tinh.test", DAY.isoformat(), "digest", channel))

    def arrived(self) -> list[str]:
        """Return the id of every message that came, as often as it came."""
        mails = [str(m["Message-ID"]).strip("<>").partition("@")[0] for m in self.mailbox.messages()]
        return mails + [request.key for request in self.webhook.requests]

    def left(self) -> int:
        with self.engine.connect() as connection:
            return int(connection.scalar(text("select count(*) from ops.outbox where state <> 'sent'")) or 0)


@pytest.fixture
def post(warehouse: Engine, tmp_path: Path) -> Iterator[Post]:
    with Sink(tmp_path / "mail") as mailbox, Webhook() as webhook:
        yield Post(warehouse, mailbox, webhook)


def _kill_until(post: Post, nursery: Nursery, sender: str, wanted: int) -> Harm:
    """Kill senders, half of them at a named step, half at a random moment; then let one end, and count."""
    moment = random.Random(766)
    order = {
        "sender": sender,
        "dsn": post.engine.url.render_as_string(hide_password=False),
        "port": post.mailbox.port,
        "hook": post.webhook.url(),
        "step": "",
        "times": 1,
    }
    kills = 0
    for turn in range(wanted * 3):
        if kills == wanted:
            break
        post.put()
        if turn % 2:
            step = STEPS[turn // 2 % len(STEPS)]
            code = nursery.order({**order, "step": step, "times": moment.randint(1, 2)})
        else:
            code = nursery.order(order, after=moment.uniform(0, 0.12))
        kills += code == -signal.SIGKILL
    for _ in range(20):
        if post.left() == 0:
            break
        assert nursery.order(order) == 0
    assert post.left() == 0
    came = post.arrived()
    return Harm(
        kills=kills,
        lost=len(post.expected - set(came)),
        doubled=len(set(came) - post.expected),
        copies=len(came) - len(set(came)),
    )


def test_every_message_arrives_and_is_one_message(post: Post, nursery: Nursery) -> None:
    harm = _kill_until(post, nursery, "product", KILLS)
    print(f"product: {harm} of {len(post.expected)} messages")
    assert harm.kills >= KILLS, "the kills must hit live senders"
    assert (harm.lost, harm.doubled) == (0, 0)
    # a copy can only come where a sender died between the other side's answer and the end of our commit
    assert 0 < harm.copies <= harm.kills


def test_the_check_catches_mark_then_send(post: Post, nursery: Nursery) -> None:
    harm = _kill_until(post, nursery, "mark_then_send", 10)
    print(f"mark, then send: {harm}")
    assert harm.lost > 0


def test_the_check_catches_ids_of_their_own_for_every_try(post: Post, nursery: Nursery) -> None:
    harm = _kill_until(post, nursery, "new_ids", 10)
    print(f"new ids: {harm}")
    assert harm.doubled > len(post.expected)
