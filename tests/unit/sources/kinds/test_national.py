from __future__ import annotations

from typing import Any

import pytest

from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.door.allow_list import Admitted
from unit.sources.profiles import admit, profile, read, with_options
from unit.sources.tiny_server import Request, answering, reply

PROFILE = with_options("national-hoso", page_size=2)


def system(rows: list[dict[str, Any]], uses_of_a_token: int = 99) -> Any:
    state = {"tokens": 0, "uses": 0}

    def answer(request: Request) -> bytes:
        if request.path == "/api/token":
            assert request.body == b"client_id=me&client_secret=hunter2"
            state["tokens"] += 1
            state["uses"] = 0
            return reply({"access_token": f"t{state['tokens']}", "expires_in": 3600})
        state["uses"] += 1
        if (
            request.headers["authorization"] != f"Bearer t{state['tokens']}"
            or state["uses"] > uses_of_a_token
        ):
            return reply({"status": 0, "errorCode": "101"}, "401 Unauthorized")
        page = int(request.query["trang"])
        return reply(
            {"status": 1, "message": "OK", "tongSo": len(rows), "duLieu": rows[page * 2 - 2 : page * 2]}
        )

    return answer


def test_pages_are_read_with_a_token() -> None:
    with answering(system([{"MaHoSo": str(n)} for n in range(5)])) as tiny:
        records, totals = read(PROFILE, tiny.url, "H14.01")
    assert [(r.payload["MaHoSo"], r.page) for r in records] == [
        ("0", "1"),
        ("1", "1"),
        ("2", "2"),
        ("3", "2"),
        ("4", "3"),
    ]
    assert totals == {"dossier": 5}
    assert [r.path for r in tiny.requests].count("/api/token") == 1
    query = tiny.requests[1].query
    assert (query["maDonVi"], query["tuNgay"], query["denNgay"]) == ("H14.01", "01/01/2022", "31/01/2022")


def test_a_dossier_that_changes_while_the_list_is_read_is_noticed() -> None:
    """It slides to the end and draws one over to the page that was read; the total stays."""
    rows = [{"MaHoSo": str(n), "NgayCapNhat": "1"} for n in range(5)]

    def answer(request: Request) -> bytes:
        if request.query.get("trang") == "2":
            rows.append(rows.pop(0) | {"NgayCapNhat": "2"})
        return whole(request)

    whole = system(rows)
    with answering(answer) as tiny, pytest.raises(SourceUnavailable, match=r"page 3\].*the list moved"):
        read(PROFILE, tiny.url)


def test_a_dossier_without_its_code_is_left_to_the_rules_and_a_page_of_them_is_none() -> None:
    with answering(system([{"MaHoSo": "1"}, {"MaHoSo": None}, {"MaHoSo": ""}, {"MaHoSo": "2"}])) as tiny:
        assert len(read(PROFILE, tiny.url)[0]) == 4
    with (
        answering(system([{"MaHoSo": None, "a": n} for n in range(2)])) as tiny,
        pytest.raises(ContractBroken, match=r"\[page 1\]: field MaHoSo is in none of the 2 records"),
    ):
        read(PROFILE, tiny.url)


def test_a_token_that_runs_out_is_renewed() -> None:
    with answering(system([{"MaHoSo": str(n)} for n in range(5)], uses_of_a_token=1)) as tiny:
        records, _ = read(PROFILE, tiny.url)
    assert len(records) == 5
    assert [r.path for r in tiny.requests].count("/api/token") == 3


def test_a_fresh_token_that_is_refused_is_the_end() -> None:
    with answering(system([], uses_of_a_token=0)) as tiny, pytest.raises(SourceRefused):
        read(PROFILE, tiny.url)
    assert len(tiny.requests) == 4


@pytest.mark.parametrize(
    ("fees", "duty"),
    [
        ([{"Gia": "0"}, {"Gia": 50000}], True),
        ([{"Gia": "0"}, {"Gia": "0.0"}], False),
        ([], False),
        ({"Gia": "8000"}, True),
        ([{"Gia": "miễn phí"}], None),
        ([{}], None),
        ("0", None),
        (None, None),
    ],
)
def test_duty_is_any_fee_above_zero_and_unknown_where_it_cannot_be_read(
    fees: object, duty: bool | None
) -> None:
    row = {"MaHoSo": "1"} | ({} if fees is None else {"DanhSachPhiLePhi": fees})
    with answering(system([row])) as tiny:
        records, _ = read(PROFILE, tiny.url)
    assert records[0].payload.get("@has_duty") is duty


PAPER = {"TenTepDinhKem": "Nguyễn Văn A.pdf", "DuocSoHoa": "0", "DuocLayTuKhoDMQG": "0"}
FILE = PAPER | {"DuongDanTaiTepTin": "https://files.example.com/999.pdf"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        # nothing is said by a system that sends none of it, or nothing readable
        ({}, {}),
        ({"TaiLieuNop": None, "HoSoCoThanhPhanSoHoa": "", "TaiKhoanDuocXacThucVoiVNeID": "không rõ"}, {}),
        ({"TaiLieuNop": "Nguyễn Văn A", "HoSoCoThanhPhanSoHoa": {"value": "1"}}, {}),
        # a list without papers says no
        ({"TaiLieuNop": []}, {"components_digitised": False, "personal_store": False, "citizen_data": False}),
        (
            {"TaiLieuNop": [PAPER]},
            {"components_digitised": False, "personal_store": False, "citizen_data": False},
        ),
        # a file, or a mark, is a digitised paper; one object is a list of one
        (
            {"TaiLieuNop": [PAPER, FILE]},
            {"components_digitised": True, "personal_store": False, "citizen_data": False},
        ),
        (
            {"TaiLieuNop": PAPER | {"DuocSoHoa": 1}},
            {"components_digitised": True, "personal_store": False, "citizen_data": False},
        ),
        (
            {"TaiLieuNop": [FILE | {"IsDeleted": "1", "DuocLayTuKhoDMQG": "1"}]},
            {"components_digitised": False, "personal_store": False, "citizen_data": False},
        ),
        # from the citizen's store
        (
            {"TaiLieuNop": [FILE | {"DuocLayTuKhoDMQG": "True"}]},
            {"components_digitised": True, "personal_store": True, "citizen_data": True},
        ),
        # used again: the mark of the dossier; of the papers only where the dossier was made on the portal
        ({"HoSoCoThanhPhanSoHoa": "1"}, {"data_reused": True}),
        ({"HoSoCoThanhPhanSoHoa": "0"}, {"data_reused": False}),
        (
            {"HoSoCoThanhPhanSoHoa": "0", "NoiNopHoSo": "2", "TaiLieuNop": [PAPER | {"DuocSoHoa": "1"}]},
            {
                "data_reused": False,
                "components_digitised": True,
                "personal_store": False,
                "citizen_data": False,
            },
        ),
        (
            {"NoiNopHoSo": "1", "TaiLieuNop": [PAPER | {"DuocSoHoa": "1"}]},
            {
                "data_reused": True,
                "components_digitised": True,
                "personal_store": False,
                "citizen_data": False,
            },
        ),
        # population data
        ({"TaiKhoanDuocXacThucVoiVNeID": "1"}, {"citizen_data": True}),
        ({"TaiKhoanDuocXacThucVoiVNeID": "0"}, {"citizen_data": False}),
        ({"DSKetNoiCSDL": [{"MaCSDL": "7"}, {"MaCSDL": "DC"}]}, {"citizen_data": True}),
        ({"DSKetNoiCSDL": [{"MaCSDL": "7"}]}, {"citizen_data": False}),
    ],
)
def test_digitisation_is_said_in_yes_and_no_and_no_paper_passes_the_door(
    row: dict[str, Any], said: dict[str, bool]
) -> None:
    speaks = with_options("national-hoso", population_dbs=["DC"])
    with answering(system([{"MaHoSo": "1"} | row])) as tiny:
        records, _ = read(speaks, tiny.url)
    admitted = admit(speaks.datasets["dossier"], records[0].payload)
    assert isinstance(admitted, Admitted)
    derived = {
        name.removeprefix("@"): value for name, value in admitted.fields.items() if name.startswith("@")
    }
    assert derived == {name: "true" if value else "false" for name, value in said.items()}
    assert not any(word in str(admitted) for word in ("Nguyễn", "999", "TaiLieuNop", "VNeID", "MaCSDL"))


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (
            {"status": 0, "errorCode": "106", "message": "Nguyễn Văn A"},
            ContractBroken,
            "error code 106 .field errorCode",
        ),
        ({"status": 0, "errorCode": "7"}, SourceUnavailable, "error code 7"),
        ({"status": 0, "errorCode": "8"}, SourceRefused, "error code 8"),
        ({"status": 0}, ContractBroken, "error code none"),
        ({"tongSo": 1}, ContractBroken, "field status is missing"),
        ({"status": 1, "duLieu": []}, ContractBroken, "field tongSo is missing"),
        (
            {"status": 1, "tongSo": 1, "duLieu": {"MaHoSo": "1"}},
            ContractBroken,
            "field duLieu is of type object",
        ),
    ],
)
def test_errors_inside_200(body: dict[str, Any], error: type[SourceError], words: str) -> None:
    outcome = profile("national-hoso").options["outcome"] | {"busy": ["7"], "refused": ["8"]}
    speaks = with_options("national-hoso", outcome=outcome)

    def answer(request: Request) -> bytes:
        return reply({"access_token": "t"} if request.path == "/api/token" else body)

    with answering(answer) as tiny, pytest.raises(error, match=words) as caught:
        read(speaks, tiny.url)
    assert caught.value.where == "page 1"
    assert "Nguyễn" not in str(caught.value)


def test_an_answer_without_a_token() -> None:
    with (
        answering(lambda _: reply({"token": "x"})) as tiny,
        pytest.raises(ContractBroken, match="access_token"),
    ):
        read(profile("national-hoso"), tiny.url)
