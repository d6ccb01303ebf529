"""Guards that became the same: ``a and a.b and a.b.c`` may ask one question three times once it is rewritten."""

from __future__ import annotations

import re
from collections.abc import Mapping

import libcst as cst

from migrator.python.evidence.values import Facts
from migrator.python.writing.edits import Drop, Edit, Replace
from migrator.python.writing.layout import Carried, Concat, Doc, Group, Text

_FAILED = re.compile(r"""(?P<base>.+)\.status [!=]= ['"]failed['"]""")
_IS_OTHER = re.compile(r"""(?P<base>.+\.type) != (?P<kind>['"]\w+['"])""")


def shortened(facts: Facts, edits: Mapping[cst.CSTNode, Edit]) -> dict[cst.CSTNode, Edit]:
    """Edits for the boolean chains in which an operand says nothing that another operand does not say."""
    found: dict[cst.CSTNode, Edit] = {}
    for root in {root for node in edits for root in _roots(facts, node)}:
        if "#" in facts.module.source(root):
            continue  # a comment says what its operand is for
        operands = _operands(root, type(root.operator))
        said = [_said(facts, edits, operand) for operand in operands]
        kept = [operand for at, operand in enumerate(operands) if not _is_implied(at, said, root.operator)]
        if len(kept) == 1:
            found[root] = Replace(_doc(edits, kept[0]))
        elif len(kept) < len(operands):
            found |= _dropped(operands, kept)
    return found


def _dropped(operands: list[cst.BaseExpression], kept: list[cst.BaseExpression]) -> dict[cst.CSTNode, Edit]:
    """The operands that are not kept, each with the operator behind it, or before it at the end of the chain."""
    last = operands.index(kept[-1])
    gone = [(at, operand) for at, operand in enumerate(operands) if operand not in kept]
    return {operand: Drop(operands[at + 1 if at < last else at - 1]) for at, operand in gone}


def _roots(facts: Facts, node: cst.CSTNode) -> list[cst.BooleanOperation]:
    """The outermost operation of every chain that ``node`` is an operand of, or stands in an operand of."""
    roots: list[cst.BooleanOperation] = []
    chain: cst.BooleanOperation | None = None
    for holder in facts.module.ancestors(node):
        if isinstance(holder, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
            break
        match holder:
            case cst.BooleanOperation(operator=operator) if chain is None or type(chain.operator) is not type(operator):
                roots += [chain] if chain is not None else []
                chain = holder
            case cst.BooleanOperation():
                chain = holder
            case _ if chain is not None:
                roots.append(chain)
                chain = None
    return roots if chain is None else [*roots, chain]


def _operands(node: cst.BaseExpression, operator: type[cst.BaseBooleanOp]) -> list[cst.BaseExpression]:
    if isinstance(node, cst.BooleanOperation) and isinstance(node.operator, operator):
        return [*_operands(node.left, operator), *_operands(node.right, operator)]
    return [node]


def _said(facts: Facts, edits: Mapping[cst.CSTNode, Edit], operand: cst.BaseExpression) -> str:
    """What an operand will read, as far as its edits are plain; empty where it is not one of the rewritten tests."""
    edit = edits.get(operand)
    if isinstance(edit, Replace):
        return _flat(facts, edits, edit.doc, operand)
    match operand:
        case cst.UnaryOperation(operator=cst.Not(), expression=inner):
            said = _said(facts, edits, inner)
            return f"not {said}" if said else ""
        case cst.Name():
            return operand.value
        case cst.Attribute(value=value, attr=cst.Name(value=name)):
            said = _said(facts, edits, value)
            return f"{said}.{name}" if said else ""
    return ""


def _flat(facts: Facts, edits: Mapping[cst.CSTNode, Edit], doc: Doc, inside: cst.CSTNode) -> str:
    """``doc``, which replaces the node ``inside``, on one line."""
    match doc:
        case Text(text=text):
            return text
        case Carried(node=node):
            edit = edits.get(node) if node is not inside else None
            return _flat(facts, edits, edit.doc, node) if isinstance(edit, Replace) else facts.module.source(node)
        case Concat(parts=parts):
            return "".join(_flat(facts, edits, part, inside) for part in parts)
        case Group(opening=opening, items=items, closing=closing):
            return opening + " ".join(_flat(facts, edits, item.doc, inside) for item in items) + closing


def _is_implied(at: int, said: list[str], operator: cst.BaseBooleanOp) -> bool:
    """Whether another operand says it: a later one that asks the same or for more, or one that names another type."""
    own, later = said[at], said[at + 1 :]
    if not own:
        return False
    other = _IS_OTHER.fullmatch(own)
    if other is not None and isinstance(operator, cst.And):
        named = re.compile(rf"""{re.escape(other["base"])} == (?!{other["kind"]})['"]\w+['"]""")
        if any(named.fullmatch(each) for each in said):
            return True
    failed = _FAILED.fullmatch(own)
    return own in later or (failed is not None and any(_asks_for_more(each, failed["base"]) for each in later))


def _asks_for_more(said: str, base: str) -> bool:
    """Whether ``said`` asks for steps or text of ``base``."""
    asked = re.escape(base)
    return re.search(rf"_of\({asked}\)|\bin {asked}\.steps or \[\]|^(not )?{asked}\.output_text$", said) is not None


def _doc(edits: Mapping[cst.CSTNode, Edit], operand: cst.BaseExpression) -> Doc:
    """What replaces an operand, laid out where it will stand; what carries the operand itself replaces it in place."""
    edit = edits.get(operand)
    if isinstance(edit, Replace) and not operand.lpar and not _carries(edit.doc, operand):
        return edit.doc
    return Carried(operand)


def _carries(doc: Doc, node: cst.CSTNode) -> bool:
    match doc:
        case Carried(node=carried):
            return carried is node
        case Concat(parts=parts):
            return any(_carries(part, node) for part in parts)
        case Group(items=items):
            return any(_carries(item.doc, node) for item in items)
    return False
