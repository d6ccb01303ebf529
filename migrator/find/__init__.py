"""Which files a run is about: the paths of the command line, directories searched, in an order that never varies."""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterable, Iterator, Sequence

from migrator.find import git
from migrator.find.listed import choose
from migrator.find.scope import SUFFIXES, Found, Ignoring, Listed, Missing, Naming, Scope, no_patterns
from migrator.find.walk import walk

__all__ = ["SUFFIXES", "Found", "Ignoring", "Missing", "Naming", "Scope", "find", "no_patterns"]


def find(paths: Sequence[str], scope: Scope | None = None) -> Found:
    """Find the files: a file is taken whatever its name, a directory is searched for Python files.

    A path that cannot be taken is in ``missing``. Raise ConfigError where settings on the way cannot be used.
    """
    scope = scope or Scope()
    listed = Listed()
    for path in paths:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            listed.missing.append(Missing(path, getattr(error, "strerror", None) or str(error)))
            continue
        if stat.S_ISDIR(mode):
            _search(path, scope, listed)
        elif not stat.S_ISREG(mode):
            listed.missing.append(Missing(path, "Not a regular file"))
        elif scope.naming is Naming.ALWAYS or not scope.is_excluded(path):
            listed.files.append(path)
            listed.links.add(path)  # or it may be one, for all that is known
        else:
            listed.skipped.append(path)
    files: Iterable[str] = listed.files
    if len(paths) > 1 or listed.links:
        files = _unique(listed.files, listed.links)
    if scope.changed is not None:
        files = [path for path in files if os.path.realpath(path) in scope.changed]
    return Found(tuple(files), tuple(listed.missing), tuple(listed.skipped))


def _search(root: str, scope: Scope, listed: Listed) -> None:
    """Search a directory: git knows what it holds at once; without git it is walked."""
    if scope.ignoring is Ignoring.RESPECT and (tree := git.tree(root)) is not None:
        choose(root, tree, scope, listed, lambda inner: _search(inner, scope, listed))
    else:
        walk(root, scope, listed)


def _unique(paths: Iterable[str], links: Container[str]) -> Iterator[str]:
    """Drop the later names of a file that is named twice, also through one of the symbolic ``links``."""
    seen: set[str] = set()
    folders: dict[str, str] = {}
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        real = os.path.join(folders[folder], name)
        if path in links:
            real = os.path.realpath(real)
        if real not in seen:
            seen.add(real)
            yield path
