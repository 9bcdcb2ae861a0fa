"""How a list is asked for and how its answers are read, as a profile says it: the options of every web kind.

What all lists of a vendor share stands under `options`, what one dataset needs otherwise under its `select`. The keys
and placeholders are told in docs/guides/add_vendor.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from cchc.catalogue.base import Model, Zone
from cchc.catalogue.profiles import DatasetMap, Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceRefused, SourceUnavailable
from cchc.sources.web.auth import Auth, NoAuth, templates
from cchc.sources.web.json_path import JsonPath, first_text
from cchc.sources.web.paging import ByLink, ByNumber, ByOffset, Paging, Whole
from cchc.sources.web.secrets import Secrets
from cchc.sources.web.session import Unauthorised
from cchc.sources.web.template import placeholders

_ELSEWHERE = frozenset({"may_be_empty"})  # keys of `select` that the gate reads
_MOMENTS = frozenset({"from", "to", "after"})
_OF_A_PAGE = _MOMENTS | {"page", "start", "end", "size", "cursor"}
_SECRETS = frozenset({"login", "password", "token"})
_SOME_MOMENT = datetime(2026, 11, 14, 12, tzinfo=UTC)


class Outcome(Model):
    """Where an answer says that it is an error, although it came as HTTP 200; its message is never repeated."""

    field: JsonPath = Field(min_length=1)
    ok: tuple[str, ...] = Field(min_length=1)
    missing_is_ok: bool = False
    code: JsonPath | None = None  # the system's code of the error; default: what stands in `field`
    refused: tuple[str, ...] = ()  # codes that mean: no permission
    busy: tuple[str, ...] = ()  # try again later
    expired: tuple[str, ...] = ()  # the token is over
    no_data: tuple[str, ...] = ()  # there are no records, which is no error; "204" for an HTTP 204

    def has_data(self, source: str, secrets: Secrets, answer: Mapping[str, Any], where: str) -> bool:
        """Return whether an answer holds data, or False where it says that there are none; else raise.

        The error has the system's code, unless that holds one of `secrets`.
        """
        said = first_text(answer, (self.field,))
        if said in self.ok or (said is None and self.missing_is_ok):
            return True
        code = first_text(answer, (self.code,)) if self.code else said
        if code in self.no_data and code is not None:
            return False
        if said is None and code is None:
            raise ContractBroken(source, f"field {self.field} is missing", where=where)
        name = self.code or self.field
        shown = secrets.shown(code or "none", 20)
        text = f"the system answers with its error code {shown} (field {name}) instead of data"
        if code in self.expired:
            raise Unauthorised(source, text, where=where)
        if code in self.refused:
            raise SourceRefused(source, text, where=where)
        if code in self.busy:
            raise SourceUnavailable(source, text, where=where)
        raise ContractBroken(source, text, where=where)

    def told(self, source: str, secrets: Secrets, answer: Mapping[str, Any], where: str) -> bool:
        """Do what `has_data` does for what need not say how it went (an answer with a token, a line): then it has."""
        if first_text(answer, (self.field,)) is None:
            return True
        return self.has_data(source, secrets, answer, where)


class Pass(Model):
    """One way through the list; what it adds to the request."""

    name: str = ""
    params: dict[str, str | int] = Field(default_factory=dict)
    body: dict[str, Any] = Field(default_factory=dict)


class Detail(Model):
    """A record is asked for by its id (`{id}`), for what the list does not say of it."""

    path: str
    record: JsonPath = ""  # where it stands in the answer
    workers: int = Field(default=4, ge=1, le=16)  # asked for at once


class Options(Model):
    """One list of one system."""

    path: str
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str] = Field(default={"Accept": "application/json"})
    params: dict[str, str | int] = Field(default_factory=dict)
    body: dict[str, Any] | None = None
    body_as: Literal["json", "form"] = "json"
    format: Literal["json", "ndjson"] = "json"
    auth: Auth = NoAuth()
    paging: Paging = Whole()
    page_size: int | None = Field(default=None, ge=1)
    records: JsonPath = ""  # empty: the answer is the list
    total: JsonPath | None = None
    total_header: str | None = None
    total_pages: JsonPath | None = None
    has_more: JsonPath | None = None
    last_page: JsonPath | None = None
    ends: Literal["empty_page"] | None = None
    empty_left_out: bool = False
    single_as_object: bool = False
    outcome: Outcome | None = None
    identity: JsonPath | None = None
    passes: tuple[Pass, ...] = Field(default=(Pass(),), min_length=1)
    slice_days: int | None = Field(default=None, ge=1)
    zone: Zone | None = None
    derived: dict[str, tuple[JsonPath, ...]] = Field(default_factory=dict)
    detail: Detail | None = None

    def placeholders(self) -> frozenset[tuple[str, str]]:
        """Return (name, format) of every placeholder of its requests for pages."""
        return frozenset(found for _, part in self._of_a_page() for found in placeholders(part))

    def check(self, source: str, profile: str, params: Mapping[str, str]) -> None:
        """Raise `ConfigurationError` for a placeholder that neither the product nor the source's `params` fill."""
        given = {name for name, value in params.items() if value}
        parts = [(key, part, _OF_A_PAGE) for key, part in self._of_a_page()]
        if self.detail is not None:
            parts.append(("detail.path", self.detail.path, _OF_A_PAGE - {"cursor"} | {"id"}))
        parts += [(f"auth.{key}", part, known) for key, (part, known) in templates(self.auth).items()]
        for key, part, known in parts:
            if missing := sorted({name for name, _ in placeholders(part)} - known - given):
                own = f" (what stands there without a parameter: {', '.join(sorted(known))})" if known else ""
                raise ConfigurationError(
                    f"source {source}: params need {', '.join(missing)} (sources.yaml), which profile {profile} names "
                    f"in {key}; if it is mistyped, mend it there{own}"
                )

    def _of_a_page(self) -> Iterator[tuple[str, Any]]:
        """Yield (key, template) of each part of a request."""
        yield from (
            ("path", self.path),
            ("headers", self.headers),
            ("params", self.params),
            ("body", self.body),
        )
        yield from (("passes", part) for step in self.passes for part in (step.params, step.body))

    @model_validator(mode="after")
    def _keeps_its_promises(self) -> Options:
        detail = "" if self.detail is None else self.detail.path
        names = self.placeholders() | set(placeholders(detail))
        form = [
            value for body in (self.body or {}, *(p.body for p in self.passes)) for value in body.values()
        ]
        by_size = isinstance(self.paging, ByOffset | ByNumber)
        proofs = (self.total, self.total_header, self.total_pages, self.has_more, self.last_page, self.ends)
        joined = len(self.passes) > 1 or self.slice_days is not None or self.detail is not None
        problems = {
            "a secret stands in headers of `auth` only": any(n in _SECRETS for n, _ in names),
            "a moment needs its format, as in {from:%d/%m/%Y}, or s or ms": any(
                n in _MOMENTS and not _is_format(how) for n, how in names
            ),
            "{cursor} has no value before the second page: it stands in params, headers or body, which then leave "
            "it out": any(name == "cursor" for name, _ in placeholders([self.path, detail])),
            "body_as: form sends texts and numbers, or lists of them": self.body_as == "form"
            and not all(map(_is_flat, form)),
            "paging by offset or page needs page_size": by_size and self.page_size is None,
            "nothing proves the end of the list (a short page does not): name total, total_header, total_pages, "
            "has_more or last_page, or say `ends: empty_page`": by_size and not any(proofs),
            "several passes, slice_days and detail need identity": joined and self.identity is None,
            "paging by link is for GET: an address alone says nothing of a body": self.method == "POST"
            and isinstance(self.paging, ByLink),
        }
        for problem, is_so in problems.items():
            if is_so:
                raise ValueError(problem)
        return self


def _is_format(how: str) -> bool:
    """Whether a moment is written in this format, with nothing of it left as it stands."""
    if how in ("s", "ms"):
        return True
    try:
        return "%" in how and "%" not in _SOME_MOMENT.strftime(how)
    except ValueError:
        return False


def _is_flat(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return all(isinstance(part, str | int | float) and not isinstance(part, bool) for part in parts)


T = TypeVar("T", bound=Options)


def options_of(profile: Profile, dataset: DatasetMap, model: type[T]) -> T:
    """Return the options of one dataset; raises `ConfigurationError` that names profile and key."""
    own = {key: value for key, value in dataset.select.items() if key not in _ELSEWHERE}
    try:
        return model.model_validate({**profile.options, **own})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(["options", *(str(part) for part in first["loc"])])
        said = first["msg"].removeprefix("Value error, ")
        raise ConfigurationError(f"profile {profile.code}: {place}: {said}") from None
