"""Read one field map as YAML nodes, so that every entry keeps its line and no duplicate key is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from migrator.records import dataclass

Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20  # of mappings and lists in each other
_DEEP = "is nested too deeply, or an alias stands inside of what it means"
WORDS: Mapping[str, object] = {"": None, "~": None, "null": None, "true": True, "false": False}


class _Loader(Base):  # type: ignore[misc]  # the base is chosen at run time
    """Leaves it to ``_scalar`` to say what a plain word is, which is also a third faster."""

    def resolve(self, *_: object) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a field map; prints as ``path:line: CODE message``."""

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code} {self.message}"


class Entry(NamedTuple):
    """A YAML value and its line: a scalar, a list of entries or a mapping of key to entry."""

    value: object
    line: int

    def plain(self) -> object:
        """The value without lines."""
        match self.value:
            case dict() as entries:
                return {key: entry.plain() for key, entry in entries.items()}
            case list() as entries:
                return [entry.plain() for entry in entries]
            case scalar:
                return scalar

    def items(self) -> Iterable[tuple[str, Entry]]:
        """Key and entry of a mapping; nothing for what is no mapping."""
        return self.value.items() if isinstance(self.value, dict) else ()


class _Reader:
    """Turns the nodes of one file into entries and collects what is wrong with them."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def entry(self, node: yaml.Node, line: int) -> Entry:
        match node:
            case yaml.ScalarNode():
                return Entry(_scalar(node), line)
            case yaml.MappingNode():
                return Entry(self._mapping(node), line)
            case _:
                return Entry([self.entry(item, item.start_mark.line + 1) for item in node.value], line)

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.problems.append(Problem(self.path, line, "MG503", "a key has to be a plain word"))
            elif key.value in entries:
                first = entries[key.value].line
                message = f"'{key.value}' is given twice; the first is in line {first}"
                self.problems.append(Problem(self.path, line, "MG504", message))
            else:
                entries[key.value] = self.entry(value, line)
        return entries


def _scalar(node: yaml.ScalarNode) -> object:
    """The plain value of a scalar; ``off``, ``no`` and ``1:30`` stay the words that they look like."""
    text = str(node.value)
    if node.style:  # quoted, or a block
        return text
    if text in WORDS:
        return WORDS[text]
    if text[0].isdigit() or text[0] in "+-.":
        for number in (int, float):
            with suppress(ValueError):
                return number(text)
    return text


def _is_deep(text: str) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            return True
    return False


def read(path: Path) -> tuple[Entry | None, tuple[Problem, ...]]:
    """The top-level mapping of the file at ``path`` (None where there is none to use) and what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
        if _is_deep(text):  # which would end the process in the C library
            return None, (Problem(str(path), 1, "MG501", _DEEP),)
        node = yaml.compose(text, Loader=_Loader)
    except (OSError, UnicodeError) as error:
        return None, (Problem(str(path), 1, "MG501", f"cannot be read: {error}"),)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return None, (Problem(str(path), line, "MG501", f"is not YAML: {error.problem or error.context}"),)
    except yaml.YAMLError as error:
        return None, (Problem(str(path), 1, "MG501", f"is not YAML: {error}"),)
    if node is None:
        return Entry({}, 1), ()
    if not isinstance(node, yaml.MappingNode):
        return None, (Problem(str(path), 1, "MG503", "a field map is a mapping of sections"),)
    reader = _Reader(str(path))
    try:
        return reader.entry(node, 1), tuple(reader.problems)
    except RecursionError:
        return None, (Problem(str(path), 1, "MG501", _DEEP),)
