"""What an officer reads about an indicator: its terms, formula, rounding, and why a number is missing."""

from __future__ import annotations

from collections.abc import Iterable

from cchc.catalogue.base import DatasetName
from cchc.catalogue.indicators import Indicator, Term
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.warehouse.datasets import NAMES

DATASETS: dict[DatasetName, str] = {
    "dossier": "hồ sơ",
    "document": "văn bản",
    "document_status": "trạng thái văn bản",
    "procedure": "danh mục thủ tục",
    "procedure_review": "rà soát thủ tục",
    "petition": "phản ánh, kiến nghị",
    "official_score": "điểm của Cổng Dịch vụ công quốc gia",
    "reported_measure": "số liệu báo cáo",
}
TERM_UNITS = {"hour": "giờ", "day": "ngày", "working_day": "ngày làm việc", "month": "tháng"}
OUTCOMES = {"early": "trước hạn", "on_time": "đúng hạn", "late": "quá hạn"}
ON_TIME_RULES = {
    "returned-date": "đúng hạn theo ngày trả: ngày trả kết quả (chưa trả: ngày giải quyết xong) so với ngày hẹn trả",
    "opencps-batch": (
        "cách thống kê tháng của OpenCPS: quá hạn tính đến giây; trước hạn khi có kết quả trước hẹn và đã gia hạn,"
        " hoặc trả trước hẹn"
    ),
    "opencps-live": (
        "cách tính trực tiếp của OpenCPS: trước hạn là trước buổi làm việc có giờ hẹn trả; quá hạn tính đến giây;"
        " không có hẹn trả là trước hạn"
    ),
    "portal-766": (
        "cách của Bộ chỉ số 766: tính đến giây, trừ thời gian chờ công dân bổ sung giấy tờ;"
        " yêu cầu bổ sung nhiều lần chưa xong là quá hạn"
    ),
    "date": "đúng hạn theo ngày: ngày giải quyết xong so với ngày hẹn trả; không có hẹn trả là đúng hạn",
    "timestamp": "đúng hạn theo giờ: quá hạn tính đến giây, trước hạn tính theo ngày; không có hẹn trả là đúng hạn",
}
_WHERE = {
    ("intake", "one_stop"): "trên phần mềm một cửa",
    ("intake", "direct"): "tiếp nhận trực tiếp, ngoài phần mềm",
    ("channel", "direct"): "nộp trực tiếp",
    ("channel", "online"): "nộp trực tuyến",
    ("channel", "post"): "nộp qua bưu chính",
    ("channel", "unknown"): "không rõ kênh nộp",
    ("online_level", "full"): "toàn trình",
    ("online_level", "partial"): "một phần",
    ("online_level", "unknown"): "không rõ mức độ",
}
_PARTS = {"value": "giá trị", "numerator": "tử số", "denominator": "mẫu số", "ratio": "tỷ lệ"}
_ROUNDING = {"half_up": "số 5 làm tròn lên", "half_even": "số 5 làm tròn về số chẵn"}


def term(catalogue: Catalogue, wanted: Term) -> str:
    """Return one term in words: `Hồ sơ tiếp nhận (trên phần mềm một cửa)`."""
    if wanted.reported is not None:
        words = f"{_PARTS[wanted.part]} do đơn vị báo cáo ({wanted.reported})"
    else:
        words = catalogue.measures[wanted.measure or ""].title
        details = [
            _WHERE.get((str(k), v), f"mức độ {v}" if k == "online_level" else f"{k} {v}")
            for k, v in wanted.where.items()
        ]
        if details:
            words = f"{words} ({', '.join(details)})"
        if wanted.aggregate == "procedures":
            words = f"số thủ tục có: {words[0].lower()}{words[1:]}"
        if wanted.among is not None:
            words = f"{words}, trong số {catalogue.measures[wanted.among].title.lower()}"
    if wanted.period is not None:
        words = f"{words}, {periods.parse(wanted.period, 'calendar').title()}"
    return words


def not_stated(fields: Iterable[str]) -> str:
    """Return that no source states these fields."""
    return f"các nguồn không ghi {', '.join(NAMES[name] for name in fields)}"


def not_kept(datasets: Iterable[DatasetName]) -> str:
    """Return that a unit keeps no register of these datasets."""
    return f"đơn vị không mở sổ theo dõi {'; '.join(DATASETS[name] for name in datasets)}"


def _sum(catalogue: Catalogue, terms: tuple[Term, ...]) -> str:
    return " + ".join(term(catalogue, t) for t in terms)


def rounding(indicator: Indicator) -> str:
    """Return the declared rounding in words; empty where nothing is rounded."""
    if indicator.unit != "%":
        return ""
    places = f"{indicator.decimals} chữ số thập phân" if indicator.decimals else "số nguyên"
    return f"làm tròn đến {places}, {_ROUNDING[indicator.rounding]}"


def formula(catalogue: Catalogue, indicator: Indicator) -> str:
    """Return the formula in words."""
    if indicator.minimum is not None:
        return "thời hạn ngắn nhất trong các thủ tục có hiệu lực ở ngày cuối kỳ"
    if indicator.value:
        return _sum(catalogue, indicator.value)
    return f"({_sum(catalogue, indicator.numerator)}) ÷ ({_sum(catalogue, indicator.denominator)})" + (
        " × 100" if indicator.unit == "%" else ""
    )


def denominator(catalogue: Catalogue, indicator: Indicator) -> str:
    """Return the denominator in words, or an empty text where there is none."""
    return _sum(catalogue, indicator.denominator)
