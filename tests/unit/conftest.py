"""What is collected stays to the end: garbage is not looked for in it, neither while it is collected nor later."""

from __future__ import annotations

import gc

gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage again, in what the tests make."""
    gc.freeze()
    gc.enable()
