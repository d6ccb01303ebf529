"""Which expressions hold a given value later on: under names, in attributes, in collections and out of them again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain

import libcst as cst

from migrator.python.evidence import attributes
from migrator.python.evidence.values import Facts
from migrator.python.replies import named
from migrator.python.replies.parameters import parameter_of
from migrator.python.replies.uses import definitions_at, is_called, is_written

_DEEPEST = 3
_PUTTING = frozenset({"append", "appendleft", "add", "insert", "put", "put_nowait", "setdefault", "set"})
_TAKING = frozenset({"get", "get_nowait", "pop", "popleft", "setdefault"})
_SAME = frozenset({"list", "tuple", "set", "sorted", "reversed", "iter", "zip", "enumerate", "filter", "dict"})
_VIEWS = frozenset({"items", "values", "copy"})

_Place = tuple[cst.CSTNode, int]  # an expression, and how many collections deep it has the value


def holding(facts: Facts, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """``node`` and the expressions of this file that may be the same value later on."""
    return (each for each, depth in _followed(facts, node, by_exact_steps) if depth == 0)


def places(facts: Facts, node: cst.CSTNode) -> Iterator[_Place]:
    """The expressions that may hold the value of ``node``, and how many collections deep they have it.

    What is kept under an attribute, a key or a field is found wherever one of that name is read: to follow each object
    on its way would find fewer, and one too many does no harm to who asks whether None is told apart.
    """
    return _followed(facts, node, lambda *place: chain(by_exact_steps(*place), named.reads(*place)))


def by_exact_steps(facts: Facts, node: cst.CSTNode, depth: int) -> Iterator[_Place]:
    """The places that the value comes to next, as far as its way is in sight."""
    yield from _along(facts, node, depth)
    yield from _in_collections(facts, node, depth)


def _followed(
    facts: Facts, node: cst.CSTNode, following: Callable[[Facts, cst.CSTNode, int], Iterator[_Place]]
) -> Iterator[_Place]:
    waiting: list[_Place] = [(node, 0)]
    seen = set(waiting)
    while waiting:
        current, depth = waiting.pop()
        yield current, depth
        for place in following(facts, current, depth):
            if place not in seen and place[1] <= _DEEPEST:
                seen.add(place)
                waiting.append(place)


def _along(facts: Facts, node: cst.CSTNode, depth: int) -> Iterator[_Place]:
    """The expressions with the same value as ``node``."""
    parent = facts.module.parent(node)
    found: Iterator[cst.CSTNode] = iter(())
    match parent:
        case cst.Assign(targets=targets):
            found = (each for assigned in targets for each in _kept(facts, assigned.target, assigned))
        case cst.AnnAssign(target=target):
            found = _kept(facts, target, parent)
        case cst.NamedExpr(target=cst.Name() as target):
            found = iter([*_kept(facts, target, parent), parent])
        case cst.IfExp(test=test) if test is not node:
            found = iter([parent])
        case cst.BooleanOperation(left=left, operator=operator) if left is not node or isinstance(operator, cst.And):
            found = iter([parent])
        case cst.Return() | cst.Lambda():
            found = _results(facts, parent)
        case cst.Await():
            found = iter([parent])
        case cst.Param(default=default) if default is node:
            found = (read for each in definitions_at(facts, parent.name, parent) for read in facts.scopes.reads(each))
        case cst.Arg():
            found = _passed(facts, parent)
    return ((each, depth) for each in found)


def _results(facts: Facts, holder: cst.Return | cst.Lambda) -> Iterator[cst.CSTNode]:
    if isinstance(holder, cst.Return):
        function = facts.module.enclosing(holder, cst.FunctionDef, cst.Lambda)
        yield from facts.names.calls_of(function) if isinstance(function, cst.FunctionDef) else ()
        return
    match facts.module.parent(holder):
        case cst.Call() as called if called.func is holder:
            yield called
        case cst.Assign(targets=targets):
            for assigned in targets:
                for read in _kept(facts, assigned.target, assigned):
                    call = facts.module.parent(read)
                    if is_called(facts, read) and call is not None:
                        yield call


def _passed(facts: Facts, argument: cst.Arg) -> Iterator[cst.CSTNode]:
    """Reads of the parameter, or of the field, that ``argument`` becomes."""
    definition = parameter_of(facts, argument)
    if definition is not None:
        yield from facts.scopes.reads(definition)
        return
    call = facts.module.parent(argument)
    if not isinstance(call, cst.Call):
        return
    if facts.names.path(call.func) == "typing.cast":
        yield call
    made = facts.names.function(call.func)
    if isinstance(made, cst.ClassDef):
        name = attributes.field_name(facts, made, call, argument)
        yield from _attribute(facts, made, name) if name is not None else ()


def _kept(facts: Facts, target: cst.BaseExpression, holder: cst.CSTNode) -> Iterator[cst.CSTNode]:
    match target:
        case cst.Name():
            for definition in definitions_at(facts, target, holder):
                yield from facts.scopes.reads(definition)
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            owner = facts.names.class_of(value)
            yield from _attribute(facts, owner, name) if owner is not None else ()


def _attribute(facts: Facts, owner: cst.ClassDef, name: str) -> Iterator[cst.CSTNode]:
    relatives = attributes.family(facts, owner)
    for read in facts.module.attributes(name):
        if not is_written(facts, read) and facts.names.class_of(read.value) in relatives:
            yield read


# Collections ---------------------------------------------------------------------------------------------------------


def _in_collections(facts: Facts, node: cst.CSTNode, depth: int) -> Iterator[_Place]:
    """The collections that ``node`` is put into, and what is taken out of it where it is one."""
    parent = facts.module.parent(node)
    match parent:
        case cst.Element() | cst.DictElement() | cst.StarredElement():
            display = facts.module.parent(parent)
            if display is not None:
                yield display, depth + (not isinstance(parent, cst.StarredElement))
        case cst.ListComp(elt=element) | cst.SetComp(elt=element) | cst.GeneratorExp(elt=element) if element is node:
            yield parent, depth + 1
        case cst.DictComp(value=value) if value is node:
            yield parent, depth + 1
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Subscript(value=cst.Name() as items))]):
            yield from _reads(facts, items, depth + 1)
        case cst.Arg():
            yield from _in_call(facts, parent, depth)
        case cst.Yield():
            function = facts.module.enclosing(parent, cst.FunctionDef, cst.Lambda)
            calls = facts.names.calls_of(function) if isinstance(function, cst.FunctionDef) else []
            yield from ((call, depth + 1) for call in calls)
    if depth:
        yield from ((each, depth - 1) for each in _taken_out(facts, node))
        if depth > 1 and isinstance(parent, (cst.For, cst.CompFor)) and isinstance(parent.target, cst.Tuple):
            yield from ((each, depth - 2) for each in _taken_out(facts, node))  # out of the pairs too
        yield from ((each, depth) for each in _views(facts, node))


def _in_call(facts: Facts, argument: cst.Arg, depth: int) -> Iterator[_Place]:
    call = facts.module.parent(argument)
    match call:
        case cst.Call(func=cst.Attribute(value=cst.Name() as items, attr=cst.Name(value=name))) if name in _PUTTING:
            yield from _reads(facts, items, depth + 1)
            if name == "setdefault":
                yield call, depth
        case cst.Call(func=cst.Name(value=name)) if depth and name in _SAME:
            yield call, depth
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="gather"))):
            yield call, depth if argument.star else depth + 1


def _reads(facts: Facts, name: cst.Name, depth: int) -> Iterator[_Place]:
    for definition in facts.scopes.definitions(name):
        yield from ((read, depth) for read in facts.scopes.reads(definition))


def _taken_out(facts: Facts, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Items of the collection ``node``."""
    parent = facts.module.parent(node)
    match parent:
        case cst.For(iter=items, target=target) | cst.CompFor(iter=items, target=target) if items is node:
            yield from _unpacked(facts, target, parent)
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index())]) if value is node:
            yield parent
        case cst.Attribute(attr=cst.Name(value=name)) if name in _TAKING and is_called(facts, parent):
            call = facts.module.parent(parent)
            assert call is not None
            yield call
        case cst.Assign(targets=targets):
            for assigned in targets:
                if isinstance(assigned.target, (cst.Tuple, cst.List)):
                    yield from _unpacked(facts, assigned.target, assigned)


def _unpacked(facts: Facts, target: cst.BaseExpression, holder: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if not isinstance(target, (cst.Tuple, cst.List)):
        yield from _kept(facts, target, holder)
        return
    for element in target.elements:
        if isinstance(element.value, cst.Name):
            made = definitions_at(facts, element.value, element) or definitions_at(facts, element.value, holder)
            for definition in made:
                yield from facts.scopes.reads(definition)
        elif isinstance(element.value, cst.Attribute):
            yield from _kept(facts, element.value, holder)


def _views(facts: Facts, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Other collections of the same items."""
    parent = facts.module.parent(node)
    match parent:
        case cst.Attribute(attr=cst.Name(value=name)) if name in _VIEWS and is_called(facts, parent):
            call = facts.module.parent(parent)
            assert call is not None
            yield call
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Slice())]):
            yield parent
