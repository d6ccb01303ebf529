"""One legacy use of Gemini, of whatever dialect."""

from __future__ import annotations

from migrator.records import dataclass

# How an entry stands, the best first; OTHER is a dialect that is named and not rewritten.
SAFE, REVIEW, MANUAL, OTHER, FAILED = "safe", "review", "manual", "other", "failed"
LEVELS = (SAFE, REVIEW, MANUAL, OTHER, FAILED)


@dataclass(frozen=True, slots=True)
class Entry:
    """A use at its place; ``codes`` say what keeps it or what has to be looked at, ``model`` is empty if not shown."""

    path: str
    line: int
    column: int
    dialect: str
    operation: str
    level: str
    codes: tuple[str, ...] = ()
    model: str = ""
