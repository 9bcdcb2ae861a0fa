"""`python -m simulators serve --home DIR --day YYYY-MM-DD`: the province's systems in one process until SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from datetime import date
from pathlib import Path

from simulators.province import DAY, SEED, running, write_environment

SERVERS = ("motcua", "dvcqg", "truc", "cong766", "smtp")


def ports(text: str) -> dict[str, int]:
    """Read `motcua=8101,dvcqg=8102,truc=8103,cong766=8104,smtp=8105`; those left out get a free port."""
    found = {}
    for part in text.split(","):
        name, _, number = part.partition("=")
        if name not in SERVERS or not number.isdigit():
            raise argparse.ArgumentTypeError(f"{part!r} is not one of {', '.join(SERVERS)} = a port number")
        found[name] = int(number)
    return found


def main() -> int:
    """Serve; return 0 after a clean stop, 1 where a port is taken."""
    parser = argparse.ArgumentParser(prog="python -m simulators", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="serve")
    serve = commands.add_parser("serve", help="start every system of the province and the mail sink")
    serve.add_argument(
        "--home", type=Path, required=True, help="registers/, mail/ and simulators.env are written here"
    )
    serve.add_argument("--day", type=date.fromisoformat, default=DAY, help="the systems' today")
    serve.add_argument("--seed", type=int, default=SEED)
    serve.add_argument(
        "--ports",
        type=ports,
        default={},
        help="motcua=…,dvcqg=…,truc=…,cong766=…,smtp=… (default: free ones)",
    )
    asked = parser.parse_args()

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    environment = asked.home / "simulators.env"
    asked.home.mkdir(parents=True, exist_ok=True)
    try:
        with running(asked.home, asked.day, seed=asked.seed, ports=asked.ports) as province:
            write_environment(environment, province.environment())
            units = len({s.unit for s in province.province.systems})
            print(
                f"ready: {len(province.province.systems)} sources of {units} units, see {environment}",
                flush=True,
            )
            stop.wait()
            environment.unlink(missing_ok=True)
    except OSError as error:
        print(f"the simulated systems cannot start: {error}; choose others with --ports", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
