"""Many files on several processes: outcomes in the order of the paths, whatever becomes of a worker."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext

from migrator.outcome import Outcome
from migrator.work import Job, crashed, migrate_file, prepare


def migrate_in_processes(jobs: Sequence[Job], processes: int) -> Iterator[Outcome]:
    """Give the outcome of each job in order.

    A worker that dies takes its pool along: the files without a result are then tried one by one, each in a process
    of its own, so that the one that kills its process is named and the others have their outcome.
    """
    _share(jobs)
    with _executor(min(processes, len(jobs))) as executor:
        futures = {number: executor.submit(migrate_file, jobs[number]) for number in _schedule(jobs, processes)}
        for number, job in enumerate(jobs):
            try:
                yield futures.pop(number).result()
            except BrokenProcessPool:
                yield _alone(job)
            except Exception as error:  # noqa: BLE001  such as an outcome that cannot be pickled
                yield crashed(job.path, f"{type(error).__name__}: {error}")


def _schedule(jobs: Sequence[Job], processes: int) -> list[int]:
    """Give the numbers of the jobs in the order in which they are begun.

    That of the report, so that the first results come early and a run that ends early has done something; but a file
    that is a large part of all would be waited for alone at the end.
    """
    large = sum(job.size for job in jobs) / (4 * processes)
    return sorted(range(len(jobs)), key=lambda number: jobs[number].size < large)


def _share(jobs: Sequence[Job]) -> None:
    """Import here what every worker would import; frozen, so that no collection makes a worker copy it."""
    if _context().get_start_method() == "fork":
        prepare(jobs)
        gc.freeze()


def _alone(job: Job) -> Outcome:
    with _executor(1) as executor:
        future: Future[Outcome] = executor.submit(migrate_file, job)
        try:
            return future.result()
        except BrokenProcessPool:
            return crashed(job.path, "its process ended without a word")


@contextmanager
def _executor(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Give an executor; whoever leaves it early, as an interrupt does, does not wait for work that nobody wants."""
    executor = ProcessPoolExecutor(workers, mp_context=_context(), initializer=_begin)
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.kill()
        raise
    executor.shutdown()


def _begin() -> None:
    """Leave an interrupt to the first process, which tells of it and ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _context() -> BaseContext:
    """Fork where that is safe: the workers then share what is imported already."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
