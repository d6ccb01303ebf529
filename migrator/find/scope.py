"""What a search takes and what it gives.

Every run over a folder imports this, so the classes are written out: ``enum`` and ``dataclasses`` take longer to import
than a thousand files take to search.
"""

from __future__ import annotations

import os

from migrator.patterns import Patterns
from migrator.prefilter import DOCUMENTS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import ClassVar

# Folders that hold other people's code or generated code; a folder named on the command line is always searched.
FOREIGN = frozenset({"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv"})
SUFFIXES = (".py", *DOCUMENTS)


class Ignoring:
    """What ignore files are to a search."""

    RESPECT: ClassVar[Ignoring]
    DISREGARD: ClassVar[Ignoring]


Ignoring.RESPECT, Ignoring.DISREGARD = Ignoring(), Ignoring()


class Naming:
    """Whether a file is taken because it is named."""

    ALWAYS: ClassVar[Naming]
    UNLESS_EXCLUDED: ClassVar[Naming]


Naming.ALWAYS, Naming.UNLESS_EXCLUDED = Naming(), Naming()


def no_patterns(folder: str) -> Patterns:
    """Give what holds where nobody said anything."""
    return Patterns(folder, ())


class Scope:
    """Which files are wanted: ``include`` and ``exclude`` give the patterns that hold in a folder, an absolute path.

    ``changed`` are the only files wanted, by their real paths, where it is given; ``suffixes`` are taken where no
    pattern says what to include.
    """

    __slots__ = ("changed", "exclude", "ignoring", "include", "naming", "suffixes")

    def __init__(
        self,
        include: Callable[[str], Patterns] = no_patterns,
        exclude: Callable[[str], Patterns] = no_patterns,
        ignoring: Ignoring = Ignoring.RESPECT,
        naming: Naming = Naming.ALWAYS,
        changed: frozenset[str] | None = None,
        suffixes: tuple[str, ...] = SUFFIXES,
    ) -> None:
        self.include, self.exclude, self.suffixes = include, exclude, suffixes
        self.ignoring, self.naming, self.changed = ignoring, naming, changed

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


class Missing:
    """A path of the command line that cannot be taken, and why."""

    __slots__ = ("path", "reason")

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason


class Found:
    """The files of a run in the order of its report, the paths that are none, and what was passed over."""

    __slots__ = ("files", "missing", "skipped")

    def __init__(
        self, files: tuple[str, ...] = (), missing: tuple[Missing, ...] = (), skipped: tuple[str, ...] = ()
    ) -> None:
        self.files, self.missing, self.skipped = files, missing, skipped


class Listed:
    """What a search has gathered so far; ``links`` are the files that are symbolic links."""

    __slots__ = ("files", "links", "missing", "skipped")

    def __init__(self) -> None:
        self.files: list[str] = []
        self.missing: list[Missing] = []
        self.skipped: list[str] = []
        self.links: set[str] = set()
