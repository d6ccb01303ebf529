"""Where a response goes: every read of it, through aliases, loops, helpers and returns of the same file.

Tracking knows legacy types, not their meaning: it follows a value of a known legacy type from expression to expression
and records each read as a ``Use``. What a use becomes is decided in ``reads``; a value that leaves what the file shows
is recorded as a ``Veto``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

import libcst as cst

from migrator.diagnostics import Level
from migrator.fieldmap import Row
from migrator.python.module import descendants
from migrator.python.names import argument_of, own_statements
from migrator.python.scopes import Definition, Kind, dotted
from migrator.python.values import Facts

RESPONSE = "GenerateContentResponse"


@dataclass(frozen=True, slots=True)
class Shape:
    """The legacy type of a tracked value; ``listed`` where it is a list of that type."""

    type: str
    listed: bool = False

    def item(self) -> Shape:
        """The shape of one item of a list."""
        return Shape(self.type)


class How(Enum):
    """In what way an expression's value is used where it stands."""

    VALUE = "value"
    TEST = "test"  # only its truth matters
    IS_NONE = "is None"
    IS_NOT_NONE = "is not None"
    COMPARED = "compared"
    ITERATED = "iterated"
    COUNTED = "counted"  # len()
    READ = "read"  # a field or an item of it is read
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Use:
    """``node`` reads ``field`` of ``base``, whose value has ``shape``; ``row`` says what the field becomes.

    ``field`` is ``[n]`` for an item, ``[*]`` for iteration, empty for a use of the value as a whole.
    """

    node: cst.CSTNode
    base: cst.CSTNode
    shape: Shape
    field: str
    row: Row | None
    how: How


@dataclass(frozen=True, slots=True)
class Veto:
    """A use that cannot be followed or has no counterpart: ``level`` is MANUAL, or REVIEW for an assumption."""

    code: str
    node: cst.CSTNode
    message: str
    level: Level = Level.MANUAL
    advice: str = ""


@dataclass(slots=True)
class Track:
    """All that became of one response."""

    nodes: dict[cst.CSTNode, Shape] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    vetoes: list[Veto] = field(default_factory=list)
    definitions: set[Definition] = field(default_factory=set)
    annotations: set[cst.BaseExpression] = field(default_factory=set)
    attributes: set[tuple[cst.ClassDef, str]] = field(default_factory=set)


_PASSED_ON = frozenset({"list", "tuple", "reversed", "sorted"})
_SHOWN = frozenset({"print", "str", "repr", "pprint", "pprint.pprint", "rich.print", "format", "pp"})
_LOGGING = frozenset("debug info warning error exception critical log".split())
_BOOLEAN_PARENTS = (cst.If, cst.While, cst.Assert, cst.CompIf)
_RUNNERS = frozenset({"asyncio.to_thread", "asyncio.wait_for", "asyncio.run", "asyncio.shield", "anyio.to_thread.run_sync"})


def how_used(facts: Facts, node: cst.CSTNode) -> tuple[How, cst.CSTNode]:
    """How the value of ``node`` is used, and the node that uses it (a comparison, a ``len`` call, a statement)."""
    parent = facts.module.parent(node)
    match parent:
        case cst.Attribute(value=value) if value is node:
            return How.READ, parent
        case cst.Subscript(value=value) if value is node:
            return How.READ, parent
        case cst.UnaryOperation(operator=cst.Not()):
            return How.TEST, parent
        case cst.BooleanOperation(left=left) if left is node and isinstance(parent.operator, cst.And):
            return How.TEST, parent
        case cst.BooleanOperation():
            how, holder = how_used(facts, parent)
            return (How.TEST, parent) if how is How.TEST else (How.VALUE, parent)
        case cst.IfExp(test=test) if test is node:
            return How.TEST, parent
        case cst.If() | cst.While() | cst.Assert() | cst.CompIf() if parent.test is node:
            return How.TEST, parent
        case cst.ComparisonTarget():
            comparison = facts.module.parent(parent)
            assert comparison is not None
            return How.COMPARED, comparison
        case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=operator, comparator=cst.Name(value="None"))]):
            negative = isinstance(operator, (cst.IsNot, cst.NotEqual))
            return (How.IS_NOT_NONE if negative else How.IS_NONE), parent
        case cst.Comparison():
            return How.COMPARED, parent
        case cst.For(iter=iterable) | cst.CompFor(iter=iterable) if iterable is node:
            return How.ITERATED, parent
        case cst.Expr():
            return How.DISCARDED, parent
        case cst.Arg():
            call = facts.module.parent(parent)
            if isinstance(call, cst.Call) and isinstance(call.func, cst.Name):
                if call.func.value == "len":
                    return How.COUNTED, call
                if call.func.value == "bool":
                    return How.TEST, parent
    return How.VALUE, parent if parent is not None else node


class Tracker:
    """Follows one response through the module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.track = Track()
        self.queue: list[tuple[cst.CSTNode, Shape]] = []

    def run(self, node: cst.CSTNode, shape: Shape) -> Track:
        """The track of the value of ``node``."""
        self._push(node, shape)
        while self.queue:
            self._step(*self.queue.pop())
        return self.track

    def _push(self, node: cst.CSTNode, shape: Shape) -> None:
        if node not in self.track.nodes:
            self.track.nodes[node] = shape
            self.queue.append((node, shape))

    def _veto(self, code: str, node: cst.CSTNode, message: str, level: Level = Level.MANUAL, advice: str = "") -> None:
        self.track.vetoes.append(Veto(code, node, message, level, advice))

    def _use(self, node: cst.CSTNode, base: cst.CSTNode, shape: Shape, name: str, row: Row | None) -> None:
        how, _ = how_used(self.facts, node)
        self.track.uses.append(Use(node, base, shape, name, row, how))

    # One step --------------------------------------------------------------------------------------------------------

    def _step(self, node: cst.CSTNode, shape: Shape) -> None:
        parent = self.facts.module.parent(node)
        match parent:
            case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node:
                self._field(parent, node, shape, name)
            case cst.Subscript(value=value) if value is node:
                self._item(parent, node, shape)
            case cst.Await() | cst.NamedExpr() | cst.IfExp() | cst.BooleanOperation():
                self._flows_on(parent, node, shape)
            case cst.Assign(targets=targets):
                for assigned in targets:
                    self._bound(assigned.target, assigned, node, shape)
            case cst.AnnAssign(target=target, annotation=annotation):
                self._annotated(annotation.annotation)
                self._bound(target, parent, node, shape)
            case cst.For(target=target, iter=iterable) if iterable is node:
                self._iterated(target, parent, node, shape)
            case cst.CompFor(target=target, iter=iterable) if iterable is node:
                self._iterated(target, parent, node, shape)
            case cst.Return():
                self._returned(parent, node, shape)
            case cst.Lambda(body=body) if body is node:
                self._from_lambda(parent, node, shape)
            case cst.Arg():
                self._argument(parent, node, shape)
            case cst.Element() | cst.DictElement() | cst.StarredElement() | cst.Yield() | cst.ListComp() | cst.GeneratorExp():
                self._stored(parent, node, shape)
            case cst.FormattedStringExpression():
                self._shown(node, shape)
            case cst.Del() | cst.Expr() | cst.Raise():
                pass
            case _:
                self._whole(node, shape)

    def _whole(self, node: cst.CSTNode, shape: Shape) -> None:
        if shape.type == "str":
            return
        how, holder = how_used(self.facts, node)
        if how in (How.TEST, How.IS_NONE, How.IS_NOT_NONE, How.DISCARDED, How.COMPARED):
            if how is How.COMPARED and self._is_object(shape):
                self._veto("MG204", node, f"the {shape.type} is compared as a whole")
        else:
            self._veto("MG204", node, "the response is used here in a way that is not understood")

    def _is_object(self, shape: Shape) -> bool:
        return shape.type in (RESPONSE, "Candidate", "Content", "Part")

    # Reads -----------------------------------------------------------------------------------------------------------

    def _field(self, node: cst.Attribute, base: cst.CSTNode, shape: Shape, name: str) -> None:
        if shape.type == "str":
            return
        if shape.listed:
            self._list_method(node, base, shape, name)
            return
        row = self.facts.maps.response(shape.type, name)
        if row is None:
            self._veto("MG201", node, f"{shape.type}.{name} is not a field of a response")
            return
        if self._is_written(node):
            self._veto("MG204", node, f"{shape.type}.{name} is assigned to")
            return
        self._use(node, base, shape, name, row)
        if row.refuse is None:
            self._push_result(node, row)

    def _push_result(self, node: cst.CSTNode, row: Row) -> None:
        listed = row.via in ("candidates", "parts", "function_calls", "citations", "url_results") or row.field.endswith("_details")
        if row.of:
            self._push(node, Shape(row.of, listed))
        elif row.via == "text":
            self._push(node, Shape("str"))

    def _is_written(self, node: cst.CSTNode) -> bool:
        parent = self.facts.module.parent(node)
        return isinstance(parent, (cst.AssignTarget, cst.Del)) or isinstance(parent, cst.AugAssign) and parent.target is node

    def _list_method(self, node: cst.Attribute, base: cst.CSTNode, shape: Shape, name: str) -> None:
        self._veto("MG204", node, f"the list of {shape.type} is used by its method {name}")

    def _item(self, node: cst.Subscript, base: cst.CSTNode, shape: Shape) -> None:
        if shape.type == "str":
            return
        match node.slice:
            case [cst.SubscriptElement(slice=cst.Index(value=index))] if shape.listed:
                text = self.facts.module.source(index)
                self._use(node, base, shape, f"[{text}]", None)
                self._push(node, shape.item())
            case [cst.SubscriptElement(slice=cst.Slice())] if shape.listed:
                self._use(node, base, shape, "[:]", None)
                self._push(node, shape)
            case _:
                self._veto("MG204", node, f"the {shape.type} is read like a dict")

    # Flow ------------------------------------------------------------------------------------------------------------

    def _flows_on(self, parent: cst.CSTNode, node: cst.CSTNode, shape: Shape) -> None:
        match parent:
            case cst.NamedExpr(target=cst.Name() as target):
                self._bound(target, parent, node, shape)
                self._push(parent, shape)
            case cst.IfExp(test=test) if test is node:
                pass
            case cst.BooleanOperation(left=left, operator=cst.And()) if left is node:
                pass  # only its truth matters, or it is None
            case cst.BooleanOperation() if how_used(self.facts, node)[0] is How.TEST:
                pass
            case _:
                self._push(parent, shape)

    def _bound(self, target: cst.BaseExpression, holder: cst.CSTNode, node: cst.CSTNode, shape: Shape) -> None:
        match target:
            case cst.Name():
                for definition in self._definitions_at(target, holder):
                    self._defined(definition, shape)
            case cst.Attribute(value=cst.Name(), attr=cst.Name(value=name)):
                self._attribute(target, name, node, shape)
            case _:
                self._stored(holder, node, shape)

    def _definitions_at(self, target: cst.Name, holder: cst.CSTNode) -> list[Definition]:
        scopes = self.facts.scopes
        found = []
        for scope in scopes.scope_of.values():
            found += [each for each in scope.definitions.get(target.value, []) if each.node is holder]
        return found

    def _defined(self, definition: Definition, shape: Shape) -> None:
        if definition in self.track.definitions:
            return
        self.track.definitions.add(definition)
        if shape.type == "str":
            self._text_bound(definition)
            return
        for read in self.facts.scopes.reads(definition):
            self._push(read, shape)

    def _text_bound(self, definition: Definition) -> None:
        for read in self.facts.scopes.reads(definition):
            how, _ = how_used(self.facts, read)
            if how in (How.IS_NONE, How.IS_NOT_NONE):
                self.track.uses.append(Use(read, read, Shape("str"), "", None, how))

    def _attribute(self, target: cst.Attribute, name: str, node: cst.CSTNode, shape: Shape) -> None:
        owner = self.facts.names._class_of(target.value)
        if owner is None:
            self._veto("MG202", target, f"the response is kept in {self.facts.module.source(target)}, whose readers are not visible")
            return
        if (owner, name) in self.track.attributes or shape.type == "str":
            return
        self.track.attributes.add((owner, name))
        if not name.startswith("_"):
            self._veto("MG202", target, f"the response is kept in the public attribute {name}, which other files may read")
        for read in self.facts.module.attributes(name):
            if read is not target and self.facts.names._class_of(read.value) is owner and not self._is_written(read):
                self._push(read, shape)

    def _iterated(self, target: cst.BaseExpression, holder: cst.CSTNode, node: cst.CSTNode, shape: Shape) -> None:
        if shape.type == "str":
            return
        if not shape.listed:
            self._veto("MG204", node, f"the {shape.type} is iterated over")
            return
        self._use(node, node, shape, "[*]", None)
        match target:
            case cst.Name():
                for definition in self._definitions_at(target, holder):
                    self._defined(definition, shape.item())
            case _:
                self._veto("MG204", node, "the loop takes the items apart")

    def _enumerated(self, call: cst.Call, node: cst.CSTNode, shape: Shape) -> None:
        holder = self.facts.module.parent(call)
        match holder:
            case cst.For(target=cst.Tuple(elements=[_, cst.Element(value=cst.Name() as name) as element]), iter=iterable) | cst.CompFor(
                target=cst.Tuple(elements=[_, cst.Element(value=cst.Name() as name) as element]), iter=iterable
            ) if iterable is call:
                self._use(node, node, shape, "[*]", None)
                definitions = self._definitions_at(name, element) or self._definitions_at(name, holder)
                for definition in definitions:
                    self._defined(definition, shape.item())
            case _:
                self._veto("MG204", node, "the items are enumerated in a way that is not understood")

    # Functions -------------------------------------------------------------------------------------------------------

    def _returned(self, parent: cst.Return, node: cst.CSTNode, shape: Shape) -> None:
        function = self.facts.module.enclosing(parent, cst.FunctionDef, cst.Lambda)
        if not isinstance(function, cst.FunctionDef):
            self._veto("MG202", node, "the response is returned where no caller is visible")
            return
        if shape.type == "str":
            if function.returns is not None and _allows_none(self.facts.module.source(function.returns.annotation)):
                self.track.uses.append(Use(node, node, shape, "", None, How.IS_NONE))
            return
        self._result_of(function, node, shape)

    def _result_of(self, function: cst.FunctionDef, node: cst.CSTNode, shape: Shape) -> None:
        if any(isinstance(each, cst.Yield) for each in own_statements(function)):
            self._veto("MG202", node, "the response is returned by a generator")
            return
        calls = self.facts.names.calls_of(function)
        name = function.name.value
        escapes = [read for read in self._mentions(function) if not self._is_called(read)]
        runs = [call for read in escapes if (call := self._handed_to_runner(read)) is not None]
        if len(escapes) > len(runs):
            self._veto("MG202", node, f"the response is returned by {name}, which is handed on without being called")
        if not calls and not runs:
            self._veto("MG202", node, f"the response is returned by {name}, which nothing in this file calls")
            return
        if function.returns is not None:
            self._annotated(function.returns.annotation)
        if not self._is_private(function):
            message = f"the response is returned by {name}: assumed that no other file reads its result"
            self._veto("MG202", node, message, Level.REVIEW, "Accept with --review if no other file calls it.")
        for call in [*calls, *runs]:
            self._push(call, shape)

    def _is_private(self, function: cst.FunctionDef) -> bool:
        if function.name.value.startswith("_") and not function.name.value.startswith("__"):
            return True
        return self.facts.module.enclosing(function, cst.FunctionDef) is not None

    def _mentions(self, function: cst.FunctionDef) -> Iterator[cst.CSTNode]:
        owner = self.facts.names.owner(function)
        name = function.name.value
        named = [node for node in self.facts.module.nodes(cst.Name) if node.value == name] if owner is None else []
        for node in [*named, *(self.facts.module.attributes(name) if owner is not None else ())]:
            if node is not function.name and self.facts.names.function(node) is function:
                yield node

    def _is_called(self, node: cst.CSTNode) -> bool:
        match self.facts.module.parent(node):
            case cst.Call(func=func):
                return func is node
        return False

    def _handed_to_runner(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """``asyncio.to_thread(function, …)`` and its like give what the function gives."""
        argument = self.facts.module.parent(node)
        call = self.facts.module.parent(argument) if isinstance(argument, cst.Arg) else None
        if not isinstance(call, cst.Call):
            return None
        path = self.facts.names.path(call.func) or dotted(call.func)
        if path in _RUNNERS or path.endswith(".run_in_executor"):
            return call
        return None

    def _from_lambda(self, function: cst.Lambda, node: cst.CSTNode, shape: Shape) -> None:
        if shape.type == "str":
            return
        run = self._handed_to_runner(function)
        if run is not None:
            self._push(run, shape)
            return
        parent = self.facts.module.parent(function)
        if isinstance(parent, cst.Arg):
            self._through_callback(parent, function, shape)
        elif isinstance(parent, cst.Assign):
            self._called_by_name(parent, function, shape)
        else:
            self._veto("MG202", node, "the response is the result of a lambda whose caller is not visible")

    def _called_by_name(self, parent: cst.Assign, function: cst.Lambda, shape: Shape) -> None:
        for assigned in parent.targets:
            if not isinstance(assigned.target, cst.Name):
                self._veto("MG202", function, "the lambda is kept where its callers are not visible")
                continue
            for definition in self._definitions_at(assigned.target, assigned):
                self._callback_reads(definition, shape)

    def _through_callback(self, argument: cst.Arg, function: cst.CSTNode, shape: Shape) -> None:
        """A function of this file calls its parameter: what the call gives is the response."""
        definition = self._parameter_for(argument)
        if definition is None:
            self._veto("MG202", function, "the response is the result of a function that is handed to code outside this file")
            return
        self._callback_reads(definition, shape)

    def _callback_reads(self, definition: Definition, shape: Shape) -> None:
        for read in self.facts.scopes.reads(definition):
            parent = self.facts.module.parent(read)
            if isinstance(parent, cst.Call) and parent.func is read:
                self._push(parent, shape)
            elif (run := self._handed_to_runner(read)) is not None:
                self._push(run, shape)
            elif how_used(self.facts, read)[0] not in (How.TEST, How.IS_NONE, How.IS_NOT_NONE):
                self._veto("MG202", read, "the function that gives the response is handed on here")

    def _parameter_for(self, argument: cst.Arg) -> Definition | None:
        call = self.facts.module.parent(argument)
        if not isinstance(call, cst.Call):
            return None
        function = self.facts.names.function(call.func)
        if not isinstance(function, cst.FunctionDef):
            return None
        bound = self.facts.names.owner(function) is not None
        for definitions in self.facts.scopes.own(function).definitions.values():
            for definition in definitions:
                if definition.kind is Kind.PARAMETER:
                    passed = argument_of(call, function, definition.name, bound)
                    if passed is argument.value:
                        return definition
        return None

    def _argument(self, argument: cst.Arg, node: cst.CSTNode, shape: Shape) -> None:
        call = self.facts.module.parent(argument)
        if not isinstance(call, cst.Call):
            return  # a base class or a decorator's argument is no use of a value
        if shape.type == "str":
            return
        name = dotted(call.func)
        last = name.rpartition(".")[2]
        builtin = isinstance(call.func, cst.Name) and not self.facts.scopes.definitions(call.func)
        if builtin and name in ("len", "bool"):
            self._use(node, node, shape, "len()" if name == "len" else "", None)
        elif builtin and name == "enumerate" and shape.listed:
            self._enumerated(call, node, shape)
        elif builtin and name in _PASSED_ON and shape.listed:
            self._push(call, shape)
        elif builtin and name in ("hasattr", "getattr"):
            self._by_name(call, node, shape, name)
        elif builtin and name == "isinstance":
            self._is_instance(call, shape)
        elif name in _SHOWN or last in _LOGGING and len(name.split(".")) > 1:
            self._shown(node, shape)
        elif (self.facts.names.path(call.func) or name) in _RUNNERS:
            self._push(call, shape)
        elif (definition := self._parameter_for(argument)) is not None:
            self._into_parameter(definition, node, shape)
        elif last in ("append", "extend", "insert") and shape.type == "Content":
            self._use(node, node, shape, f"{last}()", None)
        else:
            self._veto("MG202", node, f"the {_called(shape)} is handed to {name or 'a function'}, which this file does not show")

    def _into_parameter(self, definition: Definition, node: cst.CSTNode, shape: Shape) -> None:
        if definition.annotation is not None:
            self._annotated(definition.annotation)
        function = definition.scope.node
        if isinstance(function, cst.FunctionDef) and not self._is_private(function):
            message = f"the {_called(shape)} is handed to {function.name.value}: assumed that no other file calls it"
            self._veto("MG202", node, message, Level.REVIEW, "Accept with --review if no other file calls it.")
        self._defined(definition, shape)

    def _by_name(self, call: cst.Call, node: cst.CSTNode, shape: Shape, builtin: str) -> None:
        match call.args:
            case [_, cst.Arg(value=cst.SimpleString() as name), *_] if not shape.listed:
                text = str(name.evaluated_value)
                row = self.facts.maps.response(shape.type, text)
                if row is None:
                    self._veto("MG201", call, f"{shape.type}.{text} is not a field of a response")
                    return
                self._use(call, node, shape, text, row)
                if builtin == "getattr" and row.refuse is None:
                    self._push_result(call, row)
            case _:
                self._veto("MG204", call, "the name of the field that is read is not visible")

    def _is_instance(self, call: cst.Call, shape: Shape) -> None:
        if shape.type == RESPONSE and len(call.args) == 2:
            self._annotated(call.args[1].value)
        else:
            self._veto("MG204", call, f"the type of the {_called(shape)} is tested")

    def _annotated(self, annotation: cst.BaseExpression) -> None:
        for node in descendants(annotation):
            if isinstance(node, cst.BaseExpression) and self.facts.names.path(node) == f"google.genai.types.{RESPONSE}":
                self.track.annotations.add(node)

    # Ends ------------------------------------------------------------------------------------------------------------

    def _shown(self, node: cst.CSTNode, shape: Shape) -> None:
        if shape.type == "str" or not self._is_object(shape) and not shape.listed:
            return
        message = f"the {_called(shape)} is printed as a whole: an Interaction prints differently"
        self._veto("MG203", node, message, Level.REVIEW, "Accept with --review if nobody parses the output.")

    def _stored(self, parent: cst.CSTNode, node: cst.CSTNode, shape: Shape) -> None:
        if shape.type == "str":
            return
        self._veto("MG202", node, f"the {_called(shape)} is kept in a collection, whose readers are not followed")


def _called(shape: Shape) -> str:
    names = {RESPONSE: "response", "str": "text"}
    name = names.get(shape.type, shape.type)
    return f"list of {name}" if shape.listed else name


def _allows_none(annotation: str) -> bool:
    return "None" in annotation or "Optional" in annotation
