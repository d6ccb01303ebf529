# ruff: noqa: N802  (the names of visitor methods are given)
"""Changes to a module that must not matter to what becomes of it."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from itertools import pairwise

import libcst as cst

BOM = b"\xef\xbb\xbf"


def crlf(source: bytes) -> bytes | None:
    """Windows newlines."""
    return None if b"\r" in source else source.replace(b"\n", b"\r\n")


def line_above(source: bytes) -> bytes | None:
    """A comment above everything."""
    first = source.splitlines(keepends=True)[0]
    line = b"# a line above\r\n" if first.endswith(b"\r\n") else b"# a line above\n"
    return BOM + line + source.removeprefix(BOM) if source.startswith(BOM) else line + source


def in_function(source: bytes) -> bytes | None:
    """All of it inside a function, unless an import further below would keep its names from what is above it.

    Code that gives names to the module as a whole means something else in a function.
    """
    if any(word in source for word in (b"globals()", b"exec(", b"sys.modules[")):
        return None
    kinds = [isinstance(each, ast.Import | ast.ImportFrom) for each in ast.parse(source).body]
    if not _may_nest(source) or (False, True) in pairwise(kinds[1:]):
        return None
    return _nested(source, "def outer_scope():\n")


def in_branch(source: bytes) -> bytes | None:
    """All of it under a condition: the names stay where they are."""
    return _nested(source, 'if __name__ == "__main__":\n') if _may_nest(source) else None


def in_class(source: bytes) -> bytes | None:
    """All of it inside a class body, unless an inner scope would lose sight of its names."""
    scopes = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.GeneratorExp)
    inner = (*scopes, ast.SetComp, ast.DictComp)
    if not _may_nest(source) or any(isinstance(node, inner) for node in ast.walk(ast.parse(source))):
        return None
    return _nested(source, "class OuterScope:\n")


def _may_nest(source: bytes) -> bool:
    if b"\r" in source or b"\t" in source or b"\f" in source or source.startswith(BOM) or b"coding" in source[:60]:
        return False
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Global | ast.Nonlocal):
            return False
        if isinstance(node, ast.ImportFrom) and (node.module == "__future__" or node.names[0].name == "*"):
            return False
    return bool(ast.parse(source).body)


def _nested(source: bytes, head: str) -> bytes:
    text = source.decode()
    inside: set[int] = set()  # the lines that continue a string: indenting them would change it
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.STRING:
            inside.update(range(token.start[0] + 1, token.end[0] + 1))
    lines = text.splitlines(keepends=True)
    indented = (
        line if number in inside or not line.strip() else "    " + line for number, line in enumerate(lines, start=1)
    )
    return (head + "".join(indented)).encode()


def other_names(source: bytes) -> bytes | None:
    """The client and the response under names of the same length."""
    return _renamed(source, {"client": "gemini", "response": "answered"})


def other_aliases(source: bytes) -> bytes | None:
    """``genai`` and ``types`` imported under other names."""
    if re.search(rb"import google|\bmock\b|[\"']types|# type:|>>> .*types|__all__|as types", source):
        return None
    return _renamed(source, {"genai": "gsdk1", "types": "gtype"})


def _renamed(source: bytes, names: dict[str, str]) -> bytes | None:
    if any(re.search(rf"\b{new}\b".encode(), source) for new in names.values()):
        return None
    return cst.parse_module(source).visit(_Rename(names)).bytes


class _Rename(cst.CSTTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self.names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:
        return updated_node.with_changes(value=self.names.get(original_node.value, original_node.value))

    def leave_Attribute(self, original_node: cst.Attribute, updated_node: cst.Attribute) -> cst.Attribute:
        return updated_node.with_changes(attr=original_node.attr)

    def leave_ImportFrom(self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom) -> cst.ImportFrom:
        return updated_node.with_changes(module=original_node.module)

    def leave_ImportAlias(self, original_node: cst.ImportAlias, updated_node: cst.ImportAlias) -> cst.ImportAlias:
        new = self.names.get(original_node.evaluated_name)
        if original_node.asname or new is None:
            return updated_node.with_changes(name=original_node.name)
        return original_node.with_changes(asname=cst.AsName(cst.Name(new)))


def shape(source: bytes) -> str:
    """The syntax without its layout and without its imports, which may stand elsewhere."""

    class WithoutImports(ast.NodeTransformer):
        def visit_Import(self, node: ast.Import) -> None:
            return None

        def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
            return None

    return ast.dump(WithoutImports().visit(ast.parse(source)))
