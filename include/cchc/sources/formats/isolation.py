"""Foreign workbooks are opened in a process of their own, within limits of memory and time.

What it costs, what it cannot do and why only workbooks go there: docs/adr/0021-foreign-files.md.
"""

from __future__ import annotations

import importlib.util
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, TypeAlias

import orjson

from cchc.sources.formats.isolated.child import LONGEST_FRAME, OUT_OF_MEMORY


class BadWorkbook(ValueError):
    """The workbook cannot be read; the text says why."""


class Broken(NamedTuple):
    """A cell without a value to believe: `error` (#REF!), `formula` (never worked out) or `amount` (no number)."""

    why: Literal["error", "formula", "amount"]


Cell: TypeAlias = str | float | int | bool | datetime | date | time | Broken


class Limits(NamedTuple):
    """What one file may cost to open: megabytes of address space, seconds of processor time."""

    memory_mb: int = 512
    seconds: int = 60


class SheetInfo(NamedTuple):
    """A sheet as the workbook lists it."""

    number: int
    name: str
    hidden: bool


class Facts(NamedTuple):
    """What is known of a sheet beside its cells; ranges are from 0: (row, column, last row, last column)."""

    hidden_rows: int
    hidden_columns: tuple[tuple[int, int], ...]
    merged: tuple[tuple[int, int, int, int], ...]
    beside: tuple[str, ...]  # the short lines of each comment, text box, page header and footer


_BEGIN = (
    "import sys; sys.path[:0] = sys.argv.pop(1).split(':');"
    "from cchc.sources.formats.isolated.child import main; main()"
)
_WAIT = 30  # seconds of real time beside those of the processor: then a process that says nothing is given up
_CHUNK = 1024 * 1024


class Book:
    """A workbook that is open in its own process; sheets are read one after another."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        self._process = process
        self._limits = limits
        self._poll = select.poll()
        assert process.stdout is not None  # noqa: S101  a pipe
        assert process.stdin is not None  # noqa: S101  a pipe
        self._out, self._asked = process.stdout.fileno(), process.stdin
        self._poll.register(self._out, select.POLLIN)
        self.sheets = tuple(
            SheetInfo(number, str(sheet["name"]), bool(sheet["hidden"]))
            for number, sheet in enumerate(self._frame()["sheets"])
        )

    def sheet(self, number: int) -> tuple[Facts, Iterator[list[Cell]]]:
        """Return facts of a sheet and its rows from the first row and column on; raises `BadWorkbook`.

        The rows of a sheet are taken to their end before another one is asked for.
        """
        try:
            self._asked.write(f"{number}\n".encode())
            self._asked.flush()
        except BrokenPipeError:
            raise BadWorkbook(self._end()) from None
        facts = self._frame()["sheet"]
        hidden, merged = (tuple(map(tuple, facts[name])) for name in ("hidden_columns", "merged"))
        return Facts(facts["hidden_rows"], hidden, merged, tuple(facts["beside"])), self._rows()

    def _rows(self) -> Iterator[list[Cell]]:
        while "end" not in (frame := self._frame()):
            for cells in frame["rows"]:
                yield [_cell(cell) if isinstance(cell, dict) else cell for cell in cells]

    def _frame(self) -> dict[str, Any]:
        size = int.from_bytes(self._take(4), "big")
        if size > LONGEST_FRAME:
            raise BadWorkbook("the reader broke down on it")
        frame: dict[str, Any] = orjson.loads(self._take(size))
        if "refused" in frame:
            raise BadWorkbook(str(frame["refused"]))
        return frame

    def _take(self, size: int) -> bytes:
        found = bytearray()
        while len(found) < size:
            if not self._poll.poll((_WAIT + self._limits.seconds) * 1000):
                raise BadWorkbook(self._too_long())
            chunk = os.read(self._out, min(size - len(found), _CHUNK))
            if not chunk:
                raise BadWorkbook(self._end())
            found += chunk
        return bytes(found)

    def _end(self) -> str:
        """Return why the process ended before it had said everything."""
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            return self._too_long()
        if code in (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGKILL):
            return f"the file needs more than {self._limits.memory_mb} MB to read"
        return "the reader broke down on it; save the workbook anew as .xlsx"

    def _too_long(self) -> str:
        return f"the file needs more than {self._limits.seconds} seconds to read"


@contextmanager
def opened(file: BinaryIO, limits: Limits | None = None) -> Iterator[Book]:
    """Open the workbook in a file (a real one, with a descriptor) and end its process afterwards.

    Raises `BadWorkbook`, also from within; nothing of this process is in the other one but the file.
    """
    limits = limits or Limits()
    file.flush()  # the other process sees what is in the file, not what is on its way there
    number = file.fileno()
    command = [sys.executable, "-I", "-S", "-c", _BEGIN, _paths(), str(number), *map(str, limits)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(number,),
        env={"LC_ALL": "C.UTF-8"},
        cwd="/",
        bufsize=0,
    ) as process:
        try:
            yield Book(process, limits)
        finally:
            process.kill()


@cache
def _paths() -> str:
    """Return the folders that the other process imports from: this product's, and that of python-calamine."""
    found = [importlib.util.find_spec(name) for name in ("cchc", "python_calamine")]
    return ":".join(str(Path(spec.origin).parents[1]) for spec in found if spec and spec.origin)


def _cell(cell: dict[str, str]) -> Cell:
    """Return a cell that is no plain JSON value."""
    ((kind, text),) = cell.items()
    readers: dict[str, Callable[[str], Cell]] = {
        "moment": datetime.fromisoformat,
        "day": date.fromisoformat,
        "time": time.fromisoformat,
        "broken": lambda why: Broken("formula" if why == "formula" else "error"),
    }
    return readers[kind](text)
