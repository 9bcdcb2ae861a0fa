"""Sở GD&ĐT from 1 January to 13 October 2022: single records that add up to what was reported of it.

The figures were published on 13 October 2022 (a provincial inspection, baocaobang.vn): they are totals, so which record
is early, signed or posted is drawn from the seed, and how many is fixed by the quotas below. Records marked secret come
on top: a system refuses to hand them on, so they are in no total.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

from simulators import public_service, titles
from simulators.model import (
    FINISHED,
    PROCESSING,
    RECEIVED,
    RETURNED,
    SECRET_MARKS,
    Channel,
    Document,
    Dossier,
    Kind,
    Procedure,
    Records,
    Reported,
    Review,
    after,
    workdays,
)

UNIT = "SGDDT"
PREFIX = "000.00.09.H14"  # local: stands for the unit in dossier codes and document ids
START, END = date(2022, 1, 1), date(2022, 10, 13)
SECTORS = ("GDMN", "GDTH", "GDTX", "VBCC", "KDCL")  # local codes

# outcome → how many, in the one-stop software and in the register of direct intake
OUTCOMES: dict[Kind, dict[str, int]] = {
    "opencps": {"on_time": 1_116, "early": 118, "late": 3},
    "files": {"on_time": 10_685, "early": 76, "late": 1},
}
NOT_POSTED_BOTH_WAYS: dict[Kind, int] = {"opencps": 200, "files": 72}
FIRST_OF_DAY: dict[Kind, int] = {"opencps": 1, "files": 501}  # one numbering of the unit, a range for each
BUSY: dict[Kind, slice] = {"opencps": slice(0, 9), "files": slice(5, 13)}  # of 13 procedures with dossiers
WITHOUT_DUE_DAY = 40  # dossiers of the register that promise no day: on time by the rule

T = TypeVar("T")


def procedures(seed: int) -> list[Procedure]:
    """Return the 125 procedures: 84 at level 4, the shortest term 1 working day."""
    rng = Random(f"{seed}:{UNIT}:procedures")
    levels = _quota({"4": 84, "3": 25, "2": 16}, rng)
    found = []
    for number, level in enumerate(levels, 1):
        term, unit = rng.choice((2, 3, 5, 7, 10, 15)), "ngày làm việc"
        if number == 1:
            term = 1
        elif number > 13:  # those without dossiers may take longer
            term, unit = rng.choice(
                ((5, unit), (15, unit), (20, unit), (30, "ngày"), (1, "tháng"), (2, "tháng"))
            )
        begins = date(rng.randint(2017, 2021), rng.randint(1, 12), rng.randint(1, 28))
        sector = SECTORS[number % 5]
        title, field_title = titles.of_education(sector, (number - 1) // 5)
        listed = Procedure(f"9.{number:06d}", sector, level, term, unit, begins)
        found.append(replace(listed, title=title, field_title=field_title))
    return found


def records(kind: Kind, seed: int) -> Records:
    """Return what one of the unit's three systems (opencps, edxml, files) holds of the period."""
    if kind == "opencps":
        return Records(dossiers=_dossiers(kind, seed))
    if kind == "edxml":
        return Records(documents=_exchanged(seed))
    rng = Random(f"{seed}:{UNIT}:reviews")
    days = workdays(date(2022, 2, 7), date(2022, 9, 30))
    proposed = _quota({"yes": 52, "no": 73}, rng)
    listed = procedures(seed)
    return Records(
        dossiers=_dossiers(kind, seed),
        documents=_registered(seed),
        procedures=listed,
        reviews=[
            Review(p.code, rng.choice(days), yes == "yes") for p, yes in zip(listed, proposed, strict=True)
        ],
        reported=_reported(),
    )


def _quota(counts: dict[T, int], rng: Random) -> list[T]:
    """Return each key as often as its count says, shuffled."""
    labels = [label for label, count in counts.items() for _ in range(count)]
    rng.shuffle(labels)
    return labels


def _dossiers(kind: Kind, seed: int) -> list[Dossier]:
    rng = Random(f"{seed}:{UNIT}:{kind}:dossiers")
    outcomes = _quota(OUTCOMES[kind], rng)
    both = _quota({True: len(outcomes) - NOT_POSTED_BOTH_WAYS[kind], False: NOT_POSTED_BOTH_WAYS[kind]}, rng)
    busy = procedures(seed)[:13][BUSY[kind]]
    chosen = [*busy, *rng.choices(busy, k=len(outcomes) - len(busy))]
    drawn = [
        _life(procedure, outcome, posted, kind, rng)
        for procedure, outcome, posted in zip(chosen, outcomes, both, strict=True)
    ]
    if kind == "files":
        punctual = [n for n, outcome in enumerate(outcomes) if outcome == "on_time"]
        for n in rng.sample(punctual, WITHOUT_DUE_DAY):
            drawn[n] = replace(drawn[n], due=None)
    return list(numbered(sorted(drawn, key=lambda d: d.received), PREFIX, FIRST_OF_DAY[kind]))


def numbered(dossiers: Sequence[Dossier], prefix: str, first: int = 1) -> Iterator[Dossier]:
    """Yield the dossiers with their codes: prefix, day of reception, order of the day."""
    of_day: Counter[date] = Counter()
    for number, dossier in enumerate(dossiers, 1):
        day = dossier.received.date()
        of_day[day] += 1
        code = f"{prefix}-{day:%y%m%d}-{first - 1 + of_day[day]:04d}"
        yield replace(dossier, number=number, code=code)


def _life(procedure: Procedure, outcome: str, posted: bool, kind: Kind, rng: Random) -> Dossier:
    days = workdays(START, END)
    term = procedure.term
    delay = {"on_time": 0, "early": -rng.randint(1, term), "late": rng.randint(1, 3)}[outcome]
    begin = rng.randrange(len(days) - term - max(delay, 0))
    received = at(days[begin], rng)
    due = datetime.combine(days[begin + term], time(17))
    end = days[begin + term + delay]
    finished = at(end, rng)
    if finished <= received:  # the day it came in
        finished = received + timedelta(minutes=rng.randint(20, 60))
    returned = finished + timedelta(minutes=rng.randint(5, 30))
    posts = (True, True) if posted else rng.choice(((False, False), (True, False), (False, True)))
    channel: Channel = "post" if posts[0] else "direct"
    if kind == "opencps" and not posts[0]:
        channel = "online"
    return Dossier(
        number=0,
        code="",
        procedure=procedure.code,
        sector=procedure.sector,
        level=procedure.level,
        channel=channel,
        received=received,
        due=due,
        steps=((received, RECEIVED), (received, PROCESSING), (finished, FINISHED), (returned, RETURNED)),
        finished=finished,
        returned=returned,
        post_in=posts[0],
        post_out=posts[1],
        note="Hồ sơ nhận qua bưu chính công ích" if posts[0] else "",
    )


def at(day: date, rng: Random) -> datetime:
    """Return a moment in office hours."""
    return datetime.combine(
        day, time(rng.choice((7, 8, 9, 10, 13, 14, 15)), rng.randrange(30, 60), rng.randrange(60))
    )


# --- documents ----------------------------------------------------------------------------------------------
KINDS = {
    "Công văn": "SGDĐT-VP",
    "Quyết định": "QĐ-SGDĐT",
    "Kế hoạch": "KH-SGDĐT",
    "Báo cáo": "BC-SGDĐT",
    "Giấy mời": "GM-SGDĐT",
}
PARTNERS = (
    "000.00.00.H14",
    "000.00.00.G07",
    "000.00.01.H14",
    "000.00.02.H14",
    "000.00.04.H14",
    "000.00.10.H14",
)
SUBJECTS = (
    "V/v triển khai nhiệm vụ năm học 2022 - 2023",
    "V/v báo cáo số liệu định kỳ",
    "V/v góp ý dự thảo văn bản",
    "V/v mời họp giao ban",
)


def _exchanged(seed: int) -> list[Document]:
    """Through the exchange: 313 in; 112 out, of which 4 also go on paper and 110 are signed; 6 secret ones on top."""
    rng = Random(f"{seed}:{UNIT}:exchange")
    incoming = [_document("in", "electronic", rng.random() < 0.9, "", rng) for _ in range(313)]
    forms = _quota({"electronic": 108, "parallel": 4}, rng)
    signed = _quota({True: 110, False: 2}, rng)
    outgoing = [_answered(_document("out", f, s, "", rng), rng) for f, s in zip(forms, signed, strict=True)]
    secret = [_document("in", "electronic", True, mark, rng) for mark in SECRET_MARKS[:6]]
    return _coded([*incoming, *outgoing, *hide(secret)], exchange=True)


def _registered(seed: int) -> list[Document]:
    """In the register: 8,306 in, of which 6 on paper; 2,300 out, 25 parallel, 2,189 signed; 18 secret ones on top."""
    rng = Random(f"{seed}:{UNIT}:register")
    forms_in = _quota({"electronic": 8_300, "paper": 6}, rng)
    incoming = [_document("in", form, None, "", rng) for form in forms_in]
    forms = _quota({"electronic": 2_275, "parallel": 25}, rng)
    signed = _quota({True: 2_189, False: 111}, rng)
    outgoing = [_document("out", f, s, "", rng) for f, s in zip(forms, signed, strict=True)]
    secret = [_document(way, "paper", False, mark, rng) for mark in SECRET_MARKS for way in ("in", "out")]
    return _coded([*incoming, *outgoing, *secret], exchange=False)


def _document(direction: str, form: str, signed: bool | None, secret: str, rng: Random) -> Document:
    kind, notation = rng.choice(tuple(KINDS.items()))
    registered = at(rng.choice(workdays(START, END)), rng)
    promulgated = registered.date() - timedelta(rng.randint(0, 3)) if direction == "in" else registered.date()
    return Document(
        number=0,
        code="",
        direction=direction,  # type: ignore[arg-type]  # two literals of this module
        registered=registered,
        promulgated=promulgated,
        form=form,  # type: ignore[arg-type]
        signed=signed,
        kind=kind,
        counterpart=rng.choice(PARTNERS),
        notation=notation,
        subject=rng.choice(SUBJECTS),
        secret=secret,
    )


def hide(documents: Sequence[Document]) -> list[Document]:
    """Return secret documents with their marks moved in turn to the three places senders write them in."""
    moved = []
    for n, document in enumerate(documents):
        mark = document.secret
        if n % 3 == 1:
            document = replace(document, secret="", subject=f"({mark.strip()}) {document.subject}")
        elif n % 3 == 2:
            document = replace(document, secret="", notation=f"{mark.strip().upper()}-{document.notation}")
        moved.append(document)
    return moved


def _answered(document: Document, rng: Random) -> Document:
    """Return the document with what its receiver answered before the period ended."""
    day = document.registered.date()
    answers = [
        (document.registered + timedelta(minutes=rng.randint(2, 20)), "01"),
        (at(after(day, 1), rng), "03"),
    ]
    if rng.random() < 0.6:
        answers.append((at(after(day, rng.randint(2, 5)), rng), "06"))
    return replace(document, answers=tuple(a for a in answers if a[0].date() <= END))


def _coded(documents: Sequence[Document], *, exchange: bool) -> list[Document]:
    found = []
    for number, document in enumerate(sorted(documents, key=lambda d: (d.registered, d.direction)), 1):
        if exchange:
            sender = document.counterpart if document.direction == "in" else PREFIX
            code = f"{sender},{document.promulgated:%Y/%m/%d},{number}/{document.notation}"
        else:
            code = f"{'DEN' if document.direction == 'in' else 'DI'}-2022-{number:05d}"
        found.append(replace(document, number=number, code=code))
    return found


def _reported() -> list[Reported]:
    """What no system of the unit records: ratios in percent; those it stated without a numerator have none."""
    evidence = "Số liệu đơn vị báo cáo Đoàn kiểm tra công tác CCHC tỉnh ngày 13/10/2022"
    return [
        Reported("share_units_on_document_system", START, END, ratio="100", evidence=evidence),
        Reported("share_staff_official_mail", START, END, ratio="100", evidence=evidence),
        Reported(
            "share_procedures_term_cut", date(2019, 1, 1), date(2019, 12, 31), ratio="75", evidence=evidence
        ),
        *public_service.of_2022(START, END),
    ]
