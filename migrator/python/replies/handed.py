"""Values of legacy types as arguments: of builtins, of printing and logging, of functions of the same file."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Level
from migrator.python.evidence import attributes
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies import callers, kept, parameters, turns
from migrator.python.replies.nowhere import stays_absent
from migrator.python.replies.uses import (
    RESPONSE,
    Beside,
    Bound,
    Flow,
    How,
    Shape,
    Step,
    Use,
    Veto,
    definitions_at,
    read,
    value_of,
)

_BLOB, _CALL = Shape("Blob"), Shape("FunctionCall")
ELSEWHERE = "an argument elsewhere"
"""The field of a use that hands a call of the model to a function that another file shows."""
_LIKE = frozenset({"list", "tuple", "sorted", "reversed", "iter", "filter"})
_ONE_OF = frozenset({"next", "min", "max"})
_TESTED = frozenset({"any", "all", "bool", "id"})
_SHOWN = frozenset({"print", "repr", "format", "type", "dir", "str", "display"})
_PRINTERS = frozenset({"pprint.pprint", "pprint", "pp", "rich.print", "json_print"})
_LOGGING = frozenset("debug info warning error exception critical log".split())
_PLAIN_TYPES = frozenset("str bytes int float bool dict list tuple set Exception BaseException".split())
_GATHERING = frozenset(
    {"asyncio.gather", "asyncio.as_completed", "concurrent.futures.as_completed", "futures.as_completed"}
)


def handed(facts: Facts, argument: cst.Arg, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """The value of ``node`` is an argument of a call."""
    call = facts.module.parent(argument)
    if not isinstance(call, cst.Call):
        return  # a base class or a decorator's argument is no use of a value
    if isinstance(call.func, cst.Name) and not facts.scopes.definitions(call.func):
        known = _of_builtin(facts, call, argument, node, shape)
    else:
        known = _of_library(facts, call, argument, node, shape)
    if known is not None:
        yield from known
    elif (definition := parameters.parameter_of(facts, argument)) is not None:
        yield from parameters.into_parameter(facts, definition, node, shape)
    else:
        yield from _into_object(facts, call, argument, node, shape)


def is_printed(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether the value of ``node`` is only printed, logged or displayed where it stands."""
    holder = facts.module.parent(node)
    if isinstance(holder, cst.FormattedStringExpression):
        text = facts.module.parent(holder)
        return text is not None and is_printed(facts, text)
    call = facts.module.parent(holder) if isinstance(holder, cst.Arg) else None
    match call:
        case cst.Call(func=cst.Name(value="print" | "display") as name):
            return not facts.scopes.definitions(name) or facts.names.path(name).startswith("IPython.")
        case cst.Call(func=cst.Attribute(attr=cst.Name(value=name)) as func):
            return name in _LOGGING or facts.names.path(func) in _PRINTERS
    return False


def _into_object(facts: Facts, call: cst.Call, argument: cst.Arg, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """A field of a dataclass or model of this file, else a function that the file does not show."""
    made = facts.names.function(call.func)
    if isinstance(made, cst.ClassDef) and "__init__" not in facts.names.members(made):
        name = attributes.field_name(facts, made, call, argument)
        if name is not None:
            yield from kept.member(facts, made, name, node, shape)
            return
    if shape == _BLOB and facts.names.path(call.func) == "google.genai.types.Part" and "." in dotted(call.func):
        yield Use(node, node, shape, "Part()", None, How.VALUE)
        return
    if shape == _CALL and made is None:
        yield Use(node, node, shape, ELSEWHERE, None, How.VALUE)
        return
    name = dotted(call.func) or "a function"
    yield Veto("MG202", node, f"the {shape} is handed to {name}, which this file does not show")


# Builtins ------------------------------------------------------------------------------------------------------------


def _of_builtin(
    facts: Facts, call: cst.Call, argument: cst.Arg, node: cst.CSTNode, shape: Shape
) -> Iterator[Step] | None:
    assert isinstance(call.func, cst.Name)
    first = call.args[0] is argument
    match call.func.value:
        case "len":
            return iter([Use(node, node, shape, "len()", None, How.COUNTED)])
        case "hasattr" | "getattr" if first:
            return _by_name(facts, call, node, shape)
        case "getattr":
            return iter([Flow(call, shape)])  # the default
        case "isinstance" if first:
            return _is_instance(facts, call, shape)
        case "enumerate" | "zip" if shape.listed:
            return side_by_side(facts, call, argument, node, shape)
        case "map" if shape.listed and not first and len(call.args) == 2 and isinstance(call.args[0].value, cst.Lambda):
            return _mapped(facts, call.args[0].value, shape)
        case name if name in _LIKE and shape.listed:
            return _through(facts, call, shape, Flow(call, shape))
        case name if name in _ONE_OF and shape.listed:
            return _through(facts, call, shape, Flow(call, shape.item()))
        case "next":
            return iter([Flow(call, shape)])  # the default
        case name if name in _TESTED:
            return iter(())
        case name if name in _SHOWN:
            return shown(node, shape)
    return None


def _mapped(facts: Facts, function: cst.Lambda, shape: Shape) -> Iterator[Step]:
    """``map(lambda part: part.text, parts)``: the lambda reads an item; whatever it gives is followed there."""
    for parameter in function.params.params:
        for definition in facts.scopes.own(function).definitions.get(parameter.name.value, ()):
            yield Bound(definition, shape.item())


def _through(facts: Facts, call: cst.Call, shape: Shape, given: Flow) -> Iterator[Step]:
    """``sorted(items, key=lambda item: …)``: the function reads an item."""
    for argument in call.args:
        match argument.value:
            case cst.Lambda(params=cst.Parameters(params=[parameter])) as function:
                for definition in facts.scopes.own(function).definitions.get(parameter.name.value, ()):
                    yield Bound(definition, shape.item())
            case cst.Name(value="True" | "False" | "None"):
                pass
            case _ if argument.keyword is not None and argument.keyword.value == "key":
                yield Veto("MG204", argument, "the key by which the items are sorted is not understood")
    yield given


def side_by_side(facts: Facts, call: cst.Call, argument: cst.Arg, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """``for number, part in enumerate(parts)`` and ``for prompt, response in zip(prompts, responses)``."""
    assert isinstance(call.func, cst.Name)
    position = 1 if call.func.value == "enumerate" else list(call.args).index(argument)
    match facts.module.parent(call):
        case (cst.For() | cst.CompFor()) as holder if isinstance(holder.target, cst.Tuple):
            elements = holder.target.elements
            element = elements[position] if position < len(elements) else None
            if element is not None and isinstance(element.value, cst.Name) and not argument.star:
                yield read(facts, node, node, shape, "[*]", None)
                name = element.value
                made = definitions_at(facts, name, element) or definitions_at(facts, name, holder)
                yield from (Bound(definition, shape.item()) for definition in made)
                return
    yield Veto("MG204", node, "the items are enumerated in a way that is not understood")


def _by_name(facts: Facts, call: cst.Call, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """``getattr(response, "text", None)`` reads a field; so does ``hasattr``."""
    match call.args:
        case [_, cst.Arg(value=cst.SimpleString() as name), *_] if not shape.listed:
            text = str(name.evaluated_value)
            row = facts.maps.response(shape.type, text)
            if row is None:
                if facts.maps.response(shape.type, "value") is not None or not stays_absent(call, text):
                    yield Veto("MG201", call, f"{shape.type}.{text} is not a field of a response")
                return
            yield read(facts, call, node, shape, text, row)
            if isinstance(call.func, cst.Name) and call.func.value == "getattr":
                yield from value_of(call, row)
        case _:
            yield Veto("MG204", call, "the name of the field that is read is not visible")


def _is_instance(facts: Facts, call: cst.Call, shape: Shape) -> Iterator[Step]:
    asked = call.args[1].value if len(call.args) == 2 else call
    kinds = [element.value for element in asked.elements] if isinstance(asked, cst.Tuple) else [asked]
    if all(isinstance(kind, cst.Name) and kind.value in _PLAIN_TYPES for kind in kinds):
        return  # neither the old value nor the new one is: no difference
    if shape == Shape(RESPONSE):
        yield from callers.annotated(facts, asked)
    else:
        yield Veto("MG204", call, f"the type of the {shape} is tested")


# Libraries -----------------------------------------------------------------------------------------------------------


def _of_library(
    facts: Facts, call: cst.Call, argument: cst.Arg, node: cst.CSTNode, shape: Shape
) -> Iterator[Step] | None:
    path = facts.names.path(call.func) or dotted(call.func)
    if path == "google.genai.types.Part" and shape == Shape("FunctionCall"):
        return iter([read(facts, node, node, shape, "history", None)])  # put back into a history
    if (turn := turns.collected(facts, call, node, shape)) is not None:
        return turn
    match call.func:
        case cst.Attribute(attr=cst.Name(value=("append" | "extend" | "insert") as name)) if shape.type == "Content":
            return iter([read(facts, node, node, shape, f"{name}()", None)])
        case cst.Attribute(
            value=(cst.Name() | cst.Attribute()) as items, attr=cst.Name(value=("append" | "extend") as how)
        ):
            added = shape.item() if shape.listed else shape
            if shape.listed == (how == "extend") and kept.own_list(facts, items):
                return kept.put_into(facts, items, added, node)
            return None
        case cst.Attribute(attr=cst.Name(value=name)) if name in _LOGGING:
            return shown(node, shape)
    if path in _PRINTERS:
        return shown(node, shape)
    if path == "itertools.chain" and shape.listed and argument.keyword is None and not argument.star:
        return iter([Flow(call, shape)])
    if callers.waited_for(facts, call) and not shape.listed:
        return iter([Flow(call, shape)])
    if path in _GATHERING and shape.listed and (argument.star == "*" or path.endswith("as_completed")):
        return iter([Flow(call, shape)]) if len(_positional(call)) == 1 else None
    if path == "asyncio.gather" and not shape.listed and not argument.star:
        return _gathered_apart(facts, call, argument, node, shape)
    return None


def _positional(call: cst.Call) -> list[cst.Arg]:
    return [argument for argument in call.args if argument.keyword is None]


def _gathered_apart(facts: Facts, call: cst.Call, argument: cst.Arg, node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """``first, second = await asyncio.gather(…, …)``; where it stays a list, all of it has to be responses."""
    given = _positional(call)
    match facts.module.parent(facts.module.parent(call) or call):
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Tuple())]) | cst.Subscript():
            yield from kept.taken_apart(facts, call, given.index(argument), node, shape)
        case _:
            yield from (Beside(each.value) for each in given if each is not argument)
            yield Flow(call, shape.several())


def shown(node: cst.CSTNode, shape: Shape) -> Iterator[Step]:
    """The value is printed or logged as a whole."""
    yield Use(node, node, shape, "shown", None, How.VALUE)
    message = f"the {shape} is printed as a whole: an Interaction prints differently"
    advice = "Accept with --review if nobody parses the output."
    yield Veto("MG203", node, message, Level.REVIEW, advice)
