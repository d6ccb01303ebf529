"""Whether an expression may be None, as far as the file shows; what it does not show counts as never None."""

from __future__ import annotations

from dataclasses import field

import libcst as cst

from migrator.python.evidence.command_line import may_be_left_out
from migrator.python.evidence.functions import decorator_names
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.module import Module
from migrator.python.evidence.names import Names
from migrator.python.evidence.scopes import Definition, Kind, Scopes, dotted
from migrator.python.evidence.unpacked import annotation, elements, unpacked
from migrator.records import dataclass

_ASKS = frozenset({"os.getenv", "os.environ.get"})
_UNIONS = frozenset({"Union", "Annotated", "Final", "ClassVar"})


@dataclass(slots=True)
class Nones:
    """Looks for None among the values of expressions of one module."""

    module: Module
    scopes: Scopes
    names: Names
    _asked: set[cst.CSTNode] = field(default_factory=set)

    def may_be(self, node: cst.BaseExpression) -> bool:
        """Whether ``node`` may be None where it stands: the conditions around it count."""
        source = self.module.source(node)
        if any(says_there(self.module, test, source, holds=holds) for test, holds in conditions(self.module, node)):
            return False
        self._asked.clear()
        return self._may_be(node)

    def _may_be(self, node: cst.CSTNode | None) -> bool:
        if node is None or node in self._asked:
            return False
        self._asked.add(node)
        match node:
            case cst.Name(value="None"):
                return True
            case cst.Name():
                return any(self._defined(each) for each in self.scopes.definitions(node))
            case cst.IfExp(test=test, body=body, orelse=orelse):
                sides = ((body, True), (orelse, False))
                return any(self._side(test, side, holds=holds) for side, holds in sides)
            case cst.BooleanOperation(operator=operator, left=left, right=right):
                return self._may_be(right) or (isinstance(operator, cst.And) and self._may_be(left))
            case cst.NamedExpr(value=value) | cst.Await(expression=value):
                return self._may_be(value)
            case cst.Attribute():
                return self._attribute(node)
            case cst.Call():
                return self._call(node)
        return False

    def _side(self, test: cst.BaseExpression, side: cst.BaseExpression, *, holds: bool) -> bool:
        return not says_there(self.module, test, self.module.source(side), holds=holds) and self._may_be(side)

    def _defined(self, definition: Definition) -> bool:
        match definition.kind:
            case Kind.PARAMETER if definition.annotation is not None:
                return is_optional(definition.annotation) or self._may_be(definition.value)
            case Kind.PARAMETER:
                passed = self.names.arguments_for(definition)
                return self._may_be(definition.value) or any(self._may_be(each) for each in passed)
            case Kind.ASSIGN:
                return self._may_be(definition.value)
            case Kind.UNPACK if (taken := unpacked(self, [definition])) is not None:
                said = annotation(*taken)
                return is_optional(said) if said is not None else any(map(self._may_be, elements(self, *taken)))
            case Kind.DECLARE if definition.annotation is not None:
                return is_optional(definition.annotation)
        return False

    def _attribute(self, node: cst.Attribute) -> bool:
        owner = self.names.class_of(node.value)
        members = self.names.held(owner, node.attr.value) if owner is not None else []
        return any(self._member(each) for each in members) or may_be_left_out(self, node)

    def _member(self, member: cst.CSTNode) -> bool:
        match member:
            case cst.Annotation(annotation=annotation):
                return is_optional(annotation)
            case cst.FunctionDef():
                return bool(decorator_names(member)) and self._returned(member)
        return self._may_be(member)

    def _call(self, node: cst.Call) -> bool:
        target = self.names.function(node.func)
        if isinstance(target, cst.FunctionDef):
            return self._returned(target)
        path = self.names.path(node.func) or dotted(node.func)
        match node.func, node.args:
            case cst.Attribute(attr=cst.Name(value="get")), [cst.Arg(value=cst.SimpleString())]:
                return True
            case cst.Name(value="getattr"), [_, _, cst.Arg(value=default)]:
                return self._may_be(default)
            case _, [_]:
                return path in _ASKS
        return False

    def _returned(self, function: cst.FunctionDef) -> bool:
        if function.returns is not None:
            return is_optional(function.returns.annotation)
        return any(self._may_be(value) for value in self.names.returns(function))


def is_optional(annotation: cst.BaseExpression) -> bool:
    """Whether an annotation says that there may be None: ``Optional[...]``, ``... | None``, also in quotes."""
    match annotation:
        case cst.SimpleString():
            text = str(annotation.evaluated_value).replace(" ", "")
            return text.startswith(("Optional[", "typing.Optional[")) or text.endswith("|None")
        case cst.Name(value="None"):
            return True
        case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
            return is_optional(left) or is_optional(right)
        case cst.Subscript(value=value, slice=elements):
            name = dotted(value).rpartition(".")[2]
            inner = [each.slice.value for each in elements if isinstance(each.slice, cst.Index)]
            return name == "Optional" or (name in _UNIONS and any(is_optional(each) for each in inner))
    return False
