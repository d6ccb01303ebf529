"""What a table or a list of the file holds, where one of its values is taken out: ``MODELS["fast"]``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence import attributes
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts

_ALL_OF = frozenset(
    {"items", "values", "iter", "next", "choice", "cycle", "sorted", "list", "reversed", "enumerate", "zip"}
)
_ONE_OF = frozenset({"get", "pop", "setdefault"})
Display = cst.Dict | cst.List | cst.Tuple | cst.Set | cst.Call


def items_of(
    facts: Facts, taken: cst.Subscript | cst.Call, seen: frozenset[cst.CSTNode] = frozenset()
) -> Iterator[cst.BaseExpression]:
    """What ``MODELS["fast"]`` or ``MODELS.get("fast")`` may give; every value where the key is no literal."""
    match taken:
        case cst.Subscript(value=table, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]):
            pass
        case cst.Call(func=cst.Attribute(value=table, attr=cst.Name(value=name)), args=[cst.Arg(value=key), *_]):
            if name not in _ONE_OF:
                return
        case _:
            return
    for display in _displays(facts, table, seen):
        found = list(_under(display, key))
        yield from found or _values(display)
    yield from _put(facts, table)


def elements_of(facts: Facts, call: cst.Call) -> Iterator[cst.BaseExpression]:
    """What ``MODELS.items()``, ``random.choice(MODELS)`` and the like give one of."""
    match call:
        case cst.Call(func=func) if dotted(func).rpartition(".")[2] not in _ALL_OF | _ONE_OF:
            return
        case cst.Call(func=cst.Attribute(value=table), args=[]):
            tables = [table]
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name))) if name in _ONE_OF:
            yield from items_of(facts, call)
            return
        case _:
            tables = [argument.value for argument in call.args]
    for table in tables:
        for display in _displays(facts, table, frozenset()):
            yield from _values(display)
        if isinstance(table, cst.Call):
            yield from elements_of(facts, table)


def _displays(facts: Facts, node: cst.BaseExpression, seen: frozenset[cst.CSTNode]) -> Iterator[Display]:
    """The displays that ``node`` may stand for."""
    values: list[cst.BaseExpression | None] = []
    match node:
        case cst.Dict() | cst.List() | cst.Tuple() | cst.Set() | cst.Call(func=cst.Name(value="dict")):
            yield node
        case cst.Name():
            values += [each.value for each in facts.scopes.definitions(node)]
        case cst.Attribute(value=holder, attr=cst.Name(value=name)):
            owner = facts.names.class_of(holder)
            found = attributes.kept(facts, owner, name) if owner is not None else None
            values += found.values if found is not None else []
        case cst.Subscript():
            values += items_of(facts, node, seen | {node}) if node not in seen else ()
    for value in values:
        if value is not None and value not in seen:
            yield from _displays(facts, value, seen | {value})


def _under(display: Display, key: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    match display, key:
        case cst.Dict(elements=elements), cst.SimpleString():
            for element in elements:
                if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
                    yield from (element.value,) if element.key.evaluated_value == key.evaluated_value else ()
        case ((cst.List() | cst.Tuple()), cst.Integer(value=number)) if number.isdigit():
            yield from (element.value for element in display.elements[int(number) : int(number) + 1])


def _values(display: Display) -> Iterator[cst.BaseExpression]:
    if isinstance(display, cst.Call):
        yield from (argument.value for argument in display.args)
        return
    for element in display.elements:
        match element:
            case cst.DictElement(value=cst.Dict() | cst.List() | cst.Tuple() as inner):
                yield from _values(inner)
            case cst.DictElement(value=value) | cst.Element(value=value):
                yield value


def _put(facts: Facts, table: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """What the table is given later: ``config["model"] = "gemini-2.5-pro"``."""
    name = dotted(table)
    for each in facts.module.nodes(cst.AssignTarget) if name else ():
        if isinstance(each.target, cst.Subscript) and dotted(each.target.value) == name:
            statement = facts.module.parent(each)
            if isinstance(statement, cst.Assign):
                yield statement.value
