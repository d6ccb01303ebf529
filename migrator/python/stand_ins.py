"""Test doubles for the legacy method in a file that does not call it: what they stand in for is in another file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Diagnostic, Level
from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import dotted

_TARGET = re.compile(r"(?:^|\.)(?:models|Models|AsyncModels)\.generate_content(?:_stream)?$")
_METHODS = ("generate_content", "generate_content_stream")
_OWNERS = ("models", "Models", "AsyncModels")
_READ = re.compile(r"return_value|side_effect|(?:assert|await)_\w+|call_(?:args|args_list|count)|called|mock_calls")


def stand_ins(module: Module) -> list[Diagnostic]:
    """Name each double of a method of ``client.models``, once a line."""
    said: dict[int, Diagnostic] = {}
    for node in [*_named(module), *_used(module)]:
        message = "stands in for generate_content; a call that is migrated passes it by"
        said.setdefault(module.position(node)[0], Diagnostic("MG309", Level.REVIEW, message, node))
    return [said[line] for line in sorted(said)]


def _named(module: Module) -> Iterator[cst.CSTNode]:
    """``patch("app.client.models.generate_content")``, ``patch.object(client.models, "generate_content")``."""
    for text in module.nodes(cst.SimpleString):
        if "generate_content" not in text.value:
            continue
        argument = module.parent(text)
        call = module.parent(argument) if isinstance(argument, cst.Arg) else None
        name = dotted(call.func) if isinstance(call, cst.Call) else ""
        if not isinstance(call, cst.Call) or not ("patch" in name or name.endswith("setattr")):
            continue
        value = text.raw_value
        owner = dotted(call.args[0].value).rpartition(".")[2]
        if _TARGET.search(value) or (value in _METHODS and owner in _OWNERS):
            yield text


def _used(module: Module) -> Iterator[cst.CSTNode]:
    """``client.models.generate_content.return_value``, ``….assert_called_once()`` and assignments to the method."""
    for name in _METHODS:
        for node in module.attributes(name):
            match node.value, module.parent(node):
                case cst.Attribute(attr=cst.Name(value="models")), cst.AssignTarget():
                    yield node
                case cst.Attribute(attr=cst.Name(value="models")), cst.Attribute(attr=cst.Name(value=used)):
                    if _READ.fullmatch(used):
                        yield node
