"""What lies at the sites of tests, in folders and in a bucket, and two releases that are copied there."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from integration.s3_server import BUCKET, Login, Server

A, B = "2026-11-13-aaaaaaaaaaaa", "2026-11-14-bbbbbbbbbbbb"
OF_A = {
    "public/index.html": b"<p>13/11",
    "public/don-vi/SNV.html": b"<p>SNV 13/11",
    "public/don-vi/SYT.html": b"<p>SYT",
    "public/assets/portal.css": b"p{}",
    f"public/du-lieu/{A}/so-lieu.csv": b"13",
    "internal/index.html": b"<p>13/11, trong nganh",
}
OF_B = {
    "public/index.html": b"<p>14/11",
    "public/don-vi/SNV.html": b"<p>SNV 14/11",
    "public/assets/portal.css": b"p{}",
    "public/thu-tuc/1.004.html": b"<p>1.004",
    f"public/du-lieu/{B}/so-lieu.csv": b"14",
    f"public/du-lieu/{B}/so-lieu.parquet": b"PAR1",
    "internal/index.html": b"<p>14/11, trong nganh",
}


def log_in(server: Server, login: Login, environment: pytest.MonkeyPatch) -> None:
    """Give the environment the server's address and a key, as a deployment's has them."""
    environment.setenv("AWS_ENDPOINT_URL", server.url)
    environment.setenv("AWS_CA_BUNDLE", server.bundle)
    environment.setenv("AWS_ACCESS_KEY_ID", login.key)
    environment.setenv("AWS_SECRET_ACCESS_KEY", login.secret)
    environment.setenv("AWS_DEFAULT_REGION", "us-east-1")


def build(files: dict[str, bytes], of: str = "public") -> dict[str, bytes]:
    """Return the files of a build."""
    return {name.removeprefix(f"{of}/"): body for name, body in files.items() if name.startswith(of)}


def in_folder(site: Path) -> dict[str, bytes]:
    """Return what a folder holds."""
    return {str(p.relative_to(site)): p.read_bytes() for p in sorted(site.rglob("*")) if p.is_file()}


def written(path: Path) -> tuple[int, int]:
    """Return which file it is and when it was written; not when it was read, which is another second."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns


def in_bucket(s3: Server) -> dict[str, bytes]:
    """Return what lies below `cong/` of the bucket."""
    return {name.removeprefix("cong/"): key.value for name, key in s3._store.get_bucket(BUCKET).keys.items()}


def shows(there: dict[str, bytes], files: dict[str, bytes], *editions: str) -> dict[str, bytes]:
    """Check that a site shows exactly these pages, data of these editions beside; returns what else is there."""
    manifest = json.loads(there["manifest.json"])
    wanted = build(files)
    assert {name: there[name] for name in wanted} == wanted
    assert manifest["files"] == {name: hashlib.sha256(body).hexdigest() for name, body in wanted.items()}
    assert manifest["editions"] == sorted(editions)
    assert "internal" not in there["manifest.json"].decode()
    marker = json.loads(there["cchc-site.json"])
    assert (marker["build"], marker["province"]) == ("public", "H14")
    ours = {*wanted, "manifest.json", "cchc-site.json"}
    return {name: body for name, body in there.items() if name not in ours}
