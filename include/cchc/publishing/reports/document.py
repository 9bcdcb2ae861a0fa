"""The Word file of a report: the office's template filled with a narrative; the same report is the same bytes.

The shipped template is its parts as text (`reports/bao-cao/` of the catalogue), so that a change of it can be read; a
province edits it in Word and keeps it as `reports/bao-cao.docx`, or any name, in its own catalogue.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime, time
from pathlib import Path
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from docxtpl import DocxTemplate  # type: ignore[import-untyped]
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from cchc.errors import ConfigurationError
from cchc.indicators.numbers import printed
from cchc.publishing.reports.figures import Edition
from cchc.publishing.reports.narrative import Letterhead, Narrative, Rows
from cchc.publishing.reports.said import Use
from cchc.settings import SHIPPED_CATALOGUE

PARTS = SHIPPED_CATALOGUE / "reports" / "bao-cao"
NAME = "bao-cao.docx"
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest there is: no clock in the bytes
_WHOLE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_HALF = re.compile(r"\{[{%#]|[}%#]\}")
_FIRST = "[Content_Types].xml"
_GUIDE = "docs/guides/report_template.md lists the placeholders"


def shipped_template() -> bytes:
    """Return the shipped template as a Word file."""
    files = (path for path in sorted(PARTS.rglob("*")) if path.is_file())
    return _packed({path.relative_to(PARTS).as_posix(): path.read_bytes() for path in files})


def template(catalogue: Path) -> tuple[bytes, str]:
    """Return the province's own template of reports, or the shipped one, and how it is named in messages."""
    own = catalogue / "reports" / NAME
    return (own.read_bytes(), str(own)) if own.is_file() else (shipped_template(), str(PARTS))


def render(narrative: Narrative, body: bytes, name: str) -> bytes:
    """Return the Word file of a report.

    `body` is the template's bytes and `name` where it was read. Raises `ConfigurationError` where it is no Word file,
    and for a placeholder that the report does not fill, naming it.
    """
    if not zipfile.is_zipfile(io.BytesIO(body)):
        raise ConfigurationError(f"{name} is no Word document (.docx): save it from Word as .docx")
    made = DocxTemplate(io.BytesIO(body))
    jinja = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    context = _context(narrative)
    try:
        _check_closed(made, name)
        unknown = sorted(made.get_undeclared_template_variables(jinja, context))
        if unknown:
            named = ", ".join(f"{{{{ {placeholder} }}}}" for placeholder in unknown)
            raise ConfigurationError(f"template {name}: the report does not fill {named}; {_GUIDE}")
        made.render(context, jinja, autoescape=True)
    except TemplateError as error:
        raise ConfigurationError(f"template {name}: {error.message}; {_GUIDE}") from None
    except (PackageNotFoundError, KeyError, ValueError, SyntaxError):  # SyntaxError: a part is no XML
        raise ConfigurationError(f"{name} is no Word document (.docx), or it is damaged") from None
    properties = made.docx.core_properties
    day = datetime.combine(narrative.edition.day, time.min)
    properties.title = f"{narrative.head.kind}: {narrative.head.subject}"
    properties.author = properties.last_modified_by = narrative.head.agency
    properties.created = properties.modified = day
    properties.revision = 1
    properties.comments = ""
    out = io.BytesIO()
    made.save(out)
    with zipfile.ZipFile(out) as held:
        return _packed({entry: held.read(entry) for entry in held.namelist()})


def _check_closed(made: DocxTemplate, name: str) -> None:
    """Raise `ConfigurationError` where a placeholder is not closed: all that stands behind it would be lost."""
    made.init_docx()
    for paragraph in made.docx.element.body.iter(qn("w:p")):
        text = "".join(part.text or "" for part in paragraph.iter(qn("w:t")))
        if _HALF.search(_WHOLE.sub("", text)):
            raise ConfigurationError(
                f"template {name}: {text.strip()[:60]!r}: a placeholder is not closed in its paragraph; {_GUIDE}"
            )


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip that holds nothing but them: fixed order, times and rights."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files, key=lambda n: (n != _FIRST, n)):
            entry = zipfile.ZipInfo(name, _ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            packed.writestr(entry, files[name])
    return out.getvalue()


def date_line(head: Letterhead) -> str:
    """Return `Cao Bằng, ngày 05 tháng 12 năm 2026`, or with blanks for who signs."""
    return f"{head.place}, {_dated(head)}"


def _dated(head: Letterhead) -> str:
    if head.dated is None:
        return "ngày      tháng      năm        "
    day = head.dated
    month = (
        f"{day.month:02}" if day.month < 3 else f"{day.month}"
    )  # Nghị định 30/2020: 01 and 02, then 3 to 12
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def number_line(head: Letterhead) -> str:
    """Return `Số: 12/BC-SNV`, or with a blank for the clerk."""
    return f"Số: {_numbered(head).removeprefix('số ')}"


def _numbered(head: Letterhead) -> str:
    return f"số {head.number or '       '}/{head.notation}"


def _context(narrative: Narrative) -> dict[str, Any]:
    head = narrative.head
    return {
        "co_quan_chu_quan": head.parent,
        "ten_co_quan": head.agency,
        "so_ky_hieu": number_line(head),
        "dia_danh_ngay": date_line(head),
        "ten_loai": head.kind,
        "trich_yeu": head.subject,
        "kinh_gui": head.to,
        "mo_dau": narrative.opening,
        "cac_phan": [
            {
                "so": section.number,
                "tieu_de": section.title,
                "khoi": [
                    _table(block) if isinstance(block, Rows) else {"la_bang": False, "noi_dung": block.text}
                    for block in section.blocks
                ],
            }
            for section in narrative.sections
        ],
        "ket_thuc": narrative.closing,
        "noi_nhan": [
            f"{line}{'.' if n == len(head.recipients) else ';'}" for n, line in enumerate(head.recipients, 1)
        ],
        "chuc_vu": list(head.signer),
        "ho_ten": head.name,
        "kem_theo": f"Kèm theo {head.kind.capitalize()} {_numbered(head)} {_dated(head)} của {head.issuer}",
        **appendix(narrative),
    }


def _table(rows: Rows) -> dict[str, Any]:
    names = ("chi_tieu", "don_vi", "ky_nay", "ky_truoc", "tang_giam")
    return {
        "la_bang": True,
        "tieu_de": rows.title,
        "dong": [dict(zip(names, row, strict=True)) for row in rows.rows],
    }


def appendix(narrative: Narrative) -> dict[str, Any]:
    """Return the appendix: where figures come from, each figure that is said, and the numbers that follow from them."""
    editions = [edition for edition in (narrative.edition, narrative.previous) if edition is not None]
    places = {edition.name: f"[{n}]" for n, edition in enumerate(editions, 1)}
    uses = narrative.trace.uses.values()
    return {
        "nguon_so_lieu": [f"{places[edition.name]} {_source(edition)}" for edition in editions],
        "phu_luc": [
            {"stt": str(n), **_line(use), "nguon": places[use.edition.name]} for n, use in enumerate(uses, 1)
        ],
        "suy_ra": [
            {"stt": str(n), "noi_dung": number.what, "gia_tri": number.printed}
            for n, number in enumerate(narrative.trace.derived.values(), 1)
        ],
        "ghi_chu": [f"Ghi chú: {note}" for note in narrative.notes],
    }


def _source(edition: Edition) -> str:
    sealed = f"; SHA-256: {edition.sha256}" if edition.sha256 else ""
    name = f"{edition.name[:1].upper()}{edition.name[1:]}"
    return f"{name}; kỳ {edition.period.title()}; ngày báo cáo {edition.day:%d/%m/%Y}{sealed}"


def _line(use: Use) -> dict[str, str]:
    figure = use.figure
    parts = [part for part in (figure.numerator, figure.denominator) if part is not None]
    shown = figure.printed or ""
    if figure.value is None:
        shown = f"chưa có số liệu: {figure.reason}"
    elif figure.reason is not None:  # units that lack
        shown = f"{shown} ({figure.reason})"
    return {
        "noi_dung": use.meaning.title,
        "don_vi": use.unit_name,
        "ma": f"{figure.set_code}/{figure.code}",
        "gia_tri": shown,
        "tu_mau": "/".join(printed(part) for part in parts) if len(parts) == 2 else "",
        "do_phu": figure.covered,
    }


def text(narrative: Narrative) -> str:
    """Return the report as plain text, for a reader at a terminal."""
    head = narrative.head
    lines = [head.parent, head.agency, number_line(head), date_line(head), "", head.kind, head.subject, ""]
    lines += [f"Kính gửi: {head.to}", ""] if head.to else []
    lines.append(narrative.opening)
    for section in narrative.sections:
        lines += ["", f"{section.number}. {section.title}"]
        for block in section.blocks:
            lines += _told(block) if isinstance(block, Rows) else [block.text]
    lines += ["", narrative.closing, "", "PHỤ LỤC: SỐ LIỆU DÙNG TRONG BÁO CÁO"]
    own = appendix(narrative)
    lines += own["nguon_so_lieu"]
    lines += ["\t".join(row.values()) for row in (*own["phu_luc"], *own["suy_ra"])]
    lines += own["ghi_chu"]
    return "\n".join(lines).lstrip("\n") + "\n"


def _told(rows: Rows) -> Iterable[str]:
    return [rows.title, *("\t".join(row) for row in rows.rows)]
