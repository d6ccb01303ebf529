"""One run over many files: turn away those that cannot matter, migrate the rest, write what changed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from migrator import prefilter, source
from migrator.diagnostics import CODES, Level
from migrator.find import Found
from migrator.outcome import Finding, Kind, Outcome, Requests, Status, Summary
from migrator.settings import Mode, Settings

# A process pool costs some 50 ms to start: it pays from about this many bytes to parse.
POOL_BYTES = 200_000

# A visitor recurses some six frames a level of the tree; ast has turned away what is deeper than this can bear.
RECURSION = 20_000

# Turns a file's bytes into its outcome.
Migrate: TypeAlias = Callable[[str, bytes, Settings], Outcome]

# Reads one file and makes its outcome; a function of a module, for it travels to other processes.
Process: TypeAlias = Callable[[str, Settings], Outcome]

# A file that is still to be migrated, or what is already known about it.
Task: TypeAlias = "str | Outcome"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked of a run."""

    mode: Mode
    settings: Settings
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Work:
    """What a run does: which files, by name and content, it is about, and what it does with one."""

    concerns: Callable[[str, bytes], bool]
    process: Process


def run(found: Found, options: Options, sink: Callable[[Outcome], None]) -> Summary:
    """Migrate or verify the found files, hand each outcome worth a word to ``sink`` in order, and count.

    Nothing raises for the sake of one file: what cannot be read, parsed, migrated or written is an outcome.
    """
    work = VERIFICATION if options.mode is Mode.VERIFY else MIGRATION
    tasks: list[Task] = [failed(it.path, "MG401", f"cannot be read: {it.reason}") for it in found.missing]
    mentioning, size = 0, 0
    for path in found.files:
        match read(path):
            case Outcome() as failure:
                tasks.append(failure)
            case data if work.concerns(path, data):
                tasks.append(path)
                mentioning += 1
                size += len(data)
    requests = Requests() if options.mode is Mode.VERIFY else None
    summary = Summary(files=len(found.files), mentioning=mentioning, requests=requests)
    for outcome in _outcomes(tasks, work.process, options.settings, options.jobs if size >= POOL_BYTES else 1):
        final = write(outcome) if options.mode is Mode.APPLY else outcome
        summary = summary.add(final)
        sink(final)
    return summary


def _outcomes(tasks: list[Task], process: Process, settings: Settings, jobs: int) -> Iterator[Outcome]:
    """Give each task's outcome, in the order of the tasks."""
    paths = [task for task in tasks if isinstance(task, str)]
    if jobs > 1 and len(paths) > 1:
        from migrator.pool import in_processes

        done: Iterator[Outcome] = in_processes(process, paths, settings, jobs)
    else:
        done = (process(path, settings) for path in paths)
    for task in tasks:
        yield next(done) if isinstance(task, str) else task


def migrate_file(path: str, settings: Settings) -> Outcome:
    """Read and migrate one file; whatever goes wrong inside is told in the outcome."""
    match read(path):
        case Outcome() as failure:
            return failure
        case data:
            return attempt(_migrate, path, data, settings)


def verify_file(path: str, settings: Settings) -> Outcome:
    """Read one file and check its Interactions requests; whatever goes wrong inside is told in the outcome."""
    match read(path):
        case Outcome() as failure:
            return failure
        case data:
            return attempt(_verify, path, data, settings)


def attempt(migrate: Migrate, path: str, data: bytes, settings: Settings) -> Outcome:
    """Migrate bytes; a crash becomes an outcome, because it must not cost other files their result."""
    limit = sys.getrecursionlimit()
    try:
        return migrate(path, data, settings)
    except (prefilter.TooDeepError, RecursionError):
        return failed(path, "MG402", "nested too deeply to be parsed")
    except Exception as error:
        if os.environ.get("MIGRATOR_DEBUG"):
            raise
        return crashed(path, f"{type(error).__name__}: {str(error).partition(chr(10))[0]}")
    finally:
        sys.setrecursionlimit(limit)


def _migrate(path: str, data: bytes, settings: Settings) -> Outcome:
    """Migrate Python code, importing the parser only for code that refers to the API."""
    if not prefilter.refers(data):
        return Outcome(path, Kind.UNCHANGED, data)
    from migrator.migrate import migrate

    sys.setrecursionlimit(RECURSION)
    return migrate(path, data, settings)


def _verify(path: str, data: bytes, settings: Settings) -> Outcome:
    """Check requests, importing the parser only where there may be one."""
    from migrator.verify import verify

    if not path.endswith(prefilter.DATA):
        prefilter.parsed(data)  # raises for what is nested too deeply, which would end the process
        sys.setrecursionlimit(RECURSION)
    return verify(path, data, settings)


def _may_migrate(_path: str, data: bytes) -> bool:
    return prefilter.mentions(data)


def _may_ask(path: str, data: bytes) -> bool:
    return prefilter.may_be_body(data) if path.endswith(prefilter.DATA) else prefilter.asks(data)


MIGRATION = Work(_may_migrate, migrate_file)
VERIFICATION = Work(_may_ask, verify_file)


def failed(path: str, code: str, message: str) -> Outcome:
    """Make the outcome of a file about which only the failure is known."""
    return Outcome(path, Kind.FAILED, findings=(_finding(code, message),))


def crashed(path: str, what: str) -> Outcome:
    """Make the outcome of a file on which the migrator itself failed."""
    return failed(path, "MG405", f"the migrator failed on this file: {what}")


def read(path: str) -> bytes | Outcome:
    """Give a file's bytes, or the outcome of a file that cannot be read."""
    try:
        return source.read(path)
    except OSError as error:
        return failed(path, "MG401", f"cannot be read: {error.strerror or error}")


def write(outcome: Outcome) -> Outcome:
    """Put the outcome's bytes in place, or tell why they are not."""
    if outcome.after is None:
        return outcome
    try:
        source.replace_file(outcome.path, outcome.before, outcome.after)
    except source.FileChangedError:
        return _unwritten(outcome, "MG404", "changed while it was being migrated")
    except OSError as error:
        return _unwritten(outcome, "MG403", f"cannot be written: {error.strerror or error}")
    return outcome


def _unwritten(outcome: Outcome, code: str, message: str) -> Outcome:
    """Take back what the outcome says was done."""
    sites = tuple(replace(site, status=Status.REFUSED) for site in outcome.sites)
    findings = (*outcome.findings, _finding(code, message))
    return replace(outcome, kind=Kind.FAILED, after=None, sites=sites, findings=findings)


def _finding(code: str, message: str) -> Finding:
    return Finding(code, Level.MANUAL, 1, 1, message, CODES[code].advice)
