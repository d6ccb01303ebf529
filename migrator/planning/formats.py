"""What a request wants back, gathered from five legacy fields into ``response_format``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migrator.diagnostics import Diagnostic, Level
from migrator.ir import Apply, Choice, Field, Function, Literal, Opaque, Record, Sequence, Value, walk
from migrator.planning.model import Feature
from migrator.planning.rows import Mapped, Task, chosen, inside, nest
from migrator.planning.schema import convert

SCHEMAS = ("response_schema", "response_json_schema")
GROUP = ("response_mime_type", *SCHEMAS, "response_modalities", "image_config")
JSON, TEXT, ENUM = "application/json", "text/plain", "text/x.enum"
MEDIA = {"IMAGE": Feature.IMAGE, "AUDIO": Feature.AUDIO}


def response_format(task: Task) -> Mapped:
    """All that is said about the format, at the place of the first field that says something."""
    group = [field for field in task.root.fields if field.name in GROUP and not _nothing(field.value)]
    if not group or group[0].name != task.field.name:
        return Mapped()
    return _decided(task)


def _decided(task: Task) -> Mapped:
    """The format, by the condition that decides fields of it."""
    choices = {
        field.name: field.value for field in task.root.fields if field.name in GROUP and isinstance(field.value, Choice)
    }
    if not choices:
        return _format(task)
    first, *others = choices.values()
    if any(not first.condition or each.condition != first.condition for each in others):
        names = ", ".join(choices)
        return task.refuse("MG106", f"more than one condition decides the format of the answer: {names}")
    then = _decided(_giving(task, {name: each.then for name, each in choices.items()}))
    otherwise = _decided(_giving(task, {name: each.otherwise for name, each in choices.items()}))
    return chosen(task, first, then, otherwise)


def _giving(task: Task, values: Mapping[str, Value]) -> Task:
    """The task with other values of some fields; the service refuses a schema where no MIME type goes with it."""
    fields = [replace(each, value=values.get(each.name, each.value)) for each in task.root.fields]
    if "response_mime_type" in values and _nothing(values["response_mime_type"]):
        fields = [each for each in fields if each.name not in SCHEMAS or not _may_be_none(each.value)]
    return replace(task, root=replace(task.root, fields=tuple(fields)))


def _may_be_none(value: Value) -> bool:
    return isinstance(value, Opaque) and value.optional


def _nothing(value: Value | None) -> bool:
    return value is None or (isinstance(value, Literal) and value.value is None)


def _format(task: Task) -> Mapped:
    text, image = _text_entry(task), _image_entry(task)
    kinds, found = _modalities(task)
    said = Mapped(said=text.said + image.said + found.said, features=text.features | image.features | found.features)
    if image.puts and not kinds:
        message = "image_config: the model may answer with text and images, so both are asked for"
        said, kinds = said | task.review(message), ["text", "image"]
    if text.puts and "text" not in kinds:
        kinds = ["text", *kinds]
    entries = [_entry(kind, text, image) for kind in kinds]
    if kinds == ["text"] and not text.puts:
        return said
    if not entries:
        return said
    return said | task.put(entries[0] if len(entries) == 1 else Sequence(tuple(entries)))


def _entry(kind: str, text: Mapped, image: Mapped) -> Value:
    match kind:
        case "text" if text.puts:
            return text.puts[0].value
        case "image" if image.puts:
            return image.puts[0].value
        case _:
            return Record("dict", (Field("type", Literal(kind)),))


# Text ---------------------------------------------------------------------------------------------------------------


def _text_entry(task: Task) -> Mapped:
    """The entry for text, where it says more than text."""
    mime, (schema, said) = task.root.get("response_mime_type"), _schema(task)
    features = {Feature.SCHEMA, Feature.JSON} if schema else set()
    if schema is not None and any(
        isinstance(each, Apply) and each.function is Function.SCHEMA for each in walk(schema)
    ):
        features.add(Feature.OPEN_SCHEMA)
    found = Mapped(said=said, features=frozenset(features))
    match mime:
        case Literal(value=str() as name) if name == ENUM:
            return found | _choice(task, schema)
        case Literal(value=str() as name) if name == TEXT and schema is None:
            return found
        case Literal(value=str() as name) if name == JSON:
            return found | _json(task, Literal(JSON, mime.origin), schema)
        case Literal(value=None) | None if schema is None:
            return found
        case Literal(value=None) | None:
            message = "a schema without response_mime_type='application/json': JSON is assumed"
            return found | task.review(message) | _json(task, Literal(JSON), schema)
        case Opaque():
            message = "response_mime_type: assumed to be application/json or text/plain"
            return found | task.review(message) | _json(task, mime, schema)
        case Literal(value=str() as name):
            return task.refuse("MG101", f"response_mime_type: '{name}' is not possible here")
        case _:
            return task.refuse("MG106", "response_mime_type: the value is not visible")


def _choice(task: Task, schema: Value | None) -> Mapped:
    """One value of a list of them, which JSON puts in quotes."""
    if schema is None:
        message = "text/x.enum: an interaction needs the values as a schema, which is not visible here"
        return task.refuse("MG106", message, "Give response_schema an enum.")
    message = "text/x.enum: application/json gives the value as a JSON string, in quotes"
    advice = "Where text is read here, they are taken off; take them off wherever else the answer is read."
    said = task.review(message, advice=advice) | Mapped(features=frozenset({Feature.CHOICE}))
    return said | _json(task, Literal(JSON), schema)


def _json(task: Task, mime: Value, schema: Value | None) -> Mapped:
    fields = [Field("type", Literal("text")), Field("mime_type", mime)]
    if schema is not None:
        fields.append(Field("schema", schema))
    return task.put(Record("dict", tuple(fields)), Feature.JSON)


def _schema(task: Task) -> tuple[Value | None, tuple[Diagnostic, ...]]:
    given, plain = task.root.get("response_schema"), task.root.get("response_json_schema")
    if not _nothing(given) and not _nothing(plain):
        return None, task.refuse("MG111", "response_schema and response_json_schema are both given").said
    if given is not None and not _nothing(given):
        found = convert(given, task.context)
        return found.value, found.said
    return _json_schema(plain, task)


def _json_schema(value: Value | None, task: Task) -> tuple[Value | None, tuple[Diagnostic, ...]]:
    """A schema that is JSON Schema already, or a class."""
    match value:
        case None | Literal(value=None):
            return None, ()
        case Opaque(type="type"):
            return convert(value, task.context).value, ()
        case Opaque(type=""):
            return value, task.review("response_json_schema: assumed to be a dict").said
        case Opaque() | Record():
            return value, ()
        case _:
            message = "response_json_schema: the value is not visible"
            return None, (Diagnostic("MG106", Level.MANUAL, message, value.origin),)


# Media --------------------------------------------------------------------------------------------------------------


def _modalities(task: Task) -> tuple[list[str], Mapped]:
    """The kinds of content that are asked for, in order."""
    match task.root.get("response_modalities"):
        case None | Literal(value=None):
            return [], Mapped()
        case Sequence(items=items) if all(isinstance(item, Literal) for item in items):
            words = [str(item.value).upper() for item in items if isinstance(item, Literal)]
            words = [word for word in words if not word.endswith("UNSPECIFIED")]
            if not set(words) <= {"TEXT", *MEDIA}:
                return [], task.refuse("MG101", f"response_modalities: {', '.join(words)} is not possible here")
            features = frozenset(MEDIA[word] for word in words if word in MEDIA)
            return [word.lower() for word in words], Mapped(features=features)
        case _:
            return [], task.refuse("MG106", "response_modalities: the kinds are not visible")


def _image_entry(task: Task) -> Mapped:
    config = task.root.get("image_config")
    if config is None or _nothing(config):
        return Mapped()
    row = task.context.maps.request("GenerateContentConfig", "image_config")
    if row is None:
        return Mapped()
    holder = replace(task, field=Field("image_config", config), row=row)
    found = inside(holder)
    entry = nest(found.puts)
    whole = Record("dict", (Field("type", Literal("image")), *entry.fields), config.origin)
    return Mapped(said=found.said) | holder.put(whole, Feature.IMAGE)


HANDLERS = {"response_format": response_format}
