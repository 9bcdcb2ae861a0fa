"""The canonical columns of every dataset: what staging writes and a load merges. A test holds them to the tables."""

from __future__ import annotations

from cchc.catalogue.models import DatasetName

#: Canonical columns and their PostgreSQL types, in table order.
TYPES: dict[DatasetName, dict[str, str]] = {
    "dossier": {
        "dossier_code": "text",
        "procedure_code": "text",
        "field_code": "text",
        "intake": "text",
        "channel": "text",
        "online_level": "text",
        "status": "text",
        "received_at": "timestamptz",
        "due_at": "timestamptz",
        "finished_at": "timestamptz",
        "returned_at": "timestamptz",
        "supplement_at": "timestamptz",
        "post_in": "boolean",
        "post_out": "boolean",
        "paid_online": "boolean",
        "has_duty": "boolean",
        "electronic_result": "boolean",
        "has_result": "boolean",
    },
    "document": {
        "document_code": "text",
        "direction": "text",
        "registered_on": "date",
        "form": "text",
        "is_signed": "boolean",
        "document_type": "text",
        "counterpart": "text",
        "action": "text",
        "due_on": "date",
    },
    "document_status": {
        "document_code": "text",
        "responder": "text",
        "status_code": "text",
        "status_at": "timestamptz",
    },
    "procedure": {
        "procedure_code": "text",
        "valid_from": "date",
        "valid_to": "date",
        "field_code": "text",
        "level_scheme": "text",
        "online_level": "text",
        "term_value": "numeric",
        "term_unit": "text",
    },
    "procedure_review": {
        "procedure_code": "text",
        "reviewed_on": "date",
        "shorter_term_proposed": "boolean",
    },
    "reported_measure": {
        "measure_code": "text",
        "period_from": "date",
        "period_to": "date",
        "value": "numeric",
        "numerator": "numeric",
        "denominator": "numeric",
        "ratio": "numeric",
        "evidence": "text",
    },
}

COLUMNS: dict[DatasetName, tuple[str, ...]] = {dataset: tuple(types) for dataset, types in TYPES.items()}

#: What identifies a record within its unit and source.
KEYS: dict[DatasetName, tuple[str, ...]] = {
    "dossier": ("dossier_code",),
    "document": ("direction", "document_code"),
    "document_status": ("document_code", "responder", "status_code", "status_at"),
    "procedure": ("procedure_code", "valid_from"),
    "procedure_review": ("procedure_code", "reviewed_on"),
    "reported_measure": ("measure_code", "period_from", "period_to"),
}
