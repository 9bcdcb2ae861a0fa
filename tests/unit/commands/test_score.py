"""`cchc score qd766` on tables as the portal publishes them, on what people break, and on what-ifs."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cchc.commands.score import score
from cchc.errors import ConfigurationError

REFERENCE = Path(__file__).resolve().parents[3].parent / "shared" / "reference" / "qd766"
GROUPS = ("progress", "online", "payment", "transparency", "digitization", "satisfaction")

PAYMENT = """period,scope,unit_code,unit_name,level,totalDossierOnlinePaymentSuccess,totalDossierFinancialObligation,\
totalDossierOnlineFormalityPaymentSuccess,totalFeeDossierFormalityDistinct,totalFeeDossierFormality,totalFeeFormality,\
ratio,totalScore,totalMaxScore
month,all,P,Tỉnh,parent,82913,98459,93,310,56,310,62.5,6.25,10
month,all,P.01,Sở A,AGENCY,44,44,7,8,0,8,80,8,10
month,all,P.02,Sở B,AGENCY,0,0,0,1,0,1,0,0,10
"""
ONLINE = """unit_code,level,authorityCount,partialCount,fullCount,onlineDossierCount,onlineServiceTotal,\
channelOnlineSum,channelTotalSum,totalScore,totalMaxScore,ratio
P,parent,56,31,21,406,1968,150956,152595,8.83,12,73.58
P.01,AGENCY,,,,,,,,7.09,12,59.08
P.02,AGENCY,,,,10,40,30,100,,12,
"""
DIGITIZATION = """unit_code,metric_code,numerator,denominator,ratio,score,maxScore
P,ORIGINAL_RESULT_AVAILABLE,133274,184513,72.23,4.33,6
P,ELECTRONIC_CERTIFIED_COPY,,,100,2,2
P,REUSED_DIGITIZED_DATA,0,0,,,2
P,SOMETHING_NEW,1,2,50,1,2
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(score, ["qd766", *map(str, arguments)])


def rows(result: Result) -> list[dict[str, str]]:
    assert result.exception is None, result.exception
    return list(csv.DictReader(StringIO(result.stdout)))


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.samples
@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the folder of official scores is not here")
@pytest.mark.parametrize("group", GROUPS)
def test_every_official_score_of_a_month_comes_out(group: str) -> None:
    source = REFERENCE / f"{group}.csv"
    result = run(group, source)
    found = rows(result)
    with source.open(encoding="utf-8", newline="") as opened:
        official = list(csv.DictReader(opened))
    column = "totalScore" if group in ("online", "payment") else "score"
    assert [{k: r[k] for k in official[0]} for r in found] == official  # every row, in order, as it stands
    for row in found:
        if group == "online" and row["level"] != "parent":  # the portal does not publish the counts of units
            assert row["computed_score"] == ""
            continue
        assert (row["computed_ratio"], row["computed_score"]) == (row["ratio"], row[column])
        assert row["difference"] == ("0" if row[column] else "")
    assert "0 differ" in result.stderr


def test_a_row_per_unit(tmp_path: Path) -> None:
    found = rows(run("payment", file(tmp_path, PAYMENT)))
    assert [(r["computed_ratio"], r["computed_score"], r["difference"]) for r in found] == [
        ("62.5", "6.25", "0"),
        ("80", "8", "0"),
        ("0", "0", "0"),
    ]


def test_counts_that_are_not_published_are_not_zero(tmp_path: Path) -> None:
    result = run("online", file(tmp_path, ONLINE))
    found = rows(result)
    assert [r["computed_score"] for r in found] == ["8.83", "", "4.6"]  # 4 × 10/40, 6 × 0.3 / 0.5
    assert found[1]["difference"] == ""
    assert "không có số liệu ở cột onlineDossierCount" in result.stderr


def test_a_row_per_metric_and_one_nobody_knows(tmp_path: Path) -> None:
    result = run("digitization", file(tmp_path, DIGITIZATION))
    assert [r["computed_score"] for r in rows(result)] == ["4.33", "2", "", ""]
    assert "SOMETHING_NEW" in result.stderr
    assert "mẫu số bằng 0" in result.stderr


def test_json_has_numbers_and_nulls(tmp_path: Path) -> None:
    result = run("online", file(tmp_path, ONLINE), "--format", "json")
    found = json.loads(result.stdout)
    assert found[0]["authorityCount"] == 56
    assert (found[0]["computed_score"], found[0]["difference"]) == (8.83, 0)
    assert (found[1]["authorityCount"], found[1]["computed_score"], found[1]["unit_code"]) == (
        None,
        None,
        "P.01",
    )


def test_a_difference_is_shown(tmp_path: Path) -> None:
    result = run("payment", file(tmp_path, PAYMENT.replace("62.5,6.25", "62.5,6.30")))
    assert rows(result)[0]["difference"] == "-0.05"
    assert "ours 6.25, official 6.3" in result.stderr


def test_the_written_rules(tmp_path: Path) -> None:
    found = rows(run("payment", file(tmp_path, PAYMENT), "--version", "written"))
    assert found[0]["computed_score"] == str(Decimal("5.05") + Decimal("0.75") + Decimal("0.45"))
    assert found[2]["computed_score"] == ""  # nothing to divide: not known


def test_what_if_more_were_paid_online(tmp_path: Path) -> None:
    result = run("payment", file(tmp_path, PAYMENT), "--set", "paid_online+=10000")
    found = rows(result)
    assert found[0]["component"] == "dossiers_paid_online"
    assert (found[0]["numerator"], found[0]["numerator_after"]) == ("82913", "92913")
    assert (found[0]["score"], found[0]["score_after"], found[0]["gain"]) == ("5.05", "5.66", "0.61")
    assert "6,25 → 6,86" in result.stderr


def test_what_if_of_a_metric_and_of_a_named_unit(tmp_path: Path) -> None:
    change = "ORIGINAL_RESULT_AVAILABLE.numerator=184513"
    found = rows(run("digitization", file(tmp_path, DIGITIZATION), "--unit", "P", "--set", change))
    assert (found[0]["component"], found[0]["score_after"]) == ("ORIGINAL_RESULT_AVAILABLE", "6")


def test_the_way_to_a_target_is_the_shortest_of_each_step(tmp_path: Path) -> None:
    path = file(tmp_path, PAYMENT)
    steps = rows(run("payment", path, "--target", "8.5"))
    assert [s["component"] for s in steps] == ["procedures_integrated", "procedures_paid_online"]
    changes = [f"totalFeeDossierFormality={steps[0]['numerator_after']}"]
    changes += [f"totalDossierOnlineFormalityPaymentSuccess={steps[1]['numerator_after']}"]
    reached = rows(run("payment", path, *[x for c in changes for x in ("--set", c)]))
    assert sum(Decimal(r["score_after"]) for r in reached) >= Decimal("8.5")
    one_less = changes[1].split("=")[0] + f"={int(steps[1]['numerator_after']) - 1}"
    short = rows(run("payment", path, "--set", changes[0], "--set", one_less))
    assert sum(Decimal(r["score_after"]) for r in short) < Decimal("8.5")


def test_a_target_that_is_reached_already_asks_for_nothing(tmp_path: Path) -> None:
    assert rows(run("payment", file(tmp_path, PAYMENT), "--target", "6")) == []


@pytest.mark.parametrize(
    ("group", "text", "options", "said"),
    [
        ("nothing", PAYMENT, [], "no group 'nothing'; there are: transparency, progress"),
        ("payment", "", [], "is empty"),
        ("payment", ONLINE, [], "needs the column(s)"),
        ("payment", PAYMENT.replace("82913", "82.913,5"), [], "line 2: 15 fields"),
        (
            "payment",
            PAYMENT.replace("82913", '"82,913"'),
            [],
            "line 2, column totalDossierOnlinePaymentSuccess",
        ),
        ("payment", PAYMENT.replace("82913", "NaN"), [], "is not a number"),
        ("payment", PAYMENT.replace("82913", "-1"), [], "below zero"),
        ("payment", PAYMENT + "month,all\n", [], "line 5: 2 fields, the header has 14"),
        ("payment", PAYMENT.replace("scope", "period"), [], "stands twice"),
        (
            "payment",
            PAYMENT,
            ["--version", "2030"],
            "no rule version '2030'; there are: written, portal-2026",
        ),
        ("payment", PAYMENT, ["--set", "paid+=1"], "NAME one of"),
        ("payment", PAYMENT, ["--set", "paid_online+=500000"], "more than the whole"),
        ("payment", PAYMENT, ["--set", "paid_online-=90000"], "would fall to"),
        ("payment", PAYMENT, ["--target", "99"], "cannot be reached"),
        ("payment", PAYMENT, ["--target", "all"], "not a number of points"),
        ("payment", PAYMENT, ["--unit", "P"], "--unit goes with"),
        ("payment", PAYMENT, ["--unit", "Q", "--target", "9"], "no row of unit Q"),
        ("digitization", DIGITIZATION, ["--target", "9"], "--unit CODE"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, group: str, text: str, options: list[str], said: str) -> None:
    result = run(group, file(tmp_path, text), *options)
    assert isinstance(result.exception, ConfigurationError)
    assert said in str(result.exception)


def test_a_file_in_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "old.csv"
    path.write_bytes(PAYMENT.encode("utf-16"))
    result = run("payment", path)
    assert "is not UTF-8" in str(result.exception)


def test_on_paper_a_table_needs_the_share_that_is_multiplied_by(tmp_path: Path) -> None:
    """Without the two columns the points are not known; the portal's rules do not ask for them."""
    header = "unit_code,level,authorityCount,partialCount,fullCount,onlineDossierCount,onlineServiceTotal"
    header, row = f"{header},channelOnlineSum,channelTotalSum", "P,parent,100,40,40,10,40,40,100"
    without = file(tmp_path, f"{header}\n{row}\n")
    asked = ("--version", "written")
    [found] = rows(run("online", without, *asked))
    assert found["computed_score"] == ""
    missing = "DOSSIER_SYNC.numerator, DOSSIER_SYNC.denominator"
    told = " ".join(run("online", without, *asked).stderr.split())
    assert f"1 not scored: không có số liệu ở cột {missing}" in told
    assert rows(run("online", without))[0]["computed_score"] == "7.8"  # 2 + 4 x 0.25 + 6 x 0.4 / 0.5

    given = file(tmp_path, f"{header},{missing.replace(', ', ',')}\n{row},50,100\n")
    assert rows(run("online", given, *asked))[0]["computed_score"] == "5.4"
    assert rows(run("online", given))[0]["computed_score"] == "7.8"
    result = run("online", given, *asked, "--set", "DOSSIER_SYNC.numerator=100", "--format", "csv")
    assert [(r["score"], r["score_after"]) for r in rows(result) if r["component"] == "dossiers_online"] == [
        ("2.4", "4.8")
    ]
    steps = rows(run("online", given, *asked, "--target", "6", "--format", "csv"))
    assert steps  # its numerator is raised under the same share
