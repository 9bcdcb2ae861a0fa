"""Foreign workbooks are opened in a process of their own: what it may take and know, and that nobody else suffers."""

from __future__ import annotations

import io
import os
import signal
import statistics
import tempfile
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
import xlsxwriter

from cchc.errors import ContractBroken
from cchc.sources.formats.isolation import BadWorkbook, Book, Limits, opened
from unit.sources.formats import books
from unit.sources.kinds.registers import put
from unit.sources.profiles import profile, read

HEADINGS = ["Mã TTHC", "Lĩnh vực", "Mức độ", "Thời hạn", "Đơn vị thời hạn", "Hiệu lực từ", "Hiệu lực đến"]
GOOD = books.xlsx([HEADINGS, ["1.000001", "GD", "4", "5", "ngày", "01/01/2022", ""]], name="Thủ tục")


@pytest.fixture(scope="module")
def large() -> bytes:
    """A workbook of 80,000 rows, which opened takes more than 100 MB."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        page = book.add_worksheet("Thủ tục")
        page.write_row(0, 0, HEADINGS)
        for number in range(1, 80_001):
            page.write_row(number, 0, [f"1.{number:06}", "GD", "4", "5", "ngày", "01/01/2022", f"{number} x"])
    return target.getvalue()


def rows(content: bytes, limits: Limits | None = None) -> int:
    with tempfile.TemporaryFile() as file:
        file.write(content)
        with opened(file, limits) as book:
            return sum(1 for _ in book.sheet(0)[1])


def with_limits(**limits: int) -> Any:
    found = profile("registers")
    procedure = found.datasets["procedure"]
    select = {**procedure.select, **limits}
    return found.model_copy(
        update={"datasets": {**found.datasets, "procedure": procedure.model_copy(update={"select": select})}}
    )


def test_too_much_memory_is_an_error_of_that_file_alone(tmp_path: Path, large: bytes) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    put(tmp_path / "a", "thu_tuc.xlsx", large)
    put(tmp_path / "b", "thu_tuc.xlsx", GOOD)
    speaks = with_limits(memory_mb=80)

    def pull(unit: str) -> Any:
        try:
            return len(read(speaks, (tmp_path / unit).as_uri(), datasets="procedure")[0])
        except ContractBroken as broken:
            return str(broken)

    with ThreadPoolExecutor(8) as pool:  # as `cchc sync` pulls
        found = list(pool.map(pull, "abbbbbba"))
    assert found[1:7] == [1] * 6
    assert {found[0], found[7]} == {"x-nguon [thu_tuc.xlsx]: the file needs more than 80 MB to read"}


def test_too_much_time(large: bytes) -> None:
    end = "</office:spreadsheet>"  # 5 million elements that say nothing, and not so many that they are a bomb
    many = books.changed(books.ods([["a"]]), "content.xml", end, "<b/>" * 5_000_000 + end)
    with pytest.raises(BadWorkbook, match="the file needs more than 1 seconds to read"):
        rows(many, Limits(seconds=1))


def test_the_parent_holds_a_page_at_a_time(large: bytes) -> None:
    tracemalloc.start()
    try:
        assert rows(large) == 80_001
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


def _process(book: Book) -> psutil.Process:
    return psutil.Process(book._process.pid)


def test_it_knows_no_secret_and_may_write_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SECRET", "hunter2")
    with tempfile.TemporaryFile() as file:
        file.write(GOOD)
        with opened(file) as book:
            process = _process(book)
            assert set(process.environ()) == {"LC_ALL"}
            assert "hunter2" not in " ".join(process.cmdline())
            assert process.cwd() == "/"
            assert process.rlimit(psutil.RLIMIT_AS) == (512 * 1024 * 1024,) * 2
            assert process.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
            assert process.rlimit(psutil.RLIMIT_CPU)[0] == 60
            assert process.num_fds() == 4  # three pipes and the file
        assert not process.is_running()


@pytest.mark.parametrize(
    ("sign", "words"),
    [
        (signal.SIGKILL, "more than 512 MB"),
        (signal.SIGXCPU, "more than 60 seconds"),
        (signal.SIGSEGV, "the reader broke down"),
    ],
)
def test_a_process_that_is_killed_while_it_reads(large: bytes, sign: int, words: str) -> None:
    with tempfile.TemporaryFile() as file:
        file.write(large)
        with opened(file) as book:
            _, found = book.sheet(0)
            next(found)
            os.kill(_process(book).pid, sign)
            with pytest.raises(BadWorkbook, match=words):
                list(found)


def test_whoever_stops_reading_leaves_no_process(tmp_path: Path, large: bytes) -> None:
    put(tmp_path, "thu_tuc.xlsx", large)
    before = {child.pid for child in psutil.Process().children()}
    with tempfile.TemporaryFile() as file:
        file.write(large)
        with opened(file) as book:
            next(book.sheet(0)[1])
    assert {child.pid for child in psutil.Process().children()} == before


def test_what_a_process_costs() -> None:
    took = []
    for _ in range(7):
        start = time.perf_counter()
        assert rows(GOOD) == 2
        took.append(time.perf_counter() - start)
    assert statistics.median(took) < 0.15
