"""Load and check field maps: where each legacy field goes, and how it is spelt there.

A row may say where a value goes and what it is called; it may never say how to compute. Nothing in a map is executable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from migrator.diagnostics import Level


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a map: what happens to ``field`` of the legacy type ``type``.

    Exactly one of ``to``, ``via``, ``drop`` and ``refuse`` decides, except that ``via`` may come with ``to``.
    ``level`` and ``note`` qualify a row that maps; ``unless`` lists the literal values for which ``refuse`` does not
    hold and the field is simply left out.
    """

    type: str
    field: str
    to: str | None = None
    via: str | None = None
    drop: str | None = None
    refuse: str | None = None
    advice: str = ""
    unless: tuple[object, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    level: Level = Level.SAFE
    note: str = ""
    of: str = ""  # the legacy type of the field's value, where it is a record or a list of records
    file: str = ""
    line: int = 0
