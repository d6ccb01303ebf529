"""Many files on several processes: outcomes in the order of the paths, whatever becomes of a worker."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.context import BaseContext

from migrator.outcome import Outcome
from migrator.work import Job, crashed, migrate_file


def migrate_in_processes(jobs: Sequence[Job], processes: int) -> Iterator[Outcome]:
    """Give the outcome of each job in order.

    A worker that dies takes its pool along: the files without a result are then tried one by one, each in a process
    of its own, so that the one that kills its process is named and the others have their outcome.
    """
    with _executor(min(processes, len(jobs))) as executor:
        futures = [executor.submit(migrate_file, job) for job in jobs]
        for job, future in zip(jobs, futures, strict=True):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield _alone(job)
            except Exception as error:  # noqa: BLE001  such as an outcome that cannot be pickled
                yield crashed(job.path, f"{type(error).__name__}: {error}")


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
