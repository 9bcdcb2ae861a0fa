"""What a server of folders serves: files of a unit, written long ago."""

from __future__ import annotations

import os
from pathlib import Path


def put(root: Path, name: str, content: bytes) -> Path:
    """Write a file of the unit `x` below a server's root; returns where it is."""
    path = root / "sổ" / "x" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path
