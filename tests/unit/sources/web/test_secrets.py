"""Whatever goes wrong, no form of a secret is in a message, a traceback or a log, at any level."""

from __future__ import annotations

import gzip
import logging
import traceback

import pytest

from cchc.errors import SourceError
from cchc.sources.connections import secret_forms
from cchc.sources.connector import Connection
from cchc.sources.web.session import Http, Limits
from unit.sources.tiny_server import answering, on_loopback, reply

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
    ]
    assert secret_forms(Connection("http://h", "me")) == []
