"""What a run replaces, kept so that it can be put back; and what a killed run left lying about, cleared away.

Each file's old content is on disk before its new content is written, so a run that is killed at any moment can be
undone. A journal is a folder below the user's state directory: ``journal.jsonl``, a line a file, and the old contents.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import field
from typing import IO

from migrator.records import dataclass
from migrator.source import TEMPORARY_SUFFIX, FileChangedError, read, replace_file

NAME = "journal.jsonl"
DONE = ".done"  # behind the name of a run that came to its end, which is its time and its process
_VERSION = 1
KEPT = 10  # runs that are remembered for a folder


class JournalError(Exception):
    """What cannot be kept or put back; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One replaced file: ``old`` names the journal's file with its old content, ``was`` and ``new`` are digests."""

    path: str
    old: str
    new: str
    was: str


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of the files of a run: put back, or left with the reason; ``damaged`` is its journal, if it is."""

    restored: tuple[str, ...]
    left: tuple[tuple[str, str], ...]
    damaged: str = ""


@dataclass(frozen=True, slots=True)
class _Index:
    """What a journal says, and whether it says all that was kept."""

    entries: tuple[Entry, ...]
    is_damaged: bool


def state_directory() -> str:
    """Give the folder for journals, as specifications.freedesktop.org/basedir-spec has it."""
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
    else:
        base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(base, "migrator", "undo")


@dataclass(slots=True)
class Journal:
    """The journal of one run in the folder ``folder``; nothing is on disk before the first file is kept."""

    folder: str
    _root: str = ""
    _index: IO[str] | None = None
    _count: int = field(default=0)

    def keep(self, path: str, before: bytes, after: bytes) -> None:
        """Keep what a file holds before it is replaced; raise JournalError where that is impossible."""
        import json

        try:
            index = self._index or self._begun()
            self._count += 1
            name = f"{self._count:06}.old"
            _write(os.path.join(self._root, name), before)
            entry = {"path": os.path.abspath(path), "old": name, "new": _digest(after), "was": _digest(before)}
            index.write(json.dumps(entry) + "\n")
            index.flush()
            os.fsync(index.fileno())
        except OSError as error:
            raise JournalError(f"{error.filename or self._root}: {error.strerror or error}") from error

    def close(self) -> None:
        """Say that the run came to its end, and forget the oldest runs."""
        if self._index is None:
            return
        import shutil

        with contextlib.suppress(OSError):
            self._index.close()
            os.rename(self._root, self._root + DONE)
            for old in _journals(self.folder)[:-KEPT]:
                shutil.rmtree(old, ignore_errors=True)

    def _begun(self) -> IO[str]:
        import json
        import time

        self._root = os.path.join(_place(self.folder), f"{time.time_ns():020}-{os.getpid()}")
        os.makedirs(self._root, mode=0o700)
        self._index = open(os.path.join(self._root, NAME), "w", encoding="utf-8")  # noqa: SIM115  closed by close
        self._index.write(json.dumps({"version": _VERSION, "folder": self.folder}) + "\n")
        return self._index


def undo(folder: str) -> Undone:
    """Put back what the last run in ``folder`` replaced; raise JournalError where no run is remembered.

    A file that was changed since is left as it is. The journal of a run that is wholly put back is forgotten.
    """
    journals = _journals(folder)
    if not journals:
        raise JournalError(f"no run in {folder} is remembered; undo is run in the folder in which apply was")
    restored, left = [], []
    index = _read(journals[-1])
    for entry in reversed(index.entries):
        reason = _put_back(journals[-1], entry)
        if reason is None:
            restored.append(entry.path)
        elif reason:
            left.append((entry.path, reason))
    if not left and not index.is_damaged:
        import shutil

        shutil.rmtree(journals[-1], ignore_errors=True)
    return Undone(tuple(restored), tuple(left), journals[-1] if index.is_damaged else "")


def _put_back(journal: str, entry: Entry) -> str | None:
    """Put one file back; give the reason where it is left, an empty one where it never was replaced."""
    try:
        old = read(os.path.join(journal, entry.old))
        now = read(entry.path)
        if now == old:
            return ""
        if _digest(now) != entry.new:
            return "changed since"
        if entry.was and _digest(old) != entry.was:
            return f"what was kept of it is damaged: {os.path.join(journal, entry.old)}"
        replace_file(entry.path, now, old)
    except FileChangedError:
        return "changed since"
    except OSError as error:
        return error.strerror or str(error)
    return None


def sweep() -> None:
    """Remove the temporary files of runs that were killed; what cannot be removed stays."""
    for folder in _subfolders(state_directory()):
        for journal in _subfolders(folder):
            if not journal.endswith(DONE) and not _is_alive(journal.rpartition("-")[2]):
                for directory in {os.path.dirname(entry.path) for entry in _read(journal).entries}:
                    _remove_temporaries(directory)
                with contextlib.suppress(OSError):
                    os.rename(journal, journal + DONE)


def _is_alive(process: str) -> bool:
    """Whether the process of this number is still there."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except OSError:
        return True
    return True


def _remove_temporaries(directory: str) -> None:
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):
            if name.startswith(".") and name.endswith(TEMPORARY_SUFFIX):
                os.unlink(os.path.join(directory, name))


# Folders of journals -------------------------------------------------------------------------------------------------


def _place(folder: str) -> str:
    return os.path.join(state_directory(), _digest(os.fsencode(os.path.realpath(folder)))[:16])


def _journals(folder: str) -> list[str]:
    """The journals of a folder's runs, the oldest first."""
    return _subfolders(_place(folder))


def _subfolders(directory: str) -> list[str]:
    try:
        return sorted(entry.path for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False))
    except OSError:
        return []


def _read(journal: str) -> _Index:
    """Read a journal as far as it can be read.

    A kill leaves at most a last line without its end, and one old content that no line names: its file was not
    replaced yet. Whatever else is missing or not understood is damage.
    """
    try:
        names = os.listdir(journal)
        lines = read(os.path.join(journal, NAME)).split(b"\n")[:-1] if NAME in names else []
    except OSError:
        return _Index((), is_damaged=True)
    kept = sum(name.endswith(".old") for name in names)
    entries = tuple(entry for entry in map(_entry, lines[1:]) if entry is not None)
    known = not lines or _loaded(lines[0]).get("version") == _VERSION
    return _Index(entries if known else (), not known or len(entries) < max(len(lines) - 1, kept - 1))


def _entry(line: bytes) -> Entry | None:
    match _loaded(line):
        case {"path": str(path), "old": str(old), "new": str(new), **more}:
            return Entry(path, old, new, str(more.get("was", "")))
    return None


def _loaded(line: bytes) -> dict[str, object]:
    import json

    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _digest(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()
