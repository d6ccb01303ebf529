"""Places of a web framework that keep a value for each user under a key: Streamlit's and Chainlit's sessions."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.values import Facts
from migrator.records import dataclass

_HOLDERS = {"streamlit.session_state": "st.session_state", "chainlit.user_session": "cl.user_session"}
_READING = frozenset({"get", "pop", "setdefault"})


@dataclass(frozen=True, slots=True)
class Place:
    """One key of a session: ``holder`` is the path of the session object."""

    holder: str
    key: str

    def __str__(self) -> str:
        return f"{_HOLDERS[self.holder]}[{self.key!r}]"


def place(facts: Facts, node: cst.CSTNode) -> Place | None:
    """The place that ``node`` names, as an attribute or by a literal key."""
    match node:
        case cst.Attribute(value=holder, attr=cst.Name(value=key)):
            return _place(facts, holder, key)
        case cst.Subscript(
            value=holder, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]
        ):
            return _place(facts, holder, str(key.evaluated_value))
    return None


def _place(facts: Facts, holder: cst.BaseExpression, key: str) -> Place | None:
    path = facts.names.path(holder)
    return Place(path, key) if path in _HOLDERS else None


def stored(facts: Facts, argument: cst.Arg) -> Place | None:
    """The place that a call stores ``argument`` in: ``user_session.set("chat", chat)``."""
    call = facts.module.parent(argument)
    match call:
        case cst.Call(
            func=cst.Attribute(value=holder, attr=cst.Name(value="set" | "setdefault" | "__setitem__")),
            args=[cst.Arg(value=cst.SimpleString() as key), last],
        ) if last is argument:
            return _place(facts, holder, str(key.evaluated_value))
    return None


def places(facts: Facts, wanted: Place) -> Iterator[cst.BaseExpression]:
    """Every expression of the file that reads or writes ``wanted``."""
    for attribute in facts.module.attributes(wanted.key):
        if place(facts, attribute) == wanted and not _is_method(facts, attribute):
            yield attribute
    for item in facts.module.nodes(cst.Subscript):
        if place(facts, item) == wanted:
            yield item
    for call, name, key in _calls(facts, wanted):
        if name in _READING and key == wanted.key:
            yield call


def given(facts: Facts, wanted: Place) -> Iterator[cst.BaseExpression]:
    """What calls put into ``wanted``, or give where it is empty."""
    for call, name, key in _calls(facts, wanted):
        if key == wanted.key and name in (*_READING, "set") and len(call.args) == 2:
            yield call.args[1].value


def unknown(facts: Facts, wanted: Place) -> Iterator[cst.BaseExpression]:
    """Reads of the session under a key that is not visible."""
    for item in facts.module.nodes(cst.Subscript):
        written = isinstance(facts.module.parent(item), (cst.Del, cst.AssignTarget))
        if not written and facts.names.path(item.value) == wanted.holder and place(facts, item) is None:
            yield item
    for call, name, key in _calls(facts, wanted):
        if key is None and (name in ("get", "setdefault") or name in ("values", "items", "to_dict")):
            yield call


def _calls(facts: Facts, wanted: Place) -> Iterator[tuple[cst.Call, str, str | None]]:
    """Calls of the session's own methods, with the key that they name."""
    for name in (*sorted(_READING), "set", "values", "items", "to_dict"):
        for attribute in facts.module.attributes(name):
            call = facts.module.parent(attribute)
            if facts.names.path(attribute.value) == wanted.holder and isinstance(call, cst.Call):
                match call.args:
                    case [cst.Arg(value=cst.SimpleString() as key), *_]:
                        yield call, name, str(key.evaluated_value)
                    case _:
                        yield call, name, None


def _is_method(facts: Facts, attribute: cst.Attribute) -> bool:
    parent = facts.module.parent(attribute)
    return isinstance(parent, cst.Call) and parent.func is attribute and attribute.attr.value in (*_READING, "set")
