"""A directory walked, folder by folder."""

from __future__ import annotations

import os
from bisect import bisect_left

from migrator.find import git
from migrator.find.scope import Ignoring, Listed, Missing, Scope, is_foreign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from migrator.find.git import Known
    from migrator.find.ignored import Ignored
    from migrator.patterns import Patterns

_ENVIRONMENT = "pyvenv.cfg"
_REPOSITORY = ".git"
_IGNORED = ".gitignore"


class Repository:
    """The repository that is walked: what git knows of it, and what searches another one that stands inside of it."""

    __slots__ = ("known", "search")

    def __init__(self, known: Known, search: Callable[[str], None]) -> None:
        self.known, self.search = known, search


def walk(root: str, scope: Scope, listed: Listed, repository: Repository | None = None) -> None:
    """Gather the wanted files under ``root``; a linked directory is not entered, so no loop is possible."""
    outer: Known | Ignored | None = None
    if scope.ignoring is Ignoring.RESPECT:
        outer = _ignored_above(root) if repository is None else repository.known
    found = _Names(root, listed)
    rules = Rules(os.path.abspath(root), _prefix(root), scope, _ignored(root, found, scope, outer))
    entered = [(_gather(found, rules, listed), rules)]
    while entered:
        inner, rules = entered[-1]
        for name in inner:
            path = rules.prefix + name
            found = _Names(path, listed)
            if _ENVIRONMENT in found:
                listed.skipped.append(path)
            elif repository is not None and _REPOSITORY in found:
                repository.search(path)
            else:
                below = rules.below(name, _ignored(path, found, scope, rules.ignored))
                entered.append((_gather(found, below, listed), below))
                break
        else:
            entered.pop()


class Rules:
    """What holds in one folder, an absolute path; ``prefix`` is what stands before the names of its files."""

    __slots__ = ("exclude", "folder", "ignored", "include", "prefix", "scope")

    def __init__(self, folder: str, prefix: str, scope: Scope, found: Known | Ignored | None) -> None:
        self.folder = folder if folder.endswith(os.sep) else folder + os.sep
        self.prefix, self.scope, self.ignored = prefix, scope, found
        self.include: Patterns = scope.include(folder)
        self.exclude: Patterns = scope.exclude(folder)

    def below(self, name: str, found: Known | Ignored | None) -> Rules:
        """Give what holds in a folder of the folder."""
        return Rules(self.folder + name, f"{self.prefix}{name}{os.sep}", self.scope, found)

    def wanted(self, names: Iterable[str]) -> list[str]:
        """Give those files of the folder that are taken."""
        if self.include.lines:
            chosen = [name for name in names if self.include.match(self.folder + name)]
        else:
            suffixes = self.scope.suffixes
            chosen = [name for name in names if name.endswith(suffixes)]
        if self.exclude.lines:
            chosen = [name for name in chosen if not self.exclude.match(self.folder + name)]
        return chosen if self.ignored is None else self.ignored.without(self.folder, chosen)

    def passes_over(self, name: str) -> bool:
        """Whether a folder of the folder is not entered."""
        if is_foreign(name):
            return True
        if self.ignored is None and not self.exclude.lines:
            return False
        path = f"{self.folder}{name}{os.sep}"
        return bool(self.exclude.match(path)) or (self.ignored is not None and self.ignored.has(path))


class _Names:
    """The names in a directory: its files, its folders, and what is neither, such as symbolic links."""

    __slots__ = ("files", "folders", "others")

    def __init__(self, directory: str, listed: Listed) -> None:
        files: list[str] = []
        folders: list[str] = []
        others: dict[str, os.DirEntry[str]] = {}
        try:
            with os.scandir(directory) as found:
                for entry in found:
                    if entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
                    elif entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    else:
                        others[entry.name] = entry
        except OSError as error:
            listed.missing.append(Missing(directory, error.strerror or str(error)))
            files, folders, others = [], [], {}
        self.files, self.folders, self.others = files, folders, others

    def __contains__(self, name: str) -> bool:
        return name in self.files or name in self.folders or name in self.others


def _gather(found: _Names, rules: Rules, listed: Listed) -> Iterator[str]:
    """Gather the wanted files of a folder in the order of names, and give each folder to be entered in its place."""
    prefix, begin = rules.prefix, 0
    files = sorted(rules.wanted(found.files) + _links(found, rules, listed))
    for name in sorted(found.folders):
        if rules.passes_over(name):
            listed.skipped.append(prefix + name)
            continue
        end = bisect_left(files, name, begin)
        listed.files += [prefix + file for file in files[begin:end]]
        begin = end
        yield name
    listed.files += [prefix + file for file in files[begin:]]


def _prefix(folder: str) -> str:
    """Give what stands before the names of a folder's files: nothing for the current folder."""
    if folder.startswith("."):
        folder = os.path.normpath(folder)
    return "" if folder == os.curdir else os.path.join(folder, "")


def _links(found: _Names, rules: Rules, listed: Listed) -> list[str]:
    """Give the wanted symbolic links that lead to a file; one that leads nowhere is none."""
    links = []
    for name in rules.wanted(found.others) if found.others else ():
        path = rules.prefix + name
        try:
            if found.others[name].is_file():
                links.append(name)
                listed.links.add(path)
        except OSError as error:  # it leads to itself, or through a folder that is closed
            listed.missing.append(Missing(path, error.strerror or str(error)))
    return links


def _ignored_above(root: str) -> Ignored | None:
    """Give what files further up ignore below ``root``; their reader is imported only where there may be some."""
    if git.work_tree(os.path.abspath(root)) is None:
        return None
    from migrator.find import ignored

    return ignored.above(root)


def _ignored(directory: str, found: _Names, scope: Scope, outer: Known | Ignored | None) -> Known | Ignored | None:
    """Give what is ignored in a directory; git has read the ignore file in it by itself."""
    if _IGNORED not in found or scope.ignoring is not Ignoring.RESPECT or isinstance(outer, git.Known):
        return outer
    from migrator.find import ignored

    return ignored.within(directory, outer)
