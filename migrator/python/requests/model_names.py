"""The names of models that a value may stand for: defaults, what callers pass, what functions and attributes give.

A name that is not visible whole (``os.getenv("MODEL", "gemini-2.5-flash")``) still shows a name that it may be; so do
the options of a command line and what a table of the file holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import libcst as cst

from migrator.python.evidence import attributes
from migrator.python.evidence.attributes import Kept
from migrator.python.evidence.functions import argument_of
from migrator.python.evidence.scopes import Definition, Kind, dotted
from migrator.python.evidence.values import Facts
from migrator.python.requests.declared_options import declared, offered, option
from migrator.python.requests.displays import elements_of, items_of
from migrator.records import dataclass

PREFIX = "models/"
_WITH_DEFAULT = frozenset({"getenv", "get", "getattr", "setdefault"})
_SAME_TEXT = frozenset({"strip", "lstrip", "rstrip", "lower", "str"})
_PASSED_ON = frozenset({"submit", "to_thread", "run_in_executor", "partial"})


@dataclass(frozen=True, slots=True)
class Place:
    """A table's value, or an option: what ``reads`` read of it, None where that is not followed."""

    node: cst.CSTNode
    reads: tuple[cst.CSTNode, ...] | None = None


Holder = Definition | Kept | cst.FunctionDef | Place


@dataclass(frozen=True, slots=True)
class Named:
    """A string that may be the model of a call, and the names that bring it there."""

    literal: cst.SimpleString
    holders: tuple[Holder, ...]


@dataclass(slots=True)
class ModelNames:
    """Follows the model of one call back to the strings that it may be; ``asked`` are the reads on the way."""

    facts: Facts
    asked: set[cst.CSTNode]
    is_prefixed: bool = False  # whether a name begins with ``models/``, which an interaction's does not

    def of(self, node: cst.BaseExpression, holders: tuple[Holder, ...] = ()) -> Iterator[Named]:
        """The strings that ``node`` may stand for, as far as the file shows them."""
        self.asked.add(node)
        match node:
            case cst.SimpleString(prefix=""):
                self.is_prefixed |= str(node.evaluated_value).startswith(PREFIX)
                yield Named(node, holders)
            case cst.FormattedString(parts=[cst.FormattedStringText(value=head), *_]):
                self.is_prefixed |= head.startswith(PREFIX)
            case cst.BinaryOperation(left=cst.SimpleString() as head, operator=cst.Add()):
                self.is_prefixed |= str(head.evaluated_value).startswith(PREFIX)
            case cst.Name():
                for definition in self.facts.scopes.definitions(node):
                    if definition not in holders:
                        yield from self._defined(definition, (*holders, definition))
            case cst.Attribute(value=member, attr=cst.Name(value="value")):
                yield from self.of(member, holders)
            case cst.Attribute():
                yield from self._attribute(node, holders)
            case cst.Subscript():
                yield from self._inside(items_of(self.facts, node), holders)
            case cst.Call():
                yield from self._call(node, holders)
            case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
                yield from self.of(left, holders)
                yield from self.of(right, holders)
            case cst.IfExp(body=body, orelse=orelse):
                yield from self.of(body, holders)
                yield from self.of(orelse, holders)

    def _defined(self, definition: Definition, holders: tuple[Holder, ...]) -> Iterator[Named]:
        match definition:
            case Definition(kind=Kind.ASSIGN, value=cst.BaseExpression() as value):
                yield from self.of(value, holders)
            case Definition(kind=Kind.FOR, value=cst.BaseExpression() as value):
                yield from self._listed(value, holders)
            case Definition(kind=Kind.UNPACK, value=cst.Call() as value):
                yield from self._inside(elements_of(self.facts, value), holders)
            case Definition(kind=Kind.PARAMETER, value=default):
                if default is not None:
                    yield from self.of(default, holders)
                for given in option(definition):
                    yield from self.of(given, holders)
                for argument in self._passed(definition):
                    yield from self.of(argument, holders)

    def _listed(self, node: cst.BaseExpression, holders: tuple[Holder, ...]) -> Iterator[Named]:
        """The elements of a visible list."""
        match node:
            case cst.Name():
                self.asked.add(node)
                for definition in self.facts.scopes.definitions(node):
                    if isinstance(definition.value, (cst.List, cst.Tuple)):
                        yield from self._listed(definition.value, (*holders, definition))
            case cst.List(elements=elements) | cst.Tuple(elements=elements):
                for element in elements:
                    yield from self.of(element.value, holders)

    def _inside(self, values: Iterable[cst.BaseExpression], holders: tuple[Holder, ...]) -> Iterator[Named]:
        """What a place may give that holds other things as well."""
        for value in values:
            place = Place(value)
            if place not in holders:
                yield from self.of(value, (*holders, place))

    def _attribute(self, node: cst.Attribute, holders: tuple[Holder, ...]) -> Iterator[Named]:
        owner = self.facts.names.class_of(node.value)
        if owner is None:
            read = tuple(self.facts.module.attributes(node.attr.value))
            for value in offered(self.facts, node):
                yield from self.of(value, (*holders, Place(value, read)))
            return
        name = node.attr.value
        found = attributes.kept(self.facts, owner, name) or attributes.field(self.facts, owner, name)
        if found is None:
            yield from self._inside(self._held(owner, name), holders)
            return
        if found in holders:
            return
        for value in found.values:
            yield from self.of(value, (*holders, found))

    def _held(self, owner: cst.ClassDef, name: str) -> Iterator[cst.BaseExpression]:
        """What the attribute may be among other things, where not all that it is given is visible."""
        for relative in attributes.family(self.facts, owner):
            for definition in self.facts.scopes.own(relative).definitions.get(name, ()):
                yield from (definition.value,) if definition.value is not None else ()
        held = self.facts.names.held(owner, name)
        yield from (each for each in held if isinstance(each, cst.BaseExpression))

    def _call(self, node: cst.Call, holders: tuple[Holder, ...]) -> Iterator[Named]:
        name = dotted(node.func).rpartition(".")[2]
        match node:
            case cst.Call(func=cst.Attribute(value=text, attr=cst.Name(value=method))) if method in _SAME_TEXT:
                yield from self.of(text, holders)
            case _ if chosen := list(declared(node)):
                for value in chosen:
                    yield from self.of(value, holders)
            case _ if found := list(elements_of(self.facts, node)):
                yield from self._inside(found, holders)
            case cst.Call(args=[_, *_, cst.Arg(value=default, star="")]) if name in _WITH_DEFAULT:
                yield from self.of(default, holders)
                yield from self._inside(items_of(self.facts, node), holders)
            case _:
                function = self.facts.names.function(node.func)
                if isinstance(function, cst.FunctionDef) and function not in holders:
                    for value in self.facts.names.returns(function):
                        yield from self.of(value, (*holders, function))

    def _passed(self, parameter: Definition) -> Iterator[cst.BaseExpression]:
        """What calls in this file give ``parameter``, also those that something else makes: ``submit(ask, MODEL)``."""
        function = parameter.scope.node
        if not isinstance(function, cst.FunctionDef):
            return
        names = self.facts.names
        bound = names.owner(function) is not None
        for call in names.calls_of(function):
            given = argument_of(call, function, parameter.name, bound=bound)
            yield from (given,) if given is not None else ()
        for argument in self.facts.module.nodes(cst.Arg):
            made = self._handed(argument, function)
            given = argument_of(made, function, parameter.name, bound=bound) if made is not None else None
            yield from (given,) if given is not None else ()

    def _handed(self, argument: cst.Arg, function: cst.FunctionDef) -> cst.Call | None:
        """The call that ``pool.submit(function, ...)`` makes."""
        around = self.facts.module.parent(argument)
        if not isinstance(around, cst.Call) or dotted(around.func).rpartition(".")[2] not in _PASSED_ON:
            return None
        if not isinstance(argument.value, (cst.Name, cst.Attribute)):
            return None
        if self.facts.names.function(argument.value) is not function:
            return None
        return cst.Call(argument.value, list(around.args)[list(around.args).index(argument) + 1 :])


def reads(facts: Facts, holder: Holder) -> list[cst.CSTNode]:
    """Where a holder of a name is read."""
    match holder:
        case Kept():
            return list(holder.reads)
        case cst.FunctionDef():
            return [*facts.names.calls_of(holder)]
        case Place(node=node, reads=read):
            return [facts.module.parent(node) or node] if read is None else list(read)
    return [*facts.scopes.reads(holder)]
