"""Index 766 from records: every count against a naive recount in Python, and nothing known where nothing is stated."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc.catalogue.load import load
from cchc.catalogue.models import Catalogue
from cchc.cli import app
from cchc.errors import ConfigurationError
from cchc.indicators import explain, periods
from cchc.indicators.scoring import own, table
from cchc.settings import SHIPPED_CATALOGUE, settings
from cchc.warehouse import dimensions, marts
from cchc.warehouse import engine as engines
from integration.indicator_facts import ZONE, at, watermark, write

UNIT, SOURCE = "SNV", "snv-motcua"
OCTOBER = periods.parse("2026-10", "calendar")
FLAGS = (
    *("components_digitised", "data_reused", "personal_store", "citizen_data"),
    *("dissatisfied", "electronic_result", "paid_online"),
)
Dossier = dict[str, Any]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    shipped = load(SHIPPED_CATALOGUE).model_dump(mode="json")
    registers = shipped["profiles"]["registers"]
    one_stop = {**registers, "code": "all", "datasets": registers["datasets"]}
    day = {"path": "x", "type": "flag"}
    one_stop["datasets"]["dossier"]["fields"] |= dict.fromkeys((*FLAGS, "has_duty", "apology_at"), day)
    one_stop["datasets"]["dossier"]["fields"]["intake"] = {"constant": "one_stop"}
    one_stop["datasets"].setdefault("petition", {"fields": {}})
    shipped["profiles"] = {"all": one_stop}
    shipped["hosts"] = {}
    shipped["sources"] = {
        SOURCE: {"code": SOURCE, "unit": UNIT, "profile": "all", "history_from": "2026-01-01"},
    }
    return Catalogue.model_validate(shipped)


def _dossiers(rng: random.Random) -> list[Dossier]:
    made = []
    for n in range(200):
        received = at("2026-09-01") + timedelta(days=rng.randrange(75), minutes=rng.randrange(480))
        status = rng.choice(["processing", "finished", "returned", "withdrawn", "stopped", "supplement"])
        ended = (
            received + timedelta(days=rng.randrange(30))
            if status not in ("processing", "supplement")
            else None
        )
        asked = (
            received + timedelta(days=rng.randrange(1, 9))
            if rng.random() < 0.4 or status == "supplement"
            else None
        )
        completed = (
            asked + timedelta(days=rng.randrange(5))
            if asked and status != "supplement" and rng.random() < 0.7
            else None
        )
        made.append(
            {
                "dossier_code": f"d{n}",
                "procedure_code": f"1.00000{rng.randrange(5)}",
                "channel": rng.choice(["direct", "online"]),
                "received_at": received,
                "due_at": received + timedelta(days=rng.randrange(2, 20)) if rng.random() < 0.8 else None,
                "status": status,
                "finished_at": ended,
                "supplement_at": asked,
                "supplement_completed_at": completed,
                "supplement_requests": rng.choice([1, 2]) if asked else 0,
                "has_duty": rng.random() < 0.5,
                **{flag: rng.random() < 0.5 for flag in FLAGS},
            }
        )
    return made


def _day(moment: datetime) -> date:
    return moment.astimezone(ZONE).date()


def _in_time(d: Dossier, end: date) -> bool:
    """Rule §1.3 of index 2.1, step by step."""
    due = d["due_at"]
    if due is None:
        return bool(
            d["status"] != "supplement" or d["supplement_requests"] <= 1 or _day(d["supplement_at"]) > end
        )
    if d["status"] == "supplement":
        if d["supplement_requests"] > 1:
            return _day(d["supplement_at"]) > end and _day(due) >= end
        return _day(d["supplement_at"]) <= _day(due) or _day(due) >= end
    moved = due
    if d["supplement_completed_at"] and d["supplement_completed_at"] > d["supplement_at"]:
        moved = due + (d["supplement_completed_at"] - d["supplement_at"])
    if d["finished_at"] is not None and _day(d["finished_at"]) <= end:
        return bool(d["finished_at"] <= moved)
    # papers asked for when it was overdue already give no time back
    return _day(due if d["supplement_at"] and d["supplement_at"] > due else moved) >= end


def _expected(dossiers: list[Dossier], needs: dict[str, bool | None]) -> dict[str, tuple[int, int]]:
    first, last = OCTOBER.start, OCTOBER.end
    came = [d for d in dossiers if first <= _day(d["received_at"]) <= last]
    play = [
        d
        for d in dossiers
        if _day(d["received_at"]) <= last and (d["finished_at"] is None or _day(d["finished_at"]) >= first)
    ]
    in_time = sum(_in_time(d, last) for d in play)
    with_result = [d for d in came if needs.get(d["procedure_code"]) is not False]
    exempt = [d for d in came if needs.get(d["procedure_code"]) is False]

    def procedures(chosen: list[Dossier], among: str = "01234") -> int:
        return len({d["procedure_code"] for d in chosen if d["procedure_code"][-1] in among})

    paid = [d for d in came if d["paid_online"]]
    duty = [d for d in came if d["has_duty"]]
    online = [d for d in came if d["channel"] == "online"]
    return {
        "on_time": (in_time, len(play)),
        "services_used": (procedures(online, "012"), 3),
        "dossiers_online": (
            sum(d["channel"] == "online" and d["electronic_result"] for d in with_result)
            + sum(d["channel"] == "online" for d in exempt),
            len(came),
        ),
        "dossiers_paid_online": (len(paid), len(duty)),
        "procedures_paid_online": (procedures(paid, "01"), 2),
        "procedures_integrated": (procedures(duty, "01"), 2),
        "ORIGINAL_RESULT_AVAILABLE": (sum(d["electronic_result"] for d in with_result), len(with_result)),
        "SO_HOA_GIAY_TO_GIAI_QUYET": (
            sum(d["components_digitised"] and d["electronic_result"] for d in with_result)
            + sum(d["components_digitised"] for d in exempt),
            len(came),
        ),
        "REUSED_DIGITIZED_DATA": (sum(d["data_reused"] for d in came), len(came)),
        "SYNCED_WITH_DVCQG_PERSONAL_STORAGE": (sum(d["personal_store"] for d in came), len(came)),
        "CITIZEN_DATA_CONNECTED_DOSSIER": (sum(d["citizen_data"] for d in came), len(came)),
        "CITIZEN_DATA_CONNECTED_FORMALITY": (procedures([d for d in came if d["citizen_data"]], "0123"), 4),
        "DOSSIER_RECEIVING_SATISFACTION": (in_time - sum(d["dissatisfied"] for d in came), len(play)),
        "PUBLISH_ON_TIME": (1, 3),
        "PUBLIC_CONTENT_FULL": (2, 5),
        "PETITION_CLASSIFICATION_TTHC": (2, 4),
        "PETITION_PROCESSING_ON_TIME": (3, 5),
        "PETITION_HANDLING_SATISFACTION": (2, 4),
    }


@pytest.fixture(scope="module")
def dossiers() -> list[Dossier]:
    return _dossiers(random.Random(766))


@pytest.fixture
def scored(warehouse: Engine, catalogue: Catalogue, dossiers: list[Dossier]) -> Engine:
    dimensions.sync(warehouse, catalogue)
    write(warehouse, "dossier", UNIT, SOURCE, dossiers)
    start, within, late = date(2020, 1, 1), date(2026, 10, 5), date(2026, 10, 9)
    procedure: dict[str, Any] = {"valid_from": start, "announce_due_on": within}
    write(
        warehouse,
        "procedure",
        UNIT,
        SOURCE,
        [
            {
                **procedure,
                "procedure_code": "1.000000",
                "needs_result": False,
                "has_fee": True,
                "online_level": "full",
            },
            {
                **procedure,
                "procedure_code": "1.000001",
                "needs_result": True,
                "has_fee": True,
                "online_level": "4",
            },
            {**procedure, "procedure_code": "1.000002", "online_level": "partial", "content_full": True},
            {**procedure, "procedure_code": "1.000003", "announced_on": within, "content_full": True},
            # announced in time on one day and late on another: late
            {**procedure, "procedure_code": "1.000004", "announced_on": within},
            {**procedure, "procedure_code": "1.000004", "valid_from": late, "announced_on": late},
            {**procedure, "procedure_code": "1.000002", "valid_from": late, "announced_on": late},
        ],
    )
    with warehouse.begin() as connection:
        flags = "update core.procedure set for_citizens = procedure_code <> '1.000004', content_full ="
        connection.execute(
            text(f"{flags} case when procedure_code in ('1.000002', '1.000003') then true end")
        )
        level = "update core.procedure set online_level = 'partial' where procedure_code = '1.000002'"
        connection.execute(text(level))
    petition = {"received_at": at("2026-10-02"), "due_at": at("2026-10-20")}
    write(
        warehouse,
        "petition",
        UNIT,
        SOURCE,
        [
            {**petition, "petition_code": "in time", "answered_at": at("2026-10-12")},
            {**petition, "petition_code": "late", "answered_at": at("2026-10-25"), "kind": "staff"},
            {**petition, "petition_code": "open", "due_at": at("2026-11-20"), "kind": "other"},
            {**petition, "petition_code": "disliked", "answered_at": at("2026-10-12"), "disliked": True},
            {**petition, "petition_code": "before", "received_at": at("2026-09-02"), "answered_at": None},
        ],
    )
    marts.rebuild(warehouse)
    watermark(warehouse, UNIT, SOURCE, date(2026, 11, 30), "dossier", "procedure", "petition")
    return warehouse


def _parts(engine: Engine, catalogue: Catalogue, version: str, unit: str) -> dict[str, own.OwnPart]:
    scores = load(SHIPPED_CATALOGUE).score_set("qd766")
    with engine.connect() as connection:
        parts = own.score_units(
            connection, catalogue, scores, version, [unit], OCTOBER, day=date(2026, 11, 30)
        )
    return {p.component.code: p for p in parts}


@pytest.mark.parametrize("unit", [UNIT, "H14"])
def test_every_count_is_that_of_the_records(
    scored: Engine, catalogue: Catalogue, dossiers: list[Dossier], unit: str
) -> None:
    unit = catalogue.province.code if unit == "H14" else unit
    parts = _parts(scored, catalogue, "portal-2026", unit)
    expected = _expected(dossiers, {"1.000000": False, "1.000001": True})
    found = {code: (parts[code].numerator, parts[code].denominator) for code in expected}
    assert found == {code: (Decimal(n), Decimal(d)) for code, (n, d) in expected.items()}
    assert Counter(p.score is None for p in parts.values() if p.component.max)[False] >= 16


def test_the_versions_divide_and_cap_by_their_own_rules(scored: Engine, catalogue: Catalogue) -> None:
    portal = _parts(scored, catalogue, "portal-2026", UNIT)["procedures_paid_online"]
    written = _parts(scored, catalogue, "written", UNIT)["procedures_paid_online"]
    assert portal.denominator == 2  # procedures with a fee
    assert written.denominator == 5  # procedures with a dossier that has a duty


def _report_sync(engine: Engine, numerator: int, denominator: int) -> None:
    said = {"measure_code": "dossier_sync", "period_from": OCTOBER.start, "period_to": OCTOBER.end}
    counts = {"numerator": numerator, "denominator": denominator}
    write(engine, "reported_measure", UNIT, SOURCE, [{**said, **counts}])
    watermark(engine, UNIT, SOURCE, date(2026, 11, 30), "reported_measure")


def test_on_paper_dossiers_online_count_as_far_as_they_are_synchronised(
    scored: Engine, catalogue: Catalogue
) -> None:
    """The written rule multiplies by 1.4, which the office reports; the portal's does not, and needs no report."""
    before = _parts(scored, catalogue, "written", UNIT)["dossiers_online"]
    portal = _parts(scored, catalogue, "portal-2026", UNIT)["dossiers_online"]
    assert (before.ratio, before.score) == (None, None)
    assert before.reason is not None
    assert before.reason.startswith(
        "chưa biết tỷ lệ “Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia” để nhân: "
    )
    assert (before.numerator, before.denominator) == (
        portal.numerator,
        portal.denominator,
    )  # counted all the same
    assert portal.score is not None

    _report_sync(scored, 30, 100)
    after = _parts(scored, catalogue, "written", UNIT)["dossiers_online"]
    assert after.numerator is not None
    assert after.denominator is not None
    share = after.numerator / after.denominator * 30 / 100
    assert after.reason is None
    assert after.ratio == (100 * share).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert after.score == min(Decimal(6), 6 * share / Decimal("0.5")).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert after.score < 6
    assert _parts(scored, catalogue, "portal-2026", UNIT)["dossiers_online"] == portal

    with scored.connect() as connection:  # asked for this group alone, as the command does
        scores = catalogue.score_set("qd766")
        alone = scores.model_copy(update={"groups": (scores.group("online"),)})
        parts = own.score_units(
            connection, catalogue, alone, "written", [UNIT], OCTOBER, day=date(2026, 11, 30)
        )
        [(_, cells)] = own.table(connection, catalogue, scores, scores.group("online"), UNIT, OCTOBER)
    assert next(p for p in parts if p.component.code == "dossiers_online") == after
    assert (cells["DOSSIER_SYNC.numerator"], cells["DOSSIER_SYNC.denominator"]) == ("30", "100")
    scored_table = table.score(scores, scores.group("online"), "written", 1, cells)
    assert {p.component.code: p.points.score for p in scored_table.parts}["dossiers_online"] == after.score


def test_each_component_opens_to_its_records(scored: Engine, catalogue: Catalogue) -> None:
    for indicator in catalogue.indicator_sets["qd766"].indicators:
        found = explain.explain(scored, catalogue, indicator.code, UNIT, OCTOBER)
        assert all(term.agrees for term in found.terms), indicator.code
        for term, asked in zip(found.terms, indicator.terms(), strict=True):
            if asked.measure is None or asked.at == "start" or term.value is None:
                continue
            listed = [r for r in found.records(term.role) if r["term"] == term.title]
            assert len(listed) == term.value, (indicator.code, term.title)


def test_what_no_source_states_is_not_known(scored: Engine, catalogue: Catalogue) -> None:
    with scored.begin() as connection:
        connection.execute(text("update core.dossier set citizen_data = null, data_reused = null"))
    marts.rebuild(scored)
    parts = _parts(scored, catalogue, "portal-2026", UNIT)
    for code in ("CITIZEN_DATA_CONNECTED_DOSSIER", "REUSED_DIGITIZED_DATA"):
        assert parts[code].numerator is None
        assert parts[code].score is None
        assert "các nguồn không ghi" in (parts[code].reason or "")
    sync = parts["DOSSIER_SYNC"]
    assert sync.score is None
    assert sync.numerator is None
    scores = load(SHIPPED_CATALOGUE).score_set("qd766")
    rows = list(own.rows(scores, list(parts.values())))
    whole = rows[-1]
    assert whole["score"] is None
    assert "chỉ số còn lại được" in str(whole["reason"])
    by_group = {r["group"]: r for r in rows if "component" not in r}
    assert by_group["progress"]["score"] == parts["on_time"].score


def test_another_unit_has_no_points_rather_than_zero(scored: Engine, catalogue: Catalogue) -> None:
    parts = _parts(scored, catalogue, "portal-2026", "SYT")
    assert {p.score for code, p in parts.items() if code != "ELECTRONIC_CERTIFIED_COPY"} == {None}


def test_the_command_scores_the_records_and_says_what_would_change_them(
    scored: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The shipped catalogue reads SNV's dossiers from another source, so the province's own coverage is partial."""
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", scored.url.render_as_string(hide_password=False))
    settings.cache_clear()
    engines.engine.cache_clear()
    try:
        asked = ["score", "qd766", "--period", "2026-10", "--calendar", "calendar", "--unit", UNIT]
        run = CliRunner().invoke(app, [*asked, "--format", "json"], catch_exceptions=False)
        rows = {(r["group"], r.get("component")): r for r in json.loads(run.stdout)}
        on_time = rows["progress", "on_time"]
        assert on_time["numerator"] / on_time["denominator"] == pytest.approx(
            on_time["ratio"] / 100, abs=1e-4
        )
        assert rows["progress", None]["score"] == on_time["score"]
        group = ["score", "qd766", "progress", *asked[2:]]
        what = CliRunner().invoke(
            app, [*group, "--set", "on_time+=1", "--format", "json"], catch_exceptions=False
        )
        gain = json.loads(what.stdout)[0]
        assert gain["numerator_after"] == gain["numerator"] + 1 == on_time["numerator"] + 1
        with pytest.raises(ConfigurationError, match="give GROUP and FILE, or --period"):
            CliRunner().invoke(app, ["score", "qd766", "progress"], catch_exceptions=False)
    finally:
        engines.engine().dispose()
        settings.cache_clear()
        engines.engine.cache_clear()
