"""What an expression holds where it is read, through the names that stand for it.

A name may hold one of several values: all that may reach the read are given, as alternatives. What is done to a dict or
a list after it was made is followed where it only adds; where something is taken out, the value is not visible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field, replace

import libcst as cst

from migrator import ir
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts, Place, Reader
from migrator.python.requests.bindings import binding_of
from migrator.records import dataclass
from migrator.schema import target
from migrator.verification.body import ABSENT, PATH, alternatives

_SDK_CLASSES = "google.genai.interactions."
_TAKING = frozenset({"pop", "popitem", "clear", "remove", "sort", "reverse", "__delitem__"})
_PATHS = ("os.path.join", "os.path.abspath", "os.path.expanduser", "os.path.realpath")
_ANYWHERE = Place("", "")
_MOST = 8  # alternatives of one name; more are not told apart
_TAKEN = ir.Unknown("something is taken out of it")
_OPEN = ir.Field("**", ir.Spread(ir.Unknown("more may be given")))


@dataclass(slots=True)
class NamedValues:
    """Reads the values of one module; ``following`` holds the names that are being read."""

    facts: Facts
    following: set[object] = field(default_factory=set)

    def read(self, node: cst.BaseExpression) -> ir.Value:
        """What ``node`` holds."""
        return self._opened(Reader(self.facts, self._follow).read(node, _ANYWHERE))

    def _opened(self, value: ir.Value) -> ir.Value:
        """``value`` with dicts that have a computed key as far as they show themselves."""
        match value:
            case ir.Unknown(origin=cst.Dict() as node):
                return ir.Record("dict", tuple(self._entries(node)), node)
            case ir.Record(fields=fields):
                return replace(value, fields=tuple(replace(each, value=self._opened(each.value)) for each in fields))
            case ir.Sequence(items=items):
                return replace(value, items=tuple(self._opened(item) for item in items))
            case ir.Spread(value=inner):
                return replace(value, value=self._opened(inner))
            case ir.Choice(then=then, otherwise=otherwise):
                return replace(value, then=self._opened(then), otherwise=self._opened(otherwise))
        return value

    def _entries(self, node: cst.Dict) -> Iterator[ir.Field]:
        for element in node.elements:
            match element:
                case cst.DictElement(key=cst.SimpleString() as key, value=value):
                    yield ir.Field(str(key.evaluated_value), self.read(value), element)
                case _:
                    yield replace(_OPEN, origin=element)

    # Following -----------------------------------------------------------------------------------------------------

    def _follow(self, node: cst.BaseExpression, _place: Place) -> ir.Value | None:
        match node:
            case cst.Name():
                return self._there(node, self._guarded(node, self._definitions(node)))
            case cst.Attribute():
                binding = binding_of(self.facts, node)
                found = self._guarded(node, map(self.read, binding.values if binding is not None else ()))
                return self._there(node, self._added_to(found))
            case cst.Call():
                return self._call(node)
            case cst.BooleanOperation(left=left, right=right):
                return ir.Choice(None, self.read(left), self.read(right), node)
            case cst.NamedExpr(value=value) | cst.Await(expression=cst.NamedExpr(value=value)):
                return self.read(value)
            case cst.BinaryOperation(left=left, operator=cst.BitOr(), right=right):
                return self._merged(node, left, right)
        return None

    def _guarded(self, node: cst.CSTNode, values: Iterable[ir.Value | None]) -> ir.Value | None:
        """The alternatives of a name; None where there are none, or where it is made from itself."""
        if node in self.following:
            return None
        self.following.add(node)
        found = list(values)
        self.following.discard(node)
        if not found or len(found) > _MOST:
            return None
        seen = [ir.Opaque(node) if value is None else value for value in found]
        if not any(
            isinstance(each, (ir.Record, ir.Sequence, ir.Literal)) for one in seen for each in alternatives(one)
        ):
            return None  # nothing but other expressions: what is known of the name itself says more
        whole = seen[0]
        for other in seen[1:]:
            whole = ir.Choice(None, whole, other, node)
        return whole

    def _there(self, node: cst.BaseExpression, value: ir.Value | None) -> ir.Value | None:
        """``value`` of a name without None, where a condition around ``node`` says that it holds something."""
        if not isinstance(value, ir.Choice) or not any(map(_is_none, alternatives(value))):
            return value
        module, source = self.facts.module, self.facts.module.source(node)
        if not any(says_there(module, test, source, holds=holds) for test, holds in conditions(module, node)):
            return value
        return _without_none(value)

    def _definitions(self, node: cst.Name) -> Iterator[ir.Value | None]:
        found = sorted(self.facts.scopes.definitions(node), key=lambda each: self.facts.module.order(each.node))
        for definition in found:
            match definition:
                case Definition(kind=Kind.ASSIGN, value=value) if (
                    value is not None and definition not in self.following
                ):
                    self.following.add(definition)
                    yield self._changed(definition, self.read(value))
                    self.following.discard(definition)
                case Definition(kind=Kind.PARAMETER) if len(found) == 1 and not self._is_told_apart(definition):
                    yield from map(self.read, self.facts.names.arguments_for(definition))
                    yield self.read(definition.value) if definition.value is not None else None
                    yield None  # what callers elsewhere pass
                case _:
                    yield None

    def _is_told_apart(self, parameter: Definition) -> bool:
        """Whether the function asks what it was given: then not every value reaches every place."""
        return any(self._is_tested(read) for read in self.facts.scopes.reads(parameter))

    def _is_tested(self, read: cst.Name) -> bool:
        inner: cst.CSTNode = read
        for holder in self.facts.module.ancestors(read):
            match holder:
                case cst.If(test=test) | cst.IfExp(test=test) | cst.While(test=test) if test is inner:
                    return True
                case cst.Comparison() | cst.BooleanOperation() | cst.UnaryOperation() | cst.Match() | cst.Assert():
                    return True
                case cst.Call(func=cst.Name(value="isinstance" | "hasattr" | "callable")):
                    return True
                case cst.BaseStatement() | cst.BaseSmallStatement():
                    return False
            inner = holder
        return False

    def _call(self, node: cst.Call) -> ir.Value | None:
        path = self.facts.names.path(node.func)
        if path.startswith(_SDK_CLASSES):
            return self._sdk_object(node, path.removeprefix(_SDK_CLASSES))
        if path in _PATHS:
            return ir.Opaque(node, PATH)
        function = self.facts.names.function(node.func)
        if not isinstance(function, cst.FunctionDef) or function in self.following or function.asynchronous is not None:
            return None
        if any(isinstance(each, cst.Yield) for each in descendants(function.body)):
            return None
        self.following.add(function)
        found = self._guarded(node, map(self.read, self.facts.names.returns(function)))
        self.following.discard(function)
        return found

    def _sdk_object(self, node: cst.Call, name: str) -> ir.Value | None:
        """``interactions.TextContent(text=...)`` is what it is on the wire; a class fills in its own ``type``."""
        definition = target()["$defs"].get(name.removesuffix("Param"))
        if definition is None or any(argument.keyword is None and not argument.star for argument in node.args):
            return None
        fields = [
            ir.Field("**", ir.Spread(self.read(each.value), each), each)
            if each.keyword is None
            else ir.Field(each.keyword.value, self.read(each.value), each)
            for each in node.args
        ]
        tag = definition.get("properties", {}).get("type", {}).get("const")
        if tag is not None and not name.endswith("Param") and all(each.name != "type" for each in fields):
            fields.insert(0, ir.Field("type", ir.Literal(tag), node))
        return ir.Record("dict", tuple(fields), node)

    def _merged(self, node: cst.CSTNode, left: cst.BaseExpression, right: cst.BaseExpression) -> ir.Value | None:
        sides = [self.read(side) for side in (left, right)]
        if not all(isinstance(side, ir.Record) and side.type == "dict" for side in sides):
            return None
        return ir.Record("dict", tuple(ir.Field("**", ir.Spread(side, node), node) for side in sides), node)

    # Changes after the making --------------------------------------------------------------------------------------

    def _added_to(self, value: ir.Value | None) -> ir.Value | None:
        """A value that other code may add to, without saying what."""
        match value:
            case ir.Record(type="dict", fields=fields):
                return replace(value, fields=(*fields, _OPEN))
            case ir.Sequence(items=items, origin=origin):
                return replace(value, items=(*items, ir.Spread(ir.Unknown("more may follow"), origin)))
            case ir.Choice(then=then, otherwise=otherwise):
                added = [self._added_to(side) or side for side in (then, otherwise)]
                return replace(value, then=added[0], otherwise=added[1])
        return value

    def _changed(self, definition: Definition, value: ir.Value) -> ir.Value | None:
        """``value`` with what the code adds to it after ``definition`` made it; None where it takes something out."""
        if not isinstance(value, (ir.Record, ir.Sequence)):
            return value
        for read in self.facts.scopes.reads(definition):
            match self._change(read, value):
                case None:
                    continue
                case ir.Record() | ir.Sequence() as changed:
                    value = changed
                case _:
                    return None
        return value

    def _change(self, read: cst.Name, value: ir.Record | ir.Sequence) -> ir.Value | None:
        """The value after a use of its name; None where nothing changes."""
        parent = self.facts.module.parent(read)
        match parent:
            case cst.Subscript():
                return self._item_set(parent, value)
            case cst.Attribute(attr=cst.Name(value=name)):
                call = self.facts.module.parent(parent)
                if not isinstance(call, cst.Call) or call.func is not parent:
                    return None
                return _TAKEN if name in _TAKING else self._method(name, call, value)
            case cst.Arg() if not self._is_ours(parent):
                return self._added_to(value)
            case cst.AugAssign(target=target) if target is read:
                return self._added_to(value)
        return None

    def _is_ours(self, argument: cst.Arg) -> bool:
        """Whether an argument is handed to a call that changes nothing: the request itself, or a built-in."""
        call = self.facts.module.parent(argument)
        match call:
            case cst.Call(func=cst.Attribute(attr=cst.Name(value="create"))):
                return True
            case cst.Call(func=cst.Name(value="print" | "len" | "list" | "dict" | "str" | "repr" | "isinstance")):
                return True
        return argument.star == "**"

    def _item_set(self, subscript: cst.Subscript, value: ir.Record | ir.Sequence) -> ir.Value | None:
        holder = self.facts.module.parent(subscript)
        match holder:
            case cst.Del():
                return _TAKEN
            case cst.Subscript() | cst.Attribute() | cst.AugAssign():
                return self._deeper(value)
            case cst.AssignTarget():
                assignment = self.facts.module.parent(holder)
            case _:
                return None
        if not isinstance(value, ir.Record) or not isinstance(assignment, cst.Assign):
            return self._added_to(value)
        match subscript.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]:
                return _with(value, str(key.evaluated_value), self.read(assignment.value), key)
        return self._added_to(value)

    def _deeper(self, value: ir.Value) -> ir.Value:
        """A value inside of which something may be added."""
        match self._added_to(value):
            case ir.Record(fields=fields) as record:
                return replace(record, fields=tuple(replace(each, value=self._deeper(each.value)) for each in fields))
            case ir.Sequence(items=items) as sequence:
                return replace(sequence, items=tuple(self._deeper(item) for item in items))
        return value

    def _method(self, name: str, call: cst.Call, value: ir.Record | ir.Sequence) -> ir.Value | None:
        match name, call.args, value:
            case "append", [cst.Arg(value=item)], ir.Sequence(items=items):
                return replace(value, items=(*items, self.read(item)))
            case "extend", [cst.Arg(value=more)], ir.Sequence(items=items):
                return replace(value, items=(*items, ir.Spread(self.read(more), more)))
            case "update", arguments, ir.Record():
                for argument in arguments:
                    value = self._updated(value, argument)
                return value
            case (("insert" | "append" | "extend" | "update" | "setdefault"), _, _):
                return self._added_to(value)
        return None

    def _updated(self, value: ir.Record, argument: cst.Arg) -> ir.Record:
        if argument.keyword is not None:
            return _with(value, argument.keyword.value, self.read(argument.value), argument)
        match self.read(argument.value):
            case ir.Record(type="dict", fields=fields):
                for each in fields:
                    value = _with(value, each.name, each.value, each.origin)
                return value
        return replace(value, fields=(*value.fields, _OPEN))


def _is_none(value: ir.Value) -> bool:
    return isinstance(value, ir.Literal) and value.value is None


def _without_none(value: ir.Value) -> ir.Value:
    match value:
        case ir.Choice(then=then, otherwise=otherwise):
            first, second = _without_none(then), _without_none(otherwise)
            if _is_none(first) or _is_none(second):
                return second if _is_none(first) else first
            return replace(value, then=first, otherwise=second)
    return value


def _with(record: ir.Record, name: str, value: ir.Value, origin: ir.Origin) -> ir.Record:
    """The record with a field that the code gives it somewhere, perhaps."""
    if name == "**":
        return replace(record, fields=(*record.fields, _OPEN))
    before = record.get(name) or ABSENT
    kept = tuple(each for each in record.fields if each.name != name)
    return replace(record, fields=(*kept, ir.Field(name, ir.Choice(None, value, before), origin), _OPEN))
