"""What pages are called: any code a source may send gives a name of its own that every file system takes."""

from __future__ import annotations

import re

from cchc.publishing.portal.addresses import procedure_page, slug


def test_no_two_codes_are_called_alike_and_no_name_leads_elsewhere() -> None:
    codes = [
        "1.000123",
        "../../x",
        "index",
        "_index",
        "a/b",
        "a%2fb",
        "a b",
        "",
        ".",
        "..",
        "1.00_",
        "1.00_5f_",
    ]
    codes += [
        "A1",
        "a1",
        "INDEX",
        "Index",
        "CON",
        "con",
        "NUL.1",
        "nul.1",
        "COM1",
        "CONG",
        "A.",
        "A. ",
        "A:",
        ".HTACCESS",
    ]
    codes += ["ế" * 200, "ế" * 199 + "x", "x" * 200, "/" * 200]  # a code has up to 200 characters
    names = [slug(code) for code in codes]
    assert slug("1.000123") == "1.000123"
    assert slug("H14.01-SNV") == "H14.01-SNV"
    assert len({name.lower() for name in names}) == len(codes), "A1 and a1 are one file on Windows"
    for name in names:
        assert name.split(".")[0].upper() not in {"CON", "PRN", "AUX", "NUL", "COM1", "LPT1", "INDEX", ""}
        assert re.fullmatch(r"[0-9A-Za-z._-]+", name)
    assert max(len(procedure_page(code).rpartition("/")[2].encode()) for code in codes) < 200
