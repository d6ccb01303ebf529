"""Conversations whose turns are stored elsewhere: nothing here makes them, so they become steps while the code runs."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import Facts
from migrator.python.evidence.words import words

_CONTENT = "google.genai.types.Content"
_TURN_WORDS = frozenset({"content", "contents"})


def is_told_before(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether ``node`` is a list of stored turns and the turns after them: ``[… for content in …] + [content]``."""
    match node:
        case cst.Name():
            value = _only_value(facts, node)
            return value is not None and is_told_before(facts, value)
        case cst.BinaryOperation(left=left, operator=cst.Add(), right=cst.List(elements=elements)) if elements:
            return _is_stored(facts, left) and all(_is_turn(facts, each.value) for each in elements)
    return False


def _is_stored(facts: Facts, node: cst.BaseExpression) -> bool:
    """``[content for turn in turns for content in turn["messages"]]``: whoever stored them made them."""
    match node:
        case cst.Name():
            value = _only_value(facts, node)
            return value is not None and _is_stored(facts, value)
        case cst.ListComp(elt=cst.Name() as element):
            drawn = facts.scopes.definitions(element)
            return len(drawn) == 1 and all(each.kind is Kind.FOR for each in drawn) and _is_turn(facts, element)
    return False


def _is_turn(facts: Facts, node: cst.BaseExpression) -> bool:
    kind = facts.kinds.of(node)
    return kind == _CONTENT or (isinstance(node, cst.Name) and not kind and bool(words(node.value) & _TURN_WORDS))


def _only_value(facts: Facts, node: cst.Name) -> cst.BaseExpression | None:
    """What the one assignment gives ``node``, where its list does not grow afterwards."""
    found = facts.scopes.definitions(node)
    if len(found) != 1:
        return None
    (definition,) = found
    return definition.value if definition.kind is Kind.ASSIGN and len(facts.scopes.reads(definition)) == 1 else None
