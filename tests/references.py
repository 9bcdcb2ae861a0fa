"""Real payloads and official scores that lie beside a checkout and are no part of it; some tests need them."""

from __future__ import annotations

from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[2] / "shared"

SAMPLES = _BESIDE / "samples"
OFFICIAL = _BESIDE / "reference" / "qd766"
