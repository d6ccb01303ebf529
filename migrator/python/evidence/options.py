"""What kind of value an option of the command line has, where ``add_argument`` says that it takes several."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.module import Module

_SEVERAL = frozenset({"append", "extend"})
_LISTS = frozenset({"*", "+"})


def takes_several(module: Module, node: cst.Attribute) -> bool:
    """Whether ``args.prompts`` is a list of strings: ``add_argument("prompts", nargs="*")``."""
    if not isinstance(node.value, cst.Name):
        return False
    calls = (module.parent(each) for each in module.attributes("add_argument"))
    declared = [each for each in calls if isinstance(each, cst.Call) and node.attr.value in destinations(each)]
    return bool(declared) and all(map(_takes_several, declared))


def _takes_several(call: cst.Call) -> bool:
    given = {each.keyword.value: each.value for each in call.args if each.keyword is not None}
    match given.get("type"):
        case None | cst.Name(value="str"):
            pass
        case _:
            return False
    match given.get("nargs"), given.get("action"):
        case cst.SimpleString(evaluated_value=str(several)), _:
            return several in _LISTS
        case cst.Integer(), None:
            return True
        case None, cst.SimpleString(evaluated_value=str(action)):
            return action in _SEVERAL
    return False


def destinations(call: cst.Call) -> set[str]:
    """The names under which an option is read."""
    found = set()
    for argument in call.args:
        if isinstance(argument.value, cst.SimpleString):
            name = str(argument.value.evaluated_value)
            if argument.keyword is None:
                found.add(name.lstrip("-").replace("-", "_"))
            elif argument.keyword.value == "dest":
                found.add(name)
    return found
