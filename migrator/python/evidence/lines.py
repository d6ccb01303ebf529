"""The lines of a statement as a reader counts them: what stands between two line ends that are no part of a bracket."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.records import dataclass

# Whatever begins on a line of its own: not the body of `if x: call()`, which stands on the line of its statement.
_HOLDERS = (
    cst.SimpleStatementLine,
    cst.BaseCompoundStatement,
    cst.Else,
    cst.Finally,
    cst.ExceptHandler,
    cst.ExceptStarHandler,
    cst.MatchCase,
    cst.Decorator,
)


@dataclass(frozen=True, slots=True)
class Lines:
    """The first and the last line of a statement; of one with a body, of its head."""

    first: int
    last: int

    def __contains__(self, line: object) -> bool:
        """Whether a line is one of them."""
        return isinstance(line, int) and self.first <= line <= self.last


def lines_of(module: Module, node: cst.CSTNode) -> Lines:
    """The lines of the statement, or of the head, that ``node`` stands in."""
    holder: cst.CSTNode | None = node
    while holder is not None and not isinstance(holder, _HOLDERS):
        holder = module.parent(holder)
    if holder is None:
        line = module.position(node)[0]
        return Lines(line, line)
    start = module.span(holder)[0]
    return Lines(module.line_at(start), module.line_at(max(start, _end(module, holder))))


def _end(module: Module, holder: cst.CSTNode) -> int:
    match holder:
        case cst.Match(cases=[first, *_]):
            return module.whole_span(first)[0] - 1
        case cst.SimpleStatementLine() | cst.Decorator() | cst.Match():
            return module.span(holder)[1] - 1
        case _:
            body: cst.CSTNode = holder.body  # type: ignore[attr-defined]
            suite = isinstance(body, cst.SimpleStatementSuite)
            return module.span(body)[1] - 1 if suite else module.whole_span(body)[0]
