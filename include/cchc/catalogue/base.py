"""What every model of the catalogue shares: strictness, codes, and the names of datasets and on-time rules."""

from __future__ import annotations

from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

DatasetName = Literal[
    "dossier",
    "document",
    "document_status",
    "procedure",
    "procedure_review",
    "petition",
    "inspection",
    "official_score",
    "reported_measure",
]
DATASETS: tuple[DatasetName, ...] = get_args(DatasetName)
OnTimeRule = Literal["date", "timestamp", "returned-date", "opencps-batch", "opencps-live", "portal-766"]


def _text_code(value: object) -> object:
    """YAML reads 01273 as a number and 1e5 as a float: a code must be quoted text."""
    if not isinstance(value, str):
        raise ValueError(f"code {value!r} must be quoted text, or its leading zeros are lost")
    return value


_CODE_PATTERN = r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$"
Code = Annotated[str, BeforeValidator(_text_code), Field(pattern=_CODE_PATTERN)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # OSError: a folder of zones, as Asia is
        raise ValueError(f"there is no time zone {name}: Vietnam's is Asia/Ho_Chi_Minh") from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class Model(BaseModel):
    """Frozen, strict base of the catalogue."""

    model_config = ConfigDict(frozen=True, extra="forbid")
