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
from references import OFFICIAL

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


def refused(*arguments: object) -> str:
    """What is said where the command stops: one line, and no traceback."""
    result = run(*arguments)
    assert isinstance(result.exception, ConfigurationError), result.exception
    assert result.stdout == ""
    assert "\n" not in str(result.exception)
    return str(result.exception)


@pytest.mark.samples
@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the folder of official scores is not here")
@pytest.mark.parametrize("group", GROUPS)
def test_every_official_score_of_a_month_comes_out(group: str) -> None:
    source = OFFICIAL / f"{group}.csv"
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
        ("payment", PAYMENT.replace("82913", "NaN"), [], "is not a count"),
        ("payment", PAYMENT.replace("82913", "-1"), [], "is not a count"),
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
    assert "old.csv is not UTF-8 text but UTF-16" in refused("payment", path)
    path.write_bytes(PAYMENT.replace("Tỉnh", "Vi\u00eat").encode("cp1258", "replace"))
    said = refused("payment", path)
    assert "old.csv, line 2: this is not UTF-8" in said
    assert "windows-1258" in said
    path.write_bytes(PAYMENT.encode().replace(b"P.01", b"P\0.1"))
    assert "old.csv, line 3: a NUL byte" in refused("payment", path)


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


@pytest.mark.parametrize(
    "count",
    [
        *(
            "1.234",
            "1_000",
            "1e3",
            "100.5",
            "123.0",
            "1e400",
            "1e30",
            "1e99999999",
            "nan",
            "Infinity",
            "１２３",
        ),
        *("+5", "-0", "0x10", "1 000", "9" * 16, "9" * 5000),
    ],
)
@pytest.mark.parametrize("column", ["totalOnTime", "totalReceived"])
def test_a_count_is_digits_and_nothing_else(tmp_path: Path, count: str, column: str) -> None:
    counts = {"totalOnTime": "40", "totalReceived": "50", column: count}
    said = refused(
        "progress", file(tmp_path, "unit_code," + ",".join(counts) + "\nP," + ",".join(counts.values()))
    )
    assert f"table.csv, line 2, column {column}: {count[:40]!r}"[:-1] in said
    assert "is not a count: write a whole number in the digits 0-9" in said
    assert ("1.234: one thousand or one" in said) == ("." in count)
    assert len(said) < 400


@pytest.mark.parametrize("official", ["6,25", "1e400", "1e99999999", "nan", "６"])
def test_an_official_score_has_a_point(tmp_path: Path, official: str) -> None:
    text = PAYMENT.replace("62.5,6.25", f'62.5,"{official}"')
    assert f"line 2, column totalScore: {official!r} is not a number" in refused(
        "payment", file(tmp_path, text)
    )


def test_more_than_the_whole_is_scored_as_the_rule_says_and_remarked(tmp_path: Path) -> None:
    header = "unit_code,totalOnTime,totalReceived,score"
    path = file(tmp_path, f"{header}\nA,150,100,20\nB,50,100,10\nC,5,0,0\nD,,0,0\n")
    result = run("progress", path)
    found = rows(result)
    assert [(r["computed_ratio"], r["computed_score"], r["difference"]) for r in found] == [
        ("150", "20", "0"),
        ("50", "10", "0"),
        ("0", "0", "0"),
        ("", "", ""),
    ]
    assert [r["reason"] for r in found] == [
        "tử số 150 lớn hơn mẫu số 100",
        "",
        "tử số 5 lớn hơn mẫu số 0",
        "không có số liệu ở cột totalOnTime",
    ]
    told = " ".join(result.stderr.split())
    assert "1 scored as they stand: tử số 150 lớn hơn mẫu số 100: line 2 A" in told
    assert "1 not scored: không có số liệu ở cột totalOnTime: line 5 D" in told
    assert rows(run("progress", path, "--unit", "A", "--target", "9")) == []
    on_paper = rows(run("progress", path, "--version", "written"))
    assert [r["computed_score"] for r in on_paper] == ["20", "10", "", ""]


def test_the_parts_of_a_row_that_are_above_the_whole_are_named(tmp_path: Path) -> None:
    found = rows(run("payment", file(tmp_path, PAYMENT.replace(",7,8,0,8,", ",9,8,0,8,"))))
    # 6 of 6, and 2.5 x 9/8 ends at 2
    assert [r["computed_score"] for r in found] == ["6.25", "8", "0"]
    assert [r["reason"] for r in found] == [
        "",
        "TTHC có giao dịch thanh toán trực tuyến: tử số 9 lớn hơn mẫu số 8",
        "",
    ]


def test_a_file_of_another_group_is_refused(tmp_path: Path) -> None:
    header, *lines = DIGITIZATION.splitlines()
    path = file(tmp_path, "\n".join((header, *lines[:3])))
    for options in ((), ("--unit", "P", "--target", "3")):
        said = refused("transparency", path, *options)
        assert "table.csv: no row is of group transparency: the metrics are of group digitization" in said


def test_rows_of_another_group_say_which(tmp_path: Path) -> None:
    result = run("transparency", file(tmp_path, DIGITIZATION + "P,DOSSIER_SYNC,1,2,50,3,6\n"))
    assert [r["computed_score"] for r in rows(result)] == ["", "", "", "", "3"]
    assert [r["reason"] for r in rows(result)] == [
        "chỉ tiêu 'ORIGINAL_RESULT_AVAILABLE' thuộc nhóm digitization, không thuộc nhóm transparency",
        "chỉ tiêu 'ELECTRONIC_CERTIFIED_COPY' thuộc nhóm digitization, không thuộc nhóm transparency",
        "chỉ tiêu 'REUSED_DIGITIZED_DATA' thuộc nhóm digitization, không thuộc nhóm transparency",
        "chỉ tiêu 'SOMETHING_NEW' không có trong bộ chỉ số",
        "",
    ]


@pytest.mark.parametrize("group", ["progress", "online", "digitization"])
@pytest.mark.parametrize("level", ["Parent", "province", "agency", ""])
def test_a_level_nobody_knows_is_refused(tmp_path: Path, group: str, level: str) -> None:
    text = {
        "progress": f"unit_code,level,totalOnTime,totalReceived\nP,{level},1,2\n",
        "online": ONLINE.replace("parent", level),
        "digitization": f"level,metric_code,numerator,denominator\n{level},REUSED_DIGITIZED_DATA,1,2\n",
    }
    said = refused(group, file(tmp_path, text[group]))
    assert f"table.csv, line 2, column level: {level!r} is none of parent, AGENCY, COMMUNE" in said


def test_a_unit_that_stands_twice_is_refused(tmp_path: Path) -> None:
    again = PAYMENT + PAYMENT.splitlines()[2] + "\n"
    assert "table.csv, lines 3 and 5: P.01 stands twice" in refused("payment", file(tmp_path, again))
    other = PAYMENT + PAYMENT.splitlines()[2].replace("all", "formality:1") + "\n"
    assert len(rows(run("payment", file(tmp_path, other)))) == 4
    metric = DIGITIZATION + "P,REUSED_DIGITIZED_DATA,1,2,,,2\n"
    assert "lines 4 and 6: P REUSED_DIGITIZED_DATA" in refused("digitization", file(tmp_path, metric))


def test_a_table_that_was_scored_is_scored_again_with_the_same_columns(tmp_path: Path) -> None:
    once = run("online", file(tmp_path, ONLINE)).stdout
    stale = file(tmp_path, once.replace("8.83,0", "1.11,9"))
    assert run("online", stale).stdout == once


def test_rows_without_a_score_are_named_and_say_why(tmp_path: Path) -> None:
    result = run("online", file(tmp_path, ONLINE))
    [_, without, _] = rows(result)
    assert without["reason"].startswith("không có số liệu ở cột onlineDossierCount")
    assert "line 3 P.01" in " ".join(result.stderr.split())
    found = json.loads(run("online", file(tmp_path, ONLINE), "--format", "json").stdout)
    assert [bool(r["reason"]) for r in found] == [False, True, False]
    assert list(rows(run("payment", file(tmp_path, PAYMENT)))[0])[-3:] == [
        "computed_ratio",
        "computed_score",
        "difference",
    ]


@pytest.mark.parametrize("target", ["nan", "inf", "1e400", "-1", "９", "9" * 50])
def test_a_target_is_a_number_of_points(tmp_path: Path, target: str) -> None:
    assert "is not a number of points" in refused("payment", file(tmp_path, PAYMENT), f"--target={target}")


@pytest.mark.parametrize("change", ["paid_online=" + "9" * 38, "paid_online=１", "with_duty+=" + "9" * 400])
def test_a_change_is_a_count(tmp_path: Path, change: str) -> None:
    said = refused("payment", file(tmp_path, PAYMENT), "--set", change)
    assert "a whole number of at most 15 digits" in said


def test_counts_do_not_grow_beyond_what_can_be_scored(tmp_path: Path) -> None:
    path = file(tmp_path, PAYMENT)
    assert "more than 15 digits" in refused("payment", path, "--set", "with_duty+=" + "9" * 15)


def test_no_component_earns_more_than_its_maximum(tmp_path: Path) -> None:
    path = file(tmp_path, PAYMENT)
    assert "with every share at its best it is 10.00" in refused("payment", path, "--target", "10.1")
    found = rows(run("payment", path, "--set", "procedures_integrated=310"))
    assert {r["component"]: r["score_after"] for r in found}["procedures_integrated"] == "2"


def test_a_unit_without_counts_is_told_so(tmp_path: Path) -> None:
    path = file(tmp_path, ONLINE)
    said = refused("online", path, "--unit", "P.01", "--target", "9")
    assert "the unit's counts are missing: services_used (không có tử số và mẫu số), dossiers_online" in said
    result = run("online", path, "--unit", "P.01", "--set", "received_online=5")
    assert "chưa biết điểm" in result.stderr
    assert "services_used" in result.stderr


def test_the_maximum_is_what_the_unit_can_earn(tmp_path: Path) -> None:
    path = file(tmp_path, ONLINE)
    assert "trên 10 điểm" in run("online", path, "--unit", "P.02", "--set", "received_online=50").stderr
    assert "trên 12 điểm" in run("online", path, "--set", "received_online=150957").stderr


def test_points_from_nothing_known_are_a_gain(tmp_path: Path) -> None:
    text = "level,metric_code,numerator,denominator\nparent,PUBLISH_ON_TIME,0,0\nparent,DOSSIER_SYNC,1,1\n"
    path = file(tmp_path, text)
    asked = ("--set", "PUBLISH_ON_TIME.numerator=9", "--set", "PUBLISH_ON_TIME.denominator=10")
    result = run("transparency", path, *asked)
    [first, _] = rows(result)
    assert (first["component"], first["score"], first["score_after"], first["gain"]) == (
        "PUBLISH_ON_TIME",
        "",
        "5.4",
        "5.4",
    )
    assert result.stderr.startswith("6 → 11,40 trên 18 điểm")
    missing = refused("transparency", path, "--set", "PUBLIC_CONTENT_FULL.numerator=9")
    assert "no row of PUBLIC_CONTENT_FULL" in missing


@pytest.mark.parametrize(("separator", "named"), [(";", "semicolons"), ("\t", "tabs")])
@pytest.mark.parametrize("quote", ["", '"'])
def test_other_separators_are_named(tmp_path: Path, separator: str, named: str, quote: str) -> None:
    text = PAYMENT.replace(",", f"{quote}{separator}{quote}")
    text = "".join(f"{quote}{line}{quote}\n" for line in text.splitlines())
    said = refused("payment", file(tmp_path, text))
    assert f"table.csv, line 1: separated by {named}; commas are needed" in said


def test_a_header_alone_is_no_table(tmp_path: Path) -> None:
    path = file(tmp_path, PAYMENT.splitlines()[0] + "\n")
    assert "table.csv has a header and no row" in refused("payment", path)
    assert "table.csv has a header and no row" in refused("payment", path, "--target", "9")
