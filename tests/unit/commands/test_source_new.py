"""A profile drafted from samples in the shapes of real systems: valid, complete, and without a personal value."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner

from cchc.catalogue.profiles import Profile
from cchc.cli import app
from cchc.errors import ConfigurationError
from cchc.landing.delivery import LandedRow
from cchc.onboarding.guess import guess, words_of
from cchc.onboarding.headings import headings_of
from cchc.onboarding.mistakes import mistakes
from cchc.onboarding.read import read as read_sample
from cchc.sources.connector import Window
from cchc.sources.door.allow_list import Admitted, Door
from cchc.staging.mapping import StagedRow, compile_map
from cchc.warehouse.datasets import COLUMNS
from references import SAMPLES
from unit.sources.formats.books import encrypted
from unit.sources.formats.test_separated import windows_1258
from unit.sources.kinds.registers import put
from unit.sources.profiles import read
from unit.sources.tiny_server import Request, Send, answering, reply, serving

GUIDES = Path(__file__).parents[3] / "docs/examples/files/so_mot_cua_2026.xlsx"
NOVEMBER = Window(date(2026, 11, 1), date(2026, 11, 30))
SAMPLE = SAMPLES / "opencps" / "dossiers_list_86_redacted.json"
NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Hoàng Cường")


def register(count: int = 30) -> list[dict[str, Any]]:
    return [
        {
            "Mã hồ sơ": f"H14.20.{n:05d}",
            "Mã TTHC": f"1.00{n % 3}",
            "Trạng thái": ("Đang xử lý", "Đã trả kết quả")[n % 2],
            "Ngày tiếp nhận": f"{n % 28 + 1:02d}/11/2026 08:30",
            "Ngày hẹn trả": f"{n % 28 + 1:02d}/12/2026",
            "Họ và tên": NAMES[n % 3],
            "Phụ trách": NAMES[n % 3],
            "Điện thoại": f"09{n:08d}",
            "Ghi chú": "",
        }
        for n in range(count)
    ]


def drafted(*words: str) -> tuple[str, dict[str, Any]]:
    result = CliRunner().invoke(app, ["source", "new", *words], catch_exceptions=False)
    assert result.exit_code == 0
    raw = yaml.safe_load(result.output)
    Profile.model_validate(raw)  # also before its UNDECIDED fields are decided
    assert not any(name in result.output for name in NAMES)
    assert "0900000" not in result.output
    return result.output, raw["datasets"]["dossier"]


def assert_register(found: dict[str, Any]) -> None:
    fields = found["fields"]
    assert fields["dossier_code"] == {
        "path": "Mã hồ sơ", "type": "code", "required": True, "present": True
    }  # fmt: skip
    assert fields["procedure_code"]["path"] == "Mã TTHC"
    assert fields["status"]["choices"] == {"Đang xử lý": "UNDECIDED", "Đã trả kết quả": "UNDECIDED"}
    assert fields["received_at"]["formats"] == ["%d/%m/%Y %H:%M"]
    assert fields["due_at"]["formats"] == ["%d/%m/%Y"]
    assert set(found["personal"]) == {"Họ và tên", "Phụ trách", "Điện thoại", "Ghi chú"}
    assert found["secrecy"]["paths"] == ["Ghi chú"]


def accepted(text: str, url: str, **decided: str) -> list[StagedRow]:
    """Return the rows that the real connector and map make of a draft, once what is UNDECIDED is decided."""
    raw = yaml.safe_load(text) | {"title": "Sổ"}
    found = raw["datasets"]["dossier"]
    for key in found.get("select", ()):
        found["select"][key] = decided.get(key, found["select"][key])
    raw["options"] = {key: decided.get(key, value) for key, value in raw.get("options", {}).items()}
    for field in found["fields"].values():
        if "choices" in field:
            field["choices"] = dict.fromkeys((*field["choices"], "*"), "processing")  # also what is not shown
    assert "UNDECIDED" not in str(raw)
    profile = Profile.model_validate(raw)
    assert list(mistakes(profile, "dossier")) == []
    door, read_row = Door(profile.datasets["dossier"]), compile_map("dossier", profile)
    rows = []
    for number, record in enumerate(read(profile, url, window=NOVEMBER)[0]):
        admitted = door.admit(record.payload)
        assert isinstance(admitted, Admitted)
        assert admitted.unknown == frozenset()
        rows.append(read_row(LandedRow(number, record.place, admitted.fields)))
    assert [row.cast_errors for row in rows if row.cast_errors] == []
    return rows


def assert_accepted(rows: list[StagedRow]) -> None:
    assert len(rows) == 30
    first = dict(zip(COLUMNS["dossier"], rows[0].values, strict=True))
    assert first["dossier_code"] == "H14.20.00000"
    assert (first["status"], first["channel"], first["online_level"]) == ("processing", "unknown", "unknown")
    assert first["received_at"] == datetime(2026, 11, 1, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("as_bytes", [str.encode, windows_1258], ids=["utf-8", "windows-1258"])
def test_a_csv_register(tmp_path: Path, as_bytes: Callable[[str], bytes]) -> None:
    rows = register()
    lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
    sample = put(tmp_path, "so.csv", as_bytes("\n".join(lines) + "\n"))
    text, found = drafted("--kind", "files", "--sample", str(sample))
    assert_register(found)
    assert found["select"] == {"files": "UNDECIDED", "format": "csv"}
    assert_accepted(accepted(text, tmp_path.as_uri(), files="*.csv"))


def test_an_ndjson_register(tmp_path: Path) -> None:
    sample = put(tmp_path, "so.ndjson", "\n".join(map(json.dumps, register())))
    text, found = drafted("--kind", "files", "--sample", str(sample))
    assert_register(found)
    assert_accepted(accepted(text, tmp_path.as_uri(), files="*.ndjson"))


def book(tmp_path: Path, rows: list[dict[str, Any]], *above: list[str]) -> Path:
    path = put(tmp_path, "so.xlsx", b"")
    with xlsxwriter.Workbook(path) as written:
        sheet = written.add_worksheet("Sổ 2026")
        sheet.merge_range(0, 0, 0, len(rows[0]) - 1, "SỔ THEO DÕI HỒ SƠ")
        for number, cells in enumerate((*above, list(rows[0])), 2):
            sheet.write_row(number, 0, cells)
        for number, row in enumerate(rows, 3 + len(above)):
            sheet.write_row(number, 0, list(row.values()))
        sheet.write_row(3 + len(above) + len(rows), 0, ["Tổng cộng", len(rows)])
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def test_a_workbook_whose_headings_stand_below_a_title(tmp_path: Path) -> None:
    text, found = drafted("--kind", "files", "--sample", str(book(tmp_path, register())))
    assert_register(found)
    assert found["select"] == {
        "files": "UNDECIDED", "format": "workbook", "sheet": "Sổ 2026",
        "total": ["Tổng cộng", "Tổng số", "Cộng"],
    }  # fmt: skip
    assert_accepted(accepted(text, tmp_path.as_uri(), files="*.xlsx"))


def test_the_headings_of_other_offices(tmp_path: Path) -> None:
    lines = ["Số biên nhận,Ngày nộp,Ngày hẹn,Tình trạng"]
    lines += [f"H01-{n:04},{n % 28 + 1:02}/11/2026,{n % 28 + 1:02}/12/2026,Đã trả" for n in range(30)]
    _, found = drafted("--kind", "files", "--sample", str(put(tmp_path, "so.csv", "\n".join(lines))))
    named = {name: field.get("path") for name, field in found["fields"].items()}
    assert (named["dossier_code"], named["received_at"], named["due_at"]) == (
        *("Số biên nhận", "Ngày nộp", "Ngày hẹn"),
    )


def test_the_guides_workbook_with_headings_of_two_rows_and_their_numbers(tmp_path: Path) -> None:
    sample = put(tmp_path, GUIDES.name, GUIDES.read_bytes())
    text, found = drafted("--kind", "files", "--sample", str(sample))
    assert {name: field.get("path") for name, field in found["fields"].items()} == {
        "dossier_code": "Số hồ sơ",
        "procedure_code": "Mã thủ tục",
        "intake": None,
        "channel": None,
        "online_level": None,
        "status": "Tình trạng",
        "received_at": "Ngày / Tiếp nhận",
        "due_at": "Ngày / Hẹn trả",
        "returned_at": "Ngày / Trả kết quả",
    }
    assert found["personal"] == ["Người nộp"]
    assert "Nông Thị" not in text
    assert len(accepted(text, tmp_path.as_uri(), files="*.xlsx")) == 3


@pytest.mark.parametrize(
    ("rows", "merged", "names"),
    [
        (
            [["Tên sổ", ""], ["Mã", "Ngày"], ["1", "2"], ["a", "b"]],
            [],
            ["Mã", "Ngày"],
        ),
        (
            [["UBND", "", "CHXHCN", ""], ["Mã", "Ngày", "", "Ghi"], ["", "Đến", "Đi", ""], ["a", "b", "c", "d"]],
            [(0, 0, 0, 1), (0, 2, 0, 3), (1, 1, 1, 2)],
            ["Mã", "Ngày / Đến", "Ngày / Đi", "Ghi"],
        ),
        (
            [["Mã", "Đến", "", "Đi", ""], ["", "Tổng", "Hạn", "Tổng", "Hạn"], ["a", "b", "c", "d", "e"]],
            [(0, 0, 1, 0), (0, 1, 0, 2), (0, 3, 0, 4)],
            ["Mã", "Đến / Tổng", "Đến / Hạn", "Đi / Tổng", "Đi / Hạn"],
        ),
        (  # a heading over two columns of records is none over headings
            [["Mã", "Ghi chú", ""], ["a", "b", "c"], ["d", "e", "f"]],
            [(0, 1, 0, 2)],
            ["Mã", "Ghi chú", "Ghi chú"],
        ),
        ([[1.0, 2.0]], [], []),
    ],
)  # fmt: skip
def test_headings_of_a_sheet_nobody_has_described(
    rows: list[list[Any]], merged: list[tuple[int, int, int, int]], names: list[str]
) -> None:
    assert headings_of(rows, merged) == names


def test_a_json_answer_says_where_its_records_and_total_are(tmp_path: Path) -> None:
    answer = {"status": 0, "total": 30, "result": {"page": {"items": register()}, "other": [{"a": 1}]}}
    (tmp_path / "a.json").write_text(json.dumps(answer), encoding="utf-8")
    text, found = drafted("--kind", "rest", "--sample", str(tmp_path / "a.json"))
    assert_register(found)
    options = yaml.safe_load(text)["options"]
    assert (options["records"], options["total"]) == ("result.page.items", "total")
    with answering(lambda _: reply(answer)) as server:
        assert_accepted(accepted(text, server.url, path="/dossiers"))


def test_an_address_that_gives_no_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(_request: Request, send: Send, stopping: threading.Event) -> None:
        send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        while not stopping.wait(0.05):
            send(b" ")

    monkeypatch.setattr("cchc.onboarding.read._SECONDS", 0.5)
    with (
        serving(drip) as server,
        pytest.raises(ConfigurationError, match=r"within 0\.5 s.*save it as a file"),
    ):
        read_sample(f"{server.url}/?key=canary", "rest")
    for answer in (reply({}, "404 Not Found"), reply({}, "302 Found", "Location: http://127.0.0.1/")):
        with (
            answering(lambda _, answer=answer: answer) as server,
            pytest.raises(ConfigurationError) as caught,
        ):  # type: ignore[misc]
            read_sample(f"{server.url}/?key=canary", "rest")
        assert "save it as a file" in str(caught.value)
        assert "canary" not in str(caught.value)
    with answering(lambda _: reply({"items": register()})) as server:
        assert len(read_sample(server.url, "rest").records) == 30


def test_a_list_of_lines_over_http(tmp_path: Path) -> None:
    lines = "\n".join(map(json.dumps, register())) + "\n"
    (tmp_path / "a.ndjson").write_text(lines, encoding="utf-8")
    text, found = drafted("--kind", "rest", "--sample", str(tmp_path / "a.ndjson"))
    assert_register(found)
    with answering(lambda _: reply(lines.encode())) as server:
        assert_accepted(accepted(text, server.url, path="/dossiers"))


def test_a_database_table_with_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(tmp_path / "v.db") as vendor:
        vendor.execute(
            "create table ho_so (ma_ho_so text primary key, trang_thai text, tiep_nhan_luc text, ho_ten text)"
        )
        rows = [(f"H14.20.{n:05d}", "MOI", f"2026-11-01 08:30:{n:02d}", NAMES[n % 3]) for n in range(30)]
        vendor.executemany("insert into ho_so values (?, ?, ?, ?)", rows)
    vendor.close()
    monkeypatch.setenv("AIRFLOW_CONN_VENDOR", f"sqlite://{tmp_path}/v.db")
    text, found = drafted("--kind", "database", "--sample", "vendor", "--table", "main.ho_so")
    assert found["select"] == {
        "schema": "main", "table": "ho_so", "key": ["ma_ho_so"], "window": "UNDECIDED", "window_type": "iso_text"
    }  # fmt: skip
    assert found["fields"]["received_at"]["formats"] == ["%Y-%m-%d %H:%M:%S"]
    assert found["fields"]["status"]["choices"] == {"MOI": "UNDECIDED"}
    assert found["personal"] == ["ho_ten"]
    assert_accepted(accepted(text, f"sqlite://{tmp_path}/v.db", window="tiep_nhan_luc"))


@pytest.mark.samples
@pytest.mark.skipif(not SAMPLE.exists(), reason="the shared samples are not here")
def test_a_real_answer_lets_no_personal_field_in() -> None:
    text, found = drafted("--kind", "rest", "--sample", str(SAMPLE))
    fields = {name: field["path"] for name, field in found["fields"].items() if "path" in field}
    assert fields["dossier_code"] == "dossierNo"
    assert fields["received_at"] == "receiveDate"
    assert set(found["fields"]["status"]["choices"]) == {"processing", "interoperating", "paying"}
    assert "# 1 values that are rare, or look personal, are not shown here" in text
    dataset_map = Profile.model_validate(
        {"code": "x", "kind": "rest", "title": "x", "datasets": {"dossier": found}}
    )
    door = Door(dataset_map.datasets["dossier"])
    for record in json.loads(SAMPLE.read_text(encoding="utf-8"))["data"]:
        admitted = door.admit(record)
        assert isinstance(admitted, Admitted)
        assert admitted.unknown == frozenset()
        assert not set(admitted.fields) & {
            "applicantName",
            "hasPassword",
            "contactTelNo",
            "address",
            "submissionNote",
        }


@pytest.mark.parametrize(
    ("values", "role"),
    [
        (["2026-11-14T08:00:00+07:00", "2026-11-14T08:00:00Z"], "date"),
        (["1793466000000", "1793466000001"], "date"),
        (["31/02/2026"], "choice"),
        (["true", "false"], "flag"),
        (["001099012345", "001099012346"], "personal"),
        (["x" * 80, "y" * 70], "text"),
        ([None, ""], "empty"),
    ],
)
def test_what_values_say(values: list[Any], role: str) -> None:
    (found,) = guess([{"f": value} for value in values])
    assert found.role == role


def test_words_of_a_path() -> None:
    assert words_of("a.lastActionUser") == "last action user"
    assert words_of("Ngày tiếp nhận (1)") == "ngay tiep nhan 1"


@pytest.mark.parametrize(
    ("kind", "name", "content", "said"),
    [
        ("rest", "a.json", b"{", "no JSON"),
        ("rest", "a.json", b'{"a": [1]}', "no list of objects"),
        (
            "rest",
            "a.csv",
            b"a;b\n1;2\n",
            "read as csv, and the kind rest reads json, ndjson: is the .* kind files",
        ),
        ("files", "a.json", b"[{}]", "read as json, and the kind files reads csv, ndjson, workbook"),
        ("files", "a.csv", b"a;b\n", "has no rows"),
        ("files", "a.csv", b"M\xb7\n1\n", "not UTF-8"),
        ("files", "a.csv", b"PK\x03\x04\xff\xfe\x9d\x01", "is no text"),
        ("files", "a.csv", b"\xd0\xcf\x11\xe0" + bytes(60) + b"\x05\x00R\x00o\x00", "is no text"),
        ("files", "a.csv", b'a;"b\n', "the quotes"),
        ("files", "a.ndjson", b'{"a": 1}\n{', "a.ndjson:2: the line cannot be read"),
        ("files", "a.xlsx", b"<html>", "not a workbook"),
        ("files", "a.xlsx", encrypted(), "has a password"),
    ],
)
def test_a_sample_that_cannot_be_read_is_said_so(
    tmp_path: Path, kind: str, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        CliRunner().invoke(
            app,
            ["source", "new", "--kind", kind, "--sample", str(tmp_path / name)],
            catch_exceptions=False,
        )
