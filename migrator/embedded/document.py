"""Pieces of code in a document, joined into programs, and the way back from a program's places to the document's.

A piece is a notebook's cell or a code block. Pieces that run one after the other are one program: names that one
defines are used in the next. Between two pieces stands a statement that does nothing, so that whatever is put in front
of a piece is not taken for the end of the one before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Protocol

from migrator.changes import Change
from migrator.records import dataclass
from migrator.segments import Segments

SEPARATOR = "pass\n"
SDK_IMPORT = re.compile(r"^(?:from google(?:\.genai[\w.]*)? import|import google\b)", re.MULTILINE)

_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))+")


class DocumentError(ValueError):
    """A document that cannot be read, with the place: line and column, from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class MisplacedError(ValueError):
    """A change that is not inside one piece."""


@dataclass(frozen=True, slots=True)
class Piece:
    """The code of one cell or block: ``number`` from 1, its lines, and what is read in the place of parts of them."""

    number: int
    text: str
    stand_ins: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece that is no Python that can be read, and why."""

    number: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a document: line and column, from 1, and the number of the cell, 0 where there are none."""

    line: int
    column: int
    cell: int = 0


class Document(Protocol):
    """What every kind of document offers."""

    @property
    def programs(self) -> tuple[Program, ...]:
        """What is read as programs."""

    @property
    def unread(self) -> tuple[Unread, ...]:
        """The pieces that are not."""

    def place(self, number: int, offset: int) -> Place:
        """Where the character ``offset`` of the piece ``number`` stands."""

    def changed(self, changes: dict[int, list[Change]]) -> bytes:
        """The document with changes made in its pieces."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a program that stands in a piece as it is: ``at`` is its offset in the program."""

    at: int
    length: int
    piece: int
    start: int


@dataclass(frozen=True, slots=True)
class Program:
    """Pieces, the text that is read of them, and the stretches of it that stand in the document."""

    pieces: tuple[Piece, ...]
    text: str
    stretches: tuple[Stretch, ...]
    is_page: bool = False

    @property
    def segments(self) -> Segments:
        """Where the pieces begin, and which import the SDK; what is read in the place of a piece imports nothing."""
        starts = {each.piece: each.at for each in reversed(self.stretches)}
        written = {each.piece for each in self.stretches if each.length}
        importing = (each.number for each in self.pieces if each.number in written and SDK_IMPORT.search(each.text))
        return Segments(tuple(starts.values())[::-1], tuple(starts[number] for number in importing), self.is_page)

    def origin(self, offset: int) -> tuple[int, int]:
        """The piece and the offset in it for an offset of the program; the nearest one before a stand-in."""
        position = max(0, bisect_right([each.at for each in self.stretches], offset) - 1)
        stretch = self.stretches[position]
        return stretch.piece, stretch.start + min(max(offset - stretch.at, 0), stretch.length)

    def placed(self, changes: Sequence[Change]) -> dict[int, list[Change]]:
        """Changes of the program as changes of its pieces; MisplacedError where one touches more than a stretch."""
        found: dict[int, list[Change]] = {}
        texts = {piece.number: piece.text for piece in self.pieces}
        for change in changes:
            least = _least(change, self.text)
            stretch = self._stretch(least)
            start = stretch.start + max(least.start - stretch.at, 0)
            moved = Change(start, start + least.end - least.start, least.text)
            found.setdefault(stretch.piece, []).append(_without_blank_ends(texts[stretch.piece], moved))
        return {number: [*made, *_blank_before(texts[number], made)] for number, made in found.items()}

    def _stretch(self, change: Change) -> Stretch:
        for each in self.stretches:
            if each.at <= change.start and change.end <= each.at + each.length:
                return each
            if change.start == change.end < each.at and each.length:  # in front of the separator: what follows it
                return each
        raise MisplacedError


def _without_blank_ends(text: str, change: Change) -> Change:
    """A change of a piece without blank lines at the beginning and the end of the piece."""
    new = change.text
    if change.end == len(text) and new.endswith("\n") and new.strip():
        new = new.rstrip("\n") + "\n"
    return Change(change.start, change.end, new if change.start else new.lstrip("\r\n"))


def _blank_before(text: str, changes: Sequence[Change]) -> Iterator[Change]:
    """Take out the blank lines with which a piece would begin when what stood before them goes."""
    at = 0
    for change in sorted(changes):
        if change.start != at or change.text:
            break
        at = change.end
    blank = _BLANK_LINES.match(text, at)
    if at and blank is not None and all(not at <= each.start < blank.end() for each in changes):
        yield Change(at, blank.end(), "")


def _least(change: Change, text: str) -> Change:
    """The same change without what stays at both of its ends."""
    old, new = text[change.start : change.end], change.text
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    return Change(change.start + head, change.end - tail, new[head : len(new) - tail])


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def program_of(pieces: Sequence[Piece]) -> Program:
    """The program that pieces make together."""
    text = ""
    stretches: list[Stretch] = []
    for piece in pieces:
        text += SEPARATOR
        for start, end, stand_in in _parts(piece):
            stretches.append(Stretch(len(text), end - start, piece.number, start))
            text += piece.text[start:end] + stand_in
    return Program(tuple(pieces), text, tuple(stretches))


def _parts(piece: Piece) -> Iterator[tuple[int, int, str]]:
    """What stands between stand-ins, each with the stand-in behind it."""
    at = 0
    for stand_in in sorted(piece.stand_ins):
        yield at, stand_in.start, stand_in.text
        at = stand_in.end
    yield at, len(piece.text), ""
