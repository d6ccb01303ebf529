"""``hasattr`` of a reply or its items, which was true of every object of the legacy types."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.plan import Feature
from migrator.python.replies.responses import RESPONSE
from migrator.python.replies.uses import Use
from migrator.python.replies.writer import Writer, carried
from migrator.python.writing.layout import Carried


def is_hasattr(use: Use) -> bool:
    """Whether ``use`` asks for a field by ``hasattr``."""
    match use.node:
        case cst.Call(func=cst.Name(value="hasattr")):
            return True
    return False


def is_read_next(writer: Writer, use: Use) -> bool:
    """``hasattr(part, "text") and part.text``: the field itself is tested too."""
    asked = f"{writer.facts.module.source(use.base)}.{use.field}"
    if any(asked in writer.facts.module.source(each) for each in _further_on(writer, use.node)):
        return True
    match writer.facts.module.parent(use.node):
        case cst.If(test=test, body=cst.IndentedBlock(body=[cst.If(test=inner), *_])) if test is use.node:
            return writer.facts.module.source(inner).startswith(asked)
    return False


def _further_on(writer: Writer, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """What is asked after ``node`` in the same condition: ``a and node and b``, ``not node or b``."""
    module = writer.facts.module
    inner, holder = node, module.parent(node)
    operator: type[cst.BaseBooleanOp] = cst.And
    if isinstance(holder, cst.UnaryOperation) and isinstance(holder.operator, cst.Not):
        inner, holder, operator = holder, module.parent(holder), cst.Or
    while isinstance(holder, cst.BooleanOperation) and isinstance(holder.operator, operator):
        if holder.left is inner:
            yield holder.right
        inner, holder = holder, module.parent(holder)


def is_always_true(writer: Writer, use: Use) -> bool:
    """Whether ``use`` asks for a field of the reply itself, and not for its value in the same breath."""
    return is_hasattr(use) and use.shape.type == RESPONSE and not is_read_next(writer, use)


def asked(writer: Writer, use: Use) -> None:
    """Every reply had the field, whatever was in it; every interaction has its text."""
    assert use.row is not None
    if use.row.via == "text" and not writer.has(Feature.STREAMED):
        match writer.facts.module.parent(use.node):
            case cst.IfExp(test=test, body=body) as choice if test is use.node and not body.lpar:
                writer.put(choice, Carried(body))
            case _:
                writer.put(use.node, "hasattr(", carried(use), f", {writer.text('output_text')})")
        return
    message = f"hasattr was true of every {use.shape.type}; what it became would ask for the value"
    writer.refuse(use, message, "MG204", "Write True in its place, or ask for the value itself.")
