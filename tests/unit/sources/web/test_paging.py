from __future__ import annotations

import json
from typing import Any

import pytest

from cchc.errors import ContractBroken, SourceError, SourceUnavailable
from cchc.sources.web.paging import Page, names_of, pages, records_of, total_of
from cchc.sources.web.session import NoContent, NotThere


def read(answers: list[Any], size: int | None = 2, numbered: bool = True) -> list[dict[str, Any]]:
    """Return the records; each answer must be asked for."""
    asked = 0

    def fetch(number: int, _where: str) -> Page:
        nonlocal asked
        asked = number
        return Page(number, *answers[number - 1])

    found = [row for page in pages("s", size, fetch, numbered=numbered) for row in page.records]
    assert asked == len(answers)
    return found


def rows(*ids: int) -> list[dict[str, Any]]:
    return [{"id": n} for n in ids]


def test_pages_are_read_until_the_total() -> None:
    assert read([(rows(1, 2), 5), (rows(3, 4), 5), (rows(5), 5)]) == rows(1, 2, 3, 4, 5)
    assert read([([], 0)]) == []
    assert read([(rows(1), 1)]) == rows(1)


def test_a_total_that_a_full_page_reaches_is_tried_once_more() -> None:
    assert read([(rows(1, 2), 2), ([], 2)]) == rows(1, 2)
    assert read([(rows(1, 2), 4), (rows(3, 4), 4), ([], 4)]) == rows(1, 2, 3, 4)
    # what the server gives at most is full too, as far as the pages before tell
    assert read([(rows(1, 2), 4), (rows(3, 4), 4), ([], 4)], size=9) == rows(1, 2, 3, 4)
    assert read([(rows(1, 2), 3), (rows(3), 3)], size=9) == rows(1, 2, 3)
    assert read([(rows(1, 2), 2, False)]) == rows(1, 2)  # the source says itself that nothing follows


def test_behind_the_last_page_it_may_come_once_more() -> None:
    full = [(rows(1, 2), 4), (rows(3, 4), 4)]
    assert read([*full, (rows(3, 4), 4)]) == rows(1, 2, 3, 4)
    for past in ((rows(1, 2), 4), (rows(3, 4), 4, True), ([{"id": 3}, {"id": 4, "a": 1}], 4)):
        with pytest.raises(SourceError, match=r"\[page 3\]"):
            read([*full, past])
    with pytest.raises(ContractBroken, match=r"\[page 3\].*repeats"):  # before the total is reached
        read([(rows(1, 2), 6), (rows(3, 4), 6), (rows(3, 4), 6)])
    with pytest.raises(ContractBroken, match=r"\[page 2\].*repeats"):  # or no page but this is ever given
        read([(rows(1, 2), 2), (rows(1, 2), 2)])


@pytest.mark.parametrize("total", [0, None, 1])
def test_behind_a_total_that_was_reached_an_empty_page_may_state_anything_less(total: int | None) -> None:
    assert read([(rows(1, 2), 2), ([], total)]) == rows(1, 2)
    with pytest.raises(SourceUnavailable, match=r"\[page 2\].*changed from 2 to 3"):
        read([(rows(1, 2), 2), ([], 3)])


@pytest.mark.parametrize("nothing", [NotThere, NoContent])
def test_no_page_behind_the_total_is_the_end_and_before_it_an_error(nothing: type[ContractBroken]) -> None:
    def fetch(number: int, where: str) -> Page:
        if number > 2:
            raise nothing("s", "HTTP 404", where=where)
        return Page(number, rows(2 * number - 1, 2 * number), total)

    for total in (4, 5, None):
        if total == 4:
            assert [row for page in pages("s", 2, fetch) for row in page.records] == rows(1, 2, 3, 4)
        else:
            with pytest.raises(nothing, match=r"\[page 3\]: HTTP 404"):
                list(pages("s", 2, fetch))


def test_a_short_page_in_the_middle_is_not_the_last() -> None:
    assert read([(rows(1, 2), 4), (rows(3), 4), (rows(4), 4)]) == rows(1, 2, 3, 4)
    assert read([(rows(1), None, True), (rows(2), None, False)], numbered=False) == rows(1, 2)
    assert read([(rows(1, 2), None), (rows(3), None), ([], None)]) == rows(1, 2, 3)


@pytest.mark.parametrize("more", [None, True])
@pytest.mark.parametrize("first", [rows(1), []])
def test_a_short_page_by_number_without_a_total_may_have_skipped_some(
    first: list[Any], more: bool | None
) -> None:
    answers = [(rows(8, 9), None, more), (first, None, True), (rows(2, 3), None, more)]
    with pytest.raises(ContractBroken, match=r"\[page 3\]: page 2 was not full.*page_size \(now 2\)"):
        read(answers)
    assert len(read([*answers[:2], (rows(2, 3), None, False)], numbered=False)) == 4 + len(first)


def test_what_the_source_says_of_further_pages_counts() -> None:
    assert read([(rows(1, 2), None, True), (rows(3), None, False)]) == rows(1, 2, 3)
    assert read([(rows(1, 2, 3), None, False)], size=None) == rows(1, 2, 3)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([(rows(1, 2), 4), (rows(1, 2), 4)], r"\[page 2\].*repeats"),
        ([(rows(1, 2), 3), ([], None)], r"\[page 2\].*a total of 3 records, but its pages hold 2"),
        ([(rows(1, 2), 3), ([], 3)], r"\[page 2\].*a total of 3 records, but its pages hold 2"),
        ([(rows(1), 4), (rows(2), 4), ([], 4)], r"\[page 3\].*its pages hold 2; does it give fewer at once"),
        ([(rows(1, 2, 3), 4)], "holds 3 records, more than were asked for"),
        ([(rows(1, 2), 1)], "a total of 1 records, but its pages hold 2"),
        ([(rows(1), 0)], "a total of 0 records, but its pages hold 1"),
        ([(rows(1, 2), 4, True), (rows(3), 4, False)], r"\[page 2\].*its pages hold 3"),
        ([(rows(1, 2), 2, True), (rows(3), 2, False)], r"\[page 2\].*its pages hold 3"),
        ([(rows(1, 2), None), (rows(1, 2), None)], r"\[page 2\].*repeats"),
        ([(rows(1), None, True), (rows(1), None, True)], r"\[page 2\].*repeats"),
        (
            [(rows(1, 2), 4), (rows(3, 4), 4), (rows(5, 6), 4)],
            r"\[page 3\].*a total of 4 records, but its pages hold 6; is it capped",
        ),
        ([(rows(1, 2), 2), (rows(3, 4), 2)], "a total of 2 records, but its pages hold 4.*count of one page"),
        (
            [(rows(1, 2), 2), (rows(3), 1)],
            "changed from 2 to 1.*pages hold 3 so far; is it capped, or the count",
        ),
    ],
)
def test_a_list_that_does_not_add_up_is_broken(answers: list[Any], words: str) -> None:
    with pytest.raises(ContractBroken, match=words):
        read(answers)


def test_a_list_that_moves_is_read_again_later() -> None:
    for page in ((rows(3, 4), 5), (rows(3), 3), ([], 1)):  # one came, one went, three went
        with pytest.raises(SourceUnavailable, match=f"changed from 4 to {page[1]}"):
            read([(rows(1, 2), 4), page])
    with pytest.raises(SourceUnavailable, match="changed from 4 to 3"):  # by a cursor, whatever went
        read([(rows(1, 2), 4, True), (rows(3, 4), 3, False)], numbered=False)


def repeated(answers: list[Any], numbered: bool, by_id: bool) -> list[Any]:
    """Return the ids that the pages give of a list that stands still."""

    def names(records: list[dict[str, Any]], _where: str) -> list[str]:
        return [str(record["id"]) for record in records]

    def fetch(number: int, _where: str) -> Page:
        return Page(number, *answers[number - 1])

    found = pages("s", 3, fetch, numbered=numbered, names=names if by_id else None)
    return [row["id"] for page in found for row in page.records]


@pytest.mark.parametrize("total", [None, 4])
@pytest.mark.parametrize("by_id", [True, False])
def test_pages_by_cursor_may_begin_with_the_end_of_the_page_before(total: int | None, by_id: bool) -> None:
    answers = [(rows(1, 2, 3), total, True), (rows(2, 3, 4), total, False)]
    assert repeated(answers, False, by_id) == [1, 2, 3, 2, 3, 4]
    for other in (rows(1, 4), rows(3, 2, 4), rows(4, 3)):  # not the end, in another order, not the beginning
        if total is None or by_id:
            with pytest.raises(
                SourceUnavailable, match=r"\[page 2\]: a record of an earlier page came again"
            ):
                repeated([answers[0], (other, total, False)], False, by_id)


def test_copies_without_an_identity_are_in_the_list_where_its_total_counts_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answers: list[Any] = [(rows(1, 2, 3), 5), (rows(3, 4), 5)]
    assert repeated(answers, True, by_id=False) == [1, 2, 3, 3, 4]
    assert "s [page 2]: 1 records of earlier pages came again" in caplog.text
    fewer = [(found, 6) for found, _ in answers] + [([], 6)]
    without = [(found, None) for found, _ in answers] + [([], None)]
    for moved, by_id in ((answers, True), (fewer, False), (without, False)):
        with pytest.raises(SourceUnavailable, match=r"\[page 2\]: a record of an earlier page came again"):
            repeated(moved, True, by_id)


@pytest.mark.parametrize("value", [{"a": 1}, "text", None, 3, [1]])
def test_records_must_be_a_list_of_objects(value: object) -> None:
    with pytest.raises(ContractBroken, match=r"\[page 1\].*field data"):
        records_of("s", "page 1", "data", value)


@pytest.mark.parametrize("value", [None, "x", -1, True, "1.5", [], "٣"])
def test_a_total_must_be_a_number(value: object) -> None:
    with pytest.raises(ContractBroken, match=r"\[page 1\].*field total"):
        total_of("s", "page 1", "total", value)
    assert total_of("s", "page 1", "total", " 12 ") == total_of("s", "page 1", "total", f"{12:020}") == 12
    assert total_of("s", "page 1", "total", "000") == 0
    assert total_of("s", "page 1", "total", "40.0") == 40


def test_a_record_is_known_by_its_content_in_whatever_order_and_however_deep() -> None:
    def names(*texts: str) -> list[str]:
        return names_of([json.loads(text) for text in texts])

    same = names('{"a": 1, "b": {"c": null, "d": "\\ud800"}}', '{"b": {"d": "\\ud800", "c": null}, "a": 1}')
    assert len(set(same)) == 1
    values = ["1", '"1"', "true", '"true"', "null", '"null"', "[]", "{}", '""', '{"b": 1}', '["b", 1]']
    assert len(set(names(*(f'{{"a": {value}}}' for value in values)))) == len(values)
    deep = '{"a": ' * 700 + "1" + "}" * 700
    assert len(set(names(deep, deep))) == 1
