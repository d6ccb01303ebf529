"""Values of legacy types as arguments for functions of the same file: what their parameters hold."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence import attributes
from migrator.python.evidence.functions import argument_of
from migrator.python.evidence.module import is_none
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies import callers
from migrator.python.replies.uses import Beside, Bound, Shape, Step, Veto, assumed, is_called

_INIT = "__init__"


def parameter_of(facts: Facts, argument: cst.Arg) -> Definition | None:
    """The parameter of a function of this file, or of a class's ``__init__``, that ``argument`` is passed for."""
    call = facts.module.parent(argument)
    function = _called(facts, call) if isinstance(call, cst.Call) else None
    if not isinstance(call, cst.Call) or function is None:
        return None
    for definitions in facts.scopes.own(function).definitions.values():
        for definition in definitions:
            if definition.kind is Kind.PARAMETER and _passed(facts, call, definition) is argument.value:
                return definition
    return None


def into_parameter(facts: Facts, definition: Definition, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """The value is passed to a function of this file: what else is passed has to be such a value too."""
    function = definition.scope.node
    assert isinstance(function, cst.FunctionDef)
    yield from _joined(facts, definition, node, shape, f"the {shape} is handed to {_label(facts, function)}")


def in_place_of(facts: Facts, definition: Definition, node: cst.Name, shape: Shape) -> Iterator[Step]:
    """The value is read where a parameter may be as well (``if response is None: response = …``)."""
    function = definition.scope.node
    if isinstance(function, cst.FunctionDef):
        yield from _joined(
            facts, definition, node, shape, f"{node.value} may be what is passed to {_label(facts, function)}"
        )
    else:
        yield Veto("MG202", node, f"{node.value} may also be what a lambda is given")


def is_never_given(facts: Facts, definition: Definition) -> bool:
    """Whether a parameter with the default None is passed nothing else, as far as any caller could."""
    function = definition.scope.node
    if not isinstance(function, cst.FunctionDef) or not callers.is_private(facts, function):
        return False
    others = other_arguments(facts, definition)
    return others is not None and all(map(is_none, others)) and not _may_be_called_unseen(facts, function)


def _joined(facts: Facts, definition: Definition, node: cst.CSTNode, shape: Shape, told: str) -> Iterator[Step]:
    """The value shares the parameter ``definition`` with all that callers pass."""
    function = definition.scope.node
    assert isinstance(function, cst.FunctionDef)
    if definition.annotation is not None:
        yield from callers.annotated(facts, definition.annotation)
    if _may_be_called_unseen(facts, function):
        yield Veto("MG202", node, f"{told}, which other code may call with something else")
    elif (reason := _overridden(facts, function)) is not None:
        yield Veto("MG202", node, f"{told}, which {reason}")
    elif not callers.is_private(facts, function):
        yield assumed(node, f"{told}: assumed that no other file calls it")
    others = other_arguments(facts, definition)
    if others is None:
        yield Veto("MG202", node, f"{told}, which is also called with * or **")
    yield from (Beside(other) for other in others or ())
    yield Bound(definition, shape)


def other_arguments(facts: Facts, definition: Definition) -> list[cst.BaseExpression] | None:
    """All that calls in this file pass for a parameter, and its default; None where a call does not show it."""
    function = definition.scope.node
    assert isinstance(function, cst.FunctionDef)
    found = [definition.value] if definition.value is not None else []
    for call in _calls(facts, function):
        given = _passed(facts, call, definition)
        if given is not None:
            found.append(given)
        elif definition.value is None or any(argument.star for argument in call.args):
            return None
    return found


def _called(facts: Facts, call: cst.Call) -> cst.FunctionDef | None:
    """The function of this file that ``call`` runs with its arguments."""
    match facts.names.function(call.func):
        case cst.FunctionDef() as function:
            return function
        case cst.ClassDef() as made:
            match facts.names.members(made).get(_INIT):
                case [cst.FunctionDef() as function]:
                    return function
    return None


def _calls(facts: Facts, function: cst.FunctionDef) -> list[cst.Call]:
    owner = facts.names.owner(function)
    if owner is None or function.name.value != _INIT:
        return facts.names.calls_of(function)
    makers = [each for each in attributes.family(facts, owner) if function in facts.names.members(each).get(_INIT, ())]
    return [call for made in makers for call in facts.names.calls_of(made)]


def _passed(facts: Facts, call: cst.Call, definition: Definition) -> cst.BaseExpression | None:
    function = definition.scope.node
    assert isinstance(function, cst.FunctionDef)
    return argument_of(call, function, definition.name, bound=facts.names.owner(function) is not None)


def _may_be_called_unseen(facts: Facts, function: cst.FunctionDef) -> bool:
    """Whether a function is handed on, or a method is called on something that may be anything."""
    if any(not is_called(facts, mention) for mention in callers.mentions(facts, function)):
        return True
    if facts.names.owner(function) is None or function.name.value == _INIT:
        return False
    named = facts.module.attributes(function.name.value)
    return any(facts.names.function(each) is None and attributes.may_be_any(facts, each.value) for each in named)


def _overridden(facts: Facts, function: cst.FunctionDef) -> str | None:
    """Why a method may be another one at run time, or may be called by one that is not seen here."""
    owner = facts.names.owner(function)
    if owner is not None and function.name.value == _INIT:
        above = [each for each in attributes.family(facts, owner) if _has_own_init(facts, each)]
        return f"{above[-1].name.value} makes in another way" if len(above) > 1 else None
    return callers.defined_again(facts, function)


def _has_own_init(facts: Facts, owner: cst.ClassDef) -> bool:
    return bool(facts.scopes.own(owner).definitions.get(_INIT))


def _label(facts: Facts, function: cst.FunctionDef) -> str:
    owner = facts.names.owner(function)
    return owner.name.value if owner is not None and function.name.value == _INIT else function.name.value
