"""What the screen lets through of the simulated province: thousands of codes, names and texts that are no person's."""

from __future__ import annotations

from datetime import date

from cchc.sources.door import screen
from simulators.province import Province, only


def test_no_record_of_the_simulated_systems_is_masked() -> None:
    chosen = (
        "sgddt-motcua",
        "sgddt-vanban",
        "sgddt-sotay",
        "snv-motcua",
        "snv-vanban",
        "snv-sotay",
        "01273-dvcqg",
    )
    province = Province(systems=only(*chosen))
    looked: set[tuple[str, str]] = set()  # what stands in thousands of records is looked at once
    for system in province.systems:
        records = province.records(system, date(2026, 11, 14))
        looked |= {
            *(("number", d.code) for d in records.dossiers),
            *(("procedure", d.procedure) for d in records.dossiers),
            *(("code", d.sector) for d in records.dossiers),
            *(("figure", f"{d.received:%d/%m/%Y %H:%M:%S}") for d in records.dossiers),
            *(("document", d.code) for d in records.documents),
            *(("organisation", d.counterpart) for d in records.documents),
            *(("text", d.kind) for d in records.documents),
            *(("number", p.code) for p in records.petitions),
            *(("text", r.evidence) for r in records.reported),
        }
    found = {(of_class, text) for of_class, text in looked if screen.find(text, of_class) is not None}
    assert found == set()
    assert len(looked) > 20_000
