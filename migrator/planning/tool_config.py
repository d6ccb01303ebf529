"""The tool config, spread over what it is about: which function has to be called, and where Google Maps is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.diagnostics import Diagnostic, Level
from migrator.ir import PLANNED, Choice, Field, Literal, Opaque, Record, Sequence, Spread, Unknown, Value
from migrator.planning.automatic import brings_callables
from migrator.planning.rows import Mapped, Task, apply_row, canonical, fields_mapped, nest, spelt

POSITION = (
    ("GenerateContentConfig", "tool_config"),
    ("ToolConfig", "retrieval_config"),
    ("RetrievalConfig", "lat_lng"),
)


def _is_unseen(tools: Value | None) -> bool:
    """Whether only the run knows which tools there are."""
    match tools:
        case Opaque(type=""):
            return True
        case Choice(then=then, otherwise=otherwise):
            return _is_unseen(then) or _is_unseen(otherwise)
    return False


def tool_choice(task: Task) -> Mapped:
    """Which function has to be called; said only where there are functions, else the service answers 400."""
    if _is_unseen(task.root.get("tools")):
        return task.refuse(
            "MG106", "function_calling_config: whether there are functions to choose from is not visible"
        )
    if not any(name == "function_declarations" for name in _tool_fields(task)):
        message = "function_calling_config: there are no functions among the tools, so there is nothing to choose"
        return Mapped(said=(Diagnostic("MG103", Level.SAFE, message, task.place),))
    if not isinstance(task.value, Record):
        return task.refuse("MG106", "function_calling_config: it is not visible here")
    config, said = canonical(task.value, task.row.of, task.context)
    found = {field.name: _choice_field(task, config, field) for field in config.fields}
    said = said + tuple(text for one in found.values() for text in one.said)
    mode, names = (found.get(name, Mapped()).puts for name in ("mode", "allowed_function_names"))
    if not names:
        return Mapped(said=said) | (task.put(mode[0].value) if mode else Mapped())
    allowed = tuple(Field(name, puts[0].value) for name, puts in (("mode", mode), ("tools", names)) if puts)
    return Mapped(said=said) | task.put(Record("dict", (Field("allowed_tools", Record("dict", allowed)),)))


def _choice_field(task: Task, config: Record, field: Field) -> Mapped:
    """One field of a function calling config; the two that make up the choice are only spelt here."""
    row = task.context.maps.request(config.type, field.name)
    if row is None:
        return Mapped()
    inner = replace(task, field=field, row=row)
    match field:
        case Field(value=Literal(value=None)):
            return Mapped()
        case Field(name="mode"):
            return spelt(inner)
        case Field(name="allowed_function_names", value=Unknown() as hidden):
            return inner.unknown(hidden)
        case Field(name="allowed_function_names"):
            return inner.put(field.value)
        case _:
            return apply_row(inner)


def _tool_fields(task: Task) -> Iterator[str]:
    """The fields of all tools in sight."""
    for tool in _each(task.root.get("tools")):
        if isinstance(tool, Opaque):
            functions = brings_callables(tool)
            yield from ("function_declarations",) if functions else tool.hint.split(",")
            continue
        whole, _ = canonical(tool, "Tool", task.context)
        yield from (field.name for field in whole.fields)


def _each(value: Value | None) -> Iterator[Record | Opaque]:
    """The tools of a list; one that is rewritten where it is made names its fields in its hint."""
    match value:
        case Opaque(type=kind) | Spread(value=Opaque(type=kind)) if kind in (PLANNED, "function", "list[function]"):
            yield value.value if isinstance(value, Spread) else value  # type: ignore[misc]
        case Sequence(items=items):
            for item in items:
                yield from _each(item)
        case Choice(then=then, otherwise=otherwise):
            yield from _each(then)
            yield from _each(otherwise)
        case Record():
            yield value


def is_maps(tool: Value) -> bool:
    """Whether ``tool`` is Google Maps alone, rewritten where it is made."""
    return isinstance(tool, Opaque) and tool.type == PLANNED and tool.hint == "google_maps"


def position(task: Task) -> Mapped:
    """Nothing at this place: the position belongs to the Google Maps tool."""
    given = task.root.get("tools")
    placed = [item for item in given.items if is_maps(item)] if isinstance(given, Sequence) else []
    made = [tool for tool in _each(given) if isinstance(tool, Opaque) and "google_maps" in tool.hint.split(",")]
    if any(tool not in placed for tool in made):
        return task.refuse("MG106", "lat_lng: the Google Maps tool that it belongs to is made elsewhere")
    if "google_maps" in _tool_fields(task):
        return Mapped()
    message = "lat_lng: there is no Google Maps among the tools, so the position has no effect"
    return Mapped(said=(Diagnostic("MG103", Level.SAFE, message, task.place),))


def position_fields(task: Task) -> tuple[tuple[Field, ...], tuple[Diagnostic, ...]]:
    """The position that the tool config gives, as fields of the Google Maps entry."""
    value: Value | None = task.root
    for kind, name in POSITION:
        if not isinstance(value, Record):
            return (), ()
        whole, _ = canonical(value, kind, task.context)
        value = whole.get(name)
    if not isinstance(value, Record):
        return (), ()
    whole, said = canonical(value, "LatLng", task.context)
    found = fields_mapped(whole, task.root, task.context, task.handlers)
    return nest(found.puts).fields, said + found.said
