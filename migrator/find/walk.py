"""A directory walked, folder by folder."""

from __future__ import annotations

import os
from operator import attrgetter

from migrator.find import ignored
from migrator.find.ignored import Ignored
from migrator.find.scope import Ignoring, Listed, Missing, Scope, is_foreign
from migrator.patterns import Patterns


def walk(root: str, scope: Scope, listed: Listed) -> None:
    """Gather the wanted files under ``root``; a linked directory is not entered, so no loop is possible."""
    respects = scope.ignoring is Ignoring.RESPECT
    waiting = _entries(root, scope, listed, ignored.above(root) if respects else None)
    while waiting:
        entry, rules = waiting.pop()
        if entry.is_dir(follow_symlinks=False):
            if rules.passes_over(entry.name) or os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
                listed.skipped.append(entry.path)
            else:
                waiting.extend(_entries(entry.path, scope, listed, rules.ignored))
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
    directory: str, scope: Scope, listed: Listed, outer: Ignored | None
) -> list[tuple[os.DirEntry[str], Rules]]:
    """List a directory in reverse order of names, to be taken from the end, with the rules that hold in it."""
    try:
        with os.scandir(directory) as found:
            entries = sorted(found, key=attrgetter("name"), reverse=True)
    except OSError as error:
        listed.missing.append(Missing(directory, error.strerror or str(error)))
        return []
    if scope.ignoring is Ignoring.RESPECT and any(entry.name == ignored.NAME for entry in entries):
        outer = ignored.within(directory, outer)
    rules = Rules(directory, scope, outer)
    return [(entry, rules) for entry in entries]
