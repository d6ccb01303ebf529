"""Values of legacy types as results of functions of the same file: what their callers get."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence import attributes
from migrator.python.evidence.functions import THREADS, own_statements
from migrator.python.evidence.module import descendants
from migrator.python.evidence.names import CLIENT, Entity
from migrator.python.evidence.scopes import Kind, dotted
from migrator.python.evidence.sites import is_only_returned
from migrator.python.evidence.values import Facts
from migrator.python.replies import relays
from migrator.python.replies.uses import (
    RESPONSE,
    Beside,
    Flow,
    Named,
    Shape,
    Step,
    Veto,
    assumed,
    is_called,
)

CALL_TYPE = "google.genai.types.FunctionCall"
_NAMED = frozenset(
    {f"google.genai.types.{RESPONSE}", CALL_TYPE, "google.genai.chats.Chat", "google.genai.chats.AsyncChat"}
)
_PROMISED = {f"google.genai.types.{RESPONSE}()", f"{CLIENT}.chats.create()", f"{CLIENT}.aio.chats.create()"}
_RUNNERS = THREADS | {"asyncio.run", "anyio.run", "loop.run_until_complete"}
_WAITERS = frozenset(
    {"asyncio.wait_for", "asyncio.run", "asyncio.shield", "asyncio.create_task", "asyncio.ensure_future"}
)
_WAITING_METHODS = frozenset({"run_until_complete", "create_task"})
_ABOUT_RESULTS = frozenset({"retry_if_result", "retry_if_not_result", "on_predicate"})
_RUNNING_METHODS = frozenset({"run_in_executor", "submit"})


# Results -------------------------------------------------------------------------------------------------------------


def returned(facts: Facts, statement: cst.Return, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """The value is returned: every caller in this file gets it, or what else the function returns."""
    for value in other_results(facts, statement):
        yield Beside(value)
    yield from results(facts, statement, node, shape)


def other_results(facts: Facts, statement: cst.Return) -> list[cst.BaseExpression]:
    """What the function of ``statement`` returns at other places."""
    function = facts.module.enclosing(statement, cst.FunctionDef, cst.Lambda)
    if not isinstance(function, cst.FunctionDef):
        return []
    return [value for value in facts.names.returns(function) if value is not statement.value]


def results(facts: Facts, statement: cst.Return, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """A ``Flow`` for every expression that gives what ``statement`` returns."""
    function = facts.module.enclosing(statement, cst.FunctionDef, cst.Lambda)
    if not isinstance(function, cst.FunctionDef):
        yield Veto("MG202", node, "the response is returned where no caller is visible")
    elif any(isinstance(each, cst.Yield) for each in own_statements(function)):
        yield Veto("MG202", node, "the response is returned by a generator")
    else:
        yield from given(facts, function, node, shape)


def given(facts: Facts, function: cst.FunctionDef, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """What every caller of ``function`` in this file gets."""
    name = function.name.value
    calls = facts.names.calls_of(function)
    handed_on = [mention for mention in mentions(facts, function) if not is_called(facts, mention)]
    ways = [way for mention in handed_on if (way := _run_or_relayed(facts, mention, shape)) is not None]
    runs = [step for way in ways for step in way]
    if len(handed_on) > len(ways):
        yield Veto("MG202", node, f"the response is returned by {name}, which is handed on without being called")
    if not calls and not runs:
        yield Veto("MG202", node, f"the response is returned by {name}, which nothing in this file calls")
        return
    if (reason := changed_elsewhere(facts, function)) is not None:
        yield Veto("MG202", node, f"the response is returned by {name}, which {reason}")
        return
    if function.returns is not None:
        yield from annotated(facts, function.returns.annotation)
    if not is_private(facts, function):
        yield assumed(node, f"the response is returned by {name}: assumed that no other file reads its result")
    yield from (Flow(call, shape) for call in calls)
    yield from runs


def _run_or_relayed(facts: Facts, mention: cst.CSTNode, shape: Shape) -> list[Step] | None:
    """Where the result of a function goes that is handed on; None where that is not seen."""
    run = run_by(facts, mention, shape)
    return [run] if run is not None else relays.relayed(facts, mention, shape)


def is_private(facts: Facts, function: cst.FunctionDef) -> bool:
    """Whether no other file is expected to call ``function``."""
    name = function.name.value
    if name.startswith("_") and not name.startswith("__"):
        return True
    owner = facts.names.owner(function)
    if name == "__init__" and owner is not None and owner.name.value.startswith("_"):
        return True
    return facts.module.enclosing(function, cst.FunctionDef) is not None


def changed_elsewhere(facts: Facts, function: cst.FunctionDef) -> str | None:
    """Why what callers get may not be what ``function`` returns; None where it is."""
    for decorator in function.decorators:
        called = decorator.decorator.func if isinstance(decorator.decorator, cst.Call) else decorator.decorator
        wrapper = facts.names.function(called)
        if isinstance(wrapper, cst.FunctionDef) and not _hands_back(facts, wrapper):
            return "is decorated by a function of this file that uses the result"
        if isinstance(decorator.decorator, cst.Call) and _asks_for_results(decorator.decorator):
            return "is decorated with a function that is given the result"
    return defined_again(facts, function)


def defined_again(facts: Facts, function: cst.FunctionDef) -> str | None:
    """Why a call of the method ``function`` may run, or be run by, another one; None where it does not."""
    name, owner = function.name.value, facts.names.owner(function)
    if owner is None:
        return None
    for relative in attributes.family(facts, owner):
        if relative is not owner and facts.scopes.own(relative).definitions.get(name):
            return f"{relative.name.value} defines too"
    for each in facts.module.attributes(name):
        match each.value:
            case cst.Call(func=cst.Name(value="super")):
                return "is called by super()"
    return None


def _hands_back(facts: Facts, wrapper: cst.FunctionDef) -> bool:
    """Whether a decorator gives what the decorated function gives, and does nothing else with it."""
    for call in descendants(wrapper.body):
        if not isinstance(call, cst.Call) or not isinstance(call.func, cst.Name):
            continue
        if not any(each.kind is Kind.PARAMETER for each in facts.scopes.definitions(call.func)):
            continue
        holder = facts.module.parent(call)
        holder = facts.module.parent(holder) if isinstance(holder, cst.Await) else holder
        if not is_only_returned(facts, holder):
            return False
    return True


def _asks_for_results(decorator: cst.Call) -> bool:
    """Whether a retrying decorator looks at what the function gives: ``retry_if_result(…)``, ``on_predicate(…)``."""
    calls = [node for node in descendants(decorator) if isinstance(node, cst.Call)]
    return any(dotted(call.func).rpartition(".")[2] in _ABOUT_RESULTS for call in calls)


def mentions(facts: Facts, function: cst.FunctionDef) -> Iterator[cst.CSTNode]:
    """Every place that names ``function``."""
    name = function.name.value
    if facts.names.owner(function) is not None:
        candidates: list[cst.CSTNode] = [*facts.module.attributes(name)]
    else:
        candidates = [node for node in facts.module.names(name) if node is not function.name]
    return (node for node in candidates if facts.names.function(node) is function)


def run_by(facts: Facts, node: cst.CSTNode, shape: Shape) -> Flow | None:
    """``asyncio.to_thread(function, …)``, ``executor.map(function, …)`` and their like give what the function gives."""
    argument = facts.module.parent(node)
    call = facts.module.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return None
    path = facts.names.path(call.func) or dotted(call.func)
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else path
    if path in _RUNNERS or method in _RUNNING_METHODS:
        return Flow(call, shape)
    if method == "map" and call.args[0] is argument and not shape.listed:
        return Flow(call, shape.several())
    return None


def waited_for(facts: Facts, call: cst.Call) -> bool:
    """Whether ``call`` is a task or a result of the awaitable that it is given."""
    path = facts.names.path(call.func) or dotted(call.func)
    method = call.func.attr.value if isinstance(call.func, cst.Attribute) else ""
    return path in _WAITERS or method in _WAITING_METHODS


# Annotations ----------------------------------------------------------------------------------------------------------


def annotated(facts: Facts, annotation: cst.BaseExpression) -> Iterator[Step]:
    """The places inside ``annotation`` that name the legacy response, or the legacy chat."""
    for node in descendants(annotation):
        match node:
            case cst.SimpleString():
                found = facts.names.annotated(node)
                if isinstance(found, Entity) and found.path in _PROMISED:
                    yield Named(node)
            case cst.Name() | cst.Attribute() if facts.names.path(node) in _NAMED:
                yield Named(node)
