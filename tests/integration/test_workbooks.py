"""Workbooks: as LibreOffice opens and recomputes them, from a real warehouse, and as the command writes them."""

from __future__ import annotations

import re
import subprocess
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from cchc import settings
from cchc.cli import app
from cchc.indicators import periods
from cchc.publishing.workbooks import corrections, folder, register_statistics
from cchc.publishing.workbooks.corrections import Correction, Workload
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dimensions, marts
from cchc.warehouse import engine as engines
from integration.indicator_facts import watermark, write
from integration.rows import new_run
from integration.seed_unit import catalogue
from unit.publishing.workbooks import made

SOFFICE = Path("/usr/bin/soffice")
DAY = date(2026, 11, 14)
UNIT, SOURCE = "SGDDT", "sgddt-vanban"

# --- LibreOffice -------------------------------------------------------------------------------------------------

office = pytest.mark.skipif(
    not SOFFICE.exists(), reason="needs Debian's LibreOffice (apt-get install libreoffice-calc)"
)
_ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
_RESULT = re.compile(rb"</f><v>[^<]*</v>")


def _workbooks() -> dict[str, bytes]:
    found = folder.files(
        day=made.DAY,
        groups=made.GROUPS,
        points=[made.points()],
        forms=[made.form("ii06a"), made.form("07a")],
        statistics=made.statistics(),
    )
    row = Correction("Sở A", "a", "hồ sơ", "=1+1", "sai", "Đơn vị", "trang 1", "RULE", made.DAY, 1)
    return {Path(path).name: content for path, content in found.items()} | {
        "can-sua.xlsx": corrections.render(Workload((row,), 1), made.DAY)
    }


def _with_wrong_results(content: bytes) -> bytes:
    """Return a workbook whose formulas are as they were, and what stands beside each is not what it gives."""
    held = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename.startswith("xl/worksheets/"):
                body = _RESULT.sub(b"</f><v>987654</v>", body)
            new.writestr(entry, body)
    return held.getvalue()


@pytest.fixture(scope="module")
def recomputed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of every workbook, and of each with wrong results, as one LibreOffice saved them anew."""
    root = tmp_path_factory.mktemp("office")
    profile = root / "profile" / "user"
    profile.mkdir(parents=True)
    (profile / "registrymodifications.xcu").write_text(_ALWAYS, encoding="utf-8")
    for name, content in _workbooks().items():
        (root / name).write_bytes(content)
        (root / f"wrong-{name}").write_bytes(_with_wrong_results(content))
    files = sorted(str(path) for path in root.glob("*.xlsx"))
    own = f"-env:UserInstallation={(root / 'profile').as_uri()}"
    command = [str(SOFFICE), own, "--headless", "--convert-to", "xlsx", "--outdir", str(root / "out"), *files]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return root / "out"


def _results(book: Any, formulas: Any) -> dict[tuple[str, str], Any]:
    """Return what stands beside each formula; an empty text is an empty cell."""
    shown = {
        (sheet.title, cell.coordinate): book[sheet.title][cell.coordinate].value
        for sheet in formulas
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f"
    }
    return {place: None if value == "" else value for place, value in shown.items()}


@office
def test_libreoffice_computes_what_stands_in_every_workbook(recomputed: Path) -> None:
    formulas = 0
    for name, content in _workbooks().items():
        ours = _results(made.opened(content, values=True), made.opened(content))
        for saved in (recomputed / name, recomputed / f"wrong-{name}"):
            found = _results(openpyxl.load_workbook(saved, data_only=True), made.opened(content))
            assert found == ours, saved.name
        wrong = made.opened(_with_wrong_results(content), values=True)
        assert not set(_results(wrong, made.opened(content)).values()) - {987654, "987654"}
        formulas += len(ours)
    assert formulas > 150


@office
def test_libreoffice_sees_texts_as_texts_and_repeats_the_headings(recomputed: Path) -> None:
    for name, content in _workbooks().items():
        saved = openpyxl.load_workbook(recomputed / name)
        for sheet in made.opened(content):
            other = saved[sheet.title]
            assert other.print_title_rows == sheet.print_title_rows
            texts = [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "s"]
            assert [(other[c.coordinate].value, other[c.coordinate].data_type) for c in texts] == [
                (c.value, "s") for c in texts
            ]


# --- document registers ------------------------------------------------------------------------------------------


def _document(n: int, direction: str, day: date, **more: Any) -> dict[str, Any]:
    return {
        "document_code": f"{direction}{n}",
        "direction": direction,
        "registered_on": day,
        "document_type": None,
        "counterpart": "H14",
        **more,
    }


def _registers() -> list[dict[str, Any]]:
    first = date(2026, 9, 20)
    found = [
        _document(
            n,
            "in",
            first + timedelta(days=n),
            form="paper" if n % 10 == 0 else "electronic",
            document_type=("Công văn", "CÔNG  VĂN ", None)[n % 3],
        )
        for n in range(60)
    ]
    found += [
        _document(n, "out", first + timedelta(days=n), is_signed=n % 4 != 0, document_type="Quyết định")
        for n in range(50)
    ]
    found += [
        _document(900, "in", date(2026, 10, 16), action="recall", concerns="in30"),  # it never counted
        _document(
            901, "out", date(2026, 10, 20), action="update", concerns="out1"
        ),  # its day is moved into the span
    ]
    return found


@pytest.fixture
def registers(warehouse: Engine) -> Engine:
    """Return a warehouse with one unit's register of documents, its day up to 14 November."""
    dimensions.sync(warehouse, catalogue([]))
    write(warehouse, "document", UNIT, SOURCE, _registers())
    watermark(warehouse, UNIT, SOURCE, DAY, "document", "document_status")
    new_run(warehouse, DAY)
    marts.rebuild(warehouse)
    return warehouse


def test_registers_are_counted_by_unit_month_and_kind(registers: Engine) -> None:
    period = periods.parse("2026-10-01..2026-11-30")
    with registers.connect() as connection:
        found = register_statistics.gather(connection, catalogue([]), "H14", period)
        plain = connection.exec_driver_sql("show enable_nestloop").scalar()
    assert plain == "on", "the snapshot is left as it was"
    assert (found.period.end, found.day) == (DAY, DAY), "no further than the newest night"
    lines = {line.code: line for line in found.lines}
    span = [d for d in _registers() if date(2026, 10, 1) <= d["registered_on"] <= DAY and "action" not in d]
    came = [d for d in span if d["direction"] == "in" and d["document_code"] != "in30"]
    went = [d for d in span if d["direction"] == "out"] + [{"is_signed": True}]  # out1, by its update
    signed = sum(bool(d["is_signed"]) for d in went)
    for code in (UNIT, "department", "H14"):
        values = lines[code].values
        assert values["documents_in"] == len(came)
        assert values["documents_in_paper"] == sum(d["form"] == "paper" for d in came)
        assert values["documents_out"] == len(went)
        assert values["documents_out_signed"] == signed
        assert values["out_signed_share"] == round(Decimal(100 * signed) / len(went), 1)
        # this register says neither when a document was due nor when it was done
        assert values["documents_in_on_time"] is None
    assert "ngày xử lý xong" in lines[UNIT].reasons["documents_in_overdue"]
    assert set(lines["SYT"].values.values()) == {None}
    assert "commune" not in {line.code for line in found.lines if line.values["documents_in"] is not None}
    months = {line.title: line.values["documents_in"] for line in found.months}
    assert list(months) == ["Tháng 10/2026", "Tháng 11/2026"]
    assert sum(value or 0 for value in months.values()) == len(came)
    kinds = [(kind.direction, kind.title, kind.documents) for kind in found.kinds]
    unnamed = sum(d["document_type"] is None for d in came)
    expected = [
        ("in", "Công văn", len(came) - unnamed),
        ("in", None, unnamed),
        ("out", "Quyết định", len(went)),
    ]
    assert kinds == expected


# --- the command -------------------------------------------------------------------------------------------------


@pytest.fixture
def installation(registers: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the folder of an installation with the shipped catalogue."""
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", registers.url.render_as_string(hide_password=False))
    monkeypatch.setenv("CCHC_CATALOGUE", str(SHIPPED_CATALOGUE))
    settings.settings.cache_clear()
    engines.engine.cache_clear()
    yield tmp_path
    engines.engine().dispose()
    settings.settings.cache_clear()
    engines.engine.cache_clear()


def test_the_command_writes_each_workbook(installation: Path) -> None:
    def run(*arguments: str) -> Any:
        target = installation / "x.xlsx"
        result = CliRunner().invoke(
            app, ["workbook", *arguments, "--output", str(target)], catch_exceptions=False
        )
        assert result.exit_code == 0, result.output
        assert result.stdout.splitlines()[-1] == str(target)
        return openpyxl.load_workbook(target, data_only=True)

    month = ("--period", "2026-11")
    book = run("766", *month)
    assert book.sheetnames == ["Tổng quan", "Chỉ tiêu thành phần", "Xếp hạng"]
    units = {row[1] for row in book["Chỉ tiêu thành phần"].iter_rows(min_row=6, values_only=True)}
    assert {"H14", UNIT, "01273"} <= units
    book = run("documents", *month)
    assert book.sheetnames == ["Theo đơn vị", "Theo tháng", "Theo loại"]
    total = made.row_of(book["Theo đơn vị"], "Cả tỉnh")
    alone = run("documents", *month, "--unit", UNIT)["Theo đơn vị"]
    assert total[2].value == alone["C7"].value == 30
    assert run("corrections").sheetnames == ["Cần sửa", "Ghi chú"]
    assert run("corrections", "--unit", UNIT).sheetnames == ["Cần sửa", "Ghi chú"]
    assert run("ii06a", *month).sheetnames == ["II06A"]
    assert run("07a", *month, "--unit", UNIT).sheetnames == ["07A"]


def test_the_command_says_what_is_wrong(installation: Path) -> None:
    for arguments, message in (
        (("documents", "--period", "2026", "--unit", "NOPE", "--output", "x.xlsx"), "unit NOPE"),
        (("766", "--period", "2026-13", "--output", "x.xlsx"), "no month 13"),
        (("corrections", "--output", str(installation / "no" / "x.xlsx")), "cannot be written"),
    ):
        result = CliRunner().invoke(app, ["workbook", *arguments])
        assert message in str(result.exception)
    assert not list(installation.glob("*.part"))
