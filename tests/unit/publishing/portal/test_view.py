"""What pages are called: any code a source may send gives a name of its own that every file system takes."""

from __future__ import annotations

from cchc.publishing.portal.view import procedure_page, slug


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
    codes += ["ế" * 200, "ế" * 199 + "x", "x" * 200, "/" * 200]  # a code has up to 200 characters
    names = [slug(code) for code in codes]
    assert slug("1.000123") == "1.000123"
    assert len(set(names)) == len(codes)
    assert not any("/" in name for name in names)
    assert "index" not in names
    assert max(len(procedure_page(code).rpartition("/")[2].encode()) for code in codes) < 200
