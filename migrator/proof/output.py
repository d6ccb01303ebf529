"""Whether two runs say the same, but for what says something else each time: durations, addresses, lines of source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from migrator.proof.differences import Output
from migrator.records import dataclass

_RULES = (
    (re.compile(r"(?m)^Traceback \(most recent call last\):\n(?:[ \t].*\n|\n(?=[ \t]))+"), "Traceback:\n"),
    (re.compile(r"(File \"[^\"\n]*\", line) \d+"), r"\1 *"),
    (re.compile(r"(\.py:)\d+"), r"\1*"),
    (re.compile(r"\b(in|after) \d+(?:\.\d+)? ?(s|ms|seconds)\b(?: \(\d+:\d\d:\d\d\))?"), r"\1 * \2"),
    (re.compile(r"\b0x[0-9a-f]{6,}\b"), "0x*"),
)
_TOKEN = re.compile(r"\w+|\W")


@dataclass(frozen=True, slots=True)
class Varying:
    """What differs between two runs of the same code: patterns of lines, by number, and lines that come and go."""

    patterns: Mapping[int, re.Pattern[str]]
    loose: frozenset[int]

    def __len__(self) -> int:
        return len(self.patterns) + len(self.loose)


STEADY = Varying({}, frozenset())


def plain(text: str) -> list[str]:
    """The lines of an output without what is known to differ from run to run, or with every change of the source."""
    for pattern, put in _RULES:
        text = pattern.sub(put, text)
    return text.splitlines()


def varying(before: str, again: str) -> Varying:
    """What two runs of the same code do not share."""
    left, right = plain(before), plain(again)
    patterns: dict[int, re.Pattern[str]] = {}
    loose: set[int] = set()
    for tag, start, end, other, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "replace" and end - start == last - other:
            patterns |= {start + n: _pattern(left[start + n], right[other + n]) for n in range(end - start)}
        elif tag != "equal":
            loose |= set(range(start, max(end, start + 1)))
    return Varying(patterns, frozenset(loose))


def _pattern(one: str, two: str) -> re.Pattern[str]:
    """What both lines fit: the words that they do not share may be any."""
    left, right = _TOKEN.findall(one), _TOKEN.findall(two)
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    pieces = [
        re.escape("".join(left[start:end])) if tag == "equal" else ".*"
        for tag, start, end, _, _ in matcher.get_opcodes()
    ]
    return re.compile("".join(pieces))


def difference(stream: str, before: str, after: str, free: Varying = STEADY) -> Output | None:
    """The first line that is not the same; None where there is none but for what ``free`` allows."""
    left, right = plain(before), plain(after)
    for start, end, other, last in _changes(left, right):
        for n in range(max(end - start, last - other)):
            mine = left[start + n] if start + n < end else None
            yours = right[other + n] if other + n < last else None
            if not _allowed(free, start + n, mine, yours):
                return Output(stream, start + n + 1, mine, yours)
    return None


def _changes(left: Sequence[str], right: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    for tag, *span in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag != "equal":
            start, end, other, last = span
            yield start, end, other, last


def _allowed(free: Varying, at: int, mine: str | None, yours: str | None) -> bool:
    if at in free.loose:
        return True
    pattern = free.patterns.get(at)
    return bool(pattern and mine is not None and yours is not None and pattern.fullmatch(yours))
