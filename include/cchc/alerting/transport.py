"""What every way to hand a message over has in common: what is handed over, and how it can fail."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

MAIL = "mail"  # the channel that every address has; others are names of the catalogue


@dataclass(frozen=True)
class Letter:
    """One message to one recipient; `key` is always the same for the same message."""

    key: str
    recipient: str
    subject: str
    text: str
    html: str
    created_at: datetime
    attachment_name: str | None = None
    attachment: bytes | None = None


class Unreachable(Exception):
    """The channel cannot be used at all; nothing was handed over. The text is free of secrets."""


class NotTaken(Exception):
    """A message was not taken, or `perhaps` it was and the answer never came. The text is free of secrets."""

    def __init__(self, words: str, *, perhaps: bool = False) -> None:
        super().__init__(words)
        self.perhaps = perhaps


class Transport(Protocol):
    """A way to one or more recipients."""

    def open(self) -> None:
        """Make ready, where it is not; raises `Unreachable`."""

    def hand_over(self, letter: Letter) -> None:
        """Give one message away; raises `NotTaken`."""

    def close(self) -> None:
        """Hang up."""


def key(recipient: str, day: str, kind: str, channel: str = MAIL) -> str:
    """Return the id of a message: always the same for a recipient, a reporting day, a kind and a channel."""
    named = [recipient, day, kind] if channel == MAIL else [recipient, day, kind, channel]
    return f"{kind}.{day}.{hashlib.sha256('|'.join(named).encode()).hexdigest()[:32]}"
