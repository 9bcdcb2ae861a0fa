"""A profile drafted from a sample: valid YAML whose comments say how sure each guess is and what a person decides.

Values stand in it only for lists of few (states, flags), and only where they do not look personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import yaml

from cchc.catalogue.base import DatasetName
from cchc.onboarding.fields import UNREADABLE, looks_like_data, readable
from cchc.onboarding.guess import Guess, guess, is_free_text, words_of
from cchc.onboarding.read import TOTALS, Records
from cchc.staging.readers import EPOCHS
from cchc.warehouse.datasets import KEYS, NAMES, TYPES

#: Stands where a person decides; a profile with it is valid, and `cchc source check` names each place.
UNDECIDED = "UNDECIDED"

#: what a canonical column is called by systems: words of a path, most telling first
_CALLED: dict[str, str] = {
    "dossier_code": r"dossier no|(ma|so) ho so|dossier code|so bien nhan",
    "procedure_code": r"service code|ma tthc|ma thu tuc|procedure code",
    "field_code": r"domain code|ma linh vuc|field code|linh vuc",
    "channel": r"^online(?! level)|kenh|channel|truc tuyen|hinh thuc tiep nhan",
    "online_level": r"muc do( dvc| dich vu)?|online level|service level",
    "status": r"dossier status$|trang thai|tinh trang|^status",
    "received_at": r"receive(d)? (date|at)|tiep nhan|ngay (nhan|nop)|received",
    "due_at": r"^due (date|at)|hen tra|ngay hen|due$",
    "finished_at": r"release (date|at)|ket thuc|hoan thanh|xong|finished",
    "returned_at": r"finish (date|at)|ngay tra|^tra luc|return(ed)?",
    "extended_at": r"extend|gia han",
    "document_code": r"document (id|code)|ma van ban|so ky hieu",
    "direction": r"direction|chieu",
    "registered_on": r"ngay van ban|ngay den|ngay di|registered|^ngay$",
    "form": r"hinh thuc",
    "petition_code": r"ma phan anh|petition",
    "answered_at": r"tra loi|answer",
    "kind": r"loai",
}
#: what is taken where no field looks like it, for the gate lets no record in without: value, and what to ask
_ASSUMED: dict[str, tuple[str, str]] = {
    "intake": ("one_stop", "or direct, of a register?"),
    "channel": ("unknown", "no field looks like it; direct, where people come to a desk"),
    "action": ("new", "no field looks like it; recall, update or replace, where the system tells them apart"),
    "online_level": ("unknown", "no field looks like it; full or partial, where the service is online"),
}
_KEY = re.compile(r"\bid\b|^ma |^so |code|\bno\b")
_FEW = 20  # records: fewer say little


def draft(sample: Records, kind: str, dataset: DatasetName, code: str) -> str:
    """Return the YAML of a profile of that kind with one dataset, to be edited."""
    guesses = guess(sample.records, sample.twice)
    named = (path if readable(path) == path else UNREADABLE for path in sample.bytes)
    guesses += (Guess(path, "unfit", "it holds bytes, no text", 0, 0) for path in named)
    taken = _columns(guesses, dataset)
    lines = [
        f"# Drafted from a sample of {len(sample.records)} records: a start, not an answer.",
        "# Decide what is UNDECIDED, try it with `cchc source check`, and strike out the comments.",
        *(
            ["# Few records: what seems a list, or always there, may not be so."]
            if len(sample.records) < _FEW
            else []
        ),
        f"code: {_text(code)}",
        f"kind: {kind}",
        f"title: {UNDECIDED} # the product and version, as officers know it",
        "on_time_rule: date",
        *_options(sample, kind),
        "datasets:",
        f"  {dataset}:",
        *_select(sample, kind, guesses),
        "    fields:",
    ]
    for column, type_ in TYPES[dataset].items():
        lines += _field(column, type_, taken.get(column), dataset, len(sample.records))
    lines += _rest(guesses, {found.path for found in taken.values()})
    return "\n".join(lines) + "\n"


def _columns(guesses: Sequence[Guess], dataset: DatasetName) -> dict[str, Guess]:
    """Return which field is taken for which canonical column; each field once."""
    taken: dict[str, Guess] = {}
    for column, type_ in TYPES[dataset].items():
        if column not in _CALLED:
            continue
        is_date = type_ in ("timestamptz", "date")
        free = [g for g in guesses if g not in taken.values() and g.role not in ("personal", "text", "unfit")]
        fits = [g for g in free if (g.role == "date") == is_date or g.role == "empty"]
        found = [g for g in fits if re.search(_CALLED[column], words_of(g.path))]
        if found:
            taken[column] = max(found, key=lambda g: (g.filled > 0, g.filled))
    return taken


def _options(sample: Records, kind: str) -> Iterator[str]:
    if kind == "rest":
        yield "options: # UNDECIDED: see the kind `rest` for paging, windows and log-in"
        yield f"  path: {UNDECIDED} # of the request, below the connection's address"
        if sample.path:
            yield f"  records: {_text(sample.path)} # the longest list of objects in the answer"
        if sample.format == "ndjson":
            yield "  format: ndjson"
        if sample.total:
            yield f"  total: {_text(sample.total)} # a number not below the count of records: is it the number of all?"


def _select(sample: Records, kind: str, guesses: Sequence[Guess]) -> Iterator[str]:
    count = len(sample.records)
    unique = [g for g in guesses if g.filled == g.distinct == count and g.role in ("code", "choice")]
    named = sorted(unique, key=lambda g: not _KEY.search(words_of(g.path)))
    if kind == "files":
        yield "    select:"
        yield f"      files: {UNDECIDED} # the pattern of their names, below the source's folder"
        yield f"      format: {sample.format}"
        if sample.format == "workbook":
            is_told = not looks_like_data(sample.path)
            name = _text(sample.path) if is_told else f"{UNDECIDED} # its name looks like data"
            yield f"      sheet: {name}"
            yield f"      total: [{', '.join(TOTALS)}] # rows that begin so are no records"
    elif kind == "database":
        yield from _select_table(sample, guesses, tuple(g.path for g in named[:1]))
    elif named:
        yield f"    # different in every record: {_listing(g.path for g in named[:5])}"


def _select_table(sample: Records, guesses: Sequence[Guess], unique: tuple[str, ...]) -> Iterator[str]:
    schema, _, table = sample.path.rpartition(".")
    key = sample.key or unique
    why = "its primary key" if sample.key else "different in every row of the sample: is it unique?"
    told = [UNDECIDED if looks_like_data(name) else _text(name) for name in key]
    yield "    select:"
    if schema:
        yield f"      schema: {_text(schema)}"
    yield f"      table: {_text(table)}"
    yield f"      key: [{', '.join(told) or UNDECIDED}] # {why}"
    yield "      # where: {column: parameter} # whose rows are a source's, where the table has those of several units"
    dates = {g.path: _window_type(g) for g in guesses if g.role == "date"}
    others = [name for name, type_ in dates.items() if type_ is None]
    there = _listing(name for name in dates if name not in others)
    there = there or "none found (without it everything is read, every night)"
    yield f"      window: {UNDECIDED} # the column that any change moves; dates are: {there}"
    by_type: dict[str, list[str]] = {}
    for name, type_ in dates.items():
        if type_ is not None and (type_ in EPOCHS or name not in sample.dates):
            by_type.setdefault(type_, []).append(name)
    is_every = len(by_type) == 1 and sum(map(len, by_type.values())) == len(dates) - len(others)
    for type_, names in by_type.items():
        mark = "" if is_every else "# "
        yield f"      {mark}window_type: {type_} # no dates to the database: {_listing(names)}"
    if others:
        yield f"      # no window can be: {_listing(others)}, whose days do not sort as they are written"


def _window_type(found: Guess) -> str | None:
    """Return what the connector calls days that are written so; None where it cannot compare them."""
    if all(form.startswith("%Y-%m-%d") for form in found.formats):
        return "iso_text"
    return found.formats[0] if found.formats[0] in EPOCHS else None


def _field(column: str, type_: str, found: Guess | None, dataset: DatasetName, count: int) -> Iterator[str]:
    is_key = column in KEYS[dataset]
    if found is None:
        if column in _ASSUMED:
            value, doubt = _ASSUMED[column]
            yield f"      {column}: {{constant: {value}}} # {NAMES[column]}: {doubt}"
        elif column in _CALLED or is_key:
            yield f"      # {column}: {{path: {UNDECIDED}}} # {NAMES[column]}: no field looks like it"
        return
    sure = f"{found.filled} of {count} records have it; {found.why}"
    yield f"      {column}: # {NAMES[column]}: taken for it by its name; {sure}"
    yield f"        path: {_text(found.path)}"
    if type_ in ("timestamptz", "date"):
        yield f"        type: {'date' if type_ == 'date' else 'timestamp'}"
        yield f"        formats: {_formats(found)}"
    elif found.role in ("choice", "flag") and not is_key and column not in ("procedure_code", "field_code"):
        yield "        type: choice # which of our values each of them is"
        yield "        choices:"
        yield from (f"          {_text(value)}: {UNDECIDED}" for value in found.values)
        if hidden := found.distinct - len(found.values):
            said = f"{hidden} values that are rare, or look personal, are not shown here"
            yield f"          # {said}" if found.values else f'          "": {UNDECIDED} # {said}'
    else:
        yield "        type: code"
    if is_key:
        yield "        required: true"
    if found.filled == count >= _FEW:
        yield "        present: true # every record of the sample has it"


def _formats(found: Guess) -> str:
    if not found.formats:
        return f"[{UNDECIDED}] # no record has a value"
    zone = "the moment is stated" if found.has_zone else "local time of the profile's zone: or is it UTC?"
    zone += f"; {found.doubt}" if found.doubt else ""
    return "[" + ", ".join(f'"{form}"' for form in found.formats) + f"] # {zone}"


def _rest(guesses: Sequence[Guess], taken: set[str]) -> Iterator[str]:
    left = [g for g in guesses if g.path not in taken]
    # also what is personal by its values: a mark may stand among them
    text = [g for g in guesses if g.role == "text" or (g.role == "personal" and is_free_text(g.path))]
    level = [g for g in guesses if re.search(r"secret|secur|do mat|\bmat\b", words_of(g.path))]
    looked = [*level, *text]
    if looked:
        yield "    secrecy: # looked through for Mật, Tối mật, Tuyệt mật; free text first of all"
        yield f"      paths: [{_listing(g.path for g in looked)}]"
    else:
        yield "    # secrecy: {paths: [UNDECIDED]} # no free text, no level was found: where would a mark stand?"
    yield from _listed("personal", [g for g in left if g.role in ("personal", "text")])
    yield from _listed("ignored", [g for g in left if g.role not in ("personal", "text")])


def _listed(name: str, guesses: Sequence[Guess]) -> Iterator[str]:
    told = "dropped without a look" if name == "personal" else "no indicator needs them: or does one?"
    named = [g for g in guesses if g.path != UNREADABLE]
    if named:
        yield f"    {name}: # {told}"
    yield from (f"      - {_text(g.path)} # {g.why}" for g in named)
    if len(named) < len(guesses):
        yield "    # some fields have names that look like data: they are told to nobody, and dropped every night"


def _listing(names: Iterable[str]) -> str:
    return ", ".join(map(_text, names))


def _text(value: str) -> str:
    """Return a text as YAML reads it back, on one line."""
    shown = yaml.safe_dump(value, allow_unicode=True, width=10_000, default_style=None).strip()
    plain = shown.removesuffix("...").strip()
    needs = not re.fullmatch(r"[^\W\d][\w.-]*", value) or yaml.safe_load(plain) != value
    return (
        yaml.safe_dump(value, allow_unicode=True, width=10_000, default_style='"').strip() if needs else plain
    )
