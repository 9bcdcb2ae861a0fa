"""`python -m demo up|down|status`: the whole product on this machine. Exit codes as of `cchc`: 0, 1, 2."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import date

import requests

from cchc.catalogue.load import load
from cchc.errors import CchcError, ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import embedded
from cchc.warehouse.engine import connect, url
from demo import night, report, stack
from demo.place import DAY, Place
from demo.processes import NotStarted
from demo.tell import Tell


def main() -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start everything, run one night, print what came of it")
    up.add_argument("--day", type=date.fromisoformat, default=DAY, help=f"reporting day (default {DAY})")
    commands.add_parser("down", help="end every process that `up` started")
    commands.add_parser("status", help="say what runs")
    asked = parser.parse_args()
    try:
        place = Place.read(getattr(asked, "day", DAY))
        return {"up": _up, "down": _down, "status": _status}[asked.command](place)
    except (ConfigurationError, NotStarted) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except (CchcError, requests.RequestException) as error:
        print(f"demo: {error}\nWhat runs goes on running: `make stop` ends it.", file=sys.stderr)
        return 1


def _up(place: Place) -> int:
    tell = Tell(max(0.0, time.time() - float(os.environ.get("CCHC_STARTED") or time.time())))
    catalogue = load(SHIPPED_CATALOGUE)
    with stack.alone(place):
        try:
            parts = stack.Stack(place, tell)
            airflow = parts.up()
            engine = connect(url(embedded.dsn(place.postgres, "cchc")))
            try:
                run_id = night.run(place, parts, airflow, engine, tell)
                ended = night.summary(engine, run_id)
                report.outcomes(tell, catalogue, ended)
                report.indicators(tell, catalogue, engine)
            finally:
                engine.dispose()
                airflow.close()
        except KeyboardInterrupt:
            print("\ninterrupted: ending what was started …", file=sys.stderr)
            stack.down(place)
            return 130
    report.addresses(tell, place)
    return 0 if ended.state == "success" else 1


def _down(place: Place) -> int:
    ended, postgres = stack.down(place)
    if ended or postgres:
        print(f"ended {ended} processes{' and PostgreSQL' if postgres else ''}; data stays in {place.home}")
    else:
        print(f"nothing was running in {place.home}")
    if not ended and os.environ.get("CCHC_HOME"):
        print("CCHC_HOME is set: for a demonstration that was begun without it, unset it and say this again")
    return 0


def _status(place: Place) -> int:
    parts = stack.Stack(place, Tell())
    pids = parts.pids()
    ended = parts.ended()
    for name, pid in pids.items():
        print(f"{name:<14} {'ended' if name in ended else f'runs, process {pid}'}")
    if not pids:
        print("nothing was started; `make demo` starts it")
    return 0 if pids and not ended else 1


if __name__ == "__main__":
    sys.exit(main())
