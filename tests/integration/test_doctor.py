"""`cchc doctor`: each thing that can be wrong is found, said in plain words, and changes nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.load import load
from cchc.catalogue.models import Catalogue, Recipient
from cchc.ops import doctor, surroundings
from cchc.ops.surroundings import Finding
from cchc.settings import SHIPPED_CATALOGUE, Settings, Smtp

DAY = date(2026, 11, 14)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(SHIPPED_CATALOGUE)


@pytest.fixture
def settings(warehouse: Engine, tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path,
        warehouse_dsn=warehouse.url.render_as_string(hide_password=False),
        catalogue=SHIPPED_CATALOGUE,
        landing=str(tmp_path / "landing"),
        releases=tmp_path / "releases",
        smtp=Smtp(),
    )


@pytest.fixture
def examine(settings: Settings, catalogue: Catalogue) -> Callable[[], dict[str, Finding]]:
    return lambda: {f.check: f for f in doctor.diagnose(settings, catalogue)}


def run(engine: Engine, state: str, ago: str = "1 hour") -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.run (run_id, reporting_day, kind, sources, state, started_at, finished_at)"
                f" values (:id, :day, 'sync', '{{}}', :state, now() - interval '{ago}', now())"
            ),
            {"id": uuid4(), "day": DAY, "state": state},
        )


def delivery(engine: Engine, path: str, state: str = "loaded") -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into landing.delivery (delivery_id, unit_code, source_code, dataset, window_from,"
                " window_to, path, sha256, bytes, received, refused, landed, profile_code, pulled_at, state,"
                " reason) values (:id, 'SGDDT', 'sgddt-motcua', 'dossier', :day, :day, :path, 'x', 1, 0, 0, 0,"
                " 'opencps-2', now(), :state, 'no records where there were some')"
            ),
            {"id": uuid4(), "day": DAY, "path": path, "state": state},
        )


def test_a_fresh_warehouse(examine: Callable[[], dict[str, Finding]]) -> None:
    found = examine()
    assert found["warehouse"].level == "ok"
    assert found["last night"].level == "warn"
    assert "no night ran" in found["last night"].message
    assert {f.level for f in found.values()} == {"ok", "warn"}
    assert all(f.action for f in found.values() if f.level != "ok")


def test_no_warehouse_yet_starts_no_server(settings: Settings, catalogue: Catalogue, tmp_path: Path) -> None:
    found = {f.check: f for f in doctor.diagnose(replace(settings, warehouse_dsn=None), catalogue)}
    assert found["warehouse"].level == "warn"
    assert list(tmp_path.iterdir()) == []


def test_connections_are_named_and_never_shown(
    examine: Callable[[], dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MOTCUA", "http://cchc:canary-long-secret@127.0.0.1:9")
    monkeypatch.setenv("AIRFLOW_CONN_TRUC", "canary-secret")
    monkeypatch.delenv("AIRFLOW_CONN_DVCQG", raising=False)
    found = examine()
    levels = {name: found[f"connection {name}"].level for name in ("motcua", "truc", "dvcqg")}
    assert levels == {"motcua": "ok", "truc": "fail", "dvcqg": "warn"}
    assert "canary" not in repr(found)


def test_ways_to_people_that_this_environment_has_not(settings: Settings, catalogue: Catalogue) -> None:
    people = (Recipient(name="Ca trực", channels=("to-truc",)), Recipient(name="Tổ", email="to@example.vn"))
    told = catalogue.model_copy(
        update={"province": catalogue.province.model_copy(update={"engineers": people})}
    )
    lacking = {f.check: f for f in surroundings.of_messages(settings, told)}
    assert set(lacking) == {"mail server", "channel to-truc"}
    assert "CCHC_NOTIFY_TO_TRUC is not set" in lacking["channel to-truc"].message
    assert {f.level for f in lacking.values()} == {"warn"}
    ready = replace(settings, smtp=Smtp(host="127.0.0.1"), notify={"TO_TRUC": "json://127.0.0.1"})
    assert list(surroundings.of_messages(ready, told)) == []


def test_an_unreachable_warehouse_does_not_give_away_its_password(
    settings: Settings, catalogue: Catalogue
) -> None:
    away = replace(settings, warehouse_dsn="postgresql://cchc:canary-secret@127.0.0.1:1/cchc")
    [found] = [f for f in doctor.diagnose(away, catalogue) if f.check == "warehouse"]
    assert found.level == "fail"
    assert "127.0.0.1" in found.message
    assert "canary" not in repr(found)


def test_a_schema_of_another_version(warehouse: Engine, examine: Callable[[], dict[str, Finding]]) -> None:
    with warehouse.begin() as connection:
        connection.execute(text("update public.cchc_version set version_num = 'other'"))
    found = examine()
    assert found["warehouse"].level == "fail"
    assert "cchc migrate" in found["warehouse"].action
    assert "last night" not in found, "nothing is read from a schema that is not ours"


@pytest.mark.parametrize(
    ("state", "ago", "level"),
    [
        ("success", "1 hour", "ok"),
        ("success", "3 days", "warn"),
        ("over_budget", "1 hour", "fail"),
        ("running", "1 hour", "ok"),
        ("running", "9 hours", "fail"),
    ],
)
def test_the_last_night(
    warehouse: Engine, examine: Callable[[], dict[str, Finding]], state: str, ago: str, level: str
) -> None:
    run(warehouse, "success", "20 days")
    run(warehouse, state, ago)
    assert examine()["last night"].level == level


def test_a_night_that_was_killed_is_named_as_soon_as_a_newer_one_ended(
    warehouse: Engine, examine: Callable[[], dict[str, Finding]]
) -> None:
    run(warehouse, "running", "2 hours")
    assert examine()["open runs"].level == "ok", "it may be at work"
    run(warehouse, "success", "1 hour")
    found = examine()["open runs"]
    assert found.level == "warn"
    assert found.message.startswith("1 still open")
    assert examine()["last night"].level == "ok"


def test_a_night_that_was_killed_does_not_excuse_old_marts(
    warehouse: Engine, examine: Callable[[], dict[str, Finding]]
) -> None:
    with warehouse.begin() as connection:
        connection.execute(
            text("insert into ops.touched_day values ('SGDDT', 'dossier', :day, '')"), {"day": DAY}
        )
    run(warehouse, "running", "1 hour")
    assert examine()["marts"].level == "ok", "the night at work will make them"
    with warehouse.begin() as connection:
        connection.execute(text("update ops.run set started_at = now() - interval '13 hours'"))
    found = examine()
    assert (found["marts"].level, found["open runs"].level) == ("fail", "warn")


def test_sources_that_lag(warehouse: Engine, examine: Callable[[], dict[str, Finding]]) -> None:
    run(warehouse, "success")
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into ops.watermark (unit_code, source_code, dataset, complete_to, delivery_id) values"
                " ('SGDDT', 'sgddt-motcua', 'dossier', '2026-11-11', gen_random_uuid()),"
                " ('SYT', 'syt-motcua', 'dossier', '2026-11-14', gen_random_uuid()),"
                # of a unit that it belonged to before, and of a dataset that its profile had
                " ('STP', 'syt-motcua', 'dossier', '2026-11-01', gen_random_uuid()),"
                " ('SYT', 'syt-motcua', 'petition', '2026-11-01', gen_random_uuid())"
            )
        )
    found = examine()["sources"]
    assert found.level == "warn"
    assert "1 more than 2 days behind: sgddt-motcua (2026-11-11)" in found.message
    assert "syt-motcua" not in found.message


def test_what_waits(warehouse: Engine, examine: Callable[[], dict[str, Finding]], tmp_path: Path) -> None:
    delivery(warehouse, str(tmp_path / "gone.ndjson.gz"), "held")
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into ops.outbox (recipient, reporting_day, kind, subject, body_text, body_html,"
                " last_error) values ('a@b', :day, 'digest', 's', 't', 'h', 'connection refused');"
            ),
            {"day": DAY},
        )
        connection.execute(
            text("insert into ops.touched_day values ('SGDDT', 'dossier', :day, '')"), {"day": DAY}
        )
        for record, rule, state in (
            ("1", "A", "open"),
            ("1", "B", "open"),
            ("2", "A", "open"),
            ("3", "A", "waived"),
        ):
            connection.execute(
                text(
                    "insert into quarantine.item (unit_code, source_code, dataset, record_key, rule_code, severity,"
                    " message, row_data, delivery_id, row_no, page, mapping_version, state) values ('SGDDT',"
                    " 'sgddt-motcua', 'dossier', :record, :rule, 'critical', 'm', '{}', gen_random_uuid(), 1, 'p',"
                    " 'v', :state)"
                ),
                {"record": record, "rule": rule, "state": state},
            )
    found = examine()
    assert found["quarantine"].message.startswith(
        "2 records of 1 units wait to be corrected, of all nights, for 3 faults"
    )
    assert "sgddt-motcua [dossier]" in found["held deliveries"].message
    assert "1 messages are not sent; the last try said: connection refused" in found["mail"].message
    assert found["marts"].level == "fail"
    assert found["landing files"].level == "fail"
    assert "gone.ndjson.gz" in found["landing files"].message


@contextmanager
def _as_nobody() -> Iterator[None]:
    """Root may write everywhere, so for a moment root is somebody else."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def test_a_folder_that_cannot_be_written(settings: Settings, catalogue: Catalogue) -> None:
    doctor.diagnose(settings, catalogue)  # what it needs is imported before nobody comes who cannot read it
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        closed = replace(settings, home=folder, landing=str(folder / "landing"), releases=folder / "releases")
        with _as_nobody():
            found = {f.check: f.level for f in doctor.diagnose(closed, catalogue)}
    assert (found["landing"], found["releases"]) == ("fail", "fail")


def test_a_place_that_is_no_folder(settings: Settings, catalogue: Catalogue, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    wrong = replace(settings, landing=str(tmp_path / "file" / "landing"), releases=tmp_path / "file")
    found = {f.check: f.level for f in doctor.diagnose(wrong, catalogue)}
    assert (found["landing"], found["releases"]) == ("fail", "fail")
