"""What an officer reads about an indicator: its terms, formula, rounding, and why a number is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cchc.catalogue.base import DatasetName
from cchc.catalogue.indicators import Indicator, Term
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.indicators.periods import Period
from cchc.warehouse.datasets import NAMES

DATASETS: dict[DatasetName, str] = {
    "dossier": "hồ sơ",
    "document": "văn bản",
    "document_status": "trạng thái văn bản",
    "procedure": "danh mục thủ tục",
    "procedure_review": "rà soát thủ tục",
    "petition": "phản ánh, kiến nghị",
    "inspection": "kết luận kiểm tra",
    "official_score": "điểm của Cổng Dịch vụ công quốc gia",
    "reported_measure": "số liệu báo cáo",
}
GROUPS = {
    "department": "Sở, ban, ngành",
    "commune": "Xã, phường",
    "district": "Cấp huyện",
}  # in the order shown
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
RULE_NAMES = {  # what pages call them
    "returned-date": "theo ngày trả kết quả",
    "opencps-batch": "thống kê tháng của OpenCPS",
    "opencps-live": "tính trực tiếp của OpenCPS",
    "portal-766": "Bộ chỉ số 766",
    "date": "theo ngày",
    "timestamp": "theo giờ",
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
_STOCK_AT = {
    "procedure": {"start": "đầu kỳ", "end": "cuối kỳ"},  # what is in force, not what is left over
    "": {"start": "tồn đầu kỳ", "end": "tồn cuối kỳ"},
}
_LISTED = 3  # sources named in a reason
_PARTS = {"value": "giá trị", "numerator": "tử số", "denominator": "mẫu số", "ratio": "tỷ lệ"}
_ROUNDING = {"half_up": "số 5 làm tròn lên", "half_even": "số 5 làm tròn về số chẵn"}


def term(catalogue: Catalogue, wanted: Term) -> str:
    """Return one term in words, without its sign: `Hồ sơ tiếp nhận (trên phần mềm một cửa)`."""
    if wanted.reported is not None:
        newest = ", theo báo cáo mới nhất trong kỳ" if wanted.kind == "stock" else ""
        words = f"{_PARTS[wanted.part]} do đơn vị báo cáo ({wanted.reported}){newest}"
    else:
        measure = catalogue.measures[wanted.measure or ""]
        words = measure.title
        details = [
            _WHERE.get((str(k), v), f"mức độ {v}" if k == "online_level" else f"{k} {v}")
            for k, v in wanted.where.items()
        ]
        if wanted.needs_result is not None:
            details.append(f"thủ tục {'có' if wanted.needs_result else 'không có'} kết quả bằng văn bản")
        if wanted.rule is not None:
            details.append(f"theo quy tắc {wanted.rule}")
        if details:
            words = f"{words} ({', '.join(details)})"
        if wanted.aggregate == "procedures":
            words = f"số thủ tục có: {words[0].lower()}{words[1:]}"
        if measure.kind == "stock":
            words = f"{words}, {_STOCK_AT.get(measure.dataset, _STOCK_AT[''])[wanted.at]}"
        if wanted.among is not None:
            words = f"{words}, trong số {catalogue.measures[wanted.among].title.lower()}"
    if wanted.period is not None:
        words = f"{words}, {periods.parse(wanted.period, 'calendar').title()}"
    return words


def not_stated(fields: Iterable[str]) -> str:
    """Return that no source states these fields."""
    return f"các nguồn không ghi {', '.join(NAMES[name] for name in fields)}"


def not_comparable(sources: Sequence[str], fields: Iterable[str]) -> str:
    """Return that these sources hold dossiers of which a share cannot be made."""
    first, others = [*sources][:_LISTED], [*sources][_LISTED:]
    who = ", ".join(first) + (f" và {len(others)} nguồn khác" if others else "")
    named = ", ".join(NAMES[name] for name in fields)
    return f"{who} không ghi {named}: tỷ lệ không tính được trên toàn bộ hồ sơ"


def unreported(owing: int, period: Period, without: int = 0) -> str:
    """Return that none of so many units has reported a number for a period; `without`: units with no source of it."""
    who = f"chưa đơn vị nào trong {owing} đơn vị có nguồn báo cáo"
    return f"{who} gửi số liệu này cho kỳ {period.title()}{_without(without)}"


def partly_reported(reports: Mapping[str, bool], without: int = 0) -> str:
    """Return how many of the units that owe a report have sent it, where not all have; `without` as in `unreported`."""
    there, owing = sum(reports.values()), len(reports)
    who = f"{there} trên {owing} đơn vị có nguồn báo cáo đã gửi số liệu, thiếu {owing - there} đơn vị"
    return f"{who}{_without(without)}"


def _without(count: int) -> str:
    return f"; {count} đơn vị chưa có nguồn báo cáo" if count else ""


def not_kept(datasets: Iterable[DatasetName]) -> str:
    """Return that a unit keeps no register of these datasets."""
    return f"đơn vị không mở sổ theo dõi {'; '.join(DATASETS[name] for name in datasets)}"


def rules(indicator: Indicator) -> dict[str, str]:
    """Return the on-time rules that terms ask for instead of each source's own, each with what it means."""
    return {t.rule: ON_TIME_RULES[t.rule] for t in indicator.terms() if t.rule is not None}


def own_rule(catalogue: Catalogue, indicator: Indicator) -> bool:
    """Whether a term depends on each source's own on-time rule."""
    measured = (t for t in indicator.terms() if t.measure is not None and t.rule is None)
    return any(catalogue.measures[t.measure or ""].by_rule for t in measured)


def signed(terms: Iterable[tuple[bool, str]]) -> str:
    """Return the sum of terms in words, each given as whether it is taken away and its title."""
    made = ""
    for minus, title in terms:
        made += f"{' − ' if minus and made else '− ' if minus else ' + ' if made else ''}{title}"
    return made


def _sum(catalogue: Catalogue, terms: tuple[Term, ...]) -> str:
    return signed((t.minus, term(catalogue, t)) for t in terms)


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
