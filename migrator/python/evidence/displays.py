"""The display that a name stands for: ``KINDS = {"png": "image/png"}``, and what is put into it later."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.sight import Sight

_READING = frozenset({"get", "items", "keys", "values", "copy", "index", "count"})
_CHANGING = frozenset("append extend insert update setdefault pop popitem clear remove sort reverse".split())
_ASKING = frozenset("len list tuple sorted reversed set enumerate zip print any all join isinstance".split())
_DISPLAYS = (cst.List, cst.Tuple, cst.Set, cst.ListComp, cst.Dict, cst.DictComp)


def shown(sight: Sight, node: cst.BaseExpression) -> tuple[cst.BaseExpression, list[cst.BaseExpression | None]] | None:
    """The display that a name stands for, and what is put into it later; None among that for what does not show."""
    found = sight.scopes.definitions(node) if isinstance(node, cst.Name) else frozenset()
    if len(found) != 1:
        return None
    (definition,) = found
    if not isinstance(definition.value, _DISPLAYS) or definition.kind is not Kind.ASSIGN:
        return None
    reads = (read for read in sight.scopes.reads(definition) if not is_only_read(sight.module, read))
    return definition.value, [_added(sight.module, read) for read in reads]


def _added(module: Module, read: cst.Name) -> cst.BaseExpression | None:
    """The one item that a mention of a list or a dict puts into it."""
    holder = module.parent(read)
    match holder, module.parent(holder) if holder is not None else None:
        case cst.Attribute(attr=cst.Name(value="append")), cst.Call(args=[cst.Arg(value=value)]):
            return value
        case cst.Subscript(), cst.AssignTarget() as target:
            assignment = module.parent(target)
            return assignment.value if isinstance(assignment, cst.Assign) else None
    return None


def is_only_read(module: Module, read: cst.BaseExpression) -> bool:
    """Whether a mention of a list or a dict only takes items out of it."""
    holder = module.parent(read)
    match holder:
        case cst.Subscript(value=value) if value is read:
            return not _is_changed(module, holder)
        case cst.Attribute(attr=cst.Name(value=name)):
            return name in _READING
        case cst.Arg():
            call = module.parent(holder)
            return isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value in _ASKING
        case cst.ComparisonTarget() | cst.For() | cst.CompFor():
            return True
    return False


def _is_changed(module: Module, item: cst.Subscript) -> bool:
    """Whether an item, or something inside of it, is replaced or changed."""
    node: cst.CSTNode = item
    holder = module.parent(node)
    while isinstance(holder, cst.Subscript) and holder.value is node:
        node, holder = holder, module.parent(holder)
    match holder:
        case cst.Attribute(attr=cst.Name(value=name)):
            return name in _CHANGING
    return isinstance(holder, (cst.AssignTarget, cst.AugAssign, cst.Del))
