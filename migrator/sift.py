"""Many files sifted by several processes, before any of them is worth the import of a process pool.

A child is a copy of this process that reads its share of the files and writes down which of them matter: on a large
tree that nothing is found in, reading is all there is to do. Only for Linux, where a process may be copied at any time.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence

# Copying this process costs as much as reading a hundred files, and a copy does well with some hundreds.
_SHARE = 1_000


def sift(paths: Sequence[str], matters: Callable[[str], bool], processes: int) -> Iterator[str]:
    """Give the paths that matter, in their order."""
    children: list[_Child] = []
    shares = min(processes, len(paths) // _SHARE + 1) if sys.platform == "linux" else 1
    try:
        children.extend(_Child(paths[share::shares], matters) for share in range(1, shares))
        found = [paths[at] for at in range(0, len(paths), shares) if matters(paths[at])]
        if not children:
            yield from found
            return
        chosen = {*found, *(path for child in children for path in child.found())}
    finally:
        for child in children:
            child.end()
    if chosen:
        yield from (path for path in paths if path in chosen)


class _Child:
    """A process that sifts its share."""

    def __init__(self, paths: Sequence[str], matters: Callable[[str], bool]) -> None:
        self.paths, self.matters = paths, matters
        self.reading, writing = os.pipe()
        self.process = os.fork()
        if not self.process:
            _work(paths, matters, writing)
        os.close(writing)

    def found(self) -> list[str]:
        """Give what matters of the share; where the child ended early, this process does its work."""
        with open(self.reading, "rb", closefd=False) as stream:
            written = stream.read()
        process, self.process = self.process, 0
        if os.waitpid(process, 0)[1]:
            return [path for path in self.paths if self.matters(path)]
        return [self.paths[int(number)] for number in written.split()]

    def end(self) -> None:
        """Leave nothing behind, whatever happened."""
        os.close(self.reading)
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            os.waitpid(self.process, 0)


def _work(paths: Sequence[str], matters: Callable[[str], bool], writing: int) -> None:
    """Write down the numbers of the paths that matter, and end: nothing of the copied program may go on here."""
    code = 1
    try:
        numbers = " ".join(str(number) for number, path in enumerate(paths) if matters(path))
        with open(writing, "wb") as stream:
            stream.write(numbers.encode())
        code = 0
    finally:
        os._exit(code)  # also after an interrupt, which the first process gets too and tells
