"""Which cells of the marts a fact row counts in: written once, for the load that marks them.

A cell is a day of a procedure, or a day where the dataset knows no procedures. A load marks the cells of every row
it inserts, and of the old and the new version of every row it replaces, in `ops.touched_day`. It takes `SHARE_MARTS`
before it reads or writes a row of the unit: `marts.refresh` takes the same lock alone, so a cell cannot be unmarked
between a load's marking and its commit (a lost mark would be a wrong number for good, and silently).
"""

from __future__ import annotations

from sqlalchemy import text

from cchc.catalogue.base import DATASETS, DatasetName
from cchc.warehouse.datasets import HAPPENED

#: Datasets that marts are made of. Reported measures and official scores are read as they stand, and so are findings of
#: inspections: they are about other units than the one whose register they stand in.
MART_DATASETS: tuple[DatasetName, ...] = tuple(
    d for d in DATASETS if d not in ("inspection", "reported_measure", "official_score")
)

#: Taken by a load at the start of its transaction; many loads of one unit share it. Parameter: unit.
SHARE_MARTS = text("select pg_advisory_xact_lock_shared(hashtextextended('mart ' || :unit, 0))")
#: Taken by the refresh of a unit's marts: alone.
HOLD_MARTS = text("select pg_advisory_xact_lock(hashtextextended('mart ' || :unit, 0))")


def local_day(timestamp: str) -> str:
    """Return the SQL expression of the local day on which a timestamptz falls."""
    return f"({timestamp} at time zone 'Asia/Ho_Chi_Minh')::date"


def happened_on(dataset: DatasetName, alias: str) -> str:
    """Return the SQL expression of the local day on which row `alias` happened; null where it has no such day."""
    column = HAPPENED.get(dataset)
    if column is None:
        return "cast(null as date)"
    return local_day(f"{alias}.{column}") if column.endswith("_at") else f"{alias}.{column}"


def happened_between(dataset: DatasetName, alias: str, first: str, last: str) -> str:
    """Return the SQL condition that row `alias` happened on the days first to last; an index can serve it."""
    column = f"{alias}.{HAPPENED[dataset]}"
    if not column.endswith("_at"):
        return f"{column} between {first} and {last}"

    def start(day: str) -> str:
        return f"({day})::timestamp at time zone 'Asia/Ho_Chi_Minh'"

    return f"{column} >= {start(first)} and {column} < {start(f'{last} + 1')}"


def event_procedure(dataset: DatasetName, alias: str) -> str:
    """Return an SQL expression of type text: the procedure under which row `alias` counts; empty where none does."""
    return f"{alias}.procedure_code" if dataset in ("dossier", "procedure", "procedure_review") else "''"


def event_days(dataset: DatasetName, alias: str, *, staged: bool = False) -> str:
    """Return an SQL expression of type date[]: the days on which row `alias` counts, nulls among them.

    `alias` is a row of `core.<dataset>` or, with `staged`, of `stg.<dataset>`, which has no own due time yet.
    Put `select distinct day from …, unnest(<expression>) as day where day is not null` around it.
    """
    row = alias
    days: dict[DatasetName, str] = {
        # of one dossier in two systems of its unit the first counts: the days of the other one are touched too
        "dossier": (
            f"({_dossier_days(row, staged=staged)} || case when {row}.unit_code in"
            " (select several.unit_code from core.source as several where several.listed > 1) then array("
            "select day from core.source as o inner join core.dossier as other"
            " on o.unit_code = other.unit_code and o.source_code = other.source_code"
            f" cross join unnest({_dossier_days('other')}) as day"
            f" where o.unit_code = {row}.unit_code and o.source_code <> {row}.source_code"
            f" and other.dossier_code = {row}.dossier_code and other.procedure_code = {row}.procedure_code) end)"
        ),
        # a recall, an update or a replacement moves what it is about: all days of it and of the messages about it
        "document": (
            f"({_document_days(row)} || array("
            f"select day from core.document as other cross join unnest({_document_days('other')}) as day"
            f" where other.unit_code = {row}.unit_code and other.source_code = {row}.source_code"
            f" and other.direction = {row}.direction and other.concerns is not null"
            f" and string_to_array(other.concerns, ';') && ({row}.document_code"
            f" || coalesce(string_to_array({row}.concerns, ';'), '{{}}')))"
            f" || case when {row}.concerns is not null then array("
            f"select day from core.document as other cross join unnest({_document_days('other')}) as day"
            f" where other.unit_code = {row}.unit_code and other.source_code = {row}.source_code"
            f" and other.direction = {row}.direction"
            f" and other.document_code = any(string_to_array({row}.concerns, ';'))) end)"
        ),
        # a document counts on the day of its first acknowledgement: an earlier one moves it off a later day
        "document_status": (
            f"(array[{local_day(f'{row}.status_at')}] || array("
            f"select {local_day('other.status_at')} from core.document_status as other"
            f" where other.unit_code = {row}.unit_code and other.source_code = {row}.source_code"
            f" and other.document_code = {row}.document_code))"
        ),
        # a later version of a procedure ends the earlier one, so every version's days are touched
        "procedure": (
            f"(array[{row}.valid_from, {row}.valid_to + 1, {row}.announced_on, {row}.published_on] || array("
            f"select day from core.procedure as other, unnest(array[other.valid_from, other.valid_to + 1])"
            f" as day where other.unit_code = {row}.unit_code and other.source_code = {row}.source_code"
            f" and other.procedure_code = {row}.procedure_code))"
        ),
        "procedure_review": f"array[{row}.reviewed_on]",
        # received, the day after due, answered
        "petition": (
            f"array[{local_day(f'{row}.received_at')}, {local_day(f'{row}.due_at')} + 1,"
            f" {local_day(f'{row}.answered_at')}]"
        ),
        # read as they stand: no mart is made of them
        "inspection": "array[]::date[]",
        "official_score": "array[]::date[]",
        "reported_measure": "array[]::date[]",
    }
    return days[dataset]


def _document_days(row: str) -> str:
    """Return the days of a document itself: registered, overdue from (or registered, where that is later), done."""
    return f"array[{row}.registered_on, {row}.due_on + 1, {row}.done_on]"


def _dossier_days(row: str, *, staged: bool = False) -> str:
    """Return the days of a dossier itself.

    Received, overdue from (the day after due, or the day received where that is later), ended, asked for papers,
    papers complete, apologised for; with the wait given back the due day is a later one.
    """
    due = f"{row}.due_at" if staged else f"coalesce({row}.due_at, {row}.own_due_at)"
    paused = (
        f"case when {row}.supplement_completed_at is not null"
        f" then core.paused_due_at({due}, {row}.supplement_at, {row}.supplement_completed_at) end"
    )
    return (
        f"array[{local_day(f'{row}.received_at')}, {local_day(due)} + 1,"
        f" {local_day(f'{row}.finished_at')}, {local_day(f'{row}.returned_at')},"
        f" {local_day(f'{row}.supplement_at')}, {local_day(f'{row}.supplement_completed_at')},"
        f" {local_day(f'({paused})')} + 1, {local_day(f'{row}.apology_at')}]"
    )
