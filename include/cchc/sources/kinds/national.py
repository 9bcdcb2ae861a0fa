"""The national dossier message over REST: a token, then pages; the system's own errors come inside HTTP 200.

Profile options:

===============  ====================================================================================
token_path       where login and password are exchanged for a token (client_id, client_secret)
path             path of the list below the connection's address
page_size        rows of a page
refused_codes    the system's error codes that mean: no permission
busy_codes       the system's error codes that mean: try again later
population_dbs   the codes (MaCSDL) under which the system names the national population database
===============  ====================================================================================

Lists and personal fields do not pass the door, so what indicators need of them is said here in yes or no. A field that
is not there, or not readable, says nothing (index 766, working document of its formulas):

=====================  ==========================================================================================
@has_duty              any fee of DanhSachPhiLePhi is above zero (3.6)
@components_digitised  any paper of TaiLieuNop is a file, or marked DuocSoHoa (4.2)
@data_reused           HoSoCoThanhPhanSoHoa; for a dossier made on the portal (NoiNopHoSo 1) also DuocSoHoa (4.3)
@personal_store        any paper is marked DuocLayTuKhoDMQG (4.4)
@citizen_data          TaiKhoanDuocXacThucVoiVNeID, DuocLayTuKhoDMQG or the population database's MaCSDL (4.5)
=====================  ==========================================================================================
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping, Set
from decimal import Decimal, InvalidOperation
from typing import Any

from cchc.catalogue.base import DatasetName
from cchc.catalogue.models import Profile
from cchc.errors import ConfigurationError, ContractBroken, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.contract import Connection, RawPage, Window
from cchc.sources.door.screen import shown
from cchc.sources.texts import as_text, clean
from cchc.sources.web.paging import Page, Record, pages, records_of, total_of
from cchc.sources.web.session import Http, Unauthorised

_DAY = "%d/%m/%Y"


class National:
    """The dossiers of one unit; `unit_code` is its code in the system (maDonVi)."""

    absent: Collection[DatasetName] = ()  # a server that answers says what there is

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
        self._population = {str(code) for code in profile.options.get("population_dbs", ())}
        self._source = source
        self._http = http
        self._connection = connection
        self._unit_code = unit_code
        self._token = ""
        self._total = 0

    def read(self, window: Window) -> Generator[RawPage]:
        """Yield each dossier that was updated in the window."""
        try:
            for page in pages(
                self._source, self._size, lambda number, where: self._page(window, number, where)
            ):
                self._total = page.total
                said = [row | _duty(row) | _digital(row, self._population) for row in page.records]
                yield RawPage("dossier", str(page.number), said)
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
        code = shown(as_text(answer.get("errorCode")) or "none", 20)
        text = f"the system answers with its error code {code} (field errorCode) instead of data"
        if code in self._refused:
            return SourceRefused(self._source, text, where=where)
        if code in self._busy:
            return SourceUnavailable(self._source, text, where=where)
        return ContractBroken(self._source, text, where=where)


def _duty(row: Record) -> Record:
    """Return `@has_duty`, or nothing where the fees are not there or not readable."""
    fees = _entries(row, "DanhSachPhiLePhi")
    if fees is None:
        return {}
    prices = [_price(fee) for fee in fees]
    if any(price is None for price in prices):
        return {}
    return {"@has_duty": any(price for price in prices)}


def _digital(row: Record, population: Set[str]) -> Record:
    """Return what the papers and marks of a dossier say about digitisation, without the papers."""
    papers = _entries(row, "TaiLieuNop")
    databases = _entries(row, "DSKetNoiCSDL")
    handed_in = [p for p in papers or () if isinstance(p, dict) and not _mark(p.get("IsDeleted"))]
    digitised = any(_mark(p.get("DuocSoHoa")) for p in handed_in)
    stored = any(_mark(p.get("DuocLayTuKhoDMQG")) for p in handed_in)
    asked = {as_text(e.get("MaCSDL")) for e in (*handed_in, *(databases or ())) if isinstance(e, dict)}
    reused = _mark(row.get("HoSoCoThanhPhanSoHoa"))
    verified = _mark(row.get("TaiKhoanDuocXacThucVoiVNeID"))
    said: Record = {}
    if papers is not None:
        said["@components_digitised"] = digitised or any(
            as_text(p.get("DuongDanTaiTepTin")) for p in handed_in
        )
        said["@personal_store"] = stored
    on_portal = papers is not None and as_text(row.get("NoiNopHoSo")) == "1"
    if reused is not None or on_portal:
        said["@data_reused"] = bool(reused) or (on_portal and digitised)
    if verified is not None or papers is not None or (databases is not None and population):
        said["@citizen_data"] = bool(verified) or stored or bool(asked & population)
    return said


def _entries(row: Record, name: str) -> list[Any] | None:
    """Return the entries of a list, which arrives as an object where it has one; None where there is no list."""
    found = row.get(name)
    if isinstance(found, dict):
        return [found]
    return found if isinstance(found, list) else None


def _mark(value: object) -> bool | None:
    """Return a mark written as 1 or 0, true or false; None for anything else."""
    return {"1": True, "true": True, "0": False, "false": False}.get((as_text(value) or "").lower())


def _price(fee: object) -> Decimal | None:
    text = as_text(fee.get("Gia")) if isinstance(fee, dict) else None
    try:
        return Decimal(clean(text)) if text else None
    except InvalidOperation:
        return None
