"""What a request means, whichever of the two protocols it is spoken in.

Both bodies are read into one ``Meaning``; two requests ask for the same thing exactly when their meanings are equal.
Transport (timeouts, storage, streaming) is no part of it.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from migrator.casing import camel, snake
from migrator.twin.json_schemas import canonical_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

Json = dict[str, Any]


@dataclass(frozen=True)
class Meaning:
    """One request, free of its protocol; every value is plain JSON data."""

    model: str
    system: str = ""
    turns: list[list[Any]] = field(default_factory=list)  # [role, [item, ...]], neighbours of one role merged
    tools: list[Json] = field(default_factory=list)
    tool_choice: Json = field(default_factory=dict)
    sampling: Json = field(default_factory=dict)
    thinking: Json = field(default_factory=dict)
    format: Json = field(default_factory=dict)
    modalities: list[str] = field(default_factory=list)
    image: Json = field(default_factory=dict)
    speech: list[Json] = field(default_factory=list)
    safety: list[Json] = field(default_factory=list)
    labels: Json = field(default_factory=dict)
    tier: str = ""
    version: str = ""
    headers: Json = field(default_factory=dict)
    other: Json = field(default_factory=dict)  # asked for by the legacy body, and nothing above

    def digest(self) -> str:
        """A short name of all that shapes the words of an answer."""
        said = [self.system, self.turns, self.tools, self.tool_choice, self.sampling, self.format, self.modalities]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:8]

    def prompt(self) -> str:
        """What the user said last, results of functions left out: a directive to the server, and what it echoes."""
        for role, items in reversed(self.turns):
            texts = [item["text"] for item in items if item["type"] == "text"]
            if role == "user" and texts:
                return " ".join(texts)
        return ""

    def rounds(self) -> int:
        """How often functions were called, and their results sent, since the user last said something."""
        found = 0
        for role, items in reversed(self.turns):
            if role == "user" and any(item["type"] == "text" for item in items):
                break
            found += role == "user"
        return found

    def last_item(self) -> Json:
        """The last thing said to the model."""
        item: Json = self.turns[-1][1][-1] if self.turns and self.turns[-1][1] else {}
        return item


def differences(left: Meaning, right: Meaning) -> list[str]:
    """One line for each field in which the two meanings differ."""
    ours, theirs = asdict(left), asdict(right)
    return [f"{name}: {ours[name]!r} != {theirs[name]!r}" for name in ours if ours[name] != theirs[name]]


def get(record: Json, name: str) -> Any:  # noqa: ANN401  JSON, as it comes
    """The field of a legacy record; the SDK mixes both spellings on the wire."""
    return record.get(name, record.get(camel(name)))


def kind(mime_type: str) -> str:
    """The Interactions content type for a MIME type."""
    family = mime_type.split("/", 1)[0]
    return family if family in ("image", "audio", "video") else "document"


def _clean(record: Json) -> Json:
    return {key: value for key, value in record.items() if value not in (None, "", [], {})}


def _turns(said: Iterator[tuple[str, Json]]) -> list[list[Any]]:
    """Who says what; a reply that came in pieces is sent back in pieces or whole, which means the same."""
    turns: list[list[Any]] = []
    for role, item in said:
        if not turns or turns[-1][0] != role:
            turns.append([role, []])
        items = turns[-1][1]
        if role == "model" and items and item["type"] == items[-1]["type"] == "text":
            items[-1] = {**items[-1], "text": items[-1]["text"] + item["text"]}
        else:
            items.append(item)
    return turns


# --- the legacy protocol -------------------------------------------------------------------------------------------


def legacy_meaning(model: str, body: Json, version: str, headers: Json) -> Meaning:
    """Reads a ``generateContent`` body."""
    config = body.get("generationConfig") or {}
    config = {snake(key): value for key, value in config.items()}
    resolution = _level(config.pop("media_resolution", ""))
    tool_config = get(body, "tool_config") or {}
    tools = list(_legacy_tools(body.get("tools") or [], tool_config))
    system = get(body, "system_instruction") or {}
    return Meaning(
        model=model.removeprefix("models/"),
        system="\n".join(part.get("text", "") for part in system.get("parts", [])),
        turns=_turns(_legacy_items(body.get("contents") or [], resolution)),
        tools=sorted(tools, key=lambda tool: json.dumps(tool, sort_keys=True)),
        tool_choice=_legacy_choice(tool_config),
        sampling=_sampling(config),
        thinking=_legacy_thinking(config.pop("thinking_config", None) or {}),
        format=_legacy_format(config),
        modalities=_modalities(config.pop("response_modalities", None) or []),
        image=_clean({snake(k): v for k, v in (config.pop("image_config", None) or {}).items()}),
        speech=_legacy_speech(config.pop("speech_config", None) or {}),
        safety=_safety(get(body, "safety_settings") or [], "category"),
        labels=body.get("labels") or {},
        tier=_tier(get(body, "service_tier")),
        version=version,
        headers=headers,
        other=_legacy_other(config, body),
    )


def _legacy_other(config: Json, body: Json) -> Json:
    rest = {key: value for key, value in config.items() if (key, value) != ("candidate_count", 1)}
    if cached := get(body, "cached_content"):
        rest["cached_content"] = cached
    return _clean(rest)


def _legacy_items(contents: list[Json], resolution: str) -> Iterator[tuple[str, Json]]:
    for content in contents:
        role = "model" if content.get("role") == "model" else "user"
        for part in content.get("parts") or []:
            for item in _legacy_part(part, resolution):
                yield role, item


def _legacy_part(part: Json, resolution: str) -> Iterator[Json]:
    if signature := get(part, "thought_signature"):
        yield {"type": "signature", "signature": signature}
    if part.get("thought"):
        yield {"type": "thought", "text": part.get("text", "")}
    elif "text" in part:
        yield {"type": "text", "text": part["text"]}
    if blob := get(part, "inline_data"):
        yield _legacy_blob(part, blob, resolution)
    if file := get(part, "file_data"):
        yield _legacy_file(part, file, resolution)
    if call := get(part, "function_call"):
        yield {"type": "call", "name": call["name"], "args": call.get("args") or {}}
    if result := get(part, "function_response"):
        yield {"type": "result", "name": result.get("name", ""), "result": result.get("response")}
    if code := get(part, "executable_code"):
        yield {"type": "code", "code": code.get("code", "")}
    if ran := get(part, "code_execution_result"):
        yield {"type": "ran", "output": ran.get("output", ""), "ok": ran.get("outcome") == "OUTCOME_OK"}


def _legacy_blob(part: Json, blob: Json, resolution: str) -> Json:
    mime = get(blob, "mime_type") or ""
    data = blob["data"].replace("-", "+").replace("_", "/")
    if mime.startswith("text/") and mime != "text/csv":
        return {"type": "text", "text": _decoded(data)}
    return _media(kind(mime), {"mime_type": mime, "data": data}, part, resolution)


def _legacy_file(part: Json, file: Json, resolution: str) -> Json:
    uri, mime = get(file, "file_uri"), get(file, "mime_type") or ""
    what = "video" if not mime and "youtu" in uri else kind(mime)
    return _media(what, {"mime_type": mime, "uri": uri}, part, resolution)


def _media(what: str, source: Json, part: Json, resolution: str) -> Json:
    own = _level((get(part, "media_resolution") or {}).get("level", ""))
    processing = {snake(k): v for k, v in (get(part, "video_metadata") or {}).items()}
    level = "" if what == "audio" else own or resolution
    return _clean({"type": what, **source, "resolution": level, "processing": processing})


def _decoded(data: str) -> str:
    import base64

    return base64.b64decode(data).decode()


def _level(value: str) -> str:
    return value.removeprefix("MEDIA_RESOLUTION_").lower().replace("unspecified", "")


def _legacy_tools(tools: list[Json], tool_config: Json) -> Iterator[Json]:
    for tool in tools:
        for name, value in tool.items():
            match snake(name):
                case "function_declarations":
                    yield from (_declaration(declaration) for declaration in value)
                case "google_search_retrieval":
                    yield {"type": "google_search"}
                case "google_search":
                    types = [snake(each) for each in (get(value, "search_types") or {})]
                    yield _clean({"type": "google_search", "search_types": types})
                case "google_maps":
                    where = get(get(tool_config, "retrieval_config") or {}, "lat_lng") or {}
                    yield {"type": "google_maps", **where, **{snake(k): v for k, v in value.items()}}
                case other:
                    yield {"type": other, **{snake(k): v for k, v in (value or {}).items()}}


def _declaration(declaration: Json) -> Json:
    schema = get(declaration, "parameters_json_schema") or declaration.get("parameters")
    description = declaration.get("description")
    return _clean(
        {
            "type": "function",
            "name": declaration["name"],
            "description": description,
            "parameters": canonical_schema(schema) if schema else None,
        }
    )


def _legacy_choice(tool_config: Json) -> Json:
    calling = get(tool_config, "function_calling_config") or {}
    mode = (calling.get("mode") or "").lower().replace("mode_unspecified", "")
    return _clean({"mode": "" if mode == "auto" else mode, "names": get(calling, "allowed_function_names")})


def _sampling(config: Json) -> Json:
    names = ("temperature", "top_p", "top_k", "max_output_tokens", "stop_sequences", "seed")
    found = {name: config.pop(name, None) for name in names}
    numbers = {k: float(v) if isinstance(v, int | float) else v for k, v in found.items()}
    return {key: value for key, value in numbers.items() if value is not None}


def _legacy_thinking(config: Json) -> Json:
    level = (get(config, "thinking_level") or "").lower().replace("thinking_level_unspecified", "")
    budget = get(config, "thinking_budget")
    shown = get(config, "include_thoughts") or None
    thinking = {"level": level or None, "budget": None if budget == -1 else budget, "summaries": shown}
    return {key: value for key, value in thinking.items() if value is not None}


def _legacy_format(config: Json) -> Json:
    mime = config.pop("response_mime_type", None)
    schema = config.pop("response_schema", None)
    schema = config.pop("response_json_schema", None) or schema
    if schema:
        return {"mime_type": "application/json", "schema": canonical_schema(schema)}
    return {} if mime in (None, "text/plain") else {"mime_type": mime}


def _modalities(names: list[str]) -> list[str]:
    found = sorted({name.lower() for name in names})
    return [] if found == ["text"] else found


def _legacy_speech(config: Json) -> list[Json]:
    def voice(record: Json) -> str | None:
        prebuilt = get(get(record, "voice_config") or {}, "prebuilt_voice_config") or {}
        name: str | None = get(prebuilt, "voice_name")
        return name

    several = get(get(config, "multi_speaker_voice_config") or {}, "speaker_voice_configs") or []
    voices = [{"speaker": each["speaker"], "voice": voice(each)} for each in several] or [{"voice": voice(config)}]
    language = get(config, "language_code")
    return [each for each in (_clean({**each, "language": language}) for each in voices) if each]


def _safety(settings: list[Json], key: str) -> list[Json]:
    found = [
        {
            "type": setting[key].removeprefix("HARM_CATEGORY_").lower(),
            "threshold": setting.get("threshold", "").lower(),
            "method": (setting.get("method") or "").lower(),
        }
        for setting in settings
    ]
    return sorted(found, key=lambda setting: setting["type"])


def _tier(name: str | None) -> str:
    return "" if name in (None, "unspecified") else str(name).lower()


# --- the Interactions protocol -------------------------------------------------------------------------------------


def interactions_meaning(body: Json, earlier: list[tuple[str, Json]], version: str, headers: Json) -> Meaning:
    """Reads an Interactions body; ``earlier`` is what the previous interaction already holds."""
    config = dict(body.get("generation_config") or {})
    formats = body.get("response_format") or []
    formats = formats if isinstance(formats, list) else [formats]
    modalities = list(body.get("response_modalities") or []) + [each["type"] for each in formats]
    tools = [_tool(tool) for tool in body.get("tools") or []]
    image = next((each for each in formats if each["type"] == "image"), None) or config.pop("image_config", None)
    return Meaning(
        model=body["model"],
        system=body.get("system_instruction") or "",
        turns=_turns(iter([*earlier, *items_of(body.get("input") or [])])),
        tools=sorted(tools, key=lambda tool: json.dumps(tool, sort_keys=True)),
        tool_choice=_choice(config.pop("tool_choice", None) or {}),
        sampling=_sampling(config),
        thinking=_thinking(config),
        format=_format(formats),
        modalities=_modalities(modalities),
        image=_clean({key: value for key, value in (image or {}).items() if key != "type"}),
        speech=config.pop("speech_config", None) or [],
        safety=_safety(body.get("safety_settings") or [], "type"),
        labels=body.get("labels") or {},
        tier=_tier(body.get("service_tier")),
        version=version,
        headers=headers,
        other=_clean(config),
    )


def items_of(given: object) -> Iterator[tuple[str, Json]]:
    """The items of an Interactions input or of the steps of an answer, each with its role."""
    match given:
        case str():
            yield "user", {"type": "text", "text": given}
        case dict():
            yield from items_of([given])
        case list():
            for entry in given:
                yield from _step(entry)


def _step(step: Json) -> Iterator[tuple[str, Json]]:
    match step["type"]:
        case "user_input":
            yield from (("user", _content(content)) for content in step.get("content") or [])
        case "model_output":
            yield from (("model", _content(content)) for content in step.get("content") or [])
        case "thought":
            if step.get("signature"):
                yield "model", {"type": "signature", "signature": step["signature"]}
            yield from (("model", {"type": "thought", "text": each["text"]}) for each in step.get("summary") or [])
        case "function_call":
            yield "model", {"type": "call", "name": step["name"], "args": step.get("arguments") or {}}
        case "function_result":
            yield "user", {"type": "result", "name": step.get("name", ""), "result": step.get("result")}
        case "code_execution_call":
            yield "model", {"type": "code", "code": step["arguments"]["code"]}
        case "code_execution_result":
            yield "model", {"type": "ran", "output": step["result"], "ok": not step.get("is_error")}
        case name if name.endswith(("_call", "_result")):
            return  # what the service looked up: a legacy history has no trace of it
        case _:
            yield "user", _content(step)


def _content(content: Json) -> Json:
    if content["type"] == "text":
        return {"type": "text", "text": content["text"]}
    names = ("type", "mime_type", "data", "uri", "resolution")
    processing = {k: v for k, v in (content.get("processing") or {}).items() if k != "type"}
    return _clean({**{name: content.get(name) for name in names}, "processing": processing})


def _tool(tool: Json) -> Json:
    if tool.get("parameters"):
        return {**tool, "parameters": canonical_schema(tool["parameters"])}
    return _clean(tool)


def _choice(choice: str | Json) -> Json:
    if isinstance(choice, str):
        return _clean({"mode": "" if choice == "auto" else choice})
    allowed = choice.get("allowed_tools") or {}
    return _clean({"mode": allowed.get("mode"), "names": allowed.get("tools")})


def _thinking(config: Json) -> Json:
    summaries = config.pop("thinking_summaries", None)
    thinking = {"level": config.pop("thinking_level", None), "summaries": True if summaries == "auto" else None}
    return {key: value for key, value in thinking.items() if value is not None}


def _format(formats: list[Json]) -> Json:
    text = next((each for each in formats if each["type"] == "text"), {})
    if text.get("schema"):
        return {"mime_type": "application/json", "schema": canonical_schema(text["schema"])}
    return {} if text.get("mime_type") in (None, "text/plain") else {"mime_type": text["mime_type"]}
