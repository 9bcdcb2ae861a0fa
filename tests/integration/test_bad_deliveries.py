"""Deliveries gone wrong (docs/bad_inputs.md): names that would be columns, secrecy not stated, units nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cchc.catalogue.load import load
from cchc.errors import ConfigurationError, ContractBroken
from cchc.quality import gate
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.connections import from_environment
from integration.exact_systems import NATIONAL, OPENCPS, REGISTER, SOURCES, Exact, dossier, speaking
from integration.pulling import Pulling, begin

OWN = ("run_id", "delivery_id", "row_no", "unit_code", "source_code", "cast_errors", "row_hash")
STATEMENT = '"); drop table core.dossier; --'


def rows(source: str, count: int = 5, **also: Any) -> list[dict[str, Any]]:
    found = [dossier(source, n, also=also) for n in range(1, count + 1)]
    return [{k: v for k, v in row.items() if source != REGISTER or k != "dossierId"} for row in found]


def document(number: int, **changes: Any) -> dict[str, Any]:
    plain = {"ma_van_ban": f"H14.05,2026/11/03,{number}/SNV-VP", "chieu": "den", "ngay": "03/11/2026"}
    plain |= {"hinh_thuc": "giay", "ky_so": "khong", "loai": "Công văn", "noi_gui_nhan": "H14.01"}
    return plain | {"do_mat": "Thường", "trich_yeu": "", "nguoi_ky": "", **changes}


@pytest.fixture
def pulling(warehouse: Engine, tmp_path: Path) -> Pulling:
    return begin(warehouse, load(SHIPPED_CATALOGUE), tmp_path / "landing", {})


@pytest.fixture
def given(pulling: Pulling, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a function that lets the systems answer with some rows."""
    running: list[Any] = []

    def answer(systems: Exact) -> Pulling:
        running.append(speaking(systems, tmp_path / f"systems{len(running)}"))
        for name, value in running[-1].__enter__().environment().items():
            monkeypatch.setenv(name, value)
        pulling.connections |= {name: from_environment(name) for name in ("motcua", "dvcqg", "sotay")}
        return pulling

    yield answer
    for one in running:
        one.__exit__(None, None, None)


def test_names_of_a_source_never_become_columns(given: Any) -> None:
    foreign = dict.fromkeys(OWN, "H99") | {STATEMENT: "x", "dossier_code": "stolen"}
    pulling = given(Exact({source: rows(source, **foreign) for source in SOURCES}))
    for source in SOURCES:
        delivery = next(d for d in pulling.pull(source) if d.dataset == "dossier")
        assert {*OWN, "dossier_code", "(unreadable name)"} <= set(delivery.unknown_fields)
        assert pulling.stage(delivery) == 5
    staged = pulling.staged("dossier")
    assert len(staged) == 15
    assert {row["unit_code"] for row in staged} == {"SKHCN", "SXD", "SNV"}
    assert {row["dossier_code"][:4] for row in staged} == {"000."}
    assert {row["run_id"] for row in staged} == {pulling.run_id}
    assert "H99" not in pulling.everything_kept()
    assert gate.run(pulling.engine, pulling.run_id, pulling.catalogue).troubles == {}
    assert pulling.rows("select count(*) as n from core.dossier") == [{"n": 0}]  # it is still there


@pytest.mark.parametrize("datasets", ["dossier; drop table core.dossier", "dossier, secrets", "DOSSIER"])
def test_a_dataset_that_does_not_exist_is_no_table(given: Any, datasets: str) -> None:
    pulling = given(Exact())
    source = pulling.catalogue.sources[REGISTER]
    other = source.model_copy(update={"params": source.params | {"datasets": datasets}})
    pulling.catalogue = pulling.catalogue.model_copy(
        update={"sources": pulling.catalogue.sources | {REGISTER: other}}
    )
    with pytest.raises(ConfigurationError, match=f"{REGISTER}: profile registers has no dataset"):
        pulling.pull(REGISTER)


def test_one_document_without_its_level_of_secrecy_stops_the_register(given: Any) -> None:
    documents = [document(n) for n in range(1, 9)]
    silent = {name: value for name, value in document(9).items() if name != "do_mat"}
    pulling = given(Exact(documents=[*documents, silent]))
    with pytest.raises(ContractBroken, match=r"ndjson:9\]: the record does not state its secrecy level"):
        pulling.pull(REGISTER)
    assert pulling.files() == []
    assert pulling.rows("select * from landing.delivery") == []


def test_a_level_that_is_stated_as_nothing_is_that_of_an_ordinary_document(given: Any) -> None:
    pulling = given(Exact(documents=[document(1), document(2, do_mat=None), document(3, do_mat="")]))
    (delivery,) = [d for d in pulling.pull(REGISTER) if d.dataset == "document"]
    assert (delivery.landed, delivery.refused) == (3, 0)


def test_a_level_that_no_list_knows_is_a_mark(given: Any) -> None:
    levels = ("Mật", "MẬT", "C", "1", "A+", "Chỉ người có tên", "Thường xuyên mật", 3)
    pulling = given(Exact(documents=[document(n, do_mat=level) for n, level in enumerate(levels)]))
    (delivery,) = [d for d in pulling.pull(REGISTER) if d.dataset == "document"]
    assert (delivery.received, delivery.refused, delivery.landed) == (len(levels), len(levels), 0)
    assert "SNV-VP" not in pulling.everything_kept()


@pytest.mark.parametrize("deep", [1, 15, 40])
def test_a_mark_is_found_however_deep_it_stands(given: Any, deep: int) -> None:
    nested: Any = "Tối mật"
    for _ in range(deep):
        nested = {"x": [nested]}
    systems = Exact({OPENCPS: [*rows(OPENCPS), dossier(OPENCPS, 99, also={"dinhKem": nested})]})
    (delivery,) = given(systems).pull(OPENCPS)
    assert (delivery.received, delivery.refused) == (6, 1)


def test_endless_new_names_do_not_fill_the_manifest(given: Any) -> None:
    strange = [
        dossier(
            NATIONAL, n, also={f"truongMoi{'ab'[n % 2]}{chr(97 + m % 26)}{m // 26}": m for m in range(400)}
        )
        for n in range(10)
    ]
    (delivery,) = given(Exact({NATIONAL: strange})).pull(NATIONAL)
    assert len(delivery.unknown_fields) == 100
    assert delivery.landed == 10


def test_a_name_with_something_invisible_in_it_is_the_same_name(given: Any) -> None:
    twice = [dossier(NATIONAL, n, also={"MaHoSo\u200b": f"H14.99-261103-{n:04d}"}) for n in range(1, 4)]
    pulling = given(Exact({NATIONAL: twice}))
    (delivery,) = pulling.pull(NATIONAL)
    pulling.stage(delivery)
    assert {row["dossier_code"][:14] for row in pulling.staged("dossier")} == {
        "000.00.02.H14-"
    }  # the first counts


def test_a_unit_that_the_source_does_not_know_is_told(given: Any) -> None:
    pulling = given(Exact(unknown_unit=True))
    with pytest.raises(ContractBroken, match=rf"{NATIONAL} \[page 1\]: .*error code 100"):
        pulling.pull(NATIONAL)
