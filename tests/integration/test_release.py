"""Releases on a real PostgreSQL and file system: complete or invisible, and the same content never twice."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import threading
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cchc.errors import ReconciliationError
from cchc.indicators import periods
from cchc.publishing import figures, release
from cchc.publishing.release import list_releases, publish
from cchc.warehouse import marts
from integration.indicator_facts import at, watermark, write
from integration.seed_unit import DAY, PRINTED, UNIT, catalogue, load

CATALOGUE = catalogue()


def _outcome(engine: Engine, day: date, source: str, state: str, error_class: str | None = None) -> uuid.UUID:
    run = uuid.uuid4()
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into ops.run (run_id, reporting_day, kind, sources) values (:run, :day, 'sync', '{}')"
            ),
            {"run": run, "day": day},
        )
        connection.execute(
            text(
                "insert into ops.source_outcome"
                " (run_id, unit_code, source_code, state, stage, error_class, message, started_at, finished_at)"
                " values (:run, 'X', :source, :state, 'pull', :error, 'http://10.0.0.1/secret', now(), now())"
            ),
            {"run": run, "source": source, "state": state, "error": error_class},
        )
    return run


def _stored(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text("select count(*) from publish.indicator_value")).scalar_one())


def _read(root: Path, name: str) -> bytes:
    return (root / "current" / name).read_bytes()


def test_a_release_holds_the_seeds_figures_in_every_form(warehouse: Engine, tmp_path: Path) -> None:
    load(warehouse)
    run = _outcome(warehouse, DAY, "syt-motcua", "failed", "SourceUnavailable")
    done = publish(warehouse, CATALOGUE, DAY, run, tmp_path)
    assert (done.run_id, done.sources_expected, done.sources_fresh) == (run, 6, 3)
    assert Path(done.path).name == done.release_id == f"2026-11-14-{done.content_sha256[:12]}"

    lines = list(csv.DictReader(io.StringIO(_read(tmp_path, "indicators.csv").decode("utf-8-sig"))))
    seed = {line["indicator_code"]: line for line in lines if line["publication"] == "seed"}
    assert {code: line["printed"] for code, line in seed.items()} == PRINTED
    assert seed["documents-out-signed-share"]["value"] == "95.3"
    assert seed["received"]["title"] == "Hồ sơ tiếp nhận"
    assert _read(tmp_path, "indicators.csv").startswith(b"\xef\xbb\xbf")
    empty = next(
        line for line in lines if line["unit_code"] == "SYT" and line["indicator_code"] == "received"
    )
    assert (empty["value"], empty["reason"]) == ("", "chưa có dữ liệu hồ sơ từ Một cửa Sở Y tế")

    document = json.loads(_read(tmp_path, "indicators.json"))
    assert document["coverage"] == {"expected": 6, "fresh": 3}
    values = document["publications"][0]["units"][0]["values"]
    assert values["documents-out-signed-share"]["value"] == 95.3
    assert values["received"]["value"] == 11999

    page = _read(tmp_path, "index.html").decode()
    for words in (
        "Có dữ liệu của 3/6 nguồn",
        "95,3%",
        "11.999",
        "không đọc được tệp của đơn vị",
        "Sở Y tế",
        "42%",
    ):
        assert words.lower() in page.lower()
    assert "10.0.0.1" not in page  # an error's text is for those who mend it
    assert "<script" not in page

    manifest = json.loads(_read(tmp_path, "manifest.json"))
    for name, stated in manifest["files"].items():
        assert hashlib.sha256(_read(tmp_path, name)).hexdigest() == stated["sha256"]
    assert set(manifest["files"]) == {"index.html", "indicators.csv", "indicators.json"}

    with warehouse.connect() as connection:
        row = connection.execute(
            text(
                "select printed, numerator, denominator, coverage from publish.indicator_value"
                " where indicator_code = 'documents-out-signed-share' and set_code = 'seed-2022'"
            )
        ).one()
    assert tuple(row) == ("95,3%", 2299, 2412, 1)
    assert _stored(warehouse) == 24 + 9 * (1 + 2 + 2)


def test_the_same_content_again_adds_nothing(warehouse: Engine, tmp_path: Path) -> None:
    first = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    stored, before = _stored(warehouse), sorted(p.name for p in tmp_path.iterdir())
    again = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    assert again == first
    assert (_stored(warehouse), sorted(p.name for p in tmp_path.iterdir())) == (stored, before)
    assert list_releases(warehouse) == [first]


def test_current_follows_the_newest_day_and_the_last_word_of_it(warehouse: Engine, tmp_path: Path) -> None:
    current = tmp_path / "current"
    empty = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    watermark(warehouse, "SYT", "syt-motcua", DAY, "dossier")
    full = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    assert full.release_id != empty.release_id
    assert str(current.readlink()) == full.release_id
    earlier = publish(warehouse, CATALOGUE, date(2026, 11, 13), None, tmp_path)
    assert str(current.readlink()) == full.release_id  # an earlier day made up for does not go before it
    with warehouse.begin() as connection:
        connection.execute(text("delete from ops.watermark"))
    assert publish(warehouse, CATALOGUE, DAY, None, tmp_path) == empty
    assert str(current.readlink()) == empty.release_id
    assert [r.release_id for r in list_releases(warehouse)] == [
        full.release_id,
        empty.release_id,
        earlier.release_id,
    ]


def test_a_failed_source_is_never_hidden(warehouse: Engine, tmp_path: Path) -> None:
    """Also where its data of the day is there already, from an earlier run."""
    watermark(warehouse, "SYT", "syt-motcua", DAY, "dossier")
    _outcome(warehouse, DAY, "syt-motcua", "held", "DeliveryHeld")
    publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    sources = {s["code"]: s for s in json.loads(_read(tmp_path, "indicators.json"))["sources"]}
    assert sources["syt-motcua"]["is_fresh"] is True
    assert sources["syt-motcua"]["problem"] == "dữ liệu bất thường, đang giữ lại để kiểm tra"
    assert sources["01273-motcua"]["problem"] == "chưa có dữ liệu đến ngày báo cáo"
    _outcome(warehouse, DAY, "syt-motcua", "unchanged")
    publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    sources = {s["code"]: s for s in json.loads(_read(tmp_path, "indicators.json"))["sources"]}
    assert sources["syt-motcua"]["problem"] is None


@pytest.mark.parametrize("crash_in", ["_place", "_enter", "_point"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_anywhere_is_mended_by_the_next_publication(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crash_in: str, when: str
) -> None:
    watermark(warehouse, "SYT", "syt-motcua", date(2026, 11, 13), "dossier")
    earlier = publish(warehouse, CATALOGUE, date(2026, 11, 13), None, tmp_path)
    real: Any = getattr(release, crash_in)

    def crash(*arguments: Any) -> None:
        if when == "after":
            real(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(release, crash_in, crash)
        with pytest.raises(KeyboardInterrupt):
            publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    seen = json.loads(_read(tmp_path, "manifest.json"))  # a reader sees a whole release, old or new
    assert seen["release_id"] == earlier.release_id or (crash_in, when) == ("_point", "after")
    (tmp_path / ".unfinished-killed").mkdir()
    (tmp_path / ".unfinished-killed" / "index.html").write_text("half")
    done = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    assert str((tmp_path / "current").readlink()) == done.release_id
    assert len(list_releases(warehouse)) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [earlier.release_id, done.release_id, "current"]
    )


def test_a_changed_or_lost_file_of_a_release_is_put_back(warehouse: Engine, tmp_path: Path) -> None:
    done = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    page = Path(done.path) / "index.html"
    whole = page.read_bytes()
    page.write_bytes(whole.replace(b"tr", b"tx"))
    assert publish(warehouse, CATALOGUE, DAY, None, tmp_path) == done
    assert page.read_bytes() == whole
    page.unlink()
    publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    assert page.read_bytes() == whole


def test_readers_and_publishers_at_once_see_whole_releases_only(warehouse: Engine, tmp_path: Path) -> None:
    publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    stop = threading.Event()
    mixed: list[str] = []
    failures: list[BaseException] = []

    def reader() -> None:
        while not stop.is_set():
            root = (tmp_path / "current").resolve()
            stated = json.loads((root / "manifest.json").read_bytes())["files"]
            for name, file in stated.items():
                if hashlib.sha256((root / name).read_bytes()).hexdigest() != file["sha256"]:
                    mixed.append(name)

    def publisher(part: int) -> None:
        try:
            for n in range(6):
                taken = {"dossier_code": f"{part}-{n}", "received_at": at("2026-11-02")}
                write(warehouse, "dossier", "SYT", "syt-motcua", [taken])
                marts.refresh(warehouse)
                publish(warehouse, CATALOGUE, DAY, None, tmp_path)
        except BaseException as error:
            failures.append(error)

    watcher = threading.Thread(target=reader)
    publishers = [threading.Thread(target=publisher, args=(part,)) for part in range(2)]
    for thread in (watcher, *publishers):
        thread.start()
    for thread in publishers:
        thread.join()
    stop.set()
    watcher.join()
    assert not failures
    assert not mixed
    last = json.loads(_read(tmp_path, "indicators.json"))
    units = {u["code"]: u for p in last["publications"] for u in p["units"]}
    assert units["SYT"]["values"]["received"]["value"] == 12


def test_a_province_without_publications_or_data_still_publishes(warehouse: Engine, tmp_path: Path) -> None:
    done = publish(warehouse, catalogue(publications=[]), DAY, None, tmp_path / "new" / "releases")
    assert (done.sources_fresh, _stored(warehouse)) == (0, 0)
    assert Path(done.path, "index.html").exists()


def test_two_publications_of_one_number_are_stored_once(warehouse: Engine, tmp_path: Path) -> None:
    same = {"title": "t", "indicator_set": "province-core", "units": [UNIT], "period": "report_month"}
    twice = catalogue(publications=[{**same, "code": "a"}, {**same, "code": "b"}])
    publish(warehouse, twice, DAY, None, tmp_path)
    assert _stored(warehouse) == 9


def test_what_is_loaded_and_not_counted_is_not_frozen_and_is_counted_before_it_is_published(
    warehouse: Engine, tmp_path: Path
) -> None:
    load(warehouse)
    first = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    late = {"dossier_code": "late", "received_at": at("2022-06-01"), "procedure_code": "p"}
    write(warehouse, "dossier", UNIT, "sgddt-motcua", [late])
    said = f"of {UNIT} more is loaded than the numbers count"
    with warehouse.connect() as connection, pytest.raises(ReconciliationError, match=said):
        figures.of_period(connection, CATALOGUE, periods.parse("2022-H1"), DAY)
    assert publish(warehouse, CATALOGUE, DAY, None, tmp_path).release_id != first.release_id
    lines = csv.DictReader(io.StringIO(_read(tmp_path, "indicators.csv").decode("utf-8-sig")))
    seed = {line["indicator_code"]: line for line in lines if line["publication"] == "seed"}
    assert seed["received"]["value"] == "12000"  # 11,999 and the late one
    with warehouse.connect() as connection:
        assert figures.of_period(connection, CATALOGUE, periods.parse("2022-H1"), DAY)
