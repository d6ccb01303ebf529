"""One parsed module: its tree, who is whose parent, and where a node stands in the source.

The walk visits what has meaning and skips whitespace, parentheses and punctuation: a third of libcst's nodes.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import fields
from functools import cache, cached_property
from itertools import accumulate
from typing import TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState

from migrator.source import Lines
from migrator.wide import is_wide

Node = TypeVar("Node", bound=cst.CSTNode)
Span = tuple[int, int]

NEWLINE = re.compile(r"\r\n|\r|\n")
"""What ends a line of Python; ``str.splitlines`` knows others, such as a form feed."""

_IS_WIDE = "is UTF-16 or UTF-32, which Python does not read: save it as UTF-8"
_PLACE = re.compile(r": error at \d+:\d+$")  # which is counted in another way than ours
_PUNCTUATION = frozenset(
    "lpar rpar comma semicolon equal dot lbracket rbracket lbrace rbrace header footer leading_lines colon "
    "lines_after_decorators indent operator star start end newline first_line last_line empty_lines conversion "
    "format_spec_prefix separator".split()
)


class UnreadableError(ValueError):
    """A source is no Python, or not in the encoding that it declares; ``line`` and ``column`` are from 1."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def parse(data: bytes) -> cst.Module:
    """The tree of a source; UnreadableError where it has none."""
    try:
        return cst.parse_module(data)
    except cst.ParserSyntaxError as error:
        raise _unparsed(data, error) from None
    except (UnicodeDecodeError, LookupError, SyntaxError, ValueError) as error:
        raise _undecoded(data, error) from None


def _unparsed(data: bytes, error: cst.ParserSyntaxError) -> UnreadableError:
    """What Python says of the source, in its words; libcst's where Python of this version takes it."""
    if is_wide(data):
        return UnreadableError(_IS_WIDE)
    try:
        ast.parse(data)
    except SyntaxError as wrong:
        return UnreadableError(f"does not parse: {wrong.msg}", max(wrong.lineno or 1, 1), max(wrong.offset or 1, 1))
    except (ValueError, RecursionError, MemoryError):
        pass  # libcst says why
    message = _PLACE.sub("", error.message.partition(": expected one of")[0].splitlines()[0])
    return UnreadableError(f"does not parse: {message}", max(error.raw_line, 1), max(error.raw_column + 1, 1))


def _undecoded(data: bytes, error: Exception) -> UnreadableError:
    """What is to be said of bytes that are no text, at the first that is none."""
    if is_wide(data):
        return UnreadableError(_IS_WIDE)
    if isinstance(error, SyntaxError) and data.startswith(b"\xef\xbb\xbf"):
        return UnreadableError("its encoding cannot be read: it begins with the mark of UTF-8 and declares another one")
    if isinstance(error, SyntaxError):  # of its first two lines, where Python looks for a declaration
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as wrong:
            error = wrong
    if not isinstance(error, UnicodeDecodeError):
        return UnreadableError(f"its encoding cannot be read: {error}")
    before = error.object[: error.start].decode(error.encoding, "replace")
    encoding = "in the encoding that it declares" if error.encoding == "charmap" else error.encoding
    what = f"byte 0x{error.object[error.start]:02x} is not {encoding}"
    return UnreadableError(f"its encoding cannot be read: {what}", *Lines.of(before).position(len(before)))


@cache
def _walked_fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    own = fields(kind)
    return tuple(
        each.name
        for each in own
        if "whitespace" not in each.name and each.name not in _PUNCTUATION and each.type not in (str, bool)
    )


class _Nodes(dict[type[object], bool]):
    """``issubclass`` with a memory: libcst's nodes are abstract classes, and asking each time is slow."""

    def __missing__(self, kind: type[object]) -> bool:
        self[kind] = issubclass(kind, cst.CSTNode)
        return self[kind]


_IS_NODE = _Nodes()


def children(node: cst.CSTNode) -> list[cst.CSTNode]:
    """The meaningful children of ``node``, in the order of libcst's fields: that of evaluation, nearly."""
    found: list[cst.CSTNode] = []
    for name in _walked_fields(type(node)):
        value = getattr(node, name)
        if value is None:
            continue
        kind = type(value)
        if kind is tuple or kind is list:
            found += [item for item in value if _IS_NODE[type(item)]]
        elif _IS_NODE[kind]:
            found.append(value)
    return found


def descendants(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """``node`` and everything meaningful below it, parents first."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        below = children(current)
        below.reverse()
        stack += below


def is_nothing(node: cst.CSTNode) -> bool:
    """Whether ``node`` is None, or an empty list, tuple or dict."""
    match node:
        case cst.Dict(elements=elements) | cst.List(elements=elements) | cst.Tuple(elements=elements):
            return not elements
    return is_none(node)


def is_none(node: cst.CSTNode | None) -> bool:
    """Whether ``node`` is the name None."""
    return isinstance(node, cst.Name) and node.value == "None"


class _Recorded:
    """Notes where the syntactic part of a node begins and ends: without the lines and brackets around it."""

    __slots__ = ("node", "state")

    def __init__(self, state: _SpanState, node: cst.CSTNode) -> None:
        self.state = state
        self.node = node

    def __enter__(self) -> None:
        self.state.inner[self.node] = (len(self.state.tokens), 0)

    def __exit__(self, *_: object) -> None:
        self.state.inner[self.node] = (self.state.inner[self.node][0], len(self.state.tokens))


class _SpanState(CodegenState):
    """Generates code and notes at which tokens each node begins and ends."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        self.begun: list[int] = []
        self.outer: dict[cst.CSTNode, Span] = {}
        self.inner: dict[cst.CSTNode, Span] = {}

    def before_codegen(self, node: cst.CSTNode) -> None:  # noqa: ARG002 - libcst's signature
        self.begun.append(len(self.tokens))

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.outer[node] = (self.begun.pop(), len(self.tokens))

    def record_syntactic_position(self, node: cst.CSTNode, **_: object) -> _Recorded:  # type: ignore[override]
        return _Recorded(self, node)


class Module:
    """A parsed module and the facts that are cheap to know about it; immutable once made."""

    def __init__(self, tree: cst.Module) -> None:
        self.tree = tree
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._order: dict[cst.CSTNode, int] = {}
        self._of_type: dict[type[cst.CSTNode], list[cst.CSTNode]] = {}
        stack: list[cst.CSTNode] = [tree]
        while stack:
            node = stack.pop()
            self._order[node] = len(self._order)
            self._of_type.setdefault(type(node), []).append(node)
            below = children(node)
            for child in below:
                self.parents[child] = node
            below.reverse()
            stack += below

    # Finding --------------------------------------------------------------------------------------------------------

    def nodes(self, kind: type[Node]) -> Sequence[Node]:
        """Every node of exactly this type, in source order."""
        return self._of_type.get(kind, ())  # type: ignore[return-value]

    @cached_property
    def _attributes(self) -> dict[str, list[cst.Attribute]]:
        found: dict[str, list[cst.Attribute]] = {}
        for node in self.nodes(cst.Attribute):
            found.setdefault(node.attr.value, []).append(node)
        return found

    def attributes(self, name: str) -> Sequence[cst.Attribute]:
        """Every ``….name`` of the module, in source order."""
        return self._attributes.get(name, ())

    @cached_property
    def _names(self) -> dict[str, list[cst.Name]]:
        found: dict[str, list[cst.Name]] = {}
        for node in self.nodes(cst.Name):
            found.setdefault(node.value, []).append(node)
        return found

    def names(self, name: str) -> Sequence[cst.Name]:
        """Every ``name`` of the module, in source order: also as a parameter, a keyword or behind a dot."""
        return self._names.get(name, ())

    @cached_property
    def _bound(self) -> dict[str, list[int]]:
        """Name -> the offsets at which code gives it a value, in source order."""
        found: dict[str, list[int]] = {}
        for name in sorted(_bound_names(self), key=self.order):
            found.setdefault(name.value, []).append(self.span(name)[0])
        return found

    def binds(self, name: str, begin: int, end: int) -> bool:
        """Whether an assignment, a loop or ``as`` between two offsets gives ``name`` a value."""
        offsets = self._bound.get(name, [])
        first = bisect_left(offsets, begin)
        return first < len(offsets) and offsets[first] < end

    def order(self, node: cst.CSTNode) -> int:
        """A number by which nodes sort as they stand in the source; cheaper than positions."""
        return self._order[node]

    # Positions ------------------------------------------------------------------------------------------------------

    @cached_property
    def _generated(self) -> _SpanState:
        state = _SpanState(default_indent=self.tree.default_indent, default_newline=self.tree.default_newline)
        self.tree._codegen(state)  # noqa: SLF001 - the public way keeps no positions
        return state

    @cached_property
    def _offsets(self) -> list[int]:
        """The offset at which each token begins; the newline that libcst adds and takes away again has one too."""
        offsets = [0, *accumulate(map(len, self._generated.tokens))]
        return [*offsets, offsets[-1]]

    @cached_property
    def text(self) -> str:
        """The whole source, as libcst gives it back."""
        return "".join(self._generated.tokens)

    @cached_property
    def comment_nodes(self) -> tuple[cst.Comment, ...]:
        """Every comment of the module, in source order."""
        return tuple(node for node in self._generated.outer if type(node) is cst.Comment)

    @cached_property
    def comments(self) -> tuple[str, ...]:
        """The text of every comment of the module."""
        return tuple(node.value for node in self.comment_nodes)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in NEWLINE.finditer(self.text))]

    def span(self, node: cst.CSTNode) -> Span:
        """Start and end offset of ``node`` in ``text``, in characters; its parentheses are not part of it."""
        state = self._generated
        begin, end = state.inner.get(node) or state.outer[node]
        return self._offsets[begin], self._offsets[end]

    def whole_span(self, node: cst.CSTNode) -> Span:
        """The span of ``node`` with its parentheses; of a statement, with the lines before it and its line ending."""
        begin, end = self._generated.outer[node]
        return self._offsets[begin], self._offsets[end]

    def line_at(self, offset: int) -> int:
        """The number of the line that ``offset`` stands on, from 1."""
        return bisect_right(self._line_starts, offset)

    def offset_of_line(self, line: int) -> int:
        """The offset at which a line, counted from 1, begins."""
        return self._line_starts[line - 1]

    def line_start(self, offset: int) -> int:
        """The offset at which the line of ``offset`` begins."""
        return self._line_starts[self.line_at(offset) - 1]

    def line_end(self, offset: int) -> int:
        """The offset behind the line of ``offset`` and its line ending."""
        line = self.line_at(offset)
        return self._line_starts[line] if line < len(self._line_starts) else len(self.text)

    def position(self, node: cst.CSTNode) -> tuple[int, int]:
        """Line and column of ``node``, both from 1, the column in characters."""
        start = self.span(node)[0]
        return self.line_at(start), start - self.line_start(start) + 1

    def end(self, node: cst.CSTNode) -> tuple[int, int]:
        """Line and column just behind ``node``."""
        end = self.span(node)[1]
        return self.line_at(end), end - self.line_start(end) + 1

    def indent_at(self, offset: int) -> str:
        """The indentation of the line that ``offset`` stands on."""
        line = self.text[self.line_start(offset) : self.line_end(offset)]
        return line[: len(line) - len(line.lstrip(" \t"))]

    def line_indent(self, node: cst.CSTNode) -> str:
        """The indentation of the line that ``node`` begins on."""
        return self.indent_at(self.span(node)[0])

    def source(self, node: cst.CSTNode) -> str:
        """The code of ``node`` as written, with its own parentheses."""
        if node in self._order:
            begin, end = self.whole_span(node)
            return self.text[begin:end]
        return self.tree.code_for_node(node)

    # Holders --------------------------------------------------------------------------------------------------------

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


def _bound_names(module: Module) -> Iterator[cst.Name]:
    kinds = (cst.AssignTarget, cst.AnnAssign, cst.AugAssign, cst.NamedExpr, cst.For, cst.CompFor, cst.AsName)
    for kind in kinds:
        for node in module.nodes(kind):
            match node:
                case cst.AsName(name=target):
                    yield from _names_in(target)
                case (
                    cst.AssignTarget(target=target)
                    | cst.AnnAssign(target=target)
                    | cst.AugAssign(target=target)
                    | cst.NamedExpr(target=target)
                    | cst.For(target=target)
                    | cst.CompFor(target=target)
                ):
                    yield from _names_in(target)


def _names_in(target: cst.CSTNode) -> Iterator[cst.Name]:
    """The names of a target: an attribute or an item is none."""
    match target:
        case cst.Name():
            yield target
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from _names_in(element.value)
