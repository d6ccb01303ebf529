"""Interactions requests in Python code, whoever wrote it: ``client.interactions.create(...)`` as values with places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from migrator import ir
from migrator.planning.automatic import MAXIMUM
from migrator.python.evidence.names import CLIENT, Entity, Instance
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.sites import RUNNERS, uses_sdk
from migrator.python.evidence.values import Facts
from migrator.python.helpers.tools import RUNNERS as LOOPS
from migrator.python.requests.named_values import NamedValues
from migrator.records import dataclass
from migrator.verification.body import POSITIONAL, Asked, Sender

DIALECT = "python"
_METHOD = "interactions.create"
_RAW = (".with_raw_response", ".with_streaming_response")


@dataclass(frozen=True, slots=True)
class Found:
    """The requests of a module in source order, and the calls of that shape whose client is not visible."""

    requests: tuple[Asked, ...]
    unseen: tuple[cst.Call, ...]


def find(facts: Facts) -> Found:
    """Every Interactions request of a module, by identity of the client and not by spelling."""
    requests: list[Asked] = []
    unseen: list[cst.Call] = []
    values = NamedValues(facts)
    for call in facts.module.nodes(cst.Call):
        arguments = _arguments(facts, call)
        if arguments is not None:
            requests.append(_request(values, call, arguments))
        elif _has_the_shape(call) and _may_be_a_client(facts, call):
            if uses_sdk(facts):
                requests.append(_request(values, call, list(call.args)))
            else:
                unseen.append(call)
    return Found(tuple(requests), tuple(unseen))


# Calls --------------------------------------------------------------------------------------------------------------


def _arguments(facts: Facts, call: cst.Call) -> list[cst.Arg] | None:
    """The arguments of the request that a call makes, itself or through a function that makes it later."""
    if _may_name_it(facts, call.func) and _is_method(facts.names.path(call.func)):
        return list(call.args)
    callees = _callees(facts, call)
    match call.args[len(callees) - 1 :]:
        case [cst.Arg(keyword=None, star="", value=cst.Attribute(attr=cst.Name(value="create")) as method), *rest]:
            if _is_method(facts.names.path(method)) and (_is_loop(callees[-1]) or _is_runner(facts, callees[-1])):
                return rest
    return None


def _callees(facts: Facts, call: cst.Call) -> list[cst.BaseExpression]:
    """What a call calls: its function, and the helper that this function is given to run, if it is."""
    match call.args:
        case [cst.Arg(keyword=None, star="", value=cst.Name() as given), *_] if _is_loop(given):
            return [call.func, given] if _is_runner(facts, call.func) else [call.func]
    return [call.func]


def _is_runner(facts: Facts, function: cst.BaseExpression) -> bool:
    return facts.names.path(function) in RUNNERS


def _is_loop(function: cst.BaseExpression) -> bool:
    """Whether a function is the helper that rewritten code has to call its Python functions."""
    return isinstance(function, cst.Name) and function.value.lstrip("_") in LOOPS


def _may_name_it(facts: Facts, func: cst.BaseExpression) -> bool:
    match func:
        case cst.Attribute(attr=cst.Name(value="create")):
            return True
        case cst.Name():
            return any(each.kind is Kind.ASSIGN for each in facts.scopes.definitions(func))
    return False


def _is_method(path: str) -> bool:
    name = path.removeprefix(f"{CLIENT}.").removeprefix("aio.")
    for raw in _RAW:
        name = name.replace(raw, "")
    return path.startswith(f"{CLIENT}.") and name == _METHOD


def _has_the_shape(call: cst.Call) -> bool:
    match call.func:
        case (
            cst.Attribute(value=cst.Attribute(attr=cst.Name(value="interactions")), attr=cst.Name(value="create"))
            | cst.Attribute(
                value=cst.Attribute(
                    value=cst.Attribute(attr=cst.Name(value="interactions")),
                    attr=cst.Name(value="with_raw_response" | "with_streaming_response"),
                ),
                attr=cst.Name(value="create"),
            )
        ):
            return True
    return False


def _may_be_a_client(facts: Facts, call: cst.Call) -> bool:
    """Whether nothing speaks against the receiver being a google-genai client."""
    receiver = call.func
    while isinstance(receiver, cst.Attribute) and receiver.attr.value != "interactions":
        receiver = receiver.value
    client = receiver.value if isinstance(receiver, cst.Attribute) else receiver
    if isinstance(client, cst.Attribute) and client.attr.value == "aio":
        client = client.value
    for found in facts.names.possibilities(client):
        match found:
            case Entity(path=path) if not path.startswith((CLIENT, ".", "typing.Any")):
                return False
            case Instance():
                return False
    return True


# Requests -----------------------------------------------------------------------------------------------------------


def _request(values: NamedValues, call: cst.Call, arguments: list[cst.Arg]) -> Asked:
    fields = [field for argument in arguments for field in _fields(values, argument)]
    if values.facts.names.path(call.func) == "functools.partial":
        fields.append(ir.Field("**", ir.Spread(ir.Unknown("the rest is given later")), call))
    record = ir.Record("dict", tuple(fields), call)
    return Asked(_looped(record) if _is_loop(_callees(values.facts, call)[-1]) else record, call, Sender.SDK, DIALECT)


def _fields(values: NamedValues, argument: cst.Arg) -> Iterator[ir.Field]:
    if argument.star == "*" or (argument.keyword is None and not argument.star):
        yield ir.Field(POSITIONAL, ir.Opaque(argument.value), argument)
    elif argument.keyword is None:
        yield ir.Field("**", ir.Spread(values.read(argument.value), argument), argument)
    else:
        yield ir.Field(argument.keyword.value, values.read(argument.value), argument)


def _looped(record: ir.Record) -> ir.Record:
    """The request as the helper sends it: it declares the Python functions among the tools, and counts its calls."""
    fields = (_declared(field) for field in record.fields if field.name != MAXIMUM)
    return replace(record, fields=tuple(fields))


def _declared(field: ir.Field) -> ir.Field:
    match field:
        case ir.Field(name="tools", value=value):
            return replace(field, value=_without_functions(value))
        case ir.Field(value=ir.Spread(value=ir.Record() as inner) as spread):
            return replace(field, value=replace(spread, value=_looped(inner)))
    return field


def _without_functions(tools: ir.Value) -> ir.Value:
    match tools:
        case ir.Sequence(items=items):
            return replace(tools, items=tuple(_without_functions(item) for item in items))
        case ir.Spread(value=inner):
            return replace(tools, value=_without_functions(inner))
        case ir.Choice(then=then, otherwise=otherwise):
            return replace(tools, then=_without_functions(then), otherwise=_without_functions(otherwise))
        case ir.Opaque(origin=origin):
            return ir.Opaque(origin)
    return tools
