"""The columns of the open data and what they mean, in Vietnamese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["string", "integer", "number", "date", "boolean"]
MONTHLY = "hang-thang"  # the publication that the months of the trend stand under

# of columns c3 … of form II.06a
OF_FORM = {
    "c3": "Received or carried over, total",
    "c4": "Received in the period online",
    "c5": "Received in the period at the counter or by post",
    "c6": "Carried over from before",
    "c7": "Settled, total",
    "c8": "Settled early",
    "c9": "Settled on time, with those withdrawn or stopped",
    "c10": "Settled late",
    "c11": "In process, total",
    "c12": "In process within the term",
    "c13": "In process past the term",
}


@dataclass(frozen=True)
class Column:
    """One column; a cell that is not known is empty."""

    name: str
    kind: Kind
    title: str  # Vietnamese
    english: str
    key: bool = False  # one of those that together name a row


UNIT = (
    Column(
        "unit_code",
        "string",
        "Mã đơn vị; mã của tỉnh là cả tỉnh",
        "Code of the unit; the province's is all of it",
        key=True,
    ),
    Column("unit_name", "string", "Tên đơn vị", "Name of the unit"),
)
PERIOD = (
    Column("period_from", "date", "Ngày đầu kỳ", "First day of the period", key=True),
    Column(
        "period_to",
        "date",
        "Ngày cuối của số liệu trong kỳ",
        "Last day of the period that is counted",
        key=True,
    ),
)
COUNTED = (
    Column("numerator", "number", "Tử số", "Numerator"),
    Column("denominator", "number", "Mẫu số", "Denominator"),
)
REASON = Column(
    "reason", "string", "Vì sao không có số, hoặc số còn thiếu gì", "Why there is no number, or what it lacks"
)
COVERAGE = Column(
    "coverage",
    "number",
    "Tỷ lệ nguồn có đủ số liệu của kỳ, từ 0 đến 1; của số cộng từ báo cáo của các đơn vị: tỷ lệ đơn vị đã gửi trong số "
    "đơn vị có nguồn báo cáo",
    "Share of sources with all data of the period, 0 to 1; of a sum of what units report: share of the units that have "
    "reported among those with a source of it",
)
FRESH = Column(
    "fresh_to",
    "date",
    "Nguồn chậm nhất có số liệu đến ngày",
    "Last day that the stalest source has delivered",
)
INDICATORS = (
    Column(
        "publication",
        "string",
        f"Mã bảng công bố; {MONTHLY}: chuỗi tháng báo cáo",
        f"Code of the publication; {MONTHLY}: the series of report months",
        key=True,
    ),
    *UNIT,
    Column("indicator_set", "string", "Mã bộ chỉ số", "Code of the set of indicators"),
    Column(
        "indicator_code",
        "string",
        "Mã chỉ số, xem bảng definitions",
        "Code of the indicator, see table definitions",
        key=True,
    ),
    Column("title", "string", "Tên chỉ số", "Title of the indicator"),
    Column("measured_in", "string", "Đơn vị tính", "Unit of measurement"),
    *PERIOD,
    Column(
        "value",
        "number",
        "Giá trị đã làm tròn; tỷ lệ tính bằng phần trăm",
        "Value, rounded; shares in percent",
    ),
    *COUNTED,
    Column(
        "printed",
        "string",
        "Giá trị như được in, hoặc khoảng giá trị",
        "Value as printed, or the interval it is in",
    ),
    REASON,
    COVERAGE,
    FRESH,
    Column(
        "lower",
        "number",
        "Giá trị không công bố riêng: không nhỏ hơn",
        "Of a value that is withheld: not less than",
    ),
    Column(
        "upper",
        "number",
        "Giá trị không công bố riêng: không lớn hơn",
        "Of a value that is withheld: not more than",
    ),
    Column(
        "revision",
        "integer",
        "Bản chốt của kỳ; trống: kỳ chưa chốt",
        "Revision of the closed period; empty: not closed",
    ),
)
POINTS = (
    Column("index", "string", "Mã bộ chỉ số", "Code of the index", key=True),
    Column("version", "string", "Cách tính điểm", "Rule version", key=True),
    *UNIT,
    Column("group", "string", "Nhóm; trống: cả bộ", "Group; empty: the whole index", key=True),
    Column(
        "component",
        "string",
        "Chỉ số thành phần; trống: tổng của nhóm",
        "Component; empty: sum of the group",
        key=True,
    ),
    Column("title", "string", "Tên", "Title"),
    *PERIOD,
    *COUNTED,
    Column("ratio", "number", "Tỷ lệ, phần trăm", "Share, percent"),
    Column("score", "number", "Điểm", "Points"),
    Column("max", "number", "Điểm tối đa", "Most points"),
    REASON,
    COVERAGE,
)
PROCEDURES = (
    *UNIT,
    Column("procedure_code", "string", "Mã thủ tục hành chính", "Code of the procedure", key=True),
    Column("procedure_title", "string", "Tên thủ tục", "Title of the procedure"),
    Column("field_code", "string", "Mã lĩnh vực", "Code of the field"),
    Column("field_title", "string", "Tên lĩnh vực", "Title of the field"),
    *PERIOD,
)
UNITS = (
    Column("unit_code", "string", "Mã đơn vị", "Code of the unit", key=True),
    Column("unit_name", "string", "Tên đơn vị", "Name of the unit"),
    Column("group", "string", "Cấp: province, department, district, commune", "Level of the unit"),
    Column("parent", "string", "Mã đơn vị cấp trên", "Code of the unit above"),
    Column("valid_from", "date", "Hoạt động từ ngày", "In office from", key=True),
    Column("valid_to", "date", "Hoạt động đến ngày; trống: còn hoạt động", "In office to; empty: still"),
)
SOURCES = (
    Column("source_code", "string", "Mã nguồn số liệu", "Code of the source", key=True),
    Column("title", "string", "Tên nguồn", "Title of the source"),
    *(Column(c.name, c.kind, c.title, c.english) for c in UNIT),
    Column("is_fresh", "boolean", "Có đủ số liệu đến ngày báo cáo", "Has delivered up to the reporting day"),
    Column("fresh_to", "date", "Có đủ số liệu đến ngày", "Last day it has delivered"),
    Column("problem", "string", "Vướng mắc", "What is wrong"),
    Column("notice", "string", "Lưu ý", "What the catalogue says otherwise"),
)
DEFINITIONS = (
    Column("indicator_set", "string", "Mã bộ chỉ số", "Code of the set of indicators", key=True),
    Column("indicator_code", "string", "Mã chỉ số", "Code of the indicator", key=True),
    Column("title", "string", "Tên chỉ số", "Title of the indicator"),
    Column("measured_in", "string", "Đơn vị tính", "Unit of measurement"),
    Column("formula", "string", "Công thức", "Formula"),
    Column("rounding", "string", "Cách làm tròn", "Rounding"),
    Column("basis", "string", "Căn cứ", "Legal basis"),
)
