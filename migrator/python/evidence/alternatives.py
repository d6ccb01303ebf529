"""The kinds that an expression of no one kind may be of."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.ir import BETWEEN
from migrator.python.evidence.drawn import held, possible
from migrator.python.evidence.kinds import Kinds
from migrator.python.evidence.module import is_none
from migrator.python.evidence.scopes import Definition, Kind, dotted

_DEEPEST = 4  # more alternatives inside of each other are nobody's code
_UNIONS = frozenset({"Union", "Optional"})


def either(kinds: Kinds, node: cst.BaseExpression) -> str:
    """``str or list[str]`` for what may be one or the other; empty where nothing shows more than a string."""
    found = set() if kinds.of(node) else set(_of(kinds, node, _DEEPEST))
    if not found - {"", "str"}:
        return ""
    if all(kind.startswith("list") for kind in found - {""}):
        return "list"
    if any(kind.startswith("list[") for kind in found):
        found.discard("list")
    return BETWEEN.join([*sorted(found - {""}), *(["something else"] if "" in found else [])])


def _of(kinds: Kinds, node: cst.CSTNode, depth: int) -> Iterator[str]:
    kind = kinds.of(node)
    if kind or depth == 0:
        yield kind
        return
    match node:
        case cst.Name():
            for definition in kinds.scopes.definitions(node):
                yield from _defined(kinds, definition, depth - 1)
        case cst.Attribute():
            for member in kinds.members(node):
                if isinstance(member, cst.Annotation):
                    yield from _annotated(kinds, member.annotation)
                elif isinstance(member, cst.BaseExpression):
                    yield from _of(kinds, member, depth - 1)
        case cst.Call(func=cst.Attribute() as func):
            for method in kinds.members(func):
                if isinstance(method, cst.FunctionDef):
                    yield kinds.returned(method)
        case cst.Subscript(value=table, slice=[cst.SubscriptElement(slice=cst.Index())]):
            yield from held(kinds, table)
        case cst.BooleanOperation(left=left, right=right) | cst.IfExp(body=left, orelse=right):
            yield from _of(kinds, left, depth - 1)
            yield from _of(kinds, right, depth - 1)


def _defined(kinds: Kinds, definition: Definition, depth: int) -> Iterator[str]:
    if definition.value is not None and is_none(definition.value) and definition.kind is Kind.ASSIGN:
        return
    if definition.annotation is not None and definition.kind in (Kind.PARAMETER, Kind.ASSIGN, Kind.DECLARE):
        yield from _annotated(kinds, definition.annotation)
    elif definition.kind is Kind.ASSIGN and definition.value is not None and not kinds.defined(definition):
        yield from _of(kinds, definition.value, depth)
    elif definition.kind is Kind.PARAMETER and not kinds.defined(definition):
        passed = [each for each in kinds.names.arguments_for(definition) if not is_none(each)]
        for argument in passed:
            yield from _of(kinds, argument, depth)
        if not passed:
            yield ""
    elif definition.kind in (Kind.FOR, Kind.UNPACK) and not kinds.defined(definition):
        yield from possible(kinds, definition)
    else:
        yield kinds.defined(definition)


def _annotated(kinds: Kinds, annotation: cst.BaseExpression) -> Iterator[str]:
    """The kinds that the sides of an annotation promise: ``str | list[str]``, ``Union[str, list[str]]``."""
    match annotation:
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            sides: list[cst.BaseExpression] = [left, right]
        case cst.Subscript(value=value, slice=elements) if dotted(value).rpartition(".")[2] in _UNIONS:
            sides = [each.slice.value for each in elements if isinstance(each.slice, cst.Index)]
        case _:
            yield kinds.annotation(annotation)
            return
    for side in sides:
        if not is_none(side):
            yield from _annotated(kinds, side)
