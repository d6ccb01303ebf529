"""Names that ``from … import *`` gives."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Container

import libcst as cst

from migrator.python.evidence.definitions import dotted
from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import Scopes

_SDK = "google.genai"


def starred(module: Module, name: str) -> str:
    """The dotted name that ``name`` has from a star import of the SDK; empty where another star may give it too."""
    if not name[0].isupper() or hasattr(builtins, name):
        return ""  # the SDK's classes begin with a capital, as some builtins do
    for star in reversed(_stars(module)):
        path = _path(star)
        if path != _SDK and not path.startswith(f"{_SDK}."):
            return ""
        if (path == _SDK) is (name == "Client"):  # all that the package itself gives
            return f"{path}.{name}"
    return ""


def _stars(module: Module) -> list[cst.ImportFrom]:
    found = [node for node in module.nodes(cst.ImportFrom) if isinstance(node.names, cst.ImportStar)]
    return sorted(found, key=module.order)


def unused_stars(
    module: Module, scopes: Scopes, stays: Callable[[cst.Name], bool], words: Container[str]
) -> list[cst.ImportFrom]:
    """The SDK's star import where it gave something that is rewritten, and no unbound name is left that it may give."""
    stars = _stars(module)
    if len(stars) != 1 or not _path(stars[0]).startswith(_SDK):
        return []
    given = [name for name in scopes.unbound() if not hasattr(builtins, name.value)]
    left = any(stays(name) or name.value in words for name in given)
    return stars if given and not left else []


def _path(star: cst.ImportFrom) -> str:
    return dotted(star.module) if star.module is not None and not star.relative else ""
