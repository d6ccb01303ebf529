"""Whether None, which an empty answer gave, is told apart from an empty value later on."""

from __future__ import annotations

import libcst as cst

from migrator.python.holding import holding
from migrator.python.uses import How, definitions_at, how_used
from migrator.python.values import Facts

_UNCERTAIN = (cst.IfExp, cst.BooleanOperation, cst.Lambda, cst.IndentedBlock)  # what may leave out a part of itself
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


def fails_on_none(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether None in the place of ``node`` raises an error there or in the next line, which the function lets out."""
    match facts.module.parent(node):
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as name) as holder]):
            fails = _fails_next(facts, name, holder)
        case cst.AnnAssign(target=cst.Name() as name) as holder:
            fails = _fails_next(facts, name, holder)
        case _:
            fails = _is_taken_apart(facts, node)
    return fails and not _is_guarded(facts, node)


def _is_taken_apart(facts: Facts, node: cst.CSTNode) -> bool:
    match facts.module.parent(node):
        case cst.Attribute() | cst.Subscript():
            return True
        case cst.For(iter=iterated) | cst.CompFor(iter=iterated):
            return iterated is node
    return False


def _fails_next(facts: Facts, name: cst.Name, holder: cst.CSTNode) -> bool:
    """Whether all reads of a name take it apart, and the next statement does it first of all."""
    reads = [read for each in definitions_at(facts, name, holder) for read in facts.scopes.reads(each)]
    if not reads or not all(_is_taken_apart(facts, read) for read in reads):
        return False
    statement = facts.module.statement(holder)
    block = facts.module.parent(statement)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)) or block.body[-1] is statement:
        return False
    following = block.body[block.body.index(statement) + 1]
    return any(_is_evaluated_by(facts, read, following) for read in reads)


def _is_evaluated_by(facts: Facts, read: cst.Name, statement: cst.CSTNode) -> bool:
    """Whether nothing decides if ``statement`` comes to ``read``."""
    inner: cst.CSTNode = read
    for holder in facts.module.ancestors(read):
        if holder is statement:
            return isinstance(holder, (cst.SimpleStatementLine, cst.For))
        first = isinstance(holder, cst.CompFor) and holder.iter is inner
        looped = isinstance(holder, (cst.BaseComp, cst.CompFor)) and not first and not isinstance(inner, cst.CompFor)
        if looped or isinstance(holder, _UNCERTAIN):
            return False
        inner = holder
    return False


def _is_guarded(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether something in the function may catch an error of ``node``."""
    for holder in facts.module.ancestors(node):
        if isinstance(holder, (cst.FunctionDef, cst.Lambda)):
            return False
        if isinstance(holder, (cst.Try, cst.TryStar)) or (isinstance(holder, cst.With) and _suppresses(facts, holder)):
            return True
    return False


def _suppresses(facts: Facts, manager: cst.With) -> bool:
    return any("suppress" in facts.module.source(item.item) for item in manager.items)


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
