"""Whether what a function returns comes to code that does not name it, and whether such code asks for None."""

from __future__ import annotations

import libcst as cst

from migrator.python.errors.raising import Raising
from migrator.python.evidence.module import is_none
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import is_called

_WAITS = ("asyncio.", "concurrent.")


def is_told_apart(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``node`` is returned out of sight in a file that compares what comes from there with None."""
    return _leaves(facts, node) and any(_asks(facts, each) for each in facts.module.nodes(cst.Comparison))


def _leaves(facts: Facts, node: cst.CSTNode) -> bool:
    """``retry(lambda: response.text)``, ``pool.map(ask, prompts)``, a decorator of the file, a coroutine handed on."""
    parent = facts.module.parent(node)
    match parent:
        case cst.Lambda():
            return not is_called(facts, parent) and not isinstance(facts.module.parent(parent), cst.Assign)
        case cst.Return():
            function = facts.module.enclosing(parent, cst.FunctionDef, cst.Lambda)
            return isinstance(function, cst.FunctionDef) and _is_handed_on(facts, function)
    return False


def _is_handed_on(facts: Facts, function: cst.FunctionDef) -> bool:
    for decorator in function.decorators:
        made = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        if isinstance(facts.names.function(made), cst.FunctionDef):
            return True
    for mention in Raising(facts).mentions(function):
        call = facts.module.parent(mention)
        if not isinstance(call, cst.Call) or call.func is not mention:
            return True
        if function.asynchronous is not None and not isinstance(facts.module.parent(call), cst.Await):
            return True
    return False


def _asks(facts: Facts, comparison: cst.Comparison) -> bool:
    """``result is None``, where ``result`` is no more than what something unseen gave."""
    match comparison:
        case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(comparator=right)]) if is_none(right):
            return _is_unseen(facts, left)
    return False


def _is_unseen(facts: Facts, node: cst.BaseExpression | None) -> bool:
    match node:
        case cst.Await(expression=inner) | cst.NamedExpr(value=inner):
            return (isinstance(node, cst.Await) and not isinstance(inner, cst.Call)) or _is_unseen(facts, inner)
        case cst.Name():
            return any(_is_unseen_value(facts, each) for each in facts.scopes.definitions(node))
        case cst.Subscript():
            return True
        case cst.Call(func=cst.Name() as called):
            return bool(facts.scopes.definitions(called)) and _is_unknown(facts, called)
        case cst.Call(func=called):
            return _is_unknown(facts, called)
    return False


def _is_unseen_value(facts: Facts, definition: Definition) -> bool:
    match definition.kind:
        case Kind.FOR:
            return True
        case Kind.PARAMETER:
            return isinstance(definition.scope.node, cst.Lambda)
    return _is_unseen(facts, definition.value)


def _is_unknown(facts: Facts, called: cst.BaseExpression) -> bool:
    path = facts.names.path(called)
    return facts.names.function(called) is None and (not path or path.startswith(_WAITS))
