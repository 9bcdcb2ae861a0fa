"""Great Expectations' pages made to stand alone: nothing is fetched from the internet, and the first page is ours.

As they are made they load styles and scripts from a dozen public hosts; inside an office's network the list of results
stays blank. The pages hold sums, never rows.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import Path

from cchc.quality.rules import Scope, all_rules

_FETCHED = re.compile(
    r"<link\b[^>]*\bhref=\"https?://[^>]*>|<script\b[^>]*\bsrc=\"https?://[^>]*>\s*</script>"
    r"|<img\b[^>]*\bsrc=\"https?://[^>]*>|<footer>.*?</footer>",
    re.DOTALL,
)
_STYLE = """<style>
body { font: 15px/1.45 system-ui, sans-serif; margin: 1rem auto; max-width: 75rem; padding: 0 1rem; color: #1b1b1b; }
table { border-collapse: collapse; margin: .3rem 0 1rem; }
th, td { border: 1px solid #c9c9c9; padding: .25rem .6rem; text-align: left; vertical-align: top; }
td.n { text-align: right; } th { background: #f0f0f0; }
ul { columns: 18rem; } .badge { background: #eee; border-radius: .3rem; padding: 0 .3rem; }
.text-danger, .broken { color: #a40000; font-weight: bold; } .text-success { color: #1d6b1d; }
.fa-times::before { content: "✗"; } .fa-check-circle::before { content: "✓"; }
.fa-exclamation-triangle::before { content: "!"; } .fas { font-style: normal; }
#data-docs-site-info, .navbar-brand, .cooltip .top, input[type=radio], label { display: none; }
</style>
</head>"""


def stand_alone(folder: Path, of: str, results: Mapping[Scope, Iterable[tuple[str, str, int, int]]]) -> None:
    """Rewrite the pages of a folder and put an own first page before them.

    `of`: which run they are of; `results`: of each scope (rule, severity, checked, broken).
    """
    shutil.rmtree(folder / "static", ignore_errors=True)
    for page in folder.rglob("*.html"):
        said = _FETCHED.sub("", page.read_text(encoding="utf-8"))
        page.write_text(said.replace("</head>", _STYLE, 1), encoding="utf-8")
    (folder / "index.html").write_text(_index(folder, of, results), encoding="utf-8")


def _index(folder: Path, of: str, results: Mapping[Scope, Iterable[tuple[str, str, int, int]]]) -> str:
    parts: list[str] = []
    for scope, found in results.items():
        rows = list(found)
        checked = max((row[2] for row in rows), default=0)
        page = next(iter(sorted((folder / "validations" / scope).rglob("*.html"))), None)
        title = escape(scope)
        if page is not None:
            title = f'<a href="{escape(page.relative_to(folder).as_posix())}">{title}</a>'
        broken = [row for row in rows if row[3]]
        parts.append(
            f"<h2>{title}</h2><p>{checked} checked by {len(rows)} expectations, {len(broken)} broken.</p>"
        )
        if broken:
            lines = "".join(
                f"<tr><td>{escape(rule)}</td><td>{escape(severity)}</td><td class='n broken'>{count}</td>"
                f"<td>{escape(all_rules()[rule].message if rule in all_rules() else '')}</td></tr>"
                for rule, severity, _, count in broken
            )
            parts.append(
                "<table><tr><th>Rule</th><th>Severity</th><th>Broken</th><th>Message</th></tr>"
                f"{lines}</table>"
            )
    return (
        "<!DOCTYPE html>\n<html lang='vi'><head><meta charset='utf-8'><title>Data Docs</title>"
        f"{_STYLE}<body><h1>What the gate checked: {escape(of)}</h1>{''.join(parts)}</body></html>\n"
    )
