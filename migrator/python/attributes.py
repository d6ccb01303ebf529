"""Attributes of the classes of a file: every value that one is given, and every read, in subclasses and from outside."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from migrator.python.values import Facts


@dataclass(frozen=True, slots=True)
class Kept:
    """An attribute of the classes of one family, which are related by inheritance, in the order of the file."""

    family: tuple[cst.ClassDef, ...]
    values: tuple[cst.BaseExpression, ...]
    reads: tuple[cst.Attribute, ...]


def kept(facts: Facts, owner: cst.ClassDef, name: str) -> Kept | None:
    """The attribute ``name`` of ``owner`` and its relatives; None where it is given something that is not visible."""
    family = _family(facts, owner)
    if any(_is_set_by_name(facts, call, name, family) for call in facts.module.nodes(cst.Call)):
        return None
    values: dict[cst.BaseExpression, None] = {}
    for relative in family:
        for member in facts.names.members(relative).get(name, []):
            match member:
                case cst.Annotation() | cst.AugAssign():
                    continue
                case cst.BaseExpression():
                    values[member] = None
                case _:
                    return None
    reads = []
    for each in facts.module.attributes(name):
        holder = facts.names.class_of(each.value)
        parent = facts.module.parent(each)
        if not _is_given(parent, each):
            reads += [each] if holder in family else []
        elif holder in family and not _gives_one_of(facts, parent, values):
            return None
    return Kept(family, tuple(values), tuple(reads)) if values else None


def _family(facts: Facts, owner: cst.ClassDef) -> tuple[cst.ClassDef, ...]:
    """``owner`` with its bases, their subclasses and so on, as far as they are in this file."""
    classes = facts.module.nodes(cst.ClassDef)
    bases = {each: [facts.names.function(base.value) for base in each.bases] for each in classes}
    related: set[cst.CSTNode | None] = {owner}
    while True:
        new = {each for each in classes if each in related or related & set(bases[each])}
        new |= {base for each in new for base in bases[each] if isinstance(base, cst.ClassDef)}
        if new <= related:
            return tuple(sorted((each for each in classes if each in related), key=facts.module.order))
        related |= new


def _is_given(parent: cst.CSTNode | None, node: cst.Attribute) -> bool:
    match parent:
        case cst.AssignTarget() | cst.Del():
            return True
        case cst.AnnAssign(target=target):
            return target is node
    return False


def _gives_one_of(facts: Facts, parent: cst.CSTNode | None, values: dict[cst.BaseExpression, None]) -> bool:
    """Whether what ``parent`` assigns to is given a value that the class gives itself."""
    match parent:
        case cst.AnnAssign(value=value):
            return value is None or value in values or isinstance(value, cst.Name) and value.value == "None"
        case cst.AssignTarget():
            assignment = facts.module.parent(parent)
            return isinstance(assignment, cst.Assign) and assignment.value in values
    return False


def _is_set_by_name(facts: Facts, call: cst.Call, name: str, family: tuple[cst.ClassDef, ...]) -> bool:
    """``setattr(agent, key, value)``: sets any attribute, unless the key is a string of another name."""
    match call:
        case cst.Call(
            func=cst.Name(value="setattr" | "delattr"), args=[cst.Arg(value=target), cst.Arg(value=key), *_]
        ):
            if isinstance(key, cst.SimpleString):
                return key.evaluated_value == name
            return facts.names.class_of(target) in family
    return False
