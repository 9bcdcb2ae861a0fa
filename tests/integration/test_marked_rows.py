"""Records with a mark reach their officer with the place where they stand: masked, unreadable, refused as secret."""

from __future__ import annotations

import csv
import io
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine

from cchc.alerting import digest, outbox, refused
from cchc.catalogue.load import load as load_catalogue
from cchc.quality import gate
from cchc.quality.rules import mapping_version
from cchc.settings import SHIPPED_CATALOGUE, Smtp
from cchc.sources.connector import Connection
from cchc.warehouse.load import load_delivery
from integration import pulling
from integration.indicator_facts import source
from integration.mailing import Mailbox, body
from integration.pulling import DAY, Pulling
from integration.test_scorecard import add

SOURCE, FILE = "snv-sotay", "so_tiep_nhan_2026-11.csv"
PERSON, SECRET = "Nguyễn Văn Hương", "HS-KIN"
OTHERS = ("document", "procedure", "procedure_review", "petition", "reported_measure")


def _register() -> str:
    """Return a register: lines 2, 4, 5 and 52 are secret, 7 to 9 are marked, 10 to 21 end before they begin."""
    columns = {
        "ma_tthc": "1.012766",
        "ma_linh_vuc": "GD01",
        "kenh": "1",
        "muc_do": "",
        "trang_thai": "9",
        "ngay_tiep_nhan": "02/11/2026 08:00",
        "ngay_hen_tra": "10/11/2026 17:00",
        "ngay_hoan_thanh": "05/11/2026 09:00",
        **dict.fromkeys(("ngay_tra", "nhan_bcci", "tra_bcci", "co_ket_qua", "ghi_chu"), ""),
    }
    secret = {"ma_ho_so": SECRET, "ghi_chu": "Mật"}
    rows: list[dict[str, str]] = [secret, {}, secret, secret, {}]
    rows += [{"ma_ho_so": PERSON}, {"ma_ho_so": "HS-8", "ma_linh_vuc": PERSON}, {"more": "x"}]
    rows += [{"ma_ho_so": f"HS-{n}", "ngay_hoan_thanh": "01/11/2026 09:00"} for n in range(10, 22)]
    rows += [*({} for _ in range(30)), secret]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["ma_ho_so", *columns])
    for line, row in enumerate(rows, start=2):
        cells = {"ma_ho_so": f"HS-{line}", **columns, **row}
        writer.writerow(cells.values())
    return text.getvalue()


@pytest.fixture
def run(warehouse: Engine, tmp_path: Path) -> Pulling:
    """Return a night that read that register, up to the quarantine."""
    folder = tmp_path / "registers" / "snv"
    folder.mkdir(parents=True)
    (folder / FILE).write_text(_register(), encoding="utf-8")
    shipped = load_catalogue(SHIPPED_CATALOGUE)
    own = shipped.sources[SOURCE].model_copy(update={"without": OTHERS})
    province = shipped.model_copy(update={"sources": {SOURCE: own}})
    source(warehouse, "SNV", SOURCE)
    night = pulling.begin(
        warehouse, province, tmp_path / "landing", {"sotay": Connection(f"file://{tmp_path}/registers")}
    )
    (delivery,) = night.pull(SOURCE)
    night.stage(delivery)
    add(
        warehouse, "ops.source_outcome", run_id=night.run_id, unit_code="SNV", source_code=SOURCE, state="loaded",
        stage="load", received=delivery.received, refused=delivery.refused, started_at=delivery.pulled_at,
        finished_at=delivery.pulled_at,
    )  # fmt: skip
    assert (delivery.received, delivery.refused) == (51, 4)
    gate.run(warehouse, night.run_id, province, None)
    version = mapping_version(province.profile_of(own))
    assert load_delivery(warehouse, night.run_id, delivery.delivery_id, version).quarantined == 15
    return night


def _mail(run: Pulling, mailbox: Mailbox, smtp: Smtp) -> Any:
    digest.compose(run.engine, run.catalogue, run.run_id)
    outbox.send(run.engine, smtp)
    [mail] = mailbox.to("motcua.snv@caobang.example")
    return mail


def test_the_officer_finds_every_marked_record(run: Pulling, mailbox: Mailbox, smtp: Smtp) -> None:
    mail = _mail(run, mailbox, smtp)
    said = body(mail)
    place = f"{SOURCE}, tệp {FILE}, dòng"
    lines = [line.strip() for line in said.splitlines()]
    # twelve rows of one mistake do not hide the others among the ten that are shown
    masked = "có nội dung giống họ tên, đã che và không lưu"
    assert [line for line in lines if line.endswith(f"mã hồ sơ: {masked} | {place} 7")]
    assert [line for line in lines if line.startswith("HS-8 |") and line.endswith(f"{masked} | {place} 8")]
    assert [line for line in lines if "thừa hoặc thiếu ô" in line and line.endswith(f"| {place} 9")]
    assert sum("trước ngày tiếp nhận | " in line for line in lines) == 7
    assert "… chỉ liệt kê 10 trong 15 dòng" in said
    # of the secret ones nothing is kept, but where they stand follows from their neighbours
    for kind in ("plain", "html"):
        read = body(mail, kind)
        assert f"hồ sơ: đầu đợt dữ liệu – tệp {FILE}, dòng 3, bản ghi thứ 1" in read
        assert f"hồ sơ: tệp {FILE}, dòng 4–5" in read
        assert f"hồ sơ: tệp {FILE}, dòng 51 – hết, bản ghi thứ 51" in read
        assert "ngay trước" not in read
        assert "gỡ khỏi hệ thống nguồn" in read


def test_the_mail_has_none_of_what_was_masked_or_refused(run: Pulling, mailbox: Mailbox, smtp: Smtp) -> None:
    mail = _mail(run, mailbox, smtp)
    [attached] = mail.iter_attachments()
    sheet = openpyxl.load_workbook(BytesIO(attached.get_content()))["Cần sửa"]
    cells = [str(cell.value) for row in sheet.iter_rows(min_row=2) for cell in row]
    assert f"tệp {FILE}, dòng 7" in cells
    everything = "\n".join([body(mail), body(mail, "html"), str(mail["Subject"]), *cells])
    for value in (PERSON, "Hương", SECRET, "⟦"):
        assert value not in everything


def test_where_staging_was_tidied_no_place_is_guessed(run: Pulling) -> None:
    with run.engine.begin() as connection:
        assert len(refused.places(connection, DAY, 30)[SOURCE]) == 3
        assert refused.places(connection, DAY, 1)[SOURCE][1] == "… và 2 vị trí nữa"
    with run.engine.begin() as connection:
        connection.exec_driver_sql("delete from stg.dossier where row_no > 40")
        assert refused.places(connection, DAY, 30) == {SOURCE: ()}
