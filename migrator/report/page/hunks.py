"""A file before and after, as runs of lines that stay and runs that are exchanged; what is far from both is folded."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from migrator.changes import Change, spliced
from migrator.report.record import lines_of
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


def blocks(before: bytes, after: bytes | None, changes: Sequence[Change], noted: Collection[int]) -> Iterator[Block]:
    """The file in its order, folded; lines that are ``noted``, counted from 1, are shown."""
    old = lines_of(before)
    runs = [Same(1, 1, _lines(old.text))] if after is None else [*_compared(old, lines_of(after).text, changes)]
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


def _compared(old: Lines, new: str, changes: Sequence[Change]) -> Iterator[Same | Swap]:
    """The runs of a change: only the lines that a change touches are compared, where the changes are known."""
    known = bool(changes) and spliced(old.text, changes) == new
    spans = _touched(old, changes) if known else [_trimmed(_lines(old.text), _lines(new))]
    before, after = _lines(old.text), _lines(new)
    at = there = 0
    for start, end, length in spans:
        yield from [Same(at + 1, there + 1, before[at:start])] if start > at else ()
        there += start - at
        yield from _matched(start, before[start:end], there, after[there : there + length])
        at, there = end, there + length
    if at < len(before):
        yield Same(at + 1, there + 1, before[at:])


def _touched(old: Lines, changes: Sequence[Change]) -> list[tuple[int, int, int]]:
    """Spans of lines that change, from 0, with the number of lines that come in their place."""
    spans: list[tuple[int, int, list[Change]]] = []
    total = len(_lines(old.text))
    for change in sorted(changes):
        first = min(old.position(change.start)[0] - 1, total)
        last = min(old.position(max(change.end, change.start))[0], total)
        if spans and first < spans[-1][1] + 1:
            start, end, within = spans.pop()
            spans.append((start, max(end, last), [*within, change]))
        else:
            spans.append((first, last, [change]))
    return [(start, end, _length(old, start, end, within)) for start, end, within in spans]


def _length(old: Lines, start: int, end: int, changes: Sequence[Change]) -> int:
    first = old.starts[start] if start < len(old.starts) else len(old.text)
    last = old.starts[end] if end < len(old.starts) else len(old.text)
    moved = [Change(it.start - first, it.end - first, it.text) for it in changes]
    return len(_lines(spliced(old.text[first:last], moved)))


def _trimmed(before: Sequence[str], after: Sequence[str]) -> tuple[int, int, int]:
    """What is between the first and the last line that differ."""
    most = min(len(before), len(after))
    start = next((at for at in range(most) if before[at] != after[at]), most)
    tail = next((at for at in range(most - start) if before[-1 - at] != after[-1 - at]), most - start)
    return start, len(before) - tail, len(after) - tail - start


def _matched(old: int, before: Sequence[str], new: int, after: Sequence[str]) -> Iterator[Same | Swap]:
    for kind, start, end, first, last in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if kind == "equal":
            yield Same(old + start + 1, new + first + 1, tuple(before[start:end]))
        else:
            yield Swap(old + start + 1, tuple(before[start:end]), new + first + 1, tuple(after[first:last]))


def _lines(text: str) -> tuple[str, ...]:
    lines = re.split("\r\n|\r|\n", text)
    return tuple(lines if lines[-1] else lines[:-1])
