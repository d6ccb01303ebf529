"""Which expressions read an attribute or a key of the name under which a value is kept, whoever's it is."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import is_called, is_written

_BY_KEY = ("get", "pop", "setdefault")

_Reads = Iterator[tuple[cst.CSTNode, int]]


def reads(facts: Facts, node: cst.CSTNode, depth: int) -> _Reads:
    """The reads of each name under which the value of ``node`` is kept where it stands."""
    parent = facts.module.parent(node)
    match parent:
        case cst.Assign(targets=targets):
            for assigned in targets:
                yield from _kept(facts, assigned.target, parent, depth)
        case cst.AnnAssign(target=target):
            yield from _kept(facts, target, parent, depth)
        case cst.Return():
            yield from _calls_of_method(facts, parent, depth)
        case cst.Element():
            yield from _in_turn(facts, parent, depth)
        case cst.DictElement(key=cst.SimpleString() as key, value=value) if value is node:
            yield from _under(facts, key, depth)
        case cst.Arg(keyword=cst.Name(value=name)):
            yield from _attributes(facts, name, depth)
            yield from _keys(facts, name, depth)


def _kept(facts: Facts, target: cst.BaseExpression, holder: cst.CSTNode, depth: int) -> _Reads:
    match target:
        case cst.Attribute(attr=cst.Name(value=name)):
            yield from _attributes(facts, name, depth)
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]):
            yield from _under(facts, key, depth)
        case cst.Name(value=name):
            around = facts.module.enclosing(holder, cst.FunctionDef, cst.ClassDef)
            yield from _attributes(facts, name, depth) if isinstance(around, cst.ClassDef) else ()


def _in_turn(facts: Facts, element: cst.Element, depth: int) -> _Reads:
    """``self.text, self.usage = …``: what is kept of a display that is taken apart at once."""
    display = facts.module.parent(element)
    if not isinstance(display, cst.Tuple):
        return
    holder = facts.module.parent(display)
    match holder:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple(elements=targets))]):
            position = list(display.elements).index(element)
            if position < len(targets):
                yield from _kept(facts, targets[position].value, holder, depth)


def _calls_of_method(facts: Facts, statement: cst.Return, depth: int) -> _Reads:
    """Calls of a method by its name alone: on an object of a base class, of a protocol, or of no known class."""
    function = facts.module.enclosing(statement, cst.FunctionDef, cst.Lambda)
    if not isinstance(function, cst.FunctionDef) or facts.names.owner(function) is None:
        return
    for read in facts.module.attributes(function.name.value):
        call = facts.module.parent(read)
        if isinstance(call, cst.Call) and call.func is read:
            yield call, depth


def _attributes(facts: Facts, name: str, depth: int) -> _Reads:
    for read in facts.module.attributes(name):
        if not (is_written(facts, read) or is_called(facts, read) or _is_of_reply(facts, read.value)):
            yield read, depth


def _is_of_reply(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether ``node`` is what a legacy call gave: its own ``text`` is not what was kept of another."""
    found = facts.scopes.definitions(node) if isinstance(node, cst.Name) else frozenset()
    return bool(found) and all(_is_call(each.value) for each in found)


def _is_call(node: cst.BaseExpression | None) -> bool:
    match node:
        case cst.Await(expression=inner):
            return _is_call(inner)
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="generate_content" | "send_message"))):
            return True
    return False


def _under(facts: Facts, key: cst.SimpleString, depth: int) -> _Reads:
    name = key.evaluated_value
    yield from _keys(facts, name, depth) if isinstance(name, str) else ()


def _keys(facts: Facts, name: str, depth: int) -> _Reads:
    for item in facts.module.nodes(cst.Subscript):
        match item.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]:
                if key.evaluated_value == name and not is_written(facts, item):
                    yield item, depth
    for method in _BY_KEY:
        for read in facts.module.attributes(method):
            match facts.module.parent(read):
                case cst.Call(args=[cst.Arg(value=cst.SimpleString() as key), *_]) as call:
                    if key.evaluated_value == name and is_called(facts, read):
                        yield call, depth
