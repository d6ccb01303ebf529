"""A file before and after, as runs of lines that stay and runs that are exchanged; what is far from both is folded."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TypeAlias

from migrator.records import dataclass
from migrator.report.compared import Compared
from migrator.source import Lines

CONTEXT = 3  # lines around an exchange, as diff shows them
FEWEST = 4  # a fold hides at least so many
MOST = 80  # and holds what it hides up to here


@dataclass(frozen=True, slots=True)
class Same:
    """Lines that stay, from line ``old`` of the file before and line ``new`` of the file after."""

    old: int
    new: int
    lines: tuple[str, ...]

    def part(self, start: int, end: int) -> Same:
        """Some of the lines."""
        return Same(self.old + start, self.new + start, self.lines[start:end])


@dataclass(frozen=True, slots=True)
class Swap:
    """Lines in whose place others come."""

    old: int
    before: tuple[str, ...]
    new: int
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines that stay and are not shown at first."""

    hidden: Same


Block: TypeAlias = Same | Swap | Fold


def blocks(before: bytes, after: bytes | None, noted: Collection[int]) -> Iterator[Block]:
    """The file in its order, folded; lines that are ``noted``, counted from 1, are shown."""
    old = _lines(before)
    runs = [Same(1, 1, old)] if after is None else [*_compared(old, _lines(after))]
    last = len(runs) - 1
    for position, run in enumerate(runs):
        if isinstance(run, Swap):
            yield run
        else:
            yield from _folded(run, noted, CONTEXT * (position > 0), CONTEXT * (position < last))


def _folded(run: Same, noted: Collection[int], above: int, below: int) -> Iterator[Block]:
    count = len(run.lines)
    shown = {*range(min(above, count)), *range(max(count - below, 0), count)}
    for line in noted:
        at = line - run.old
        if 0 <= at < count:
            shown.update(range(max(at - 2, 0), min(at + 2, count)))
    at = 0
    for start, end in _stretches(sorted(shown), count):
        yield from [Fold(run.part(at, start))] if start > at else ()
        yield run.part(start, end)
        at = end
    if at < count:
        yield Fold(run.part(at, count))


def _stretches(shown: list[int], count: int) -> Iterator[tuple[int, int]]:
    """Spans of the shown positions; those with less between them than a fold hides are one."""
    start = end = 0
    for at in shown:
        if at - end >= FEWEST:
            yield from [(start, end)] if end > start else ()
            start = at
        end = at + 1
    if shown:
        yield start, count if count - end < FEWEST else end


def _compared(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[Same | Swap]:
    for kind, start, end, first, last in Compared(before, after).get_opcodes():
        if kind == "equal":
            yield Same(start + 1, first + 1, before[start:end])
        else:
            yield Swap(start + 1, before[start:end], first + 1, after[first:last])


def _lines(data: bytes) -> tuple[str, ...]:
    lines = re.split("\r\n|\r|\n", Lines.shown(data).text)
    return tuple(lines if lines[-1] else lines[:-1])
