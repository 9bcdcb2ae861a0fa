"""The main job through the real scheduler: a night with one source down, the same night again, the source back."""

from __future__ import annotations

from pathlib import Path

from e2e.conftest import DAY, DOWN, SOURCES
from e2e.stack import Stack

FACTS = """
select (select count(*) from core.dossier), (select count(*) from core.document),
       (select sum(value) from mart.measure_day), (select count(*) from core.change_history)
"""
NEWEST = "(select run_id from ops.run order by started_at desc limit 1)"


def _outcomes(stack: Stack) -> dict[str, str]:
    return dict(stack.ask(f"select source_code, state from ops.source_outcome where run_id = {NEWEST}"))


def test_a_night_with_one_source_down_is_published_and_named(stack: Stack) -> None:
    states = stack.night("first")
    assert set(states.values()) == {"success"}  # one of eight is within the budget

    outcomes = _outcomes(stack)
    assert set(outcomes) == set(SOURCES)
    assert outcomes.pop(DOWN) == "failed"
    assert set(outcomes.values()) == {"loaded"}
    assert stack.ask(f"select state from ops.run where run_id = {NEWEST}") == ["success"]
    assert stack.ask("select count(*) from quarantine.item where source_code = 'snnmt-dvcqg'") > [0]

    (release,) = stack.ask("select sources_fresh, sources_expected, reporting_day, path from publish.release")
    assert release[:3] == (7, 8, DAY)
    for build in ("internal", "public"):
        page = (Path(release[3]) / build / "index.html").read_text(encoding="utf-8")
        assert "Có dữ liệu của 7/8 nguồn" in page
    texts = [mail.get_body(("plain",)) for mail in stack.province.mail.messages()]
    assert texts, "nobody was told"
    assert any(DOWN in text.get_content() for text in texts if text)

    pulls = {pull["rendered_map_index"].split(" ")[0]: pull for pull in stack.pulls("first")}
    assert set(pulls) == set(SOURCES)
    assert {code: pull["state"] for code, pull in pulls.items() if pull["state"] != "success"} == {
        DOWN: "failed"
    }
    assert pulls[DOWN]["try_number"] == 3  # down: tried again, twice
    assert {pull["pool"] for pull in pulls.values()} == {
        f"cchc_{host}" for host in ("motcua", "dvcqg", "truc", "sotay")
    }


def test_the_same_night_again_changes_nothing(stack: Stack) -> None:
    facts, mails = stack.ask(FACTS), len(stack.province.mail.messages())
    releases = stack.ask("select release_id from publish.release")
    assert set(stack.night("second").values()) == {"success"}
    assert stack.ask(FACTS) == facts
    assert stack.ask("select release_id from publish.release") == releases
    assert len(stack.province.mail.messages()) == mails
    assert stack.ask(f"select sum(loaded) from ops.source_outcome where run_id = {NEWEST}") == [0]
    assert _outcomes(stack)["snv-motcua"] == "unchanged"


def test_a_source_that_is_back_is_pulled_alone_and_completes_the_release(stack: Stack) -> None:
    stack.province.behave(DOWN)
    assert set(stack.night("third", sources=[DOWN]).values()) == {"success"}
    assert _outcomes(stack) == {DOWN: "loaded"}
    newest = "select sources_fresh, sources_expected from publish.release order by published_at desc limit 1"
    assert stack.ask(newest) == [(8, 8)]
