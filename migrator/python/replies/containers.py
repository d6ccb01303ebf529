"""Responses inside dicts, tuples and lists that the file makes: what is taken out of them again.

A shape says how deep the value is inside: ``("list", "at:1")`` is a list of tuples whose second item it is. Whatever is
done with such a container and is not known to leave the value in sight refuses the unit.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Level
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies import callers, kept, keyed, parameters
from migrator.python.replies.uses import (
    DICT,
    KEYS,
    LIST,
    TESTS,
    Beside,
    Bound,
    Flow,
    Shape,
    Step,
    Veto,
    at,
    definitions_at,
    how_used,
    is_called,
    is_written,
    under,
)
from migrator.python.requests.bindings import binding_of

_TAKING = frozenset({"get", "pop", "setdefault"})
_OF_KEYS = frozenset({"keys", "clear"})
_IN_ORDER = frozenset({"sorted", "list", "tuple", "reversed", "iter"})
_ONE_OF = frozenset({"min", "max", "next"})
_COUNTING = frozenset({"len", "bool", "any", "all", "id"})
_SHOWING = frozenset({"print", "repr", "str", "display"})


def steps(facts: Facts, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """What becomes of the container ``node`` where it stands."""
    known = keyed.steps(facts, node, shape) if shape.outer == KEYS else None
    if known is not None:
        yield from known
        return
    parent = facts.module.parent(node)
    match parent:
        case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=taken)]) if value is node:
            yield from _item(facts, parent, taken, node, shape)
        case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is node:
            yield from _attribute(facts, parent, node, shape, name)
        case cst.For(iter=iterable, target=target) | cst.CompFor(iter=iterable, target=target) if iterable is node:
            yield from _looped(facts, parent, target, node, shape)
        case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()) if shape.outer != LIST:
            pass
        case cst.Arg():
            yield from _argument(facts, parent, node, shape)
        case cst.Assign(targets=targets):
            for assigned in targets:
                yield from taken_apart(facts, assigned.target, assigned, node, shape)
        case cst.AnnAssign(target=target):
            yield from kept.bound(facts, target, parent, node, shape)
        case cst.Return():
            for step in callers.returned(facts, parent, node, shape):
                yield from _besides(step.node, shape) if isinstance(step, Beside) else (step,)
        case cst.ListComp(elt=element) | cst.GeneratorExp(elt=element) if element is node:
            yield Flow(parent, shape.in_list())
        case cst.Await():
            yield Flow(parent, shape)
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=right) if how_used(facts, node)[0] not in TESTS:
            yield from _besides(right if left is node else left, shape)
            yield Flow(parent, shape)
        case cst.Element() | cst.DictElement():
            yield from kept.kept(facts, parent, node, shape)
        case cst.Del() | cst.Expr():
            pass
        case _ if how_used(facts, node)[0] not in TESTS:
            yield _lost(node, shape)


# Putting in ----------------------------------------------------------------------------------------------------------


def put_under(facts: Facts, target: cst.Subscript, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """``results[name] = response``, and ``users[name]["last"] = response``, where the file makes the dict itself."""
    holder, inside = target.value, shape.within(_entry(target.slice[0].slice))
    while (outer := entry_of(facts, holder)) is not None:
        holder, key = outer
        inside = inside.within(key)
    binding = binding_of(facts, holder)
    if binding is None or binding.outside or not all(is_table(facts, value) for value in binding.values):
        yield kept.lost(node, shape)
        return
    if inside.outer == DICT:
        for value in binding.values:
            if isinstance(value, cst.Dict):
                for element in value.elements:
                    yield from _besides(element.value, inside.unwrapped())
    yield from kept.open_to_others(facts, holder, node)
    yield from (Bound(definition, inside) for definition in binding.definitions)
    yield from (Flow(read, inside) for read in binding.reads)


def entry_of(facts: Facts, node: cst.BaseExpression) -> tuple[cst.BaseExpression, str] | None:
    """The dict that ``node`` is an entry of, and under which key: ``users[name]``, or a name of such an entry."""
    match node:
        case cst.Subscript(value=holder, slice=[cst.SubscriptElement(slice=cst.Index() as key)]):
            return holder, _entry(key)
        case cst.Call(
            func=cst.Attribute(value=holder, attr=cst.Name(value="get" | "setdefault")) as func, args=[key, *_]
        ) if facts.names.function(func) is None and binding_of(facts, holder) is not None:
            return holder, _entry(cst.Index(key.value))
        case cst.Name():
            made = binding_of(facts, node)
            if made is not None and not made.outside and len(made.values) == 1:
                return entry_of(facts, made.values[0])
    return None


def is_table(facts: Facts, value: cst.BaseExpression) -> bool:
    """Whether ``value`` is a dict whose entries are visible."""
    match value:
        case cst.Dict(elements=elements):
            return all(isinstance(element, cst.DictElement) for element in elements)
        case cst.Call(func=func, args=[]):
            return dotted(func) in ("dict", "OrderedDict", "collections.OrderedDict") and not (
                isinstance(func, cst.Name) and func.value == "dict" and facts.scopes.definitions(func)
            )
    return False


def in_dict(facts: Facts, display: cst.Dict, element: cst.DictElement, shape: Shape) -> Iterator[Step]:
    """``{"response": response}``, and a dict of such values under keys that only the run knows."""
    if not is_table(facts, display):
        yield kept.lost(element.value, shape)
        return
    match element.key:
        case cst.SimpleString():
            yield Flow(display, shape.within(under(str(element.key.evaluated_value))))
        case _:
            yield from (Beside(each.value) for each in display.elements if each is not element)
            yield Flow(display, shape.within(DICT))


def _entry(taken: cst.BaseSlice) -> str:
    """Under which key something is kept; any, where that is not visible."""
    match taken:
        case cst.Index(value=cst.SimpleString() as key):
            return under(str(key.evaluated_value))
    return DICT


# Taking out ----------------------------------------------------------------------------------------------------------


def _item(facts: Facts, entry: cst.Subscript, taken: cst.BaseSlice, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    match taken:
        case cst.Slice() if shape.outer == LIST and not is_written(facts, entry):
            yield Flow(entry, shape)
            return
        case cst.Slice():
            yield _lost(node, shape)
            return
    assert isinstance(taken, cst.Index)
    same = _is_taken(taken.value, shape)
    if same is None:
        yield _lost(node, shape)
    elif not same:
        pass
    elif is_written(facts, entry):
        yield from _given(facts, entry, shape.unwrapped())
    else:
        yield Flow(entry, shape.unwrapped())


def _given(facts: Facts, entry: cst.Subscript, shape: Shape) -> Iterator[Step]:
    """What else is put in the same place."""
    match facts.module.parent(entry):
        case cst.AssignTarget() as target:
            assignment = facts.module.parent(target)
            assert isinstance(assignment, cst.Assign)
            yield from _besides(assignment.value, shape)
        case cst.AugAssign(value=value):
            yield Beside(value)


def _lost(node: cst.CSTNode, shape: Shape) -> Veto:
    """A use of a container that may let the value out of sight."""
    return Veto("MG202", node, f"the {shape} is used here in a way that is not followed")


def _besides(other: cst.BaseExpression, shape: Shape) -> Iterator[Step]:
    """What ``other``, which may stand in the place of a value of ``shape``, has where that has the response."""
    match other:
        case cst.Tuple(elements=elements) if shape.outer.startswith("at:"):
            position = int(shape.outer.partition(":")[2])
            if position < len(elements) and not any(isinstance(each, cst.StarredElement) for each in elements):
                yield from _besides(elements[position].value, shape.unwrapped())
                return
        case cst.Dict(elements=elements) if shape.outer.startswith("key:"):
            keys = {_entry(cst.Index(each.key)): each.value for each in elements if isinstance(each, cst.DictElement)}
            if DICT not in keys and len(keys) == len(elements):
                if shape.outer in keys:
                    yield from _besides(keys[shape.outer], shape.unwrapped())
                return
    yield Beside(other)


def _is_taken(index: cst.BaseExpression, shape: Shape) -> bool | None:
    """Whether ``index`` takes the value out; None where that is not visible."""
    if shape.outer in (LIST, DICT):
        return True
    match index:
        case cst.SimpleString() if shape.outer.startswith("key:"):
            return shape.outer == under(str(index.evaluated_value))
        case cst.Integer(value=number) if shape.outer.startswith("at:"):
            return shape.outer == at(int(number))
    return None


def _attribute(facts: Facts, node: cst.Attribute, base: cst.CSTNode, shape: Shape, name: str) -> Iterator[Step]:
    call = facts.module.parent(node)
    if not isinstance(call, cst.Call) or not is_called(facts, node) or any(each.star for each in call.args):
        yield _lost(base, shape)
        return
    inner = shape.unwrapped()
    match shape.outer:
        case "dict" if name == "values":
            yield Flow(call, inner.in_list())
        case "dict" if name == "items":
            yield Flow(call, inner.within(at(1)).in_list())
        case "dict" if name in _TAKING and call.args:
            for each in call.args[1:]:
                yield from _besides(each.value, inner)
            yield Flow(call, inner)
        case outer if outer != LIST and name in _OF_KEYS:
            pass
        case outer if outer.startswith("key:") and name in _TAKING and call.args:
            same = _is_taken(call.args[0].value, shape)
            if same is None:
                yield _lost(base, shape)
            elif same:
                for each in call.args[1:]:
                    yield from _besides(each.value, inner)
                yield Flow(call, inner)
        case "list" if name == "append" and len(call.args) == 1 and _is_own(facts, base):
            yield from _besides(call.args[0].value, inner)
        case "list" if name == "pop" and _is_own(facts, base):
            yield Flow(call, inner)
        case "list" if name in ("clear", "reverse"):
            pass
        case _:
            yield _lost(base, shape)


def _is_own(facts: Facts, node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Name) and kept.own_list(facts, node)


def _looped(
    facts: Facts, loop: cst.For | cst.CompFor, target: cst.BaseExpression, node: cst.CSTNode, shape: Shape
) -> Iterator[Step]:
    if shape.outer == LIST:
        yield from taken_apart(facts, target, loop, node, shape.unwrapped())
    elif shape.outer.startswith("at:"):
        yield _lost(node, shape)  # a loop over a dict gives its keys


def taken_apart(
    facts: Facts, target: cst.BaseExpression, holder: cst.CSTNode, node: cst.CSTNode, shape: Shape
) -> Iterator[Step]:
    """The value of ``shape`` is given to ``target``, which may take a tuple apart."""
    match target:
        case cst.Tuple(elements=elements) | cst.List(elements=elements) if shape.outer.startswith("at:"):
            position = int(shape.outer.partition(":")[2])
            if position >= len(elements) or any(isinstance(each, cst.StarredElement) for each in elements):
                yield _lost(node, shape)
            else:
                element = elements[position]
                yield from taken_apart(facts, element.value, element, node, shape.unwrapped())
        case cst.Tuple(elements=elements) | cst.List(elements=elements) if shape.outer == LIST:
            for element in elements:
                if isinstance(element, cst.StarredElement):
                    yield _lost(node, shape)
                else:
                    yield from taken_apart(facts, element.value, element, node, shape.unwrapped())
        case cst.Name() if isinstance(holder, cst.CompFor | cst.For | cst.Element):
            places = (holder, *facts.module.ancestors(holder))
            loop = next((each for each in places if isinstance(each, cst.CompFor | cst.For | cst.Assign)), holder)
            made = definitions_at(facts, target, holder) or definitions_at(facts, target, loop)
            if made:
                yield from (Bound(definition, shape) for definition in made)
            else:
                yield _lost(node, shape)
        case _:
            yield from kept.bound(facts, target, holder, node, shape)


# Handing on ----------------------------------------------------------------------------------------------------------


def _argument(facts: Facts, argument: cst.Arg, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    call = facts.module.parent(argument)
    if not isinstance(call, cst.Call):
        return
    builtin = call.func.value if isinstance(call.func, cst.Name) and not facts.scopes.definitions(call.func) else ""
    path = facts.names.path(call.func) or dotted(call.func)
    if argument.star:
        yield _lost(node, shape)
    elif builtin in _COUNTING or (builtin in ("list", "sorted", "tuple", "set") and _has_keys(shape)):
        pass
    elif builtin in _SHOWING:
        message = f"the {shape} is printed as a whole: an Interaction prints differently"
        yield Veto("MG203", node, message, Level.REVIEW, "Accept with --review if nobody parses the output.")
    elif builtin in _IN_ORDER | _ONE_OF and shape.outer == LIST:
        yield from _in_order(facts, call, shape, Flow(call, shape.unwrapped() if builtin in _ONE_OF else shape))
    elif builtin == "enumerate" and shape.outer == LIST and argument is call.args[0]:
        yield Flow(call, shape.unwrapped().within(at(1)).in_list())
    elif (definition := parameters.parameter_of(facts, argument)) is not None:
        yield from parameters.into_parameter(facts, definition, node, shape)
    elif callers.waited_for(facts, call):
        yield Flow(call, shape)
    elif isinstance(call.func, cst.Attribute) and call.func.attr.value == "append" and _is_own(facts, call.func.value):
        assert isinstance(call.func.value, cst.Name)
        yield from kept.put_into(facts, call.func.value, shape, node)
    else:
        name = path or "a function"
        yield Veto("MG202", node, f"the {shape} is handed to {name}, which this file does not show")


def _has_keys(shape: Shape) -> bool:
    return shape.outer == DICT or shape.outer.startswith("key:")


def _in_order(facts: Facts, call: cst.Call, shape: Shape, given: Flow) -> Iterator[Step]:
    """``sorted(rows, key=lambda row: …)``."""
    for argument in call.args[1:]:
        match argument.value:
            case cst.Lambda(params=cst.Parameters(params=[parameter])) as function:
                for definition in facts.scopes.own(function).definitions.get(parameter.name.value, ()):
                    yield Bound(definition, shape.unwrapped())
            case cst.Name(value="True" | "False" | "None"):
                pass
            case _:
                yield Veto("MG204", argument, "the key by which the items are sorted is not understood")
    yield given
