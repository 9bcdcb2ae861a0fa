"""The guide to adding a file layout, followed with its own example file."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from cchc.catalogue.profiles import Profile
from cchc.sources.door.allow_list import Admitted
from unit.sources.kinds.registers import put
from unit.sources.profiles import admit, read

DOCS = Path(__file__).parents[4] / "docs"
EXAMPLE = "so_mot_cua_2026.xlsx"


def test_the_profile_of_the_guide_reads_its_example(tmp_path: Path) -> None:
    guide = (DOCS / "guides" / "add_file_layout.md").read_text(encoding="utf-8")
    assert f"docs/examples/files/{EXAMPLE}" in guide
    written = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)[0]
    profile = Profile.model_validate(yaml.safe_load(written))
    put(tmp_path, EXAMPLE, (DOCS / "examples" / "files" / EXAMPLE).read_bytes())
    records, _ = read(profile, tmp_path.as_uri())
    assert [record.place for record in records] == [f"{EXAMPLE} sheet Sổ theo dõi row {n}" for n in (6, 7, 8)]
    kept = [admit(profile.datasets["dossier"], record.payload) for record in records]
    assert all(isinstance(found, Admitted) and not found.unknown for found in kept)
    assert isinstance(kept[2], Admitted)
    assert kept[2].fields == {
        "Số hồ sơ": "H14.02-260105-0003",
        "Mã thủ tục": "2.000465",
        "Ngày / Tiếp nhận": "05/01/2026",
        "Ngày / Hẹn trả": "12/01/2026",
        "Ngày / Trả kết quả": "",
        "Tình trạng": "Chờ bổ sung",
    }
