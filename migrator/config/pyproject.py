"""One file of settings: ``[tool.migrator]`` of a pyproject.toml, or a TOML file of its own, checked key by key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NoReturn

from migrator import patterns, source
from migrator.config.keys import KEYS, PATHS, Part, Values, texts
from migrator.records import dataclass

NAME = "pyproject.toml"
_OVERRIDES = "overrides"


class ConfigError(Exception):
    """Settings that cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Override:
    """Values for the files that a list of patterns means."""

    paths: patterns.Patterns
    values: Values


@dataclass(frozen=True, slots=True, eq=False)
class Config:
    """The settings of one file; patterns and paths in it are relative to ``base``."""

    path: str
    base: str
    values: Values
    overrides: tuple[Override, ...] = ()

    def values_for(self, path: str) -> Values:
        """Give the values that hold for a file, by its absolute path; later overrides win."""
        values = dict(self.values)
        for override in self.overrides:
            if override.paths.match(path):
                values.update(override.values)
        return values


def read(path: str, base: str | None = None) -> Config | None:
    """Read a file of settings; None for a pyproject.toml that says nothing to us.

    ``base`` is the folder that its patterns are relative to, by default its own. Raise ConfigError where the file
    cannot be read, is not TOML, or says what is not understood.
    """
    path = os.path.abspath(path)
    try:
        data = source.read(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    own = os.path.basename(path) != NAME
    if not own and b"migrator" not in data:
        return None  # most of them: not worth the import of a parser
    import tomllib

    try:
        text = data.decode()
        document = tomllib.loads(text)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from None
    section: tuple[str, ...] = () if own else ("tool", "migrator")
    table: Any = document
    for name in section:
        table = table.get(name) if isinstance(table, dict) else None
    if table is None:
        return None
    return _Reader(path, base or os.path.dirname(path), text, section).config(table)


@dataclass(frozen=True, slots=True)
class _Reader:
    path: str
    base: str
    text: str
    section: tuple[str, ...]

    def config(self, table: object) -> Config:
        if not isinstance(table, dict):
            self._fail((), "[tool.migrator] has to be a table")
        overrides = table.get(_OVERRIDES, [])
        if not isinstance(overrides, list):
            self._fail((_OVERRIDES,), f"expected [[{'.'.join((*self.section, _OVERRIDES))}]]")
        values = {key: value for key, value in table.items() if key != _OVERRIDES}
        found = tuple(self._override((_OVERRIDES, number), each) for number, each in enumerate(overrides))
        return Config(self.path, self.base, self._values((), values, frozenset(Part)), found)

    def _override(self, place: tuple[str | int, ...], table: object) -> Override:
        if not isinstance(table, dict) or "paths" not in table:
            self._fail(place, "an override needs paths, a list of patterns")
        rest = {key: value for key, value in table.items() if key != "paths"}
        paths = self._checked((*place, "paths"), "paths", table["paths"])
        return Override(patterns.Patterns(self.base, paths), self._values(place, rest, frozenset({Part.REWRITE})))

    def _values(self, place: tuple[str | int, ...], table: Mapping[str, object], parts: frozenset[Part]) -> Values:
        return {key: self._value((*place, key), key, value, parts) for key, value in table.items()}

    def _value(self, place: tuple[str | int, ...], name: str, value: object, parts: frozenset[Part]) -> object:
        key = KEYS.get(name)
        if key is None:
            self._fail(place, f"unknown key {name!r}{_hint(name)}")
        if key.part not in parts:
            self._fail(place, f"{name} is of a whole run and cannot stand in an override")
        if key.part is Part.FIND:
            return self._checked(place, name, value)
        try:
            checked = key.check(value)
        except ValueError as error:
            self._fail(place, f"{name}: {error}")
        if name not in PATHS:
            return checked
        if isinstance(checked, str):
            return os.path.join(self.base, checked)
        return tuple(os.path.join(self.base, each) for each in texts(checked))

    def _checked(self, place: tuple[str | int, ...], name: str, value: object) -> tuple[str, ...]:
        """Give a list of patterns."""
        try:
            lines = texts(value)
        except ValueError as error:
            self._fail(place, f"{name}: {error}")
        for line in lines:
            if wrong := patterns.problem(line):
                self._fail(place, f"{name}: {wrong}")
        return lines

    def _fail(self, place: tuple[str | int, ...], message: str) -> NoReturn:
        raise ConfigError(f"{self.path}:{line_of(self.text, (*self.section, *place))}: {message}")


def _hint(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name.replace("_", "-"), KEYS, n=1)
    return f"; did you mean {near[0]}?" if near else f"; the keys are {', '.join(KEYS)} and {_OVERRIDES}"


def line_of(text: str, place: tuple[str | int, ...]) -> int:
    """Give the line on which a key of a TOML document is given its value, or a table its name.

    The parser of the standard library tells no lines. The place is in the document that the first lines make from one
    line on: that line ends what gives it, and the line before which the document was last whole begins it.
    """
    import tomllib

    lines = text.splitlines(keepends=True)
    name = next((part for part in reversed(place) if isinstance(part, str)), "")
    whole = 0  # so many lines were a document without the place
    for number in range(1, len(lines) + 1):
        try:
            document = tomllib.loads("".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue
        if _has(document, place):
            span = range(whole, number)
            return next((at for at in span if name in lines[at].split("#")[0]), whole) + 1
        whole = number
    return 1


def _has(document: object, place: tuple[str | int, ...]) -> bool:
    for part in place:
        match document, part:
            case dict(), str() if part in document:
                document = document[part]
            case list(), int() if part < len(document):
                document = document[part]
            case _:
                return False
    return True
