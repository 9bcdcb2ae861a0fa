"""A profile drafted from samples that would mislead, or tell of people: nothing of them is told, and it can be used."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner

from cchc.catalogue.profiles import FieldMap, Profile
from cchc.cli import app
from cchc.errors import CchcError, ConfigurationError
from cchc.onboarding.fields import UNREADABLE, fields_of
from cchc.onboarding.guess import guess
from cchc.onboarding.sample import told
from cchc.settings import settings
from cchc.sources.connector import Window
from unit.commands.test_source_new import accepted
from unit.sources.kinds.registers import put
from unit.sources.profiles import read
from unit.sources.tiny_server import answering, reply

PEOPLE = ("Nguyễn Văn An", "Trần Thị Bình", "Giàng A Páo", "Hờ Mị", "Sùng Seo Dín")
RECORDS = [
    [f"H01.{n:03d}", PEOPLE[n % 5], f"0402{n:08d}", f"09123456{n:02d}", "Đang xử lý", f"{n + 1:02d}/11/2026"]
    for n in range(6)
]
SECRET = (*PEOPLE, "0402000", "0912345")


def new(kind: str, *words: str) -> tuple[str, str]:
    """Return the draft, and what was said where there is none; neither tells of anybody."""
    try:
        found = CliRunner().invoke(
            app, ["source", "new", "--kind", kind, "--sample", *words], catch_exceptions=False
        )
        text, said = found.output, ""
    except ConfigurationError as refused:
        text, said = "", str(refused)
    for name in SECRET:
        assert name not in text + said
    return text, said


def dossier(text: str) -> dict[str, Any]:
    raw = yaml.safe_load(text)
    Profile.model_validate(raw)
    found: dict[str, Any] = raw["datasets"]["dossier"]
    return found


# --- names of fields ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("first", range(6))
def test_a_register_without_headings_is_none(tmp_path: Path, first: int) -> None:
    """`first`: the column in which the first record is empty, so that another one must tell."""
    rows = [
        ["" if (at, n) == (0, first) else cell for n, cell in enumerate(row)]
        for at, row in enumerate(RECORDS)
    ]
    lines = "\n".join(map(",".join, rows))
    assert "what stands there looks like a record" in new("files", str(put(tmp_path, "a.csv", lines)))[1]
    path = put(tmp_path, "a.xlsx", b"")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    assert "no row of headings" in new("files", str(path))[1]


def test_a_record_of_names_and_states_alone_is_no_heading(tmp_path: Path) -> None:
    lines = "Hờ Mị,Đang xử lý\nSùng Mị,Đang xử lý\nLý Mị,Đã trả\n"
    assert "looks like a record" in new("files", str(put(tmp_path, "a.csv", lines)))[1]


@pytest.mark.parametrize("above", ["sep=;\n", "SỔ THEO DÕI;;\n;;\n", "SỞ NỘI VỤ\n\nSỔ THEO DÕI\n"])
def test_titles_may_stand_above_the_headings(tmp_path: Path, above: str) -> None:
    rows = "".join(f"H{n};a;01/11/2026\n" for n in range(30))
    sample = put(tmp_path, "a.csv", f"{above}Mã hồ sơ;Trạng thái;Ngày tiếp nhận\n{rows}")
    text, _ = new("files", str(sample))
    fields = dossier(text)["fields"]
    assert [fields[name]["path"] for name in ("dossier_code", "status", "received_at")] == [
        "Mã hồ sơ", "Trạng thái", "Ngày tiếp nhận"
    ]  # fmt: skip
    assert len(accepted(text, tmp_path.as_uri(), files="*.csv")) == 30
    sample.write_text(above + "\n".join(map(";".join, RECORDS)), encoding="utf-8")
    assert "looks like a record" in new("files", str(sample))[1]


def test_names_that_look_like_data_are_not_told_and_what_stands_there_is_personal(tmp_path: Path) -> None:
    record = {
        "maHoSo": "H1",
        "nop": {"040200000000": "x", "Nguyễn Văn An": {"a": 1}, "ten": "b"},
        "Trần Thị Bình": 1,
    }
    (tmp_path / "a.json").write_text(json.dumps([record, {"maHoSo": "H2"}]), encoding="utf-8")
    text, _ = new("rest", str(tmp_path / "a.json"))
    assert dossier(text)["personal"] == ["nop"]
    assert "# some fields have names that look like data" in text
    keyed = [{"ma": f"H{n}", "nguoi": n, "nop": {PEOPLE[n % 5] if n != 3 else "Hờ A": n}} for n in range(5)]
    (tmp_path / "a.json").write_text(json.dumps(keyed), encoding="utf-8")
    text, _ = new("rest", str(tmp_path / "a.json"))
    assert "nop" in dossier(text)["personal"]
    assert "Hờ A" not in text


def test_a_name_with_a_line_end_stands_on_one_line(tmp_path: Path) -> None:
    records = [{"a\ncode: evil": f"H{n}", "b\n- x": f"0{n % 9 + 1}/11/2026"} for n in range(30)]
    (tmp_path / "a.json").write_text(json.dumps(records), encoding="utf-8")
    text, _ = new("rest", str(tmp_path / "a.json"))
    assert dossier(text)["ignored"] == ["a\ncode: evil", "b\n- x"]
    assert '# different in every record: "a\\ncode: evil"' in text
    assert yaml.safe_load(text)["code"] == "new-profile"


def test_objects_that_share_a_key_are_not_keyed_by_data() -> None:
    records = [{"hoSo": {"ma": n, f"phu{n}": n}} for n in range(5)]
    assert fields_of(records).hidden == {}
    keyed = [{"hoSo": {f"phu{chr(97 + n)}": n}, PEOPLE[0]: {f"x{chr(97 + n)}": n}} for n in range(5)]
    assert fields_of(keyed).hidden == {"hoSo": 5, UNREADABLE: 5}


def test_a_list_below_a_name_that_looks_like_data_is_not_told() -> None:
    answer = {"Trần Thị Bình": {"0912345678": [{"ma": "H1"}, {"ma": "H2"}]}}
    with answering(lambda _: reply(answer)) as server:
        assert "below names that look like data" in new("rest", f"{server.url}/leak/list")[1]
    with answering(lambda _: reply(answer | {"ds": [{"ma": "H1"}], "Nguyễn Văn An": 5})) as server:
        text, _ = new("rest", f"{server.url}/leak/list")
        assert yaml.safe_load(text)["options"] == {"path": "UNDECIDED", "records": "ds"}


def test_a_sheet_that_is_named_after_a_person_is_not_told(tmp_path: Path) -> None:
    path = put(tmp_path, "a.xlsx", b"")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(PEOPLE[0])
        for number, row in enumerate((["Mã hồ sơ", "Tình trạng"], ["H1", "a"], ["H2", "b"])):
            sheet.write_row(number, 0, row)
    assert dossier(new("files", str(path))[0])["select"]["sheet"] == "UNDECIDED"


# --- values ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "count", "shown"),
    [
        ("Hờ Mị", 1, "aa aa"),
        ("Hương", 1, "aaaaa"),
        ("Chờ bổ sung", 1, "aaa aa aaaa"),
        ("Chờ bổ sung", 2, "Chờ bổ sung"),
        ("TT05", 1, "TT05"),
        ("7", 1, "7"),
        ("Nguyễn Văn An", 9, "aaaaaa aaa aa"),
        ("Lê Nam", 9, "aa aaa"),
        ("040200000000", 9, "999999999999"),
    ],
)
def test_a_value_of_a_list_is_shown_where_it_is_none_of_a_person(value: str, count: int, shown: str) -> None:
    assert told(FieldMap(path="tt", type="choice", choices={"a": "x"}), value, count) == shown
    assert told(FieldMap(path="ma", type="code"), value, count) == "".join(
        "9" if c.isdigit() else "a" if c.isalpha() else c for c in value
    )
    (found,) = guess([{"tt": value}] * count)
    assert found.values == ((value,) if shown == value else ())


# --- dates ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("texts", "formats", "doubt"),
    [
        (["13-11-2026", "1-2-2026"], ["%d-%m-%Y"], ""),
        (["13/11/26", "01/02/26"], ["%d/%m/%y"], ""),
        (["13.11.2026"], ["%d.%m.%Y"], ""),
        (["13/11/2026 3:05 PM", "01/02/2026 11:59 AM"], ["%d/%m/%Y %I:%M %p"], ""),
        (["08:30 13/11/2026"], ["%H:%M %d/%m/%Y"], ""),
        (["2026-11-13", "13/11/2026", "13/12/2026"], ["%d/%m/%Y", "%Y-%m-%d"], ""),
        (["01/02/2026", "12/12/2026"], ["%d/%m/%Y"], "dd/mm or mm/dd? all days are ≤ 12"),
        (["01-02-2026", "2026-11-13"], ["%d-%m-%Y", "%Y-%m-%d"], "dd/mm or mm/dd? all days are ≤ 12"),
        (["11/13/2026", "11/01/2026"], ["%m/%d/%Y"], "month first: the other order reads fewer"),
        ([f"11/{n:02d}/26" for n in range(1, 14)], ["%m/%d/%y"], "month first: the other order reads fewer"),
        ([*(f"{n:02d}/11/2026" for n in range(13, 30)), "sớm"], ["%d/%m/%Y"], ""),
    ],
)  # fmt: skip
def test_how_days_are_written(texts: list[str], formats: list[str], doubt: str) -> None:
    (found,) = guess([{"ngay": text} for text in texts])
    assert (found.role, list(found.formats), found.doubt) == ("date", formats, doubt)


@pytest.mark.parametrize("texts", [["202611"], ["1.012766"], ["1.10.2"], ["12/2026"], ["H1", "01/11/2026"]])
def test_what_is_no_day(texts: list[str]) -> None:
    (found,) = guess([{"ngayNhan": text} for text in texts])
    assert found.role != "date"
    assert "a date by its name, in no form that is known here" in found.why


@pytest.mark.parametrize(
    "name", ["Trạng thái hệ thống", "Cần bổ sung", "trangThaiHeThong", "forwarded", "pinned"]
)
def test_a_name_is_personal_by_its_words_and_not_by_letters_within_them(name: str) -> None:
    (found,) = guess([{name: f"a{n % 2}"} for n in range(9)])
    assert found.role == "choice"


@pytest.mark.parametrize(
    "name", ["Thôn", "xom_ban", "Họ tên", "hoTen", "EMAIL", "cán bộ", "pin", "nguoiNop", "HOVATEN"]
)
def test_names_that_are_personal(name: str) -> None:
    (found,) = guess([{name: f"a{n % 2}"} for n in range(9)])
    assert found.role == "personal"


# --- what its own connector would refuse ----------------------------------------------------------------------
def test_a_heading_that_stands_twice_is_not_mapped(tmp_path: Path) -> None:
    lines = "\n".join(["Mã hồ sơ,MÃ HỒ SƠ,Số hồ sơ,Trạng thái", *(f"H{n},G{n},S{n},a" for n in range(30))])
    text, _ = new("files", str(put(tmp_path, "a.csv", lines)))
    assert dossier(text)["fields"]["dossier_code"]["path"] == "Số hồ sơ"
    assert dossier(text)["ignored"] == ["Mã hồ sơ", "MÃ HỒ SƠ"]
    assert len(accepted(text, tmp_path.as_uri(), files="*.csv")) == 30


def test_what_is_sometimes_an_object_or_a_list_is_not_mapped(tmp_path: Path) -> None:
    records = [
        {
            "maHoSo": f"H{n}" if n % 2 else {"ma": f"H{n}"},
            "soHoSo": f"S{n}",
            "status": ["a"] if n % 5 else "a",
        }
        | {"trangThai": "a", "channel": [{"x": 1}, {"x": 2}]}
        for n in range(30)
    ]
    (tmp_path / "a.json").write_text(json.dumps(records), encoding="utf-8")
    text, _ = new("rest", str(tmp_path / "a.json"))
    found = dossier(text)
    assert found["fields"]["dossier_code"]["path"] == "soHoSo"
    assert found["fields"]["status"]["path"] == "trangThai"
    assert {"maHoSo", "maHoSo.ma", "status"} <= set(found["ignored"])
    with answering(lambda _: reply(records)) as server:
        assert len(accepted(text, server.url, path="/dossiers")) == 30


# --- tables ---------------------------------------------------------------------------------------------------
@contextmanager
def table(
    folder: Path, monkeypatch: pytest.MonkeyPatch, columns: str, *rows: tuple[Any, ...]
) -> Iterator[str]:
    with sqlite3.connect(folder / "v.db") as vendor:
        vendor.execute(f"create table ho_so ({columns})")
        vendor.executemany(f"insert into ho_so values ({', '.join('?' * len(rows[0]))})", rows)
    vendor.close()
    monkeypatch.setenv("AIRFLOW_CONN_VENDOR", f"sqlite://{folder}/v.db")
    yield new("database", "vendor", "--table", "ho_so")[0]


@pytest.mark.parametrize(
    ("type_", "values", "window"),
    [
        ("date", ["15/11/2026", "14/11/2026"], {}),
        ("text", ["15/11/2026", "14/11/2026"], {}),
        ("date", ["2026-11-14", "2026-11-15"], {"window": "nhan_ngay"}),
        (
            "text",
            ["2026-11-14 08:00:00", "2026-11-15 08:00:00"],
            {"window": "nhan_ngay", "window_type": "iso_text"},
        ),
        (
            "datetime",
            [1_793_500_000_000, 1_793_500_000_001],
            {"window": "nhan_ngay", "window_type": "epoch_ms"},
        ),
        ("integer", [1_793_500_000, 1_793_500_001], {"window": "nhan_ngay", "window_type": "epoch_s"}),
    ],
)
def test_a_table_is_offered_the_windows_that_its_connector_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, type_: str, values: list[Any], window: dict[str, str]
) -> None:
    columns = f"ma_ho_so text primary key, trang_thai text, nhan_ngay {type_}"
    rows = [(f"H14.20.{n:05d}", "MOI", values[n % 2]) for n in range(30)]
    with table(tmp_path, monkeypatch, columns, *rows) as text:
        select = dossier(text)["select"]
    assert select.get("window_type") == window.get("window_type")
    assert ("dates are: nhan_ngay" in text) == bool(window)
    assert ("# no window can be: nhan_ngay" in text) != bool(window)
    speaks = yaml.safe_load(text.replace("UNDECIDED", "nhan_ngay"))
    found = speaks["datasets"]["dossier"]
    found["fields"]["status"]["choices"] = {"MOI": "processing"}
    profile, url = Profile.model_validate(speaks), f"sqlite://{tmp_path}/v.db"
    day = Window(date(2026, 11, 1), date(2026, 11, 30))
    if window:
        assert len(read(profile, url, window=day)[0]) == 30
    else:
        with pytest.raises(CchcError, match=r"no date to the database|no day can be found by it"):
            read(profile, url, window=day)


def test_a_column_that_is_named_after_a_person_is_not_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = '"Nguyễn Văn An" text primary key, ma_ho_so text, "0912345678" text'
    with table(tmp_path, monkeypatch, columns, *((f"a{n}", f"H{n}", "x") for n in range(5))) as text:
        assert dossier(text)["select"]["key"] == ["UNDECIDED"]
        assert "# some fields have names that look like data" in text


def test_what_an_office_wrote_about_people_is_looked_through_and_an_attachment_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = 'ma_ho_so text primary key, ghi_chu text, tep_dinh_kem blob, "0912345678" blob'
    rows = [(f"H{n}", f"{PEOPLE[n % 5]}, 09123456{n:02d}", b"\x00\xff", b"") for n in range(6)]
    with table(tmp_path, monkeypatch, columns, *rows) as text:
        found = dossier(text)
    assert found["secrecy"]["paths"] == ["ghi_chu"]
    assert found["personal"] == ["ghi_chu"]
    assert found["ignored"] == ["tep_dinh_kem"]
    assert "# where: {" in text


def test_a_draft_may_be_written_straight_to_the_other_profiles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hosts.yaml").write_text("[]", encoding="utf-8")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/new-profile.yaml").touch()  # as a shell has made it by now
    monkeypatch.setenv("CCHC_CATALOGUE", str(tmp_path))
    settings.cache_clear()
    try:
        with table(tmp_path, monkeypatch, "ma_ho_so text primary key", ("H1",)) as text:
            assert dossier(text)["select"]["table"] == "ho_so"
    finally:
        settings.cache_clear()
