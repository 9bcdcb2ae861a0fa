"""The points of Bộ chỉ số 766 in a release: the same as `cchc score` gives, whole, and sealed with it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cchc.catalogue.load import load as load_catalogue
from cchc.catalogue.models import Catalogue, Portal
from cchc.indicators import periods
from cchc.indicators.scoring import own
from cchc.publishing import closing, points, verification
from cchc.publishing.content import gather
from cchc.publishing.portal import overview
from cchc.publishing.portal.view import View
from cchc.publishing.release import publish
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dimensions, marts
from integration import published
from integration.indicator_facts import at, watermark, write
from integration.rows import new_run
from integration.seed_unit import DAY, UNIT, catalogue

INDEX = load_catalogue(SHIPPED_CATALOGUE).score_set("qd766")
MONTH = periods.of_publication("report_month", DAY)


@pytest.fixture
def province() -> Catalogue:
    small = catalogue([])
    sets = small.indicator_sets | {"qd766": INDEX.shares()}  # as a catalogue's directory is read
    return small.model_copy(update={"scores": {"qd766": INDEX}, "indicator_sets": sets})


@pytest.fixture
def counted(warehouse: Engine, province: Catalogue) -> Engine:
    """Return a warehouse where one of two units that deliver handled three dossiers of four in time."""
    dimensions.sync(warehouse, province)
    ended = {"status": "finished", "received_at": at("2026-10-20"), "due_at": at("2026-11-05")}
    for code, unit in (("sgddt-motcua", UNIT), ("01273-motcua", "01273")):
        days = ("2026-11-04", "2026-11-04", "2026-11-04", "2026-11-09") if unit == UNIT else ()
        dossiers = [{**ended, "dossier_code": f"d{n}", "finished_at": at(day)} for n, day in enumerate(days)]
        if dossiers:
            write(warehouse, "dossier", unit, code, dossiers)
        watermark(warehouse, unit, code, DAY, "dossier")
    watermark(warehouse, UNIT, "sgddt-sotay", DAY, "dossier")
    marts.rebuild(warehouse)
    return warehouse


def _line(root: Path, unit: str, group: str, component: str, version: str = "written") -> dict[str, str]:
    wanted = (unit, group, component, version)
    (found,) = [
        line
        for line in published.lines(root, "points.csv")
        if (line["unit_code"], line["group"], line["component"], line["version"]) == wanted
    ]
    return found


def test_a_release_states_what_cchc_score_gives(counted: Engine, province: Catalogue, tmp_path: Path) -> None:
    root = tmp_path / "releases"
    publish(counted, province, DAY, None, root)
    on_time = _line(root, UNIT, "progress", "on_time")
    assert {key: on_time[key] for key in ("numerator", "denominator", "ratio", "score", "max")} == {
        "numerator": "3",
        "denominator": "4",
        "ratio": "75",
        "score": "15",
        "max": "20",
    }
    assert (on_time["index"], on_time["period_from"], on_time["period_to"], on_time["coverage"]) == (
        "qd766",
        "2026-10-15",
        "2026-11-14",
        "1",
    )
    assert _line(root, UNIT, "progress", "")["score"] == "15"
    # a unit that has delivered and had nothing is not a unit that has not delivered
    assert _line(root, "01273", "progress", "on_time")["reason"] == "mẫu số bằng 0"
    silent = _line(root, "SYT", "progress", "on_time")
    assert (silent["score"], silent["reason"], silent["coverage"]) == (
        "",
        "chưa có dữ liệu hồ sơ từ Một cửa Sở Y tế",
        "0",
    )

    units = ["H14", UNIT, "SYT", "01273", "01288"]
    lines = published.lines(root, "points.csv")
    assert list(dict.fromkeys(line["unit_code"] for line in lines)) == units
    for version in INDEX.versions:
        with counted.connect() as connection:
            parts = own.score_units(connection, province, INDEX, version, units, MONTH, day=DAY)
        stated = [line["score"] for line in lines if line["version"] == version]
        scored = [row["score"] for row in own.rows(INDEX, parts)]
        assert [Decimal(score) if score else None for score in stated] == scored


def test_the_json_says_the_same_as_the_csv(counted: Engine, province: Catalogue, tmp_path: Path) -> None:
    root = tmp_path / "releases"
    publish(counted, province, DAY, None, root)
    (index,) = json.loads(published.read(root, "points.json"))["indexes"]
    assert index["period"] == {"label": MONTH.label, "from": "2026-10-15", "to": "2026-11-14"}
    assert [unit["code"] for unit in index["units"]] == ["H14", UNIT, "SYT", "01273", "01288"]
    assert set(index["versions"]) == {"written", "portal-2026"}
    said: dict[tuple[str, ...], Any] = {}
    for unit in index["units"]:
        for version, whole in unit["versions"].items():
            said[unit["code"], version, "", ""] = whole
            for code, group in whole["groups"].items():
                said[unit["code"], version, code, ""] = group
                for name, component in group["components"].items():
                    said[unit["code"], version, code, name] = component
    lines = {
        (line["unit_code"], line["version"], line["group"], line["component"]): line
        for line in published.lines(root, "points.csv")
    }
    assert said.keys() == lines.keys()
    for key, line in lines.items():
        score = said[key]["score"]
        assert (said[key]["reason"] or "") == line["reason"], key
        assert ("" if score is None else str(score)) == line["score"], key


def test_the_page_shows_a_dash_with_its_reason_where_points_are_not_known(
    counted: Engine, province: Catalogue
) -> None:
    with counted.connect() as connection:
        content = gather(connection, province, DAY)
    (own_points,) = content.points
    lines = points.of_province(own_points)
    assert [line.title for line in lines] == [*(g.title for g in INDEX.groups), "Cả bộ chỉ số"]
    assert [line.max for line in lines] == [18, 20, 12, 10, 22, 18, 100]
    by_title = {line.title: line for line in lines}
    progress = by_title["Tiến độ, kết quả giải quyết"]
    assert [cell.printed for cell in progress.cells] == ["15", "15"]
    assert progress.coverage == Decimal("0.6")  # two one-stop systems have not delivered
    assert progress.cells[0].lacking == ("01288-motcua", "syt-motcua")
    payment = by_title["Thanh toán trực tuyến"].cells[0]
    assert payment.printed is None
    assert payment.reason is not None
    assert payment.reason.startswith("chưa có 3 chỉ số: Hồ sơ thanh toán")
    assert "các nguồn không ghi" in payment.reason
    assert lines[-1].cells[0].printed is None

    _, body = overview.page(View(content, province, "internal"))
    page = body.decode()
    section = page[page.index('<section id="diem-qd766"') :]
    section = section[: section.index("</section>")]
    row = next(line for line in section.splitlines() if ">Thanh toán trực tuyến<" in line)
    assert row.count('<span class="none">–</span>') == 2
    assert ">0<" not in row
    assert "Chưa có 3 chỉ số" in section
    assert "Chưa gồm đủ số liệu của Một cửa Phường Tân Giang (Phường Tân Giang); " in section
    assert 'class="late"' not in section
    assert 'href="don-vi/index.html"' in section, "each unit's points are on its page"


def test_the_same_points_are_the_same_bytes_and_a_changed_one_is_found(
    counted: Engine, province: Catalogue, tmp_path: Path
) -> None:
    root, anchor = tmp_path / "releases", tmp_path / "anchor"
    first = publish(counted, province, DAY, None, root, anchor)
    assert publish(counted, province, DAY, None, root, anchor) == first
    assert verification.verify(counted, root, anchor) == (1, [])
    manifest = json.loads((Path(first.path) / "manifest.json").read_bytes())
    for build in ("internal", "public"):
        (table,) = Path(first.path, build).glob("du-lieu/*/points.csv")
        names = {
            f"{table.parent.relative_to(first.path)}/points.{kind}" for kind in ("csv", "json", "parquet")
        }
        assert names <= set(manifest["files"])
        offered = published.page(root, "tai-ve.html", build)
        assert all(f'href="{name.removeprefix(f"{build}/")}"' in offered for name in names)

    (table,) = Path(first.path).glob("internal/du-lieu/*/points.csv")
    whole = table.read_bytes()
    assert whole.count(b",75,15,20,") == 4  # of the unit and of the province, under both versions
    published.edit(table, whole.replace(b",75,15,20,", b",75,16,20,", 1))
    _, (finding,) = verification.verify(counted, root, anchor)
    assert (finding.level, finding.name) == ("fail", first.release_id)
    assert "a file of it was changed" in finding.message
    publish(counted, province, DAY, None, root, anchor)
    assert table.read_bytes() == whole

    # a point that changes makes a new release
    late = {"dossier_code": "e", "received_at": at("2026-10-20"), "due_at": at("2026-11-05")}
    write(
        counted,
        "dossier",
        UNIT,
        "sgddt-motcua",
        [{**late, "status": "finished", "finished_at": at("2026-11-04")}],
    )
    marts.refresh(counted)
    assert publish(counted, province, DAY, None, root, anchor).release_id != first.release_id
    assert _line(root, UNIT, "progress", "on_time")["score"] == "16"


def test_points_of_a_closed_month_are_the_frozen_ones_everywhere(
    counted: Engine, province: Catalogue, tmp_path: Path
) -> None:
    root, anchor = tmp_path / "releases", tmp_path / "anchor"
    portal = Portal(indicator_set="province-core", months=2)
    core = load_catalogue(SHIPPED_CATALOGUE).indicator_set("province-core")
    own_province = province.province.model_copy(update={"portal": portal})
    sets = province.indicator_sets | {core.code: core}
    province = province.model_copy(update={"province": own_province, "indicator_sets": sets})
    dimensions.sync(counted, province)
    new_run(counted, DAY)
    closing.close(counted, province, MONTH, "Nguyễn Văn A", anchor=anchor)
    late = {"dossier_code": "e", "received_at": at("2026-10-20"), "due_at": at("2026-11-05")}
    ended = {"status": "finished", "finished_at": at("2026-11-04")}
    write(counted, "dossier", UNIT, "sgddt-motcua", [{**late, **ended}])
    marts.refresh(counted)

    with counted.connect() as connection:
        (now,) = points.gather(connection, province, DAY, MONTH)
        (frozen,) = points.gather(connection, province, DAY)
    assert (now.revision, frozen.revision) == (None, 0)
    for own_points, *counts in ((now, 4, 5, 80, 16), (frozen, 3, 4, 75, 15)):
        (part,) = [p for p in own_points.by_unit[UNIT]["written"] if p.component.code == "on_time"]
        assert [part.numerator, part.denominator, part.ratio, part.score] == [Decimal(n) for n in counts]
    unfrozen = {p.reason for p in frozen.by_unit[UNIT]["written"] if not p.component.max}
    assert unfrozen == {"không có trong số liệu đã chốt của kỳ"}

    publish(counted, province, DAY, None, root, anchor)
    on_time = _line(root, UNIT, "progress", "on_time")
    assert [on_time[key] for key in ("numerator", "denominator", "ratio", "score")] == ["3", "4", "75", "15"]
    assert _line(root, "H14", "progress", "")["score"] == "15"
    for build in ("internal", "public"):
        first, unit = (published.page(root, name, build) for name in ("index.html", f"don-vi/{UNIT}.html"))
        assert first.count("Số đã chốt, bản 0") == 1
        assert unit.count("Số đã chốt, bản 0") == 2
        assert "Chưa gồm đủ" not in first
        assert "Điểm giữ nguyên như lúc chốt." in first
    assert "tỷ lệ 3 / 4 = 75%" in published.page(root, f"don-vi/{UNIT}.html")
    first = published.page(root, "index.html")
    assert "Lúc chốt mới có 60% nguồn phải có." in first
    progress = next(line for line in first.splitlines() if ">Tiến độ, kết quả giải quyết<" in line)
    assert ">15<" in progress


def test_a_province_without_an_index_publishes_no_points(counted: Engine, tmp_path: Path) -> None:
    done = publish(counted, catalogue([]), DAY, None, tmp_path / "releases")
    names = published.files_in(Path(done.path))
    data = {Path(name).name for name in names if "/du-lieu/" in name}
    assert {name for name in data if name.endswith((".csv", ".json"))} == {
        "sources.csv",
        "units.csv",
        "dictionary.csv",
        "indicators.json",
        "datapackage.json",
    }
    assert not {name for name in names if "points" in name or "qd766" in name}
    for name in (name for name in names if name.endswith(".html")):
        assert "diem-" not in Path(done.path, name).read_text("utf-8"), name
