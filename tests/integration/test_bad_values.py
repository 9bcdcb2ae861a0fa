"""Values gone wrong (docs/bad_inputs.md, 36 to 39, 73 to 95, 105 to 116): one night, and what became of each row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from integration.bad_values import CASES, MARKS, PERSON, REPORTED, systems
from integration.conftest import Pool
from integration.exact_systems import NATIONAL, OPENCPS, REGISTER, SOURCES, dossier, speaking
from integration.installation import everything_below, everything_in, installed, loaded
from integration.rows import scalar

DAY = date(2026, 11, 14)


@pytest.fixture(scope="module")
def night(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Path]]:
    """Return the warehouse after the night, and the home of the installation."""
    home = tmp_path_factory.mktemp("bad")
    engine = pool.take()
    with ExitStack() as stack:
        monkeypatch = stack.enter_context(pytest.MonkeyPatch.context())
        answering = stack.enter_context(speaking(systems(), home / "systems"))
        stack.enter_context(installed(monkeypatch, engine, home / "home", answering))  # type: ignore[arg-type]
        summary = loaded(DAY, SOURCES)
        assert {row.source_code: row.state for row in summary.rows} == dict.fromkeys(SOURCES, "loaded"), [
            row.message for row in summary.rows
        ]
        yield engine, home / "home"
    engine.dispose()
    pool.give_back()


def _broken(engine: Engine, dataset: str = "dossier") -> dict[tuple[str, int], dict[str, str]]:
    """Return, for each row that broke a rule, by source and number: the rules and their words."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    statement = text(
        "select s.source_code, v.row_no, v.rule_code, v.message from stg.violation as v"
        f" join stg.{dataset} as s using (run_id, delivery_id, row_no) where v.dataset = '{dataset}'"
    )
    with engine.connect() as connection:
        for row in connection.execute(statement):
            found.setdefault((row.source_code, row.row_no), {})[row.rule_code] = row.message
    return found


def _staged(engine: Engine, dataset: str = "dossier") -> dict[tuple[str, int], dict[str, Any]]:
    with engine.connect() as connection:
        rows = connection.execute(text(f"select * from stg.{dataset}")).mappings()
        return {(row["source_code"], row["row_no"]): dict(row) for row in rows}


@pytest.mark.parametrize("source", SOURCES)
def test_each_bad_value_is_kept_out_and_told_or_put_right(night: tuple[Engine, Path], source: str) -> None:
    engine, _ = night
    broken, staged = _broken(engine), _staged(engine)
    told = _told(engine)
    wrong = []
    for number, (name, bad) in enumerate(((n, b) for n, b in CASES.items() if source in b.sources), 1):
        rules = broken.get((source, number), {})
        row = staged[source, number]
        if bad.rule:
            said = rules.get(bad.rule, "")
            fine = bad.words in said and (source, number, bad.rule) in told
        else:
            here = {column: row[column] for column in bad.counts}
            fine = here == bad.counts and not {r for r in rules if (source, number, r) in told}
            fine = fine and _counts(engine, source, row["dossier_code"])
        if not fine or (bad.noticed and bad.noticed not in rules):
            wrong.append((name, rules, {column: row[column] for column in bad.counts}))
    assert wrong == []


def _told(engine: Engine) -> set[tuple[str, int, str]]:
    """Return what units are asked to correct: source, number of the row, rule."""
    statement = text(
        "select source_code, row_no, rule_code from quarantine.item where state = 'open' and dataset = 'dossier'"
    )
    with engine.connect() as connection:
        return {(row.source_code, row.row_no, row.rule_code) for row in connection.execute(statement)}


def _counts(engine: Engine, source: str, code: str) -> bool:
    statement = "select count(*) from core.dossier where source_code = :source and dossier_code = :code"
    return bool(scalar(engine, statement, source=source, code=code) == 1)


@pytest.mark.parametrize("source", SOURCES)
def test_copies_are_one_and_twins_that_differ_are_none(night: tuple[Engine, Path], source: str) -> None:
    engine, _ = night
    code = str(dossier(source, 901)[{OPENCPS: "dossierNo", NATIONAL: "MaHoSo", REGISTER: "ma_ho_so"}[source]])
    assert _counts(engine, source, code)
    assert not _counts(engine, source, code.replace("0901", "0902"))
    rules = [
        rules
        for (of, _), rules in _broken(engine).items()
        if of == source and "DOSSIER_TWINS_DIFFER" in rules
    ]
    assert len(rules) == 2


def test_what_is_reported_wrong_is_kept_out_of_the_numbers(night: tuple[Engine, Path]) -> None:
    engine, _ = night
    broken = _broken(engine, "reported_measure")
    number, wrong = 0, []
    for name, rows, rule, words in REPORTED:
        found: dict[str, str] = {}
        for _ in rows:
            number += 1
            found |= broken.get((REGISTER, number), {})
        if (rule and words not in found.get(rule, "?")) or (not rule and found):
            wrong.append((name, found))
    assert wrong == []
    kept = (
        "select count(*) from core.reported_measure where value < 0 or value <> trunc(value) or ratio > 100"
    )
    assert scalar(engine, kept) == 0


def test_what_is_marked_secret_is_counted_and_nowhere_else(night: tuple[Engine, Path]) -> None:
    engine, home = night
    with engine.connect() as connection:
        counted = connection.execute(
            text("select source_code || ' ' || dataset, refused from landing.delivery where refused > 0")
        )
        refused = {row[0]: row[1] for row in counted}
    marks = len(MARKS)
    assert refused == {f"{s} dossier": marks for s in SOURCES} | {f"{REGISTER} document": 2 * marks}
    told = "select count(*) from stg.violation where rule_code = :rule and message like '%mang dấu mật%'"
    assert scalar(engine, told, rule="DELIVERY_HAS_SECRETS") == len(refused)
    seen = [place for place, row in everything_in(engine) if "CANARY" in row or "261103-0910" in row]
    seen += [str(path) for path, said in everything_below(home) if "CANARY" in said or "261103-0910" in said]
    assert seen == []


def test_a_personal_number_is_masked_before_anything_is_written(night: tuple[Engine, Path]) -> None:
    engine, home = night
    assert [place for place, row in everything_in(engine) if PERSON in row] == []
    assert [str(path) for path, said in everything_below(home) if PERSON in said] == []


def test_letters_of_other_alphabets_and_words_of_lists_in_documents_and_petitions(
    night: tuple[Engine, Path],
) -> None:
    engine, _ = night
    (said,) = [rules for rules in _broken(engine, "document").values() if "DOCUMENT_UNREADABLE" in rules]
    assert "không phải tiếng Việt" in said["DOCUMENT_UNREADABLE"]
    petitions = _broken(engine, "petition")
    assert petitions[REGISTER, 21].keys() == {
        "PETITION_UNREADABLE"
    }  # `khác` is no word of this list, `khac` is
    assert "không có trong danh mục" in petitions[REGISTER, 22]["PETITION_UNREADABLE"]
