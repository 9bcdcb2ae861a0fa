"""Cells of forms opened to their dossiers, and the codes these are listed under, on a real PostgreSQL."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc import settings
from cchc.commands.indicators import explain as explain_command
from cchc.errors import ConfigurationError
from cchc.indicators.explanation import RECORD_COLUMNS
from cchc.publishing.forms import cells, layouts, rows
from cchc.warehouse import engine as engines
from cchc.warehouse import marts
from integration.indicator_facts import at, source, watermark, write
from integration.test_forms import CATALOGUE, DAY, F07A, II06A, NOVEMBER, province

KEY = "k" * 32


@pytest.mark.parametrize(
    ("layout", "unit"),
    [*((II06A, u) for u in ("H14", "SGDDT", "01273", "01288", "SYT")), (F07A, "H14"), (F07A, "SYT")],
    ids=lambda given: given if isinstance(given, str) else given.code,
)
def test_a_cell_is_the_number_of_its_records(warehouse: Engine, layout: layouts.Layout, unit: str) -> None:
    province(warehouse, 11)
    form = rows.build(warehouse, CATALOGUE, layout, unit, NOVEMBER, day=DAY)
    counted = 0
    for down, row in enumerate(form.rows):
        for across, column in enumerate(layout.columns):
            if row.kind != "total" and (down + across) % 3:
                continue  # every third cell is opened: some of each row, some of each column
            level = None if row.kind == "total" else row.level
            field = (row.field_code or row.title) if row.kind == "field" else None
            opened = cells.explain(
                warehouse, CATALOGUE, layout, column.code, unit, NOVEMBER, level=level, field=field, day=DAY
            )
            value = row.values[column.code]
            assert opened.figure.value == value
            assert opened.figure.reason == row.reasons.get(column.code)
            records = list(opened.records())
            assert {r["value"] for r in records} <= {1}
            assert len(records) == sum(r["value"] for r in records) == (value or 0)
            assert len({(r["unit_code"], r["source_code"], r["record_code"]) for r in records}) == len(
                records
            )
            assert all(term.agrees for term in opened.terms)
            first = opened.terms[0]
            if value is not None:
                assert sum(first.by_source.values()) == sum(first.by_procedure.values()) == value
                signs = {"plus": 1, "minus": -1}
                parts = [signs[t.role] * (t.value or 0) for t in opened.terms[1:]]
                assert not parts or sum(parts) == value
            counted += value or 0
    assert (counted > 0) == (unit != "SYT")


CALLED = {  # unit → its procedures: code of the field, what its register calls it, dossiers
    "SGDDT": {"1": ("LV01", "Giáo dục", 1), "2": ("LV02", "Thi/tuyển sinh", 2), "3": ("X", "Chung", 4)},
    "SYT": {"1": ("LV01", "Khám bệnh", 7), "2": ("GD", "Giáo dục", 5), "3": ("X", "Chung", 9)},
    "01273": {"1": ("LV01", "Hộ tịch", 3), "2": ("Y", None, 6)},
    "01288": {"1": ("LV01", "hộ tịch", 8), "2": ("LV01", "hộ tịch", 11), "3": ("HT", "Hộ tịch ", 13)},
}


def test_a_row_of_the_province_is_one_field_whatever_units_call_its_code(warehouse: Engine) -> None:
    expected: dict[tuple[str, str], int] = {}
    for unit, procedures in CALLED.items():
        system = f"{unit.lower()}-motcua"
        source(warehouse, unit, system)
        watermark(warehouse, unit, system, DAY, "dossier")
        listed = [
            {"procedure_code": p, "valid_from": DAY, "field_code": code, "field_title": title}
            for p, (code, title, _) in procedures.items()
        ]
        write(warehouse, "procedure", unit, f"{unit}-register", listed)
        came = [
            {"dossier_code": f"{p}-{n}", "procedure_code": p, "received_at": at("2026-11-02")}
            for p, (_, _, count) in procedures.items()
            for n in range(count)
        ]
        write(warehouse, "dossier", unit, system, came)
        level = CATALOGUE.unit(unit).group
        for code, title, count in procedures.values():
            row = (level, (title or code).strip().lower())
            expected[row] = expected.get(row, 0) + count
    marts.refresh(warehouse)

    made = rows.build(warehouse, CATALOGUE, II06A, "H14", NOVEMBER, day=DAY)
    fields = [row for row in made.rows if row.kind == "field"]
    assert {(r.level, r.title.lower()): r.values["c3"] for r in fields} == expected
    assert len(fields) == len(expected) == 6
    named = {(r.level, r.field_code, r.title) for r in fields}
    assert named >= {
        ("department", "LV02", "Thi/tuyển sinh"),
        ("department", "X", "Chung"),
        ("commune", "Y", "Y"),
    }
    assert named >= {("department", "Giáo dục", "Giáo dục"), ("department", "Khám bệnh", "Khám bệnh")}
    for row in fields:
        for asked in {row.field_code, row.title}:
            opened = _opened(warehouse, "c3", "H14", level=row.level, field=asked)
            assert opened.figure.value == len(list(opened.records())) == row.values["c3"]
            assert all(term.agrees for term in opened.terms)
    with pytest.raises(ConfigurationError, match="there are: “Giáo dục”, “Khám bệnh”, “LV02”, “X”"):
        _opened(warehouse, "c3", "H14", level="department", field="LV01")

    own = rows.build(warehouse, CATALOGUE, II06A, "01288", NOVEMBER, day=DAY).rows
    assert [(r.field_code, r.values["c3"]) for r in own if r.kind == "field"] == [("HT", 13), ("LV01", 19)]


def _three(engine: Engine) -> None:
    """Write a dossier settled late, one open, one that came online, of two units."""
    for unit, code in (("SGDDT", "sgddt-motcua"), ("01273", "01273-dvcqg")):
        source(engine, unit, code)
        common = {"procedure_code": "1.000001", "field_code": "GD"}
        write(
            engine,
            "dossier",
            unit,
            code,
            [
                {
                    **common,
                    "dossier_code": f"H14.{unit}-261020-0001",
                    "received_at": at("2026-10-20"),
                    "due_at": at("2026-10-25"),
                    "status": "finished",
                    "finished_at": at("2026-10-30"),
                },
                {**common, "dossier_code": f"H14.{unit}-261021-0002", "received_at": at("2026-10-21")},
                {
                    **common,
                    "dossier_code": f"H14.{unit}-261022-0003",
                    "received_at": at("2026-10-22"),
                    "channel": "online",
                },
            ],
        )
        watermark(engine, unit, code, DAY, "dossier")
    marts.refresh(engine)


def _opened(engine: Engine, column: str, unit: str = "SGDDT", **asked: Any) -> Any:
    return cells.explain(engine, CATALOGUE, II06A, column, unit, NOVEMBER, day=DAY, **asked)


def test_an_explanation_of_a_cell_says_how_it_is_made(warehouse: Engine) -> None:
    _three(warehouse)
    said = _opened(warehouse, "c5").text()
    for part in (
        "Biểu số II.06a/VPCP/KSTT, cột (5) Số hồ sơ tiếp nhận – Tiếp nhận trong kỳ – Trực tiếp, dịch vụ bưu chính,"
        " dòng “Tổng cộng”: 2",
        "Đơn vị SGDDT, tháng 11/2026",
        "Công thức: Hồ sơ tiếp nhận, trong kỳ − ",
        "Căn cứ: Biểu số II.06a/VPCP/KSTT, Thông tư 01/2020/TT-VPCP",
        "Đối chiếu trong dòng: (3) = (4) + (5) + (6): 3 = 1 + 2 + 0",
        "Độ phủ nguồn: ",
        "nguồn sgddt-motcua: 2",
        "thủ tục 1.000001: 2",
        "Cộng: Hồ sơ tiếp nhận, trong kỳ = 3",
        "Trừ: ",
        "Quy tắc của nguồn sgddt-motcua: đúng hạn theo ngày",
    ):
        assert part in said
    assert "PSEUDONYM" not in said  # a unit's own dossiers have their own codes
    (late,) = _opened(warehouse, "c10").records()
    assert list(late) == [key for key, _ in RECORD_COLUMNS]
    assert late["record_code"] == "H14.SGDDT-261020-0001"
    assert set(late["dates"]) >= {"received", "due", "finished"}
    total = _opened(warehouse, "c3")
    assert total.formula.startswith("(4) + (5) + (6) = ")
    missing = cells.explain(warehouse, CATALOGUE, F07A, "c8", "SGDDT", NOVEMBER, day=DAY)
    assert missing.figure.value is None
    assert F07A.columns[5].missing in missing.text()
    assert list(missing.records()) == []


def test_records_that_moved_after_the_marts_are_told(warehouse: Engine) -> None:
    _three(warehouse)
    with warehouse.begin() as connection:
        connection.execute(text("delete from core.dossier where dossier_code like '%SGDDT-261021-0002'"))
    opened = _opened(warehouse, "c5")
    assert [term.agrees for term in opened.terms] == [False, False, True]
    assert opened.text().count("Chú ý") == 2


@pytest.mark.parametrize(
    ("column", "asked", "words"),
    [
        ("c99", {}, "there are: c3, c4"),
        ("c3", {"level": "commune"}, "there are: department"),
        ("c3", {"field": "X"}, "there are: “GD”"),
        ("c3", {"unit": "H14", "field": "GD"}, "name one of department, commune"),
        ("c3", {"unit": "NOBODY"}, "NOBODY"),
    ],
)
def test_a_cell_that_is_not_there(warehouse: Engine, column: str, asked: dict[str, str], words: str) -> None:
    _three(warehouse)
    with pytest.raises(ConfigurationError, match=words):
        _opened(warehouse, column, **asked)


@pytest.fixture
def installation(warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Point the product's environment at the warehouse and the shipped catalogue."""
    monkeypatch.setenv("CCHC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", warehouse.url.render_as_string(hide_password=False))
    monkeypatch.delenv("CCHC_CATALOGUE", raising=False)
    monkeypatch.delenv("CCHC_PSEUDONYM_KEY", raising=False)
    settings.settings.cache_clear()
    engines.engine.cache_clear()
    yield
    engines.engine().dispose()
    settings.settings.cache_clear()
    engines.engine.cache_clear()


def _said(*arguments: str) -> Any:
    settings.settings.cache_clear()
    done = CliRunner().invoke(explain_command, [*arguments, "--period", "2026-11"], catch_exceptions=False)
    assert done.exit_code == 0
    return done


@pytest.mark.usefixtures("installation")
@pytest.mark.parametrize("key", [KEY, None])
@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("number", ["received", "ii06a:c3"])
def test_a_list_of_the_province_has_no_code_of_a_dossier(
    warehouse: Engine, monkeypatch: pytest.MonkeyPatch, key: str | None, form: str, number: str
) -> None:
    _three(warehouse)
    if key:
        monkeypatch.setenv("CCHC_PSEUDONYM_KEY", key)
    for more in ((), ("--records",)):
        done = _said(number, "--unit", "H14", "--format", form, *more)
        everything = done.stdout + done.stderr
        for unit in ("SGDDT", "01273"):
            for code in ("261020-0001", "261021-0002", "261022-0003"):
                assert code not in everything
                assert hashlib.sha256(f"H14.{unit}-{code}".encode()).hexdigest()[:16] not in everything
        if form == "table" and not more:
            assert "CCHC_PSEUDONYM_KEY" in done.stdout.splitlines()[-1]
        elif more:
            assert "CCHC_PSEUDONYM_KEY" in done.stderr
    if form == "json":
        listed = json.loads(done.stdout)
        assert len(listed) == 6
        expected = [f"hồ sơ {n}" for n in range(1, 7)]
        if key:
            message = "\0".join(("01273", "01273-dvcqg", "H14.01273-261020-0001"))
            expected = ["01273-" + hmac.new(key.encode(), message.encode(), "sha256").hexdigest()[:16]]
            assert {r["record_code"][:-17] for r in listed} == {"SGDDT", "01273"}
            assert len({r["record_code"] for r in listed}) == 6
        assert [r["record_code"] for r in listed][: len(expected)] == expected
        assert all(r["delivery_id"] and r["row_no"] for r in listed)
    own = _said(number, "--unit", "SGDDT", "--records", "--format", form)
    assert "261020-0001" in own.stdout.replace("\n", "") or form == "table"
    assert "CCHC_PSEUDONYM_KEY" not in own.stderr


@pytest.mark.usefixtures("installation")
def test_the_command_opens_a_row_of_the_form(warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    _three(warehouse)
    asked = ("ii06a:c12", "--unit", "H14", "--level", "commune", "--field", "GD")
    listed = json.loads(_said(*asked, "--records", "--format", "json").stdout)
    assert [(r["unit_code"], r["value"]) for r in listed] == [("01273", 1), ("01273", 1)]
    assert "dòng “GD”: 2" in _said(*asked).stdout
    with pytest.raises(ConfigurationError, match="is an indicator"):
        _said("received", "--unit", "SGDDT", "--level", "commune")
    with pytest.raises(ConfigurationError, match="nope"):
        _said("nope:c3", "--unit", "SGDDT")
    monkeypatch.setenv("CCHC_PSEUDONYM_KEY", "short")
    with pytest.raises(ConfigurationError, match="openssl"):
        _said("received", "--unit", "SGDDT")
