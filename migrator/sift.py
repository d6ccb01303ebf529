"""Many files sifted by several processes, before any of them is worth the import of a process pool.

A child is a copy of this process that reads its share of the files and writes down which of them matter: on a large
tree that nothing is found in, reading is all there is to do. Only for Linux, where a process may be copied at any time.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TypeAlias

    # Gives the numbers of the paths that matter, in their order.
    Choose: TypeAlias = Callable[[Sequence[str]], Sequence[int]]

# Copying this process costs as much as reading a hundred files, and a copy does well with some hundreds.
_SHARE = 1_000


def processors() -> int:
    """Count the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def sift(paths: Sequence[str], choose: Choose, processes: int) -> Iterator[str]:
    """Give the paths that matter, in their order."""
    children: list[_Child] = []
    shares = min(processes, len(paths) // _SHARE + 1) if sys.platform == "linux" else 1
    try:
        children.extend(_Child(share, paths[share::shares], choose) for share in range(1, shares))
        chosen = [number * shares for number in choose(paths[::shares] if children else paths)]
        for child in children:
            chosen += [number * shares + child.share for number in child.found()]
    finally:
        for child in children:
            child.end()
    for number in sorted(chosen):
        yield paths[number]


class _Child:
    """A process that sifts its share."""

    def __init__(self, share: int, paths: Sequence[str], choose: Choose) -> None:
        self.share, self.paths, self.choose = share, paths, choose
        self.reading, writing = os.pipe()
        self.process = os.fork()
        if not self.process:
            _work(paths, choose, writing)
        os.close(writing)

    def found(self) -> Sequence[int]:
        """Give the numbers of what matters; where the child ended early, this process does its work."""
        with open(self.reading, "rb", closefd=False) as stream:
            written = stream.read()
        process, self.process = self.process, 0
        if os.waitpid(process, 0)[1]:
            return self.choose(self.paths)
        return [int(number) for number in written.split()]

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        os.close(self.reading)
        if self.process:
            from signal import SIGKILL

            os.kill(self.process, SIGKILL)  # it is there: nobody has waited for it
            os.waitpid(self.process, 0)


def _work(paths: Sequence[str], choose: Choose, writing: int) -> None:
    """Write down the numbers of the paths that matter, and end: nothing of the copied program may go on here."""
    code = 1
    try:
        numbers = " ".join(map(str, choose(paths)))
        with open(writing, "wb") as stream:
            stream.write(numbers.encode())
        code = 0
    finally:
        os._exit(code)  # also after an interrupt, which the first process gets too and tells
