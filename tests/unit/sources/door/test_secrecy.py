from __future__ import annotations

from unicodedata import normalize

import pytest

from cchc.sources.door.secrecy import carries_mark, is_mark

MARKS = [
    "Mật",
    "MẬT",
    "mật",
    "Tối mật",
    "TỐI MẬT",
    "Tuyệt mật",
    " tuyệt  mật ",
    "Tối\u00a0mật",
    "tối-mật",
    "TỐI_MẬT",
    "M Ậ T",
]


@pytest.mark.parametrize(
    "mark",
    [
        *MARKS,
        *(normalize("NFD", m) for m in MARKS),
        "MAT",
        "TOIMAT",
        "Tuyet mat",
        "M\u200bật",
        "TỐIMẬT",
        "T Ố I  M Ậ T",
        "M\u2066ật",
        "Mật" + 47 * " ",
    ],
)
def test_a_field_that_states_the_level_is_recognised(mark: str) -> None:
    assert is_mark(mark)
    assert carries_mark(mark)


@pytest.mark.parametrize(
    "text",
    [
        "(Mật) V/v triển khai nhiệm vụ",
        "V/v báo cáo công tác [TỐI MẬT]",
        normalize("NFD", "V/v rà soát - Tuyệt mật"),
        "MẬT-QĐ-SGDĐT",
        "TUYỆT  MẬT-BC-SGDĐT",
        "12/TOIMAT-SGDDT",
        "BC-MAT/2022",
        "000.00.01.H14,2022/01/05,7/Mật-QĐ",
        "Hồ sơ kèm tài liệu Tối\u00a0mật",
        "Tài liệu bí mật nhà nước độ Mật",
        "Văn bản m ậ t",
        "V/v giao nhiệm vụ (T Ố I  M Ậ T)",
    ],
)
def test_marks_are_found_inside_titles_and_symbols(text: str) -> None:
    assert carries_mark(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Thường",
        "V/v tăng cường bảo mật thông tin",
        "V/v công tác bảo vệ bí mật nhà nước",
        "Đổi mật khẩu định kỳ",
        "Mật độ xây dựng",
        "Hỗ trợ nuôi ong lấy mật ong",
        "V/v bề mặt đường; mất giấy tờ; bệnh về mắt",
        "QĐ-SGDĐT",
        "MATERIAL-01",
        "giai phong mat bang khu do thi",
        "Nguyễn Văn Mật khẩu",
    ],
)
def test_everyday_words_are_no_marks(text: str) -> None:
    assert not carries_mark(text)
    assert not is_mark(text)
