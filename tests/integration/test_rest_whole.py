"""Whatever a server does with its list, each record is read once, or it is an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from cchc.errors import SourceError
from unit.sources.profiles import profile, read
from unit.sources.tiny_server import Request, answering, reply

PROOFS = {
    "total": {"total": "n"},
    "pages": {"total_pages": "pages"},
    "more": {"has_more": "more"},
    "last": {"last_page": "last"},
    "empty": {"ends": "empty_page"},
    "cursor": {
        "paging": {"type": "cursor", "next": "next"},
        "params": {"page": "{cursor}", "size": "{size}"},
    },
}


@dataclass
class Listed:
    """A list as a server pages it: `most` at once whatever is asked for, with a total that may be a lie, and moving."""

    rows: list[int]
    size: int
    most: int | None = None
    skips: bool = False  # pages are counted by what was asked for, not by what is given
    lie: str = ""
    by: int = 0
    moves: dict[int, tuple[str, int, int]] = field(default_factory=dict)  # before the page of that number

    def answer(self, request: Request) -> bytes:
        page, size = int(request.query.get("page", 1)), int(request.query["size"])
        self._move(*self.moves.pop(page, ("", 0, 0)))
        given = min(size, self.most or size)
        step = size if self.skips else given
        items = self.rows[(page - 1) * step :][:given]
        pages = -(-len(self.rows) // step)
        total = {
            "": len(self.rows),
            "capped": min(len(self.rows), self.by),
            "of the page": len(items),
            "off": max(0, len(self.rows) + self.by),
        }[self.lie]
        said = {"n": total, "pages": pages, "more": page < pages, "last": page >= pages}
        said["next"] = page + 1 if page < pages else None
        return reply({"items": [{"id": n, "a": "x"} for n in items], **said})

    def _move(self, how: str, one: int, other: int) -> None:
        if how == "comes":
            self.rows.insert(one % (len(self.rows) + 1), 900 + len(self.moves))
        elif how and self.rows:
            row = self.rows.pop(one % len(self.rows))
            if how == "moves":
                self.rows.insert(other % (len(self.rows) + 1), row)


small = st.integers(1, 6)
place = st.integers(0, 20)


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, Listed]:
    """Return what proves the end, and a list with at most one fault that its answers can betray."""
    fewer = draw(st.integers(0, 18))  # long lists first: a short one has one page
    found = Listed(list(range(1, 19 - fewer)), draw(small))
    proof = draw(st.sampled_from(["total", *PROOFS]))
    fault = draw(st.sampled_from(["none", "most", "lie", "move", "move"]))
    if fault == "most":
        found.most, found.skips = draw(small), draw(st.booleans())
        # a single page that is short and called the last is like any other
        assume(proof == "total" or not found.skips or (proof != "cursor" and len(found.rows) > found.size))
    elif fault == "lie":
        proof, found.lie = "total", draw(st.sampled_from(["capped", "of the page", "off"]))
        found.by = found.size * draw(st.integers(0, 4)) if found.lie == "capped" else draw(st.integers(-3, 3))
    elif fault == "move":
        # what goes without a total leaves no trace
        how = st.sampled_from(["comes", "moves", "goes"] if proof == "total" else ["comes", "moves"])
        moves = st.dictionaries(st.integers(2, 4), st.tuples(how, place, place), min_size=1, max_size=2)
        found.moves = draw(moves)
    return proof, found


def test_a_list_is_read_whole_and_each_record_once_or_it_is_an_error() -> None:
    current: list[Listed] = []
    whole = broken = 0

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(lists(), st.sampled_from(["id", None]))
    def one(drawn: tuple[str, Listed], identity: str | None) -> None:
        nonlocal whole, broken
        proof, current[:] = drawn[0], [drawn[1]]
        listed, before = drawn[1], set(drawn[1].rows)
        still = listed.most is None and not listed.lie and not listed.moves
        options: dict[str, Any] = {
            "path": "/list",
            "params": {"page": "{page}", "size": "{size}"},
            "paging": {"type": "page"},
            "page_size": listed.size,
            "records": "items",
            "identity": identity,
        }
        try:
            found = read(
                profile("example-rest").model_copy(update={"options": options | PROOFS[proof]}), tiny.url
            )[0]
        except SourceError:
            assert not still
            broken += 1
            return
        ids = [record.payload["id"] for record in found]
        assert len(ids) == len(set(ids))
        assert before & set(listed.rows) <= set(ids) <= before | set(listed.rows)
        whole += 1

    with answering(lambda request: current[0].answer(request)) as tiny:
        one()
    assert whole
    assert broken


@dataclass
class Honest:
    """A list that stands still, in the ways of honest systems."""

    rows: list[int]
    size: int
    way: str = "page"
    past: str = "same"  # what a page behind the last states of the total
    again: int = 0  # records with which a page by cursor or link begins, of the page before
    groups: bool = False

    def answer(self, request: Request) -> bytes:
        page, step = int(request.query.get("page", 1)), self.size - self.again
        items = self.rows[(page - 1) * step :][: self.size]
        if not items and page > 1 and self.past == "404":
            return reply({"detail": "Invalid page."}, "404 Not Found")
        said: dict[str, Any] = {"n": len(self.rows)}
        if not items and page > 1:
            said = {"same": said, "zero": {"n": 0}, "none": {}}[self.past]
        following = page + 1 if (page - 1) * step + self.size < len(self.rows) else None
        said["next"] = f"/list?page={following}" if following and self.way == "link" else following
        records = [{"id": n, "a": "x"} for n in items]
        if not self.groups:
            return reply({"items": records, **said})
        return reply({"groups": [{"name": "A"}, *({"items": [r]} for r in records), {"name": "B"}], **said})


@st.composite
def honest_lists(draw: st.DrawFn) -> tuple[Honest, str | None]:
    """Return a list and what tells its records apart."""
    found = Honest([], draw(small), draw(st.sampled_from(["page", "cursor", "link"])))
    first, more = draw(st.integers(0, 3)), draw(st.integers(0, 1))
    found.rows = list(range(first, found.size * draw(st.integers(0, 4)) + more))
    found.past = draw(st.sampled_from(["same", "zero", "none", "404"]))
    found.groups = draw(st.booleans())
    identity = draw(st.sampled_from(["id", None]))
    if found.way != "page":
        found.again = draw(st.integers(0, found.size - 1))
    # a joined view gives a row for each of its parts; pages of one record and its copy are the same page again
    if identity is None and not found.again and found.rows and found.size > 1:
        place = draw(st.integers(0, len(found.rows) - 1))
        found.rows.insert(place, found.rows[place])
    return found, identity


def test_an_honest_list_is_read_whole_whatever_its_ways() -> None:
    current: list[Honest] = []

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(honest_lists(), st.booleans())
    def one(drawn: tuple[Honest, str | None], stated: bool) -> None:
        listed, identity = drawn
        current[:] = [listed]
        by_number = listed.way == "page"
        options: dict[str, Any] = {
            "path": "/list",
            "params": {"page": "{page}" if by_number else "{cursor}"},
            "paging": {"type": listed.way} if by_number else {"type": listed.way, "next": "next"},
            "page_size": listed.size,
            "records": "groups[*].items" if listed.groups else "items",
            "identity": identity,
        }
        if by_number or stated or listed.groups:
            options |= {"total": "n", "empty_left_out": listed.groups}
        found, totals = read(profile("example-rest").model_copy(update={"options": options}), tiny.url)
        ids = [record.payload["id"] for record in found]
        assert list(dict.fromkeys(ids)) == list(dict.fromkeys(listed.rows))
        if not listed.again:
            assert ids == listed.rows
        assert totals == ({"dossier": len(found)} if "total" in options else {})

    with answering(lambda request: current[0].answer(request)) as tiny:
        one()
