"""What stands in a release: pages and open data of a build, found by what they are."""

from __future__ import annotations

import csv
import io
import re
import shutil
from pathlib import Path

from cchc.settings import SHIPPED_CATALOGUE


def read(root: Path, name: str, build: str = "internal") -> bytes:
    """Return a file of the newest release below `root`: a page by its path, a file of the open data by its name."""
    release = root / "current" / build
    if (release / name).is_file():
        return (release / name).read_bytes()
    (found,) = release.glob(f"du-lieu/*/{name}")
    return found.read_bytes()


def page(root: Path, path: str, build: str = "internal") -> str:
    """Return a page of the newest release below `root`."""
    return read(root, path, build).decode()


def lines(root: Path, name: str, build: str = "internal") -> list[dict[str, str]]:
    """Return the lines of a CSV file of the newest release's open data."""
    return list(csv.DictReader(io.StringIO(read(root, name, build).decode("utf-8-sig"))))


def files_in(release: Path) -> set[str]:
    """Return the paths of all files of a release, from its folder on."""
    return {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}


def edit(file: Path, body: bytes) -> None:
    """Write over a file of a release, as someone does who may: it is read-only."""
    file.chmod(0o644)
    file.write_bytes(body)


def cell(html: str, head: str, column: int = 0) -> str:
    """Return the text of a cell in the line that is headed so."""
    (row,) = re.findall(rf'<th scope="row">(?:<a [^>]*>)?{re.escape(head)}(?:</a>)?</th>(.*?)</tr>', html)
    return re.sub(r"<[^>]+>", "", re.findall(r"<td.*?>(.*?)</td>", row)[column]).strip()


def without_units_pages(folder: Path) -> Path:
    """Return the shipped catalogue, copied, with a portal of publications alone: seconds less a release."""
    if folder.exists():
        return folder
    shutil.copytree(SHIPPED_CATALOGUE, folder)
    province = folder / "province.yaml"
    before, rest = province.read_text(encoding="utf-8").split("\nportal:\n")
    _, after = rest.split("\npublications:\n")
    province.write_text(f"{before}\nportal: {{forms: []}}\npublications:\n{after}", encoding="utf-8")
    return folder
