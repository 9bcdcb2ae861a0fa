"""A profile drafted from samples in the shapes of real systems: valid, complete, and without a personal value."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import yaml
from click.testing import CliRunner

from cchc.catalogue.models import Profile
from cchc.cli import app
from cchc.errors import ConfigurationError
from cchc.onboarding.guess import guess, words_of
from cchc.sources.door.allow_list import Admitted, Door

SAMPLE = Path(__file__).parents[4] / "shared/samples/opencps/dossiers_list_86_redacted.json"
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


def test_a_csv_register(tmp_path: Path) -> None:
    rows = register()
    lines = [";".join(rows[0]), *(";".join(row.values()) for row in rows)]
    (tmp_path / "so.csv").write_text("\ufeff" + "\n".join(lines), encoding="utf-8")
    _, found = drafted("--kind", "files", "--sample", str(tmp_path / "so.csv"))
    assert_register(found)
    assert found["select"] == {"files": "UNDECIDED", "format": "csv"}


def test_a_workbook_whose_headings_stand_below_a_title(tmp_path: Path) -> None:
    rows = register()
    with xlsxwriter.Workbook(tmp_path / "so.xlsx") as book:
        sheet = book.add_worksheet("Sổ 2026")
        sheet.write(0, 0, "SỔ THEO DÕI HỒ SƠ")
        sheet.write_row(2, 0, list(rows[0]))
        for number, row in enumerate(rows):
            sheet.write_row(3 + number, 0, list(row.values()))
    _, found = drafted("--kind", "files", "--sample", str(tmp_path / "so.xlsx"))
    assert_register(found)
    assert found["select"] == {"files": "UNDECIDED", "format": "xlsx", "sheet": "Sổ 2026"}


def test_a_json_answer_says_where_its_records_and_total_are(tmp_path: Path) -> None:
    answer = {"status": 0, "page": {"count": 4000, "items": register()}, "other": [{"a": 1}]}
    (tmp_path / "a.json").write_text(json.dumps({"total": 4000, "result": answer}), encoding="utf-8")
    text, found = drafted("--kind", "rest", "--sample", str(tmp_path / "a.json"))
    assert_register(found)
    options = yaml.safe_load(text)["options"]
    assert (options["records"], options["total"]) == ("result.page.items", "total")


def test_a_database_table_with_its_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(tmp_path / "v.db") as vendor:
        vendor.execute(
            "create table ho_so (ma_ho_so text primary key, trang_thai text, tiep_nhan_luc text, ho_ten text)"
        )
        rows = [(f"H{n}", "MOI", f"2026-11-14 08:00:{n:02d}", NAMES[n % 3]) for n in range(30)]
        vendor.executemany("insert into ho_so values (?, ?, ?, ?)", rows)
    vendor.close()
    monkeypatch.setenv("AIRFLOW_CONN_VENDOR", f"sqlite://{tmp_path}/v.db")
    _, found = drafted("--kind", "database", "--sample", "vendor", "--table", "ho_so")
    assert found["select"] == {"table": "ho_so", "key": ["ma_ho_so"], "window": "UNDECIDED"}
    assert found["fields"]["received_at"]["formats"] == ["%Y-%m-%d %H:%M:%S"]
    assert found["fields"]["status"]["choices"] == {"MOI": "UNDECIDED"}
    assert found["personal"] == ["ho_ten"]


@pytest.mark.samples
@pytest.mark.skipif(not SAMPLE.exists(), reason="the shared samples are not here")
def test_a_real_answer_lets_no_personal_field_in() -> None:
    _, found = drafted("--kind", "rest", "--sample", str(SAMPLE))
    fields = {name: field["path"] for name, field in found["fields"].items() if "path" in field}
    assert fields["dossier_code"] == "dossierNo"
    assert fields["received_at"] == "receiveDate"
    assert set(found["fields"]["status"]["choices"]) == {"processing", "interoperating", "paying", "waiting"}
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
    ("name", "content", "said"),
    [
        ("a.json", b"{", "no JSON"),
        ("a.json", b'{"a": [1]}', "no list of objects"),
        ("a.csv", b"a;b\n", "has no rows"),
        ("a.csv", "Mã\n1".encode("utf-16"), "not UTF-8"),
        ("a.xlsx", b"<html>", "cannot be opened"),
    ],
)
def test_a_sample_that_cannot_be_read_is_said_so(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ConfigurationError, match=said):
        CliRunner().invoke(
            app,
            ["source", "new", "--kind", "files", "--sample", str(tmp_path / name)],
            catch_exceptions=False,
        )
