"""The national dossier message over REST: a token, then pages; the system's own errors come inside HTTP 200.

Profile options:

===============  ====================================================================================
token_path       where login and password are exchanged for a token (client_id, client_secret)
path             path of the list below the connection's address
page_size        rows of a page
refused_codes    the system's error codes that mean: no permission
busy_codes       the system's error codes that mean: try again later
===============  ====================================================================================

`@has_duty` is made here: whether any fee of the list ``DanhSachPhiLePhi`` is above zero.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from cchc.catalogue.models import DatasetName, Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.contract import Connection, RawRecord, Window
from cchc.sources.http import Http, Unauthorised
from cchc.sources.paging import Page, Record, pages, records_of, total_of
from cchc.sources.texts import as_text, clean

_DAY = "%d/%m/%Y"


class National:
    """The dossiers of one unit; `unit_code` is its code in the system (maDonVi)."""

    def __init__(
        self, source: str, profile: Profile, http: Http, connection: Connection, unit_code: str
    ) -> None:
        try:
            self._token_url = connection.url + str(profile.options["token_path"])
            self._url = connection.url + str(profile.options["path"])
            self._size = int(profile.options["page_size"])
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"profile {profile.code}: options need token_path, path and page_size ({error})"
            ) from None
        self._refused = {str(code) for code in profile.options.get("refused_codes", ())}
        self._busy = {str(code) for code in profile.options.get("busy_codes", ())}
        self._source = source
        self._http = http
        self._connection = connection
        self._unit_code = unit_code
        self._token = ""
        self._total = 0

    def records(self, window: Window) -> Generator[RawRecord]:
        """Yield each dossier that was updated in the window."""
        try:
            for page in pages(
                self._source, self._size, lambda number, where: self._page(window, number, where)
            ):
                self._total = page.total
                for row in page.records:
                    yield RawRecord("dossier", str(page.number), _with_duty(row))
        finally:
            self._http.close()

    def totals(self) -> Mapping[DatasetName, int]:
        """Return the total the list states (tongSo)."""
        return {"dossier": self._total}

    def _page(self, window: Window, number: int, where: str) -> Page:
        params: dict[str, Any] = {
            "maDonVi": self._unit_code,
            "tuNgay": window.start.strftime(_DAY),
            "denNgay": window.end.strftime(_DAY),
            "trang": number,
            "soLuong": self._size,
        }
        answer = self._authorised(params, where)
        if str(answer.get("status")) != "1":
            raise self._own_error(answer, where)
        total = total_of(self._source, where, "tongSo", answer.get("tongSo"))
        return Page(number, records_of(self._source, where, "duLieu", answer.get("duLieu")), total)

    def _authorised(self, params: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Return the answer; a token that ran out is renewed once."""
        if not self._token:
            self._token = self._new_token()
        try:
            return self._get(params, where)
        except Unauthorised:
            self._token = self._new_token()
            return self._get(params, where)

    def _get(self, params: Mapping[str, Any], where: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        return self._http.json("GET", self._url, where=where, params=params, headers=headers)

    def _new_token(self) -> str:
        form = {"client_id": self._connection.login, "client_secret": self._connection.password}
        answer = self._http.json("POST", self._token_url, where="token", data=form)
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            if "status" in answer and str(answer["status"]) != "1":
                raise self._own_error(answer, "token")
            raise ContractBroken(self._source, "field access_token is missing", where="token")
        return token

    def _own_error(self, answer: Mapping[str, Any], where: str) -> SourceError:
        """Return the error for one of the system's own; its message may quote a person and is not repeated."""
        if "status" not in answer:
            return ContractBroken(self._source, "field status is missing", where=where)
        code = (as_text(answer.get("errorCode")) or "none")[:20]
        text = f"the system answers with its error code {code} (field errorCode) instead of data"
        if code in self._refused:
            return SourceRefused(self._source, text, where=where)
        if code in self._busy:
            return SourceUnavailable(self._source, text, where=where)
        return ContractBroken(self._source, text, where=where)


def _with_duty(row: Record) -> Record:
    """Return the record with `@has_duty`; a list that is not there, or not readable, says nothing."""
    fees = row.get("DanhSachPhiLePhi")
    if isinstance(fees, dict):
        fees = [fees]
    if not isinstance(fees, list):
        return row
    prices = [_price(fee) for fee in fees]
    if any(price is None for price in prices):
        return row
    return row | {"@has_duty": any(price for price in prices)}


def _price(fee: object) -> Decimal | None:
    text = as_text(fee.get("Gia")) if isinstance(fee, dict) else None
    try:
        return Decimal(clean(text)) if text else None
    except InvalidOperation:
        return None
