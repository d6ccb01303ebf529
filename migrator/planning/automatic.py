"""Automatic function calling: which Python functions among the tools the SDK would call, and how often it would ask."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.diagnostics import Diagnostic, Level
from migrator.ir import Choice, Literal, Opaque, Record, Sequence, Spread, Value, walk
from migrator.planning.model import Context, Feature
from migrator.planning.rows import Mapped, Put, Task, canonical

FUNCTION, FUNCTIONS = "function", "list[function]"
CALLABLES = "callables"
"""In the hint of a list that is rewritten where it is made: Python functions are among its items."""

SETTINGS = "AutomaticFunctionCallingConfig"
MAXIMUM = "maximum_remote_calls"
CALLED = "the SDK called the Python functions among the tools and sent their results back; a loop in this file does now"
ADVICE = "Read the loop, then accept it with --review."


def is_callable(value: Value) -> bool:
    """Whether ``value`` is a Python function, or a list of nothing else."""
    return isinstance(value, Opaque) and value.type in (FUNCTION, FUNCTIONS)


def brings_callables(value: Value) -> bool:
    """Whether ``value`` is a Python function, a list of them, or a list that is made elsewhere and has some."""
    return is_callable(value) or (isinstance(value, Opaque) and CALLABLES in value.hint.split(","))


def has_callables(tools: Value | None) -> bool:
    """Whether Python functions are among the ``tools``."""
    return tools is not None and any(map(brings_callables, walk(tools)))


def is_called(task: Task) -> bool | None:
    """Whether the SDK would call the functions among the tools that are the task's value; None where it is not visible.

    It does so by default, unless it is switched off, or a function is only declared beside them
    (``should_disable_afc`` and ``find_afc_incompatible_tool_indexes`` in ``google.genai._extra_utils``).
    """
    if any(_is_declaring(tool, task.context) for tool in _tools(task.value)):
        return False
    settings = task.root.get("automatic_function_calling")
    match settings:
        case None | Literal(value=None):
            return True
        case Record():
            whole, _ = canonical(settings, SETTINGS, task.context)
            return _is_on(whole)
    return None


def _is_on(settings: Record) -> bool | None:
    match settings.get("disable"), settings.get(MAXIMUM):
        case Literal(value=True), _:
            return False
        case _, Literal(value=int() as most) if most <= 0:
            return False
        case None | Literal(value=None | False), _:
            return True
    return None


def _tools(value: Value) -> Iterator[Record | Opaque]:
    match value:
        case Record() | Opaque():
            yield value
        case Sequence(items=items):
            for item in items:
                yield from _tools(item)
        case Choice(then=then, otherwise=otherwise):
            yield from _tools(then)
            yield from _tools(otherwise)
        case Spread(value=inner):
            yield from _tools(inner)


def _is_declaring(tool: Record | Opaque, context: Context) -> bool:
    """Whether a tool declares a function, or a server of functions, that the SDK cannot call."""
    if isinstance(tool, Opaque):
        return bool({"function_declarations", "functionDeclarations"} & set(tool.hint.split(",")))
    whole, _ = canonical(tool, "Tool", context)
    return any(
        whole.get(name) not in (None, Literal(None)) and not _is_empty(whole.get(name))
        for name in ("function_declarations", "mcp_servers")
    )


def _is_empty(value: Value | None) -> bool:
    return isinstance(value, Sequence) and not value.items


# Settings -----------------------------------------------------------------------------------------------------------


def switch(task: Task) -> Mapped:
    """Whether functions are called: nothing at this place, for the tools are written accordingly."""
    return _said(task, "the tools are written accordingly, and nothing else is called by itself in an interaction")


def maximum(task: Task) -> Mapped:
    """How often the loop that calls the functions may ask."""
    tools = task.root.get("tools")
    if isinstance(tools, Opaque) and not tools.type and not has_callables(tools) and is_called(task.holding(tools)):
        return Mapped()  # such a list is refused, for nobody sees whether functions are in it
    if tools is None or not has_callables(tools) or is_called(task.holding(tools)) is not True:
        return _said(task, "no Python function is called, so there is nothing to limit")
    match task.value:
        case Literal(value=bool()) | Record() | Sequence():
            return task.refuse("MG106", f"{MAXIMUM}: not a number")
        case value:
            return Mapped((Put((MAXIMUM,), value, task.field.origin),))


def _said(task: Task, why: str) -> Mapped:
    apart = task.root.get("tools") is None
    features = frozenset({Feature.APART}) if apart else frozenset()
    said = Diagnostic("MG103", Level.SAFE, f"{task.row.field}: {why}", task.place)
    return Mapped(said=(said,), features=features)


HANDLERS = {"automatic_switch": switch, "automatic_maximum": maximum}
