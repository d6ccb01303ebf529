"""Patterns of paths, in the language of ``.gitignore``: what settings, options and ignore files have in common.

``pathspec`` is imported only where there is a pattern.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from migrator.records import dataclass

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class Patterns:
    """Patterns that hold for what lies below the folder ``base``, an absolute path; of several the last decides."""

    base: str
    lines: tuple[str, ...]

    def match(self, path: str) -> bool | None:
        """Whether an absolute path (of a folder: with a separator at its end) is meant; None where no line says."""
        prefix = self.base if self.base.endswith(os.sep) else self.base + os.sep
        if not self.lines or not path.startswith(prefix):
            return None
        return _spec(self.lines).check_file(path[len(prefix) :]).include


def problem(line: str) -> str | None:
    """Say what is wrong with a pattern, if anything."""
    try:
        _spec((line,))
    except ValueError as error:
        return str(error)
    return None


def usable(lines: Sequence[str]) -> tuple[str, ...]:
    """Give the lines of an ignore file that are patterns; git passes over the others too."""
    wanted = tuple(line for line in lines if line.strip() and not line.startswith("#"))
    try:
        _spec(wanted)
    except ValueError:
        return tuple(line for line in wanted if problem(line) is None)
    return wanted


@cache
def _spec(lines: tuple[str, ...]) -> GitIgnoreSpec:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(lines)
