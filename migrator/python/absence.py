"""Whether None, which an empty answer gave, is told apart from an empty value later on."""

from __future__ import annotations

import libcst as cst

from migrator.python.holding import holding
from migrator.python.uses import TESTS, How, how_used
from migrator.python.values import Facts

_OF_NONE = frozenset({"AttributeError", "TypeError"})


def none_matters(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node``, kept or passed on inside this file, is compared with None somewhere."""
    return any(
        how_used(facts, each)[0] in (How.IS_NONE, How.IS_NOT_NONE)
        or _is_declared(facts, each)
        or _is_asked(facts, each)
        or _is_among(facts, each)
        or _is_matched(facts, each)
        for each in holding(facts, node)
    )


def is_doubted(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node`` is tested somewhere, as if it might not be there."""
    return any(how_used(facts, each)[0] in TESTS or _is_asked(facts, each) for each in holding(facts, node))


def _is_asked(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``isinstance`` or ``type`` asks for the type of ``node``."""
    argument = facts.module.parent(node)
    match facts.module.parent(argument) if isinstance(argument, cst.Arg) else None:
        case cst.Call(func=cst.Name(value="isinstance" | "type")):
            return True
    return False


def _is_among(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``node`` is looked for in a display that has None: ``text in (None, "")``."""
    match facts.module.parent(node):
        case cst.Comparison(
            left=left,
            comparisons=[
                cst.ComparisonTarget(
                    operator=cst.In() | cst.NotIn(),
                    comparator=cst.Tuple(elements=items) | cst.List(elements=items) | cst.Set(elements=items),
                )
            ],
        ) if left is node:
            return any(isinstance(item.value, cst.Name) and item.value.value == "None" for item in items)
    return False


def _is_matched(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether a ``match`` statement takes ``node`` apart."""
    parent = facts.module.parent(node)
    return isinstance(parent, cst.Match) and parent.subject is node


def failure_matters(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node`` is used as a text where a handler catches that None is none."""
    return any(_may_fail(facts, each) for each in holding(facts, node))


def _may_fail(facts: Facts, node: cst.CSTNode) -> bool:
    parent = facts.module.parent(node)
    if not isinstance(parent, (cst.Attribute, cst.Subscript, cst.Arg, cst.BinaryOperation)):
        return False
    inner: cst.CSTNode = node
    for holder in facts.module.ancestors(node):
        if isinstance(holder, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            return False
        if isinstance(holder, cst.Try) and holder.body is inner:
            return any(_catches_none(handler.type) for handler in holder.handlers)
        inner = holder
    return False


def _catches_none(caught: cst.BaseExpression | None) -> bool:
    match caught:
        case cst.Name(value=name):
            return name in _OF_NONE
        case cst.Tuple(elements=elements):
            return any(_catches_none(element.value) for element in elements)
    return False


def _is_declared(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether a function promises that what it returns may be None."""
    statement = facts.module.parent(node)
    if not isinstance(statement, cst.Return):
        return False
    match facts.module.enclosing(statement, cst.FunctionDef, cst.Lambda):
        case cst.FunctionDef(returns=cst.Annotation(annotation=annotation)):
            source = facts.module.source(annotation)
            return "None" in source or "Optional" in source
    return False
