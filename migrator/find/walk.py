"""A directory walked, folder by folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from operator import attrgetter

from migrator.find import ignored
from migrator.find.git import Known
from migrator.find.ignored import Ignored
from migrator.find.scope import Ignoring, Listed, Missing, Scope, is_foreign
from migrator.patterns import Patterns

_ENVIRONMENT = "pyvenv.cfg"
_REPOSITORY = ".git"

_name = attrgetter("name")


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that is walked: what git knows of it, and what searches another one that stands inside of it."""

    known: Known
    search: Callable[[str], None]


def walk(root: str, scope: Scope, listed: Listed, repository: Repository | None = None) -> None:
    """Gather the wanted files under ``root``; a linked directory is not entered, so no loop is possible."""
    outer: Known | Ignored | None = None
    if scope.ignoring is Ignoring.RESPECT:
        outer = ignored.above(root) if repository is None else repository.known
    found = _entries(root, listed)
    rules = Rules(os.path.abspath(root), _prefix(root), scope, _ignored(root, found, scope, outer))
    entered = [(iter(found.values()), rules)]
    while entered:
        entries, rules = entered[-1]
        folder = _gather(entries, rules, listed)
        if folder is None:
            entered.pop()
            continue
        path = rules.prefix + folder.name
        found = _entries(path, listed)
        if _ENVIRONMENT in found:
            listed.skipped.append(path)
        elif repository is not None and _REPOSITORY in found:
            repository.search(path)
        else:
            inner = rules.below(folder.name, _ignored(path, found, scope, rules.ignored))
            entered.append((iter(found.values()), inner))


class Rules:
    """What holds in one folder, an absolute path; ``prefix`` is what stands before the names of its files."""

    __slots__ = ("exclude", "folder", "ignored", "include", "plain", "prefix", "scope", "suffixes")

    def __init__(self, folder: str, prefix: str, scope: Scope, found: Known | Ignored | None) -> None:
        self.folder, self.prefix, self.scope, self.suffixes = os.path.join(folder, ""), prefix, scope, scope.suffixes
        self.include: Patterns = scope.include(folder)
        self.exclude: Patterns = scope.exclude(folder)
        self.ignored = found
        self.plain = not self.include.lines and not self.exclude.lines

    def below(self, name: str, found: Known | Ignored | None) -> Rules:
        """Give what holds in a folder of the folder."""
        return Rules(f"{self.folder}{name}", f"{self.prefix}{name}{os.sep}", self.scope, found)

    def wants(self, name: str) -> bool:
        """Whether a file of the folder is taken."""
        if self.plain:
            return name.endswith(self.suffixes) and (self.ignored is None or not self.ignored.has(self.folder + name))
        path = self.folder + name
        wanted = self.include.match(path) if self.include.lines else name.endswith(self.suffixes)
        return bool(wanted) and not self._is_out(path)

    def passes_over(self, name: str) -> bool:
        """Whether a folder of the folder is not entered."""
        return is_foreign(name) or self._is_out(f"{self.folder}{name}{os.sep}")

    def _is_out(self, path: str) -> bool:
        excluded = not self.plain and bool(self.exclude.match(path))
        return excluded or (self.ignored is not None and self.ignored.has(path))


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
            listed.skipped.append(prefix + entry.name)
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
            return {entry.name: entry for entry in sorted(found, key=_name)}
    except OSError as error:
        listed.missing.append(Missing(directory, error.strerror or str(error)))
        return {}


def _ignored(
    directory: str, names: Container[str], scope: Scope, outer: Known | Ignored | None
) -> Known | Ignored | None:
    """Give what is ignored in a directory that holds the names; git has read the ignore file in it by itself."""
    if ignored.NAME in names and scope.ignoring is Ignoring.RESPECT and not isinstance(outer, Known):
        return ignored.within(directory, outer)
    return outer
