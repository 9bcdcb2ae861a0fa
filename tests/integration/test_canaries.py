"""A night over systems full of personal data, one canary in every field of every kind of record: none is seen again.

Looked through are all tables, landing files, logs, mails and their attachments, Data Docs, releases, what tasks return
to each other (XCom) and what commands print.
"""

from __future__ import annotations

import gzip
import io
import json
import logging
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc import cli, mending, night
from cchc.errors import CchcError
from cchc.ops.ledger import RunSummary
from cchc.settings import settings
from integration.installation import everything_in, installed
from integration.rows import scalar
from simulators import canaries, mail
from simulators.canaries import TRACE, Planted, Planter
from simulators.province import Running, only, running
from simulators.server import Response
from unit.sources.profiles import profile

DAY = date(2026, 11, 6)
FULL = (
    "skhcn-motcua",
    "vpubnd-dvcqg",
    "snnmt-vanban",
    "syt-vanban",
    "snv-sotay",
    "snv-kiemtra",
    "vpubnd-cong766",
)
BROKEN = ("stp-motcua", "stc-motcua", "01273-dvcqg", "01279-dvcqg", "stc-vanban", "sct-sotay")
_BYTEA = re.compile(r"\\x((?:[0-9a-f]{2})+)")


def _errors() -> dict[str, Any]:
    """Return how each broken source answers: with an error that quotes people."""
    return {
        "stp-motcua": lambda c: Response(
            f"<h1>500</h1>{c()} {c()}".encode(), 500, "text/html", {"X-User": "a"}
        ),
        "stc-motcua": lambda c: _json({"message": c(), "total": c("identity"), "data": []}),
        "01273-dvcqg": lambda c: _json({"status": 0, "errorCode": c(), "message": c()}),
        "01279-dvcqg": lambda c: Response(f"<html>{c()}<input type=password>".encode()),
        "stc-vanban": lambda c: _json({"status": "FAIL", "errorCode": c(), "errorDesc": c()}),
    }


def _json(value: object) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode())


def _mapped() -> dict[str, frozenset[str]]:
    """Return, for each kind of record, the fields whose values may pass the door."""

    def paths(code: str, dataset: str) -> frozenset[str]:
        fields = profile(code).datasets[dataset].fields.values()  # type: ignore[index]
        return frozenset(f.path for f in fields if f.path)

    registers = profile("registers").datasets
    found = {f"register {name}": paths("registers", name) for name in registers}
    messages = {
        "edxml document": (
            "DocumentId 1",
            "TypeName 1",
            "BussinessDocType 1",
            "Paper 1",
            "PromulgationDate 1",
        ),
        "edxml status": ("DocumentId 1", "OrganId 1", "StatusCode 1", "Timestamp 1"),
    }
    both = ("OrganId 1", "OrganId 2", "Timestamp 1", "Timestamp 2")
    return found | {
        "register inspection": paths("inspections", "inspection"),
        "opencps dossier": paths("opencps-2", "dossier"),
        "national dossier": paths("national-hoso", "dossier"),
        "edxml document": frozenset((*messages["edxml document"], *both)),
        "edxml status": frozenset(messages["edxml status"]),
    }


#: dataset → a field of codes, and one in which a secrecy mark stands
_MARKED = {
    "opencps dossier": ("domainCode", "dossierNote"),
    "national dossier": ("MaLinhVuc", "GhiChu"),
    "register dossier": ("ma_linh_vuc", "ghi_chu"),
    "register petition": ("ma_phan_anh", "noi_dung"),
    "register document": ("loai", "do_mat"),
    "register inspection": ("Mã kết luận", "Kết luận"),
}


@dataclass
class Night:
    """What a night over the planted systems left behind."""

    planter: Planter
    summary: RunSummary
    returned: dict[str, object]  # what each task gives to the next
    logged: str
    printed: str


@pytest.fixture
def planted(
    tmp_path: Path,
    warehouse: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> Iterator[tuple[Night, Running]]:
    planter = Planter(_mapped(), _MARKED)
    with running(tmp_path / "systems", DAY, systems=only(*FULL, *BROKEN), faults={}) as systems:
        plants = {
            "motcua": canaries.in_opencps,
            "dvcqg": canaries.in_national,
            "truc": canaries.in_edxml,
            "cong766": canaries.in_portal,
        }
        for name, plant in plants.items():
            server = systems.servers[name]
            server.application = Planted(server.application, planter, plant, _errors())
        canaries.in_registers(planter, "snv-sotay", systems.registers / "snv")
        canaries.in_inspections(planter, "snv-kiemtra", systems.registers / "snv-kiemtra")
        _break_register(planter, systems.registers / "sct")
        with installed(monkeypatch, warehouse, tmp_path / "home", systems, pages=True):
            caplog.set_level(logging.DEBUG, logger="cchc")
            returned: dict[str, object] = {}
            for step in ("gate", "load", "publish", "send_digest"):
                monkeypatch.setattr(night, step, _remembered(step, returned))
            summary = night.run_night(DAY, (*FULL, *BROKEN))
            returned |= {row.source_code: (row.summary(), row) for row in summary.rows}
            out = capfd.readouterr()
            yield (
                Night(planter, summary, returned, caplog.text + str(caplog.records), out.out + out.err),
                systems,
            )


def _remembered(step: str, returned: dict[str, object]) -> Any:
    real = getattr(night, step)

    def run(run_id: Any) -> Any:
        returned[step] = real(run_id)
        return returned[step]

    return run


def _break_register(planter: Planter, folder: Path) -> None:
    """Let a register be named after a person and be broken off in a row of people."""
    path = sorted(folder.glob("so_tiep_nhan_*.csv"))[-1]
    person = planter.canary("sct-sotay", "files", "file name", "name")
    row = '"' + ",".join(planter.canary("sct-sotay", "error", "broken row") for _ in range(3))
    broken = path.read_text(encoding="utf-8") + row + "\r\n"
    path.with_name(f"so_tiep_nhan_0_{person}.csv").write_text(broken, encoding="utf-8")


def _readable(data: bytes) -> Iterator[str]:
    """Yield the texts of a file, unpacked where it is a gzip, a landing file, a workbook or another archive."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:4] == b"\x28\xb5\x2f\xfd":
        data = pa.input_stream(io.BytesIO(data), compression="zstd").read()
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield name
                yield from _readable(archive.read(name))
        return
    said = data.decode("utf-8", errors="replace")
    yield said
    yield unquote(said)
    for packed in _BYTEA.findall(said):
        yield from _readable(bytes.fromhex(packed))


def _commands() -> Iterator[tuple[str, str]]:
    """Yield what commands print: quarantine, deliveries, sources, alerts."""
    run = CliRunner()

    def said(*arguments: str) -> tuple[str, str]:
        done = run.invoke(cli.app, arguments)
        assert not done.exception or isinstance(done.exception, SystemExit | CchcError), done.exception
        return " ".join(arguments), done.output + done.stderr + (
            str(done.exception) if done.exception else ""
        )

    for form in ("csv", "json"):
        yield said("quarantine", "list", "--state", "all", "--limit", "5000", "--format", form)
    items = json.loads(said("quarantine", "list", "--state", "all", "--limit", "5000", "--format", "json")[1])
    by_rule = {(item["dataset"], item["rule_code"]): item["item_id"] for item in items}
    for item in by_rule.values():
        yield said("quarantine", "show", str(item), "--format", "json")
    yield said("delivery", "list", "--format", "json")
    for held in mending.held_deliveries():
        yield said("delivery", "show", str(held.delivery_id), "--format", "json")
    for code in (*FULL[:-1], *BROKEN):
        yield said("source", "check", code, "--day", str(DAY), "--rows", "1000", "--format", "csv")
    yield said("alerts", "list", "--format", "json")
    yield said("release", "list", "--format", "json")


def _surfaces(night_: Night, systems: Running, engine: Engine) -> Iterator[tuple[str, str]]:
    for table, row in everything_in(engine):
        for said in _readable(row.encode()):
            yield f"table {table}", said
    for path in sorted(p for p in settings().home.rglob("*") if p.is_file()):
        place = f"file {path.relative_to(settings().home).parts[0]}"
        yield place, str(path)
        for said in _readable(path.read_bytes()):
            yield place, said
    for message in mail.read(systems.mail.folder):
        for part in message.walk():
            yield "mail", str(list(part.items()))
            if not part.is_multipart():
                for said in _readable(part.get_payload(decode=True) or b""):
                    yield "mail", said
    yield "log", night_.logged
    yield "stderr", night_.printed
    yield "xcom", repr(night_.returned)
    yield from _commands()


def test_no_personal_value_is_seen_again(
    planted: tuple[Night, Running], warehouse: Engine, record_property: Any
) -> None:
    found, systems = planted
    leaks: dict[str, set[str]] = {}
    seen: Counter[str] = Counter()
    for place, said in _surfaces(found, systems, warehouse):
        seen[place.split()[0]] += 1
        for trace in TRACE.findall(said):
            leaks.setdefault(trace.lower(), set()).add(place)
    known = {canary.trace: canary for canary in found.planter.planted}
    leaked = [(known[trace], sorted(places)) for trace, places in leaks.items() if trace in known]
    counts = found.planter.counts()
    record_property("planted", {source: dict(kinds) for source, kinds in counts.items()})
    print(json.dumps(counts, ensure_ascii=False, indent=1))
    print(seen)
    assert leaked == []

    # it was really planted, in every field there is, and really looked for
    places: dict[str, set[str]] = {}
    for canary in found.planter.planted:
        assert canary.trace in TRACE.findall(canary.text.lower())
        places.setdefault(canary.dataset, set()).add(canary.place)
    assert {d: set(f) - places[d] for d, f in found.planter.fields.items() if set(f) - places[d]} == {}
    assert len(known) == len(found.planter.planted) >= 1_000
    assert set(counts) == {*FULL, *BROKEN}
    assert all(set(counts[source]) >= set(canaries.KINDS) for source in FULL)
    assert {"table", "file", "mail", "log", "stderr", "xcom", "quarantine", "source"} <= set(seen)
    assert {path.name for path in settings().home.iterdir()} >= {"landing", "data_docs", "releases"}

    # what passed the door was masked, its row kept out and the unit told which field it is
    states = {row.source_code: row.state for row in found.summary.rows}
    assert {states[code] for code in BROKEN} == {"failed"}
    assert {states[code] for code in FULL} <= {"loaded", "held"}, [
        r.message for r in found.summary.rows if r.source_code in FULL
    ]
    told = (
        "select count(*) from quarantine.item where message like '%có nội dung giống%, đã che và không lưu%'"
    )
    assert scalar(warehouse, told) > 300
    named = "select count(distinct dataset) from quarantine.item where message like '%có nội dung giống%'"
    assert scalar(warehouse, named) >= 7, "every dataset but the held one"
    assert scalar(warehouse, "select count(*) from core.dossier") > 300
    secret = [canary for canary in found.planter.planted if canary.kind == canaries.SECRET]
    assert len(secret) == 3 * len(_MARKED)
    assert sum(row.refused for row in found.summary.rows) >= len(secret)
    with warehouse.connect() as connection:
        unknown = set(
            connection.execute(text("select unnest(unknown_fields) from landing.delivery")).scalars()
        )
    assert {"truongMoi", "(unreadable name)", "nguoi.chiTiet.giaTri"} <= unknown
