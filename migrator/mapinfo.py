"""Questions about field maps: what a field becomes, what is wrong with a map, what an SDK has that the maps lack."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from importlib.metadata import version
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from migrator import mapcheck
from migrator.casing import snake
from migrator.fieldmap import FieldMap, Row, Table, built_in
from migrator.handlers import READERS
from migrator.mapfile import Problem
from migrator.records import dataclass

# Where the words that people use for a place begin in the maps.
STARTS = {
    "config": "GenerateContentConfig",
    "request": "GenerateContentConfig",
    "response": "GenerateContentResponse",
    "usage": "GenerateContentResponseUsageMetadata",
}
REQUEST_ROOTS = ("GenerateContentConfig", "Content", "Part", "Tool", "FunctionDeclaration")
RESPONSE_ROOTS = ("GenerateContentResponse",)
TYPES = "google.genai.types"


class SdkMissingError(RuntimeError):
    """The google-genai package, which a comparison needs, is not installed beside the tool."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """The maps against an SDK: fields without a row, rows without a field, and the version compared with."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    version: str


# Rows ---------------------------------------------------------------------------------------------------------------


def show(fieldmap: FieldMap, query: str = "") -> list[Row]:
    """The rows that ``query`` means: a field, a type, ``Type.field``, or a path such as ``usage_metadata.prompt_…``.

    Spelling may be camelCase. An empty query means every row; a query that means nothing gives an empty list.
    """
    if not query:
        return list(fieldmap.rows())
    tables = (fieldmap.requests, fieldmap.responses)
    return list(chain.from_iterable(_found(table, query.split(".")) for table in tables))


def _found(table: Table, path: list[str]) -> Iterator[Row]:
    """The rows at ``path`` in one table, following the types of the fields on the way."""
    head, rest = path[0], path[1:]
    kind = STARTS.get(head.lower(), head)
    if kind in table:
        rows = table[kind]
        yield from _follow(table, rows, rest) if rest else rows.values()
        return
    for rows in table.values():
        yield from _follow(table, rows, path)


def _follow(table: Table, rows: Mapping[str, Row], path: list[str]) -> Iterator[Row]:
    row = rows.get(snake(path[0]).lower())
    if row is None:
        return
    if len(path) == 1:
        yield row
    else:
        yield from _follow(table, table.get(row.of, {}), path[1:])


def nearest(fieldmap: FieldMap, query: str) -> tuple[str, ...]:
    """Names in the maps that look like ``query``, for a query that found nothing."""
    names = {name for row in fieldmap.rows() for name in (row.field, row.type)}
    return tuple(difflib.get_close_matches(query.rpartition(".")[2], sorted(names), n=3))


def side(fieldmap: FieldMap, row: Row) -> str:
    """Whether ``row`` is about a ``request`` or about a ``response``."""
    return "request" if fieldmap.request(row.type, row.field) is row else "response"


def becomes(row: Row) -> str:
    """What a row decides, in a few words: a path, the name of a function, or why nothing is done."""
    match row:
        case Row(via="nested" | "record" | "records", to=None, of=str() as kind) if kind:
            return f"each field by itself: see {kind}"
        case Row(refuse=str() as reason):
            return f"refused: {reason}"
        case Row(drop=str() as reason):
            return f"left out: {reason}"
        case Row(to=str() as to, via=str() as via):
            return f"{to} (through {via})"
        case Row(to=str() as to):
            return to
        case _:
            return READERS.get(row.via or "", f"through {row.via}")


def text(fieldmap: FieldMap, row: Row) -> str:
    """``row`` for a terminal: a line for what it decides, and one for each thing to know about it."""
    lines = [f"{side(fieldmap, row)} {row.type}.{row.field} -> {becomes(row)}"]
    if row.refuse is None:
        lines.append(f"  level: {row.level.value}")
    if row.service:
        lines.append(f"  service: {row.service}")
    if row.unless:
        lines.append(f"  unless: {', '.join(map(str, row.unless))}")
    if row.values:
        lines.append(f"  values: {', '.join(f'{old} -> {new}' for old, new in row.values.items())}")
    lines += [f"  {name}: {said}" for name, said in (("note", row.note), ("help", row.advice)) if said]
    return "\n".join(lines)


# Maps ---------------------------------------------------------------------------------------------------------------


def check(path: Path) -> list[Problem]:
    """Everything wrong with the user's map at ``path``, read over the built-in ones."""
    return list(mapcheck.read(built_in(), (path,)).problems)


def unknown(path: Path) -> list[tuple[Row, tuple[str, ...]]]:
    """The rows of the user's map at ``path`` for fields that no built-in map has, each with the fields it may mean.

    They are no problem: a later google-genai may have them.
    """
    known, merged = mapcheck.read(built_in()).fieldmap, mapcheck.read(built_in(), (path,)).fieldmap
    found = []
    for row in merged.rows():
        of_type = {**known.requests.get(row.type, {}), **known.responses.get(row.type, {})}
        if row.field not in of_type:
            types = () if of_type else difflib.get_close_matches(row.type, {each.type for each in known.rows()}, n=1)
            found.append((row, tuple(difflib.get_close_matches(row.field, of_type, n=2)) or tuple(types)))
    return found


def coverage(fieldmap: FieldMap) -> Coverage:
    """Compare the maps with the google-genai that is installed; SdkMissingError where there is none."""
    asked, answered = fields(REQUEST_ROOTS), fields(RESPONSE_ROOTS)
    readable = {kind: names + _properties(_type(kind)) for kind, names in answered.items()}
    sides = ((fieldmap.requests, asked), (fieldmap.responses, readable))
    missing = [name for table, known in sides for name in _without_row(table, known)]
    unknown = [name for table, known in sides for name in _without_field(table, known)]
    return Coverage(tuple(missing), tuple(unknown), version("google-genai"))


def _without_row(table: Table, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for kind, names in known.items():
        yield from (f"{kind}.{name}" for name in names if name not in table.get(kind, {}))


def _without_field(table: Table, known: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for kind, rows in table.items():
        yield from (f"{kind}.{name}" for name in rows if name not in known.get(kind, ()) and not _has(kind, name))


def fields(roots: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Name the fields of the legacy types that ``roots`` reach; SdkMissingError where there is no SDK."""
    found: dict[str, tuple[str, ...]] = {}
    todo = [_type(root) for root in roots]
    while todo:
        kind = todo.pop()
        if kind.__name__ not in found:
            found[kind.__name__] = tuple(kind.model_fields)
            todo += [inner for field in kind.model_fields.values() for inner in _records(field.annotation)]
    return found


def _has(kind: str, name: str) -> bool:
    """Whether a value of the legacy type has ``name``; an enum answers for its members."""
    known = _type(kind)
    return hasattr(next(iter(known)) if issubclass(known, Enum) else known, name)


def _properties(kind: type[Any]) -> tuple[str, ...]:
    return tuple(name for name, value in vars(kind).items() if isinstance(value, property) and name[0] != "_")


def _records(annotation: object) -> Iterator[type[Any]]:
    """The SDK's own record types inside an annotation."""
    if isinstance(annotation, type) and hasattr(annotation, "model_fields") and annotation.__module__ == TYPES:
        yield annotation
    for inner in get_args(annotation):
        yield from _records(inner)


def _type(name: str) -> type[Any]:
    """The legacy type called ``name``; a type that has nothing where the SDK has none of this name."""
    try:
        found: type[Any] = getattr(import_module(TYPES), name, type(None))
    except ImportError as error:
        raise SdkMissingError("google-genai is not installed beside the migrator: pip install google-genai") from error
    return found
