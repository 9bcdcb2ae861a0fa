"""What happened in an office, before any system wrote it down in its own words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Literal
from unicodedata import normalize

Channel = Literal["direct", "online", "post"]
Kind = Literal["opencps", "national", "edxml", "files", "portal766"]

# national states (TrangThaiHoSo)
RECEIVED, NOT_ACCEPTED, PROCESSING, SUPPLEMENT, PAYMENT, WITHDRAWN, STOPPED, FINISHED, RETURNED = (
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
)


@dataclass(frozen=True)
class System:
    """One source of the catalogue: the system of a unit, found by `key` (groupId, maDonVi, organ, folder …)."""

    source: str
    unit: str
    kind: Kind
    key: str
    office: str  # stands for the unit in dossier codes and document ids (local)
    holds: Literal["work", "inspections"] = "work"  # of files: the register of inspections, or all others


@dataclass(frozen=True)
class Dossier:
    """One dossier's whole life; `state_on` tells how it stood at the end of a day."""

    number: int  # of its system, from 1
    code: str
    procedure: str
    sector: str
    level: str  # 2, 3, 4 (old scheme) or full, partial
    channel: Channel
    received: datetime
    due: datetime | None
    steps: tuple[tuple[datetime, int], ...]  # (when, state), in order of time; the first is its reception
    finished: datetime | None = None  # result made, or withdrawn, stopped
    returned: datetime | None = None  # result handed over
    post_in: bool = False
    post_out: bool = False
    fee: int = 0  # đồng
    paid_online: bool = False
    electronic_result: bool = False
    note: str = ""  # free text, never to be kept
    apology: datetime | None = None  # the letter of apology of a late one
    digitised: bool | None = None  # None, here and below: the system does not follow it
    reused: bool | None = None
    personal_store: bool | None = None
    citizen_data: bool | None = None
    dissatisfied: bool | None = None

    def state_on(self, day: date) -> int:
        """Return the national state at the end of `day` (a day not before reception)."""
        return [state for when, state in self.steps if when.date() <= day][-1]

    def changed_on(self, day: date) -> datetime:
        """Return when it last changed, seen from the end of `day`."""
        moments = [when for when, _ in self.steps] + [t for t in (self.finished, self.returned) if t]
        return max(when for when in moments if when.date() <= day)


@dataclass(frozen=True)
class Document:
    """One incoming or outgoing document."""

    number: int
    code: str
    direction: Literal["in", "out"]
    registered: datetime
    promulgated: date
    form: Literal["electronic", "paper", "parallel"]
    signed: bool | None
    kind: str  # Công văn, Quyết định …
    counterpart: str  # organ id of the sender or receiver
    notation: str  # CodeNotation
    subject: str
    action: int = 0  # 0 new 1 revoke 2 update 3 replace
    answers_to: str = ""  # the document an update, replacement or revocation is about
    secret: str = ""  # what the system writes where it states secrecy
    answers: tuple[tuple[datetime, str], ...] = ()  # status messages of the receiver: (when, code)
    due: date | None = None  # handled by then, where the register says so
    done: date | None = None


@dataclass(frozen=True)
class Procedure:
    """One administrative procedure as a unit lists it."""

    code: str
    sector: str
    level: str
    term: int
    term_unit: str  # giờ, ngày, ngày làm việc, tháng
    valid_from: date
    valid_to: date | None = None
    cutoff: str = ""  # received later than this counts on the next working day
    needs_result: bool | None = None
    has_fee: bool | None = None
    for_citizens: bool | None = None
    announced: date | None = None
    announce_due: date | None = None
    published: date | None = None
    publish_due: date | None = None
    content_full: bool | None = None
    title: str = ""
    field_title: str = ""


@dataclass(frozen=True)
class Petition:
    """A petition or complaint (phản ánh, kiến nghị) in an office's register."""

    number: int
    code: str
    kind: Literal["tthc", "can_bo", "khac"]
    received: datetime
    due: datetime
    answered: datetime
    disliked: bool
    again: bool  # complained about once more after the answer


@dataclass(frozen=True)
class Review:
    """A procedure reviewed on a day."""

    procedure: str
    reviewed: date
    shorter_term: bool


@dataclass(frozen=True)
class Reported:
    """A figure that no system records and the unit states; figures as text in Vietnamese writing."""

    measure: str
    start: date
    end: date
    value: str = ""
    numerator: str = ""
    denominator: str = ""
    ratio: str = ""
    evidence: str = ""


@dataclass(frozen=True)
class Inspection:
    """A finding of an inspection, in the words of the register that follows it up."""

    code: str
    finding: str
    unit: str  # that was inspected
    inspected: date
    body: str
    topic: str
    kind: str
    summary: str
    due: date | None = None
    done: date | None = None
    evidence: str = ""


@dataclass
class Records:
    """Everything one system holds, in order of time."""

    dossiers: list[Dossier] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    petitions: list[Petition] = field(default_factory=list)
    reported: list[Reported] = field(default_factory=list)
    inspections: list[Inspection] = field(default_factory=list)

    def extend(self, other: Records) -> None:
        """Add the records of `other` behind these."""
        self.dossiers += other.dossiers
        self.documents += other.documents
        self.procedures += other.procedures
        self.reviews += other.reviews
        self.petitions += other.petitions
        self.reported += other.reported
        self.inspections += other.inspections


# --- personal data that must never be seen again ------------------------------------------------------------
CANARY = "CANARY"


def person(number: int) -> str:
    """Return a name that a search of files, tables and logs finds if it was kept anywhere."""
    return f"{CANARY}-{number}-Nguyễn Văn A"


def phone(number: int) -> str:
    """Return a telephone number no network gives out."""
    return f"0009{number % 1_000_000:06d}"


def identity(number: int) -> str:
    """Return a citizen's number that no citizen has."""
    return f"999{number % 1_000_000_000:09d}"


# --- days ---------------------------------------------------------------------------------------------------
_HOLIDAYS_2022 = {
    date(2022, 1, 3),
    date(2022, 4, 11),
    date(2022, 5, 2),
    date(2022, 5, 3),
    date(2022, 9, 1),
    date(2022, 9, 2),
} | {date(2022, 1, 31) + timedelta(n) for n in range(5)}


def is_workday(day: date) -> bool:
    """Return whether offices are open: Monday to Friday, without the public holidays of 2022."""
    return day.weekday() < 5 and day not in _HOLIDAYS_2022


@cache
def workdays(start: date, end: date) -> tuple[date, ...]:
    """Return the working days from `start` to `end` inclusive."""
    days = (start + timedelta(n) for n in range((end - start).days + 1))
    return tuple(day for day in days if is_workday(day))


def after(day: date, working_days: int) -> date:
    """Return the day `working_days` working days after `day`."""
    while working_days > 0:
        day += timedelta(1)
        working_days -= is_workday(day)
    return day


# --- secrecy: the marks as offices really write them --------------------------------------------------------
SECRET_MARKS = (
    *("Mật", "MẬT", "Tối mật", "TỐI MẬT", "Tuyệt mật", " tuyệt  mật ", "Tối\u00a0mật"),
    *(normalize("NFD", mark) for mark in ("Mật", "TỐI MẬT")),
)
