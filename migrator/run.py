"""One run over many files: turn away those that cannot matter, migrate the rest, write what changed."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from migrator import bulk, prefilter, recursion, silence, source
from migrator.find import Found
from migrator.outcome import Finding, Kind, Outcome, Requests, Status, Summary
from migrator.report import summary as words
from migrator.settings import Mode, Settings
from migrator.sift import Choose, sift

if TYPE_CHECKING:
    from migrator.cache import Cache

# A process pool costs some 50 ms to start: it pays from about this many bytes to parse.
POOL_BYTES = 200_000

# Trees are many objects that stay until their file is done: looking at them every 700 objects costs a seventh.
_COLLECTING = (100_000, 50, 100)

# What becomes of a call that asks for Interactions now, or will once it is rewritten.
_ASKING = (Status.MIGRATED, Status.REVIEW, Status.RIGHT, Status.WRONG)

# Turns a file's bytes into its outcome.
Migrate: TypeAlias = Callable[[str, bytes, Settings], Outcome]

# What is done with an outcome before it is written and reported, in the process of the run and in the order of files.
Stage: TypeAlias = Callable[[Outcome], Outcome]


@dataclass(frozen=True, slots=True)
class Job:
    """A file that is still to be migrated or verified, and how; a function of a module travels between processes."""

    path: str
    settings: Settings
    make: Migrate


# What is still to be done, or what is already known.
Task: TypeAlias = "Job | Outcome"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked of a run; ``settings_for`` gives a file's settings by its path.

    ``begun`` is told how many files will have an outcome, before the first has one.
    """

    mode: Mode
    settings_for: Callable[[str], Settings]
    jobs: int = 1
    stages: tuple[Stage, ...] = ()
    cache: Cache | None = None
    begun: Callable[[int], None] | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """What a run does: which files, by name and content, it is about, and what it does with one.

    ``among`` gives the numbers of the files that it may be about, and of those that cannot be read.
    """

    concerns: Callable[[str, bytes], bool]
    among: Choose
    make: Migrate


def run(found: Found, options: Options, sink: Callable[[Outcome], None]) -> Summary:
    """Migrate or verify the found files, hand each outcome worth a word to ``sink`` in order, and count.

    Nothing raises for the sake of one file: what cannot be read, parsed, migrated or written is an outcome. Settings
    that cannot be used raise ConfigError before a file is touched.
    """
    work = _work(options)
    tasks: list[Task] = [_unread(it.path, it.reason) for it in found.missing]
    mentioning, size = 0, 0
    for path in sift(found.files, work.among, options.jobs):
        match read(path):
            case Outcome() as failure:
                tasks.append(failure)
            case data if work.concerns(path, data):
                tasks.append(_task(path, data, options, work))
                mentioning += 1
                size += len(data) if isinstance(tasks[-1], Job) else 0
    summary = replace(_nothing(options), files=len(found.files), mentioning=mentioning)
    asking: list[str] = []  # files that need an SDK with Interactions
    if options.begun is not None:
        options.begun(len(tasks))
    done = 0
    try:
        for outcome in _outcomes(tasks, options.jobs if size >= POOL_BYTES else 1, options.cache):
            staged = _staged(outcome, options)
            final = write(staged) if options.mode is Mode.APPLY else staged
            summary = summary.add(final)
            sink(final)
            done += 1
            judged = final if options.mode is Mode.APPLY else outcome  # what is known, or not said, still has to run
            if any(site.status in _ASKING for site in judged.sites):
                asking.append(final.path)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_so_far(summary, done, len(tasks), options.mode)) from None
    for manifest in _manifests(asking):
        staged = _staged(manifest, options)
        summary = summary.add(staged)
        sink(staged)
    return summary


def _manifests(asking: list[str]) -> Iterator[Outcome]:
    """Give what is wrong with the pins that hold for the files; a run that finds nothing to rewrite looks for none."""
    if asking:
        from migrator.manifests.check import outcomes

        yield from outcomes(asking)


def _so_far(summary: Summary, done: int, total: int, mode: Mode) -> str:
    """Say what an interrupted run has done."""
    rewritten = f", {words.plural(summary.changed, 'file')} rewritten" if mode is Mode.APPLY else ""
    return (
        f"{done} of {words.plural(total, 'file')} looked into{rewritten}, {words.plural(summary.sites, 'call site')}. "
    )


def _task(path: str, data: bytes, options: Options, work: Work) -> Task:
    settings = options.settings_for(path)
    known = options.cache.load(path, data, settings) if options.cache is not None else None
    return Job(path, settings, work.make) if known is None else known


def run_bytes(path: str, data: bytes, options: Options, sink: Callable[[Outcome], None]) -> tuple[Summary, bytes]:
    """Migrate or verify bytes that are no file, named ``path``; give the counts and the bytes that come out."""
    work, summary = _work(options), replace(_nothing(options), files=1)
    if not work.concerns(path, data):
        return summary, data
    outcome = _staged(attempt(work.make, path, data, options.settings_for(path)), options)
    sink(outcome)
    return replace(summary, mentioning=1).add(outcome), data if outcome.after is None else outcome.after


def _staged(outcome: Outcome, options: Options) -> Outcome:
    if outcome.sites or outcome.findings:
        outcome = silence.by_settings(outcome, options.settings_for(outcome.path), options.mode)
    for stage in options.stages:
        outcome = stage(outcome)
    return outcome


def _outcomes(tasks: list[Task], jobs: int, cache: Cache | None) -> Iterator[Outcome]:
    """Give each task's outcome, in the order of the tasks; what was not known is from now on."""
    waiting = [task for task in tasks if isinstance(task, Job)]
    if jobs > 1 and len(waiting) > 1:
        from migrator.pool import migrate_in_processes

        migrated: Iterator[Outcome] = migrate_in_processes(waiting, jobs)
    else:
        migrated = (migrate_file(job) for job in waiting)
    for task in tasks:
        if not isinstance(task, Job):
            yield task
            continue
        outcome = next(migrated)
        if cache is not None:
            cache.store(outcome, task.settings)
        yield outcome
    if cache is not None and waiting:
        cache.prune()


def migrate_file(job: Job) -> Outcome:
    """Read and migrate or verify one file; whatever goes wrong inside is told in the outcome."""
    match read(job.path):
        case Outcome() as failure:
            return failure
        case data:
            return attempt(job.make, job.path, data, job.settings)


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
        return Outcome(path, Kind.UNCHANGED, data, note="passed over, as a comment in it says")
    if not prefilter.refers(data) and not prefilter.speaks(data):
        return Outcome(path, Kind.UNCHANGED, data)
    from migrator.migrate import migrate

    gc.set_threshold(*_COLLECTING)
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


def _work(options: Options) -> Work:
    return VERIFICATION if options.mode is Mode.VERIFY else MIGRATION


def _nothing(options: Options) -> Summary:
    """Give the summary to count from."""
    return Summary(requests=Requests() if options.mode is Mode.VERIFY else None)


def crashed(path: str, what: str) -> Outcome:
    """Make the outcome of a file on which the migrator itself failed."""
    return Outcome.failed(path, Finding.of("MG405", f"the migrator failed on this file: {what}"))


def read(path: str) -> bytes | Outcome:
    """Give a file's bytes, or the outcome of a file that cannot be read."""
    try:
        return source.read(path)
    except OSError as error:
        return _unread(path, str(error.strerror or error))


def _unread(path: str, reason: str) -> Outcome:
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
