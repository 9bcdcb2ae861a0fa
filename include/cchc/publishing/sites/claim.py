"""Whose a place is, found out before a byte is written to it.

`cchc-site.json` is the first file that a place gets and says which build of which province's portal is written there.
A place without it is taken when it is empty, or when a manifest in it says that it is a site of ours. Two builds have
two places, neither of them within the other or in the releases.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from itertools import permutations
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cchc.publishing.sites.place import NotCopied, Place, Site

MARKER = "cchc-site.json"
MANIFEST = "manifest.json"
UNDER_WAY = "manifest.under-way.json"
_BUILDS = ("public", "internal")
# what an empty place may hold: of the file system, of the certificate's authority, for search engines
_NOBODYS = frozenset({"lost+found", ".well-known", "robots.txt"})
# what tells a home folder or another website; other names are not told, for a file may be called after a person
_TELLING = (".bashrc", ".profile", ".ssh", ".git", "Desktop", "Documents", "index.html", "index.php", "wp-content",
            "web.config", "manifest.json")  # fmt: skip
_SAME = {"s3a": "s3", "ssh": "sftp", "local": "file"}
_THEN = "then run `cchc release deliver`"


def marker(build: str, province: str) -> bytes:
    """Return what the marker of a site says."""
    says = "cchc writes and removes files here; see docs/runbooks/site_not_delivered.md"
    said = {"build": build, "province": province, "about": says}
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def is_marked(site: Site, place: Place, province: str) -> bool:
    """Return whether a place that may be written to has its marker already.

    Raises `NotCopied` where it holds the other build (data of its editions would stay, for they are for ever), the site
    of another province, or anything that is no site of ours.
    """
    said = {name: document(place.read(name)) for name in (MARKER, MANIFEST, UNDER_WAY)}
    own = {name: says for name, says in said.items() if _is_ours(name, says)}
    what = f"{site.variable}: {site.shown}"
    if other := next((says["build"] for says in own.values() if says["build"] != site.build), None):
        raise NotCopied(
            f"{what} holds the {other} build, whose data would stay in it: give each build a place of its own, or "
            f"empty this one first; {_THEN}"
        )
    provinces = [str(says["province"]) for says in own.values() if says.get("province")]
    if provinces and province and provinces[0] != province:
        raise NotCopied(
            f"{what} holds the site of {provinces[0]}, this is {province}: nothing was written. Give each a place of "
            f"its own; where it is the same province under a new code, correct the code in its {MARKER}; {_THEN}"
        )
    found = [name for name in place.top() if name not in _NOBODYS] if not own else []
    if found:
        raise NotCopied(
            f"{what} is not empty and is no site of cchc: it holds {_told(found)}. Nothing was written or removed. "
            f"Correct the address, or empty the place; if the site shall lie among these files, "
            f'put a file {MARKER} with {{"build": "{site.build}"}} there; {_THEN}'
        )
    return MARKER in own


def _told(found: Collection[str]) -> str:
    known = [name for name in _TELLING if name in found]
    count = f"{len(found)} {'file or folder' if len(found) == 1 else 'files and folders'}"
    return f"{count}, among them {', '.join(known)}" if known else count


def document(body: bytes | None) -> dict[str, Any]:
    """Return what a file of ours at a site says; nothing where there is none or it cannot be read."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def overlap(sites: Collection[Site], releases: Path) -> str:
    """Return which place lies in another, where readers of the one could read the other; empty: none does.

    Folders are compared as the file system sees them: by whatever path or mount they are named.
    """
    places = [*((site.variable, site.url) for site in sites), ("CCHC_RELEASES", str(releases))]
    for (one, outer), (other, inner) in permutations(places, 2):
        if _lies_in(inner, outer):
            return (
                f"{other} lies in the place of {one}: whoever reads the one could read the other. Nothing was "
                f"written; give each a place of its own, {_THEN}"
            )
    return ""


def _is_ours(name: str, says: Mapping[str, Any]) -> bool:
    """Return whether a document is one of ours: other websites have a manifest.json too."""
    return says.get("build") in _BUILDS and (name == MARKER or isinstance(says.get("files"), dict))


def _lies_in(inner: str, outer: str) -> bool:
    (where, path), (where_outer, path_outer) = _address(inner), _address(outer)
    if where != where_outer:
        return False
    if f"{path}/".startswith(f"{path_outer.rstrip('/')}/"):
        return True
    return not where and bool(_on_disk([path_outer]) & _on_disk([path, *map(str, Path(path).parents)]))


def _on_disk(paths: Collection[str]) -> set[tuple[int, int]]:
    """Return which folders these are, of those that are there."""
    found: set[tuple[int, int]] = set()
    for path in paths:
        with suppress(OSError):
            seen = Path(path).stat()
            found.add((seen.st_dev, seen.st_ino))
    return found


def _address(url: str) -> tuple[str, str]:
    """Return on which system a place is (empty: this one) and its path there, however it is spelled."""
    if "://" not in url:
        return "", os.path.realpath(url)
    parts = urlsplit(url)
    kind = _SAME.get(parts.scheme, parts.scheme)
    if kind == "file":
        return "", os.path.realpath(parts.path)
    return f"{kind}://{parts.netloc.rpartition('@')[2].lower()}", os.path.normpath(
        f"/{parts.path.lstrip('/')}"
    )
