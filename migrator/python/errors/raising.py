"""Where an error of a call surfaces: the handlers around it, in its own function and in those that call it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import cached_property
from typing import TypeGuard

import libcst as cst

from migrator.python.errors.later import Later
from migrator.python.evidence.functions import argument_of
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts
from migrator.records import dataclass

_VALUE = 2  # __exit__(self, kind, value, traceback)

Handler = cst.ExceptHandler | cst.ExceptStarHandler


@dataclass(slots=True)
class Surfaces:
    """What an error passes on its way: handlers, ``with`` items around it, and functions that it leaves."""

    handlers: list[Handler] = field(default_factory=list)
    contexts: list[cst.BaseExpression] = field(default_factory=list)
    functions: list[cst.FunctionDef | cst.Lambda] = field(default_factory=list)

    @property
    def decorators(self) -> Iterator[cst.BaseExpression]:
        """What decorates the functions that the error leaves."""
        for function in self.functions:
            if isinstance(function, cst.FunctionDef):
                yield from (decorator.decorator for decorator in function.decorators)


class Raising:
    """Follows errors through one module; asks for its names once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.later = Later(facts)

    def surfaces(self, *places: cst.CSTNode) -> Surfaces:
        """What an error raised at one of the ``places`` passes before it leaves the file or is swallowed."""
        found = Surfaces()
        waiting = list(places)
        while waiting:
            known = len(found.contexts)
            function = self._climb(waiting.pop(), found)
            waiting += [inner for each in found.contexts[known:] for inner in self._yields(each)]
            if function is None or function in found.functions:
                continue
            found.functions.append(function)
            mentions = [function] if isinstance(function, cst.Lambda) else self.mentions(function)
            for mention in mentions:
                waiting += [mention, *self.later.of_mention(mention, function)]
                waiting += self._calls_of_parameter(mention)
                waiting += self._calls_of_values if self._is_kept(mention) else []
            if isinstance(function, cst.FunctionDef):
                waiting += [inner for each in function.decorators for inner in self._inside_decorator(each.decorator)]
        return found

    def _climb(self, node: cst.CSTNode, found: Surfaces) -> cst.FunctionDef | cst.Lambda | None:
        """Note what is around ``node`` in its function; the function, or None where the error goes no further."""
        inner = node
        for holder in self.facts.module.ancestors(node):
            match holder:
                case cst.Try(body=body) | cst.TryStar(body=body) if inner is body:
                    found.handlers += [each for each in holder.handlers if each not in found.handlers]
                    if self._ends_at(holder.handlers):
                        return None
                case cst.With(body=body, items=items) if inner is body:
                    found.contexts += [item.item for item in items if item.item not in found.contexts]
                case cst.FunctionDef(body=body) | cst.Lambda(body=body) if inner is body:
                    return holder
            inner = holder
        return None

    def _ends_at(self, handlers: Sequence[Handler]) -> bool:
        """Whether no error leaves a ``try``: one handler takes all that those before it do not raise again."""
        for handler in handlers:
            if any(isinstance(node, cst.Raise) for node in descendants(handler.body)):
                return False
            match handler.type:
                case None | cst.Name(value="Exception" | "BaseException"):
                    return True
        return False

    # Functions of this file ------------------------------------------------------------------------------------------

    def mentions(self, function: cst.FunctionDef) -> list[cst.Name | cst.Attribute]:
        """Every place that names ``function``: its calls, and where it is handed on."""
        name, module = function.name.value, self.facts.module
        nodes: list[cst.Name | cst.Attribute] = [*module.names(name), *module.attributes(name)]
        nodes.sort(key=module.order)
        return [node for node in nodes if node is not function.name and self.facts.names.function(node) is function]

    def _calls_of_parameter(self, mention: cst.CSTNode) -> list[cst.Call]:
        """Where a function of this file calls what is handed to it at ``mention``."""
        argument = self.facts.module.parent(mention)
        call = self.facts.module.parent(argument) if isinstance(argument, cst.Arg) else None
        target = self.facts.names.function(call.func) if isinstance(call, cst.Call) else None
        if not isinstance(call, cst.Call) or not isinstance(target, cst.FunctionDef):
            return []
        bound = self.facts.names.owner(target) is not None
        parameters = self._parameters(target)
        return [
            inner
            for parameter in parameters
            if argument_of(call, target, parameter.name, bound=bound) is mention
            for inner in self._called(parameter)
        ]

    def _is_kept(self, mention: cst.CSTNode) -> bool:
        """Whether a function is put into a collection, or under another name, at ``mention``."""
        kinds = (cst.Element, cst.DictElement, cst.Assign, cst.AnnAssign)
        return isinstance(self.facts.module.parent(mention), kinds)

    @cached_property
    def _calls_of_values(self) -> list[cst.Call]:
        """The calls of what is no function by its name: an item, or a variable that holds one."""
        return [call for call in self.facts.module.nodes(cst.Call) if self._is_of_a_value(call.func)]

    def _is_of_a_value(self, called: cst.BaseExpression) -> bool:
        if isinstance(called, cst.Name):
            kinds = {each.kind for each in self.facts.scopes.definitions(called)}
            return bool(kinds & {Kind.ASSIGN, Kind.FOR, Kind.PARAMETER})
        return isinstance(called, cst.Subscript)

    def _inside_decorator(self, decorator: cst.BaseExpression) -> list[cst.Call]:
        target = self.facts.names.function(decorator.func if isinstance(decorator, cst.Call) else decorator)
        if not isinstance(target, cst.FunctionDef):
            return []
        inner = [node for node in descendants(target) if isinstance(node, cst.FunctionDef)]
        return [call for each in inner for parameter in self._parameters(each) for call in self._called(parameter)]

    def _yields(self, context: cst.BaseExpression) -> list[cst.Yield]:
        """Where a context manager of this file, written as a generator, is told of an error."""
        target = self.facts.names.function(context.func) if isinstance(context, cst.Call) else None
        if not isinstance(target, cst.FunctionDef):
            return []
        return [node for node in descendants(target.body) if isinstance(node, cst.Yield)]

    def told(self, surfaces: Surfaces) -> Iterator[Definition]:
        """The parameters under which ``__exit__`` of a class of this file is told of an error."""
        for method in self._exits(surfaces):
            if len(method.params.params) > _VALUE:
                yield from self._definitions(method, method.params.params[_VALUE])

    def told_among(self, surfaces: Surfaces) -> Iterator[cst.BaseExpression]:
        """``reasons[1]``, where ``__exit__(self, *reasons)`` is told of an error."""
        for method in self._exits(surfaces):
            if not isinstance(method.params.star_arg, cst.Param):
                continue
            position = _VALUE - len(method.params.params)
            for definition in self._definitions(method, method.params.star_arg):
                for read in self.facts.scopes.reads(definition):
                    if _is_item(item := self.facts.module.parent(read), position):
                        yield item

    def _exits(self, surfaces: Surfaces) -> Iterator[cst.FunctionDef]:
        for context in surfaces.contexts:
            manager = self.facts.names.class_of(context)
            found = self.facts.names.members(manager) if manager is not None else {}
            methods = [*found.get("__exit__", ()), *found.get("__aexit__", ())]
            yield from (method for method in methods if isinstance(method, cst.FunctionDef))

    def _definitions(self, method: cst.FunctionDef, parameter: cst.Param) -> Iterator[Definition]:
        own = self.facts.scopes.own(method).definitions.get(parameter.name.value, [])
        yield from (each for each in own if each.node is parameter)

    def _parameters(self, function: cst.FunctionDef) -> list[Definition]:
        own = self.facts.scopes.own(function).definitions.values()
        return [definition for found in own for definition in found if definition.kind is Kind.PARAMETER]

    def _called(self, parameter: Definition) -> list[cst.Call]:
        parents = [(read, self.facts.module.parent(read)) for read in self.facts.scopes.reads(parameter)]
        return [parent for read, parent in parents if isinstance(parent, cst.Call) and parent.func is read]


def _is_item(node: cst.CSTNode | None, position: int) -> TypeGuard[cst.Subscript]:
    match node:
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer(value=number)))]):
            return number == str(position)
    return False
