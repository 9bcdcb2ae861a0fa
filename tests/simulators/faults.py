"""What can go wrong with a system, switched on per source while it runs.

======================  =====================================================  ==========================
fault                   what the reader meets                                  value (default)
======================  =====================================================  ==========================
refuse                  the connection is closed without an answer
hang                    the request is taken and never answered                seconds at most (3600)
drip                    a byte now and then                                    seconds between (0.5)
slow                    every answer late, but complete                        seconds (0.3)
cut_body                the body ends halfway, the connection closes
html_200                a login page instead of data
error_in_200            an error of the system's own inside HTTP 200
http_500                HTTP 500 on page `value`; 0: on every page             page (0)
http_429                too many requests, `Retry-After: 1`                    how often (2)
repeated_page           the first page, whatever page is asked for
missing_field           a field that is needed is not there                    field (see `spoil`)
renamed_field           a field that is needed has a new name                  field (see `spoil`)
wrong_type              a field holds an object instead of a text; `data`:
                        the list of records is a text                          field or data
empty                   no records at all
bad_rows                every `value`-th record is wrong, seven ways in turn   stride (14)
total_mismatch          the stated total is 3 more than the records
expired_token           credentials are refused: for ever, or (national)
                        each token works `value` times; (portal766) HTTP 403   times (0)
bad_xml                 (edxml) a message that is not well-formed XML
======================  =====================================================  ==========================

Of these a folder of registers knows refuse (it is gone), empty, cut_body, html_200, missing_field, renamed_field,
wrong_type and bad_rows.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal[
    "refuse",
    "hang",
    "drip",
    "slow",
    "cut_body",
    "html_200",
    "error_in_200",
    "http_500",
    "http_429",
    "repeated_page",
    "missing_field",
    "renamed_field",
    "wrong_type",
    "empty",
    "bad_rows",
    "total_mismatch",
    "expired_token",
    "bad_xml",
]
KINDS: tuple[str, ...] = get_args(FaultKind)
IN_ROWS = ("missing_field", "renamed_field", "wrong_type", "bad_rows", "bad_xml")


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, and how much of it; `value` is read by the fault as the table above says."""

    kind: FaultKind
    value: str = ""

    def number(self, default: float) -> float:
        """Return the value as a number."""
        return float(self.value) if self.value else default


def in_rows(fault: Fault | None) -> Fault | None:
    """Return the fault if it changes records, else None."""
    return fault if fault is not None and fault.kind in IN_ROWS else None


class Faults:
    """The faults of every source; safe to change while servers answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_source: dict[str, Fault] = {}
        self._uses: dict[str, int] = {}

    def set(self, source: str, kind: FaultKind, value: object = "") -> None:
        """Let a source misbehave from its next request on, in this way only."""
        if kind not in KINDS:
            raise ValueError(f"{kind!r} is no fault; known: {', '.join(KINDS)}")
        with self._lock:
            self._by_source[source] = Fault(kind, str(value))
            self._uses.pop(source, None)

    def clear(self, source: str | None = None) -> None:
        """Let a source (None: every source) behave again."""
        with self._lock:
            if source is None:
                self._by_source.clear()
            self._by_source.pop(source or "", None)

    def of(self, source: str | None) -> Fault | None:
        """Return what is wrong with a source now."""
        with self._lock:
            return self._by_source.get(source or "")

    def use(self, source: str) -> int:
        """Count one use of the source's fault; return how many there were before."""
        with self._lock:
            before = self._uses.get(source, 0)
            self._uses[source] = before + 1
            return before

    def all(self) -> dict[str, Fault]:
        """Return every fault that is switched on."""
        with self._lock:
            return dict(self._by_source)
