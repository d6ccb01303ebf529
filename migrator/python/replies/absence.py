"""Whether None, which an empty answer gave, is told apart from an empty value later on."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.module import is_none
from migrator.python.evidence.scopes import Definition, Kind, dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies.holding import holding, places
from migrator.python.replies.uses import How, definitions_at, how_used

_UNCERTAIN = (cst.IfExp, cst.BooleanOperation, cst.Lambda, cst.IndentedBlock)  # what may leave out a part of itself
_OF_NONE = frozenset({"AttributeError", "TypeError"})
_OF_INDEX = frozenset({"IndexError", "LookupError", "Exception", "BaseException"})
_SERIALISERS = frozenset(
    """
    json.dump json.dumps orjson.dumps ujson.dump ujson.dumps yaml.dump yaml.safe_dump pickle.dump pickle.dumps
    flask.jsonify fastapi.responses.JSONResponse starlette.responses.JSONResponse django.http.JsonResponse
    """.split()
)
_ROUTES = frozenset({"get", "post", "put", "patch", "delete", "route", "websocket", "api_route"})


def is_nothing(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether ``node`` is None, or empty, so that nothing is read of it."""
    match node:
        case cst.Name(value="None"):
            return True
        case cst.Name():
            found = facts.scopes.definitions(node)
            return bool(found) and all(is_given_none(facts, each) for each in found)
        case cst.List(elements=elements) | cst.Tuple(elements=elements) | cst.Dict(elements=elements):
            return not elements
    return False


def is_given_none(facts: Facts, definition: Definition) -> bool:
    """Whether ``definition`` binds its name to None: ``usage = None``, or ``texts, usage = [], None``."""
    target = facts.module.parent(definition.node)
    if not isinstance(target, cst.Tuple) or definition.kind is not Kind.UNPACK:
        return is_none(definition.value)
    match facts.module.parent(target), definition.value:
        case cst.AssignTarget(), cst.Tuple(elements=values) if len(values) == len(target.elements):
            starred = any(isinstance(each, cst.StarredElement) for each in (*target.elements, *values))
            pairs = zip(target.elements, values, strict=True)
            return not starred and any(name is definition.node and is_none(given.value) for name, given in pairs)
    return False


def none_matters(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node``, kept or passed on inside this file, is compared with None somewhere."""
    return any(
        how_used(facts, each)[0] in (How.IS_NONE, How.IS_NOT_NONE)
        or _is_declared(facts, each)
        or _is_asked(facts, each)
        or _is_among(facts, each)
        or _is_matched(facts, each)
        for each in holding(facts, node)
    )


def leaves_as_data(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node``, alone or inside a collection, is serialised: there null and "" are two things."""
    return any(_is_serialised(facts, each) for each, _ in places(facts, node))


def _is_serialised(facts: Facts, node: cst.CSTNode) -> bool:
    parent = facts.module.parent(node)
    match facts.module.parent(parent) if isinstance(parent, cst.Arg) else parent:
        case cst.Call(func=func):
            return (facts.names.path(func) or dotted(func)) in _SERIALISERS
        case cst.Return() as statement:
            function = facts.module.enclosing(statement, cst.FunctionDef, cst.Lambda)
            return isinstance(function, cst.FunctionDef) and any(map(_is_route, function.decorators))
    return False


def _is_route(decorator: cst.Decorator) -> bool:
    """``@app.post("/answer")``: what the function returns becomes JSON."""
    match decorator.decorator:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name)), args=[cst.Arg(value=cst.SimpleString()), *_]):
            return name in _ROUTES
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
    """Whether the value of ``node`` is used as a text where a handler catches that None is none."""
    return any(_may_fail(facts, each) for each in holding(facts, node))


def _may_fail(facts: Facts, node: cst.CSTNode) -> bool:
    parent = facts.module.parent(node)
    if not isinstance(parent, (cst.Attribute, cst.Subscript, cst.Arg, cst.BinaryOperation)):
        return False
    inner: cst.CSTNode = node
    for holder in facts.module.ancestors(node):
        if isinstance(holder, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            return False
        if isinstance(holder, cst.Try) and holder.body is inner:
            return any(_catches_none(handler.type) for handler in holder.handlers)
        inner = holder
    return False


def waits_for_none(facts: Facts, node: cst.CSTNode) -> str:
    """The error that a handler waits for where ``node``, by index, was None and is empty now; empty if any will do."""
    if not isinstance(facts.module.parent(node), cst.Subscript):
        return ""
    inner: cst.CSTNode = node
    for holder in facts.module.ancestors(node):
        if isinstance(holder, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
            return ""
        if isinstance(holder, cst.Try) and holder.body is inner:
            names = {name for handler in holder.handlers for name in _names(handler.type)}
            if names & _OF_INDEX:
                return ""
            if names & _OF_NONE:
                return "TypeError" if "TypeError" in names else "AttributeError"
        inner = holder
    return ""


def _names(caught: cst.BaseExpression | None) -> set[str]:
    match caught:
        case None:
            return {"BaseException"}
        case cst.Tuple(elements=elements):
            return {name for element in elements for name in _names(element.value)}
    return {dotted(caught)}


def _catches_none(caught: cst.BaseExpression | None) -> bool:
    match caught:
        case cst.Name(value=name):
            return name in _OF_NONE
        case cst.Tuple(elements=elements):
            return any(_catches_none(element.value) for element in elements)
    return False


def _is_declared(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether a function promises that what it returns may be None."""
    statement = facts.module.parent(node)
    if not isinstance(statement, cst.Return):
        return False
    match facts.module.enclosing(statement, cst.FunctionDef, cst.Lambda):
        case cst.FunctionDef(returns=cst.Annotation(annotation=annotation)):
            source = facts.module.source(annotation)
            return "None" in source or "Optional" in source
    return False
