"""Whatever goes wrong, no form of a secret is in a message, a traceback or a log, at any level."""

from __future__ import annotations

import base64
import gzip
import logging
import traceback
from typing import Any

import pytest

from cchc.errors import ContractBroken, SourceError
from cchc.sources.connections import secret_forms
from cchc.sources.connector import Connection
from cchc.sources.web.secrets import HIDDEN_SECRET, Secrets
from cchc.sources.web.session import Http, Limits
from unit.sources.profiles import read, with_options
from unit.sources.tiny_server import Request, answering, on_loopback, reply

PASSWORD = "canary/mật&khẩu=1"
KNOWN = Connection("http://h", "me", PASSWORD)
FAULTS = [
    b"",
    b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{",
    b"HTTP/1.1 200 OK\r\nbroken header canary\r\n\r\n[canary]",
    b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
    b"nonsense",
    reply(
        {},
        "301 Moved",
        f"Location: http://canary:{PASSWORD}@evil.example/?token=canary".encode().decode("latin-1"),
    ),
    *(reply({}, f"{status} Canary") for status in (204, 401, 403, 404, 407, 429, 500)),
    reply(b"<form><input type=password value=canary>"),
    reply(b'{"canary": canary}'),
    reply({}, "200 OK", "Content-Type: text/canary"),
    reply({}, "200 OK", "Content-Type: application/json; charset=canary"),
    reply({}, "200 OK", "Content-Encoding: canary"),
    reply(gzip.compress(b"canary")[:-4], "200 OK", "Content-Encoding: gzip"),
]


@pytest.mark.parametrize("raw", FAULTS)
def test_no_error_and_no_log_holds_a_secret(raw: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(lambda _: raw) as tiny:
        client = Http("x", on_loopback(tiny.url, Limits(read=1, pause=0.01, tries=2)), auth=("me", PASSWORD))
        with pytest.raises(SourceError) as caught:
            client.json(
                "POST",
                f"{tiny.url}/token",
                where="token",
                params={"key": PASSWORD},
                data={"client_secret": PASSWORD},
                headers={"X-Api-Key": "canary-key"},
            )
        client.close()
    assert tiny.requests[0].headers["authorization"].startswith("Basic ")
    said = "".join([*traceback.format_exception(caught.value), repr(caught.value), caplog.text, repr(client)])
    forms = [*secret_forms(KNOWN), "canary", "Canary"]
    # the traceback quotes the lines of this test, which name it
    kept = "\n".join(line for line in said.splitlines() if "test_secrets.py" not in line)
    assert [form for form in forms if form in kept] == []


def test_all_forms_of_a_password_are_known() -> None:
    assert secret_forms(Connection("http://h", "me", "p /x")) == [
        "p /x",
        "p%20%2Fx",
        "p+%2Fx",
        "bWU6cCAveA==",
        "cCAveA==",
    ]
    assert "máº\xadt" in secret_forms(Connection("http://h", "me", "mật"))  # UTF-8 taken for Latin-1
    assert secret_forms(Connection("http://h", "me")) == []


@pytest.mark.parametrize(
    "form", [*secret_forms(KNOWN), "mật&amp;khẩu", "CANARY/MẬT", "key=canary", "canary%2Fm", "canary"]
)
def test_no_form_and_no_part_of_a_password_is_shown(form: str) -> None:
    own = Secrets(KNOWN)
    assert own.shown(form) == own.shown(f"Bad key {form.upper()}!") == HIDDEN_SECRET


def test_an_error_code_of_the_system_is_shown() -> None:
    assert [Secrets(KNOWN).shown(text) for text in ("E-101", "CAN_NOT_READ", "khẩu", "")] == [
        "E-101",
        "CAN_NOT_READ",
        "khẩu",
        "",
    ]
    short = Secrets(Connection("http://h", "me", "p-9"))
    assert (short.shown("P9!"), short.shown("P8")) == (HIDDEN_SECRET, "P8")
    signs = Secrets(Connection("http://h", "me", "!!??"))
    assert (signs.shown("a!!??"), signs.shown("a!")) == (HIDDEN_SECRET, "a!")
    assert Secrets(Connection("http://h", "me")).shown("me") == "me"


TOKEN = {"type": "token", "path": "/token"}
OUTCOME = {"field": "code", "ok": ["0"], "missing_is_ok": True}


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        ({"type": "header", "send": {"X-Api-Key": "{password}"}}, "hunter2"),
        ({"type": "basic"}, base64.b64encode(b"me:hunter2").decode()),
        ({"type": "bearer"}, "HUNTER2"),
        (TOKEN, "bearer eyJ0b2tlbiI6"),
    ],
)
def test_a_system_that_answers_with_our_key_as_its_error_code(auth: dict[str, Any], said: str) -> None:
    def answer(request: Request) -> bytes:
        return reply({"access_token": "eyJ0b2tlbiI6MX0"} if request.path == "/token" else {"code": said})

    speaks = with_options("example-rest", auth=auth, outcome=OUTCOME)
    with answering(answer) as tiny, pytest.raises(ContractBroken) as caught:
        read(speaks, tiny.url)
    assert f"error code {HIDDEN_SECRET} (field code)" in str(caught.value)
    assert said not in str(caught.value)


def test_a_token_server_and_a_record_that_repeat_our_key() -> None:
    speaks = with_options("example-rest", auth=TOKEN, outcome=OUTCOME)
    with answering(lambda _: reply({"code": "hunter2"})) as tiny, pytest.raises(ContractBroken) as caught:
        read(speaks, tiny.url)
    assert f"[token]: the system answers with its error code {HIDDEN_SECRET}" in str(caught.value)

    def by_id(request: Request) -> bytes:
        return reply(
            {"code": "7"}
            if request.path == "/one/hunter2"
            else {"result": {"items": [{"id": "hunter2"}], "next": None}}
        )

    speaks = with_options("example-rest", detail={"path": "/one/{id}"}, identity="id", outcome=OUTCOME)
    with answering(by_id) as tiny, pytest.raises(ContractBroken) as caught:
        read(speaks, tiny.url)
    assert "hunter2" not in str(caught.value)
    assert f"id {HIDDEN_SECRET}]" in str(caught.value)
