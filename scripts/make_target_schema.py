"""Make field_maps/target.schema.json from the google-genai that is installed beside this script.

The SDK's own models accept any key and any spelling; the service does not. So objects are closed here, and so are
enums, except where new values appear without a release: models, agents and MIME types. Run with ``--check`` to compare
only.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from google.genai._gaos.google_genai import GeminiNextGenInteractions
from google.genai._gaos.types.interactions.createagentinteraction import CreateAgentInteraction
from google.genai._gaos.types.interactions.createmodelinteraction import CreateModelInteraction
from google.genai._gaos.types.interactions.interaction import Interaction

TARGET = Path(__file__).parents[1] / "field_maps" / "target.schema.json"
OPEN_ENUMS = ("model", "agent", "mime_type")
OPEN_OBJECTS = ("DynamicAgentConfig",)  # its keys are the agent's own
NOT_BODY = ("self", "request", "body")
Schema = dict[str, Any]


def main() -> int:
    """Write the schema, or with ``--check`` say whether it is stale."""
    text = json.dumps(target(), indent=1, sort_keys=True) + "\n"
    if "--check" not in sys.argv[1:]:
        TARGET.write_text(text, encoding="utf-8")
        return 0
    if TARGET.read_text(encoding="utf-8") == text:
        return 0
    print(f"{TARGET.name} is stale: run scripts/make_target_schema.py", file=sys.stderr)
    return 1


def target() -> Schema:
    """The strict schema of a request body; beside it that of an agent's, create()'s own keywords and the response."""
    request, response = CreateModelInteraction.model_json_schema(), Interaction.model_json_schema()
    agent = CreateAgentInteraction.model_json_schema()
    defs: Schema = {}
    for name, definition in (definition for each in (request, response, agent) for definition in each["$defs"].items()):
        if not name.startswith("Unknown"):
            strict = close(definition, "") | ({"additionalProperties": True} if name in OPEN_OBJECTS else {})
            if defs.setdefault(name, strict) != strict:
                raise ValueError(f"{name} is defined in two ways")
    keywords = inspect.signature(GeminiNextGenInteractions.create).parameters
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The body of interactions.create for a model, from google-genai {version('google-genai')}",
        **close(request, ""),
        "$defs": {**defs, "Interaction": close(response, ""), "CreateAgentInteraction": close(agent, "")},
        "x-agent-request": {"$ref": "#/$defs/CreateAgentInteraction"},
        "x-keywords": sorted(name for name in keywords if name not in NOT_BODY),
        "x-response": {"$ref": "#/$defs/Interaction"},
    }
    tag(whole, defs)
    asked = sorted(reached(whole["properties"], whole["$defs"]))
    answered = sorted(reached(whole["x-response"], whole["$defs"]))
    return whole | {"x-request-objects": asked, "x-response-objects": answered}


def reached(start: Schema, defs: Schema) -> set[str]:
    """Name the definitions that ``start`` refers to, directly or through others."""
    found: set[str] = set()
    todo: list[object] = [start]
    while todo:
        match todo.pop():
            case {"$ref": str() as ref}:
                name = ref.rpartition("/")[2]
                todo += [] if name in found else [defs[name]]
                found.add(name)
            case dict() as schema:
                todo += schema.values()
            case list() as items:
                todo += items
    return found


def close(schema: Schema, name: str) -> Schema:
    """``schema``, which describes the property ``name``, without what the service would not take."""
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        options = [close(option, name) for option in choices if not unwanted(option)]
        return merge(drop_catch_all(options, name)) | kept(schema)
    if "items" in schema:
        return {"type": "array", "items": close(schema["items"], name)} | kept(schema)
    if schema.get("properties"):
        return closed_object(schema)
    if "enum" in schema and name in OPEN_ENUMS:
        return {"type": "string"}
    if isinstance(schema.get("additionalProperties"), dict):
        return {"type": "object", "additionalProperties": close(schema["additionalProperties"], name)}
    return {key: schema[key] for key in ("$ref", "type", "enum", "const") if key in schema} | kept(schema)


def kept(schema: Schema) -> Schema:
    """Keep the mark of a deprecated field."""
    return {"deprecated": True} if schema.get("deprecated") else {}


def closed_object(schema: Schema) -> Schema:
    """An object that takes its own properties only, and that names its ``type`` where it has one."""
    properties = {key: close(value, key) for key, value in schema["properties"].items()}
    required = set(schema.get("required", ()))
    if "const" in properties.get("type", {}):
        required.add("type")
    closed: Schema = {"type": "object", "additionalProperties": False, "properties": properties}
    return closed | ({"required": sorted(required)} if required else {})


def unwanted(option: Schema) -> bool:
    """Null, which a caller leaves out instead, and the SDK's stand-ins for what it does not know."""
    return option.get("type") == "null" or option.get("$ref", "").startswith("#/$defs/Unknown")


def drop_catch_all(options: list[Schema], name: str) -> list[Schema]:
    """Without the open string beside an enum and the open object beside typed ones."""
    spelt = any("enum" in option or "const" in option for option in options)
    typed = any("$ref" in option for option in options)
    without = list(options)
    if spelt and name not in OPEN_ENUMS:
        without = [option for option in without if option != {"type": "string"}]
    if typed:
        without = [option for option in without if option != {"type": "object"}]
    return without


def merge(options: list[Schema]) -> Schema:
    """Join the options, which may have become one."""
    distinct = [option for at, option in enumerate(options) if option not in options[:at]]
    return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}


def tag(whole: Schema, defs: Schema) -> None:
    """Make every choice among typed objects a union told apart by ``type``."""
    for union in list(unions(whole)):
        refs = [option for option in union["anyOf"] if tag_of(option, defs)]
        if len(refs) > 1:
            others = [option for option in union["anyOf"] if option not in refs]
            mapping = {tag_of(option, defs): option["$ref"] for option in refs}
            told: Schema = {"oneOf": refs, "discriminator": {"propertyName": "type", "mapping": mapping}}
            del union["anyOf"]
            union.update({"anyOf": [*others, told]} if others else told)


def unions(schema: object) -> Iterator[Schema]:
    """Every schema with ``anyOf`` in it, innermost first."""
    match schema:
        case dict():
            for value in schema.values():
                yield from unions(value)
            if "anyOf" in schema:
                yield schema
        case list():
            for value in schema:
                yield from unions(value)


def tag_of(option: Schema, defs: Schema) -> str:
    """The one ``type`` of the object that ``option`` refers to, or nothing."""
    definition = defs.get(option.get("$ref", "").rpartition("/")[2], {})
    return str(definition.get("properties", {}).get("type", {}).get("const", ""))


if __name__ == "__main__":
    raise SystemExit(main())
