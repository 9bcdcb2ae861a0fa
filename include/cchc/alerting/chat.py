"""Messages to chats and webhooks through Apprise.

An address holds its secret (a bot's token, a path nobody can guess), so nothing that Apprise or what it stands on
says of it is passed on: what went wrong is told in words of our own.
"""

from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cchc.alerting.transport import Letter, NotTaken, Unreachable
from cchc.settings import notify_name

_SECONDS = 10.0  # to connect, and for the answer; an address may say otherwise (cto, rto)
_APPRISE_SECONDS = 4.0  # its own default
# what may write an address, or a part of it, to a log
_TALKERS = ("apprise", "urllib3.connectionpool", "urllib3.connection", "urllib3.util.retry", "requests")
_STATUS = re.compile(r"error=(\d{3})\b")


class Chat:
    """One channel of the catalogue; `address` is its Apprise URL, None where the environment has none."""

    def __init__(self, channel: str, address: str | None) -> None:
        self._variable = f"CCHC_NOTIFY_{notify_name(channel)}"
        self._address = address
        self._plugin: Any = None

    def open(self) -> None:
        """Read the address; raises `Unreachable` where there is none or nothing understands it."""
        if self._plugin is not None:
            return
        if not self._address:
            raise Unreachable(f"{self._variable} is not set")
        with _overheard():
            try:
                self._plugin = _plugin(self._address)
            except Exception as error:
                raise Unreachable(f"{self._variable} cannot be used: {type(error).__name__}") from None
        if self._plugin is None:
            raise Unreachable(
                f"{self._variable} is not an address that Apprise knows, such as json://host/path"
            )

    def hand_over(self, letter: Letter) -> None:
        """Send one short message; a webhook gets the message's id as Idempotency-Key. Raises `NotTaken`."""
        headers = self._plugin.__dict__.get("headers")
        if isinstance(headers, dict):  # json, xml and form addresses: those that take headers
            headers["Idempotency-Key"] = letter.key
        with _overheard() as said:
            try:
                taken = self._plugin.notify(body=letter.text, title=letter.subject, body_format="text")
            except Exception as error:
                raise NotTaken(f"{self._variable}: {type(error).__name__}", perhaps=True) from None
        if taken:
            return
        status = next((int(found[1]) for text in said if (found := _STATUS.search(text))), None)
        if status is None:
            raise NotTaken(f"{self._variable}: not reached, or no answer in time", perhaps=True)
        # a gateway that gives up may have passed the message on
        raise NotTaken(f"{self._variable}: answers {status}", perhaps=status >= 500)

    def close(self) -> None:
        """Forget the address."""
        self._plugin = None


def _plugin(address: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it imports warns of itself; nothing an engineer can mend
        from apprise import Apprise, AppriseAsset

        asset = AppriseAsset(
            app_id="CCHC",
            app_desc="CCHC",
            app_url="",
            plugin_paths=[],
            async_mode=False,
            http_redirects=False,  # a message that is redirected arrives empty, and its secret elsewhere
        )
        plugin = Apprise.instantiate(address, asset=asset, suppress_exceptions=False)
    if plugin is not None:
        for limit in ("socket_connect_timeout", "socket_read_timeout"):
            if getattr(plugin, limit, None) == _APPRISE_SECONDS:
                setattr(plugin, limit, _SECONDS)
    return plugin


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """Return what is said while a message is handed over, and let none of it reach a log."""
    said: list[str] = []
    own = threading.get_ident()

    def keep(record: logging.LogRecord) -> bool:
        if record.thread != own:
            return True
        said.append(record.getMessage())
        return False

    loggers = [logging.getLogger(name) for name in _TALKERS]
    for logger in loggers:
        logger.addFilter(keep)
    try:
        yield said
    finally:
        for logger in loggers:
            logger.removeFilter(keep)
