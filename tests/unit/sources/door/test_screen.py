"""What the screen finds, and what it must let through: every code, organisation and heading that is no person's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cchc.catalogue.files import parsed
from cchc.catalogue.profiles import FieldMap
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.door import screen
from cchc.sources.texts import clean
from cchc.staging.readers import Unreadable, reader
from references import SAMPLES
from unit.sources.profiles import profile

CLASSES = tuple(screen.rules().classes)

PEOPLE = (
    *("Nguyễn Văn Tèo", "NGUYỄN THỊ HOA", "Trần Quốc Bảo An", "Đoàn Thị Mơ", "Mai Văn Sáu", "Giàng A Lử"),
    *(
        "nguyễn văn tèo",
        "Nguyen Van Teo",
        "NGUYEN_THI_HOA",
        "le-thi-na",
        "nguyenvanteo",
        "nguyễn hoàng nam",
        "Tran Minh Anh",
        "LE QUOC BAO",
    ),
    *("Ông Hờ A Páo", "Người nộp: Tráng Seo Pao", "Lê Nam Anh, sinh ngày 01/02/1985", "Văn thư: Bế Thị Hạnh"),
)
NO_PEOPLE = (
    *("Sở Nội vụ", "UBND xã Bế Văn Đàn", "Bế Văn Đàn", "Trường THPT Nguyễn Trãi", "Đường Trần Phú Minh"),
    *(
        "Công ty TNHH Nguyễn Văn Tèo",
        "SỞ NÔNG NGHIỆP VÀ MÔI TRƯỜNG",
        "HỘI NÔNG DÂN TỈNH",
        "Bà Rịa - Vũng Tàu",
    ),
    *(
        "Đoàn TNCS Hồ Chí Minh",
        "BAN QUẢN LÝ DỰ ÁN",
        "LỰC LƯỢNG VŨ TRANG",
        "Quản Lý Văn Bản Đi",
        "quản lý văn bản đến",
        "lý lịch tư pháp",
        "Hồ Sơ Mới Nhận",
    ),
    *(
        "LIÊN ĐOÀN LAO ĐỘNG",
        "Giáo Dục Đào Tạo",
        "quyết định số 12/QĐ-UBND",
        "THI TRAN NUOC HAI",
        "SO TAI NGUYEN VA MOI TRUONG",
        "Le Phi Ho So",
        "Hà Nội",
    ),
    *("Tiếng Anh Chuyên Ngành", "Bộ Chỉ huy Quân sự tỉnh", "phạm vi điều chỉnh", "so_tiep_nhan_2026-11.csv"),
    *(
        "Văn phòng Chính phủ",
        "Tập đoàn Dầu khí",
        "Ngân hàng Chính sách xã hội",
        "CHỦ TRƯƠNG ĐẦU TƯ",
        "Thư mời",
    ),
)
CODES = (
    *("000.00.09.H14-261103-0001", "H14.05-261103-0001", "H14.SGDDT-261110-0001", "CNTBD.181121.00334"),
    *("000.00.09.H14,2026/11/03,12/SGDDT-VP", "H14.05,2026/11/03,12/SGDDT-VP", "12/SGDDT-VP", "12/BC UBND"),
    *(
        "1.012766",
        "TT40_BVHTTDL",
        "NTBD_BVHTTDL",
        "LV01",
        "DEN-2022-00012",
        "PA-000.00.09.H14-261103-01",
        "01.02.G22",
    ),
    *(
        "261103000123",
        "9fbfbad2-f1f8-4256-a2eb-003185000123",
        "share_units_on_document_system",
        "000.00.00.G22",
    ),
)


@pytest.mark.parametrize("rule", screen.rules().numbers, ids=lambda rule: f"{rule.kind} {rule.finds[0]}")
def test_each_pattern_finds_its_examples_and_no_other(rule: screen.NumberRule) -> None:
    pattern = re.compile(rule.pattern, re.VERBOSE)
    assert [text for text in rule.finds if not pattern.search(text.casefold())] == []
    assert [text for text in rule.passes if pattern.search(text.casefold())] == []
    assert set(rule.not_in) <= set(CLASSES)
    assert rule.kind in screen.rules().kinds


@pytest.mark.parametrize("of_class", [c for c in CLASSES if c != "choice"])
@pytest.mark.parametrize("text", PEOPLE)
def test_names_are_found_in_every_class(text: str, of_class: str) -> None:
    assert screen.find(text, of_class) in ("name", "birth")


@pytest.mark.parametrize("of_class", ["organisation", "text", "label"])
@pytest.mark.parametrize("text", NO_PEOPLE)
def test_offices_places_and_headings_are_no_people(text: str, of_class: str) -> None:
    assert screen.find(text, of_class) is None


@pytest.mark.parametrize("text", CODES)
def test_codes_pass_whatever_field_of_codes_they_stand_in(text: str) -> None:
    with_digit = () if re.search(r"\d", text) else ("number", "procedure")
    classes = [c for c in CLASSES if c != "figure" and c not in with_digit]
    assert {c: screen.find(text, c) for c in classes} == dict.fromkeys(classes)


@pytest.mark.parametrize(
    ("text", "of_class", "kind"),
    [
        ("Nguyễn  Văn\tTèo", "text", "name"),
        ("\uff10\uff19\uff15\uff10\uff10\uff10\uff10\uff11\uff12\uff13", "text", "phone"),
        ("0950\u2013000\u2013123", "document", "phone"),
        ("0912\u0301345678", "text", "phone"),
        ("0\u20e39\u20e312345678", "number", "phone"),
        ("0912\ufff9345\u3164678", "text", "phone"),
        ("Nguyễn V\u0332ăn Tèo", "organisation", "name"),
        ("Hương", "number", "words"),
        ("Hương 12", "number", "words"),
        ("H14 - 261103 - 0001", "number", None),
        ("QĐ 40 BVHTTDL", "procedure", None),
        ("đơn của chị ấy", "procedure", "words"),
        *(
            (text, "procedure", "words")
            for text in ("Hương", "HUNG", "NGUYEN-HUNG", "NguyenHung", "hung.nguyen")
        ),
        ("Hờ Mị", "figure", "words"),
        ("Lê Nam", "code", "name"),
        ("x" * 3_000, "text", "words"),
        ("0" + "31850001", "figure", "identity"),
        ("5 ngày làm việc", "figure", None),
        ("185000123", "figure", None),
        ("1.234.567.890,5", "figure", None),
        ("Đã trả kết quả", "choice", None),
        ("Hộ tịch", "code", None),
    ],
)
def test_a_class_has_rules_of_its_own(text: str, of_class: str, kind: str | None) -> None:
    assert screen.find(text, of_class) == kind


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    else:
        yield str(value)


def test_nothing_in_the_catalogue_looks_personal_but_addresses_of_mail() -> None:
    texts = {text for file in SHIPPED_CATALOGUE.rglob("*.yaml") for text in _strings(parsed(file))}
    assert len(texts) > 1_500
    found = {text: screen.find(normalize("NFC", text), "label") for text in texts}
    assert {text for text, kind in found.items() if kind and kind != "email"} == set()
    assert {text for text in texts if "name" in (screen.find(text, "organisation"),)} == set()


@pytest.mark.samples
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the folder of real payloads is not here")
def test_no_code_of_the_real_payloads_is_masked() -> None:
    rows = json.loads((SAMPLES / "opencps" / "dossiers_list_86_redacted.json").read_text(encoding="utf-8"))[
        "data"
    ]
    messages = "".join(f.read_text(encoding="utf-8", errors="replace") for f in SAMPLES.glob("edxml/*.edxml"))
    texts = [(c, row[f]) for row in rows for c, f in _OPENCPS]
    for tag, of_class in (("DocumentId", "document"), ("OrganId", "organisation"), ("TypeName", "text")):
        texts += [(of_class, found) for found in re.findall(rf"<[^>/]*{tag}>([^<]*)", messages)]
    assert len(texts) > 400
    assert [(c, t) for c, t in texts if screen.find(t.strip(), c)] == []
    assert {name for row in rows for name in row if screen.shown(name) != name} == set()


_OPENCPS = (
    ("number", "dossierNo"),
    ("procedure", "serviceCode"),
    ("code", "domainCode"),
    ("choice", "dossierStatus"),
)


def test_every_field_of_the_shipped_profiles_has_a_class() -> None:
    classes: dict[str, str] = {}
    for code in ("opencps-2", "national-hoso", "qcvn102-exchange", "registers", "portal766"):
        for dataset_map in profile(code).datasets.values():
            for column, field in dataset_map.fields.items():
                classes[column] = screen.class_of(column, field)
    assert classes["dossier_code"] == classes["petition_code"] == "number"
    assert classes["counterpart"] == classes["responder"] == "organisation"
    assert (classes["document_type"], classes["evidence"], classes["received_at"]) == (
        "text",
        "text",
        "figure",
    )


@pytest.mark.parametrize("kind", screen.rules().kinds)
def test_a_masked_value_becomes_an_error_that_says_what_it_looked_like(kind: screen.Kind) -> None:
    landed = screen.mask(kind)
    assert screen.masked(landed) == screen.rules().kinds[kind]
    for field in (
        FieldMap(path="x", type="code"),
        FieldMap(path="x", type="integer"),
        FieldMap(path="x", type="date", formats=("%d/%m/%Y",)),
        FieldMap(path="x", type="choice", choices={"1": "a"}),
        FieldMap(path="x", type="flag"),
    ):
        with pytest.raises(Unreadable, match=r"có nội dung giống .*, đã che và không lưu"):
            reader(field, "Asia/Ho_Chi_Minh")(landed)
    whatever = FieldMap(path="x", type="flag", choices={"": "false", "*": "true"})
    assert reader(whatever, "Asia/Ho_Chi_Minh")(landed) is True  # only that something stands there is read
    assert screen.masked("⟦masked:other⟧") is None
    assert screen.masked("000.00.09.H14-261103-0001") is None


def test_names_of_files_and_messages_are_shown_or_hidden() -> None:
    assert screen.shown("so_tiep_nhan_2026-11.csv") == "so_tiep_nhan_2026-11.csv"
    for text in (
        "so_tiep_nhan_Nguyễn Văn Tèo.csv",
        "a@example.vn",
        "x" * 200,
        "Tối mật.csv",
        "so_0950000123.csv",
    ):
        assert screen.shown(text) == screen.HIDDEN
    assert screen.shown(normalize("NFD", "Trần Thị Mơ")) == screen.HIDDEN


@given(st.data())
def test_what_passes_a_class_is_clean_and_of_one_line(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(CLASSES))
    text = data.draw(st.from_regex(screen.rules().classes[name].passes, fullmatch=True))
    assert clean(text) == text
    assert "\n" not in text
    assert screen.passes(text, name)


@settings(max_examples=50)
@given(st.data())
def test_to_what_passes_one_digit_is_as_good_as_another(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(CLASSES))
    text = data.draw(
        st.from_regex(
            screen.rules().classes[name].passes, fullmatch=True, alphabet=st.characters(codec="ascii")
        )
    )
    like = "".join(data.draw(st.sampled_from("0123456789")) if c.isdigit() else c for c in text)
    assert screen.passes(like, name)
    other = data.draw(
        st.sampled_from([like, like[1:], f"{like[:2]}\n{like[3:]}", like.replace("-", "/"), "x" * len(like)])
    )
    assert not screen.all_pass_as_one([text, like, other], name) or screen.passes(other, name)
    assert screen.all_pass_as_one([text, like], name)


def test_texts_pass_together_as_they_do_one_by_one() -> None:
    alike = ["01/11/2026", "99/99/9999"]
    assert screen.all_pass_as_one(alike, "figure")
    for other in (
        "",
        "01/11/202",
        "01/11/20261",
        "0950000123",
        "01/11/202A",
        "01/11/202٠",
        "01/11/202\n",
        "01-11/2026",
    ):
        assert not screen.all_pass_as_one([*alike, other], "figure")
        assert not screen.all_pass_as_one([other, *alike], "figure")
    assert not screen.all_pass_as_one([], "figure")
    ordinary = ["01/11/2026", "01/11/2026 08:30:00", "2026-11-01"]
    assert screen.all_pass(ordinary, "figure")
    assert screen.all_pass([], "figure")
    for other in ("", "0950000123", "01/11/2026\n01/11/2026", "٠١/١١/٢٠٢٦", " 01/11/2026", "01/11/2026 "):
        assert not screen.all_pass([*ordinary, other], "figure")
        assert screen.passes(other, "figure") is (other == "٠١/١١/٢٠٢٦")
    assert not screen.all_pass(ordinary, "procedure")
