"""Bindings of names, and the scopes that own them."""

from __future__ import annotations

from dataclasses import field
from enum import Enum

import libcst as cst

from migrator.records import dataclass


class Kind(Enum):
    """How a name is bound."""

    ASSIGN = "assign"
    UNPACK = "unpack"
    AUGMENT = "augment"
    DECLARE = "declare"  # an annotation without a value
    PARAMETER = "parameter"
    IMPORT = "import"
    FUNCTION = "function"
    CLASS = "class"
    FOR = "for"
    WITH = "with"
    EXCEPT = "except"
    DELETE = "delete"
    PATTERN = "pattern"


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """One binding of ``name``: the node that binds it, and the expression it is bound to or drawn from."""

    name: str
    kind: Kind
    node: cst.CSTNode
    value: cst.BaseExpression | None
    scope: Scope
    annotation: cst.BaseExpression | None = None
    module: str = ""  # the dotted name that an import binds


@dataclass(eq=False, slots=True)
class Scope:
    """A module, class, function, lambda or comprehension, and the definitions of its own names."""

    node: cst.CSTNode
    outer: Scope | None
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)  # names declared global or nonlocal

    @property
    def is_class(self) -> bool:
        """Whether names defined here are invisible to nested functions."""
        return isinstance(self.node, cst.ClassDef)


def dotted(node: cst.CSTNode) -> str:
    """``a.b.c`` for a name or an attribute of names, else an empty string."""
    match node:
        case cst.Name(value=name):
            return name
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            base = dotted(value)
            return f"{base}.{name}" if base else ""
    return ""
