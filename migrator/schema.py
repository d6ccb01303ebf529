"""What an Interactions request may contain: the strict target schema, asked by path or by value.

The SDK lets nested typos, wrong spellings and unknown types through to the service; this does not. The schema is read
on first use; a body may contain ``ANY`` where a value is not visible, ``Known`` where only its type is, ``UNSET``
where a field is left out after all, and the key ``**`` where fields are not visible.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from enum import Enum
from functools import cache
from typing import Any, Final, cast

from migrator.fieldmap import folder
from migrator.records import dataclass

Schema = Mapping[str, Any]


class _Any:
    """A value that is not visible: it fits everywhere."""

    def __repr__(self) -> str:
        return "ANY"


class _Unset:
    """The value of a field that the sender leaves out, as the SDK does where it is None."""

    def __repr__(self) -> str:
        return "UNSET"


@dataclass(frozen=True, slots=True)
class Known:
    """A value that is not visible, of a Python type that is: ``str``, or an SDK type that no request takes."""

    type: str


ANY: Final = _Any()
UNSET: Final = _Unset()
_TYPES = {
    "str": ("string",),
    "path": ("string",),
    "int": ("integer", "number"),
    "float": ("number",),
    "bool": ("boolean",),
}
SPREAD: Final = "**"

# Names of the legacy API without a counterpart that happen to be near another field.
_NO_OTHER = frozenset({"top_k", "topK", "candidate_count", "candidateCount", "thinking_budget", "thinkingBudget"})


class Wrong(Enum):
    """In what way something does not fit."""

    KEY = "a key that is not known"
    KIND = "a value of another type"
    VALUE = "a value that is not among those taken"
    MISSING = "a field that is not given"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that the target would not take; ``path`` is spelt as the service spells it: ``input[0].content``.

    ``missing`` is the name of a field that is not given; ``hint`` the end of the message that guesses what was meant.
    """

    path: str
    message: str
    wrong: Wrong = field(default=Wrong.KIND, compare=False)
    missing: str = field(default="", compare=False)
    hint: str = field(default="", compare=False)


@cache
def target() -> Schema:
    """The whole target schema."""
    return cast("Schema", json.loads((folder() / "target.schema.json").read_text(encoding="utf-8")))


def has_path(path: str) -> bool:
    """Whether a request body has ``path``, such as ``generation_config.temperature``; lists are looked through."""
    return _leads(target(), path.split("."))


def is_keyword(name: str) -> bool:
    """Whether ``name`` is a keyword of ``create`` itself that is no part of the body, such as ``timeout``."""
    return name in target()["x-keywords"]


@cache
def has_request(path: str) -> bool:
    """Whether ``path`` exists in a request: from the top of the body, as a keyword, or inside one of its objects."""
    return is_keyword(path) or has_path(path) or _inside(path, "request")


@cache
def has_response(path: str) -> bool:
    """Whether ``path`` exists in an Interaction or inside one of the objects that it holds."""
    return _inside(path, "response")


def problems(body: object) -> tuple[Problem, ...]:
    """Everything in the plain data of a request body, a model's or an agent's, that the target would not take."""
    of_agent = isinstance(body, dict) and "agent" in body and "model" not in body
    return tuple(_check(target()["x-agent-request"] if of_agent else target(), body, ""))


# Paths --------------------------------------------------------------------------------------------------------------


def _inside(path: str, side: str) -> bool:
    first, *rest = path.split(".")
    return any(_leads(found, rest) for found in _named(side).get(first, ()))


@cache
def _named(side: str) -> Mapping[str, list[Schema]]:
    """Every property of the objects that a request or a response can contain, by name."""
    found: dict[str, list[Schema]] = {}
    for name in target()[f"x-{side}-objects"]:
        for key, schema in target()["$defs"][name].get("properties", {}).items():
            found.setdefault(key, []).append(schema)
    return found


def _leads(schema: Schema, names: list[str]) -> bool:
    """Whether ``names`` lead from ``schema`` to something that it declares."""
    if not names:
        return True
    return any(names[0] in found and _leads(found[names[0]], names[1:]) for found in _properties(schema))


def _properties(schema: Schema) -> Iterator[Mapping[str, Schema]]:
    """The declared properties of every object that ``schema`` allows, alone or in a list."""
    schema = _resolve(schema)
    yield schema.get("properties", {})
    for option in (*_options(schema), *([schema["items"]] if "items" in schema else [])):
        yield from _properties(option)


def _options(schema: Schema) -> list[Schema]:
    return cast("list[Schema]", schema.get("anyOf") or schema.get("oneOf") or [])


def _resolve(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = target()["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


# Values -------------------------------------------------------------------------------------------------------------


def _check(schema: Schema, value: object, path: str) -> Iterator[Problem]:
    schema = _resolve(schema)
    match schema:
        case _ if value is ANY:
            return
        case {"discriminator": {"mapping": dict() as mapping}}:
            yield from _tagged(mapping, value, path)
        case {"anyOf": list() as options}:
            yield from _any_of(options, value, path)
        case {"type": str() as kind} if not _is(kind, value):
            yield Problem(path, f"expected {_article(kind)}, got {_kind(value)}")
        case {"const": constant} if value != constant and not isinstance(value, Known):
            yield Problem(path, f"'{value}' is not '{constant}'", Wrong.VALUE)
        case {"enum": list() as allowed} if value not in allowed and not isinstance(value, Known):
            hint = _nearest(value, allowed)
            yield Problem(path, f"'{value}' is not one of {', '.join(allowed)}{hint}", Wrong.VALUE, hint=hint)
        case {"type": "array", "items": dict() as items}:
            for at, item in enumerate(cast("list[object]", value)):
                yield from _check(items, item, f"{path}[{at}]")
        case {"type": "object"}:
            yield from _object(schema, cast("dict[str, object]", value), path)


def _object(schema: Schema, value: Mapping[str, object], path: str) -> Iterator[Problem]:
    properties: Mapping[str, Schema] = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    given = {key: item for key, item in value.items() if item is not UNSET or key not in properties}
    for key, item in given.items():
        at = f"{path}.{key}" if path else key
        if key in properties:
            yield from _check(properties[key], item, at)
        elif isinstance(others, dict):
            yield from _check(others, item, at)
        elif not others and key != SPREAD:
            hint = _nearest(key, properties)
            yield Problem(at, f"unknown key '{key}'{hint}", Wrong.KEY, hint=hint)
    if SPREAD not in value:
        missing = (name for name in schema.get("required", ()) if name not in given)
        yield from (Problem(path, f"'{name}' is missing", Wrong.MISSING, name) for name in missing)


def _tagged(mapping: Mapping[str, str], value: object, path: str) -> Iterator[Problem]:
    """Check an object against the one definition that its ``type`` names."""
    match value:
        case {"type": str() as name} if name in mapping:
            yield from _check({"$ref": mapping[name]}, value, path)
        case {"type": name} if name is not ANY and not isinstance(name, Known):
            hint = _nearest(name, mapping)
            message = f"'{name}' is not one of {', '.join(mapping)}{hint}"
            yield Problem(f"{path}.type", message, Wrong.VALUE, hint=hint)
        case {"type": _}:
            return
        case dict() if SPREAD not in value:
            yield Problem(path, f"'type' is missing: one of {', '.join(mapping)}", Wrong.MISSING, "type")
        case dict():
            return
        case _:
            yield Problem(path, f"expected an object, got {_kind(value)}")


def _any_of(options: Iterable[Schema], value: object, path: str) -> Iterator[Problem]:
    """Nothing where one option fits; else what is wrong with the option that comes nearest."""
    found = [(_looks_like(option, value), tuple(_check(option, value, path))) for option in options]
    if any(not wrong for _, wrong in found):
        return
    nearest = [wrong for alike, wrong in found if alike]
    if nearest:
        yield from min(nearest, key=_distance)
    else:
        yield Problem(path, f"{_kind(value)} does not fit here")


def _distance(wrong: tuple[Problem, ...]) -> tuple[int, int]:
    """How far a value is from what was asked: another type is further than any number of wrong fields."""
    return sum(problem.path.endswith(".type") for problem in wrong), len(wrong)


def _looks_like(option: Schema, value: object) -> bool:
    """Whether ``value`` is at least of the kind that ``option`` asks for."""
    option = _resolve(option)
    if _options(option):
        return any(_looks_like(inner, value) for inner in _options(option))
    return _is(option.get("type", "object"), value)


def _is(kind: str, value: object) -> bool:
    match kind, value:
        case (("integer" | "number"), bool()):
            return False
        case ("string", str()) | ("integer", int()) | ("number", int() | float()) | ("boolean", bool()):
            return True
        case "integer", float() as number:
            return number.is_integer()
        case _, Known(type=name):
            return kind in _TYPES.get(name, ())
        case ("array", list() | tuple()) | ("object", dict()):
            return True
        case _:
            return False


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case Known(type=name):
            return {
                "str": "a string",
                "path": "a path",
                "int": "a number",
                "float": "a number",
                "bool": "a boolean",
            }.get(name, name)
        case bool():
            return "a boolean"
        case dict():
            return "an object"
        case list() | tuple():
            return "an array"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case _:
            return f"a Python {type(value).__name__}"


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeio" else f"a {kind}"


def _nearest(name: object, known: Iterable[str]) -> str:
    import difflib  # only where something is wrong already

    if str(name) in _NO_OTHER:
        return ""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(str(name).lower(), by_lower, n=1)
    return f"; did you mean '{by_lower[close[0]]}'?" if close else ""
