"""The target schema: what it takes, what it refuses and where, and that it is made from the SDK."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from google.genai._gaos.types.interactions.createmodelinteraction import CreateModelInteraction
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator import schema
from migrator.schema import ANY, problems

ROOT = Path(__file__).parents[1]
STRICT = jsonschema.Draft202012Validator(dict(schema.target()))

RIGHT: dict[str, dict[str, Any]] = {
    "text": {"input": "hello"},
    "contents": {"input": [{"type": "text", "text": "a"}, {"type": "image", "data": "eA==", "mime_type": "image/png"}]},
    "one content": {"input": {"type": "document", "uri": "https://example.org/a.pdf", "mime_type": "application/pdf"}},
    "steps": {
        "input": [
            {"type": "user_input", "content": [{"type": "text", "text": "a"}]},
            {"type": "thought", "summary": [{"type": "text", "text": "b"}], "signature": "eA=="},
            {"type": "function_call", "id": "1", "name": "f", "arguments": {"a": 1}},
            {"type": "function_result", "call_id": "1", "name": "f", "result": {"b": 2}},
            {"type": "model_output", "content": [{"type": "text", "text": "c"}]},
        ]
    },
    "results": {
        "input": [
            {"type": "function_result", "call_id": "1", "result": "text", "is_error": True},
            {"type": "function_result", "call_id": "2", "result": [{"type": "text", "text": "a"}]},
        ]
    },
    "sampling": {"generation_config": {"temperature": 1, "top_p": 0.5, "seed": 7, "stop_sequences": ["."]}},
    "thinking": {"generation_config": {"thinking_level": "low", "thinking_summaries": "auto"}},
    "mode": {"generation_config": {"tool_choice": "any"}},
    "allowed": {"generation_config": {"tool_choice": {"allowed_tools": {"mode": "any", "tools": ["f"]}}}},
    "speech": {"generation_config": {"speech_config": [{"voice": "Kore", "language": "en-US"}]}},
    "json": {"response_format": {"type": "text", "mime_type": "application/json", "schema": {"type": "object"}}},
    "formats": {"response_format": [{"type": "text"}, {"type": "image", "aspect_ratio": "16:9", "image_size": "1K"}]},
    "tools": {
        "tools": [
            {"type": "google_search", "search_types": ["web_search"]},
            {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}},
            {"type": "url_context"},
            {"type": "code_execution"},
        ]
    },
    "safety": {"safety_settings": [{"type": "harassment", "threshold": "block_none"}]},
    "the rest": {"store": False, "system_instruction": "be brief", "labels": {"a": "b"}, "service_tier": "flex"},
    "a new model": {"model": "gemini-9-neon"},
    "a new mime type": {"input": [{"type": "image", "uri": "u", "mime_type": "image/new"}]},
    "video": {
        "input": [
            {
                "type": "user_input",
                "content": [{"type": "video", "uri": "u", "processing": {"type": "static", "start_offset": "1s"}}],
            }
        ]
    },
}

WRONG: dict[str, tuple[dict[str, Any], str, str]] = {
    "camelCase": (
        {"generation_config": {"maxOutputTokens": 3}},
        "generation_config.maxOutputTokens",
        "did you mean 'max_output_tokens'?",
    ),
    "top_k": ({"generation_config": {"top_k": 3}}, "generation_config.top_k", "unknown key"),
    "a budget": ({"generation_config": {"thinking_budget": 0}}, "generation_config.thinking_budget", "unknown key"),
    "a penalty": ({"generation_config": {"presence_penalty": 1.0}}, "generation_config.presence_penalty", "unknown"),
    "sampling at the top": ({"temperature": 1}, "temperature", "unknown key"),
    "the legacy config": ({"config": {}}, "config", "unknown key"),
    "an upper-case level": (
        {"generation_config": {"thinking_level": "LOW"}},
        "generation_config.thinking_level",
        "'low'?",
    ),
    "an upper-case mode": ({"generation_config": {"tool_choice": "ANY"}}, "generation_config.tool_choice", "'any'?"),
    "an upper-case modality": ({"response_modalities": ["IMAGE"]}, "response_modalities[0]", "'image'?"),
    "a legacy category": (
        {"safety_settings": [{"type": "HARM_CATEGORY_HARASSMENT", "threshold": "off"}]},
        "safety_settings[0].type",
        "is not one of",
    ),
    "category": (
        {"safety_settings": [{"type": "jailbreak", "threshold": "off", "category": 1}]},
        "safety_settings[0].category",
        "",
    ),
    "a legacy tool": ({"tools": [{"google_search": {}}]}, "tools[0]", "'type' is missing"),
    "an unknown tool": ({"tools": [{"type": "google_serch"}]}, "tools[0].type", "did you mean 'google_search'?"),
    "a tool's typo": (
        {"tools": [{"type": "function", "name": "f", "parametres": {}}]},
        "tools[0].parametres",
        "'parameters'?",
    ),
    "strings in a list": ({"input": ["a"]}, "input[0]", "expected an object, got a string"),
    "a legacy content": ({"input": [{"role": "user", "parts": []}]}, "input[0]", "'type' is missing"),
    "content that is text": (
        {"input": [{"type": "user_input", "content": "a"}]},
        "input[0].content",
        "expected an array",
    ),
    "a call without id": (
        {"input": [{"type": "function_call", "name": "f", "arguments": {}}]},
        "input[0]",
        "'id' is missing",
    ),
    "arguments as text": (
        {"input": [{"type": "function_call", "id": "1", "name": "f", "arguments": "{}"}]},
        "input[0].arguments",
        "expected an object",
    ),
    "a wrong format": ({"response_format": {"mime": "a", "type": "text"}}, "response_format.mime", "'mime_type'?"),
    "a bare schema": ({"response_format": {"type": "object", "properties": {}}}, "response_format.type", "'object'"),
    "a list of instructions": ({"system_instruction": ["a"]}, "system_instruction", "expected a string, got an array"),
    "stop as text": ({"generation_config": {"stop_sequences": "."}}, "generation_config.stop_sequences", "an array"),
    "a number as text": ({"generation_config": {"seed": "10"}}, "generation_config.seed", "expected an integer"),
    "a truth as number": ({"generation_config": {"seed": True}}, "generation_config.seed", "got a boolean"),
    "null": ({"generation_config": {"seed": None}}, "generation_config.seed", "got null"),
    "no model": ({"model": None}, "model", "got null"),
    "bytes": ({"input": [{"type": "image", "data": b"x"}]}, "input[0].data", "got a Python bytes"),
    "offsets as numbers": (
        {"input": [{"type": "video", "uri": "u", "processing": {"type": "static", "end_offset": 3}}]},
        "input[0].processing.end_offset",
        "expected a string, got a number",
    ),
}


def body(fields: dict[str, Any]) -> dict[str, Any]:
    return {"model": "gemini-2.5-flash", "input": "hello", **fields}


def test_the_schema_is_made_from_the_installed_sdk() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/make_target_schema.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_the_schema_is_itself_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(dict(schema.target()))


@pytest.mark.parametrize("fields", RIGHT.values(), ids=RIGHT)
def test_a_right_body_has_no_problem(fields: dict[str, Any]) -> None:
    assert problems(body(fields)) == ()
    assert STRICT.is_valid(body(fields))
    CreateModelInteraction.model_validate(body(fields))  # the SDK takes it too


@pytest.mark.parametrize(("fields", "path", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_body_is_told_where_and_why(fields: dict[str, Any], path: str, message: str) -> None:
    (problem,) = problems(body(fields))
    assert problem.path == path
    assert message in problem.message
    assert not STRICT.is_valid(body(fields))


def test_a_missing_model_is_told() -> None:
    assert problems({"input": "a"}) == (schema.Problem("", "'model' is missing"),)


def test_every_problem_is_told() -> None:
    wrong = body({"generation_config": {"topP": 1, "seed": "1"}, "tool": []})
    assert [problem.path for problem in problems(wrong)] == ["generation_config.topP", "generation_config.seed", "tool"]


@pytest.mark.parametrize(
    "fields",
    [
        {"input": ANY},
        {"model": ANY, "input": [ANY, {"type": "text", "text": ANY}]},
        {"input": [{"type": ANY, "anything": 1}]},
        {"generation_config": {"temperature": ANY, "thinking_level": ANY, "tool_choice": ANY}},
        {"tools": [ANY], "response_format": ANY, "store": ANY, "labels": {"a": ANY}},
        {"input": [{"type": "function_call", "**": ANY}]},
        {"generation_config": {"seed": 1, "**": ANY}},
        {"input": [{"text": "a", "**": ANY}]},
    ],
    ids=str,
)
def test_what_is_not_visible_fits_everywhere(fields: dict[str, Any]) -> None:
    assert problems(body(fields)) == ()


def test_what_is_visible_beside_it_is_still_checked() -> None:
    found = problems(body({"generation_config": {"sed": 1, "**": ANY}, "input": [ANY, {"type": "txt"}]}))
    assert {problem.path for problem in found} == {"generation_config.sed", "input[1].type"}


NAMES = (
    "type text input content data uri mime_type role parts name id call_id arguments result generation_config seed "
    "temperature tool_choice allowed_tools mode tools response_format schema labels store stop_sequences model"
)
KEYS = st.sampled_from(NAMES.split())
SPELLINGS = "text image video user_input function_call function_result google_search any LOW a"
WORDS = st.sampled_from(SPELLINGS.split())
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(0, 1) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)


def changed(value: Any, data: st.DataObject) -> Any:
    """``value`` with one thing in it replaced, removed or added."""
    inside = isinstance(value, dict | list) and bool(value)
    how = data.draw(st.sampled_from(["inside", "inside", "remove", "add", "replace"])) if inside else "replace"
    if how == "replace":
        return data.draw(WORDS | PLAIN if isinstance(value, str) else PLAIN)
    if how == "add":
        more = data.draw(PLAIN)
        return {**value, data.draw(KEYS): more} if isinstance(value, dict) else [*value, more]
    items = dict(value.items() if isinstance(value, dict) else enumerate(value))
    at = data.draw(st.sampled_from(list(items)))
    items[at] = changed(items[at], data)
    if how == "remove":
        del items[at]
    return items if isinstance(value, dict) else list(items.values())


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(RIGHT)), st.data())
def test_it_agrees_with_json_schema(name: str, data: st.DataObject) -> None:
    nearly = changed(body(RIGHT[name]), data)
    assert (problems(nearly) == ()) == STRICT.is_valid(nearly)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(RIGHT)), st.data())
def test_hiding_a_value_never_makes_a_right_body_wrong(name: str, data: st.DataObject) -> None:
    fields = {key: data.draw(st.sampled_from([value, ANY])) for key, value in RIGHT[name].items()}
    assert problems(body(fields)) == ()


@pytest.mark.parametrize(
    ("path", "exists"),
    [
        ("generation_config.temperature", True),
        ("generation_config.tool_choice.allowed_tools.mode", True),
        ("input.content.processing.start_offset", True),
        ("response_format.image_size", True),
        ("tools.search_types", True),
        ("generation_config.top_k", False),
        ("temperature", False),
        ("timeout", False),
        ("generation_config.temperature.value", False),
        ("labels.mine", False),
    ],
)
def test_a_path_exists_or_not(path: str, exists: bool) -> None:
    assert schema.has_path(path) is exists


def test_keywords_of_create_are_no_part_of_the_body() -> None:
    assert schema.is_keyword("timeout")
    assert schema.is_keyword("extra_headers")
    assert not schema.is_keyword("model")
    assert schema.has_request("timeout")
    assert problems(body({"timeout": 3}))[0].path == "timeout"


def test_request_and_response_are_told_apart() -> None:
    assert schema.has_response("usage.total_input_tokens")
    assert schema.has_response("total_input_tokens")
    assert not schema.has_request("total_input_tokens")
    assert schema.has_response("output_text")
    assert not schema.has_request("output_text")
