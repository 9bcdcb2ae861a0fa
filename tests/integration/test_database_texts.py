"""Keys and codes of units in a real PostgreSQL whose columns take texts that differ for the same, or say them badly."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, create_engine, text

from cchc.catalogue.models import Host, Source
from cchc.errors import ContractBroken
from cchc.sources.connector import Connection
from cchc.sources.kinds.database.texts import loose
from cchc.sources.registry import connect
from integration.mariadb_vendor import NOVEMBER, profile

_TABLE = """
create table {name} as
select
    unit::{unit} as ma_don_vi, code::{key} as ma_ho_so, '1.0' as ma_tthc, null::text as ma_linh_vuc,
    true as truc_tuyen, 'MOI' as trang_thai, date '2026-11-10' as tiep_nhan_luc, date '2026-11-20' as hen_tra_luc,
    null::date as xong_luc, null::date as tra_luc, timestamp '2026-11-02' as cap_nhat_luc, '' as ghi_chu
from (values {rows}) as given (unit, code)
"""
#: what the extension of that name makes, which not every build has
_CITEXT = """
create type citext;
create function citextin(cstring) returns citext language internal immutable strict as 'textin';
create function citextout(citext) returns cstring language internal immutable strict as 'textout';
create type citext (input = citextin, output = citextout, like = text, category = 'S', collatable = true);
create cast (citext as text) without function as implicit;
create cast (citext as varchar) without function as implicit;
create cast (text as citext) without function as assignment;
create cast (varchar as citext) without function as assignment;
create function citext_cmp(citext, citext) returns int language sql immutable strict
    as 'select bttextcmp(lower($1::text), lower($2::text))'
"""
_OPERATOR = """
create function citext_{0}(citext, citext) returns bool language sql immutable strict
    as 'select citext_cmp($1, $2) {1} 0';
create operator {1} (leftarg = citext, rightarg = citext, function = citext_{0})
"""
_OPERATORS = {"lt": "<", "le": "<=", "eq": "=", "ge": ">=", "gt": ">"}
_CLASS = (
    "create operator class citext_ops default for type citext using btree as "
    + "".join(f"operator {number} {sign}, " for number, sign in enumerate(_OPERATORS.values(), 1))
    + "function 1 citext_cmp(citext, citext)"
)


@pytest.fixture(scope="module")
def vendor(postgres: Engine) -> Iterator[Engine]:
    """Return an engine on a vendor's database, to be used as its owner."""
    with postgres.connect() as admin:
        admin.execute(text("create database chu_viet"))
    engine = create_engine(postgres.url.set(database="chu_viet"), isolation_level="AUTOCOMMIT")
    operators = [_OPERATOR.format(*named) for named in _OPERATORS.items()]
    with engine.connect() as owner:
        for statement in ";\n".join([_CITEXT, *operators, _CLASS, "create domain ma as citext"]).split(";\n"):
            owner.execute(text(statement))
    yield engine
    engine.dispose()
    with postgres.connect() as admin:
        admin.execute(text("drop database chu_viet with (force)"))


def table(vendor: Engine, name: str, *rows: tuple[str, str], unit: str = "text", key: str = "text") -> None:
    values = ", ".join(f"('{of}', '{code}')" for of, code in rows)
    with vendor.connect() as owner:
        owner.execute(text(_TABLE.format(name=name, unit=unit, key=key, rows=values)))


def codes(vendor: Engine, name: str, size: int, unit: str = "A", key: str = "ma_ho_so") -> list[str]:
    speaks = profile(size, table=name, key=key)
    source = Source(
        code="x-csdl", unit="X", profile="p", host="h", history_from=NOVEMBER.start, params={"donVi": unit}
    )
    host = Host(code="h", connection="h", connect_seconds=2, read_seconds=5, total_seconds=20)
    folder = quote(str(vendor.url.query["host"]), safe="")
    address = Connection(f"postgresql://{folder}/{vendor.url.database}", str(vendor.url.username), "")
    database = connect(source, speaks, host, lambda _code: address)
    found = [record["ma_ho_so"] for page in database.read(NOVEMBER) for record in page.records]
    assert database.totals() == {"dossier": len(found)}
    return found


@pytest.mark.parametrize("type_", ["citext", "ma"])
def test_texts_are_compared_by_their_bytes_whatever_their_type_says(vendor: Engine, type_: str) -> None:
    name = f"v_{type_}"
    there = [("A", "hs-a"), ("A", "HS-A"), ("a", "HS-b"), ("A", "HS-b"), ("a", "HS-C"), ("A", "HS-c")]
    table(vendor, name, *there, unit=type_, key=type_)
    with vendor.connect() as owner:
        assert owner.scalar(text(f"select count(*) from {name} where ma_don_vi = cast('a' as citext)")) == 6
    for size in (1, 2, 9):
        assert codes(vendor, name, size) == ["HS-A", "HS-b", "HS-c", "hs-a"]
        # where no two are the same to the type its order is kept, so that an index on it is used
        assert codes(vendor, name, size, unit="a") == ["HS-b", "HS-C"]
    with vendor.connect() as owner:
        owner.execute(text(f"insert into {name} select * from {name} where ma_ho_so::text = 'hs-a'"))
    with pytest.raises(ContractBroken, match="rows share a key"):
        codes(vendor, name, 2)


def test_a_collation_that_may_take_texts_for_the_same_is_known_as_one(vendor: Engine) -> None:
    with vendor.connect() as owner:
        owner.execute(text("create collation long (provider = libc, locale = 'C')"))
        # only a build with ICU makes one of its own
        owner.execute(text("update pg_collation set collisdeterministic = false where collname = 'long'"))
        owner.execute(
            text('create table v_long (a text collate "C", b text collate long, c text, d date, e ma)')
        )
        owner.execute(text("create view v_qua as select d, b, a, e from v_long"))
        assert set(loose(owner, "v_long", None, {})) == {"b", "e"}
        assert set(loose(owner, "v_qua", "public", {})) == {"b", "e"}


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "WIN1258"])
def test_letters_come_from_a_database_of_any_encoding(vendor: Engine, encoding: str) -> None:
    name = f"chu_{encoding.lower()}"
    with vendor.connect() as owner:
        made = f"create database {name} encoding '{encoding}' locale 'C' template template0"
        owner.execute(text(made))
    url = vendor.url.set(database=name)
    other = create_engine(url, isolation_level="AUTOCOMMIT", connect_args={"client_encoding": "utf8"})
    try:
        table(other, "v_cu", ("A", "é"), ("Đ", "đ"))
        assert codes(other, "v_cu", 1) == ["é"]
        assert codes(other, "v_cu", 1, unit="Đ") == ["đ"]
        if encoding == "SQL_ASCII":
            assert codes(other, "v_cu", 1, unit="Sở") == []
    finally:
        other.dispose()
        with vendor.connect() as owner:
            owner.execute(text(f"drop database {name} with (force)"))


@pytest.mark.parametrize(("type_", "value"), [("real", "0.1"), ("interval", "1 day")])
def test_a_column_whose_values_are_not_told_exactly_can_be_no_key(
    vendor: Engine, type_: str, value: str
) -> None:
    table(vendor, f"v_{type_}", ("A", value), key=type_)
    with pytest.raises(ContractBroken, match=rf"\[v_{type_}\]: column ma_ho_so can be no key"):
        codes(vendor, f"v_{type_}", 1)


@pytest.mark.parametrize(("type_", "second"), [("timestamp", "2026-11-05T00:00:00"), ("date", "2026-11-05")])
def test_a_key_of_days_may_hold_infinity(vendor: Engine, type_: str, second: str) -> None:
    there = ("infinity", "-infinity", "2026-11-05", "0044-03-15 BC")
    table(vendor, f"v_{type_}", *(("A", day) for day in there), key=type_)
    found = codes(vendor, f"v_{type_}", 1)
    assert [found[0], *found[2:]] == ["-infinity", second, "infinity"]
    assert found[1].startswith("0044-03-15")
