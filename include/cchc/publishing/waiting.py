"""What of each unit waits to be corrected, for insiders: what the mail to its contact lists.

Without what changes from pull to pull though the row does not: the same night again is the same release.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from cchc.catalogue.models import Catalogue
from cchc.indicators.words import DATASETS
from cchc.publishing.sql import query
from cchc.publishing.workbooks import places
from cchc.publishing.workbooks.corrections import OWNERS, Correction, Workload
from cchc.quality.rules import Rule, all_rules
from cchc.warehouse.datasets import KEYLESS

MOST = 2_000  # rows of a unit that its workbook lists: about 100 KB
_NAMES = {str(code): name for code, name in DATASETS.items()}


@dataclass(frozen=True)
class Kind:
    """The rows of one dataset of one source that break one rule."""

    source_code: str
    dataset: str  # Vietnamese
    rule_code: str
    message: str  # what is wrong and what it should be (Vietnamese)
    owner: str  # who can mend it (Vietnamese)
    rows: int  # every broken rule of a record is one, as in the workbook
    since: date


@dataclass(frozen=True)
class Waiting:
    """What of one unit waits; there is something."""

    kinds: tuple[Kind, ...]
    load: Workload

    @property
    def since(self) -> date:
        """The day the oldest of it was first seen."""
        return min(kind.since for kind in self.kinds)


def gather(connection: Connection, catalogue: Catalogue) -> dict[str, Waiting]:
    """Return what waits of each unit that has anything, by code, in the snapshot of `connection`."""
    names = {unit.code: unit.name for unit in catalogue.units}
    kinds: dict[str, list[Kind]] = defaultdict(list)
    zone = {"zone": catalogue.province.zone}
    for row in connection.execute(query("waiting"), zone):
        rule = all_rules().get(row.rule_code)
        kinds[row.unit_code].append(
            Kind(
                source_code=row.source_code,
                dataset=_NAMES.get(row.dataset, row.dataset),
                rule_code=row.rule_code,
                message=rule.message if rule else row.rule_code,
                owner=_owner(rule),
                rows=row.broken,
                since=row.since,
            )
        )
    if not kinds:
        return {}
    rows: dict[str, list[Correction]] = defaultdict(list)
    for row in connection.execute(query("waiting_rows"), {**zone, "most": MOST}):
        rows[row.unit_code].append(
            Correction(
                unit=names.get(row.unit_code, row.unit_code),
                source=row.source_code,
                dataset=_NAMES.get(row.dataset, row.dataset),
                record=places.record(row.dataset, row.record_key),
                message=row.message,
                owner=_owner(all_rules().get(row.rule_code)),
                place=_place(row.page, row.record_key),
                rule=row.rule_code,
                first_seen=row.first_seen,
                nights=None,
            )
        )
    return {
        unit: Waiting(tuple(of_unit), Workload(tuple(rows[unit]), sum(kind.rows for kind in of_unit)))
        for unit, of_unit in kinds.items()
    }


def _place(page: str, key: str) -> str:
    """Return where a row stands, as far as that lasts; of one that has no code the mail to its unit says it."""
    return places.lasting(page) or ("trong thư gửi đơn vị" if key.startswith(KEYLESS) else "")


def _owner(rule: Rule | None) -> str:
    """Return who can mend what breaks a rule; of a rule that is gone whoever runs this."""
    return OWNERS[rule.owner if rule else "engineer"]
