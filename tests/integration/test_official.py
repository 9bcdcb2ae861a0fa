"""The portal's scores beside our own: `cchc reconcile official` on a real warehouse, one test a likely cause."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from cchc import night
from cchc.cli import app
from cchc.errors import ConfigurationError
from cchc.warehouse import dimensions, marts
from integration.indicator_facts import at, watermark, write
from integration.installation import installed
from simulators.province import only, running

DAY = date(2026, 11, 14)
OCTOBER = {"period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31)}
CODES = {"SNV": "H14.02", "01273": "H14.01273", "H14": "H14"}  # of units.yaml: codes.portal766
ASKED = ("reconcile", "official", "--period", "2026-10", "--calendar", "calendar")


def dossiers(count: int, late: int, received: str = "2026-10-20") -> list[dict[str, Any]]:
    """Return dossiers of a month that are finished, the first `late` of them too late."""
    return [
        {
            "dossier_code": f"h{n}",
            "procedure_code": "1.000001",
            "received_at": at(received),
            "due_at": at("2026-10-25"),
            "finished_at": at("2026-10-27" if n < late else "2026-10-23"),
            "status": "finished",
        }
        for n in range(count)
    ]


@pytest.fixture
def province(tmp_path: Path, warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """Return a warehouse where SNV has 40 dossiers of October, two of them late, and 01273 ten."""
    with (
        running(tmp_path / "systems", DAY, systems=only("vpubnd-cong766"), faults={}) as systems,
        installed(monkeypatch, warehouse, tmp_path / "home", systems),
    ):
        dimensions.sync(warehouse, night.catalogue())
        write(warehouse, "dossier", "SNV", "snv-motcua", dossiers(40, 2))
        write(warehouse, "dossier", "01273", "01273-dvcqg", dossiers(10, 0))
        watermark(warehouse, "SNV", "snv-motcua", DAY, "dossier")
        watermark(warehouse, "01273", "01273-dvcqg", DAY, "dossier")
        marts.refresh(warehouse)
        yield warehouse


def publish(engine: Engine, unit: str = "SNV", group: str = "progress", **said: Any) -> None:
    """Let the portal publish a score of October about a unit."""
    row = {
        **OCTOBER,
        "department_code": CODES[unit],
        "group_code": group,
        "component_code": "on_time",
        **said,
    }
    write(engine, "official_score", "VPUBND", "vpubnd-cong766", [row])


def compared(*arguments: str) -> Mapping[tuple[str, str, str], Mapping[str, Any]]:
    """Return what the command prints as JSON, by unit, group and component."""
    asked = [*ASKED, "--all", "--format", "json", *arguments]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return {(r["unit_code"], r["group"], r["component"]): r for r in json.loads(done.stdout)}


def on_time(unit: str = "SNV") -> Mapping[str, Any]:
    return compared("--unit", unit, "--group", "progress")[unit, "progress", "on_time"]


def test_equal_scores_need_no_cause(province: Engine) -> None:
    publish(province, numerator=38, denominator=40, score=19)
    row = on_time()
    assert {k: Decimal(row[k]) for k in row if k.startswith("own_")} == {
        "own_numerator": 38,
        "own_denominator": 40,
        "own_score": 19,
    }
    assert Decimal(row["difference"]) == 0
    assert row["cause"] == ""


@pytest.mark.parametrize(
    ("said", "difference", "cause"),
    [
        ({}, None, "Cổng chưa công bố"),
        (
            {"numerator": 40, "denominator": 40, "score": 20, "quality": "TEMP_NATIONAL_REPORT_DENOMINATOR"},
            -1,
            "Cổng đang dùng số tạm (tử số bằng mẫu số),"
            " Cổng ghi chú số liệu: TEMP_NATIONAL_REPORT_DENOMINATOR",
        ),
        (
            {"numerator": 38, "denominator": 40, "score": "18.5"},
            "0.5",
            "cùng số đếm nhưng khác điểm: khác phiên bản quy tắc tính điểm",
        ),
        (
            {"numerator": 39, "denominator": 41, "score": "19.02"},
            "-0.02",
            "mẫu số lệch ít: số liệu được lấy vào lúc khác nhau",
        ),
        (
            {"numerator": 30, "denominator": 32, "score": "18.75"},
            "0.25",
            "mẫu số của tỉnh nhiều hơn 25,0%: có hồ sơ chưa đồng bộ lên Cổng",
        ),
        (
            {"numerator": 76, "denominator": 80, "score": 19},
            0,
            "mẫu số của tỉnh ít hơn 50,0%: nguồn của tỉnh chưa phủ hết hồ sơ, thiếu snv-motcua, snv-sotay",
        ),
        (
            {"numerator": 0, "denominator": 0, "score": 0},
            19,
            "Cổng chưa đếm hồ sơ nào trong tháng, tỉnh có 40",
        ),
        (
            {"numerator": 37, "denominator": 40, "score": "18.5"},
            "0.5",
            "cùng mẫu số, khác tử số: khác quy tắc đúng hạn hoặc khác định nghĩa",
        ),
        ({"score": 18}, 1, "Cổng chỉ công bố điểm, không công bố số đếm"),
    ],
)
def test_a_difference_has_a_likely_cause(
    province: Engine, said: dict[str, Any], difference: Any, cause: str
) -> None:
    if said:
        publish(province, **said)
    row = on_time()
    found = None if row["difference"] is None else Decimal(row["difference"])
    assert (found, row["cause"]) == (None if difference is None else Decimal(difference), cause)


def test_what_we_do_not_have_is_not_zero(province: Engine) -> None:
    write(
        province,
        "official_score",
        "VPUBND",
        "vpubnd-cong766",
        [
            {
                **OCTOBER,
                "department_code": "H14.03",
                "group_code": "progress",
                "component_code": "on_time",
                "numerator": 81,
                "denominator": 81,
                "score": 20,
            }
        ],
    )
    row = on_time("STP")
    assert (row["own_score"], row["difference"]) == (None, None)
    assert row["cause"].startswith("tỉnh chưa có số liệu: chưa có dữ liệu hồ sơ từ ")


def test_the_units_and_the_province_are_found_by_their_codes_on_the_portal(province: Engine) -> None:
    publish(province, "SNV", numerator=38, denominator=40, score=19)
    publish(province, "01273", numerator=8, denominator=8, score=20)
    publish(province, "H14", numerator=46, denominator=48, score="19.17")
    publish(province, "H14", period_to=date(2026, 10, 30), numerator=1, denominator=1)  # is no month
    found = compared("--group", "progress")
    official = {unit: found[unit, "progress", "on_time"]["official_denominator"] for unit in CODES}
    assert {unit: Decimal(n) for unit, n in official.items()} == {"SNV": 40, "01273": 8, "H14": 48}
    own = {unit: found[unit, "progress", "on_time"]["own_denominator"] for unit in CODES}
    assert {unit: Decimal(n) for unit, n in own.items()} == {"SNV": 40, "01273": 10, "H14": 50}
    assert found["01273", "progress", "on_time"]["cause"].startswith("mẫu số của tỉnh nhiều hơn 25,0%")
    assert (
        found["H14", "progress", "on_time"]["cause"] == "mẫu số lệch ít: số liệu được lấy vào lúc khác nhau"
    )


def test_a_group_stands_below_its_parts(province: Engine) -> None:
    publish(province, group="payment", component_code="", score=7)
    found = compared("--unit", "SNV", "--group", "payment")
    assert list(found)[-1] == ("SNV", "payment", "")
    whole = found["SNV", "payment", ""]
    assert (whole["own_score"], whole["difference"]) == (None, None)
    assert whole["cause"].startswith("tỉnh chưa có số liệu: ")


def test_people_read_a_table(province: Engine) -> None:
    publish(province, numerator=30, denominator=32, score="18.75")
    asked = [*ASKED, "--unit", "SNV", "--group", "progress"]
    done = CliRunner().invoke(app, asked, catch_exceptions=False)
    assert "18,75" in done.stdout
    assert "25,0%" in done.stdout
    assert "1 dòng: 1 khác nhau, 0 giống nhau, 0 Cổng chưa công bố điểm, 0 tỉnh chưa có điểm" in done.stderr
    assert "--all" not in done.stderr


def test_only_what_differs_is_printed_and_the_rest_is_counted(province: Engine) -> None:
    publish(province, numerator=38, denominator=40, score=19)  # as ours
    publish(province, "01273", numerator=19, denominator=19, score=20)  # the same points of other counts
    publish(province, "H14", numerator=46, denominator=50, score=18)
    done = CliRunner().invoke(app, [*ASKED, "--format", "csv"], catch_exceptions=False)
    printed = [(r["unit_code"], r["component"]) for r in csv.DictReader(io.StringIO(done.stdout))]
    assert sorted(printed) == [("01273", "on_time"), ("H14", "on_time")]
    counts = re.findall(r"\d+", done.stderr.splitlines()[0])
    everything = compared()
    assert [int(n) for n in counts[:3]] == [len(everything), 2, 1]
    assert sum(int(n) for n in counts[1:]) == len(everything)
    assert "--all" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--period", "2026-10"), "calendar months"),
        (("--unit", "X"), "unit X is not in the catalogue"),
        (("--group", "nope"), "has no group 'nope'"),
        (("--version", "nope"), "has no rule version 'nope'"),
    ],
)
def test_what_is_asked_wrongly_is_said(province: Engine, arguments: tuple[str, ...], problem: str) -> None:
    asked = [*ASKED, *arguments, *(("--calendar", "report") if "--period" in arguments else ())]
    with pytest.raises(ConfigurationError, match=problem):
        CliRunner().invoke(app, asked, catch_exceptions=False)
