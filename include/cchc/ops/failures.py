"""What an outcome row says of an error: its own words where it was raised for people, else only its kind and place."""

from __future__ import annotations

import traceback
from pathlib import Path

from cchc import errors
from cchc.errors import CchcError


def kind(error: BaseException) -> str:
    """Return the class of an error by which people are told what to do: of ours the nearest one of `cchc.errors`."""
    ours = (found.__name__ for found in type(error).__mro__ if found.__module__ == errors.__name__)
    return next(ours, type(error).__name__)


def in_words(error: BaseException) -> str:
    """Return an error in words; the text of one that nobody raised on purpose is left out: it may carry a value."""
    if isinstance(error, CchcError):
        return str(error)
    return f"unexpected {type(error).__name__} at {place(error)}; this is a fault of the pipeline, not of the unit"


def named(source_code: str, text: str) -> str:
    """Return a text that begins with the source it is about."""
    return text if text.startswith(source_code) else f"{source_code}: {text}"


def place(error: BaseException) -> str:
    """Return file and line of this product where an error came up."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "cchc" in f.filename] or list(frames)
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "unknown place"
