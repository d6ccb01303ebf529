"""What may be None: a field of a request that is None is not sent, so what is made of it has to stay None."""

from __future__ import annotations

import re

import libcst as cst

from migrator.python.guards import conditions, says_there
from migrator.python.scopes import Definition, Kind
from migrator.python.values import Facts

_NOTHING = re.compile(r"\b(None|Optional)\b")
_DEEPEST = 3


def may_be_none(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether the file shows that ``node`` may be None, and no condition around it says that it is not."""
    source = facts.module.source(node)
    if any(says_there(facts.module, test, source, holds=holds) for test, holds in conditions(facts.module, node)):
        return False
    return _is_optional(facts, node, _DEEPEST)


def _is_optional(facts: Facts, node: cst.CSTNode, depth: int) -> bool:
    match node:
        case cst.Name(value="None"):
            return True
        case cst.Name():
            return any(_may_define_none(facts, each, depth) for each in facts.scopes.definitions(node))
        case cst.Attribute():
            members = facts.kinds.members(node)
            annotated = [each.annotation for each in members if isinstance(each, cst.Annotation)]
            if annotated:
                return any(_says_none(facts, each) for each in annotated)
            return depth > 0 and any(_is_optional(facts, each, depth - 1) for each in members)
        case cst.IfExp(body=body, orelse=orelse):
            return _is_optional(facts, body, depth) or _is_optional(facts, orelse, depth)
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="get")), args=[_]):
            return True
        case cst.Call(func=func):
            function = facts.names.function(func)
            returns = function.returns if isinstance(function, cst.FunctionDef) else None
            return returns is not None and _says_none(facts, returns.annotation)
    return False


def _may_define_none(facts: Facts, definition: Definition, depth: int) -> bool:
    if definition.annotation is not None:
        return _says_none(facts, definition.annotation) or (
            definition.kind is Kind.PARAMETER and _is_literal_none(definition.value)
        )
    if definition.kind not in (Kind.ASSIGN, Kind.PARAMETER) or definition.value is None or depth == 0:
        return False
    return _is_optional(facts, definition.value, depth - 1)


def _is_literal_none(node: cst.CSTNode | None) -> bool:
    return isinstance(node, cst.Name) and node.value == "None"


def _says_none(facts: Facts, annotation: cst.BaseExpression) -> bool:
    return _NOTHING.search(facts.module.source(annotation)) is not None
