"""What the service or the SDK refuses although the schema takes it.

Fields that exclude or need each other, media data that is none, legacy spellings inside of JSON Schemas. Every rule is
asked about plain data (``body.plain``) and is silent where what it asks for is not visible. Facts: google-genai 3.4.0
where it raises, the API's error pages and dated live reports for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from migrator.diagnostics import Level
from migrator.fieldmap import Models
from migrator.records import dataclass
from migrator.schema import ANY, SPREAD, UNSET, Known
from migrator.verification.body import PATH, Sender

Body = Mapping[str, Any]

MEDIA = ("image", "audio", "video", "document")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_JSON_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_LEGACY_KEYWORDS = {
    "any_of": "anyOf",
    "additional_properties": "additionalProperties",
    "max_items": "maxItems",
    "min_items": "minItems",
    "max_length": "maxLength",
    "min_length": "minLength",
    "max_properties": "maxProperties",
    "min_properties": "minProperties",
    "prefix_items": "prefixItems",
    "unique_items": "uniqueItems",
}
_FIRST_WITHOUT_PREFILL = re.compile(r"gemini-(3\.5-flash-lite|3\.[6-9]|[4-9])")


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a body breaks, at the path of the key that has to change."""

    path: str
    code: str
    message: str
    advice: str = ""
    level: Level = Level.MANUAL


def together(body: Body, keywords: Body, models: Models) -> Iterator[Breach]:
    """What fields have against each other; ``body`` holds only what is given in any case."""
    for rule in (_model_and_agent, _store, _background, _tools, _tool_choice, _input):
        yield from rule(body)
    yield from _thinking(body, models)
    yield from _extra_body(body, keywords)


def values(body: Body, sender: Sender, models: Models) -> Iterator[Breach]:
    """What is wrong with single values, wherever they stand."""
    yield from _refused(body)
    yield from _model(body, models)
    yield from _walked(body.get("input"), "input", _media)
    yield from _schemas(body)
    yield from _speech(body)
    yield from _processing(body.get("input"), sender)
    for at, tool in enumerate(_list(body.get("tools"))):
        yield from _tool(tool, f"tools[{at}]")


def _has(body: Body, name: str) -> bool:
    return body.get(name, UNSET) not in (UNSET, None)


def _is_open(body: Body) -> bool:
    return SPREAD in body


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: object) -> Body:
    return value if isinstance(value, dict) else {}


# Fields together ----------------------------------------------------------------------------------------------------


def _model_and_agent(body: Body) -> Iterator[Breach]:
    if not _has(body, "agent"):
        return
    if _has(body, "model"):
        yield Breach("agent", "MG605", "model and agent exclude each other", "Keep the one that is to answer.")
        if _has(body, "generation_config"):
            return
    agent, background = body["agent"], body.get("background", UNSET)
    is_research = isinstance(agent, str) and agent.startswith("deep-research")
    if is_research and background in (UNSET, None, False) and not _is_open(body):
        message = "a deep-research agent answers in the background only"
        yield Breach("agent", "MG605", message, "Add background=True, then poll interactions.get(id).")


def _store(body: Body) -> Iterator[Breach]:
    if body.get("store") is not False:
        return
    if _has(body, "previous_interaction_id"):
        message = "store is False, and previous_interaction_id continues a stored interaction"
        yield Breach("store", "MG605", message, "Leave store out, or send the whole history as input.")
    if body.get("background") is True:
        message = "store is False, and background=True needs the interaction to be stored"
        yield Breach("store", "MG605", message, "Leave one of the two out.")


def _background(body: Body) -> Iterator[Breach]:
    if body.get("background") is True and body.get("stream") is False and _has(body, "continuation_token"):
        yield Breach("continuation_token", "MG605", "a background interaction cannot be continued by a token")


def _tools(body: Body) -> Iterator[Breach]:
    tools = _list(body.get("tools"))
    types = [_dict(tool).get("type") for tool in tools]
    other = next((name for name in ("google_search", "url_context") if name in types), None)
    if "file_search" in types and other is not None:
        at = types.index("file_search")
        yield Breach(f"tools[{at}]", "MG605", f"file_search cannot be combined with {other}", "Ask in two requests.")


def _tool_choice(body: Body) -> Iterator[Breach]:
    config = _dict(body.get("generation_config"))
    tools = body.get("tools", UNSET)
    if not _has(config, "tool_choice") or config["tool_choice"] == "none" or _is_open(body):
        return
    if tools not in (UNSET, None) and not isinstance(tools, list):
        return
    types = [_dict(tool).get("type", ANY) for tool in _list(tools)]
    if not any(name in ("function", "mcp_server") or not isinstance(name, str) for name in types):
        message = "tool_choice without a function among the tools"
        path = "generation_config.tool_choice"
        yield Breach(path, "MG605", message, "Declare a function in tools, or leave tool_choice out.")


def _input(body: Body) -> Iterator[Breach]:
    given = body.get("input", UNSET)
    if given in (UNSET, None) and not _has(body, "continuation_token") and not _is_open(body):
        message = "'input' is missing" if "input" not in body else "input is None: it is not sent"
        yield Breach("input" if "input" in body else "", "MG604", message, "Give the input: text, contents or steps.")
    elif given in ("", []) and given is not ANY:
        yield Breach("input", "MG604", "input is empty", "Ask something: an empty input is answered with 400.")
    last = _dict(_list(given)[-1]).get("type") if _list(given) else None
    model = body.get("model")
    if last == "model_output" and isinstance(model, str) and _FIRST_WITHOUT_PREFILL.match(model):
        message = f"{model} does not continue a model_output step that ends the input"
        yield Breach(f"input[{len(given) - 1}]", "MG605", message, "End the input with a user_input step.")


def _thinking(body: Body, models: Models) -> Iterator[Breach]:
    level, model = _dict(body.get("generation_config")).get("thinking_level"), body.get("model")
    levels = models.thinking_levels(model.removeprefix("models/")) if isinstance(model, str) else ()
    if levels and level in ("minimal", "low", "medium", "high") and level not in levels:
        message = f"{model} takes no thinking_level '{level}': one of {', '.join(levels)}"
        yield Breach("generation_config.thinking_level", "MG603", message)


def _extra_body(body: Body, keywords: Body) -> Iterator[Breach]:
    """``extra_body`` is merged at the top only: a field in both places is replaced whole."""
    for name in _dict(keywords.get("extra_body")):
        if name != SPREAD and _has(body, name):
            message = f"extra_body replaces the whole {name} of this call: it is merged at the top only"
            yield Breach(f"extra_body.{name}", "MG605", message, f"Give {name} in one place.")


# Single values ------------------------------------------------------------------------------------------------------


def _refused(body: Body) -> Iterator[Breach]:
    advice = "Keep such a call on generate_content: explicit caches are not part of the Interactions API."
    if _has(body, "cached_content"):
        yield Breach("cached_content", "MG607", "the SDK sends cached_content, the service refuses it", advice)
    if _has(body, "response_mime_type"):
        advice = "Move it: response_format={'type': 'text', 'mime_type': ..., 'schema': ...}."
        message = "the SDK sends response_mime_type, the service refuses it"
        yield Breach("response_mime_type", "MG607", message, advice)
    if _has(body, "response_modalities"):
        message = "response_modalities is deprecated"
        advice = "Name what is wanted in response_format, such as {'type': 'image'}."
        yield Breach("response_modalities", "MG608", message, advice, Level.REVIEW)
    if _has(_dict(body.get("generation_config")), "image_config"):
        message, advice = "image_config is deprecated", "Move its fields: response_format={'type': 'image', ...}."
        yield Breach("generation_config.image_config", "MG608", message, advice, Level.REVIEW)


def _model(body: Body, models: Models) -> Iterator[Breach]:
    model = body.get("model")
    if not isinstance(model, str):
        return
    name = model.removeprefix("models/")
    better = None if models.is_served(name) else models.replacement(name)
    if better is not None:
        message = f"{name} is not served by the Interactions API; did you mean '{better.to}'?"
        yield Breach("model", "MG609", message, f"Choose a served model: {better.note}.")
    elif name in models.aliases:
        yield Breach("model", "MG609", f"{name}: {models.aliases[name]}", level=Level.REVIEW)


def _media(value: Body, path: str) -> Iterator[Breach]:
    if value.get("type") not in MEDIA:
        return
    data = value.get("data", UNSET)
    if data in (UNSET, None) and not _has(value, "uri") and not _is_open(value):
        yield Breach(path, "MG604", f"{value['type']} content without 'data' or 'uri'", "Give one of the two.")
    elif (isinstance(data, str) and not _is_base64(data)) or data == Known(PATH):
        given = f"data is not base64: {data[:40]!r}" if isinstance(data, str) else "data is a path"
        message = f"{given}; a string is sent as it is, a path is not read"
        advice = (
            "Encode the bytes: base64.b64encode(data).decode(); the SDK also takes a binary file or a pathlib.Path."
        )
        yield Breach(f"{path}.data", "MG606", message, advice)


def _is_base64(text: str) -> bool:
    text = re.sub(r"\s", "", text)
    return _BASE64.fullmatch(text) is not None and len(text.rstrip("=")) % 4 != 1


def _walked(value: object, path: str, rule: Callable[[Body, str], Iterator[Breach]]) -> Iterator[Breach]:
    match value:
        case dict():
            yield from rule(value, path)
            for key, inner in value.items():
                if key not in ("arguments", "result") or isinstance(inner, list):
                    yield from _walked(inner, f"{path}.{key}", rule)
        case list():
            for at, inner in enumerate(value):
                yield from _walked(inner, f"{path}[{at}]", rule)


def _schemas(body: Body) -> Iterator[Breach]:
    for at, tool in enumerate(_list(body.get("tools"))):
        path = f"tools[{at}].parameters"
        if _dict(tool).get("type") == "function" and "parameters" in tool:
            if isinstance(tool["parameters"], (Known, str, list)):
                kind = tool["parameters"].type if isinstance(tool["parameters"], Known) else "that"
                yield Breach(path, "MG602", f"parameters has to be a JSON Schema, {kind} is none")
            yield from _walked_schema(tool["parameters"], path, Level.MANUAL)
    formats = body.get("response_format")
    for path, each in [("response_format", formats), *_numbered("response_format", formats)]:
        yield from _walked_schema(_dict(each).get("schema"), f"{path}.schema", Level.REVIEW)


def _numbered(path: str, value: object) -> list[tuple[str, Any]]:
    return [(f"{path}[{at}]", item) for at, item in enumerate(_list(value))]


def _walked_schema(schema: object, path: str, level: Level) -> Iterator[Breach]:
    """Legacy spellings in a JSON Schema; ``properties`` holds names, not keywords.

    Types in upper case are not taken for functions; for the format of an answer, Google's pages show both.
    """
    for key, value in _dict(schema).items():
        at = f"{path}.{key}"
        match key, value:
            case "type", str() if value not in _JSON_TYPES and value.lower() in _JSON_TYPES:
                message = f"'{value}' is no type of JSON Schema; did you mean '{value.lower()}'?"
                yield Breach(at, "MG603", message, level=level)
            case "properties" | "$defs" | "defs", dict():
                for name, inner in value.items():
                    yield from _walked_schema(inner, f"{at}.{name}", level)
            case _, _ if key in _LEGACY_KEYWORDS:
                message = f"unknown key '{key}'; did you mean '{_LEGACY_KEYWORDS[key]}'?"
                yield Breach(at, "MG601", message)
            case (("enum" | "const" | "default" | "example" | "examples"), _):
                continue
            case _, dict():
                yield from _walked_schema(value, at, level)
            case _, list():
                for number, inner in enumerate(value):
                    yield from _walked_schema(inner, f"{at}[{number}]", level)


def _speech(body: Body) -> Iterator[Breach]:
    if isinstance(_dict(body.get("generation_config")).get("speech_config"), dict):
        message = "speech_config has to be a list: the SDK sends an object, the service refuses it"
        yield Breach("generation_config.speech_config", "MG607", message, "Put it into a list: [{'voice': ...}].")


def _processing(given: object, sender: Sender) -> Iterator[Breach]:
    """``processing`` counts inside a user_input step; the SDK makes one of a list of contents, not of one content."""
    alone = [("input", given), *(_numbered("input", given) if sender is Sender.BODY else [])]
    for path, content in alone:
        if _dict(content).get("type") in MEDIA and "processing" in content:
            message = "processing is taken inside a user_input step only"
            advice = "Send [{'type': 'user_input', 'content': [...]}]."
            yield Breach(f"{path}.processing", "MG607", message, advice)


def _tool(tool: object, path: str) -> Iterator[Breach]:
    name = _dict(tool).get("name")
    if _dict(tool).get("type") == "mcp_server" and isinstance(name, str) and "-" in name:
        message = f"'{name}': the documentation asks for a name without a hyphen"
        yield Breach(f"{path}.name", "MG603", message, "Use _ instead.", Level.REVIEW)
