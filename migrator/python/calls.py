"""Which call of a reply a function's result answers: legacy matched by name, a step matches by id."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from migrator import ir
from migrator.python.scopes import Kind
from migrator.python.uses import Shape
from migrator.python.values import Facts

CALL = Shape("FunctionCall")
Shapes = Mapping[cst.CSTNode, Shape]


def answering(facts: Facts, shapes: Shapes, result: ir.Record) -> ir.Record:
    """``result`` with the id of the call whose name it repeats, where that call is one of a reply's."""
    name = result.get("name")
    origin = name.origin if name is not None else None
    if not isinstance(origin, cst.BaseExpression) or not _is_nothing(result.get("id")):
        return result
    call = _call_named(facts, shapes, origin)
    if call is None:
        return result
    known = ir.Apply(ir.Function.ATTRIBUTE, (ir.Opaque(call, repeatable=True), ir.Literal("id")))
    rest = tuple(field for field in result.fields if field.name != "id")
    return ir.Record(result.type, (ir.Field("id", known), *rest), result.origin)


def _is_nothing(value: ir.Value | None) -> bool:
    return value is None or isinstance(value, ir.Literal) and value.value is None


def _call_named(facts: Facts, shapes: Shapes, name: cst.BaseExpression) -> cst.BaseExpression | None:
    """The call that ``name`` was read from, as it can be written where ``name`` stands."""
    match name:
        case cst.Attribute(value=call, attr=cst.Name(value="name")) if shapes.get(call) == CALL:
            return call
        case cst.Name():
            found = facts.scopes.definitions(name)
            values = [each.value for each in found if each.kind is Kind.ASSIGN and each.value is not None]
            if len(found) != 1 or not values or not isinstance(values[0], cst.Attribute):
                return None
            call = _call_named(facts, shapes, values[0])
            return call if call is not None and _is_same(facts, call, name) else None
    return None


def _is_same(facts: Facts, call: cst.BaseExpression, place: cst.Name) -> bool:
    """Whether ``call`` names at ``place`` what it names where it stands: a name that both see alike."""
    if not isinstance(call, cst.Name) or facts.scopes.at(call) is not facts.scopes.at(place):
        return False
    here = facts.scopes.at(place)
    return len(here.definitions.get(call.value, ())) == 1
