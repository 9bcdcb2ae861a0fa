from __future__ import annotations

from typing import Any

import pytest

from cchc.errors import ContractBroken, SourceError, SourceRefused, SourceUnavailable
from unit.sources.profiles import profile, read, with_options
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
    speaks = with_options("national-hoso", busy_codes=["7"], refused_codes=["8"])

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
