"""Patterns of paths, in the language of ``.gitignore``: what settings, options and ignore files have in common.

``pathspec`` is imported only where there is a pattern.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False  # every run over a folder imports this; typing and dataclasses take longer than all of its rest
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pathspec import GitIgnoreSpec

_specs: dict[tuple[str, ...], GitIgnoreSpec] = {}


class Patterns:
    """Patterns that hold for what lies below the folder ``base``, an absolute path; of several the last decides."""

    __slots__ = ("base", "lines")

    def __init__(self, base: str, lines: tuple[str, ...]) -> None:
        self.base, self.lines = base, lines

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


def _spec(lines: tuple[str, ...]) -> GitIgnoreSpec:
    if lines not in _specs:
        from pathspec import GitIgnoreSpec

        _specs[lines] = GitIgnoreSpec.from_lines(lines)
    return _specs[lines]
