"""Whole nights on simulated systems, without a scheduler: good ones, bad ones, repeated ones, replayed ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from unicodedata import normalize

import pytest
from sqlalchemy import Engine, text

from cchc import mending, night
from cchc.errors import ConfigurationError
from cchc.indicators import compute, periods
from cchc.ops.ledger import RunSummary, SourceOutcome
from cchc.settings import settings
from integration import published
from integration.installation import everything_below, everything_in, figures, installed, loaded
from integration.rows import scalar
from integration.seed_unit import PRINTED
from simulators.model import CANARY
from simulators.province import Running, only, running

DAY = date(2026, 11, 6)
SMALL = ("snv-motcua", "01273-dvcqg", "01279-dvcqg", "snv-vanban", "snv-sotay")


@pytest.fixture
def systems(tmp_path: Path) -> Iterator[Running]:
    """Return five well-behaved systems, one or more of each kind."""
    with running(tmp_path / "systems", DAY, systems=only(*SMALL), faults={}) as found:
        yield found


@pytest.fixture
def home(
    tmp_path: Path, systems: Running, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Return the home of an installation that reads those systems, and publishes no page of every unit."""
    with installed(monkeypatch, warehouse, tmp_path / "home", systems) as found:
        yield found


@pytest.fixture
def whole(
    tmp_path: Path, systems: Running, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Return the home of an installation with the shipped catalogue: everything is published."""
    with installed(monkeypatch, warehouse, tmp_path / "home", systems, pages=True) as found:
        yield found


def rows(summary: RunSummary) -> dict[str, SourceOutcome]:
    return {row.source_code: row for row in summary.rows}


def test_a_night_again_and_replayed_gives_the_same_numbers(
    home: Path, systems: Running, warehouse: Engine
) -> None:
    first = night.run_night(DAY, SMALL)
    assert first.state == "success"
    assert {r.state for r in first.rows} == {"loaded"}
    assert all(r.received == r.loaded + r.unchanged + r.quarantined + r.refused for r in first.rows)
    assert all(r.received > 0 for r in first.rows)
    assert sum(r.refused for r in first.rows) > 0, "secret records must have been served and refused"
    before = figures(warehouse)
    releases = scalar(warehouse, "select count(*) from publish.release")
    dossiers = scalar(warehouse, "select count(*) from core.dossier")

    again = night.run_night(DAY, SMALL)
    assert {r.state for r in again.rows} == {"unchanged"}
    assert figures(warehouse) == before
    assert scalar(warehouse, "select count(*) from core.dossier") == dossiers
    assert scalar(warehouse, "select count(*) from publish.release") == releases
    assert scalar(warehouse, "select count(*) from core.change_history") == 0

    summary = night.close_run(mending.replay(SMALL, DAY))
    assert summary.failed == ()
    assert figures(warehouse) == before
    assert scalar(warehouse, "select count(*) from core.dossier") == dossiers
    assert scalar(warehouse, "select count(*) from core.change_history") == 0


def test_sick_sources_fail_by_name_and_every_other_loads(
    home: Path, systems: Running, warehouse: Engine
) -> None:
    systems.misbehave("01273-dvcqg", "refuse")
    systems.misbehave("snv-motcua", "html_200")
    summary = night.run_night(DAY, SMALL)
    found = rows(summary)
    assert summary.state == "over_budget"
    assert summary.failed == ("01273-dvcqg", "snv-motcua")
    assert found["01273-dvcqg"].error_class == "SourceUnavailable"
    assert found["snv-motcua"].error_class in ("ContractBroken", "SourceRefused")
    assert "snv-motcua" in (found["snv-motcua"].message or "")
    assert all(found[code].state == "loaded" for code in ("01279-dvcqg", "snv-vanban", "snv-sotay"))
    assert (
        scalar(
            warehouse, "select count(*) from core.dossier where source_code in ('01273-dvcqg', 'snv-motcua')"
        )
        == 0
    )
    mails = [said for _, said in everything_below(systems.mail.folder)]
    kinds = scalar(warehouse, "select array_agg(distinct kind order by kind) from ops.outbox")
    assert kinds == [
        "digest",
        "urgent-secrecy",
    ]  # five of a hundred sources are no night: nothing urgent in that
    assert len(mails) == scalar(warehouse, "select count(*) from ops.outbox")
    for build in ("internal", "public"):
        assert "Có dữ liệu của 3/" in published.page(settings().releases, "index.html", build)

    systems.behave()
    mended = night.run_night(DAY, SMALL)
    assert mended.state == "success"
    assert rows(mended)["01273-dvcqg"].state == "loaded"


def test_a_sudden_empty_answer_is_held_and_the_last_good_data_stays(
    home: Path, systems: Running, warehouse: Engine
) -> None:
    loaded(DAY, SMALL)
    before = figures(warehouse)
    for code in ("01273-dvcqg", "snv-sotay"):
        systems.misbehave(code, "empty")
    summary = loaded(DAY, SMALL)
    assert {code: rows(summary)[code].state for code in ("01273-dvcqg", "snv-sotay")} == {
        "01273-dvcqg": "held",
        "snv-sotay": "held",
    }
    assert figures(warehouse) == before

    waiting = mending.held_deliveries()
    assert {held.source_code for held in waiting} == {"01273-dvcqg", "snv-sotay"}
    held = waiting[0]
    assert held.source_code == "01273-dvcqg"
    assert (held.received, held.held_by) == (0, ("DELIVERY_EMPTY",))
    assert held.previous
    for of_the_register in waiting[1:]:
        mending.reject_delivery(of_the_register.delivery_id, "Lan", "đơn vị gửi nhầm")
    approved = mending.approve_delivery(held.delivery_id, "Lan", "đơn vị nghỉ")
    assert (approved.state, approved.failed) == ("success", ())
    assert mending.held_deliveries() == []
    with pytest.raises(ConfigurationError, match="not held: it is loaded"):
        mending.approve_delivery(held.delivery_id, "Minh", "đơn vị nghỉ")
    assert figures(warehouse) == before, "none in the answer is not a deletion of what was there"
    # a replay does not take the decisions back, and what was rejected stays out
    assert night.close_run(mending.replay(SMALL, DAY)).failed == ()
    assert figures(warehouse) == before
    again = rows(loaded(DAY, SMALL))
    assert (again["01273-dvcqg"].state, again["snv-sotay"].state) == ("unchanged", "held")
    assert mending.held_deliveries() == [], "the same again was decided about"
    systems.behave()
    assert {row.state for row in loaded(DAY, SMALL).rows} == {"unchanged"}


def test_rows_of_a_delivery_that_is_held_for_them_reach_their_unit(
    home: Path, systems: Running, warehouse: Engine
) -> None:
    loaded(DAY - timedelta(days=1), SMALL)
    systems.misbehave("01279-dvcqg", "bad_rows", 1)
    held = rows(night.run_night(DAY, SMALL))["01279-dvcqg"]
    assert (held.state, held.loaded) == ("held", 0)
    open_rows = "select count(*) from quarantine.item where state = 'open' and source_code = '01279-dvcqg'"
    assert scalar(warehouse, open_rows) > 0
    mail = [m for m in systems.mail.messages() if m["To"].startswith("motcua.01279@")][-1]
    assert "dòng cần sửa" in mail["Subject"]
    assert [part.get_filename() for part in mail.iter_attachments()] == [f"can-sua-{DAY}.xlsx"]
    assert scalar(warehouse, "select count(*) from core.dossier where source_code = '01279-dvcqg'") > 0
    systems.behave()
    good = rows(loaded(DAY, SMALL))["01279-dvcqg"]
    assert (good.state, good.quarantined) == ("loaded", 0)
    assert scalar(warehouse, open_rows) == 0


def test_what_was_loaded_by_mistake_is_taken_back(home: Path, systems: Running, warehouse: Engine) -> None:
    loaded(DAY - timedelta(days=3), SMALL)
    of_it = "select count(*), md5(string_agg(dossier_code || status, ',' order by dossier_code)) from core.dossier"
    of_it += " where source_code = '01279-dvcqg'"
    before = scalar(warehouse, f"select f::text from ({of_it}) as f")
    systems.misbehave("01279-dvcqg", "bad_rows", 14)
    loaded(DAY, SMALL)
    assert scalar(warehouse, f"select f::text from ({of_it}) as f") != before
    of_the_source = "select delivery_id from landing.delivery where source_code = '01279-dvcqg'"
    wrong = scalar(warehouse, f"{of_the_source} order by pulled_at desc limit 1")
    summary = mending.reject_delivery(wrong, "Lan", "tệp thử nghiệm")
    assert summary is not None
    assert summary.failed == ()
    assert scalar(warehouse, f"select f::text from ({of_it}) as f") == before
    # its days are read again, and with the source in order the numbers are those of good nights
    systems.behave()
    again = rows(loaded(DAY, SMALL))["01279-dvcqg"]
    assert (again.state, again.quarantined) == ("loaded", 0)
    assert mending.held_deliveries() == []
    with pytest.raises(ConfigurationError, match="rejected by Lan"):
        mending.reject_delivery(wrong, "Lan", "tệp thử nghiệm")


def test_bad_rows_wait_in_quarantine_until_the_source_corrects_them(
    home: Path, systems: Running, warehouse: Engine
) -> None:
    systems.misbehave("01279-dvcqg", "bad_rows", 14)
    bad = rows(loaded(DAY, SMALL))["01279-dvcqg"]
    assert bad.state == "loaded"
    assert 0 < bad.quarantined < bad.received / 2
    assert (
        scalar(warehouse, "select count(*) from quarantine.item where state = 'open'") >= bad.quarantined - 2
    )
    systems.behave()
    good = rows(loaded(DAY, SMALL))["01279-dvcqg"]
    assert good.quarantined == 0
    # what the source sent again is corrected; what it did not send again stays open
    seen_again = (
        "select count(*) from quarantine.item as q where state = 'open' and record_key in "
        "(select dossier_code from stg.dossier as s inner join ops.run as r on s.run_id = r.run_id "
        "where r.started_at = (select max(started_at) from ops.run))"
    )
    assert scalar(warehouse, seen_again) == 0
    assert scalar(warehouse, "select count(*) from quarantine.item where state = 'corrected'") > 0


def test_no_personal_field_and_no_secret_content_passes_landing(
    whole: Path, systems: Running, warehouse: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    systems.misbehave("01279-dvcqg", "bad_rows", 9)
    systems.misbehave("snv-motcua", "wrong_type")
    assert sum(r.refused for r in night.run_night(DAY, SMALL).rows) > 0, "there was something to refuse"
    stored = [*everything_in(warehouse), *everything_below(whole), ("log", caplog.text)]
    for where, said in stored:
        assert CANARY not in said, where
        plain = " ".join(normalize("NFC", said).casefold().split())
        assert "tối mật" not in plain, where
        assert "tuyệt mật" not in plain, where
    for path, said in everything_below(systems.mail.folder):
        assert CANARY not in said, path
    _login, password = systems.credentials["dvcqg"]
    for where, said in stored:
        assert password not in said, where


def test_a_source_whose_process_was_killed_is_written_down(home: Path, warehouse: Engine) -> None:
    run_id = night.open_run(DAY, "sync", SMALL)
    night.pull_source(run_id, "01273-dvcqg")
    summary = night.after_pull(run_id)
    assert len(summary.failed) == 4
    assert {r.error_class for r in summary.rows if r.source_code in summary.failed} == {"Interrupted"}
    night.gate(run_id)
    night.load(run_id)
    closed = night.close_run(run_id)
    assert len(closed.failed) == 4
    assert closed == night.close_run(run_id)


def test_an_interrupted_night_does_not_look_as_if_it_still_ran(home: Path, warehouse: Engine) -> None:
    def interrupt(_row: SourceOutcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        night.run_night(DAY, SMALL, progress=interrupt)
    assert scalar(warehouse, "select state from ops.run") == "failed"
    with warehouse.begin() as connection:
        connection.execute(
            text("update ops.run set state = 'running', started_at = started_at - interval '2 days'")
        )
    night.open_run(DAY, "sync", SMALL)
    assert scalar(warehouse, "select count(*) from ops.run where state = 'running'") == 1


def test_the_seed_figures(tmp_path: Path, warehouse: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit Sở GD&ĐT, 1 January to 13 October 2022: the article's figures, from records and reported rows."""
    codes = ("sgddt-motcua", "sgddt-vanban", "sgddt-sotay")
    with (
        running(tmp_path / "systems", DAY, systems=only(*codes), faults={}) as systems,
        installed(monkeypatch, warehouse, tmp_path / "home", systems),
    ):
        assert loaded(DAY, codes).state == "success"
        known = night.catalogue()
        period = periods.parse("2022-01-01..2022-10-13")
        values = compute.compute(warehouse, known, known.indicator_sets["seed-2022"], ["SGDDT"], period)
    assert {v.indicator_code: v.printed for v in values} == PRINTED
