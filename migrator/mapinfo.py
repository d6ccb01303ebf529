"""Questions about field maps: what a field becomes, what is wrong with a map, what the installed SDK has that maps lack."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import EnumType
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from migrator import mapcheck
from migrator.fieldmap import FieldMap, Row, built_in
from migrator.handlers import READERS
from migrator.mapfile import Problem

# Where the words that people use for a place begin in the maps.
STARTS = {
    "config": "GenerateContentConfig",
    "request": "GenerateContentConfig",
    "response": "GenerateContentResponse",
    "usage": "GenerateContentResponseUsageMetadata",
}
REQUEST_ROOTS = ("GenerateContentConfig", "Content", "Part", "Tool", "FunctionDeclaration")
RESPONSE_ROOTS = ("GenerateContentResponse",)


class SdkMissing(RuntimeError):
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


def _found(table: Mapping[str, Mapping[str, Row]], path: list[str]) -> Iterator[Row]:
    """The rows at ``path`` in one table, following the types of the fields on the way."""
    head, rest = path[0], path[1:]
    kind = STARTS.get(head.lower(), head)
    if kind in table:
        rows = table[kind]
        yield from _follow(table, rows, rest) if rest else rows.values()
        return
    for rows in table.values():
        yield from _follow(table, rows, path)


def _follow(table: Mapping[str, Mapping[str, Row]], rows: Mapping[str, Row], path: list[str]) -> Iterator[Row]:
    row = rows.get(_snake(path[0]))
    if row is None:
        return
    if len(path) == 1:
        yield row
    else:
        yield from _follow(table, table.get(row.of, {}), path[1:])


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


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


def coverage(fieldmap: FieldMap) -> Coverage:
    """Compare the maps with the google-genai that is installed; SdkMissing where there is none."""
    asked, answered = fields(REQUEST_ROOTS), fields(RESPONSE_ROOTS)
    readable = {kind: (*names, *_properties(_type(kind))) for kind, names in answered.items()}
    sides = ((fieldmap.requests, asked), (fieldmap.responses, readable))
    missing: list[str] = []
    unknown: list[str] = []
    for table, known in sides:
        for kind, names in known.items():
            missing += [f"{kind}.{name}" for name in names if name not in table.get(kind, {})]
        for row in chain.from_iterable(rows.values() for rows in table.values()):
            if row.field not in known.get(row.type, ()) and not _has(_type(row.type), row.field):
                unknown.append(f"{row.type}.{row.field}")
    return Coverage(tuple(missing), tuple(unknown), version("google-genai"))


def fields(roots: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The fields of the legacy types that ``roots`` reach; SdkMissing where there is no SDK."""
    found: dict[str, tuple[str, ...]] = {}
    todo = [_type(root) for root in roots]
    while todo:
        kind = todo.pop()
        if kind is None or kind.__name__ in found:
            continue
        found[kind.__name__] = tuple(kind.model_fields)
        todo += [inner for field in kind.model_fields.values() for inner in _records(field.annotation)]
    return found


def _has(kind: Any, name: str) -> bool:
    """Whether a value of the legacy type has ``name``: an enum answers for its members."""
    return hasattr(next(iter(kind)) if isinstance(kind, EnumType) else kind, name)


def _properties(kind: Any) -> list[str]:
    return [name for name, value in vars(kind).items() if isinstance(value, property) and not name.startswith("_")]


def _records(annotation: Any) -> Iterator[Any]:
    """The SDK's own record types inside an annotation."""
    if hasattr(annotation, "model_fields") and annotation.__module__ == "google.genai.types":
        yield annotation
    for inner in get_args(annotation):
        yield from _records(inner)


def _type(name: str) -> Any:
    """The legacy type called ``name``, or None."""
    try:
        version("google-genai")
        return getattr(import_module("google.genai.types"), name, None)
    except (ImportError, PackageNotFoundError) as error:
        raise SdkMissing("google-genai is not installed beside the migrator: pip install google-genai") from error
