"""Handlers for the fields of a part: what each one puts into the content or the step that the part becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from migrator.diagnostics import Diagnostic
from migrator.ir import Choice, Field, Literal, Opaque, Record, Value
from migrator.planning import config, media
from migrator.planning.rows import Mapped, Put, Task, inside, lifted, nest, spelt


def text(task: Task) -> Mapped:
    """A text."""
    return Mapped((Put(("type",), Literal("text")),)) | task.put(task.value)


def beside(_: Task) -> Mapped:
    """Nothing of its own: the part around it decides (see ``_part``)."""
    return Mapped()


def _step(kind: str, *defaults: tuple[str, Value]) -> Callable[[Task], Mapped]:
    """A handler for a record that becomes a step of type ``kind``."""

    def handler(task: Task) -> Mapped:
        found = inside(task)
        given = {put.path[0] for put in found.puts}
        missing = tuple(Put((name,), value) for name, value in defaults if name not in given)
        return Mapped((Put(("type",), Literal(kind)),)) | found | Mapped(missing)

    return handler


def function_result(task: Task) -> Mapped:
    """The result of a function; one that tells of an error is marked as such."""
    match task.value:
        case Record(fields=fields) if any(field.name == "error" for field in fields):
            return task.put(task.value) | Mapped((Put(("is_error",), Literal(value=True)),))
        case Record() | Opaque() | Choice():
            return task.put(task.value)
        case _:
            return task.refuse("MG108", "response: the result of a function is a dict")


def outcome(task: Task) -> Mapped:
    """Whether the code failed."""
    found = spelt(task)
    return replace(found, puts=tuple(replace(put, value=_truth(put.value)) for put in found.puts))


def _truth(value: Value) -> Value:
    match value:
        case Literal(value=word, origin=origin):
            return Literal(word == "true", origin)
        case Choice(then=then, otherwise=otherwise):
            return replace(value, then=_truth(then), otherwise=_truth(otherwise))
        case _:
            return value


def processing(task: Task) -> Mapped:
    """How a medium is cut before the model sees it; under a condition it is all of that, or None, which is not sent."""
    match task.value:
        case Choice(test=test, then=then, otherwise=otherwise, origin=origin):
            sides = [_whole(task.holding(side)) for side in (then, otherwise)]
            whole = Put(("processing",), Choice(test, sides[0][0], sides[1][0], origin), task.field.origin)
            return Mapped((whole,), sides[0][1] + sides[1][1])
    kinds = Put(("processing", "type"), Literal("static"), task.field.origin)
    found = inside(task)
    return Mapped((kinds,)) | found if found.puts else found


def _whole(task: Task) -> tuple[Value, tuple[Diagnostic, ...]]:
    """One side of a condition as one record; None where nothing is cut."""
    if task.value == Literal(None, task.value.origin):
        return Literal(None), ()
    found = processing(task)
    match found.puts:
        case (Put(path=("processing",), value=whole),):
            return whole, found.said
    inside = [replace(put, path=put.path[1:]) for put in found.puts]
    return (nest(inside) if inside else Literal(None)), found.said


def processing_mode(task: Task) -> Mapped:
    """Whether a medium is processed as a whole; static is what a cut implies."""
    cut = ("video_metadata", "document_metadata", "spreadsheet_metadata", "audio_metadata")
    found = spelt(task)
    static = any(put.value == Literal("static", put.value.origin) for put in found.puts)
    return Mapped() if static and any(task.root.get(name) for name in cut) else found


def resolution(task: Task) -> Mapped:
    """The resolution of one medium: a record, or its level alone."""
    level = task.context.maps.request("PartMediaResolution", "level")
    match task.value:
        case Record(fields=(Field(name="level", value=Record() as inner),)):
            return resolution(task.holding(inner))
        case Record():
            return inside(task)
        case Literal() if level is not None:
            return spelt(replace(task, row=level))
        case _:
            return task.refuse("MG106", "media_resolution: the level is not visible")


HANDLERS = {
    **media.HANDLERS,
    **{name: config.HANDLERS[name] for name in ("nested", "record", "records")},
    "text": text,
    "function_call": lifted(_step("function_call", ("arguments", Record("dict", ())))),
    "function_response": lifted(_step("function_result")),
    "executable_code": lifted(_step("code_execution_call")),
    "code_execution_result": lifted(_step("code_execution_result", ("result", Literal("")))),
    "function_result": function_result,
    "outcome": outcome,
    "processing": processing,
    "processing_mode": processing_mode,
    "media_resolution_of_part": resolution,
    "thought": beside,
    "thought_signature": beside,
}
