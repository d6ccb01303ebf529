"""Names that stand for structures: where a value is made, everywhere that it is read, and how it grows.

A binding closes over everything that must change together: all definitions that reach one of its reads, all reads that
one of its definitions reaches. It is a local or global name, an attribute of a class, or the result of a function.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import libcst as cst

from migrator.python.evidence import attributes
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.unpacked import elements, names, unpacked
from migrator.python.evidence.values import Facts
from migrator.python.replies.callers import changed_elsewhere, mentions
from migrator.python.replies.uses import How, how_used, is_called, is_written
from migrator.records import dataclass

_GROWING = frozenset({"append", "extend", "insert"})
_CHANGING = _GROWING | set("pop popitem clear remove sort reverse update setdefault add discard".split())


@dataclass(frozen=True, slots=True)
class Binding:
    """A structure under one name; ``key`` is the same for every read of it."""

    key: Hashable
    label: str
    values: tuple[cst.BaseExpression, ...]
    reads: tuple[cst.BaseExpression, ...]
    definitions: tuple[Definition, ...] = ()
    function: cst.FunctionDef | None = None
    annotations: tuple[cst.BaseExpression, ...] = ()
    outside: str = ""  # the public function whose unseen callers would have to change too
    optional: bool = True  # whether the name may hold None where it is read
    table: cst.BaseExpression | None = None  # the dict or list that the values stand in


@dataclass(frozen=True, slots=True)
class Growth:
    """A list method called on a binding: ``call`` adds ``items``."""

    read: cst.CSTNode
    call: cst.CSTNode
    method: str
    items: cst.BaseExpression


def binding_of(facts: Facts, node: cst.BaseExpression) -> Binding | None:
    """The binding that ``node`` reads, or None when it is no name of this file for a value made in this file."""
    match node:
        case cst.Name():
            return _of_name(facts, node)
        case cst.Attribute(attr=cst.Name(value=name)):
            return _of_attribute(facts, node, name)
        case cst.Call(func=func):
            function = facts.names.function(func)
            if isinstance(function, cst.FunctionDef):
                return _of_function(facts, function)
    return None


def _of_name(facts: Facts, node: cst.Name) -> Binding | None:
    definitions: set[Definition] = set()
    reads: set[cst.Name] = set()
    waiting = set(facts.scopes.definitions(node))
    while waiting:
        definition = waiting.pop()
        definitions.add(definition)
        for read in facts.scopes.reads(definition):
            if read not in reads:
                reads.add(read)
                waiting |= facts.scopes.definitions(read) - definitions
    if len(definitions) == 1:
        definition = next(iter(definitions))
        if definition.kind is Kind.PARAMETER:
            return _of_parameter(facts, definition)
    kinds = {definition.kind for definition in definitions}
    if kinds == {Kind.UNPACK} and (taken := unpacked(facts, definitions)) is not None:
        return _of_element(facts, *taken)
    if not definitions or kinds - {Kind.ASSIGN, Kind.AUGMENT, Kind.DECLARE}:
        return None
    ordered = sorted(definitions, key=lambda each: facts.module.span(each.node))
    values = tuple(each.value for each in ordered if each.kind is Kind.ASSIGN and each.value is not None)
    found = tuple(sorted(reads, key=facts.module.span))
    annotations = tuple(each.annotation for each in ordered if each.annotation is not None)
    if not values:
        return None
    return Binding(frozenset(definitions), node.value, values, found, tuple(ordered), None, annotations)


def _of_parameter(facts: Facts, definition: Definition) -> Binding | None:
    """A parameter holds what the callers in this file give it; its default counts where it is None."""
    function = definition.scope.node
    passed = facts.names.arguments_for(definition)
    if not passed or not isinstance(function, cst.FunctionDef):
        return None
    values = [*passed, *([definition.value] if definition.value is not None else [])]
    name = function.name.value
    private = (name.startswith("_") and name != "__init__") or facts.module.enclosing(
        function, cst.FunctionDef
    ) is not None
    annotations = (definition.annotation,) if definition.annotation is not None else ()
    reads = tuple(facts.scopes.reads(definition))
    return Binding(
        definition, definition.name, tuple(values), reads, (definition,), None, annotations, "" if private else name
    )


def _of_attribute(facts: Facts, node: cst.Attribute, name: str) -> Binding | None:
    owner = facts.names.class_of(node.value)
    if owner is None:
        return None
    found = attributes.kept(facts, owner, name)
    label = facts.module.source(node)
    if found is None:
        return None
    return Binding((found.family[0], name), label, found.values, found.reads, annotations=found.annotations)


def _of_function(facts: Facts, function: cst.FunctionDef) -> Binding | None:
    values = tuple(value for value in facts.names.returns(function))
    if not values or any(isinstance(each, cst.Yield) for each in descendants(function.body)):
        return None
    if any(not is_called(facts, each) for each in mentions(facts, function)) or changed_elsewhere(facts, function):
        return None
    calls = tuple(facts.names.calls_of(function))
    return Binding(function, f"{function.name.value}()", values, calls, (), function)


def _of_element(facts: Facts, function: cst.FunctionDef, position: int) -> Binding | None:
    """What a function returns at one position of a tuple, under the names that its callers give it."""
    whole = _of_function(facts, function)
    if whole is None:
        return None
    reads = {read for each in names(facts, function, position) for read in facts.scopes.reads(each)}
    values = tuple(elements(facts, function, position))
    label = f"{function.name.value}()[{position}]"
    ordered = tuple(sorted(reads, key=facts.module.span))
    return Binding((function, position), label, values, ordered, (), function)


def growths(facts: Facts, binding: Binding) -> tuple[list[Growth], list[cst.BaseExpression]]:
    """How the binding's list grows, and the reads that neither grow it nor only ask for its length or truth."""
    grown: list[Growth] = []
    others: list[cst.BaseExpression] = []
    for read in binding.reads:
        added = growth(facts, read)
        if added is not None:
            grown.append(added)
        elif how_used(facts, read)[0] not in (How.TEST, How.COUNTED, How.IS_NONE, How.IS_NOT_NONE):
            others.append(read)
    return grown, others


def growth(facts: Facts, read: cst.BaseExpression) -> Growth | None:
    """How a read of a list adds to it; None where it does not."""
    parent = facts.module.parent(read)
    match parent:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is read and name in _GROWING:
            call = facts.module.parent(parent)
            if isinstance(call, cst.Call) and call.args and not call.args[-1].star:
                return Growth(read, call, name, call.args[-1].value)
        case cst.AugAssign(target=target, operator=cst.AddAssign(), value=added) if target is read:
            return Growth(read, parent, "+=", added)
    return None


def is_counted(facts: Facts, binding: Binding) -> bool:
    """Whether the length of what a binding holds is asked for."""
    return any(how_used(facts, read)[0] is How.COUNTED for read in binding.reads)


def can_move(
    facts: Facts, binding: Binding, use: cst.CSTNode, made_of: Sequence[cst.BaseExpression] | None = None
) -> bool:
    """Whether the one value of a name can be written where it is used instead, with the same result.

    ``made_of`` names the parts that matter, where making the value of them does nothing else.
    """
    if not _is_movable(facts, binding, use):
        return False
    value = binding.values[0]
    parts = [value] if made_of is None else made_of
    return can_move_next(facts, binding, use) or all(_is_steady(facts, part) for part in parts)


def can_move_next(facts: Facts, binding: Binding, use: cst.CSTNode) -> bool:
    """Whether the one value of a name can move as ``can_move`` says, and nothing stands between."""
    if not _is_movable(facts, binding, use):
        return False
    made, used = facts.module.statement(binding.definitions[0].node), facts.module.statement(use)
    return _are_neighbours(facts, made, used)


def _is_movable(facts: Facts, binding: Binding, use: cst.CSTNode) -> bool:
    """Whether ``use`` is all that is done with the one value of a name, and is done as often as the value is made."""
    if len(binding.definitions) != 1 or len(binding.reads) != 1 or binding.reads[0] is not use:
        return False
    definition = binding.definitions[0]
    if any(each.kind is Kind.DELETE for each in definition.scope.definitions.get(definition.name, ())):
        return False
    if not isinstance(definition.node, (cst.AssignTarget, cst.AnnAssign)) or definition.value is None:
        return False
    made = facts.module.statement(definition.node)
    if facts.scopes.at(definition.node) is not facts.scopes.at(use) or not _is_alone(facts, definition, made):
        return False
    return not _crosses_loop(facts, made, use)


def _is_alone(facts: Facts, definition: Definition, statement: cst.CSTNode) -> bool:
    """Whether the statement does nothing but this one assignment, in a block that has others."""
    assignment = definition.node if isinstance(definition.node, cst.AnnAssign) else facts.module.parent(definition.node)
    if isinstance(assignment, cst.Assign) and len(assignment.targets) != 1:
        return False
    block = facts.module.parent(statement)
    alone_in_line = isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1
    return alone_in_line and isinstance(block, (cst.IndentedBlock, cst.Module)) and len(block.body) > 1


def _crosses_loop(facts: Facts, made: cst.CSTNode, use: cst.CSTNode) -> bool:
    """Whether ``use`` may be evaluated more often than ``made``, or not at all."""
    block, inner = facts.module.parent(made), use
    for holder in facts.module.ancestors(use):
        if holder is block:
            return False
        match holder:
            case cst.For(iter=once) | cst.If(test=once) if once is inner:
                pass
            case cst.For() | cst.While() | cst.FunctionDef() | cst.Lambda() | cst.BaseComp() | cst.If():
                return True
        inner = holder
    return True


def is_constant(facts: Facts, value: cst.BaseExpression) -> bool:
    """Whether ``value`` is made of literals, enum members and SDK objects of those: the same wherever it is written."""
    for node in descendants(value):
        match node:
            case cst.Call(func=func) if not facts.names.path(func).startswith("google.genai.types."):
                return False
            case cst.Name() if not facts.names.path(node).startswith("google.genai") and facts.scopes.definitions(node):
                return False
            case cst.Await() | cst.Yield() | cst.NamedExpr() | cst.Subscript() | cst.Lambda() | cst.FormattedString():
                return False
    return True


def is_only_assignment(facts: Facts, statement: cst.CSTNode) -> bool:
    """Whether a statement assigns to one target and does nothing else, in a block that has other statements."""
    block = facts.module.parent(statement)
    match statement:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[_]) | cst.AnnAssign()]):
            return isinstance(block, (cst.IndentedBlock, cst.Module)) and len(block.body) > 1
    return False


def _are_neighbours(facts: Facts, made: cst.CSTNode, used: cst.CSTNode) -> bool:
    block = facts.module.parent(made)
    while facts.module.parent(used) is not block and facts.module.parent(used) is not None:
        holder = facts.module.parent(used)
        assert holder is not None
        used = holder
    if not isinstance(block, (cst.IndentedBlock, cst.Module)) or used not in block.body:
        return False
    body = list(block.body)
    return body.index(used) - body.index(made) == 1  # type: ignore[arg-type]


def _is_steady(facts: Facts, value: cst.BaseExpression) -> bool:
    """Whether ``value`` gives the same wherever in its scope it is evaluated."""
    for node in descendants(value):
        match node:
            case cst.Call(func=func) if not facts.names.path(func).startswith("google.genai.types."):
                return False
            case cst.Await() | cst.Yield() | cst.NamedExpr():
                return False
            case cst.Subscript() if facts.kinds.of(node) != "type":
                return False
            case cst.Name():
                found = facts.scopes.definitions(node)
                if any(len(each.scope.definitions.get(each.name, [])) > 1 for each in found):
                    return False
                if any(is_changed(facts, read) for each in found for read in facts.scopes.reads(each)):
                    return False
    return True


def is_changed(facts: Facts, read: cst.CSTNode) -> bool:
    """Whether a use of a name changes what it holds: an item or a field is set, or a list grows or shrinks."""
    parent = facts.module.parent(read)
    match parent:
        case cst.AugAssign(target=target):
            return target is read
        case cst.Attribute(attr=cst.Name(value=name)) if name in _CHANGING:
            return is_called(facts, parent)
        case cst.Attribute() | cst.Subscript():
            return is_written(facts, parent)
    return False
