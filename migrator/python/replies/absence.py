"""Whether None, which an empty answer gave, is told apart from an empty value later on."""

from __future__ import annotations

import libcst as cst

from migrator.python.errors.raising import Raising
from migrator.python.evidence.attributes import annotation_of_field
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.models import is_model
from migrator.python.evidence.module import is_none
from migrator.python.evidence.optional import is_optional
from migrator.python.evidence.pairs import given
from migrator.python.evidence.scopes import Definition, Kind, dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies import out_of_sight
from migrator.python.replies.holding import holding, places
from migrator.python.replies.parameters import is_never_given
from migrator.python.replies.uses import How, definitions_at, how_used

_UNCERTAIN = (cst.IfExp, cst.BooleanOperation, cst.Lambda, cst.IndentedBlock)  # what may leave out a part of itself
_OF_NONE = frozenset({"AttributeError", "TypeError"})
_OF_ALL = frozenset({"Exception", "BaseException"})
_OF_VALIDATION = frozenset({"ValidationError", "pydantic.ValidationError", "ValueError"}) | _OF_ALL
_OF_INDEX = frozenset({"IndexError", "LookupError"}) | _OF_ALL
_OF_TYPE = frozenset({"TypeError"}) | _OF_ALL
_USING = (
    *(cst.Attribute, cst.Subscript, cst.Arg, cst.BinaryOperation),
    *(cst.AugAssign, cst.ComparisonTarget, cst.For, cst.CompFor),
)
_OF_TEXTS = frozenset({"len", "write", "write_text", "b64decode", "escape", "unescape", "list", "sorted", "set"})


def is_nothing(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether ``node`` is None, or empty, so that nothing is read of it."""
    match node:
        case cst.Name(value="None"):
            return True
        case cst.Name():
            found = facts.scopes.definitions(node)
            return bool(found) and all(_is_unset(facts, each) for each in found)
        case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Dict(elements=elements):
            return not elements
    return False


def _is_unset(facts: Facts, definition: Definition) -> bool:
    """Whether a name holds None: a parameter only where nobody passes anything else."""
    if not is_none(given(facts.module, definition)):
        return False
    return definition.kind is not Kind.PARAMETER or is_never_given(facts, definition)


def none_matters(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node``, kept or passed on inside this file, is compared with None somewhere."""
    return any(
        _is_told_apart(facts, each) if depth == 0 else _is_looked_through(facts, each)
        for each, depth in places(facts, node)
    )


def _is_told_apart(facts: Facts, node: cst.CSTNode) -> bool:
    return (
        how_used(facts, node)[0] in (How.IS_NONE, How.IS_NOT_NONE)
        or out_of_sight.is_told_apart(facts, node)
        or _is_declared(facts, node)
        or _is_asked(facts, node)
        or _is_among(facts, node)
        or _is_matched(facts, node)
    )


def _is_looked_through(facts: Facts, items: cst.CSTNode) -> bool:
    """Whether None is looked for in a collection: ``None in texts``, ``texts.count(None)``."""
    parent = facts.module.parent(items)
    match parent:
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
            comparison = facts.module.parent(parent)
            return isinstance(comparison, cst.Comparison) and is_none(comparison.left)
        case cst.Attribute(attr=cst.Name(value="count" | "index" | "remove")):
            match facts.module.parent(parent):
                case cst.Call(args=[cst.Arg(value=value)]):
                    return is_none(value)
    return False


def compared_with_nothing(facts: Facts, node: cst.CSTNode) -> cst.CSTNode | None:
    """The place where the value of ``node`` is compared with an empty text, which None did not equal."""
    return next((each for each in holding(facts, node) if _is_compared_with_nothing(facts, each)), None)


def _is_compared_with_nothing(facts: Facts, node: cst.CSTNode) -> bool:
    how, comparison = how_used(facts, node)
    if how is not How.COMPARED or not isinstance(comparison, cst.Comparison) or len(comparison.comparisons) != 1:
        return False
    target = comparison.comparisons[0]
    other = target.comparator if comparison.left is node else comparison.left
    same = isinstance(target.operator, (cst.Equal, cst.NotEqual))
    return same and isinstance(other, cst.SimpleString) and not other.evaluated_value


def fails_on_none(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether None in the place of ``node`` raises an error there or in the next line, which the function lets out."""
    match facts.module.parent(node):
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name() as name) as holder]):
            fails = _fails_next(facts, name, holder)
        case cst.AnnAssign(target=cst.Name() as name) as holder:
            fails = _fails_next(facts, name, holder)
        case _:
            fails = _is_taken_apart(facts, node)
    return fails and not _is_guarded(facts, node)


def _is_taken_apart(facts: Facts, node: cst.CSTNode) -> bool:
    match facts.module.parent(node):
        case cst.Attribute() | cst.Subscript():
            return True
        case cst.For(iter=iterated) | cst.CompFor(iter=iterated):
            return iterated is node
    return False


def _fails_next(facts: Facts, name: cst.Name, holder: cst.CSTNode) -> bool:
    """Whether all reads of a name take it apart, and the next statement does it first of all."""
    reads = [read for each in definitions_at(facts, name, holder) for read in facts.scopes.reads(each)]
    if not reads or not all(_is_taken_apart(facts, read) for read in reads):
        return False
    statement = facts.module.statement(holder)
    block = facts.module.parent(statement)
    if not isinstance(block, (cst.IndentedBlock, cst.Module)) or block.body[-1] is statement:
        return False
    following = block.body[block.body.index(statement) + 1]
    return any(_is_evaluated_by(facts, read, following) for read in reads)


def _is_evaluated_by(facts: Facts, read: cst.Name, statement: cst.CSTNode) -> bool:
    """Whether nothing decides if ``statement`` comes to ``read``."""
    inner: cst.CSTNode = read
    for holder in facts.module.ancestors(read):
        if holder is statement:
            return isinstance(holder, (cst.SimpleStatementLine, cst.For))
        first = isinstance(holder, cst.CompFor) and holder.iter is inner
        looped = isinstance(holder, (cst.BaseComp, cst.CompFor)) and not first and not isinstance(inner, cst.CompFor)
        if looped or isinstance(holder, _UNCERTAIN):
            return False
        inner = holder
    return False


def _is_guarded(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether something in the function may catch an error of ``node``."""
    for holder in facts.module.ancestors(node):
        if isinstance(holder, (cst.FunctionDef, cst.Lambda)):
            return False
        if isinstance(holder, (cst.Try, cst.TryStar)) or (isinstance(holder, cst.With) and _suppresses(facts, holder)):
            return True
    return False


def _suppresses(facts: Facts, manager: cst.With) -> bool:
    return any("suppress" in facts.module.source(item.item) for item in manager.items)


def _is_asked(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``isinstance`` or ``type`` asks for the type of ``node``."""
    argument = facts.module.parent(node)
    match facts.module.parent(argument) if isinstance(argument, cst.Arg) else None:
        case cst.Call(func=cst.Name(value="isinstance" | "type")):
            return True
    return False


def _is_among(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``node`` is looked for in a display that has None: ``text in (None, "")``."""
    match facts.module.parent(node):
        case cst.Comparison(
            left=left,
            comparisons=[
                cst.ComparisonTarget(
                    operator=cst.In() | cst.NotIn(),
                    comparator=cst.Tuple(elements=items) | cst.List(elements=items) | cst.Set(elements=items),
                )
            ],
        ) if left is node:
            return any(is_none(item.value) for item in items)
    return False


def _is_matched(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether a ``match`` statement takes ``node`` apart."""
    parent = facts.module.parent(node)
    return isinstance(parent, cst.Match) and parent.subject is node


def failure_matters(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node``, nowhere asked for, is used as a text where a handler catches that None is none."""
    if _is_asked_for(facts, node):
        return False
    return any(
        _may_fail(facts, each, _USING) if depth == 0 else _is_joined(facts, each)
        for each, depth in places(facts, node)
        if depth <= 1
    )


def _is_joined(facts: Facts, items: cst.CSTNode) -> bool:
    """Whether ``"".join(items)`` raises an error that a handler catches, if one of them is None."""
    argument = facts.module.parent(items)
    match facts.module.parent(argument) if isinstance(argument, cst.Arg) else None:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value="join"))):
            return any(names & _OF_TYPE for names in _around(facts, items))
    return False


def iteration_matters(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the list of ``node``, nowhere asked for, is iterated over where a handler catches that None is none."""
    loops = (cst.For, cst.CompFor)
    return not _is_asked_for(facts, node) and any(_may_fail(facts, each, loops) for each in holding(facts, node))


def _is_asked_for(facts: Facts, node: cst.CSTNode) -> bool:
    asked = facts.module.source(node)
    return any(says_there(facts.module, test, asked, holds=holds) for test, holds in conditions(facts.module, node))


def _may_fail(facts: Facts, node: cst.CSTNode, using: tuple[type[cst.CSTNode], ...]) -> bool:
    parent = facts.module.parent(node)
    if not isinstance(parent, using):
        return False
    caught = {name for names in _around(facts, node) for name in names}
    if _is_validated(facts, parent):
        return bool(caught & _OF_VALIDATION)
    return bool(caught & _OF_NONE) or (bool(caught & _OF_ALL) and _fails_for_sure(facts, parent))


def _is_validated(facts: Facts, argument: cst.CSTNode) -> bool:
    """Whether a model of this file takes no None for the field that ``argument`` gives."""
    call = facts.module.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(argument, cst.Arg) or not isinstance(call, cst.Call) or not is_model(facts, call.func):
        return False
    annotation = annotation_of_field(facts, argument)
    return annotation is not None and not is_optional(annotation)


def _around(facts: Facts, node: cst.CSTNode) -> list[set[str]]:
    """The errors that are caught around ``node``, in its function and in those that call it, a set for each handler."""
    if not facts.module.nodes(cst.Try) and not facts.module.names("suppress"):
        return []
    surfaces = Raising(facts).surfaces(node)
    return [_names(each.type) for each in surfaces.handlers] + [_suppressed(facts, each) for each in surfaces.contexts]


def _suppressed(facts: Facts, context: cst.BaseExpression) -> set[str]:
    """The errors that ``with suppress(…)`` passes over."""
    match context:
        case cst.Call(func=func, args=arguments) if facts.names.path(func) == "contextlib.suppress":
            return {name for each in arguments for name in _names(each.value)}
    return set()


def waits_for_none(facts: Facts, node: cst.CSTNode) -> str:
    """The error that a handler waits for where ``node``, by index, was None and is empty now; empty if any will do."""
    if not isinstance(facts.module.parent(node), cst.Subscript):
        return ""
    caught = _around(facts, node)
    by_type = next((names for names in caught if names & _OF_TYPE), None)
    by_index = next((names for names in caught if names & _OF_INDEX), None)
    if by_type is not by_index and by_type is not None:
        return "TypeError"
    if by_index is None and any("AttributeError" in names for names in caught):
        return "AttributeError"
    return ""


def _names(caught: cst.BaseExpression | None) -> set[str]:
    match caught:
        case None:
            return {"BaseException"}
        case cst.Tuple(elements=elements):
            return {name for element in elements for name in _names(element.value)}
    return {dotted(caught)}


def _fails_for_sure(facts: Facts, parent: cst.CSTNode) -> bool:
    """Whether None, but no text, raises an error where ``parent`` uses it."""
    match parent:
        case cst.Arg():
            call = facts.module.parent(parent)
            name = (facts.names.path(call.func) or dotted(call.func)) if isinstance(call, cst.Call) else ""
            return name.startswith(("re.", "textwrap.")) or name.rpartition(".")[2] in _OF_TEXTS
        case cst.BinaryOperation(operator=operator):
            return isinstance(operator, (cst.Add, cst.Multiply))
        case cst.ComparisonTarget(operator=operator):
            return isinstance(operator, (cst.In, cst.NotIn))
        case cst.AugAssign(operator=operator):
            return isinstance(operator, cst.AddAssign)
    return True


def _is_declared(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether a function promises that what it returns may be None, or a field that what it holds may be."""
    statement = facts.module.parent(node)
    if isinstance(statement, cst.Arg):
        annotation = annotation_of_field(facts, statement)
        return annotation is not None and is_optional(annotation)
    if not isinstance(statement, cst.Return):
        return False
    match facts.module.enclosing(statement, cst.FunctionDef, cst.Lambda):
        case cst.FunctionDef(returns=cst.Annotation(annotation=annotation)):
            source = facts.module.source(annotation)
            return "None" in source or "Optional" in source
    return False
