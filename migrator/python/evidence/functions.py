"""What a function definition and a call of it say by themselves, without knowing what names refer to."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.module import Module, children
from migrator.python.evidence.scopes import dotted

THREADS = frozenset(
    {
        "asyncio.to_thread",
        "anyio.to_thread.run_sync",
        "fastapi.concurrency.run_in_threadpool",
        "starlette.concurrency.run_in_threadpool",
    }
)
"""What calls a function in a thread, with the arguments behind it, and gives what it gives."""

_RUNNERS = frozenset({"to_thread", "run_sync", "submit", "run_in_executor", "run_in_threadpool"})


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
    for argument in call.args:
        if argument.keyword is not None and argument.keyword.value == name:
            return argument.value
    params = [param.name.value for param in [*function.params.posonly_params, *function.params.params]]
    if bound and "staticmethod" not in decorator_names(function):
        params = params[1:]
    position = 0
    for argument in call.args:
        if argument.star:
            return None
        if argument.keyword is None:
            if position < len(params) and params[position] == name:
                return argument.value
            position += 1
    return None


def run_with(module: Module, node: cst.CSTNode) -> cst.Call | None:
    """``asyncio.to_thread(ask, "x")`` as the call ``ask("x")``; None where what is run is not run with what follows."""
    argument = module.parent(node)
    if not isinstance(argument, cst.Arg) or not isinstance(node, cst.BaseExpression):
        return None
    call = module.parent(argument)
    if not isinstance(call, cst.Call):
        return None
    if dotted(call.func).rpartition(".")[2] not in _RUNNERS:
        return None
    return cst.Call(node, call.args[list(call.args).index(argument) + 1 :])


def decorator_names(function: cst.FunctionDef | cst.ClassDef) -> list[str]:
    """The dotted names of the decorators as spelt, calls included."""
    nodes = (decorator.decorator for decorator in function.decorators)
    return [dotted(node.func if isinstance(node, cst.Call) else node) for node in nodes]
