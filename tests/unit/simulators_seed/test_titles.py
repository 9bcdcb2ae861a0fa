"""What simulated units call their procedures, write of inspections and state: nothing looks like a person's."""

from __future__ import annotations

from cchc.sources.door.screen import find
from cchc.sources.door.secrecy import carries_mark
from simulators import seed2022
from simulators.load import procedures
from simulators.province import DAY, Province, only, systems_of


def test_every_procedure_has_a_name_of_its_own() -> None:
    seed = seed2022.procedures(2022)
    assert len({p.title for p in seed}) == len(seed)
    assert "Cấp bản sao văn bằng, chứng chỉ từ sổ gốc" in {p.title for p in seed}
    for system in (s for s in systems_of() if s.source.endswith("-sotay")):
        listed = procedures(system, 2022)
        assert len({p.title for p in listed}) == len(listed), system.unit
        assert all(p.field_title for p in listed)


def test_one_code_is_one_procedure_in_every_commune() -> None:
    facts: dict[str, set[tuple[str, str]]] = {}
    for system in (s for s in systems_of() if s.unit.isdigit()):
        for procedure in procedures(system, 2022):
            facts.setdefault(procedure.code, set()).add((procedure.title, procedure.level))
    assert {len(own) for own in facts.values()} == {1}
    assert len(facts) < 100  # not a list of its own for each of 56


def test_no_text_is_masked_or_refused_at_the_door() -> None:
    province = Province(systems=only("snv-kiemtra", "snv-sotay", "01273-sotay"))
    texts: list[str] = []
    for system in province.systems:
        held = province.records(system, DAY)
        texts += [text for p in held.procedures for text in (p.title, p.field_title)]
        texts += [r.evidence for r in held.reported]
        texts += [text for i in held.inspections for text in (i.body, i.summary, i.evidence)]
    texts += [text for p in seed2022.procedures(2022) for text in (p.title, p.field_title)]
    assert len(texts) > 400
    assert [text for text in texts if find(text, "text") or carries_mark(text)] == []
