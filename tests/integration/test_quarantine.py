"""Quarantine over nights: what opens an item, what closes it, in whatever order extracts arrive; and how to look in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from cchc.errors import ConfigurationError
from cchc.ops import upkeep
from cchc.quality import gate, quarantine
from cchc.warehouse.load import LoadCounts, load_delivery
from integration.rows import catalogue, delivery, good, new_run

OTHERS = [good("dossier", n) for n in range(2, 6)]  # so that one bad row is a small share


def night(
    engine: Engine, hours: int, *rows: dict[str, Any], unit: str = "SGDDT", source: str = "sgddt-motcua"
) -> LoadCounts:
    """Judge and load an extract with `rows` that was pulled at that hour."""
    run_id = new_run(engine)
    one = delivery(
        engine,
        run_id,
        "dossier",
        [*OTHERS, *rows],
        unit=unit,
        source=source,
        pulled=timedelta(hours=hours),
    )
    gate.run(engine, run_id, catalogue())
    return load_delivery(engine, run_id, one, "m1")


def states(engine: Engine) -> dict[str, str]:
    """Return the state of each rule's item of dossier 1."""
    with engine.connect() as connection:
        found = connection.execute(
            text("select rule_code, state from quarantine.item where record_key like '%-0001'")
        )
        return {row.rule_code: row.state for row in found}


BAD = good("dossier", 1, status="lost")
OTHERWISE_BAD = good("dossier", 1, channel="fax")
FINE = good("dossier", 1)


def test_a_reason_that_is_gone_is_closed_though_the_row_is_still_bad(warehouse: Engine) -> None:
    night(warehouse, 1, BAD)
    night(warehouse, 2, OTHERWISE_BAD)
    assert states(warehouse) == {"DOSSIER_STATUS_UNKNOWN": "corrected", "DOSSIER_CHANNEL_UNKNOWN": "open"}


def test_a_row_that_goes_bad_again_opens_its_item_again(warehouse: Engine) -> None:
    for hour, row in enumerate((BAD, FINE, BAD)):
        night(warehouse, hour, row)
    assert states(warehouse) == {"DOSSIER_STATUS_UNKNOWN": "open"}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=["in order", "older one late"])
@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        (BAD, FINE, {"DOSSIER_STATUS_UNKNOWN": "corrected"}),
        (FINE, BAD, {"DOSSIER_STATUS_UNKNOWN": "open"}),
        (BAD, BAD, {"DOSSIER_STATUS_UNKNOWN": "open"}),
    ],
    ids=["corrected", "went bad", "stayed bad"],
)
def test_the_later_pull_has_the_say_whichever_arrives_last(
    warehouse: Engine,
    order: tuple[int, int],
    first: dict[str, Any],
    second: dict[str, Any],
    wanted: dict[str, str],
) -> None:
    pulls = {1: first, 2: second}
    for hour in order:
        counts = night(warehouse, hour, pulls[hour])
        counts.check(new_run(warehouse))
        assert counts.quarantined == int(pulls[hour] is BAD)
    assert states(warehouse) == wanted


def test_rows_without_a_key_are_known_by_their_content_until_they_are_gone(warehouse: Engine) -> None:
    one, other = good("dossier", 1, dossier_code=None), good("dossier", 1, dossier_code=None, channel="post")
    night(warehouse, 1, one, other, one)
    items = quarantine.find(warehouse)
    assert len(items) == 2, "the same twice is one thing to correct"
    assert all(item.record_key.startswith("không có mã: ") for item in items)
    night(
        warehouse, 2, FINE, other
    )  # a row more before it: its place moved, it is the same; the first has its code now
    (left,) = quarantine.find(warehouse)
    assert left.page == items[0].page
    assert left.last_seen > left.first_seen
    assert len(quarantine.find(warehouse, state="corrected")) == 1
    night(warehouse, 3)
    assert quarantine.find(warehouse) == []


def test_a_row_without_its_day_is_gone_with_the_next_delivery_that_lacks_it(warehouse: Engine) -> None:
    """It may have its mark of secrecy now: nobody is shown its code any longer."""
    dateless = good("dossier", 1, received_at=None)
    night(warehouse, 1, dateless)
    night(warehouse, 2, dateless)
    assert set(states(warehouse).values()) == {"open"}
    night(warehouse, 3)
    assert set(states(warehouse).values()) == {"corrected"}
    night(warehouse, 4, dateless)
    assert set(states(warehouse).values()) == {"open"}


def test_find_filters_and_show_tells_all(warehouse: Engine) -> None:
    night(warehouse, 1, BAD)
    night(warehouse, 1, good("dossier", 9, channel="fax"), unit="SNV", source="snv-motcua")
    night(warehouse, 2, good("dossier", 9), unit="SNV", source="snv-motcua")
    (item,) = quarantine.find(warehouse)
    assert (item.unit_code, item.rule_code, item.state) == ("SGDDT", "DOSSIER_STATUS_UNKNOWN", "open")
    assert [i.unit_code for i in quarantine.find(warehouse, state="corrected")] == ["SNV"]
    assert len(quarantine.find(warehouse, state=None)) == 2
    assert len(quarantine.find(warehouse, state=None, limit=1)) == 1
    assert [i.source_code for i in quarantine.find(warehouse, source="snv-motcua", state=None)] == [
        "snv-motcua"
    ]
    assert quarantine.find(warehouse, unit="SNV") == []
    assert [i.item_id for i in quarantine.find(warehouse, rule="DOSSIER_STATUS_UNKNOWN")] == [item.item_id]

    shown = quarantine.show(warehouse, item.item_id)
    assert shown is not None
    assert shown["row.dossier_code"] == FINE["dossier_code"]
    assert shown["row.status"] == "lost"
    assert shown["rule_origin"] == "danh mục trạng thái hồ sơ quốc gia (1–10)"
    assert (shown["page"], shown["landing_file"]) == ("1", "x")
    assert quarantine.show(warehouse, 10**9) is None


def test_a_waived_row_stays_waived_while_it_is_the_same(warehouse: Engine) -> None:
    night(warehouse, 1, BAD)
    (item,) = quarantine.find(warehouse)
    for by, reason in ((" ", "sổ giấy"), ("Lan", "")):
        with pytest.raises(ConfigurationError, match="name of the person"):
            quarantine.waive(warehouse, item.item_id, by, reason)
    quarantine.waive(warehouse, item.item_id, "Lan", "hồ sơ giấy cũ")
    with pytest.raises(ConfigurationError, match=f"no open quarantine item {item.item_id}"):
        quarantine.waive(warehouse, item.item_id, "Lan", "hồ sơ giấy cũ")
    counts = night(warehouse, 2, BAD)
    assert (counts.quarantined, states(warehouse)) == (1, {"DOSSIER_STATUS_UNKNOWN": "waived"})
    shown = quarantine.show(warehouse, item.item_id)
    assert shown is not None
    assert (shown["closed_by"], shown["closed_reason"]) == ("Lan", "hồ sơ giấy cũ")

    night(warehouse, 3, BAD | {"field_code": "GD02"})
    assert states(warehouse) == {"DOSSIER_STATUS_UNKNOWN": "open"}
    quarantine.waive(warehouse, item.item_id, "Lan", "như trước")
    night(warehouse, 4, FINE)
    assert states(warehouse) == {"DOSSIER_STATUS_UNKNOWN": "corrected"}


def test_a_row_that_nobody_shows_any_more_expires_and_opens_again_when_it_comes(warehouse: Engine) -> None:
    night(warehouse, 1, BAD)
    older = text("update quarantine.item set last_seen = clock_timestamp() - make_interval(days => :days)")
    for days, wanted in ((399, "open"), (401, "expired")):
        with warehouse.begin() as connection:
            connection.execute(older, {"days": days})
        assert upkeep.maintain(warehouse, checked_files=0)["quarantined_rows_expired"] == (days > 400)
        assert states(warehouse) == {"DOSSIER_STATUS_UNKNOWN": wanted}
    night(warehouse, 2, BAD)
    assert states(warehouse) == {"DOSSIER_STATUS_UNKNOWN": "open"}
