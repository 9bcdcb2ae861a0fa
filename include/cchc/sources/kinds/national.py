"""The national dossier message over REST: a `rest` list, of whose records a few facts are said in yes or no.

Beside the options of `cchc.sources.web.options`: population_dbs, the codes (MaCSDL) under which the system names the
national population database.

Lists and personal fields do not pass the door, so what indicators need of them is said here. A field that
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

from collections.abc import Sequence, Set
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from cchc.sources.kinds.rest import Rest
from cchc.sources.texts import as_text, clean
from cchc.sources.web.options import Options
from cchc.sources.web.paging import Record


class NationalOptions(Options):
    """The options of a list, and how the system names the population database."""

    population_dbs: frozenset[str] = frozenset()


class National(Rest):
    """The dossiers of one unit."""

    options_model: ClassVar[type[Options]] = NationalOptions

    def completed(self, records: Sequence[Record], options: Options) -> Sequence[Record]:
        """Return records with the facts that their lists and personal fields are needed for."""
        population = options.population_dbs if isinstance(options, NationalOptions) else frozenset()
        return [r | _duty(r) | _digital(r, population) for r in super().completed(records, options)]


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
