"""What changed most between what is published and the last release of an earlier day, for the office (docs/adr/0029).

Every number is one of a release; nothing is computed anew. Only like is compared with like: a share of a period with
the share of the same period a day before, where both are of enough records; a balance with the balance. A count that
grows all month, and begins anew with it, is no news on any day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from sqlalchemy import Connection, Engine

from cchc.alerting import words
from cchc.alerting.findings import source_name, unit_name
from cchc.catalogue.indicators import Indicator
from cchc.catalogue.models import Catalogue
from cchc.indicators import periods
from cchc.indicators.numbers import printed
from cchc.indicators.periods import Period
from cchc.publishing.portal.addresses import unit_page
from cchc.warehouse.sql import query

Kind = Literal["period", "sources", "province", "unit"]

KINDS: tuple[Kind, ...] = ("period", "sources", "province", "unit")  # in the order they are told
MOST = 3
_LEAST_RECORDS = 3  # that a change of a share stands for, or of a balance: less is chance
_LEAST_COMPARED = (
    50  # that a share is of on either day: of fewer, one record moves it by more than two points
)
_USUAL_OF_DAYS, _LEAST_MOVES = 15, 3
# what a number is taken to move by as a rule where the releases do not tell, and at the least where they do
_POINTS, _LEAST_POINTS = Decimal("0.5"), Decimal("0.1")
_RECORDS = Decimal("0.05")  # of a balance


@dataclass(frozen=True)
class Change:
    """One thing that changed, in words; `path` is its page in the portal."""

    kind: Kind
    text: str
    detail: str  # whose it is, of which period, and what is usual
    path: str
    worse: bool | None = None  # None: neither better nor worse
    size: Decimal = Decimal(0)  # how many times what is usual

    @property
    def sign(self) -> str:
        """A sign that needs no colour: of better or worse, whichever way the number went."""
        return {True: "!", False: "✓", None: "•"}[self.worse]


def most_important(found: Iterable[Change], most: int = MOST) -> tuple[Change, ...]:
    """Return the changes to tell, first one of each kind in the order of `KINDS`, then second ones while there is room.

    Of a kind what got worse is before what got better, then the one that is most times its usual move.
    """
    ordered = sorted(found, key=lambda c: ((True, None, False).index(c.worse), -c.size, c.text, c.path))
    of_kind = {kind: [change for change in ordered if change.kind == kind] for kind in KINDS}
    turns = max((len(changes) for changes in of_kind.values()), default=0)
    taken = [of_kind[kind][turn] for turn in range(turns) for kind in KINDS if turn < len(of_kind[kind])][
        :most
    ]
    return tuple(sorted(taken, key=lambda change: KINDS.index(change.kind)))


def read(engine: Engine, catalogue: Catalogue, day: date) -> tuple[Change, ...]:
    """Return the most important changes of the release of a reporting day; none where it has none, or is the first."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        releases = connection.execute(query("alerting/two_releases"), {"day": day}).all()
        if len(releases) < 2 or releases[0].reporting_day != day:
            return ()
        now, before = releases
        return most_important(
            [
                *_decided(connection, before.published_at, now.published_at),
                *_sources(connection, catalogue, day, before.reporting_day),
                *_moved(connection, catalogue, now, before),
            ]
        )


def _decided(connection: Connection, after: Any, up_to: Any) -> Iterable[Change]:
    rows = connection.execute(query("alerting/periods_decided"), {"after": after, "up_to": up_to})
    for row in rows:
        name = Period(row.period, row.period_from, row.period_to, row.calendar).title()
        text = f"Đã mở lại {name}" if row.reason else f"Đã chốt {name}"
        detail = f"Bản {row.revision}" + (f". Lý do: {words.short(row.reason, 120)}" if row.reason else "")
        yield Change("period", text, detail, "ky/index.html", worse=True if row.reason else None)


def _sources(connection: Connection, catalogue: Catalogue, day: date, before: date) -> Iterable[Change]:
    """Tell which sources delivered nothing this night and did before, and the other way round."""
    states: list[dict[str, bool]] = []
    for night in (day, before):
        rows = connection.execute(query("alerting/outcomes"), {"day": night})
        states.append({row.source_code: row.state not in ("failed", "held") for row in rows})
    now, then = states
    silent = [code for code, there in now.items() if not there and then.get(code)]
    back = [code for code, there in now.items() if there and then.get(code) is False]
    for codes, worse, what in ((silent, True, "không còn gửi số liệu"), (back, False, "có lại số liệu")):
        if codes:
            units = {catalogue.sources[code].unit for code in codes if code in catalogue.sources}
            names = dict.fromkeys(
                f"{_unit_of(catalogue, code)} – {source_name(catalogue, code)}" for code in codes
            )
            yield Change(
                "sources",
                f"{words.count(len(codes))} nguồn {what}",
                words.listed(list(names), 3),
                unit_page(units.pop()) if len(units) == 1 else "index.html",
                worse,
                Decimal(len(codes)),
            )


def _unit_of(catalogue: Catalogue, source: str) -> str:
    known = catalogue.sources.get(source)
    return unit_name(catalogue, known.unit) if known else source


def _moved(connection: Connection, catalogue: Catalogue, now: Any, before: Any) -> Iterable[Change]:
    judged = {
        (chosen.code, indicator.code): indicator
        for chosen in catalogue.indicator_sets.values()
        for indicator in chosen.indicators
        if indicator.better is not None
    }
    balances = [
        f"{of}/{code}" for (of, code), indicator in judged.items() if _is_balance(catalogue, indicator)
    ]
    values = {
        "now": now.release_id,
        "before": before.release_id,
        "day_now": now.reporting_day,
        "day_before": before.reporting_day,
        "balances": balances,
    }
    rows = connection.execute(query("alerting/moved_values"), values).all()
    usual = _usual(connection, now.reporting_day, balances) if rows else {}
    for row in rows:
        indicator = judged.get((row.set_code, row.indicator_code))
        if indicator is not None:
            yield from moved(catalogue, indicator, row, usual, before.reporting_day)


def _is_balance(catalogue: Catalogue, indicator: Indicator) -> bool:
    measures = [catalogue.measures[term.measure] for term in indicator.value if term.measure is not None]
    return (
        bool(measures) and len(measures) == len(indicator.value) and all(m.kind == "stock" for m in measures)
    )


Usual = Mapping[tuple[str, str, str], Decimal]  # unit, set, indicator → what it moves by from day to day


def _usual(connection: Connection, day: date, balances: Sequence[str]) -> Usual:
    values = {
        "day": day,
        "days": _USUAL_OF_DAYS,
        "least": _LEAST_MOVES,
        "compared": _LEAST_COMPARED,
        "balances": balances,
    }
    rows = connection.execute(query("alerting/usual_moves"), values)
    return {(row.unit_code, row.set_code, row.indicator_code): row.by_much for row in rows}


def moved(
    catalogue: Catalogue, indicator: Indicator, row: Any, usual: Usual, before: date
) -> Iterable[Change]:
    """Yield the change of one number between two releases, where it is worth telling."""
    is_share = row.denominator_before is not None
    if is_share and (indicator.unit != "%" or not _is_alike(row)):
        return
    by = Decimal(0) if row.value_now is None else row.value_now - row.value_before
    if row.value_now is None:
        records = row.denominator_before if is_share else row.value_before
    else:
        records = abs(by) * row.denominator_now / 100 if is_share else abs(by)
    if records < _LEAST_RECORDS:
        return
    is_province = row.unit_code == catalogue.province.code
    known = usual.get((row.unit_code, row.set_code, row.indicator_code))
    assumed = _POINTS if is_share else max(Decimal(1), row.value_before * _RECORDS)
    least = _LEAST_POINTS if is_share else Decimal(1)
    whose = "Toàn tỉnh" if is_province else unit_name(catalogue, row.unit_code)
    yield Change(
        "province" if is_province else "unit",
        _in_words(indicator, row, by, before, is_share=is_share),
        ". ".join(
            [f"{whose}, {_period(row, is_share=is_share)}", *_notes(indicator, row, known, is_share=is_share)]
        ),
        "index.html" if is_province else unit_page(row.unit_code),
        row.value_now is None or (by < 0) == (indicator.better == "higher"),
        abs(by) / max(known, least) if known is not None else abs(by) / assumed,
    )


def _is_alike(row: Any) -> bool:
    """Whether a share is of enough records on both days, and half of them the same: else another share took its place.

    sql/alerting/usual_moves.sql asks the same of the moves that are usual.
    """
    if row.value_now is None:
        return True
    fewer, more = sorted((row.denominator_before, row.denominator_now))
    return bool(fewer >= _LEAST_COMPARED and 2 * fewer >= more)


def _in_words(indicator: Indicator, row: Any, by: Decimal, before: date, *, is_share: bool) -> str:
    if row.value_now is None:
        return f"{indicator.title}: không còn số liệu, ngày {before:%d/%m} là {row.printed_before}"
    much = printed(abs(by), indicator.decimals) + (" điểm" if is_share else f" {indicator.unit}")
    way = "tăng" if by > 0 else "giảm"
    to = f"{'lên' if by > 0 else 'còn'} {row.printed_now}"
    return f"{indicator.title} {way} {much}: từ {row.printed_before} ({before:%d/%m}) {to}"


def _period(row: Any, *, is_share: bool) -> str:
    if not is_share:
        return f"đến hết ngày {row.period_to:%d/%m/%Y}"
    month = periods.month_of(row.period_from)
    if month.start == row.period_from and row.period_to <= month.end:
        return replace(month, end=row.period_to).title()
    return f"từ {row.period_from:%d/%m/%Y} đến {row.period_to:%d/%m/%Y}"


def _notes(indicator: Indicator, row: Any, known: Decimal | None, *, is_share: bool) -> Iterable[str]:
    if row.value_now is None:
        yield str(row.reason)[:1].upper() + str(row.reason)[1:]
        return
    if known is not None:
        unit = "điểm" if is_share else indicator.unit
        yield f"Thường mỗi ngày thay đổi {printed(known, indicator.decimals)} {unit}"
    if row.coverage_now != row.coverage_before and None not in (row.coverage_now, row.coverage_before):
        covered = [printed(100 * share, 0) for share in (row.coverage_before, row.coverage_now)]
        yield f"Nguồn đủ số liệu: {covered[0]}%, nay {covered[1]}%"
