"""What a rewritten chat keeps of a streamed reply and tells of its history, for every kind of step."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from google.genai import interactions
from pydantic import TypeAdapter

from migrator.python.helpers.chats import CHAT_HELPERS
from migrator.python.helpers.definitions import annotated, plain

STREAMING = ("Chat", "Chat.send_message_stream", "Recorded", "record")


def helpers(*names: str) -> dict[str, Any]:
    """A module that defines the helpers called ``names``."""
    module: dict[str, Any] = {
        "Any": Any,
        "SimpleNamespace": SimpleNamespace,
        "TypeAdapter": TypeAdapter,
        "interactions": interactions,
        "json": json,
    }
    for each in plain(names):
        exec(each.code, module)
    return module


def start(index: int, **step: Any) -> interactions.StepStart:
    return interactions.StepStart.model_validate({"index": index, "step": step, "event_type": "step.start"})


def delta(index: int, **data: Any) -> interactions.StepDelta:
    return interactions.StepDelta.model_validate({"index": index, "delta": data, "event_type": "step.delta"})


def stop(index: int) -> interactions.StepStop:
    return interactions.StepStop.model_validate({"index": index, "event_type": "step.stop"})


COMPLETED = SimpleNamespace(event_type="interaction.completed", interaction=SimpleNamespace(id="v1_abc"))


def recorded(*events: Any) -> list[dict[str, Any]]:
    """The steps that ``events`` make."""
    steps: dict[int, dict[str, Any]] = {}
    for event in events:
        helpers("record")["_record"](steps, event)
    return list(steps.values())


def test_text_is_put_together_from_the_start_of_its_step_on() -> None:
    began = start(0, type="model_output", content=[{"type": "text", "text": "Hel"}])
    assert recorded(began, delta(0, type="text", text="lo"), stop(0)) == [
        {"type": "model_output", "content": [{"type": "text", "text": "Hello"}]}
    ]


def test_a_picture_parts_two_texts() -> None:
    events = [
        start(0, type="model_output"),
        delta(0, type="text", text="a"),
        delta(0, type="image", data="aGk=", mime_type="image/png"),
        delta(0, type="text", text="b"),
    ]
    (step,) = recorded(*events)
    assert [content["type"] for content in step["content"]] == ["text", "image", "text"]
    assert step["content"][1]["data"] == "aGk="


def test_a_thought_keeps_its_summary_and_its_signature() -> None:
    said = {"type": "text", "text": "Hm"}
    events = [start(0, type="thought"), delta(0, type="thought_summary", content=said)]
    signed = delta(0, type="thought_signature", signature="c2ln")
    assert recorded(*events, signed, stop(0)) == [{"type": "thought", "summary": [said], "signature": "c2ln"}]


def test_a_call_is_whole_and_signed() -> None:
    began = start(1, type="function_call", id="c1", name="light", arguments={}, signature="c2ln")
    pieces = [delta(1, type="arguments_delta", arguments=piece) for piece in ('{"on"', ": true}")]
    assert recorded(began, *pieces, stop(1)) == [
        {"type": "function_call", "id": "c1", "name": "light", "arguments": {"on": True}, "signature": "c2ln"}
    ]


def test_a_search_of_the_service_is_kept() -> None:
    began = start(0, type="google_search_call", id="s1", arguments={})
    asked = delta(0, type="google_search_call", arguments={"queries": ["q"]}, signature="c2ln")
    (step,) = recorded(began, asked, stop(0))
    assert (step["id"], step["arguments"], step["signature"]) == ("s1", {"queries": ["q"]}, "c2ln")


class Client:
    """A client whose one stream is given; it keeps what it is asked."""

    def __init__(self, *events: Any) -> None:
        self.events = events
        self.asked: list[dict[str, Any]] = []
        self.interactions = self

    def create(self, **body: Any) -> Any:
        self.asked.append(body)
        return Stream(self.events)


class Stream:
    """A stream of events, one of which may be an exception."""

    def __init__(self, events: tuple[Any, ...]) -> None:
        self.events = events

    def __iter__(self) -> Any:
        for event in self.events:
            if isinstance(event, Exception):
                raise event
            yield event

    def close(self) -> None:
        pass


SAID = (start(0, type="model_output"), delta(0, type="text", text="Hello"), stop(0))


def streamed(*events: Any, read: int = 100) -> tuple[Any, Client]:
    """A chat whose reply of ``events`` was read to its end, or for ``read`` events."""
    client = Client(*events)
    chat = helpers(*STREAMING)["_Chat"](client, "gemini-2.5-flash", temperature=1)
    with chat.send_message_stream("Hi") as reply:
        for position, _ in enumerate(reply, 1):
            if position == read:
                break
    return chat, client


def test_a_whole_reply_is_a_turn() -> None:
    chat, client = streamed(*SAID, COMPLETED)
    assert [step["type"] for step in chat.history] == ["user_input", "model_output"]
    (body,) = client.asked
    assert (body["store"], body["stream"], body["temperature"]) == (False, True, 1)


def test_a_reply_that_is_not_read_to_its_end_is_no_turn() -> None:
    assert streamed(*SAID, COMPLETED, read=2)[0].history == []


def test_a_reply_that_does_not_end_is_no_turn() -> None:
    assert streamed(*SAID)[0].history == []


def test_a_reply_that_fails_is_no_turn() -> None:
    with pytest.raises(OSError, match="lost"):
        streamed(*SAID, OSError("lost"))
    client = Client(*SAID, OSError("lost"))
    chat = helpers(*STREAMING)["_Chat"](client, "gemini-2.5-flash")
    with pytest.raises(OSError, match="lost"):
        list(chat.send_message_stream("Hi"))
    assert chat.history == []


def test_turns_tell_who_speaks() -> None:
    history = [
        {"type": "user_input", "content": [{"type": "text", "text": "Hi"}]},
        interactions.ThoughtStep(signature="c2ln"),
        interactions.ModelOutputStep(content=[interactions.TextContent(text="Hello")]),
        {"type": "user_input", "content": [{"type": "text", "text": "On"}]},
        {"type": "function_call", "id": "c1", "name": "light", "arguments": {}},
        {"type": "function_call", "id": "c2", "name": "light", "arguments": {}},
        {"type": "function_result", "call_id": "c1", "name": "light", "result": {}},
        {"type": "function_result", "call_id": "c2", "name": "light", "result": {}},
    ]
    turns = helpers("turns")["_turns"](history)
    assert [(turn.role, len(turn.parts), len(turn.steps)) for turn in turns] == [
        ("user", 1, 1),
        ("model", 1, 2),
        ("user", 1, 1),
        ("model", 2, 2),
        ("user", 2, 2),
    ]
    assert turns[1].parts[0].text == "Hello"
    assert [step.type for turn in turns for step in turn.steps] == [
        step["type"] if isinstance(step, dict) else step.type for step in history
    ]


@pytest.mark.parametrize("name", [name for name in CHAT_HELPERS if "." not in name])
def test_annotated_helpers_annotate_every_function(name: str) -> None:
    parts = [each for each in CHAT_HELPERS if each == name or each.startswith(f"{name}.")]
    (helper,) = annotated(parts)
    compile(helper.code, name, "exec")
    assert all("->" in line for line in helper.code.splitlines() if "def " in line)
