"""Changes of text, and how they are made."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.records import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """``text`` in the place of what stands from ``start`` to ``end``, offsets in characters."""

    start: int
    end: int
    text: str


def spliced(text: str, changes: Iterable[Change]) -> str:
    """``text`` with the changes made."""
    shown, at = [], 0
    for change in sorted(changes):
        assert change.start >= at, "changes do not overlap"
        shown += [text[at : change.start], change.text]
        at = change.end
    return "".join([*shown, text[at:]])
