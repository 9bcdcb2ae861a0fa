"""Typed, frozen models of the catalogue: what differs between provinces, units and vendors is data.

Every model forbids unknown keys, so a typing mistake in YAML is an error that names the file and the key.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from cchc.catalogue.base import Code, DatasetName, Model, Zone
from cchc.catalogue.indicators import IndicatorSet, Measure, Term
from cchc.catalogue.profiles import Profile, Reread
from cchc.catalogue.scores import ScoreSet
from cchc.errors import ConfigurationError


class Recipient(Model):
    """A person, mailbox or chat that is told when something must be mended."""

    name: str
    email: str | None = Field(default=None, pattern=r"^[^@\s]+@[^@\s]+$")
    # names of addresses in the environment (CCHC_NOTIFY_<NAME>): an address holds a secret, so it never stands here
    channels: tuple[Code, ...] = ()
    kinds: tuple[Literal["digest", "urgent"], ...] = ("digest", "urgent")
    quiet_hours: str | None = Field(
        default=None, pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$"
    )
    urgent_in_quiet_hours: bool = False  # what is critical to the province is told at once all the same

    @property
    def key(self) -> str:
        """What this recipient is known by: the address in small letters, or the name where there is none."""
        return self.email.lower() if self.email else self.name

    def not_before(self, now: datetime) -> datetime | None:
        """Return when the quiet hours that hold at `now` (a local time with its zone) end, or None outside them."""
        if self.quiet_hours is None:
            return None
        start, end = (time.fromisoformat(text) for text in self.quiet_hours.split("-"))
        at = now.time()
        if not (start <= at < end if start <= end else at >= start or at < end):
            return None
        # the end is looked for on the wall, so that a change of the clocks does not move it
        day = now.date() + timedelta(days=int(at >= end))
        return datetime.combine(day, end, now.tzinfo)

    @model_validator(mode="after")
    def _can_be_reached(self) -> Recipient:
        if self.email is None and not self.channels:
            raise ValueError(f"recipient {self.name} has neither an email nor channels: nobody would be told")
        if not self.kinds:
            raise ValueError(f"recipient {self.name}: kinds is empty: leave the recipient out instead")
        return self


class Publication(Model):
    """A table of a release: which indicators of which units over which period."""

    code: Code
    title: str  # Vietnamese
    indicator_set: Code
    units: tuple[Code, ...] | Literal["province", "departments", "communes"]  # a list, or a group on the day
    # a fixed one, report_month / report_year: that of the reporting day, up to that day, or ended_report_month: the
    # newest one that has ended by then, which is what units have reported of
    period: str


class Licence(Model):
    """Under what the open data may be used."""

    title: str = "Chưa công bố giấy phép sử dụng"  # Vietnamese
    url: str = ""  # empty: there is no text of it to link


class Portal(Model):
    """What the pages show beside the publications, and what only insiders see."""

    indicator_set: Code | None = None  # shown of every unit, month by month; None: of no unit
    rank_by: Code | None = None  # the indicator that rankings are sorted by; None: the first that is ranked
    months: int = Field(default=24, ge=1, le=60)  # report months of a trend, the current one among them
    forms: tuple[Code, ...] = ("ii06a", "07a")  # of every unit, for the current month
    address: str = Field(
        default="", pattern=r"^(https?://[^\s?#]+/)?$"
    )  # of the public site; empty: relative links
    licence: Licence = Licence()
    smallest: int = Field(
        default=5, ge=1
    )  # a count of citizens' dossiers or petitions below it is not public


class Province(Model):
    """The province and the people who look after its data."""

    code: Code
    name: str
    zone: Zone = "Asia/Ho_Chi_Minh"
    engineers: tuple[Recipient, ...] = ()
    office: tuple[Recipient, ...] = ()
    failure_budget: Decimal = Field(default=Decimal("0.10"), ge=0, le=1)  # share of sources that may fail
    hold_above: Decimal = Field(
        default=Decimal("0.50"), gt=0, le=1
    )  # share of bad rows that holds a delivery
    hold_drop: Decimal = Field(default=Decimal("0.50"), gt=0, lt=1)  # share fewer than usual that holds one
    # engineers and office are told of a source with more than this share, and so many, of its known records gone
    warn_drop: Decimal = Field(default=Decimal("0.05"), ge=0, lt=1)
    warn_drop_records: int = Field(default=20, ge=1)
    hold_jump: Decimal = Field(default=Decimal(3), gt=1)  # times as many as usual that holds one
    overlap_days: int = Field(default=3, ge=0)  # re-read before each watermark: late rows arrive
    reread: Reread = Reread(days=0)  # unless the profile or the source says otherwise
    publications: tuple[Publication, ...] = ()
    portal: Portal = Portal()
    escalate_after: int = Field(default=3, ge=1)  # nights until the office and the parent unit are told
    remind_every: int = Field(default=7, ge=1)  # nights between two messages about the same open things

    def allowed_failures(self, expected: int) -> int:
        """Return how many of the expected sources the failure budget permits to fail."""
        return int(Decimal(expected) * self.failure_budget)


class Unit(Model):
    """One office, valid from a day to a day inclusive (None: still valid)."""

    code: Code
    name: str
    group: Literal["department", "commune", "district", "province"]
    parent: Code | None = None
    valid_from: date
    valid_to: date | None = None
    codes: dict[str, str] = Field(default_factory=dict)  # the unit's code in other systems: gso, qcvn102 …
    contact: Recipient | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Unit:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError(f"unit {self.code} ends {self.valid_to} before it begins {self.valid_from}")
        return self


class UnitEdge(Model):
    """A predecessor's work went to a successor on a day; only edges with a known source are entered."""

    predecessor: Code
    successor: Code
    effective: date
    evidence: str = Field(min_length=1)


class Host(Model):
    """One vendor's server; sources on it share a pool of connections and one set of credentials.

    Address and credentials come from the connection of that name (an Airflow connection, or the
    environment variable ``AIRFLOW_CONN_<NAME>`` as a URI), never from the catalogue. Nothing is sent to any other
    server than the connection's own and those of `also`.
    """

    code: Code
    connection: Code
    slots: int = Field(default=4, ge=1)  # sources that may read from it at once
    per_second: float | None = Field(default=None, gt=0)  # requests of all its sources together; None: any
    connect_seconds: float = Field(default=10, gt=0)
    read_seconds: float = Field(default=30, gt=0)
    total_seconds: float = Field(default=600, gt=0)  # of one source's pull: no server can hold the night
    private: bool = (
        False  # may be on a private network or this machine: any such address is refused otherwise
    )
    # may be spoken to without TLS (http:, ftp:, bare smb:): whoever is on the way reads all, credentials too
    plain_http: bool = False
    ca_bundle: str | None = None  # PEM of the authority of its certificate; relative to the catalogue
    host_keys: tuple[
        str, ...
    ] = ()  # of an SFTP server: ssh-ed25519 AAAA…; a server with another key is not read
    # further servers of the vendor, as https://name[:port]: where tokens come from, where next pages are, a bucket
    also: tuple[Annotated[str, Field(pattern=r"^https?://[0-9A-Za-z.-]+(:\d{1,5})?$")], ...] = ()


class Source(Model):
    """One system of one unit."""

    code: Code
    unit: Code
    profile: Code
    host: Code | None = None  # None: no server (files)
    title: str = ""
    history_from: date  # the first night reads from this day
    params: dict[str, str] = Field(default_factory=dict)  # groupId, organ id, folder …
    reread: Reread | None = None  # None: as its profile has it
    expected: bool = True  # counts towards coverage and the failure budget
    # datasets of its profile that this unit keeps no register of: they are not waited for, so none is lacking; what
    # comes all the same is read, and the release says that the catalogue claims otherwise
    without: tuple[DatasetName, ...] = ()


class Catalogue(Model):
    """Everything the product knows of one province, checked as a whole."""

    province: Province
    units: tuple[Unit, ...]
    edges: tuple[UnitEdge, ...]
    hosts: dict[str, Host]
    profiles: dict[str, Profile]
    sources: dict[str, Source]
    measures: dict[str, Measure]
    indicator_sets: dict[str, IndicatorSet]
    scores: dict[str, ScoreSet] = Field(default_factory=dict)

    def indicator_set(self, code: str) -> IndicatorSet:
        """Return an indicator set; raises `ConfigurationError` naming those there are."""
        if code not in self.indicator_sets:
            there = ", ".join(sorted(self.indicator_sets))
            raise ConfigurationError(f"there is no indicator set {code}; there are: {there}")
        return self.indicator_sets[code]

    def score_set(self, code: str) -> ScoreSet:
        """Return a score set; raises `ConfigurationError` naming those there are."""
        if code not in self.scores:
            raise ConfigurationError(f"there is no score set {code}; there are: {', '.join(self.scores)}")
        return self.scores[code]

    def unit(self, code: str) -> Unit:
        """Return the newest validity of a unit; raises `KeyError` for a code nobody has."""
        found = [u for u in self.units if u.code == code]
        if not found:
            raise KeyError(code)
        return max(found, key=lambda u: u.valid_from)

    def units_on(self, day: date) -> tuple[Unit, ...]:
        """Return the units valid on a day, in catalogue order."""
        return tuple(
            u for u in self.units if u.valid_from <= day and (u.valid_to is None or day <= u.valid_to)
        )

    def expected_on(self, day: date) -> frozenset[str]:
        """Return the codes of the sources that a night of that reporting day must bring."""
        valid = {unit.code for unit in self.units_on(day)}
        return frozenset(
            s.code for s in self.sources.values() if s.expected and s.unit in valid and s.history_from <= day
        )

    def profile_of(self, source: Source) -> Profile:
        """Return the profile a source speaks; a file of a register that its unit does not keep is not expected."""
        profile = self.profiles[source.profile]
        if not source.without or "expected" not in profile.options:
            return profile
        expected = [name for name in profile.options["expected"] if name not in source.without]
        return profile.model_copy(update={"options": {**profile.options, "expected": expected}})

    def reread_of(self, source: Source) -> Reread:
        """Return how often a source is read from how far back."""
        return source.reread or self.profiles[source.profile].reread or self.province.reread

    def asked_rules(self) -> set[str]:
        """Return the on-time rules that indicators ask for beside those of the sources."""
        indicators = (i for s in self.indicator_sets.values() for i in s.indicators)
        return {term.rule for indicator in indicators for term in indicator.terms() if term.rule}

    def host_of(self, source: Source) -> Host | None:
        """Return the server a source is read from, or None for files."""
        return self.hosts[source.host] if source.host else None

    @model_validator(mode="after")
    def _everything_named_exists(self) -> Catalogue:
        problems = [
            *self._unknown_units(),
            *self._unknown_source_parts(),
            *self._unknown_measures(),
            *self._overlapping_units(),
            *self._units_alike(),
        ]
        if problems:
            raise ValueError("\n  ".join(problems))
        return self

    def _unknown_units(self) -> Iterator[str]:
        known = {u.code for u in self.units}
        for unit in self.units:
            if unit.parent and unit.parent not in known:
                yield f"units.yaml: unit {unit.code}: parent {unit.parent} is not in units.yaml"
        for edge in self.edges:
            for code in (edge.predecessor, edge.successor):
                if code not in known:
                    yield f"unit_edges.yaml: {code} is not in units.yaml"
        for publication in self.province.publications:
            if isinstance(publication.units, tuple):
                for code in publication.units:
                    if code not in known:
                        yield f"province.yaml: publication {publication.code}: unit {code} is not in units.yaml"

    def _unknown_source_parts(self) -> Iterator[str]:
        known = {u.code for u in self.units}
        for source in self.sources.values():
            if source.unit not in known:
                yield f"sources.yaml: source {source.code}: unit {source.unit} is not in units.yaml"
            if source.profile not in self.profiles:
                yield f"sources.yaml: source {source.code}: there is no profile {source.profile} in profiles/"
            elif unknown := [n for n in source.without if n not in self.profiles[source.profile].datasets]:
                yield (
                    f"sources.yaml: source {source.code}: without: "
                    f"profile {source.profile} has no dataset {', '.join(unknown)}"
                )
            if source.host is not None and source.host not in self.hosts:
                yield f"sources.yaml: source {source.code}: host {source.host} is not in hosts.yaml"

    def _unknown_measures(self) -> Iterator[str]:
        shown = self.province.portal.indicator_set
        if shown is not None and shown not in self.indicator_sets:
            yield f"province.yaml: portal: there is no indicator set {shown}"
        by = self.province.portal.rank_by
        ranked = [
            i.code for s in self.indicator_sets.values() if s.code == shown for i in s.indicators if i.better
        ]
        if by is not None and by not in ranked:
            able = ", ".join(ranked) or "none"
            yield f"province.yaml: portal: rank_by: {by} is not ranked in {shown}; these are: {able}"
        for publication in self.province.publications:
            if publication.indicator_set not in self.indicator_sets:
                name = publication.indicator_set
                yield f"province.yaml: publication {publication.code}: there is no indicator set {name}"
        for indicators in self.indicator_sets.values():
            for indicator in indicators.indicators:
                for term in indicator.terms():
                    if problem := self._wrong_measure(term):
                        yield f"indicator {indicator.code}: {problem}"

    def _wrong_measure(self, term: Term) -> str | None:
        if term.measure is None:
            return None
        measure = self.measures.get(term.measure)
        if measure is None:
            return f"measure {term.measure} is not in measures.yaml"
        if term.at == "start" and measure.kind != "stock":
            return f"measure {term.measure} is no stock, so it has no balance at the start"
        if term.among is not None:
            within = self.measures.get(term.among)
            if within is None or within.dataset != "procedure" or within.kind != "stock":
                return f"among {term.among}: this is no stock of procedures in measures.yaml"
        if term.rule is not None and not measure.by_rule:
            return f"measure {term.measure} does not depend on an on-time rule"
        return None

    def _overlapping_units(self) -> Iterator[str]:
        ordered = sorted(self.units, key=lambda u: (u.code, u.valid_from))
        for earlier, later in pairwise(ordered):
            if earlier.code != later.code:
                continue
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from:
                yield f"units.yaml: unit {earlier.code}: two validities overlap at {later.valid_from}"

    def _units_alike(self) -> Iterator[str]:
        known: dict[str, str] = {}
        for unit in self.units:
            other = known.setdefault(unit.code.upper(), unit.code)
            if other != unit.code:
                yield f"units.yaml: units {other} and {unit.code} differ in capitals alone: their files would clash"
