"""Which files a run is about: the paths of the command line, directories searched, in an order that never varies."""

from __future__ import annotations

import os
import stat

from migrator.find import git
from migrator.find.scope import SUFFIXES, Found, Ignoring, Listed, Missing, Naming, Scope, no_patterns
from migrator.find.walk import Repository, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

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
    """Search a directory; what is ignored there git knows best, and ignore files tell it where git does not.

    A repository inside of another one's work tree is searched by itself.
    """
    if scope.ignoring is Ignoring.RESPECT and (known := git.known(root)) is not None:
        walk(root, scope, listed, Repository(known, lambda inner: _search(inner, scope, listed)))
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
