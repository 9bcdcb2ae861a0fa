"""What a vendor keeps in a real MariaDB, and our connector to it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from cchc.catalogue.models import Host, Source
from cchc.catalogue.profiles import Profile
from cchc.errors import CchcError
from cchc.sources.connector import Connection, Window
from cchc.sources.kinds.database.connector import Database
from cchc.sources.registry import connect
from integration.mariadb_server import MariaDb

EXAMPLE = Path(__file__).parents[2] / "docs/examples/profiles/vendor-view.yaml"
NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30))
PASSWORD = "mậtkhẩu'\\hunter2"
TABLE = """
create table v_ho_so (
    ma_don_vi varchar(20), ma_ho_so varchar(40), ma_tthc varchar(20), ma_linh_vuc varchar(20), truc_tuyen tinyint(1),
    trang_thai enum('RUT', 'MOI', 'DANG_XU_LY'), tiep_nhan_luc timestamp null, hen_tra_luc date, xong_luc datetime(6),
    tra_luc datetime, cap_nhat_luc datetime, ghi_chu text, ho_ten varchar(80), primary key (ma_don_vi, ma_ho_so)
)
"""
ROWS = """
insert into v_ho_so
select
    'A', concat('H', lpad(seq, 5, '0')), '1.0', 'Hồ sơ', seq % 2, 'DANG_XU_LY', '2026-11-10 01:00:00', '2026-11-20',
    '2026-11-12 09:30:00.25', null, '2026-11-05 10:00:00', '', 'CANARY Nguyễn Văn An'
from seq_1_to_2500
"""


def profile(page_size: int = 1000, fields: dict[str, Any] | None = None, **select: Any) -> Profile:
    raw = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    raw["options"]["page_size"] = page_size
    raw["datasets"]["dossier"]["select"] |= {"table": "v_nhin"} | select
    raw["datasets"]["dossier"]["fields"] |= fields or {}
    return Profile.model_validate(raw)


def connector(
    vendor: MariaDb, speaks: Profile, login: str = "reader", password: str = PASSWORD, **given: Any
) -> Database:
    url = given.pop("url", vendor.socket_url)
    params = {"donVi": given.pop("unit", "A")}
    limits = {"connect_seconds": 2, "read_seconds": 5, "total_seconds": 20}
    host = Host.model_validate({"code": "h", "connection": "h"} | limits | given)
    source = Source(
        code="x-csdl", unit="X", profile="p", host="h", history_from=NOVEMBER.start, params=params
    )
    found = connect(source, speaks, host, lambda _code: Connection(url, login, password))
    assert isinstance(found, Database)
    return found


def rows(database: Database, window: Window = NOVEMBER) -> list[dict[str, Any]]:
    return [dict(record) for page in database.read(window) for record in page.records]


def codes(database: Database, window: Window = NOVEMBER) -> list[str]:
    return [row["ma_ho_so"] for row in rows(database, window)]


def refusal(database: Database, kind: type[CchcError]) -> str:
    with pytest.raises(kind) as refused:
        rows(database)
    said = str(refused.value)
    assert "hunter2" not in said
    assert "reader" not in said
    assert "127.0.0.1" not in said
    return said


def table(vendor: MariaDb, name: str, *rows: str, columns: str = "") -> None:
    """Make a table like the vendor's (or of other columns) with rows, and let the reader see it."""
    vendor.run(f"drop table if exists `{name}`", f"create table `{name}` {columns or 'like v_ho_so'}")
    vendor.run(*rows, f"grant select on vendor.`{name}` to reader")
