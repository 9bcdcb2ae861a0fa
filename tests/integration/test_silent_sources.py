"""A unit whose online system is down while its register came: no share, and no 0, of it is published."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc.catalogue.load import load as load_catalogue
from cchc.cli import app
from cchc.indicators import periods
from cchc.publishing import figures, points
from cchc.publishing.content import Content, gather
from cchc.publishing.open_data.edition import data
from cchc.publishing.portal import site
from cchc.settings import SHIPPED_CATALOGUE, settings
from cchc.warehouse import marts
from cchc.warehouse.engine import engine
from integration.indicator_facts import at, source, watermark, write
from integration.rows import new_run
from integration.seed_unit import DAY, PUBLICATIONS, UNIT, catalogue

PERIOD = periods.parse("2026-11")
PROVINCE = catalogue(PUBLICATIONS[1:]).model_copy(
    update={"scores": {"qd766": load_catalogue(SHIPPED_CATALOGUE).score_set("qd766")}}
)
OF = "chưa có số liệu nào của kỳ từ"
WHY = f"{OF} Một cửa Sở Giáo dục và Đào tạo"


@pytest.fixture
def half(warehouse: Engine) -> Engine:
    """Return a warehouse with the register and the documents of a unit whose software never answered."""
    new_run(warehouse, DAY)
    for code in ("sgddt-motcua", "sgddt-sotay", "sgddt-vanban"):
        source(warehouse, UNIT, code)
    ended = {"status": "finished", "finished_at": at("2026-11-03"), "due_at": at("2026-11-05")}
    taken = {"received_at": at("2026-11-02"), "intake": "direct", **ended}
    write(warehouse, "dossier", UNIT, "sgddt-sotay", [{"dossier_code": f"s{n}", **taken} for n in range(2)])
    sent = {"direction": "out", "registered_on": date(2026, 11, 3), "is_signed": True}
    write(warehouse, "document", UNIT, "sgddt-vanban", [{"document_code": "v1", **sent}])
    watermark(
        warehouse, UNIT, "sgddt-sotay", DAY, "dossier", "procedure", "procedure_review", "reported_measure"
    )
    watermark(warehouse, UNIT, "sgddt-vanban", DAY, "document", "document_status")
    marts.refresh(warehouse)
    return warehouse


def _content(engine: Engine) -> Content:
    with engine.connect() as connection:
        return gather(connection, PROVINCE, DAY)


def _page(content: Content, path: str) -> str:
    return site.files(content, PROVINCE, "internal", {})[path].decode()


def _shown(content: Content, table: str, name: str) -> dict[str, str]:
    """Return what a publication shows of a unit by heading, with the note behind a number in words."""
    page = _page(content, f"cong-bo/{table}.html")
    section = page[page.index(f'<section id="{table}"') :].partition("</section>")[0]
    notes = re.findall(r'<li id="[^"]+">(.*?)</li>', section)
    heads = [re.sub(r"<[^>]+>", "", h) for h in re.findall(r"<th scope=\"col\">(.*?)</th>", section)]
    (row,) = re.findall(rf'<th scope="row"><a [^>]*>{name}</a></th>(.*?)</tr>', section)
    cells = [
        re.sub(r"<sup>.*>(\d+)</a></sup>", lambda m: f" [{notes[int(m[1]) - 1]}]", cell)
        for cell in re.findall(r"<td.*?>(.*?)</td>", row)
    ]
    return {head: re.sub(r"<[^>]+>", "", cell).strip() for head, cell in zip(heads[1:], cells, strict=True)}


def test_a_page_keeps_what_the_portal_promises(half: Engine) -> None:
    content = _content(half)
    assert "tỷ lệ cần nguồn đó và số đếm bằng 0 để dấu “–”" in _page(content, "phuong-phap.html")
    shown = _shown(content, "departments", "Sở Giáo dục và Đào tạo")
    unknown = f"– [{WHY[0].upper()}{WHY[1:]}.]"
    lacks = "[Chưa gồm đủ số liệu của Một cửa Sở Giáo dục và Đào tạo (Sở Giáo dục và Đào tạo).]"
    assert shown["Hồ sơ tiếp nhận (hồ sơ)"] == f"2 {lacks}"
    assert shown["Nộp trực tuyến"] == unknown
    assert shown["Trước hạn và đúng hạn"] == unknown
    assert shown["Đang giải quyết quá hạn (hồ sơ)"] == unknown, "of the software nobody knows"
    assert shown["Văn bản đi ký số"] == "100,0%", "which the software has no part in"
    assert shown["Số liệu đến"] == "chưa đủ"


def test_the_files_beside_it_say_the_same(half: Engine) -> None:
    content = _content(half)
    lines = csv.DictReader(io.StringIO(data(content, PROVINCE)["indicators.csv"].decode("utf-8-sig")))
    by_code = {line["indicator_code"]: line for line in lines if line["unit_code"] == UNIT}
    share = by_code["received-online-share"]
    assert [share[k] for k in ("value", "numerator", "denominator", "printed", "reason")] == [
        *("", "", "", ""),
        WHY,
    ]
    (index,) = json.loads(data(content, PROVINCE)["points.json"])["indexes"]
    (unit,) = [u for u in index["units"] if u["code"] == UNIT]
    for version in unit["versions"].values():
        on_time = version["groups"]["progress"]["components"]["on_time"]
        assert (on_time["ratio"], on_time["score"], on_time["reason"]) == (None, None, WHY)
    with half.connect() as connection:
        frozen = figures.of_period(connection, PROVINCE, PERIOD, DAY)
    of_unit = {
        v.indicator_code: v for v in frozen if v.unit_code == UNIT and v.set_code.startswith(("prov", "qd"))
    }
    assert (of_unit["on-time-share"].value, of_unit["on-time-share"].reason) == (None, WHY)
    assert (of_unit["on_time"].value, of_unit["on_time"].reason) == (None, WHY)
    assert of_unit["received"].value == 2


def test_the_command_line_says_the_same(
    half: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", half.url.render_as_string(hide_password=False))
    for cached in (settings, engine):
        cached.cache_clear()
    try:
        period = ("--unit", UNIT, "--period", "2026-11")
        asked = ("indicators", "show", "--set", "province-core", *period, "--format", "json")
        shown = {row["indicator"]: row for row in json.loads(CliRunner().invoke(app, asked).stdout)}
        assert (shown["on-time-share"]["printed"], shown["on-time-share"]["reason"]) == (
            None,
            f"{OF} Phần mềm một cửa",
        )
        assert shown["received"]["printed"] == "2"
        opened = CliRunner().invoke(app, ("explain", "on-time-share", *period))
        assert f"số này không được công bố: {OF}" in opened.stderr
        assert "không được công bố" not in CliRunner().invoke(app, ("explain", "received", *period)).stderr
    finally:
        engine().dispose()
        for cached in (settings, engine):
            cached.cache_clear()


@pytest.mark.parametrize(("up_to", "printed"), [(date(2026, 10, 14), None), (date(2026, 11, 3), "100,0%")])
def test_a_source_that_came_up_to_a_day_of_the_period_is_in_the_share(
    half: Engine, up_to: date, printed: str | None
) -> None:
    """It lacks the last days, which the note says: what it holds is of all the unit's dossiers."""
    watermark(half, UNIT, "sgddt-motcua", up_to, "dossier")
    (table,) = [t for t in _content(half).tables if t.code == "departments"]
    values = {v.indicator_code: v for v in table.rows[0].values}
    assert values["on-time-share"].printed == printed
    assert values["on-time-share"].lacking == ("sgddt-motcua",)


def test_the_province_has_the_share_of_what_is_there(half: Engine) -> None:
    (table,) = [t for t in _content(half).tables if t.code == "province"]
    values = {v.indicator_code: v for v in table.rows[0].values}
    assert values["on-time-share"].printed == "100,0%"
    assert "sgddt-motcua" in values["on-time-share"].lacking
    with half.connect() as connection:
        (own,) = points.gather(connection, PROVINCE, DAY)
    (part,) = [p for p in own.parts["written"] if p.unit_code == "H14" and p.component.code == "on_time"]
    assert (part.denominator, part.reason) == (2, None)


def test_a_zero_of_the_province_is_nobodys_count_while_sources_lack(half: Engine) -> None:
    """Only the register came: what of the four systems is 0, and what of the 2 dossiers is none of it."""
    why = f"{OF} 4/5 nguồn"
    (table,) = [t for t in _content(half).tables if t.code == "province"]
    values = {v.indicator_code: v for v in table.rows[0].values}
    assert (values["received"].printed, values["received"].reason) == ("2", None)
    assert (values["overdue-in-process"].printed, values["overdue-in-process"].reason) == (None, why)
    for source_code in ("sgddt-motcua", "syt-motcua", "01273-motcua", "01288-motcua"):
        watermark(half, PROVINCE.sources[source_code].unit, source_code, PERIOD.start, "dossier")
    (table,) = [t for t in _content(half).tables if t.code == "province"]
    values = {v.indicator_code: v for v in table.rows[0].values}
    assert values["overdue-in-process"].printed == "0", "all have delivered some of the period"
    late = {
        code: of.model_copy(update={"history_from": PERIOD.end + timedelta(days=1)})
        for code, of in PROVINCE.sources.items()
        if code in ("syt-motcua", "01273-motcua")
    }
    later = PROVINCE.model_copy(update={"sources": PROVINCE.sources | late})
    with half.connect() as connection:
        frozen = figures.of_period(connection, later, PERIOD, DAY)
    cells = {(v.unit_code, v.set_code, v.indicator_code): v for v in frozen}
    overdue = cells["H14", "province-core", "overdue-in-process"]
    assert (overdue.value, overdue.reason) == (None, f"{OF} 2/5 nguồn"), "they are read from a later day on"
    assert cells["SYT", "province-core", "received"].value is None
    form = {code: v for (unit, chosen, code), v in cells.items() if (unit, chosen) == ("H14", "form:ii06a")}
    assert (form["department/c3"].value, form["total/c3"].value) == (2, 2)
    assert (form["department/c12"].value, form["department/c12"].reason) == (None, f"{OF} 1/3 nguồn")
    assert (form["commune/c12"].value, form["commune/c12"].reason) == (None, f"{OF} 1/2 nguồn")
    assert (form["total/c12"].value, form["total/c12"].reason) == (None, f"{OF} 2/5 nguồn")


def test_what_a_unit_states_is_its_own_word(half: Engine) -> None:
    with half.begin() as connection:
        connection.execute(text("delete from ops.watermark where dataset = 'dossier'"))
    none = {"measure_code": "received_total", "period_from": PERIOD.start, "period_to": DAY, "value": 0}
    write(half, "reported_measure", UNIT, "sgddt-sotay", [none])
    received = PROVINCE.measures["received"].model_copy(update={"reported": "received_total"})
    stating = PROVINCE.model_copy(update={"measures": PROVINCE.measures | {"received": received}})
    with half.connect() as connection:
        (table,) = [t for t in gather(connection, stating, DAY).tables if t.code == "departments"]
    assert table.rows[0].values[0].printed == "0"
