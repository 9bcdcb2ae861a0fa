"""A mistake in a catalogue is an error that names the file and the key: a person mends it without reading code."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from cchc.catalogue.load import load
from cchc.errors import ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE

FILES = {
    "province.yaml": """
code: H99
name: Tỉnh thử
publications:
  - {code: all, title: Toàn tỉnh, indicator_set: small, units: [A], period: report_month}
""",
    "units.yaml": """
- {code: A, name: Sở A, group: department, valid_from: 2021-01-01}
- {code: "01273", name: Phường B, group: commune, parent: A, valid_from: 2025-07-01}
""",
    "hosts.yaml": "- {code: server, connection: server}\n",
    "sources.yaml": """
- defaults: {profile: simple, host: server, history_from: 2026-10-15, params: {page: "1"}}
  sources:
    - {code: a-1, unit: A}
    - {code: b-1, unit: "01273", params: {folder: "01273"}}
""",
    "measures.yaml": "- {code: received, title: Đã tiếp nhận, unit: hồ sơ, dataset: dossier}\n",
    "profiles/simple.yaml": """
code: simple
kind: files
title: Sổ
datasets: {dossier: {fields: {dossier_code: {path: ma, type: code, required: true}}}}
""",
    "indicators/small.yaml": """
code: small
title: Nhỏ
indicators:
  - {code: received, title: Đã tiếp nhận, unit: hồ sơ, basis: thử, value: [{measure: received}]}
""",
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (tmp_path / "scores").mkdir()  # none: not the shipped ones, which stand in where there is no folder
    return tmp_path


def change(directory: Path, name: str, old: str, new: str) -> None:
    path = directory / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def complaint(directory: Path) -> str:
    with pytest.raises(ConfigurationError) as raised:
        load(directory)
    return str(raised.value)


def test_a_catalogue_of_another_province_loads(directory: Path) -> None:
    found = load(directory)
    assert found.province.code == "H99"
    assert found.sources["b-1"].params == {"page": "1", "folder": "01273"}
    assert (found.edges, found.scores) == ((), {})
    (directory / "scores").rmdir()
    assert list(load(directory).scores) == ["qd766"]


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        ("units.yaml", 'code: "01273"', "code: 01273", ["units.yaml: entry 2", "code", "must be quoted"]),
        ("sources.yaml", 'unit: "01273"', "unit: 99", ["sources.yaml: b-1: unit", "must be quoted"]),
        ("units.yaml", "name: Sở A,", "name: Sở A, phone: x,", ["units.yaml: entry 1 (A): phone"]),
        ("sources.yaml", "code: a-1,", "code: a-1, grop: x,", ["sources.yaml: a-1: grop"]),
        ("hosts.yaml", "connection: server", "connection: server, slot: 3", ["hosts.yaml: server: slot"]),
        ("province.yaml", "name: Tỉnh thử", "nam: Tỉnh thử", ["province.yaml: name", "province.yaml: nam"]),
        ("measures.yaml", "dataset: dossier", "dataset: dosier", ["measures.yaml: received: dataset"]),
        ("profiles/simple.yaml", "type: code", "type: date", ["profiles/: simple: datasets: dossier", "'ma'"]),
        ("sources.yaml", "code: b-1", "code: a-1", ["sources.yaml", "a-1 stands twice"]),
        ("hosts.yaml", "- {", "- {code: server, connection: x}\n- {", ["hosts.yaml", "server stands twice"]),
        ("sources.yaml", "unit: A}", "unit: Z}", ["sources.yaml: source a-1", "unit Z is not in units.yaml"]),
        ("units.yaml", "parent: A", "parent: Z", ["units.yaml: unit 01273", "parent Z"]),
        ("sources.yaml", "host: server", "host: other", ["sources.yaml: source a-1", "host other"]),
        ("sources.yaml", "profile: simple", "profile: other", ["sources.yaml: source a-1", "no profile other"]),
        ("sources.yaml", "unit: A}", "unit: A, without: [petition]}", ["sources.yaml: source a-1: without: "]),
        ("sources.yaml", "unit: A}", "unit: A, without: [sổ]}", ["sources.yaml: a-1: without"]),
        ("province.yaml", "units: [A]", "units: [Z]", ["province.yaml: publication all", "unit Z"]),
        ("province.yaml", "set: small", "set: big", ["province.yaml: publication all", "indicator set big"]),
        ("indicators/small.yaml", "{measure: received}", "{measure: lost}", ["received", "measure lost"]),
        ("units.yaml", "2025-07-01", "2025-07-01, valid_to: 2025-06-01", ["units.yaml: entry 2", "before it begins"]),
        ("sources.yaml", "history_from: 2026-10-15", "history_from: soon", ["sources.yaml: a-1: history_from"]),
        ("units.yaml", "- {code: A", "- {code: [A", ["units.yaml is not readable YAML: line 2, column "]),
        ("units.yaml", "2025-07-01", "2025-07-32", ["units.yaml is not readable YAML: a date is none"]),
        ("units.yaml", "name: Sở A,", "name: Sở A, name: Sở Z,",
         ["units.yaml is not readable YAML: line 2, column 25: key name stands twice"]),
        ("profiles/simple.yaml", "title: Sổ", "zone: Asia/Hanoi\ntitle: Sổ",
         ["profiles/: simple: zone: there is no time zone Asia/Hanoi"]),
        ("profiles/simple.yaml", "path: ma,", "path: ma, zone: ../etc,", ["dossier_code: zone", "no time zone ../etc"]),
        ("province.yaml", "name: T", "zone: Asia\nname: T", ["province.yaml: zone: there is no time zone Asia"]),
        ("profiles/simple.yaml", "title: Sổ", "title: Sổ\ntitle: Sổ", ["simple.yaml", "line 5, column 1: key title"]),
        ("profiles/simple.yaml", "code: simple", "code: other", ["simple.yaml: its code is other", "the same"]),
        ("sources.yaml", "  sources:", "  source:", ["sources.yaml: group 1: source: a group has the keys"]),
        ("sources.yaml", "  sources:", "  sources: []\n  more:", ["sources.yaml: group 1: more: a group has"]),
        ("sources.yaml", "- defaults", "- {code: c-1, unit: A}\n- defaults", ["sources.yaml: entry 1 (c-1): a source"]),
        ("sources.yaml", "- defaults", "- {}\n- defaults", ["sources.yaml: group 1: sources: a list"]),
        ("sources.yaml", 'params: {page: "1"}', "params: one", ["sources.yaml: group 1: defaults: params: keys"]),
        ("hosts.yaml", "code: server, ", "", ["hosts.yaml: entry 1 has no code"]),
    ],
)  # fmt: skip
def test_a_mistake_names_its_file_and_key(
    directory: Path, name: str, old: str, new: str, named: list[str]
) -> None:
    change(directory, name, old, new)
    message = complaint(directory)
    assert [part for part in named if part not in message] == [], message


@pytest.mark.parametrize(
    ("name", "old", "new", "named"),
    [
        ("sources.yaml", 'page: "1"', "password: hunter2", "sources.yaml: a-1: params: password: a secret"),
        ("sources.yaml", 'folder: "01273"', "apiKey: hunter2", "sources.yaml: b-1: params: apiKey: a secret"),
        ("sources.yaml", 'page: "1"', "page: 'http://a:hunter2@h'", "sources.yaml: a-1: params: page: a secret"),
        ("hosts.yaml", "connection: server", "connection: server, token: hunter2", "hosts.yaml: server: token"),
        ("profiles/simple.yaml", "title: Sổ", "title: Sổ\noptions: {auth: {form: {client_secret: hunter2}}}",
         "profiles/: simple: options: auth: form: client_secret: a secret"),
        ("profiles/simple.yaml", "title: Sổ", "title: Sổ\noptions: {send: {Authorization: Bearer hunter2}}",
         "profiles/: simple: options: send: Authorization: a secret"),
        ("profiles/simple.yaml", "title: Sổ", "title: Sổ\noptions: {send: [{X-Api-Key: 271828}]}", "X-Api-Key: a sec"),
    ],
)  # fmt: skip
def test_a_secret_is_refused_and_not_repeated(
    directory: Path, name: str, old: str, new: str, named: str
) -> None:
    change(directory, name, old, new)
    message = complaint(directory)
    assert named in message
    assert "hunter2" not in message
    assert "271828" not in message


def test_where_a_secret_goes_may_be_said(directory: Path) -> None:
    options = "options: {token: data.access_token, token_path: /t, send: {Authorization: 'Bearer {token}'}}"
    form = "form: {client_secret: '{password}', username: '{login}'}"
    change(directory, "profiles/simple.yaml", "title: Sổ", f"title: Sổ\n{options[:-1]}, {form}}}")
    assert load(directory).profiles["simple"].options["token_path"] == "/t"


def test_two_validities_of_a_unit_must_not_overlap(directory: Path) -> None:
    again = "\n- {code: A, name: Sở A mới, group: department, valid_from: 2025-03-01}\n"
    (directory / "units.yaml").write_text(FILES["units.yaml"] + again, encoding="utf-8")
    assert "units.yaml: unit A: two validities overlap at 2025-03-01" in complaint(directory)
    change(directory, "units.yaml", "2021-01-01}", "2021-01-01, valid_to: 2025-02-28}")
    assert load(directory).unit("A").name == "Sở A mới"


def test_two_units_whose_files_would_be_one_are_refused(directory: Path) -> None:
    again = "\n- {code: a, name: Sở khác, group: department, valid_from: 2025-03-01}\n"
    (directory / "units.yaml").write_text(FILES["units.yaml"] + again, encoding="utf-8")
    assert "units.yaml: units A and a differ in capitals alone" in complaint(directory)


def test_an_edge_needs_its_evidence(directory: Path) -> None:
    edges = directory / "unit_edges.yaml"
    edges.write_text(
        '- {predecessor: A, successor: "01273", effective: 2025-07-01, evidence: ""}\n', encoding="utf-8"
    )
    assert "unit_edges.yaml: entry 1" in complaint(directory)
    edges.write_text(
        "- {predecessor: Z, successor: A, effective: 2025-07-01, evidence: x}\n", encoding="utf-8"
    )
    assert "unit_edges.yaml: Z is not in units.yaml" in complaint(directory)


@pytest.mark.parametrize("name", ["province.yaml", "units.yaml", "hosts.yaml", "sources.yaml"])
def test_a_missing_file_is_named(directory: Path, name: str) -> None:
    (directory / name).unlink()
    assert f"{name} is missing" in complaint(directory)


def test_what_an_anchor_says_may_be_overridden(directory: Path) -> None:
    moment = "{path: ngay, type: timestamp, formats: ['%d']}"
    own = "due_at: &due {<<: *moment, path: han}, finished_at: {<<: *due, path: xong}"
    fields = f"received_at: &moment {moment}, {own}"
    change(directory, "profiles/simple.yaml", "{fields: {", f"{{fields: {{{fields}, ")
    found = load(directory).profiles["simple"].datasets["dossier"].fields
    assert [found[name].path for name in ("received_at", "due_at", "finished_at")] == ["ngay", "han", "xong"]


def test_the_sources_of_the_readme_load(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED_CATALOGUE, tmp_path / "province")
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    (sources,) = re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "province" / "sources.yaml").write_text(sources, encoding="utf-8")
    assert list(load(tmp_path / "province").sources) == ["sgddt-motcua", "snv-motcua"]


def test_a_file_that_is_not_utf8_is_named(directory: Path) -> None:
    (directory / "units.yaml").write_bytes("- {code: A, name: Sở}".encode("utf-16"))
    assert "units.yaml is not readable YAML" in complaint(directory)


PAIRED = """
- {code: received, title: Đã tiếp nhận, unit: hồ sơ, dataset: dossier, reported: stated}
- {code: ended, title: Đã xong, unit: hồ sơ, dataset: dossier, reported: stated_ended, prefer: reported}
"""
VALUE = "value: [{measure: received}]"


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        ("value: [{measure: received}, {reported: stated}]", "value: measure received and reported stated"),
        ("value: [{reported: stated}, {measure: received}]", "value: measure received and reported stated"),
        (
            "value: [{measure: received, where: {channel: online}}, {measure: ended}, {reported: stated_ended}]",
            "value: measure ended and reported stated_ended",
        ),
        (
            "value: [{measure: received, minus: true}, {reported: stated, minus: true}, {measure: ended}]",
            "value: measure received and reported stated",
        ),
        (
            "numerator: [{measure: received}, {reported: stated}], denominator: [{measure: ended}]",
            "numerator: measure received and reported stated",
        ),
        (
            "numerator: [{measure: ended}], denominator: [{measure: received}, {reported: stated}]",
            "denominator: measure received and reported stated",
        ),
    ],
)
def test_a_measure_is_not_added_to_what_is_reported_of_the_same(
    directory: Path, terms: str, named: str
) -> None:
    (directory / "measures.yaml").write_text(PAIRED, encoding="utf-8")
    change(directory, "indicators/small.yaml", VALUE, terms)
    message = complaint(directory)
    assert f"indicators/: small: indicator received: {named} are the same count and are added" in message
    assert message.count("same count") == 1


@pytest.mark.parametrize(
    "terms",
    [
        VALUE,
        "value: [{measure: received}, {measure: ended}]",
        "value: [{measure: received}, {reported: stated_ended}]",
        "value: [{measure: received}, {reported: stated, minus: true}]",
        "numerator: [{measure: received}], denominator: [{reported: stated}]",
        "value: [{measure: received, where: {channel: online}}, {measure: received, where: {channel: post}}]",
        "value: [{measure: received}, {reported: stated, period: 2021-01-01..2021-12-31}]",
    ],
)
def test_a_difference_a_share_and_different_counts_are_no_mistake(directory: Path, terms: str) -> None:
    (directory / "measures.yaml").write_text(PAIRED, encoding="utf-8")
    change(directory, "indicators/small.yaml", VALUE, terms)
    assert load(directory).indicator_set("small").indicators


def test_a_rule_multiplies_only_by_a_metric_of_its_own_set(directory: Path) -> None:
    shipped = (SHIPPED_CATALOGUE / "scores" / "qd766.yaml").read_text(encoding="utf-8")
    assert "times: DOSSIER_SYNC}" in shipped
    (directory / "scores" / "qd766.yaml").write_text(
        shipped.replace("times: DOSSIER_SYNC}", "times: DOSSIER_SYNK}"), encoding="utf-8"
    )
    (directory / "measures.yaml").unlink()
    assert "component dossiers_online: rules: written: times: there is no metric DOSSIER_SYNK" in complaint(
        directory
    )


def test_a_score_set_counts_nothing_twice_in_any_version(directory: Path) -> None:
    """The denominator that only one version reads is looked at too."""
    (directory / "measures.yaml").write_text(PAIRED, encoding="utf-8")
    (directory / "scores" / "points.yaml").write_text(
        """
code: points
title: Điểm
basis: thử
valid_from: 2021-01-01
versions: {written: {arithmetic: exact, title: a}, printed: {arithmetic: double, title: b}}
groups:
  - code: one
    national_code: ONE
    title: Một
    max: 1
    shape: columns
    components:
      - {code: share, title: Tỷ lệ, max: 1, numerator: [ended], denominator: [all],
         rules: {written: {}, printed: {denominator: [all, again]}}}
counts:
  ended: [{measure: ended}]
  all: [{measure: received}]
  again: [{reported: stated}]
""",
        encoding="utf-8",
    )
    message = complaint(directory)
    assert "scores/: points: indicator share: denominator: measure received and reported stated" in message
