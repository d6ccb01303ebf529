"""What is asked of an error's status: an interaction's error has a code in its place.

``RESOURCE_EXHAUSTED`` is the one status of 429, so the HTTP code says as much; a status that shares its HTTP code with
others is told by the code in the body, where the service names it alike.
"""

from __future__ import annotations

import libcst as cst

from migrator.python.errors.names import helper
from migrator.python.errors.text import CODES, Handled, strings
from migrator.python.evidence.values import Facts
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Text
from migrator.python.writing.render import Needs
from migrator.records import dataclass

_NAMED_ALIKE = frozenset({"FAILED_PRECONDITION"})
"""What both APIs document for HTTP 400 under one name; INVALID_ARGUMENT became several codes.

https://ai.google.dev/gemini-api/docs/troubleshooting"""
_LOGGED = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})


@dataclass(frozen=True, slots=True)
class Statuses:
    """Rewrites what the handlers of one site ask of ``error.status``."""

    facts: Facts
    needs: Needs
    handled: Handled

    def read(self, node: cst.BaseExpression, error: cst.BaseExpression) -> None:
        """``node`` is the status of ``error``: compared it becomes a code, shown it may be either."""
        parent = self.facts.module.parent(node)
        match parent:
            case cst.Comparison(left=left, comparisons=[target]) if left is node and self._compared(
                node, error, target
            ):
                return
            case _ if self._is_shown(parent):
                self.handled.edits[node] = Replace(helper(self.facts, self.needs, "error_status", error))
                message = "an interaction's error has a code in place of the status: not_found for NOT_FOUND"
                self.handled.ask(node, message, "See that nobody takes the text apart.")
                return
        source = self.facts.module.source(node)
        message = f"an interaction's error has no {source}, and no one code stands for it here"
        self.handled.refuse(node, message, "Ask for the code instead: it is the same for both APIs.")

    def _compared(self, node: cst.BaseExpression, error: cst.BaseExpression, target: cst.ComparisonTarget) -> bool:
        """Whether a comparison with names of statuses can be made for both APIs; then it is."""
        if not isinstance(target.operator, (cst.Equal, cst.NotEqual, cst.In, cst.NotIn)):
            return False
        if _is_of_numbers(target.comparator):  # a status is a text: the same answer as ever
            self.handled.edits[node] = Replace(helper(self.facts, self.needs, "status_name", error))
            return True
        literals = list(strings(target.comparator))
        names = [str(literal.evaluated_value) for literal in literals]
        if not names:
            return False
        if CODES.keys() >= set(names):
            self.handled.edits[node] = Replace(helper(self.facts, self.needs, "status_code", error))
            for literal, name in zip(literals, names, strict=True):
                self.handled.edits[literal] = Replace(Text(str(CODES[name])))
            return True
        if set(names) <= _NAMED_ALIKE:
            self.handled.edits[node] = Replace(helper(self.facts, self.needs, "status_name", error))
            codes = " and ".join(sorted({name.lower() for name in names}))
            message = f"an interaction's error has codes: {codes} is documented, and assumed to be where the status was"
            self.handled.ask(node, message, "Accept with --review if the documented code is what you wait for.")
            return True
        return False

    def _is_shown(self, parent: cst.CSTNode | None) -> bool:
        """Whether what stands there is text for people: printed, logged, or a part of a text."""
        if isinstance(parent, cst.FormattedStringExpression):
            return True
        call = self.facts.module.parent(parent) if isinstance(parent, cst.Arg) else None
        match call:
            case cst.Call(func=cst.Name(value="print")):
                return True
            case cst.Call(func=cst.Attribute(value=receiver, attr=cst.Name(value=method))):
                return method in _LOGGED and "log" in self.facts.module.source(receiver).lower()
        return False


def _is_of_numbers(node: cst.BaseExpression) -> bool:
    """Whether a literal or a display holds numbers alone: ``error.status == 429`` is true of no error."""
    match node:
        case cst.Integer():
            return True
        case cst.Tuple(elements=elements) | cst.List(elements=elements) | cst.Set(elements=elements):
            return bool(elements) and all(isinstance(each.value, cst.Integer) for each in elements)
    return False
