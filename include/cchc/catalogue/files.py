"""Read the YAML files of a catalogue directory, the shipped ones where a province has none of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from cchc.errors import ConfigurationError
from cchc.settings import SHIPPED_CATALOGUE

# libyaml's loader where it is there: eight times as fast, and every task of a night reads the catalogue
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _parse(path: Path) -> Any:
    loader = _LOADER(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _refuse_twice(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _refuse_twice(root: yaml.Node) -> None:
    """Raise where a key stands twice in one mapping: YAML's reader would take the last and say nothing."""
    waiting, looked = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in looked or isinstance(node, yaml.ScalarNode):
            continue
        looked.add(id(node))  # what an alias names is looked at once
        if not isinstance(node, yaml.MappingNode):
            waiting += node.value
            continue
        keys = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in keys:
                    raise yaml.MarkedYAMLError(
                        problem=f"key {key.value} stands twice", problem_mark=key.start_mark
                    )
                keys.add((key.tag, key.value))
            waiting.append(value)


def _said(error: Exception) -> str:
    """Return where a file is no YAML and why; never what stands there."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        within = f" ({error.context})" if error.context else ""
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}{within}"
    if isinstance(error, UnicodeDecodeError):
        return "it is not UTF-8"
    if isinstance(error, ValueError):  # a day that no month has
        return f"a date is none: {error}"
    return str(getattr(error, "reason", type(error).__name__))


def parsed(path: Path) -> Any:
    """Return what a file says; raises `ConfigurationError` where it is missing or no YAML, or says a key twice."""
    try:
        return _parse(path)
    except FileNotFoundError:
        raise ConfigurationError(f"{path} is missing: a catalogue directory needs it") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"{path} is not readable YAML: {_said(error)}") from None


M = TypeVar("M", bound=BaseModel)


def read(directory: Path, name: str, what: str, model: type[M]) -> tuple[M, Path]:
    """Return one file of the province's catalogue, or the shipped one where it has none, and where it was read.

    `what` it is, for people: `form ii06a`. Raises `ConfigurationError` naming the file and every place in it that is
    wrong.
    """
    path = directory / name
    if not path.exists():
        path = SHIPPED_CATALOGUE / name
    try:
        return model.model_validate(_parse(path)), path
    except FileNotFoundError:
        raise ConfigurationError(f"{what}: {path} cannot be read: it is not there") from None
    except ValidationError as error:
        lines = [
            f"  {''.join(f'{part}: ' for part in e['loc'])}{e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        ]
        raise ConfigurationError(f"{what}: {path} is wrong:\n" + "\n".join(lines)) from error
    except (ValueError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{what}: {path} cannot be read: {_said(error)}") from None


def by_code(rows: list[dict[str, Any]] | None, path: Path) -> dict[str, dict[str, Any]]:
    """Return entries by their code; raises `ConfigurationError` for one without, or twice."""
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows or [], 1):
        code = row.get("code") if isinstance(row, dict) else None
        if code is None:
            raise ConfigurationError(f"{path}: entry {number} has no code")
        if code in found:
            raise ConfigurationError(f"{path}: code {code} stands twice")
        found[code] = row
    return found


def folder(directory: Path, name: str) -> dict[str, dict[str, Any]]:
    """Return the entries of the province's own folder, or of the shipped one where it has none, by code.

    Raises `ConfigurationError` for a file that is not called as its code: it would be looked for in vain.
    """
    there = directory / name
    if not there.is_dir():
        there = SHIPPED_CATALOGUE / name
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(there.glob("*.yaml")):
        entry = by_code([parsed(path)], path)
        if path.stem not in entry:
            raise ConfigurationError(
                f"{path}: its code is {next(iter(entry))}: code and name of the file must be the same"
            )
        found |= entry
    return found
