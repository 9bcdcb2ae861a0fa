"""Every measure of the catalogue is counted by the SQL of its dataset, and the SQL counts no other."""

from __future__ import annotations

import re

import pytest

from cchc.catalogue.base import DATASETS, DatasetName
from cchc.catalogue.files import parsed
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse.event_days import MART_DATASETS
from cchc.warehouse.sql import source

DECLARED = parsed(SHIPPED_CATALOGUE / "measures.yaml")
_EVENT = re.compile(  # ('code', … of a list of events, select 'code', … of several, or 'code' as measure_code
    r"(?:(?<!object)\(\s*|select )'([a-z0-9_]+)',(?!\s*')|'([a-z0-9_]+)' as measure_code"
)


@pytest.mark.parametrize("dataset", MART_DATASETS)
def test_the_catalogue_and_the_sql_name_the_same_measures(dataset: DatasetName) -> None:
    declared = [measure["code"] for measure in DECLARED if measure["dataset"] == dataset]
    assert sorted(declared) == sorted(set(declared))
    counted = {one or other for one, other in _EVENT.findall(_events(dataset))}
    assert counted == set(declared)


def test_measures_are_of_datasets_that_marts_are_made_of() -> None:
    assert {measure["dataset"] for measure in DECLARED} <= set(MART_DATASETS) <= set(DATASETS)


@pytest.mark.parametrize("dataset", MART_DATASETS)
def test_what_is_taken_away_again_is_a_stock(dataset: DatasetName) -> None:
    text = _events(dataset)
    left = set(re.findall(r"'([a-z0-9_]+)',[^()']*?(?:\([^()]*\))?[^()']*?, -1,", text))
    left |= set(re.findall(r"select '([a-z0-9_]+)', .*, -1$", text, re.M))
    if " as stock (" in text:  # a list of stocks, joined with the days they come and go
        left |= {code for code, _ in _EVENT.findall(text[: text.index(" as stock (")])}
    assert left == {m["code"] for m in DECLARED if m["dataset"] == dataset and m.get("kind") == "stock"}


def _events(dataset: DatasetName) -> str:
    """Return the SQL without its comments, from the list of events on."""
    text = "\n".join(line.partition("--")[0] for line in source(f"mart/{dataset}").splitlines())
    if "as measure_code" in text:
        return text
    return text[text.index("cross join") :]
