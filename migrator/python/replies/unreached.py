"""Branches for plain data in the place of a reply: ``isinstance(part, dict)`` was false of every part, and still is.

Code that also takes JSON asks so. What stands there reads no reply, and what it assigns comes into no reply's place.
Not so for errors: ``gather(…, return_exceptions=True)`` gives one where a reply was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import libcst as cst

from migrator.python.evidence.guards import conditions
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import Shape

_DATA = frozenset("str bytes int float bool dict list tuple set".split())


def is_unreached(facts: Facts, node: cst.CSTNode, shape: Shape) -> bool:
    """Whether ``node`` holds a reply, or a piece of one, where a condition says that it is plain data."""
    asked = facts.module.source(node) if isinstance(node, (cst.Name, cst.Attribute)) else ""
    if not asked or not _is_an_object(facts, shape):
        return False
    return any(facts.module.source(base) == asked for base in _taken_for_data(facts, node))


def stands_unreached(facts: Facts, node: cst.CSTNode, known: Mapping[cst.CSTNode, Shape]) -> bool:
    """Whether ``node`` stands where a condition says that one of the ``known`` pieces of a reply is plain data."""
    return any(base in known and _is_an_object(facts, known[base]) for base in _taken_for_data(facts, node))


def _is_an_object(facts: Facts, shape: Shape) -> bool:
    """Whether a value of ``shape`` is an object of its own in both types: no list, no member of an enum."""
    return not shape.listed and not shape.inside and facts.maps.response(shape.type, "value") is None


def _taken_for_data(facts: Facts, node: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    """What the conditions around ``node`` say to be of builtin types."""
    for condition, holds in conditions(facts.module, node):
        yield from _data(condition) if holds else ()


def _data(condition: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    match condition:
        case cst.BooleanOperation(left=left, operator=cst.And(), right=right):
            yield from _data(left)
            yield from _data(right)
        case cst.Call(func=cst.Name(value="isinstance"), args=[base, kinds]):
            asked = kinds.value
            names = [each.value for each in asked.elements] if isinstance(asked, cst.Tuple) else [asked]
            if all(isinstance(name, cst.Name) and name.value in _DATA for name in names):
                yield base.value
