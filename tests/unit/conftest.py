"""What holds for all unit tests: how busy the machine is decides none, and garbage is looked for where it is."""

from __future__ import annotations

import gc

from hypothesis import HealthCheck, settings

settings.register_profile("unit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")

gc.disable()  # what is collected stays to the end: not while it is collected …
_OBJECTS = 20_000  # … and after so many new ones, not after 700 of them


def pytest_collection_finish() -> None:
    """Look for garbage again, in what the tests make."""
    gc.freeze()
    gc.set_threshold(_OBJECTS)
    gc.enable()
