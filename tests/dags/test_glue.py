"""The small functions between Airflow and the night, on plain values."""

from __future__ import annotations

import importlib
import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from cchc.errors import (
    ConfigurationError,
    ContractBroken,
    Overtaken,
    ReconciliationError,
    SourceRefused,
    SourceUnavailable,
)


@pytest.fixture(scope="module")
def glue() -> Iterator[Any]:
    """Return `cchc.airflow`'s modules by name; Airflow reads its home at import, and only once."""
    before = os.environ.get("AIRFLOW_HOME")
    with tempfile.TemporaryDirectory(prefix="cchc-airflow-") as home:
        os.environ["AIRFLOW_HOME"] = home
        yield lambda name: importlib.import_module(f"cchc.airflow.{name}")
        if before is None:
            del os.environ["AIRFLOW_HOME"]
        else:
            os.environ["AIRFLOW_HOME"] = before


def _context(
    day: object = None, logical: datetime | None = None, asked: datetime | None = None
) -> dict[str, Any]:
    run = SimpleNamespace(run_after=asked, start_date=None)
    return {"params": {"day": day}, "logical_date": logical, "dag_run": run}


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        # 01:30 on 15 November in Hà Nội is 18:30 on the 14th in UTC
        (_context(logical=datetime(2026, 11, 14, 18, 30, tzinfo=UTC)), date(2026, 11, 14)),
        (_context(asked=datetime(2026, 11, 14, 18, 30, tzinfo=UTC)), date(2026, 11, 14)),
        (_context(asked=datetime(2026, 11, 14, 16, 59, tzinfo=UTC)), date(2026, 11, 13)),
        (_context(asked=datetime(2026, 12, 31, 17, 0, tzinfo=UTC)), date(2026, 12, 31)),
        (_context(day="2022-10-13", asked=datetime(2026, 11, 14, tzinfo=UTC)), date(2022, 10, 13)),
    ],
)
def test_the_reporting_day_is_given_or_the_local_day_before(glue: Any, context: Any, expected: date) -> None:
    assert glue("reporting_day").reporting_day(context) == expected


def test_a_day_that_is_none_is_named(glue: Any) -> None:
    with pytest.raises(ConfigurationError, match="day is '14/11/2026'"):
        glue("reporting_day").reporting_day(
            _context(day="14/11/2026", asked=datetime(2026, 11, 14, tzinfo=UTC))
        )


def test_a_day_to_come_is_refused(glue: Any) -> None:
    today = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    tomorrow = (today + timedelta(days=1)).isoformat()
    now = datetime.now(UTC)
    assert glue("reporting_day").reporting_day(_context(day=today.isoformat(), asked=now)) == today
    with pytest.raises(ConfigurationError, match=f"{tomorrow} is still to come"):
        glue("reporting_day").reporting_day(_context(day=tomorrow, asked=now))


def _announced(glue: Any, events: list[dict[str, str]]) -> Any:
    assets = glue("assets")
    found = {assets.STAGING: [SimpleNamespace(extra=extra) for extra in events]}
    return assets.announced_runs(
        {"params": {"run_id": None}, "triggering_asset_events": found}, assets.STAGING
    )


def test_every_waiting_run_is_worked_on_once_oldest_first(glue: Any) -> None:
    first, second = ({"run_id": str(uuid4()), "day": day} for day in ("2026-11-13", "2026-11-14"))
    assert _announced(glue, [first, second, first]) == [first, second]


def test_a_dag_started_without_a_run_says_what_is_missing(glue: Any) -> None:
    with pytest.raises(ConfigurationError, match="give the run's id"):
        _announced(glue, [])


def test_a_run_that_was_never_opened_is_named(glue: Any) -> None:
    assets = glue("assets")
    run_id = uuid4()
    assert assets.run_uuid({"run_id": str(run_id), "day": "2026-11-14"}) == UUID(str(run_id))
    with pytest.raises(ConfigurationError, match="the task that opens it failed"):
        assets.run_uuid(None)


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (SourceUnavailable("a-motcua", "down"), "retry"),
        (SourceRefused("a-motcua", "401"), "fail"),
        (ContractBroken("a-motcua", "renamed"), "fail"),
        (ConfigurationError("no hosts.yaml"), "fail"),
        (Overtaken("a-motcua: begun anew"), "fail"),
        (ReconciliationError("3 != 4"), "fail"),
        (ConnectionError("database went away"), "default"),  # Airflow's own rule: retry
    ],
)
def test_an_errors_class_decides_whether_to_try_again(glue: Any, error: Exception, action: str) -> None:
    assert glue("retries").BY_ERROR_CLASS.evaluate(error, 1, 3).action.value == action


def _connection(glue: Any, **fields: Any) -> Any:
    from airflow.sdk import Connection

    return glue("connections")._from_airflow(Connection(conn_id="motcua", **fields))


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"uri": "https://u:p%40ss@motcua.example:8443/o/rest"}, "https://motcua.example:8443/o/rest"),
        ({"uri": "http://u:p%40ss@127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({"uri": "file:///srv/registers/sub"}, "file:///srv/registers/sub"),
        ({"conn_type": "http", "host": "motcua.example", "schema": "https"}, "https://motcua.example"),
        (
            {"conn_type": "http", "host": "https://motcua.example/o", "port": 444},
            "https://motcua.example:444/o",
        ),
        ({"conn_type": "http", "host": "motcua.example", "schema": "o/rest"}, "http://motcua.example/o/rest"),
    ],
)
def test_a_url_is_built_again_from_airflows_fields(glue: Any, fields: dict[str, Any], url: str) -> None:
    assert _connection(glue, **fields).url == url


def test_credentials_pass_decoded_and_stay_out_of_repr(glue: Any) -> None:
    found = _connection(glue, uri="https://u:p%40ss@motcua.example/")
    assert (found.login, found.password) == ("u", "p@ss")
    assert "p@ss" not in repr(found)


def test_the_environment_is_asked_before_airflow(glue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MOTCUA", "http://u:secret-pass@127.0.0.1:9001/o")
    found = glue("connections").resolve("motcua")
    assert (found.url, found.login, found.password) == ("http://127.0.0.1:9001/o", "u", "secret-pass")


def _summary(state: str, failed: tuple[str, ...]) -> Any:
    from cchc.ops.ledger import RunSummary, SourceOutcome

    now = datetime(2026, 11, 14, tzinfo=UTC)
    row = SourceOutcome("a-motcua", "A", "failed", "pull", now, now, "SourceUnavailable", "a-motcua: hangs")
    return RunSummary(uuid4(), date(2026, 11, 14), state, (row,), 10, failed, 1)  # type: ignore[arg-type]


class _Ti:
    def __init__(self) -> None:
        self.pushed: dict[str, Any] = {}

    def xcom_push(self, key: str, value: Any) -> None:
        self.pushed[key] = value


def test_a_green_run_still_names_its_failed_source(glue: Any, caplog: pytest.LogCaptureFixture) -> None:
    ti = _Ti()
    context: dict[str, Any] = {"ti": ti}
    figures = glue("budget").judge(context, _summary("success", ("a-motcua",)))
    assert figures["failed"] == ["a-motcua"] == ti.pushed["run"]["failed"]
    assert context["said"] == "2026-11-14 – 9/10 nguồn có số liệu (cho phép thiếu 1); thiếu: a-motcua"
    assert "a-motcua: failed at pull: a-motcua: hangs" in caplog.text


@pytest.mark.parametrize(
    ("state", "steps", "message"),
    [
        ("over_budget", {}, "more sources failed than the budget allows"),
        ("success", {"publish": None, "digest": 0}, "did not end well: publish"),
    ],
)
def test_over_budget_or_a_broken_step_is_red(glue: Any, state: str, steps: Any, message: str) -> None:
    ti = _Ti()
    with pytest.raises(Exception, match=message):
        glue("budget").judge({"ti": ti}, _summary(state, ("a-motcua",)), steps)
    assert ti.pushed["run"]["failed"] == ["a-motcua"]


def test_what_a_task_says_fits_into_its_name(glue: Any) -> None:
    from cchc.ops.ledger import SourceOutcome

    said, now = glue("said"), datetime(2026, 11, 14, tzinfo=UTC)
    context: dict[str, Any] = {}
    for kind in (
        "SourceUnavailable",
        "SourceRefused",
        "ContractBroken",
        "DeliveryHeld",
        "Interrupted",
        "KeyError",
    ):
        row = SourceOutcome("a-motcua", "A", "failed", "pull", now, now, kind, "a-motcua: hangs")
        said.say(context, said.of_source("a-motcua · " + "Sở có tên rất dài " * 20, row))
        assert len(context["said"]) == 250  # what Airflow keeps: a longer name would fail the task
        said.say(context, said.of_source("a-motcua · Sở Nội vụ", row))
        assert "LỖI: " in context["said"]
        assert "Cần làm: " in context["said"]
    many = [SourceOutcome(f"s{n}", "A", "held", "gate", now, now, "DeliveryHeld") for n in range(9)]
    overtaken = said.of_overtaken("a-motcua · Sở Nội vụ", "a-motcua")
    assert overtaken.endswith("nếu nguồn còn thiếu thì chạy lại sync_units với sources = a-motcua")
    assert "GIỮ 9 nguồn: s0, s1, s2, s3, s4, s5 và 3 nguồn khác. Cần làm" in said.of_gate("2026-11-14", many)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-14T18:30:00+00:00", "2026-11-15T06:00:00+07:00"),  # 01:30 in Hà Nội: this morning
        ("2026-11-14T23:00:00+00:00", "2026-11-16T06:00:00+07:00"),  # 06:00 sharp: the next
        ("2026-12-31T16:59:00+00:00", "2027-01-01T06:00:00+07:00"),
    ],
)
def test_a_night_is_due_the_next_time_clocks_show_the_hour(glue: Any, now: str, due: str) -> None:
    reference = glue("deadline").NextTimeOfDay("06:00")
    again = type(reference).deserialize_reference(reference.serialize_reference())
    assert again._evaluate_with(now=datetime.fromisoformat(now)) == datetime.fromisoformat(due)


def test_an_hour_that_is_none_is_named_when_the_dag_is_read(
    glue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_DEADLINE", "6 giờ")
    with pytest.raises(ConfigurationError, match="CCHC_DEADLINE is '6 giờ'"):
        glue("deadline").the_night_is_due()
