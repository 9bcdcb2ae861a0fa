"""Timestamps on the chain by a real RFC 3161 authority: an HTTP server that answers with `openssl ts -reply`."""

from __future__ import annotations

import logging
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cchc.errors import ConfigurationError
from cchc.indicators import periods
from cchc.publishing import anchor_file, chain, closing, timestamps, verification
from cchc.publishing.release import publish
from cchc.settings import settings
from integration.indicator_facts import watermark
from integration.rows import new_run
from integration.seed_unit import DAY, UNIT, catalogue

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed: it is the authority of these tests"
)
CATALOGUE = catalogue()
_CONFIG = """
[tsa]
default_tsa = own
[own]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
"""


def _openssl(*arguments: str, folder: Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@dataclass
class Authority:
    """A running authority and how it behaves."""

    folder: Path
    url: str = ""
    is_down: bool = False
    instead: bytes | None = None  # answered instead of an honest token
    asked: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def make(self) -> None:
        own = self.folder
        own.mkdir()
        (own / "openssl.cnf").write_text(_CONFIG.format(folder=own))
        (own / "serial").write_text("01\n")
        (own / "extensions").write_text("extendedKeyUsage=critical,timeStamping\n")
        new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        root = ("-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=root")
        _openssl("req", "-x509", *new, *root, folder=own)
        _openssl(
            "req", *new, "-keyout", "signer.key", "-out", "signer.csr", "-subj", "/CN=signer", folder=own
        )
        signed_by = ("-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
        made = ("-out", "signer.pem", "-extfile", "extensions")
        _openssl("x509", "-req", "-in", "signer.csr", *signed_by, *made, folder=own)

    def answer(self, question: bytes) -> bytes:
        with self.lock:
            self.asked.append(question)
            (self.folder / "question").write_bytes(question)
            arguments = ("-config", "openssl.cnf", "-queryfile", "question", "-out", "answer")
            _openssl("ts", "-reply", *arguments, folder=self.folder)
            return (self.folder / "answer").read_bytes()


@pytest.fixture
def authority(tmp_path: Path) -> Iterator[Authority]:
    """Return a running authority."""
    own = Authority(tmp_path / "authority")
    own.make()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == "application/timestamp-query"
            if own.is_down:
                self.send_error(503)
                return
            body = own.answer(question) if own.instead is None else own.instead
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        own.url = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield own
        server.shutdown()


@pytest.fixture
def root(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the directory of releases of an installation that asks the authority."""
    monkeypatch.setenv("CCHC_RELEASES", str(tmp_path / "releases"))
    monkeypatch.setenv("CCHC_TSA_URL", authority.url)
    monkeypatch.setenv("CCHC_TSA_CERT", str(authority.folder / "root.pem"))
    settings.cache_clear()
    yield tmp_path / "releases"
    settings.cache_clear()


def release(warehouse: Engine, root: Path, days: int) -> None:
    publish(warehouse, CATALOGUE, DAY + timedelta(days=days), None, root)


def stamped(root: Path) -> list[int]:
    return sorted(timestamps.tokens(anchor_file.beside(root)))


def found(warehouse: Engine, root: Path, pem: Path | None = None) -> list[tuple[int | None, str]]:
    _, findings = verification.verify(warehouse, root, anchor_file.beside(root), pem)
    assert {f.level for f in findings} <= {"fail"}
    return [(f.chain_no, f.message) for f in findings]


def test_releases_and_revisions_are_stamped_once_and_verify(
    warehouse: Engine, root: Path, authority: Authority
) -> None:
    watermark(warehouse, UNIT, "sgddt-motcua", DAY, "dossier")
    release(warehouse, root, 0)
    new_run(warehouse, DAY)
    closing.close(warehouse, CATALOGUE, periods.parse("2026-11"), "A")
    release(warehouse, root, 0)  # another one: its archive has the closed period
    release(warehouse, root, 0)
    assert (stamped(root), len(authority.asked)) == ([1, 2, 3], 3)
    assert found(warehouse, root, authority.folder / "root.pem") == []
    line = anchor_file.read(anchor_file.beside(root)).lines[1]
    (authority.folder / "data").write_text(line.chain_sha256)
    token = timestamps.tokens(anchor_file.beside(root))[2]  # and openssl says the same, without this product
    arguments = ("-data", "data", "-in", str(token), "-CAfile", "root.pem")
    _openssl("ts", "-verify", *arguments, folder=authority.folder)


def test_an_authority_that_is_down_stops_nothing_and_is_asked_again(
    warehouse: Engine, root: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    authority.is_down = True
    with caplog.at_level(logging.WARNING):
        release(warehouse, root, 0)
        release(warehouse, root, 1)
    assert (root / "current").resolve().name.startswith("2026-11-15")
    assert "2 links have no timestamp yet (no. 2" in caplog.text
    assert "503" in caplog.text
    assert stamped(root) == []
    assert found(warehouse, root) == []
    authority.is_down = False
    release(warehouse, root, 1)  # nothing new is published: the missing ones are asked for all the same
    assert stamped(root) == [1, 2]
    assert found(warehouse, root, authority.folder / "root.pem") == []


@pytest.mark.parametrize("what", ["nonsense", "another", "refusal"])
def test_a_bad_answer_is_not_kept(
    warehouse: Engine, root: Path, authority: Authority, caplog: pytest.LogCaptureFixture, what: str
) -> None:
    release(warehouse, root, 0)
    if what == "nonsense":
        authority.instead = b"<html>"
    elif what == "another":  # an honest token of the release before
        authority.instead = timestamps.tokens(anchor_file.beside(root))[1].read_bytes()
    else:
        (authority.folder / "openssl.cnf").write_text(
            _CONFIG.format(folder=authority.folder).replace("digests = sha256", "digests = sha512")
        )
    with caplog.at_level(logging.WARNING):
        release(warehouse, root, 1)
    assert stamped(root) == [1]
    said = {"nonsense": "parse error", "another": "it is of another hash", "refusal": "the authority refused"}
    assert said[what] in caplog.text


def test_a_replayed_answer_to_the_same_hash_is_not_kept(
    warehouse: Engine, root: Path, authority: Authority, caplog: pytest.LogCaptureFixture
) -> None:
    release(warehouse, root, 0)
    token = timestamps.tokens(anchor_file.beside(root))[1]
    authority.instead = token.read_bytes()
    token.unlink()
    with caplog.at_level(logging.WARNING):
        release(warehouse, root, 0)
    assert stamped(root) == []
    assert "the answer is one to another question" in caplog.text


def test_a_chain_and_its_anchor_rewritten_together_are_found_by_the_timestamps(
    warehouse: Engine, root: Path, authority: Authority
) -> None:
    release(warehouse, root, 0)
    with warehouse.begin() as connection:
        connection.execute(text("drop trigger indicator_value_stands on publish.indicator_value"))
        connection.execute(text("drop trigger chain_link_sealed on publish.chain_link"))
        connection.execute(text("update publish.indicator_value set reason = 'changed'"))
        chain.seal(connection, 1)
        anchor_file.beside(root).unlink()
        chain.anchor_links(connection, anchor_file.beside(root))
    token = timestamps.tokens(anchor_file.beside(root))[1]
    assert found(warehouse, root) == [(1, f"timestamp {token}: it is of another hash")]


def test_what_was_done_to_the_tokens_is_found(
    warehouse: Engine, root: Path, authority: Authority, tmp_path: Path
) -> None:
    for n in range(3):
        release(warehouse, root, n)
    first, second, third = timestamps.tokens(anchor_file.beside(root)).values()
    first.write_bytes(second.read_bytes())
    second.write_bytes(b"")
    body = third.read_bytes()
    third.with_name("9.tsr").write_bytes(body)
    messages = dict(found(warehouse, root))
    assert set(messages) == {1, 2, 9}
    assert messages[1] is not None
    assert "it is of another hash" in messages[1]
    assert "it cannot be read" in messages[2]
    assert "it was removed" in messages[9]


def test_a_token_of_another_authority_is_found_where_the_own_one_is_named(
    warehouse: Engine, root: Path, authority: Authority, tmp_path: Path
) -> None:
    release(warehouse, root, 0)
    other = Authority(tmp_path / "other")
    other.make()
    messages = found(warehouse, root, other.folder / "root.pem")
    assert [no for no, _ in messages] == [1]
    assert "it is not signed by the authority of CCHC_TSA_CERT" in messages[0][1]
    assert found(warehouse, root) == []  # without a certificate only the hash can be compared
    with pytest.raises(ConfigurationError, match=r"CCHC_TSA_CERT: .* has no certificate"):
        found(warehouse, root, other.folder / "root.key")


def test_without_an_authority_nothing_happens(
    warehouse: Engine, root: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CCHC_TSA_URL")
    settings.cache_clear()
    release(warehouse, root, 0)
    assert authority.asked == []
    assert stamped(root) == []
