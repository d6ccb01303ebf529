"""Values of legacy types as results of lambdas and partial calls: what runs them in the same file gets the value."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.functions import run_with
from migrator.python.evidence.scopes import Definition
from migrator.python.evidence.values import Facts
from migrator.python.replies.callers import run_by
from migrator.python.replies.parameters import other_arguments, parameter_of
from migrator.python.replies.relays import relayed
from migrator.python.replies.uses import TESTS, Beside, Flow, Shape, Step, Veto, definitions_at, how_used


def from_callable(facts: Facts, function: cst.Lambda | cst.Call, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """The value is what a lambda gives, or a partial call that holds all its arguments."""
    run = _run(facts, function, function, shape)
    parent = facts.module.parent(function)
    if run is not None:
        yield run
    elif isinstance(parent, cst.Arg):
        yield from _through_callback(facts, parent, function, shape)
    elif isinstance(parent, cst.Assign):
        yield from _called_by_name(facts, parent, function, shape)
    else:
        yield Veto("MG202", node, "the response is the result of a function whose caller is not visible")


def _called_by_name(facts: Facts, parent: cst.Assign, function: cst.Lambda | cst.Call, shape: Shape) -> Iterator[Step]:
    for assigned in parent.targets:
        if not isinstance(assigned.target, cst.Name):
            yield Veto("MG202", function, "the function is kept where its callers are not visible")
            continue
        for definition in definitions_at(facts, assigned.target, assigned):
            yield from _instead(facts, definition)
            yield from _calls_through(facts, definition, shape, function)


def _instead(facts: Facts, definition: Definition) -> Iterator[Step]:
    """What else the name may stand for where it is read has to give such a value too."""
    reads = facts.scopes.reads(definition)
    for other in {each: None for read in reads for each in facts.scopes.definitions(read) if each is not definition}:
        match other.value:
            case cst.Lambda(body=body):
                yield Beside(body)
            case cst.BaseExpression() as value:
                yield Beside(value)
            case _:
                message = f"{definition.name} may also stand for something else where it is called"
                yield Veto("MG205", definition.node, message)


def _run(facts: Facts, function: cst.Lambda | cst.Call, mention: cst.CSTNode, shape: Shape) -> Step | None:
    """What runs ``function`` where ``mention`` stands; a partial call may be given more there, which is not read."""
    run = run_by(facts, mention, shape)
    if run is None or isinstance(function, cst.Lambda):
        return run
    ran = run_with(facts.module, mention)
    return _given_more(mention) if ran is None or ran.args else run


def _given_more(mention: cst.CSTNode) -> Veto:
    return Veto("MG202", mention, "the partial call is given more arguments here")


def _through_callback(facts: Facts, argument: cst.Arg, function: cst.Lambda | cst.Call, shape: Shape) -> Iterator[Step]:
    """A function of this file calls its parameter: what the call gives is the response."""
    definition = parameter_of(facts, argument)
    relay = relayed(facts, function, shape)
    if relay is not None:
        yield from relay
    elif definition is None:
        message = "the response is the result of a function that is handed to code outside this file"
        yield Veto("MG202", function, message)
    else:
        yield from _beside(facts, definition, function)
        yield from _calls_through(facts, definition, shape, function)


def _beside(facts: Facts, definition: Definition, function: cst.CSTNode) -> Iterator[Step]:
    """What else is handed on as this callback has to give such a value too."""
    others = other_arguments(facts, definition)
    if others is None:
        yield Veto("MG202", function, f"not every call shows what it gives for {definition.name}")
    for other in others or ():
        named = facts.names.function(other)
        if isinstance(named, (cst.FunctionDef, cst.Lambda)):
            yield from (Beside(value) for value in facts.names.returns(named))
        else:
            yield Beside(other)


def _calls_through(
    facts: Facts, definition: Definition, shape: Shape, function: cst.Lambda | cst.Call
) -> Iterator[Step]:
    for read in facts.scopes.reads(definition):
        parent = facts.module.parent(read)
        if isinstance(parent, cst.Call) and parent.func is read:
            yield _given_more(read) if parent.args and isinstance(function, cst.Call) else Flow(parent, shape)
        elif (run := _run(facts, function, read, shape)) is not None:
            yield run
        elif how_used(facts, read)[0] not in TESTS:
            yield Veto("MG202", read, "the function that gives the response is handed on here")
