"""Functions called by hand: which call of a reply a result answers, and what of a reply is sent back."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator import ir
from migrator.plan import Mode
from migrator.python.evidence.scopes import Definition, Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies.uses import Shape, Track, Veto
from migrator.python.requests.workspace import Ledger, Workspace

CALL = Shape("FunctionCall")
_PUT = frozenset({"append()", "extend()", "insert()"})


def completed(space: Workspace, record: ir.Record) -> ir.Value:
    """A part that puts a call back as that call; a function's result with the id of the call that it answers."""
    if record.type == "Part" or record.get("function_call") is not None:
        return _put_back(space, record) or record
    if record.get("args") is not None:
        _rebuilt(space, record)
        return record
    if not _is_nothing(record.get("id")):
        return record
    call = _answered(space, record)
    if call is None:
        return record
    known = ir.Apply(ir.Function.ATTRIBUTE, (ir.Opaque(call, repeatable=True), ir.Literal("id")))
    rest = tuple(field for field in record.fields if field.name != "id")
    return ir.Record(record.type, (ir.Field("id", known), *rest), record.origin)


def _is_nothing(value: ir.Value | None) -> bool:
    return value is None or (isinstance(value, ir.Literal) and value.value is None)


def _put_back(space: Workspace, part: ir.Record) -> ir.Value | None:
    match part.fields:
        case (ir.Field(name="function_call", value=ir.Opaque(origin=cst.BaseExpression() as call)),):
            if space.ledger.shapes.get(call) != CALL:
                return None
            message = "the call is put back without the thought before it, as in the legacy request"
            space.draft.ask(
                "MG102", message, call, "Put back all steps of the reply where the model is to go on thinking."
            )
            space.ledger.consumed.add(call)
            return ir.Opaque(call, ir.PLANNED, hint=Mode.STEPS.value)
    return None


def _rebuilt(space: Workspace, call: ir.Record) -> None:
    """A call made anew from a reply's has another signature than the model's."""
    name = call.get("name")
    origin = name.origin if isinstance(name, ir.Opaque) else None
    if isinstance(origin, cst.BaseExpression) and _call_named(space, origin) is not None:
        message = "a call of the reply is made anew, without what the model signed it with"
        advice = "Append response.candidates[0].content whole, or the call as it is."
        space.draft.refuse("MG108", message, origin, advice)


def answered_elsewhere(space: Workspace, node: cst.BaseExpression) -> ir.Value | None:
    """The step for the result that a function of another file gave for a call that it was handed."""
    made, calls = _handed(space, node)
    if made is None or not calls:
        return None
    if len(calls) != 1 or not isinstance(calls[0], cst.Name) or not _is_still(space, calls[0], node):
        return ir.Unknown("this is the result for a call that has no name here", node)
    function = space.facts.module.source(made.func)
    message = f"what {function} gives is taken to be the result for the call that it was handed"
    space.draft.ask("MG102", message, node, "Accept with --review if it is a part with a function_response.")
    return ir.Apply(ir.Function.RESULT, (ir.Opaque(node), ir.Opaque(calls[0])), node)


def answered_alone(space: Workspace, node: cst.BaseExpression) -> ir.Value | None:
    """The same for what is all that is said: a text too may have been made of the call, unless it is a part."""
    match node:
        case cst.Subscript(value=cst.Attribute(attr=cst.Name(value="parts"))):
            return answered_elsewhere(space, node)
    if _handed(space, node)[1]:
        return ir.Unknown("whether this is a text or the result for a call that another file runs is not visible", node)
    return None


def _handed(space: Workspace, node: cst.BaseExpression) -> tuple[cst.Call | None, list[cst.BaseExpression]]:
    """The call of another file's function that gives what ``node`` is taken out of, and the calls it is handed."""
    made = _made_by(space, node)
    if made is None or not _is_unseen(space, made):
        return None, []
    return made, [each.value for each in made.args if not each.star and space.ledger.shapes.get(each.value) == CALL]


def _is_unseen(space: Workspace, made: cst.Call) -> bool:
    """Whether a function that neither this file nor the SDK has is called."""
    path = space.facts.names.path(made.func)
    return space.facts.names.function(made.func) is None and not path.startswith("google.")


def _is_still(space: Workspace, call: cst.Name, place: cst.BaseExpression) -> bool:
    """Whether the name of a call still stands for it at ``place``."""
    if place in space.facts.module.ancestors(call):
        return True
    made = space.facts.scopes.at(call).definitions.get(call.value, ())
    return _is_same(space, call, place) and not any(_is_behind_its_loop(space, each, place) for each in made)


def _made_by(space: Workspace, node: cst.BaseExpression) -> cst.Call | None:
    """The call that gives what ``node`` is taken out of."""
    match node:
        case cst.Call():
            return node
        case cst.Await(expression=value) | cst.Attribute(value=value) | cst.Subscript(value=value):
            return _made_by(space, value)
        case cst.Name():
            found = space.facts.scopes.definitions(node)
            values = [each.value for each in found if each.kind is Kind.ASSIGN]
            alone = values[0] if len(found) == 1 and values else None
            taken = isinstance(alone, cst.Call | cst.Await | cst.Attribute | cst.Subscript)
            return _made_by(space, alone) if alone is not None and taken else None
    return None


def hands_calls_on(space: Workspace) -> bool:
    """Whether calls of a reply are handed to functions of another file, which may make anything of them."""
    module = space.facts.module
    for node, shape in space.ledger.shapes.items():
        argument = module.parent(node) if shape == CALL else None
        call = module.parent(argument) if isinstance(argument, cst.Arg) else None
        if isinstance(call, cst.Call) and isinstance(call.func, cst.Name | cst.Attribute) and _is_unseen(space, call):
            known = isinstance(call.func, cst.Name) and not space.facts.scopes.definitions(call.func)
            if not known:
                return True
    return False


def answers_by_hand(space: Workspace) -> bool:
    """Whether calls of a reply are looked at in this file."""
    return any(shape == CALL for shape in space.ledger.shapes.values())


# Results -------------------------------------------------------------------------------------------------------------


def _answered(space: Workspace, result: ir.Record) -> cst.BaseExpression | None:
    """The call that a result answers: legacy matched by name, a step matches by id."""
    match result.get("name"):
        case ir.Literal(value=str() as name, origin=cst.BaseExpression() as written):
            call = _only_call(space, written)
            if call is not None:
                source = space.facts.module.source(call)
                if space.ledger.answered.setdefault(call, name) != name:
                    return None  # one call has one result
                space.draft.ask("MG102", f"the result of {name!r} is taken to answer {source}", written)
            return call
        case ir.Opaque(origin=cst.BaseExpression() as given):
            return _call_named(space, given)
    return None


def _call_named(space: Workspace, name: cst.BaseExpression) -> cst.BaseExpression | None:
    """The call that ``name`` was read from, as it can be written where ``name`` stands."""
    match name:
        case cst.Attribute(value=call, attr=cst.Name(value="name")) if space.ledger.shapes.get(call) == CALL:
            return call
        case cst.Call(func=cst.Name(value="getattr"), args=[cst.Arg(value=call), cst.Arg(value=field), *_]):
            is_name = isinstance(field, cst.SimpleString) and field.evaluated_value == "name"
            return call if is_name and space.ledger.shapes.get(call) == CALL else None
        case cst.Name():
            found = space.facts.scopes.definitions(name)
            values = [each.value for each in found if each.kind is Kind.ASSIGN]
            made = values[0] if len(found) == 1 and values else None
            known = _call_named(space, made) if isinstance(made, cst.Attribute | cst.Call) else None
            return known if known is not None and _is_same(space, known, name) else None
    return None


def _is_same(space: Workspace, call: cst.BaseExpression, place: cst.CSTNode) -> bool:
    """Whether ``call`` names at ``place`` what it names where it stands."""
    here = space.facts.scopes.at(place)
    if space.facts.scopes.at(call) is not here:
        return False
    if isinstance(call, cst.Name) and len(here.definitions.get(call.value, ())) == 1:
        return True
    root = _root(call)
    found = here.definitions.get(root.value, ()) if root is not None else ()
    return bool(found) and not any(_comes_between(space, each.node, call, place) for each in found)


def _root(node: cst.BaseExpression) -> cst.Name | None:
    """The name that a way such as ``response.candidates[0].content`` begins with."""
    while True:
        match node:
            case cst.Attribute(value=value):
                node = value
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.Integer()))]):
                node = value
            case cst.Name():
                return node
            case _:
                return None


def _comes_between(space: Workspace, made: cst.CSTNode, call: cst.CSTNode, place: cst.CSTNode) -> bool:
    """Whether ``made`` may give another value to a name after ``call`` has read it and before ``place`` does."""
    module = space.facts.module
    around = [set(module.ancestors(each)) for each in (made, call, place)]
    if any(isinstance(each, (cst.For, cst.While)) for each in around[2] - around[1]):
        return True
    statement = module.parent(made) if isinstance(made, cst.AssignTarget) else made
    return statement not in around[2] and module.order(call) < module.order(made) < module.order(place)


def _only_call(space: Workspace, place: cst.BaseExpression) -> cst.BaseExpression | None:
    """The one variable of the same scope that holds a call, or the one way to it, before ``place``."""
    order, scopes = space.facts.module.order, space.facts.scopes
    here = scopes.at(place)
    calls = [
        node
        for node, shape in space.ledger.shapes.items()
        if shape == CALL and isinstance(node, (cst.Name, cst.Attribute, cst.Subscript)) and scopes.at(node) is here
    ]
    names: list[cst.Name | cst.Attribute | cst.Subscript] = [
        node
        for node in calls
        if isinstance(node, cst.Name) and node.value in here.definitions  # of no comprehension
    ]
    ways = names or [node for node in calls if not isinstance(node, cst.Name) and order(node) < order(place)]
    if len({space.facts.module.source(node) for node in ways}) != 1:
        return None
    chosen = max(ways, key=order)
    if isinstance(chosen, cst.Name):
        made = here.definitions[chosen.value][0]
        if order(made.node) > order(place) or _is_behind_its_loop(space, made, place):
            return None
    return chosen if _is_same(space, chosen, place) else None


def _is_behind_its_loop(space: Workspace, made: Definition, place: cst.CSTNode) -> bool:
    """Whether a name that a loop gives its values is read where only the last of them is left."""
    if made.kind is not Kind.FOR:
        return False
    around = set(space.facts.module.ancestors(place))
    loops = (each for each in space.facts.module.ancestors(made.node) if isinstance(each, cst.For | cst.CompFor))
    return next(loops, made.node) not in around


# What is sent back ---------------------------------------------------------------------------------------------------


def unsent(facts: Facts, ledger: Ledger, track: Track) -> Iterator[Veto]:
    """Turns and calls of a reply that are kept where no rewritten request takes them from."""
    module = facts.module
    for use in track.uses:
        if use.field == "history":
            taken = use.node in ledger.consumed
        elif use.field in _PUT:
            argument = module.parent(use.node)
            call = module.parent(argument) if argument is not None else None
            holder = call.func.value if isinstance(call, cst.Call) and isinstance(call.func, cst.Attribute) else None
            taken = holder in ledger.consumed
        else:
            continue
        if not taken:
            yield Veto("MG202", use.node, "the model's turn is kept where no rewritten request of this file sends it")
