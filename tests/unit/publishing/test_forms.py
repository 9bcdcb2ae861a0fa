"""Forms as data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from cchc.catalogue.load import cached
from cchc.errors import ConfigurationError
from cchc.publishing.forms import layouts
from cchc.settings import SHIPPED_CATALOGUE


@pytest.mark.parametrize("code", ["ii06a", "07a"])
def test_the_shipped_forms_fit_the_shipped_measures(code: str) -> None:
    layout = layouts.load(SHIPPED_CATALOGUE, code)
    layout.check(cached(SHIPPED_CATALOGUE))
    assert [c.code for c in layout.columns] == [f"c{n}" for n in range(3, 3 + len(layout.columns))]
    assert all(c.number.startswith(f"({c.code[1:]})") for c in layout.columns)


def test_what_columns_add_up_to_is_known_and_what_they_tell() -> None:
    layout = layouts.load(SHIPPED_CATALOGUE, "ii06a")
    assert layout.sums == ("c3", "c7", "c11")  # (11) is counted itself, and still the sum of (12) and (13)
    assert layout.told_by(["c3", "c7"]) == ("c3", "c7", "c11")
    assert layout.told_by(["c3", "c7", "c13", "c8"]) == ("c3", "c7", "c8", "c11", "c12", "c13")
    assert layout.told_by(["c3"]) == ("c3",)
    assert layouts.load(SHIPPED_CATALOGUE, "07a").sums == ("c3",)


def _changed(tmp_path: Path, code: str, **changes: Any) -> Path:
    content = yaml.safe_load((SHIPPED_CATALOGUE / "forms" / "ii06a.yaml").read_text("utf-8"))
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / f"{code}.yaml").write_text(yaml.safe_dump(content | changes), encoding="utf-8")
    return tmp_path


def _column(**parts: Any) -> dict[str, Any]:
    return {"code": "c3", "heads": ["x"], "number": "(3)", **parts}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"columns": [_column()]}, "one of value, sum or missing"),
        ({"columns": [_column(sum=["c9"])], "identities": []}, "sums c9"),
        ({"columns": [_column(missing="x"), _column(missing="x")], "identities": []}, "there twice"),
        ({"columns": [_column(missing="x")]}, "an identity names"),
        ({"colums": []}, "colums"),
    ],
)
def test_a_mistake_in_a_form_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        layouts.load(_changed(tmp_path, "wrong", **changes), "wrong")


@pytest.mark.parametrize(
    ("term", "message"),
    [
        ({"measure": "received", "at": "through"}, "received is a flow: write `at: within`"),
        ({"measure": "in_process", "at": "within"}, "in_process is a stock: write `at: before or through`"),
        ({"measure": "documents_in", "at": "within"}, "documents_in is no measure of dossiers"),
    ],
)
def test_a_term_that_cannot_be_answered_is_named(tmp_path: Path, term: dict[str, Any], message: str) -> None:
    directory = _changed(tmp_path, "wrong", columns=[_column(value=[term])], identities=[])
    with pytest.raises(ConfigurationError, match=message):
        layouts.load(directory, "wrong").check(cached(SHIPPED_CATALOGUE))


def test_a_form_nobody_wrote_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="form nothing"):
        layouts.load(tmp_path, "nothing")
