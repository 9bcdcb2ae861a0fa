"""What procedures and fields of work are called: made of a deed and a thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count

_SCHOOLS_FOUNDED = (
    "Thành lập hoặc cho phép thành lập {}",
    "Cho phép {} hoạt động giáo dục",
    "Cho phép {} hoạt động giáo dục trở lại",
    "Sáp nhập, chia, tách {}",
    "Giải thể {}",
)
_SCHOOLS = (
    "trường tiểu học",
    "trường trung học cơ sở",
    "trường trung học phổ thông",
    "trường phổ thông dân tộc nội trú",
    "trường phổ thông dân tộc bán trú",
)
#: field of work (local code) → its name, the deeds and the things of Sở GD&ĐT's procedures in it: five times five
EDUCATION: Mapping[str, tuple[str, Sequence[str], Sequence[str]]] = {
    "GDMN": (
        "Giáo dục mầm non",
        _SCHOOLS_FOUNDED,
        ("trường mẫu giáo", "trường mầm non", "nhà trẻ", "nhóm trẻ độc lập", "lớp mẫu giáo độc lập"),
    ),
    "GDTH": (
        "Giáo dục phổ thông",
        (
            "Chuyển trường cho học sinh của {}",
            "Xin học lại cho học sinh của {}",
            "Tiếp nhận học sinh nước ngoài vào {}",
            "Cho phép {} hoạt động giáo dục",
            "Sáp nhập, chia, tách {}",
        ),
        _SCHOOLS,
    ),
    "GDTX": (
        "Giáo dục thường xuyên",
        _SCHOOLS_FOUNDED,
        (
            "trung tâm giáo dục thường xuyên",
            "trung tâm học tập cộng đồng",
            "trung tâm ngoại ngữ",
            "trung tâm tin học",
            "trung tâm hỗ trợ giáo dục hòa nhập",
        ),
    ),
    "VBCC": (
        "Văn bằng, chứng chỉ",
        (
            "Cấp bản sao {} từ sổ gốc",
            "Cấp lại {} do bị hỏng hoặc ghi sai",
            "Chỉnh sửa nội dung {}",
            "Xác minh {}",
            "Công nhận {} do cơ sở giáo dục nước ngoài cấp",
        ),
        (
            "văn bằng, chứng chỉ",
            "bằng tốt nghiệp trung học cơ sở",
            "bằng tốt nghiệp trung học phổ thông",
            "chứng chỉ ngoại ngữ",
            "chứng chỉ tin học",
        ),
    ),
    "KDCL": (
        "Kiểm định chất lượng giáo dục",
        (
            "Đăng ký đánh giá ngoài đối với {}",
            "Cấp giấy chứng nhận kiểm định chất lượng đối với {}",
            "Cấp lại giấy chứng nhận kiểm định chất lượng đối với {}",
            "Công nhận {} đạt chuẩn quốc gia",
            "Công nhận {} đạt chuẩn phổ cập giáo dục",
        ),
        _SCHOOLS,
    ),
}

_DEEDS = (
    "Cấp {}",
    "Cấp lại {}",
    "Điều chỉnh {}",
    "Gia hạn {}",
    "Cấp đổi {}",
    "Cấp bản sao {}",
    "Xác nhận nội dung {}",
    "Đính chính {}",
    "Thu hồi {} theo đề nghị",
    "Chấm dứt hiệu lực {}",
)
#: unit → its eight fields of work (LV01 to LV08): name, and what its procedures hand out
_FIELDS: Mapping[str, str] = {
    "": "Hộ tịch: giấy khai sinh | Chứng thực: bản chứng thực | Đất đai: giấy chứng nhận quyền sử dụng đất"
    " | Bảo trợ xã hội: quyết định trợ cấp xã hội | Người có công: giấy xác nhận người có công"
    " | Xây dựng: giấy phép xây dựng nhà ở | Môi trường: giấy đăng ký môi trường"
    " | Thi đua, khen thưởng: giấy khen cấp xã",
    "SNV": "Tổ chức hội: quyết định cho phép thành lập hội | Quỹ xã hội: giấy phép thành lập quỹ xã hội"
    " | Công chức: quyết định tuyển dụng công chức | Viên chức: quyết định tuyển dụng viên chức"
    " | Lưu trữ: chứng chỉ hành nghề lưu trữ | Tín ngưỡng, tôn giáo: văn bản chấp thuận hoạt động tôn giáo"
    " | Thi đua, khen thưởng: bằng khen của tỉnh | Việc làm: giấy phép dịch vụ việc làm",
    "SCT": "Điện lực: giấy phép hoạt động điện lực | Hóa chất: giấy chứng nhận đủ điều kiện kinh doanh hóa chất"
    " | Xăng dầu: giấy chứng nhận cửa hàng bán lẻ xăng dầu | Rượu: giấy phép bán buôn rượu"
    " | Thuốc lá: giấy phép bán buôn sản phẩm thuốc lá | Khí: giấy chứng nhận trạm nạp khí"
    " | Xúc tiến thương mại: văn bản xác nhận khuyến mại | An toàn thực phẩm: giấy chứng nhận an toàn thực phẩm",
    "SKHCN": "Hoạt động khoa học: giấy chứng nhận tổ chức khoa học | Sở hữu trí tuệ: giấy chứng nhận giám định"
    " | An toàn bức xạ: giấy phép sử dụng thiết bị bức xạ | Đo lường: giấy chứng nhận kiểm định phương tiện đo"
    " | Tiêu chuẩn chất lượng: thông báo tiếp nhận công bố hợp quy | Bưu chính: giấy phép bưu chính"
    " | Viễn thông: giấy chứng nhận điểm truy nhập mạng | Công nghệ: giấy chứng nhận chuyển giao công nghệ",
    "SYT": "Khám bệnh, chữa bệnh: giấy phép hoạt động phòng khám | Hành nghề y: giấy phép hành nghề y"
    " | Dược: chứng chỉ hành nghề dược | Kinh doanh dược: giấy chứng nhận đủ điều kiện kinh doanh dược"
    " | Mỹ phẩm: phiếu công bố sản phẩm mỹ phẩm | An toàn thực phẩm: giấy chứng nhận an toàn thực phẩm"
    " | Y tế dự phòng: giấy công bố cơ sở tiêm chủng | Giám định y khoa: biên bản giám định y khoa",
    "SDTTG": "Công tác dân tộc: quyết định công nhận người có uy tín | Chính sách dân tộc: quyết định hỗ trợ sản xuất"
    " | Tôn giáo: văn bản chấp thuận hoạt động tôn giáo | Cơ sở tôn giáo: văn bản đăng ký cơ sở tôn giáo"
    " | Lễ hội: văn bản chấp thuận lễ hội tín ngưỡng | Đào tạo tôn giáo: văn bản đăng ký lớp bồi dưỡng"
    " | Văn hóa dân tộc: giấy công nhận câu lạc bộ dân gian | Thông tin: giấy phép phát hành bản tin dân tộc",
    "SNGV": "Lãnh sự: giấy chứng nhận lãnh sự | Đoàn ra: quyết định cử đoàn ra | Đoàn vào: văn bản cho phép đoàn vào"
    " | Hội nghị quốc tế: văn bản cho phép tổ chức hội nghị quốc tế | Thẻ ABTC: văn bản cho phép dùng thẻ ABTC"
    " | Biên giới: giấy phép hoạt động khu vực biên giới | Phi chính phủ: văn bản tiếp nhận viện trợ"
    " | Thông tin đối ngoại: giấy phép xuất bản ấn phẩm đối ngoại",
    "TTT": "Tiếp công dân: phiếu hẹn tiếp công dân | Khiếu nại: quyết định giải quyết khiếu nại"
    " | Tố cáo: kết luận nội dung tố cáo | Xử lý đơn: phiếu chuyển đơn | Thanh tra: bản sao kết luận thanh tra"
    " | Phòng, chống tham nhũng: văn bản yêu cầu giải trình | Kê khai tài sản: biên bản công khai bản kê khai"
    " | Hòa giải: biên bản đối thoại",
    "BQLKKT": "Đầu tư: giấy chứng nhận đăng ký đầu tư | Quy hoạch: giấy phép quy hoạch | Xây dựng: giấy phép xây dựng"
    " | Môi trường: giấy phép môi trường | Lao động: giấy phép lao động | Đất đai: hợp đồng thuê đất"
    " | Thương mại: giấy phép văn phòng đại diện | Cửa khẩu: giấy đăng ký kho bãi cửa khẩu",
}


def of_education(sector: str, place: int) -> tuple[str, str]:
    """Return the title of the `place`-th (from 0, below 25) procedure of a field of Sở GD&ĐT, and the field's name."""
    name, deeds, things = EDUCATION[sector]
    return deeds[place % 5].format(things[place // 5]), name


def of_unit(unit: str, sectors: Sequence[str]) -> list[tuple[str, str, int]]:
    """Return title, field's name and place within the field (from 1) of each procedure of a unit.

    `sectors`: the fields (LV01 to LV08) they belong to.
    """
    fields = [entry.split(": ") for entry in _FIELDS.get(unit, _FIELDS[""]).split(" | ")]
    places = {sector: count() for sector in sectors}
    found = []
    for sector in sectors:
        name, thing = fields[int(sector[2:]) - 1]
        place = next(places[sector])
        found.append((_DEEDS[place % len(_DEEDS)].format(thing), name, place + 1))
    return found
