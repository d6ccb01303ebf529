"""What a search takes and what it gives."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import field
from enum import Enum

from migrator.patterns import Patterns
from migrator.prefilter import DOCUMENTS
from migrator.records import dataclass

# Folders that hold other people's code or generated code; a folder named on the command line is always searched.
FOREIGN = frozenset({"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv"})
SUFFIXES = (".py", *DOCUMENTS)


class Ignoring(Enum):
    """What ignore files are to a search."""

    RESPECT = "respect"
    DISREGARD = "disregard"


class Naming(Enum):
    """Whether a file is taken because it is named."""

    ALWAYS = "always"
    UNLESS_EXCLUDED = "unless excluded"


def no_patterns(folder: str) -> Patterns:
    """Give what holds where nobody said anything."""
    return Patterns(folder, ())


@dataclass(frozen=True, slots=True)
class Scope:
    """Which files are wanted: ``include`` and ``exclude`` give the patterns that hold in a folder, an absolute path.

    ``changed`` are the only files wanted, by their real paths, where it is given; ``suffixes`` are taken where no
    pattern says what to include.
    """

    include: Callable[[str], Patterns] = no_patterns
    exclude: Callable[[str], Patterns] = no_patterns
    ignoring: Ignoring = Ignoring.RESPECT
    naming: Naming = Naming.ALWAYS
    changed: frozenset[str] | None = None
    suffixes: tuple[str, ...] = SUFFIXES

    def is_excluded(self, path: str) -> bool:
        """Whether a named file lies where no search would take it."""
        path = os.path.abspath(path)
        excluded = self.exclude(os.path.dirname(path))
        if excluded.match(path):
            return True
        below = os.path.relpath(path, excluded.base).split(os.sep)[:-1]
        return any(is_foreign(name) for name in below if name != os.pardir)


def is_foreign(name: str) -> bool:
    """Whether a folder of this name is passed over."""
    return name.startswith(".") or name in FOREIGN


@dataclass(frozen=True, slots=True)
class Missing:
    """A path of the command line that cannot be taken, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The files of a run in the order of its report, the paths that are none, and what was passed over."""

    files: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(slots=True)
class Listed:
    """What a search has gathered so far; ``links`` are the files that are symbolic links."""

    files: list[str] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
