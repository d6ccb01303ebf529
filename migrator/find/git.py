"""What git knows: which files a directory holds that are not ignored, and which have changed.

Every call says no to what a repository may make git run: no hook of a file monitor, no bare repository on the way.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import CompletedProcess

_SAFE = ("-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit", "-c", "core.quotePath=false")

# What a hook of git tells about its own repository, which need not be the one that is asked about.
_PLACES = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR"})
_PLAIN = {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
_SUBMODULE = "160000"


class GitError(Exception):
    """What git was asked for by name cannot be had; the text says why."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What git knows in a work tree and does not ignore, relative to a folder, with slashes; it may be gone by now.

    ``holders`` are the repositories inside of it: submodules, and others that are not tracked.
    """

    files: frozenset[str]
    holders: frozenset[str]


def tree(root: str) -> Tree | None:
    """List what git does not ignore below ``root``.

    None where git cannot say: it is not installed, ``root`` is in no work tree, in somebody else's, or ignored itself.
    """
    if not _in_work_tree(root) or (program := _program()) is None:
        return None
    # Not asked for: what was changed or deleted. Where the index is old, git would read every file to tell.
    listed = _run(program, root, [*"ls-files -z -t --stage --cached --others --exclude-standard".split(), "."])
    if not listed:
        return None
    files: set[str] = set()
    holders: set[str] = set()
    for line in os.fsdecode(listed).split("\0")[:-1]:
        if line.startswith("?"):
            name = line[2:].removesuffix("/")
            (holders if line.endswith("/") else files).add(name)
        else:
            name = line[line.index("\t") + 1 :]
            (holders if line.startswith(_SUBMODULE, 2) else files).add(name)
    return Tree(frozenset(files), frozenset(holders))


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


def uncommitted(folder: str) -> tuple[str, frozenset[str]] | None:
    """Give the root of the work tree and the real paths of its files that differ from the last commit.

    Files that git does not know, and does not ignore, differ too. None where git cannot say: see ``tree``.
    """
    if not _in_work_tree(folder) or (program := _program()) is None:
        return None
    top = _run(program, folder, ["rev-parse", "--show-toplevel"])
    if top is None:
        return None
    root = os.path.realpath(os.fsdecode(top.rstrip(b"\n")))
    listed = _run(program, root, ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"])
    if listed is None:
        return None
    return root, frozenset(os.path.realpath(os.path.join(root, line[3:])) for line in _names(listed))


def _program() -> str | None:
    import shutil

    return shutil.which("git")


def _in_work_tree(folder: str) -> bool:
    """Whether a ``.git`` stands in ``folder`` or above: a look that spares the start of a process."""
    folder = os.path.realpath(folder)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above
    return True


def _run(program: str, folder: str, arguments: Iterable[str]) -> bytes | None:
    """Give what git writes, None where it fails."""
    done = _ended(program, folder, arguments)
    return done.stdout if done.returncode == 0 else None


def _complaint(program: str, folder: str) -> str:
    said = _ended(program, folder, ["rev-parse", "--show-toplevel"]).stderr.decode(errors="replace")
    return said.strip().partition("\n")[0].removeprefix("fatal: ")


def _ended(program: str, folder: str, arguments: Iterable[str]) -> CompletedProcess[bytes]:
    import subprocess

    return subprocess.run(  # noqa: S603  a fixed program, and names of files and commits behind the options
        [program, *_SAFE, "-C", folder, *arguments],
        capture_output=True,
        env={**{name: value for name, value in os.environ.items() if name not in _PLACES}, **_PLAIN},
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _names(listed: bytes) -> list[str]:
    return [os.fsdecode(name) for name in listed.split(b"\0") if name]
