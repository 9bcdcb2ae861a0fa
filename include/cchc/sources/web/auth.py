"""How a source is shown who asks. Login and password come from its connection, never from a profile.

==========  ====================================================================================================
type        what is sent
==========  ====================================================================================================
none        nothing
basic       login and password by HTTP Basic
bearer      the connection's password as a token that somebody made by hand
header      `send`: headers with `{login}` and `{password}`
token       a token of the server's own: `form` goes to `path` (OAuth2, Keycloak and what resembles them), the answer
            has it at `token`; it is sent as `send` says, renewed before it ends and once when it is not accepted
==========  ====================================================================================================
"""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from cchc.catalogue.base import Model
from cchc.errors import ContractBroken, SourceRefused
from cchc.sources.connector import Connection
from cchc.sources.web.json_path import JsonPath, find, first_text
from cchc.sources.web.secrets import Secrets
from cchc.sources.web.session import CREDENTIALS, BadRequest, Http
from cchc.sources.web.template import fill

_LOGIN = frozenset({"login", "password"})
_EARLIEST = 60.0  # seconds before its end that a token is renewed; a tenth of a short life


class NoAuth(Model):
    """A list that anybody may read."""

    type: Literal["none"] = "none"


class Basic(Model):
    """HTTP Basic."""

    type: Literal["basic"]


class Bearer(Model):
    """A token made by hand, kept as the connection's password."""

    type: Literal["bearer"]


class Header(Model):
    """Keys in headers of the vendor's own."""

    type: Literal["header"]
    send: dict[str, str] = Field(min_length=1)


class Token(Model):
    """A token that the server hands out for login and password."""

    type: Literal["token"]
    path: str  # below the connection's address; or a whole address, whose server stands under `also` of the host
    form: dict[str, str] = Field(
        default={"grant_type": "client_credentials", "client_id": "{login}", "client_secret": "{password}"}
    )
    body_as: Literal["form", "json"] = "form"
    basic: bool = False  # login and password go by HTTP Basic, and need not stand in the form
    token: JsonPath = "access_token"  # noqa: S105  # where the answer has it
    expires: JsonPath | None = "expires_in"  # seconds the token lasts
    lifetime: float | None = Field(default=None, gt=0)  # seconds, where the answer does not say
    send: dict[str, str] = Field(default={"Authorization": "Bearer {token}"}, min_length=1)


def _not_in_an_address(value: object) -> object:
    if isinstance(value, dict) and value.get("type") == "query":
        raise ValueError(
            "a key in an address is written down by every proxy on its way: ask the vendor for a header (type: header)"
        )
    return value


Auth = Annotated[
    NoAuth | Basic | Bearer | Header | Token, Field(discriminator="type"), BeforeValidator(_not_in_an_address)
]


def templates(auth: Auth) -> dict[str, tuple[Any, frozenset[str]]]:
    """Return what is sent, by its key of `auth`, and its placeholders beside the source's parameters."""
    if isinstance(auth, Header):
        return {"send": (auth.send, _LOGIN)}
    if isinstance(auth, Token):
        sent = (auth.send, _LOGIN | {"token"})
        return {"path": (auth.path, frozenset()), "form": (auth.form, _LOGIN), "send": sent}
    return {}


@dataclass(frozen=True)
class Credentials:
    """What goes with one request; `token` tells which token it was, to renew that one only."""

    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    token: str = field(default="", repr=False)


class Authoriser:
    """The credentials of one source; safe for threads.

    `params` are the source's parameters, which paths, forms and headers may name. `secrets` are told each token.
    `check` raises for an answer that is an error of the system's own.
    """

    def __init__(
        self,
        source: str,
        auth: Auth,
        http: Http,
        connection: Connection,
        params: Mapping[str, str],
        secrets: Secrets,
        check: Callable[[Mapping[str, Any], str], object] | None = None,
    ) -> None:
        self._source = source
        self._auth = auth
        self._http = http
        self._connection = connection
        self._known = {**params, "login": connection.login, "password": connection.password}
        self._params = params
        self._secrets = secrets
        self._check = check
        self._lock = threading.Lock()
        self._token = ""
        self._until = float("inf")

    def credentials(self) -> Credentials:
        """Return what goes with a request; asks for a token where there is none or it is about to end."""
        auth, connection = self._auth, self._connection
        if isinstance(auth, Basic):
            return Credentials({"Authorization": _basic(connection)})
        if isinstance(auth, Bearer):
            return Credentials({"Authorization": f"Bearer {connection.password}"})
        if isinstance(auth, Header):
            return Credentials(fill(auth.send, self._known))
        if isinstance(auth, Token):
            with self._lock:
                if not self._token or time.monotonic() >= self._until:
                    self._token, self._until = self._new_token(auth)
                return Credentials(fill(auth.send, {**self._known, "token": self._token}), self._token)
        return Credentials()

    def renew(self, used: Credentials) -> bool:
        """Forget the token that was not accepted; returns whether another try makes sense."""
        if not isinstance(self._auth, Token):
            return False
        with self._lock:
            if self._token == used.token:
                self._token = ""
        return True

    def _new_token(self, auth: Token) -> tuple[str, float]:
        connection = self._connection
        form = fill(auth.form, self._known)
        path = str(fill(auth.path, self._params))
        try:
            answer = self._http.json(
                "POST",
                path if path.startswith(("http://", "https://")) else connection.url + path,
                where="token",
                headers={"Authorization": _basic(connection)} if auth.basic else {},
                **{"json" if auth.body_as == "json" else "data": form},
            )
        except BadRequest:
            text = "HTTP 400: no token is given for this login, or not to a request like this."
            raise SourceRefused(self._source, text, where="token", action=CREDENTIALS) from None
        found = find(answer, auth.token)
        token = found[0] if found else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            if self._check is not None:
                self._check(answer, "token")
            raise ContractBroken(self._source, f"field {auth.token} is missing or no token", where="token")
        self._secrets.add(token)
        return token, time.monotonic() + _lasts(auth, answer)


def _lasts(auth: Token, answer: Mapping[str, Any]) -> float:
    """Return for how many seconds a token is used: its life less a margin; endless where nobody says."""
    said = first_text(answer, (auth.expires,)) if auth.expires is not None else None
    try:
        seconds = float(said) if said is not None else auth.lifetime
    except ValueError:
        seconds = auth.lifetime
    return float("inf") if seconds is None else max(0.0, seconds - min(_EARLIEST, seconds / 10))


def _basic(connection: Connection) -> str:
    pair = f"{connection.login}:{connection.password}".encode()
    return "Basic " + base64.b64encode(pair).decode("ascii")
