"""Which files a run is about: the paths of the command line, directories walked, in an order that never varies."""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

# Folders that hold other people's code or generated code; a folder named on the command line is always walked.
SKIPPED = frozenset({"__pycache__", "build", "dist", "env", "node_modules", "site-packages", "venv"})
SUFFIXES = (".py",)


@dataclass(frozen=True, slots=True)
class Missing:
    """A path of the command line that cannot be taken, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """The files of a run in the order of its report, the paths that are none, and the folders passed over."""

    files: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()
    skipped: tuple[str, ...] = ()


def find(paths: Sequence[str], suffixes: tuple[str, ...] = SUFFIXES) -> Found:
    """Find the files: a file is taken whatever its name, a directory is walked for Python files, or other suffixes.

    Raises nothing: a path that cannot be taken is in ``missing``.
    """
    files: list[str] = []
    missing: list[Missing] = []
    skipped: list[str] = []
    links: set[str] = set()
    for path in paths:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            missing.append(Missing(path, getattr(error, "strerror", None) or str(error)))
            continue
        if stat.S_ISDIR(mode):
            files.extend(_walk(path, suffixes, missing, skipped, links))
        elif stat.S_ISREG(mode):
            files.append(path)
            links.add(path)  # or it may be one, for all that is known
        else:
            missing.append(Missing(path, "Not a regular file"))
    unique = files if len(paths) == 1 and not links else _unique(files, links)
    return Found(tuple(unique), tuple(missing), tuple(skipped))


def _walk(
    root: str, suffixes: tuple[str, ...], missing: list[Missing], skipped: list[str], links: set[str]
) -> Iterator[str]:
    """Give the files with one of the suffixes under ``root``; a linked directory is not entered, so no loop is possible."""
    waiting = _entries(root, missing)
    while waiting:
        entry = waiting.pop()
        if entry.is_dir(follow_symlinks=False):
            if _is_foreign(entry):
                skipped.append(entry.path)
            else:
                waiting.extend(_entries(entry.path, missing))
        elif entry.name.endswith(suffixes) and entry.is_file():
            path = os.path.normpath(entry.path) if entry.path.startswith(".") else entry.path
            if entry.is_symlink():
                links.add(path)
            yield path


def _entries(directory: str, missing: list[Missing]) -> list[os.DirEntry[str]]:
    """List a directory in reverse order of names, to be taken from the end."""
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=attrgetter("name"), reverse=True)
    except OSError as error:
        missing.append(Missing(directory, error.strerror or str(error)))
        return []


def _is_foreign(entry: os.DirEntry[str]) -> bool:
    return (
        entry.name.startswith(".")
        or entry.name in SKIPPED
        or os.path.exists(os.path.join(entry.path, "pyvenv.cfg"))  # a virtual environment of any name
    )


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
