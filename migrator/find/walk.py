"""A directory walked, folder by folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

from migrator.find import ignored
from migrator.find.ignored import Ignored
from migrator.find.scope import Ignoring, Listed, Missing, Scope, is_foreign
from migrator.patterns import Patterns

_ENVIRONMENT = "pyvenv.cfg"


def walk(root: str, scope: Scope, listed: Listed) -> None:
    """Gather the wanted files under ``root``; a linked directory is not entered, so no loop is possible."""
    respects = scope.ignoring is Ignoring.RESPECT
    waiting = list(_entries(root, scope, listed, ignored.above(root) if respects else None))
    while waiting:
        entry, rules = waiting.pop()
        if entry.is_dir(follow_symlinks=False):
            if rules.passes_over(entry.name):
                listed.skipped.append(entry.path)
            else:
                waiting.extend(_entries(entry.path, scope, listed, rules))
        elif rules.wants(entry.name) and entry.is_file():
            path = os.path.normpath(entry.path) if entry.path.startswith(".") else entry.path
            if entry.is_symlink():
                listed.links.add(path)
            listed.files.append(path)


class Rules:
    """What holds in one folder."""

    __slots__ = ("exclude", "folder", "ignored", "include", "plain", "suffixes")

    def __init__(self, folder: str, scope: Scope, found: Ignored | None) -> None:
        self.folder = os.path.abspath(folder)
        self.suffixes = scope.suffixes
        self.include: Patterns = scope.include(self.folder)
        self.exclude: Patterns = scope.exclude(self.folder)
        self.ignored = found
        self.plain = not self.include.lines and not self.exclude.lines and found is None

    def wants(self, name: str) -> bool:
        """Whether a file of the folder is taken."""
        if self.plain:
            return name.endswith(self.suffixes)
        path = os.path.join(self.folder, name)
        wanted = self.include.match(path) if self.include.lines else name.endswith(self.suffixes)
        return bool(wanted) and not self._is_out(path)

    def passes_over(self, name: str) -> bool:
        """Whether a folder of the folder is not entered."""
        return is_foreign(name) or (not self.plain and self._is_out(os.path.join(self.folder, name, "")))

    def _is_out(self, path: str) -> bool:
        return bool(self.exclude.match(path)) or (self.ignored is not None and self.ignored.has(path))


def _entries(
    directory: str, scope: Scope, listed: Listed, outer: Ignored | Rules | None
) -> Iterator[tuple[os.DirEntry[str], Rules]]:
    """List a directory in reverse order of names, to be taken from the end, with the rules that hold in it.

    Nothing of an environment: ``outer`` are the rules of the folder above, unless the directory was named.
    """
    try:
        with os.scandir(directory) as found:
            entries = {entry.name: entry for entry in found}
    except OSError as error:
        listed.missing.append(Missing(directory, error.strerror or str(error)))
        return
    if isinstance(outer, Rules):
        if _ENVIRONMENT in entries:
            listed.skipped.append(directory)
            return
        outer = outer.ignored
    if scope.ignoring is Ignoring.RESPECT and ignored.NAME in entries:
        outer = ignored.within(directory, outer)
    rules = Rules(directory, scope, outer)
    for name in sorted(entries, reverse=True):
        yield entries[name], rules
