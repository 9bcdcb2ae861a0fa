"""The simulated province: who has which system, what it holds, and all of it running at once.

In the demonstration three sources are always in trouble (`DEMO_FAULTS`): the ward Tân Giang's is down (it closes every
connection), Trùng Khánh's answers late, and the Department of Agriculture and Environment sends about 8 % bad rows.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

import yaml

from simulators import inspections, load, registers, seed2022
from simulators.edxml import Exchange
from simulators.faults import Fault, FaultKind, Faults
from simulators.mail import Sink
from simulators.model import Kind, Records, System
from simulators.national import National
from simulators.opencps import OpenCps
from simulators.portal766 import Portal766
from simulators.server import LOOPBACK, Server

CATALOGUE = Path(__file__).resolve().parents[2] / "include" / "catalogue"
SEED = 2022
DEMO_FAULTS: Mapping[str, Fault] = {
    "01288-dvcqg": Fault("refuse"),
    "01477-dvcqg": Fault("slow", "0.4"),
    "snnmt-dvcqg": Fault("bad_rows", "14"),
}
_KINDS: dict[
    str, tuple[Kind, str]
] = {  # profile of the catalogue → kind, and which parameter names the unit there
    "opencps-2": ("opencps", "groupId"),
    "national-hoso": ("national", "maDonVi"),
    "qcvn102-exchange": ("edxml", "organ"),
    "registers": ("files", "folder"),
    "inspections": ("files", "folder"),
    "portal766": ("portal766", "rootDepartmentId"),
}
DAY = date(2026, 11, 14)  # the reporting day of the demonstration
AHEAD = timedelta(400)  # a system asked for later days than it was started with goes on that far


def _yaml(path: Path) -> Any:
    return yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def systems_of(catalogue: Path = CATALOGUE) -> tuple[System, ...]:
    """Return the systems behind the sources of a catalogue directory."""
    departments = [unit["code"] for unit in _yaml(catalogue / "units.yaml") if unit["group"] == "department"]
    found = []
    for group in _yaml(catalogue / "sources.yaml"):
        for entry in group["sources"]:
            source = group["defaults"] | entry
            kind, parameter = _KINDS[source["profile"]]
            unit = source["unit"]
            if unit in departments:
                office = f"000.00.{departments.index(unit) + 1:02d}.H14"
            else:
                office = f"000.{int(unit) % 100:02d}.{int(unit) // 100:02d}.H14"
            holds = "inspections" if source["profile"] == "inspections" else "work"
            found.append(System(source["code"], unit, kind, source["params"][parameter], office, holds))
    return tuple(found)


def only(*sources: str) -> list[System]:
    """Return the systems of some sources of the catalogue; raises `KeyError` for one that is not in it."""
    known = {system.source: system for system in systems_of()}
    return [known[source] for source in sources]


def invented(units: int, kind: Kind = "national") -> list[System]:
    """Return the systems of any number of units that are in no catalogue (5-digit codes from 50001)."""
    codes = [f"{50_001 + n}" for n in range(units)]
    return [
        System(f"{c}-{kind}", c, kind, c, f"000.{int(c) % 100:02d}.{int(c) // 100 % 100:02d}.H14")
        for c in codes
    ]


class Province:
    """The records of every system; the same seed and day give the same records in any order of asking."""

    def __init__(self, seed: int = SEED, systems: Sequence[System] | None = None, day: date = DAY) -> None:
        self.seed = seed
        self.systems = list(systems if systems is not None else systems_of())
        self.day = day  # registers are written up to it, and it is meant where a reader asks up to no day
        self._lock = Lock()
        self._seen: dict[tuple[str, date], Records] = {}

    def seen_from(self, asked: date) -> date:
        """Return the day whose end a system answers from when asked up to a day: that day, not too far ahead.

        So a reporting day always finds the same records, whichever day was asked for before or is asked for later.
        """
        return min(asked, self.day + AHEAD)

    def records(self, system: System, until: date) -> Records:
        """Return what the system holds of days up to `until`."""
        with self._lock:
            found = self._seen.get((system.source, until))
            if found is None:
                found = self._seen[system.source, until] = self._make(system, until)
            return found

    def _make(self, system: System, until: date) -> Records:
        found = Records()
        if system.holds == "inspections":
            return Records(inspections=inspections.findings(until))
        if system.unit == seed2022.UNIT and system.kind != "national":
            found.extend(seed2022.records(system.kind, self.seed))
        if system.kind == "files":
            found.extend(load.standing(system, self.seed, until))
        for n in range((until - load.FIRST_DAY).days + 1):
            found.extend(load.work(system, self.seed, load.FIRST_DAY + timedelta(n)))
        return found


@dataclass
class Running:
    """A province whose systems answer; its faults are switched by `misbehave` and `behave`, its day by `move_to`."""

    province: Province
    home: Path
    faults: Faults
    servers: dict[str, Server]  # connection → server
    mail: Sink
    credentials: dict[str, tuple[str, str]] = field(repr=False)

    @property
    def registers(self) -> Path:
        """The folder below which units keep their files."""
        return self.home / "registers"

    def connections(self) -> dict[str, str]:
        """Return the address of each connection of the catalogue, with its credentials."""
        found = {}
        for name, server in self.servers.items():
            login, password = self.credentials[name]
            found[name] = (
                f"http://{quote(login, safe='')}:{quote(password, safe='')}@{LOOPBACK}:{server.port}"
            )
        return found | {"sotay": self.registers.resolve().as_uri()}

    def environment(self) -> dict[str, str]:
        """Return what must stand in the environment of whoever reads from these systems."""
        found = {f"AIRFLOW_CONN_{name.upper()}": url for name, url in self.connections().items()}
        return found | {"CCHC_SMTP_HOST": LOOPBACK, "CCHC_SMTP_PORT": str(self.mail.port)}

    def misbehave(self, source: str, kind: FaultKind, value: object = "") -> None:
        """Let one source misbehave as `simulators.faults` describes; raises `KeyError` for a source nobody has."""
        self._system(source)
        self.faults.set(source, kind, value)
        self._rewrite(source)

    def behave(self, source: str | None = None) -> None:
        """Let a source (None: every source) behave again."""
        changed = list(self.faults.all()) if source is None else [source]
        self.faults.clear(source)
        for code in changed:
            self._rewrite(code)

    def move_to(self, day: date) -> None:
        """Let the systems' today be another day, and write the registers up to it."""
        self.province.day = day
        for system in self.province.systems:
            self._rewrite(system.source)

    def _system(self, source: str) -> System:
        for system in self.province.systems:
            if system.source == source:
                return system
        raise KeyError(f"no simulated system for the source {source}")

    def _rewrite(self, source: str) -> None:
        system = self._system(source)
        if system.kind == "files":
            today = self.province.day
            records = self.province.records(system, today)
            registers.write(self.registers / system.key, system, records, today, self.faults.of(source))


@contextmanager
def running(
    home: Path,
    day: date,
    *,
    seed: int = SEED,
    systems: Sequence[System] | None = None,
    faults: Mapping[str, Fault] = DEMO_FAULTS,
    ports: Mapping[str, int] | None = None,
) -> Iterator[Running]:
    """Run the province's systems below `home`, as of a day; everything is closed at the end.

    `faults` are those from the start ({}: all behave); `ports` may fix those of motcua,
    dvcqg, truc, cong766 and smtp, others are free. Raises `OSError` for a port that is taken.
    """
    ports = ports or {}
    province = Province(seed, systems, day)
    known = {s.source for s in province.systems}
    switched = Faults()
    for source, fault in faults.items():
        if source in known:
            switched.set(source, fault.kind, fault.value)
    made: dict[str, Any] = {"motcua": OpenCps, "dvcqg": National, "truc": Exchange, "cong766": Portal766}
    credentials = {name: (f"cchc-{name}", secrets.token_urlsafe(24)) for name in made}
    with ExitStack() as stack:
        servers = {
            name: stack.enter_context(
                Server(make(province, *credentials[name]), switched, ports.get(name, 0))
            )
            for name, make in made.items()
        }
        mail = stack.enter_context(Sink(home / "mail", ports.get("smtp", 0)))
        started = Running(province, home, switched, servers, mail, credentials)
        for server in servers.values():
            server.control = started
        started.move_to(day)
        yield started


def write_environment(path: Path, environment: Mapping[str, str]) -> None:
    """Write NAME=value lines, readable by the owner only, complete or not at all."""
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{name}={value}\n" for name, value in environment.items())
    part.replace(path)
