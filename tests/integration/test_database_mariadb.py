"""A vendor's view in a real MariaDB, which keeps the tables of the commonest one-stop software."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from unicodedata import normalize

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.load import load
from cchc.catalogue.models import Host, Source
from cchc.errors import ConfigurationError, ContractBroken, SourceRefused, SourceUnavailable
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.connector import Connection, Window
from integration.mariadb_server import MISSING, MariaDb
from integration.mariadb_vendor import (
    NOVEMBER,
    PASSWORD,
    ROWS,
    TABLE,
    codes,
    connector,
    profile,
    refusal,
    rows,
    table,
)
from integration.pulling import begin
from unit.sources.web.authority import Authority

pytestmark = pytest.mark.skipif(MISSING, reason="needs Debian's mariadb-server")

COMPOSED = "Hồ sơ của Sở"
DECOMPOSED = normalize("NFD", COMPOSED)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def vendor(authority: Authority) -> Iterator[MariaDb]:
    server = MariaDb(authority.certificate("127.0.0.1"))
    try:
        server.start()
        opened = server.owner("mysql")
        with opened.cursor() as cursor:
            cursor.execute("create database vendor")
            cursor.execute("create user reader@'%%' identified by %s", [PASSWORD])
        opened.close()
        server.run(
            TABLE,
            ROWS,
            "create view v_nhin as select * from v_ho_so",
            "grant select on vendor.v_nhin to reader",  # and not SHOW VIEW: a reader needs none
            "create view v_cham as select v_ho_so.*, sleep(1) as ngu from v_ho_so",
            "grant select on vendor.v_cham to reader",
        )
        yield server
    finally:
        server.stop()


def test_rows_come_as_one_moment_saw_them_while_the_vendor_writes(vendor: MariaDb) -> None:
    table(vendor, "v_ghi", "insert into v_ghi select * from v_ho_so")
    database = connector(vendor, profile(table="v_ghi"))
    pages = database.read(NOVEMBER)
    first = next(pages)
    vendor.run(
        "delete from v_ghi where ma_ho_so > 'H02000'",
        "update v_ghi set trang_thai = 'RUT'",
        "insert into v_ghi (ma_don_vi, ma_ho_so, cap_nhat_luc) values ('A', 'H9', '2026-11-02')",
    )
    found = [record for page in (first, *pages) for record in page.records]
    assert [r["ma_ho_so"] for r in found] == [f"H{n:05d}" for n in range(1, 2501)]
    assert {r["trang_thai"] for r in found} == {"DANG_XU_LY"}
    assert database.totals() == {"dossier": 2500}


def test_each_type_comes_as_what_it_is_and_personal_columns_are_not_asked_for(vendor: MariaDb) -> None:
    columns = (
        "(ma int unsigned primary key, le_phi decimal(20, 4), co bit(1), gio time, nam year, moc timestamp null,"
        " dem float, loai enum('b', 'a'), mo_ta varchar(80) character set utf8mb4, cu varchar(20) character set latin1,"
        " ho_ten text, moi text)"
    )
    insert = (
        "insert into kieu values (4294967295, '9007199254740993.1000', b'1', '09:30:00', 2026,"
        f" '2026-11-10 18:00:00', 1234567, 'a', '{DECOMPOSED} 😀', 'café', 'CANARY', 'x')"
    )
    table(vendor, "kieu", insert, columns=columns)
    mapped = ("le_phi", "co", "gio", "nam", "moc", "dem", "loai", "mo_ta", "cu")
    speaks = profile(table="kieu", key="ma", window="moc", where={})
    dataset = speaks.datasets["dossier"]
    fields = {name: next(iter(dataset.fields.values())).model_copy(update={"path": name}) for name in mapped}
    only = dataset.model_copy(update={"fields": fields, "secrecy": None})
    [found] = rows(connector(vendor, speaks.model_copy(update={"datasets": {"dossier": only}})))
    assert str(found.pop("le_phi")) == "9007199254740993.1000"
    assert found == {
        "co": 1,
        "gio": "09:30:00",
        "nam": 2026,
        "moc": "2026-11-11T01:00:00+07:00",  # the server's zone is UTC, the profile's is not
        "dem": 1234567,  # 1234570, asked for carelessly
        "loai": "a",
        "mo_ta": f"{DECOMPOSED} 😀",
        "cu": "café",
        "moi": None,  # named for who keeps the profile, and not read
    }


def test_a_day_of_the_window_is_a_day_of_the_profile_for_either_kind_of_moment(vendor: MariaDb) -> None:
    values = "('A', 'trong'), ('A', 'sau'), ('A', 'truoc'), ('A', 'cuoi')"
    local = "case ma_ho_so when 'trong' then '2026-11-01' when 'sau' then '2026-12-01'"
    local += " when 'cuoi' then '2026-11-30 23:59:59' else '2026-10-31 23:59:59' end"
    table(
        vendor,
        "v_ngay",
        f"insert into v_ngay (ma_don_vi, ma_ho_so) values {values}",
        f"update v_ngay set cap_nhat_luc = {local}, tiep_nhan_luc = convert_tz({local}, '+07:00', '+00:00')",
        f"update v_ngay set hen_tra_luc = {local}",
    )
    for column in ("cap_nhat_luc", "tiep_nhan_luc", "hen_tra_luc"):
        found = rows(connector(vendor, profile(table="v_ngay", window=column)))
        assert [row["ma_ho_so"] for row in found] == ["cuoi", "trong"], column
    assert found[1]["tiep_nhan_luc"] == "2026-11-01T00:00:00+07:00"


def test_a_zone_whose_clocks_change_has_its_days_all_year(vendor: MariaDb) -> None:
    moments = ("2025-12-31 22:59:59", "2025-12-31 23:00:00", "2026-06-30 21:59:59", "2026-06-30 22:00:00")
    listed = ", ".join(f"('A', 'H{n}', '{moment}')" for n, moment in enumerate(moments))
    table(vendor, "v_mua", f"insert into v_mua (ma_don_vi, ma_ho_so, tiep_nhan_luc) values {listed}")
    speaks = profile(table="v_mua", window="tiep_nhan_luc").model_copy(update={"zone": "Europe/Paris"})
    for day, code, said in (
        (date(2026, 1, 1), "H1", "2026-01-01T00:00:00+01:00"),
        (date(2026, 7, 1), "H3", "2026-07-01T00:00:00+02:00"),
    ):
        [found] = rows(connector(vendor, speaks), Window(day, day))
        assert (found["ma_ho_so"], found["tiep_nhan_luc"]) == (code, said)


def test_the_session_can_write_nothing_even_as_the_owner(vendor: MariaDb) -> None:
    database = connector(vendor, profile(table="v_ho_so"), login="root", password="")
    with database._session.opened() as session:
        asked = "@@tx_read_only, @@tx_isolation, @@max_statement_time, @@time_zone, @@lock_wait_timeout, @@wait_timeout"
        [found] = session.execute(text(f"select {asked}"))
        assert list(found) == [1, "REPEATABLE-READ", 5.0, "+07:00", 5, 20]
        with pytest.raises(Exception, match="READ ONLY transaction"):
            session.execute(text("delete from v_ho_so"))


@pytest.mark.parametrize("kind", ["float", "bit(8)"])
def test_a_column_whose_values_are_not_told_exactly_can_be_no_key(vendor: MariaDb, kind: str) -> None:
    table(vendor, "v_gan", f"alter table v_gan drop primary key, modify ma_ho_so {kind}")
    said = refusal(connector(vendor, profile(3, table="v_gan")), ContractBroken)
    assert "[v_gan]: column ma_ho_so can be no key" in said


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_keys_that_a_collation_takes_for_the_same_come_once_each(vendor: MariaDb, size: int) -> None:
    keys = ["hs-1", "HS-1", "Hs-1", "HS-1 ", "hồ", "ho", "HO", "Hồ", "\u0111", "d", "z", DECOMPOSED, COMPOSED]
    listed = ", ".join(f"('A', '{key}', '2026-11-02')" for key in keys)
    changes = ("alter table v_trung drop primary key", "alter table v_trung modify ma_ho_so varchar(40)")
    table(
        vendor,
        "v_trung",
        *changes,
        f"insert into v_trung (ma_don_vi, ma_ho_so, cap_nhat_luc) values {listed}",
    )
    database = connector(vendor, profile(size, table="v_trung"))
    assert sorted(codes(database)) == sorted(keys)
    assert database.totals() == {"dossier": len(keys)}
    vendor.run("insert into v_trung (ma_don_vi, ma_ho_so, cap_nhat_luc) values ('A', 'HS-1', '2026-11-02')")
    assert "rows share a key" in refusal(connector(vendor, profile(size, table="v_trung")), ContractBroken)
    vendor.run("insert into v_trung (ma_don_vi, cap_nhat_luc) values ('A', '2026-11-02')")
    said = refusal(connector(vendor, profile(size, table="v_trung")), ContractBroken)
    assert "1 of 15 rows have no key" in said


def test_pages_along_a_list_of_words_lose_none(vendor: MariaDb) -> None:
    listed = ", ".join(
        f"('A', '{n}', '{word}', '2026-11-02')" for n, word in enumerate(("MOI", "RUT", "DANG_XU_LY"))
    )
    insert = f"insert into v_tu (ma_don_vi, ma_ho_so, trang_thai, cap_nhat_luc) values {listed}"
    table(vendor, "v_tu", insert)
    found = rows(connector(vendor, profile(1, table="v_tu", key=["trang_thai", "ma_ho_so"])))
    assert [row["trang_thai"] for row in found] == ["DANG_XU_LY", "MOI", "RUT"]


def test_a_zero_date_waits_in_quarantine_and_is_never_out_of_sight(
    vendor: MariaDb, warehouse: Engine, tmp_path: Path
) -> None:
    def row(code: str, received: str, changed: str, returned: str = "null") -> str:
        columns = "ma_don_vi, ma_ho_so, ma_tthc, trang_thai, tiep_nhan_luc, cap_nhat_luc, tra_luc, truc_tuyen"
        return (
            f"insert into v_khong ({columns})"
            f" values ('A', '{code}', '1.0', 'DANG_XU_LY', {received}, {changed}, {returned}, 1)"
        )

    good, zero = "'2026-11-10 08:00:00'", "'0000-00-00 00:00:00'"
    table(
        vendor,
        "v_khong",
        row("H1", good, good, "'2026-11-12 09:30:00'"),
        row("H2", good, good, zero),
        row("H3", good, good, "'2026-11-00 10:00:00'"),
        row("H4", zero, zero),
        row("H5", good, "null"),
    )
    vendor.run(f"update v_khong set ma_linh_vuc = '{DECOMPOSED}'")
    october = Window(date(2026, 10, 1), date(2026, 10, 31))
    both = profile(table="v_khong", window=["tiep_nhan_luc", "tra_luc"])
    assert codes(connector(vendor, both), october) == [
        "H3",
        "H4",
    ]  # H3: 0 November is October's to the server
    assert codes(connector(vendor, both)) == ["H1", "H2", "H3", "H4", "H5"]
    speaks = profile(table="v_khong")
    found = {row["ma_ho_so"]: row for row in rows(connector(vendor, speaks))}
    assert sorted(found) == ["H1", "H2", "H3", "H4", "H5"]  # H5 was never changed: it is seen by this alone
    assert found["H2"]["tra_luc"] == "0000-00-00 00:00:00"
    assert found["H3"]["tra_luc"] == "2026-11-00 10:00:00"
    catalogue = load(SHIPPED_CATALOGUE)
    source = Source(
        code="x-csdl",
        unit="SNV",
        profile="vendor-view",
        host="h",
        history_from=NOVEMBER.start,
        params={"donVi": "A"},
    )
    catalogue = catalogue.model_copy(
        update={
            "sources": {source.code: source},
            "hosts": {"h": Host(code="h", connection="h")},
            "profiles": {"vendor-view": speaks},
        }
    )
    where = Connection(vendor.socket_url, "reader", PASSWORD)
    pulling = begin(warehouse, catalogue, tmp_path, {"h": where})
    [delivery] = pulling.pull("x-csdl", NOVEMBER)
    assert pulling.stage(delivery) == 5
    staged = {row["dossier_code"]: row for row in pulling.staged("dossier")}
    assert staged["H1"]["cast_errors"] is None
    assert staged["H1"]["field_code"] == COMPOSED
    assert staged["H1"]["received_at"] == datetime(2026, 11, 10, 8, tzinfo=UTC)  # a TIMESTAMP
    assert staged["H1"]["returned_at"] == datetime(2026, 11, 12, 2, 30, tzinfo=UTC)  # a DATETIME
    assert {code for code, row in staged.items() if row["cast_errors"]} == {"H2", "H3", "H4"}


def test_a_name_or_a_value_is_data_and_never_sql_whatever_the_server_takes_for_a_quote(
    vendor: MariaDb,
) -> None:
    evil = "v`; drop table v_ho_so; -- \"'%s"
    vendor.run(
        f"create or replace view `{evil.replace('`', '``')}` as select * from v_ho_so".replace("%", "%"),
        f"grant select on vendor.`{evil.replace('`', '``')}` to reader",
    )
    for mode in ("", "ANSI_QUOTES,NO_BACKSLASH_ESCAPES"):
        vendor.run(f"set global sql_mode = '{mode}'")
        try:
            speaks = profile(table=evil)
            assert len(codes(connector(vendor, speaks))) == 2500, mode
            for unit in ("A' or '1'='1", "\\' or 1=1 -- ", '" or 1=1 -- '):
                assert codes(connector(vendor, speaks, unit=unit)) == [], (mode, unit)
        finally:
            vendor.run("set global sql_mode = ''")


def test_a_unit_is_its_exact_code_whatever_the_collation_says(vendor: MariaDb) -> None:
    units = ", ".join(
        f"('{unit}', 'H{n}', '2026-11-02')" for n, unit in enumerate(("SNV", "snv", "SNV ", "S̃NV", "12"))
    )
    changes = ("alter table v_ma drop primary key", "alter table v_ma add le_phi decimal(8, 2) default 12.50")
    table(vendor, "v_ma", *changes, f"insert into v_ma (ma_don_vi, ma_ho_so, cap_nhat_luc) values {units}")
    for unit, found in (("SNV", ["H0"]), ("snv", ["H1"]), ("SNV ", ["H2"]), ("12", ["H4"])):
        assert codes(connector(vendor, profile(table="v_ma"), unit=unit)) == found
    by_fee = profile(table="v_ma", where={"le_phi": "donVi"})
    assert len(codes(connector(vendor, by_fee, unit="12.5"))) == 5
    assert codes(connector(vendor, by_fee, unit="12")) == []
    assert "holds numbers: donVi is none" in refusal(
        connector(vendor, by_fee, unit="SNV"), ConfigurationError
    )


def test_a_slow_answer_and_a_hanging_database_do_not_hold_the_night(vendor: MariaDb) -> None:
    speaks = profile(table="v_cham", fields={"field_code": {"path": "ngu"}})
    said = refusal(connector(vendor, speaks, read_seconds=0.4), SourceUnavailable)
    assert "[v_cham page 1]: the database did not answer within 0.4 s" in said
    for url in (vendor.socket_url, vendor.url):
        started = time.monotonic()
        slow = connector(vendor, speaks, total_seconds=0.5, url=url, plain_http=True)
        assert "did not end within 0.5 s" in refusal(slow, SourceUnavailable)
        assert time.monotonic() - started < 3
    table(vendor, "v_khoa")
    owner = vendor.owner()
    try:
        owner.cursor().execute("lock tables v_khoa write")
        locked = connector(vendor, profile(table="v_khoa"), read_seconds=0.4)
        assert "did not answer within 0.4 s" in refusal(locked, SourceUnavailable)
    finally:
        owner.close()


def test_what_is_wrong_is_told_without_the_words_of_the_database(
    vendor: MariaDb, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    table(vendor, "v_myisam", columns="engine=MyISAM select * from v_ho_so limit 3")
    vendor.run(
        "create or replace view v_hong as select * from v_ho_so", "create table if not exists tam (a int)"
    )
    vendor.run("create or replace view v_hong as select h.*, t.a from v_ho_so as h, tam as t")
    vendor.run("grant select on vendor.v_hong to reader", "drop table tam")
    login = "[connection]: the database refused this login"
    assert login in refusal(connector(vendor, profile(), password="hunter2-not"), SourceRefused)
    assert login in refusal(connector(vendor, profile(), login="nobody"), SourceRefused)
    other = vendor.socket_url.replace("/vendor", "/khac")
    assert "refused this login" in refusal(connector(vendor, profile(), url=other), SourceRefused)
    nowhere = connector(vendor, profile(), url=other, login="root", password="")
    assert "has no such database" in refusal(nowhere, SourceRefused)
    missing = connector(vendor, profile(table="v_khac"))
    assert "[v_khac]: there is no such table or view" in refusal(missing, ContractBroken)
    assert "there is no such table" in refusal(connector(vendor, profile(table="v_ho_so")), ContractBroken)
    kept = refusal(connector(vendor, profile(table="v_myisam")), ContractBroken)
    assert "kept by MyISAM" in kept
    assert "what a view reads is gone" in refusal(connector(vendor, profile(table="v_hong")), ContractBroken)
    vendor.run(
        "create or replace view v_hai as select h.*, (select ma_ho_so from v_ho_so) as hai from v_ho_so as h"
    )
    vendor.run("grant select on vendor.v_hai to reader")
    twice = connector(vendor, profile(table="v_hai", fields={"field_code": {"path": "hai"}}))
    said = refusal(twice, ContractBroken)  # the server calls it operational: trying again would not help
    assert "[v_hai page 1]: the database cannot answer the profile's question" in said
    assert "(error 1242)" in said
    number = connector(vendor, profile(where={"truc_tuyen": "donVi"}))
    assert "holds whole numbers" in refusal(number, ConfigurationError)
    closed = connector(vendor, profile(), url="mysql://127.0.0.1:1/vendor")
    assert "cannot be reached" in refusal(closed, SourceUnavailable)
    assert "hunter2" not in caplog.text


def test_over_the_network_the_server_proves_who_it_is_or_the_host_declares_otherwise(
    vendor: MariaDb, authority: Authority
) -> None:
    known = connector(vendor, profile(), url=vendor.url, ca_bundle=str(authority.bundle))
    assert len(codes(known)) == 2500
    with known._session.opened() as session:
        assert session.execute(text("show status like 'Ssl_version'")).one()[1].startswith("TLSv1.")
    stranger = refusal(connector(vendor, profile(), url=vendor.url), SourceRefused)
    assert "certificate is not trusted" in stranger
    assert "ca_bundle of its host" in stranger
    renamed = vendor.url.replace("127.0.0.1", "localhost")
    other = connector(vendor, profile(), url=renamed, ca_bundle=str(authority.bundle))
    assert "belongs to another name" in refusal(other, SourceRefused)
    gone = pytest.raises(ConfigurationError, match="no such file of certificates")
    with gone:
        connector(vendor, profile(), url=vendor.url, ca_bundle="gone.pem")
    assert len(codes(connector(vendor, profile(), url=vendor.url, plain_http=True))) == 2500


def test_a_lost_connection_and_a_server_that_is_killed_are_worth_another_try(
    vendor: MariaDb, authority: Authority, request: pytest.FixtureRequest
) -> None:
    pages = connector(vendor, profile(), url=vendor.url, ca_bundle=str(authority.bundle)).read(NOVEMBER)
    next(pages)
    vendor.run("kill user reader")
    with pytest.raises(SourceUnavailable, match=r"v_nhin page 2\]: the database cannot be reached"):
        next(pages)
    pages = connector(vendor, profile()).read(NOVEMBER)
    next(pages)
    vendor.kill()
    with pytest.raises(SourceUnavailable, match=r"v_nhin page 2\]: the database cannot be reached"):
        next(pages)
    vendor.start(tls=False)
    request.addfinalizer(vendor.start)  # as the others know it
    request.addfinalizer(vendor.kill)
    plain = connector(vendor, profile(), url=vendor.url, ca_bundle=str(authority.bundle))
    assert "does not speak TLS" in refusal(plain, SourceRefused)
    assert len(codes(connector(vendor, profile(), url=vendor.url, plain_http=True))) == 2500
