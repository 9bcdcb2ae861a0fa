"""The `cchc` command as a person types it: real processes, real exit codes, three formats."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from sqlalchemy import Engine

from cchc import cli, settings
from integration.indicator_facts import at, source, write
from integration.installation import installed
from simulators.province import Running, only, running

DAY = date(2026, 11, 6)
SMALL = ("01273-dvcqg", "snv-vanban")


@pytest.fixture
def systems(tmp_path: Path) -> Iterator[Running]:
    """Return two systems, one of them with bad rows."""
    with running(tmp_path / "systems", DAY, systems=only(*SMALL), faults={}) as found:
        found.misbehave("01273-dvcqg", "bad_rows", 14)
        yield found


@pytest.fixture
def home(
    tmp_path: Path, systems: Running, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Return the home of an installation that reads those systems."""
    with installed(monkeypatch, warehouse, tmp_path / "home", systems) as found:
        yield found


@dataclass
class Done:
    """What a command printed and how it ended."""

    returncode: int
    stdout: str
    stderr: str


def cchc(*arguments: str) -> Done:
    """Run the command in this process, as its entry point does."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["cchc", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return Done(int(ended.value.code or 0), out.getvalue(), err.getvalue())


def as_process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cchc", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def said(*arguments: str) -> str:
    done = cchc(*arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_night_and_what_one_asks_after_it(home: Path, warehouse: Engine) -> None:
    sources = [word for code in SMALL for word in ("--source", code)]
    night = cchc("sync", "--day", DAY.isoformat(), *sources, "--format", "json")
    assert night.returncode == 0, night.stderr
    outcomes = {row["source_code"]: row for row in json.loads(night.stdout)}
    assert set(outcomes) == set(SMALL)
    assert outcomes["01273-dvcqg"]["quarantined"] > 0
    assert "gate" in night.stderr

    period = ("--period", "2026-11", "--unit", "01273")
    shown = json.loads(said("indicators", "show", "--set", "province-core", *period, "--format", "json"))
    received = next(row for row in shown if row["indicator"] == "received")
    figure = int(received["value"])
    assert figure > 0
    text = said("explain", "received", *period)
    assert "Công thức" in text
    assert "01273-dvcqg" in text
    records = list(
        csv.DictReader(io.StringIO(said("explain", "received", *period, "--records", "--format", "csv")))
    )
    assert len(records) == figure

    items = json.loads(said("quarantine", "list", "--format", "json"))
    assert items
    one = said("quarantine", "show", str(items[0]["item_id"]))
    assert items[0]["rule_code"] in one
    replayed = json.loads(
        said("quarantine", "replay", "--source", "01273-dvcqg", "--day", str(DAY), "--format", "json")
    )
    assert replayed[0]["quarantined"] == outcomes["01273-dvcqg"]["quarantined"]

    (release,) = json.loads(said("release", "list", "--format", "json"))
    assert said("publish", "--day", DAY.isoformat())
    assert Path(release["path"]).is_dir()
    checked = cchc("source", "check", "snv-vanban", "--day", DAY.isoformat())
    assert checked.returncode == 0, checked.stderr
    assert "CANARY" not in checked.stdout + checked.stderr
    assert len(list(csv.DictReader(io.StringIO(said("source", "list", "--format", "csv"))))) == 103


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sync", "--day", "14/11/2026"), "write 2026-11-14"),
        (("sync", "--day", "2026-11-06", "--source", "nobody"), "not in the catalogue: nobody"),
        (("indicators", "show", "--set", "no-such", "--unit", "SGDDT", "--period", "2026"), "there are:"),
        (("indicators", "show", "--set", "seed-2022", "--unit", "X", "--period", "2026"), "unit X"),
        (("indicators", "show", "--set", "seed-2022", "--unit", "SGDDT", "--period", "2026-13"), "2026-13"),
        (("explain", "no-such", "--unit", "SGDDT", "--period", "2026"), "no-such"),
        (("source", "check", "nobody"), "nobody"),
        (("quarantine", "show", "999999"), "999999"),
        (("quarantine", "replay"), "--source"),
        (("no-such-command",), "no-such-command"),
    ],
)
def test_wrong_usage_is_exit_2_with_a_sentence(home: Path, arguments: tuple[str, ...], words: str) -> None:
    done = cchc(*arguments)
    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("sync",),
        ("publish",),
        ("scorecard", "--again"),
        ("integrity", "run"),
        ("quarantine", "replay", "--source", "snv-vanban"),
        ("source", "check", "snv-vanban"),
    ],
)
def test_a_day_that_is_still_to_come_is_refused(
    home: Path, warehouse: Engine, command: tuple[str, ...]
) -> None:
    tomorrow = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date() + timedelta(days=1)
    for day in (tomorrow, date(2131, 1, 1)):
        done = cchc(*command, "--day", day.isoformat())
        assert done.returncode == 2, done.stderr
        assert f"the reporting day {day} is still to come" in done.stderr.replace("\n", " ")
    with warehouse.connect() as connection:
        left = "select (select count(*) from ops.run) + (select count(*) from publish.release)"
        assert connection.exec_driver_sql(left).scalar_one() == 0
    assert not (home / "releases").exists()


def test_today_may_be_published_and_comes_to_the_sites_too(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    site, away = tmp_path / "site", tmp_path / "share" / "site"  # the share is not mounted
    monkeypatch.setenv("CCHC_PUBLIC_SITE", str(site))
    monkeypatch.setenv("CCHC_INTERNAL_SITE", str(away))
    settings.settings.cache_clear()
    done = cchc("publish", "--day", today.isoformat())
    release_id, path = done.stdout.rstrip().split("\t")
    assert release_id.startswith(today.isoformat())
    assert (site / "index.html").read_bytes() == (Path(path) / "public" / "index.html").read_bytes()
    assert done.returncode == 1, "the release stands, and one site does not show it"
    assert f"CCHC_INTERNAL_SITE:{away}cannotbeused" in "".join(done.stderr.split())


def test_a_warehouse_that_cannot_be_reached_or_is_not_migrated(home: Path, postgres: Engine) -> None:
    nowhere = as_process("release", "list", CCHC_WAREHOUSE_DSN="postgresql://u:secret-word@127.0.0.1:1/x")
    assert nowhere.returncode == 2
    assert "secret-word" not in nowhere.stderr + nowhere.stdout
    assert "Traceback" not in nowhere.stderr
    bare = postgres.url.set(database="postgres").render_as_string(hide_password=False)
    empty = as_process("release", "list", CCHC_WAREHOUSE_DSN=bare)
    assert empty.returncode == 2
    assert "cchc migrate" in " ".join(empty.stderr.split())


def test_a_night_over_budget_is_exit_1(home: Path, systems: Running) -> None:
    systems.misbehave("snv-vanban", "refuse")
    done = as_process("sync", "--day", DAY.isoformat(), *[w for code in SMALL for w in ("--source", code)])
    assert done.returncode == 1
    assert "snv-vanban [in page 1]" in done.stderr


def test_every_command_has_help() -> None:
    for words in (
        (),
        ("sync",),
        ("indicators", "show"),
        ("explain",),
        ("source", "check"),
        ("quarantine", "replay"),
        ("release", "list"),
        ("doctor",),
        ("publish",),
        ("migrate",),
    ):
        done = cchc(*words, "--help")
        assert done.returncode == 0
        assert "Usage: cchc" in done.stdout


def test_another_province_is_another_directory(
    home: Path, tmp_path: Path, systems: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    files = {
        "province.yaml": {"code": "H99", "name": "Tỉnh Khác"},
        "units.yaml": [
            {"code": "A1", "name": "Phường Một", "group": "commune", "valid_from": "2025-07-01"},
        ],
        "hosts.yaml": [{"code": "hs", "connection": "dvcqg", "private": True, "plain_http": True}],
        "sources.yaml": [
            {
                "defaults": {"profile": "national-hoso", "host": "hs", "history_from": "2026-10-15"},
                "sources": [{"code": "a1", "unit": "A1", "params": {"maDonVi": "H14.01273"}}],
            }
        ],
    }
    for name, content in files.items():
        (other / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("CCHC_CATALOGUE", str(other))
    settings.settings.cache_clear()
    night = json.loads(said("sync", "--day", DAY.isoformat(), "--format", "json"))
    assert [row["unit_code"] for row in night] == ["A1"]
    of_unit = ("--unit", "A1", "--period", "2026-11", "--format", "json")
    shown = json.loads(said("indicators", "show", "--set", "province-core", *of_unit))
    assert int(shown[0]["value"]) > 0


def test_dossiers_of_several_units_are_compared_without_their_codes(
    home: Path, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    source(warehouse, "SGDDT", "s")
    term = {"procedure_code": "1.000001", "valid_from": date(2020, 1, 1), "term_value": 5, "term_unit": "day"}
    write(warehouse, "procedure", "SGDDT", "s", [term])
    late = {
        "dossier_code": "000.00.01.H14-canary",
        "status": "finished",
        "received_at": at("2026-11-02"),
        "due_at": at("2026-11-10", "16:00:00"),
        "finished_at": at("2026-11-10", "17:00:00"),
    }
    write(warehouse, "dossier", "SGDDT", "s", [late])
    for command in (("compare", "date", "timestamp"), ("due", "--all")):
        asked = ("rules", *command, "--period", "2026-11-01..2026-11-30", "--format", "csv", "--unit")
        assert "canary" in cchc(*asked, "SGDDT").stdout
        monkeypatch.delenv("CCHC_PSEUDONYM_KEY", raising=False)
        settings.settings.cache_clear()
        of_all = cchc(*asked, "H14")
        assert "canary" not in of_all.stdout
        assert "hồ sơ 1" in of_all.stdout.lower()
        assert "CCHC_PSEUDONYM_KEY" in of_all.stderr
        monkeypatch.setenv("CCHC_PSEUDONYM_KEY", "k" * 32)
        settings.settings.cache_clear()
        under_key = cchc(*asked, "H14").stdout
        assert "canary" not in under_key
        assert "SGDDT-" in under_key
