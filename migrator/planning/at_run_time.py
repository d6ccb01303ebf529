"""What the conversion of a whole configuration, while the program runs, can settle of it.

The conversion is handed the configuration as an object of the SDK: what it sets is there to see, wherever it was set.
What it makes of a field is what the built-in maps say of it.
"""

from __future__ import annotations

from dataclasses import replace

from migrator.diagnostics import Settled
from migrator.fieldmap import FieldMap, Row, load

CONFIG, IMAGE = "GenerateContentConfig", "ImageConfig"
_KINDS = (CONFIG, IMAGE, "ThinkingConfig", "SafetySetting", "Tool", "FunctionDeclaration", "Schema")
_GROUPS = frozenset({"ThinkingConfig", "AutomaticFunctionCallingConfig"})
"""The objects inside of a configuration that the conversion takes apart, or leaves out as interactions call nothing."""
_OF_SETTINGS = "Config"  # how the SDK ends the names of the types that hold settings


def carried(kind: str, group: str = "") -> tuple[str, ...]:
    """The fields of the legacy type ``kind`` that keep name and value, inside of ``group`` in the new request."""
    rows = load(()).requests[kind].values()
    path = f"{group}." if group else ""
    return tuple(row.field for row in rows if row.to == path + row.field and row.via is None and not row.values)


def dropped(kind: str) -> tuple[str, ...]:
    """The fields of the legacy type ``kind`` that are left out."""
    return tuple(row.field for row in load(()).requests[kind].values() if row.drop is not None)


def is_as_built(maps: FieldMap) -> bool:
    """Whether ``maps`` say of a configuration what the built-in ones do, which the conversion follows."""
    built_in = load(())
    return maps is built_in or all(_decisions(maps, kind) == _decisions(built_in, kind) for kind in _KINDS)


def _decisions(maps: FieldMap, kind: str) -> dict[str, Row]:
    """The rows of the legacy type ``kind``, wherever they stand."""
    return {name: replace(row, file="", line=0) for name, row in maps.requests.get(kind, {}).items()}


def group_settled(kind: str) -> Settled:
    """Who can settle that a record of the legacy type ``kind`` inside of a configuration is not visible."""
    return Settled.BY_THE_RUN if kind in _GROUPS else Settled.BY_HAND


def splat_settled(kind: str) -> Settled:
    """Who can settle that fields which are splatted into a record of the legacy type ``kind`` are not visible."""
    return Settled.BY_THE_RUN if kind.endswith(_OF_SETTINGS) else Settled.BY_HAND
