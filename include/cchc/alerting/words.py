"""What a unit's contact reads instead of a log: Vietnamese words for what happened and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cchc.catalogue.profiles import NATIONAL
from cchc.indicators.words import DATASETS
from cchc.publishing.workbooks.corrections import NOT_COUNTED, OWNERS
from cchc.publishing.workbooks.places import LISTS, count, file, place, record, short, stretch

__all__ = [
    "LISTS",
    "NOT_COUNTED",
    "OWNERS",
    "count",
    "place",
    "record",
    "short",
    "stretch",
]  # said where lists are made

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


#: The same for registers, which a unit lays down as files; `{place}` is the file.
_CAUSES_OF_FILES: dict[str, tuple[str, str]] = {
    "SourceUnavailable": (
        "Không đọc được tệp của đơn vị",
        "Kiểm tra {place}: có trong thư mục của đơn vị, mở được và không ai đang ghi. "
        "Dữ liệu sẽ tự được lấy bù vào đêm sau.",
    ),
    "ContractBroken": (
        "Tệp của đơn vị thiếu hoặc sai cấu trúc",
        "Kiểm tra {place}: thiếu thì đặt vào thư mục của đơn vị, có lỗi thì sửa theo lý do nêu kèm. "
        "Dữ liệu sẽ tự được lấy vào đêm sau.",
    ),
}

_OF_NATIONAL = (
    "Chưa lấy được dữ liệu từ Cổng Dịch vụ công quốc gia",
    "Đơn vị không phải làm gì; quản trị hệ thống tổng hợp của tỉnh sẽ xử lý.",
)

#: What happened to each unit of a system that gave none of them anything, and what to do.
OF_SHARED = (
    "Chưa lấy được dữ liệu từ hệ thống dùng chung của nhiều đơn vị",
    "Đơn vị không phải làm gì; quản trị hệ thống tổng hợp của tỉnh sẽ xử lý.",
)

#: What a unit's marks of a night say of a source that failed without its doing.
NOT_ITS_OWN = "Chưa lấy được dữ liệu từ {sources} là lỗi ngoài đơn vị; đơn vị không phải làm gì."

#: What a reader of refused records must know.
NOT_PROVED = (
    "Nguồn chỉ đọc lại các ngày gần nhất thì hệ thống không tự xác nhận được việc đã gỡ và không nhắc lại."
)

#: What it means that records are gone, that some of them may be marked, and what to do where they are not gone.
REMOVED = (
    "Các bản ghi dưới đây trước đó được tính vào số liệu. Lần đọc mới nhất nhận đủ danh sách những ngày liên quan mà "
    "không có chúng: chúng bị gỡ khỏi số liệu vì không còn trong hệ thống nguồn."
)
MARKED = (
    "Bản ghi nay mang dấu mật bị từ chối nên cũng không còn được tính: ở nguồn có bản ghi như vậy, mã của các bản ghi "
    "đã gỡ không được nêu."
)
UNNAMED = "không nêu mã vì nguồn có bản ghi mang dấu mật"
IF_NOT_GONE = (
    "Nếu chính đơn vị đã xóa thì không phải làm gì. Nếu bản ghi vẫn còn tại đơn vị thì hệ thống nguồn đã trả thiếu: "
    "kiểm tra giới hạn số bản ghi, bộ lọc và quyền của tài khoản kết nối (với sổ: tệp có thiếu dòng không), đồng thời "
    "báo quản trị hệ thống tổng hợp. Khi nguồn trả lại đủ, bản ghi tự được tính lại."
)

_WHERE = re.compile(r"^\S+ \[(.+?)\]: ")  # an error of a source begins with its code and the place
_HELD = re.compile(r"\[([a-z_]+)\] ")


def cause(error_class: str | None, kind: str = "", message: str = "") -> tuple[str, str]:
    """Return what happened to a source of this kind and what its unit should do, in Vietnamese."""
    name = error_class or ""
    if name in _CAUSES and _is_national(name, kind):
        return _OF_NATIONAL
    if kind == "files" and name in _CAUSES_OF_FILES:
        what, action = _CAUSES_OF_FILES[name]
        where = _WHERE.match(message)
        return what, action.format(place=file(where[1]) if where else "tệp")
    return _CAUSES.get(name, _OURS)


def is_ours(error_class: str | None, kind: str = "") -> bool:
    """Return whether a failure is the pipeline's own or the national portal's: its unit has nothing to do."""
    name = error_class or ""
    return name not in _CAUSES or _is_national(name, kind)


def _is_national(error_class: str, kind: str) -> bool:
    return kind in NATIONAL and error_class != "DeliveryHeld"


def held(message: str) -> str:
    """Return why deliveries are held, for each dataset, from the message of the source's outcome."""
    said = message.partition(": ")[2] if re.match(r"\S+: \[", message) else message
    return _HELD.sub(lambda found: f"{dataset(found[1])} – ", said)


def dataset(code: str) -> str:
    """Return the Vietnamese name of a dataset, or of whole deliveries; the code where there is none."""
    return _DATASETS.get(code, code)


def removed(gone: int, came_back: int) -> str:
    """Return how many records left the numbers or count again, in Vietnamese; nothing where there are none."""
    parts = (
        f"gỡ {count(gone)} bản ghi khỏi số liệu vì không còn trong hệ thống nguồn" if gone else "",
        f"tính lại {count(came_back)} bản ghi đã gỡ, nay nguồn có lại" if came_back else "",
    )
    return "; ".join(part for part in parts if part)


def waiting(in_all: int, come: int, gone: int) -> str:
    """Return how many rows wait to be corrected, and how many more and fewer there are than after the night before."""
    moved = f"thêm {count(come)}, bớt {count(gone)} so với đêm trước" if come or gone else "như đêm trước"
    if come == in_all and not gone:  # also on the first night of all
        moved = "đều mới"
    return f"Đang chờ sửa: {count(in_all)} dòng ({moved})"


#: Kind of alert → what is wrong.
KINDS: dict[str, str] = {
    "source": "Nguồn chưa có số liệu",
    "rows": "Dòng cần sửa",
    "secrecy": "Bản ghi mang dấu mật",
    "over-budget": "Quá nhiều nguồn không có số liệu",
    "not-published": "Chưa công bố được số liệu",
    "gate": "Kết quả kiểm tra không đáng tin",
    "not-delivered": "Trang công bố chưa được cập nhật",
}


def listed(names: Sequence[str], most: int = 5) -> str:
    """Return names with commas, the first few of them: `a, b, c và 2 nguồn nữa`."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} và {count(len(names) - most)} nguồn nữa"


def night(number: int) -> str:
    """Return how long something is wrong: `đêm đầu`, `đêm thứ 4`."""
    return "đêm đầu" if number <= 1 else f"đêm thứ {count(number)}"
