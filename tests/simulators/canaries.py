"""Personal data planted in what systems say: each canary once, in one field of one record, and all of them findable.

A `Planter` deals out fields and canaries: the first record of a kind says which fields there are, then each further
record gets one canary in one field. `Planted` stands before a simulated system and plants in its answers.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any
from unicodedata import normalize

import xlsxwriter
from python_calamine import CalamineWorkbook

from simulators.faults import Fault
from simulators.server import Application, Request, Response

Row = dict[str, Any]

#: what marks a canary, however it was cut, joined or recoded: words that begin with xq, numbers no person has
TRACE = re.compile(r"xq[a-z]{5}|39\d{8}|959\d{6}|869\d{5}|19037\d{6}", re.IGNORECASE)


def _word(number: int) -> str:
    letters = ""
    for _ in range(5):
        number, rest = divmod(number, 21)
        letters += "bcdfghjklmnprstvwxyza"[rest]
    return f"Xq{letters}"


KINDS: dict[str, Callable[[int], str]] = {
    "name": lambda n: f"Nguyễn Văn {_word(n)}",
    "name_nfd": lambda n: normalize("NFD", f"TRẦN THỊ {_word(n).upper()}"),
    "name_bare": lambda n: f"le thi {_word(n).lower()}",
    "identity": lambda n: f"0039{n:08d}",
    "identity_in_text": lambda n: f"CCCD 0039{n:08d}",
    "card": lambda n: f"0869{n % 100_000:05d}",
    "phone": lambda n: f"0959{n:06d}",
    "email": lambda n: f"{_word(n)}@example.com",
    "address": lambda n: f"số nhà 12, đường {_word(n)}, phường Sông Hiến",
    "account": lambda n: f"STK 19037{n:06d}",
    "birth": lambda n: f"Lý Thị {_word(n)}, sinh ngày 05/06/1985",
}
SECRET = "secret"  # a code like any other, in a record that is marked secret
_MARKS = itertools.cycle(("Mật", normalize("NFD", "TỐI MẬT"), "Tuyệt  mật"))


@dataclass(frozen=True)
class Canary:
    """One planted value and where it was planted."""

    kind: str
    text: str
    source: str
    dataset: str
    place: str

    @property
    def trace(self) -> str:
        """What must be found nowhere."""
        return TRACE.findall(self.text)[0].lower()


@dataclass
class Planter:
    """Deals out canaries; safe to use from the threads of servers."""

    mapped: dict[str, frozenset[str]]  # dataset → fields that may pass the door: these get every kind
    marked: dict[str, tuple[str, str]] = field(
        default_factory=dict
    )  # dataset → a code field, and where marks stand
    fields: dict[str, list[str]] = field(default_factory=dict)  # dataset → every field its records have
    planted: list[Canary] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _kinds: Iterator[str] = field(default_factory=lambda: itertools.cycle(KINDS))
    _plans: dict[str, Iterator[tuple[str, str]]] = field(default_factory=dict)
    _done: dict[tuple[str, Any], tuple[str, str] | None] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def canary(self, source: str, dataset: str, place: str, kind: str | None = None) -> str:
        """Return the text of a new canary."""
        kind = kind or next(self._kinds)
        number = next(self._numbers)
        text = f"GD-{_word(number)}" if kind == SECRET else KINDS[kind](number)
        made = Canary(kind, text, source, dataset, place)
        self.planted.append(made)
        return made.text

    def choose(
        self, source: str, dataset: str, identity: object, fields: Iterable[str]
    ) -> tuple[str, str] | None:
        """Return (field, canary) for a record, the same whenever it is asked for; None when all are dealt out."""
        with self._lock:
            key = (dataset, identity)
            if key not in self._done:
                if dataset not in self._plans:
                    self.fields[dataset] = list(fields)
                    self._plans[dataset] = self._plan(dataset, self.fields[dataset])
                chosen = next(self._plans[dataset], None)
                self._done[key] = (
                    None if chosen is None else (chosen[0], self.canary(source, dataset, *chosen))
                )
            return self._done[key]

    def _plan(self, dataset: str, fields: Sequence[str]) -> Iterator[tuple[str, str]]:
        kinds = list(KINDS)
        admitted = [f for f in fields if f in self.mapped.get(dataset, ())]
        other = [f for f in fields if f not in admitted] + ["new key", "key", "nested", "list"]
        first = [(f, kind) for kind in kinds for f in admitted]
        turns = [(f, kinds[(n + 4 * t) % len(kinds)]) for t in range(3) for n, f in enumerate(other)]
        if dataset in self.marked:
            turns = [(SECRET, SECRET)] * 3 + turns
        for pair in itertools.zip_longest(first, turns):  # mixed, so that no delivery is all bad
            yield from (p for p in pair if p is not None)

    def plant(self, source: str, dataset: str, identity: object, row: Row) -> Row:
        """Return a record with its canary."""
        chosen = self.choose(source, dataset, identity, row)
        if chosen is None:
            return row
        name, text = chosen
        if name == SECRET:
            code, mark = self.marked[dataset]
            return row | {code: text, mark: next(_MARKS)}
        if name == "new key":
            return row | {"truongMoi": text}
        if name == "key":
            return row | {text: "1"}
        if name == "nested":
            return row | {"nguoi": {"chiTiet": {"giaTri": text}}}
        if name == "list":
            return row | {"danhSach": [{"giaTri": text}, text]}
        return row | {name: text}

    def counts(self) -> dict[str, Counter[str]]:
        """Return how many canaries of each kind were planted, by source."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for canary in self.planted:
            found[canary.source][canary.kind] += 1
        return dict(found)


@dataclass
class Planted:
    """A simulated system whose answers carry canaries; those in `broken` answer with errors full of them."""

    system: Application
    planter: Planter
    plant: Callable[[Planter, str, Request, Response], Response]
    broken: dict[str, Callable[[Callable[..., str]], Response]] = field(default_factory=dict)
    _errors: dict[str, Response] = field(default_factory=dict)

    @property
    def login(self) -> str:
        return self.system.login

    @property
    def password(self) -> str:
        return self.system.password

    def source_of(self, request: Request) -> str | None:
        return self.system.source_of(request)

    def page_of(self, request: Request) -> int:
        return self.system.page_of(request)

    def respond(self, request: Request, fault: Fault | None) -> Response:
        source = self.system.source_of(request)
        if source in self.broken:
            if source not in self._errors:
                made = self.broken[source](
                    lambda kind=None: self.planter.canary(source, "error", "error", kind)
                )
                self._errors[source] = made
            return self._errors[source]
        answer = self.system.respond(request, fault)
        return (
            self.plant(self.planter, source, request, answer) if source and answer.status == 200 else answer
        )


def _rewritten(answer: Response, body: str) -> Response:
    return Response(body.encode(), answer.status, answer.content_type, answer.headers)


def in_opencps(planter: Planter, source: str, _request: Request, answer: Response) -> Response:
    found = json.loads(answer.body)
    rows = found.get("data", [])
    planted = [
        planter.plant(source, "opencps dossier", row["dossierId"], row)
        for row in (rows if isinstance(rows, list) else [rows])
    ]
    if planted:
        found["data"] = planted if len(planted) > 1 else planted[0]
    return _rewritten(answer, json.dumps(found, ensure_ascii=False))


def in_national(planter: Planter, source: str, _request: Request, answer: Response) -> Response:
    found = json.loads(answer.body)
    if "duLieu" in found:
        found["duLieu"] = [
            planter.plant(source, "national dossier", row["MaHoSo"], row) for row in found["duLieu"]
        ]
        found["message"] = "OK"
    return _rewritten(answer, json.dumps(found))  # escaped: \u1ec5


def _more_units(rows: list[Row], least: int) -> Iterator[Row]:
    for number in range(least if rows else 0):
        copy = json.loads(json.dumps(rows[number % len(rows)]))
        named = {"departmentCode": f"H14.9{number:03d}"} if "departmentCode" in copy else {}
        yield copy | {"departmentId": f"00000000-0000-7000-9000-{number:012d}"} | named


_LEAF = re.compile(r"<(edXML:)?(\w+)((?: [^<>]*)?)>([^<]*)</(?:edXML:)?\2>")


def in_edxml(planter: Planter, source: str, request: Request, answer: Response) -> Response:
    if not request.path.startswith("/api/edocs/"):
        return answer
    text = answer.body.decode()
    dataset = "edxml status" if "<edXML:ResponseFor>" in text else "edxml document"
    leaves = list(_LEAF.finditer(text))
    seen: Counter[str] = Counter()
    named: dict[str, re.Match[str]] = {}
    for leaf in leaves:
        seen[leaf[2]] += 1
        named[f"{leaf[2]} {seen[leaf[2]]}"] = leaf
    chosen = planter.choose(source, dataset, request.path, named)
    if chosen is None:
        return answer
    name, canary = chosen
    if name in named:
        start, end = named[name].span(4)
        text = text[:start] + canary + text[end:]
    else:  # an element nobody knows
        text = text.replace(
            "</edXML:edXMLHeader>",
            f"<edXML:Moi><edXML:Ten>{canary}</edXML:Ten></edXML:Moi></edXML:edXMLHeader>",
        )
    return _rewritten(answer, text)


def in_portal(planter: Planter, source: str, request: Request, answer: Response) -> Response:
    found = json.loads(answer.body)
    endpoint, asked = request.path.rpartition("/")[2], json.loads(request.body)
    data = found.get("data")
    if data is None:
        return answer
    for member in ("children", "evaluation"):
        given = data.get(member, [])
        data[member] = [*given, *_more_units(given, 60)]
        if data.get("pagination"):
            data["pagination"]["total"] = len(data[member])
        for number, row in enumerate(data[member]):
            identity = (endpoint, asked["month"], number)
            metrics = row.get("metrics")
            if metrics and number % 2:  # within a metric
                at = (number // 2 + asked["month"]) % len(metrics)
                metrics[at] = planter.plant(source, f"portal metric {endpoint}", identity, metrics[at])
            else:
                kept = (
                    {"metrics": row.pop("metrics")} if metrics else {}
                )  # a text there would break the contract
                data[member][number] = planter.plant(source, f"portal {endpoint}", identity, row) | kept
    return _rewritten(answer, json.dumps(found, ensure_ascii=False))


def in_registers(planter: Planter, source: str, folder: Path) -> None:
    """Plant in the registers of a unit: rows, headings, sheets and names of files; short registers are made longer."""
    for pattern, dataset, key, least in (
        ("so_tiep_nhan_*.csv", "register dossier", "ma_ho_so", 600),
        ("so_phan_anh_*.csv", "register petition", "ma_phan_anh", 220),
    ):
        path = sorted(folder.glob(pattern))[-1]
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        rows = _longer(rows, least, lambda row, n, key=key: row | {key: f"{row[key]}{n:04d}"})
        planted = [planter.plant(source, dataset, n, row) for n, row in enumerate(rows)]
        extra = {name: name for name in [planter.canary(source, dataset, "heading") for _ in KINDS]}
        names = [*rows[0], "truongMoi", *extra]
        text = io.StringIO()
        writer = csv.DictWriter(text, names, extrasaction="ignore", restval="")
        writer.writeheader()
        writer.writerows({**row, **dict.fromkeys(extra, "1")} for row in planted)
        path.rename(path.with_name(_file_named(planter, source, path)))
        path.with_name(path.name).write_text(text.getvalue(), encoding="utf-8")
    path = sorted(folder.glob("so_van_ban_*.ndjson"))[-1]
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    planted = [planter.plant(source, "register document", n, row) for n, row in enumerate(lines)]
    named = path.with_name(_file_named(planter, source, path))
    named.write_text("".join(f"{json.dumps(row)}\n" for row in planted), encoding="utf-8")
    path.unlink()
    for workbook, sheets in (
        ("thu_tuc.xlsx", {"Thủ tục": ("procedure", 450), "Rà soát": ("procedure_review", 50)}),
        ("chi_tieu_bao_cao.xlsx", {"Chỉ tiêu": ("reported_measure", 200)}),
    ):
        _in_workbook(planter, source, folder / workbook, sheets)


def in_inspections(planter: Planter, source: str, folder: Path) -> None:
    """Plant in a register of inspections."""
    _in_workbook(planter, source, folder / "so_kiem_tra.xlsx", {"Kết luận": ("inspection", 300)})


def _file_named(planter: Planter, source: str, path: Path) -> str:
    name = planter.canary(source, "files", "file name", "name")
    return f"{path.stem}_{name}{path.suffix}"


def _longer(rows: list[Row], least: int, renew: Callable[[Row, int], Row]) -> list[Row]:
    return [renew(row, n) for n, row in zip(range(least), itertools.cycle(rows), strict=False)]


_REPORTED = ("share_staff_official_mail", "01/10/2026", "31/10/2026", "", "9", "10", "90,0", "Báo cáo tháng")


def _in_workbook(planter: Planter, source: str, path: Path, sheets: dict[str, tuple[str, int]]) -> None:
    book = CalamineWorkbook.from_path(path)
    content = {name: book.get_sheet_by_name(name).to_python() for name in sheets}
    with xlsxwriter.Workbook(path) as made:
        for name, (dataset, least) in sheets.items():
            headings, *cells = content[name]
            rows = [dict(zip(headings, row, strict=True)) for row in cells or [_REPORTED]]
            rows = _longer(rows, least, lambda row, n, key=headings[0]: row | {key: f"{row[key]}{n:03d}"})
            planted = [planter.plant(source, f"register {dataset}", n, row) for n, row in enumerate(rows)]
            extra = [planter.canary(source, f"register {dataset}", "heading") for _ in KINDS]
            sheet = made.add_worksheet(name)
            sheet.write_row(
                0, 0, [planter.canary(source, f"register {dataset}", "title above") for _ in range(3)]
            )
            sheet.write_row(1, 0, [*headings, "truongMoi", *extra])
            for number, row in enumerate(planted, 2):
                sheet.write_row(number, 0, [row[h] for h in headings] + [row.get("truongMoi", "")])
        other = planter.canary(source, "files", "sheet name", "name")
        made.add_worksheet(other).write_row(0, 0, [planter.canary(source, "files", "other sheet")])
