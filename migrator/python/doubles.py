"""Test doubles: a file that replaces or inspects the legacy method would no longer meet what it prepares."""

from __future__ import annotations

import libcst as cst

from migrator.python.module import Module
from migrator.python.scopes import dotted

_REPLACERS = ("patch", "setattr", "object", "dict")


def replacement(module: Module) -> cst.CSTNode | None:
    """Where the module replaces ``generate_content`` by something else, or looks at such a double; None if nowhere."""
    for name in ("generate_content", "generate_content_stream"):
        for node in module.attributes(name):
            if isinstance(module.parent(node), (cst.AssignTarget, cst.Attribute)):
                return node
    for text in module.nodes(cst.SimpleString):
        if "generate_content" in text.value and _replaces(module, text):
            return text
    return None


def _replaces(module: Module, text: cst.SimpleString) -> bool:
    """``patch("….generate_content")``, ``monkeypatch.setattr(models, "generate_content", fake)`` and their like."""
    argument = module.parent(text)
    call = module.parent(argument) if isinstance(argument, cst.Arg) else None
    if not isinstance(call, cst.Call):
        return False
    name = dotted(call.func).split(".")
    return any(part in _REPLACERS for part in name) and ("patch" in ".".join(name) or name[-1] == "setattr")
