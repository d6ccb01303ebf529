"""The legacy protocol: what a ``generateContent`` body means, and how an answer is spelled in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from migrator.casing import snake
from migrator.twin.answers import FILE, PLACE, STATUSES, Answer, cited, pieces_of
from migrator.twin.json_schemas import canonical_schema
from migrator.twin.meaning import (
    Json,
    Meaning,
    clean,
    get,
    merged,
    modalities_of,
    safety_of,
    sampled,
    tier_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTEXT: Json = {"retrievedContext": {"uri": FILE["document_uri"], "title": FILE["file_name"]}}
_CHUNKS: dict[str, Json] = {
    "search": {"web": {"uri": "https://example.org/a", "title": "example.org"}},
    "maps": {"maps": {"uri": PLACE["url"], "title": PLACE["name"], "placeId": PLACE["place_id"]}},
    "retrieval": _CONTEXT,
    "files": _CONTEXT,
}


# Requests -----------------------------------------------------------------------------------------------------------


def kind(mime_type: str) -> str:
    """The Interactions content type for a MIME type."""
    family = mime_type.split("/", 1)[0]
    return family if family in ("image", "audio", "video") else "document"


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
        turns=merged(_legacy_items(body.get("contents") or [], resolution)),
        tools=sorted(tools, key=lambda tool: json.dumps(tool, sort_keys=True)),
        tool_choice=_legacy_choice(tool_config),
        sampling=sampled(config),
        thinking=_legacy_thinking(config.pop("thinking_config", None) or {}),
        format=_legacy_format(config),
        modalities=modalities_of(config.pop("response_modalities", None) or []),
        image=clean({snake(k): v for k, v in (config.pop("image_config", None) or {}).items()}),
        speech=_legacy_speech(config.pop("speech_config", None) or {}),
        safety=safety_of(get(body, "safety_settings") or [], "category"),
        labels=body.get("labels") or {},
        tier=tier_of(get(body, "service_tier")),
        version=version,
        headers=headers,
        other=_legacy_other(config, body),
    )


def _legacy_other(config: Json, body: Json) -> Json:
    rest = {key: value for key, value in config.items() if (key, value) != ("candidate_count", 1)}
    if cached := get(body, "cached_content"):
        rest["cached_content"] = cached
    return clean(rest)


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
    return clean({"type": what, **source, "resolution": level, "processing": processing})


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
                    yield clean({"type": "google_search", "search_types": types})
                case "google_maps":
                    where = get(get(tool_config, "retrieval_config") or {}, "lat_lng") or {}
                    yield {"type": "google_maps", **where, **{snake(k): v for k, v in value.items()}}
                case other:
                    yield {"type": other, **{snake(k): v for k, v in (value or {}).items()}}


def _declaration(declaration: Json) -> Json:
    schema = get(declaration, "parameters_json_schema") or declaration.get("parameters")
    description = declaration.get("description")
    return clean(
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
    return clean({"mode": "" if mode == "auto" else mode, "names": get(calling, "allowed_function_names")})


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


def _legacy_speech(config: Json) -> list[Json]:
    def voice(record: Json) -> str | None:
        prebuilt = get(get(record, "voice_config") or {}, "prebuilt_voice_config") or {}
        name: str | None = get(prebuilt, "voice_name")
        return name

    several = get(get(config, "multi_speaker_voice_config") or {}, "speaker_voice_configs") or []
    voices = [{"speaker": each["speaker"], "voice": voice(each)} for each in several] or [{"voice": voice(config)}]
    language = get(config, "language_code")
    return [each for each in (clean({**each, "language": language}) for each in voices) if each]


# Answers ------------------------------------------------------------------------------------------------------------


def legacy_body(given: Answer) -> Json:
    """A ``GenerateContentResponse``."""
    rest = {"usageMetadata": _legacy_usage(given), "modelVersion": given.model, "responseId": given.id}
    if given.finish == "blocked":
        return {"promptFeedback": {"blockReason": "SAFETY"}, **rest}
    reason = "MAX_TOKENS" if given.finish == "max_tokens" else "STOP"
    content: Json = {"role": "model"}
    if parts := list(_legacy_parts(given.items)):
        content["parts"] = parts
    candidate = {"content": content, "finishReason": reason, "index": 0, **_legacy_metadata(given.items)}
    return {"candidates": [candidate], **rest}


def legacy_chunks(given: Answer) -> Iterator[Json]:
    """The same answer in pieces, the last one of which says how it ended."""
    whole = legacy_body(given)
    pieces = list(_legacy_parts([piece for item in given.items for piece in pieces_of(item)]))
    if given.broken:
        yield _legacy_chunk(whole, pieces[0])
        yield legacy_error(given.broken)
        return
    for piece in pieces[:-1]:
        yield _legacy_chunk(whole, piece)
    for candidate in whole.get("candidates", []):
        candidate["content"] = {"role": "model", "parts": pieces[-1:] or [{"text": ""}]}
    yield whole


def _legacy_chunk(whole: Json, part: Json) -> Json:
    return {"candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}], **_identity(whole)}


def _identity(whole: Json) -> Json:
    return {"modelVersion": whole["modelVersion"], "responseId": whole["responseId"]}


def _legacy_parts(items: list[Json]) -> Iterator[Json]:
    signature: Json = {}
    for item in items:
        match item["type"]:
            case "thought":
                yield {"text": item["text"], "thought": True}
            case "text":
                yield {"text": item["text"], **signature}
                signature = {}
            case "signature":
                signature = {"thoughtSignature": item["signature"]}
            case "call":
                call = {key: item[key] for key in ("id", "name", "args")}
                yield {"functionCall": call, **signature}
                signature = {}
            case "image" | "audio":
                mime = "audio/L16;codec=pcm;rate=24000" if item["type"] == "audio" else item["mime_type"]
                yield {"inlineData": {"mimeType": mime, "data": item["data"]}}
            case "code":
                yield {"executableCode": {"language": "PYTHON", "code": item["code"]}}
            case "ran":
                yield {"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": item["output"]}}


def _legacy_metadata(items: list[Json]) -> Json:
    found: Json = {}
    grounding: Json = {}
    for item in items:
        match item["type"]:
            case "search":
                grounding["webSearchQueries"] = item["queries"]
                grounding["searchEntryPoint"] = {"renderedContent": item["html"]}
            case "retrieval":
                grounding["retrievalQueries"] = item["queries"]
            case "maps":
                grounding["googleMapsWidgetContextToken"] = item["token"]
            case "url":
                status = "URL_RETRIEVAL_STATUS_SUCCESS"
                done = [{"retrievedUrl": url, "urlRetrievalStatus": status} for url in item["urls"]]
                found["urlContextMetadata"] = {"urlMetadata": done}
    if chunks := [_CHUNKS[item["type"]] for item in items if item["type"] in _CHUNKS]:
        grounding["groundingChunks"] = chunks
        grounding["groundingSupports"] = [_support(items, len(chunks))]
    return {**found, "groundingMetadata": grounding} if grounding else found


def _support(items: list[Json], sources: int) -> Json:
    start, end, text = cited(items)
    part = sum(item["type"] == "text" for item in items) - 1
    segment = {"partIndex": part, "startIndex": start, "endIndex": end, "text": text}
    return {"segment": segment, "groundingChunkIndices": list(range(sources))}


def _legacy_usage(given: Answer) -> Json | None:
    usage = given.usage
    if not usage:
        return None
    named = {
        "promptTokenCount": usage["input"],
        "candidatesTokenCount": usage["output"],
        "totalTokenCount": sum(usage.values()),
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": usage["input"]}],
    }
    if usage["thought"]:
        named["thoughtsTokenCount"] = usage["thought"]
    if usage["tools"]:
        named["toolUsePromptTokenCount"] = usage["tools"]
    return named


def legacy_error(status: int, message: str = "") -> Json:
    """An error body of the legacy protocol."""
    name = STATUSES.get(status, ("UNKNOWN", ""))[0]
    return {"error": {"code": status, "message": message or f"as asked: {status}", "status": name}}
