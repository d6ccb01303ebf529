"""A configuration that is made of another one: copied, updated, merged."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import TYPES, Facts, Place, Reader
from migrator.records import dataclass

_COPIES = ("copy.copy", "copy.deepcopy")
_DEEP = 5


@dataclass(frozen=True, slots=True)
class Copies:
    """Reads such configurations as the fields of the other with more fields after them."""

    facts: Facts
    reader: Reader

    def read(self, node: cst.BaseExpression, place: Place) -> ir.Value | None:
        """The configuration that ``node`` makes of another one; None where that is not visible."""
        match node:
            case cst.Call(func=cst.Attribute(value=base, attr=cst.Name(value="model_copy" | "copy"))):
                return self._updated(node, base, place)
            case cst.Call(func=func, args=[cst.Arg(value=base, keyword=None, star="")]) if self._copies(func):
                whole = self.facts.names.path(func) == "copy.deepcopy"
                return self._same(node, base, place) if whole else self._merged(node, (base,), place)
            case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
                return self._merged(node, (left, right), place)
        return None

    def _copies(self, function: cst.BaseExpression) -> bool:
        if self.facts.names.path(function) in _COPIES:
            return True
        return (
            isinstance(function, cst.Name) and function.value == "dict" and not self.facts.scopes.definitions(function)
        )

    def _updated(self, node: cst.Call, base: cst.BaseExpression, place: Place) -> ir.Value | None:
        """``base.model_copy(update={...})``."""
        given = {argument.keyword.value: argument.value for argument in node.args if argument.keyword is not None}
        if len(given) != len(node.args) or given.keys() - {"update", "deep"}:
            return None
        return self._merged(node, (base, *([given["update"]] if "update" in given else [])), place)

    def _merged(self, node: cst.CSTNode, bases: tuple[cst.BaseExpression, ...], place: Place) -> ir.Value | None:
        found = [self.reader.read(base, place) for base in bases]
        if not all(_is_visible(value) for value in found):
            return None
        return ir.Record("dict", tuple(ir.Field("**", ir.Spread(value, node), node) for value in found), node)

    def _same(self, node: cst.Call, base: cst.BaseExpression, place: Place) -> ir.Value | None:
        """A deep copy of a dict is made as that of an object was."""
        match self.reader.read(base, place):
            case ir.Record() as record:
                return record
            case ir.Opaque(type=ir.PLANNED, hint=hint, was=was):
                return ir.Opaque(node, ir.PLANNED, hint=hint, was=was)
        return None


def is_own(facts: Facts, value: ir.Value) -> bool:
    """Whether a rewritten configuration is made where it is read, so that it is nobody else's."""
    match value:
        case ir.Opaque(origin=cst.Call() as node):
            return facts.names.path(node.func) == "copy.deepcopy" or _is_made(facts, node, 0)
    return False


def _is_made(facts: Facts, node: cst.BaseExpression, depth: int) -> bool:
    """Whether evaluating ``node`` makes a new object each time."""
    match node:
        case cst.Dict():
            return True
        case cst.Name() if depth:
            found = facts.scopes.definitions(node)
            local = all(isinstance(each.scope.node, cst.FunctionDef) and each.kind is Kind.ASSIGN for each in found)
            values = [each.value for each in found if each.value is not None]
            return bool(found) and local and all(_is_made(facts, value, depth + 1) for value in values)
        case cst.Call(func=func) if facts.names.path(func).startswith(TYPES):
            return True
        case cst.Call(func=func):
            function = facts.names.function(func)
            if depth > _DEEP or not isinstance(function, cst.FunctionDef) or function.decorators:
                return False
            return all(_is_made(facts, value, depth + 1) for value in facts.names.returns(function))
    return False


def is_copied(facts: Facts, read: cst.CSTNode) -> bool:
    """Whether a read of a configuration makes another one of it, which shares what is inside."""
    parent = facts.module.parent(read)
    match parent:
        case cst.StarredDictElement() | cst.BinaryOperation():
            return True
        case cst.Attribute(attr=cst.Name(value="model_copy" | "copy")):
            return True
        case cst.Arg():
            call = facts.module.parent(parent)
            path = facts.names.path(call.func) if isinstance(call, cst.Call) else ""
            named = isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value == "dict"
            return named or path in ("copy.copy", f"{TYPES}GenerateContentConfig")
    return False


def _is_visible(value: ir.Value) -> bool:
    return isinstance(value, ir.Record) or (isinstance(value, ir.Opaque) and value.type == ir.PLANNED)
