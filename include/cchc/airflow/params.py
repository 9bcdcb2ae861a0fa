"""What a person may say when starting a DAG by hand; the texts stand in Airflow's form."""

from __future__ import annotations

from airflow.sdk import Param


def day() -> Param:
    """Return the reporting day, or nothing for the day before."""
    about = "Ngày báo cáo; để trống: ngày hôm qua"
    return Param(None, type=["null", "string"], format="date", description=about)


def run_id() -> Param:
    """Return the run of the ledger to work on again, or nothing for the one that was announced."""
    about = "Mã lần chạy cần làm lại; để trống: lần chạy vừa xong"
    return Param(None, type=["null", "string"], format="uuid", description=about)


def sources(*, required: bool) -> Param:
    """Return a list of source codes; where it is not required, none means all."""
    items = {"type": "string"}
    if required:
        return Param(type="array", items=items, minItems=1, description="Mã các nguồn cần dựng lại")
    return Param([], type="array", items=items, description="Chỉ các nguồn này; để trống: tất cả")


def reason() -> Param:
    """Return why a person decides as they do; an answer that decides is asked for again without it."""
    return Param("", type=["null", "string"], title="Lý do", description="Bắt buộc khi duyệt hoặc từ chối")


def period() -> Param:
    """Return the period to close."""
    return Param(type="string", minLength=4, description="Kỳ: 2026-11, 2026-Q3, 2026-H1, 2026-9M hoặc 2026")


def calendar() -> Param:
    """Return the calendar that the period is named in."""
    about = "report: ngày 15 đến ngày 14 (NĐ 09/2019/NĐ-CP); calendar: tháng dương lịch"
    return Param("report", type="string", enum=["report", "calendar"], description=about)
