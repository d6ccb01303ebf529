"""What nothing in the file shows: whether a value visibly comes out of a function that is defined elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import Facts
from migrator.python.evidence.words import words

TEXT_WORDS = frozenset(
    "prompt prompts text texts question query message instruction instructions description caption".split()
)
_TEXT_MAKERS = TEXT_WORDS | frozenset(
    "str string template transcript summary title name story article format render dumps join input markdown".split()
)
_DEEPEST = 4


def is_made_unseen(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether a function of another file makes ``node``, or what it is taken from, and no name says that it is text."""
    if any(words(name) & TEXT_WORDS for name in _names(node)):
        return False
    return any(not _makes_text(call) and not facts.kinds.of(call) for call in _makers(facts, node, _DEEPEST))


def _makes_text(call: cst.Call) -> bool:
    return any(words(name) & _TEXT_MAKERS for name in _names(call.func))


def _names(node: cst.BaseExpression) -> Iterator[str]:
    """The names that ``node`` is written with: of variables, attributes and literal keys."""
    match node:
        case cst.Name(value=name):
            yield name
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            yield name
            yield from _names(value)
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
            yield from _names(value)
            if isinstance(index, cst.SimpleString):
                yield str(index.evaluated_value)
        case cst.Call(func=func):
            yield from _names(func)


def _makers(facts: Facts, node: cst.CSTNode, depth: int) -> Iterator[cst.Call]:
    """The calls of unseen functions that ``node`` may come from."""
    if depth == 0:
        return
    match node:
        case cst.Await(expression=inner):
            yield from _makers(facts, inner, depth)
        case cst.Call(func=func):
            function = facts.names.function(func)
            if function is None:
                yield node
            elif isinstance(function, cst.FunctionDef):
                for value in facts.names.returns(function):
                    yield from _makers(facts, value, depth - 1)
        case cst.Name():
            for definition in facts.scopes.definitions(node):
                if definition.value is not None and definition.kind in (Kind.ASSIGN, Kind.FOR, Kind.WITH):
                    yield from _makers(facts, definition.value, depth - 1)
        case cst.Attribute():
            for member in facts.kinds.members(node):
                yield from _makers(facts, member, depth - 1)
        case cst.Subscript(value=value):
            yield from _makers(facts, value, depth)
        case cst.Dict(elements=elements) | cst.List(elements=elements) | cst.Tuple(elements=elements):
            for element in elements:
                yield from _makers(facts, element.value, depth - 1)
