"""Change the source, last and stupid: every decision was made before and is a record here.

The new file is spliced: code between two edits is copied as it stands, so nothing outside an edit can change.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import field, replace
from functools import cached_property

import libcst as cst

from migrator.changes import Change, spliced
from migrator.python.evidence.module import NEWLINE, Module, Span
from migrator.python.writing.edits import (
    Ahead,
    Annotate,
    Behind,
    Drop,
    Edit,
    Edits,
    Order,
    Relay,
    Remove,
    Replace,
    Unwrap,
)
from migrator.python.writing.habits import Style, step_of
from migrator.python.writing.layout import Carried, Concat, Doc, Printer, Text
from migrator.python.writing.precedence import needed, precedence_of, without_parentheses
from migrator.python.writing.quotes import holding_strings, requoted
from migrator.python.writing.relay import holders, relaid
from migrator.python.writing.splice import apart, between, joined, place_of
from migrator.records import dataclass

_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\r|\n))*")


@dataclass(frozen=True, slots=True)
class Written:
    """What the edits make of a module: changes that do not overlap, and where code was copied from."""

    changes: tuple[Change, ...]
    copied: tuple[Span, ...]


def written(module: Module, edits: Edits, style: Style) -> Written:
    """The module with the edits made."""
    around: dict[cst.CSTNode, Edit] = {call: Relay() for node in edits for call in holders(module, node)}
    writer = _Writer(module, around | dict(edits), style)
    unwrapped: dict[cst.CSTNode, Edit] = {
        node: Unwrap(edit.doc)
        for node, edit in edits.items()
        if isinstance(edit, Replace) and writer.fits_without_parentheses(node, edit.doc)
    }
    writer = _Writer(module, around | dict(edits) | unwrapped, style)
    changes = writer.changes(0, len(module.text), _Around(frozenset(), 0, 0))
    writer.copies.update(between(0, len(module.text), changes))
    return Written(tuple(changes), tuple(joined(writer.copies)))


def obstacles(module: Module, edits: Edits, style: Style) -> list[tuple[cst.CSTNode, str]]:
    """Edits inside f-strings that cannot be written there, and why."""
    found: list[tuple[cst.CSTNode, str]] = []
    writer = _Writer(module, edits, style)
    for node, edit in edits.items():
        strings = holding_strings(module, node)
        if not isinstance(edit, Replace) or not strings:
            continue
        holder = module.enclosing(node, cst.FormattedStringExpression)
        if holder is not None and holder.equal is not None:
            found.append((node, "the f-string prints the code of the expression too"))
        elif not writer.fits_in_string(node, edit.doc):
            found.append((node, "the new code has quotes or lines that this f-string cannot hold"))
    return found


@dataclass(frozen=True, slots=True)
class _Around:
    """What surrounds an edit: the edits being made, the column that it begins at, how many columns follow it."""

    without: frozenset[cst.CSTNode]
    column: int
    behind: int


@dataclass(frozen=True)
class _Writer:
    """Writes the edits of one module; ``copies`` collects where carried code came from."""

    module: Module
    edits: Edits
    style: Style
    copies: set[Span] = field(default_factory=set)

    @cached_property
    def _places(self) -> list[tuple[int, int, cst.CSTNode]]:
        """Where each edit takes place, outer ones first."""
        places = [(*self._place(node, edit), node) for node, edit in self.edits.items()]
        return sorted(places, key=lambda place: (place[0], -place[1]))

    def _place(self, node: cst.CSTNode, edit: Edit) -> Span:
        module = self.module
        start, end = module.span(node)
        match edit:
            case Remove():
                return place_of(module, node)
            case Annotate():
                assert isinstance(node, cst.Assign)
                return (module.whole_span(node.targets[0].target)[1],) * 2
            case Behind():
                return module.line_end(end), module.line_end(end)
            case Ahead():
                return module.whole_span(node)[0], module.whole_span(node)[0]
            case Order():
                assert isinstance(node, cst.Try)
                return module.whole_span(node.handlers[0])[0], module.whole_span(node.handlers[-1])[1]
            case Drop(neighbour=neighbour):
                own, other = module.whole_span(node), module.whole_span(neighbour)
                return (own[0], other[0]) if own[0] < other[0] else (other[1], own[1])
            case Unwrap():
                return module.whole_span(node)
        return start, end

    def changes(self, start: int, end: int, around: _Around) -> list[Change]:
        """The changes of the outermost edits between two offsets, which come to stand in ``around``."""
        shift = around.column - start + self.module.line_start(start)
        found: list[Change] = []
        at = start
        for begin, finish, node in self._places[bisect_left(self._places, start, key=lambda place: place[0]) :]:
            if begin >= end and not (begin == finish == end == len(self.module.text)):
                break
            if begin >= at and finish <= end and node not in around.without:
                moved = shift if self.module.line_at(begin) == self.module.line_at(start) else 0
                column = self._column(begin, found) + moved
                behind = self._behind(finish, end) + (around.behind if self.module.line_end(finish) >= end else 0)
                text = self._shown(node, _Around(around.without | {node}, column, behind))
                found.append(Change(begin, finish, apart(self.module.text, begin, finish, text)))
                at = finish
        return found

    def _column(self, offset: int, before: Sequence[Change]) -> int:
        """The column that ``offset`` comes to, after the changes ``before`` it."""
        line = self.module.line_start(offset)
        if not before or before[-1].end <= line:
            return offset - line
        last = before[-1]
        tail = NEWLINE.split(last.text)[-1]
        column = self._column(last.start, before[:-1]) if tail == last.text else 0
        return column + len(tail) + offset - last.end

    def copied(self, start: int, end: int, around: _Around) -> str:
        """The source between two offsets with the edits inside it made."""
        changes = self.changes(start, end, around)
        self.copies.update(between(start, end, changes))
        moved = [Change(each.start - start, each.end - start, each.text) for each in changes]
        return spliced(self.module.text[start:end], moved)

    def _shown(self, node: cst.CSTNode, around: _Around) -> str:
        match self.edits[node]:
            case Replace(doc=doc):
                return self._replaced(node, doc, around)
            case Unwrap(doc=doc):
                return self._printer(node, around.without, "").flat(doc) or ""
            case Relay():
                return self._relaid(node, around)
            case Remove(inside=comments):
                indent = self.module.indent_at(self.module.span(node)[0])
                lines = (f"{indent}{comment}{self.module.tree.default_newline}" for comment in comments)
                return "".join(lines) + self._comment_behind(node)
            case Annotate(type=type):
                return f": {type}"
            case Behind(code=code):
                return self._statement(code, self.module.indent_at(self.module.span(node)[0]))
            case Ahead(code=code):
                return self._statement(code, self.module.indent_at(self.module.span(node)[0]))
            case Order(order=order):
                assert isinstance(node, cst.Try)
                whole = _Around(around.without, 0, 0)
                return _in_order([self.copied(*self.module.whole_span(each), whole) for each in node.handlers], order)
            case Drop():
                return ""

    def _statement(self, code: str, indent: str) -> str:
        """``code``, which is indented by four spaces, as lines of the file's own."""
        lines = [line.replace("    ", self.module.tree.default_indent) for line in code.splitlines()]
        return "".join(f"{indent}{line}{self.module.tree.default_newline}" for line in lines)

    # Expressions ----------------------------------------------------------------------------------------------------

    def _printer(self, node: cst.CSTNode, without: frozenset[cst.CSTNode], newline: str) -> Printer:
        def carry(carried: Carried, column: int) -> str:
            writer = self
            if carried.changes:
                changes: Edits = {node: Replace(doc) for node, doc in carried.changes}
                writer = replace(self, edits={**self.edits, **changes})
            around = _Around(without - {node for node, _ in carried.changes}, column, 0)
            text = writer.copied(*self.module.whole_span(carried.node), around)
            return f"({text})" if _is_bare(carried.node) else text

        def anew(carried: Carried) -> tuple[Printer, Doc] | None:
            edit = self.edits.get(carried.node) if carried.node not in without else None
            printer = self._printer(carried.node, without | {carried.node}, newline)
            match edit:
                case Replace(doc=doc) if not getattr(carried.node, "lpar", ()):
                    return printer, doc
                case Relay():
                    return printer, relaid(carried.node, self.style)
            return None

        step = step_of(self.module, node) or self.style.step
        return Printer(self.module, carry, anew, self.style, step, newline)

    def _replaced(self, node: cst.CSTNode, doc: Doc, around: _Around) -> str:
        start, _ = self.module.span(node)
        if holding_strings(self.module, node):
            text = self._in_string(node, doc, around.without)
        elif (renamed := self._renamed(node, doc, around)) is not None:
            text = renamed
        else:
            printer = self._printer(node, around.without, self._newline(start))
            text = printer.show(doc, self.module.indent_at(start), around.column, around.behind)
        if getattr(node, "lpar", ()):
            return without_parentheses(text)
        if precedence_of(text) < needed(self.module, node):
            return f"({text})"
        return text

    def fits_without_parentheses(self, node: cst.CSTNode, doc: Doc) -> bool:
        """Whether what is left of a chain of operands on several lines fits on the line that it begins on."""
        if not isinstance(node, cst.BooleanOperation) or len(node.lpar) != 1 or holding_strings(self.module, node):
            return False
        start, end = self.module.whole_span(node)
        source = self.module.text[start:end]
        text = self._printer(node, frozenset([node]), "").flat(doc)
        if text is None or "#" in source or not NEWLINE.search(source) or self.module.text[start - 1] != " ":
            return False
        column = start - self.module.line_start(start)
        fits = column + len(text) + self._behind(end, len(self.module.text)) <= self.style.limit
        return fits and precedence_of(text) >= needed(self.module, node)

    def _renamed(self, node: cst.CSTNode, doc: Doc, around: _Around) -> str | None:
        """Another attribute of the same object: what stands between the two stays, be it a line."""
        match node, doc:
            case cst.Attribute(value=base, attr=attr), Concat(parts=(Carried(node=carried), Text(text=text))):
                if carried is base and text.startswith(".") and text[1:].isidentifier():
                    start, end = self.module.span(node)[0], self.module.span(attr)[0]
                    inside = replace(around, behind=around.behind + len(text) - 1)
                    return self.copied(start, end, inside) + text[1:]
        return None

    def _in_string(self, node: cst.CSTNode, doc: Doc, without: frozenset[cst.CSTNode]) -> str:
        for string in holding_strings(self.module, node):
            doc = requoted(doc, string.start[-1])
        flat = self._printer(node, without, " ").flat(doc)
        text = flat if flat is not None else self._printer(node, without, " ").show(doc, "", 0)
        return f" {text}" if text.startswith("{") else text

    def fits_in_string(self, node: cst.CSTNode, doc: Doc) -> bool:
        """Whether ``doc`` can stand in the f-string that ``node`` stands in, before Python 3.12 too."""
        text = self._in_string(node, doc, frozenset([node]))
        strings = holding_strings(self.module, node)
        quotes = [string.start.lstrip("fFrRbB") for string in strings]
        lines = NEWLINE.search(text) is not None and any(len(quote) == 1 for quote in quotes)
        return not lines and "\\" not in text and "#" not in text and not any(quote in text for quote in quotes)

    def _relaid(self, node: cst.CSTNode, around: _Around) -> str:
        start, end = self.module.span(node)
        own_column = start - self.module.line_start(start)
        text = self.copied(start, end, around)
        was_longer = own_column + (end - start) + around.behind > self.style.limit
        if not NEWLINE.search(text) and (was_longer or around.column + len(text) + around.behind <= self.style.limit):
            return text
        printer = self._printer(node, around.without, self._newline(start))
        return printer.show(relaid(node, self.style), self.module.indent_at(start), around.column, around.behind)

    def _behind(self, end: int, stop: int) -> int:
        """How many columns of code follow on the line, before ``stop``."""
        following = self.module.text[end : max(end, min(stop, self.module.line_end(end)))]
        return len(following.partition("#")[0].rstrip())

    def _newline(self, offset: int) -> str:
        """The line ending that the line at ``offset`` has."""
        found = NEWLINE.search(self.module.text, offset)
        return found.group() if found else self.module.tree.default_newline

    # Statements -----------------------------------------------------------------------------------------------------

    def _comment_behind(self, statement: cst.CSTNode) -> str:
        """The comment behind a statement, as a line of its own."""
        start, end = self.module.span(statement)
        comment = self.module.text[end : self.module.line_end(end)].lstrip(" \t;")
        return self.module.indent_at(start) + comment if comment.startswith("#") else ""


def _is_bare(node: cst.CSTNode) -> bool:
    """Whether ``node`` needs the parentheses that it has not got wherever else it is put."""
    return isinstance(node, (cst.NamedExpr, cst.Yield)) and not node.lpar


def _in_order(handlers: Sequence[str], order: Sequence[int]) -> str:
    """The handlers in another order; the blank lines before them stay where they are."""
    found = [_BLANK_LINES.match(each) for each in handlers]
    ends = [each.end() if each is not None else 0 for each in found]
    return "".join(handlers[slot][: ends[slot]] + handlers[at][ends[at] :] for slot, at in enumerate(order))
