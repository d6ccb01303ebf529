"""What can become of a value of a legacy type: the records that following it gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field, replace
from enum import Enum
from typing import TypeAlias

import libcst as cst

from migrator.diagnostics import Level
from migrator.fieldmap import Row
from migrator.python.evidence.scopes import Definition
from migrator.python.evidence.values import Facts
from migrator.records import dataclass

RESPONSE = "GenerateContentResponse"
LIST, DICT, KEYS = "list", "dict", "keys"
_LISTS = frozenset({"candidates", "parts", "function_calls", "citations", "url_results"})


@dataclass(frozen=True, slots=True)
class Shape:
    """The legacy type of a tracked value; ``listed`` where it is a list of that type."""

    type: str
    listed: bool = False
    inside: tuple[str, ...] = ()  # its containers, the outermost first: list, dict, keys, key:NAME, at:POSITION

    def item(self) -> Shape:
        """The shape of one item of a list."""
        return Shape(self.type)

    def several(self) -> Shape:
        """The shape of a list of such values."""
        return Shape(self.type, listed=True)

    def in_list(self) -> Shape:
        """The shape of a list of such values, be they containers or not."""
        return self.within(LIST) if self.inside or self.listed else self.several()

    def within(self, container: str) -> Shape:
        """The shape of a container that has such a value."""
        return replace(self, inside=(container, *self.inside))

    def unwrapped(self) -> Shape:
        """The shape of what the outermost container has."""
        return replace(self, inside=self.inside[1:])

    @property
    def outer(self) -> str:
        """The outermost container; empty where there is none."""
        return self.inside[0] if self.inside else ""

    def __str__(self) -> str:
        name = "response" if self.type == RESPONSE else self.type
        if self.inside:
            return f"collection with the {name}"
        return f"list of {name}" if self.listed else name


CHAT = Shape("Chat")


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


TESTS = frozenset({How.TEST, How.IS_NONE, How.IS_NOT_NONE})


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
    about: str = ""  # the legacy type of the value that was followed


@dataclass(frozen=True, slots=True)
class Flow:
    """The value is also that of ``node``, with ``shape``."""

    node: cst.CSTNode
    shape: Shape


@dataclass(frozen=True, slots=True)
class Bound:
    """The value is kept under a name."""

    definition: Definition
    shape: Shape


@dataclass(frozen=True, slots=True)
class Named:
    """An annotation or a class test that names the legacy response."""

    node: cst.BaseExpression


@dataclass(frozen=True, slots=True)
class Beside:
    """``node`` is put into the same collection, so it has to be a response that is rewritten too."""

    node: cst.BaseExpression
    about: str = ""


TURN = Shape("Turn")  # of a conversation, or of the calls that a reply took
TURNS = TURN.several()
CALLED = "called"  # the reader of the history of those calls

Step: TypeAlias = Flow | Bound | Use | Veto | Named | Beside


@dataclass(slots=True)
class Track:
    """All that became of one response."""

    nodes: dict[cst.CSTNode, Shape] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    vetoes: list[Veto] = field(default_factory=list)
    definitions: set[Definition] = field(default_factory=set)
    annotations: set[cst.BaseExpression] = field(default_factory=set)
    beside: set[cst.BaseExpression] = field(default_factory=set)
    beside_sources: set[cst.BaseExpression] = field(default_factory=set)  # what stands beside a part of grounding


def at(position: int) -> str:
    """The container of a tuple that has the value at ``position``."""
    return f"at:{position}"


def under(key: str) -> str:
    """The container of a dict that has the value under ``key``."""
    return f"key:{key}"


def assumed(node: cst.CSTNode, message: str, advice: str = "Accept with --review if no other file calls it.") -> Veto:
    """An assumption about other files, which a person has to accept."""
    return Veto("MG202", node, message, Level.REVIEW, advice)


def how_used(facts: Facts, node: cst.CSTNode) -> tuple[How, cst.CSTNode]:
    """How the value of ``node`` is used, and the node that uses it (a comparison, a ``len`` call, a statement)."""
    parent = facts.module.parent(node)
    match parent:
        case cst.Attribute(value=value) | cst.Subscript(value=value) if value is node:
            return How.READ, parent
        case cst.UnaryOperation(operator=cst.Not()):
            return How.TEST, parent
        case cst.BooleanOperation(left=left, operator=cst.And()) if left is node:
            return How.TEST, parent
        case cst.BooleanOperation():
            how, _ = how_used(facts, parent)
            return (How.TEST, parent) if how is How.TEST else (How.VALUE, parent)
        case cst.IfExp(test=test) | cst.If(test=test) | cst.While(test=test) if test is node:
            return How.TEST, parent
        case cst.Assert(test=test) | cst.CompIf(test=test) if test is node:
            return How.TEST, parent
        case cst.ComparisonTarget():
            comparison = facts.module.parent(parent)
            assert comparison is not None
            return How.COMPARED, comparison
        case cst.Comparison():
            return _compared(parent), parent
        case cst.For(iter=iterable) | cst.CompFor(iter=iterable) if iterable is node:
            return How.ITERATED, parent
        case cst.Expr():
            return How.DISCARDED, parent
        case cst.Arg():
            return _handed(facts, parent)
        case cst.GeneratorExp(elt=element) | cst.ListComp(elt=element) if element is node:
            return (How.TEST if _is_tested_for_all(facts, parent) else How.VALUE), parent
    return How.VALUE, parent if parent is not None else node


def _compared(comparison: cst.Comparison) -> How:
    match comparison.comparisons:
        case [cst.ComparisonTarget(operator=cst.Is() | cst.Equal(), comparator=cst.Name(value="None"))]:
            return How.IS_NONE
        case [cst.ComparisonTarget(operator=cst.IsNot() | cst.NotEqual(), comparator=cst.Name(value="None"))]:
            return How.IS_NOT_NONE
    return How.COMPARED


def _handed(facts: Facts, argument: cst.Arg) -> tuple[How, cst.CSTNode]:
    call = facts.module.parent(argument)
    match call:
        case cst.Call(func=cst.Name(value="len")):
            return How.COUNTED, call
        case cst.Call(func=cst.Name(value="bool")):
            return How.TEST, argument
    return How.VALUE, argument


def _is_tested_for_all(facts: Facts, comprehension: cst.CSTNode) -> bool:
    argument = facts.module.parent(comprehension)
    match facts.module.parent(argument) if isinstance(argument, cst.Arg) else None:
        case cst.Call(func=cst.Name(value="any" | "all")):
            return True
    return False


def read(facts: Facts, node: cst.CSTNode, base: cst.CSTNode, shape: Shape, name: str, row: Row | None) -> Use:
    """The use of ``name`` of ``base`` at ``node``."""
    return Use(node, base, shape, name, row, how_used(facts, node)[0])


def value_of(node: cst.CSTNode, row: Row) -> Iterator[Flow]:
    """The value of a field that was read, where it is of a legacy type itself."""
    if row.of and row.refuse is None:
        yield Flow(node, Shape(row.of, row.via in _LISTS or row.field.endswith("_details")))


def is_written(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``node`` is assigned to or deleted."""
    match facts.module.parent(node):
        case cst.AssignTarget() | cst.Del():
            return True
        case cst.AugAssign(target=target) | cst.AnnAssign(target=target):
            return target is node
    return False


def is_called(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``node`` is the function of a call."""
    parent = facts.module.parent(node)
    return isinstance(parent, cst.Call) and parent.func is node


def definitions_at(facts: Facts, target: cst.Name, holder: cst.CSTNode) -> list[Definition]:
    """The definitions of the name ``target`` that ``holder`` makes."""
    scopes = facts.scopes.scope_of.values()
    return [each for scope in scopes for each in scope.definitions.get(target.value, ()) if each.node is holder]
