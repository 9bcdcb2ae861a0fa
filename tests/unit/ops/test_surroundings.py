"""What `cchc doctor` says of sources and their connections, before anything is asked of a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from cchc.catalogue.load import load
from cchc.catalogue.models import Catalogue
from cchc.errors import ConfigurationError
from cchc.ops import surroundings
from cchc.ops.surroundings import Finding
from cchc.settings import SHIPPED_CATALOGUE
from cchc.sources.connections import from_environment
from cchc.sources.registry import connect


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load(SHIPPED_CATALOGUE)


def test_connections_that_cannot_be_used_as_declared(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    hosts = catalogue.hosts | {
        code: catalogue.hosts[code].model_copy(update={"private": False, "plain_http": False})
        for code in ("motcua", "dvcqg")
    }
    strict = catalogue.model_copy(update={"hosts": hosts})
    for name, address in {
        "MOTCUA": "http://cchc:canary-long-secret@8.8.8.8",
        "DVCQG": "https://cchc:canary-long-secret@10.0.0.9",
        "TRUC": "http://cchc:canary@127.0.0.1:9",
        "SOTAY": "https://cchc:canary-long-secret@127.0.0.1:9",
        "CONG766": "https://cchc:canary-long-secret%0A@127.0.0.1:9",
    }.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", address)
    found = {f.check.removeprefix("connection "): f for f in surroundings.of_connections(strict)}
    said = {name: (f.level, f.message) for name, f in found.items()}
    assert said["cong766"][0] == "fail"
    assert "its password has a line break" in said["cong766"][1]
    assert said["sotay"][0] == "fail"
    assert "folders at https: are not read" in said["sotay"][1]
    assert said["motcua"][0] == "fail"
    assert "plain_http: true" in said["motcua"][1]
    assert said["dvcqg"] == ("fail", "its server's address is private")
    assert said["truc"] == ("warn", "is set; its password has fewer than 16 characters")
    assert "canary" not in repr(found)
    monkeypatch.setenv("AIRFLOW_CONN_CONG766", "https://no-such-name.invalid")
    assert _of(strict, "cong766")[1:3] == ("warn", "its server's name has no address here (DNS)")
    monkeypatch.setenv("AIRFLOW_CONN_CONG766", "https://169.254.169.254")
    assert "whatever it declares" in _of(strict, "cong766")[3]


def _of(catalogue: Catalogue, name: str) -> tuple[str, str, str, str]:
    [found] = [f for f in surroundings.of_connections(catalogue) if f.check == f"connection {name}"]
    return found.check, found.level, found.message, found.action


@pytest.mark.parametrize(
    ("url", "terms", "words"),
    [
        ("s3://AKIA:canary-long-secret@so-tinh", {}, "a bucket is read from the server that its host declares"),
        ("s3://AKIA:canary-long-secret@so-tinh", {"also": ("https://a", "https://b")}, "and one only"),
        ("s3://AKIA@so-tinh", {"also": ("https://a",)}, "a bucket is read with a key and its secret"),
        ("ftps://me:canary-long-secret@h/so", {"ca_bundle": "nope.pem"}, "there is no such file of certificates"),
        ("ftp://me:canary-long-secret@h/so", {}, "declare plain_http: true"),
        ("sftp://me:canary-long-secret@h/so", {}, "give host_keys (hosts.yaml)"),
        ("webdav://me:canary-long-secret@h/so", {}, "folders at webdav: are not read"),
        ("root://me:canary-long-secret@h/so", {}, "need the package fsspec_xrootd, which is not installed"),
    ],
)  # fmt: skip
def test_a_store_that_cannot_be_read_as_it_is_declared(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, url: str, terms: dict[str, object], words: str
) -> None:
    """What a pull says of it before anything is asked is said word for word, and of the connection alone."""
    host = catalogue.hosts["sotay"].model_copy(update=terms)
    wrong = catalogue.model_copy(update={"hosts": catalogue.hosts | {"sotay": host}})
    monkeypatch.setenv("AIRFLOW_CONN_SOTAY", url)
    _, level, message, action = _of(wrong, "sotay")
    assert level == "fail"
    assert words in message
    assert action == "mend AIRFLOW_CONN_SOTAY or hosts.yaml"
    assert "canary" not in message
    source = wrong.sources["snv-sotay"]
    with pytest.raises(ConfigurationError) as caught:
        connect(source, wrong.profile_of(source), host, from_environment)
    assert str(caught.value).removeprefix("source snv-sotay: ") == message
    assert [f.level for f in surroundings.of_sources(wrong)] == ["ok"]


@pytest.mark.parametrize("url", ["ftp://h:1/so", "sftp://h:1/so", "s3://AKIA:canary@so-tinh"])
@pytest.mark.parametrize(
    ("server", "private", "words"),
    [
        ("127.0.0.1", False, "of this machine; declare private: true"),
        ("127.0.0.1", True, "16 characters"),
        ("169.254.169.254", True, "the one where a cloud keeps its secrets; whatever it declares"),
        ("no-such-name.invalid", True, "no address here (DNS)"),
    ],
)
def test_the_address_of_a_store_is_looked_at_like_any_other(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, url: str, server: str, private: bool, words: str
) -> None:
    terms = {
        "private": private,
        "plain_http": True,
        "also": (f"https://{server}",) if url.startswith("s3") else (),
        "host_keys": ("ssh-ed25519 AAAA",),
    }
    host = catalogue.hosts["sotay"].model_copy(update=terms)
    there = catalogue.model_copy(update={"hosts": catalogue.hosts | {"sotay": host}})
    monkeypatch.setenv("AIRFLOW_CONN_SOTAY", url.replace("//h:", f"//me:canary@{server}:"))
    _, _, message, action = _of(there, "sotay")
    assert all(part in message + action for part in words.split("; "))
    assert "canary" not in message


def test_a_folder_that_is_not_there(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def said() -> Finding:
        return {f.check: f for f in surroundings.of_connections(catalogue)}["connection sotay"]

    monkeypatch.setenv("AIRFLOW_CONN_SOTAY", f"file://{tmp_path}")
    assert said().level == "ok"
    monkeypatch.setenv("AIRFLOW_CONN_SOTAY", f"file://{tmp_path}/gone")
    assert (said().level, said().message) == ("fail", f"{tmp_path}/gone is no folder that can be read here")


def test_sources_that_cannot_be_asked_as_they_are_described(catalogue: Catalogue) -> None:
    assert [f.level for f in surroundings.of_sources(catalogue)] == ["ok"]
    profile = catalogue.profiles["opencps-2"]
    typo = profile.model_copy(update={"options": profile.options | {"zone": "Asia/Hanoi"}})
    sources = catalogue.sources | {
        code: catalogue.sources["sgddt-motcua"].model_copy(
            update={"code": code, "profile": "igate-2", "params": {"agency": "1"}}
        )
        for code in ("a-igate", "b-igate")
    }
    wrong = catalogue.model_copy(
        update={"profiles": catalogue.profiles | {"opencps-2": typo}, "sources": sources}
    )
    found = list(surroundings.of_sources(wrong))
    assert {f.level for f in found} == {"fail"}
    said = "\n".join(f.message for f in found)
    assert "a-igate, b-igate: params need sso (sources.yaml)" in said
    assert said.count("profile opencps-2: options.zone: there is no time zone Asia/Hanoi") == 1
