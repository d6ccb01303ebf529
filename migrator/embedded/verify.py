"""The offline check of a document, pure: the Interactions requests of its programs, at their places in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator import prefilter, recursion, verify
from migrator.diagnostics import Diagnostic
from migrator.dialects.requests import Reading, in_python
from migrator.embedded.document import Document, DocumentError, Program
from migrator.embedded.read import reader_of
from migrator.fieldmap import FieldMap, load
from migrator.ir import Origin
from migrator.outcome import Finding, Outcome
from migrator.python.evidence.module import UnreadableError
from migrator.records import dataclass
from migrator.settings import Settings
from migrator.source import Lines

_ASKING = re.compile(r"\binteractions\.create\(")


def verify_document(path: str, data: bytes, settings: Settings) -> Outcome:
    """What is wrong with the requests in the document ``data``. FieldMapError if a field map is wrong."""
    match read(path, data, settings):
        case Outcome() as failure:
            return failure
        case reading:
            return verify.judged(path, data, reading, load(settings.field_maps))


def read(path: str, data: bytes, settings: Settings) -> Reading | Outcome:
    """The requests of a file of any kind, or the outcome of one that cannot be read."""
    if not prefilter.is_document(path):
        return verify.read(path, data, settings)
    try:
        document = reader_of(path)(data)
        read = [_Read.of(document, program, load(settings.field_maps)) for program in document.programs]
    except DocumentError as error:
        return Outcome.failed(path, Finding.of("MG420", str(error), error.line, error.column), data)
    except UnreadableError as error:
        return Outcome.failed(path, Finding.of("MG402", str(error), error.line, error.column), data)

    def position(origin: Origin) -> tuple[int, int]:
        return next((each.position(origin) for each in read if each.reading.holds(origin)), (1, 1))

    requests = tuple(asked for each in read for asked in each.reading.requests)
    unseen = [each.place(*at) for each in read for at in each.reading.unseen]

    def ignores(code: str, *origins: Origin) -> bool:
        return any(each.reading.ignores(code, *origins) for each in read if each.reading.holds(origins[0]))

    def unused() -> tuple[tuple[tuple[int, int], Diagnostic], ...]:
        return tuple((each.place(*at), said) for each in read for at, said in each.reading.unused())

    return Reading(requests, (*unseen, *_unread(document)), position, lambda _: True, ignores, unused)


def _unread(document: Document) -> Iterator[tuple[int, int]]:
    """Where pieces that are no Python that can be read ask for an interaction."""
    for unread in document.unread:
        for found in _ASKING.finditer(unread.text):
            place = document.place(unread.number, found.start())
            yield place.line, place.column


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of one program of a document."""

    document: Document
    program: Program
    lines: Lines
    reading: Reading

    @classmethod
    def of(cls, document: Document, program: Program, maps: FieldMap) -> _Read:
        """Read a program; UnreadableError, at the place in the document, where it cannot be read."""
        read = cls(document, program, Lines.of(program.text), Reading((), (), lambda _: (1, 1), lambda _: False))
        source = program.text.encode()
        if not prefilter.asks(source):
            return read
        prefilter.parsed(source)  # raises for what is nested too deeply, which would end the process
        try:
            with recursion.deep():
                return cls(document, program, read.lines, in_python(source, maps))
        except UnreadableError as error:
            raise UnreadableError(str(error), *read.place(error.line, error.column)) from error

    def position(self, origin: Origin) -> tuple[int, int]:
        """Line and column in the document of what stands in the program."""
        return self.place(*self.reading.position(origin))

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Line and column in the document of a line and column of the program."""
        place = self.document.place(*self.program.origin(self.lines.offset(line, column)))
        return place.line, place.column
