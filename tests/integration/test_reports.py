"""Reports from a real release and real closed periods: every number in them is published, LibreOffice prints them."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import docx
import pytest
from click.testing import CliRunner, Result
from docx.document import Document
from sqlalchemy import Engine, text

from cchc.catalogue.load import load as load_catalogue
from cchc.catalogue.models import Catalogue
from cchc.commands.report import report
from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.indicators.numbers import printed
from cchc.publishing import closing, release, reports
from cchc.publishing.content import gather
from cchc.publishing.reports import document, kept, pdf, reading
from cchc.publishing.reports.narrative import Narrative
from cchc.settings import SHIPPED_CATALOGUE, settings
from cchc.warehouse import dimensions, marts
from cchc.warehouse import engine as engines
from integration.conftest import Pool
from integration.indicator_facts import at, watermark, write
from integration.published import edit
from integration.rows import new_run
from integration.seed_unit import DAY, PRINTED, PUBLICATIONS, SEED, UNIT, catalogue, load

WRITER = Path("/usr/lib/libreoffice/program/libswlo.so")
OCTOBER, NOVEMBER = periods.parse("2026-10"), periods.parse("2026-11")
SHIPPED = load_catalogue(SHIPPED_CATALOGUE)
REPORTED = {"code": "seed-cong-vu", "title": "", "indicator_set": "cong-vu", "units": [UNIT], "period": SEED}


def _province() -> Catalogue:
    """Return the seed's small province, with the index and what units report."""
    stated = catalogue([]).model_dump()
    stated["province"]["publications"] = [*PUBLICATIONS, REPORTED]
    stated["profiles"]["inspections"] = SHIPPED.profiles["inspections"].model_dump()
    register = {
        "code": "snv-kiemtra",
        "unit": "SYT",
        "profile": "inspections",
        "title": "Sổ theo dõi kiểm tra",
    }
    stated["sources"]["snv-kiemtra"] = {**register, "history_from": date(2022, 1, 1)}
    stated["indicator_sets"] |= {
        code: SHIPPED.indicator_sets[code].model_dump() for code in ("cong-vu", "qd766")
    }
    stated["scores"] = {"qd766": SHIPPED.score_set("qd766").model_dump()}
    stated["measures"] = {code: measure.model_dump() for code, measure in SHIPPED.measures.items()}
    return Catalogue.model_validate(stated)


CATALOGUE = _province()
# what is no figure: days of the register of inspections, numbers of parts, laws and tables, levels, bounds and years
NO_FIGURE = re.compile(
    r"\b\d{2}/\d{2}/\d{4}\b|^\d\. |766/QĐ-TTg|Bộ chỉ số 766|^Bảng \d\.|mức độ 4|năm (2019|2020|2026)|dưới (50|90|95)%",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Published:
    """A warehouse with a release, and two months closed."""

    engine: Engine
    release: release.Release


def _dossiers(unit: str, source: str, month: int, count: int, late: int) -> list[dict[str, Any]]:
    """Return dossiers of a report month, some of them finished late."""
    return [
        {
            "dossier_code": f"{month}-{n}",
            "received_at": at(f"2026-{month - 1:02}-20"),
            "due_at": at(f"2026-{month:02}-05"),
            "finished_at": at(f"2026-{month:02}-{9 if n < late else 4:02}"),
            "status": "finished",
            "channel": "online" if n % 3 else "direct",
        }
        for n in range(count)
    ]


def _fill(engine: Engine) -> None:
    load(engine)
    dimensions.sync(engine, CATALOGUE)
    new_run(engine, DAY)
    for unit, source, counts in (
        (UNIT, "sgddt-motcua", {10: (40, 4), 11: (60, 3)}),
        ("01273", "01273-motcua", {10: (10, 0), 11: (12, 0)}),
        ("01288", "01288-motcua", {11: (5, 2)}),
    ):
        for month, (count, late) in counts.items():
            write(engine, "dossier", unit, source, _dossiers(unit, source, month, count, late))
        watermark(engine, unit, source, DAY, "dossier")
    late = {"dossier_code": "open", "received_at": at("2026-10-20"), "due_at": at("2026-11-01")}
    write(engine, "dossier", "01288", "01288-motcua", [late])
    year = {"period_from": date(2022, 1, 1), "period_to": date(2022, 10, 13)}
    stated = [
        {"measure_code": "discipline_checks", **year, "value": 3},
        {"measure_code": "discipline_violations", **year, "value": 0},
        {"measure_code": "procedures_posted_at_office", **year, "numerator": 125, "denominator": 125},
        {"measure_code": "procedures_posted_online", **year, "numerator": 120, "denominator": 125},
        {"measure_code": "archive_handed_over_on_time", **year, "numerator": 45, "denominator": 48},
    ]
    write(engine, "reported_measure", UNIT, "sgddt-sotay", stated)
    about = {"inspection_code": "2022-1", "inspected_unit": UNIT, "inspected_on": date(2022, 10, 13)}
    about |= {"inspector": "Đoàn kiểm tra cải cách hành chính tỉnh"}
    found = [
        ("1", "commendation", "archive", "Tài liệu lưu trữ được khai thác đúng mục đích", None),
        (
            "2",
            "recommendation",
            "finance",
            "Công khai thu, chi ngân sách đúng hạn & đủ nội dung",
            date(2022, 12, 31),
        ),
        (
            "3",
            "recommendation",
            "documents",
            "Ghi đủ tên loại, trích yếu trong sổ văn thư",
            date(2022, 10, 12),
        ),
    ]
    findings = [
        {**about, "finding_code": code, "finding_kind": kind, "topic": topic, "summary": said, "due_on": due}
        for code, kind, topic, said, due in found
    ]
    write(engine, "inspection", "SYT", "snv-kiemtra", findings)
    watermark(engine, "SYT", "snv-kiemtra", DAY, "inspection")
    marts.rebuild(engine)


@pytest.fixture(scope="module")
def published(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """Return what a province has published."""
    engine, home = pool.take(), tmp_path_factory.mktemp("reports")
    _fill(engine)
    for period in (OCTOBER, NOVEMBER):
        closing.close(engine, CATALOGUE, period, "Nguyễn Văn A", anchor=home / "anchor")
    made = release.publish(engine, CATALOGUE, DAY, None, home / "releases", home / "anchor")
    yield Published(engine, made)
    engine.dispose()
    pool.give_back()


@pytest.fixture(scope="module")
def unit_report(published: Published) -> Narrative:
    """Return the report of the seed's unit."""
    return reports.unit(published.engine, CATALOGUE, UNIT, "seed")


@pytest.fixture(scope="module")
def periodic_report(published: Published) -> Narrative:
    """Return the province's report of a closed month."""
    return reports.periodic(published.engine, CATALOGUE, NOVEMBER)


def _render(narrative: Narrative) -> bytes:
    return document.render(narrative, document.shipped_template(), "shipped")


def _tables(made: Document) -> list[list[dict[str, str]]]:
    """Return the tables with a heading row, by heading."""
    found = []
    for table in made.tables:
        heads = [cell.text for cell in table.rows[0].cells]
        if heads[0] in ("TT", "Chỉ tiêu"):
            found.append(
                [dict(zip(heads, (c.text for c in row.cells), strict=True)) for row in table.rows[1:]]
            )
    return found


def _body(made: Document) -> Iterator[str]:
    """Yield the texts of the report before its appendix: paragraphs and the cells of its tables."""
    for paragraph in made.paragraphs:
        if paragraph.text == "Phụ lục":
            break
        yield paragraph.text
    for rows in _tables(made):
        if "Chỉ tiêu" in rows[0]:
            yield from (text for row in rows for text in row.values())


def _numbers(said: str) -> list[str]:
    return re.findall(r"\d[\d.,]*\d|\d", said)


def _stored(published: Published, edition: str) -> dict[tuple[str, str], Any]:
    """Return the rows that an edition was read from, by unit name and `set/code`."""
    names = {u.code: u.name for u in CATALOGUE.units} | {"H14": CATALOGUE.province.name}
    columns = "unit_code, set_code, indicator_code, value, numerator, denominator, printed, reason, coverage"
    of_release = f"select {columns} from publish.indicator_value where release_id = :name"
    of_closed = f"select {columns} from publish.closed_value where period = :name"
    name = edition.split()[3] if "phát hành" in edition else edition.split()[5]
    with published.engine.connect() as connection:
        rows = connection.execute(
            text(of_release if "phát hành" in edition else of_closed), {"name": name}
        ).all()
    return {(names[r.unit_code], f"{r.set_code}/{r.indicator_code}"): r for r in rows}


@pytest.mark.parametrize("which", ["unit_report", "periodic_report"])
def test_every_number_of_the_word_file_is_published(
    which: str, published: Published, request: pytest.FixtureRequest
) -> None:
    narrative: Narrative = request.getfixturevalue(which)
    made = docx.Document(io.BytesIO(_render(narrative)))
    *_, figures, derived = _tables(made)
    editions = [e for e in (narrative.edition, narrative.previous) if e]
    stored = {f"[{n}]": _stored(published, e.name) for n, e in enumerate(editions, 1)}
    known: set[str] = set()
    for line in figures:
        known |= {n for column in ("Số liệu", "Tử số/mẫu số", "Độ phủ") for n in _numbers(line[column])}
        code = line["Mã chỉ số"]
        if "/group:" in code or code.endswith("/index"):
            continue  # sums of what stands in the same table of the warehouse; see the test of points
        row = stored[line["Nguồn"]][line["Đơn vị"], code]
        shown = row.printed if row.value is not None else f"chưa có số liệu: {row.reason}"
        shown += f" ({row.reason})" if row.value is not None and row.reason is not None else ""
        if row.value == 0 and row.coverage is None:
            shown = "chưa có số liệu: không có nguồn dữ liệu nào phải có số liệu của kỳ này"
        assert line["Số liệu"] == shown
        parts = [printed(p) for p in (row.numerator, row.denominator) if p is not None]
        assert line["Tử số/mẫu số"] == ("/".join(parts) if len(parts) == 2 else "")
        assert (line["Độ phủ"] == "–") == (row.coverage is None)
    assert len(figures) > 20
    known |= {number for line in derived for number in _numbers(line["Số"])}
    told = [narrative.edition.name, narrative.edition.period.title(), f"{narrative.edition.day:%d/%m/%Y}"]
    told += [narrative.previous.period.title()] if narrative.previous else []
    known |= {number for one in told for number in _numbers(one)}
    known |= {number for use in narrative.trace.uses.values() for number in _numbers(use.figure.reason or "")}
    known |= {f"{use.figure.most:f}" for use in narrative.trace.uses.values() if use.figure.most is not None}
    body = [NO_FIGURE.sub("", said) for said in _body(made)]
    strange = [(number, said) for said in body for number in _numbers(said) if number not in known]
    assert not strange


def test_the_units_report_gives_what_the_unit_is_known_for(unit_report: Narrative) -> None:
    said = {use.figure.code: use.figure.printed for use in unit_report.trace.uses.values()}
    assert {code: said[code] for code in PRINTED} == PRINTED
    told = document.text(unit_report)
    assert "kỷ cương hành chính 3 lần, không phát hiện vi phạm" in told
    assert "niêm yết tại trụ sở đạt 100,0%, đăng trên trang thông tin điện tử đạt 96,0%" in told
    assert (
        "có 2 tồn tại, kiến nghị đơn vị phải thực hiện: 0 đã thực hiện, 1 đang thực hiện, 1 quá hạn." in told
    )
    assert "Công khai thu, chi ngân sách đúng hạn & đủ nội dung (tài chính công;" in told
    assert told.index("hạn 12/10/2022; quá hạn") < told.index("hạn 31/12/2022; đang thực hiện")
    assert told.count("lý do: đơn vị chưa báo cáo)") > 3
    assert not unit_report.notes


def test_the_periodic_report_compares_two_closed_months(
    published: Published, periodic_report: Narrative
) -> None:
    made = docx.Document(io.BytesIO(_render(periodic_report)))
    points, main, *_ = _tables(made)
    assert list(main[0].values()) == ["Số hồ sơ tiếp nhận", "hồ sơ", "78", "50", "+28"]
    assert list(main[3].values())[2:] == ["93,5%", "92,0%", "+1,5"]
    assert main[7]["Kỳ này"] == "chưa có số liệu"
    assert list(points[1].values()) == [
        "Tiến độ, kết quả giải quyết",
        "điểm (tối đa 20)",
        "18,46",
        "18,40",
        "+0,06",
    ]
    with published.engine.connect() as connection:
        scored = connection.execute(
            text(
                "select sum(value) from publish.closed_value where unit_code = 'H14' and period = '2026-11'"
                " and set_code = 'qd766-portal-2026' and indicator_code = 'on_time'"
            )
        ).scalar_one()
    assert scored == Decimal("18.46")
    said = "\n".join(_body(made))
    assert "Số hồ sơ tiếp nhận tăng 28 hồ sơ (tương đương 56,0%)" in said.replace("số hồ sơ", "Số hồ sơ")
    assert "Phường Thục Phán (100,0%, hạng 1); Phường Tân Giang (60,0%, hạng 2)" in said
    assert "1 đơn vị chưa có đủ số liệu: Sở Y tế (0% số nguồn)" in said
    assert "1 đơn vị còn hồ sơ đang giải quyết quá hạn ở cuối kỳ: Phường Tân Giang (1 hồ sơ)" in said
    assert "kỳ so sánh là tháng 10/2026" in said


def test_a_release_serves_where_it_is_asked_for(published: Published, periodic_report: Narrative) -> None:
    told = reports.periodic(published.engine, CATALOGUE, NOVEMBER, published.release.release_id)
    assert told.edition.sha256 == published.release.content_sha256
    closed = {k: f for k, f in periodic_report.edition.figures.items() if k[1] == "province-core"}
    stated = {k: f for k, f in told.edition.figures.items() if k[1] == "province-core"}
    assert ("H14", "province-core", "on-time-share") in stated
    assert len(stated) > 20
    assert {key: closed[key] for key in stated} == stated
    assert told.edition.name.startswith("bản phát hành 2026-11-14-")


def test_points_and_silent_sources_are_read_from_the_data_of_a_release(
    published: Published, tmp_path: Path
) -> None:
    with published.engine.connect().execution_options(isolation_level="REPEATABLE READ") as snapshot:
        content = gather(snapshot, CATALOGUE, DAY)
    edition = reading.of_content(content, CATALOGUE, NOVEMBER, "x")
    made = Path(published.release.path)
    points, silent = kept.load(made, NOVEMBER)
    assert silent == edition.silent
    assert {f.key: f for f in points} == {
        k: f for k, f in edition.figures.items() if k[1].startswith("qd766-")
    }
    shown = {f.key: f.printed for f in points}
    assert shown["H14", "qd766-portal-2026", "group:progress"] == "18,46"
    assert kept.load(made, OCTOBER) == ([], silent)
    folder = tmp_path / "release"
    shutil.copytree(made, folder)
    for name in ("points.json", "indicators.json"):
        (file,) = folder.glob(f"internal/du-lieu/*/{name}")
        edit(file, b"{}")  # not as it was published
    assert kept.load(folder, NOVEMBER) == ([], None)


def test_a_release_being_made_has_its_report(published: Published) -> None:
    with published.engine.connect().execution_options(isolation_level="REPEATABLE READ") as snapshot:
        content = gather(snapshot, CATALOGUE, DAY)
        previous = reading.month_before(snapshot, CATALOGUE, DAY)
        assert reading.month_before(snapshot, CATALOGUE, date(2026, 11, 10)) is None  # a part of a month
    made = [reports.files(content, CATALOGUE, "2026-11-14-0123456789ab", previous) for _ in range(2)]
    assert made[0] == made[1]
    body = made[0][reports.PATH]
    said = "\n".join(p.text for p in docx.Document(io.BytesIO(body)).paragraphs)
    assert "[1] Dữ liệu 2026-11-14-0123456789ab; kỳ tháng 11/2026" in said
    assert "[2] Bản chốt số liệu kỳ 2026-10 (bản 0)" in said
    assert "- Sở Giáo dục và Đào tạo: Ghi đủ tên loại, trích yếu trong sổ văn thư" in said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            ("periodic", "2026-Q2", None),
            r"2026-Q2 .*is not closed and no release has numbers of exactly these days",
        ),
        (("periodic", "2026-10", "2026-01-01-000000000000"), r"there is no release 2026-01-01-000000000000"),
        (
            ("periodic", "2026-10", "own"),
            r"release 2026-11-14-.* has no numbers of exactly the period 2026-10",
        ),
        (("unit", "nope", None), r"there is no publication nope; province.yaml has: seed, "),
        (("unit", "communes", None), r"has no numbers of unit SGDDT in publication communes"),
    ],
)
def test_what_was_never_published_is_refused(
    published: Published, asked: tuple[str, str, str | None], said: str
) -> None:
    kind, which, release_id = asked
    release_id = published.release.release_id if release_id == "own" else release_id
    engine = published.engine
    asking: dict[str, Callable[[], Narrative]] = {
        "unit": lambda: reports.unit(engine, CATALOGUE, UNIT, which, release_id),
        "periodic": lambda: reports.periodic(engine, CATALOGUE, periods.parse(which), release_id),
    }
    with pytest.raises(ConfigurationError, match=said):
        asking[kind]()


@pytest.mark.skipif(not WRITER.exists(), reason="needs Debian's libreoffice-writer")
def test_libreoffice_makes_the_pdf_an_officer_signs(unit_report: Narrative, tmp_path: Path) -> None:
    body = _render(unit_report)
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf.convert(body))

    def told(*command: str) -> str:
        return subprocess.run([*command], check=True, capture_output=True, text=True).stdout

    pages = [
        unicodedata.normalize("NFC", page)
        for page in told("pdftotext", "-layout", str(path), "-").split("\f")
    ]
    count = len(pages) - 1
    assert 6 <= count <= 12
    whole = " ".join(" ".join(pages).split())
    for shown in ("11.999", "1.237", "10.762", "11.801", "52/125", "8.613", "95,3%", "11.727", "97,7%"):
        assert shown in whole
    firsts = [page.split()[0] for page in pages[:3]]
    assert firsts[0] != "1"
    assert firsts[1:] == ["2", "3"]  # top of the page, from the second
    assert "Page size:" in told("pdfinfo", str(path))
    assert "(A4)" in told("pdfinfo", str(path))
    fonts = told("pdffonts", str(path)).splitlines()[2:]
    assert fonts
    assert all("LiberationSerif" in font or "TimesNewRoman" in font for font in fonts)
    with pytest.raises(pdf.NotConverted, match=r"within 0.2 s"):
        pdf.convert(body, seconds=0.2)


def test_without_libreoffice_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ConfigurationError, match=r"LibreOffice .*apt-get install libreoffice-writer"):
        pdf.convert(b"")


def test_the_command_writes_reports_and_the_template(
    published: Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCHC_HOME", str(tmp_path))
    monkeypatch.setenv("CCHC_WAREHOUSE_DSN", published.engine.url.render_as_string(hide_password=False))
    settings.cache_clear()
    engines.engine.cache_clear()

    def run(*words: str) -> Result:
        return CliRunner().invoke(report, list(words))

    try:
        target = tmp_path / "don-vi.txt"
        unit = ("unit", UNIT, "--publication", "so-gddt-2022", "--output")
        done = run(*unit, str(target), "--number", "7", "--date", "2022-10-20")
        assert done.exit_code == 0, done.output
        assert f"số liệu từ bản phát hành {published.release.release_id}" in done.stderr
        assert "Cao Bằng, ngày 20 tháng 10 năm 2022" in target.read_text()
        assert "11.999" in target.read_text()
        own = tmp_path / "mau.docx"
        assert run("template", "--output", str(own)).exit_code == 0
        assert own.read_bytes() == document.shipped_template()
        assert "is there already" in str(run("template", "--output", str(own)).exception)
        periodic = ("periodic", "--period", "2026-11", "--template", str(own), "--output")
        done = run(*periodic, str(tmp_path / "ky.docx"))
        assert done.exit_code == 0, done.output
        assert zipfile.is_zipfile(tmp_path / "ky.docx")
        assert "ends in .docx, .pdf or .txt" in str(run(*periodic, str(tmp_path / "ky.odt")).exception)
        own.write_text("no docx")
        assert "mau.docx is no Word document" in str(run(*periodic, str(tmp_path / "ky.docx")).exception)
        own.unlink()
        assert "mau.docx cannot be read" in str(run(*periodic, str(tmp_path / "ky.docx")).exception)
    finally:
        engines.engine().dispose()
        settings.cache_clear()
        engines.engine.cache_clear()
