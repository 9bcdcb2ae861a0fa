"""Targets: what systems answer, and where they are."""

from __future__ import annotations

import json
import os
from copy import copy
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import requests
from urllib3.util import parse_url

from cchc.errors import ConfigurationError, SourceError
from cchc.sources.connections import from_environment, variable
from cchc.sources.formats.edxml_message import BadMessage, as_record, header
from cchc.sources.formats.json_pages import PageReader
from cchc.sources.formats.strict_json import BadJson, parse, parse_strictly
from cchc.sources.kinds.rest_walk import Walk
from cchc.sources.web.addresses import Reach
from cchc.sources.web.failures import of_content_type
from cchc.sources.web.options import Options, Pass
from cchc.sources.web.paging import Page, pages, records_of, total_of
from cchc.sources.web.session import _location, _retry_after
from cchc.sources.web.unpacking import BadPacking, CutShort, TooLarge, unpacked
from fuzz.promises import PERSON, door_of, held, quotes_nobody, through

_MOST_PAGES = 2 * (255 + 2)  # a record a page, and all of them once more
_SERVER = "http://motcua.test"


def strict_json(data: bytes) -> None:
    """JSON: nothing but `BadJson`; what is read has no double key, no float, no endless number, and is its own text."""
    try:
        found = parse(data)
    except BadJson as bad:
        quotes_nobody(bad)
        return
    for value in _values(found):
        held(
            value is None or isinstance(value, str | int | bool), f"a {type(value).__name__} came out of JSON"
        )
    held(parse(json.dumps(found).encode()) == found, "what was read is read otherwise a second time")


_RECORD = b'{"id": 1, "code": "H14", "done": null, "more": {"note": "x", "n": -5}}'
_PAGE = b"[" + b", ".join([_RECORD, *[b'{"id": null, "code": true, "done": "x"}'] * 30]) + b"]"
_READER = PageReader(())
_READER.parse(_PAGE)


def json_pages(data: bytes) -> None:
    """A page behind one whose records had other fields or the same: what is read by column is what is read strictly."""
    reader = PageReader((), copy(_READER._memory))
    said: list[object] = []
    for read in (reader.parse, parse_strictly):
        try:
            said.append(json.dumps(read(data), sort_keys=True, default=list))
        except BadJson as bad:
            said.append((str(bad), bad.cut_short))
    held(said[0] == said[1], "a page is read by column otherwise than strictly")


def _values(value: Any) -> list[Any]:
    """Return the scalars of a value, whatever its depth."""
    found, left = [], [value]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
        else:
            found.append(value)
    return found


def edxml(data: bytes) -> None:
    """A message: nothing but `BadMessage`; how it is cut into chunks on its way changes nothing."""
    cut = 1 + data[0] % 64 if data else 1
    chunks = [data[at : at + cut] for at in range(0, len(data), cut)]
    found: list[object] = []
    for how in ([data], chunks):
        try:
            found.append(header(how))
        except BadMessage as bad:
            quotes_nobody(bad)
            found.append(None)
    held(found[0] == found[1], "a message cut otherwise is another message")
    if isinstance(found[0], dict):
        for direction in ("in", "out"):
            record = as_record(found[0], direction)
            held(not any(path.startswith("Signature.") for path in record), "a certificate is in the record")
            through(door_of("qcvn102-exchange", "document"), record)


def connections(data: bytes) -> None:
    """A connection of the environment: an address with a scheme, or `ConfigurationError` that quotes nothing."""
    value = data.replace(b"\0", b"").decode("utf-8", "replace")
    os.environ[variable("fuzz")] = value
    try:
        found = from_environment("fuzz")
    except ConfigurationError as error:
        held(variable("fuzz") in str(error), "the variable is not named")
        held("hunter2" not in str(error), "the error quotes a password")
        return
    held(":" in found.url, "an address without a scheme")
    held(repr(found) == repr(replace(found, password="")), "the password is in the text of a connection")


def paging(data: bytes) -> None:
    """A list of pages as a sick server gives it: it ends, with as many records as it says, or with a `SourceError`."""
    asked = 0

    def fetch(number: int, where: str) -> Page:
        nonlocal asked
        asked += 1
        held(asked <= _MOST_PAGES, "a list is read without end")
        said = data[(number - 1) * 3 : number * 3].ljust(3, b"\0")
        total: Any = [said[0], str(said[0]), -1, None, said[0] * 1.5, True][
            said[1] % 6 if said[1] > 200 else 0
        ]
        rows: Any = [
            {"id": said[2] % 5 + number * (said[2] // 128), "of": PERSON} for _ in range(said[1] % 8)
        ]
        answer = {"total": total, "data": rows if said[2] % 64 else {"data": PERSON}}
        found = total_of("x", where, "total", answer["total"])
        return Page(number, records_of("x", where, "data", answer["data"]), found)

    received, stated = 0, 0
    try:
        for page in pages("x", 3, fetch):
            received, stated = received + len(page.records), page.total
    except SourceError as error:
        quotes_nobody(error)
        return
    held(received == stated, "a list that is not whole was taken as whole")


_MOST_BYTES = 100_000


def http(data: bytes) -> None:
    """What an answer says beside its body, and its packing: bounded, whatever the server writes."""
    value = data.decode("latin-1")
    response = requests.Response()
    response.url = "http://motcua.test/o/rest"
    response.headers = requests.structures.CaseInsensitiveDict({"Retry-After": value, "Location": value})
    wait = _retry_after(response)
    held(wait >= 0, "a wait that is no time")
    held(isinstance(_location(response), str), "a redirect to no text")
    held(isinstance(of_content_type(value), str), "a type of content that is no text")
    for packing in ("gzip", "", value[:10]):
        given = 0
        try:
            for chunk in unpacked(iter([data[:7], data[7:]]), packing, _MOST_BYTES):
                held(len(chunk) <= max(65_536, len(data)), "a chunk without bound")
                given += len(chunk)
        except (BadPacking, CutShort, TooLarge):
            pass
        held(given <= _MOST_BYTES, "more was given on than is allowed")


def links(data: bytes) -> None:
    """Where a list says that it goes on: to its own server, or it is an error."""
    value = data.decode("latin-1")
    response = requests.Response()
    response.url = f"{_SERVER}/list"
    response.headers = requests.structures.CaseInsensitiveDict({"Link": value})
    named = (response.links.get("next") or {}).get("url")
    for link in (named, value):
        asks: Any = SimpleNamespace(allows=Reach(frozenset({("http", "motcua.test", 80)})).allows)
        walk = Walk(asks, "x", _SERVER, Options(path="/list"), Pass(), {}, parse)
        walk._asked = f"{_SERVER}/list"  # as a list on its first page
        try:
            if walk._follow(link, "page 1"):
                to = parse_url(str(requests.Request("GET", walk._url).prepare().url))  # as it is sent
                server = (to.scheme, (to.host or "").rstrip("."), to.port or 80, to.auth)
                held(server == ("http", "motcua.test", 80, None), "a list goes on at another server")
        except requests.RequestException:
            pass  # what is no address cannot be sent
        except SourceError as error:
            quotes_nobody(error)
