"""One form for the schemas of both protocols, and a value that fits a schema."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

_SPELLING = {
    "any_of": "anyOf",
    "additional_properties": "additionalProperties",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_length": "minLength",
    "max_length": "maxLength",
    "min_properties": "minProperties",
    "max_properties": "maxProperties",
    "ref": "$ref",
    "defs": "$defs",
}
_SILENT = {"title", "default", "example", "examples", "propertyOrdering", "property_ordering", "$defs", "nullable"}
_COUNTS = {"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"}


def canonical_schema(schema: object, definitions: Json | None = None) -> Json:
    """``schema`` as JSON Schema: lower-case types, references replaced, what says nothing left out."""
    if not isinstance(schema, dict):
        return {}
    schema = {_SPELLING.get(str(key), str(key)): value for key, value in schema.items()}
    definitions = {**(definitions or {}), **(schema.get("$defs") or {})}
    if reference := schema.get("$ref"):
        target = definitions.get(str(reference).rsplit("/", 1)[-1], {})
        return canonical_schema({**target, **{k: v for k, v in schema.items() if k != "$ref"}}, definitions)
    found = {key: _value(key, value, definitions) for key, value in schema.items() if key not in _SILENT}
    return _nullable(found, nullable=bool(schema.get("nullable")))


def _value(key: str, value: Any, definitions: Json) -> object:  # noqa: ANN401  JSON, as it comes
    match key:
        case "properties":
            return {name: canonical_schema(each, definitions) for name, each in value.items()}
        case "items":
            return canonical_schema(value, definitions)
        case "additionalProperties" if isinstance(value, dict):
            return canonical_schema(value, definitions)
        case "anyOf":
            return [canonical_schema(each, definitions) for each in value]
        case "type" if isinstance(value, str):
            return value.lower()
        case "type":
            return [each.lower() for each in value]
        case "required":
            return sorted(value)
        case name if name in _COUNTS:
            return int(value)
    return value


def _nullable(schema: Json, *, nullable: bool) -> Json:
    """Writes each of the ways to allow null in one way."""
    schema = {key: value for key, value in schema.items() if not (key == "format" and value == "enum")}
    if isinstance(schema.get("type"), list):
        names = [name for name in schema["type"] if name != "null"]
        nullable = nullable or len(names) < len(schema["type"])
        schema["type"] = names[0] if len(names) == 1 else names
    if "anyOf" in schema:
        rest = [each for each in schema["anyOf"] if each.get("type") != "null"]
        nullable = nullable or len(rest) < len(schema["anyOf"])
        only = rest[0] if len(rest) == 1 else {"anyOf": rest}
        schema = {**{key: value for key, value in schema.items() if key != "anyOf"}, **only}
    return {**schema, "nullable": True} if nullable else schema


def sample(schema: Json, seed: str) -> object:
    """A value that fits a canonical schema; the same for the same ``seed``."""
    if schema.get("enum"):
        return schema["enum"][0]
    if schema.get("anyOf"):
        return sample(schema["anyOf"][0], seed)
    match schema.get("type"):
        case "object":
            return {name: sample(each, f"{seed}-{name}") for name, each in (schema.get("properties") or {}).items()}
        case "array":
            return [sample(schema.get("items") or {"type": "string"}, f"{seed}-{n}") for n in (1, 2)]
        case "integer":
            return sum(map(ord, seed)) % 90 + 1
        case "number":
            return (sum(map(ord, seed)) % 90) + 0.5
        case "boolean":
            return True
        case "null":
            return None
    return f"{seed} é"
