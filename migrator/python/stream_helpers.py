"""The functions that rewritten code may bring along to read a streamed reply; each is defined once in a file."""

from __future__ import annotations

_TEXTS = '''\
def _texts(events):
    """The text of a streamed reply, piece by piece as it arrives."""
    with events:
        for event in events:
            if event.event_type == "error":
                raise _stream_error(event.error)
            if event.event_type == "step.delta" and event.delta.type == "text":
                yield event.delta.text
            elif event.event_type == "step.start" and event.step.type == "model_output":
                for content in event.step.content or []:
                    if content.type == "text":
                        yield content.text
'''
_REPLIES = '''\
def _replies(events):
    """A streamed reply in pieces: interactions with the steps that came since the last one."""
    calls: dict[int, tuple] = {}
    with events:
        for event in events:
            piece = _piece(event, calls)
            if piece is not None:
                yield piece
'''


def _asynchronous(helper: str, name: str) -> str:
    """The twin of a helper that reads an asynchronous stream."""
    twin = helper.replace("with events:", "async with events:").replace("for event in", "async for event in")
    return twin.replace(f"def _{name}(", f"async def _async_{name}(")


STREAM_HELPERS = {
    "texts": _TEXTS,
    "async_texts": _asynchronous(_TEXTS, "texts"),
    "replies": _REPLIES,
    "async_replies": _asynchronous(_REPLIES, "replies"),
    "piece": '''\
def _piece(event, calls):
    """The piece that one event makes, or None; calls holds function calls until they are whole."""
    end = None
    steps = []
    match event.event_type:
        case "error":
            raise _stream_error(event.error)
        case "step.start" if event.step.type == "function_call":
            calls[event.index] = event.step, []
        case "step.start" if event.step.type == "model_output" and event.step.content:
            steps.append(event.step)
        case "step.start" if event.step.type == "thought" and event.step.summary:
            steps.append(event.step)
        case "step.delta" if event.delta.type == "arguments_delta":
            calls[event.index][1].append(event.delta.arguments)
        case "step.delta" if event.delta.type == "thought_summary":
            steps.append(interactions.ThoughtStep.model_construct(summary=[event.delta.content]))
        case "step.delta" if event.delta.type in ("text", "image", "audio"):
            steps.append(interactions.ModelOutputStep.model_construct(content=[event.delta]))
        case "step.stop" if event.index in calls:
            call, pieces = calls.pop(event.index)
            call.arguments = json.loads("".join(pieces)) if pieces else call.arguments
            steps.append(call)
        case "interaction.completed":
            end = event.interaction
    if not steps and end is None:
        return None
    contents = [content for step in steps if step.type == "model_output" for content in step.content]
    return interactions.Interaction.model_construct(
        steps=steps,
        output_text="".join(content.text for content in contents if content.type == "text"),
        status=end.status if end is not None else None,
        usage=end.usage if end is not None else None,
    )
''',
    "stream_error": '''\
def _stream_error(error):
    """What an error inside a stream is raised as: an exception of the classes that generate_content raises."""
    code, message = (error.code or "", error.message) if error is not None else ("", "")
    known = {"rate_limit_exceeded": 429, "quota_exceeded": 429, "too_many_requests": 429, "unavailable": 503}
    blocked = ("content_blocked", "safety", "recitation", "prohibited_content", "blocklist", "spii")
    status = 400 if code in blocked else known.get(code, 500)
    kind = errors.ServerError if status >= 500 else errors.ClientError
    return kind(status, {"error": {"code": status, "status": code, "message": message}})
''',
}
STREAM_MODULES = {"piece": ("json",)}
NEEDED_BY = {
    "texts": ("texts", "stream_error"),
    "async_texts": ("async_texts", "stream_error"),
    "replies": ("replies", "piece", "stream_error"),
    "async_replies": ("async_replies", "piece", "stream_error"),
}
"""The helpers that come along with each of the four that a stream is wrapped in."""
