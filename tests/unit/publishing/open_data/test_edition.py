"""The open data of a release made by hand: three formats say the same, and everything in them is described."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from cchc.catalogue.models import Licence
from cchc.indicators import periods
from cchc.indicators.compute import IndicatorValue
from cchc.publishing.content import Content, SourceState
from cchc.publishing.history import History, Month
from cchc.publishing.open_data.edition import FOLDER, data, edition_of, files
from cchc.publishing.tables import Row, Table
from integration.seed_unit import catalogue

DAY = date(2026, 11, 14)
PERIOD = periods.parse("2026-11")
CATALOGUE = catalogue()
INDICATORS = CATALOGUE.indicator_sets["province-core"].indicators[:2]


def _value(code: str, unit: str = "SGDDT", **fields: Any) -> IndicatorValue:
    stated: dict[str, Any] = {
        "unit_code": unit,
        "set_code": "province-core",
        "indicator_code": code,
        "period": PERIOD,
        "value": Decimal(7),
        "numerator": None,
        "denominator": None,
        "printed": "7",
        "reason": None,
        "coverage": Decimal("0.5"),
        "fresh_to": DAY,
        "lacking": (),
    }
    return IndicatorValue(**{**stated, **fields})


def _content(name: str = "Sở Giáo dục và Đào tạo") -> Content:
    share = _value(
        INDICATORS[1].code, value=None, printed="99,6–99,9%", reason="số nhỏ",
        bounds=(Decimal("99.6"), Decimal("99.9")),
    )  # fmt: skip
    own = (_value(INDICATORS[0].code, value=Decimal("95.3")), share)
    table = Table("t", "Bảng", "province-core", "Bộ", PERIOD, INDICATORS, (Row("SGDDT", name, own),))
    months = {("SGDDT", v.indicator_code): v for v in own}
    history = History("province-core", "Bộ", INDICATORS, ("SGDDT",), (Month(PERIOD, 2, months),))
    source = SourceState("s", "Một cửa", "SGDDT", name, True, DAY, None)
    return Content("H14", "Tỉnh Cao Bằng", DAY, (source,), (table,), history=history)


MADE = files(_content(), CATALOGUE, "public")
NAMES = {path.rsplit("/", 1)[1]: body for path, body in MADE.items()}


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(NAMES[name].decode("utf-8-sig"))))


def test_csv_and_parquet_say_the_same() -> None:
    for name in (n for n in NAMES if n.endswith(".parquet")):
        stated = pq.read_table(io.BytesIO(NAMES[name])).to_pylist()
        lines = _rows(name.replace(".parquet", ".csv"))
        assert len(stated) == len(lines) > 0
        for row, line in zip(stated, lines, strict=True):
            for column, value in row.items():
                if value is None:
                    assert line[column] == ""
                elif isinstance(value, bool):
                    assert line[column] == str(value).lower()
                elif isinstance(value, float):
                    assert float(line[column]) == value
                else:
                    assert line[column] == str(value)


def test_programs_read_it_with_its_types() -> None:
    schema = pq.read_schema(io.BytesIO(NAMES["indicators.parquet"]))
    assert schema.field("period_from").type == pa.date32()
    assert schema.field("value").type == pa.float64()
    described = schema.field("lower").metadata
    assert described[b"description"].decode() == "Giá trị không công bố riêng: không nhỏ hơn"
    frame = pd.read_csv(io.BytesIO(NAMES["indicators.csv"]), parse_dates=["period_from"])
    assert list(frame["value"].fillna(0)) == [95.3, 0.0, 95.3, 0.0]
    assert frame["upper"].max() == 99.9
    assert list(frame["revision"].dropna()) == [2.0, 2.0]
    assert frame["period_from"].min() == pd.Timestamp("2026-10-15")
    assert NAMES["indicators.csv"].startswith(b"\xef\xbb\xbf")


def test_every_column_is_in_the_dictionary_and_the_other_way_round() -> None:
    described = {(row["table"], row["column"]) for row in _rows("dictionary.csv")}
    assert all(row["title"] and row["title_en"] for row in _rows("dictionary.csv"))
    tables = [n for n in NAMES if n.endswith(".csv") and n != "dictionary.csv"]
    there = {
        (name.removesuffix(".csv"), column)
        for name in tables
        for column in NAMES[name].decode("utf-8-sig").splitlines()[0].split(",")
    }
    assert described == there
    package = json.loads(NAMES["datapackage.json"])
    assert {(r["name"], f["name"]) for r in package["resources"] for f in r["schema"]["fields"]} == there
    assert {r["path"] for r in package["resources"]} == set(tables)


def test_checksums_and_the_edition_are_those_of_the_files() -> None:
    lines = dict(reversed(line.split("  ")) for line in NAMES["SHA256SUMS"].decode().splitlines())
    assert lines == {n: hashlib.sha256(b).hexdigest() for n, b in NAMES.items() if n != "SHA256SUMS"}
    edition = edition_of(DAY, data(_content(), CATALOGUE))
    assert {path.rsplit("/", 1)[0] for path in MADE} == {f"{FOLDER}/{edition}"}
    assert edition.startswith("2026-11-14-")
    assert edition_of(DAY, data(_content("Sở"), CATALOGUE)) != edition
    assert files(_content(), CATALOGUE, "public") == MADE


def test_the_catalogue_of_the_data_names_every_file_with_its_sum() -> None:
    province = CATALOGUE.province
    licence = Licence(title="Giấy phép mở", url="https://caobang.example/giay-phep")
    portal = province.portal.model_copy(
        update={"address": "https://caobang.example/cchc/", "licence": licence}
    )
    placed = CATALOGUE.model_copy(update={"province": province.model_copy(update={"portal": portal})})
    made = {path.rsplit("/", 1)[1]: body for path, body in files(_content(), placed, "public").items()}
    document = json.loads(made["dcat.jsonld"])
    assert document["@type"] == "dcat:Catalog"
    edition = edition_of(DAY, data(_content(), placed))
    assert document["@id"] == f"https://caobang.example/cchc/{FOLDER}/{edition}/dcat.jsonld"
    files_of = {}
    for dataset in document["dcat:dataset"]:
        assert dataset["dct:modified"]["@value"] == "2026-11-14"
        assert dataset["dct:accessRights"]["@id"].endswith("/PUBLIC")
        for one in dataset["dcat:distribution"]:
            name = one["dcat:downloadURL"]["@id"].rsplit("/", 1)[1]
            files_of[name] = one["spdx:checksum"]["spdx:checksumValue"]["@value"]
            assert one["dct:license"]["@id"] == licence.url
    described = {n: hashlib.sha256(b).hexdigest() for n, b in made.items() if n in files_of}
    assert files_of == described
    assert {"indicators.csv", "indicators.parquet", "indicators.json", "sources.csv"} <= set(files_of)
    (indicators,) = [d for d in document["dcat:dataset"] if d["dct:identifier"] == "indicators"]
    assert indicators["dct:temporal"]["dcat:endDate"]["@value"] == "2026-11-14"
    relative = json.loads(NAMES["dcat.jsonld"])
    assert relative["dcat:dataset"][0]["dcat:distribution"][0]["dcat:downloadURL"]["@id"] == "indicators.csv"


def test_no_text_is_a_formula_in_the_csv() -> None:
    made = data(replace(_content("=cmd|'/c calc'!A1")), CATALOGUE)
    lines = list(csv.DictReader(io.StringIO(made["sources.csv"].decode("utf-8-sig"))))
    assert lines[0]["unit_name"].startswith("'=cmd")
    assert pq.read_table(io.BytesIO(made["sources.parquet"]))["unit_name"][0].as_py().startswith("=cmd")


def test_a_withheld_share_carries_its_interval_in_the_document_too() -> None:
    document = json.loads(NAMES["indicators.json"])
    value = document["publications"][0]["units"][0]["values"][INDICATORS[1].code]
    assert (value["value"], value["bounds"]) == (None, [99.6, 99.9])


def test_the_text_says_what_an_empty_cell_is() -> None:
    assert "Ô trống không phải là 0" in NAMES["README.md"].decode()
    internal = files(_content(), CATALOGUE, "internal")
    (text,) = (body.decode() for path, body in internal.items() if path.endswith("README.md"))
    assert "nội bộ" in text
    assert "không công bố riêng" not in text
