"""The canonical columns of each dataset in the order of its staging table, and its natural key."""

from __future__ import annotations

from collections.abc import Mapping

from cchc.catalogue.models import DatasetName

#: columns every staging table begins with
CONTEXT = ("run_id", "delivery_id", "row_no", "page", "unit_code", "source_code", "cast_errors", "row_hash")

COLUMNS: Mapping[DatasetName, tuple[str, ...]] = {
    "dossier": (
        "dossier_code",
        "procedure_code",
        "field_code",
        "intake",
        "channel",
        "online_level",
        "status",
        "received_at",
        "due_at",
        "finished_at",
        "returned_at",
        "supplement_at",
        "supplement_completed_at",
        "supplement_requests",
        "extended_at",
        "post_in",
        "post_out",
        "paid_online",
        "has_duty",
        "electronic_result",
        "has_result",
    ),
    "document": (
        "document_code",
        "direction",
        "registered_on",
        "form",
        "is_signed",
        "document_type",
        "counterpart",
        "action",
        "due_on",
    ),
    "document_status": ("document_code", "responder", "status_code", "status_at"),
    "procedure": (
        "procedure_code",
        "valid_from",
        "valid_to",
        "field_code",
        "level_scheme",
        "online_level",
        "term_value",
        "term_unit",
    ),
    "procedure_review": ("procedure_code", "reviewed_on", "shorter_term_proposed"),
    "reported_measure": (
        "measure_code",
        "period_from",
        "period_to",
        "value",
        "numerator",
        "denominator",
        "ratio",
        "evidence",
    ),
}

#: within one unit and source
NATURAL_KEY: Mapping[DatasetName, tuple[str, ...]] = {
    "dossier": ("dossier_code",),
    "document": ("direction", "document_code"),
    "document_status": ("document_code", "responder", "status_code", "status_at"),
    "procedure": ("procedure_code", "valid_from"),
    "procedure_review": ("procedure_code", "reviewed_on"),
    "reported_measure": ("measure_code", "period_from", "period_to"),
}
