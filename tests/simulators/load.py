"""Plausible work of an office on one day: the same day of the same seed is always the same, whatever else is asked.

Offices differ (some receive 3 dossiers a day, some 20), weekends are almost empty, most dossiers end before or on the
day promised, 2 to 4 in a hundred later, and what is promised for a later day is still open.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random

from simulators.model import (
    FINISHED,
    NOT_ACCEPTED,
    PAYMENT,
    PROCESSING,
    RECEIVED,
    RETURNED,
    SECRET_MARKS,
    STOPPED,
    SUPPLEMENT,
    WITHDRAWN,
    Channel,
    Document,
    Dossier,
    Procedure,
    Records,
    Reported,
    Review,
    System,
    after,
    is_workday,
)
from simulators.seed2022 import PARTNERS, UNIT, at, hide, numbered
from simulators.seed2022 import procedures as procedures_of_2022

FIRST_DAY = date(2026, 10, 15)  # the first day of the report month of November 2026
KINDS = {
    "Công văn": "UBND-VP",
    "Quyết định": "QĐ-UBND",
    "Kế hoạch": "KH-UBND",
    "Báo cáo": "BC-UBND",
    "Tờ trình": "TTr-UBND",
}
FEES = (0, 0, 0, 8_000, 50_000, 150_000)


@cache
def procedures(system: System, seed: int) -> tuple[Procedure, ...]:
    """Return the procedures of the system's unit; codes begin with 9, which no national code does."""
    if system.unit == UNIT:
        return tuple(procedures_of_2022(seed)[:13])
    rng = Random(f"{seed}:{system.unit}:procedures")
    begins = date(2025, 7, 1)
    return tuple(
        Procedure(
            code=f"9.{rng.randrange(1_000, 9_000) * 100 + number:06d}",
            sector=f"LV{rng.randint(1, 8):02d}",
            level=rng.choice(("full", "full", "partial")),
            term=rng.choice((1, 2, 3, 3, 5, 7, 10, 15)),
            term_unit="ngày làm việc",
            valid_from=begins,
        )
        for number in range(rng.randint(12, 30))
    )


def standing(system: System, seed: int, until: date) -> Records:
    """Return what a unit's workbooks say besides its daily work: procedures, reviews, reported figures."""
    rng = Random(f"{seed}:{system.source}:standing")
    listed = list(procedures(system, seed))
    reviews = [
        Review(p.code, FIRST_DAY + timedelta(rng.randrange(60)), rng.random() < 0.3)
        for p in listed
        if system.unit != UNIT
    ]
    staff = rng.randint(18, 140)
    reported = []
    start = FIRST_DAY
    while (end := (start + timedelta(31)).replace(day=14)) <= until:
        using = staff - (rng.random() < 0.3)
        share = "100" if using == staff else f"{using / staff * 100:.2f}".replace(".", ",")
        evidence = f"Báo cáo tháng {end:%m/%Y} của đơn vị"
        reported.append(
            Reported("share_staff_official_mail", start, end, "", str(using), str(staff), share, evidence)
        )
        reported.append(
            Reported("share_units_on_document_system", start, end, ratio="100", evidence=evidence)
        )
        start = end + timedelta(1)
    return Records(
        procedures=[] if system.unit == UNIT else listed,
        reviews=[r for r in reviews if r.reviewed <= until],
        reported=reported,
    )


def work(system: System, seed: int, day: date) -> Records:
    """Return the dossiers and documents that reached a system on a day; numbers start at 1 each day."""
    if day < FIRST_DAY:
        return Records()
    size = Random(f"{seed}:{system.unit}:size")
    rng = Random(f"{seed}:{system.source}:{day}")
    commune = system.unit.isdigit()
    dossiers_a_day = size.uniform(2.5, 7.5) if commune else size.uniform(7, 22)
    documents_a_day = size.uniform(0.7, 1.3) * {"edxml": 6.0, "files": 24.0}.get(system.kind, 0.0)
    if system.kind == "edxml":
        dossiers_a_day = 0
    elif system.kind == "files":
        dossiers_a_day *= 0.15  # direct intake besides the software
    busy = 1.0 if is_workday(day) else 0.06
    dossiers = sorted(
        (_dossier(system, seed, day, rng) for _ in range(_count(dossiers_a_day * busy, rng))),
        key=lambda d: d.received,
    )
    first = 501 if system.kind == "files" else 1
    documents = [_document(system, day, n, rng) for n in range(1, _count(documents_a_day * busy, rng) + 1)]
    return Records(list(numbered(dossiers, system.office, first)), documents)


def _count(mean: float, rng: Random) -> int:
    return max(0, round(rng.gauss(mean, mean**0.5 if mean > 1 else mean)))


def _dossier(system: System, seed: int, day: date, rng: Random) -> Dossier:
    procedure = rng.choice(procedures(system, seed))
    channel: Channel = rng.choices(("online", "direct", "post"), (71, 24, 5))[0]
    if system.kind == "files":
        channel = "post" if rng.random() < 0.1 else "direct"
    elif not is_workday(day):
        channel = "online"
    received = at(day, rng)
    due: datetime | None = datetime.combine(after(day, procedure.term), time(17))
    fate = rng.random()
    steps: list[tuple[datetime, int]] = [(received, RECEIVED)]
    finished = returned = None
    if fate < 0.012:
        steps = [(received, NOT_ACCEPTED)]
    elif fate < 0.022:
        finished = at(after(day, rng.randint(1, 3)), rng)
        steps += [
            (received + timedelta(minutes=40), PROCESSING),
            (finished, rng.choice((WITHDRAWN, STOPPED))),
        ]
    else:
        finished = _end(procedure.term, day, received, rng)
        steps.append((received + timedelta(minutes=rng.randint(1, 15)), PROCESSING))
        resumed = at(after(day, 2), rng)
        if finished > resumed and rng.random() < 0.08:
            asked = received + timedelta(minutes=rng.randint(16, 19))
            steps += [(asked, rng.choice((SUPPLEMENT, PAYMENT))), (resumed, PROCESSING)]
        returned = _handed_over(finished, rng)
        steps += [(finished, FINISHED), (returned, RETURNED)]
        if rng.random() < 0.01:
            due = None
    fee = rng.choice(FEES)
    note = (
        f"Hồ sơ kèm tài liệu {rng.choice(SECRET_MARKS)}" if rng.random() < 0.002 else "Đã đối chiếu bản chính"
    )
    return Dossier(
        number=0,
        code="",
        procedure=procedure.code,
        sector=procedure.sector,
        level=procedure.level,
        channel=channel,
        received=received,
        due=due,
        steps=tuple(sorted(steps)),
        finished=finished,
        returned=returned,
        post_in=channel == "post",
        post_out=rng.random() < 0.2,
        fee=fee,
        paid_online=fee > 0 and channel == "online" and rng.random() < 0.6,
        electronic_result=returned is not None and rng.random() < 0.75,
        note=note,
    )


def _end(term: int, day: date, received: datetime, rng: Random) -> datetime:
    """Return when the result is made: most before the day promised, a few later, one in a hundred much later."""
    draw = rng.random()
    if draw < 0.03:
        waited = term + (rng.randint(1, 4) if draw < 0.022 else rng.randint(15, 40))
    elif draw < 0.45:
        waited = term
    else:
        waited = rng.randint(0, term)
    if waited == 0:
        return received + timedelta(minutes=rng.randint(20, 90))
    return at(after(day, waited), rng)


def _handed_over(finished: datetime, rng: Random) -> datetime:
    if rng.random() < 0.7:
        return finished + timedelta(minutes=rng.randint(1, 40))
    return at(after(finished.date(), rng.randint(1, 3)), rng)


def _document(system: System, day: date, number: int, rng: Random) -> Document:
    direction = "in" if rng.random() < 0.7 else "out"
    exchange = system.kind == "edxml"
    kind, notation = rng.choice(tuple(KINDS.items()))
    registered = at(day, rng)
    promulgated = day - timedelta(rng.randint(0, 2)) if direction == "in" else day
    partner = rng.choice([p for p in PARTNERS if p != system.key])
    own = system.key if exchange else system.office
    sender = partner if direction == "in" else own
    paper = 0.0 if exchange else 0.02
    form = rng.choices(("electronic", "parallel", "paper"), (0.97 - paper, 0.03, paper))[0]
    code = f"{'DEN' if direction == 'in' else 'DI'}-{day:%y%m%d}-{number:03d}"
    action, answers_to = 0, ""
    if exchange:
        code = f"{sender},{promulgated:%Y/%m/%d},{day:%m%d}{number:02d}/{notation}"
        action = rng.choices((0, 1, 2, 3), (94, 1, 3, 2))[0]
        if action:
            answers_to = f"{sender},{promulgated - timedelta(7):%Y/%m/%d},{number}/{notation}"
    answers: tuple[tuple[datetime, str], ...] = ()
    if exchange and direction == "out":
        answers = ((registered + timedelta(minutes=5), "01"), (at(after(day, 1), rng), "03"))
    document = Document(
        number=number,
        code=code,
        direction=direction,  # type: ignore[arg-type]  # two literals above
        registered=registered,
        promulgated=promulgated,
        form=form,  # type: ignore[arg-type]
        signed=(form != "paper" and rng.random() < 0.93) if direction == "out" else None,
        kind=kind,
        counterpart=partner,
        notation=notation,
        subject="V/v phối hợp thực hiện nhiệm vụ quý IV",
        action=action,
        answers_to=answers_to,
        secret=rng.choice(SECRET_MARKS) if rng.random() < 0.008 else "",
        answers=answers,
    )
    return (
        hide([document, document, document])[rng.randrange(3)] if exchange and document.secret else document
    )
