"""Which code blocks of a page are one program: those that use each other's names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import libcst as cst

from migrator import recursion
from migrator.embedded.document import Piece, Program, program_of
from migrator.python.evidence.module import Module, parse
from migrator.python.evidence.scopes import Scopes


def linked(pieces: Sequence[Piece]) -> Iterator[Program]:
    """The programs that the blocks of a page make, each with its blocks in the order of the page."""
    group = {piece.number: piece.number for piece in pieces}
    with recursion.deep():
        links = _links(_program(pieces))
    for one, other in links:
        kept, gone = sorted((group[one], group[other]))
        group = {number: kept if own == gone else own for number, own in group.items()}
    for first in sorted({*group.values()}):
        yield _program([piece for piece in pieces if group[piece.number] == first])


def _program(pieces: Sequence[Piece]) -> Program:
    return replace(program_of(pieces), is_page=True)


def _links(page: Program) -> set[tuple[int, int]]:
    """The blocks that read a name, each with those whose binding it may be."""
    module = Module(parse(page.text.encode()))
    scopes = Scopes(module, page.segments)

    def block(node: cst.CSTNode) -> int:
        return page.origin(module.span(node)[0])[0]

    return {(block(name), block(each.node)) for name in module.nodes(cst.Name) for each in scopes.definitions(name)}
