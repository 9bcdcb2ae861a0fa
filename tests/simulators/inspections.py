"""The register of inspections that Sở Nội vụ keeps about other units: what was found, what is due and done.

The inspection of Sở GD&ĐT on 13 October 2022 is the one of which baocaobang.vn told: what it praised and asked for is
given here in other words. Days by which something had to be done, and on which it was, are invented, as are all other
inspections.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from simulators.model import Inspection

UNIT = "SNV"  # it keeps the register
SEED = "KT-2022-05"  # the inspection of 13 October 2022
PROVINCE = "Đoàn kiểm tra công tác cải cách hành chính tỉnh"
HOME = "Đoàn kiểm tra của Sở Nội vụ"
HEADINGS = (
    *("Mã cuộc kiểm tra", "Mã kết luận", "Mã đơn vị", "Ngày kiểm tra", "Cơ quan kiểm tra", "Nội dung"),
    *("Loại", "Kết luận", "Hạn thực hiện", "Ngày thực hiện xong", "Căn cứ"),
)
_GOOD, _ASKED, _LACKING = "ghi nhận", "kiến nghị", "tồn tại"


def _seed() -> Iterator[Inspection]:
    day = date(2022, 10, 13)
    for number, (topic, summary) in enumerate(
        (
            (
                "chỉ đạo, điều hành",
                "Việc chỉ đạo kiểm soát thủ tục hành chính và thực hiện một cửa được đẩy mạnh",
            ),
            (
                "thủ tục hành chính",
                "Thủ tục đã công bố được niêm yết tại trụ sở và đăng trên trang thông tin điện tử",
            ),
            ("một cửa", "Chữ ký số được dùng khi tiếp nhận, giải quyết và trả kết quả thủ tục hành chính"),
            (
                "kỷ luật, kỷ cương, văn hóa công vụ",
                "Kỷ luật, kỷ cương và văn hóa công vụ được thực hiện nghiêm túc, giờ làm việc được dùng hiệu quả",
            ),
            (
                "văn thư",
                "Công tác văn thư có nền nếp, nghiệp vụ khá tốt, công nghệ thông tin được áp dụng đồng bộ",
            ),
            ("văn thư", "Quản lý con dấu và bảo vệ bí mật nhà nước được chấp hành đúng quy định"),
            (
                "lưu trữ",
                "Tài liệu lưu trữ được khai thác đúng mục đích; có kho và thiết bị phòng cháy, chữa cháy",
            ),
        ),
        1,
    ):
        yield Inspection(SEED, f"GN-{number:02d}", "SGDDT", day, PROVINCE, topic, _GOOD, f"{summary}.")
    for number, (topic, summary, due, done) in enumerate(
        (
            (
                "chỉ đạo, điều hành",
                "Xây dựng kế hoạch cải cách hành chính để triển khai có hiệu quả",
                (2022, 12, 31),
                (2022, 12, 20),
            ),
            (
                "thủ tục hành chính",
                "Các phòng chuyên môn phối hợp tốt hơn khi tham mưu UBND tỉnh công bố thủ tục hành chính",
                (2023, 3, 31),
                (2023, 3, 15),
            ),
            (
                "một cửa",
                "Duy trì việc giải quyết thủ tục hành chính trên môi trường điện tử",
                (2022, 12, 31),
                (2022, 12, 28),
            ),
            (
                "kỷ luật, kỷ cương, văn hóa công vụ",
                "Kiểm soát tiến độ công việc đã giao cho cán bộ, công chức",
                (2022, 12, 31),
                (2022, 12, 28),
            ),
            (
                "công nghệ thông tin",
                "Đầu tư, nâng cấp hạ tầng công nghệ thông tin phục vụ điều hành",
                (2023, 6, 30),
                (2023, 8, 18),
            ),
            (
                "tài chính công",
                "Công khai, minh bạch thu, chi ngân sách; tiết kiệm; kịp thời báo cáo khó khăn về tài chính",
                (2023, 1, 31),
                (2023, 1, 30),
            ),
            (
                "văn thư",
                "Hoàn chỉnh báo cáo kết quả công tác văn thư, lưu trữ",
                (2022, 10, 31),
                (2022, 10, 27),
            ),
            (
                "văn thư",
                "Ghi đủ tên loại, trích yếu và thông tin liên quan vào sổ văn thư",
                (2022, 12, 31),
                (2022, 12, 15),
            ),
            (
                "văn thư",
                "Nâng cao nhận thức về vai trò của công tác văn thư và tài liệu lưu trữ",
                (2022, 12, 31),
                (2022, 12, 9),
            ),
            (
                "lưu trữ",
                "Tiếp tục bảo quản, khai thác và sử dụng tốt tài liệu lưu trữ",
                (2023, 6, 30),
                (2023, 6, 20),
            ),
            (
                "lưu trữ",
                "Công chức các phòng lập hồ sơ hiện hành và giao nộp vào lưu trữ cơ quan theo quy định",
                (2023, 6, 30),
                (2023, 6, 20),
            ),
            (
                "lưu trữ",
                "Đưa việc lập hồ sơ công việc thành nền nếp thường xuyên của đơn vị",
                (2023, 6, 30),
                (2023, 9, 29),
            ),
        ),
        1,
    ):
        yield Inspection(
            SEED,
            f"KN-{number:02d}",
            "SGDDT",
            day,
            PROVINCE,
            topic,
            _ASKED,
            f"{summary}.",
            date(*due),
            date(*done),
            f"Báo cáo số {number}/BC-SGDĐT ngày {date(*done):%d/%m/%Y}",
        )


#: inspection, its day, its body, unit: then topic, kind, what was found, last day, day done
_LATER: tuple[tuple[str, date, str, str, tuple[tuple[str, str, str, date | None, date | None], ...]], ...] = (
    (
        "KT-2026-02",
        date(2026, 6, 9),
        HOME,
        "SNNMT",
        (
            (
                "một cửa",
                _LACKING,
                "Nhiều hồ sơ được nhận ngoài phần mềm một cửa",
                date(2026, 7, 31),
                date(2026, 7, 24),
            ),
            (
                "một cửa",
                _ASKED,
                "Nhập mọi hồ sơ nhận trực tiếp vào phần mềm một cửa",
                date(2026, 7, 31),
                date(2026, 8, 20),
            ),
            (
                "thủ tục hành chính",
                _ASKED,
                "Niêm yết lại các thủ tục đã sửa đổi tại bộ phận một cửa",
                date(2026, 9, 30),
                None,
            ),
        ),
    ),
    (
        "KT-2026-03",
        date(2026, 8, 5),
        PROVINCE,
        "SYT",
        (
            (
                "chỉ đạo, điều hành",
                _GOOD,
                "Kế hoạch cải cách hành chính được ban hành sớm và giao việc rõ",
                None,
                None,
            ),
            (
                "tài chính công",
                _ASKED,
                "Công khai quyết toán năm 2025 trên trang thông tin điện tử",
                date(2026, 9, 15),
                date(2026, 9, 11),
            ),
            (
                "lưu trữ",
                _ASKED,
                "Lập hồ sơ công việc trên phần mềm quản lý văn bản",
                date(2026, 10, 31),
                None,
            ),
        ),
    ),
    (
        "KT-2026-04",
        date(2026, 9, 9),
        HOME,
        "SGDDT",
        (
            (
                "văn thư",
                _ASKED,
                "Rà soát việc đăng ký văn bản giấy song song với văn bản điện tử",
                date(2026, 10, 15),
                date(2026, 10, 12),
            ),
            (
                "công nghệ thông tin",
                _ASKED,
                "Thay máy quét đã hỏng của bộ phận số hóa hồ sơ",
                date(2026, 10, 31),
                None,
            ),
            (
                "lưu trữ",
                _ASKED,
                "Nộp vào lưu trữ cơ quan hồ sơ công việc của năm 2025",
                date(2026, 12, 31),
                None,
            ),
        ),
    ),
    (
        "KT-2026-05",
        date(2026, 10, 20),
        HOME,
        "01273",
        (
            (
                "kỷ luật, kỷ cương, văn hóa công vụ",
                _LACKING,
                "Bộ phận một cửa mở cửa muộn hơn giờ đã niêm yết",
                date(2026, 10, 30),
                date(2026, 10, 29),
            ),
            (
                "thủ tục hành chính",
                _ASKED,
                "Niêm yết đủ thủ tục cấp xã tại trụ sở mới",
                date(2026, 11, 10),
                None,
            ),
            ("một cửa", _ASKED, "Gửi thư xin lỗi với mọi hồ sơ quá hạn", date(2026, 11, 30), None),
        ),
    ),
)


def findings(today: date) -> list[Inspection]:
    """Return the rows of the register as they stand at the end of `today`, in its order."""
    found = list(_seed())
    for code, day, body, unit, rows in _LATER:
        for number, (topic, kind, summary, due, done) in enumerate(rows, 1):
            proof = f"https://kiemtra.caobang.example/{code.lower()}/{number}" if done else ""
            found.append(
                Inspection(
                    code, f"KL-{number:02d}", unit, day, body, topic, kind, f"{summary}.", due, done, proof
                )
            )
    return [
        row if row.done is None or row.done <= today else replace(row, done=None, evidence="")
        for row in found
        if row.inspected <= today
    ]


def rows(found: Sequence[Inspection]) -> list[list[Any]]:
    """Return the sheet: headings, then a row each; days as text, as officers type them."""
    return [
        list(HEADINGS),
        *(
            [
                *(r.code, r.finding, r.unit, f"{r.inspected:%d/%m/%Y}", r.body, r.topic, r.kind, r.summary),
                *(f"{day:%d/%m/%Y}" if day else "" for day in (r.due, r.done)),
                r.evidence,
            ]
            for r in found
        ),
    ]
