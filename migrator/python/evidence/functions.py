"""What a function definition and a call of it say by themselves, without knowing what names refer to."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.module import children
from migrator.python.evidence.scopes import dotted


def own_statements(function: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """The nodes of a function's body, nested functions and classes left out."""
    stack: list[cst.CSTNode] = [function.body]
    while stack:
        node = stack.pop()
        yield node
        if node is function.body or not isinstance(node, (cst.FunctionDef, cst.ClassDef, cst.Lambda)):
            stack.extend(reversed(children(node)))


def argument_of(call: cst.Call, function: cst.FunctionDef, name: str, *, bound: bool) -> cst.BaseExpression | None:
    """What ``call`` passes for the parameter ``name``; None when it passes nothing, or by ``*`` or ``**``."""
    params = [param.name.value for param in [*function.params.posonly_params, *function.params.params]]
    if bound and "staticmethod" not in decorator_names(function):
        params = params[1:]
    position = 0
    for argument in call.args:
        if argument.star:
            return None
        if argument.keyword is not None:
            if argument.keyword.value == name:
                return argument.value
        else:
            if position < len(params) and params[position] == name:
                return argument.value
            position += 1
    return None


def decorator_names(function: cst.FunctionDef | cst.ClassDef) -> list[str]:
    """The dotted names of the decorators as spelt, calls included."""
    nodes = (decorator.decorator for decorator in function.decorators)
    return [dotted(node.func if isinstance(node, cst.Call) else node) for node in nodes]
