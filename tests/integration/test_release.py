"""Releases on a real PostgreSQL and file system: complete or invisible, and the same content never twice."""

from __future__ import annotations

import errno
import hashlib
import json
import re
import threading
import uuid
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cchc.errors import ReconciliationError
from cchc.indicators import periods
from cchc.publishing import anchor_file, figures, release, verification
from cchc.publishing.release import list_releases, publish
from cchc.quality import scorecard
from cchc.warehouse import marts
from integration import published
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


def _manifest(root: Path) -> dict[str, Any]:
    stated: dict[str, Any] = json.loads((root / "current" / "manifest.json").read_bytes())
    return stated


def _sources(root: Path) -> dict[str, dict[str, Any]]:
    return {s["code"]: s for s in json.loads(published.read(root, "indicators.json"))["sources"]}


def _findings(engine: Engine, root: Path) -> list[tuple[str | None, str]]:
    _, findings = verification.verify(engine, root, anchor_file.beside(root))
    return [(finding.name, finding.message) for finding in findings]


PAGES = {
    "index.html", "phuong-phap.html", "tai-ve.html", "cong-bo/departments.html", "cong-bo/communes.html",
    "don-vi/index.html", *(f"don-vi/{unit}.html" for unit in ("H14", UNIT, "SYT", "01273", "01288")),
    "ky/index.html", "thu-tuc/index.html", "xep-hang/index.html", "xep-hang/so-ban-nganh.html",
    "xep-hang/xa-phuong.html",
}  # fmt: skip
ASSETS = {"assets/portal.css", "assets/portal.js"}
DATA = {
    *(f"{table}.{kind}" for table in ("indicators", "units", "sources", "definitions") for kind in ("csv", "parquet")),
    "indicators.json", "dictionary.csv", "datapackage.json", "dcat.jsonld", "README.md", "SHA256SUMS",
}  # fmt: skip
REPORT = {"bao-cao/bao-cao-cchc.docx"}  # for the office alone


def test_a_release_holds_the_seeds_figures_in_every_form(warehouse: Engine, tmp_path: Path) -> None:
    load(warehouse)
    run = _outcome(warehouse, DAY, "syt-motcua", "failed", "SourceUnavailable")
    done = publish(warehouse, CATALOGUE, DAY, run, tmp_path)
    assert (done.run_id, done.sources_expected, done.sources_fresh) == (run, 6, 3)
    assert Path(done.path).name == done.release_id == f"2026-11-14-{done.content_sha256[:12]}"

    lines = published.lines(tmp_path, "indicators.csv")
    seed = {line["indicator_code"]: line for line in lines if line["publication"] == "seed"}
    assert {code: line["printed"] for code, line in seed.items()} == PRINTED
    assert seed["documents-out-signed-share"]["value"] == "95.3"
    assert seed["received"]["title"] == "Hồ sơ tiếp nhận"
    assert published.read(tmp_path, "indicators.csv").startswith(b"\xef\xbb\xbf")
    empty = next(
        line for line in lines if line["unit_code"] == "SYT" and line["indicator_code"] == "received"
    )
    assert (empty["value"], empty["reason"]) == ("", "chưa có dữ liệu hồ sơ từ Một cửa Sở Y tế")

    document = json.loads(published.read(tmp_path, "indicators.json"))
    assert document["coverage"] == {"expected": 6, "fresh": 3}
    values = document["publications"][0]["units"][0]["values"]
    assert values["documents-out-signed-share"]["value"] == 95.3
    assert values["received"]["value"] == 11999

    first = published.page(tmp_path, "index.html")
    for words in ("Có dữ liệu của 3/6 nguồn", "không đọc được tệp của đơn vị", "Sở Y tế"):
        assert words.lower() in first.lower()
    assert f'href="don-vi/{UNIT}.html#seed"' in first
    own = published.page(tmp_path, f"don-vi/{UNIT}.html")
    section = own[own.index('<section id="seed"') :].partition("</section>")[0]
    titles = [line["title"] for line in seed.values()]
    assert [published.cell(section, title) for title in titles] == list(PRINTED.values())
    assert "không đọc được tệp của đơn vị" in published.page(tmp_path, "don-vi/SYT.html").lower()

    stated = _manifest(tmp_path)["files"]
    bodies = {name: (tmp_path / "current" / name).read_bytes() for name in stated}
    for name, body in bodies.items():
        assert hashlib.sha256(body).hexdigest() == stated[name]["sha256"]
        assert b"10.0.0.1" not in body, name  # an error's text is for those who mend it
    for name in (name for name in bodies if name.endswith(".html")):
        scripts = re.findall(r"<script[^>]*>[^<]*", bodies[name].decode())
        root = "../" * (name.count("/") - 1)
        assert scripts == [f'<script src="{root}assets/portal.js" defer>'], (
            name
        )  # none within, none from elsewhere
    expected = {*PAGES, *ASSETS, *(f"du-lieu/EDITION/{name}" for name in DATA)}
    named = {re.sub(r"du-lieu/2026-11-14-[0-9a-f]{12}/", "du-lieu/EDITION/", name) for name in stated}
    assert named == {f"internal/{name}" for name in expected | REPORT} | {
        f"public/{name}" for name in expected
    }
    assert published.files_in(Path(done.path)) == {*stated, "manifest.json"}

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
    sources = _sources(tmp_path)
    assert sources["syt-motcua"]["is_fresh"] is True
    assert sources["syt-motcua"]["problem"] == "dữ liệu bất thường, đang giữ lại để kiểm tra"
    assert sources["01273-motcua"]["problem"] == "chưa có dữ liệu đến ngày báo cáo"
    _outcome(warehouse, DAY, "syt-motcua", "unchanged")
    publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    sources = _sources(tmp_path)
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
    seen = _manifest(tmp_path)  # a reader sees a whole release, old or new
    assert seen["release_id"] == earlier.release_id or (crash_in, when) == ("_point", "after")
    killed = tmp_path / ".unfinished-killed" / "internal" / "index.html"
    killed.parent.mkdir(parents=True)
    killed.write_text("half")
    done = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    assert str((tmp_path / "current").readlink()) == done.release_id
    assert len(list_releases(warehouse)) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(
        [earlier.release_id, done.release_id, "current"]
    )


def test_a_changed_or_lost_file_of_a_release_is_put_back(warehouse: Engine, tmp_path: Path) -> None:
    done = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    page = Path(done.path) / "internal" / "don-vi" / "SYT.html"
    whole = page.read_bytes()
    published.edit(page, whole.replace(b"tr", b"tx"))
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
    last = json.loads(published.read(tmp_path, "indicators.json"))
    units = {u["code"]: u for p in last["publications"] for u in p["units"]}
    assert units["SYT"]["values"]["received"]["value"] == 12


def test_a_province_without_publications_or_data_still_publishes(warehouse: Engine, tmp_path: Path) -> None:
    done = publish(warehouse, catalogue(publications=[]), DAY, None, tmp_path / "new" / "releases")
    assert (done.sources_fresh, _stored(warehouse)) == (0, 0)
    for build in ("internal", "public"):
        assert Path(done.path, build, "index.html").exists()


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
    lines = published.lines(tmp_path, "indicators.csv")
    seed = {line["indicator_code"]: line for line in lines if line["publication"] == "seed"}
    assert seed["received"]["value"] == "12000"  # 11,999 and the late one
    with warehouse.connect() as connection:
        assert figures.of_period(connection, CATALOGUE, periods.parse("2022-H1"), DAY)


def _next(engine: Engine, root: Path) -> tuple[Path, Path]:
    """Return two releases of one day, between which one commune's first dossier came."""
    before = publish(engine, CATALOGUE, DAY, None, root)
    write(
        engine, "dossier", "01273", "01273-motcua", [{"dossier_code": "a", "received_at": at("2026-11-02")}]
    )
    watermark(engine, "01273", "01273-motcua", DAY, "dossier")
    after = publish(engine, CATALOGUE, DAY, None, root)
    assert before.release_id != after.release_id
    return Path(before.path), Path(after.path)


def test_what_did_not_change_is_the_same_file_in_the_next_release_and_read_only(
    warehouse: Engine, tmp_path: Path
) -> None:
    before, after = _next(warehouse, tmp_path)
    shared = {
        name
        for name in published.files_in(before) & published.files_in(after)
        if (before / name).read_bytes() == (after / name).read_bytes()
    }
    assert {f"{build}/{name}" for build in ("internal", "public") for name in ASSETS} < shared
    assert "internal/don-vi/SYT.html" in shared
    assert "internal/don-vi/01273.html" not in shared
    for folder in (before, after):
        for name in published.files_in(folder):
            assert (folder / name).stat().st_mode & 0o777 == 0o444, name
    for name in published.files_in(after):
        same = (before / name).exists() and (before / name).samefile(after / name)
        assert same == (name in shared), name
    assert _findings(warehouse, tmp_path) == []


def test_a_release_is_whole_where_the_file_system_has_no_links(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_self: Path, _target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refused)
    before, after = _next(warehouse, tmp_path)
    for folder in (before, after):
        stated = json.loads((folder / "manifest.json").read_bytes())["files"]
        assert published.files_in(folder) == {*stated, "manifest.json"}
    css = "internal/assets/portal.css"
    assert (before / css).read_bytes() == (after / css).read_bytes()
    assert not (before / css).samefile(after / css)
    assert _findings(warehouse, tmp_path) == []


def test_what_is_added_anywhere_below_a_release_is_found_and_goes_with_the_next_publication(
    warehouse: Engine, tmp_path: Path
) -> None:
    done = publish(warehouse, CATALOGUE, DAY, None, tmp_path)
    folder = Path(done.path)
    for name in ("internal/don-vi/more.html", "public/more/deeper/page.html", "du-lieu/x.csv"):
        added = folder / name
        added.parent.mkdir(parents=True, exist_ok=True)
        added.write_text("x")
        said = f"a file of it was changed, added or removed in {folder}"
        assert _findings(warehouse, tmp_path) == [(done.release_id, said)]
        added.unlink()
        if not any(added.parent.iterdir()):  # a folder that holds nothing is none of a release either
            said = f"{added.parent.relative_to(folder)} was added in {folder}: it is no file"
            assert _findings(warehouse, tmp_path) == [(done.release_id, said)]
        added.write_text("x")
        assert publish(warehouse, CATALOGUE, DAY, None, tmp_path) == done
        assert _findings(warehouse, tmp_path) == []
        assert not added.exists()


def test_what_is_for_the_office_alone_is_not_in_the_public_build(warehouse: Engine, tmp_path: Path) -> None:
    load(warehouse)
    _outcome(warehouse, DAY, "sgddt-motcua", "failed", "SourceUnavailable")
    scorecard.write(warehouse, CATALOGUE, DAY)
    folder = Path(publish(warehouse, CATALOGUE, DAY, None, tmp_path).path)
    own = published.page(tmp_path, f"don-vi/{UNIT}.html")
    inside = ("Chất lượng dữ liệu", "Bản nội bộ", "dự thảo")  # scorecards, the mark of the build, the report
    offered = published.page(tmp_path, "tai-ve.html")
    assert all(word in own + offered for word in inside)
    names = published.files_in(folder)
    assert {name for name in names if name.startswith("internal/bao-cao/")} == {
        f"internal/{n}" for n in REPORT
    }
    public = {name for name in names if name.startswith("public/")}
    assert not {name for name in public if "bao-cao" in name or "can-sua" in name}
    for name in public:
        body = (folder / name).read_bytes()
        assert not [
            word for word in (*inside, "bao-cao/", "can-sua", "dòng cần sửa") if word.encode() in body
        ], name
