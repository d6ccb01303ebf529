"""What git knows: which files a directory holds that are not ignored, and which have changed.

Every call says no to what a repository may make git run: no hook of a file monitor, no bare repository on the way.
What a run that finds nothing needs here goes without ``subprocess`` and ``shutil``: git has answered before they are
imported.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_left

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from subprocess import CompletedProcess

_SAFE = ("-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit", "-c", "core.quotePath=false")

# Elsewhere a file system takes names that differ in case or composition for the same.
_PLAIN_NAMES = sys.platform == "linux"

# What a hook of git tells about its own repository, which need not be the one that is asked about.
_PLACES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"})
_PLAIN = {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


class GitError(Exception):
    """What git was asked for by name cannot be had; the text says why."""


class Known:
    """What git knows below a folder: it tracks some files, and ignores some of the others.

    What it tracks is in its index, which it reads in no time. What it does not track it has to look for, which takes
    longer than all else: it is asked only when a search meets something that is not tracked.
    """

    __slots__ = ("_base", "_others", "_program", "_root", "_tracked")

    def __init__(self, program: str, root: str) -> None:
        self._program, self._root = program, root
        self._base = len(os.path.join(os.path.abspath(root), ""))
        self._tracked = self._listed("--cached")
        self._others: _Names | None = None

    def has(self, path: str) -> bool:
        """Whether an absolute path (of a folder: with a separator at its end) is ignored, and not tracked."""
        name = path[self._base :] if _PLAIN_NAMES else _key(path[self._base :])
        if self._tracked.hold(name) or self.others().hold(name):
            return False
        # Of a folder that nobody can look into git lists nothing; whoever searches it has to say so.
        return not name.endswith("/") or os.access(path, os.R_OK | os.X_OK) or self._ignores(path)

    def without(self, folder: str, names: list[str]) -> list[str]:
        """Give the files of a folder, an absolute path with a separator at its end, that are tracked or not ignored."""
        place = folder[self._base :]
        if self._tracked.files.issuperset([place + name for name in names]):
            return names
        return [name for name in names if not self.has(folder + name)]

    def others(self) -> _Names:
        """Give what git neither tracks nor ignores."""
        if self._others is None:
            self._others = self._listed("--others", "--exclude-standard")
        return self._others

    def is_empty(self) -> bool:
        """Whether there is nothing that git would take."""
        return not self._tracked.files and not self.others().files

    def _ignores(self, path: str) -> bool:
        return _run(self._program, self._root, ["check-ignore", "-q", "--", os.path.abspath(path)]) is not None

    def _listed(self, *which: str) -> _Names:
        text = os.fsdecode(_run(self._program, self._root, ["ls-files", "-z", *which, "."]) or b"")
        names = (text if _PLAIN_NAMES else _key(text)).split("\0")[:-1]
        names.sort()  # as they nearly are: git sorts bytes
        return _Names(names)


class _Names:
    """Names that git lists, relative to a folder."""

    __slots__ = ("_sorted", "files")

    def __init__(self, in_order: list[str]) -> None:
        self._sorted, self.files = in_order, frozenset(in_order)

    def hold(self, name: str) -> bool:
        """Whether a name is among them, or the folder, with a slash at its end, of one of them.

        A submodule is listed as a file is, another repository with a slash.
        """
        if not name.endswith("/"):
            return name in self.files
        place = bisect_left(self._sorted, name)
        return (place < len(self._sorted) and self._sorted[place].startswith(name)) or name[:-1] in self.files


def _key(name: str) -> str:
    """Give what the spellings of a name have in common."""
    import unicodedata

    return unicodedata.normalize("NFC", name.replace(os.sep, "/")).casefold()


def known(root: str) -> Known | None:
    """Ask git what it knows below ``root``.

    None where it cannot say: it is not installed, ``root`` is in no work tree, in somebody else's, or ignored itself.
    """
    if not _in_work_tree(root) or (program := _program()) is None:
        return None
    found = Known(program, root)
    return None if found.is_empty() else found


def changed(reference: str, folder: str) -> frozenset[str]:
    """Give the real paths of the files that differ from where ``reference`` and the current branch parted.

    Staged, unstaged and untracked changes count. Raise GitError where git cannot say.
    """
    program = _program()
    if program is None:
        raise GitError("git is not installed, or not on the PATH")
    top = _run(program, folder, ["rev-parse", "--show-toplevel"])
    if top is None:
        raise GitError(f"{os.path.abspath(folder)} is in no git work tree: {_complaint(program, folder)}")
    root = os.fsdecode(top.rstrip(b"\n"))
    # The trailing ^0 asks for a commit; --end-of-options keeps a name that begins with a dash from being an option.
    commit = _run(program, root, ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^0"])
    if commit is None:
        raise GitError(
            f"git knows no commit {reference!r}; is it fetched? (On GitHub: actions/checkout with fetch-depth: 0)"
        )
    base = _run(program, root, ["merge-base", commit.decode().strip(), "HEAD"]) or commit
    against = base.decode().strip()
    differing = _run(program, root, ["diff", "-z", "--name-only", "--no-ext-diff", "--diff-filter=d", against])
    untracked = _run(program, root, ["ls-files", "-z", "--others", "--exclude-standard"])
    if differing is None or untracked is None:
        raise GitError("git cannot compare the work tree")
    real = os.path.realpath(root)
    return frozenset(os.path.realpath(os.path.join(real, name)) for name in (*_names(differing), *_names(untracked)))


def uncommitted(root: str) -> frozenset[str]:
    """Give the real paths of the files that differ from the last commit in the work tree at ``root``.

    Files that git does not know, and does not ignore, differ too. Raise GitError where git cannot say.
    """
    program = _program()
    if program is None:
        raise GitError("git is not installed, or not on the PATH")
    listed = _run(program, root, ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"])
    if listed is None:
        raise GitError(_complaint(program, root))
    return frozenset(os.path.realpath(os.path.join(root, line[3:])) for line in _names(listed))


def _program() -> str | None:
    """Give the path of git; None where it is not installed."""
    if os.name == "nt":
        import shutil

        return shutil.which("git")
    paths = (os.path.join(folder, "git") for folder in os.get_exec_path())
    return next((path for path in paths if os.path.isfile(path) and os.access(path, os.X_OK)), None)


def work_tree(folder: str) -> str | None:
    """Give the nearest of a folder, an absolute path, and those above it that holds a ``.git``, if there is one."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return None
        folder = above
    return folder


def _in_work_tree(folder: str) -> bool:
    """Whether git may know of the folder: a look that spares the start of a process."""
    return work_tree(os.path.realpath(folder)) is not None


def _run(program: str, folder: str, arguments: Iterable[str]) -> bytes | None:
    """Give what git writes, None where it fails."""
    if not hasattr(os, "posix_spawn"):
        done = _ended(program, folder, arguments)
        return done.stdout if done.returncode == 0 else None
    reading, writing = os.pipe()
    nothing = ((os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 2))
    streams = (*nothing, (os.POSIX_SPAWN_DUP2, writing, 1))
    try:
        process = os.posix_spawn(program, _line(program, folder, arguments), _environment(), file_actions=streams)
    finally:
        os.close(writing)
        with open(reading, "rb") as stream:  # to the end: git and nobody else holds the other one
            written = stream.read()
    return written if os.waitpid(process, 0)[1] == 0 else None


def _complaint(program: str, folder: str) -> str:
    said = _ended(program, folder, ["rev-parse", "--show-toplevel"]).stderr.decode(errors="replace")
    return said.strip().partition("\n")[0].removeprefix("fatal: ")


def _ended(program: str, folder: str, arguments: Iterable[str]) -> CompletedProcess[bytes]:
    import subprocess

    return subprocess.run(  # noqa: S603  a fixed program, and names of files and commits behind the options
        _line(program, folder, arguments),
        capture_output=True,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _line(program: str, folder: str, arguments: Iterable[str]) -> list[str]:
    return [program, *_SAFE, "-C", folder, *arguments]


def _environment() -> dict[str, str]:
    return {**{name: value for name, value in os.environ.items() if name not in _PLACES}, **_PLAIN}


def _names(listed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]
