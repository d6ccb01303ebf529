"""The Interactions protocol: what a body means, and how an answer is spelled in it, whole or as a stream of events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from migrator.twin.answers import FILE, PLACE, STATUSES, Answer, cited, pieces_of
from migrator.twin.json_schemas import canonical_schema
from migrator.twin.meaning import Json, Meaning, clean, merged, modalities_of, safety_of, sampled, tier_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_CITATIONS: dict[str, Json] = {
    "search": {"type": "url_citation", "url": "https://example.org/a", "title": "example.org"},
    "maps": {"type": "place_citation", **PLACE},
    "retrieval": {"type": "file_citation", **FILE},
    "files": {"type": "file_citation", **FILE},
}


# Requests -----------------------------------------------------------------------------------------------------------


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
        turns=merged(iter([*earlier, *items_of(body.get("input") or [])])),
        tools=sorted(tools, key=lambda tool: json.dumps(tool, sort_keys=True)),
        tool_choice=_choice(config.pop("tool_choice", None) or {}),
        sampling=sampled(config),
        thinking=_thinking(config),
        format=_format(formats),
        modalities=modalities_of(modalities),
        image=clean({key: value for key, value in (image or {}).items() if key != "type"}),
        speech=config.pop("speech_config", None) or [],
        safety=safety_of(body.get("safety_settings") or [], "type"),
        labels=body.get("labels") or {},
        tier=tier_of(body.get("service_tier")),
        version=version,
        headers=headers,
        other=clean(config),
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
                yield from _said(entry)


def _said(step: Json) -> Iterator[tuple[str, Json]]:
    match step["type"]:
        case "user_input":
            yield from (("user", _content(content)) for content in step.get("content") or [])
        case "model_output":
            yield from (("model", _content(content)) for content in step.get("content") or [])
        case "thought":
            yield from (("model", {"type": "thought", "text": each["text"]}) for each in step.get("summary") or [])
            if step.get("signature"):
                yield "model", {"type": "signature", "signature": step["signature"]}
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
    return clean({**{name: content.get(name) for name in names}, "processing": processing})


def _tool(tool: Json) -> Json:
    if tool.get("parameters"):
        return {**tool, "parameters": canonical_schema(tool["parameters"])}
    return clean(tool)


def _choice(choice: str | Json) -> Json:
    if isinstance(choice, str):
        return clean({"mode": "" if choice == "auto" else choice})
    allowed = choice.get("allowed_tools") or {}
    return clean({"mode": allowed.get("mode"), "names": allowed.get("tools")})


def _thinking(config: Json) -> Json:
    summaries = config.pop("thinking_summaries", None)
    thinking = {"level": config.pop("thinking_level", None), "summaries": True if summaries == "auto" else None}
    return {key: value for key, value in thinking.items() if value is not None}


def _format(formats: list[Json]) -> Json:
    text = next((each for each in formats if each["type"] == "text"), {})
    if text.get("schema"):
        return {"mime_type": "application/json", "schema": canonical_schema(text["schema"])}
    return {} if text.get("mime_type") in (None, "text/plain") else {"mime_type": text["mime_type"]}


# Answers ------------------------------------------------------------------------------------------------------------


def interaction_body(given: Answer) -> Json:
    """An ``Interaction``."""
    status = {"call": "requires_action", "max_tokens": "incomplete"}.get(given.finish, "completed")
    return {
        "id": given.id,
        "object": "interaction",
        "model": given.model,
        "status": status,
        "created": "2026-11-01T00:00:00Z",
        "steps": list(_steps(given.items)),
        "usage": _usage_body(given),
    }


def _steps(items: list[Json]) -> Iterator[Json]:
    content: list[Json] = []
    for item in items:
        if item["type"] in ("text", "image", "audio"):
            content.append(_block(item, items))
            continue
        if content:
            yield {"type": "model_output", "content": content}
            content = []
        yield from _step(item)
    if content:
        yield {"type": "model_output", "content": content}


def _block(item: Json, items: list[Json]) -> Json:
    if item["type"] != "text":
        extra = {"sample_rate": 24000} if item["type"] == "audio" else {}
        return {**item, **extra}
    block: Json = {"type": "text", "text": item["text"]}
    sources = [_CITATIONS[each["type"]] for each in items if each["type"] in _CITATIONS]
    if sources and item is [e for e in items if e["type"] == "text"][-1]:
        start, end, _ = cited(items)
        block["annotations"] = [{**source, "start_index": start, "end_index": end} for source in sources]
    return block


def _step(item: Json) -> Iterator[Json]:
    match item["type"]:
        case "thought":
            yield {"type": "thought", "summary": [{"type": "text", "text": item["text"]}]}
        case "signature":
            yield {"type": "thought", "signature": item["signature"]}
        case "call":
            yield {"type": "function_call", "id": item["id"], "name": item["name"], "arguments": item["args"]}
        case "code":
            arguments = {"code": item["code"], "language": "python"}
            yield {"type": "code_execution_call", "id": item["id"], "arguments": arguments}
        case "ran":
            yield {"type": "code_execution_result", "call_id": item["id"], "result": item["output"], "is_error": False}
        case "search":
            yield {"type": "google_search_call", "id": item["id"], "arguments": {"queries": item["queries"]}}
            suggestions = [{"search_suggestions": item["html"]}]
            yield {"type": "google_search_result", "call_id": item["id"], "result": suggestions}
        case "maps":
            yield {"type": "google_maps_call", "id": item["id"], "arguments": {"queries": ["where"]}}
            places = [{"places": [PLACE], "widget_context_token": item["token"]}]
            yield {"type": "google_maps_result", "call_id": item["id"], "result": places}
        case "retrieval":
            arguments = {"queries": item["queries"]}
            yield {"type": "retrieval_call", "id": item["id"], "arguments": arguments}
            yield {"type": "retrieval_result", "call_id": item["id"]}
        case "files":
            yield {"type": "file_search_call", "id": item["id"]}
            yield {"type": "file_search_result", "call_id": item["id"]}
        case "url":
            yield {"type": "url_context_call", "id": item["id"], "arguments": {"urls": item["urls"]}}
            pages = [{"url": url, "status": "success"} for url in item["urls"]]
            yield {"type": "url_context_result", "call_id": item["id"], "result": pages}


def _usage_body(given: Answer) -> Json | None:
    usage = given.usage
    if not usage:
        return None
    return {
        "total_input_tokens": usage["input"],
        "total_output_tokens": usage["output"],
        "total_thought_tokens": usage["thought"],
        "total_tool_use_tokens": usage["tools"],
        "total_tokens": sum(usage.values()),
        "input_tokens_by_modality": [{"modality": "text", "tokens": usage["input"]}],
    }


def interaction_events(given: Answer) -> Iterator[Json]:
    """The same answer as a stream of events."""
    whole = interaction_body(given)
    short = {key: whole[key] for key in ("id", "object", "model", "status")}
    yield {"event_type": "interaction.created", "interaction": {**short, "status": "in_progress"}}
    events = [
        event for at, step in enumerate(whole["steps"]) for event in _step_events(at, step, at_once=given.at_once)
    ]
    if given.broken:
        yield from events[: next(at for at, each in enumerate(events) if _is_text(each)) + 1]
        code = STATUSES[given.broken][1]
        yield {"event_type": "error", **interaction_error(code, f"as asked: {given.broken}")}
        return
    yield from events
    yield {"event_type": "interaction.completed", "interaction": {**short, "usage": whole["usage"]}}


def _is_text(event: Json) -> bool:
    return bool(event.get("delta", {}).get("type") == "text" or event.get("step", {}).get("content"))


def _step_events(index: int, step: Json, *, at_once: bool) -> Iterator[Json]:
    def delta(**fields: object) -> Json:
        return {"event_type": "step.delta", "index": index, "delta": fields}

    match step:
        case {"type": "model_output", "content": blocks}:
            pieces = [piece for block in blocks for piece in pieces_of(block)]
            started = {"content": [pieces.pop(0)]} if at_once else {}
            yield {"event_type": "step.start", "index": index, "step": {"type": "model_output", **started}}
            yield from (delta(**piece) for piece in pieces)
            cited = [each for block in blocks for each in block.get("annotations", [])]
            yield from [delta(type="text_annotation_delta", annotations=cited)] if cited else []
        case {"type": "thought", "summary": summary}:
            yield {"event_type": "step.start", "index": index, "step": {"type": "thought"}}
            yield from (delta(type="thought_summary", content=each) for each in summary)
        case {"type": "thought", "signature": signature}:
            yield {"event_type": "step.start", "index": index, "step": {"type": "thought"}}
            yield delta(type="thought_signature", signature=signature)
        case {"type": "function_call", "arguments": arguments}:
            yield {"event_type": "step.start", "index": index, "step": {**step, "arguments": {}}}
            text = json.dumps(arguments)
            yield delta(type="arguments_delta", arguments=text[:5])
            yield delta(type="arguments_delta", arguments=text[5:])
        case _:
            late = ("arguments", "result", "is_error")
            started = {key: value for key, value in step.items() if key not in late}
            yield {"event_type": "step.start", "index": index, "step": started}
            yield delta(type=step["type"], **{key: step[key] for key in late if key in step})
    yield {"event_type": "step.stop", "index": index}


def interaction_error(code: str, message: str) -> Json:
    """An error body of the Interactions protocol."""
    return {"error": {"code": code, "message": message}}
