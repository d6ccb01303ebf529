"""The built-in field maps as ``mapcheck`` read them, in a form that is read in a tenth of the time.

``field_maps/built_in.json`` is generated from the maps beside it and counts only as long as it was made from these
very bytes: whoever changes a map has the change at once, at the price of reading YAML until the file is made anew.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from migrator.diagnostics import Level
from migrator.fieldmap import Constructor, FieldMap, Models, Replacement, Row

NAME = "built_in.json"

_DEFAULTS = Row("", "")


def read(maps: Sequence[Path]) -> FieldMap | None:
    """The maps, all of one folder; None where what is beside them was not made from them."""
    if not maps:
        return None
    try:
        known = json.loads(maps[0].with_name(NAME).read_bytes())
        return _fieldmap(known, maps[0].parent) if known["made_from"] == _mark(maps) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def text(fieldmap: FieldMap, maps: Sequence[Path]) -> str:
    """What ``built_in.json`` is to hold: one line a row."""
    lines = [f'"made_from": {json.dumps(_mark(maps))}']
    for name, table in (("requests", fieldmap.requests), ("responses", fieldmap.responses)):
        rows = ",\n".join(json.dumps(_plain(row)) for row in _rows(table))
        lines.append(f'"{name}": [\n{rows}\n]')
    made = {name: [it.makes, dict(it.arguments), dict(it.sets)] for name, it in fieldmap.constructors.items()}
    models = fieldmap.models
    replaced = [[it.pattern, it.to, it.note] for it in models.replacements]
    rest = {
        "constructors": made,
        "enums": {name: dict(members) for name, members in fieldmap.enums.items()},
        "models": [
            models.served,
            dict(models.aliases),
            replaced,
            dict(models.thinking),
            models.retired,
            dict(models.formerly),
        ],
    }
    lines += [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in rest.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _mark(maps: Sequence[Path]) -> list[list[str | int]]:
    """What tells these maps from others."""
    return [[path.name, zlib.crc32(path.read_bytes())] for path in maps]


def _rows(table: Mapping[str, Mapping[str, Row]]) -> Iterator[Row]:
    for rows in table.values():
        yield from rows.values()


def _plain(row: Row) -> dict[str, object]:
    """A row without what it does not say."""
    said = {each.name: getattr(row, each.name) for each in fields(Row)}
    said |= {"level": row.level.value, "file": Path(row.file).name, "values": dict(row.values)}
    return {name: value for name, value in said.items() if value != _plain_defaults().get(name)}


def _plain_defaults() -> dict[str, object]:
    said = {each.name: getattr(_DEFAULTS, each.name) for each in fields(Row)}
    return {**said, "level": _DEFAULTS.level.value, "values": {}}


def _fieldmap(known: object, folder: Path) -> FieldMap:
    match known:
        case {
            "requests": list(requests),
            "responses": list(responses),
            "constructors": dict(constructors),
            "enums": dict(enums),
            "models": [served, aliases, replacements, thinking, retired, formerly],
        }:
            return FieldMap(
                requests=_table(requests, folder),
                responses=_table(responses, folder),
                constructors=MappingProxyType({name: Constructor(*parts) for name, parts in constructors.items()}),
                enums=MappingProxyType(enums),
                models=Models(
                    tuple(served),
                    MappingProxyType(aliases),
                    tuple(Replacement(*parts) for parts in replacements),
                    {pattern: tuple(levels) for pattern, levels in thinking.items()},
                    tuple(retired),
                    MappingProxyType(formerly),
                ),
            )
    raise ValueError("no field maps")


def _table(rows: list[dict[str, Any]], folder: Path) -> Mapping[str, Mapping[str, Row]]:
    table: dict[str, dict[str, Row]] = {}
    levels, prefix = {level.value: level for level in Level}, str(folder / "x")[:-1]
    for said in rows:
        said["file"] = f"{prefix}{said['file']}"
        if "level" in said:
            said["level"] = levels[said["level"]]
        if "unless" in said:
            said["unless"] = tuple(said["unless"])
        row = Row(**said)
        table.setdefault(row.type, {})[row.field] = row
    return MappingProxyType(table)
