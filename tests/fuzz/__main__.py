"""Fuzz every parser for a while: inputs that break one are kept as files, and the exit code is then 1.

Such a file becomes a regression test by being moved to tests/fuzz/corpus/<target>/ once the flaw is mended.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fuzz.run import run
from fuzz.targets import TARGETS


def main() -> int:
    """Return the exit code: 0 nothing broke, 1 something did."""
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all by default"
    )
    parser.add_argument("--seconds", type=float, default=60, help="of each target (60)")
    parser.add_argument(
        "--crashes", type=Path, default=Path(".cchc/fuzz/crashes"), help="folder of what breaks"
    )
    parser.add_argument(
        "--corpus", type=Path, default=Path(".cchc/fuzz/corpus"), help="folder of what is learned"
    )
    given = parser.parse_args()
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    broken = False
    for name in given.targets or TARGETS:
        found = run(name, given.seconds, given.crashes.resolve(), given.corpus.resolve() / name)
        state = "ok" if found.sound else "BROKEN"
        print(f"{name:16} {state:7} {found.tried:>9} inputs {found.covered:>6} branches", flush=True)
        if not found.sound:
            broken = True
            print(found.said, *(f"input: {path}" for path in found.crashes), sep="\n", flush=True)
    return int(broken)


if __name__ == "__main__":
    sys.exit(main())
