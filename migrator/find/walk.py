"""A directory walked, folder by folder."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator

from migrator.find import ignored
from migrator.find.ignored import Ignored
from migrator.find.scope import Ignoring, Listed, Missing, Scope, is_foreign
from migrator.patterns import Patterns

_ENVIRONMENT = "pyvenv.cfg"


def walk(root: str, scope: Scope, listed: Listed) -> None:
    """Gather the wanted files under ``root``; a linked directory is not entered, so no loop is possible."""
    outer = ignored.above(root) if scope.ignoring is Ignoring.RESPECT else None
    found = _entries(root, listed)
    rules = Rules(os.path.abspath(root), _prefix(root), scope, _ignored(root, found, scope, outer))
    entered = [(iter(found.values()), rules)]
    while entered:
        entries, rules = entered[-1]
        folder = _gather(entries, rules, listed)
        if folder is None:
            entered.pop()
            continue
        found = _entries(folder.path, listed)
        if _ENVIRONMENT in found:
            listed.skipped.append(folder.path)
        else:
            inner = rules.below(folder.name, _ignored(folder.path, found, scope, rules.ignored))
            entered.append((iter(found.values()), inner))


class Rules:
    """What holds in one folder, an absolute path; ``prefix`` is what stands before the names of its files."""

    __slots__ = ("exclude", "folder", "ignored", "include", "plain", "prefix", "scope", "suffixes")

    def __init__(self, folder: str, prefix: str, scope: Scope, found: Ignored | None) -> None:
        self.folder, self.prefix, self.scope, self.suffixes = folder, prefix, scope, scope.suffixes
        self.include: Patterns = scope.include(folder)
        self.exclude: Patterns = scope.exclude(folder)
        self.ignored = found
        self.plain = not self.include.lines and not self.exclude.lines and found is None

    def below(self, name: str, found: Ignored | None) -> Rules:
        """Give what holds in a folder of the folder."""
        return Rules(os.path.join(self.folder, name), f"{self.prefix}{name}{os.sep}", self.scope, found)

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


def _prefix(folder: str) -> str:
    """Give what stands before the names of a folder's files: nothing for the current folder."""
    if folder.startswith("."):
        folder = os.path.normpath(folder)
    return "" if folder == os.curdir else os.path.join(folder, "")


def _gather(entries: Iterator[os.DirEntry[str]], rules: Rules, listed: Listed) -> os.DirEntry[str] | None:
    """Gather the wanted files of a folder up to the next folder in it, and give that one; None at the end."""
    wants, prefix = rules.wants, rules.prefix
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if not rules.passes_over(entry.name):
                return entry
            listed.skipped.append(entry.path)
        elif wants(entry.name) and entry.is_file():
            path = prefix + entry.name
            if entry.is_symlink():
                listed.links.add(path)
            listed.files.append(path)
    return None


def _entries(directory: str, listed: Listed) -> dict[str, os.DirEntry[str]]:
    """List a directory in the order of names."""
    try:
        with os.scandir(directory) as found:
            entries = {entry.name: entry for entry in found}
    except OSError as error:
        listed.missing.append(Missing(directory, error.strerror or str(error)))
        return {}
    return {name: entries[name] for name in sorted(entries)}


def _ignored(directory: str, names: Container[str], scope: Scope, outer: Ignored | None) -> Ignored | None:
    """Give what is ignored in a directory that holds the names."""
    if ignored.NAME in names and scope.ignoring is Ignoring.RESPECT:
        return ignored.within(directory, outer)
    return outer
