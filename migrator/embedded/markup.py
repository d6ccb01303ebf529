"""Python code blocks of Markdown and reStructuredText, as programs.

Blocks that use each other's names are one program, as a reader copies them; the others are nobody's business. A block
that does not parse may still read what an earlier one made, and bind what a later one reads.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator, Sequence

from migrator.changes import Change, spliced
from migrator.embedded import opaque
from migrator.embedded.document import DocumentError, Piece, Place, Program, Unread
from migrator.embedded.linked import linked
from migrator.python.evidence.module import UnreadableError, parse
from migrator.records import dataclass
from migrator.source import EncodingError, Lines, decode, encoding_of

_LINE_START = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_LANGUAGE = re.compile(r"\{?\.?(?:python3?|py3?|ipython3?|pycon)\b", re.IGNORECASE)
_DIRECTIVE = re.compile(
    r"([ \t]*)\.\. (?:code|code-block|sourcecode|testcode|ipython)::[ \t]*(\w*)\s*\Z", re.IGNORECASE
)
_OPTION = re.compile(r"[ \t]+:[\w-]+:.*\s*\Z")


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of one block from ``first`` on, from 0; what stands before code on a line, and on an empty one."""

    number: int
    first: int
    code: str
    margin: str
    blank: str

    def laid_out(self, code: str) -> str:
        """Code as the lines of the document."""
        lines = _lines(code)
        return "".join((self.margin if line.strip() else self.blank) + line for line in lines)


@dataclass(frozen=True, slots=True)
class Markup:
    """A document's lines, its blocks, and the programs that they make."""

    lines: tuple[str, ...]
    encoding: str
    blocks: dict[int, Block]
    programs: tuple[Program, ...]
    unread: tuple[Unread, ...]

    def place(self, number: int, offset: int) -> Place:
        """Where a character of a block stands in the document."""
        block = self.blocks[number]
        line, column = Lines.of(block.code).position(offset)
        return Place(block.first + line, len(block.margin) + column)

    def changed(self, changes: dict[int, list[Change]]) -> bytes:
        """The document with changes made in its blocks."""
        lines = list(self.lines)
        for number, made in changes.items():
            block = self.blocks[number]
            lines[block.first] = block.laid_out(spliced(block.code, made))
            for line in range(block.first + 1, block.first + len(_lines(block.code))):
                lines[line] = ""
        return "".join(lines).encode(self.encoding)


def read_markdown(data: bytes) -> Markup:
    """Read a Markdown document; DocumentError where its bytes are not text."""
    return _read(data, _fences)


def read_restructured_text(data: bytes) -> Markup:
    """Read a reStructuredText document; DocumentError where its bytes are not text."""
    return _read(data, _directives)


def _read(data: bytes, blocks_of: Callable[[Sequence[str]], Iterator[tuple[int, int, str]]]) -> Markup:
    try:
        text, encoding = decode(data), encoding_of(data)
    except EncodingError as error:
        raise DocumentError(f"its encoding cannot be read: {error}") from None
    lines = tuple(_lines(text))
    blocks: dict[int, Block] = {}
    pieces: list[Piece] = []
    unread: list[Unread] = []
    for number, (first, end, margin) in enumerate(blocks_of(lines), start=1):
        block = _block(number, first, lines[first:end], margin)
        blocks[number] = block
        if block.laid_out(block.code) != "".join(lines[first:end]) or not block.code.endswith(("\n", "\r")):
            unread.append(Unread(number, block.code, "the code block is indented unevenly"))
            pieces.append(Piece(number, block.code, opaque.stand_in(block.code)))
        elif (reason := _unparsable(block.code)) is not None:
            unread.append(Unread(number, block.code, f"the code block {reason}"))
            pieces.append(Piece(number, block.code, opaque.around_imports(block.code)))
        else:
            pieces.append(Piece(number, block.code))
    return Markup(lines, encoding, blocks, tuple(linked(pieces)), tuple(unread))


def _block(number: int, first: int, lines: Sequence[str], margin: str) -> Block:
    blanks = [line for line in lines if line.strip() in ("", margin.strip())]
    blank = blanks[0].rstrip("\r\n") if blanks else margin.rstrip()  # the mark of a quotation, or nothing
    code = "".join(line.removeprefix(blank if line in blanks else margin) for line in lines)
    return Block(number, first, code, margin, blank)


def _unparsable(code: str) -> str | None:
    """Why code cannot be read, be it by Python or by the parser of the rewrite."""
    if code.lstrip().startswith(">>>"):
        return "is a session with prompts (>>>)"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that are not known: the block had them before
            ast.parse(code)
    except (SyntaxError, ValueError) as error:
        return f"does not parse: {error.msg if isinstance(error, SyntaxError) else error}"
    except (RecursionError, MemoryError):
        return "is nested too deeply to be parsed"
    try:
        parse(code.encode())
    except UnreadableError as error:
        return str(error)
    return None


def _lines(text: str) -> list[str]:
    """The lines of a text with their ends."""
    return [line for line in _LINE_START.split(text) if line]


# Where blocks stand: first line, line behind the last, and what stands before the code --------------------------------


def _fences(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    from markdown_it import MarkdownIt

    for token in MarkdownIt("commonmark").parse("".join(line.rstrip("\r\n") + "\n" for line in lines)):
        if token.map is None:
            continue
        content = token.content.split("\n")[:-1]
        if token.type == "fence" and _LANGUAGE.match(token.info.strip()):
            first = token.map[0] + 1
            yield from _with_margin(lines, first, first + len(content), content)
        elif token.type == "code_block":  # what stands under a tab or a note of MkDocs is indented so
            for start, end, _ in _fences(content):
                yield from _with_margin(lines, token.map[0] + start, token.map[0] + end, content[start:end])


def _with_margin(lines: Sequence[str], first: int, end: int, content: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """The place of a block, with what stands before its code on a line; nothing where the block has no code."""
    for line, code in zip(lines[first:end], content, strict=False):
        written = line.rstrip("\r\n")
        if code.strip():
            if written.endswith(code):
                yield first, end, written.removesuffix(code)
            return


def _directives(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    at = 0
    while at < len(lines):
        found = _DIRECTIVE.match(lines[at])
        at += 1
        if found is None or not (_LANGUAGE.match(found[2]) or "testcode" in found[0].lower()):
            continue
        while at < len(lines) and (_OPTION.match(lines[at]) or not lines[at].strip()):
            at += 1
        first, margin = at, _indent(lines[at]) if at < len(lines) else ""
        while at < len(lines) and (not lines[at].strip() or lines[at].startswith(margin)) and margin > found[1]:
            at += 1
        end = at
        while end > first and not lines[end - 1].strip():
            end -= 1
        if end > first:
            yield first, end, margin


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
