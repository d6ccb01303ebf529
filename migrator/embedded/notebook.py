"""Jupyter notebooks: the code cells are one program; everything else of the file stays byte for byte.

The JSON is not written anew: only the sources of the cells are looked up in the text, and only that of a changed cell
is replaced, laid out as it was. Format 4 of nbformat.readthedocs.io; ``source`` is a string or a list of strings.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from migrator.changes import Change, spliced
from migrator.embedded import opaque
from migrator.embedded.document import DocumentError, Piece, Place, Program, Unread, program_of
from migrator.embedded.magics import NotPythonError, OtherLanguageError, stand_ins
from migrator.records import dataclass
from migrator.source import Lines

_BLANK = re.compile(r"[ \t\n\r]*")
_LETTER = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|.", re.DOTALL)
_LINES = re.compile(r"[^\n]*\n|[^\n]+")
_DECODER = json.JSONDecoder()
_HALF = re.compile("[\ud800-\udfff]")
_NO_NOTEBOOK = "is not laid out as a notebook of format 4"


@dataclass(frozen=True, slots=True)
class Line:
    """One string of a source: its text, and where it stands in the file, quotes and all."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cell:
    """The source of a code cell: its strings, and the span of the whole value."""

    number: int
    lines: tuple[Line, ...]
    start: int
    end: int

    @property
    def text(self) -> str:
        """The source as the notebook has it."""
        return "".join(line.text for line in self.lines)

    @property
    def code(self) -> str:
        """The source as a program has it: its last line ended."""
        return self.text if self.text.endswith("\n") else self.text + "\n"


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook's text, its code cells, and the program that they make."""

    text: str
    encoding: str
    cells: dict[int, Cell]
    programs: tuple[Program, ...]
    unread: tuple[Unread, ...]

    def place(self, number: int, offset: int) -> Place:
        """Where a character of a cell stands in the file."""
        line, column = Lines.of(self.text).position(self._offset(self.cells[number], offset))
        return Place(line, column, number)

    def _offset(self, cell: Cell, offset: int) -> int:
        for line in cell.lines:
            if offset < len(line.text) or line is cell.lines[-1]:
                letters = _LETTER.finditer(self.text, line.start + 1, line.end - 1)
                return next((each.start() for n, each in enumerate(letters) if n == offset), line.end - 1)
            offset -= len(line.text)
        return cell.start

    def changed(self, changes: dict[int, list[Change]]) -> bytes:
        """The notebook with changes made in its cells."""
        sources = ((self.cells[number], made) for number, made in changes.items())
        replaced = [Change(cell.start, cell.end, self._source(cell, made)) for cell, made in sources]
        return spliced(self.text, replaced).encode(self.encoding)

    def _source(self, cell: Cell, changes: list[Change]) -> str:
        """The JSON of a cell's new source, laid out as the old one; what is as before is written as before."""
        new = spliced(cell.code, changes)
        if cell.code != cell.text:
            new = new.rstrip("\n")  # a cell whose last statement went ends with the one before
        raw = {line.text: self.text[line.start : line.end] for line in cell.lines}
        escapes = self.text.isascii() and "\\u" in self.text
        if self.text[cell.start] != "[":
            return json.dumps(new, ensure_ascii=escapes)
        strings = [raw.get(line) or json.dumps(line, ensure_ascii=escapes) for line in _LINES.findall(new)]
        if not strings:
            return "[]"
        head = self.text[cell.start : cell.lines[0].start]
        between = self.text[cell.lines[0].end : cell.lines[1].start] if len(cell.lines) > 1 else "," + (head[1:] or " ")
        return head + between.join(strings) + self.text[cell.lines[-1].end : cell.end]


def read_notebook(data: bytes) -> Notebook:
    """Read a notebook; DocumentError where it is none that can be read."""
    encoding = "utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8"
    try:
        text = data.decode(encoding)
        _check(json.loads(text.removeprefix("\ufeff")))
        cells = {cell.number: cell for cell in _code_cells(text)}
    except UnicodeDecodeError as error:
        raise DocumentError(f"its encoding cannot be read: byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise DocumentError(f"is not JSON: {error.msg}", error.lineno, error.colno) from None
    except RecursionError:
        raise DocumentError("is nested too deeply") from None
    pieces, unread = [], []
    for cell in cells.values():
        try:
            pieces.append(Piece(cell.number, cell.code, stand_ins(cell.code)))
        except NotPythonError as error:
            unread.append(Unread(cell.number, cell.text, f"cell {cell.number} {error}"))
            if not isinstance(error, OtherLanguageError):
                pieces.append(Piece(cell.number, cell.code, opaque.around_imports(cell.code)))
    return Notebook(text, encoding, cells, (program_of(pieces),) if pieces else (), tuple(unread))


def _check(notebook: object) -> None:
    """Raise DocumentError for JSON that is not laid out as a notebook, as far as its code is concerned."""
    match notebook:
        case {"cells": [*cells], **more} if isinstance(more.get("metadata", {}), dict):
            pass
        case {"cells": _}:
            raise DocumentError(f"{_NO_NOTEBOOK}: its cells are no list, or its metadata are no object")
        case _:
            raise DocumentError(f"{_NO_NOTEBOOK}: it has no cells")
    for number, cell in enumerate(cells, start=1):
        match cell:
            case {"cell_type": "code", "source": str() | None}:
                lines = [cell["source"] or ""]
            case {"cell_type": "code", "source": [*lines]} if all(isinstance(line, str) for line in lines):
                pass
            case {"cell_type": str(kind)} if kind != "code":
                continue
            case _:
                raise DocumentError(f"{_NO_NOTEBOOK}: cell {number} has no type, or no source that is text")
        if _HALF.search("".join(lines)):
            raise DocumentError(f"cell {number} holds half of a character, which no program can")


# Where things stand in the file ---------------------------------------------------------------------------------------


def _code_cells(text: str) -> Iterator[Cell]:
    """The code cells that are not empty, numbered with all cells; none where the notebook runs another language."""
    top = dict(_members(text, _blank(text, 1 if text.startswith("\ufeff") else 0)))
    if "metadata" in top and not _is_python(_DECODER.raw_decode(text, top["metadata"])[0]):
        return
    for number, start in enumerate(_elements(text, top["cells"]), start=1):
        cell = dict(_members(text, start))
        if _DECODER.raw_decode(text, cell["cell_type"])[0] == "code" and (lines := _strings(text, cell["source"])):
            yield Cell(number, lines, cell["source"], _DECODER.raw_decode(text, cell["source"])[1])


def _is_python(metadata: dict[str, object]) -> bool:
    match metadata:
        case {"kernelspec": {"language": str(name)}} | {"language_info": {"name": str(name)}} if name:
            return name.lower() in ("python", "ipython")
    return True


def _strings(text: str, at: int) -> tuple[Line, ...]:
    """The strings of a source that hold anything."""
    starts = list(_elements(text, at)) if text[at] == "[" else [at]
    found = ((start, *_DECODER.raw_decode(text, start)) for start in starts)
    return tuple(Line(string, start, end) for start, string, end in found if string)


def _members(text: str, at: int) -> Iterator[tuple[str, int]]:
    """The keys of the object that begins at ``at``, each with the offset of its value."""
    at = _blank(text, at + 1)
    while text[at] != "}":
        name, end = _DECODER.raw_decode(text, at)
        start = _blank(text, _blank(text, end) + 1)
        yield name, start
        at = _next(text, _DECODER.raw_decode(text, start)[1])


def _elements(text: str, at: int) -> Iterator[int]:
    """The offsets of the elements of the array that begins at ``at``."""
    at = _blank(text, at + 1)
    while text[at] != "]":
        yield at
        at = _next(text, _DECODER.raw_decode(text, at)[1])


def _next(text: str, end: int) -> int:
    """The offset of what follows a value: another one, or the bracket that closes."""
    at = _blank(text, end)
    return _blank(text, at + 1) if text[at] == "," else at


def _blank(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at
