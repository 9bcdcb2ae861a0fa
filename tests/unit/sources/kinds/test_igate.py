from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest

from cchc.errors import SourceRefused
from cchc.sources.connector import Window
from cchc.sources.door.allow_list import Admitted
from simulators.faults import Faults
from simulators.igate import IGate
from simulators.model import Dossier
from simulators.province import DAY, Province, invented
from simulators.server import Server
from unit.sources.profiles import admit, profile, read, with_options

WEEK = Window(DAY - timedelta(6), DAY)
SMALL: dict[str, Any] = {"page_size": 7}


@pytest.fixture(scope="module")
def dossiers() -> list[Dossier]:
    (system,) = invented(1)
    return Province(systems=[system]).records(system, DAY).dossiers


@contextmanager
def served(dossiers: list[Dossier], slices: bool = False, secret: str = "hunter2") -> Iterator[str]:
    with Server(IGate({"A1": dossiers}, DAY, "me", secret, slices), Faults()) as server:
        yield server.url


def touched(dossiers: list[Dossier]) -> set[str]:
    def is_touched(dossier: Dossier) -> bool:
        ends = dossier.finished
        recent = dossier.received.date() >= WEEK.start or (ends and WEEK.start <= ends.date() <= DAY)
        return bool(recent) or dossier.state_on(DAY) in (2, 4, 5, 6)

    return {d.code for d in dossiers if is_touched(d)}


@pytest.mark.parametrize("slices", [False, True], ids=["pages with totals", "slices without"])
def test_received_released_and_open_dossiers_come_once(dossiers: list[Dossier], slices: bool) -> None:
    without = {"total": None, "last_page": "last"} if slices else {}
    with served(dossiers, slices) as url:
        records, totals = read(with_options("igate-2", **SMALL, **without), url, "A1", WEEK, sso=url)
    codes = [record.payload["code"] for record in records]
    assert len(codes) == len(set(codes)) > 20
    assert set(codes) == touched(dossiers)
    assert totals == ({} if slices else {"dossier": len(codes)})


def test_states_are_read_whichever_way_they_are_written_and_no_person_passes(dossiers: list[Dossier]) -> None:
    with served(dossiers) as url:
        records, _ = read(profile("igate-2"), url, "A1", WEEK, sso=url)
    kept = [admit(profile("igate-2").datasets["dossier"], record.payload) for record in records]
    admitted = [a for a in kept if isinstance(a, Admitted)]
    assert all((a.fields["@status"] or "x").isdigit() for a in admitted)
    assert {a.fields["@channel"] for a in admitted} <= {"0", "1", "2"}
    assert frozenset().union(*(a.unknown for a in admitted)) == frozenset()
    assert "CANARY" not in str(kept)


def test_a_wrong_secret_is_told(dossiers: list[Dossier]) -> None:
    with served(dossiers, secret="another") as url, pytest.raises(SourceRefused, match=r"\[token\]"):
        read(profile("igate-2"), url, "A1", Window(date(2026, 11, 14), DAY), sso=url)
