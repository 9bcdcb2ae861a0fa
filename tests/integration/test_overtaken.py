"""A pull that was given up, begun anew or judged without may not write any more, whenever its server wakes up."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from cchc import night
from cchc.errors import Overtaken, SourceUnavailable
from cchc.landing.pull import pull
from cchc.ops import ledger
from cchc.ops.ledger import SourceOutcome
from cchc.sources.connections import from_environment
from cchc.sources.connector import Window
from cchc.warehouse import attempts
from cchc.warehouse.attempts import Attempt
from integration import pullers
from integration.nursery import Nursery
from integration.rows import DAY, scalar
from integration.vendor import PATIENCE, Vendor, brought, dossiers, give_up_after, outcome, reading

NOTHING = [0, 0, 0, 0, 0]
CODES = ("a-early", "a-gated", "a-late", "a-well")


@pytest.fixture
def vendor(warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendor]:
    with reading(monkeypatch, warehouse, tmp_path, CODES) as found:
        yield found


class Beside:
    """Something that runs in a thread of its own, and what came of it."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self.result: Any = None
        self.error: BaseException | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, name="pull beside")
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work()
        except BaseException as error:
            self.error = error

    def end(self) -> Any:
        """Wait for its end and return its result; what it raised is in `error`."""
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()
        return self.result


def _woken(vendor: Vendor, code: str) -> None:
    """Let the server answer a pull that was left behind, and wait for the end of its thread."""
    (pull,) = (thread for thread in threading.enumerate() if thread.name == f"pull {code}")
    vendor.let_go(code)
    pull.join(PATIENCE)
    assert not pull.is_alive()


def test_a_pull_that_was_given_up_writes_nothing_whenever_its_server_wakes_up(
    vendor: Vendor, warehouse: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    give_up_after(monkeypatch, 1.0)
    hanging = CODES[:3]
    vendor.hold(*hanging)
    run_id = night.open_run(DAY)
    states = {row.source_code: row.state for row in night.pull_all(run_id)}
    assert states == dict.fromkeys(hanging, "failed") | {"a-well": "pulled"}
    told = {code: outcome(warehouse, code) for code in hanging}
    assert "the pull was given up after 1 s" in told["a-early"]["message"]

    _woken(vendor, "a-early")
    assert set(night.after_pull(run_id).failed) == set(hanging)
    assert "1 deliveries" not in night.gate(run_id)["dossier"]
    _woken(vendor, "a-gated")
    night.load(run_id)
    assert night.close_run(run_id).failed == hanging
    _woken(vendor, "a-late")

    assert dossiers(warehouse, "core", "a-well") == [1, 2]
    for code in hanging:
        assert brought(warehouse, code) == NOTHING, code
        assert outcome(warehouse, code) == told[code]
        assert f"{code}: attempt 1 in run {run_id} may not write any more" in caplog.text
    assert scalar(warehouse, "select count(*) from stg.delivery") == 1, "what was not brought was not judged"
    assert night.sources_of(run_id)[-1] == "a-well", "what took long the last time is begun first"


def test_what_a_killed_attempt_brought_after_one_that_failed_is_not_judged(
    vendor: Vendor, warehouse: Engine, tmp_path: Path
) -> None:
    run_id = night.open_run(DAY, "sync", ["a-late"])
    ledger.record(warehouse, run_id, _failed("a-late"), attempts.begin(warehouse, run_id, "a-late"))
    second = attempts.begin(warehouse, run_id, "a-late")
    window = Window(DAY, DAY)
    pull(warehouse, night.catalogue(), "a-late", window, second, from_environment, str(tmp_path / "landing"))
    assert brought(warehouse, "a-late")[:2] == [1, 1], "and now it is killed"
    assert night.after_pull(run_id).failed == ("a-late",)
    assert brought(warehouse, "a-late")[:2] == [1, 0], "in the manifest, not in the run"
    assert outcome(warehouse, "a-late")["message"] == "the first attempt"


def _failed(code: str) -> SourceOutcome:
    now = datetime.now(UTC)
    return SourceOutcome(code, "SNV", "failed", "pull", now, now, "SourceUnavailable", "the first attempt")


def test_without_the_lock_the_late_pull_would_change_what_was_told(
    vendor: Vendor, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Attempt, "hold", lambda *_: None)
    give_up_after(monkeypatch, 0.5)
    vendor.hold("a-late")
    run_id = night.open_run(DAY, "sync", ["a-late"])
    assert [row.state for row in night.pull_all(run_id)] == ["failed"]
    night.after_pull(run_id)
    night.gate(run_id)
    _woken(vendor, "a-late")
    assert outcome(warehouse, "a-late")["state"] == "pulled"
    assert brought(warehouse, "a-late")[:2] == [1, 1], "a delivery that nobody judged is in the run"


def test_a_run_that_was_judged_or_closed_takes_no_more_pulls(vendor: Vendor, warehouse: Engine) -> None:
    vendor.hold("a-late")
    run_id = night.open_run(DAY, "sync", ["a-late", "a-well"])
    late = Beside(lambda: night.pull_source(run_id, "a-late", final=False))
    vendor.wait_for("a-late")
    assert night.pull_source(run_id, "a-well").state == "pulled"
    assert night.after_pull(run_id).failed == ("a-late",)
    told = outcome(warehouse, "a-late")
    assert told["error_class"] == "Interrupted"
    vendor.let_go()
    late.end()
    assert isinstance(late.error, Overtaken)
    for code in ("a-late", "a-well"):
        with pytest.raises(Overtaken, match=r"takes no more pulls.* Run the sync of this source again"):
            night.pull_source(run_id, code)
    assert (brought(warehouse, "a-late"), outcome(warehouse, "a-late")) == (NOTHING, told)
    assert dossiers(warehouse, "stg", "a-well") == [1, 2], "what counts is not taken out"

    closed, broken = night.open_run(DAY), night.open_run(DAY)
    night.close_run(closed)
    ledger.break_off(warehouse, broken)
    for run in (closed, broken):
        with pytest.raises(Overtaken):
            night.pull_source(run, "a-well")


def test_the_gate_ends_the_pulls_of_its_run_by_itself(vendor: Vendor, warehouse: Engine) -> None:
    run_id = night.open_run(DAY, "sync", ["a-late", "a-well"])
    night.pull_source(run_id, "a-well")
    night.gate(run_id)
    with pytest.raises(Overtaken):
        night.pull_source(run_id, "a-late")
    night.load(run_id)
    assert night.close_run(run_id).failed == ("a-late",)
    assert dossiers(warehouse, "core", "a-well") == [1, 2]


def test_of_two_attempts_at_once_the_later_one_counts(vendor: Vendor, warehouse: Engine) -> None:
    vendor.hold("a-late")
    vendor.numbers["a-late"] = (1, 2, 3)
    run_id = night.open_run(DAY, "sync", ["a-late"])
    first = Beside(lambda: night.pull_source(run_id, "a-late"))
    vendor.wait_for("a-late")
    second = Beside(lambda: night.pull_source(run_id, "a-late"))
    for _ in range(200):
        if scalar(warehouse, "select max(number) from ops.attempt") == 2:
            break
        time.sleep(0.01)
    vendor.let_go()
    assert second.end().state == "pulled"
    first.end()
    assert isinstance(first.error, Overtaken)
    assert brought(warehouse, "a-late")[:2] == [1, 1]
    assert outcome(warehouse, "a-late")["state"] == "pulled"


@pytest.mark.parametrize("numbers", [(1, 2), (2, 3, 4)], ids=["the same", "another content"])
def test_an_attempt_that_is_overtaken_between_its_writes_leaves_nothing_in_the_run(
    vendor: Vendor, warehouse: Engine, monkeypatch: pytest.MonkeyPatch, numbers: tuple[int, ...]
) -> None:
    """The first attempt has entered its delivery and copied its rows, but not committed them."""
    copied, go_on = threading.Event(), threading.Event()
    really_hold, holds = Attempt.hold, [0]

    def hold(self: Attempt, connection: Connection) -> None:
        if self.number == 1:
            holds[0] += 1
            if holds[0] == 2:
                copied.set()
                assert go_on.wait(PATIENCE)
        really_hold(self, connection)

    monkeypatch.setattr(Attempt, "hold", hold)
    run_id = night.open_run(DAY, "sync", ["a-late"])
    first = Beside(lambda: night.pull_source(run_id, "a-late"))
    assert copied.wait(PATIENCE)
    assert brought(warehouse, "a-late")[:2] == [1, 1]
    vendor.numbers["a-late"] = numbers
    second = Beside(lambda: night.pull_source(run_id, "a-late"))
    time.sleep(0.5)  # staging the same delivery waits for the first, another one does not
    go_on.set()
    assert second.end().state == "pulled"
    first.end()
    assert isinstance(first.error, Overtaken)
    assert outcome(warehouse, "a-late")["received"] == len(numbers)
    assert dossiers(warehouse, "stg", "a-late") == list(numbers)
    assert brought(warehouse, "a-late")[1] == 1


def test_a_retry_after_a_failure_counts_and_until_then_the_failure_stays_told(
    vendor: Vendor, warehouse: Engine
) -> None:
    run_id = night.open_run(DAY, "sync", ["a-late"])

    def nowhere(_name: str) -> Any:
        raise SourceUnavailable("a-late", "down")

    with pytest.raises(SourceUnavailable):
        night.pull_source(run_id, "a-late", nowhere, final=False)
    vendor.hold("a-late")
    again = Beside(lambda: night.pull_source(run_id, "a-late", final=False))
    vendor.wait_for("a-late")
    assert outcome(warehouse, "a-late")["error_class"] == "SourceUnavailable"
    vendor.let_go()
    assert again.end().state == "pulled"
    assert outcome(warehouse, "a-late")["state"] == "pulled"


def test_who_is_about_to_commit_is_waited_for_by_a_later_attempt_and_by_the_end_of_the_pulls(
    vendor: Vendor, warehouse: Engine
) -> None:
    run_id, moment = night.open_run(DAY, "sync", ["a-late", "a-well"]), datetime.now(UTC)
    waiting: list[Beside] = []
    for code, follow in (
        ("a-late", lambda: attempts.begin(warehouse, run_id, "a-late")),
        ("a-well", lambda: ledger.end_pulls(warehouse, night.catalogue(), run_id)),
    ):
        attempt = attempts.begin(warehouse, run_id, code)
        with warehouse.begin() as connection:
            attempt.hold(connection)
            waiting.append(Beside(follow))
            time.sleep(0.2)
            assert waiting[-1].result is None, code
        waiting[-1].end()
        assert waiting[-1].error is None
        with pytest.raises(Overtaken):
            ledger.record(
                warehouse, run_id, SourceOutcome(code, "A1", "pulled", "pull", moment, moment), attempt
            )


def test_a_machine_that_stands_still_between_lock_and_commit_is_not_waited_for(
    vendor: Vendor, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "_PATIENCE", "200ms")
    run_id = night.open_run(DAY, "sync", ["a-late"])
    first = attempts.begin(warehouse, run_id, "a-late")
    frozen = warehouse.connect()
    frozen.begin()
    try:
        first.hold(frozen)
        assert Beside(lambda: attempts.begin(warehouse, run_id, "a-late")).end().number == 2
        with pytest.raises(DBAPIError):
            frozen.execute(text("select 1"))
    finally:
        frozen.invalidate()
        frozen.close()


def test_many_attempts_and_the_end_of_the_pulls_at_once(vendor: Vendor, warehouse: Engine) -> None:
    """Every attempt either writes before a later one begins and the pulls end, or is told that it may not."""
    run_id, moment = night.open_run(DAY, "sync", ["a-late"]), datetime.now(UTC)
    wrote: list[int] = []

    def attempt(seed: int) -> None:
        pause = random.Random(seed)
        while True:
            try:
                mine = attempts.begin(warehouse, run_id, "a-late")
            except Overtaken:
                return
            time.sleep(pause.uniform(0, 0.01))
            row = SourceOutcome("a-late", "A1", "pulled", "pull", moment, moment, received=mine.number)
            try:
                ledger.record(warehouse, run_id, row, mine)
                wrote.append(mine.number)
            except Overtaken:
                continue

    workers = [Beside(partial(attempt, seed)) for seed in range(4)]
    time.sleep(0.7)
    ended = ledger.end_pulls(warehouse, night.catalogue(), run_id)
    for worker in workers:
        worker.end()
        assert worker.error is None
    assert wrote
    assert len(set(wrote)) == len(wrote) < scalar(warehouse, "select max(number) from ops.attempt")
    (after,) = ledger.outcomes(warehouse, run_id)
    assert after == ended[0]
    last = scalar(warehouse, "select max(number) from ops.attempt")
    assert (after.state, after.received) in (("pulled", last), ("failed", 0)), (
        "of the last attempt or of none"
    )


def test_a_pull_that_is_killed_anywhere_blocks_nobody_and_its_retry_counts_alone(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = [f"k-{step}" for step in pullers.STEPS]
    with reading(monkeypatch, warehouse, tmp_path, ["k-lost", *codes]) as vendor:
        run_id = night.open_run(DAY)
        nursery = Nursery("integration.pullers")
        for code in ("k-lost", *codes):
            step = code.removeprefix("k-").replace("lost", "outcome")
            died = nursery.order({"run_id": str(run_id), "source_code": code, "step": step})
            assert died == -9, code
        nursery.close()
        written = {code: brought(warehouse, code)[:4] for code in codes}
        assert written == {
            "k-manifest": [0, 0, 0, 0],
            "k-staging": [1, 1, written["k-staging"][2], 0],
            "k-outcome": [1, 1, written["k-outcome"][2], 2],
            "k-ended": [1, 1, written["k-ended"][2], 2],
        }
        begun = time.monotonic()
        for code in codes:
            vendor.numbers[code] = (2, 3, 4)
            assert night.pull_source(run_id, code).state == "pulled", code
        assert time.monotonic() - begun < PATIENCE
        assert night.after_pull(run_id).failed == ("k-lost",)
        night.gate(run_id)
        night.load(run_id)
        assert night.close_run(run_id).failed == ("k-lost",)
        for code in codes:
            assert dossiers(warehouse, "stg", code) == dossiers(warehouse, "core", code) == [2, 3, 4], code
            assert (outcome(warehouse, code)["state"], outcome(warehouse, code)["loaded"]) == ("loaded", 3)
        assert outcome(warehouse, "k-lost")["error_class"] == "Interrupted"
        assert brought(warehouse, "k-lost")[1] == len(dossiers(warehouse, "core", "k-lost")) == 0
