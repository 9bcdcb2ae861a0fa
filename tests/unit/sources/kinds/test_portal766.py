from __future__ import annotations

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cchc.catalogue.load import cached
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.landing.delivery import LandedRow
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.connector import Window
from cchc.sources.door.allow_list import Admitted
from cchc.sources.kinds.portal766 import added, months
from cchc.staging.mapping import compile_map
from cchc.warehouse.datasets import COLUMNS
from references import OFFICIAL
from simulators.faults import FaultKind
from simulators.province import only, running
from unit.sources.profiles import Record, admit, profile, read, with_options
from unit.sources.tiny_server import Request, answering, reply

GROUPS = {group["group"]: group for group in profile("portal766").options["groups"]}
PROGRESS = GROUPS["progress"]
ONE = with_options("portal766", pause_seconds=0, months_back=0, page_size=2, groups=[PROGRESS])
ALL = with_options("portal766", pause_seconds=0, months_back=0)
SATISFACTION = GROUPS["satisfaction"]
METRICS = with_options("portal766", pause_seconds=0, months_back=0, page_size=2, groups=[SATISFACTION])


def unit(code: str, received: Any = 10, on_time: Any = 9, **more: Any) -> dict[str, Any]:
    counts = {"totalReceived": received, "totalOnTime": on_time}
    return {
        "departmentId": f"id-{code}",
        "departmentCode": code,
        **counts,
        "score": 18,
        "maxScore": 20,
        **more,
    }


def tree(*children: dict[str, Any], parent: Any = None) -> bytes:
    whole = unit("H44") if parent is None else parent
    return reply({"code": "OK", "data": {"parent": whole, "children": list(children)}, "message": "OK"})


def rated(code: str) -> dict[str, Any]:
    return {
        "departmentId": f"id-{code}",
        "departmentCode": code,
        "totalScore": 1,
        "totalMaxScore": 18,
        "metrics": [],
    }


def metrics(*units: str, **more: Any) -> bytes:
    rows = [rated(code) for code in units]
    return reply({"code": "OK", "data": {"overview": rated("H44"), "evaluation": rows, **more}})


def page_of(request: Request) -> int:
    return int(json.loads(request.body)["currentPage"])


def canonical(record: Record) -> dict[str, Any]:
    """Return the record as staging types it, with `errors`."""
    speaks = profile("portal766")
    passed = admit(speaks.datasets["official_score"], record.payload)
    assert isinstance(passed, Admitted)
    assert not passed.unknown
    row = compile_map("official_score", speaks)(LandedRow(1, record.place, passed.fields))
    return dict(zip(COLUMNS["official_score"], row.values, strict=True)) | {"errors": row.cast_errors}


@pytest.mark.parametrize(
    "pages",
    [
        {1: ["H44.01", "H44.02"], 2: ["H44.03"], 3: []},
        {1: ["H44.01", "H44.02"], 2: []},
        {1: ["H44.01"], 2: ["H44.02"], 3: ["H44.03"], 4: []},  # fewer at once than were asked for
    ],
)
def test_pages_are_read_until_one_is_empty(pages: dict[int, list[str]]) -> None:
    with answering(lambda r: tree(*map(unit, pages[page_of(r)]))) as tiny:
        records, totals = read(ONE, tiny.url, "root-1")
    codes = [r.payload["@department"] for r in records if r.payload["@component"] == ""]
    assert codes == ["H44", *(code for page in pages.values() for code in page)]
    assert totals == {}
    assert [json.loads(r.body) for r in tiny.requests] == [
        {
            "timeType": "month",
            "year": 2022,
            "month": 1,
            "rootDepartmentId": "root-1",
            "currentPage": number,
            "pageSize": 2,
        }
        for number in pages
    ]
    assert {r.path for r in tiny.requests} == {"/api/v1/reporting/evaluation/dvc-progress-tree"}


@pytest.mark.parametrize("total", [3, 4])
def test_a_total_of_another_group_of_the_month_proves_a_list_that_states_none(total: int) -> None:
    """The portal gives the same three units whatever page is asked for: all there are, or not."""
    speaks = with_options(
        "portal766", pause_seconds=0, months_back=0, page_size=5, groups=[SATISFACTION, PROGRESS]
    )
    codes = ["A", "B", "C", "D"][:total]

    def answer(request: Request) -> bytes:
        if request.path.endswith(PROGRESS["endpoint"]):
            return tree(*map(unit, codes[:3]))
        return metrics(*codes, pagination={"total": total})

    with answering(answer) as tiny:
        if total == 3:
            records, _ = read(speaks, tiny.url)
            assert len({r.payload["@department"] for r in records if r.payload["@group"] == "progress"}) == 4
            assert len(tiny.requests) == 2
        else:
            with pytest.raises(ContractBroken, match=r"tree 2022-01 page 2\]: the page repeats units"):
                read(speaks, tiny.url)


@pytest.mark.parametrize(
    ("children", "words"),
    [
        (1, r"page 2\]: the page repeats units"),  # not full: it may be what the portal gives at most
        (2, r"page 2\]: the page repeats units"),
        (5, r"page 1\]: the page holds 5 units, 2"),
    ],
)
def test_a_portal_that_ignores_paging_is_not_taken_as_whole(children: int, words: str) -> None:
    everyone = [unit(f"H44.{n:02d}") for n in range(children)]
    with answering(lambda _: tree(*everyone)) as tiny, pytest.raises(ContractBroken, match=words) as caught:
        read(ONE, tiny.url)
    assert "dvc-progress-tree 2022-01" in str(caught.value)
    assert r"Set options.page_size of the profile (now 2) above" in str(caught.value)


def test_a_portal_that_repeats_a_page_with_moving_numbers_is_seen_through() -> None:
    def answer(request: Request) -> bytes:
        return tree(unit("H44.01", 10 + request.number), unit("H44.02", 10 + request.number))

    with answering(answer) as tiny, pytest.raises(ContractBroken, match="ignores the page number"):
        read(ONE, tiny.url)
    assert len(tiny.requests) == 2


def test_a_list_that_moves_while_it_is_read_is_read_again_later() -> None:
    pages = {1: [unit("H44.01"), unit("H44.02")], 2: [unit("H44.02"), unit("H44.03")]}
    with (
        answering(lambda r: tree(*pages[page_of(r)])) as tiny,
        pytest.raises(SourceUnavailable, match="moved"),
    ):
        read(ONE, tiny.url)


def test_a_month_that_is_taken_back_after_its_first_page_is_no_end() -> None:
    def answer(request: Request) -> bytes:
        full = tree(unit("H44.01"), unit("H44.02"))
        return full if page_of(request) == 1 else reply({"code": "OK", "data": None})

    with answering(answer) as tiny, pytest.raises(ContractBroken, match=r"page 2\]: field parent"):
        read(ONE, tiny.url)


@pytest.mark.parametrize(
    "pages",
    [
        [("A", "B"), ("C",)],
        [("A", "B", "C")],  # the page size is ignored, and everyone is there
        [("A",), ("B",), ("C",)],  # fewer units a page than were asked for
    ],
)
def test_a_stated_total_proves_that_all_are_there(pages: list[tuple[str, ...]]) -> None:
    with answering(lambda r: metrics(*pages[page_of(r) - 1], pagination={"total": 3})) as tiny:
        records, _ = read(METRICS, tiny.url)
    assert [r.payload["@department"] for r in records] == ["H44", "A", "B", "C"]
    assert len(tiny.requests) == len(pages)


@pytest.mark.parametrize(
    ("pages", "totals", "error", "words"),
    [
        (
            [("A", "B"), ()],
            (3, 3),
            ContractBroken,
            r"page 2\]: the portal states a total of 3 units and gives 2",
        ),
        ([("A",), ()], (3, 3), ContractBroken, "a total of 3 units and gives 1"),
        ([("A", "B")], (1,), ContractBroken, "a total of 1 units and gives 2"),
        ([("A", "B"), ("A", "B")], (3, 3), ContractBroken, r"page 2\]: the page repeats"),
        ([("A", "B"), ("B", "C")], (4, 4), SourceUnavailable, "moved"),
        ([("A", "B"), ("C",)], (3, 4), SourceUnavailable, "changed from 3 to 4"),
        ([("A",)], (None,), ContractBroken, "pagination.total is missing"),
    ],
)
def test_a_total_that_is_not_reached_is_told(
    pages: list[tuple[str, ...]], totals: tuple[int | None, ...], error: type[SourceError], words: str
) -> None:
    def answer(request: Request) -> bytes:
        number = page_of(request) - 1
        return metrics(*pages[number], pagination={"total": totals[number]})

    with answering(answer) as tiny, pytest.raises(error, match=words) as caught:
        read(METRICS, tiny.url)
    assert caught.value.where.startswith("handling-satisfaction 2022-01 page")


def test_a_unit_that_stands_twice_with_other_numbers_is_left_to_the_gate() -> None:
    pages = {1: [unit("H44.01"), unit("H44.01", 11)], 2: [unit("H44.02")], 3: []}
    with answering(lambda r: tree(*pages[page_of(r)])) as tiny:
        records, _ = read(ONE, tiny.url)
    denominators = [
        r.payload["denominator"]
        for r in records
        if r.payload["@department"] == "H44.01" and r.payload["@component"] == "on_time"
    ]
    assert denominators == ["10", "11"]


def test_counts_that_are_not_published_are_empty_and_never_0() -> None:
    silent = {"departmentId": "x", "departmentCode": "H44.01", "score": None, "maxScore": 20, "ratio": None}
    with answering(lambda r: tree(*[silent][page_of(r) - 1 :])) as tiny:
        records, _ = read(ONE, tiny.url)
    rows = [canonical(r) for r in records if r.payload["@department"] == "H44.01"]
    assert [(r["component_code"], r["numerator"], r["denominator"], r["score"]) for r in rows] == [
        ("", None, None, None),
        ("on_time", None, None, None),
    ]
    assert not any(r["errors"] for r in rows)


def test_a_month_without_data_gives_nothing() -> None:
    with answering(lambda _: reply({"code": "OK", "data": None})) as tiny:
        assert read(ONE, tiny.url)[0] == []


def test_too_many_requests_are_waited_for() -> None:
    def answer(request: Request) -> bytes:
        return reply({}, "429 Too Many Requests", "Retry-After: 1") if request.number == 1 else tree()

    begun = time.monotonic()
    with answering(answer) as tiny:
        records, _ = read(ONE, tiny.url)
    assert [r.payload["@component"] for r in records] == ["", "on_time"]
    assert time.monotonic() - begun >= 1
    assert len(tiny.requests) == 2


def test_there_is_a_rest_between_two_requests() -> None:
    speaks = with_options("portal766", pause_seconds=0.1, months_back=0, groups=[PROGRESS] * 3)
    begun = time.monotonic()
    with answering(lambda _: tree()) as tiny:
        read(speaks, tiny.url)
    assert len(tiny.requests) == 3
    assert time.monotonic() - begun >= 0.2


_RENAMED = {k.replace("totalOnTime", "onTime"): v for k, v in unit("H44").items()}


@pytest.mark.parametrize(
    ("body", "error", "words"),
    [
        (reply({}, "403 Forbidden"), SourceRefused, "403"),
        (reply({}, "429 Too Many Requests", "Retry-After: 60"), SourceUnavailable, "429"),
        (reply(b"<html><body>portal</body></html>"), ContractBroken, "HTML"),
        (reply({"code": "ERR", "message": "Nguyen Van A"}), ContractBroken, "code ERR"),
        (reply({"data": {}}), ContractBroken, "code none"),
        (reply({"code": "OK", "data": []}), ContractBroken, "data is no object"),
        (reply({"code": "OK", "data": {"children": []}}), ContractBroken, "parent is no object"),
        (tree(parent=_RENAMED), ContractBroken, "totalOnTime is missing"),
        (
            reply({"code": "OK", "data": {"parent": unit("H44"), "children": "x"}}),
            ContractBroken,
            "children is of type text",
        ),
    ],
)
def test_what_is_not_an_answer(body: bytes, error: type[SourceError], words: str) -> None:
    with answering(lambda _: body) as tiny, pytest.raises(error, match=words) as caught:
        read(ONE, tiny.url)
    assert caught.value.where == "dvc-progress-tree 2022-01 page 1"
    assert "Nguyen" not in str(caught.value)


def test_metrics_need_their_list() -> None:
    metrics = with_options("portal766", pause_seconds=0, months_back=0, groups=[SATISFACTION])
    body = reply(
        {"code": "OK", "data": {"overview": {"totalScore": 1, "totalMaxScore": 18}, "evaluation": []}}
    )
    with answering(lambda _: body) as tiny, pytest.raises(ContractBroken, match="metrics is missing"):
        read(metrics, tiny.url)


def test_months_of_a_window_and_before() -> None:
    days = [
        (first.isoformat(), last.isoformat())
        for first, last in months(_window("2023-12-31", "2024-02-01"), 1)
    ]
    assert days == [
        ("2023-11-01", "2023-11-30"),
        ("2023-12-01", "2023-12-31"),
        ("2024-01-01", "2024-01-31"),
        ("2024-02-01", "2024-02-29"),
    ]


def _window(start: str, end: str) -> Window:
    return Window(date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("row", "total"),
    [
        ({"a": 31, "b": 21}, "52"),
        ({"a": "0.5", "b": 1}, "1.5"),
        ({"a": 0, "b": 0}, "0"),
        ({"a": 31, "b": None}, None),
        ({"a": 31}, None),
        ({"a": 31, "b": "n/a"}, "31 + n/a"),
    ],
)
def test_columns_are_added_where_all_are_given(row: dict[str, Any], total: str | None) -> None:
    assert added(row, ("a", "b")) == total


def test_a_profile_with_a_wrong_option_names_it() -> None:
    with pytest.raises(ConfigurationError, match=r"options\.months_back"):
        read(with_options("portal766", months_back=-1), "http://127.0.0.1:1")


def test_the_profile_reads_what_the_index_is_made_of() -> None:
    index = cached(SHIPPED_CATALOGUE).score_set("qd766")
    asked = {group["group"]: group.get("components", {}) for group in profile("portal766").options["groups"]}
    assert set(asked) == {group.code for group in index.groups}
    for group in index.groups:
        divided = {
            c.code: {
                "numerator": list(c.numerator),
                "denominator": list(c.rules["portal-2026"].denominator or c.denominator),
            }
            for c in group.components
            if group.shape == "columns"
        }
        assert asked[group.code] == divided


# --- the simulated portal -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("fault", "words"), [("repeated_page", "page repeats"), ("total_mismatch", "a total of 7")]
)
def test_the_simulated_portal_is_read_whole_or_not_at_all(
    tmp_path: Path, fault: FaultKind, words: str
) -> None:
    """The province's four units, two a page."""
    systems = only("vpubnd-cong766", "01273-dvcqg", "snv-motcua", "sct-motcua", "stc-motcua")
    key = next(s.key for s in systems if s.kind == "portal766")
    speaks = with_options("portal766", pause_seconds=0, months_back=0, page_size=2)
    with running(tmp_path, date(2026, 11, 6), systems=systems, faults={}) as province:
        url = province.servers["cong766"].url
        november = _window("2026-11-01", "2026-11-06")
        records, _ = read(speaks, url, key, november)
        for group in (g["group"] for g in speaks.options["groups"]):
            assert len({r.payload["@department"] for r in records if r.payload["@group"] == group}) == 5
        province.misbehave("vpubnd-cong766", fault)
        with pytest.raises(ContractBroken, match=words):
            read(speaks, url, key, november)


# --- recorded answers ---------------------------------------------------------------------------------------
_GROUP_OF = {g["endpoint"]: g["group"] for g in profile("portal766").options["groups"]}


def recorded(request: Request) -> bytes:
    """Return a recorded answer; the recordings keep few of the units, so their total is that of those."""
    group = _GROUP_OF[request.path.rpartition("/")[2]]
    answer = json.loads((OFFICIAL / f"sample_{group}.json").read_bytes())
    if pagination := answer["data"].get("pagination"):
        assert pagination["total"] == 163
        pagination["total"] = len(answer["data"]["evaluation"])
    return reply(answer)


@pytest.mark.samples
@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the folder of recorded answers is not here")
def test_recorded_answers_of_both_shapes() -> None:
    with answering(recorded) as tiny:
        records, _ = read(ALL, tiny.url)
    rows = [canonical(r) for r in records]
    # an id that no other answer gives a code for: unreadable, and not somebody else's
    nameless = [r for r in rows if r["errors"]]
    assert {(r["group_code"], *r["errors"]) for r in nameless} == {
        ("satisfaction", "mã đơn vị trên Cổng: thiếu")
    }
    rows = [r for r in rows if not r["errors"]]
    known = {(r["department_code"], r["group_code"], r["component_code"]): r for r in rows}
    assert len(known) == len(rows)

    def said(department: str, group: str, component: str) -> list[str]:
        row = known[department, group, component]
        names = ("numerator", "denominator", "ratio", "score", "max_score", "quality")
        return ["" if row[name] is None else str(row[name]) for name in names]

    assert said("H44", "progress", "") == ["", "", "78.38", "15.68", "20", ""]
    assert said("H44.100", "progress", "") == ["", "", "79.03", "15.81", "20", ""]
    assert said("H44.100", "progress", "on_time") == ["2348", "2971", "", "", "", ""]
    assert said("H44", "online", "services_provided")[:2] == ["52", "56"]
    assert said("H44.100", "online", "services_used")[:2] == ["", ""]
    assert said("H44.07", "payment", "procedures_paid_online")[:2] == ["7", "8"]
    assert said("H44", "digitization", "CITIZEN_DATA_CONNECTED_FORMALITY") == [
        "297",
        "1301",
        "22.83",
        "0.46",
        "2",
        "",
    ]
    assert said("H44", "digitization", "ELECTRONIC_CERTIFIED_COPY") == ["", "", "100", "2", "2", ""]
    # these two groups name the department only by its id
    assert said("H44.01", "satisfaction", "")[3:5] == ["12", "18"]
    assert said("H44.01", "transparency", "DOSSIER_SYNC") == [
        "0",
        "0",
        "",
        "",
        "6",
        "NO_NATIONAL_REPORT_DATA",
    ]
    assert {r["period_from"].isoformat() + ".." + r["period_to"].isoformat() for r in rows} == {
        "2022-01-01..2022-01-31"
    }
