"""One parsed module: its tree, who is whose parent, and where a node stands in the source.

The walk visits what has meaning and skips whitespace, parentheses and punctuation: a third of libcst's nodes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cached_property, lru_cache
from typing import TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState

Node = TypeVar("Node", bound=cst.CSTNode)

_PUNCTUATION = frozenset(
    "lpar rpar comma semicolon equal dot lbracket rbracket lbrace rbrace header footer leading_lines colon "
    "lines_after_decorators indent operator star start end newline first_line last_line empty_lines conversion "
    "format_spec_prefix separator".split()
)


@lru_cache(maxsize=None)
def _walked_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    names = (field.name for field in fields(kind))
    return tuple(name for name in names if "whitespace" not in name and name not in _PUNCTUATION)


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The meaningful children of ``node``, in source order of libcst's fields."""
    for name in _walked_fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (tuple, list)):
            for item in value:
                if isinstance(item, cst.CSTNode):
                    yield item


def descendants(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """``node`` and everything meaningful below it, parents first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(list(children(current))))


class _SpanState(CodegenState):
    """Generates code and notes at which character offsets each node starts and ends."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        self.length = 0
        self.begun: list[int] = []
        self.spans: dict[cst.CSTNode, tuple[int, int]] = {}

    def add_token(self, value: str) -> None:
        self.length += len(value)
        self.tokens.append(value)

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.length -= len(self.tokens.pop())

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.begun.append(self.length)

    def after_codegen(self, node: cst.CSTNode) -> None:
        # A syntactic span, without the lines and brackets around the node, wins over the whole.
        self.spans.setdefault(node, (self.begun.pop(), self.length))

    @contextmanager
    def record_syntactic_position(self, node: cst.CSTNode, **_: object) -> Iterator[None]:
        begin = self.length
        yield
        self.spans[node] = (begin, self.length)


class Module:
    """A parsed module and the facts that are cheap to know about it; immutable once made."""

    def __init__(self, tree: cst.Module) -> None:
        self.tree = tree
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        for node in descendants(tree):
            for child in children(node):
                self.parents[child] = node

    @cached_property
    def _generated(self) -> _SpanState:
        state = _SpanState(default_indent=self.tree.default_indent, default_newline=self.tree.default_newline)
        self.tree._codegen(state)
        return state

    @cached_property
    def text(self) -> str:
        """The whole source, as libcst gives it back."""
        return "".join(self._generated.tokens)

    @cached_property
    def _line_starts(self) -> list[int]:
        starts, at = [0], 0
        for line in self.text.splitlines(keepends=True):
            at += len(line)
            starts.append(at)
        return starts

    def span(self, node: cst.CSTNode) -> tuple[int, int]:
        """Start and end offset of ``node`` in ``text``, in characters; its parentheses are not part of it."""
        return self._generated.spans[node]

    def position(self, node: cst.CSTNode) -> tuple[int, int]:
        """Line and column of ``node``, both from 1, the column in characters."""
        start = self.span(node)[0]
        line = bisect_right(self._line_starts, start)
        return line, start - self._line_starts[line - 1] + 1

    def line_indent(self, node: cst.CSTNode) -> str:
        """The indentation of the line that ``node`` begins on."""
        start = self.span(node)[0]
        line = self.text[self._line_starts[bisect_right(self._line_starts, start) - 1] :]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def block_indent(self, node: cst.CSTNode) -> str:
        """The indentation of the block that ``node`` stands in; libcst adds it to every line by itself."""
        blocks = [holder for holder in self.ancestors(node) if isinstance(holder, cst.IndentedBlock)]
        return "".join(self.tree.default_indent if block.indent is None else block.indent for block in blocks)

    def own_indent(self, node: cst.CSTNode) -> str:
        """The indentation of the line that ``node`` begins on, beyond that of its block."""
        return self.line_indent(node).removeprefix(self.block_indent(node))

    def source(self, node: cst.CSTNode) -> str:
        """The code of ``node`` as written, with its own parentheses."""
        return self.tree.code_for_node(node)

    def parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node that holds ``node``."""
        return self.parents.get(node)

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """The nodes that hold ``node``, innermost first."""
        while (holder := self.parents.get(node)) is not None:
            yield holder
            node = holder

    def enclosing(self, node: cst.CSTNode, *kinds: type[Node]) -> Node | None:
        """The nearest ancestor of one of the ``kinds``."""
        return next((holder for holder in self.ancestors(node) if isinstance(holder, kinds)), None)

    def statement(self, node: cst.CSTNode) -> cst.CSTNode:
        """The simple or compound statement that ``node`` stands in (or is)."""
        current = node
        while not isinstance(current, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            current = self.parents[current]
        return current

    def find(self, wanted: Callable[[cst.CSTNode], bool]) -> list[cst.CSTNode]:
        """Every node of the module that is ``wanted``, in source order."""
        return [node for node in descendants(self.tree) if wanted(node)]
