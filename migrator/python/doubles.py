"""What changes or reads a program behind its own back: test doubles, and code that looks names up while it runs."""

from __future__ import annotations

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.python.evidence.names import CLIENT
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts

_MODULE = CLIENT.rpartition(".")[0]
_METHODS = ("generate_content", "generate_content_stream")
_LOOKUPS = frozenset({"eval", "exec", "locals", "globals", "vars"})
_REPLACERS = ("patch", "setattr", "object", "dict")


def replacement(facts: Facts) -> cst.CSTNode | None:
    """Where the module replaces ``generate_content`` or its client, or looks at such a double; None if nowhere."""
    module = facts.module
    for target in module.nodes(cst.AssignTarget):
        match target.target:  # self.client = genai.Client() assigns to an object of the file, not to one of the SDK's
            case cst.Attribute(value=owner) if _is_of_the_sdk(facts.names.path(owner)):
                return target
    for name in _METHODS:
        for node in module.attributes(name):
            if isinstance(module.parent(node), (cst.AssignTarget, cst.Attribute)) and _retried(module, node) is None:
                return node
    for text in module.nodes(cst.SimpleString):
        if "generate_content" in text.value and _replaces(module, text):
            return text
    return None


def _is_of_the_sdk(path: str) -> bool:
    """The module, a client or what hangs on it; a reply is no double of anything."""
    return path == _MODULE or (path.startswith(CLIENT) and not any(f".{name}()" in path for name in _METHODS))


def retries(facts: Facts) -> list[cst.CSTNode]:
    """Where the module puts a function that retries around the method of the SDK's class."""
    found = [_retried(facts.module, node) for name in _METHODS for node in facts.module.attributes(name)]
    return [node for node in found if node is not None]


def _retried(module: Module, node: cst.CSTNode) -> cst.CSTNode | None:
    """``Models.generate_content = retry.Retry(…)(Models.generate_content)``, whose target is ``node``; None else."""
    match module.parent(node):
        case cst.AssignTarget() as target:
            match module.parent(target):
                case cst.Assign(value=cst.Call(func=cst.Call(func=wrapper), args=[cst.Arg(value=wrapped)])):
                    is_same = module.source(wrapped) == module.source(node)
                    return node if is_same and "retry" in dotted(wrapper).lower() else None
    return None


def lookup(facts: Facts, site: cst.CSTNode) -> cst.CSTNode | None:
    """A call in the function of ``site`` that can read its names by their spelling; None if there is none."""
    home = facts.scopes.at(site)
    for call in facts.module.nodes(cst.Call):
        match call.func:
            case cst.Name(value=name) if name in _LOOKUPS and not facts.scopes.definitions(call.func):
                here = facts.scopes.at(call) is home and (name != "vars" or not call.args)
                if here and not _asks_for_a_name_that_stays(facts, call):
                    return call
    return None


def _asks_for_a_name_that_stays(facts: Facts, call: cst.Call) -> bool:
    """``"file" in locals()`` only asks whether a name has a value; a rewrite takes away structures and chats alone."""
    target = facts.module.parent(call)
    test = facts.module.parent(target) if isinstance(target, cst.ComparisonTarget) else None
    match test:
        case cst.Comparison(
            left=cst.SimpleString() as name, comparisons=[cst.ComparisonTarget(operator=cst.In() | cst.NotIn())]
        ):
            found = facts.scopes.at(call).definitions.get(str(name.evaluated_value), [])
            return all(_stays(facts, each.value) for each in found)
    return False


def _stays(facts: Facts, value: cst.CSTNode | None) -> bool:
    match value.expression if isinstance(value, cst.Await) else value:
        case cst.Call(func=func):
            return not facts.names.path(func).startswith("google.genai.types.") and not dotted(func).endswith(
                "chats.create"
            )
        case None:
            return True
    return False


def _replaces(module: Module, text: cst.SimpleString) -> bool:
    """``patch("….generate_content")``, ``monkeypatch.setattr(models, "generate_content", fake)`` and their like."""
    argument = module.parent(text)
    call = module.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    name = dotted(call.func).split(".")
    return any(part in _REPLACERS for part in name) and ("patch" in ".".join(name) or name[-1] == "setattr")
