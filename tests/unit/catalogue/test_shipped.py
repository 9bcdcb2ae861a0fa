"""The shipped catalogue is Cao Bằng's: 20 departments, 56 communes, their sources, and a district level that ended."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from cchc.catalogue.load import cached
from cchc.catalogue.models import Catalogue
from cchc.settings import SHIPPED_CATALOGUE
from simulators.province import DEMO_FAULTS, systems_of


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return cached(SHIPPED_CATALOGUE)


def test_the_units_of_the_province_today(shipped: Catalogue) -> None:
    groups = Counter(unit.group for unit in shipped.units_on(date(2026, 11, 14)))
    assert groups == {"province": 1, "department": 20, "commune": 56}


def test_the_district_level_ends_with_30_june_2025(shipped: Catalogue) -> None:
    before = Counter(unit.group for unit in shipped.units_on(date(2025, 6, 30)))
    after = Counter(unit.group for unit in shipped.units_on(date(2025, 7, 1)))
    assert (before["district"], before["commune"]) == (10, 0)
    assert (after["district"], after["commune"]) == (0, 56)


def test_commune_codes_keep_their_leading_zero(shipped: Catalogue) -> None:
    communes = [unit for unit in shipped.units if unit.group == "commune"]
    assert all(len(unit.code) == 5 and unit.code.startswith("0") for unit in communes)
    assert all(unit.codes["gso"] == unit.code for unit in communes)
    assert shipped.unit("01273").name == "Phường Thục Phán"
    assert sum(unit.name.startswith("Phường ") for unit in communes) == 3


def test_every_department_and_commune_has_one_dossier_system_and_a_contact(shipped: Catalogue) -> None:
    systems = Counter(s.unit for s in shipped.sources.values() if s.host in ("motcua", "dvcqg"))
    units = [u for u in shipped.units if u.group in ("department", "commune")]
    assert systems == {unit.code: 1 for unit in units}
    assert all(unit.contact is not None for unit in units)


def test_the_sources(shipped: Catalogue) -> None:
    kinds = Counter(shipped.profile_of(source).kind for source in shipped.sources.values())
    assert kinds == {"opencps": 8, "national": 68, "edxml": 8, "files": 18, "portal766": 1}
    begin_in_2022 = {s.code for s in shipped.sources.values() if s.history_from == date(2022, 1, 1)}
    assert begin_in_2022 == {"sgddt-motcua", "sgddt-vanban", "sgddt-sotay", "snv-kiemtra"}
    assert {s.code: s.without for s in shipped.sources.values() if s.without} == {
        "sgddt-sotay": ("petition",)
    }


def test_every_unit_in_office_has_a_code_on_the_portal(shipped: Catalogue) -> None:
    units = shipped.units_on(date(2026, 11, 14))
    codes = [unit.codes["portal766"] for unit in units]
    assert len(set(codes)) == len(units)
    dossiers = [s for s in shipped.sources.values() if s.host == "dvcqg"]
    assert all(shipped.unit(s.unit).codes["portal766"] == s.params["maDonVi"] for s in dossiers)


def test_nothing_can_be_mailed_to_a_real_mailbox(shipped: Catalogue) -> None:
    people = [*shipped.province.engineers, *shipped.province.office]
    people += [unit.contact for unit in shipped.units if unit.contact is not None]
    assert all(person.email.endswith("@caobang.example") for person in people)


def test_every_publication_names_indicators_that_exist(shipped: Catalogue) -> None:
    published = {p.code: p.indicator_set for p in shipped.province.publications}
    assert published["so-gddt-2022"] == "seed-2022"
    assert set(published.values()) <= set(shipped.indicator_sets)


def test_the_simulated_province_has_a_system_for_every_source(shipped: Catalogue) -> None:
    systems = {system.source: system for system in systems_of()}
    assert {code: s.unit for code, s in systems.items()} == {
        code: s.unit for code, s in shipped.sources.items()
    }
    assert all(s.kind == shipped.profile_of(shipped.sources[code]).kind for code, s in systems.items())
    assert set(DEMO_FAULTS) <= set(systems)
