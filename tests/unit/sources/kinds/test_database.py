from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from cchc.catalogue.models import Host, Source
from cchc.catalogue.profiles import Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceUnavailable
from cchc.sources.connector import Connection, RawPage, Window
from cchc.sources.door.allow_list import Door
from cchc.sources.door.columns import by_column
from cchc.sources.registry import connect

EXAMPLE = Path(__file__).parents[4] / "docs/examples/profiles/vendor-view.yaml"
NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30))
COLUMNS = (
    "ma_don_vi text, ma_ho_so text, ma_tthc text, ma_linh_vuc text, truc_tuyen integer, trang_thai text, "
    "tiep_nhan_luc datetime, hen_tra_luc datetime, xong_luc datetime, tra_luc datetime, cap_nhat_luc datetime, "
    "ghi_chu text, ho_ten text"
)


def profile(**changes: Any) -> Profile:
    raw = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    raw["datasets"]["dossier"]["select"] |= changes.pop("select", {})
    return Profile.model_validate(raw | {"options": {"page_size": 3}} | changes)


def source(**params: str) -> Source:
    given = {"donVi": "A"} | params
    return Source(code="x-csdl", unit="X", profile="p", host="h", history_from=date(2026, 1, 1), params=given)


def read(
    url: str, speaks: Profile, window: Window = NOVEMBER, total_seconds: float = 10, **params: str
) -> tuple[list[RawPage], int]:
    host = Host(code="h", connection="h", connect_seconds=1, read_seconds=1, total_seconds=total_seconds)
    connector = connect(source(**params), speaks, host, lambda _code: Connection(url, "me", "hunter2"))
    pages = list(connector.read(window))
    return pages, connector.totals()["dossier"]


def codes(pages: list[RawPage]) -> list[str]:
    return [record["ma_ho_so"] for page in pages for record in page.records]


def row(code: str, changed: str | None = "2026-11-14 10:00:00", unit: str = "A") -> tuple[Any, ...]:
    received = "2026-11-10 08:00:00"
    return (unit, code, "1.0", None, 1, "MOI", received, received, None, None, changed, "", "CANARY Văn An")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "vendor.db"


@pytest.fixture
def vendor(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file)
    connection.execute(f"create table v_ho_so ({COLUMNS})")
    yield connection
    connection.close()


def put(vendor: sqlite3.Connection, *rows: tuple[Any, ...]) -> None:
    vendor.executemany(f"insert into v_ho_so values ({', '.join('?' * 13)})", rows)
    vendor.commit()


def test_the_window_of_one_unit_comes_page_by_page_in_the_order_of_the_key(
    vendor: sqlite3.Connection, file: Path
) -> None:
    put(vendor, *(row(f"H{n:02d}") for n in reversed(range(8))))
    put(vendor, row("before", "2026-10-31 23:59:59"), row("after", "2026-12-01"), row("never", None))
    put(vendor, row("first", "2026-11-01"), row("last", "2026-11-30 23:59:59"), row("H03", unit="B"))
    pages, total = read(f"sqlite://{file}", profile())
    # one that nobody has changed yet would never be seen, were it not in every window
    assert codes(pages) == [*(f"H{n:02d}" for n in range(8)), "first", "last", "never"]
    assert total == 11
    assert [len(page.records) for page in pages] == [3, 3, 3, 2]
    assert pages[1].place(0) == "v_ho_so page 2 row 4"
    assert "CANARY" not in str([page.records for page in pages])
    assert codes(read(f"sqlite://{file}", profile(), donVi="B")[0]) == ["H03"]
    assert read(f"sqlite://{file}", profile(), donVi="nobody") == ([], 0)


def test_rows_without_a_key_or_with_the_same_key_are_not_lost_in_silence(
    vendor: sqlite3.Connection, file: Path
) -> None:
    put(vendor, *(row(f"H{n}") for n in range(2)), row("H1"))
    with pytest.raises(ContractBroken, match=r"v_ho_so page 1\]: rows share a key: ma_don_vi, ma_ho_so"):
        read(f"sqlite://{file}", profile())
    with pytest.raises(ContractBroken, match="rows share a key"):  # the second stands beyond the page
        read(f"sqlite://{file}", profile(options={"page_size": 2}))
    vendor.execute("update v_ho_so set ma_ho_so = null where rowid = 1")
    vendor.commit()
    with pytest.raises(ContractBroken, match="1 of 3 rows have no key"):
        read(f"sqlite://{file}", profile())


def test_what_the_profile_names_must_be_there(vendor: sqlite3.Connection, file: Path) -> None:
    put(vendor, row("H1"))
    vendor.execute("alter table v_ho_so rename column trang_thai to tinh_trang")
    vendor.execute("alter table v_ho_so add column moi text")
    vendor.commit()
    with pytest.raises(
        ContractBroken, match=r"column trang_thai is not there; there are: ma_don_vi.*tinh_trang"
    ):
        read(f"sqlite://{file}", profile())
    vendor.execute("alter table v_ho_so rename column tinh_trang to TRANG_THAI")
    ((page,), _) = read(f"sqlite://{file}", profile())
    assert page.records[0]["trang_thai"] == "MOI"
    assert page.records[0]["moi"] is None  # named for who keeps the profile, and not read
    with pytest.raises(ContractBroken, match="no such table or view"):
        read(f"sqlite://{file}", profile(select={"table": "v_khac"}))
    with pytest.raises(ConfigurationError, match="is no date to the database"):
        read(f"sqlite://{file}", profile(select={"window": "ma_tthc"}))
    with pytest.raises(ConfigurationError, match="params need maSo"):
        read(f"sqlite://{file}", profile(select={"where": {"ma_don_vi": "maSo"}}))
    with pytest.raises(ConfigurationError, match="needs table and key"):
        read(f"sqlite://{file}", profile(select={"key": None}))


def test_a_parameter_is_compared_as_its_column_is(vendor: sqlite3.Connection, file: Path) -> None:
    vendor.execute("create table don_vi (ma integer, so decimal(8, 2), co boolean, chu text)")
    vendor.execute("insert into don_vi values (12, 12.50, 1, 'A')")
    vendor.execute("create view v_so as select * from v_ho_so, don_vi")
    put(vendor, row("H1"))

    def by(column: str, value: str) -> list[str]:
        where = {"table": "v_so", "where": {column: "donVi"}}
        return codes(read(f"sqlite://{file}", profile(select=where), donVi=value)[0])

    for column, value, other in (
        ("ma", "12", "13"),
        ("so", "12.5", "12"),
        ("co", "1", "0"),
        ("chu", "A", "a"),
    ):
        assert (by(column, value), by(column, other)) == (["H1"], []), column
    for column, said in (
        ("ma", "column ma of v_so holds whole numbers"),
        ("so", "column so of v_so holds numbers"),
    ):
        with pytest.raises(ConfigurationError, match=f"source x-csdl: {said}: donVi is none") as wrong:
            by(column, "hunter3")
        assert "hunter3" not in str(wrong.value)


@pytest.mark.parametrize("kind", ["text collate nocase", "text collate rtrim", "collate nocase"])
@pytest.mark.parametrize("size", [1, 2, 3, 9])
def test_texts_are_compared_by_their_bytes_whatever_the_collation_says(
    vendor: sqlite3.Connection, file: Path, kind: str, size: int
) -> None:
    columns = COLUMNS.replace("ma_don_vi text, ma_ho_so text", f"ma_don_vi {kind}, ma_ho_so {kind}")
    vendor.execute("drop table v_ho_so")
    vendor.execute(f"create table v_ho_so ({columns})")
    vendor.execute("create view v_xem as select * from v_ho_so")
    codes_there = ["HS-A", "HS-A ", "HS-B", "HS-a", "HS-b"]
    put(vendor, *(row(code, unit=unit) for code in codes_there for unit in ("A", "a", "A ")))
    speaks = profile(options={"page_size": size}, select={"table": "v_xem"})
    for unit in ("A", "a", "A "):
        pages, total = read(f"sqlite://{file}", speaks, donVi=unit)
        assert (codes(pages), total) == (codes_there, 5)


def test_a_view_that_fails_is_told_as_one(vendor: sqlite3.Connection, file: Path) -> None:
    put(vendor, row("H1"))
    vendor.execute("create table phu (a text)")
    vendor.execute("create view v_gay as select v_ho_so.* from v_ho_so, phu")
    vendor.execute("create view v_loi as select v_ho_so.*, abs(-9223372036854775807 - 1) as x from v_ho_so")
    vendor.execute("drop table phu")
    vendor.commit()
    for view in ("v_gay", "v_loi"):
        where = {"x": "donVi"} if view == "v_loi" else None
        with pytest.raises(ContractBroken, match=rf"\[{view}\]: .*a view of it fails.* \(SQLITE_ERROR\)"):
            read(f"sqlite://{file}", profile(select={"table": view, "where": where}))


def test_columns_that_are_named_after_people_are_not_told(vendor: sqlite3.Connection, file: Path) -> None:
    vendor.execute('alter table v_ho_so rename column ma_tthc to "Nguyễn Văn An"')
    vendor.commit()
    with pytest.raises(ContractBroken, match=r"ma_ho_so, \(unreadable name\), ma_linh_vuc"):
        read(f"sqlite://{file}", profile())


def test_a_name_is_data_and_never_sql(vendor: sqlite3.Connection, file: Path) -> None:
    put(vendor, row("H1"), row("H2"))
    evil = 'v"; drop table v_ho_so; --'
    vendor.execute('create view "v""; drop table v_ho_so; --" as select * from v_ho_so')
    vendor.commit()
    pages, total = read(f"sqlite://{file}", profile(select={"table": evil}), donVi="A' or '1'='1")
    assert (pages, total) == ([], 0)
    assert codes(read(f"sqlite://{file}", profile(select={"table": evil}))[0]) == ["H1", "H2"]
    assert vendor.execute("select count(*) from v_ho_so").fetchone() == (2,)


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        ("epoch_ms", 1_793_466_000_000, 1_793_465_999_999),  # 1 November, midnight in Việt Nam
        ("epoch_s", 1_793_466_000, 1_793_465_999),
        ("iso_text", "2026-11-01", "2026-10-31T23:59"),
    ],
)
def test_a_window_over_what_is_no_date_to_the_database(
    vendor: sqlite3.Connection, file: Path, kind: str, inside: Any, outside: Any
) -> None:
    put(vendor, row("H1", inside), row("H2", outside))
    pages, _ = read(f"sqlite://{file}", profile(select={"window_type": kind}))
    assert codes(pages) == ["H1"]


@pytest.mark.parametrize("kind", [None, "iso_text", "epoch_s", "epoch_ms"])
def test_a_window_column_that_is_written_otherwise_is_refused(
    vendor: sqlite3.Connection, file: Path, kind: str | None
) -> None:
    wrong = {
        None: "15/11/2026",
        "iso_text": "15/11/2026",
        "epoch_s": 1_794_700_800_000,
        "epoch_ms": 1_794_700_800,
    }
    put(vendor, *(row(f"H{n}", wrong[kind]) for n in range(5)), row("H8", None), row("H9", unit="B"))
    with pytest.raises(ConfigurationError) as refused:
        read(f"sqlite://{file}", profile(select={"window_type": kind}))
    assert "column cap_nhat_luc of v_ho_so holds no" in str(refused.value)
    assert "in 5 of 5 rows" in str(refused.value)
    assert str(wrong[kind]) not in str(refused.value)
    others = profile(select={"window_type": "iso_text" if kind else "epoch_s"})
    with pytest.raises(ConfigurationError, match="in 5 of 5 rows"):
        read(f"sqlite://{file}", others)


@pytest.mark.parametrize(("kind", "there"), [("iso_text", "2026-11-02"), ("epoch_s", 1_793_500_000)])
def test_a_window_value_that_is_no_day_is_never_out_of_sight(
    vendor: sqlite3.Connection, file: Path, kind: str, there: Any
) -> None:
    strange = {
        "iso_text": ("15/10/2026", "0000-00-00", 20261114, "2126-11-02"),
        "epoch_s": (0, "15/10/2026", 1_793_500_000_000, 4_949_000_000),
    }
    put(vendor, *(row(f"H{n}", there) for n in range(4)))
    put(vendor, *(row(f"S{n}", value) for n, value in enumerate(strange[kind])), row("N", None))
    by_one = profile(select={"window_type": kind})
    put(vendor, *([row("T", "")] if kind == "iso_text" else []))
    never = ["N", "S0", "S1", "S2", "S3", *(["T"] if kind == "iso_text" else [])]
    assert codes(read(f"sqlite://{file}", by_one)[0]) == ["H0", "H1", "H2", "H3", *never]
    october = Window(date(2026, 10, 1), date(2026, 10, 31))
    assert codes(read(f"sqlite://{file}", by_one, october)[0]) == never
    vendor.execute("update v_ho_so set tiep_nhan_luc = ?", [there])
    vendor.commit()
    by_two = profile(select={"window_type": kind, "window": ["cap_nhat_luc", "tiep_nhan_luc"]})
    assert codes(read(f"sqlite://{file}", by_two, october)[0]) == []  # the other column has a day


@pytest.mark.parametrize("named", [(), ("DO_MAT",)])
def test_a_column_whose_name_says_secrecy_is_looked_at_whoever_knows_of_it(
    vendor: sqlite3.Connection, file: Path, named: tuple[str, ...]
) -> None:
    put(vendor, *(row(f"H{n}") for n in range(4)))
    vendor.execute("alter table v_ho_so add do_mat text default 'Thường'")
    vendor.execute("alter table v_ho_so add so_mat text default 'Mật'")  # no level: it stays there
    vendor.execute("update v_ho_so set do_mat = 'Mật' where ma_ho_so = 'H2'")
    vendor.commit()
    speaks = profile()
    dataset = speaks.datasets["dossier"].model_copy(update={"ignored": named})
    [page, _] = read(f"sqlite://{file}", speaks.model_copy(update={"datasets": {"dossier": dataset}}))[0]
    admitted = Door(dataset).admit_page(page.records, by_column(page.records))
    assert admitted.numbers == [0, 1]
    assert "so_mat" not in "".join(page.records[1])  # the first record names what nobody knows


def test_a_file_beside_the_marks_may_be_left_out(vendor: sqlite3.Connection, file: Path) -> None:
    put(vendor, row("H1"))
    vendor.execute("alter table v_ho_so add tep_bi_mat blob default x'255044'")
    vendor.commit()
    with pytest.raises(ContractBroken, match="column tep_bi_mat holds bytes"):
        read(f"sqlite://{file}", profile())
    speaks = profile()
    dataset = speaks.datasets["dossier"].model_copy(update={"ignored": ("tep_bi_mat",)})
    leaving_out = speaks.model_copy(update={"datasets": {"dossier": dataset}})
    assert codes(read(f"sqlite://{file}", leaving_out)[0]) == ["H1"]


def test_a_list_by_another_day_cannot_say_what_is_gone(vendor: sqlite3.Connection, file: Path) -> None:
    put(vendor, row("H1"))
    for window, is_refused in (
        ("cap_nhat_luc", True),
        (["tiep_nhan_luc", "cap_nhat_luc"], False),
        (None, False),
    ):
        by_day = profile(select={"window": window})
        dataset = by_day.datasets["dossier"].model_copy(update={"complete": True})
        vouching = by_day.model_copy(update={"datasets": {"dossier": dataset}})
        if is_refused:
            said = r"dossier: complete needs the column of the field received_at in select.window"
            with pytest.raises(ConfigurationError, match=said):
                read(f"sqlite://{file}", vouching)
        else:
            assert codes(read(f"sqlite://{file}", vouching)[0]) == ["H1"]


def test_any_of_several_window_columns_or_none(vendor: sqlite3.Connection, file: Path) -> None:
    put(vendor, row("H1", "2026-01-01"), row("H2", None))
    several = profile(select={"window": ["cap_nhat_luc", "tiep_nhan_luc"]})
    assert codes(read(f"sqlite://{file}", several)[0]) == ["H1", "H2"]
    assert codes(read(f"sqlite://{file}", profile(select={"window": None}))[0]) == ["H1", "H2"]


def test_nothing_can_be_written_and_no_file_is_made(
    vendor: sqlite3.Connection, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(SourceUnavailable, match=r"x-csdl \[connection\].*cannot be reached"):
        read(f"sqlite://{tmp_path}/other.db", profile())
    assert sorted(tmp_path.iterdir()) == [file]
    (tmp_path / "no.db").write_text("<html>hunter2</html>" * 50)
    with pytest.raises(ContractBroken) as broken:
        read(f"sqlite://{tmp_path}/no.db", profile())
    assert "hunter2" not in str(broken.value)


def test_bytes_are_no_text(vendor: sqlite3.Connection, file: Path) -> None:
    put(vendor, (*row("H1")[:2], b"\x00", *row("H1")[3:]))
    with pytest.raises(ContractBroken, match="column ma_tthc holds bytes"):
        read(f"sqlite://{file}", profile())


def test_a_query_without_end_is_cut_off(vendor: sqlite3.Connection, file: Path) -> None:
    forever = (
        "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n where i % 2 = 2"
    )
    columns = ", ".join(column.split()[0] for column in COLUMNS.split(", "))
    vendor.execute(
        f"create view v_mai as select {columns} from v_ho_so union all select {', '.join(['i'] * 13)} from ({forever})"
    )
    vendor.commit()
    started = time.monotonic()
    with pytest.raises(SourceUnavailable, match=r"did not end within 0\.2 s"):
        read(
            f"sqlite://{file}",
            profile(select={"table": "v_mai", "window": None, "where": None}),
            total_seconds=0.2,
        )
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mssql://db.test/x", "driver pyodbc is not installed"),
        ("mysql://db.test", "names no database"),
        ("foxpro://db.test/x", "foxpro is no kind of database that is known"),
        ("postgresql://db.test:port/x", "port is no number"),
    ],
)
def test_a_connection_that_cannot_be_tried_is_a_mistake_of_ours(url: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said) as wrong:
        read(url, profile())
    assert "hunter2" not in str(wrong.value)
