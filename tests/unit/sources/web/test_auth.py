from __future__ import annotations

import base64
from typing import Any

import pytest

from cchc.errors import ContractBroken, SourceRefused
from unit.sources.profiles import profile, read
from unit.sources.tiny_server import Request, answering, reply

TOKEN: dict[str, Any] = {"type": "token", "path": "/realms/{unit}/protocol/openid-connect/token"}
BASIC = "Basic " + base64.b64encode(b"me:hunter2").decode()


def speaking(auth: dict[str, Any], **options: Any) -> Any:
    asked = {"path": "/list", "records": "items", "auth": auth, **options}
    return profile("example-rest").model_copy(update={"options": asked})


def keycloak(lasts: object = 300, uses: int = 99, expired: bytes | None = None) -> Any:
    state = {"tokens": 0, "uses": 0}

    def answer(request: Request) -> bytes:
        if request.path.endswith("/token"):
            state["tokens"] += 1
            state["uses"] = 0
            return reply({"access_token": f"t{state['tokens']}", "expires_in": lasts})
        state["uses"] += 1
        if request.headers["authorization"] != f"Bearer t{state['tokens']}" or state["uses"] > uses:
            return expired or reply({}, "401 Unauthorized")
        page = int(request.query.get("page", 1))
        return reply({"items": [{"id": page}], "more": page < 3})

    return answer


PAGED = {"params": {"page": "{page}"}, "paging": {"type": "page"}, "page_size": 1, "has_more": "more"}


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"type": "basic"}, "authorization", BASIC),
        ({"type": "bearer"}, "authorization", "Bearer hunter2"),
        (
            {"type": "header", "send": {"X-SecretKey": "{password}", "X-SystemId": "{login}"}},
            "x-secretkey",
            "hunter2",
        ),
        ({"type": "none"}, "authorization", None),
    ],
)
def test_credentials_go_in_headers(auth: dict[str, Any], header: str, value: str | None) -> None:
    with answering(lambda _: reply({"items": []})) as tiny:
        read(speaking(auth), tiny.url)
    assert tiny.requests[0].headers.get(header) == value
    assert tiny.requests[0].query == {}


def test_a_keycloak_token_serves_every_page() -> None:
    with answering(keycloak()) as tiny:
        assert len(read(speaking(TOKEN, **PAGED), tiny.url, "digo")[0]) == 3
    token, *lists = tiny.requests
    assert token.path == "/realms/digo/protocol/openid-connect/token"
    assert token.body == b"grant_type=client_credentials&client_id=me&client_secret=hunter2"
    assert len(lists) == 3


def test_a_token_is_renewed_before_it_ends_and_once_when_it_is_not_accepted() -> None:
    with answering(keycloak(lasts="0")) as tiny:  # over at once
        assert len(read(speaking(TOKEN, **PAGED), tiny.url)[0]) == 3
    assert len(tiny.requests) == 6
    with answering(keycloak(uses=1)) as tiny:  # 401 on every second use
        assert len(read(speaking(TOKEN, **PAGED), tiny.url)[0]) == 3
    assert len(tiny.requests) == 8
    with answering(keycloak(uses=0)) as tiny, pytest.raises(SourceRefused, match="401"):
        read(speaking(TOKEN, **PAGED), tiny.url)
    assert len(tiny.requests) == 4


def test_a_system_that_says_so_inside_200_gets_a_new_token_too() -> None:
    outcome = {"field": "code", "ok": ["0"], "missing_is_ok": True, "expired": ["101"]}
    with answering(keycloak(uses=1, expired=reply({"code": 101}))) as tiny:
        assert len(read(speaking(TOKEN, outcome=outcome, **PAGED), tiny.url)[0]) == 3


def test_other_forms_of_asking_for_a_token() -> None:
    auth = TOKEN | {"form": {"grant_type": "client_credentials"}, "basic": True, "body_as": "json"}
    with answering(keycloak()) as tiny:
        read(speaking(auth), tiny.url)
    assert tiny.requests[0].headers["authorization"] == BASIC
    assert tiny.requests[0].body == b'{"grant_type": "client_credentials"}'


@pytest.mark.parametrize("token", [None, "", 7, "a\nb", {"a": 1}])
def test_what_is_no_token_is_not_sent(token: object) -> None:
    with (
        answering(lambda _: reply({"access_token": token})) as tiny,
        pytest.raises(ContractBroken, match=r"\[token\]: field access_token"),
    ):
        read(speaking(TOKEN), tiny.url)
    assert len(tiny.requests) == 1


def test_wrong_credentials_may_be_a_bad_request() -> None:
    said = {"error": "invalid_grant", "error_description": "hunter2"}
    with (
        answering(lambda _: reply(said, "400 Bad Request")) as tiny,
        pytest.raises(
            SourceRefused, match=r"\[token\]: HTTP 400: no token .*Check login and password"
        ) as caught,
    ):
        read(speaking(TOKEN), tiny.url)
    assert "hunter2" not in str(caught.value)


def test_a_token_server_that_the_host_does_not_name_is_not_asked() -> None:
    with answering(keycloak()) as sso, answering(keycloak()) as tiny:
        auth = TOKEN | {"path": f"{sso.url}/token"}
        with pytest.raises(SourceRefused):
            read(speaking(auth), tiny.url)
    assert sso.requests == tiny.requests == []
