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

from cchc.catalogue.models import Host, Profile, Source
from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection, Connector, Window
from cchc.sources.door.allow_list import Admitted, Door
from cchc.sources.kinds.database import Database
from cchc.sources.registry import connect
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


def connector(vendor: Engine, speaks: Profile, *, login: str = "reader", **seconds: float) -> Database:
    given = {"connect_seconds": 2.0, "read_seconds": 5.0, "total_seconds": 20.0} | seconds
    host = Host.model_validate({"code": "h", "connection": "h"} | given)
    source = Source(
        code="x-csdl", unit="X", profile="p", host="h", history_from=NOVEMBER.start, params={"donVi": "A"}
    )
    folder = quote(str(vendor.url.query["host"]), safe="")
    where = Connection(f"postgresql://{folder}/vendor", login, "hunter2")
    found = connect(source, speaks, host, lambda _code: where)
    assert isinstance(found, Database)
    return found


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


def test_dates_no_calendar_knows_are_an_error_in_words(vendor: Engine) -> None:
    with vendor.connect() as owner:
        owner.execute(text("update v_ghi set hen_tra_luc = 'infinity' where ma_ho_so = 'H0000002'"))
    with pytest.raises(SourceError, match="holds what cannot be read"):
        list(connector(vendor, profile(table="v_ghi")).read(NOVEMBER))
