"""The text of a report: its parts in order, every number traced to where it was published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from cchc.catalogue.models import Catalogue
from cchc.indicators.inspections import Register
from cchc.publishing.reports import findings, reading
from cchc.publishing.reports.figures import Edition
from cchc.publishing.reports.groups import Groups
from cchc.publishing.reports.model import Block, Phrases, Report, Sentence, Table
from cchc.publishing.reports.said import Said, Trace
from cchc.publishing.reports.speaker import Speaker

_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_UNITS = ("Tỉnh ", "Thành phố ")


@dataclass(frozen=True)
class Paragraph:
    """One paragraph."""

    text: str


@dataclass(frozen=True)
class Rows:
    """A table: title, measured in, now, before, change."""

    title: str
    rows: tuple[tuple[str, str, str, str, str], ...]


@dataclass(frozen=True)
class Section:
    """A numbered part."""

    number: str
    title: str
    blocks: tuple[Paragraph | Rows, ...]


@dataclass(frozen=True)
class Letterhead:
    """What stands around the text."""

    parent: str
    agency: str
    issuer: str
    notation: str
    place: str
    kind: str
    subject: str
    to: str
    recipients: tuple[str, ...]
    signer: tuple[str, ...]
    number: str = ""  # empty: left for the clerk
    dated: date | None = None  # None: left for the signer
    name: str = ""  # empty: left for the signer


@dataclass(frozen=True)
class Narrative:
    """A whole report."""

    head: Letterhead
    opening: str
    sections: tuple[Section, ...]
    closing: str
    notes: tuple[str, ...]  # what was left out, because the catalogue does not have it
    trace: Trace
    edition: Edition
    previous: Edition | None


def tell(
    report: Report,
    phrases: Phrases,
    catalogue: Catalogue,
    edition: Edition,
    previous: Edition | None,
    *,
    subject: str,
    main_set: str,
    code: str,
    register: Register | None = None,
) -> Narrative:
    """Return a report of `subject` (a unit, or the province's own code) with the figures of an edition.

    `main_set`: where an indicator without a set is looked for first. `code`: of the report, for messages.
    `register`: what inspections found; None: nobody asked, and it is said to be missing.
    Raises `ConfigurationError` for a text that cannot be filled in.
    """
    speaker = Speaker(
        catalogue,
        phrases,
        edition,
        previous,
        subject=subject,
        main_set=main_set,
        code=code,
        names=report.names,
        compare_from=report.compare_from,
    )
    province = catalogue.province
    group = "province" if subject == province.code else catalogue.unit(subject).group
    name = speaker.unit_name(subject)
    speaker.common = {
        "unit": name,
        "unit_code": subject,
        "notation": report.head.notations.get(subject, subject),
        "group": group,
        "province": province.name[:1].upper() + province.name[1:],
        "place": _place(province.name),
        "period": edition.period.title(),
        "previous_period": previous.period.title() if previous else "",
        "has_previous": previous is not None,
        "is_whole": reading.is_whole(edition.period),
        "day": f"{edition.day:%d/%m/%Y}",
        "edition": edition.name,
        "sources": Groups(speaker).sources(),
        "sets": sorted({own for code, own, _ in edition.figures if code == subject}),
    }
    teller = _Teller(speaker, register)
    head = _head(report, speaker)
    speaker.common["issuer"] = head.issuer
    sections: list[Section] = []
    for part in report.parts:
        if part.when is not None and not speaker.holds(part.when):
            continue
        blocks = tuple(told for block in part.blocks for told in teller.block(block))
        if not blocks:
            continue
        number = _ROMAN[len(sections)] if report.numbering == "roman" else str(len(sections) + 1)
        sections.append(Section(number, speaker.fill(part.title), blocks))
    return Narrative(
        head=head,
        opening=speaker.fill(report.opening),
        sections=tuple(sections),
        closing=speaker.fill(report.closing),
        notes=tuple(teller.notes()),
        trace=speaker.trace,
        edition=edition,
        previous=previous,
    )


def _place(province: str) -> str:
    """Return the province's bare name: of `Tỉnh Cao Bằng` Cao Bằng."""
    name = province[:1].upper() + province[1:]
    for kind in _UNITS:
        name = name.removeprefix(kind)
    return name


def _head(report: Report, speaker: Speaker) -> Letterhead:
    own = report.head
    recipients = tuple(text for line in own.recipients if (text := speaker.fill(line)))
    signer = tuple(text for line in own.signer if (text := speaker.fill(line)))
    return Letterhead(
        parent=speaker.fill(own.parent),
        agency=speaker.fill(own.agency),
        issuer=speaker.fill(own.issuer),
        notation=speaker.fill(own.notation),
        place=speaker.fill(own.place),
        kind=speaker.fill(own.kind),
        subject=speaker.fill(own.subject),
        to=speaker.fill(own.to),
        recipients=recipients,
        signer=signer,
    )


class _Teller:
    """Turns sentences of a report into text."""

    def __init__(self, speaker: Speaker, register: Register | None) -> None:
        self._speaker, self._groups, self._register = speaker, Groups(speaker), register
        self._absent: dict[str, None] = {}  # indicators that the catalogue does not have

    def notes(self) -> Iterator[str]:
        """Yield what was left out."""
        if self._absent:
            yield (
                "Nội dung chưa nêu trong báo cáo vì danh mục chỉ số của tỉnh chưa có: "
                f"{', '.join(self._absent)}."
            )

    def block(self, block: Block) -> list[Paragraph | Rows]:
        """Return a block with its figures; nothing where nothing of it can be said."""
        if block.findings is not None:
            told = findings.told(self._speaker, block.findings, self._register)
            return [Paragraph(text) for text in told if text]
        if block.table is not None:
            return [table] if (table := self._table(block.table)) else []
        missing: list[Said] = []
        texts = [text for sentence in block.sentences for text in self._sentence(sentence, missing)]
        said = " ".join(text for text in (*texts, *self._speaker.lacks(missing)) if text)
        return [Paragraph(said)] if said else []

    def _figures(self, wanted: Sequence[str]) -> dict[str, Said] | None:
        found: dict[str, Said] = {}
        for ref in wanted:
            said = self._speaker.look_up(ref)
            if said is None:
                self._absent.setdefault(ref)
                return None
            found[ref.rpartition("/")[2].replace("-", "_")] = said
        return found

    def _sentence(self, sentence: Sentence, missing: list[Said]) -> Iterator[str]:
        """Yield the texts of a sentence; what is missing goes into `missing` and is told with the paragraph."""
        figures = self._figures(sentence.about)
        if figures is None:
            return
        speaker = self._speaker
        names: dict[str, Any] = dict(figures)
        if (listed := self._listed(sentence)) is not None:
            names |= listed
        elif sentence.rank or sentence.units or sentence.lacking or sentence.unreported:
            return
        if sentence.when is not None and not speaker.holds(sentence.when, **names):
            return
        first = next(iter(figures.values()), None)
        if sentence.zero is not None and first is not None and first.zero and not first.use.figure.is_whole:
            yield speaker.partial_zero(first)
        elif sentence.zero is not None and first is not None and first.zero:
            speaker.trace.use(first.use)  # a sentence in words stands for the number all the same
            yield speaker.fill(sentence.zero, **names)
        elif unknown := [said for said in figures.values() if not said.known]:
            if sentence.missing is not None:
                yield speaker.fill(sentence.missing, **names)
                return
            yield from (
                speaker.partly(speaker.alone(said), [said]) for said in figures.values() if said.known
            )
            missing += unknown
        elif listed is not None and not (listed.get("best") or listed.get("units")):
            yield speaker.fill(sentence.none or "", **names)
        else:
            yield speaker.partly(speaker.fill(sentence.say, **names), figures.values())
        if sentence.compare and first is not None:
            yield speaker.compared(first)

    def _listed(self, sentence: Sentence) -> dict[str, Any] | None:
        found: dict[str, Any] | None = None
        wanted = ""
        if sentence.rank is not None:
            wanted, found = sentence.rank.of, self._groups.ranked(sentence.rank)
        elif sentence.units is not None:
            wanted, found = sentence.units.of, self._groups.bounded(sentence.units)
        elif sentence.lacking is not None:
            wanted, found = sentence.lacking.set, self._groups.uncovered(sentence.lacking)
        elif sentence.unreported is not None:
            wanted, found = sentence.unreported.set, self._groups.unreported(sentence.unreported)
        if found is None and wanted:
            self._absent.setdefault(wanted)
        return found

    def _table(self, table: Table) -> Rows | None:
        if table.points is not None:
            saids = self._speaker.points(table.points)
            if not saids:
                self._absent.setdefault(table.points)
        else:
            saids = []
            for ref in table.about:
                said = self._speaker.look_up(ref)
                if said is None:
                    self._absent.setdefault(ref)
                else:
                    saids.append(said)
        rows = tuple(self._speaker.row(said) for said in saids)
        return Rows(self._speaker.fill(table.title), rows) if rows else None
