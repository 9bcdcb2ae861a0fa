"""Counted from the simulated records: the figures reported of Sở GD&ĐT on 13 October 2022, and a plausible province."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from unicodedata import normalize

import pytest

from simulators import seed2022
from simulators.load import FIRST_DAY
from simulators.model import RETURNED, Document, Dossier, Records, is_workday
from simulators.province import DAY, Province, invented, only

END = date(2022, 10, 13)


@pytest.fixture(scope="module")
def unit() -> dict[str, Records]:
    """What the unit's three systems hold today; the later load is there too and must not change 2022."""
    province = Province(systems=only("sgddt-motcua", "sgddt-vanban", "sgddt-sotay"))
    return {system.kind: province.records(system, DAY) for system in province.systems}


def dossiers(records: Records) -> list[Dossier]:
    return [d for d in records.dossiers if d.received.date() <= END]


def documents(records: dict[str, Records], direction: str, *, secret: bool = False) -> list[Document]:
    found = [d for kind in ("edxml", "files") for d in records[kind].documents if d.direction == direction]
    return [d for d in found if d.registered.date() <= END and hidden(d) == secret]


def hidden(document: Document) -> bool:
    """A document that any of the three places marks as secret."""
    text = normalize("NFC", f"{document.secret} {document.subject} {document.notation}")
    return "mật" in text.casefold()


def test_received(unit: dict[str, Records]) -> None:
    assert (len(dossiers(unit["opencps"])), len(dossiers(unit["files"]))) == (1_237, 10_762)


def test_how_they_ended(unit: dict[str, Records]) -> None:
    outcomes: Counter[str] = Counter()
    for dossier in [*dossiers(unit["opencps"]), *dossiers(unit["files"])]:
        assert dossier.finished is not None
        assert dossier.returned is not None
        assert (
            date(2022, 1, 1)
            <= dossier.received.date()
            <= dossier.finished.date()
            <= dossier.returned.date()
            <= END
        )
        assert dossier.received < dossier.finished
        assert dossier.state_on(END) == RETURNED
        due = dossier.due.date() if dossier.due else dossier.finished.date()
        days = (dossier.finished.date() - due).days
        outcomes["early" if days < 0 else "late" if days > 0 else "on time"] += 1
    assert outcomes == {"on time": 11_801, "early": 194, "late": 4}


def test_post_both_ways_and_procedures(unit: dict[str, Records]) -> None:
    every = [*dossiers(unit["opencps"]), *dossiers(unit["files"])]
    assert sum(d.post_in and d.post_out for d in every) == 11_727
    assert len({d.procedure for d in every}) == 13
    assert {d.procedure for d in every} <= {p.code for p in unit["files"].procedures}


def test_no_code_is_used_twice(unit: dict[str, Records]) -> None:
    codes = Counter(d.code for kind in ("opencps", "files") for d in unit[kind].dossiers)
    codes += Counter(f"{d.direction} {d.code}" for kind in ("edxml", "files") for d in unit[kind].documents)
    assert [code for code, count in codes.items() if count > 1] == []


def test_procedures(unit: dict[str, Records]) -> None:
    listed = unit["files"].procedures
    assert (len(listed), sum(p.level == "4" for p in listed)) == (125, 84)
    assert all(p.valid_from < date(2022, 1, 1) and p.valid_to is None for p in listed)
    shortest = min(p.term for p in listed if p.term_unit == "ngày làm việc")
    assert (shortest, {p.term_unit for p in listed}) == (1, {"ngày làm việc", "ngày", "tháng"})
    reviews = [r for r in unit["files"].reviews if r.reviewed <= END]
    assert {r.procedure for r in reviews} == {p.code for p in listed}
    assert (len(reviews), sum(r.shorter_term for r in reviews)) == (125, 52)


def test_documents_in(unit: dict[str, Records]) -> None:
    incoming = documents(unit, "in")
    assert Counter(d.form for d in incoming) == {"electronic": 8_613, "paper": 6}
    assert all(d.action == 0 for d in incoming)


def test_documents_out(unit: dict[str, Records]) -> None:
    outgoing = documents(unit, "out")
    assert Counter(d.form for d in outgoing) == {"electronic": 2_383, "parallel": 29}
    assert sum(d.signed is True for d in outgoing) == 2_299
    assert all(d.registered.date() == d.promulgated for d in outgoing)


def test_secret_documents_come_on_top(unit: dict[str, Records]) -> None:
    assert len(documents(unit, "in", secret=True)) + len(documents(unit, "out", secret=True)) == 24
    exchanged = [d for d in unit["edxml"].documents if d.registered.date() <= END and hidden(d)]
    places = Counter(
        "field" if d.secret else "subject" if d.notation in seed2022.KINDS.values() else "symbol"
        for d in exchanged
    )
    assert set(places) == {"field", "symbol", "subject"}


def test_the_unit_of_2022_keeps_no_register_of_petitions(unit: dict[str, Records]) -> None:
    assert not unit["files"].petitions


def test_other_units_follow_petitions_terms_and_digitisation() -> None:
    (system,) = only("snv-sotay")
    held = Province(systems=[system]).records(system, DAY)
    assert {p.kind for p in held.petitions} == {"tthc", "can_bo", "khac"}
    assert any(p.answered > p.due for p in held.petitions)
    assert len({p.code for p in held.petitions}) == len(held.petitions)
    assert {d.digitised for d in held.dossiers} == {True, False}
    assert any(d.due and d.done and d.done > d.due for d in held.documents)
    newer = {p.code: p for p in held.procedures if p.valid_from >= FIRST_DAY}
    assert newer
    assert all(
        newer[p.code].term < p.term for p in held.procedures if p.code in newer and p is not newer[p.code]
    )


def test_reported(unit: dict[str, Records]) -> None:
    stated = {(r.measure, r.start.year): r.ratio for r in unit["files"].reported if r.end <= END and r.ratio}
    assert stated == {
        ("share_units_on_document_system", 2022): "100",
        ("share_staff_official_mail", 2022): "100",
        ("share_procedures_term_cut", 2019): "75",
        ("share_procedures_term_cut_proposed", 2020): "42",
    }


def test_between_the_inspection_and_the_first_day_nothing_happens(unit: dict[str, Records]) -> None:
    days = [d.received.date() for kind in ("opencps", "files") for d in unit[kind].dossiers]
    days += [d.registered.date() for kind in ("edxml", "files") for d in unit[kind].documents]
    days += [when.date() for d in unit["edxml"].documents for when, _ in d.answers]
    assert not [day for day in days if END < day < FIRST_DAY]
    assert [day for day in days if day >= FIRST_DAY]


def test_the_same_seed_gives_the_same_records_in_any_order() -> None:
    some = only("snv-motcua", "snnmt-dvcqg", "snv-vanban", "01290-sotay")
    first, second = Province(systems=some), Province(systems=some[::-1])
    later = DAY + timedelta(9)
    for system in some:
        ahead = second.records(system, later)
        assert first.records(system, DAY) == second.records(system, DAY)
        assert first.records(system, DAY).dossiers == [d for d in ahead.dossiers if d.received.date() <= DAY]
        assert len(ahead.dossiers) + len(ahead.documents) > len(first.records(system, DAY).dossiers) + len(
            first.records(system, DAY).documents
        )
    assert seed2022.records("edxml", 7) == seed2022.records("edxml", 7) != seed2022.records("edxml", 8)


def test_a_plausible_office() -> None:
    province = Province(systems=invented(25))
    found = [d for system in province.systems for d in province.records(system, DAY).dossiers]
    ended = [
        d for d in found if d.finished and d.due and d.finished.date() <= DAY and d.state_on(DAY) in (9, 10)
    ]
    late = sum(d.finished.date() > d.due.date() for d in ended if d.finished and d.due)
    assert 0.6 < sum(d.channel == "online" for d in found) / len(found) < 0.8
    assert 0.005 < late / len(ended) < 0.05
    assert 0.02 < sum(d.state_on(DAY) in (2, 4, 5, 6) for d in found) / len(found) < 0.3
    assert sum(not is_workday(d.received.date()) for d in found) / len(found) < 0.1
