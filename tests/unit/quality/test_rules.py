"""The rules as data: complete, unique, written for officers; a mapping's version follows what it depends on."""

from __future__ import annotations

import unicodedata

import pytest

from cchc.catalogue.base import DATASETS
from cchc.catalogue.profiles import DatasetMap, FieldMap, Profile
from cchc.quality import rules
from cchc.quality.rules import SCOPES, Rule, all_rules, mapping_version, rules_of


def profile(constant: str = "online") -> Profile:
    fields = {"channel": FieldMap(constant=constant)}
    return Profile(code="p", kind="files", title="t", datasets={"dossier": DatasetMap(fields=fields)})


def test_codes_are_unique_over_all_scopes() -> None:
    assert len(all_rules()) == sum(len(rules_of(s)) for s in SCOPES)


@pytest.mark.parametrize("dataset", DATASETS)
def test_every_dataset_says_what_it_could_not_read_and_what_stands_twice(dataset: str) -> None:
    predicates = {r.predicate: r for r in rules_of(dataset)}  # type: ignore[arg-type]
    assert predicates["s.cast_errors is not null"].severity == "critical"
    assert predicates["s.twins_differ"].severity == "critical"


@pytest.mark.parametrize("rule", all_rules().values(), ids=lambda r: r.code)
def test_messages_are_vietnamese_in_nfc_and_say_where_the_rule_comes_from(rule: Rule) -> None:
    for said in (rule.message, rule.origin):
        assert unicodedata.is_normalized("NFC", said)
    assert any(ord(letter) > 0xBF for letter in rule.message), "not Vietnamese"
    assert len(rule.origin) > 8


def test_the_mapping_version_follows_the_profile_and_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    before = mapping_version(profile())
    assert mapping_version(profile()) == before
    assert mapping_version(profile("direct")) != before
    monkeypatch.setattr(rules, "rules_of", lambda dataset: rules_of(dataset)[1:])
    assert mapping_version(profile()) != before
