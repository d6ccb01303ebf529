"""Field maps: where each legacy field goes, and how it is spelt there.

A row may say where a value goes and what it is called; it may never say how to compute. Nothing in a map is executable.
``load`` answers with one frozen ``FieldMap``; reading and checking the YAML is ``mapfile``'s and ``mapcheck``'s work.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path

from migrator.diagnostics import Level
from migrator.records import dataclass

SERVICES = ("gemini", "enterprise")
Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a map: what happens to ``field`` of the legacy type ``type``.

    Exactly one of ``to``, ``via``, ``drop`` and ``refuse`` decides, except that ``via`` may come with ``to``.
    ``level`` and ``note`` qualify a row that maps, for clients of ``service`` only where one is given;
    ``unless`` lists the literal values for which ``refuse`` does not hold and the field is simply left out.
    """

    type: str
    field: str
    to: str | None = None
    via: str | None = None
    drop: str | None = None
    refuse: str | None = None
    advice: str = ""
    unless: tuple[object, ...] = ()
    values: Mapping[str, str] = dataclasses.field(default_factory=dict)
    level: Level = Level.SAFE
    note: str = ""
    service: str = ""  # the one that level and note are about, where they do not hold for the other
    of: str = ""  # the legacy type of the field's value, where it is a record or a list of records
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Constructor:
    """A call that makes a legacy record: ``arguments`` in order -> field path, ``sets`` what it fills in by itself."""

    makes: str
    arguments: Mapping[str, str]
    sets: Mapping[str, Scalar] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replacement:
    """What Google names in place of the models that ``pattern`` matches, and where it says so."""

    pattern: str
    to: str
    note: str


@dataclass(frozen=True, slots=True)
class Models:
    """Model names: glob patterns of the ``served`` ones, ``aliases`` that need care, replacements in order."""

    served: tuple[str, ...] = ()
    aliases: Mapping[str, str] = dataclasses.field(default_factory=dict)  # alias -> what to know about it
    replacements: tuple[Replacement, ...] = ()
    thinking: Mapping[str, tuple[str, ...]] = dataclasses.field(
        default_factory=dict
    )  # glob pattern -> levels, lowest first
    retired: tuple[str, ...] = ()  # glob patterns of those that are known not to be served
    formerly: Mapping[str, str] = dataclasses.field(default_factory=dict)  # once named for interactions -> by what

    def is_served(self, model: str) -> bool:
        """Whether the Interactions API names ``model`` (without a ``models/`` prefix)."""
        return any(fnmatchcase(model, pattern) for pattern in self.served)

    def is_retired(self, model: str) -> bool:
        """Whether ``model`` is of a generation that the Interactions API does not serve."""
        return not self.is_served(model) and any(fnmatchcase(model, pattern) for pattern in self.retired)

    def replacement(self, model: str) -> Replacement | None:
        """The first replacement whose pattern matches ``model``, or None."""
        return next((row for row in self.replacements if fnmatchcase(model, row.pattern)), None)

    def thinking_levels(self, model: str) -> tuple[str, ...]:
        """The thinking levels that ``model`` takes, lowest first; empty where that is not known."""
        return next((levels for pattern, levels in self.thinking.items() if fnmatchcase(model, pattern)), ())


Table = Mapping[str, Mapping[str, Row]]


@dataclass(frozen=True)
class FieldMap:
    """All maps of a run, merged; every lookup answers None for what no map knows."""

    requests: Table
    responses: Table
    constructors: Mapping[str, Constructor]
    enums: Mapping[str, Mapping[str, str]]
    models: Models

    def request(self, kind: str, field: str) -> Row | None:
        """What happens to ``field`` of a record of the legacy type ``kind`` in a request."""
        return self.requests.get(kind, {}).get(field)

    def response(self, kind: str, field: str) -> Row | None:
        """What a read of ``field`` on a value of the legacy type ``kind`` becomes."""
        return self.responses.get(kind, {}).get(field)

    def constructor(self, kind: str, method: str = "") -> Mapping[str, str] | None:
        """The arguments of ``kind.method(...)``, in order, with the field path that each one fills."""
        made = self.made_by(kind, method)
        return None if made is None else made.arguments

    def made_by(self, kind: str, method: str = "") -> Constructor | None:
        """The whole constructor: also the legacy type that it makes and the fields that it sets by itself."""
        return self.constructors.get(f"{kind}.{method}" if method else kind)

    def enum(self, name: str) -> Mapping[str, str] | None:
        """The members of a legacy enum and the literal that each one stands for."""
        return self.enums.get(name)

    @cached_property
    def types(self) -> Mapping[str, Mapping[str, str]]:
        """Every legacy type, its fields, and the legacy type of each field's value (empty for plain values)."""
        known: dict[str, dict[str, str]] = {}
        for row in self.rows():
            fields = known.setdefault(row.type, {})
            fields[row.field] = fields.get(row.field) or row.of
        return known

    def rows(self) -> Iterator[Row]:
        """Every row, requests first, in the order of the files."""
        for table in (self.requests, self.responses):
            for rows in table.values():
                yield from rows.values()


class FieldMapError(ValueError):
    """A field map that cannot be used; its text has one ``path:line: CODE message`` for each thing wrong."""


def folder() -> Path:
    """Where the built-in maps are: inside the installed package, or beside it in a source checkout."""
    inside = Path(__file__).with_name("field_maps")
    return inside if inside.is_dir() else Path(__file__).parent.with_name("field_maps")


def built_in() -> tuple[Path, ...]:
    """The built-in maps, in the order in which they are read."""
    return tuple(sorted(folder().glob("*.yaml")))


@cache
def load(user: tuple[str, ...] = ()) -> FieldMap:
    """The built-in maps with the rows of the ``user`` maps over them; FieldMapError if one of them is wrong."""
    if not user:
        from migrator import builtmap

        known = builtmap.read(built_in())
        if known is not None:
            return known
    from migrator import mapcheck  # reads YAML: paid for only where there is a map that nobody checked before

    loaded = mapcheck.read(built_in(), tuple(Path(path) for path in user))
    if loaded.problems:
        raise FieldMapError("\n".join(str(problem) for problem in loaded.problems))
    return loaded.fieldmap
