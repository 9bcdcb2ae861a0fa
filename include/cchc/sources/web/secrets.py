"""What a server says, as it may be shown: servers repeat our own key as their error code, whole or in part."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from unicodedata import normalize
from urllib.parse import unquote_plus

from cchc.sources.connections import secret_forms
from cchc.sources.connector import Connection
from cchc.sources.door.screen import shown

HIDDEN_SECRET = "(khóa đã che)"  # noqa: S105  # stands for what holds a part of a secret

_RUN = 6  # characters of a secret that are part of it wherever they stand; of a shorter one all


class Secrets:
    """The password of a connection in every form it may come back in, and the tokens it was given; safe for threads."""

    def __init__(self, connection: Connection) -> None:
        self._whole: frozenset[str] = frozenset()
        self._runs: frozenset[str] = frozenset()
        for form in secret_forms(connection):
            self.add(form)

    def add(self, secret: str) -> None:
        """Let a further secret, such as a token, be shown no more."""
        folded = _folded(secret)
        bare = _bare(folded)
        self._whole |= {folded, bare if len(bare) < _RUN else ""} - {""}
        self._runs |= set(_runs(bare))

    def shown(self, text: str, most: int = 120) -> str:
        """Return a text of a server's answer as a message may show it, or what stands for it."""
        written = {text, unquote_plus(text), unescape(text)}
        return HIDDEN_SECRET if any(map(self._holds, written)) else shown(text, most)

    def _holds(self, text: str) -> bool:
        folded = _folded(text)
        bare = _bare(folded)
        whole = any(secret in folded or secret in bare for secret in self._whole)
        return whole or any(map(self._runs.__contains__, _runs(bare)))


def _folded(text: str) -> str:
    return normalize("NFKC", text).casefold()


def _bare(folded: str) -> str:
    """Return letters and digits alone."""
    return "".join(filter(str.isalnum, folded))


def _runs(bare: str) -> Iterator[str]:
    return (bare[at : at + _RUN] for at in range(len(bare) - _RUN + 1))
