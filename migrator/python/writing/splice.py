"""Changes of source: moved to what the parser did not read, and where whole statements go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import libcst as cst

from migrator.changes import Change
from migrator.python.evidence.module import NEWLINE, Module, Span


def relocated(changes: Iterable[Change], read: str, source: str) -> list[Change] | None:
    """Changes of what the parser ``read`` as changes of the ``source``, of which it drops some white space.

    None where ``read`` is not ``source`` with something left out.
    """
    if read == source:
        return list(changes)
    places: list[int] = []
    at = 0
    for letter in read:
        found = source.find(letter, at)
        if found < 0 or source[at:found].strip("\\ \t\f\r\n"):
            return None
        places.append(found)
        at = found + 1
    ends = [0, *(place + 1 for place in places)]
    places.append(len(source))
    return [Change(places[each.start], max(places[each.start], ends[each.end]), each.text) for each in changes]


def apart(source: str, start: int, end: int, text: str) -> str:
    """``text`` for the place between two offsets, with a space where it would become one word with what is beside it.

    ``getattr(reply, "text", "")or ""`` needs none behind its parenthesis, an attribute in its place does.
    """
    before, behind = source[start - 1 : start], source[end : end + 1]
    if not text:
        return " " if _is_word(before) and _is_word(behind) else ""
    left = " " if _is_word(before) and _is_word(text[0]) else ""
    return left + text + (" " if _is_word(text[-1]) and _is_word(behind) else "")


def _is_word(letter: str) -> bool:
    return letter.isalnum() or letter == "_"


def between(start: int, end: int, changes: Sequence[Change]) -> Iterator[Span]:
    """What changes leave as it is."""
    for change in changes:
        yield start, change.start
        start = change.end
    yield start, end


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that do not overlap, in order."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        elif start < end:
            joined.append((start, end))
    return joined


def place_of(module: Module, statement: cst.CSTNode) -> Span:
    """The lines of a statement that goes, with those blank lines behind it that no longer separate anything."""
    start, end = module.span(statement)
    end = start + len(module.text[start:end].rstrip("\r\n"))  # a block ends behind its last line
    start, end = module.line_start(start), module.line_end(end)
    blanks = _blank_ends(module, end)
    following = module.text[blanks[-1] :].lstrip(" \t") if blanks else ""
    before = _blanks_before(module, start)
    if not blanks or (before is None and following.startswith("#")):
        return start, end
    gone = len(blanks) if before is None else min(before, len(blanks))
    return start, blanks[gone - 1] if gone else end


def _blanks_before(module: Module, start: int) -> int | None:
    """How many blank lines stand before a line; all that there can be at the start of a block; None at a comment."""
    lines = NEWLINE.split(module.text[max(0, start - 2000) : start])[:-1]
    blanks = 0
    while lines and not lines[-1].strip():
        lines.pop()
        blanks += 1
    if not lines or lines[-1].split("#")[0].rstrip().endswith(":"):
        return 100
    return None if lines[-1].lstrip().startswith("#") and not blanks else blanks


def _blank_ends(module: Module, at: int) -> list[int]:
    """Where the blank lines that begin at ``at`` end, one after the other."""
    ends: list[int] = []
    while at < len(module.text) and not module.text[at : module.line_end(at)].strip(" \t\r\n"):
        at = module.line_end(at)
        ends.append(at)
    return ends
