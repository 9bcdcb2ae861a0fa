"""Every way a source can misbehave: a clear message, and nothing of it lands. Other sources go on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from cchc.catalogue.load import load
from cchc.catalogue.models import Catalogue
from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.settings import SHIPPED_CATALOGUE
from integration.pulling import DAY, Pulling, pulling_from
from simulators.faults import FaultKind
from simulators.province import Running, running, systems_of

OPENCPS, NATIONAL, EDXML, FILES = "skhcn-motcua", "sxd-dvcqg", "snnmt-vanban", "snv-sotay"

# source, fault, its value, the error, and words of the message: place and field
CASES: list[tuple[str, FaultKind, object, type[SourceError], str]] = [
    *((s, "refuse", "", SourceUnavailable, r"refused or closed") for s in (OPENCPS, NATIONAL, EDXML)),
    *(
        (s, "cut_body", "", SourceUnavailable, r"\[.*(page 1|token).*cut short")
        for s in (OPENCPS, NATIONAL, EDXML)
    ),
    *((s, "html_200", "", SourceRefused, r"login page") for s in (OPENCPS, NATIONAL, EDXML)),
    (OPENCPS, "error_in_200", "", ContractBroken, r"\[fromReceiveDate page 1\]: field total is missing"),
    (NATIONAL, "error_in_200", "", ContractBroken, r"\[page 1\].*error code 106 \(field errorCode\)"),
    (EDXML, "error_in_200", "", ContractBroken, r"\[in page 1\].*error code 23 \(field errorCode\)"),
    (NATIONAL, "http_500", 2, SourceUnavailable, r"\[page 2\]: HTTP 500"),
    (OPENCPS, "http_500", 2, SourceUnavailable, r"\[fromReceiveDate page 2\]: HTTP 500"),
    (OPENCPS, "repeated_page", "", ContractBroken, r"page 2\]: the page repeats"),
    (NATIONAL, "repeated_page", "", ContractBroken, r"page 2\]: the page repeats"),
    (EDXML, "repeated_page", "", ContractBroken, r"page 2\]: the page repeats"),
    (OPENCPS, "missing_field", "releaseDate", ContractBroken, r"page fromReceiveDate 1\]: field releaseDate"),
    (OPENCPS, "renamed_field", "receiveDate", ContractBroken, r"field receiveDate is in none"),
    (NATIONAL, "missing_field", "NgayKetThucXuLy", ContractBroken, r"\[page 1\]: field NgayKetThucXuLy"),
    (NATIONAL, "renamed_field", "MaHoSo", ContractBroken, r"\[page 1\]: field MaHoSo is in none"),
    (EDXML, "missing_field", "DocumentId", ContractBroken, r"\[page in 1\]: field MessageHeader\.DocumentId"),
    (EDXML, "renamed_field", "", ContractBroken, r"MessageHeader\.DocumentId"),
    *(
        (s, "wrong_type", "data", ContractBroken, r"page 1\]: field \w+ is of type text")
        for s in (OPENCPS, NATIONAL, EDXML)
    ),
    (OPENCPS, "wrong_type", "receiveDate", ContractBroken, r"field receiveDate: a single value was"),
    (NATIONAL, "wrong_type", "", ContractBroken, r"field NgayTiepNhan: a single value was"),
    (EDXML, "wrong_type", "", ContractBroken, r"MessageHeader\.DocumentId"),
    *(
        (s, "total_mismatch", "", ContractBroken, r"states a total of \d+ records")
        for s in (OPENCPS, NATIONAL, EDXML)
    ),
    *((s, "expired_token", "", SourceRefused, r"401") for s in (OPENCPS, NATIONAL, EDXML)),
    (EDXML, "bad_xml", "", ContractBroken, r"\[in page 1, docId \w+\]: the message cannot be read"),
    (FILES, "refuse", "", SourceUnavailable, r"\[snv\]: the unit's folder is not there"),
    (FILES, "cut_body", "", ContractBroken, r"\[so_tiep_nhan_2026-1[01]\.csv"),
    (FILES, "html_200", "", ContractBroken, r"\[so_tiep_nhan_2026-10\.csv\]: heading ma_ho_so"),
    (FILES, "missing_field", "ngay_tiep_nhan", ContractBroken, r"csv\]: heading ngay_tiep_nhan is missing"),
    (FILES, "renamed_field", "", ContractBroken, r"heading ngay_tiep_nhan is missing"),
    (FILES, "missing_field", "ma_van_ban", ContractBroken, r"ndjson\]: field ma_van_ban is in none"),
    (
        FILES,
        "missing_field",
        "do_mat",
        ContractBroken,
        r"ndjson:1\]: the record does not state its secrecy level",
    ),
    (FILES, "wrong_type", "chieu", ContractBroken, r"ndjson\]: field chieu: a single value was"),
]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Return the shipped catalogue with servers we do not wait long for."""
    shipped = load(SHIPPED_CATALOGUE)
    quick = {"connect_seconds": 1.0, "read_seconds": 0.4, "total_seconds": 8.0}
    hosts = {code: host.model_copy(update=quick) for code, host in shipped.hosts.items()}
    return shipped.model_copy(update={"hosts": hosts})


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    systems = [s for s in systems_of() if s.source in (OPENCPS, NATIONAL, EDXML, FILES)]
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


def nothing_landed(pulling: Pulling) -> bool:
    return pulling.files() == [] and pulling.rows("select * from landing.delivery") == []


@pytest.mark.parametrize("misbehaving", [OPENCPS, NATIONAL, EDXML, FILES])
def test_every_misbehaviour_says_what_and_where_and_lands_nothing(
    pulling: Pulling, province: Running, misbehaving: str
) -> None:
    wrong: list[Any] = []
    for source, fault, value, error, words in (case for case in CASES if case[0] == misbehaving):
        province.misbehave(source, fault, value)
        found: SourceError | None = None
        try:
            pulling.pull(source)
        except SourceError as caught:
            found = caught
        province.behave(source)
        said = str(found)
        secrets = [c.password for c in pulling.connections.values() if c.password]
        leaks = [secret for secret in (*secrets, "CANARY") if secret in said]
        if not isinstance(found, error) or found.source != source or not re.search(words, said) or leaks:
            wrong.append((source, fault, value, type(found).__name__, said))
        assert nothing_landed(pulling), (source, fault, value)
    assert wrong == []


@pytest.mark.parametrize(
    ("fault", "words"), [("hang", r"no answer within 0\.4 s"), ("drip", "total_seconds")]
)
def test_a_server_cannot_hold_the_night(
    pulling: Pulling, province: Running, fault: FaultKind, words: str
) -> None:
    hosts = {
        code: host.model_copy(update={"total_seconds": 3.0}) for code, host in pulling.catalogue.hosts.items()
    }
    pulling.catalogue = pulling.catalogue.model_copy(update={"hosts": hosts})
    province.misbehave(NATIONAL, fault, "" if fault == "hang" else 0.1)
    with pytest.raises(SourceUnavailable, match=words):
        pulling.pull(NATIONAL)
    assert nothing_landed(pulling)


@pytest.mark.parametrize(("fault", "value"), [("slow", 0.05), ("http_429", 1), ("expired_token", 1)])
def test_what_a_patient_reader_gets_over(
    pulling: Pulling, province: Running, fault: FaultKind, value: float
) -> None:
    province.misbehave(NATIONAL, fault, value)
    (delivery,) = pulling.pull(NATIONAL)
    assert delivery.received > 200


def test_one_broken_source_does_not_touch_another(pulling: Pulling, province: Running) -> None:
    province.misbehave(NATIONAL, "error_in_200")
    with pytest.raises(ContractBroken):
        pulling.pull(NATIONAL)
    assert pulling.pull(OPENCPS)[0].received > 0
    assert {row["source_code"] for row in pulling.rows("select * from landing.delivery")} == {OPENCPS}
