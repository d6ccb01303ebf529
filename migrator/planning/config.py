"""Handlers for the plain groups of a configuration: nested records, time, thinking, speech, resolution."""

from __future__ import annotations

from dataclasses import replace

from migrator.diagnostics import Diagnostic, Level
from migrator.ir import PLANNED, Apply, Choice, Field, Function, Literal, Opaque, Record, Sequence, Spread, Value
from migrator.planning.model import Context, Feature
from migrator.planning.rows import (
    Mapped,
    Put,
    Task,
    canonical,
    clashes,
    computed,
    either,
    inside,
    lifted,
    nest,
    spelling,
    spelt,
)

MODE = ("word_timestamp", "diarization", "mode", "source_text")  # what decides the mode of a transcription
UNTHINKING = "gemini-2.5-flash-lite"  # does not think unless asked to (thinking page, August 2026)
USUAL = ("low", "medium", "high")  # the levels of a model of which nothing else is known
LOW, MEDIUM = 1024, 8192  # thinking budgets up to which the levels low and medium are the nearest


def nested(task: Task) -> Mapped:
    """The fields of a record as fields of the request; a dict of them that is made elsewhere is splatted."""
    splat = _splatted(task.value)
    if splat is None:
        return either(task, inside)
    holder = {row.to.partition(".")[0] for row in task.context.maps.requests[task.row.of].values() if row.to}
    if len(holder) != 1:
        return inside(task)
    return Mapped((Put((holder.pop(), "**"), Spread(splat, task.value.origin), task.field.origin),))


def _splatted(value: Value) -> Value | None:
    """``value`` as a dict to splat; None where no part of it is one."""
    match value:
        case Opaque(type=type) if type == PLANNED:
            return value
        case Choice(test=test, then=then, otherwise=otherwise, origin=origin):
            sides = [Record("dict", ()) if _is_none(side) else _splatted(side) for side in (then, otherwise)]
            if sides[0] is not None and sides[1] is not None and any(map(_splatted, (then, otherwise))):
                return Choice(test, sides[0], sides[1], origin)
    return None


def _is_none(value: Value) -> bool:
    return isinstance(value, Literal) and value.value is None


def record(task: Task) -> Mapped:
    """A record inside the target's record, its paths relative to it."""
    found = inside(task)
    whole = nest(found.puts, origin=task.value.origin)
    return Mapped((Put(task.path, whole, task.field.origin),), found.said + clashes(found.puts), found.features)


def records(task: Task) -> Mapped:
    """A list of records, each with paths relative to itself."""
    match task.value:
        case Sequence(items=items, origin=origin):
            each = [_entry(task.holding(item)) for item in items]
            said = tuple(text for one in each for text in one.said)
            entries = tuple(put.value for one in each for put in one.puts)
            return Mapped((Put(task.path, Sequence(entries, origin), task.field.origin),), said)
        case _:
            return task.refuse("MG106", f"{task.row.field}: the list of {task.row.of} is not visible here")


def safety_settings(task: Task) -> Mapped:
    """A list of settings; one that only the run knows is rewritten there."""
    match task.value:
        case Opaque() as given:
            message = "safety_settings: the list shows only while the program runs, and is rewritten there"
            return task.put(Apply(Function.SAFETY, (given,))) | task.review(message)
    return records(task)


def _entry(task: Task) -> Mapped:
    match task.value:
        case Opaque(type=type) if type == PLANNED:
            return task.put(task.value)
    return record(task)


def one_item(task: Task) -> Mapped:
    """A single value where the target has a list."""
    return task.put(Sequence((task.value,)))


# Time ---------------------------------------------------------------------------------------------------------------


def seconds(task: Task) -> Mapped:
    """Milliseconds as seconds, computed where the number is visible."""
    match task.value:
        case Literal(value=bool()):
            return task.refuse("MG106", "timeout: not a number of milliseconds")
        case Literal(value=int() | float() as number, origin=origin):
            whole, rest = divmod(number, 1000)
            return task.put(Literal(int(whole) if not rest else number / 1000, origin))
        case Opaque() as value:
            return computed(task, Function.SECONDS, value)
        case _:
            return task.refuse("MG106", "timeout: not a number of milliseconds")


# Thinking -----------------------------------------------------------------------------------------------------------


def thinking_level(task: Task) -> Mapped:
    """A thinking level in the new spelling, with a word where the model in sight does not take it."""
    found = spelt(task)
    known = task.context.maps.models.thinking_levels(task.context.model)
    for put in found.puts:
        match put.value:
            case Literal(value=str() as level) if known and level not in known:
                levels = ", ".join(known)
                message = f"thinking_level: {task.context.model} is documented to take {levels}, not {level}"
                return found | task.review(message)
    return found


def thinking_budget(task: Task) -> Mapped:
    """A token budget as the nearest thinking level; there is no numeric counterpart and no official table."""
    match task.value:
        case Literal(value=bool()):
            return task.refuse("MG106", "thinking_budget: not a number of tokens")
        case Literal(value=0) if task.context.model.startswith(UNTHINKING):
            return task.review("thinking_budget: 0 is left out, for this model is documented not to think by default")
        case Literal(value=-1) if task.context.model.startswith(UNTHINKING):
            advice = "Replace it by thinking_level first."
            return task.refuse(
                "MG101", "thinking_budget: this model would not think by default, and -1 asks for it", advice
            )
        case Literal(value=-1):
            message = "thinking_budget: -1 lets the model decide, which is the default"
            return Mapped(said=(Diagnostic("MG103", Level.SAFE, message, task.place),))
        case Literal(value=int() as budget, origin=origin) if budget >= 0:
            level = nearest_level(budget, task.context)
            note = "thinking cannot be switched off" if budget == 0 else "there is no budget in tokens"
            message = f"thinking_budget: {note}; thinking_level '{level}' is the nearest to {budget}, not the same"
            return task.put(Literal(level, origin)) | task.review(message)
        case Opaque(type="" | "int") as budget if not task.context.model.startswith(UNTHINKING):
            message = (
                "thinking_budget: there is no budget in tokens; the nearest thinking_level is taken when the program "
                "runs, and the lowest for 0, for thinking cannot be switched off"
            )
            return task.put(_nearest_later(budget, task.context)) | task.review(message)
        case _:
            advice = "Replace it by thinking_level first."
            return task.refuse("MG106", "thinking_budget: the number is not visible, and only levels exist", advice)


def nearest_level(budget: int, context: Context) -> str:
    """The level for a budget of tokens: the lowest that the model takes for 0, else by size."""
    levels = context.maps.models.thinking_levels(context.model)
    if budget == 0:
        return (levels or USUAL)[0]
    wanted = "low" if budget <= LOW else "medium" if budget <= MEDIUM else "high"
    return wanted if not levels or wanted in levels else levels[-1]


def _nearest_later(budget: Opaque, context: Context) -> Apply:
    """``nearest_level`` of a budget that only the run will know; the levels are named where they are not the usual."""
    levels = context.maps.models.thinking_levels(context.model)
    usual = not levels or levels == USUAL
    named = () if usual else (Sequence(tuple(Literal(level) for level in levels)),)
    return Apply(Function.THINKING_LEVEL, (budget, *named), budget.origin)


def thinking_summaries(task: Task) -> Mapped:
    """Whether thoughts are included, as ``auto`` or ``none``."""
    match task.value:
        case Literal(value=True, origin=origin):
            return task.put(Literal("auto", origin), Feature.THOUGHTS)
        case Literal(value=False):
            return Mapped()
        case Opaque(origin=origin):
            return task.put(Choice(origin, Literal("auto"), Literal("none")), Feature.THOUGHTS)
        case _:
            return task.refuse("MG106", "include_thoughts: neither True nor False")


# Media resolution ---------------------------------------------------------------------------------------------------


def media_resolution(task: Task) -> Mapped:
    """Nothing at this place: every media item gets the resolution (see ``resolution_of``)."""
    _, found = _resolution(task)
    return found


def _resolution(task: Task) -> tuple[str, Mapped]:
    row = task.context.maps.request("PartMediaResolution", "level")
    match task.value:
        case Literal(value=str() as name) if name.upper().endswith("UNSPECIFIED"):
            return "", Mapped()
        case Literal(value=str() as name) if row is not None and (word := spelling(row, name)):
            return word, Mapped()
        case _:
            message = "media_resolution: it belongs to every media item now, and its value is not visible"
            return "", task.refuse("MG106", message)


def resolution_of(config: Value | None, context: Context) -> str:
    """The media resolution that ``config`` sets for all media, spelt for Interactions; empty where it sets none."""
    if not isinstance(config, Record):
        return ""
    whole, _ = canonical(config, "GenerateContentConfig", context)
    row = context.maps.request("GenerateContentConfig", "media_resolution")
    value = whole.get("media_resolution")
    if row is None or value is None:
        return ""
    return _resolution(Task(Field("media_resolution", value), row, context, whole, {}))[0]


# Speech -------------------------------------------------------------------------------------------------------------


def speech_config(task: Task) -> Mapped:
    """A voice, a speech config or several speakers as a list: the service takes no single object."""
    match task.value:
        case Opaque(type="str", optional=True, repeatable=True, origin=origin) as name:
            sure = replace(name, optional=False)
            return either(task.holding(Choice(origin, sure, Literal(None))), speech_config)
        case Literal(value=str()) | Opaque(type="str"):
            voice = Record("dict", (Field("voice", task.value),))
            return task.put(Sequence((voice,)), Feature.AUDIO)
        case Record():
            found = inside(task)
            shared = [put for put in found.puts if put.path != ("speakers",)]
            speakers = next((put.value for put in found.puts if put.path == ("speakers",)), None)
            said = Mapped(said=found.said + clashes(found.puts))
            return said | task.put(_voices(shared, speakers), Feature.AUDIO)
        case _:
            return task.refuse("MG106", "speech_config: whether it is a voice or a whole config is not visible")


def _voices(shared: list[Put], speakers: Value | None) -> Sequence:
    if not isinstance(speakers, Sequence):
        return Sequence((nest(shared),))
    extra = nest(shared).fields
    voices = [Record("dict", (*one.fields, *extra), one.origin) for one in speakers.items if isinstance(one, Record)]
    return Sequence(tuple(voices), speakers.origin)


def verbatim(task: Task) -> Mapped:
    """The members of a transcription config that make up its mode, told at the first of them."""
    config = task.root.get("audio_transcription_config")
    if not isinstance(config, Record):
        return task.refuse("MG106", "audio_transcription_config: it is not visible")
    whole, _ = canonical(config, "AudioTranscriptionConfig", task.context)
    members = [field for field in whole.fields if field.name in MODE]
    if members[0].name != task.field.name:
        return Mapped()
    given = {field.name: field.value for field in members}
    mode = given.pop("mode", Literal("SMART" if "source_text" in given else "VERBATIM"))
    row = task.context.maps.request("AudioTranscriptionConfig", "mode")
    if row is None or not isinstance(mode, Literal) or not (word := spelling(row, str(mode.value))):
        return task.refuse("MG106", "audio_transcription_config: its mode is not visible")
    fields = [Field("type", Literal(word, mode.origin))]
    for name, value in given.items():
        match name, value:
            case "source_text", _ if word == "smart":
                fields.append(Field("source_text", value))
            case "diarization", Literal(value=True) if word == "verbatim":
                fields.append(Field("diarization_mode", Literal("speaker")))
            case "word_timestamp", Literal(value=True) if word == "verbatim":
                fields.append(Field("timestamp_granularities", Sequence((Literal("word"),))))
            case _, Literal(value=False | None):
                continue
            case _:
                return task.refuse("MG101", f"{name}: not possible in a transcription that is {word}")
    return task.put(Record("dict", tuple(fields)))


HANDLERS = {
    "nested": nested,
    "record": lifted(record),
    "records": lifted(records),
    "safety_settings": lifted(safety_settings),
    "one_item": lifted(one_item),
    "seconds": lifted(seconds),
    "thinking_level": thinking_level,
    "thinking_budget": lifted(thinking_budget),
    "thinking_summaries": lifted(thinking_summaries),
    "media_resolution": media_resolution,
    "speech_config": lifted(speech_config),
    "verbatim": verbatim,
}
