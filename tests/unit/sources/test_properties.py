"""What holds of every text, record and list whatever they are: parsers, cleaning, the screen, the door and readers."""

from __future__ import annotations

import json
import string
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc.catalogue.profiles import FieldMap
from cchc.errors import SourceError
from cchc.sources.door import screen
from cchc.sources.door.allow_list import Admitted, Door, flatten
from cchc.sources.door.secrecy import carries_mark, is_mark, tells_mark
from cchc.sources.formats.edxml_message import BadMessage, header
from cchc.sources.formats.strict_json import BadJson, parse
from cchc.sources.texts import as_text, clean, label
from cchc.sources.web.paging import Page, pages, records_of, total_of
from cchc.staging.readers import Unreadable, reader
from unit.sources.profiles import profile

# what trips programs: composed and decomposed letters, marks of secrecy, digits of three alphabets, things nobody sees
LETTERS = "aAđĐÐmMậẬtTốyệ\u0323\u0302\u00a0\u200b\u202e\ufeff\x00\ud800１٣09 .,/-_:=@⟦⟧"
texts = st.text(alphabet=LETTERS, max_size=24)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
PROFILES = ("opencps-2", "national-hoso", "qcvn102-exchange", "registers")
DOORS = {
    f"{code} {dataset}": (dataset_map, Door(dataset_map))
    for code in PROFILES
    for dataset, dataset_map in profile(code).datasets.items()
}
PATHS = sorted(
    {
        path
        for dataset_map, _ in DOORS.values()
        for path in (f.path for f in dataset_map.fields.values())
        if path
    }
)
FIELDS = [field for dataset_map, _ in DOORS.values() for field in dataset_map.fields.values()]
READERS = [reader(field, "Asia/Ho_Chi_Minh") for field in FIELDS]


@given(texts)
def test_a_clean_text_is_clean_and_means_the_same(text: str) -> None:
    cleaned = clean(text)
    assert clean(cleaned) == cleaned == normalize("NFC", cleaned)
    cleaned.encode()  # it can be stored
    assert clean(f" \u200b{cleaned}\ufeff\u00a0") == cleaned
    assert (
        label(label(text))
        == label(text)
        == label(normalize("NFD", cleaned))
        == label(cleaned.upper().lower())
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [("số hoá", "Số  hóa"), ("Thuỷ sản", "thủy sản"), ("khoẻ", "KHỎE"), ("Toà án", "Tòa án")],
)
def test_a_word_is_the_same_on_whichever_letter_its_tone_stands(one: str, other: str) -> None:
    assert label(one) == label(other)
    assert clean(one) != clean(other)  # what is kept is as it was written


@pytest.mark.parametrize(("one", "other"), [("đất", "dất"), ("hoa", "hóa"), ("ma", "mà"), ("quý", "qui")])
def test_other_words_are_other_words(one: str, other: str) -> None:
    assert label(one) != label(other)


@given(texts, st.sampled_from(["Mật", "tối mật", "TUYỆT MẬT", "m ậ t"]), st.booleans())
def test_a_mark_is_found_in_any_writing(around: str, mark: str, decomposed: bool) -> None:
    found = normalize("NFD" if decomposed else "NFC", mark).swapcase()
    assert is_mark(f" \u200b{found}\u00a0")
    assert carries_mark(f"12/{found}")
    assert carries_mark(around) == carries_mark(normalize("NFD", clean(around)))


@given(st.binary(max_size=40) | st.text(alphabet='{}[]",:0eE-Nna\\ud8', max_size=30).map(str.encode))
def test_json_is_read_strictly_or_not_at_all(body: bytes) -> None:
    try:
        found = parse(body)
    except BadJson:
        return
    assert parse(json.dumps(found).encode()) == found
    assert "NaN" not in json.dumps(found).replace('"', " ").split()


@pytest.mark.parametrize("written", ["1e400", "-1E999", "1e-400", "0.1e5"])
def test_a_number_without_bounds_is_a_text_that_no_number_is_read_from(written: str) -> None:
    found = parse(f'{{"a": {written}}}'.encode())
    assert found == {"a": written}
    for kind in ("integer", "number"):
        with pytest.raises(Unreadable):
            reader(FieldMap(path="a", type=kind), "Asia/Ho_Chi_Minh")(found["a"])


@given(st.binary(max_size=60), st.integers(1, 9))
def test_a_message_is_the_same_however_it_arrives(body: bytes, size: int) -> None:
    whole = b"<edXMLHeader><a>" + body + b"</a></edXMLHeader>"

    def read(chunks: list[bytes]) -> object:
        try:
            return header(chunks)
        except BadMessage:
            return None

    assert read([whole]) == read([whole[at : at + size] for at in range(0, len(whole), size)])


@given(st.sampled_from(sorted(DOORS)), st.dictionaries(st.sampled_from(PATHS) | texts, values, max_size=6))
def test_the_door_keeps_mapped_texts_alone_and_no_marked_record(name: str, record: dict[str, Any]) -> None:
    dataset_map, door = DOORS[name]
    found = door.admit(record)
    if any(isinstance(value, str) and tells_mark(value) for _, value in flatten(record)):
        assert not isinstance(found, Admitted)
    if not isinstance(found, Admitted):
        return
    assert set(found.fields) <= {field.path for field in dataset_map.fields.values()}
    for text in found.fields.values():
        assert text is None or text == clean(text)
    again = door.admit(found.fields)
    if isinstance(again, Admitted):  # masks stay masks, clean texts stay as they are
        masked = {path: bool(screen.masked(text or "")) for path, text in found.fields.items()}
        assert {path: bool(screen.masked(text or "")) for path, text in again.fields.items()} == masked
        assert all(again.fields[path] == text for path, text in found.fields.items() if not masked[path])


@given(texts | st.text(alphabet=string.digits + "/-: .,%", max_size=20))
def test_every_reader_reads_or_says_that_it_cannot_and_quotes_nothing(text: str) -> None:
    cleaned, quoted = clean(text), list[bool]()
    for read in READERS:
        try:
            read(cleaned)
        except Unreadable as wrong:
            quoted.append(cleaned in str(wrong))
    assert len(cleaned) < 12 or not any(quoted)  # a shorter one may stand in an example


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(0, 3)), max_size=6))
def test_a_list_is_whole_or_an_error(answers: list[tuple[int, int, int]]) -> None:
    def fetch(number: int, where: str) -> Page:
        total, count, first = answers[number - 1] if number <= len(answers) else (0, 0, 0)
        rows = [{"id": number * 10 + first + n} for n in range(count)]
        return Page(number, records_of("x", where, "data", rows), total_of("x", where, "total", total))

    try:
        found = list(pages("x", 3, fetch))
    except SourceError:
        return
    assert sum(len(page.records) for page in found) == found[-1].total


@given(st.none() | st.booleans() | st.integers() | texts)
def test_a_scalar_has_one_text(value: object) -> None:
    text = as_text(value)
    assert (text is None) == (value is None)
    assert as_text(text) == text
