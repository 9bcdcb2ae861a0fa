"""Releases as they lie on the disk, and a process that copies one to its site and may be killed (see `nursery`)."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Engine, make_url, text

from cchc.publishing.sites import copies
from cchc.publishing.sites.place import Site
from cchc.warehouse.engine import connect


def lay(releases: Path, release_id: str, files: Mapping[str, bytes]) -> Path:
    """Write a release of these files (`public/…`, `internal/…`), let `current` lead to it and return its folder."""
    folder = releases / release_id
    for name, body in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    listed = {
        name: {"sha256": hashlib.sha256(body).hexdigest(), "bytes": len(body)} for name, body in files.items()
    }
    about = {"release_id": release_id, "reporting_day": release_id[:10], "province": "H14", "files": listed}
    (folder / "manifest.json").write_text(json.dumps(about), encoding="utf-8")
    point(releases, release_id)
    return folder


def release(engine: Engine, releases: Path, release_id: str, files: Mapping[str, bytes]) -> Path:
    """Lay down a release that the warehouse knows, and return its folder."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "insert into publish.release (release_id, reporting_day, content_sha256, path, sources_expected,"
                " sources_fresh) values (:id, :day, :id, '', 0, 0) on conflict do nothing"
            ),
            {"id": release_id, "day": release_id[:10]},
        )
    return lay(releases, release_id, files)


def point(releases: Path, release_id: str) -> None:
    """Let `current` lead to a release."""
    fresh = releases / ".fresh"
    fresh.symlink_to(release_id)
    fresh.replace(releases / "current")


def _die_at(step: int) -> None:
    """Kill this process at its step-th change of a folder."""
    left = step

    def count(event: str, of: tuple[object, ...]) -> None:
        nonlocal left
        if event in {"os.mkdir", "os.rename", "os.remove", "os.rmdir"} or (
            event == "open" and int(str(of[2])) & os.O_EXCL
        ):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)


def main() -> None:
    """Fork a copier for each order."""
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            os.write(1, b"started\n")
            if "dies_at" in order:
                _die_at(order["dies_at"])
            engine = connect(make_url(order["dsn"]))
            done = copies.copy(engine, Path(order["releases"]), [Site("public", order["site"])])
            os._exit(1 if done[0].problem else 0)
        os.write(1, f"pid {pid}\n".encode())
        _, status = os.waitpid(pid, 0)
        os.write(1, f"exit {os.waitstatus_to_exitcode(status)}\n".encode())


if __name__ == "__main__":
    main()
