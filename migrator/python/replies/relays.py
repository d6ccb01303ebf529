"""Functions of the file that call a function for somebody else: whoever hands it in gets what it gives.

``retry(lambda: …)`` and ``self._with_backoff(self._call, prompt)`` give each of their callers its own function's
result. So a value is followed from the function to the one call that hands it in, and to no other.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.functions import own_statements
from migrator.python.evidence.scopes import Definition
from migrator.python.evidence.values import Facts
from migrator.python.replies import callers
from migrator.python.replies.parameters import parameter_of
from migrator.python.replies.uses import TESTS, Beside, Flow, Shape, Step, definitions_at, how_used


def relayed(facts: Facts, node: cst.CSTNode, shape: Shape) -> list[Step] | None:
    """Where the result of the function ``node`` goes that is handed to one which only calls it and returns that."""
    argument = facts.module.parent(node)
    definition = parameter_of(facts, argument) if isinstance(argument, cst.Arg) else None
    call = facts.module.parent(argument) if argument is not None else None
    if definition is None or not isinstance(call, cst.Call):
        return None
    function = definition.scope.node
    if not isinstance(function, cst.FunctionDef) or _may_do_more(facts, function):
        return None
    given = [_result(facts, read) for read in facts.scopes.reads(definition) if not _is_shown(facts, read)]
    if not given or any(each is None or not _is_only_returned(facts, each) for each in given):
        return None
    return [Flow(call, shape), *_others(facts, function, definition)]


def _may_do_more(facts: Facts, function: cst.FunctionDef) -> bool:
    """Whether callers may get something else than what the body of ``function`` returns."""
    named = function.returns is not None and any(callers.annotated(facts, function.returns.annotation))
    yields = any(isinstance(each, cst.Yield) for each in own_statements(function))
    return bool(function.decorators) or named or yields or callers.defined_again(facts, function) is not None


def _is_shown(facts: Facts, read: cst.Name) -> bool:
    """``function.__name__``, which a log names."""
    match facts.module.parent(read):
        case cst.Attribute(attr=cst.Name(value="__name__" | "__qualname__")):
            return True
    return False


def _result(facts: Facts, read: cst.Name) -> cst.CSTNode | None:
    """The expression that gives what the function gives."""
    parent = facts.module.parent(read)
    if isinstance(parent, cst.Call) and parent.func is read:
        return _awaited(facts, parent)
    run = callers.run_by(facts, read, Shape(""))
    return _awaited(facts, run.node) if run is not None and not run.shape.listed else None


def _awaited(facts: Facts, node: cst.CSTNode) -> cst.CSTNode:
    parent = facts.module.parent(node)
    match parent:
        case cst.Await():
            return _awaited(facts, parent)
        case cst.Arg():
            call = facts.module.parent(parent)
            if isinstance(call, cst.Call) and callers.waited_for(facts, call) and call.args[0] is parent:
                return _awaited(facts, call)
    return node


def _is_only_returned(facts: Facts, value: cst.CSTNode) -> bool:
    holder = facts.module.parent(value)
    match holder:
        case cst.Return():
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as name) as assigned]):
            made = definitions_at(facts, name, assigned)
            reads = [read for definition in made for read in facts.scopes.reads(definition)]
            return bool(reads) and all(_is_harmless(facts, read) for read in reads)
    return False


def _is_harmless(facts: Facts, read: cst.Name) -> bool:
    return isinstance(facts.module.parent(read), cst.Return) or how_used(facts, read)[0] in TESTS


def _others(facts: Facts, function: cst.FunctionDef, definition: Definition) -> Iterator[Step]:
    """What else the caller may get."""
    for value in facts.names.returns(function):
        names = [value] if isinstance(value, cst.Name) else []
        own = {each for name in names for each in facts.scopes.definitions(name)}
        if not any(_is_from(facts, each.value, definition) for each in own) and not _is_from(facts, value, definition):
            yield Beside(value)


def _is_from(facts: Facts, value: cst.CSTNode | None, definition: Definition) -> bool:
    reads = facts.scopes.reads(definition)
    results = (_result(facts, read) for read in reads if not _is_shown(facts, read))
    return value is not None and any(each is value for each in results)
