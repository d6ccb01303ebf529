"""What became of a file the last time: a second run over files that did not change is free.

An entry is found by the content of the file, the settings that held for it, and what made it: this tool, the parser and
the interpreter. So it is never out of date, serves every checkout of the same file, and nothing has to be cleared. An
entry that cannot be read, or is not what was written, is none. Nothing but data is ever read from one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import astuple, fields, replace
from enum import Enum
from functools import cache
from typing import Any

from migrator import __version__, source
from migrator.changes import Change
from migrator.diagnostics import Level
from migrator.outcome import By, Finding, Kind, Outcome, SiteReport, Status, Unsaid
from migrator.records import dataclass
from migrator.settings import Settings

_DAY = 24 * 60 * 60
_KEPT = 30 * _DAY
_PRUNED = "pruned"
_DIGEST = 20
_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# Of migrator: it can be deleted at any time.\n"


@dataclass(frozen=True, slots=True)
class Cache:
    """The entries in a directory, which is made when the first is written."""

    directory: str

    def load(self, path: str, data: bytes, settings: Settings) -> Outcome | None:
        """Give what became of a file's content under the settings; None where that is not known."""
        place = self._place(path, data, settings)
        try:
            written = source.read(place)
            outcome = _read(written, path, data)
            if outcome is not None and os.stat(place).st_mtime < time.time() - _DAY:
                os.utime(place)  # it is of use still
        except OSError:
            return None
        return outcome

    def store(self, outcome: Outcome, settings: Settings) -> None:
        """Keep an outcome, unless it tells of a failure, which may be of this run alone. Failing to is no matter."""
        if outcome.kind is Kind.FAILED:
            return
        place = self._place(outcome.path, outcome.before, settings)
        try:
            if not os.path.isdir(os.path.dirname(place)):
                self._make(os.path.dirname(place))
            source.create(place, _written(outcome))
        except OSError:
            pass

    def prune(self) -> None:
        """Remove what has been of no use for a month; looks only once a day."""
        stamp = os.path.join(self.directory, _PRUNED)
        try:
            if os.stat(stamp).st_mtime > time.time() - _DAY:
                return
            os.utime(stamp)
            for folder in os.scandir(self.directory):
                for entry in os.scandir(folder.path) if folder.is_dir() else ():
                    if entry.stat().st_mtime < time.time() - _KEPT:
                        os.unlink(entry.path)
        except OSError:
            pass

    def _make(self, folder: str) -> None:
        """Make a folder of the cache, and what keeps the cache out of version control and of backups."""
        if not os.path.isdir(self.directory):
            os.makedirs(self.directory, mode=0o700, exist_ok=True)
            for name, content in ((".gitignore", b"*\n"), ("CACHEDIR.TAG", _TAG), (_PRUNED, b"")):
                source.create(os.path.join(self.directory, name), content)
        os.makedirs(folder, mode=0o700, exist_ok=True)

    def _place(self, path: str, data: bytes, settings: Settings) -> str:
        import hashlib

        # Of the path only the name counts: what stands in an __init__.py is for others.
        what = (_tool(), os.path.basename(path), repr(settings), _maps(settings.field_maps))
        digest = hashlib.blake2b("\0".join(what).encode(errors="surrogatepass"), digest_size=20)
        digest.update(b"\0" + data)
        name = digest.hexdigest()
        return os.path.join(self.directory, name[:2], name[2:])


def default_directory() -> str:
    """Give the folder of the user's that is for such things, as the platform has it."""
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser("~")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "migrator")


@cache
def _tool() -> str:
    """What makes outcomes: this version, file by file, as it may be one that is worked on; its parser; Python."""
    from importlib.util import find_spec

    parser = find_spec("libcst")
    folders = [os.path.dirname(os.path.abspath(__file__))]
    folders += [os.path.join(os.path.dirname(folders[0]), "field_maps")]
    marks = [__version__, sys.version, str(parser and parser.origin and _mark(parser.origin))]
    marks += sorted(mark for folder in folders for mark in _marks(folder))
    return "\n".join(marks)


def _marks(folder: str) -> Iterator[str]:
    if not os.path.isdir(folder):
        return
    for entry in os.scandir(folder):
        if entry.is_dir():
            if entry.name != "__pycache__":
                yield from _marks(entry.path)
        else:
            yield _mark(entry.path)


def _mark(path: str) -> str:
    status = os.stat(path)
    return f"{path} {status.st_size} {status.st_mtime_ns}"


@cache
def _maps(paths: tuple[str, ...]) -> str:
    import hashlib

    return " ".join(hashlib.blake2b(source.read(path)).hexdigest() for path in paths)


# Entries -----------------------------------------------------------------------------------------------------------


def _written(outcome: Outcome) -> bytes:
    """Give an outcome as data behind its digest, without what is known when it is asked for; mostly it is nothing."""
    plain = replace(outcome, path="", before=b"", after=None)
    if outcome.after is None and plain == Outcome("", Kind.UNCHANGED):
        return _digest(b"")
    import json

    after = None if outcome.after is None else outcome.after.decode("latin-1")
    content = json.dumps([after, astuple(plain)], default=_plain).encode()
    return _digest(content) + content


def _plain(value: object) -> object:
    match value:
        case bytes():
            return value.decode("latin-1")
        case Enum():
            return value.value
    raise TypeError(value)


def _digest(content: bytes) -> bytes:
    import hashlib

    return hashlib.blake2b(content, digest_size=_DIGEST).digest()


def _read(written: bytes, path: str, data: bytes) -> Outcome | None:
    """Give the outcome that an entry tells; None where it is not what was written, or not by this version."""
    content = written[_DIGEST:]
    if _digest(content) != written[:_DIGEST]:
        return None
    if not content:
        return Outcome(path, Kind.UNCHANGED, data)
    import json

    try:
        after, (_, kind, _, _, sites, findings, changes, note) = json.loads(content)
        return Outcome(
            path,
            Kind(kind),
            data,
            None if after is None else after.encode("latin-1"),
            tuple(_site(*site) for site in sites),
            tuple(_finding(*said) for said in findings),
            tuple(Change(*change) for change in changes),
            note,
        )
    except (ValueError, TypeError):
        return None


def _site(*values: Any) -> SiteReport:  # noqa: ANN401
    told = dict(zip((each.name for each in fields(SiteReport)), values, strict=True))
    told["status"] = Status(told["status"])
    told["findings"] = tuple(_finding(*said) for said in told["findings"])
    told["unsaid"] = tuple(Unsaid(_finding(*said), By(by)) for said, by in told["unsaid"])
    return SiteReport(**told)


def _finding(code: str, level: str, *rest: Any) -> Finding:  # noqa: ANN401
    return Finding(code, Level(level), *rest)
