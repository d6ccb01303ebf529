"""Calls of the Python SDKs before google-genai, by the names that a file imports: named, not rewritten.

``google.generativeai`` (google-generativeai) and ``vertexai.generative_models``, ``vertexai.preview.generative_models``
(google-cloud-aiplatform); both have GenerativeModel with the methods below.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator

from migrator.inventory.entry import OTHER, Entry

_MODULES = {
    "google.generativeai": "google-generativeai",
    "vertexai.generative_models": "vertexai",
    "vertexai.preview.generative_models": "vertexai",
}
_METHODS = frozenset({"generate_content", "generate_content_async", "start_chat", "send_message", "send_message_async"})
NEEDLES = (b"google.generativeai", b"generative_models", b"generativeai")


def entries(path: str, source: bytes) -> Iterator[Entry]:
    """The calls of a Python file that imports one of the older SDKs; none where it does not parse."""
    if not any(needle in source for needle in NEEDLES):
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    dialects = [dialect for node in ast.walk(tree) if (dialect := _imported(node))]
    if not dialects:
        return
    models = {each.id: model for each, model in _made(tree)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name, value=holder)) if name in _METHODS:
                model = models.get(holder.id, "") if isinstance(holder, ast.Name) else ""
                yield Entry(path, node.lineno, node.col_offset + 1, dialects[0], name, OTHER, model=model)


def _imported(node: ast.AST) -> str:
    match node:
        case ast.Import(names=names):
            return next((_MODULES[each.name] for each in names if each.name in _MODULES), "")
        case ast.ImportFrom(module="google", names=names) if any(each.name == "generativeai" for each in names):
            return _MODULES["google.generativeai"]
        case ast.ImportFrom(module="vertexai" | "vertexai.preview", names=names):
            return "vertexai" if any(each.name == "generative_models" for each in names) else ""
        case ast.ImportFrom(module=str(module)):
            return _MODULES.get(module, "")
    return ""


def _made(tree: ast.Module) -> Iterator[tuple[ast.Name, str]]:
    """The names that models are assigned to, with the models' names where these are literals."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(
                targets=[ast.Name() as target], value=ast.Call(func=function, args=args, keywords=keywords)
            ):
                if _last(function) == "GenerativeModel":
                    given = [*args[:1], *(each.value for each in keywords if each.arg == "model_name")]
                    yield target, next((str(it.value) for it in given if isinstance(it, ast.Constant)), "")


def _last(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
