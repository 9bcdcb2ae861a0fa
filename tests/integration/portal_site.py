"""A small province of which every kind of page has something to show, published and served as a web server does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, text

from cchc.catalogue.load import cached
from cchc.catalogue.models import Catalogue, Portal
from cchc.indicators import periods
from cchc.publishing import closing
from cchc.publishing.release import publish
from cchc.quality.rules import all_rules
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts
from integration.indicator_facts import at, watermark, write
from integration.rows import new_run
from integration.seed_unit import DAY, PUBLICATIONS, UNIT, catalogue, load

SUB_PATH = "/tinh/cchc/"
#: One page of each kind.
KINDS = {
    "tong-quan": "index.html",
    "chon-cap": "xep-hang/index.html",
    "xep-hang": "xep-hang/xa-phuong.html",
    "don-vi": "don-vi/index.html",
    "mot-don-vi": "don-vi/SGDDT.html",
    "thu-tuc": "thu-tuc/index.html",
    "mot-thu-tuc": "thu-tuc/2.000.html",
    "cong-bo": "cong-bo/nam-2022.html",
    "ky": "ky/index.html",
    "mot-ky": "ky/2026-11.html",
    "cach-tinh": "phuong-phap.html",
    "tai-ve": "tai-ve.html",
}
_MONTH = periods.parse("2026-11")  # 15 October to 14 November
_REGISTER = "sgddt-kiemtra"
_TITLES = (
    "Chuyển trường đối với học sinh trung học phổ thông",
    "Cấp bản sao văn bằng, chứng chỉ từ sổ gốc",
    "Công nhận trường mầm non đạt chuẩn quốc gia",
)

_OF_MANY = {
    "code": "nam-2022",
    "title": "Các đơn vị, theo chỉ số của năm 2022",
    "indicator_set": "seed-2022",
    "units": [UNIT, "SYT", "01273"],
    "period": "report_month",
}


def province() -> Catalogue:
    """Return the catalogue of the seed's province with a portal, index 766 and a register of inspections."""
    shipped, base = cached(SHIPPED_CATALOGUE), catalogue([*PUBLICATIONS, _OF_MANY])
    portal = Portal(indicator_set="province-core", rank_by="on-time-share", months=3)
    own = next(iter(base.sources.values()))
    register = own.model_copy(
        update={"code": _REGISTER, "unit": UNIT, "profile": "inspections", "title": "Sổ theo dõi kiểm tra"}
    )
    return base.model_copy(
        update={
            "province": base.province.model_copy(update={"portal": portal}),
            "scores": {"qd766": shipped.score_set("qd766")},
            "profiles": {**base.profiles, "inspections": shipped.profiles["inspections"]},
            "sources": {**base.sources, _REGISTER: register},
        }
    )


def publish_site(warehouse: Engine, releases: Path) -> Path:
    """Publish what an empty warehouse is given here, a month closed twice and one open, and return the release.

    Sở Y tế never delivered; Phường Tân Giang has so few dossiers that the public build withholds them.
    """
    anchor = releases.parent / "anchor"
    known = province()
    load(warehouse)
    new_run(warehouse, DAY)
    for number, title in enumerate(_TITLES):
        own = {"procedure_code": f"2.00{number}", "valid_from": date(2024, 1, 1), "title": title,
               "field_title": "Giáo dục và Đào tạo", "term_value": 5, "term_unit": "working_day"}  # fmt: skip
        write(warehouse, "procedure", UNIT, "sgddt-sotay", [own])
    write(warehouse, "dossier", UNIT, "sgddt-motcua", _dossiers("a", 90, late=9))
    write(warehouse, "dossier", "01273", "01273-motcua", _dossiers("b", 40, late=2))
    write(warehouse, "dossier", "01288", "01288-motcua", _dossiers("c", 3, late=1))
    for unit, source in (("01273", "01273-motcua"), ("01288", "01288-motcua")):
        watermark(warehouse, unit, source, DAY, "dossier")
    write(warehouse, "inspection", UNIT, _REGISTER, _findings())
    watermark(warehouse, UNIT, _REGISTER, DAY, "inspection")
    _wait(warehouse)
    marts.refresh(warehouse)
    closing.close(warehouse, known, _MONTH, "Nguyễn Văn A", anchor=anchor)
    closing.reopen(warehouse, _MONTH, "Nguyễn Văn A", "Bổ sung hồ sơ gửi muộn", anchor=anchor)
    write(warehouse, "dossier", "01273", "01273-motcua", _dossiers("late", 7, late=5))
    marts.refresh(warehouse)
    closing.close(warehouse, known, _MONTH, "Nguyễn Văn A", "Đã đủ hồ sơ", anchor=anchor)
    return Path(publish(warehouse, known, DAY, None, releases, anchor).path)


def _dossiers(mark: str, count: int, *, late: int) -> list[dict[str, Any]]:
    """Return dossiers of two months in three procedures; the first `late` end after their term, some are open."""
    made = []
    for n in range(count):
        month = 11 if n % 3 else 10
        row = {"dossier_code": f"{mark}{n}", "procedure_code": f"2.00{n % 3}", "received_at": at(f"2026-{month}-02"),
               "due_at": at(f"2026-{month}-09"), "post_in": n % 2 == 0, "post_out": n % 2 == 0,
               "channel": "online" if n % 2 else "direct", "online_level": "full"}  # fmt: skip
        if n % 5 != 4:
            ended = at(f"2026-{month}-{11 if n < late else 6:02}")
            row |= {"status": "finished", "finished_at": ended, "has_result": True}
        made.append(row)
    fields = {name for row in made for name in row}
    return [
        {name: row.get(name) for name in fields} | {"status": row.get("status", "processing")} for row in made
    ]


def _findings() -> list[dict[str, Any]]:
    own = {"inspection_code": "KT-01", "inspected_on": date(2026, 9, 10), "topic": "procedures"}
    return [
        {**own, "finding_code": "1", "inspected_unit": UNIT, "due_on": date(2026, 10, 1),
         "summary": "Niêm yết công khai đủ thủ tục tại bộ phận một cửa.", "evidence": "https://vd.test/12-bc"},
        {**own, "finding_code": "2", "inspected_unit": "01273", "due_on": date(2026, 12, 1),
         "summary": "Cập nhật hồ sơ lên phần mềm trong ngày.", "evidence": None},
    ]  # fmt: skip


def _wait(warehouse: Engine) -> None:
    """Let rows of two units wait to be corrected, one of them broken in two ways, first seen on three days."""
    delivery = uuid4()
    with warehouse.begin() as connection:
        for unit, source, code, rule, day in (
            (UNIT, "sgddt-motcua", "a1", "DOSSIER_DUE_BEFORE_RECEIVED", "2026-11-12"),
            (UNIT, "sgddt-motcua", "a1", "DOSSIER_FINISHED_BEFORE_RECEIVED", "2026-11-12"),
            (UNIT, "sgddt-motcua", "a2", "DOSSIER_DUE_BEFORE_RECEIVED", "2026-11-14"),
            ("01273", "01273-motcua", "=b1", "DOSSIER_TOO_OLD", "2026-11-13"),
        ):
            own = all_rules()[rule]
            connection.execute(
                text(
                    "insert into quarantine.item (unit_code, source_code, dataset, record_key, rule_code, severity,"
                    " message, row_data, delivery_id, row_no, page, mapping_version, first_seen) values (:unit,"
                    " :source, 'dossier', :code, :rule, :severity, :message, '{\"channel\": \"CANARY-VALUE\"}',"
                    " :delivery, 7, 'page 2', 'v1', cast(:day as date) + interval '20 hours')"
                ),
                {"unit": unit, "source": source, "code": code, "rule": rule, "day": day, "delivery": delivery,
                 "severity": own.severity, "message": own.message},
            )  # fmt: skip


class _Quiet(SimpleHTTPRequestHandler):
    """Serves a folder below a path, as an office's web server does, and says nothing."""

    protocol_version = "HTTP/1.1"  # keeps connections: hundreds of pages would open thousands

    def translate_path(self, path: str) -> str:
        inner = path.removeprefix(SUB_PATH) if path.startswith(SUB_PATH) else "not-here"
        return super().translate_path("/" + inner)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its parent calls it so
        return


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder while the block runs; yields its address, which ends with a slash."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}{SUB_PATH}"
        server.shutdown()
        thread.join()
