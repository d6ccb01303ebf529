"""One run over many files: turn away those that cannot matter, migrate the rest, write what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from migrator import silence
from migrator.find import Found
from migrator.outcome import Outcome, Requests, Status, Summary
from migrator.report import summary as words
from migrator.settings import Mode, Settings
from migrator.sift import sift
from migrator.work import MIGRATION, VERIFICATION, Job, Work, attempt, migrate_file, read, unread, write

if TYPE_CHECKING:
    from migrator.cache import Cache

# Processes cost some 50 ms to start, and what they share has to be imported first: they pay from about this many bytes.
POOL_BYTES = 30_000

# What becomes of a call that asks for Interactions now, or will once it is rewritten.
_ASKING = (Status.MIGRATED, Status.REVIEW, Status.RIGHT, Status.WRONG)

# What is done with an outcome before it is written and reported, in the process of the run and in the order of files.
Stage: TypeAlias = Callable[[Outcome], Outcome]


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


def run(found: Found, options: Options, sink: Callable[[Outcome], None]) -> Summary:
    """Migrate or verify the found files, hand each outcome worth a word to ``sink`` in order, and count.

    Nothing raises for the sake of one file: what cannot be read, parsed, migrated or written is an outcome. Settings
    that cannot be used raise ConfigError before a file is touched.
    """
    todo = _todo(found, options)
    summary = replace(_nothing(options), files=len(found.files), mentioning=todo.mentioning)
    asking: list[str] = []  # files that need an SDK with Interactions
    if options.begun is not None:
        options.begun(len(todo.tasks))
    done = 0
    try:
        for outcome in _outcomes(todo.tasks, options.jobs if todo.size >= POOL_BYTES else 1, options.cache):
            staged = _staged(outcome, options)
            final = write(staged) if options.mode is Mode.APPLY else staged
            summary = summary.add(final)
            sink(final)
            done += 1
            judged = final if options.mode is Mode.APPLY else outcome  # what is known, or not said, still has to run
            if any(site.status in _ASKING for site in judged.sites):
                asking.append(final.path)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_so_far(summary, done, len(todo.tasks), options.mode)) from None
    for manifest in _manifests(asking):
        staged = _staged(manifest, options)
        summary = summary.add(staged)
        sink(staged)
    return summary


@dataclass(frozen=True, slots=True)
class _Todo:
    """The tasks of a run in their order, how many files name the API, and how many bytes are to be parsed."""

    tasks: list[Task]
    mentioning: int
    size: int


def _todo(found: Found, options: Options) -> _Todo:
    """Look into the found files; those that cannot be read are outcomes already."""
    work = _work(options)
    tasks: list[Task] = [unread(it.path, it.reason) for it in found.missing]
    mentioning, size = 0, 0
    for path in sift(found.files, work.among, options.jobs):
        match read(path):
            case Outcome() as failure:
                tasks.append(failure)
            case data if work.concerns(path, data):
                tasks.append(_task(path, data, options, work))
                mentioning += 1
                size += tasks[-1].size if isinstance(tasks[-1], Job) else 0
    return _Todo(tasks, mentioning, size)


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
    return Job(path, settings, work.make, len(data)) if known is None else known


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


def _work(options: Options) -> Work:
    return VERIFICATION if options.mode is Mode.VERIFY else MIGRATION


def _nothing(options: Options) -> Summary:
    """Give the summary to count from."""
    return Summary(requests=Requests() if options.mode is Mode.VERIFY else None)
