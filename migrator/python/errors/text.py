"""The text of an error: it may be shown, but a test of it may come out differently for an interaction's error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import field

import libcst as cst

from migrator.diagnostics import Diagnostic, Level
from migrator.python.errors.names import is_builtin
from migrator.python.evidence.functions import argument_of
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts
from migrator.python.requests.bindings import binding_of
from migrator.python.writing.edits import Edit
from migrator.records import dataclass

CODES = {
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
"""The statuses that are the only one with their HTTP code; 400, 409 and 500 have several each."""

_WORDS = {
    "QUOTA": 429,
    "QUOTA_EXCEEDED": 429,
    "EXHAUSTED": 429,
    "RATE_LIMIT": 429,
    "RATELIMIT": 429,
    "TOO_MANY_REQUESTS": 429,
    "OVERLOADED": 503,
}
"""What the messages of one HTTP code say (errors page of the Gemini API, troubleshooting)."""

_SAME_TEXT = frozenset({"lower", "upper", "casefold", "strip"})
_TEXT_TESTS = frozenset({"startswith", "endswith", "find", "index", "count", "split", "partition"})
NEW_TEXT = 'the text of an interaction\'s error is "Error code: 429 - {…}"'
NEW_WORDS = "an interaction's error may be named and worded otherwise"


@dataclass(slots=True)
class Handled:
    """The edits to what handles the errors of one site, and what is said about it."""

    edits: dict[cst.CSTNode, Edit] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)

    def refuse(self, node: cst.CSTNode, message: str, advice: str = "") -> None:
        """Say why the site has to stay."""
        self.diagnostics.append(Diagnostic("MG207", Level.MANUAL, message, node, advice))

    def ask(self, node: cst.CSTNode, message: str, advice: str = "") -> None:
        """Name a difference that a person has to accept."""
        said = Diagnostic("MG208", Level.REVIEW, message, node, advice)
        if said not in self.diagnostics:
            self.diagnostics.append(said)


@dataclass(slots=True)
class ErrorText:
    """Follows the texts of the errors of one site."""

    facts: Facts
    handled: Handled
    difference: str
    holds: Callable[[str, Iterable[str]], bool]  # whether a test for a word comes out the same, given those beside it
    seen: set[cst.CSTNode] = field(default_factory=set)

    def read(self, node: cst.BaseExpression) -> None:
        """The text of an error, or a part of it: it may be shown, but a test of it may come out differently."""
        if node in self.seen:
            return
        self.seen.add(node)
        parent = self.facts.module.parent(node)
        match parent:
            case cst.Attribute(attr=cst.Name(value=name)):
                call = self.facts.module.parent(parent)
                if name in _SAME_TEXT and isinstance(call, cst.Call):
                    self.read(call)
                elif name in _TEXT_TESTS:
                    self.differs(parent)
                elif name == "__name__":
                    self.read(parent)
            case cst.Subscript(value=value) if value is node:
                self.read(parent)
            case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
                self._tested(node, parent)
            case cst.Comparison(comparisons=[cst.ComparisonTarget(operator=cst.Is() | cst.IsNot())]):
                return
            case cst.Comparison() | cst.ComparisonTarget():
                self.differs(node)
            case cst.Arg():
                self._argument(parent, node)
            case cst.FormattedStringExpression():
                whole = self.facts.module.parent(parent)
                assert isinstance(whole, cst.BaseExpression)
                self.read(whole)
            case cst.Assign() | cst.AnnAssign() | cst.NamedExpr():
                for definition in assigned(self.facts, parent, node):
                    for read in self.facts.scopes.reads(definition):
                        self.read(read)

    def _argument(self, argument: cst.Arg, node: cst.BaseExpression) -> None:
        call = self.facts.module.parent(argument)
        if not isinstance(call, cst.Call):
            return
        if is_builtin(self.facts, call.func, "str", "repr"):
            self.read(call)
        elif self.facts.names.path(call.func).startswith("re."):
            self.differs(node)
        for parameter in filled(self.facts, call, node):
            for read in self.facts.scopes.reads(parameter):
                self.read(read)

    def differs(self, node: cst.CSTNode) -> None:
        """Say that a test of the text may come out differently."""
        message = f"{self.difference}, and a test of it may come out differently"
        self.handled.ask(node, message, "Ask the error for its code instead.")

    def _tested(self, text: cst.BaseExpression, target: cst.ComparisonTarget) -> None:
        """``"429" in str(error)`` still holds; ``"RESOURCE_EXHAUSTED" in str(error)`` does not."""
        comparison = self.facts.module.parent(target)
        assert isinstance(comparison, cst.Comparison)
        words = self._words(comparison.left)
        beside = {*words, *self._words_beside(comparison, text)}
        doubtful = [word for word in words if not self.holds(word, beside)]
        if not words:
            self.differs(comparison)
        if not doubtful:
            return
        codes = [_code(word) for word in doubtful]
        advice = "Ask the error for its code instead."
        if None not in codes:
            advice = f"Test for {' and '.join(dict.fromkeys(map(str, codes)))} as well."
        named = ", ".join(f'"{word}"' for word in doubtful)
        self.handled.ask(comparison, f"{self.difference}: {named} may not be in it where it was before", advice)

    def _words(self, node: cst.BaseExpression) -> list[str]:
        """The strings that ``node`` stands for: itself, or what a comprehension draws from a display."""
        if isinstance(node, cst.SimpleString):
            return [str(node.evaluated_value)]
        if not isinstance(node, cst.Name):
            return []
        found = self.facts.scopes.definitions(node)
        drawn = [each.value for each in found if each.kind in (Kind.FOR, Kind.ASSIGN) and each.value is not None]
        if len(drawn) != 1:
            return []
        display = drawn[0]
        if isinstance(display, (cst.Name, cst.Attribute)):
            binding = binding_of(self.facts, display)
            display = binding.values[0] if binding is not None and len(binding.values) == 1 else display
        return [str(literal.evaluated_value) for literal in strings(display)]

    def _words_beside(self, comparison: cst.Comparison, text: cst.BaseExpression) -> Iterator[str]:
        """What the same ``or`` looks for in the same text; the same ``and``, where it asks for absence."""
        wanted = cst.And if isinstance(comparison.comparisons[0].operator, cst.NotIn) else cst.Or
        root: cst.CSTNode = comparison
        while isinstance(parent := self.facts.module.parent(root), cst.BooleanOperation):
            if not isinstance(parent.operator, wanted):
                break
            root = parent
        for node in descendants(root):
            match node:
                case cst.Comparison(left=left, comparisons=[cst.ComparisonTarget(comparator=other)]):
                    if self._plain(other) == self._plain(text):
                        yield from self._words(left)

    def _plain(self, text: cst.BaseExpression) -> str:
        """The source of a text whose case and blanks do not count: codes are looked for in any of them."""
        match text:
            case cst.Call(func=cst.Attribute(value=value, attr=cst.Name(value=name)), args=[]) if name in _SAME_TEXT:
                return self._plain(value)
        return self.facts.module.source(text)


def holds_in_text(word: str, beside: Iterable[str]) -> bool:
    """Whether ``word`` is a code, or a status whose code is looked for beside it: the text of an error has codes."""
    if re.fullmatch(r"[45]\d\d", word.strip()):
        return True
    code = _code(word)
    return code is not None and str(code) in {each.strip() for each in beside}


def _code(word: str) -> int | None:
    """The HTTP code of all errors whose text has ``word``; None where there is not one."""
    name = re.sub(r"[\s-]+", "_", word.strip().upper())
    return CODES.get(name, _WORDS.get(name))


def holds_nowhere(_word: str, _beside: Iterable[str]) -> bool:
    """Nothing is known of the words of a service."""
    return False


def strings(node: cst.BaseExpression) -> Iterator[cst.SimpleString]:
    """The strings of a literal or of a display of nothing but literals."""
    match node:
        case cst.SimpleString():
            yield node
        case cst.Tuple(elements=elements) | cst.List(elements=elements) | cst.Set(elements=elements):
            if all(isinstance(element.value, cst.SimpleString) for element in elements):
                yield from (element.value for element in elements)  # type: ignore[misc]


def assigned(facts: Facts, assignment: cst.CSTNode, value: cst.BaseExpression) -> Iterator[Definition]:
    """The definitions that ``assignment`` makes of ``value``."""
    nodes = list(assignment.targets) if isinstance(assignment, cst.Assign) else [assignment]
    for found in facts.scopes.at(value).definitions.values():
        yield from (each for each in found if each.node in nodes and each.kind is Kind.ASSIGN)


def filled(facts: Facts, call: cst.Call, argument: cst.BaseExpression) -> Iterator[Definition]:
    """The parameter of a function of this file that ``argument`` fills."""
    target = facts.names.function(call.func)
    if not isinstance(target, cst.FunctionDef):
        return
    bound = facts.names.owner(target) is not None
    for found in facts.scopes.own(target).definitions.values():
        for each in found:
            if each.kind is Kind.PARAMETER and argument_of(call, target, each.name, bound=bound) is argument:
                yield each
