"""Handlers around a call: interactions raise another hierarchy of errors than generate_content.

Every handler, retry and test of this file that may meet an error of a rewritten call is widened to both hierarchies,
so that calls that stay are handled as before; what cannot be widened exactly keeps the call as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cached_property

import libcst as cst

from migrator.python.errors.names import (
    ALIAS,
    MODULE,
    PACKAGE,
    SERVER,
    STATUS,
    Caught,
    UnnamedError,
    caught,
    imported,
    is_builtin,
    listed,
    widened,
)
from migrator.python.errors.raising import Handler, Raising, Surfaces
from migrator.python.errors.reads import ErrorReads, Holds
from migrator.python.errors.text import NEW_TEXT, NEW_WORDS, ErrorText, Handled, holds_in_text, holds_nowhere
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import Facts
from migrator.python.tools.repeats import repeated
from migrator.python.writing.edits import Ahead, Order
from migrator.python.writing.render import Needs

_TAKE_CLASSES = frozenset(
    "retry_if_exception_type retry_if_not_exception_type retry_unless_exception_type on_exception retry suppress "
    "raises if_exception_type retry_on_exception issubclass".split()
)
_TAKE_PREDICATES = frozenset({"retry_if_exception", "if_exception"})
_TAKE_TEXTS = frozenset({"retry_if_exception_message", "retry_if_not_exception_message"})
_MODULES = re.compile(r"errors|\bhttpx")
_NAMELESS = re.compile(r"__cause__|__context__|\bexc_info\(|sys\.exception\(")
_OF_FUTURES = re.compile(r"\.exception\(\s*\)")
_CLIENTS_ADVICE = "Catch errors.ServerError before it, or catch errors.APIError and ask for the code."


class Part(Enum):
    """Whether a call has a part in what becomes of a site's errors."""

    NONE = "none"
    POSSIBLE = "possible"  # it stands by itself: what is made of it is not followed
    SURE = "sure"


class Errors:
    """What handles errors in one module."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.raising = Raising(facts)

    def handled(self, site: CallSite, needs: Needs, loops: Iterable[cst.CSTNode] = ()) -> Handled:
        """What becomes of all that handles an error of ``site``, or of the ``loops`` that read its stream.

        What the new code relies on is added to ``needs``.
        """
        handled = Handled()
        text = ErrorText(self.facts, handled, NEW_TEXT, holds_in_text)
        words = ErrorText(self.facts, handled, NEW_WORDS, holds_nowhere)
        reads = ErrorReads(self.facts, needs, handled, text, words)
        surfaces = self.raising.surfaces(site.call, *self.raising.later.of_site(site), *loops)
        for handler in surfaces.handlers:
            self._handler(handler, reads)
        for error in self._causes if surfaces.handlers else ():
            reads.read(error, Holds.ANYTHING)
        for error in [*self._of_futures, *self.raising.told_among(surfaces)]:
            reads.read(error, Holds.ANYTHING)
        for told in self.raising.told(surfaces):
            reads.follow(told, Holds.ANYTHING)
        self._raised_again(surfaces, reads)
        for call in self._type_arguments:
            self._retry(call, surfaces, reads)
        for call in self._take_functions:
            self._predicate(call, surfaces, reads)
        for test in self._tests:
            if self._may_meet(test, surfaces):
                reads.test(test, Holds.ANYTHING)
        handled.diagnostics += repeated(self.facts, surfaces)
        return handled

    def _raised_again(self, surfaces: Surfaces, reads: ErrorReads) -> None:
        """The handlers that an error meets where it is raised again later: ``raise last_error``."""
        while reads.raised:
            again = self.raising.surfaces(*reads.raised)
            reads.raised.clear()
            for handler in again.handlers:
                if handler not in surfaces.handlers:
                    surfaces.handlers.append(handler)
                    self._handler(handler, reads)

    @cached_property
    def _causes(self) -> list[cst.BaseExpression]:
        """Where an error is reached without a name: ``error.__cause__``, and ``sys.exc_info()[1]``."""
        found: list[cst.BaseExpression] = []
        for node in descendants(self.facts.module.tree) if _NAMELESS.search(self.facts.module.text) else ():
            match node:
                case cst.Attribute(attr=cst.Name(value="__cause__" | "__context__")):
                    found.append(node)
                case cst.Subscript(value=cst.Call(func=function)) if self.facts.names.path(function) == "sys.exc_info":
                    found.append(node)
                case cst.Call(func=function) if self.facts.names.path(function) == "sys.exception":
                    found.append(node)
        return found

    @cached_property
    def _of_futures(self) -> list[cst.BaseExpression]:
        """``future.exception()``: the error of what ran elsewhere."""
        if not _OF_FUTURES.search(self.facts.module.text):
            return []
        calls = self.facts.module.nodes(cst.Call)
        return [
            call
            for call in calls
            if isinstance(call.func, cst.Attribute) and _last_name(call) == "exception" and not call.args
        ]

    # Handlers --------------------------------------------------------------------------------------------------------

    def _handler(self, handler: Handler, reads: ErrorReads) -> None:
        if handler.type is None:
            return
        types = caught(self.facts, handler.type)
        self._ask_about_unseen(types, reads)
        if types.of_clients_only and types.missing and not self._without_server_errors(handler, reads):
            return
        self._widen(types, handler.type, reads)
        self._leaves_the_others(handler, types, reads)
        if handler.name is not None and (types.legacy or types.http or types.everything):
            for definition in self._bound(handler):
                reads.follow(definition, Holds.ERRORS if types.known else Holds.ANYTHING)

    def _leaves_the_others(self, handler: Handler, types: Caught, reads: ErrorReads) -> None:
        """Refuse a handler that would take what a later one waits for: all errors of a connection are of one class."""
        holder = self.facts.module.parent(handler)
        if not isinstance(holder, (cst.Try, cst.TryStar)):
            return
        handlers: list[Handler] = list(holder.handlers)
        for later in handlers[handlers.index(handler) + 1 :]:
            if later.type is not None and types.takes_from(caught(self.facts, later.type)):
                line = self.facts.module.position(later)[0]
                message = (
                    f"an interaction's errors of the connection are of one class, and line {line} waits for others"
                )
                reads.handled.refuse(handler, message, "Catch both in one handler, or migrate this call by hand.")

    def _ask_about_unseen(self, types: Caught, reads: ErrorReads) -> None:
        """Name what may be a tuple with errors of the legacy API: nobody can widen it here."""
        for element in types.unseen if not types.everything else ():
            source = self.facts.module.source(element)
            message = f"what {source} holds is not followed: errors.APIError does not catch what an interaction raises"
            advice = f"Look what it holds, and add {STATUS} of {PACKAGE}.{MODULE} where it has APIError."
            reads.handled.ask(element, message, advice)

    def _widen(self, types: Caught, node: cst.CSTNode, reads: ErrorReads) -> None:
        for name in types.unmatched:
            reads.handled.refuse(node, f"{name} is not raised by an interaction, nor is anything just like it")
        if not types.missing:
            return
        for message, advice in types.differences:
            reads.handled.ask(node, message, advice)
        try:
            reads.handled.edits |= imported(self.facts, reads.needs, node)
            reads.handled.edits |= imported(self.facts, reads.needs, types.holder)
        except UnnamedError as reason:
            source = self.facts.module.source(node)
            reads.handled.refuse(node, f"{source} does not catch what an interaction raises, and {reason}")
            return
        reads.handled.edits |= widened(self.facts, types, types.missing)

    def _bound(self, handler: Handler) -> Iterator[Definition]:
        found = self.facts.scopes.at(handler).definitions.values()
        yield from (each for definitions in found for each in definitions if each.node is handler)

    def _without_server_errors(self, handler: Handler, reads: ErrorReads) -> bool:
        """Keep errors of the server from a handler of 4xx, which have no class: let them be caught before it."""
        holder = self.facts.module.parent(handler)
        if not isinstance(holder, cst.Try):
            reads.handled.refuse(handler, "no class of an interaction's errors is ClientError alone", _CLIENTS_ADVICE)
            return False
        handlers = list(holder.handlers)
        position = handlers.index(handler)  # type: ignore[arg-type]
        types = [None if each.type is None else caught(self.facts, each.type) for each in handlers]
        if any(each is None or each.servers for each in types[:position]):
            return True
        following = [at for at, each in enumerate(types) if at > position and (each is None or each.servers)]
        if not following:
            reads.handled.edits[handler] = Ahead(f"except {ALIAS}.{SERVER}:\n    raise")
            return True
        own, other = types[position], types[following[0]]
        alone = own is not None and own.known and other is not None and other.known and other.legacy == {"ServerError"}
        if alone and following[0] == position + 1:
            order = list(range(len(handlers)))
            order[position], order[position + 1] = position + 1, position
            reads.handled.edits[holder] = Order(tuple(order))
            return True
        line = self.facts.module.position(handlers[following[0]])[0]
        message = f"an interaction has no class of errors for 4xx alone, and line {line} is to catch the others"
        reads.handled.refuse(handler, message, _CLIENTS_ADVICE)
        return False

    # Retries ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _calls(self) -> list[cst.Call]:
        if not _MODULES.search(self.facts.module.text):  # no module, no classes
            return []
        return list(self.facts.module.nodes(cst.Call))

    def _is_legacy(self, node: cst.BaseExpression) -> bool:
        if not isinstance(node, (cst.Name, cst.Attribute, cst.Tuple)):
            return False
        types = caught(self.facts, node)
        return bool(types.legacy or types.http)

    @cached_property
    def _type_arguments(self) -> list[cst.Call]:
        """The calls, ``isinstance`` apart, that are handed a class of such errors, or a tuple of them."""
        return [
            call
            for call in self._calls
            if not is_builtin(self.facts, call.func, "isinstance")
            and any(self._is_legacy(argument.value) for argument in call.args)
        ]

    def _retry(self, call: cst.Call, surfaces: Surfaces, reads: ErrorReads) -> None:
        """``retry_if_exception_type(errors.ServerError)`` and the like."""
        name, part = _last_name(call), self._part(call, surfaces)
        if part is Part.NONE:
            return
        for argument in call.args:
            types = caught(self.facts, argument.value)
            if not types.legacy and not types.http:
                continue
            if name == "suppress" and not types.of_clients_only and types.holder is argument.value:
                self._widen(types, argument.value, reads)
                reads.handled.edits |= listed(types)
            elif name in _TAKE_CLASSES and not types.of_clients_only:
                self._widen(types, argument.value, reads)
            elif part is Part.SURE or name in _TAKE_CLASSES:
                message = f"{self.facts.module.source(argument.value)} does not match what an interaction raises"
                reads.handled.refuse(argument.value, message)

    def _part(self, call: cst.Call, surfaces: Surfaces) -> Part:
        for holder in [call, *self.facts.module.ancestors(call)]:
            match holder:
                case cst.Decorator(decorator=decorator):
                    return Part.SURE if decorator in surfaces.decorators else Part.NONE
                case cst.WithItem(item=item):
                    return Part.SURE if item in surfaces.contexts else Part.NONE
        handed = [self.facts.names.function(argument.value) for argument in call.args]
        return Part.SURE if any(each in surfaces.functions for each in handed if each) else Part.POSSIBLE

    def _predicate(self, call: cst.Call, surfaces: Surfaces, reads: ErrorReads) -> None:
        """``retry_if_exception(lambda e: …)``: the function is handed the error."""
        if self._part(call, surfaces) is Part.NONE:
            return
        if _last_name(call) in _TAKE_TEXTS:
            reads.text.differs(call)
        for argument in call.args:
            target = self.facts.names.function(argument.value)
            if not isinstance(target, (cst.FunctionDef, cst.Lambda)) or not target.params.params:
                continue
            first = target.params.params[0]
            for each in self.facts.scopes.own(target).definitions.get(first.name.value, []):
                if each.node is first:
                    reads.follow(each, Holds.ANYTHING)

    @cached_property
    def _take_functions(self) -> list[cst.Call]:
        """Every call that may be given a function for errors: by its name, or because it decorates."""
        return [
            call
            for call in self.facts.module.nodes(cst.Call)
            if _last_name(call) in _TAKE_PREDICATES | _TAKE_TEXTS
            or any(isinstance(each, cst.Decorator) for each in self._around(call))
        ]

    def _around(self, call: cst.Call) -> Iterator[cst.CSTNode]:
        for holder in self.facts.module.ancestors(call):
            if isinstance(holder, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
                return
            yield holder

    # Tests -----------------------------------------------------------------------------------------------------------

    @cached_property
    def _tests(self) -> list[cst.Call]:
        """Every ``isinstance`` that asks for a class of errors that the legacy call raises."""
        return [
            call
            for call in self._calls
            if is_builtin(self.facts, call.func, "isinstance")
            and len(call.args) == 2
            and self._is_legacy(call.args[1].value)
        ]

    def _may_meet(self, test: cst.Call, surfaces: Surfaces) -> bool:
        """Whether the tested error may be one of the site's: not where it belongs to code that has no part in it."""
        subject = test.args[0].value
        found = self.facts.scopes.definitions(subject) if isinstance(subject, cst.Name) else frozenset()
        if found and all(each.kind is Kind.EXCEPT for each in found):
            return any(each.node in surfaces.handlers for each in found)
        function = self.facts.module.enclosing(test, cst.FunctionDef)
        mentions = self.raising.mentions(function) if function is not None else []
        return not mentions or any(self._is_related(mention, surfaces) for mention in mentions)

    def _is_related(self, mention: cst.CSTNode, surfaces: Surfaces) -> bool:
        for holder in self.facts.module.ancestors(mention):
            match holder:
                case cst.Decorator(decorator=decorator):
                    return decorator in surfaces.decorators
                case cst.ExceptHandler() | cst.ExceptStarHandler():
                    return holder in surfaces.handlers
        return True


def _last_name(call: cst.Call) -> str:
    match call.func:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            return name
    return ""
