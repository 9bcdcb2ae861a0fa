"""`cchc source check` and `cchc source schema` against real servers and a real warehouse."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from cchc.catalogue.load import load
from cchc.catalogue.models import Catalogue, Source
from cchc.catalogue.profiles import Profile
from cchc.cli import app
from cchc.errors import ConfigurationError, ContractBroken
from cchc.landing import schema
from cchc.onboarding.check import Check, check
from cchc.onboarding.mistakes import mistakes
from cchc.quality import gate
from cchc.settings import SHIPPED_CATALOGUE, settings
from cchc.sources.connections import from_environment
from cchc.sources.connector import Connection
from integration.installation import everything_in, installed
from integration.pulling import DAY, Pulling, begin
from simulators.province import Running, running, systems_of

SOURCES = ("skhcn-motcua", "sxd-dvcqg", "snnmt-vanban", "snv-sotay", "stp-vanban")
DOCS = Path(__file__).parents[2] / "docs"
PERSONAL = re.compile(r"CANARY|canary|\b0009\d{6}\b|\b999\d{9}\b|Nguyễn|example\.com|Thục Phán")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(SHIPPED_CATALOGUE)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    systems = [system for system in systems_of() if system.source in SOURCES]
    with running(tmp_path_factory.mktemp("province"), DAY, systems=systems, faults={}) as started:
        yield started


@pytest.fixture
def cchc(
    monkeypatch: pytest.MonkeyPatch, warehouse: Engine, tmp_path: Path, province: Running
) -> Iterator[Any]:
    with installed(monkeypatch, warehouse, tmp_path / "home", province):
        yield lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)
    province.behave()


def checked(catalogue: Catalogue, code: str, engine: Engine | None) -> Check:
    return check(catalogue, catalogue.sources[code], DAY, from_environment, 3, engine)


@pytest.mark.parametrize("code", SOURCES[:4])
def test_a_healthy_source_is_shown_and_nothing_is_stored(
    cchc: Any, catalogue: Catalogue, warehouse: Engine, tmp_path: Path, code: str
) -> None:
    before = sorted(everything_in(warehouse))
    found = checked(catalogue, code, warehouse)
    assert found.problems == 0, found
    assert found.unread == []
    assert {row["dataset"] for row in found.rows} == set(
        catalogue.profile_of(catalogue.sources[code]).datasets
    )
    assert PERSONAL.search(str(found)) is None
    assert all(row["night_seconds"] >= 1 and row["first_megabytes"] >= 1 for row in found.cost)
    assert any("đã bỏ" in note for note in found.notes)
    assert not any("chưa có trong hồ sơ" in note for note in found.notes)
    assert not any("@" in note for note in found.notes), (
        "what the connector itself derives is in every record"
    )
    assert sorted(everything_in(warehouse)) == before
    assert not (tmp_path / "home" / "landing").exists()


def test_what_does_not_map_is_counted_and_the_rules_are_the_gates(
    cchc: Any, catalogue: Catalogue, province: Running, warehouse: Engine
) -> None:
    province.misbehave("sxd-dvcqg", "bad_rows", 10)
    found = checked(catalogue, "sxd-dvcqg", warehouse)
    assert found.problems > 0
    statuses = {row["value"]: row["count"] for row in found.unread if row["path"] == "TrangThaiHoSo"}
    assert statuses
    assert all(count > 0 for count in statuses.values())
    others = [row["value"] for row in found.unread if row["path"] != "TrangThaiHoSo"]
    assert not any(re.search(r"[0-8]", value) for value in others)  # a pattern, no value
    assert found.rules
    assert {row["dataset"] for row in found.rules} == {"dossier"}
    assert all(row["place"] and row["rows"] > 0 for row in found.rules)
    assert PERSONAL.search(str(found)) is None
    without = checked(catalogue, "sxd-dvcqg", None)
    assert without.rules == []
    assert any("chưa sẵn sàng" in note for note in without.notes)


def test_the_command_prints_tables_and_exits_by_what_it_found(cchc: Any, province: Running) -> None:
    good: Result = cchc("source", "check", "skhcn-motcua", "--day", DAY.isoformat(), "--rows", "2")
    assert good.exit_code == 0, good.output
    for heading in ("Đọc được", "Khối lượng và thời gian", "Mỗi đêm, khoảng giây"):
        assert heading in good.output.replace("\n", " ") or heading.split()[0] in good.output
    rows = cchc("source", "check", "skhcn-motcua", "--day", DAY.isoformat(), "--format", "json")
    assert len(json.loads(rows.stdout)) == 5
    province.misbehave("sxd-dvcqg", "bad_rows", 10)
    bad: Result = cchc("source", "check", "sxd-dvcqg", "--day", DAY.isoformat())
    assert bad.exit_code == 1
    assert "Giá trị chưa đọc được" in bad.output
    assert "Quy tắc bị vi phạm" in bad.output
    assert PERSONAL.search(bad.output) is None


def test_mistakes_of_a_profile_are_told_as_such(tmp_path: Path, catalogue: Catalogue) -> None:
    fields: dict[str, Any] = {
        "dossier_code": {"path": "ma", "type": "code"},
        "intake": {"constant": "onestop"},
        "status": {"path": "tt", "type": "choice", "choices": {"Mới": "procesing", "Xong": "finished", "?": None}},
        "received_at": {"path": "ngay", "type": "timestamp", "formats": ["%d/%m/%Y", "%Q", "dd/mm/yyyy"]},
        "due_at": {"path": "han", "type": "timestamp", "formats": ["UNDECIDED"]},
    }  # fmt: skip
    dataset = {"select": {"files": "*.ndjson", "format": "ndjson"}, "fields": fields}
    speaks = Profile.model_validate(PROFILE | {"options": {}, "datasets": {"dossier": dataset}})
    source = Source(
        code="so-1",
        unit="SNV",
        profile="so",
        host="sotay",
        history_from=DAY,
        params={"folder": "books"},
    )
    known = catalogue.model_copy(update={"profiles": {"so": speaks}, "sources": {"so-1": source}})
    write(tmp_path / "books", {"ma": "1", "tt": "Xong", "ngay": "01/11/2026", "han": None})
    found = check(known, source, DAY, lambda _: Connection(f"file://{tmp_path}"), 3, None)
    wrong = [note.removeprefix("dossier: hồ sơ kết nối sai: ") for note in found.notes if "sai: " in note]
    assert wrong == [
        "intake: không có giá trị onestop; các giá trị là: one_stop, direct",
        "status: không có giá trị procesing; các giá trị là: registered, received, not_accepted, processing, "
        "supplement, payment, withdrawn, stopped, finished, returned",
        "received_at: %Q không phải là dạng ngày giờ (viết như %d/%m/%Y %H:%M:%S)",
        "received_at: dd/mm/yyyy không phải là dạng ngày giờ (viết như %d/%m/%Y %H:%M:%S)",
    ]
    assert found.problems == 4  # the record itself has nothing wrong
    assert any("UNDECIDED" in note and note.endswith(": due_at") for note in found.notes)


def test_a_state_that_one_record_has_may_be_a_name_and_is_not_shown(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    fields = {
        "dossier_code": {"path": "ma", "type": "code"},
        "status": {"path": "tt", "type": "choice", "choices": {"Mới": "processing"}},
    }
    dataset = {"select": {"files": "*.ndjson", "format": "ndjson"}, "fields": fields}
    speaks = Profile.model_validate(PROFILE | {"options": {}, "datasets": {"dossier": dataset}})
    source = Source(
        code="so-1", unit="SNV", profile="so", host="sotay", history_from=DAY, params={"folder": "books"}
    )
    known = catalogue.model_copy(update={"profiles": {"so": speaks}, "sources": {"so-1": source}})
    states = ["Hờ Mị", "TT05", "Chờ bổ sung", "Mới", "Chờ bổ sung", "Nguyễn Văn An", "Nguyễn Văn An"]
    write(tmp_path / "books", *({"ma": f"H{n}", "tt": state} for n, state in enumerate(states)))
    found = check(known, source, DAY, lambda _: Connection(f"file://{tmp_path}"), 9, None)
    assert {row["value"]: row["count"] for row in found.unread} == {
        "aa aa": 1, "TT05": 1, "Chờ bổ sung": 2, "(giống họ tên, đã che)": 2
    }  # fmt: skip
    assert "Mị" not in str(found)
    assert found.problems == 6


@pytest.mark.parametrize("code", sorted(load(SHIPPED_CATALOGUE).profiles))
def test_a_shipped_profile_has_no_mistake(catalogue: Catalogue, code: str) -> None:
    profile = catalogue.profiles[code]
    assert [said for dataset in profile.datasets for said in mistakes(profile, dataset)] == []


def test_the_guide_to_a_vendor_leads_to_its_dossiers(
    cchc: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (DOCS / "guides" / "add_vendor.md").read_text(encoding="utf-8")
    shutil.copytree(SHIPPED_CATALOGUE, tmp_path / "my-province")
    for name, lines in re.findall(r"cat >> (\S+) <<'YAML'\n(.*?)YAML\n", guide, re.DOTALL):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write(lines)
    (copying,) = re.findall(r"^sed .*$", guide, re.MULTILINE)
    subprocess.run(["sh", "-c", copying], cwd=tmp_path, check=True)
    system = runpy.run_path(str(DOCS / "examples" / "vendor_api.py"))["System"]
    with ThreadingHTTPServer(("127.0.0.1", 0), system) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            (known,) = re.findall(r"export (AIRFLOW_CONN_\w+)=(\S+)", guide)
            monkeypatch.setenv(known[0], known[1].replace(":8790", f":{server.server_port}"))
            monkeypatch.setenv("CCHC_CATALOGUE", str(tmp_path / "my-province"))
            settings.cache_clear()
            (asked,) = re.findall(r"^cchc (source check .*)$", guide, re.MULTILINE)
            result: Result = cchc(*asked.split(), "--format", "json")
        finally:
            server.shutdown()
            thread.join()
    assert result.exit_code == 0, result.output
    assert [row["place"] for row in json.loads(result.stdout)] == ["2026-11-11 1"] * 5
    assert "đã bỏ: applicant" in result.stderr
    assert "Công dân" not in result.output


# --- the contract over time -----------------------------------------------------------------------------------
PROFILE: dict[str, Any] = {
    "code": "so",
    "kind": "files",
    "title": "Sổ",
    "options": {"expected": ["petition"]},
    "datasets": {
        "petition": {
            "select": {"files": "*.ndjson", "format": "ndjson"},
            "fields": {
                "petition_code": {"path": "ma", "required": True, "present": True},
                "kind": {"constant": "other"},
            },
            "ignored": ["cu"],
        }
    },
}


def books(warehouse: Engine, folder: Path, policy: str, catalogue: Catalogue) -> Pulling:
    speaks = Profile.model_validate(PROFILE | {"contract": {"policy": policy}})
    source = Source(
        code="so-1",
        unit="SNV",
        profile="so",
        host="sotay",
        history_from=DAY,
        params={"folder": "books"},
    )
    known = catalogue.model_copy(
        update={"profiles": catalogue.profiles | {"so": speaks}, "sources": {"so-1": source}}
    )
    return begin(
        warehouse, known, folder.parent / "landing", {"sotay": Connection(f"file://{folder.parent}")}
    )


def write(folder: Path, *records: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "so.ndjson").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")


def gated(pulling: Pulling) -> list[str]:
    """Return the codes of the contract's rules that a night over the folder breaks."""
    for delivery in pulling.pull("so-1"):
        pulling.stage(delivery)
    gate.run(pulling.engine, pulling.run_id, pulling.catalogue)
    rows = pulling.rows(
        "select rule_code, message from stg.violation where run_id = :run_id and dataset = 'delivery'",
        run_id=pulling.run_id,
    )
    wanted = ("DELIVERY_NEW_FIELDS", "DELIVERY_KINDS_CHANGED")
    return [f"{row['rule_code']}: {row['message']}" for row in rows if row["rule_code"] in wanted]


def test_a_frozen_source_waits_for_a_person_and_an_evolving_one_is_noted(
    warehouse: Engine, tmp_path: Path, catalogue: Catalogue, cchc: Any
) -> None:
    folder = tmp_path / "books"
    write(folder, {"ma": "1", "cu": None}, {"ma": "2", "cu": 1})
    assert gated(books(warehouse, folder, "freeze", catalogue)) == []
    write(folder, {"ma": 3}, {"ma": "4", "cu": None})
    (changed,) = gated(books(warehouse, folder, "freeze", catalogue))
    assert changed.startswith("DELIVERY_KINDS_CHANGED: ")
    assert "ma (text → number)" in changed
    write(folder, {"ma": 7, "moi": "hunter2"}, {"ma": "4", "khac": {"trong": 1}})
    for _ in range(2):  # every night until somebody has looked
        (held,) = gated(books(warehouse, folder, "freeze", catalogue))
        assert held.startswith("DELIVERY_NEW_FIELDS: ")
        assert "khac, khac.trong, moi" in held
        assert "hunter2" not in held
    held_state = books(warehouse, folder, "freeze", catalogue).rows(
        "select distinct state from landing.delivery where state = 'held'"
    )
    assert held_state == [{"state": "held"}]
    write(folder, {"ma": "5"}, {"ma": "6"})
    assert gated(books(warehouse, folder, "freeze", catalogue)) == []  # the fields are gone again
    write(folder, {"ma": "5", "moi": "x"}, {"ma": "6"})
    assert schema.accept(warehouse, "so-1", "An") == 4  # three fields, and the other kind of one
    assert gated(books(warehouse, folder, "freeze", catalogue)) == []
    write(folder, {"ma": "5", "nua": "x"}, {"ma": "6"})
    assert gated(books(warehouse, folder, "evolve", catalogue)) == []
    assert gated(books(warehouse, folder, "freeze", catalogue)) == []  # it was there when it was frozen

    steps = schema.history(warehouse, "so-1")
    assert [step["added"] for step in steps] == [
        ["cu: number", "ma: text"],
        ["ma: number"],
        ["khac: object", "khac.trong: number", "moi: text"],
        ["nua: text"],
    ]
    assert len({step["fingerprint"] for step in steps}) == 4
    assert [step["fields"] for step in steps] == [2, 2, 5, 6]
    by = {row["path"]: row["accepted_by"] for row in schema.fields(warehouse, "so-1")}
    assert by == {"cu": None, "khac": "An", "khac.trong": "An", "ma": "An", "moi": "An", "nua": None}
    assert "hunter2" not in str([row for row in everything_in(warehouse) if "source_field" in row[0]])


def test_what_would_be_misread_stores_nothing(
    warehouse: Engine, tmp_path: Path, catalogue: Catalogue
) -> None:
    write(tmp_path / "books", {"ma": "1"}, {"ma": {"so": "2"}})
    pulling = books(warehouse, tmp_path / "books", "evolve", catalogue)
    with pytest.raises(ContractBroken, match=r"\[page so\.ndjson\]: field ma: a single value was expected"):
        pulling.pull("so-1")
    assert pulling.rows("select 1 from landing.delivery union all select 1 from ops.source_field") == []


def test_the_command_shows_history_and_accepts(cchc: Any, warehouse: Engine) -> None:
    with warehouse.begin() as connection:
        connection.exec_driver_sql(
            "insert into ops.source_field select 'SXD', 'sxd-dvcqg', 'dossier', p, 'text', now(), now(), "
            "gen_random_uuid(), gen_random_uuid() from unnest(array['MaHoSo', 'Moi']) as p"
        )
    shown = cchc("source", "schema", "sxd-dvcqg")
    assert "chờ chấp nhận (--accept): MaHoSo, Moi" in shown.output
    accepted = cchc("source", "schema", "sxd-dvcqg", "--accept", "--by", "An", "--fields", "--format", "json")
    assert {row["accepted_by"] for row in json.loads(accepted.stdout)} == {"An"}
    assert "chờ chấp nhận" not in cchc("source", "schema", "sxd-dvcqg").output
    with pytest.raises(ConfigurationError, match="name of the person"):
        cchc("source", "schema", "sxd-dvcqg", "--accept", "--by", " ")
