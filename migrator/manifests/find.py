"""The files that say which google-genai some code runs with: those beside the code and in the folders above it.

The search goes up to the root of the work tree, else up to the current folder: what lies beyond belongs to others.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch

PATTERNS = (
    *("pyproject.toml", "setup.py", "setup.cfg", "Pipfile", "Pipfile.lock"),
    *("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pylock.*.toml"),
    *("*requirements*.txt", "*requirements*.in", "constraints*.txt", "environment.yml", "environment.yaml"),
)
FOLDERS = ("requirements",)  # each .txt and .in in it


def governing(paths: Iterable[str]) -> list[str]:
    """Give the manifests that hold for the files, each once, in an order that never varies."""
    found: dict[str, str] = {}
    for folder in dict.fromkeys(os.path.dirname(path) for path in paths):
        for above in _above(os.path.realpath(folder or os.curdir)):
            for path in () if above in found else _in(above):
                shown = path if os.path.isabs(folder) else os.path.relpath(path)
                found.setdefault(path, shown)
            found.setdefault(above, "")
    return sorted(filter(None, found.values()))


def _above(folder: str) -> list[str]:
    """Give a folder and those above it that are searched."""
    here, folders = folder, [folder]
    while not os.path.exists(os.path.join(here, ".git")):
        if (above := os.path.dirname(here)) == here:
            current = os.path.realpath(os.curdir)
            return folders[: folders.index(current) + 1] if current in folders else folders[:1]
        here = above
        folders.append(here)
    return folders


def _in(folder: str) -> Iterator[str]:
    for name in _names(folder):
        if any(fnmatch(name, pattern) for pattern in PATTERNS):
            yield os.path.join(folder, name)
        elif name in FOLDERS:
            inner = os.path.join(folder, name)
            yield from (os.path.join(inner, each) for each in _names(inner) if each.endswith((".txt", ".in")))


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
