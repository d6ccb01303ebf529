"""What a class of this file binds: in its body, and by what its methods assign to ``self``."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.functions import decorator_names
from migrator.python.evidence.module import Module, descendants, is_none
from migrator.python.evidence.scopes import Definition, Kind, Scopes, dotted

Bound = tuple[str, cst.CSTNode]


def owner_of(module: Module, function: cst.CSTNode) -> cst.ClassDef | None:
    """The class whose method ``function`` is."""
    holder = module.parent(function)
    holder = module.parent(holder) if holder is not None else None
    return holder if isinstance(holder, cst.ClassDef) and isinstance(function, cst.FunctionDef) else None


def self_name(function: cst.CSTNode) -> str:
    """The name of the first parameter of a method, empty for a static method."""
    if not isinstance(function, cst.FunctionDef) or "staticmethod" in decorator_names(function):
        return ""
    params = [*function.params.posonly_params, *function.params.params]
    return params[0].name.value if params else ""


def bound_in(module: Module, scopes: Scopes, owner: cst.ClassDef) -> Iterator[Bound]:
    """What a class itself binds its attributes to: methods, values, and annotations where there is no value."""
    for name, definitions in scopes.own(owner).definitions.items():
        for definition in definitions:
            match definition:
                case Definition(kind=Kind.FUNCTION):
                    yield name, definition.node
                case Definition(value=value, annotation=annotation):
                    if value is not None and not (annotation is not None and _says_nothing(value)):
                        yield name, value
                    elif annotation is not None:
                        yield name, cst.Annotation(annotation)
    for method in descendants(owner.body):
        if isinstance(method, cst.FunctionDef) and owner_of(module, method) is owner:
            yield from _assigned_on(self_name(method), method.body)


def _says_nothing(value: cst.BaseExpression) -> bool:
    """``None``, and ``field(default_factory=…)`` of a dataclass or model: its annotation says what there will be."""
    made = dotted(value.func).rpartition(".")[2] if isinstance(value, cst.Call) else ""
    return is_none(value) or made in ("field", "Field")


def _assigned_on(me: str, body: cst.CSTNode) -> Iterator[Bound]:
    for node in descendants(body):
        match node:
            case cst.Assign(targets=targets, value=value):
                for assigned in targets:
                    yield from _targeted(me, assigned.target, value)
            case cst.AnnAssign(target=target, annotation=annotation, value=value):
                yield from _targeted(me, target, value if value is not None and not is_none(value) else annotation)
            case cst.AugAssign(target=target):
                yield from _targeted(me, target, node)


def _targeted(me: str, target: cst.BaseExpression, value: cst.CSTNode) -> Iterator[Bound]:
    """What an assignment to ``target`` binds attributes of ``me`` to; what is unpacked is not visible."""
    match target:
        case cst.Attribute(value=cst.Name(value=base), attr=cst.Name(value=name)) if base == me:
            yield name, value
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            for element in elements:
                yield from _targeted(me, element.value, element)


def given_to(module: Module, name: str) -> Iterator[tuple[cst.BaseExpression, cst.CSTNode]]:
    """Each object whose attribute ``name`` the file sets, and what it is given; ``setattr`` of any name counts too."""
    for node in module.attributes(name):
        match module.parent(node):
            case cst.AssignTarget() as target:
                assignment = module.parent(target)
                if isinstance(assignment, cst.Assign):
                    yield node.value, assignment.value
            case cst.AnnAssign(target=target, value=cst.BaseExpression() as value) if target is node:
                yield node.value, value
            case cst.AugAssign(target=target) as grown if target is node:
                yield node.value, grown
            case cst.Element() as element:
                if isinstance(module.enclosing(element, cst.AssignTarget), cst.AssignTarget):
                    yield node.value, element
    for call in module.nodes(cst.Call):
        match call:
            case cst.Call(func=cst.Name(value="setattr"), args=[cst.Arg(value=holder), cst.Arg(value=key), given]):
                if not isinstance(key, cst.SimpleString):
                    yield holder, call
                elif key.evaluated_value == name:
                    yield holder, given.value
