"""Where a chat goes: what is asked of it, and the dicts and session states that keep one for each user.

The rest is ``flow``: a chat goes through names, attributes and functions as a response does.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Level
from migrator.python.chats import sessions
from migrator.python.chats.saved import SAVED, saved
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies import callers, flow, kept, parameters
from migrator.python.replies.containers import entry_of, is_table, put_under
from migrator.python.replies.uses import (
    CHAT,
    TESTS,
    TURN,
    TURNS,
    Beside,
    Bound,
    Flow,
    How,
    Shape,
    Step,
    Use,
    Veto,
    assumed,
    definitions_at,
    how_used,
    is_called,
    is_written,
    read,
)
from migrator.python.requests.bindings import binding_of

TABLE = Shape("dict of chats")
FOLLOWED = (CHAT, TABLE, TURN, TURNS, SAVED)
HISTORIES = frozenset({"get_history", "_curated_history", "_comprehensive_history"})
_OF_A_CHAT = HISTORIES | {"send_message", "send_message_stream"}
_TAKING = frozenset({"get", "pop", "setdefault"})
_OF_KEYS = frozenset({"keys", "clear"})
_ABOUT_KEYS = frozenset({"len", "list", "sorted", "tuple", "set", "iter", "bool", "enumerate"})


def steps(facts: Facts, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """What becomes of ``node`` where it stands: a chat, a dict of chats, a chat's history, or a turn of it."""
    followers = {CHAT: _chat, TABLE: _table, TURNS: _turns, TURN: _turn, SAVED: _restored}
    return followers[shape](facts, node)


def _chat(facts: Facts, node: cst.CSTNode) -> Iterator[Step]:
    parent = facts.module.parent(node)
    match parent:
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node:
            yield read(facts, parent, node, CHAT, name, None)
            if name in HISTORIES:
                yield from _history(facts, parent, name)
            elif name not in _OF_A_CHAT:
                yield Veto("MG201", parent, f"a chat's {name} has no counterpart")
        case cst.Assign(targets=targets):
            for assigned in targets:
                yield from _assigned(facts, assigned, node)
        case cst.Arg():
            stored = sessions.stored(facts, parent)
            if stored is not None:
                yield from _in_session(facts, stored, node)
            elif (call := _default_of(facts, parent)) is not None:
                assert isinstance(call.func, cst.Attribute)
                yield from _into_table(facts, call.func.value, node)
                yield Flow(call, CHAT)
            else:
                yield from flow.steps(facts, node, CHAT)
        case _:
            yield from flow.steps(facts, node, CHAT)


def _assigned(facts: Facts, assigned: cst.AssignTarget, node: cst.CSTNode) -> Iterator[Step]:
    target = assigned.target
    place = sessions.place(facts, target)
    if place is not None:
        yield from _in_session(facts, place, node)
    elif isinstance(target, cst.Subscript) and entry_of(facts, target.value) is not None:
        yield from put_under(facts, target, node, CHAT)
    elif isinstance(target, cst.Subscript):
        yield from _into_table(facts, target.value, node)
    else:
        yield from kept.bound(facts, target, assigned, node, CHAT)


def _default_of(facts: Facts, argument: cst.Arg) -> cst.Call | None:
    """``chats.setdefault(user, chat)`` and ``chats.get(user, chat)``."""
    call = facts.module.parent(argument)
    match call:
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name)), args=[_, last]) if name in _TAKING:
            return call if last is argument and facts.names.function(call.func) is None else None
    return None


# Histories -----------------------------------------------------------------------------------------------------------


def _history(facts: Facts, method: cst.Attribute, name: str) -> Iterator[Step]:
    """``chat.get_history()``, or the private list that it gives."""
    call = facts.module.parent(method)
    if is_written(facts, method):
        yield Veto("MG201", method, f"{name} is assigned to, where a chat keeps steps now")
    elif name != "get_history":
        yield Flow(method, TURNS)
    elif isinstance(call, cst.Call) and call.func is method and all(_is_plain(each) for each in call.args):
        yield Flow(call, TURNS)
    else:
        yield Veto("MG204", method, "the history is asked for in a way that is not understood")


def _is_plain(argument: cst.Arg) -> bool:
    """``curated=True``; both histories are the one that the steps tell."""
    return isinstance(argument.value, cst.Name) and argument.value.value in ("True", "False") and not argument.star


def _turns(facts: Facts, node: cst.CSTNode) -> Iterator[Step]:
    parent = facts.module.parent(node)
    match parent:
        case cst.Arg(keyword=cst.Name(value="history")) if _creates(facts, parent):
            yield Use(node, node, TURNS, "continued", None, How.VALUE)
        case cst.Arg() if (kept_as := saved(facts, parent, node, TURNS)) is not None:
            yield from kept_as
        case cst.Arg() if _is_printed(facts, parent):
            yield Use(node, node, TURNS, "printed", None, How.VALUE)
            message = "the history is printed as a whole: its steps print differently"
            yield Veto("MG203", node, message, Level.REVIEW, "Accept with --review if nobody parses the output.")
        case _:
            yield from flow.steps(facts, node, TURNS)


def _restored(facts: Facts, node: cst.CSTNode) -> Iterator[Step]:
    """A history that an adapter restored begins a chat; nobody looks into it."""
    parent = facts.module.parent(node)
    if isinstance(parent, cst.Arg) and _creates(facts, parent):
        return
    yield from flow.steps(facts, node, SAVED)


def _turn(facts: Facts, node: cst.CSTNode) -> Iterator[Step]:
    parent = facts.module.parent(node)
    match parent:
        case cst.Attribute(value=value, attr=cst.Name(value="role" | "parts" as name)) if value is node:
            if is_written(facts, parent):
                yield Veto("MG204", parent, f"the {name} of a turn are changed")
            yield read(facts, parent, node, TURN, name, None)
            if name == "parts":
                yield Flow(parent, Shape("Part", listed=True))
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node:
            yield Veto("MG201", parent, f"{name} of a turn has no counterpart: a turn is made of steps now")
        case _:
            yield from flow.steps(facts, node, TURN)


def _creates(facts: Facts, argument: cst.Arg) -> bool:
    call = facts.module.parent(argument)
    found = facts.names.path(call.func) if isinstance(call, cst.Call) else ""
    return found.endswith(".chats.create")


def _is_printed(facts: Facts, argument: cst.Arg) -> bool:
    call = facts.module.parent(argument)
    return isinstance(call, cst.Call) and dotted(call.func) in ("print", "pprint", "pprint.pprint", "display")


# Sessions ------------------------------------------------------------------------------------------------------------


def _in_session(facts: Facts, place: sessions.Place, node: cst.CSTNode) -> Iterator[Step]:
    """The chat is kept in the session of a user: every place of this file that names the same key has it."""
    message = f"the chat is kept in {place}: assumed that no other file reads it"
    yield assumed(node, message, "Accept with --review if no other file reads it.")
    for found in sessions.places(facts, place):
        match facts.module.parent(found):
            case cst.AssignTarget() as target:
                assignment = facts.module.parent(target)
                assert isinstance(assignment, cst.Assign)
                yield Beside(assignment.value)
            case cst.Del():
                pass
            case cst.AnnAssign(target=target) if target is found:
                yield Veto("MG204", found, f"{place} is annotated here")
            case _:
                yield Flow(found, CHAT)
    for given in sessions.given(facts, place):
        yield Beside(given)
    for unknown in sessions.unknown(facts, place):
        yield Veto("MG202", unknown, f"this may read {place} under a name that is not visible")


# Dicts ---------------------------------------------------------------------------------------------------------------


def _into_table(facts: Facts, table: cst.BaseExpression, node: cst.CSTNode) -> Iterator[Step]:
    """The chat is put into a dict that this file makes: every read of the dict is followed."""
    binding = binding_of(facts, table)
    if binding is None or binding.outside:
        yield kept.lost(node, CHAT)
        return
    for value in binding.values:
        if not is_table(facts, value):
            yield kept.lost(node, CHAT)
            return
        if isinstance(value, cst.Dict):
            yield from (Beside(element.value) for element in value.elements)
    if isinstance(table, cst.Attribute) and not table.attr.value.startswith("_"):
        message = f"the chat is kept in {facts.module.source(table)}: assumed that no other file reads it"
        yield assumed(node, message, "Accept with --review if no other file reads it.")
    yield from (Bound(definition, TABLE) for definition in binding.definitions)
    yield from (Flow(each, TABLE) for each in binding.reads)


def _table(facts: Facts, node: cst.CSTNode) -> Iterator[Step]:
    parent = facts.module.parent(node)
    match parent:
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index())]) if value is node:
            yield from _entry(facts, parent)
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node and is_called(facts, parent):
            call = facts.module.parent(parent)
            assert isinstance(call, cst.Call)
            yield from _method(facts, call, node, name)
        case cst.For(iter=iterable) | cst.CompFor(iter=iterable) if iterable is node:
            pass  # its keys
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()) | cst.Del():
            pass
        case cst.Arg() if _asks_for_keys(facts, parent):
            pass
        case cst.Arg() if (definition := parameters.parameter_of(facts, parent)) is not None:
            yield from parameters.into_parameter(facts, definition, node, TABLE)
        case cst.Assign(targets=targets):
            for assigned in targets:
                yield from kept.bound(facts, assigned.target, assigned, node, TABLE)
        case cst.Return():
            yield from callers.returned(facts, parent, node, TABLE)
        case _ if how_used(facts, node)[0] not in (*TESTS, How.COUNTED):
            yield Veto("MG204", node, "the dict that keeps the chats is used here in a way that is not understood")


def _entry(facts: Facts, entry: cst.Subscript) -> Iterator[Step]:
    holder = facts.module.parent(entry)
    match holder:
        case cst.AssignTarget():
            assignment = facts.module.parent(holder)
            assert isinstance(assignment, cst.Assign)
            yield Beside(assignment.value)
        case cst.Del():
            pass
        case _:
            yield Flow(entry, CHAT)


def _method(facts: Facts, call: cst.Call, node: cst.CSTNode, name: str) -> Iterator[Step]:
    match name:
        case "values":
            yield Flow(call, CHAT.several())
        case "items":
            yield from _items(facts, call, node)
        case _ if name in _TAKING and call.args and not any(each.star or each.keyword for each in call.args):
            yield from (Beside(each.value) for each in call.args[1:])
            yield Flow(call, CHAT)
        case _ if name not in _OF_KEYS:
            yield Veto("MG204", node, f"the dict that keeps the chats is used by its method {name}")


def _items(facts: Facts, call: cst.Call, node: cst.CSTNode) -> Iterator[Step]:
    """``for user, chat in chats.items()``."""
    holder = facts.module.parent(call)
    argument = facts.module.parent(holder) if isinstance(holder, cst.Arg) else None
    if isinstance(argument, cst.Call) and dotted(argument.func) in ("list", "sorted"):
        holder = facts.module.parent(argument)
    match holder:
        case cst.For(target=target) | cst.CompFor(target=target):
            match target:
                case cst.Tuple(elements=[_, cst.Element(value=cst.Name() as name) as element]):
                    made = definitions_at(facts, name, element) or definitions_at(facts, name, holder)
                    yield from (Bound(definition, CHAT) for definition in made)
                    return
    yield Veto("MG204", node, "the entries of the dict that keeps the chats are used in a way that is not understood")


def _asks_for_keys(facts: Facts, argument: cst.Arg) -> bool:
    call = facts.module.parent(argument)
    match call:
        case cst.Call(func=cst.Name(value=name) as func, args=[_]) if name in _ABOUT_KEYS:
            return not facts.scopes.definitions(func)
    return False
