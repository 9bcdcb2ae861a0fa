"""Every error that a unit's own file raises is read by its officer in Vietnamese; they are found in the source."""

from __future__ import annotations

import ast
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import cchc.sources
from cchc.alerting import reasons
from cchc.errors import ContractBroken, SourceUnavailable

SOURCES = Path(cchc.sources.__file__).parent
#: what is raised on account of a file …
OF_FILES = {
    *("BadText", "BadWorkbook", "MissingHeading", "Refusal", "TooLarge", "UnknownLetters"),
    *("ContractBroken", "SourceUnavailable"),
}
#: … and what is not: of answers and messages, of the profile, of servers
OF_OTHERS = {
    *("BadJson", "BadMessage", "NoMessage", "EndsEarly", "_Ended", "ConfigurationError", "SourceRefused"),
    *("ValueError", "TypeError", "StopIteration", "OSError", "_WrongKey"),
    "error",  # given to a function, which is looked at by its annotation
}
#: What no officer can mend: the profile, or the network between.
TECHNICAL = {
    "heading 7 is two measures, one of them 7",
    "the unit's folder is not there; is the share mounted?",
    "the server has no such folder (share, or prefix of a bucket)",
    "the files were not read within the time that their host allows (total_seconds)",
    "the file or folder cannot be read: 7",
    "7 bytes came of a file that has 7: the server broke it off",
    "the server cannot be reached: 7",
    "the server cannot be reached: its name is not known",
    "the server cannot be reached: its name was not told in time",
}


class Texts:
    """What the errors of some modules may say, with 7 for what is known only when they are raised."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self.trees = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
        nodes = [node for tree in self.trees for node in ast.walk(tree)]
        self.functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
        self.constants = {name: value for tree in self.trees for name, value in _assigned(tree.body)}
        self.raised = {
            node.exc.func.id
            for node in nodes
            if isinstance(node, ast.Raise)
            and isinstance(node.exc, ast.Call)
            and isinstance(node.exc.func, ast.Name)
        } - {function.name for function in self.functions}

    def all(self) -> set[str]:
        """Return them, also the parts that others hold; an error that hands on another's text has none of its own."""
        found: set[str] = set()
        for function in self.functions:
            kinds = OF_FILES | {
                a.arg for a in function.args.args if "type[" in ast.unparse(a.annotation or a)
            }
            for call in ast.walk(function):
                name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
                if isinstance(call, ast.Call) and name in kinds:
                    of_source = name in ("ContractBroken", "SourceUnavailable")
                    found |= set(self._of(call.args[1 if of_source else 0], function, ()))
                elif isinstance(call, ast.Call) and name == "super().__init__" and _tells(call):
                    found |= set(self._of(call.args[0], function, ()))
        return found - {"7"}

    def _of(
        self, node: ast.expr, within: ast.FunctionDef, seen: tuple[ast.FunctionDef, ...]
    ) -> Iterator[str]:
        match node:
            case ast.Constant(value=str(text)):
                yield text
            case ast.Constant(value=None):  # nothing is wrong
                pass
            case ast.JoinedStr(values=parts):
                of_parts = [list(self._of(part, within, seen)) for part in parts]
                yield from map("".join, itertools.product(*of_parts))
            case ast.FormattedValue(value=value):
                yield from self._of(value, within, seen)
            case ast.IfExp(body=first, orelse=second):
                yield from self._of(first, within, seen)
                yield from self._of(second, within, seen)
            case ast.Name(id=name):
                values = _before(node, within)
                if not values and name in self.constants:
                    values = [self.constants[name]]
                for value in values:
                    yield from self._of(value, within, seen)
                if not values:
                    yield "7"
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                called = [f for f in self.functions if f.name == name and f not in seen and _is_text(f)]
                for function in called:
                    for inner in ast.walk(function):
                        if isinstance(inner, ast.Return) and inner.value is not None:
                            yield from self._of(inner.value, function, (*seen, function))
                if not called:
                    yield "7"
            case _:
                yield "7"


def _assigned(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                yield name, value
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield name, value


def _before(use: ast.Name, within: ast.FunctionDef) -> list[ast.expr]:
    """Return what a name may be where it is used: the last assignment on its way, and those in branches since."""
    values: list[ast.expr] = []
    known = [
        value for name, value in _assigned(ast.walk(within)) if name == use.id and value.lineno <= use.lineno
    ]
    for value in sorted(known, key=lambda value: value.lineno):
        if _depth(value, within) <= _depth(use, within):
            values.clear()
        values.append(value)
    return values


def _depth(node: ast.expr, within: ast.FunctionDef) -> int:
    """Return how deep the statement of an expression is indented."""
    statements = (s for s in ast.walk(within) if isinstance(s, ast.stmt))
    return max(s.col_offset for s in statements if s.lineno <= node.lineno <= (s.end_lineno or 0))


def _is_text(function: ast.FunctionDef) -> bool:
    """Whether a function says why: an error's text, or none."""
    return function.returns is not None and ast.unparse(function.returns) in ("str", "str | None")


def _tells(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.JoinedStr)


@pytest.fixture(scope="module")
def texts() -> Texts:
    kinds = SOURCES / "kinds"
    others = (kinds / "files.py", SOURCES.parent / "landing" / "pull.py")
    return Texts([*(SOURCES / "formats").rglob("*.py"), *(kinds / "stores").glob("*.py"), *others])


def test_whatever_a_file_raises_is_known(texts: Texts) -> None:
    assert texts.raised <= OF_FILES | OF_OTHERS, "a new error: is it on account of a file?"


def test_every_error_of_a_file_has_words_for_its_unit(texts: Texts) -> None:
    found = texts.all()
    found -= {text for text in found for other in found if other.endswith(f": {text}")}
    assert len(found) > 60, "the errors are found in the source"
    silent = {text for text in found if not reasons.reason("files", text)}
    assert silent - TECHNICAL == set()
    assert silent >= TECHNICAL, "what is not raised any more, or has words now"
    for text in found - silent:
        said = reasons.reason("files", text.replace("7 to 7", "15/10/2026 to 14/11/2026"))
        assert unicodedata.is_normalized("NFC", said)
        assert not re.search(r"\b(the|row|rows|sheet|file|column|heading|is|of|to|title)\b", said), said


def test_no_words_are_kept_for_what_nothing_raises(texts: Texts) -> None:
    needed = {
        pattern
        for text in texts.all()
        for pattern, _ in reasons._COMPILED
        if pattern.fullmatch(text.rstrip("."))
    }
    assert [p.pattern for p, _ in reasons._COMPILED if p not in needed] == []


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("the file is empty: not even its headings", "tệp trống, không có cả dòng tiêu đề"),
        ("heading Mã hồ sơ, Ngày tiếp nhận is missing", "dòng tiêu đề thiếu cột: Mã hồ sơ, Ngày tiếp nhận"),
        ("heading Mã hồ sơ stands twice", "dòng tiêu đề có hai lần cột: Mã hồ sơ"),
        (
            "the file is not there (there is sổ tháng 11.xlsx); the unit must put it into its folder.",
            "không có tệp trong thư mục; đang có: sổ tháng 11.xlsx",
        ),
        (
            "column Tổng số: the rows add up to 1250,5, row 8 (their total) states nothing",
            "cột Tổng số: cộng các dòng được 1.250,5, dòng tổng 8 ghi trống; sửa số sai",
        ),
        (
            "it names different days: title 15/10/2026 to 14/11/2026, sheet 15/09/2026 to 14/10/2026; which of "
            "them does it count?",
            "nêu các kỳ khác nhau: tiêu đề 15/10/2026 đến 14/11/2026, tên trang tính 15/09/2026 đến 14/10/2026; "
            "sửa cho thống nhất một kỳ",
        ),
        (
            "the file's name says 15/10/2026 to 14/11/2026, and it counts 15/09/2026 to 14/10/2026 in sheet T10: "
            "which of them is it?",
            "tên tệp nêu kỳ 15/10/2026 đến 14/11/2026, nội dung là của kỳ 15/09/2026 đến 14/10/2026 ở trang tính "
            "T10; sửa cho thống nhất một kỳ",
        ),
        (
            "it does not say which days it counts (looked for in: title, sheet, file)",
            "không nêu kỳ báo cáo ở: tiêu đề, tên trang tính, tên tệp; ghi rõ kỳ",
        ),
        ("the list moved while it was read", ""),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_vietnamese(message: str, reason: str) -> None:
    assert reasons.reason("files", message) == reason
    assert reasons.reason("files", str(ContractBroken("a-so", message, where="so.xlsx sheet T11"))) == reason
    assert reasons.reason("opencps", message) == ""


def test_what_to_do_may_stand_behind_an_error() -> None:
    error = SourceUnavailable(
        "a-so",
        "the file changed while it was read; someone is writing it",
        where="so.csv",
        action="Rename it.",
    )
    assert reasons.reason("files", str(error)).startswith("tệp thay đổi trong lúc đọc")


def test_the_same_mistake_by_another_amount_is_no_news() -> None:
    said = [
        reasons.reason("files", f"column Tổng: the rows add up to {n}, row {n} (their total) states 1")
        for n in (50, 1051)
    ]
    assert said[0] != said[1]
    assert len(set(map(reasons.sort, said))) == 1
