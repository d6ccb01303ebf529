"""Guards that became the same: ``a and a.b and a.b.c`` may ask one question three times once it is rewritten."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from migrator.python.layout import Carried, Concat, Doc, Group, Text
from migrator.python.transform import Edit, Replace
from migrator.python.values import Facts


def shortened(facts: Facts, edits: Mapping[cst.CSTNode, Edit]) -> dict[cst.CSTNode, Edit]:
    """Edits for the boolean chains in which an operand says nothing that another operand does not say."""
    roots = {_root(facts, node) for node in edits}
    found: dict[cst.CSTNode, Edit] = {}
    for root in roots:
        if root is None:
            continue
        operands = _operands(root, type(root.operator))
        said = [_said(facts, edits, operand) for operand in operands]
        kept = [operands[at] for at in range(len(operands)) if not _is_implied(at, said)]
        if len(kept) < len(operands):
            found[root] = Replace(_joined(root, kept))
    return found


def _root(facts: Facts, node: cst.CSTNode) -> cst.BooleanOperation | None:
    root = None
    for holder in facts.module.ancestors(node):
        match holder:
            case cst.BooleanOperation() if root is None or type(root.operator) is type(holder.operator):
                root = holder
            case cst.UnaryOperation() | cst.Comparison() | cst.Attribute() | cst.Subscript() | cst.Call() | cst.Arg() if root is None:
                continue
            case _:
                return root
    return root


def _operands(node: cst.BaseExpression, operator: type[cst.BaseBooleanOp]) -> list[cst.BaseExpression]:
    if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, operator) and not _is_apart(node, operator):
        return [*_operands(node.left, operator), *_operands(node.right, operator)]
    return [node]


def _is_apart(node: cst.BooleanOperation, operator: type[cst.BaseBooleanOp]) -> bool:
    return not isinstance(node.operator, operator)


def _said(facts: Facts, edits: Mapping[cst.CSTNode, Edit], operand: cst.BaseExpression) -> str:
    """What an operand will read, as far as its edits are plain; empty where it is not one of the rewritten tests."""
    match operand:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner) if operand not in edits:
            said = _said(facts, edits, inner)
            return f"not {said}" if said else ""
    edit = edits.get(operand)
    if isinstance(edit, Replace):
        return _flat(facts, edits, edit.doc)
    return facts.module.source(operand) if isinstance(operand, (cst.Name, cst.Attribute)) else ""


def _flat(facts: Facts, edits: Mapping[cst.CSTNode, Edit], doc: Doc) -> str:
    match doc:
        case Text(text=text):
            return text
        case Carried(node=node):
            edit = edits.get(node)
            return _flat(facts, edits, edit.doc) if isinstance(edit, Replace) else facts.module.source(node)
        case Concat(parts=parts):
            return "".join(_flat(facts, edits, part) for part in parts)
        case Group(items=items):
            return " ".join(_flat(facts, edits, item.doc) for item in items)


def _is_implied(at: int, said: list[str]) -> bool:
    """Whether another operand asks the same, or asks for steps that this one only asks to exist."""
    own = said[at]
    if not own:
        return False
    plain = own.removeprefix("not ")
    for other, text in enumerate(said):
        if other == at or text.startswith("not ") is not own.startswith("not "):
            continue
        if text == own and other < at:
            return True
        asks = text.removeprefix("not ")
        if asks.startswith("any(") and asks.endswith(f"in {plain} or [])") and other > at:
            return True
    return False


def _joined(root: cst.BooleanOperation, kept: list[cst.BaseExpression]) -> Doc:
    word = " and " if isinstance(root.operator, cst.And) else " or "
    parts: list[Doc] = []
    for operand in kept:
        if parts:
            parts.append(Text(word))
        parts.append(Carried(operand))
    return Concat(tuple(parts))
