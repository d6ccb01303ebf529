"""Which words of exchanged lines differ."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import TypeAlias

Spans: TypeAlias = list[list[tuple[int, int]]]  # of each line, the parts that differ

_TOKEN = re.compile(r"\w+|\n|[^\S\n]+|[^\w\s]")
MOST = 400  # tokens of a side that are compared
ALIKE = 0.35  # the share of a side that has to be the same for marks to say more than they disturb


def differing(before: Sequence[str], after: Sequence[str]) -> tuple[Spans, Spans]:
    """The parts of the lines on each side that the other has not; none where the sides have little in common."""
    nothing: tuple[Spans, Spans] = ([[] for _ in before], [[] for _ in after])
    if not before or not after:
        return nothing
    old, new = (_TOKEN.findall("\n".join(side) + "\n") for side in (before, after))
    if max(len(old), len(new)) > MOST:
        return nothing
    matcher = difflib.SequenceMatcher(str.isspace, old, new, autojunk=False)
    kept_old: set[int] = set()
    kept_new: set[int] = set()
    for start, first, size in matcher.get_matching_blocks():
        same = old[start : start + size]
        if any(len(token) > 1 and not token.isspace() for token in same) or "\n" in same:
            kept_old.update(range(start, start + size))
            kept_new.update(range(first, first + size))
    if min(_share(old, kept_old), _share(new, kept_new)) < ALIKE:
        return nothing
    return _spans(old, kept_old), _spans(new, kept_new)


def _share(tokens: Sequence[str], kept: set[int]) -> float:
    total = sum(len(token) for token in tokens if not token.isspace())
    return sum(len(tokens[at]) for at in kept if not tokens[at].isspace()) / max(total, 1)


def _spans(tokens: Sequence[str], kept: set[int]) -> Spans:
    lines: Spans = [[]]
    column = 0
    for at, token in enumerate(tokens):
        if token == "\n":  # noqa: S105 -- no password
            lines.append([])
            column = 0
            continue
        end = column + len(token)
        if at not in kept and not token.isspace():
            if lines[-1] and _only_space(tokens, at, column - lines[-1][-1][1]):
                lines[-1][-1] = (lines[-1][-1][0], end)
            else:
                lines[-1].append((column, end))
        column = end
    return lines[:-1]  # each line ends, the last one too


def _only_space(tokens: Sequence[str], at: int, distance: int) -> bool:
    """Whether nothing but space lies between a token and the last part that differs."""
    return distance == 0 or (tokens[at - 1].isspace() and len(tokens[at - 1]) == distance)
