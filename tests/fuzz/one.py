"""One target under atheris, in a process of its own: `python -m fuzz.one TARGET [libFuzzer arguments]`."""

from __future__ import annotations

import sys

import atheris

import cchc.catalogue.load  # noqa: F401  not from outside, so not instrumented: that costs time

with atheris.instrument_imports(
    include=["cchc", "fuzz", "csv", "_strptime", "defusedxml"], enable_loader_override=False
):
    from fuzz import targets


def main() -> None:
    """Fuzz until the arguments say stop; never returns."""
    name = sys.argv.pop(1)
    target = targets.planted if name == "planted" else targets.TARGETS[name]
    atheris.Setup(sys.argv, target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
