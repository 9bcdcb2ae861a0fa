"""What an outcome row says of an error, and how it is read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from cchc.alerting import words
from cchc.errors import ConfigurationError, SourceError
from cchc.ops import failures
from cchc.ops.ledger import COUNTS, SourceOutcome
from cchc.sources.kinds import edxml, files, rest
from cchc.sources.web.session import NoContent, Unauthorised


def _kinds_of(base: type[BaseException]) -> Iterator[type[BaseException]]:
    for found in base.__subclasses__():
        yield found
        yield from _kinds_of(found)


def test_every_failure_of_a_source_is_of_a_kind_that_people_are_told_of() -> None:
    assert {edxml, files, rest}, "the kinds are loaded, so their errors are known"
    found = set(_kinds_of(SourceError))
    assert {Unauthorised, NoContent} < found
    for error in found:
        said = failures.kind(error("snv-motcua", "no"))
        assert said in ("SourceUnavailable", "SourceRefused", "ContractBroken"), error
        assert not words.is_ours(said)
    assert failures.kind(Unauthorised("s", "no")) == "SourceRefused"
    assert failures.kind(ConfigurationError("no")) == "ConfigurationError"
    assert failures.kind(KeyError("no")) == "KeyError"


@pytest.mark.parametrize(
    ("state", "stage", "unknown"),
    [
        ("failed", "pull", True),
        ("failed", "staging", True),
        ("failed", "load", False),
        ("held", "gate", False),
    ],
)
def test_of_a_source_that_failed_no_zero_is_told(state: str, stage: str, unknown: bool) -> None:
    now = datetime.now(UTC)
    row = SourceOutcome("s", "SNV", state, stage, now, now, "SourceRefused", "s: no")  # type: ignore[arg-type]
    told = row.told()
    assert [told[name] for name in COUNTS] == [None if unknown else 0] * len(COUNTS)
    assert told["message"] == "s: no"
