"""What the person at the terminal sees while waiting; the same words also where the output goes to a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

_WIDTH = 160  # of tables where the output goes to a file


class Tell:
    """Prints each phase with its time, and keeps the times for the end."""

    def __init__(self, before: float = 0.0) -> None:
        """`before`: seconds that went by before this program started (making the environment)."""
        self.console = Console(highlight=False)
        if not self.console.is_terminal:
            self.console = Console(highlight=False, width=_WIDTH)
        self.before = before
        self.phases: dict[str, float] = {"environment": before} if before >= 1 else {}
        self._began = time.monotonic()

    @property
    def elapsed(self) -> float:
        """Seconds since the command was given."""
        return self.before + time.monotonic() - self._began

    def say(self, text: str) -> None:
        """Print one line with the time since the start."""
        self.console.print(f"[dim]{self.elapsed:5.0f} s[/dim]  {escape(text)}", soft_wrap=True)

    @contextmanager
    def phase(self, name: str, text: str) -> Iterator[None]:
        """Show that something is being done, and how long it took."""
        began = time.monotonic()
        self.say(f"{text} …")
        if self.console.is_terminal:
            with self.console.status(text):
                yield
        else:
            yield
        self.phases[name] = self.phases.get(name, 0.0) + time.monotonic() - began

    @contextmanager
    def counting(self, name: str, text: str) -> Iterator[Count]:
        """Show a count that grows."""
        began = time.monotonic()
        with Count(self, text) as count:
            yield count
        self.phases[name] = self.phases.get(name, 0.0) + time.monotonic() - began

    def times(self) -> str:
        """Return the time of each phase and the whole, in one line."""
        parts = [f"{name} {seconds:.0f} s" for name, seconds in self.phases.items() if seconds >= 0.5]
        return f"{', '.join(parts)}; together {self.elapsed:.0f} s"


class Count:
    """A bar on a terminal; elsewhere a line now and then."""

    _EVERY = 10.0  # seconds between two lines

    def __init__(self, tell: Tell, text: str) -> None:
        self._tell = tell
        self._last = time.monotonic()
        self._shown = ""
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=tell.console,
            transient=True,
            disable=not tell.console.is_terminal,
        )
        self._task = self._bars.add_task(text, total=None)

    def __enter__(self) -> Count:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def note(self, text: str) -> None:
        """Print a line that stays."""
        self._tell.say(text)

    def show(self, text: str, done: int, total: int | None) -> None:
        """Show how far it is."""
        self._bars.update(self._task, description=text, completed=done, total=total)
        now = time.monotonic()
        line = f"{text}: {done} of {total}" if total else text
        if not self._tell.console.is_terminal and line != self._shown and now - self._last > self._EVERY:
            self._last, self._shown = now, line
            self._tell.say(line)
