"""Which lines of a file stay when it changes, so that a reader sees what was changed and no more.

In files of more than 200 lines ``difflib`` takes lines that occur often for noise, and shows them as exchanged. Here
lines that occur once on both sides hold the two texts together, and what is between them is compared line by line. (The
package ``patiencediff`` does the same, and is under the GPL.)
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from difflib import Match, SequenceMatcher
from itertools import pairwise
from typing import TypeVar

Line = TypeVar("Line", bound=Hashable)
_MOST = 2000  # lines without one that occurs once; comparing more of them each with each would take minutes


class Compared(SequenceMatcher[Line]):
    """Lines before and after a change; gives its opcodes as any ``SequenceMatcher``."""

    def __init__(self, before: Sequence[Line], after: Sequence[Line]) -> None:
        super().__init__(None, before, after, autojunk=False)
        self.before, self.after = before, after

    def get_matching_blocks(self) -> list[Match]:
        """Give the runs of lines that stay, and an empty one at the end."""
        size = len(self.before), len(self.after)
        anchors = [(-1, -1), *_anchors(self.before, self.after), size]
        blocks: list[Match] = []
        for (old, new), (end, last) in pairwise(anchors):
            inside = SequenceMatcher(None, self.before[old + 1 : end], self.after[new + 1 : last], end - old > _MOST)
            blocks += [Match(old + 1 + at, new + 1 + there, count) for at, there, count in inside.get_matching_blocks()]
            blocks.append(Match(end, last, int(end < size[0])))
        return [*_joined(blocks), Match(*size, 0)]


def _joined(blocks: Iterable[Match]) -> Iterator[Match]:
    """The blocks that are not empty; those without a gap between them are one."""
    run = Match(0, 0, 0)
    for block in blocks:
        if (run.a + run.size, run.b + run.size) == (block.a, block.b):
            run = Match(run.a, run.b, run.size + block.size)
        elif block.size:
            yield from [run] if run.size else ()
            run = block
    if run.size:
        yield run


def _anchors(before: Sequence[Line], after: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """The longest run of pairs, in order on both sides, of lines that either side has once."""
    counted = Counter(before), Counter(after)
    places = {line: at for at, line in enumerate(after) if counted[1][line] == 1}
    pairs = [(at, places[line]) for at, line in enumerate(before) if counted[0][line] == 1 and line in places]
    ends: list[int] = []  # of the runs found so far, by length: the smallest place in ``after``
    last: list[int] = []  # and the pair which that is
    previous: list[int] = []
    for position, (_, there) in enumerate(pairs):
        length = bisect_left(ends, there)
        previous.append(last[length - 1] if length else -1)
        ends[length:], last[length:] = [there, *ends[length + 1 :]], [position, *last[length + 1 :]]
    run = []
    at = last[-1] if last else -1
    while at >= 0:
        run.append(pairs[at])
        at = previous[at]
    return reversed(run)
