"""A vendor's view in a real PostgreSQL: one snapshot, read-only, bounded in time, constant memory."""

from __future__ import annotations

import resource
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from sqlalchemy import Engine, create_engine, text

from cchc.catalogue.models import Host, Source
from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.landing.delivery import LandedRow
from cchc.onboarding.table import read_table
from cchc.sources.connector import Connection, Connector, Window
from cchc.sources.door.allow_list import Admitted, Door
from cchc.sources.kinds.database.connector import Database
from cchc.sources.registry import connect
from cchc.staging.mapping import compile_map
from unit.sources.web.authority import Authority

EXAMPLE = Path(__file__).parents[2] / "docs/examples/profiles/vendor-view.yaml"
NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30))
_TABLE = text(
    """
create table v_ho_so as
select
    case when n % 2 = 0 then 'A' else 'B' end as ma_don_vi, 'H' || lpad(n::text, 7, '0') as ma_ho_so, '1.0' as ma_tthc,
    null::text as ma_linh_vuc, n % 3 = 0 as truc_tuyen, 'DANG_XU_LY' as trang_thai,
    timestamptz '2026-11-10 08:00+07' as tiep_nhan_luc, date '2026-11-20' as hen_tra_luc,
    null::timestamp as xong_luc, timestamp '2026-11-12 09:30:00.25' as tra_luc,
    timestamptz '2026-11-01 00:00+07' + n * interval '1 second' as cap_nhat_luc,
    repeat('x', 1000) as ghi_chu, 'CANARY Nguyễn Văn An' as ho_ten
from generate_series(1, 40000) as n
"""
)


@pytest.fixture(scope="module")
def vendor(postgres: Engine) -> Iterator[Engine]:
    """Return an engine on a vendor's database, to be used as its owner."""
    with postgres.connect() as admin:
        admin.execute(text("create database vendor"))
        admin.execute(text("create role reader login password 'hunter2'"))
    engine = create_engine(postgres.url.set(database="vendor"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(_TABLE)
        connection.execute(text("create unique index on v_ho_so (ma_don_vi, ma_ho_so)"))
        connection.execute(text("analyze v_ho_so"))
        connection.execute(text("grant select on v_ho_so to reader"))
        connection.execute(text("create view v_cham as select v.* from v_ho_so as v, pg_sleep(60)"))
        connection.execute(text("create table v_ghi as select * from v_ho_so"))
        connection.execute(text("grant select on v_ghi to reader"))
        connection.execute(text("create table v_kin as select * from v_ho_so limit 1"))
        connection.execute(text("grant select on v_cham to reader"))
    yield engine
    engine.dispose()
    with postgres.connect() as admin:
        admin.execute(text("drop database vendor with (force)"))
        admin.execute(text("drop role reader"))


def profile(**select: Any) -> Profile:
    raw = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    raw["datasets"]["dossier"]["select"] |= select
    return Profile.model_validate(raw)


def connector(
    vendor: Engine, speaks: Profile, *, login: str = "reader", unit: str = "A", **seconds: float
) -> Database:
    given = {"connect_seconds": 2.0, "read_seconds": 5.0, "total_seconds": 20.0} | seconds
    host = Host.model_validate({"code": "h", "connection": "h"} | given)
    source = Source(
        code="x-csdl", unit="X", profile="p", host="h", history_from=NOVEMBER.start, params={"donVi": unit}
    )
    found = connect(source, speaks, host, lambda _code: address(vendor, login))
    assert isinstance(found, Database)
    return found


def address(vendor: Engine, login: str = "reader") -> Connection:
    folder = quote(str(vendor.url.query["host"]), safe="")
    return Connection(f"postgresql://{folder}/vendor", login, "hunter2")


def test_rows_come_as_one_moment_saw_them_while_the_vendor_writes(vendor: Engine) -> None:
    database = connector(vendor, profile(table="v_ghi"))
    door = Door(profile().datasets["dossier"])
    pages = database.read(NOVEMBER)
    first = next(pages)
    with vendor.connect() as owner:
        owner.execute(text("delete from v_ghi where ma_ho_so > 'H0039000'"))
        owner.execute(text("update v_ghi set trang_thai = 'RUT'"))
        owner.execute(
            text("insert into v_ghi (ma_don_vi, ma_ho_so, cap_nhat_luc) values ('A', 'H9', '2026-11-02')")
        )
    found = [record for page in (first, *pages) for record in page.records]
    assert [r["ma_ho_so"] for r in found] == [f"H{n:07d}" for n in range(2, 40_001, 2)]
    assert {r["trang_thai"] for r in found} == {"DANG_XU_LY"}
    assert database.totals() == {"dossier": 20_000}
    assert "CANARY" not in str(found[:100])
    admitted = door.admit(found[0])
    assert isinstance(admitted, Admitted)
    assert admitted.unknown == frozenset()
    assert {k: v for k, v in admitted.fields.items() if k.endswith("_luc")} == {
        "tiep_nhan_luc": "2026-11-10T08:00:00+07:00",
        "hen_tra_luc": "2026-11-20",
        "xong_luc": None,
        "tra_luc": "2026-11-12T09:30:00",
    }
    assert admitted.fields["truc_tuyen"] == "false"


def test_memory_does_not_grow_with_the_table(vendor: Engine) -> None:
    database = connector(vendor, profile(select={}, where=None))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert sum(len(page.records) for page in database.read(NOVEMBER)) == 40_000  # 40 MB of notes
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 15_000  # KiB


def test_the_session_can_write_nothing_even_as_the_owner(vendor: Engine) -> None:
    database = connector(vendor, profile(), login=str(vendor.url.username))
    with database._session.opened() as session:
        assert session.scalar(text("show transaction_read_only")) == "on"
        assert session.scalar(text("show transaction_isolation")) == "repeatable read"
        assert session.scalar(text("show statement_timeout")) == "5s"
        with pytest.raises(Exception, match="read-only transaction"):
            session.execute(text("delete from v_ho_so"))


def test_a_slow_answer_and_a_hanging_database_do_not_hold_the_night(vendor: Engine) -> None:
    with pytest.raises(SourceUnavailable, match=r"\[v_cham\]: the database did not answer within 0\.3 s"):
        list(connector(vendor, profile(table="v_cham"), read_seconds=0.3).read(NOVEMBER))
    started = time.monotonic()
    with pytest.raises(SourceUnavailable, match=r"did not end within 0\.4 s"):
        list(connector(vendor, profile(table="v_cham"), total_seconds=0.4).read(NOVEMBER))
    assert time.monotonic() - started < 3


def test_a_cut_off_connection_and_a_refused_login_are_told_apart(vendor: Engine) -> None:
    pages = connector(vendor, profile()).read(NOVEMBER)
    next(pages)
    with vendor.connect() as owner:
        owner.execute(text("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'reader'"))
    with pytest.raises(SourceUnavailable, match=r"v_ho_so page 2\]: the database cannot be reached"):
        next(pages)
    with pytest.raises(SourceRefused, match=r"\[v_kin\]: the database refused this login"):
        list(connector(vendor, profile(table="v_kin")).read(NOVEMBER))
    with pytest.raises(SourceError) as wrong:
        list(connector(vendor, profile(), login="nobody").read(NOVEMBER))
    assert "hunter2" not in str(wrong.value)


def over_the_network(scheme: str, port: int, **given: Any) -> Connector:
    limits = {"connect_seconds": 2, "read_seconds": 1, "total_seconds": 5}
    host = Host.model_validate({"code": "h", "connection": "h"} | limits | given)
    source = Source(code="x-csdl", unit="X", profile="p", history_from=NOVEMBER.start, params={"donVi": "A"})
    where = Connection(f"{scheme}://127.0.0.1:{port}/vendor", "reader", "hunter2")
    return connect(source, profile(), host, lambda _code: where)


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
def test_a_server_that_accepts_and_says_nothing(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silence = over_the_network(scheme, silent.getsockname()[1])
        started = time.monotonic()
        with pytest.raises(
            SourceUnavailable, match=r"\[connection\]: the database cannot be reached"
        ) as down:
            list(silence.read(NOVEMBER))
    assert time.monotonic() - started < 4
    assert "hunter2" not in str(down.value)


def test_what_answers_is_no_database() -> None:
    def greet(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            client.sendall(b"220 mail.example ESMTP\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        greeting = Thread(target=greet, args=[listener], daemon=True)
        greeting.start()
        with pytest.raises(ContractBroken, match="what answers at the address of its connection is no mysql"):
            list(over_the_network("mysql", listener.getsockname()[1]).read(NOVEMBER))
        greeting.join(5)


def test_over_the_network_a_server_proves_who_it_is_or_hears_nothing(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    proof = authority.server(authority.certificate("127.0.0.1"))
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        for speaks_tls in (False, True, True, False):
            client, _ = listener.accept()
            with client:
                heard.append(client.recv(100)[4:])
                client.sendall(b"S" if speaks_tls else b"N")
                with suppress(OSError):
                    wire = proof.wrap_socket(client, server_side=True) if speaks_tls else client
                    heard.append(wire.recv(100))
                    wire.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = Thread(target=serve, args=[listener], daemon=True)
        thread.start()
        for given, kind, said in (
            ({}, SourceRefused, "the server does not speak TLS"),
            ({}, SourceRefused, "the server's certificate is not trusted"),
            ({"ca_bundle": str(authority.bundle)}, SourceUnavailable, "broke off"),  # after the handshake
            ({"plain_http": True}, SourceUnavailable, "broke off"),
        ):
            with pytest.raises(kind, match=said) as wrong:
                list(over_the_network("postgresql", port, **given).read(NOVEMBER))
            assert "hunter2" not in str(wrong.value)
        thread.join(5)
    # each is asked for TLS first; only the third, which proved itself, and the fourth by leave are told who asks
    assert [b"reader" in words for words in heard] == [False, False, False, False, True, False, True]


def kept(vendor: Engine, table: str, *changes: str, rows: int = 9) -> None:
    """Let the vendor keep the first rows in a table of their own that the reader may see."""
    with vendor.connect() as owner:
        owner.execute(text(f"create table {table} as select * from v_ho_so order by ma_ho_so limit {rows}"))
        for change in changes:
            owner.execute(text(change))
        owner.execute(text(f"grant select on {table} to reader"))


def test_dates_no_calendar_knows_arrive_as_they_stand_and_are_never_out_of_sight(vendor: Engine) -> None:
    kept(
        vendor,
        "v_vo_tan",
        "alter table v_vo_tan alter cap_nhat_luc type timestamp",
        "update v_vo_tan set ma_don_vi = 'A', cap_nhat_luc = '2026-11-02'",
        "update v_vo_tan set hen_tra_luc = 'infinity', tiep_nhan_luc = '-infinity' where ma_ho_so = 'H0000002'",
        "update v_vo_tan set hen_tra_luc = '0044-03-15 BC', tra_luc = '10000-01-01' where ma_ho_so = 'H0000008'",
        "update v_vo_tan set cap_nhat_luc = 'infinity' where ma_ho_so = 'H0000004'",
        "update v_vo_tan set cap_nhat_luc = '0001-01-01 BC' where ma_ho_so = 'H0000005'",
        "update v_vo_tan set cap_nhat_luc = null where ma_ho_so = 'H0000006'",
        "update v_vo_tan set cap_nhat_luc = '2126-11-02' where ma_ho_so = 'H0000007'",
    )
    speaks = profile(table="v_vo_tan")
    paged = speaks.model_copy(update={"options": {"page_size": 3}})
    found = [record for page in connector(vendor, paged).read(NOVEMBER) for record in page.records]
    assert [record["ma_ho_so"][-1] for record in found] == list("123456789")
    dates = {r["ma_ho_so"][-1]: (r["tiep_nhan_luc"], r["hen_tra_luc"], r["tra_luc"]) for r in found}
    assert dates["2"] == ("-infinity", "infinity", "2026-11-12T09:30:00")
    assert dates["8"] == ("2026-11-10T08:00:00+07:00", "0044-03-15 BC", "10000-01-01 00:00:00")
    assert dates["9"] == ("2026-11-10T08:00:00+07:00", "2026-11-20", "2026-11-12T09:30:00")
    door, stage = Door(speaks.datasets["dossier"]), compile_map("dossier", speaks)
    for record in found:
        admitted = door.admit(record)
        assert isinstance(admitted, Admitted)
        errors = stage(LandedRow(1, "", admitted.fields)).cast_errors
        assert bool(errors) == (record["ma_ho_so"][-1] in "28"), record  # these wait in quarantine
    october = Window(date(2026, 10, 1), date(2026, 10, 31))
    seen = [record for page in connector(vendor, paged).read(october) for record in page.records]
    assert [record["ma_ho_so"][-1] for record in seen] == list("4567")  # 6: none; 7: of a year to come
    sample = read_table(Host(code="h", connection="h"), address(vendor), "v_vo_tan").records
    assert {row["ma_ho_so"][-1]: str(row["hen_tra_luc"]) for row in sample}["2"] == "infinity"


def test_moments_and_numbers_arrive_as_they_are_however_the_database_writes_them(vendor: Engine) -> None:
    kept(
        vendor,
        "v_het_gio",
        "alter role reader set timezone to 'UTC'",
        "alter role reader set datestyle to 'SQL, DMY'",
        "alter role reader set extra_float_digits to 0",
        "alter table v_het_gio alter tra_luc type double precision using 0.1::float8 + 0.2",
        "update v_het_gio set tiep_nhan_luc = '9999-12-31 23:59:59+00'",
        "alter table v_het_gio alter hen_tra_luc type time using '24:00'",
        rows=1,
    )
    database = connector(vendor, profile(table="v_het_gio"), unit="B")
    [found] = [record for page in database.read(NOVEMBER) for record in page.records]
    assert (found["tiep_nhan_luc"], found["hen_tra_luc"]) == ("9999-12-31T23:59:59+00:00", "24:00:00")
    assert found["tra_luc"] == 0.1 + 0.2


def test_a_column_is_the_one_of_that_very_name(vendor: Engine) -> None:
    kept(
        vendor,
        "v_hoa",
        "alter table v_hoa add \"TRANG_THAI\" text default 'x', add \"Ma_Linh_Vuc\" text default 'đất'",
        'alter table v_hoa drop ma_linh_vuc, add "MA_LINH_VUC" text',
        rows=1,
    )
    with pytest.raises(ContractBroken, match=r"column ma_linh_vuc is not there; there are: .*MA_LINH_VUC"):
        list(connector(vendor, profile(table="v_hoa"), unit="B").read(NOVEMBER))
    with vendor.connect() as owner:
        owner.execute(text('alter table v_hoa drop "MA_LINH_VUC"'))
    [page] = connector(vendor, profile(table="v_hoa"), unit="B").read(NOVEMBER)
    assert page.records[0]["trang_thai"] == "DANG_XU_LY"
    assert page.records[0]["ma_linh_vuc"] == "đất"  # nobody can mean another


def test_a_type_that_nobody_knows_tells_no_name_of_a_column(vendor: Engine) -> None:
    kept(vendor, "v_diem", 'alter table v_diem add "Nguyễn Văn An" point default point(1, 2)', rows=1)
    [page] = connector(vendor, profile(table="v_diem"), unit="B").read(
        NOVEMBER
    )  # a warning would be an error
    assert page.records[0]["Nguyễn Văn An"] is None
    with vendor.connect() as owner:
        owner.execute(text("delete from v_diem"))
    with pytest.raises(ConfigurationError, match="v_diem has no rows: nothing can be drafted from it"):
        read_table(Host(code="h", connection="h"), address(vendor), "v_diem")


def test_yes_and_no_may_be_part_of_a_key(vendor: Engine) -> None:
    kept(vendor, "v_co_khong", "update v_co_khong set ma_don_vi = 'A', truc_tuyen = ma_ho_so < 'H0000004'")
    speaks = profile(table="v_co_khong", key=["truc_tuyen", "ma_ho_so"])
    for size in (1, 2):
        paged = speaks.model_copy(update={"options": {"page_size": size}})
        pages = connector(vendor, paged).read(NOVEMBER)
        assert [r["ma_ho_so"][-1] for page in pages for r in page.records] == list("456789123")


@pytest.mark.parametrize(
    ("type_", "kind", "said"),
    [
        (
            "text using to_char(cap_nhat_luc, 'DD/MM/YYYY')",
            "iso_text",
            "holds no texts like 2026.* in 4 of 4 rows",
        ),
        ("bigint using 1793466000000", "epoch_s", "holds no seconds since 1970 in 4 of 4 rows"),
        ("numeric using 1793466000", "epoch_ms", "holds no milliseconds since 1970 in 4 of 4 rows"),
        ("text using '1793466000'", "epoch_s", "holds no seconds since 1970 to the database"),
        ("bigint using 1793466000", "iso_text", "holds no texts like 2026.* to the database"),
    ],
)
def test_a_window_that_would_find_no_day_is_refused(vendor: Engine, type_: str, kind: str, said: str) -> None:
    kept(vendor, "v_chu", "update v_chu set ma_don_vi = 'A' where ma_ho_so > 'H0000005'", rows=7)
    with vendor.connect() as owner:
        owner.execute(text(f"alter table v_chu alter cap_nhat_luc type {type_}"))
    try:
        with pytest.raises(ConfigurationError, match=f"column cap_nhat_luc of v_chu {said}"):
            list(connector(vendor, profile(table="v_chu", window_type=kind)).read(NOVEMBER))
    finally:
        with vendor.connect() as owner:
            owner.execute(text("drop table v_chu"))


def test_a_window_of_dates_and_texts_together(vendor: Engine) -> None:
    change = (
        "alter table v_hai alter cap_nhat_luc type text using to_char(cap_nhat_luc, 'YYYY-MM-DD HH24:MI')"
    )
    kept(vendor, "v_hai", change, "update v_hai set cap_nhat_luc = '2026-01-01' where ma_don_vi = 'A'")
    for window, count in ((["cap_nhat_luc"], 0), (["cap_nhat_luc", "tra_luc"], 4)):
        speaks = profile(table="v_hai", window=window, window_type="iso_text")
        assert sum(len(page.records) for page in connector(vendor, speaks).read(NOVEMBER)) == count


@pytest.mark.parametrize(
    ("type_", "value", "other"),
    [
        ("numeric(8, 2)", "12.5", "12"),
        ("double precision", "12.5", "12"),
        ("smallint", "12", "13"),
        ("bigint", "1234567890123456789", "1234567890123456788"),
        ("boolean", "true", "false"),
        ("uuid", "aaaaaaaa-0000-0000-0000-000000000001", "x"),
        ("date", "2026-11-14", "2026-11-15"),
        ("char(8)", "SNV", "snv"),
    ],
)
def test_a_parameter_is_compared_as_its_column_is(vendor: Engine, type_: str, value: str, other: str) -> None:
    kept(
        vendor, "v_kieu", f"alter table v_kieu alter ma_don_vi type {type_} using cast('{value}' as {type_})"
    )
    try:
        for given, count in ((value, 9), (other, 0)):
            database = connector(vendor, profile(table="v_kieu"), unit=given)
            assert sum(len(page.records) for page in database.read(NOVEMBER)) == count
        if type_ in ("numeric(8, 2)", "smallint"):
            with pytest.raises(
                ConfigurationError, match=r"column ma_don_vi of v_kieu holds .*: donVi is none"
            ):
                list(connector(vendor, profile(table="v_kieu"), unit="SNV").read(NOVEMBER))
    finally:
        with vendor.connect() as owner:
            owner.execute(text("drop table v_kieu"))
