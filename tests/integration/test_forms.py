"""Forms on a real PostgreSQL: every row against a recount of the dossiers by hand, and as people get them."""

from __future__ import annotations

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from python_calamine import load_workbook
from sqlalchemy import Engine, text

from cchc import settings
from cchc.catalogue import load
from cchc.commands.form import form as form_command
from cchc.errors import ConfigurationError, ReconciliationError
from cchc.indicators import periods
from cchc.publishing.forms import layouts, rows, workbook
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import engine as engines
from cchc.warehouse import marts
from integration.indicator_facts import ZONE, at, source, watermark, write
from integration.seed_unit import catalogue

CATALOGUE = catalogue()
II06A = layouts.load(SHIPPED_CATALOGUE, "ii06a")
F07A = layouts.load(SHIPPED_CATALOGUE, "07a")
NOVEMBER = periods.parse("2026-11")
DAY = date(2026, 11, 20)
NUMBERS = tuple(range(3, 14))
SOURCES = {
    "sgddt-motcua": ("SGDDT", "date", "one_stop"),
    "sgddt-sotay": ("SGDDT", "timestamp", "direct"),
    "01273-motcua": ("01273", "date", "one_stop"),
    "01288-motcua": ("01288", "timestamp", "one_stop"),
}
STATUSES = (
    "registered",
    "not_accepted",
    "received",
    "processing",
    "supplement",
    "duty",
    "finished",
    "returned",
    "withdrawn",
    "stopped",
)
LISTED: dict[
    tuple[str, str], list[tuple[date, str | None]]
] = {  # (unit, procedure) → versions of the register
    ("SGDDT", "1.000001"): [(date(2020, 1, 1), "OLD"), (date(2026, 1, 1), "GD"), (date(2027, 1, 1), "LATER")],
    ("SGDDT", "1.000002"): [(date(2020, 1, 1), None)],
    ("01273", "1.000001"): [(date(2020, 1, 1), "HT")],
}
FIELDS = {"1.000001": "SEEN1", "1.000002": "SEEN2", "1.000003": None}


def _instant(rng: random.Random, first: date, days: int) -> datetime:
    clock = rng.choice(("00:00:00", "08:15:00", "16:59:59", "23:30:00"))
    day = first + timedelta(days=rng.randrange(days))
    # the last evening of the period and the first hour after it
    if rng.random() < 0.25:
        return rng.choice(
            (at("2026-11-14", "23:30:00"), at("2026-10-14", "23:30:00"), at("2026-11-15", "00:30:00"))
        )
    return at(day.isoformat(), clock)


def _dossier(rng: random.Random, no: int, intake: str) -> dict[str, Any]:
    status = rng.choice(STATUSES)
    received = _instant(rng, date(2026, 9, 20), 70)
    due = None if rng.random() < 0.15 else received + timedelta(hours=rng.choice((0, 5, 24, 24 * 5, 24 * 30)))
    ended = received + timedelta(hours=rng.choice((0, 1, 5, 24, 24 * 5, 24 * 31, 24 * 45)))
    has_end = status in ("finished", "returned", "withdrawn", "stopped") and rng.random() < 0.9
    procedure = rng.choice(list(FIELDS))
    early = status in ("registered", "not_accepted", "supplement") and rng.random() < 0.3
    asked = (
        received + timedelta(days=3)
        if status in ("supplement", "processing") and rng.random() < 0.7
        else None
    )
    return {
        "dossier_code": f"d{no}",
        "procedure_code": procedure,
        "field_code": FIELDS[procedure],
        "intake": intake,
        "channel": rng.choice(("direct", "online", "post", "unknown")),
        "online_level": rng.choice(("full", "partial", "4", "unknown")),
        "status": status,
        "received_at": None if early else received,
        "due_at": due,  # no term runs before a dossier is taken in
        "finished_at": ended if has_end and rng.random() < 0.7 else None,
        "returned_at": ended + timedelta(days=1) if has_end and rng.random() < 0.6 else None,
        "supplement_at": asked,
        "supplement_completed_at": asked + timedelta(days=rng.choice((1, 9, 30)))
        if asked is not None and status == "processing"
        else None,
        "paid_online": rng.choice((True, False, None)),
    }


def province(engine: Engine, seed: int) -> list[dict[str, Any]]:
    """Write random dossiers of three units, and one unit whose data ends before the period."""
    rng = random.Random(seed)
    made: list[dict[str, Any]] = []
    for code, (unit, rule, intake) in SOURCES.items():
        source(engine, unit, code, rule)
        mine = [_dossier(rng, no, intake) for no in range(rng.choice((60, 230)))]
        write(engine, "dossier", unit, code, mine)
        watermark(engine, unit, code, DAY, "dossier")
        made += [{**d, "unit": unit, "rule": rule} for d in mine]
    source(engine, "SYT", "syt-motcua")
    write(engine, "dossier", "SYT", "syt-motcua", [{"dossier_code": "old", "received_at": at("2026-09-01")}])
    watermark(engine, "SYT", "syt-motcua", date(2026, 9, 10), "dossier")
    for (unit, procedure), versions in LISTED.items():
        listed = [{"procedure_code": procedure, "valid_from": v, "field_code": f} for v, f in versions]
        write(engine, "procedure", unit, "sgddt-sotay" if unit == "SGDDT" else f"{unit}-register", listed)
    marts.refresh(engine)
    return made


def _field(dossier: dict[str, Any], last: date) -> str | None:
    versions = LISTED.get((dossier["unit"], dossier["procedure_code"]), [])
    stated = [(v, f) for v, f in versions if f is not None and v <= last]
    return max(stated)[1] if stated else FIELDS[dossier["procedure_code"]]


def _ends(d: dict[str, Any]) -> datetime | None:
    if d["status"] in ("finished", "returned"):
        return d["finished_at"] or d["returned_at"]
    if d["status"] in ("withdrawn", "stopped"):
        return d["finished_at"] or d["returned_at"] or d["received_at"]
    return None


def _settled(d: dict[str, Any], ended: datetime) -> int:
    """Return the column a dossier that has ended is in."""
    due = d["due_at"]
    if d["status"] in ("withdrawn", "stopped") or due is None:
        return 9
    if d["rule"] == "timestamp" and ended > due:
        return 10
    if _local(ended) == _local(due):
        return 9
    return 8 if _local(ended) < _local(due) else 10


def _local(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _places(d: dict[str, Any], first: date, last: date) -> list[int]:
    """Return the columns a dossier counts in: one of 4 to 6 and one of 8 to 10, 12, 13; or none."""
    if d["status"] in ("registered", "not_accepted") or d["received_at"] is None:
        return []
    came, ended = _local(d["received_at"]), _ends(d)
    gone = None if ended is None else _local(ended)
    if came > last or (gone is not None and gone < first):
        return []
    entry = 6 if came < first else 4 if d["channel"] == "online" else 5
    if ended is not None and gone is not None and gone <= last:
        return [entry, _settled(d, ended)]
    due = None if d["due_at"] is None else _local(d["due_at"])
    asked = d["supplement_at"]
    back = d["supplement_completed_at"]
    if d["status"] == "supplement":
        waits = asked is None or _local(asked) <= last
    else:
        waits = back is not None and _local(asked) <= last < _local(back)
    return [entry, 13 if due is not None and due < last and not waits else 12]


def _recount(dossiers: list[dict[str, Any]], first: date, last: date) -> dict[str, int]:
    found: Counter[int] = Counter(n for d in dossiers for n in _places(d, first, last))
    found[3] = found[4] + found[5] + found[6]
    found[7] = found[8] + found[9] + found[10]
    found[11] = found[12] + found[13]
    return {f"c{n}": found[n] for n in NUMBERS}


GROUPS = {"SGDDT": "department", "01273": "commune", "01288": "commune"}


@pytest.mark.parametrize("seed", range(6))
def test_every_row_is_what_a_recount_of_the_dossiers_gives(warehouse: Engine, seed: int) -> None:
    dossiers = province(warehouse, seed)
    asked = [
        NOVEMBER,
        periods.parse("2026-11", "calendar"),
        periods.parse("2026-Q4"),
        periods.parse("2026-11-14..2026-11-14"),
    ]
    for period in asked:
        first, last = period.start, period.end
        for d in dossiers:  # the recount itself puts no dossier in two columns
            places = _places(d, first, last)
            assert not places or (len(places) == 2 and places[0] < 7 < places[1])
        for unit in ("H14", "SGDDT", "01273"):
            made = rows.build(warehouse, CATALOGUE, II06A, unit, period, day=DAY)
            mine = [d for d in dossiers if unit in ("H14", d["unit"])]
            expected: dict[tuple[str, str, str | None], dict[str, int]] = {}
            for group in {GROUPS[d["unit"]] for d in mine}:
                grouped = [d for d in mine if GROUPS[d["unit"]] == group]
                expected["level", group, None] = _recount(grouped, first, last)
                for field in {_field(d, last) for d in grouped}:
                    counted = _recount([d for d in grouped if _field(d, last) == field], first, last)
                    if any(counted.values()):
                        expected["field", group, field] = counted
            expected["total", "total", None] = _recount(mine, first, last)
            found = {(r.kind, r.level, r.field_code): dict(r.values) for r in made.rows}
            if unit == "H14":
                found.pop(("level", "district", None), None)
            assert found == expected
            for row in made.rows:
                v = {k: n or 0 for k, n in row.values.items()}
                assert v["c3"] == v["c4"] + v["c5"] + v["c6"] == v["c7"] + v["c11"]
                assert v["c7"] == v["c8"] + v["c9"] + v["c10"]
                assert v["c11"] == v["c12"] + v["c13"]
                assert min(v.values()) >= 0
    assert expected["total", "total", None]["c3"] > 0


def test_the_07a_family_counts_what_it_can_and_says_why_not(warehouse: Engine) -> None:
    dossiers = [d for d in province(warehouse, 7) if d["unit"] == "SGDDT"]
    made = rows.build(warehouse, CATALOGUE, F07A, "SGDDT", NOVEMBER, day=DAY)
    total = made.rows[-1]
    came = [
        d
        for d in dossiers
        if d["received_at"]
        and d["status"] not in ("registered", "not_accepted")
        and NOVEMBER.start <= _local(d["received_at"]) <= NOVEMBER.end
    ]
    six = _recount(dossiers, NOVEMBER.start, NOVEMBER.end)
    online = Counter(d["online_level"] for d in came if d["channel"] == "online")
    channels = Counter(d["channel"] for d in came)
    assert total.values["c3"] == six["c3"]
    assert total.values["c4"] == channels["direct"]
    assert (total.values["c5"], total.values["c6"]) == (online["full"], online["partial"])
    assert total.values["c9"] == six["c6"]
    assert total.values["c10"] == channels["post"]
    assert (total.values["c15"], total.values["c16"]) == (six["c11"], six["c12"])
    ended = Counter(
        d["status"] for d in dossiers if any(8 <= n <= 10 for n in _places(d, NOVEMBER.start, NOVEMBER.end))
    )
    assert total.values["c11"] == ended["finished"] + ended["returned"]
    assert (total.values["c22"], total.values["c26"]) == (ended["stopped"], ended["withdrawn"])
    empty = {code for code, value in total.values.items() if value is None}
    assert empty == {c.code for c in F07A.columns if c.missing} | {
        *(
            "c13",
            "c14",
            "c17",
            "c18",
            "c20",
            "c27",
        )  # no source of these states an apology, a payment or a file
    }
    assert set(total.reasons) == empty
    assert total.reason is not None
    assert "cột (13), (14), (17), (18), (20), (27): các nguồn" in total.reason


def test_a_unit_without_data_has_empty_cells_and_the_reason(warehouse: Engine) -> None:
    province(warehouse, 1)
    alone = rows.build(warehouse, CATALOGUE, II06A, "SYT", NOVEMBER, day=DAY)
    assert [r.kind for r in alone.rows] == ["level", "total"]
    for row in alone.rows:
        assert set(row.values.values()) == {None}
        assert row.reason == "chưa có dữ liệu hồ sơ từ Một cửa Sở Y tế"
    assert alone.coverage.share == 0
    assert alone.absent == ("Sở Y tế",)
    together = rows.build(warehouse, CATALOGUE, II06A, "H14", NOVEMBER, day=DAY)
    assert together.absent == ("Sở Y tế",)
    assert together.coverage.lacking == ("syt-motcua",)
    department = next(r for r in together.rows if r.level == "department" and r.kind == "level")
    own = rows.build(warehouse, CATALOGUE, II06A, "SGDDT", NOVEMBER, day=DAY).rows[-1]
    assert department.values == own.values  # the stale stock of the absent unit is in no number


def test_a_level_that_has_not_delivered_leaves_the_zeros_of_the_others(warehouse: Engine) -> None:
    """No row of numbers has gaps, so each adds up for who reads it."""
    source(warehouse, "SGDDT", "sgddt-motcua")
    write(
        warehouse,
        "dossier",
        "SGDDT",
        "sgddt-motcua",
        [
            {
                "dossier_code": "a",
                "received_at": at("2026-11-02"),
                "procedure_code": "p",
                "online_level": "full",
            }
        ],
    )
    watermark(warehouse, "SGDDT", "sgddt-motcua", DAY, "dossier")
    marts.refresh(warehouse)
    form = rows.build(warehouse, CATALOGUE, II06A, "H14", NOVEMBER, day=DAY)
    levels = {row.level: row for row in form.rows if row.kind == "level"}
    assert set(levels["commune"].values.values()) == {None}
    total = form.rows[-1].values
    assert (total["c3"], total["c6"], total["c11"], total["c13"]) == (1, 0, 1, 0)


def test_a_form_says_from_when_on_its_backlog_is_known(warehouse: Engine) -> None:
    shipped = load.cached(SHIPPED_CATALOGUE)
    for unit, code in (("SGDDT", "sgddt-motcua"), ("SNV", "snv-motcua")):
        source(warehouse, unit, code)
        watermark(warehouse, unit, code, DAY, "dossier")

    def notes(unit: str) -> list[str]:
        form = rows.build(warehouse, shipped, II06A, unit, NOVEMBER, day=DAY)
        return [note for note in form.notes if "được đọc từ" in note]

    assert notes("SGDDT") == []  # read since 2022
    assert notes("SNV") == [
        "Cột (6): 1/1 nguồn được đọc từ 15/10/2026; hồ sơ nhận trước đó và chưa giải quyết xong có thể chưa đủ."
    ]


def test_a_delivered_unit_without_dossiers_has_zeros(warehouse: Engine) -> None:
    watermark(warehouse, "SYT", "syt-motcua", DAY, "dossier")
    made = rows.build(warehouse, CATALOGUE, II06A, "SYT", NOVEMBER, day=DAY)
    assert set(made.rows[-1].values.values()) == {0}
    assert made.rows[-1].reason is None
    with pytest.raises(ConfigurationError, match="XYZ"):
        rows.build(warehouse, CATALOGUE, II06A, "XYZ", NOVEMBER)


def test_numbers_that_do_not_add_up_are_refused(warehouse: Engine) -> None:
    province(warehouse, 2)
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "delete from mart.measure_day where unit_code = 'SGDDT' and measure_code = 'finished_early'"
                " and day between :first and :last"
            ),
            {"first": NOVEMBER.start, "last": NOVEMBER.end},
        )
    with pytest.raises(
        ReconciliationError, match=r"dòng “.*” \(department\) không khớp: \(3\)=\d+ ≠ \(7\)=\d+ \+"
    ):
        rows.build(warehouse, CATALOGUE, II06A, "SGDDT", NOVEMBER, day=DAY)


@pytest.mark.parametrize("layout", [II06A, F07A], ids=["ii06a", "07a"])
def test_the_workbook_holds_the_same_numbers(warehouse: Engine, layout: layouts.Layout) -> None:
    province(warehouse, 3)
    made = rows.build(warehouse, CATALOGUE, layout, "H14", NOVEMBER, day=DAY)
    content = workbook.render(made, "Bộ Tư pháp")
    assert content == workbook.render(made, "Bộ Tư pháp")
    cells = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python(skip_empty_area=False)
    start = next(n for n, line in enumerate(cells) if line[:2] == ["(1)", "(2)"]) + 1
    assert cells[start - 1][2:] == [c.number for c in layout.columns]
    for line, row in zip(cells[start:], made.rows, strict=False):
        assert line[:2] == [row.number, row.title]
        assert [None if v == "" else v for v in line[2:]] == list(row.values.values())
    head = " ".join(str(v) for line in cells[:start] for v in line if v != "")
    for part in (
        layout.number,
        layout.title,
        "Kỳ báo cáo: tháng 11/2026",
        "Từ ngày 15/10/2026 đến ngày 14/11/2026",
        "Đơn vị báo cáo: tỉnh Cao Bằng",
        "Đơn vị nhận: Bộ Tư pháp",
        "Đơn vị tính: Số hồ sơ TTHC",
        "Độ phủ nguồn: 80%",
        "1 đơn vị: Sở Y tế",
    ):
        assert part in head
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert sheet.freeze_panes == f"C{start + 1}"
    paper = {"ii06a": 9, "07a": 8}[layout.code]  # A4; A3 for its many columns
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", paper)
    assert sheet.print_title_rows is not None
    assert sheet.print_title_rows.endswith(f"${start}")
    assert {c.data_type for line in sheet.iter_rows() for c in line} <= {"s", "n"}  # no formula
    assert sheet.cell(start + 1, 3).number_format == "#,##0"


@pytest.fixture
def installation(warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Point the product's environment at the warehouse and the shipped catalogue; work in an empty folder."""
    monkeypatch.setenv("CCHC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", warehouse.url.render_as_string(hide_password=False))
    monkeypatch.delenv("CCHC_CATALOGUE", raising=False)
    monkeypatch.chdir(tmp_path)
    settings.settings.cache_clear()
    engines.engine.cache_clear()
    yield tmp_path
    engines.engine().dispose()
    settings.settings.cache_clear()
    engines.engine.cache_clear()


def test_the_command_prints_what_it_is_asked_for(warehouse: Engine, installation: Path) -> None:
    dossiers = [
        {
            "dossier_code": "a",
            "received_at": at("2026-11-14", "23:30:00"),
            "field_code": "=1+1",
            "channel": "online",
        },
        {
            "dossier_code": "b",
            "received_at": at("2026-11-15", "00:30:00"),
            "field_code": "=1+1",
            "channel": "online",
        },
    ]
    source(warehouse, "SNV", "snv-motcua")
    write(warehouse, "dossier", "SNV", "snv-motcua", dossiers)
    watermark(warehouse, "SNV", "snv-motcua", DAY, "dossier")
    marts.refresh(warehouse)
    runner = CliRunner()

    def run(*arguments: str) -> Any:
        return runner.invoke(form_command, list(arguments), catch_exceptions=False)

    asked = ("--unit", "SNV", "--period", "2026-11")
    printed = run("ii06a", *asked, "--format", "json")
    assert printed.exit_code == 0
    records = json.loads(printed.stdout)
    assert list(records[0]) == ["level", "field_code", "title", *(f"c{n}" for n in NUMBERS), "reason"]
    assert [(r["level"], r["field_code"], r["c3"], r["c4"], r["c12"]) for r in records] == [
        ("department", None, 1, 1, 1),
        ("department", "=1+1", 1, 1, 1),
        ("total", None, 1, 1, 1),
    ]
    assert "Đơn vị báo cáo: Sở Nội vụ" in printed.stderr
    lines = list(csv.DictReader(io.StringIO(run("ii06a", *asked, "--format", "csv").stdout)))
    assert [(r["field_code"], r["title"], r["c3"]) for r in lines][1] == ("'=1+1", "'=1+1", "1")
    calendar = json.loads(run("ii06a", *asked, "--calendar", "calendar", "--format", "json").stdout)
    assert calendar[-1]["c3"] == 2

    assert run("ii06a", *asked).stdout == "form-ii06a-SNV-2026-11.xlsx\n"
    (sheet,) = load_workbook(str(installation / "form-ii06a-SNV-2026-11.xlsx")).sheet_names
    assert sheet == "II06A"
    book = openpyxl.load_workbook(installation / "form-ii06a-SNV-2026-11.xlsx")
    assert [(c.value, c.data_type) for c in book["II06A"]["B"] if c.value == "=1+1"] == [("=1+1", "s")]
    with pytest.raises(ConfigurationError, match="--output"):
        run("ii06a", *asked)
    by_calendar = run("ii06a", *asked, "--calendar", "calendar").stdout
    assert by_calendar == "form-ii06a-SNV-2026-11-calendar.xlsx\n"
    assert run("07a", *asked).stdout == "form-07a-SNV-2026-11.xlsx\n"
    assert run("07a", *asked, "--output", "07a.xlsx").stdout == "07a.xlsx\n"
    assert run("07a", *asked, "--format", "csv", "--output", "07a.csv").exit_code == 0
    assert (installation / "07a.csv").read_text("utf-8").startswith("level,field_code,title,c3,")
    assert sorted(p.name for p in installation.iterdir() if p.is_file()) == [
        "07a.csv",
        "07a.xlsx",
        "form-07a-SNV-2026-11.xlsx",
        "form-ii06a-SNV-2026-11-calendar.xlsx",
        "form-ii06a-SNV-2026-11.xlsx",
    ]

    empty = json.loads(run("ii06a", "--unit", "STP", "--period", "2026-11", "--format", "json").stdout)
    assert {empty[-1][f"c{n}"] for n in NUMBERS} == {None}
    assert empty[-1]["reason"].startswith("chưa có dữ liệu hồ sơ từ Phần mềm một cửa")
    whole = json.loads(run("ii06a", "--unit", "H14", "--period", "2026-11", "--format", "json").stdout)
    assert [(r["level"], r["c3"]) for r in whole if r["field_code"] is None] == [
        ("department", 1),
        ("commune", None),
        ("total", 1),
    ]
    with pytest.raises(ConfigurationError, match="NOBODY"):
        run("ii06a", "--unit", "NOBODY", "--period", "2026-11")


def test_a_form_says_that_more_is_loaded_than_it_counts(warehouse: Engine, installation: Path) -> None:
    shipped = ["ii06a", "--unit", "SNV", "--period", "2026-11", "--format", "csv"]
    source(warehouse, "SNV", "snv-motcua")
    write(warehouse, "dossier", "SNV", "snv-motcua", [{"dossier_code": "a", "received_at": at("2026-11-02")}])
    watermark(warehouse, "SNV", "snv-motcua", DAY, "dossier")
    behind = CliRunner().invoke(form_command, shipped)
    assert behind.exit_code == 0, behind.output
    assert "Số liệu chưa tính hết dữ liệu đã nạp của SNV:" in behind.stderr
    assert "dữ liệu đã nạp" not in behind.stdout
    marts.refresh(warehouse)
    assert "dữ liệu đã nạp" not in CliRunner().invoke(form_command, shipped).stderr


def test_07a_says_nothing_where_no_dossier_has_a_level_of_today(warehouse: Engine) -> None:
    """Two online dossiers without a level, and one of an old level: nobody knows whether they are toàn trình."""
    source(warehouse, "SYT", "syt-motcua")
    online = {
        "received_at": at("2026-11-02"),
        "procedure_code": "p",
        "channel": "online",
        "status": "processing",
    }
    dossiers = [
        {**online, "dossier_code": "a", "field_code": "A1"},
        {**online, "dossier_code": "b", "field_code": "A1", "online_level": "4"},
        {**online, "dossier_code": "c", "field_code": "B1", "procedure_code": "q", "channel": "direct"},
    ]
    write(warehouse, "dossier", "SYT", "syt-motcua", dossiers)
    watermark(warehouse, "SYT", "syt-motcua", date(2026, 11, 14), "dossier")
    marts.refresh(warehouse)
    period = periods.parse("2026-11")
    made = {(r.kind, r.field_code): r for r in rows.build(warehouse, CATALOGUE, F07A, "SYT", period).rows}
    for key in (("field", "A1"), ("level", None), ("total", None)):
        assert (made[key].values["c5"], made[key].values["c6"]) == (None, None), key
        assert made[key].reasons["c5"] == "hồ sơ trực tuyến chưa rõ là toàn trình hay một phần"
    assert (made["field", "B1"].values["c5"], made["field", "B1"].values["c4"]) == (0, 1)
    write(warehouse, "dossier", "SYT", "syt-motcua", [{**dossiers[0], "online_level": "full"}])
    marts.refresh(warehouse)
    made = {(r.kind, r.field_code): r for r in rows.build(warehouse, CATALOGUE, F07A, "SYT", period).rows}
    assert (made["total", None].values["c5"], made["total", None].values["c6"]) == (1, None)
