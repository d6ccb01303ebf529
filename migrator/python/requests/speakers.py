"""Who says the parts of a list that has a name: the role of the content that the list is handed to."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.planning.contents import ROLES, USER
from migrator.python.evidence.values import Facts, Place, Reader

_OF_MODELS = frozenset({"google.genai.types.ModelContent", "google.genai.types.ModelContent()"})


def speaker_of(facts: Facts, node: cst.BaseExpression) -> str | None:
    """The type of the step that parts under the name ``node`` are said in; None where only the run knows."""
    for holder in facts.module.ancestors(node):
        match holder:
            case cst.Arg(keyword=cst.Name(value="parts")):
                call = facts.module.parent(holder)
                return _of_call(facts, call) if isinstance(call, cst.Call) else None
            case cst.DictElement(key=cst.SimpleString() as key) if key.evaluated_value == "parts":
                display = facts.module.parent(holder)
                assert isinstance(display, cst.Dict)
                roles = [each.value for each in display.elements if _is_role(each)]
                return _spelt(facts, roles[0]) if roles else USER
            case cst.BaseSmallStatement() | cst.BaseCompoundStatement():
                return USER
    return USER


def _of_call(facts: Facts, call: cst.Call) -> str | None:
    if facts.names.path(call.func) in _OF_MODELS:
        return ROLES["model"]
    roles = [each.value for each in call.args if each.keyword is not None and each.keyword.value == "role"]
    return _spelt(facts, roles[0]) if roles else USER


def _is_role(element: cst.BaseDictElement) -> bool:
    match element:
        case cst.DictElement(key=cst.SimpleString() as key):
            return key.evaluated_value == "role"
    return False


def _spelt(facts: Facts, role: cst.BaseExpression) -> str | None:
    match Reader(facts, lambda *_: None).read(role, Place("", "")):
        case ir.Literal(value=str() as name):
            return ROLES.get(name)
        case ir.Literal(value=None):
            return USER
    return None
