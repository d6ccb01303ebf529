"""A run that finds nothing, answered before options, settings and reports are imported: what most runs are.

A commit hook names files without a call nearly every time, a pipeline a tree without one. Whatever else it may be (an
option, settings, a file that cannot be read, a hit), the command line has to look closer.
"""

from __future__ import annotations

import os
from stat import S_ISDIR, S_ISREG

from migrator import prefilter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from migrator.find import Found
    from migrator.patterns import Patterns

_SETTINGS = "pyproject.toml"
_ISOLATED = "--isolated"

# What a commit hook says too; it makes no difference to files that hold nothing.
_HOOKS = {"apply": ("--allow-dirty", "--force-exclude"), "check": ("--force-exclude",), "diff": ("--force-exclude",)}


def idle(command: str, arguments: list[str]) -> tuple[int, int] | None:
    """Give how many files there are and how many mention the API, where none refers to it; None where one may.

    Files that are named count also where ``--force-exclude`` would pass over them: they are read here.
    """
    paths = [each for each in arguments if each != _ISOLATED and each not in _HOOKS[command]]
    is_hook = any(each in _HOOKS[command] for each in arguments)
    try:
        if any(path.startswith("-") for path in paths):
            return None
        modes = [os.stat(path).st_mode for path in paths]
        if modes and all(map(S_ISREG, modes)):
            return _files(paths)
        # Over a folder, apply also clears away what a killed run left.
        if command != "apply" and not is_hook and all(S_ISREG(mode) or S_ISDIR(mode) for mode in modes):
            return _folders(paths or [os.curdir], _ISOLATED in arguments)
    except (OSError, ValueError):
        pass
    return None


def _files(paths: list[str]) -> tuple[int, int] | None:
    mentioning = {}
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            data = file.read()
        mentioning[os.path.realpath(path)] = prefilter.mentions(data)
        if prefilter.mentions(data) and (
            prefilter.is_document(path) or prefilter.refers(data) or prefilter.speaks(data)
        ):
            return None
    return len(mentioning), sum(mentioning.values())


def _folders(paths: list[str], isolated: bool) -> tuple[int, int] | None:  # noqa: FBT001  what the option says
    found = _found(paths, isolated)
    if found is None or found.missing:
        return None
    from migrator import bulk
    from migrator.sift import processors, sift

    bulk.ready(len(found.files))
    hits = sift(found.files, lambda share: bulk.holding(share, prefilter.NEEDLES), processors())
    return None if any(True for _ in hits) else (len(found.files), 0)


class _ConfiguredError(Exception):
    """There are settings, which have to be read."""


def _found(paths: list[str], isolated: bool) -> Found | None:  # noqa: FBT001
    """Give the files that a run without settings takes; None where there are settings."""
    from migrator.find import Scope, find, no_patterns

    if isolated:
        return find(paths)
    seen: set[str] = set()

    def look(folder: str) -> Patterns:
        while folder not in seen:
            seen.add(folder)
            if _has_settings(folder):
                raise _ConfiguredError
            folder = os.path.dirname(folder)
        return no_patterns(folder)

    try:
        look(os.getcwd())
        for path in paths:
            look(os.path.abspath(path))
        return find(paths, Scope(exclude=look))
    except _ConfiguredError:
        return None


def _has_settings(folder: str) -> bool:
    path = os.path.join(folder, _SETTINGS)
    if not os.access(path, os.F_OK):  # as of most folders: said without an exception, which costs more than the look
        return False
    with open(path, "rb") as file:
        return b"migrator" in file.read()
