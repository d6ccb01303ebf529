"""The comments that ``apply --mark`` leaves at calls that are not rewritten, and takes away when they no longer hold.

A mark stands on a line of its own above the first line of a statement, so it can never stand inside of one. Its text
does not depend on where it stands: a second run finds it as it has to be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import libcst as cst

from migrator.catalogue import CODES
from migrator.changes import Change
from migrator.python.evidence.module import Module
from migrator.records import dataclass
from migrator.settings import Marks

TAG = "TODO(migrator)"
_MARK = re.compile(r"# TODO\(migrator\): (MG\d{3})\b")
_PLACE = re.compile(r"\blines? \d")
_COOKIE = re.compile(r"(coding)(?=[:=])")  # on one of the first two lines it would name an encoding
_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Left:
    """A call that is not rewritten: the first line of its statement, and what is said of it, the gravest first."""

    line: int
    operation: str
    said: tuple[tuple[str, str], ...]  # code, message


@dataclass(frozen=True, slots=True)
class _Standing:
    """A mark that is there: its comment, and the line below that it belongs to."""

    comment: cst.CSTNode
    code: str
    text: str
    line: int
    target: int


@dataclass(frozen=True, slots=True)
class Marking:
    """Changes of the module's text, and the comments that go because what they say no longer holds."""

    changes: tuple[Change, ...] = ()
    stale: tuple[cst.CSTNode, ...] = ()


def marking(module: Module, left: Sequence[Left], marks: Marks, newline: str) -> Marking:
    """What has to change so that the marks of the module say what is left."""
    standing = _standing(module)
    changes: list[Change] = []
    stale: list[cst.CSTNode] = []
    lines = sorted({mark.target for mark in standing} | {each.line for each in left})
    for line in lines:
        here = [mark for mark in standing if mark.target == line]
        mine = [each for each in left if each.line == line]
        indent = module.indent_at(module.offset_of_line(line))
        wanted = list(dict.fromkeys(_text(each, indent) for each in mine))
        if marks is Marks.CURRENT:
            codes = {code for each in mine for code, _ in each.said}
            gone = [mark for mark in here if mark.code not in codes]
        else:
            gone = here if [mark.text for mark in here] != wanted else []
            if gone or not here:
                changes += (
                    [_above(module, line, "".join(f"{indent}{text}{newline}" for text in wanted))] if wanted else []
                )
        changes += [_without(module, mark) for mark in gone]
        stale += [mark.comment for mark in gone if not wanted or marks is Marks.CURRENT]
    return Marking(tuple(changes), tuple(stale))


def _standing(module: Module) -> list[_Standing]:
    if TAG not in module.text:
        return []
    found = []
    for node in module.comment_nodes:
        start = module.whole_span(node)[0]
        tagged = _MARK.match(node.value)
        if tagged is None or module.text[module.line_start(start) : start].strip(" \t\f"):
            continue
        end = module.line_end(start)
        while _MARK.match(module.text[end : module.line_end(end)].lstrip(" \t\f")):
            end = module.line_end(end)
        found.append(_Standing(node, tagged[1], node.value, module.line_at(start), module.line_at(end)))
    return found


def _text(left: Left, indent: str) -> str:
    """The comment at a call: every code once, then the gravest message, where that does not speak of lines."""
    codes = ", ".join(dict.fromkeys(code for code, _ in left.said))
    code, message = left.said[0]
    if _PLACE.search(message):
        message = CODES[code].title
    message = _COOKIE.sub(r"\1 ", " ".join(message.split()))
    text = f"# {TAG}: {codes} {left.operation}: {message}"
    room = max(_WIDTH - len(indent), len(f"# {TAG}: {codes} {left.operation}"))
    return text if len(text) <= room else text[: room - 3].rstrip(" :") + "..."


def _above(module: Module, line: int, text: str) -> Change:
    """A line put in above another, and above the empty continued lines that may stand before that."""
    start = module.offset_of_line(line)
    while line > 1 and module.text[module.offset_of_line(line - 1) : start].strip() == "\\":
        line -= 1
        start = module.offset_of_line(line)
    return Change(start, start, text)


def _without(module: Module, mark: _Standing) -> Change:
    start = module.offset_of_line(mark.line)
    return Change(start, module.line_end(start), "")


def apart(changes: Iterable[Change], others: Sequence[Change], source: str) -> list[Change]:
    """The changes that do not touch what others change already.

    What is put in where others put something in too comes behind it, as it belongs to the line that follows.
    """
    found = []
    for change in changes:
        if any(other == Change(change.start, change.start, other.text) for other in others):
            change = Change(change.start, change.start + 1, change.text + source[change.start])  # noqa: PLW2901
        elif change.start == change.end and any(other.start == change.start for other in others):
            found.append(change)
            continue
        if not any(_touch(change, other) for other in others):
            found.append(change)
    return found


def _touch(change: Change, other: Change) -> bool:
    if other.start == other.end:
        return change.start < other.start < change.end
    return other.start < max(change.end, change.start + 1) and change.start < other.end
