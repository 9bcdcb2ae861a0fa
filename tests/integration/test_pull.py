"""Each kind of source from its real server or folder through pull and landing into staging."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import date, time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cchc.catalogue.base import DATASETS
from cchc.catalogue.load import load
from cchc.catalogue.models import Catalogue
from cchc.errors import CchcError, ConfigurationError, ContractBroken
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.connector import Window
from cchc.staging.stage import CONTEXT
from cchc.warehouse.datasets import COLUMNS, KEYS
from integration.pulling import DAY, Pulling, pulling_from
from simulators.province import Running, running, systems_of

SOURCES = ("skhcn-motcua", "sxd-dvcqg", "snnmt-vanban", "snv-sotay")
PERSONAL = re.compile(r"CANARY|canary|\b0009\d{6}\b|\b999\d{9}\b|Nguyễn|example\.com|Thục Phán")
MARKED = re.compile(r"m\s*ậ\s*t|ma\u0323\u0302t", re.IGNORECASE)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(SHIPPED_CATALOGUE)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    systems = [system for system in systems_of() if system.source in SOURCES]
    with running(tmp_path_factory.mktemp("province"), DAY, systems=systems, faults={}) as started:
        yield started


@pytest.fixture
def pulling(
    warehouse: Engine,
    catalogue: Catalogue,
    province: Running,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Pulling]:
    with pulling_from(province, warehouse, catalogue, tmp_path / "landing", monkeypatch) as opened:
        yield opened


@pytest.mark.parametrize("source", SOURCES)
def test_what_a_source_gives_is_staged_row_by_row(pulling: Pulling, source: str) -> None:
    deliveries = pulling.pull(source)
    profile = pulling.catalogue.profile_of(pulling.catalogue.sources[source])
    assert [d.dataset for d in deliveries] == list(profile.datasets)
    for delivery in deliveries:
        assert delivery.received == delivery.landed + delivery.refused
        assert delivery.source_total in (None, delivery.received)
        assert delivery.unknown_fields == ()
        assert delivery.landed > 0
        assert pulling.stage(delivery) == delivery.landed
        staged = pulling.staged(delivery.dataset)
        assert len(staged) == delivery.landed
        assert {row["unit_code"] for row in staged} == {delivery.unit_code}
        assert [row["cast_errors"] for row in staged if row["cast_errors"]] == []
        keys = [tuple(row[name] for name in KEYS[delivery.dataset]) for row in staged]
        assert len(set(keys)) == len(keys)
        assert None not in {value for key in keys for value in key}
    manifest = pulling.rows(
        "select d.* from landing.delivery as d inner join landing.run_delivery as r using (delivery_id) "
        "where r.run_id = :run_id",
        run_id=pulling.run_id,
    )
    assert {row["delivery_id"] for row in manifest} == {d.delivery_id for d in deliveries}
    assert {row["state"] for row in manifest} == {"landed"}


def test_no_personal_field_and_no_secret_record_is_kept(pulling: Pulling) -> None:
    refused = 0
    for source in SOURCES:
        for delivery in pulling.pull(source):
            refused += delivery.refused
            pulling.stage(delivery)
    kept = pulling.everything_kept()
    assert refused >= len(SOURCES)
    assert len(kept) > 100_000
    assert PERSONAL.search(kept) is None
    assert MARKED.search(kept) is None
    assert '"hasPassword' not in kept


def test_the_same_again_is_the_same_delivery_and_staging_replaces(pulling: Pulling) -> None:
    first = pulling.pull("sxd-dvcqg")
    files = pulling.files()
    again = pulling.pull("sxd-dvcqg")
    assert [d.delivery_id for d in again] == [d.delivery_id for d in first]
    assert pulling.files() == files
    (row,) = pulling.rows("select count(*) as n, max(pulled_at) as pulled_at from landing.delivery")
    assert row == {"n": 1, "pulled_at": again[0].pulled_at}
    pulling.stage(first[0])
    before = pulling.staged("dossier")
    assert pulling.stage(again[0]) == len(before)
    assert pulling.staged("dossier") == before


def test_two_stagings_of_one_delivery_at_once_give_its_rows_once(pulling: Pulling) -> None:
    (delivery,) = pulling.pull("sxd-dvcqg")
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(pulling.stage(delivery))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [delivery.landed] * 3
    assert len(pulling.staged("dossier")) == delivery.landed


def test_a_damaged_landing_file_leaves_what_was_staged(pulling: Pulling) -> None:
    (delivery,) = pulling.pull("sxd-dvcqg")
    pulling.stage(delivery)
    before = pulling.staged("dossier")
    path = Path(delivery.path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(CchcError, match=re.escape(str(path))):
        pulling.stage(delivery)
    assert pulling.staged("dossier") == before


@pytest.mark.parametrize("source", SOURCES)
def test_an_empty_answer_lands_as_such_for_the_gate_to_judge(
    pulling: Pulling, province: Running, source: str
) -> None:
    full = pulling.pull(source)
    province.misbehave(source, "empty")
    empty = pulling.pull(source)
    assert [(d.dataset, d.received, d.state) for d in empty] == [(d.dataset, 0, "landed") for d in full]
    assert {d.delivery_id for d in empty}.isdisjoint(d.delivery_id for d in full)
    province.behave(source)
    assert [d.delivery_id for d in pulling.pull(source)] == [d.delivery_id for d in full]


def test_a_unit_that_never_had_records_delivers_none(pulling: Pulling) -> None:
    early = Window(date(2020, 1, 1), date(2020, 1, 31))
    (delivery,) = pulling.pull("sxd-dvcqg", early)
    assert (delivery.received, delivery.state) == (0, "landed")
    assert pulling.stage(delivery) == 0


def test_a_source_may_have_only_some_registers(pulling: Pulling, province: Running) -> None:
    source = pulling.catalogue.sources["snv-sotay"]
    some = source.model_copy(update={"params": source.params | {"datasets": "dossier, document"}})
    sources = pulling.catalogue.sources | {source.code: some}
    pulling.catalogue = pulling.catalogue.model_copy(update={"sources": sources})
    folder = province.registers / "snv"
    moved = folder / "thu_tuc.xlsx"
    moved.rename(folder / "thu_tuc.xlsx.away")
    try:
        assert [d.dataset for d in pulling.pull("snv-sotay")] == ["dossier", "document"]
    finally:
        (folder / "thu_tuc.xlsx.away").rename(moved)


def test_what_the_papers_say_arrives_and_the_papers_do_not(pulling: Pulling) -> None:
    (dossiers,) = pulling.pull("sxd-dvcqg")
    pulling.stage(dossiers)
    for registers in pulling.pull("snv-sotay"):
        pulling.stage(registers)
    for column in ("components_digitised", "data_reused", "personal_store", "citizen_data"):
        said = {(row["source_code"], row[column]) for row in pulling.staged("dossier")}
        assert said == {(s, yes) for s in ("sxd-dvcqg", "snv-sotay") for yes in (True, False)}, column
    assert {row["kind"] for row in pulling.staged("petition")} == {"procedure", "staff", "other"}
    assert None not in {row["announced_on"] for row in pulling.staged("procedure")}
    assert {row["cutoff"] for row in pulling.staged("procedure")} <= {None, time(15)}
    assert any(row["done_on"] and row["due_on"] for row in pulling.staged("document"))


def test_a_register_that_a_unit_does_not_keep_is_not_a_zero(pulling: Pulling, province: Running) -> None:
    folder = province.registers / "snv"
    kept = {path: path.read_bytes() for path in folder.glob("so_phan_anh_*.csv")}
    assert kept
    try:
        for path in kept:
            path.unlink()
        assert "petition" not in [d.dataset for d in pulling.pull("snv-sotay")]
        headings = next(iter(kept.values())).splitlines()[0]
        (folder / "so_phan_anh_2026-11.csv").write_bytes(headings)  # kept, and there were none
        (petitions,) = [d for d in pulling.pull("snv-sotay") if d.dataset == "petition"]
        assert (petitions.received, petitions.state) == (0, "landed")
    finally:
        for path, content in kept.items():
            path.write_bytes(content)


def test_bad_rows_come_as_far_as_staging_with_their_errors(pulling: Pulling, province: Running) -> None:
    province.misbehave("sxd-dvcqg", "bad_rows", 10)
    (delivery,) = pulling.pull("sxd-dvcqg")
    assert pulling.stage(delivery) == delivery.landed
    errors = {error for row in pulling.staged("dossier") for error in row["cast_errors"] or ()}
    assert errors == {
        "mã hồ sơ: thiếu",
        "ngày tiếp nhận: không đọc được ngày giờ",
        "trạng thái: giá trị không có trong danh mục",
    }


def test_an_unknown_source_is_named(pulling: Pulling) -> None:
    with pytest.raises(ConfigurationError, match="nobody"):
        pulling.pull("nobody")


def test_canonical_columns_are_those_of_the_database(warehouse: Engine, pulling: Pulling) -> None:
    for dataset in DATASETS:
        columns = pulling.rows(
            "select table_schema, column_name from information_schema.columns "
            "where table_name = :name and table_schema in ('stg', 'core') order by table_schema, ordinal_position",
            name=dataset,
        )
        staged = [row["column_name"] for row in columns if row["table_schema"] == "stg"]
        core = {row["column_name"] for row in columns if row["table_schema"] == "core"}
        assert staged == [*CONTEXT, *COLUMNS[dataset]]
        assert set(COLUMNS[dataset]) <= core
        key = pulling.rows(
            "select k.column_name from information_schema.table_constraints as c "
            "inner join information_schema.key_column_usage as k using (constraint_schema, constraint_name) "
            "where c.constraint_type = 'PRIMARY KEY' and c.table_schema = 'core' and c.table_name = :name "
            "order by k.ordinal_position",
            name=dataset,
        )
        assert [row["column_name"] for row in key] == ["unit_code", "source_code", *KEYS[dataset]]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"foldr": "snv"}, "source snv-sotay: files have no parameter foldr"),
        ({}, "source snv-sotay: params need folder"),
    ],
)
def test_registers_are_looked_for_in_a_declared_folder_only(
    pulling: Pulling, params: dict[str, str], said: str
) -> None:
    known = pulling.catalogue.sources["snv-sotay"].model_copy(update={"params": params})
    sources = pulling.catalogue.sources | {known.code: known}
    pulling.catalogue = pulling.catalogue.model_copy(update={"sources": sources})
    with pytest.raises(ConfigurationError, match=said):
        pulling.pull(known.code)


def test_a_folder_without_a_single_register_is_no_empty_delivery(pulling: Pulling, province: Running) -> None:
    source = pulling.catalogue.sources["snv-sotay"]
    profile = pulling.catalogue.profile_of(source)
    asked_for_none = profile.model_copy(update={"options": {**profile.options, "expected": []}})
    profiles = pulling.catalogue.profiles | {profile.code: asked_for_none}
    (province.registers / "empty").mkdir()
    moved = source.model_copy(update={"params": {"folder": "empty"}})
    pulling.catalogue = pulling.catalogue.model_copy(
        update={"profiles": profiles, "sources": pulling.catalogue.sources | {source.code: moved}}
    )
    with pytest.raises(ContractBroken, match=r"not one of its files is there \(so_tiep_nhan_\*\.csv, "):
        pulling.pull(source.code)
    assert pulling.files() == []
