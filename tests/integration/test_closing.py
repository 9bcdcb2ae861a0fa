"""Closed periods on a real PostgreSQL: frozen for good, late data is a difference and then a revision."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click import Command
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from cchc.catalogue.load import load
from cchc.commands.form import form
from cchc.commands.indicators import explain, indicators
from cchc.commands.period import period
from cchc.commands.score import score
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.publishing import closing, figures, revisions
from cchc.publishing.anchor_file import own as own_anchor
from cchc.publishing.forms import layouts, rows
from cchc.publishing.silence import Silence, heed_form
from cchc.settings import SHIPPED_CATALOGUE, settings
from cchc.warehouse import marts
from integration.indicator_facts import at, watermark, write
from integration.rows import new_run
from integration.seed_unit import UNIT, catalogue

CATALOGUE = catalogue()
MONTH = periods.parse("2026-11")  # 15 October to 14 November


def _dossier(code: str, finished: str | None = "2026-11-04", **fields: Any) -> dict[str, Any]:
    ended = {"status": "finished", "finished_at": at(finished)} if finished else {}
    return {
        "dossier_code": code,
        "received_at": at("2026-10-20"),
        "due_at": at("2026-11-05"),
        **ended,
        **fields,
    }


@pytest.fixture
def november(warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return a warehouse with a month of one unit, and the night after it."""
    monkeypatch.setenv("CCHC_ANCHOR", str(tmp_path / "anchor"))
    settings.cache_clear()
    new_run(warehouse, date(2026, 11, 14))
    write(warehouse, "dossier", UNIT, "s", [_dossier(f"d{n}") for n in range(4)] + [_dossier("open", None)])
    # of another period: neither the numbers nor the record set of November have it
    write(warehouse, "dossier", UNIT, "s", [_dossier("old", "2026-10-10", received_at=at("2026-10-01"))])
    for source in CATALOGUE.sources:
        watermark(warehouse, UNIT, source, date(2026, 11, 14), "dossier")
    marts.refresh(warehouse)
    yield warehouse
    settings.cache_clear()


def _late(engine: Engine) -> None:
    """One dossier more, one changed, one gone."""
    write(
        engine,
        "dossier",
        UNIT,
        "s",
        [_dossier("late", "2026-11-06"), {**_dossier("d1", "2026-11-09"), "row_hash": b"y"}],
    )
    with engine.begin() as connection:
        connection.execute(text("delete from core.dossier where dossier_code = 'd2'"))
    marts.rebuild(engine)


def _differences(engine: Engine, **which: int) -> tuple[dict[str, tuple[Any, Any]], dict[str, str]]:
    rows = list(revisions.diff(engine, CATALOGUE, MONTH, **which, unit=UNIT))
    cells = {
        r["cell"]: (r["before"], r["after"]) for r in rows if r["kind"] == "chỉ số" and r["unit_code"] == UNIT
    }
    return cells, {r["cell"].removeprefix("s "): r["after"] for r in rows if r["kind"] == "hồ sơ"}


def test_a_closed_period_is_what_it_was_whatever_comes(november: Engine) -> None:
    closed = closing.close(november, CATALOGUE, MONTH, "Nguyễn Văn A", "đủ số liệu")
    assert (closed.revision, closed.records) == (0, 5)
    assert closed.cells > 0
    assert _differences(november) == ({}, {})
    _late(november)
    cells, dossiers = _differences(november)
    assert dossiers == {"late": "có thêm", "d1": "đã thay đổi", "d2": "không còn"}
    assert cells
    frozen = revisions.listed(november, MONTH)[0]
    assert (frozen.closed_by, frozen.note, frozen.reporting_day) == (
        "Nguyễn Văn A",
        "đủ số liệu",
        date(2026, 11, 14),
    )
    assert len(frozen.catalogue_sha256) == 64
    assert set(frozen.on_time_rules) == set(CATALOGUE.sources)
    with pytest.raises(ConfigurationError, match="was closed as revision 0 by Nguyễn Văn A"):
        closing.close(november, CATALOGUE, MONTH, "Trần Thị B")

    assert closing.reopen(november, MONTH, "Trần Thị B", "hồ sơ nộp muộn của tháng 11") == 0
    with pytest.raises(ConfigurationError, match="reopened already, by Trần Thị B"):
        closing.reopen(november, MONTH, "Trần Thị B", "lần nữa")
    assert closing.close(november, CATALOGUE, MONTH, "Trần Thị B").revision == 1
    assert _differences(november) == ({}, {})
    assert _differences(november, earlier=0, later=1) == (cells, dossiers)
    assert [line.split()[1] for line in own_anchor().read_text().splitlines()] == [
        "report/2026-11/0",
        "report/2026-11/0/reopened",
        "report/2026-11/1",
    ]
    assert [(r.revision, r.reopened_by, r.reason) for r in revisions.listed(november)] == [
        (1, None, None),
        (0, "Trần Thị B", "hồ sơ nộp muộn của tháng 11"),
    ]


def test_the_preview_says_what_would_be_frozen(november: Engine) -> None:
    said = closing.preview(november, CATALOGUE, MONTH)
    assert said.startswith("**tháng 11/2026 (15/10/2026 – 14/11/2026)**, bản 0, số liệu đến đêm 14/11/2026")
    assert "chưa có giá trị" in said
    closing.close(november, CATALOGUE, MONTH, "A")
    with pytest.raises(ConfigurationError, match="was closed"):
        closing.preview(november, CATALOGUE, MONTH)
    _late(november)
    kinds = [r["kind"] for r in revisions.diff(november, CATALOGUE, MONTH)]
    assert kinds.count("biểu") > 0
    closing.reopen(november, MONTH, "A", "hồ sơ nộp muộn")
    told = f"- {kinds.count('chỉ số')} số liệu và {kinds.count('biểu')} ô của biểu khác bản 0"
    assert told in closing.preview(november, CATALOGUE, MONTH)


def test_both_calendars_and_every_kind_of_period_close_apart(november: Engine) -> None:
    closing.close(november, CATALOGUE, MONTH, "A")
    closing.close(november, CATALOGUE, periods.parse("2026-10", "calendar"), "A")
    closing.close(november, CATALOGUE, periods.parse("2026-10"), "A")
    closing.close(november, CATALOGUE, periods.parse("2026-Q3"), "A")  # October overlaps with neither alone
    assert len(revisions.listed(november)) == 4


@pytest.mark.parametrize(
    ("first", "again", "name"),
    [
        (("2026-11", "report"), ("2026-10-15..2026-11-14", "report"), "2026-11"),
        (("2026-11", "report"), ("2026-10-15..2026-11-14", "calendar"), "2026-11"),
        (("2026-W45", "calendar"), ("2026-W45", "report"), "2026-W45 --calendar calendar"),
        (("2026-10-01..2026-10-31", "report"), ("2026-10", "calendar"), "2026-10-01..2026-10-31"),
    ],
)
def test_the_same_days_are_closed_once_whatever_they_are_called(
    november: Engine, first: tuple[str, Any], again: tuple[str, Any], name: str
) -> None:
    one, other = periods.parse(*first), periods.parse(*again)
    closing.close(november, CATALOGUE, one, "Nguyễn Văn A")
    _late(november)
    for work in (
        lambda: closing.close(november, CATALOGUE, other, "B"),
        lambda: closing.preview(november, CATALOGUE, other),
    ):
        with pytest.raises(ConfigurationError) as refused:
            work()
        said = str(refused.value)
        assert f"closed as period {one.label} ({one.calendar} calendar), revision 0 by Nguyễn Văn A" in said
        assert f"`cchc period reopen {name} --by NAME --reason TEXT`" in said
    closing.reopen(november, one, "C", "hồ sơ nộp muộn")
    with pytest.raises(ConfigurationError, match="C has reopened it: close it again") as refused:
        closing.close(november, CATALOGUE, other, "B")
    assert f"`cchc period close {name} --by NAME`" in str(refused.value)
    assert closing.close(november, CATALOGUE, one, "C").revision == 1
    assert {r.period for r in revisions.listed(november)} == {one.label}


@pytest.mark.parametrize("table", ["closed_period", "closed_value", "closed_record", "reopening"])
@pytest.mark.parametrize(
    "how", ["update publish.{} set period = 'x'", "delete from publish.{}", "truncate publish.{} cascade"]
)
def test_the_tables_refuse_to_be_changed(november: Engine, table: str, how: str) -> None:
    closing.close(november, CATALOGUE, MONTH, "A")
    with pytest.raises(DBAPIError, match="a closed period is never changed"), november.begin() as connection:
        connection.execute(text(how.format(table)))


def test_two_people_at_once_close_one_revision(november: Engine) -> None:
    outcomes: list[object] = []

    def one(name: str) -> None:
        try:
            outcomes.append(closing.close(november, CATALOGUE, MONTH, name).revision)
        except Exception as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=one, args=(name,)) for name in "ABCD"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count(0) == 1
    assert len(revisions.listed(november)) == 1


def test_what_is_wrong_is_said(november: Engine) -> None:
    with pytest.raises(ConfigurationError, match="it is not over yet"):
        closing.close(november, CATALOGUE, periods.parse("2026-12"), "A")
    with pytest.raises(ConfigurationError, match="give the name with --by"):
        closing.close(november, CATALOGUE, MONTH, "  ")
    with pytest.raises(ConfigurationError, match="was never closed"):
        closing.reopen(november, MONTH, "A", "vì")
    with pytest.raises(ConfigurationError, match="was never closed"):
        list(revisions.diff(november, CATALOGUE, MONTH))
    closing.close(november, CATALOGUE, MONTH, "A")
    with pytest.raises(ConfigurationError, match="has no revision 3; there are: 0"):
        list(revisions.diff(november, CATALOGUE, MONTH, later=3))
    with pytest.raises(ConfigurationError, match="give --by and --reason"):
        closing.reopen(november, MONTH, "A", " ")
    assert [r.reopened_at for r in revisions.listed(november)] == [None]


def test_the_calendar_of_a_year_says_what_is_due_and_closed(
    november: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cchc.night.ready_warehouse", lambda: november)

    def printed(*arguments: str) -> dict[str, dict[str, Any]]:
        done = CliRunner().invoke(period, ["calendar", "2026", "--format", "json", *arguments])
        assert done.exit_code == 0, done.output
        return {row["period"]: row for row in json.loads(done.stdout)}

    closing.close(november, CATALOGUE, periods.parse("2026-Q3"), "A")
    closing.close(november, CATALOGUE, MONTH, "A")
    closing.reopen(november, MONTH, "B", "vì")
    closing.close(november, CATALOGUE, periods.parse("2026-W45", "calendar"), "A")
    reform = printed("--series", "cchc")
    assert {label: row["due"] for label, row in reform.items()} == {
        "2026-Q1": "2026-03-20",
        "2026-H1": "2026-06-20",
        "2026-Q3": "2026-09-20",
        "2026": "2026-12-20",
    }
    assert {label: row["revision"] for label, row in reform.items()} == {
        "2026-Q1": None,
        "2026-H1": None,
        "2026-Q3": 0,
        "2026": None,
    }
    every = printed()
    assert (every["2026-11"]["revision"], every["2026-11"]["reopened_by"]) == (0, "B")
    assert (every["2026-Q3"]["period_from"], every["2026-Q3"]["days"]) == ("2026-06-15", 92)
    assert every["2026-W47"]["period_from"] == "2026-11-20"
    assert every["2026-W45"]["revision"] == 0  # the same days in both calendars
    other = printed("--calendar", "calendar", "--series", "cchc")
    assert (other["2026-Q3"]["period_to"], other["2026-Q3"]["due"], other["2026-Q3"]["revision"]) == (
        "2026-09-30",
        None,
        None,
    )
    wrong = CliRunner().invoke(period, ["calendar", "2026", "--series", "bnv"])
    assert "there are: cchc, government" in str(wrong.exception)


def _run(command: Command, *arguments: str) -> Result:
    done = CliRunner().invoke(command, list(arguments))
    assert done.exit_code == 0, (done.output, done.exception)
    return done


@pytest.fixture
def installed(november: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr("cchc.night.ready_warehouse", lambda: november)
    monkeypatch.setattr("cchc.night.catalogue", lambda: CATALOGUE)
    return november


@pytest.mark.parametrize("code", figures.FORMS)
@pytest.mark.parametrize("unit", [UNIT, "SYT", "H14"])
def test_the_forms_are_frozen_and_printed_again(installed: Engine, code: str, unit: str) -> None:
    layout = layouts.load(settings().catalogue, code)
    counted = rows.build(installed, CATALOGUE, layout, unit, MONTH)
    with installed.connect() as connection:
        silent = Silence.read(connection, CATALOGUE).of_forms([counted])
    live = heed_form(counted, silent.get(unit))
    closing.close(installed, CATALOGUE, MONTH, "Nguyễn Văn A", "đủ số liệu")
    _late(installed)
    assert rows.build(installed, CATALOGUE, layout, unit, MONTH) != counted or unit == "SYT"
    asked = ("show", "2026-11", "--unit", unit, "--set", f"form:{code}", "--format", "json")
    done = _run(period, *asked)
    shown = {r["indicator_code"]: (r["value"], r["reason"]) for r in json.loads(done.stdout)}
    wanted = {}
    for row in live.rows:
        place = f"{row.level}/{row.field_code or ''}" if row.kind == "field" else row.level
        for column, value in row.values.items():
            wanted[f"{place}/{column}"] = (None if value is None else str(value), row.reasons.get(column))
    assert shown == wanted
    assert list(shown)[:2] == [f"{live.rows[0].level}/c3", f"{live.rows[0].level}/c4"]
    if unit != "SYT":
        assert any(value not in (None, "0") for value, _ in shown.values())
    assert "bản 0, Nguyễn Văn A chốt lúc" in done.stderr
    assert "ghi chú: đủ số liệu" in done.stderr
    assert "quy tắc đúng hạn date" in done.stderr


def test_a_revision_is_printed_whole_or_in_part_and_what_it_has_not_is_said(installed: Engine) -> None:
    closed = closing.close(installed, CATALOGUE, MONTH, "A")
    _late(installed)
    closing.reopen(installed, MONTH, "B", "hồ sơ nộp muộn")
    closing.close(installed, CATALOGUE, MONTH, "B")
    first = list(
        csv.DictReader(
            _run(period, "show", "2026-11", "--revision", "0", "--format", "csv").stdout.splitlines()
        )
    )
    newest = list(csv.DictReader(_run(period, "show", "2026-11", "--format", "csv").stdout.splitlines()))
    assert len(first) == closed.cells + closed.form_cells
    assert first != newest
    assert {row["unit_code"] for row in first} == {UNIT, "SYT", "01273", "01288", "H14"}
    assert all(row["value"] or row["reason"] for row in first)
    old = _run(period, "show", "2026-11", "--revision", "0", "--unit", UNIT)
    assert "B đã mở lại: hồ sơ nộp muộn" in old.stderr
    for arguments, said in (
        (("2026-11", "--revision", "7"), "has no revision 7; there are: 0, 1"),
        (("2026-11", "--unit", "SXD"), "has no unit_code SXD; there are: 01273"),
        (("2026-11", "--set", "form:09"), "has no set_code form:09; there are: form:07a"),
        (("2026-10",), "was never closed"),
    ):
        assert said in str(CliRunner().invoke(period, ["show", *arguments]).exception)


def test_a_form_of_a_closed_period_says_so(installed: Engine) -> None:
    asked = ("ii06a", "--unit", UNIT, "--period", "2026-11", "--format", "json")
    assert "đã chốt" not in _run(form, *asked).stderr
    closing.close(installed, CATALOGUE, MONTH, "Nguyễn Văn A")
    done = _run(form, *asked)
    told = " ".join(done.stderr.split())
    assert "Kỳ 2026-11 đã chốt: bản 0, người chốt Nguyễn Văn A." in told
    assert f"`cchc period show 2026-11 --unit {UNIT} --set form:ii06a`" in told
    assert "`cchc period diff 2026-11`" in told
    assert json.loads(done.stdout)


@pytest.mark.parametrize(
    ("command", "arguments", "shown"),
    [
        (
            indicators,
            ["show", "--set", "province-core", "--unit", UNIT],
            f"2026-11 --unit {UNIT} --set province-core",
        ),
        (
            indicators,
            ["show", "--set", "seed-2022", "--unit", UNIT, "--unit", "SYT"],
            "2026-11 --set seed-2022",
        ),
        (indicators, ["rank", "on-time-share"], "2026-11 --set province-core"),
        (explain, ["received", "--unit", UNIT], f"2026-11 --unit {UNIT}"),
        (explain, ["ii06a:c3", "--unit", "H14", "--records"], "2026-11 --unit H14 --set form:ii06a"),
        (score, ["qd766", "--unit", UNIT], f"2026-11 --unit {UNIT} --set qd766-portal-2026"),
        (score, ["qd766", "progress", "--set", "on_time+=1"], "2026-11 --unit H14 --set qd766-portal-2026"),
    ],
)
def test_a_live_number_of_closed_days_says_that_it_is_not_the_frozen_one(
    installed: Engine, monkeypatch: pytest.MonkeyPatch, command: Command, arguments: list[str], shown: str
) -> None:
    shipped = load(SHIPPED_CATALOGUE)
    known = CATALOGUE.model_copy(update={"scores": shipped.scores, "measures": shipped.measures})
    monkeypatch.setattr("cchc.night.catalogue", lambda: known)

    def asked(file_format: str, label: str = "2026-11") -> Result:
        return _run(command, *arguments, "--period", label, "--format", file_format)

    before = {file_format: asked(file_format) for file_format in ("table", "json", "csv")}
    closing.close(installed, known, MONTH, "Nguyễn Văn A")
    for file_format, was in before.items():
        assert "đã chốt" not in was.output
        done = asked(file_format)
        assert done.stdout == was.stdout
        told = " ".join(done.stderr.split())
        assert (
            "Kỳ 2026-11 đã chốt: bản 0, người chốt Nguyễn Văn A. Đây là số liệu hiện có, không phải" in told
        )
        assert f"`cchc period show {shown}`" in told
    _run(period, "show", *shown.split())  # what it names is there
    closing.reopen(installed, MONTH, "Trần Thị B", "hồ sơ nộp muộn")
    # the same days by another name are closed, too
    again = asked("csv", "2026-10-15..2026-11-14")
    assert "người chốt Nguyễn Văn A, Trần Thị B đã mở lại." in " ".join(again.stderr.split())


@pytest.mark.parametrize("key", ["k" * 32, None])
def test_a_difference_of_several_units_has_no_code_of_a_dossier(
    installed: Engine, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    closing.close(installed, CATALOGUE, MONTH, "A")
    write(installed, "dossier", "SYT", "s", [_dossier("secret")])
    _late(installed)
    monkeypatch.delenv("CCHC_PSEUDONYM_KEY", raising=False)
    if key:
        monkeypatch.setenv("CCHC_PSEUDONYM_KEY", key)
    settings.cache_clear()

    def differing(*more: str) -> tuple[list[dict[str, Any]], Result]:
        done = _run(period, "diff", "2026-11", *more, "--format", "json")
        return json.loads(done.stdout), done

    for more in ((), ("--unit", "H14")):
        for file_format in ("table", "csv"):
            printed = _run(period, "diff", "2026-11", *more, "--format", file_format).output
            assert not [code for code in ("s late", "s d1", "s d2", "secret") if code in printed]
        rows, done = differing(*more)
        assert "CCHC_PSEUDONYM_KEY" in done.stderr
        dossiers = [row for row in rows if row["kind"] == "hồ sơ"]
        assert sorted(r["after"] for r in dossiers) == ["có thêm", "có thêm", "không còn", "đã thay đổi"]
        assert {r["unit_code"] for r in dossiers} == {UNIT, "SYT"}
        if key:
            assert {r["cell"].split()[1][:-17] for r in dossiers} == {UNIT, "SYT"}
        else:
            assert [r["cell"] for r in dossiers] == [f"s hồ sơ {n}" for n in range(1, 5)]
        units = {row["unit_code"] for row in rows if row["kind"] != "hồ sơ"}
        assert units == {"H14"} if more else {"H14", UNIT} <= units
    rows, done = differing("--unit", UNIT)
    own = {r["cell"]: r["after"] for r in rows if r["kind"] == "hồ sơ"}
    assert own == {"s late": "có thêm", "s d1": "đã thay đổi", "s d2": "không còn"}
    assert "CCHC_PSEUDONYM_KEY" not in done.stderr
    assert {row["unit_code"] for row in rows} == {UNIT}
    assert {row["kind"] for row in rows} == {"chỉ số", "biểu", "hồ sơ"}
    wrong = CliRunner().invoke(period, ["diff", "2026-11", "--unit", "nope"])
    assert "unit nope is not in the catalogue" in str(wrong.exception)


def test_a_revision_of_before_forms_were_frozen_differs_in_no_form(november: Engine) -> None:
    closing.close(november, CATALOGUE, MONTH, "A")
    with november.begin() as connection:
        connection.execute(text("drop trigger closed_value_stands on publish.closed_value"))
        connection.execute(text("delete from publish.closed_value where set_code like 'form:%'"))
    assert list(revisions.diff(november, CATALOGUE, MONTH)) == []


def test_a_period_of_which_nothing_is_known_is_not_closed(november: Engine) -> None:
    for long_ago in ("1995-01", "2021"):
        for work in (
            lambda p: closing.close(november, CATALOGUE, p, "A"),
            lambda p: closing.preview(november, CATALOGUE, p),
        ):
            with pytest.raises(ConfigurationError, match=r"no source is expected .*begins on 2022-01-01"):
                work(periods.parse(long_ago))
    with november.begin() as connection:
        connection.execute(text("delete from ops.watermark"))
        connection.execute(text("delete from core.dossier"))
    marts.rebuild(november)
    with pytest.raises(ConfigurationError, match=r"not one of its \d+ numbers is known, mostly: "):
        closing.close(november, CATALOGUE, MONTH, "A")
    with november.begin() as connection:
        connection.execute(text("delete from ops.run"))
    with pytest.raises(ConfigurationError, match="no night has run yet"):
        closing.close(november, CATALOGUE, MONTH, "A")
    assert revisions.listed(november) == []
