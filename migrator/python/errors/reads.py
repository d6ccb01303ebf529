"""What is read of an error: the same must be read of the errors of both APIs.

An error is followed under its names, into functions of this file that it is handed to, and as text.
"""

from __future__ import annotations

import re
from dataclasses import field
from enum import Enum

import libcst as cst

from migrator.python.errors.names import (
    ALIAS,
    CLASSES,
    SERVER,
    STATUS,
    UnnamedError,
    caught,
    helper,
    imported,
    in_one_line,
    is_builtin,
    widened,
)
from migrator.python.errors.statuses import Statuses
from migrator.python.errors.text import ErrorText, Handled, assigned, filled, strings
from migrator.python.evidence.attributes import annotated_field
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import is_written
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Carried, Concat, Doc, Group, Item, Text
from migrator.python.writing.render import Needs
from migrator.records import dataclass

_OF_RESPONSES = frozenset({"status_code", "headers", "reason_phrase", "url", "request", "elapsed", "http_version"})
_ONLY_NEW = frozenset({"status_code", "body", "request"})


class Holds(Enum):
    """What a name may hold."""

    ERRORS = "errors"  # of the two APIs, and nothing else
    ANYTHING = "anything"


@dataclass(slots=True)
class ErrorReads:
    """Follows the errors of one site."""

    facts: Facts
    needs: Needs
    handled: Handled
    text: ErrorText  # str(error)
    words: ErrorText  # what the service says, and names of classes
    seen: set[cst.CSTNode] = field(default_factory=set)
    raised: list[cst.Raise] = field(default_factory=list)  # where such an error is raised again

    @property
    def _statuses(self) -> Statuses:
        return Statuses(self.facts, self.needs, self.handled)

    # Names -----------------------------------------------------------------------------------------------------------

    def follow(self, definition: Definition, holds: Holds) -> None:
        """Every read of a name that holds an error."""
        for each in definition.scope.definitions.get(definition.name, []):
            if each.annotation is not None:
                self._widen_annotation(each.annotation)
        for read in self.facts.scopes.reads(definition):
            self.read(read, holds)

    def _widen_annotation(self, annotation: cst.BaseExpression) -> None:
        """``errors.APIError | None`` may hold errors of the other hierarchy, too."""
        for node in descendants(annotation):
            if not isinstance(node, (cst.Name, cst.Attribute)):
                continue
            for name in caught(self.facts, node).missing:
                try:
                    self.handled.edits |= imported(self.facts, self.needs, node)
                except UnnamedError as reason:
                    self.handled.refuse(node, str(reason))
                    return
                parent = self.facts.module.parent(node)
                whole = parent if isinstance(parent, cst.BinaryOperation) else node
                self.handled.edits[whole] = Replace(Concat((Carried(whole), Text(f" | {ALIAS}.{name}"))))

    def read(self, node: cst.BaseExpression, holds: Holds) -> None:
        """One expression that is an error."""
        if node in self.seen:
            return
        self.seen.add(node)
        try:
            self._read(node, holds)
        except UnnamedError as reason:
            self.handled.refuse(node, f"{reason}, so that its errors cannot be told apart here")

    def _read(self, node: cst.BaseExpression, holds: Holds) -> None:
        parent = self.facts.module.parent(node)
        match parent:
            case cst.Attribute(attr=cst.Name(value=name)):
                self._attribute(parent, node, name, holds)
            case cst.Arg():
                self._argument(parent, node, holds)
            case cst.FormattedStringExpression():
                text = self.facts.module.parent(parent)
                assert isinstance(text, cst.BaseExpression)
                self.text.read(text)
            case cst.Assign() | cst.AnnAssign() | cst.NamedExpr():
                for target in parent.targets if isinstance(parent, cst.Assign) else (parent,):
                    self._kept_in(node, target.target)
                for definition in assigned(self.facts, parent, node):
                    self.follow(definition, holds)
            case cst.Return() | cst.Yield():
                self._kept(node)
            case cst.Element() | cst.DictElement() if not self._is_formatted(parent):
                self._kept(node)
            case cst.Raise():
                self.raised.append(parent)
            case cst.Match(cases=cases) if any(self._names_legacy(case.pattern) for case in cases):
                self.handled.refuse(parent, "a case names a class of google.genai.errors", "Use isinstance here.")

    def _is_formatted(self, element: cst.CSTNode) -> bool:
        """``"%s failed: %s" % (name, error)``."""
        display = self.facts.module.parent(element)
        return display is not None and isinstance(self.facts.module.parent(display), cst.BinaryOperation)

    def _kept(self, node: cst.BaseExpression) -> None:
        message = f"{self.facts.module.source(node)} may be an interaction's error now, and who reads it is not visible"
        self.handled.ask(node, message, "See that its readers ask for status_code and body, too.")

    def _kept_in(self, node: cst.BaseExpression, target: cst.BaseExpression) -> None:
        match target:
            case cst.Attribute(attr=cst.Name(value=name)):
                self._kept_under(node, name)
            case cst.Name():
                return
            case _:
                self._kept(node)

    def _kept_under(self, node: cst.BaseExpression, name: str) -> None:
        """Where an attribute of that name is read, it may be this error."""
        self._kept(node)
        for read in self.facts.module.attributes(name):
            if not is_written(self.facts, read):
                self.read(read, Holds.ANYTHING)

    def _names_legacy(self, pattern: cst.CSTNode) -> bool:
        nodes = [each for each in descendants(pattern) if isinstance(each, (cst.Name, cst.Attribute))]
        return any(caught(self.facts, each).legacy for each in nodes)

    # Calls -----------------------------------------------------------------------------------------------------------

    def _argument(self, argument: cst.Arg, node: cst.BaseExpression, holds: Holds) -> None:
        call = self.facts.module.parent(argument)
        if not isinstance(call, cst.Call):
            return
        if is_builtin(self.facts, call.func, "getattr", "hasattr"):
            self._by_name(call, node, holds)
        elif is_builtin(self.facts, call.func, "isinstance"):
            self.test(call, holds)
        elif is_builtin(self.facts, call.func, "type"):
            self._class(call)
        elif is_builtin(self.facts, call.func, "str", "repr"):
            self.text.read(call)
        elif (field_of := annotated_field(self.facts, argument)) is not None:
            self._kept_under(node, field_of[0])
        elif isinstance(call.func, cst.Attribute) and call.func.attr.value == "append":
            self._kept(node)
        else:
            for parameter in filled(self.facts, call, node):
                self.follow(parameter, holds)

    def test(self, call: cst.Call, holds: Holds) -> None:
        """``isinstance(error, errors.APIError)``."""
        if call in self.seen or len(call.args) != 2:
            return
        self.seen.add(call)
        subject, types = call.args[0].value, caught(self.facts, call.args[1].value)
        for name in types.unmatched:
            self.handled.refuse(call, f"{name} does not match what an interaction raises")
        if not types.missing:
            return
        for message, advice in types.differences:
            self.handled.ask(call, message, advice)
        try:
            self.handled.edits |= imported(self.facts, self.needs, call)
        except UnnamedError as reason:
            self.handled.refuse(call, str(reason))
            return
        if types.of_clients_only:
            self.handled.edits[call] = Replace(self._client_test(subject, [*types.elements], types.missing))
        else:
            self.handled.edits |= widened(self.facts, types, types.missing)
        if isinstance(subject, cst.Name):
            for definition in self.facts.scopes.definitions(subject):
                self.follow(definition, self._narrowed(definition, holds))
        elif isinstance(subject, cst.Call) and self.facts.names.path(subject.func) != "sys.exception":
            self._unnamed(subject)

    def _unnamed(self, subject: cst.BaseExpression) -> None:
        """Refuse what is read of an error that is asked for anew each time: ``task.exception().code``."""
        source = self.facts.module.source(subject)
        for node in self.facts.module.nodes(cst.Attribute):
            if node.value is not subject and self.facts.module.source(node.value) == source:
                message = f"what is read of {source} may be of an interaction's error"
                self.handled.refuse(node, message, "Give the error a name, then run again.")

    def _client_test(self, subject: cst.BaseExpression, types: list[cst.BaseExpression], names: list[str]) -> Doc:
        """4xx by what has a name: all statuses but those of the server."""
        classes = in_one_line([*(Carried(each) for each in types), *(Text(f"{ALIAS}.{name}") for name in names)])
        first = Concat((Text("isinstance("), Carried(subject), Text(", "), classes, Text(")")))
        second = Concat((Text("not isinstance("), Carried(subject), Text(f", {ALIAS}.{SERVER})")))
        return Group("(", (Item(first), Item(second, "and ")), ")", separator=" ")

    def _narrowed(self, definition: Definition, holds: Holds) -> Holds:
        """What a name holds: errors of the two APIs alone, where every ``isinstance`` asks for those."""
        for read in self.facts.scopes.reads(definition):
            argument = self.facts.module.parent(read)
            call = self.facts.module.parent(argument) if isinstance(argument, cst.Arg) else None
            if not isinstance(call, cst.Call) or not is_builtin(self.facts, call.func, "isinstance"):
                continue
            if not all(caught(self.facts, each.value).known for each in call.args[1:]):
                return holds
        return Holds.ERRORS

    def _class(self, node: cst.BaseExpression) -> None:
        """``type(error)`` and its name: compared with other classes, it comes out the same."""
        parent = self.facts.module.parent(node)
        match parent:
            case cst.Attribute(attr=cst.Name(value="__name__" | "__qualname__")):
                self._class(parent)
            case cst.Comparison(left=left, comparisons=[target]) if left is node:
                names = [str(literal.evaluated_value) for literal in strings(target.comparator)]
                types = caught(self.facts, target.comparator)
                if types.legacy or types.http or CLASSES.intersection(names):
                    advice = "Use isinstance here, then run again."
                    self.handled.refuse(parent, "an interaction raises errors of other classes", advice)
                elif isinstance(node, cst.Attribute) and not names:
                    self.words.read(node)
            case _:
                self.words.read(node)

    # Attributes ------------------------------------------------------------------------------------------------------

    def _attribute(self, node: cst.Attribute, error: cst.BaseExpression, name: str, holds: Holds) -> None:
        match name:
            case "code":
                self.handled.edits[node] = Replace(helper(self.facts, self.needs, "status_code", error))
            case "message" if holds is Holds.ERRORS:
                self._message(node, error)
            case "message":
                self.words.read(node)
            case "status":
                self._statuses.read(node, error)
            case "details":
                message = "an interaction's error has no details, and its body is of another shape"
                self.handled.refuse(node, message, 'Its body is {"error": {"code": …, "message": …}}, read that.')
            case "response":
                self._response(node)
            case "args":
                self.text.read(node)
            case "__class__":
                self._class(node)
            case _ if name in _ONLY_NEW:
                self._only_new(node, name)

    def _message(self, node: cst.BaseExpression, error: cst.BaseExpression) -> None:
        self.handled.edits[node] = Replace(helper(self.facts, self.needs, "error_message", error))
        self.words.read(node)

    def _only_new(self, node: cst.BaseExpression, name: str) -> None:
        message = f"only an interaction's error has {name}, so what depends on it begins to happen"
        self.handled.ask(node, message)

    def _by_name(self, call: cst.Call, error: cst.BaseExpression, holds: Holds) -> None:
        """``getattr(error, "code", None)`` and ``hasattr(error, "code")``."""
        if len(call.args) < 2 or not isinstance(call.args[1].value, cst.SimpleString):
            return
        name = call.args[1].value.evaluated_value
        asks = isinstance(call.func, cst.Name) and call.func.value == "hasattr"
        match name:
            case "code" | "status_code" if self._asks_for_both(call, error):
                return
            case "code" if holds is Holds.ERRORS and not asks:
                self.handled.edits[call] = Replace(helper(self.facts, self.needs, "status_code", error))
            case "code":
                self.handled.edits |= imported(self.facts, self.needs, call)
                is_new = Concat((Text("isinstance("), Carried(error), Text(f", {ALIAS}.{STATUS})")))
                if asks:
                    self.handled.edits[call] = Replace(Concat((Carried(call), Text(" or "), is_new)))
                    return
                self.handled.edits[call] = Replace(self._choice(error, is_new, call))
            case "message" if holds is Holds.ERRORS and not asks:
                self._message(call, error)
            case "message" if not asks:
                self.words.read(call)
            case "status" if holds is Holds.ERRORS and not asks:
                self._statuses.read(call, error)
            case "status" | "details":
                self.handled.ask(call, f"an interaction's error has no {name}")
            case "response" if not asks:
                self._response(call)
            case "args" if not asks:
                self.text.read(call)
            case str() if name in _ONLY_NEW:
                self._only_new(call, name)

    def _choice(self, error: cst.BaseExpression, is_new: Doc, call: cst.Call) -> Doc:
        """``error.status_code if … else getattr(error, "code", None)``."""
        status = Concat((Carried(error), Text(".status_code")))
        if isinstance(self.facts.module.parent(call), cst.Arg):
            return Concat((status, Text(" if "), is_new, Text(" else "), Carried(call)))
        items = (Item(status), Item(is_new, "if "), Item(Carried(call), "else "))
        return Group("(", items, ")", separator=" ")

    def _asks_for_both(self, call: cst.Call, error: cst.BaseExpression) -> bool:
        """``getattr(e, "status_code", None) or getattr(e, "code", None)`` is right for both."""
        holder: cst.CSTNode = call
        while isinstance(parent := self.facts.module.parent(holder), cst.BooleanOperation):
            holder = parent
        source = self.facts.module.source(holder)
        name = re.escape(self.facts.module.source(error))
        return all(re.search(rf"getattr\({name}, ['\"]{each}['\"]", source) for each in ("code", "status_code"))

    def _response(self, node: cst.BaseExpression) -> None:
        """The HTTP answer is there for both; its body is not the same."""
        parent = self.facts.module.parent(node)
        match parent:
            case cst.Attribute(attr=cst.Name(value=name)) if name in _OF_RESPONSES:
                return
            case cst.Attribute(attr=cst.Name(value="text" | "content")):
                self.text.read(parent)
            case cst.Assign() | cst.NamedExpr():
                for definition in assigned(self.facts, parent, node):
                    for read in self.facts.scopes.reads(definition):
                        self._response(read)
            case cst.Comparison() | cst.BooleanOperation() | cst.If() | cst.IfExp() | cst.UnaryOperation():
                return
            case cst.Arg() | cst.FormattedStringExpression():
                self.text.read(node)
            case _:
                self.handled.refuse(node, "the body of an interaction's error is of another shape")


def _is_appended(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Attribute) and call.func.attr.value == "append"
