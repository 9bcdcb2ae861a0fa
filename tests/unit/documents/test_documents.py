"""The documents as a reader meets them: links lead somewhere, tables hold together, nothing is out of date."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pytest

from cchc.documents import markdown
from cchc.documents.folder import Difference, first_difference
from cchc.documents.rules import rules
from cchc.quality.integrity import model as integrity
from cchc.quality.rules import SCOPES, rules_of
from cchc.quality.scorecard.definitions import definitions
from cchc.warehouse.dictionary import Described, dictionary

DOCS = Path(__file__).parents[3] / "docs"


def test_committed_rules_are_those_that_would_be_made() -> None:
    different = first_difference(DOCS / "rules.md", rules())
    assert different is None, f"run `make docs`: {different.sentence() if different else ''}"


def test_every_rule_test_and_dimension_is_there_with_what_it_says() -> None:
    made = rules()
    for rule in (rule for scope in SCOPES for rule in rules_of(scope)):
        row = next(line for line in made.split("\n") if f'<a id="{rule.code}">' in line)
        assert markdown.cell(rule.message) in row
        assert markdown.code(rule.predicate) in row
        assert markdown.cell(rule.origin) in row
    for test in integrity.tests().tests:
        assert f'<a id="{test.code}"></a>' in made
        assert " ".join(test.question.split()) in made
    for dimension in definitions().dimensions:
        assert f'<a id="{dimension.code}"></a>' in made


def test_counts_add_up() -> None:
    in_all = sum(len(rules_of(scope)) for scope in SCOPES)
    total = next(line for line in rules().split("\n") if line.startswith("| **Tổng**"))
    assert total.endswith(f"| **{in_all}** |")


@pytest.mark.parametrize("name", ["rules.md", "data_dictionary.md"])
def test_links_lead_somewhere_and_tables_hold_together(name: str) -> None:
    text = (DOCS / name).read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    anchors = re.findall(r'<a id="([^"]+)">', text)
    assert len(anchors) == len(set(anchors))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= set(anchors)
    assert all((DOCS / file).exists() for file in re.findall(r"\]\(([^)#]+\.md)\)", text))
    width = 0
    for line in text.split("\n"):
        cells = len(re.findall(r"(?<!\\)\|", line)) if line.startswith("|") else 0
        assert cells in (0, width) or width == 0, line
        width = cells


def test_a_cell_holds_what_would_end_it() -> None:
    assert markdown.cell("a | b\n<c>") == "a \\| b &lt;c>"
    assert markdown.code("'x' || s.y") == "`'x' \\|\\| s.y`"


def test_the_first_differing_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rules.md"
    assert first_difference(path, "a\n") == Difference(path, 1, "", "a")
    path.write_text("a\nb\nc\n", encoding="utf-8")
    assert first_difference(path, "a\nb\nc\n") is None
    assert first_difference(path, "a\nB\nC\n") == Difference(path, 2, "b", "B")
    assert first_difference(path, "a\nb\nc\nd\n") == Difference(path, 4, "", "d")
    assert Difference(path, 2, "b", "B").sentence() == f"{path}, line 2: 'b' would be 'B'"


def test_descriptions_are_whole_sentences_of_two_languages() -> None:
    known = dictionary()
    described: list[Described] = list(known.shared.values())
    for schema in known.schemas.values():
        described += [schema, *schema.tables.values()]
        described += [column for table in schema.tables.values() for column in table.columns.values()]
    for one in described:
        assert unicodedata.is_normalized("NFC", one.vi), one.vi
        assert one.vi != one.en
        assert one.vi[0].isupper(), one.vi
        assert one.en[0].isupper(), one.en
