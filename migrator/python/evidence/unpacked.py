"""What a function of the file returns beside other things: ``system, contents = self._convert(messages)``."""

from __future__ import annotations

from collections.abc import Iterable

import libcst as cst

from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.sight import Sight


def unpacked(facts: Sight, definitions: Iterable[Definition]) -> tuple[cst.FunctionDef, int] | None:
    """The function and the position in its tuples that all ``definitions`` take their value from."""
    found = {_taken(facts, each) for each in definitions}
    if len(found) != 1:
        return None
    taken = found.pop()
    return taken if taken is not None and _is_always_taken_apart(facts, taken[0]) else None


def elements(facts: Sight, function: cst.FunctionDef, position: int) -> list[cst.BaseExpression]:
    """What the tuples that ``function`` returns hold at ``position``."""
    tuples = [value for value in facts.names.returns(function) if isinstance(value, cst.Tuple)]
    return [value.elements[position].value for value in tuples]


def annotation(function: cst.FunctionDef, position: int) -> cst.BaseExpression | None:
    """What the annotation of ``function`` says of the element at ``position``."""
    match function.returns:
        case cst.Annotation(annotation=cst.Subscript(value=cst.Name(value="tuple" | "Tuple"), slice=given)):
            inner = [each.slice.value for each in given if isinstance(each.slice, cst.Index)]
            return inner[position] if position < len(inner) == len(given) else None
    return None


def names(facts: Sight, function: cst.FunctionDef, position: int) -> list[Definition]:
    """The names that its callers in this file give to what is at ``position``."""
    found: list[Definition] = []
    for call in facts.names.calls_of(function):
        target = _target(facts, call)
        element = target.elements[position] if target is not None else None
        if element is not None and isinstance(element.value, cst.Name):
            known = facts.scopes.at(call).definitions.get(element.value.value, ())
            found += [each for each in known if each.node is element]
    return found


def _taken(facts: Sight, definition: Definition) -> tuple[cst.FunctionDef, int] | None:
    call = definition.value.expression if isinstance(definition.value, cst.Await) else definition.value
    function = facts.names.function(call.func) if isinstance(call, cst.Call) else None
    if (
        definition.kind is not Kind.UNPACK
        or not isinstance(call, cst.Call)
        or not isinstance(function, cst.FunctionDef)
    ):
        return None
    target = _target(facts, call)
    positions = [at for at, each in enumerate(target.elements) if each is definition.node] if target is not None else []
    return (function, positions[0]) if positions else None


def _target(facts: Sight, call: cst.Call) -> cst.Tuple | None:
    """The names that the result of ``call`` is taken apart into."""
    holder = facts.module.parent(call)
    holder = facts.module.parent(holder) if isinstance(holder, cst.Await) else holder
    match holder:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple() as target)]) if _is_plain(target):
            return target
    return None


def _is_plain(node: cst.Tuple) -> bool:
    return not any(isinstance(each, cst.StarredElement) for each in node.elements)


def _is_always_taken_apart(facts: Sight, function: cst.FunctionDef) -> bool:
    """Whether all that is returned are tuples, and all calls take them apart into as many names."""
    targets = [_target(facts, call) for call in facts.names.calls_of(function)]
    values = facts.names.returns(function)
    tuples = [value for value in values if isinstance(value, cst.Tuple) and _is_plain(value)]
    lengths = {len(each.elements) for each in (*tuples, *targets) if each is not None}
    yields = any(isinstance(each, cst.Yield) for each in descendants(function.body))
    return len(tuples) == len(values) > 0 and None not in targets and len(lengths) == 1 and not yields
