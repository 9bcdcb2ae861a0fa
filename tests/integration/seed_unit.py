"""A small catalogue, and the seed's unit in core: 11,999 dossiers and everything the article counts."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Engine, text

from cchc.catalogue.files import parsed
from cchc.catalogue.models import Catalogue
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import marts
from integration.indicator_facts import source, watermark, write

UNIT = "SGDDT"
DAY = date(2026, 11, 14)
SEED = "2022-01-01..2022-10-13"

#: What must come out, as it is printed.
PRINTED = {
    "received": "11.999",
    "received-one-stop": "1.237",
    "received-direct": "10.762",
    "finished-on-time": "11.801",
    "finished-early": "194",
    "finished-late": "4",
    "closed-without-result": "0",
    "procedures-reviewed-share": "100%",
    "shorter-term-share": "42%",
    "units-on-document-system": "100%",
    "documents-in": "8.619",
    "documents-in-electronic": "8.613",
    "documents-out": "2.412",
    "documents-out-electronic-only": "2.383",
    "documents-out-parallel": "29",
    "documents-out-signed": "2.299",
    "documents-out-signed-share": "95,3%",
    "staff-official-mail": "100%",
    "procedures-level-4": "84",
    "procedures-term-cut-2019": "75%",
    "shortest-term": "1 ngày làm việc",
    "procedures-with-dossiers": "13",
    "received-by-post": "11.727",
    "received-by-post-share": "97,7%",
}


def _dataset(*stated: str, **constants: str) -> dict[str, Any]:
    flags = {name: {"path": name, "type": "flag"} for name in stated}
    return {"fields": flags | {name: {"constant": value} for name, value in constants.items()}}


def catalogue(publications: list[dict[str, Any]] | None = None) -> Catalogue:
    """Return a province of the seed's unit, one department that never delivered, two communes, a dead district."""

    def unit(code: str, name: str, group: str, to: date | None = None) -> dict[str, Any]:
        return {"code": code, "name": name, "group": group, "valid_from": date(2020, 1, 1), "valid_to": to}

    def system(code: str, unit: str, profile: str, title: str) -> dict[str, Any]:
        return {
            "code": code,
            "unit": unit,
            "profile": profile,
            "title": title,
            "history_from": date(2022, 1, 1),
        }

    def indicator_set(name: str) -> Any:
        return parsed(SHIPPED_CATALOGUE / "indicators" / f"{name}.yaml")

    measures = parsed(SHIPPED_CATALOGUE / "measures.yaml")
    sources = [
        system("sgddt-motcua", UNIT, "one-stop", "Một cửa Sở Giáo dục và Đào tạo"),
        system("sgddt-vanban", UNIT, "exchange", "Văn bản Sở Giáo dục và Đào tạo"),
        system("sgddt-sotay", UNIT, "registers", "Sổ tay Sở Giáo dục và Đào tạo"),
        system("syt-motcua", "SYT", "one-stop", "Một cửa Sở Y tế"),
        system("01273-motcua", "01273", "one-stop", "Một cửa Phường Thục Phán"),
        system("01288-motcua", "01288", "one-stop", "Một cửa Phường Tân Giang"),
    ]
    return Catalogue.model_validate(
        {
            "province": {
                "code": "H14",
                "name": "tỉnh Cao Bằng",
                "publications": publications if publications is not None else PUBLICATIONS,
                "portal": {"forms": []},  # forms and workbooks of every unit are tested where they are made
            },
            "units": [
                unit("H14", "Tỉnh Cao Bằng", "province"),
                unit(UNIT, "Sở Giáo dục và Đào tạo", "department"),
                unit("SYT", "Sở Y tế", "department"),
                unit("01273", "Phường Thục Phán", "commune"),
                unit("01288", "Phường Tân Giang", "commune"),
                unit("D040", "Thành phố Cao Bằng", "district", date(2025, 6, 30)),
            ],
            "edges": [],
            "hosts": {},
            "profiles": {
                "one-stop": {
                    "code": "one-stop",
                    "kind": "files",
                    "title": "",
                    "datasets": {"dossier": _dataset("post_in", "post_out", intake="one_stop")},
                },
                "exchange": {
                    "code": "exchange",
                    "kind": "files",
                    "title": "",
                    "datasets": {"document": _dataset(), "document_status": _dataset()},
                },
                "registers": {
                    "code": "registers",
                    "kind": "files",
                    "title": "",
                    "datasets": {
                        "dossier": _dataset("post_in", "post_out", intake="direct"),
                        "procedure": _dataset(),
                        "procedure_review": _dataset(),
                        "reported_measure": _dataset(),
                    },
                },
            },
            "sources": {s["code"]: s for s in sources},
            "measures": {m["code"]: m for m in measures},
            "indicator_sets": {n: indicator_set(n) for n in ("seed-2022", "province-core")},
        }
    )


PUBLICATIONS: list[dict[str, Any]] = [
    {
        "code": "seed",
        "title": "Sở Giáo dục và Đào tạo",
        "indicator_set": "seed-2022",
        "units": [UNIT],
        "period": SEED,
    },
    {
        "code": "province",
        "title": "Toàn tỉnh",
        "indicator_set": "province-core",
        "units": "province",
        "period": "report_month",
    },
    {
        "code": "departments",
        "title": "Sở, ban, ngành",
        "indicator_set": "province-core",
        "units": "departments",
        "period": "report_month",
    },
    {
        "code": "communes",
        "title": "Xã, phường",
        "indicator_set": "province-core",
        "units": "communes",
        "period": "report_month",
    },
]

# 11,999 dossiers: 1,237 in the software, 10,762 over the counter; 13 procedures; 11,727 by post both ways.
_DOSSIERS = """
insert into core.dossier (
    unit_code, source_code, dossier_code, procedure_code, intake, channel, online_level, status,
    received_at, due_at, finished_at, has_result, post_in, post_out, row_hash, delivery_id, row_no, pulled_at
)
select
    'SGDDT', case when n <= 1237 then 'sgddt-motcua' else 'sgddt-sotay' end, 'h' || n, '1.0000' || (10 + n % 13),
    case when n <= 1237 then 'one_stop' else 'direct' end, 'direct', 'unknown', 'finished',
    r, r + interval '5 days',
    r + case when n <= 194 then interval '2 days' when n > 11995 then interval '9 days' else interval '5 days' end,
    true, n > 272, n > 272, 'x', gen_random_uuid(), n, now()
from (
    select n, timestamptz '2022-01-01 08:00+07' + (n % 270) * interval '1 day' as r from generate_series(1, 11999) as n
) as made
"""
_DOCUMENTS = """
insert into core.document (
    unit_code, source_code, document_code, direction, registered_on, form, is_signed, action,
    row_hash, delivery_id, row_no, pulled_at
)
select
    'SGDDT', 'sgddt-vanban', 'v' || n, case when n <= 8619 then 'in' else 'out' end,
    date '2022-01-01' + n % 280,
    case when n <= 6 then 'paper' when n > 11002 then 'parallel' else 'electronic' end,
    case when n > 8619 then n <= 8619 + 2299 end, 'new', 'x', gen_random_uuid(), n, now()
from generate_series(1, 8619 + 2412) as n
"""
_PROCEDURES = """
insert into core.procedure (
    unit_code, source_code, procedure_code, valid_from, online_level, level_scheme, term_value, term_unit,
    row_hash, delivery_id, row_no, pulled_at
)
select
    'SGDDT', 'sgddt-sotay', '1.0000' || (9 + n), date '2021-01-01', case when n <= 84 then '4' else '3' end,
    'TT 32/2017', n, case when n = 1 then 'working_day' else 'day' end, 'x', gen_random_uuid(), n, now()
from generate_series(1, 125) as n
"""
_REVIEWS = """
insert into core.procedure_review (
    unit_code, source_code, procedure_code, reviewed_on, shorter_term_proposed, row_hash, delivery_id, row_no, pulled_at
)
select 'SGDDT', 'sgddt-sotay', '1.0000' || (9 + n), date '2022-09-01', n <= 52, 'x', gen_random_uuid(), n, now()
from generate_series(1, 125) as n
"""


def load(engine: Engine) -> None:
    """Put the seed's unit into core, state that its sources delivered, refresh the marts."""
    for code, unit in (
        ("sgddt-motcua", UNIT),
        ("sgddt-vanban", UNIT),
        ("sgddt-sotay", UNIT),
        ("syt-motcua", "SYT"),
    ):
        source(engine, unit, code)
    with engine.begin() as connection:
        for statement in (_DOSSIERS, _DOCUMENTS, _PROCEDURES, _REVIEWS):
            connection.execute(text(statement))
    year = {"period_from": date(2022, 1, 1), "period_to": date(2022, 10, 13)}
    write(
        engine,
        "reported_measure",
        UNIT,
        "sgddt-sotay",
        [
            {"measure_code": "share_units_on_document_system", **year, "numerator": 30, "denominator": 30},
            {
                "measure_code": "share_staff_official_mail",
                **year,
                "ratio": 100,
                "evidence": "Báo cáo 120/BC-SGDĐT",
            },
            {
                "measure_code": "share_procedures_term_cut",
                "period_from": date(2019, 1, 1),
                "period_to": date(2019, 12, 31),
                "ratio": 75,
                "evidence": "Báo cáo năm 2019",
            },
        ],
    )
    watermark(engine, UNIT, "sgddt-motcua", DAY, "dossier")
    watermark(engine, UNIT, "sgddt-vanban", DAY, "document", "document_status")
    watermark(
        engine, UNIT, "sgddt-sotay", DAY, "dossier", "procedure", "procedure_review", "reported_measure"
    )
    marts.rebuild(engine)
