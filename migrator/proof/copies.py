"""Copies of a project's folder to run commands in: complete enough to run, and the original is not written to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LARGE: Final = 32 * 2**20  # a file of more bytes is linked, not copied
MOST: Final = 20_000  # files; a folder with more is hardly the one that was meant

# Histories, and what tools make anew, are left out; what other tools installed is linked.
LEFT_OUT: Final = frozenset(
    {".git", ".hg", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".hypothesis"}
)
LINKED: Final = frozenset({".tox", ".nox", "node_modules"})


class CopyError(Exception):
    """A folder that cannot be copied; the message says why and what to do."""


def copy(source: Path, target: Path) -> None:
    """Copies the folder ``source`` to ``target``, which must not exist. CopyError where that is not sensible."""
    count = 0
    try:
        for folder, names, files in os.walk(source):
            there = target / Path(folder).relative_to(source)
            there.mkdir(parents=True)
            names[:] = list(_entered(Path(folder), names, there))
            count += len(files)
            if count > MOST:
                raise CopyError(
                    f"{source} holds more than {MOST} files. Run the proof in the folder that the command needs."
                )
            for name in files:
                _place(Path(folder, name), there / name)
    except (OSError, shutil.Error) as error:
        raise CopyError(f"{source} cannot be copied: {error}.") from error


def _entered(folder: Path, names: list[str], there: Path) -> Iterator[str]:
    """The folders to copy; those of other tools are linked on the way."""
    for name in names:
        path = folder / name
        if name in LEFT_OUT:
            continue
        if path.is_symlink() or name in LINKED or (path / "pyvenv.cfg").exists():
            (there / name).symlink_to(path.resolve(), target_is_directory=True)
        else:
            yield name


def _place(file: Path, target: Path) -> None:
    if not file.exists() or not (file.is_file() or file.is_symlink()):
        return  # a broken link, a socket, a pipe
    if file.stat().st_size > LARGE:
        target.symlink_to(file.resolve())
    else:
        shutil.copy2(file, target)
