"""Registers put into a unit's folder, as if they had lain there for a while."""

from __future__ import annotations

import os
from pathlib import Path


def put(folder: Path, name: str, content: bytes | str) -> Path:
    """Write a file into the folder of unit x; it is old enough not to be taken for one that is being written."""
    path = folder / "x" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path
