"""What a unit's contact reads instead of a log: Vietnamese words for what happened and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from cchc.indicators.words import DATASETS

_DATASETS: dict[str, str] = {str(code): name for code, name in DATASETS.items()} | {"delivery": "đợt dữ liệu"}

#: Class of the error → (what happened, what to do).
_CAUSES: dict[str, tuple[str, str]] = {
    "SourceUnavailable": (
        "Không kết nối được với hệ thống của đơn vị",
        "Kiểm tra máy chủ và đường truyền. Dữ liệu sẽ tự được lấy bù vào đêm sau.",
    ),
    "SourceRefused": (
        "Hệ thống của đơn vị từ chối đăng nhập",
        "Kiểm tra tài khoản kết nối, mật khẩu và quyền truy cập, rồi báo cho quản trị hệ thống tổng hợp.",
    ),
    "ContractBroken": (
        "Hệ thống của đơn vị trả dữ liệu sai cấu trúc",
        "Chuyển chi tiết dưới đây cho nhà cung cấp phần mềm để sửa.",
    ),
    "DeliveryHeld": (
        "Dữ liệu nhận được bất thường nên chưa được ghi nhận; số liệu trước đó được giữ nguyên",
        "Kiểm tra dữ liệu tại nguồn; nếu dữ liệu đúng, báo cho quản trị hệ thống tổng hợp xác nhận.",
    ),
}
_OURS = (
    "Lỗi khi xử lý tại hệ thống tổng hợp",
    "Đơn vị không phải làm gì; quản trị hệ thống tổng hợp sẽ xử lý.",
)


def cause(error_class: str | None) -> tuple[str, str]:
    """Return what happened to a source and what its unit should do, in Vietnamese."""
    return _CAUSES.get(error_class or "", _OURS)


def is_ours(error_class: str | None) -> bool:
    """Return whether a failure is the pipeline's own, so that its unit has nothing to do."""
    return (error_class or "") not in _CAUSES


def place(page: str) -> str:
    """Return where a row stands in its source: a file and line as they are, a page number with its word."""
    return f"trang {page}" if page.isdigit() else short(page, 80)


def dataset(code: str) -> str:
    """Return the Vietnamese name of a dataset, or of whole deliveries; the code where there is none."""
    return _DATASETS.get(code, code)


def count(number: int) -> str:
    """Return a whole number as it is written in Vietnamese: 1.234."""
    return f"{number:,}".replace(",", ".")


#: Kind of alert → what is wrong.
KINDS: dict[str, str] = {
    "source": "Nguồn chưa có số liệu",
    "rows": "Dòng cần sửa",
    "secrecy": "Bản ghi mang dấu mật",
    "over-budget": "Quá nhiều nguồn không có số liệu",
    "not-published": "Chưa công bố được số liệu",
    "gate": "Kết quả kiểm tra không đáng tin",
}


#: Who mends what a rule finds → in words.
OWNERS: dict[str, str] = {
    "unit": "Đơn vị",
    "engineer": "Quản trị hệ thống tổng hợp",
    "office": "Cơ quan đầu mối của tỉnh",
}


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names with commas, the first few of them: `a, b, c và 2 nguồn nữa`."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} và {count(len(names) - most)} nguồn nữa"


def night(number: int) -> str:
    """Return how long something is wrong: `đêm đầu`, `đêm thứ 4`."""
    return "đêm đầu" if number <= 1 else f"đêm thứ {count(number)}"


def short(text: str, limit: int = 400) -> str:
    """Return a text on one line, cut where it is too long for a mail."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
