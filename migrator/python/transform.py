"""Change the tree, last and stupid: every decision was made before and is a record here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import libcst as cst

from migrator.python.layout import Doc, Printer
from migrator.python.module import Module

_LOOSE = (
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.IfExp,
    cst.Lambda,
    cst.UnaryOperation,
    cst.Await,
)
_ROOMY = (
    cst.Assign,
    cst.AnnAssign,
    cst.AugAssign,
    cst.Return,
    cst.Arg,
    cst.Element,
    cst.DictElement,
    cst.For,
    cst.If,
    cst.While,
    cst.Expr,
    cst.Index,
    cst.FormattedStringExpression,
    cst.Annotation,
    cst.Lambda,
    cst.Assert,
    cst.NamedExpr,
)


_NEWLINE = re.compile(r"[\r\n]")


@dataclass(frozen=True, slots=True)
class Replace:
    """Put ``doc`` in the place of an expression."""

    doc: Doc


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a statement out; its comments stay where it stood."""


@dataclass(frozen=True, slots=True)
class Annotate:
    """Give the one target of an assignment a type."""

    type: str


@dataclass(frozen=True, slots=True)
class Behind:
    """Put a line of code behind a statement."""

    code: str


@dataclass(frozen=True, slots=True)
class Ahead:
    """Put an exception handler ahead of an exception handler."""

    code: str


@dataclass(frozen=True, slots=True)
class Order:
    """Put the handlers of a ``try`` in another order."""

    order: tuple[int, ...]


Edit = Replace | Remove | Annotate | Behind | Ahead | Order
Edits = Mapping[cst.CSTNode, Edit]


def rewritten(module: Module, edits: Edits, limit: int) -> cst.Module:
    """The module's tree with the edits made; nothing else of it changes."""
    on_the_way = {holder for node in edits for holder in module.ancestors(node)}
    transformer = _Apply(module, edits, on_the_way, limit)
    changed = module.tree.visit(transformer)
    assert isinstance(changed, cst.Module)
    return changed


class _Apply(cst.CSTTransformer):
    """Looks only at the way to the edited nodes."""

    def __init__(self, module: Module, edits: Edits, on_the_way: set[cst.CSTNode], limit: int) -> None:
        super().__init__()
        self.module = module
        self.edits = edits
        self.on_the_way = on_the_way
        self.replacing: set[cst.CSTNode] = set()  # a replacement may carry the very node that it replaces
        tree = module.tree
        self.printer = Printer(module, self.carry, limit, tree.default_indent, tree.default_newline)

    def carry(self, node: cst.CSTNode) -> str:
        """The code of a node of the source, with the edits inside it made."""
        if node in self.on_the_way or node in self.edits:
            changed = node.visit(self)
            assert isinstance(changed, cst.CSTNode), "an expression is never removed"
            return self.module.tree.code_for_node(changed)
        return self.module.tree.code_for_node(node)  # not its source: lines are relative to the block here

    def on_visit(self, node: cst.CSTNode) -> bool:
        replaced = isinstance(self.edits.get(node), Replace) and node not in self.replacing
        return node in self.on_the_way and not replaced

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.FlattenSentinel[cst.CSTNode]:
        edit = self.edits.get(original_node)
        match edit:
            case Replace() if original_node not in self.replacing:
                assert isinstance(original_node, cst.BaseExpression)
                return self._replaced(original_node, edit.doc)
            case Annotate(type=type):
                assert isinstance(updated_node, cst.Assign)
                return _annotated(updated_node, type)
            case Ahead(code=code):
                return cst.FlattenSentinel([self._handler(code), updated_node])
            case Order(order=order):
                assert isinstance(updated_node, cst.Try)
                return updated_node.with_changes(handlers=[updated_node.handlers[position] for position in order])
        if original_node in self.on_the_way and isinstance(original_node, (cst.IndentedBlock, cst.Module)):
            assert isinstance(updated_node, (cst.IndentedBlock, cst.Module))
            return self._without_removed(original_node, updated_node)
        return updated_node

    def _handler(self, code: str) -> cst.ExceptHandler:
        statement = cst.parse_statement(f"try:\n    pass\n{code}\n", config=self.module.tree.config_for_parsing)
        assert isinstance(statement, cst.Try)
        block = statement.handlers[0].body
        return statement.handlers[0].with_changes(body=block.with_changes(indent=None))

    def _replaced(self, original: cst.BaseExpression, doc: Doc) -> cst.BaseExpression:
        end = self.module.span(original)[1]
        block = len(self.module.block_indent(original))
        column = self.module.position(original)[1] - 1 - block
        printer = replace(self.printer, limit=self.printer.limit - block)
        newline = _NEWLINE.search(self.module.text, end)
        behind = (newline.start() if newline else len(self.module.text)) - end
        self.replacing.add(original)
        text = printer.show(doc, self.module.own_indent(original), column, min(behind, 40))
        self.replacing.discard(original)
        try:
            new = cst.parse_expression(text, config=self.module.tree.config_for_parsing)
        except cst.ParserSyntaxError as error:
            raise AssertionError(f"new code does not parse: {text!r}") from error
        if original.lpar and not isinstance(new, cst.Tuple):
            return new.with_changes(lpar=original.lpar, rpar=original.rpar)
        if isinstance(new, _LOOSE) and not new.lpar and not isinstance(original, _LOOSE):
            if not _stands_free(new, self.module.parent(original)):
                return new.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return new

    def _without_removed(
        self, original: cst.IndentedBlock | cst.Module, updated: cst.IndentedBlock | cst.Module
    ) -> cst.CSTNode:
        body: list[cst.BaseStatement] = []
        waiting: list[cst.EmptyLine] = []
        first = True
        for before, after in zip(original.body, updated.body, strict=True):
            assert isinstance(after, (cst.SimpleStatementLine, cst.BaseCompoundStatement))
            if isinstance(self.edits.get(before), Remove):
                waiting += _kept_lines(after, at_start=first and not waiting)
                continue
            if waiting or (len(body) < 1 and not first):
                after = after.with_changes(leading_lines=[*waiting, *_without_first_blanks(after.leading_lines)])
                waiting = []
            body.append(after)
            match self.edits.get(before):
                case Behind(code=code):
                    body.append(cst.parse_statement(code, config=self.module.tree.config_for_parsing))
            first = False
        if isinstance(updated, cst.Module):
            return updated.with_changes(body=body, footer=[*waiting, *updated.footer])
        return updated.with_changes(body=body, footer=[*waiting, *updated.footer])


def _stands_free(new: cst.BaseExpression, parent: cst.CSTNode | None) -> bool:
    """Whether an operation needs no parentheses inside ``parent``."""
    match parent:
        case cst.Arg(star=star):
            return not star
        case cst.BooleanOperation() | cst.IfExp() | cst.CompIf() | cst.UnaryOperation(operator=cst.Not()):
            return isinstance(new, cst.Comparison)
        case cst.GeneratorExp() | cst.ListComp() | cst.SetComp():
            return True
    return isinstance(parent, _ROOMY)


def _annotated(assignment: cst.Assign, type: str) -> cst.AnnAssign:
    annotation = cst.Annotation(cst.parse_expression(type))
    return cst.AnnAssign(
        assignment.targets[0].target, annotation, assignment.value, equal=cst.AssignEqual(), semicolon=assignment.semicolon
    )


def _kept_lines(statement: cst.BaseStatement, at_start: bool) -> list[cst.EmptyLine]:
    """What stays of a removed statement: the blank lines and comments before it, and the comment behind it."""
    lines = list(getattr(statement, "leading_lines", ()))
    if isinstance(statement, cst.SimpleStatementLine) and statement.trailing_whitespace.comment is not None:
        lines.append(cst.EmptyLine(comment=statement.trailing_whitespace.comment))
    return _without_first_blanks(lines) if at_start else lines or []


def _without_first_blanks(lines: Sequence[cst.EmptyLine]) -> list[cst.EmptyLine]:
    kept = list(lines)
    while kept and kept[0].comment is None:
        kept.pop(0)
    return kept


