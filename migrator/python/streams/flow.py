"""Where a stream goes: loops, comprehensions, names and functions of the same file, until its chunks are read.

A stream is what ``generate_content_stream`` gives, or a generator of this file that yields its chunks. Each chunk is a
response, which ``flow`` follows further.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.functions import own_statements
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies import callbacks, callers, handed, kept, parameters
from migrator.python.replies.uses import (
    RESPONSE,
    TESTS,
    Bound,
    Flow,
    How,
    Shape,
    Step,
    Use,
    Veto,
    definitions_at,
    how_used,
    is_called,
)

STREAM = "stream"
WHOLE = Shape(STREAM)
CHUNK = Shape(RESPONSE)
_TAKEN_ONE = frozenset({"next", "anext"})
_TAKEN_ALL = frozenset({"list", "tuple"})
_SAME = frozenset({"iter", "aiter"})
_PASSED_ON = frozenset({"itertools.islice", "itertools.chain", "tqdm.tqdm", "tqdm.auto.tqdm", "rich.progress.track"})
_CHOOSING = frozenset({"itertools.takewhile", "itertools.dropwhile"})
_SIDE_BY_SIDE = frozenset({"enumerate", "zip"})
_CLOSING = frozenset({"contextlib.closing", "contextlib.aclosing"})
_METHODS_GIVING_ITSELF = frozenset({"__iter__", "__aiter__"})
_METHODS_TAKING_ONE = frozenset({"__next__", "__anext__"})
_CLOSE = frozenset({"close", "aclose"})


def steps(facts: Facts, node: cst.CSTNode) -> Iterator[Step]:
    """What becomes of the stream ``node`` where it stands."""
    parent = facts.module.parent(node)
    match parent:
        case cst.Await():
            yield Flow(parent, WHOLE)
        case cst.NamedExpr(target=cst.Name() as target):
            yield from kept.bound(facts, target, parent, node, WHOLE)
            yield Flow(parent, WHOLE)
        case cst.IfExp(test=test) if test is not node:
            yield Flow(parent, WHOLE)
        case cst.Assign(targets=targets):
            for assigned in targets:
                yield from kept.bound(facts, assigned.target, assigned, node, WHOLE)
        case cst.AnnAssign(target=target, annotation=annotation):
            yield from callers.annotated(facts, annotation.annotation)
            yield from kept.bound(facts, target, parent, node, WHOLE)
        case cst.For(target=target, iter=iterable) | cst.CompFor(target=target, iter=iterable) if iterable is node:
            yield from _iterated(facts, target, parent, node)
        case cst.Return():
            yield from callers.returned(facts, parent, node, WHOLE)
        case cst.Lambda(body=body) if body is node:
            yield from callbacks.from_callable(facts, parent, node, WHOLE)
        case cst.Arg():
            yield from _argument(facts, parent, node)
        case cst.From():
            yield from _generated(facts, parent, node)
        case cst.WithItem(asname=asname):
            yield from _managed(facts, parent, asname, node)
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node:
            yield from _method(facts, parent, node, name)
        case cst.Del():
            pass
        case _ if how_used(facts, node)[0] not in TESTS:
            yield Veto("MG204", node, "the stream is used here in a way that is not understood")


def _iterated(facts: Facts, target: cst.BaseExpression, holder: cst.CSTNode, node: cst.CSTNode) -> Iterator[Step]:
    yield _taken(node)
    if isinstance(target, cst.Name):
        yield from kept.bound(facts, target, holder, node, CHUNK)
    else:
        yield Veto("MG204", node, "the loop takes the chunks apart")


def _taken(node: cst.CSTNode) -> Use:
    """The place at which chunks are taken from the stream: where the legacy request is sent."""
    return Use(node, node, WHOLE, "[*]", None, How.ITERATED)


# Functions -----------------------------------------------------------------------------------------------------------


def _argument(facts: Facts, argument: cst.Arg, node: cst.CSTNode) -> Iterator[Step]:
    call = facts.module.parent(argument)
    if not isinstance(call, cst.Call):
        return
    builtin = isinstance(call.func, cst.Name) and not facts.scopes.definitions(call.func)
    name = dotted(call.func) if builtin else ""
    path = facts.names.path(call.func)
    if name in _TAKEN_ONE and call.args[0] is argument:
        yield _taken(node)
        yield Flow(call, CHUNK)
    elif (run := _next_elsewhere(facts, call, argument)) is not None:
        yield _taken(node)
        yield run
    elif name in _TAKEN_ALL:
        yield _taken(node)
        yield Flow(call, CHUNK.several())
    elif name in _SIDE_BY_SIDE:
        yield _taken(node)
        yield from handed.side_by_side(facts, call, argument, node, CHUNK.several())
    elif name == "print":
        pass  # it was a generator and still is
    elif path in _PASSED_ON:
        yield _taken(node)
        yield Flow(call, WHOLE)
    elif name in ("map", "filter") or path in _CHOOSING:
        yield from _through(facts, call, node)
    elif name in _SAME or path in _CLOSING or callers.waited_for(facts, call):
        yield Flow(call, WHOLE)
    elif path == "typing.cast":
        yield from callers.annotated(facts, call.args[0].value)
        yield Flow(call, WHOLE)
    elif (definition := parameters.parameter_of(facts, argument)) is not None:
        yield from parameters.into_parameter(facts, definition, node, WHOLE)
    else:
        where = dotted(call.func) or "a function"
        yield Veto("MG202", node, f"the stream is handed to {where}, which this file does not show")


def _next_elsewhere(facts: Facts, call: cst.Call, argument: cst.Arg) -> Flow | None:
    """``asyncio.to_thread(next, chunks, None)`` and ``loop.run_in_executor(None, next, chunks)`` give one chunk."""
    position = list(call.args).index(argument)
    match call.args[max(position - 1, 0) : position]:
        case [cst.Arg(value=cst.Name(value="next") as function)] if not facts.scopes.definitions(function):
            run = callers.run_by(facts, function, CHUNK)
            return run if run is not None and run.shape == CHUNK else None
    return None


def _through(facts: Facts, call: cst.Call, node: cst.CSTNode) -> Iterator[Step]:
    """``map(lambda chunk: …, stream)``: the function reads each chunk; what is chosen by it is a stream again."""
    match call.args:
        case [cst.Arg(value=cst.Lambda(params=cst.Parameters(params=[parameter])) as function), given]:
            if given.value is node:
                yield _taken(node)
                for definition in facts.scopes.own(function).definitions.get(parameter.name.value, ()):
                    yield Bound(definition, CHUNK)
                if dotted(call.func) != "map":
                    yield Flow(call, WHOLE)
                return
    yield Veto("MG204", node, "the function that each chunk is handed to is not understood")


def _method(facts: Facts, attribute: cst.Attribute, node: cst.CSTNode, name: str) -> Iterator[Step]:
    call = facts.module.parent(attribute)
    if name in _METHODS_TAKING_ONE and is_called(facts, attribute) and call is not None:
        yield _taken(node)
        yield Flow(call, CHUNK)
    elif name in _METHODS_GIVING_ITSELF and is_called(facts, attribute) and call is not None:
        yield Flow(call, WHOLE)
    elif name not in _CLOSE or not is_called(facts, attribute):
        yield Veto("MG204", node, f"the stream is used by its attribute {name}")


def _managed(facts: Facts, item: cst.WithItem, asname: cst.AsName | None, node: cst.CSTNode) -> Iterator[Step]:
    """``with contextlib.closing(stream) as chunks``; a generator itself is no context manager."""
    path = facts.names.path(node.func) if isinstance(node, cst.Call) else ""
    if path not in _CLOSING:
        yield Veto("MG204", node, "the stream is entered like a context manager")
    elif asname is not None and isinstance(asname.name, cst.Name):
        for definition in definitions_at(facts, asname.name, item):
            yield Bound(definition, WHOLE)


# Generators ----------------------------------------------------------------------------------------------------------


def _generated(facts: Facts, delegation: cst.From, node: cst.CSTNode) -> Iterator[Step]:
    yield _taken(node)
    yield from yielded(facts, delegation, node)


def yielded(facts: Facts, place: cst.CSTNode, node: cst.CSTNode) -> Iterator[Step]:
    """The chunk ``node`` is yielded: every call of the generator in this file gives a stream of such chunks."""
    function = facts.module.enclosing(place, cst.FunctionDef, cst.Lambda)
    if not isinstance(function, cst.FunctionDef) or function.decorators:
        yield Veto("MG202", node, "the response is yielded where no caller is visible")
        return
    if any(isinstance(each, cst.Return) and each.value is not None for each in own_statements(function)):
        yield Veto("MG204", node, "the response is yielded by a generator that also returns something")
        return
    yield from callers.given(facts, function, node, WHOLE)
