from __future__ import annotations

import html
import re
from unicodedata import normalize

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cchc.sources.door.secrecy import (
    any_carries_mark,
    any_tells_mark,
    carries_mark,
    is_mark,
    names_mark,
    tells_mark,
)
from cchc.sources.texts import clean

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
        "M.Ậ.T.",
        "ＭẬＴ",
        "Ｔối Ｍật",
        "\u041cật",  # Cyrillic М
        "\u041c\u0430\u0323\u0302\u0442",  # Мậт, all of it
        "\u0422Ố\u0406 \u039cẬ\u03a4",  # with Cyrillic Т and І, Greek Μ and Τ
        "ⓂⒶⓉ",
        "m\u115fật",
        "<b>Mật</b>",
        "M<b>ậ</b>t",
        "M&#7853;t",
        "T&#7888;I&nbsp;M&#x1EAC;T",
        "M&amp;#7853;t",
        '<span style="color:red; text-transform:uppercase">t&ocirc;\u0301i m&#7853;t</span>',
        'M<span style="a>b">Ậ</span>T',
        "M<span title='a<b>'>Ậ</span>T",
        'M<b ">Ậ">T',
        "&lt;b&gt;MẬT&lt;/b&gt;",
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
        "V/v giao nhiệm vụ M-Ậ-T",
        "Văn bản M.Ậ.T. của tỉnh",
        "Văn bản t.ố.i_m/ậ/t của tỉnh",
        "12/M-A-T",
        "12/QĐ-MAT",
        "V/v giao nhiệm vụ (ＭẬＴ)",
        "V/v giao nhiệm vụ \u041cật",
        "12/\u041c\u0410\u0422-SGDDT",
        "<p>T&#7888;I M&#7852;T</p>",
        "T<b>ối</b> m<b>ật</b>",
        "V/v họp<br>M<b>ậ</b>t",
        "12/M<i>AT</i>-SGDDT",
        "V/v họp &lt;Mật&gt;",
        "V/v họp <Mật>",
        "V/v họp &lt;b&gt;M&lt;/b&gt;&#7853;t",
        "tài liệu <!-- x -->Tuyệt&shy; mật",
        "A & B họp <Mật",
        '<p title="Tối mật">V/v họp</p>',
        "V/v họp <!-- MẬT -->",
        '<a href="x>V/v họp Mật</a>',
        "<p>văn bản mật</p><p>khẩn</p>",
        "<p>văn bản mật</p><p>mã 12</p>",
        "<p>MẬT</p><p>Độ khẩn: hỏa tốc</p>",
        "<b>MẬT</b> <i>Độ khẩn</i>",
        "<td>mật</td><td>mã 12</td>",
        "MẬT\nĐỘ KHẨN",
        "mật độ khẩn",
        "MẬT\nMã số 12",
        "Mật \nĐộ khó: 3",
        "Xã Bảo: Mật",
        "12/MẬT-MÃ",
        "12/MẬT-mã",
        "MẬT\nmã hồ sơ 12",
        "Độ mật: Mật",
        "Mật - Khẩn",
        "TÀI LIỆU MẬT",
        "văn bản mật",
        "mật, khẩn",
        "Mật Kế hoạch phòng thủ",
        "Văn bản Mật Sơn La",
        "Mật Sơn La",
        "MẬT SƠN",
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
        "V/v cấp đất 500 m², ấp Tân; 12 ㎡ mặt đường",
        "Диплом магистра",
        "Khám, chữa bệnh; m. ất; QĐ-MA/T12",
        "Tầm ất tỵ",
        "bảo ｍật thông tin",
        "12/QĐ-UBND ngày 01/02 về đổi tên MATERIAL",
        "<p>bảo m&#7853;t th&ocirc;ng tin</p>",
        "Công ty A & B, số < 5 m > 3",
        "<m>ặt</m> &copy &amp;amp;",
        "bảo&nbsp;mật",
        "bảo&amp;nbsp;mật thông tin",
        "mật&nbsp;độ",
        "đổi mật&nbsp;khẩu",
        "bảo <b>mật</b>",
        "BẢO <b>MẬT</b> THÔNG TIN",
        "bảo<br>mật",
        '<a href="/mat-khau" title="Mật khẩu">Đổi mật<br/>khẩu</a>',
        "mật\nđộ",
        "mật \r\n độ",
        "mật-khẩu",
        "mật\u2011độ",
        "bảo-mật",
        "Nuôi ong mật",
        "dân cư trù mật",
        "bệnh gan, mật; phẫu thuật gan - mật - tụy",
        "GAN, MẬT",
        "UBND phường Mật Sơn",
        "PHƯỜNG MẬT SƠN",
        "Mật Sơn",
        "Số 12 Mật Sơn, phường Đông Vệ",
        "thôn Mật Ninh",
    ],
)
def test_everyday_words_are_no_marks(text: str) -> None:
    assert not carries_mark(text)
    assert not is_mark(text)


@pytest.mark.parametrize(
    "name",
    [
        "doMat", "DoMat", "do_mat", "DOMAT", "domat", "mucDoMat", "MUC_DO_MAT", "mucdomat", "Độ mật", "ĐộMật", "ĐỘ MẬT",
        "Mức độ mật của văn bản", "idDoMat", "doMatVB", "do_mat_1", normalize("NFD", "Độ mật"), "isSecret",
        "secretLevel", "SECRET_LEVEL", "topsecret", "secrecy", "Secrecy Level", "confidential", "isConfidential",
        "confidentiality",
        "biMat", "bi_mat_nha_nuoc", "toiMat", "laTuyetMat", "capMat", "muc_mat", "doBaoMat", "Độ bảo mật",
        "Văn bản mật",
        "Văn bản\u00a0MẬT", "\u0501ộ mật", "\uff24oMat",
    ],
)  # fmt: skip
def test_the_name_of_a_field_says_that_it_states_secrecy(name: str) -> None:
    assert names_mark(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "matDo", "mat_do_dan_so", "Mật độ", "matKhau", "Mật khẩu", "do_mat_khau", "doManhMatKhau", "secretary",
        "Secretariat", "secretKey", "secret_key", "secretToken", "tienMat", "tien_mat", "Tiền mặt", "coMat", "Vắng mặt",
        "ngayMat", "Ngày mất", "Đo mắt", "đo_mắt", "doMay", "tienDo", "trangThaiDoMatBang", "material", "format",
        "doMath",
        "mucDo", "mức độ", "Bảo mật", "baoMat", "domatic", "kho_do_ma_tran", "mat", "Mat1",
    ],
)  # fmt: skip
def test_the_names_of_other_fields_do_not(name: str) -> None:
    assert not names_mark(name)


# whole levels and what only seems so, in letters of other alphabets, composed or not, with anything in between
_LETTERS = {
    "m": "mMｍＭ\u043c\u041cⓜⅯ\u039c𝐌",
    "ậ": [
        "ậ",
        "Ậ",
        "a\u0323\u0302",
        "â\u0323",
        "ạ\u0302",
        "\u0430\u0323\u0302",
        "a",
        "Ａ",
        "ª",
        "ẫ",
        "ẚ",
        "&#7853;",
        "&#x1EAC",
        "&amp;#7853;",
        "&acirc;\u0323",
    ],
    "t": "tTｔ\u0442\u0422₮ⓣ",
}
_TAGS = [
    "<b>",
    "</b>",
    "<br/>",
    "<!-- m -->",
    "&nbsp;",
    "&#32;",
    "&shy;",
    "&amp;",
    "&",
    "<",
    ">",
    "&lt;i&gt;",
    "&#",
    '<i title="a>b">',
    "<i title='m<",
    '"',
]
_BETWEEN = st.sampled_from(_TAGS) | st.text(
    alphabet=" .-_/12\t\n\xa0\xad\u034f\u115f\u200b\u202e\u3164\u0301\u0332²…ʾ", max_size=2
)
_WORDS = st.sampled_from(
    ["", "tối", "TUYỆT", "toi", "Ｔối", "tuʸệt", "bảo", "x", "ı", "toà", "\ud800", "ﬀ", "T<b>ối</b>"]
)
_SPELT = st.tuples(
    _WORDS,
    *(part for letters in _LETTERS.values() for part in (_BETWEEN, st.sampled_from(letters))),
    _BETWEEN,
).map("".join)
_TEXTS = _SPELT | st.text(max_size=8) | st.text(alphabet="mMaAậẬtT \u0302\u0323\u030c.<>&", max_size=8)


# a tag, or the rest of the text where it does not end; what is quoted in it does not end it
_TAG = r"""(?s)<(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^<>"'])*+(?:>|\Z|(?=<))"""


def _without_short_cuts(text: str) -> bool:
    """The definition: its letters, as it stands or as a browser shows them, are those of a level and no others."""
    shown = html.unescape(html.unescape(html.unescape(text)))
    tags = ("<[^<>]*>", _TAG)
    return any(
        map(_is_level, (text, shown, *(re.sub(tag, between, shown) for tag in tags for between in ("", " "))))
    )


def _is_level(text: str) -> bool:
    alike = str.maketrans(
        "\u043c\u041c\u0430\u0410\u0442\u0422\u043e\u041e\u0456\u0406\u0443\u0423\u0435\u0415\u03bc\u039c\u03b1\u0391\u03c4\u03a4",
        "mmaattooiiyyeemmaatt",
    )
    seen = clean(normalize("NFKC", text).translate(alike)).casefold()
    letters = "".join(c for c in seen if c.isalpha())
    return letters in {
        normalize("NFC", level) for level in ("mật", "tốimật", "tuyệtmật", "mat", "toimat", "tuyetmat")
    }


@settings(max_examples=300)
@given(_TEXTS)
@example("M\u115fật")
@example("Mªt")
def test_no_short_cut_passes_a_mark(text: str) -> None:
    assert is_mark(text) == _without_short_cuts(text)
    assert not is_mark(text) or carries_mark(text)


@pytest.mark.parametrize(
    "text",
    [
        *MARKS,
        "Độ mật: Tối mật",
        "Độ mật: Mật",
        "ĐỘ MẬT : MẬT",
        "Mức độ mật - Tuyệt mật",
        "Độ mật: Mật, độ khẩn: Thường",
        "Do mat: Mat",
        "DO MAT = TOI MAT",
        "Văn bản mật",
        normalize("NFD", "Văn bản mật, không phổ biến"),
        "VĂN BẢN  MẬT",
        "văn bản m.ậ.t",
        "văn bản \u041cật",
        "<p>Văn bản <b>mật</b></p>",
        "Tài liệu Mật",
        "Hồ sơ tối mật của đơn vị",
        "đóng dấu MẬT",
        "(Mật)",
        "Báo cáo quý III (Mật)",
        "Mật (không phổ biến)",
        "MẬT – không sao chụp",
        "Đây là tuyệt mật.",
    ],
)
def test_what_leaves_no_doubt_is_a_mark_in_any_field(text: str) -> None:
    assert tells_mark(text)
    assert any_tells_mark(["Hồ sơ", text])


@pytest.mark.parametrize(
    "text",
    [
        "Trần Mật",
        "Nguyễn Văn Mật",
        "Mật, Nguyễn",
        "bản Mật, xã Quang Trung",
        "phường Mật Sơn",
        "Độ mật",
        "Độ mật: Thường",
        "Độ mật: không",
        "bảo mật thông tin",
        "thông tin mật khẩu",
        "tài liệu mật mã",
        "Kiểm tra nội dung mật mã dân sự",
        "báo cáo mật độ xây dựng",
        "buổi tối mật độ xe cao",
        "Sản xuất mật ong",
        "hồ sơ mật mía",
        "gan, mật bình thường",
        "Cho phép sao chụp tài liệu bí mật nhà nước",
        "Tỷ lệ văn bản điện tử (trừ văn bản mật)",
        "không bao gồm các văn bản mật theo quy định",
        "Không phải tài liệu mật",
        "van ban mat",
        "Toi mat giay to",
        "format: mat",
    ],
)
def test_what_may_be_a_name_or_another_word_is_no_mark_in_any_field(text: str) -> None:
    assert not tells_mark(text)
    assert not any_tells_mark(["Hồ sơ", text])


_OTHERS = st.sampled_from(
    [[], ["Hồ sơ"] * 40, [f"Hồ sơ {n}" for n in range(40)], [f"m{n}" for n in range(40)]]
)


@given(st.lists(_TEXTS, max_size=4), _OTHERS)
@example(["MAT<A"], [])
def test_many_texts_have_a_mark_where_one_of_them_is_one(texts: list[str], others: list[str]) -> None:
    """More than levels alone tell of one; of these the definition has no short cut either."""
    expected = any(map(_without_short_cuts, texts)) or any(map(tells_mark, texts))
    assert any_tells_mark([*texts, *others]) == any_tells_mark([*others, *texts]) == expected


@given(
    st.lists(_TEXTS | st.builds("{} {}".format, st.sampled_from(["trích yếu", "Về"]), _TEXTS), max_size=4),
    _OTHERS,
)
def test_many_texts_carry_a_mark_where_one_of_them_does(texts: list[str], others: list[str]) -> None:
    assert (
        any_carries_mark([*texts, *others])
        == any_carries_mark([*others, *texts])
        == any(map(carries_mark, texts))
    )


def test_every_character_that_is_an_m_to_unicode_is_one() -> None:
    found = [c for c in map(chr, range(0x20000)) if normalize("NFKC", c).casefold() == "m"]
    assert len(found) > 30
    assert [c for c in found if not is_mark(f"{c}ật")] == []


@given(
    st.lists(
        _TEXTS
        | st.builds(
            "{}{}{}".format,
            st.sampled_from(["Văn bản ", "(", "Độ mật: "]),
            _TEXTS,
            st.sampled_from(["", ")", ": x"]),
        ),
        max_size=4,
    ),
    _OTHERS,
)
def test_many_texts_tell_a_mark_where_one_of_them_does(texts: list[str], others: list[str]) -> None:
    assert (
        any_tells_mark([*texts, *others]) == any_tells_mark([*others, *texts]) == any(map(tells_mark, texts))
    )
    assert all(tells_mark(text) for text in texts if is_mark(text))
