"""Attributes of the classes of a file: every value given to one, every read, in subclasses and from outside too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from migrator.python.evidence.module import is_none
from migrator.python.evidence.scopes import Kind, dotted
from migrator.records import dataclass

if TYPE_CHECKING:
    from migrator.python.evidence.values import Facts

_DUMPS = frozenset({"model_dump", "model_dump_json", "model_copy", "_asdict", "_replace"})
_ALL_OF_THEM = frozenset({"vars", "asdict", "astuple", "replace", "dump", "dumps"})


@dataclass(frozen=True, slots=True)
class Kept:
    """An attribute of the classes of one family, which are related by inheritance, in the order of the file."""

    family: tuple[cst.ClassDef, ...]
    values: tuple[cst.BaseExpression, ...]
    reads: tuple[cst.Attribute, ...]
    annotations: tuple[cst.BaseExpression, ...] = ()


def kept(facts: Facts, owner: cst.ClassDef, name: str) -> Kept | None:
    """The attribute ``name`` of ``owner`` and its relatives; None where it is given something that is not visible."""
    relatives = family(facts, owner)
    if any(_is_field(facts, relative, name) for relative in relatives):
        return None
    if any(_is_set_by_name(facts, call, name, relatives) for call in facts.module.nodes(cst.Call)):
        return None
    return _found(facts, relatives, name, {})


def field(facts: Facts, owner: cst.ClassDef, name: str) -> Kept | None:
    """The field ``name`` of a dataclass, model or named tuple, which calls of the class give; None as for ``kept``."""
    relatives = family(facts, owner)
    if not any(_is_field(facts, relative, name) for relative in relatives):
        return None
    if any(_is_set_by_name(facts, call, name, relatives) for call in facts.module.nodes(cst.Call)):
        return None
    values: dict[cst.BaseExpression, None] = {}
    for relative in relatives:
        for call in facts.names.calls_of(relative):
            for argument in call.args:
                given = field_name(facts, relative, call, argument)
                if given is None:
                    return None
                if given == name:
                    values[argument.value] = None
    return _found(facts, relatives, name, values)


def given(facts: Facts, node: cst.Attribute) -> Kept | None:
    """The attribute or field of a class of this file that ``node`` reads; None where not all of it is visible."""
    owner = facts.names.class_of(node.value)
    if owner is None:
        return None
    return kept(facts, owner, node.attr.value) or field(facts, owner, node.attr.value)


def field_name(facts: Facts, owner: cst.ClassDef, call: cst.Call, argument: cst.Arg) -> str | None:
    """The field that ``argument`` of a call of the class ``owner`` is for; None where that is not visible."""
    if argument.star:
        return None
    if argument.keyword is not None:
        return argument.keyword.value
    if any(isinstance(facts.names.function(base.value), cst.ClassDef) for base in owner.bases):
        return None
    names = [
        name
        for name, made in facts.scopes.own(owner).definitions.items()
        if any(isinstance(each.node, cst.AnnAssign) for each in made)
    ]
    position = list(call.args).index(argument)
    return names[position] if position < len(names) else None


def annotated_field(facts: Facts, argument: cst.Arg) -> tuple[str, cst.BaseExpression] | None:
    """The name and the annotation of the field of a class of this file that ``argument`` is given for."""
    call = facts.module.parent(argument)
    made = facts.names.function(call.func) if isinstance(call, cst.Call) else None
    if not isinstance(call, cst.Call) or not isinstance(made, cst.ClassDef):
        return None
    name = field_name(facts, made, call, argument)
    found = facts.scopes.own(made).definitions.get(name, []) if name is not None else []
    annotation = next((each.annotation for each in found if each.annotation is not None), None)
    return (name, annotation) if name is not None and annotation is not None else None


def annotation_of_field(facts: Facts, argument: cst.Arg) -> cst.BaseExpression | None:
    """The annotation of that field alone."""
    found = annotated_field(facts, argument)
    return found[1] if found is not None else None


def _found(
    facts: Facts, relatives: tuple[cst.ClassDef, ...], name: str, values: dict[cst.BaseExpression, None]
) -> Kept | None:
    """``values`` with those that the classes give, and the reads of them all."""
    annotations: list[cst.BaseExpression] = []  # of the class's own
    for relative in relatives:
        for member in facts.names.members(relative).get(name, []):
            match member:
                case cst.Annotation(annotation=annotation):
                    annotations.append(annotation)
                case cst.AugAssign():
                    continue
                case cst.BaseExpression():
                    values[member] = None
                case _:
                    return None
    if any(facts.names.class_of(each.value) in relatives for each in facts.module.attributes("__dict__")):
        return None
    reads = []
    for each in facts.module.attributes(name):
        holder = facts.names.class_of(each.value)
        parent = facts.module.parent(each)
        if not _is_given(parent, each):
            if holder is None and may_be_any(facts, each.value):
                return None
            reads += [each] if holder in relatives else []
        elif (holder in relatives or may_be_any(facts, each.value)) and not _gives_one_of(facts, parent, values):
            return None
    for value in values:
        assigned = facts.module.parent(value)
        if isinstance(assigned, cst.AnnAssign):
            annotations.append(assigned.annotation.annotation)
    return Kept(relatives, tuple(values), tuple(reads), tuple(annotations)) if values else None


def family(facts: Facts, owner: cst.ClassDef) -> tuple[cst.ClassDef, ...]:
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
            return value is None or value in values or is_none(value)
        case cst.AssignTarget():
            assignment = facts.module.parent(parent)
            return isinstance(assignment, cst.Assign) and assignment.value in values
    return False


def _is_set_by_name(facts: Facts, call: cst.Call, name: str, relatives: tuple[cst.ClassDef, ...]) -> bool:
    """``setattr(agent, key, value)`` sets any attribute, unless the key is a string of another name.

    ``vars(agent)``, ``asdict(agent)`` and ``agent.model_dump()`` have them all.
    """
    match call:
        case cst.Call(func=cst.Attribute(value=target, attr=cst.Name(value=method))) if method in _DUMPS and (
            facts.names.class_of(target) in relatives
        ):
            return True
        case cst.Call(func=func, args=[cst.Arg(value=target), *_]) if dotted(func).rpartition(".")[2] in _ALL_OF_THEM:
            return facts.names.class_of(target) in relatives
        case cst.Call(
            func=cst.Name(value="setattr" | "delattr" | "getattr"), args=[cst.Arg(value=target), cst.Arg(value=key), *_]
        ):
            if isinstance(key, cst.SimpleString) and key.evaluated_value != name:
                return False
            return facts.names.class_of(target) in relatives
    return False


def _is_field(facts: Facts, owner: cst.ClassDef, name: str) -> bool:
    """Whether a class from elsewhere, or a decorator, may make ``name`` an argument of the constructor."""
    if not owner.decorators and all(facts.names.function(base.value) is not None for base in owner.bases):
        return False
    found = facts.scopes.own(owner).definitions.get(name, ())
    return any(isinstance(each.node, cst.AnnAssign) for each in found)


def may_be_any(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether ``node`` is an item of a loop or a parameter of which nothing is known."""
    if not isinstance(node, cst.Name) or facts.names.resolve(node) is not None or facts.kinds.of(node):
        return False
    found = facts.scopes.definitions(node)
    return any(each.kind in (Kind.FOR, Kind.PARAMETER) and each.annotation is None for each in found)
