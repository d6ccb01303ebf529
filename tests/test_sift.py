"""Files sifted by several processes: the same answer as by one, whatever becomes of the others."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

import pytest

from migrator.sift import sift

PATHS = [f"{number}.py" for number in range(4_321)]
WANTED = [path for path in PATHS if path.startswith("7")]
forking = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")


def choose(paths: Sequence[str]) -> list[int]:
    return [number for number, path in enumerate(paths) if path.startswith("7")]


@pytest.mark.parametrize("processes", [1, 2, 3, 64])
def test_the_order_of_the_paths_is_kept(processes: int) -> None:
    assert list(sift(PATHS, choose, processes)) == WANTED


def test_few_files_are_sifted_here() -> None:
    here = os.getpid()
    assert list(sift(PATHS[:50], lambda paths: range(len(paths) * (os.getpid() == here)), 8)) == PATHS[:50]


@forking
def test_a_child_that_dies_costs_nothing() -> None:
    here = os.getpid()

    def dying(paths: Sequence[str]) -> list[int]:
        if os.getpid() != here:
            os._exit(9)
        return choose(paths)

    assert list(sift(PATHS, dying, 3)) == WANTED


@forking
def test_an_error_here_leaves_no_child_behind() -> None:
    here = os.getpid()

    def failing(paths: Sequence[str]) -> list[int]:
        if os.getpid() == here:
            raise KeyboardInterrupt
        return choose(paths)

    with pytest.raises(KeyboardInterrupt):
        list(sift(PATHS, failing, 3))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
