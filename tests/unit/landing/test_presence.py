from __future__ import annotations

import pytest

from cchc.catalogue.models import DatasetMap
from cchc.errors import ContractBroken
from cchc.landing.presence import Presence

MAP = DatasetMap.model_validate(
    {
        "fields": {
            "dossier_code": {"path": "id", "required": True},
            "finished_at": {"path": "ended", "type": "date", "formats": ["%d"], "present": True},
            "field_code": {"path": "field"},
        }
    }
)
WHOLE: dict[str, object] = {"id": "1", "ended": None}


def watch(*records: tuple[str, dict[str, object]]) -> None:
    presence = Presence("s", MAP)
    for page, fields in records:
        presence.see(page, fields)
    presence.check()


def test_fields_that_some_record_of_the_page_has_are_there() -> None:
    watch(("1", WHOLE), ("1", {}), ("2", {"id": "2"}), ("2", {"ended": "1"}))
    watch()


def test_a_field_gone_from_a_whole_page_breaks_the_contract() -> None:
    with pytest.raises(ContractBroken, match=r"\[page 2\]: field ended is in none of the 2 records"):
        watch(("1", WHOLE), ("2", {"id": "2"}), ("2", {"id": "3"}))
    with pytest.raises(ContractBroken, match=r"\[page 1\]: field ended, id"):
        watch(("1", {}), ("1", {}), ("2", WHOLE))


def test_a_single_record_may_lack_it_by_its_own_mistake() -> None:
    watch(("1", WHOLE), ("1", WHOLE), ("2", {"id": "3"}))
