"""What is done with one file: which ones a run is about, and how one is read, migrated or verified, and written.

Nothing raises for the sake of a file: what goes wrong is told in its outcome.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from migrator import bulk, prefilter, recursion, source
from migrator.outcome import Finding, Kind, Outcome, Status
from migrator.records import dataclass
from migrator.settings import Settings

if TYPE_CHECKING:
    from migrator.sift import Choose

# Trees are many objects that stay until their file is done: looking at them every 700 objects costs a seventh.
_COLLECTING = (100_000, 50, 100)

_SKIPPED = "passed over, as a comment in it says"

# Turns a file's bytes into its outcome.
Migrate: TypeAlias = Callable[[str, bytes, Settings], Outcome]


@dataclass(frozen=True, slots=True)
class Job:
    """A file that is still to be migrated or verified, and how; a function of a module travels between processes."""

    path: str
    settings: Settings
    make: Migrate
    size: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """What a run does: which files, by name and content, it is about, and what it does with one.

    ``among`` gives the numbers of the files that it may be about, and of those that cannot be read.
    """

    concerns: Callable[[str, bytes], bool]
    among: Choose
    make: Migrate


def migrate_file(job: Job) -> Outcome:
    """Read and migrate or verify one file; whatever goes wrong inside is told in the outcome."""
    match read(job.path):
        case Outcome() as failure:
            return failure
        case data:
            return attempt(job.make, job.path, data, job.settings)


def prepare(jobs: Sequence[Job]) -> None:
    """Import, and read, what the jobs need: nobody calls this for fewer files than are worth several processes."""
    from importlib import import_module

    from migrator import fieldmap

    for make in {job.make for job in jobs}:
        import_module("migrator.verify" if make is _verify else "migrator.migrate")
    for maps in {job.settings.field_maps for job in jobs}:
        with contextlib.suppress(fieldmap.FieldMapError):  # whoever needs the map will say so
            fieldmap.load(maps)


def migrate_bytes(path: str, data: bytes, settings: Settings) -> Outcome:
    """Migrate the bytes of a file; whatever goes wrong inside is told in the outcome."""
    return attempt(_migrate, path, data, settings)


def attempt(migrate: Migrate, path: str, data: bytes, settings: Settings) -> Outcome:
    """Migrate bytes; a crash becomes an outcome, because it must not cost other files their result."""
    try:
        return migrate(path, data, settings)
    except (prefilter.TooDeepError, RecursionError):
        return Outcome.failed(path, Finding.of("MG402", "nested too deeply to be parsed"))
    except Exception as error:
        if os.environ.get("MIGRATOR_DEBUG"):
            raise
        return crashed(path, f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")


def _migrate(path: str, data: bytes, settings: Settings) -> Outcome:
    """Migrate Python code, importing the parser only for code that refers to the API."""
    if prefilter.is_document(path):
        from migrator.embedded.migrate import migrate_document

        return migrate_document(path, data, settings)
    if prefilter.skips(data):
        return Outcome(path, Kind.UNCHANGED, data, note=_SKIPPED)
    if not prefilter.refers(data) and not prefilter.speaks(data):
        return Outcome(path, Kind.UNCHANGED, data)
    gc.set_threshold(*_COLLECTING)  # before all that has to be imported, too
    from migrator.migrate import migrate

    with recursion.deep():
        return migrate(path, data, settings)


def _verify(path: str, data: bytes, settings: Settings) -> Outcome:
    """Check requests, importing the parser only where there may be one."""
    if prefilter.is_document(path):
        from migrator.embedded.verify import verify_document

        return verify_document(path, data, settings)
    from migrator.verify import verify

    if path.endswith(prefilter.DATA):
        return verify(path, data, settings)
    if prefilter.skips(data):
        return Outcome(path, Kind.UNCHANGED, data, note=_SKIPPED)
    prefilter.parsed(data)  # raises for what is nested too deeply, which would end the process
    with recursion.deep():
        return verify(path, data, settings)


def _may_migrate(_path: str, data: bytes) -> bool:
    return prefilter.mentions(data)


def _may_ask(path: str, data: bytes) -> bool:
    if path.endswith(prefilter.DATA):
        return prefilter.may_be_body(data)
    return prefilter.asks(data)


def _mentioning(paths: Sequence[str]) -> list[int]:
    return bulk.holding(paths, prefilter.NEEDLES)


def _asking(paths: Sequence[str]) -> list[int]:
    return [number for number, path in enumerate(paths) if _is_asking(path)]


def _is_asking(path: str) -> bool:
    try:
        return _may_ask(path, source.read(path))
    except OSError:
        return True


MIGRATION = Work(_may_migrate, _mentioning, _migrate)
VERIFICATION = Work(_may_ask, _asking, _verify)


def crashed(path: str, what: str) -> Outcome:
    """Make the outcome of a file on which the migrator itself failed."""
    return Outcome.failed(path, Finding.of("MG405", f"the migrator failed on this file: {what}"))


def read(path: str) -> bytes | Outcome:
    """Give a file's bytes, or the outcome of a file that cannot be read."""
    try:
        return source.read(path)
    except OSError as error:
        return unread(path, str(error.strerror or error))


def unread(path: str, reason: str) -> Outcome:
    """Make the outcome of a file that cannot be read."""
    return Outcome.failed(path, Finding.of("MG401", f"cannot be read: {reason}"))


def write(outcome: Outcome) -> Outcome:
    """Put the outcome's bytes in place, or tell why they are not."""
    if outcome.after is None:
        return outcome
    try:
        source.replace_file(outcome.path, outcome.before, outcome.after)
    except source.FileChangedError:
        return unwritten(outcome, "MG404", "changed while it was being migrated")
    except OSError as error:
        return unwritten(outcome, "MG403", f"cannot be written: {error.strerror or error}")
    return outcome


def unwritten(outcome: Outcome, code: str, message: str) -> Outcome:
    """Take back what the outcome says was done."""
    sites = tuple(replace(site, status=Status.REFUSED) for site in outcome.sites)
    findings = (*outcome.findings, Finding.of(code, message))
    return replace(outcome, kind=Kind.FAILED, after=None, sites=sites, findings=findings)
