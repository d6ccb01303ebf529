"""Tuples that are assigned to tuples: ``texts, usage = [], None`` gives each name its own expression."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import Definition, Kind


def given(module: Module, definition: Definition) -> cst.BaseExpression | None:
    """The expression whose value ``definition`` gives its name; None where it is a part that is not written out."""
    target = module.parent(definition.node)
    if definition.kind is not Kind.UNPACK:
        return definition.value
    match target, definition.value:
        case cst.Tuple(elements=names), cst.Tuple(elements=values) if len(names) == len(values):
            if not isinstance(module.parent(target), cst.AssignTarget):
                return None
            if any(isinstance(each, cst.StarredElement) for each in (*names, *values)):
                return None
            pairs = zip(names, values, strict=True)
            return next((value.value for name, value in pairs if name is definition.node), None)
    return None
