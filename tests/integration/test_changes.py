"""The three changes in the office's morning mail: from two real releases, at most one mail a day, none for nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, text

from cchc.alerting import beside, changes, digest, outbox
from cchc.catalogue.load import cached
from cchc.catalogue.models import Catalogue
from cchc.settings import SHIPPED_CATALOGUE, Smtp
from integration.mailing import DAY, Mailbox, body, catalogue, night
from integration.rows import new_run

FIRST = date(2026, 10, 20)


def _catalogue(**province: object) -> Catalogue:
    shipped = cached(SHIPPED_CATALOGUE)
    return catalogue(**province).model_copy(
        update={"measures": shipped.measures, "indicator_sets": shipped.indicator_sets}
    )


def _released(
    engine: Engine,
    day: date,
    values: dict[tuple[str, str], tuple[float, int | None]],
    word: str = "a",
    *,
    reason: str | None = None,
    up_to: date | None = None,
) -> str:
    """Enter a release of a day: (unit, indicator) → value and denominator, of the report month up to the day."""
    release_id = f"{day}-{word * 12}"
    begins = date(2026, 11, 15) if day >= date(2026, 11, 15) else date(2026, 10, 15)
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into publish.release (release_id, reporting_day, content_sha256, path, sources_expected,"
                " sources_fresh) values (:id, :day, :id, '', 3, 3)"
            ),
            {"id": release_id, "day": day},
        )
        connection.execute(
            text(
                "insert into publish.indicator_value (release_id, unit_code, set_code, indicator_code, period_from,"
                " period_to, value, numerator, denominator, printed, reason, coverage) values (:id, :unit,"
                " 'province-core', :code, :begins, :up_to, :value, :value, :denominator, :printed, :reason, 1)"
            ),
            [
                {
                    "id": release_id,
                    "unit": unit,
                    "code": code,
                    "begins": begins,
                    "up_to": up_to or day,
                    "value": value,
                    "denominator": denominator,
                    "reason": reason,
                    "printed": f"{value:.1f}%".replace(".", ",") if denominator else f"{value:.0f}",
                }
                for (unit, code), (value, denominator) in values.items()
            ],
        )
    return release_id


def _history(engine: Engine) -> None:
    """Enter a release for each of many days, whose on-time share moves by 0.2 and whose received dossiers grow."""
    for number in range((DAY - FIRST).days):
        wobble = 0.2 * (number % 2)
        _released(
            engine,
            FIRST + timedelta(days=number),
            {
                ("H14", "on-time-share"): (93.8 + wobble, 5000),
                ("H14", "received"): (4000 + 150 * number, None),
                ("H14", "overdue-in-process"): (120 + number % 3, None),
                ("SYT", "on-time-share"): (96.0 + wobble, 400),
            },
        )


def test_what_moved_more_than_usual_is_told_and_a_growing_count_is_not(warehouse: Engine) -> None:
    _history(warehouse)
    night(warehouse, -1)
    night(warehouse, 0, failing=("SNV",))
    _released(
        warehouse,
        DAY,
        {
            ("H14", "on-time-share"): (92.6, 5100),
            ("H14", "received"): (9000, None),
            ("H14", "overdue-in-process"): (121, None),
            ("SYT", "on-time-share"): (90.0, 410),
        },
    )
    found = changes.read(warehouse, _catalogue(), DAY)
    assert [(one.kind, one.worse) for one in found] == [("sources", True), ("province", True), ("unit", True)]
    assert found[0].text == "1 nguồn không còn gửi số liệu"
    assert found[0].detail == "Sở Nội vụ – Sổ theo dõi"
    assert found[1].text == "Trước hạn và đúng hạn giảm 1,2 điểm: từ 93,8% (13/11) còn 92,6%"
    assert "tháng 11/2026 (15/10/2026 – 14/11/2026). Thường mỗi ngày thay đổi 0,2 điểm" in found[1].detail
    assert found[2].detail.startswith("Sở Y tế, ")
    assert changes.read(warehouse, _catalogue(), DAY + timedelta(days=1)) == (), "no release of that day"
    assert changes.read(warehouse, _catalogue(), FIRST) == (), "the first release changes nothing"


def test_a_month_that_begins_anew_is_no_fall_and_a_balance_goes_on(warehouse: Engine) -> None:
    _history(warehouse)
    last = {("H14", "on-time-share"): (93.8, 5000), ("H14", "received"): (8000.0, None)}
    _released(warehouse, DAY, {**last, ("H14", "overdue-in-process"): (120, None)})
    begun = {("H14", "on-time-share"): (70.0, 100), ("H14", "received"): (120.0, None)}
    _released(warehouse, DAY + timedelta(days=1), {**begun, ("H14", "overdue-in-process"): (140, None)})
    (only,) = changes.read(warehouse, _catalogue(), DAY + timedelta(days=1))
    assert only.text == "Đang giải quyết quá hạn tăng 20 hồ sơ: từ 120 (14/11) lên 140"


def test_a_balance_that_stands_in_two_periods_is_told_once(warehouse: Engine) -> None:
    _history(warehouse)
    _released(warehouse, DAY, {("H14", "overdue-in-process"): (140, None)})
    with warehouse.begin() as connection:
        connection.execute(
            text(
                "insert into publish.indicator_value (release_id, unit_code, set_code, indicator_code, period_from,"
                " period_to, value, printed, coverage) select release_id, unit_code, set_code, indicator_code,"
                " '2025-12-15', period_to, value, printed, coverage from publish.indicator_value"
                " where indicator_code = 'overdue-in-process'"
            )
        )
    (only,) = changes.read(warehouse, _catalogue(), DAY)
    assert only.text == "Đang giải quyết quá hạn tăng 20 hồ sơ: từ 120 (13/11) lên 140"
    assert only.detail == "Toàn tỉnh, đến hết ngày 14/11/2026. Thường mỗi ngày thay đổi 1 hồ sơ"


def test_a_number_that_lacks_units_moves_with_every_one_that_comes_in_and_is_not_told(
    warehouse: Engine,
) -> None:
    lacks = "16 trên 17 đơn vị"
    for days, share, reason in ((3, 90.0, None), (2, 80.0, lacks), (1, 70.0, lacks), (0, 60.0, None)):
        _released(warehouse, DAY - timedelta(days), {("H14", "on-time-share"): (share, 5000)}, reason=reason)
        assert changes.read(warehouse, _catalogue(), DAY - timedelta(days)) == ()
    _released(warehouse, DAY + timedelta(days=20), {("H14", "on-time-share"): (60.0, 5000)})
    _released(warehouse, DAY + timedelta(days=21), {("H14", "on-time-share"): (50.0, 5000)})
    assert changes.read(warehouse, _catalogue(), DAY + timedelta(days=21))


def test_what_a_month_begins_with_is_neither_a_change_nor_usual(warehouse: Engine) -> None:
    begins = DAY + timedelta(days=1)
    shares = ((100.0, 26), (69.5, 400), (69.0, 790), (69.5, 1200), (69.0, 1600), (68.0, 2000))
    for days, share in enumerate(shares):
        _released(warehouse, begins + timedelta(days), {("H14", "on-time-share"): share})
    found = [changes.read(warehouse, _catalogue(), begins + timedelta(days)) for days in range(6)]
    assert [len(told) for told in found] == [0, 0, 1, 1, 1, 1]
    assert found[-1][0].detail.endswith(". Thường mỗi ngày thay đổi 0,5 điểm")


def test_a_period_that_has_ended_is_not_compared_with_one_that_begins_alike(warehouse: Engine) -> None:
    ended = DAY - timedelta(days=9)  # a part of it, beside which the whole one goes on
    _released(warehouse, DAY - timedelta(days=2), {("H14", "on-time-share"): (90.0, 5000)}, up_to=ended)
    _released(warehouse, DAY - timedelta(days=1), {("H14", "on-time-share"): (80.0, 5000)}, up_to=ended)
    _released(warehouse, DAY, {("H14", "on-time-share"): (60.0, 5000)})
    assert changes.read(warehouse, _catalogue(), DAY - timedelta(days=1)), "mended since"
    assert changes.read(warehouse, _catalogue(), DAY) == ()


def test_the_last_release_of_an_earlier_day_counts_and_not_an_earlier_one_of_today(warehouse: Engine) -> None:
    _released(warehouse, DAY - timedelta(days=3), {("H14", "on-time-share"): (90.0, 5000)}, "a")
    _released(warehouse, DAY - timedelta(days=3), {("H14", "on-time-share"): (95.0, 5000)}, "b")
    _released(warehouse, DAY, {("H14", "on-time-share"): (80.0, 5000)}, "a")
    _released(warehouse, DAY, {("H14", "on-time-share"): (94.0, 5000)}, "b")
    (only,) = changes.read(warehouse, _catalogue(), DAY)
    assert only.text == "Trước hạn và đúng hạn giảm 1,0 điểm: từ 95,0% (11/11) còn 94,0%"


def test_a_period_that_was_closed_or_opened_again_is_told_first(warehouse: Engine) -> None:
    _released(warehouse, DAY - timedelta(days=1), {("H14", "on-time-share"): (90.0, 5000)})
    closing = (
        "insert into publish.closed_period (calendar, period, revision, period_from, period_to, reporting_day,"
        " closed_by, catalogue_sha256, on_time_rules, sources_expected, sources_complete) values"
        " ('report', '2026-10', 0, '2026-09-15', '2026-10-14', '2026-11-13', 'Nguyễn An', '', '{}', 3, 3)"
    )
    with warehouse.begin() as connection:
        connection.execute(text(closing))
        reopening = (
            "insert into publish.reopening values ('report', '2026-10', 0, clock_timestamp(), 'A', 'bổ sung')"
        )
        connection.execute(text(reopening))
    _released(warehouse, DAY, {("H14", "on-time-share"): (80.0, 5000)})
    opened, closed, fell = changes.read(warehouse, _catalogue(), DAY)
    assert opened.text == "Đã mở lại tháng 10/2026 (15/09/2026 – 14/10/2026)"
    assert opened.detail == "Bản 0. Lý do: bổ sung"
    assert (closed.text.partition(" (")[0], closed.worse) == ("Đã chốt tháng 10/2026", None)
    assert (fell.kind, opened.path) == ("province", "ky/index.html")


@pytest.mark.parametrize("sent_before", [False, True])
def test_the_office_gets_one_mail_a_day_with_the_changes_on_top(
    warehouse: Engine, mailbox: Mailbox, smtp: Smtp, sent_before: bool
) -> None:
    known = _catalogue()
    night(warehouse, -1)
    _released(warehouse, DAY - timedelta(days=1), {("H14", "on-time-share"): (93.8, 5000)})
    run_id = night(warehouse, 0)
    _released(warehouse, DAY, {("H14", "on-time-share"): (92.6, 5000)}, "a")

    def tell(run: object = run_id) -> None:
        extras = beside.read(warehouse, known, DAY, _started(warehouse))
        digest.compose(warehouse, known, run, extras, "https://cchc.tinh.test/")  # type: ignore[arg-type]

    tell()
    if sent_before:
        outbox.send(warehouse, smtp)
    _released(warehouse, DAY, {("H14", "on-time-share"): (91.0, 5000)}, "b")
    tell(new_run(warehouse))
    outbox.send(warehouse, smtp)
    (mail,) = mailbox.messages()
    assert mail["To"] == "vp@tinh.test", "nobody else has anything to do with it"
    now = "92,6%" if sent_before else "91,0%"
    assert str(mail["Subject"]).startswith("[CCHC] 14/11/2026: Trước hạn và đúng hạn giảm ")
    said = body(mail)
    assert said.index("THAY ĐỔI ĐÁNG CHÚ Ý NHẤT") < said.index(f"(13/11) còn {now}")
    assert "https://cchc.tinh.test/index.html" in said
    assert f"còn {now}" in body(mail, "html")
    assert '<a href="https://cchc.tinh.test/index.html"' in body(mail, "html")


def test_nothing_changed_is_no_mail(warehouse: Engine) -> None:
    known = _catalogue()
    night(warehouse, -1)
    _released(warehouse, DAY - timedelta(days=1), {("H14", "on-time-share"): (93.8, 5000)})
    run_id = night(warehouse, 0)
    _released(warehouse, DAY, {("H14", "on-time-share"): (93.8, 5020)})
    extras = beside.read(warehouse, known, DAY, _started(warehouse))
    assert extras.changes == ()
    assert digest.compose(warehouse, known, run_id, extras) == 0


def _started(engine: Engine) -> object:
    with engine.connect() as connection:
        return connection.execute(text("select max(started_at) from ops.run")).scalar_one()
