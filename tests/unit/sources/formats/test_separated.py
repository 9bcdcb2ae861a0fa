"""CSV in every encoding offices use, and rows that are not as wide as their headings."""

from __future__ import annotations

import io
from typing import Any

import pytest

from cchc.catalogue.profiles import DatasetMap, FieldMap, Secrecy
from cchc.sources import unread
from cchc.sources.door.allow_list import Admitted, Door
from cchc.sources.door.columns import by_column
from cchc.sources.formats.separated import BadText, rows_of_csv
from cchc.staging.readers import Unreadable, reader
from unit.sources.profiles import admit

MAP = DatasetMap(
    fields={"dossier_code": FieldMap(path="ma", type="code", required=True), "form": FieldMap(path="hinh_thuc")},
    personal=("ten",),
)  # fmt: skip
TEXT = "ma,hinh_thuc,ten\r\n007,Trực tiếp; một cửa,Nguyễn Văn Đức\r\n008,Dịch vụ bưu chính,Lê Thị Ước\r\n"
TCVN3 = "ma,hinh_thuc,ten\n007,Trùc tiÕp ®Õn mét cöa,NguyÔn V¨n §øc\n008,DÞch vô bu chÝnh,TrÇn ThÞ ¦íc\n"
VNI = "ma,hinh_thuc,ten\n007,Tröïc tieáp ñeán moät cöûa,Nguyeãn Vaên Ñöùc\n008,Dòch vuï,Traàn Thò Öôùc\n"


def read(content: bytes | str, of: DatasetMap = MAP) -> list[tuple[int, dict[str, Any]]]:
    return list(rows_of_csv(io.BytesIO(content if isinstance(content, bytes) else content.encode()), of))


def test_a_mark_above_the_headings_is_that_of_the_file() -> None:
    for above in ("MẬT\n", "UBND XÃ A,,\nĐộ mật:,Mật,\n"):
        with pytest.raises(BadText, match="a line above the headings is a mark of secrecy"):
            read(above + TEXT)
    assert len(read("Sổ hồ sơ trừ hồ sơ mật,,\n" + TEXT)) == 2


def windows_1258(text: str) -> bytes:
    """Write as Vietnamese Windows does: a letter with its mark, then its tone."""
    from unicodedata import normalize

    tones = "\u0300\u0301\u0303\u0309\u0323"
    parts = []
    for letter in text:
        whole = normalize("NFD", letter)
        tone = "".join(c for c in whole if c in tones)
        parts.append(normalize("NFC", "".join(c for c in whole if c not in tones)) + tone)
    return "".join(parts).encode("cp1258")


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        windows_1258(TEXT),
    ],
    ids=["utf-8", "utf-8 with mark", "utf-16", "utf-16-le", "utf-16-be", "windows-1258"],
)
def test_the_encoding_is_recognised(content: bytes) -> None:
    from unicodedata import normalize

    (_, first), (number, second) = read(content)
    assert number == 3
    assert normalize("NFC", first["hinh_thuc"]) == "Trực tiếp; một cửa"
    assert normalize("NFC", second["ten"]) == "Lê Thị Ước"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (TCVN3, "written for a TCVN3 font"),
        (TCVN3.encode("latin-1"), "written for a TCVN3 font"),
        (VNI, "written for a VNI font"),
        (VNI.encode("latin-1"), "written for a VNI font"),
        (TEXT.encode()[:60] + b"\xff\xfe\xff" + TEXT.encode()[60:], "not UTF-8 .nor UTF-16"),
        (TEXT.encode("utf-16")[:-7], "cut off"),
        ("ma|hinh_thuc|ten\n1|2|3\n", "heading ma, hinh_thuc is missing"),
        ("ma,hinh_thuc,ten\n1,2,3\n1,2", "2 cells, the heading has 3, and the file ends within it: it was cut off"),
        ("ma,hinh_thuc,ten\n1,2\n1,2\n1,2,3\n", "2 of 3 rows have more or fewer cells"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(content: bytes | str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read(content)


def test_real_vietnamese_is_no_font_text() -> None:
    text = "ma,hinh_thuc,ten\n" + "1,Hoà Bình – phường Ỷ La; ¼ lít µg ® ©,Đoàn Thị Quỳ\n" * 5
    assert len(read(text)) == 5


def test_a_ragged_row_lands_as_marks_and_becomes_a_cast_error() -> None:
    rows = read("ma,hinh_thuc,ten\n007,a,Nguyễn Văn A\n008,Trần Thị B\n009,a,b\n")
    assert [number for number, _ in rows] == [2, 3, 4]
    admitted = admit(MAP, rows[1][1])
    assert isinstance(admitted, Admitted)
    assert set(admitted.fields.values()) == {
        unread.mark("ragged")
    }  # nothing of the row, whose cells may be names
    with pytest.raises(Unreadable, match="dòng thừa hoặc thiếu ô so với tiêu đề"):
        reader(MAP.fields["dossier_code"], "Asia/Ho_Chi_Minh")(admitted.fields["ma"] or "")


def test_a_ragged_row_that_must_state_its_secrecy_fails_the_file() -> None:
    secret = MAP.model_copy(update={"secrecy": Secrecy(paths=("ten",), required=True)})
    with pytest.raises(BadText, match="its secrecy level is not known") as caught:
        read("ma,hinh_thuc,ten\n1,2,3\n1,2\n1,2,3\n", secret)
    assert caught.value.line == 3


def test_texts_are_kept_exactly() -> None:
    cells = ["=1+1", "+84", "-5", "@x", "a\tb", "c\nd", 'e"f', "\\.", "g\r\nh"]
    quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    rows = read("ma,hinh_thuc,ten\n" + "".join(f"1,{cell},x\n" for cell in quoted))
    assert [record["hinh_thuc"] for _, record in rows] == cells


DAYS = DatasetMap(
    fields={
        "a": FieldMap(path="ma", type="code"),
        "b": FieldMap(path="ngay", type="date", formats=("%d/%m/%Y",)),
    }
)


@pytest.mark.parametrize(
    ("above", "head", "line"),
    [
        ("\n \n", "ma,hinh_thuc,ten", 4),
        ("sep=,\n", "ma,hinh_thuc,ten", 3),
        ("sep=|\n", "ma|hinh_thuc|ten", 3),
        ('SỔ THEO DÕI,,\n"Năm 2026,\nquyển 1",,\n,,\n', "ma,hinh_thuc,ten", 6),
        ("", '"ma","hinh_\nthuc",ten', 3),
    ],
    ids=["empty lines", "sep", "sep of another sign", "titles", "a heading of two lines"],
)
def test_what_may_stand_above_and_in_the_headings(above: str, head: str, line: int) -> None:
    of = (
        MAP
        if "\n" not in head
        else DatasetMap(fields={"a": FieldMap(path="ma"), "b": FieldMap(path="hinh_ thuc")})
    )
    sign = "|" if "|" in head else ","
    rows = read(f"{above}{head}\n" + sign.join(["007", "x", "y"]) + "\n", of)
    assert rows == [(line, {"ma": "007", list(rows[0][1])[1]: "x", "ten": "y"})]


def test_what_is_wrong_above_the_rows_is_told() -> None:
    for text, words in (
        ("\n\n", "the file is empty"),
        ('"ma,hinh_thuc\n1,2\n', "quotes of the file do not match"),
    ):
        with pytest.raises(ValueError, match=words):
            read(text)


@pytest.mark.parametrize(
    "again",
    [
        "TEN,Ma,hinh_thuc",
        "\ufeffma,ten,hinh_thuc",
        '\ufeff"ten","ma","hinh_thuc"',
        'hinh_thuc,"\nma",ten',
        "ten,ma,hi\u00adnh_thuc",
        "ma,hinh_thuc,",
    ],
    ids=["capitals", "mark", "mark and quotes", "two lines", "unseen sign", "one is missing"],
)
def test_headings_that_stand_twice(again: str) -> None:
    with pytest.raises(BadText, match="the headings stand here again, and not each in its own") as caught:
        read(f"ma,hinh_thuc,ten\n1,2,3\n{again}\n4,5,6\n")
    assert caught.value.line == 3 + again.count("\n")


def test_headings_with_a_digit_composed_in_another_way() -> None:
    from unicodedata import normalize

    of = DatasetMap(fields={"a": FieldMap(path="Mã số 1", type="code"), "b": FieldMap(path="Đợt 2")})
    again = normalize("NFD", "Đợt 2,Mã số 1")
    with pytest.raises(BadText, match="the headings stand here again"):
        read(f"Mã số 1,Đợt 2\n007,x\n{again}\ny,008\n", of)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_headings_behind_the_last_row_of_a_file_without_an_end(mark: str) -> None:
    with pytest.raises(BadText, match="the headings stand here again"):
        read(f"ma,hinh_thuc,ten\n1,2,3\n4,5,6{mark}ma,ten,hinh_thuc\n7,8,9\n")


@pytest.mark.parametrize("again", ["ma,hinh_thuc,ten", '\ufeff"MA","hinh_thuc",ten '])
def test_headings_that_stand_again_in_their_own_columns(again: str) -> None:
    body = "".join(f"{n},a,b\n" for n in range(600))
    found = read(f"ma,hinh_thuc,ten\n{body}{again}\n1,2,\n{again}\n{again}\n1,2\n")
    assert [line for line, _ in found] == [*range(2, 602), 603, 606]
    assert {name for _, record in found[:-1] for name in record} == {"ma", "hinh_thuc", "ten"}
    assert "dòng không phải hồ sơ - 3" in found[-1][1]


def test_a_column_of_month_and_day() -> None:
    def column(*days: str) -> str:
        return "ma,ngay\n" + "".join(f"{n},{day}\n" for n, day in enumerate(days))

    for days in (("11/01/2026", "11/14/2026", "11/20/2026"), ("11/14/2026", "11/05/2026")):
        with pytest.raises(BadText, match="column ngay: its days are written month/day"):
            read(column(*days), DAYS)
    kept = [
        ("11/14/2026", "11/20/2026", "14/11/2026"),
        ("11/14/2026", *(f"0{n}/11/2026" for n in range(1, 9))),
    ]
    for of_another_kind in kept:  # a mistake in one row is one of that row
        assert len(read(column(*of_another_kind), DAYS)) == len(of_another_kind)


def test_a_ragged_row_is_not_the_last_one_because_the_file_is_short() -> None:
    assert len(read("ma,hinh_thuc,ten\n1,2,3\n1,2\n1,2,3\n1,2,3")) == 4


def test_a_mark_under_a_heading_in_capitals_is_found() -> None:
    of = DatasetMap(fields={"a": FieldMap(path="Mã", type="code")}, secrecy=Secrecy(paths=("Trích yếu",)))
    found = [record for _, record in read("Mã,TRÍCH YẾU\n1,Về việc MẬT\n2,x\n", of)]
    page = Door(of).admit_page(found, by_column(found))
    assert list(page.numbers) == [1]
