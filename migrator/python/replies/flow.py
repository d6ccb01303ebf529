"""Where a value of a legacy type goes next inside a function: aliases, fields, items, loops, conditions.

``steps`` knows legacy types, not their meaning: it says what one expression's value is used for, one hop at a time.
What a use becomes is decided in ``reads``; a value that leaves what the file shows is a ``Veto``.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Level
from migrator.python.evidence.values import Facts
from migrator.python.replies import callbacks, callers, handed, kept, keyed, parameters
from migrator.python.replies.headers import SERVICE_TIER, service_tier
from migrator.python.replies.nowhere import never_read
from migrator.python.replies.uses import (
    CALLED,
    RESPONSE,
    TESTS,
    TURNS,
    Beside,
    Flow,
    How,
    Shape,
    Step,
    Use,
    Veto,
    how_used,
    is_called,
    is_written,
    read,
    value_of,
)
from migrator.python.streams import flow as stream_flow


def steps(facts: Facts, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """What becomes of the value of ``node`` where it stands."""
    known = _spelt(facts, node, shape)
    if known is not None:
        yield from known
        return
    parent = facts.module.parent(node)
    match parent:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node:
            yield from _field(facts, parent, node, shape, name)
        case cst.Subscript(value=value) if value is node:
            yield from _item(facts, parent, node, shape)
        case cst.Await() | cst.NamedExpr() | cst.IfExp() | cst.BooleanOperation():
            yield from _onward(facts, parent, node, shape)
        case cst.Assign(targets=targets):
            for assigned in targets:
                yield from kept.bound(facts, assigned.target, assigned, node, shape)
        case cst.AnnAssign(target=target, annotation=annotation):
            yield from callers.annotated(facts, annotation.annotation)
            yield from kept.bound(facts, target, parent, node, shape)
        case cst.For(iter=iterable) | cst.CompFor(iter=iterable) if iterable is node:
            yield from _iterated(facts, parent, node, shape)
        case cst.Return():
            yield from callers.returned(facts, parent, node, shape)
        case cst.Lambda(body=body) if body is node:
            yield from callbacks.from_callable(facts, parent, node, shape)
        case cst.Arg():
            yield from handed.handed(facts, parent, node, shape)
        case cst.ListComp(elt=element) | cst.GeneratorExp(elt=element) if element is node:
            yield from _gathered(facts, parent, node, shape)
        case cst.Yield() if shape == stream_flow.CHUNK:
            yield from stream_flow.yielded(facts, parent, node)
        case cst.Element() | cst.DictElement() | cst.StarredElement() | cst.Yield() | cst.DictComp() | cst.SetComp():
            yield from kept.kept(facts, parent, node, shape)
        case cst.Index():
            yield from keyed.as_key(facts, parent, node, shape)
        case cst.FormattedStringExpression():
            yield from handed.shown(node, shape)
        case cst.Del() | cst.Expr() | cst.Raise():
            pass
        case _:
            yield from _whole(facts, node, shape)


def _whole(facts: Facts, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    how, comparison = how_used(facts, node)
    if how is How.COMPARED and shape.type == "FunctionCall" and isinstance(comparison, cst.Comparison):
        yield from _calls_compared(comparison, node)
    elif how is How.COMPARED:
        yield Veto("MG204", node, f"the {shape.type} is compared as a whole")
    elif how not in TESTS:
        yield Veto("MG204", node, "the response is used here in a way that is not understood")


def _calls_compared(comparison: cst.Comparison, node: cst.CSTNode) -> Iterator[Step]:
    """``call not in calls``: another call, or a list of them, has to stand on the other side."""
    for side in (comparison.left, *(target.comparator for target in comparison.comparisons)):
        if side is not node:
            yield Beside(side)
    if node is not comparison.left:
        return  # said once
    message = "calls are compared with their ids, which are never the same: the same call made twice is two calls"
    advice = "Accept with --review where only the very same call is to be found again."
    yield Veto("MG203", node, message, Level.REVIEW, advice)


# Enums ---------------------------------------------------------------------------------------------------------------


def _spelt(facts: Facts, node: cst.CSTNode, shape: Shape) -> Iterator[Step] | None:
    """A member of an enum, which is spelt differently: a comparison ends its way; None where it goes on, or is none."""
    if facts.maps.response(shape.type, "value") is None or shape.listed:
        return None
    how, _ = how_used(facts, node)
    parent = facts.module.parent(node)
    if how in TESTS or how is How.DISCARDED:
        return iter(())
    if how is How.COMPARED:
        return iter([Use(node, node, shape, "", None, how)])
    match parent:
        case cst.Attribute() | cst.Assign() | cst.AnnAssign() | cst.NamedExpr() | cst.IfExp() | cst.BooleanOperation():
            return None
        case cst.Arg():
            return _spelt_argument(facts, parent, node, shape)
    return iter([Use(node, node, shape, "", None, How.VALUE)])


def _spelt_argument(facts: Facts, argument: cst.Arg, node: cst.CSTNode, shape: Shape) -> Iterator[Step] | None:
    call = facts.module.parent(argument)
    match call:
        case cst.Call(func=cst.Name(value="str")):
            return iter([Flow(call, shape)])
        case cst.Call(func=cst.Name(value="getattr" | "hasattr" | "isinstance")):
            return None
    if parameters.parameter_of(facts, argument) is not None:
        return None
    return iter([Use(node, node, shape, "", None, How.VALUE)])


# Reads ---------------------------------------------------------------------------------------------------------------


def _field(facts: Facts, node: cst.Attribute, base: cst.CSTNode, shape: Shape, name: str) -> Iterator[Step]:
    if shape.listed:
        yield from kept.list_method(facts, node, base, shape, name)
        return
    row = facts.maps.response(shape.type, name)
    tier = service_tier(facts, node) if name == SERVICE_TIER.field and shape.type == RESPONSE else None
    if tier is not None:
        yield read(facts, tier, base, shape, name, SERVICE_TIER)
    elif row is not None and is_written(facts, node):
        yield Veto("MG204", node, f"{shape.type}.{name} is assigned to")
    elif row is not None and row.via == CALLED:
        yield read(facts, node, base, shape, name, row)
        yield Flow(node, TURNS)
    elif row is not None:
        yield read(facts, node, base, shape, name, row)
        yield from value_of(node, row)
    elif name == "result" and shape.type == RESPONSE and is_called(facts, node):
        call = facts.module.parent(node)
        assert call is not None
        yield Flow(call, shape)  # a future or a task, which stands for what it gives
    elif facts.maps.response(shape.type, "value") is not None and hasattr(str, name):
        yield Use(base, base, shape, "", None, How.VALUE)  # a member is a text too
    elif not never_read(facts, node, base, name):
        yield Veto("MG201", node, f"{shape.type}.{name} is not a field of a response")


def _item(facts: Facts, node: cst.Subscript, base: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    match node.slice:
        case [cst.SubscriptElement(slice=cst.Index(value=index))] if shape.listed and not is_written(facts, node):
            yield read(facts, node, base, shape, f"[{facts.module.source(index)}]", None)
            yield Flow(node, shape.item())
        case [cst.SubscriptElement(slice=cst.Slice())] if shape.listed and not is_written(facts, node):
            yield read(facts, node, base, shape, "[:]", None)
            yield Flow(node, shape)
        case _:
            yield Veto("MG204", node, f"the {shape.type} is read like a dict")


# Aliases -------------------------------------------------------------------------------------------------------------


def _onward(facts: Facts, parent: cst.BaseExpression, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    match parent:
        case cst.NamedExpr(target=cst.Name() as target):
            yield from kept.bound(facts, target, parent, node, shape)
            yield Flow(parent, shape)
        case cst.IfExp(test=test) if test is node:
            pass
        case cst.IfExp(body=body, orelse=orelse):
            yield from _or_else(facts, orelse if body is node else body, shape)
            yield Flow(parent, shape)
        case cst.BooleanOperation(left=left, operator=cst.And()) if left is node:
            pass  # only its truth matters, or it is None
        case cst.BooleanOperation() if how_used(facts, node)[0] is How.TEST:
            pass
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
            yield from _or_else(facts, right if left is node else left, shape)
            yield Flow(parent, shape)
        case _:
            yield Flow(parent, shape)


def _or_else(facts: Facts, other: cst.BaseExpression, shape: Shape) -> Iterator[Step]:
    """What else the expression may give is read like the value; a word beside an enum's member is only shown."""
    if facts.maps.response(shape.type, "value") is None:
        yield Beside(other)


# Loops ---------------------------------------------------------------------------------------------------------------


def _iterated(facts: Facts, loop: cst.For | cst.CompFor, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    if not shape.listed:
        yield Veto("MG204", node, f"the {shape.type} is iterated over")
        return
    yield read(facts, node, node, shape, "[*]", None)
    if isinstance(loop.target, cst.Name):
        yield from kept.bound(facts, loop.target, loop, node, shape.item())
    else:
        yield Veto("MG204", node, "the loop takes the items apart")


def _gathered(facts: Facts, parent: cst.BaseExpression, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    if shape.listed:
        yield kept.lost(node, shape)
    elif how_used(facts, node)[0] is not How.TEST:
        yield Flow(parent, shape.several())
