"""Futures of responses as the keys of a dict, whose values say what was asked: ``{pool.submit(…): prompt}``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies import containers, kept
from migrator.python.replies.uses import KEYS, Beside, Bound, Flow, Shape, Step, Veto, at, is_called, is_written
from migrator.python.requests.bindings import binding_of

_OF_VALUES = frozenset({"values", "get", "pop", "clear"})
_IN_ORDER = frozenset({"list", "tuple", "iter"})


def steps(facts: Facts, node: cst.CSTNode, shape: Shape) -> list[Step] | None:
    """What becomes of the keys of ``node`` where it stands; None where it is used as any container is."""
    inner = shape.unwrapped()
    parent = facts.module.parent(node)
    match parent:
        case cst.For(iter=iterable, target=target) | cst.CompFor(iter=iterable, target=target) if iterable is node:
            return list(containers.taken_apart(facts, target, parent, node, inner))
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=key))]) if value is node:
            return [Beside(key)] if is_written(facts, parent) else []
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node and is_called(facts, parent):
            call = facts.module.parent(parent)
            assert call is not None
            given = {"keys": inner.in_list(), "items": inner.within(at(0)).in_list()}
            return [Flow(call, given[name])] if name in given else [] if name in _OF_VALUES else None
        case cst.Arg():
            call = facts.module.parent(parent)
            if isinstance(call, cst.Call) and _gives_keys(facts, call):
                return [Flow(call, inner.in_list())]
    return None


def _gives_keys(facts: Facts, call: cst.Call) -> bool:
    if isinstance(call.func, cst.Name) and not facts.scopes.definitions(call.func):
        return call.func.value in _IN_ORDER
    return (facts.names.path(call.func) or dotted(call.func)).rpartition(".")[2] == "as_completed"


def as_key(facts: Facts, index: cst.Index, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """``asked[future] = prompt`` puts a key into a dict that the file makes; ``asked[future]`` looks for one."""
    element = facts.module.parent(index)
    entry = facts.module.parent(element) if element is not None else None
    if not isinstance(entry, cst.Subscript):
        yield kept.lost(node, shape)
        return
    binding = binding_of(facts, entry.value)
    if not is_written(facts, entry):
        if binding is None or not all(_is_dict(facts, value) for value in binding.values):
            yield Veto("MG204", node, "the response is used here in a way that is not understood")
        return
    if binding is None or binding.outside or not all(_is_empty(facts, value) for value in binding.values):
        yield kept.lost(node, shape)
        return
    yield from kept.open_to_others(facts, entry.value, node)
    yield from (Bound(definition, shape.within(KEYS)) for definition in binding.definitions)
    yield from (Flow(read, shape.within(KEYS)) for read in binding.reads)


def _is_dict(facts: Facts, value: cst.BaseExpression) -> bool:
    """Whether ``value`` is a dict for certain: an object of another class may read what it is asked for."""
    return isinstance(value, (cst.Dict, cst.DictComp)) or containers.is_table(facts, value)


def _is_empty(facts: Facts, value: cst.BaseExpression) -> bool:
    return containers.is_table(facts, value) and not (isinstance(value, cst.Dict) and value.elements)


def in_display(display: cst.Dict, element: cst.DictElement, shape: Shape) -> Iterator[Step]:
    """``{future: prompt}``, whose other keys have to be futures too."""
    for each in display.elements:
        if each is not element:
            yield Beside(each.key if isinstance(each, cst.DictElement) else each.value)
    yield Flow(display, shape.within(KEYS))
