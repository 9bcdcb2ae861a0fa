"""Timestamps (RFC 3161) of an outside authority on the links of the chain, kept beside its anchor.

What is stamped is `chain_sha256` as text, so anyone can check a token without this product:
`printf %s <chain_sha256> | openssl ts -verify -data /dev/stdin -in <chain_no>.tsr -CAfile <authority>.pem`.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import requests
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from cchc.errors import ConfigurationError

log = logging.getLogger(__name__)

_PATIENCE = (5, 15)  # seconds to connect and to wait for bytes
_GRANTED = (0, 1)  # PKIStatus granted, grantedWithMods
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


def tokens(anchor: Path) -> dict[int, Path]:
    """Return the tokens there are by the number of their link."""
    found = _folder(anchor).glob("*.tsr")
    return {int(path.stem): path for path in sorted(found) if path.stem.isascii() and path.stem.isdigit()}


def _folder(anchor: Path) -> Path:
    return anchor.with_name(f"{anchor.name}.tsr")


def certificates(pem: Path | None) -> list[x509.Certificate]:
    """Return the certificates of an authority's PEM file; raises `ConfigurationError` where it has none."""
    if pem is None:
        return []
    try:
        return x509.load_pem_x509_certificates(pem.read_bytes())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"CCHC_TSA_CERT: {pem} has no certificate (PEM): {error}") from error


def stamp(anchor: Path, url: str, pem: Path | None, links: Iterable[tuple[int, str]]) -> None:
    """Get the tokens that are missing, the newest link first: through the chain it speaks for all before it.

    `links`: number and `chain_sha256`. An authority that does not answer well is logged and asked again by the next
    publication; nothing is raised for it.
    """
    there = tokens(anchor)
    missing = sorted(((no, sha256) for no, sha256 in links if no not in there), reverse=True)
    for done, (no, sha256) in enumerate(missing):
        try:
            body = _ask(url, sha256, certificates(pem))
            _folder(anchor).mkdir(parents=True, exist_ok=True)
            fresh = _folder(anchor) / f".{no}.unfinished"
            fresh.write_bytes(body)
            fresh.replace(_folder(anchor) / f"{no}.tsr")
        except (ConfigurationError, OSError, ValueError) as error:
            log.warning(
                "%d links have no timestamp yet (no. %d …): %s; the next publication asks again",
                len(missing) - done,
                no,
                error,
            )
            return


def _ask(url: str, sha256: str, trusted: list[x509.Certificate]) -> bytes:
    question = TimestampRequestBuilder().data(sha256.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    reply = requests.post(
        url,
        data=question.as_bytes(),
        headers={"Content-Type": "application/timestamp-query"},
        timeout=_PATIENCE,
    )
    reply.raise_for_status()
    answer = decode_timestamp_response(reply.content)
    if (problem := _problem(answer, sha256, trusted)) is not None:
        raise ValueError(f"{url}: {problem}")
    if answer.tst_info.nonce != question.nonce:
        raise ValueError(f"{url}: the answer is one to another question")
    return reply.content


def wrong(there: Mapping[int, Path], pem: Path | None, chain: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """Yield the number of every token that does not speak for its link, and what is wrong with it.

    `there`: as `tokens` returns them; `chain`: `chain_sha256` by number. The signature is checked where `pem` names the
    authority's certificates: its root, and what lies between the root and the signer where the tokens do not bring it.
    Raises `ConfigurationError`.
    """
    trusted = certificates(pem)
    for no, path in there.items():
        if no not in chain:
            yield no, f"it was removed; {path} is its timestamp"
            continue
        try:
            problem = _problem(decode_timestamp_response(path.read_bytes()), chain[no], trusted)
        except (OSError, ValueError) as error:
            problem = f"it cannot be read ({error})"
        if problem is not None:
            yield no, f"timestamp {path}: {problem}"


def _problem(answer: TimeStampResponse, sha256: str, trusted: list[x509.Certificate]) -> str | None:
    if answer.status not in _GRANTED:
        return f"the authority refused (status {answer.status} {' '.join(answer.status_string)})".rstrip()
    imprint = answer.tst_info.message_imprint
    digest = hashlib.sha256(sha256.encode()).digest()
    if imprint.hash_algorithm != _SHA256 or imprint.message != digest:
        return "it is of another hash"
    if trusted:
        try:
            VerifierBuilder(roots=trusted).build().verify(answer, digest)
        except VerificationError as error:
            return f"it is not signed by the authority of CCHC_TSA_CERT ({error})"
    return None
