"""Which file of a folder an address means; nothing outside the folder."""

from __future__ import annotations

from pathlib import Path

INDEX = "index.html"


def within(folder: Path, path: str) -> Path | None:
    """Return the file at a path below a resolved folder; None where there is none, or a link leads out of the folder.

    A path that is empty or ends in a slash means the first page there.
    """
    try:
        wanted = (folder / path).resolve()
        if wanted.is_dir() and (not path or path.endswith("/")):
            wanted = (wanted / INDEX).resolve()
        return wanted if wanted.is_relative_to(folder) and wanted.is_file() else None
    except (OSError, ValueError):  # no name that a file may have
        return None
