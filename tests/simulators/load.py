"""Plausible work of an office on one day: the same day of the same seed is always the same, whatever else is asked.

Offices differ (some receive 3 dossiers a day, some 20), weekends are almost empty, most dossiers end before or on the
day promised, 2 to 4 in a hundred later, and what is promised for a later day is still open.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import cache
from random import Random

from simulators import public_service, titles
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
    Petition,
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
    listed = [
        Procedure(
            code=f"9.{rng.randrange(1_000, 9_000) * 100 + number:06d}",
            sector=f"LV{rng.randint(1, 8):02d}",
            level=rng.choice(("full", "full", "partial")),
            term=rng.choice((1, 2, 3, 3, 5, 7, 10, 15)),
            term_unit="ngày làm việc",
            valid_from=begins,
        )
        for number in range(rng.randint(12, 30))
    ]
    more = Random(f"{seed}:{system.unit}:announcements")
    named = titles.of_unit(system.unit, [procedure.sector for procedure in listed])
    found = []
    for procedure, (title, field_title, place) in zip(listed, named, strict=True):
        own = replace(procedure, title=title, field_title=field_title)
        if system.unit.isdigit():  # communes have the same procedures, each under one code and online as far
            code = f"9.0{procedure.sector[2:]}{place:03d}"
            level = Random(f"{seed}:{code}:level").choice(("full", "full", "partial"))
            own = replace(own, code=code, level=level)
        found.append(_announced(own, begins, more))
    return tuple(found)


def _announced(procedure: Procedure, begins: date, rng: Random) -> Procedure:
    """Return the version with its announcement, due three weeks before it begins, and what its decision says of it."""
    announce_due = begins - timedelta(21)
    announced = announce_due + timedelta(rng.choice((-5, -3, -2, 0, 0, 2)))
    published = after(announced, rng.choice((1, 2, 3, 4, 5, 7)))
    return replace(
        procedure,
        valid_from=begins,
        cutoff="15:00" if procedure.term == 1 else "",
        needs_result=rng.random() < 0.9,
        has_fee=rng.random() < 0.5,
        for_citizens=rng.random() < 0.7,
        announced=announced,
        announce_due=announce_due,
        published=published,
        publish_due=after(announced, 5),
        content_full=rng.random() < 0.9,
    )


def _shorter(listed: list[Procedure], seed: int, system: System) -> list[Procedure]:
    """Return new versions of some procedures, with a shorter term, announced after the first day."""
    rng = Random(f"{seed}:{system.unit}:versions")
    chosen = [p for p in listed if p.term > 1][::4]
    return [
        _announced(replace(p, term=p.term - 1), FIRST_DAY + timedelta(rng.randint(26, 60)), rng)
        for p in chosen
    ]


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
        reported += public_service.of_month(system.unit, seed, start, end)
        start = end + timedelta(1)
    newer = [p for p in _shorter(listed, seed, system) if p.published is not None and p.published <= until]
    return Records(
        procedures=[] if system.unit == UNIT else [*listed, *newer],
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
    return Records(
        list(numbered(dossiers, system.office, first)), documents, petitions=_petitions(system, seed, day)
    )


def _petitions(system: System, seed: int, day: date) -> list[Petition]:
    """Return the petitions that reached a unit's register on a day; the unit of 2022 keeps none."""
    if system.kind != "files" or system.unit == UNIT or not is_workday(day):
        return []
    rng = Random(f"{seed}:{system.source}:{day}:petitions")
    found = []
    for number in range(1, _count(0.4 if system.unit.isdigit() else 0.9, rng) + 1):
        waited = rng.choices((rng.randint(1, 14), 15, rng.randint(16, 30)), (85, 8, 7))[0]
        found.append(
            Petition(
                number=number,
                code=f"PA-{system.office}-{day:%y%m%d}-{number:02d}",
                kind=rng.choices(("tthc", "can_bo", "khac"), (6, 2, 2))[0],
                received=at(day, rng),
                due=datetime.combine(after(day, 15), time(17)),
                answered=at(after(day, waited), rng),
                disliked=rng.random() < 0.08,
                again=rng.random() < 0.04,
            )
        )
    return found


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
    more = Random(f"{seed}:{system.source}:{received}:{fate}")
    digitised = more.random() < (0.9 if channel == "online" else 0.6)
    is_late = due is not None and finished is not None and finished.date() > due.date()
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
        apology=at(after(due.date(), 1), more) if due and is_late and more.random() < 0.8 else None,
        digitised=digitised,
        reused=digitised and more.random() < 0.5,
        personal_store=digitised and more.random() < 0.25,
        citizen_data=more.random() < 0.6,
        dissatisfied=more.random() < 0.02,
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
    more = Random(f"{system.source}:{code}")
    due = done = None
    if direction == "in" and not exchange:
        done = after(day, more.randint(0, 12))
        due = after(day, more.choice((5, 7, 10))) if more.random() < 0.4 else None
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
        due=due,
        done=done,
    )
    return (
        hide([document, document, document])[rng.randrange(3)] if exchange and document.secret else document
    )
