"""Values of legacy types under names, in attributes, in lists and tuples of the same file."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence import attributes
from migrator.python.evidence.pairs import given
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies import callers, containers, keyed
from migrator.python.replies.uses import (
    DICT,
    KEYS,
    RESPONSE,
    Beside,
    Bound,
    Flow,
    Shape,
    Step,
    Veto,
    assumed,
    at,
    definitions_at,
    read,
)

_GROWING = frozenset({"append", "extend", "insert"})
_HARMLESS = frozenset({"clear", "reverse", "copy", "sort"})


def lost(node: cst.CSTNode, shape: Shape) -> Veto:
    """A value in a collection that nobody follows."""
    return Veto("MG202", node, f"the {shape} is kept in a collection, whose readers are not followed")


# Names --------------------------------------------------------------------------------------------------------------


def bound(
    facts: Facts, target: cst.BaseExpression, holder: cst.CSTNode, node: cst.CSTNode, shape: Shape
) -> Iterator[Step]:
    """The value of ``node`` is assigned to ``target`` by ``holder``."""
    match target:
        case cst.Name():
            for definition in definitions_at(facts, target, holder):
                if definition.scope.outer is None and _is_exported(facts, target.value):
                    yield Veto("MG202", node, f"{target.value} is in __all__, so other files may read it")
                if isinstance(definition.scope.node, cst.ClassDef):
                    yield from _member(facts, definition.scope.node, target.value, target, shape)
                yield Bound(definition, shape)
        case cst.Attribute(attr=cst.Name(value=name)):
            yield from attribute(facts, target, name, shape)
        case cst.Tuple() | cst.List() if shape.listed and not shape.inside:
            yield from _unpacked(facts, target, shape)
        case cst.Subscript():
            yield from containers.put_under(facts, target, node, shape)
        case _:
            yield lost(node, shape)


def _is_exported(facts: Facts, name: str) -> bool:
    top = facts.scopes.own(facts.module.tree)
    return any(
        isinstance(element.value, cst.SimpleString) and element.value.evaluated_value == name
        for definition in top.definitions.get("__all__", ())
        if isinstance(definition.value, (cst.List, cst.Tuple))
        for element in definition.value.elements
    )


def _unpacked(facts: Facts, target: cst.Tuple | cst.List, shape: Shape) -> Iterator[Step]:
    for element in target.elements:
        if isinstance(element.value, cst.Name):
            found = shape if isinstance(element, cst.StarredElement) else shape.item()
            for definition in definitions_at(facts, element.value, element):
                yield Bound(definition, found)
        else:
            yield Veto("MG204", element.value, "the list is taken apart in a way that is not understood")


# Attributes ----------------------------------------------------------------------------------------------------------


def attribute(facts: Facts, target: cst.Attribute, name: str, shape: Shape) -> Iterator[Step]:
    """The value is assigned to the attribute ``target``."""
    owner = facts.names.class_of(target.value)
    if owner is None:
        where = facts.module.source(target)
        yield Veto("MG202", target, f"the response is kept in {where}, whose readers are not visible")
        return
    yield from member(facts, owner, name, target, shape)


def member(facts: Facts, owner: cst.ClassDef, name: str, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """The value becomes the attribute ``name`` of ``owner``'s instances."""
    followed = list(_member(facts, owner, name, node, shape))
    if not name.startswith("_") and not any(isinstance(each, Flow | Veto) for each in followed):
        message = f"the response is kept in the public attribute {name}, which nothing in this file reads"
        yield Veto("MG202", node, message)
    elif not name.startswith("_"):
        message = f"the response is kept in the public attribute {name}: assumed that no other file reads it"
        yield assumed(node, message, "Accept with --review if no other file reads it.")
    yield from followed


def _member(facts: Facts, owner: cst.ClassDef, name: str, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """Every read of the attribute in this file, and all else that it is given."""
    found = attributes.kept(facts, owner, name) or attributes.field(facts, owner, name)
    if found is None:
        message = f"the response is kept in the attribute {name}, which may be set or read where that is not visible"
        yield Veto("MG202", node, message)
    elif found.reads:
        yield from (Beside(value) for value in found.values)
        yield from (Flow(read, shape) for read in found.reads)


# Collections ---------------------------------------------------------------------------------------------------------


def kept(facts: Facts, parent: cst.CSTNode, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """The value is an element of a display."""
    display = facts.module.parent(parent)
    if shape == Shape("Content") and isinstance(display, cst.List):
        yield read(facts, node, node, shape, "history", None)  # the reader of the request puts the steps in
        return
    match display:
        case cst.List(elements=elements) if isinstance(parent, cst.Element) and not shape.listed:
            yield from (Beside(each.value) for each in elements if each is not parent)
            yield Flow(display, shape.in_list())
        case _ if isinstance(parent, cst.DictComp) and parent.value is node:
            yield Flow(parent, shape.within(DICT))
        case _ if isinstance(parent, cst.DictComp) and parent.key is node:
            yield Flow(parent, shape.within(KEYS))
        case cst.Dict() if isinstance(parent, cst.DictElement) and parent.key is node:
            yield from keyed.in_display(display, parent, shape)
        case cst.Dict() if isinstance(parent, cst.DictElement):
            yield from containers.in_dict(facts, display, parent, shape)
        case cst.Tuple(elements=elements) if isinstance(parent, cst.Element):
            yield from _in_tuple(facts, display, list(elements).index(parent), node, shape)
        case _:
            yield lost(node, shape)


def _in_tuple(facts: Facts, display: cst.Tuple, position: int, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """``a, b = response, text`` and ``return response, text``."""
    match facts.module.parent(display):
        case cst.Return() as statement:
            for value in callers.other_results(facts, statement):
                match value:
                    case cst.Tuple(elements=others) if position < len(others):
                        yield Beside(others[position].value)
                    case _:
                        yield Beside(value)
            yield from callers.results(facts, statement, node, shape.within(at(position)))
        case _:
            yield Flow(display, shape.within(at(position)))


def taken_apart(facts: Facts, pair: cst.CSTNode, position: int, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """``pair`` is a tuple whose item at ``position`` is the value."""
    match facts.module.parent(pair):
        case cst.Await() as waited:
            yield from taken_apart(facts, waited, position, node, shape)
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple(elements=elements))]) if position < len(elements):
            element = elements[position]
            if any(isinstance(each, cst.StarredElement) for each in elements):
                yield lost(node, shape)
            else:
                yield from bound(facts, element.value, element, node, shape)
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value=index)))]) as item:
            if int(index) == position:
                yield Flow(item, shape)
        case _:
            yield lost(node, shape)


def own_list(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``node`` names a list that this file makes itself, or an attribute that only ever holds such lists."""
    match node:
        case cst.Name():
            found = facts.scopes.definitions(node)
            return bool(found) and all(
                each.kind in (Kind.ASSIGN, Kind.UNPACK)
                and isinstance(given(facts.module, each), (cst.List, cst.ListComp))
                for each in found
            )
        case cst.Attribute(value=holder, attr=cst.Name(value=name)):
            owner = facts.names.class_of(holder)
            attribute_of = attributes.kept(facts, owner, name) if owner is not None else None
            return attribute_of is not None and all(isinstance(each, cst.List) for each in attribute_of.values)
    return False


def open_to_others(facts: Facts, collection: cst.BaseExpression, node: cst.CSTNode) -> Iterator[Step]:
    """Say that another file may read the collection into which the response ``node`` is put."""
    match collection:
        case cst.Attribute(attr=cst.Name(value=name)):
            is_open = not name.startswith("_")
        case cst.Name(value=name) if facts.module.enclosing(node, cst.FunctionDef) is not None:
            scopes = {definition.scope for definition in facts.scopes.definitions(collection)}
            is_open = not name.startswith("_") and facts.scopes.own(facts.module.tree) in scopes
        case _:
            return
    if is_open:
        message = f"the response is kept in {facts.module.source(collection)}: assumed that no other file reads it"
        yield assumed(node, message, "Accept with --review if no other file reads it.")


def put_into(facts: Facts, name: cst.Name | cst.Attribute, shape: Shape, node: cst.CSTNode) -> Iterator[Step]:
    """The value is appended to the list ``name``: every read of it gives such values."""
    if isinstance(name, cst.Attribute):
        yield from attribute(facts, name, name.attr.value, shape.in_list())
        return
    yield from open_to_others(facts, name, node)
    for definition in facts.scopes.definitions(name):
        made = given(facts.module, definition)
        if isinstance(made, cst.List):
            yield from (Beside(element.value) for element in made.elements)
        yield Bound(definition, shape.in_list())


def list_method(facts: Facts, node: cst.Attribute, base: cst.CSTNode, shape: Shape, name: str) -> Iterator[Step]:
    """A method of a list of values."""
    call = facts.module.parent(node)
    mine = own_list(facts, base)
    match call:
        case cst.Call(args=[*_, cst.Arg(value=added, star="", keyword=None)]) if mine and name in _GROWING:
            yield Beside(added)
        case cst.Call(args=[]) if (mine or shape.type == RESPONSE) and name in _HARMLESS:
            pass
        case cst.Call(args=[]) if name == "pop" and mine:
            yield Flow(call, shape.item())
        case _:
            yield Veto("MG204", node, f"the {shape} is used by its method {name}")
