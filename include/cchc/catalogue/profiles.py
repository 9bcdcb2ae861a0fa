"""How a vendor's system speaks, as a profile says it: its records, how their fields are read, what is kept of them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from cchc.catalogue.base import Code, DatasetName, Model, OnTimeRule, Zone

#: Datasets whose records happen on a day (`cchc.warehouse.datasets.HAPPENED` says on which).
CAN_BE_COMPLETE: tuple[DatasetName, ...] = ("dossier", "document", "petition", "inspection")


#: Kinds of the national portal, which is no server of a unit: whatever it answers, engineers of the province look.
NATIONAL = ("national", "portal766")


class Reread(Model):
    """Now and then a source is read from further back: rows that came late and rows that are gone are found."""

    every_days: int = Field(default=7, ge=1)  # each source on its own night of so many
    days: int = Field(ge=0)  # how far back; 0: never


class FieldMap(Model):
    """Where one canonical field stands in a source's record and how its text is read."""

    path: str | None = None  # dotted path, CSV/XLSX column heading, or None for a constant
    constant: str | None = None
    type: Literal["code", "text", "integer", "number", "timestamp", "date", "time", "flag", "choice"] = "text"
    formats: tuple[str, ...] = ()  # of strptime, epoch_s or epoch_ms, tried in order (timestamp, date)
    zone: Zone | None = None  # of local times; default the profile's
    empty: tuple[str, ...] = ("",)  # texts that mean "not given"
    choices: dict[str, str | None] = Field(default_factory=dict)  # source text → canonical (choice, flag)
    required: bool = False  # a record without a value here is bad
    optional: bool = False  # a register may lack this heading: then the field is empty
    present: bool = (
        False  # the source always names this field, be it empty; a page without it is a broken contract
    )

    @model_validator(mode="after")
    def _reads_from_one_place(self) -> FieldMap:
        if (self.path is None) == (self.constant is None):
            raise ValueError("a field has either a path or a constant")
        if self.type in ("timestamp", "date") and self.path is not None and not self.formats:
            raise ValueError(f"field at {self.path!r} needs the formats of its dates")
        if self.type == "choice" and not self.choices:
            raise ValueError(f"field at {self.path!r} needs its choices")
        return self


class Secrecy(Model):
    """Where a record carries its secrecy mark; marked records are refused at the door, content unread."""

    paths: tuple[str, ...]  # looked through for Mật, Tối mật, Tuyệt mật in any writing
    level: str | None = (
        None  # path that states nothing but the level: any text that is not ordinary is a mark
    )
    ordinary: tuple[str, ...] = ("", "Thường", "Không", "Không mật", "0")
    required: bool = (
        False  # a record without the level (or any of the paths) breaks the contract (fail closed)
    )


class DatasetMap(Model):
    """How one dataset is found in a source and read into canonical fields."""

    select: dict[str, Any] = Field(default_factory=dict)  # connector-specific: file pattern, sheet, direction
    fields: dict[str, FieldMap]
    # a delivery shows everything that happened on its days (of a register: on the days it has rows of), so that what is
    # missing is gone; a list filtered by the day of change does not: what changed later is not in it
    complete: bool = False
    personal: tuple[str, ...] = ()  # known personal or free-text paths: dropped without a note
    ignored: tuple[str, ...] = ()  # known paths that no indicator needs: dropped without a note
    secrecy: Secrecy | None = None


class Contract(Model):
    """What is done when a system's answers change, beside what would be misread, which always fails the delivery."""

    policy: Literal["evolve", "freeze"] = (
        "evolve"  # a new field: it is noted; freeze: it holds the delivery until a person accepts it
    )
    repeated: bool = (
        False  # a list of values may stand where one is read: the first counts (XML knows no kinds)
    )


class Profile(Model):
    """How one vendor's system speaks."""

    code: Code
    kind: Literal["rest", "opencps", "national", "igate", "edxml", "files", "database", "portal766"]
    title: str
    zone: Zone = "Asia/Ho_Chi_Minh"
    on_time_rule: OnTimeRule = "date"
    options: dict[str, Any] = Field(default_factory=dict)  # connector-specific: paths, page size, body rules
    datasets: dict[DatasetName, DatasetMap]
    contract: Contract = Contract()
    reread: Reread | None = None  # None: as the province has it

    @model_validator(mode="after")
    def _only_what_happens_on_a_day_is_complete(self) -> Profile:
        if wrong := [name for name, m in self.datasets.items() if m.complete and name not in CAN_BE_COMPLETE]:
            can = ", ".join(CAN_BE_COMPLETE)
            raise ValueError(
                f"profile {self.code}: {', '.join(wrong)}: complete is for records that happen on a day: {can}"
            )
        return self
