"""What ``args.prompt`` holds, by the options that the file declares for the command line.

``argparse`` gives a string where an option names no ``type``, and None where an option that may be left out names no
``default`` (the documentation of ``add_argument``).
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.module import is_none
from migrator.python.evidence.sight import Kinds, Sight

_PARSER = "argparse.ArgumentParser()"
_PARSED = f"{_PARSER}.parse_args()"
_TYPES = frozenset({"str", "int", "float", "bool"})
_FLAGS = frozenset({"store_true", "store_false"})
Given = dict[str, cst.BaseExpression]


def kind_of_option(kinds: Kinds, node: cst.Attribute) -> str:
    """The kind of an option that is read from the command line; empty where ``node`` is none, or is not of one kind."""
    declared = _declarations(kinds, node)
    if not declared:
        return ""
    found = {_kind(kinds, call) for call in declared}
    found |= {"" if value is None else kinds.of(value) for value in _set_by_code(kinds, node.attr.value)}
    return found.pop() if len(found) == 1 else ""


def may_be_left_out(sight: Sight, node: cst.Attribute) -> bool:
    """Whether an option may be None, since the command line need not have it."""
    values = _set_by_code(sight, node.attr.value)
    declared = _declarations(sight, node)
    return any(map(_may_be_none, declared)) or (bool(declared) and any(is_none(value) for value in values))


def _declarations(sight: Sight, node: cst.Attribute) -> list[cst.Call]:
    """The calls that declare the option ``node``; none where it is not read from what a parser gives."""
    if sight.names.path(node.value) != _PARSED:
        return []
    calls = (sight.module.parent(method) for method in sight.module.attributes("add_argument"))
    return [call for call in calls if isinstance(call, cst.Call) and _destination(call) == node.attr.value]


def _destination(call: cst.Call) -> str:
    """The name under which an option is read: its ``dest``, its first long flag, or its first."""
    given = _given(call)
    texts = [argument.value for argument in call.args if argument.keyword is None]
    if "dest" in given:
        texts = [given["dest"]]
    flags = [str(each.evaluated_value) for each in texts if isinstance(each, cst.SimpleString)]
    chosen = next((flag for flag in flags if flag.startswith("--")), flags[0] if flags else "")
    return chosen.lstrip("-").replace("-", "_") if chosen.startswith("-") else chosen


def _given(call: cst.Call) -> Given:
    return {argument.keyword.value: argument.value for argument in call.args if argument.keyword is not None}


def _kind(kinds: Kinds, call: cst.Call) -> str:
    """What one declaration gives, if not None."""
    given = _given(call)
    if any(argument.star for argument in call.args):
        return ""
    if _are_texts(kinds, given):
        return "list[str]"
    if not _is_one(given):
        return ""
    action = _text(given.get("action"))
    if action in _FLAGS:
        return "bool"
    match given.get("type"):
        case _ if action not in ("", "store"):
            return ""
        case None:
            kind = "str"
        case cst.Name(value=name) as builtin if name in _TYPES and not kinds.scopes.definitions(builtin):
            kind = name
        case _:
            return ""
    default = given.get("default")
    return kind if default is None or is_none(default) or kinds.of(default) == kind else ""


def _are_texts(kinds: Kinds, given: Given) -> bool:
    """Whether an option takes several strings, for certain: ``nargs="*"``, ``action="append"``."""
    action, count = _text(given.get("action")), given.get("nargs")
    if count is None or is_none(count):
        several = action in ("append", "extend")
    else:
        several = action in ("", "store", "extend") and (isinstance(count, cst.Integer) or _text(count) in ("*", "+"))
    if not several or "type" in given:
        return False
    default = given.get("default")
    empty = isinstance(default, (cst.List, cst.Tuple)) and not default.elements
    return default is None or is_none(default) or empty or kinds.of(default) == "list[str]"


def _is_one(given: Given) -> bool:
    """Whether an option is one value, not a list of them."""
    count = given.get("nargs")
    return count is None or is_none(count) or _text(count) == "?"


def _may_be_none(call: cst.Call) -> bool:
    given = _given(call)
    if _text(given.get("action")) in _FLAGS:
        return False
    match given.get("required"):
        case cst.Name(value="True"):
            return False
    first = call.args[0].value if call.args else None
    optional = _text(first).startswith("-") or _text(given.get("nargs")) == "?"
    return optional and ("default" not in given or is_none(given["default"]))


def _text(node: cst.BaseExpression | None) -> str:
    """The text of a literal; empty for none, and a mark for what is not visible."""
    match node:
        case None:
            return ""
        case cst.SimpleString():
            return str(node.evaluated_value)
    return "?unseen"


def _set_by_code(sight: Sight, name: str) -> Iterator[cst.BaseExpression | None]:
    """What the file gives the option itself; None for what is not visible."""
    for read in sight.module.attributes(name):
        if sight.names.path(read.value) not in (_PARSED, "") or sight.names.class_of(read.value) is not None:
            continue
        holder = sight.module.parent(read)
        if isinstance(holder, cst.AssignTarget):
            assignment = sight.module.parent(holder)
            yield assignment.value if isinstance(assignment, cst.Assign) else None
        elif isinstance(holder, (cst.AugAssign, cst.AnnAssign)) and holder.target is read:
            yield None
    for method in sight.module.attributes("set_defaults"):
        call = sight.module.parent(method)
        if isinstance(call, cst.Call):
            yield from (value for key, value in _given(call).items() if key == name)
    for call in sight.module.nodes(cst.Call):
        match call:
            case cst.Call(func=cst.Name(value="setattr"), args=[cst.Arg(value=target), *_]):
                if sight.names.path(target) == _PARSED:
                    yield None
