"""The plan of a request, from what a program shows of it: what is carried, computed, assumed and refused."""

from __future__ import annotations

from typing import Any

import pytest

from migrator import handlers, plan
from migrator.catalogue import CODES
from migrator.diagnostics import Level
from migrator.fieldmap import load
from migrator.ir import (
    Apply,
    Choice,
    Field,
    Function,
    Literal,
    Opaque,
    Record,
    Request,
    Sequence,
    Spread,
    Unknown,
    Value,
)
from migrator.plan import Context, Feature, Mode, Planned
from migrator.planning import parts
from migrator.settings import Models, Settings, State

CONTEXT = Context(load())
FILE, PIL, SCHEMA = "google.genai.types.File", "PIL.Image.Image", "google.genai.types.Schema"


class Made(dict[str, Any]):
    """A dict that stands for a constructor call."""

    def __init__(self, kind: str, **fields: Any) -> None:
        super().__init__(fields)
        self.kind = kind


def ir(data: Any) -> Value:
    """Plain data as a reader would give it; the key is the origin of its field."""
    match data:
        case dict():
            kind = data.kind if isinstance(data, Made) else "dict"
            return Record(kind, tuple(Field(name, ir(value), name) for name, value in data.items()))
        case list():
            return Sequence(tuple(ir(item) for item in data))
        case str() | int() | float() | bytes() | None:
            return Literal(data)
        case Literal() | Opaque() | Record() | Sequence() | Spread() | Choice() | Unknown() | Apply():
            return data
        case _:
            raise TypeError(data)


def plain(value: Value | None) -> Any:
    """A planned value as data; what is carried is its origin in angle brackets."""
    match value:
        case Record(fields=fields):
            return {field.name: plain(field.value) for field in fields}
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Literal(value=scalar):
            return scalar
        case Opaque(origin=origin):
            return f"<{origin}>"
        case Apply(function=function, args=args):
            return (function.value, *(plain(arg) for arg in args))
        case Choice(test=test, then=then, otherwise=otherwise):
            return ("if", test, plain(then), plain(otherwise))
        case Spread(value=inner):
            return ("*", plain(inner))
        case _:
            return None


def known(name: str, kind: str = "str", **more: Any) -> Opaque:
    return Opaque(name, kind, **more)


def request(contents: Any = "hi", config: Any = None, model: Any = "gemini-2.5-flash", **settings: Any) -> Planned:
    asked = Request("generate_content", ir(model), ir(contents), ir(config))
    return plan.plan_request(asked, Context(load(), Settings(**settings)))


def body(done: Planned) -> dict[str, Any]:
    """The planned arguments without what every body has."""
    assert done.value is not None, done.diagnostics
    found = plain(done.value)
    return {name: value for name, value in found.items() if name not in ("model", "store")}


def codes(done: Planned) -> set[str]:
    return {diagnostic.code for diagnostic in done.diagnostics}


# The whole ----------------------------------------------------------------------------------------------------------


def test_every_handler_of_the_maps_is_written_and_none_is_written_for_nothing() -> None:
    assert set(plan.HANDLERS) | set(parts.HANDLERS) | {"parts", "role"} == set(handlers.REQUEST_HANDLERS)


def test_a_request_names_the_model_the_input_the_configuration_and_last_that_nothing_is_stored() -> None:
    done = request(known("prompt"), {"temperature": 0.5, "system_instruction": known("rules"), "top_p": 0.9})
    assert plain(done.value) == {
        "model": "gemini-2.5-flash",
        "input": "<prompt>",
        "generation_config": {"temperature": 0.5, "top_p": 0.9},
        "system_instruction": "<rules>",
        "store": False,
    }
    assert done.level is Level.SAFE


def test_what_is_carried_keeps_its_origin() -> None:
    given = ir({"temperature": known("t"), "labels": {"a": "b"}})
    done = plan.plan_config(given, CONTEXT)
    assert isinstance(done.value, Record)
    group, labels = done.value.fields
    assert isinstance(group.value, Record)
    assert group.value.fields == (Field("temperature", known("t"), "temperature"),)
    assert labels.value is given.get("labels") if isinstance(given, Record) else False


def test_the_server_keeps_it_where_that_is_asked_for() -> None:
    assert "store" not in plain(request(state=State.STATEFUL).value)


def test_a_stream_is_asked_for() -> None:
    asked = Request("generate_content_stream", ir("gemini-2.5-flash"), ir("hi"), None)
    assert list(plain(plan.plan_request(asked, CONTEXT).value)) == ["model", "input", "stream", "store"]


def test_a_request_without_contents_is_refused() -> None:
    asked = Request("generate_content", ir("gemini-2.5-flash"), None, None)
    assert plan.plan_request(asked, CONTEXT).value is None


@pytest.mark.parametrize(
    ("config", "code"),
    [
        (known("config", "google.genai.types.GenerateContentConfig"), "MG106"),
        (Unknown("it comes from another file", "config"), "MG106"),
        (Record("dict", (Field("**", Spread(known("options", "dict")), "options"),)), "MG106"),
        (Record("dict", (Field("temperature", Unknown("it is computed"), "t"),)), "MG106"),
        (Made("ThinkingConfig", thinking_budget=0), "MG106"),
        ({"temprature": 1}, "MG104"),
        ({"tools": known("tools", "list")}, "MG106"),
        ({"tools": [known("lookup", "function")], "automatic_function_calling": known("calling", "")}, "MG106"),
        ({"tools": [known("lookup", "function")], "automatic_function_calling": {"disable": known("d")}}, "MG106"),
        ({"tools": known("lookup", "list[str]")}, "MG106"),
        ({"tools": [known("session", "mcp.ClientSession")]}, "MG101"),
        ({"tools": [known("tool", "google.genai.types.Tool")]}, "MG106"),
        ({"tools": [Spread(known("tools", "list"))]}, "MG106"),
        ({"tools": [{"function_declarations": known("declarations", "list[str]")}]}, "MG106"),
        ({"tools": [{"google_search": Choice("t", ir({}), Literal(None))}]}, "MG106"),
        ({"thinking_config": known("thinking", "")}, "MG106"),
        ({"thinking_config": {"thinking_budget": known("budget", "str")}}, "MG106"),
        ({"thinking_config": {"thinking_level": known("level", "int")}}, "MG106"),
        ({"thinking_config": {"include_thoughts": "yes"}}, "MG106"),
        ({"response_schema": known("schema", "int")}, "MG106"),
        ({"response_modalities": known("kinds", "list[str]")}, "MG106"),
        ({"response_mime_type": Unknown("it is computed")}, "MG106"),
        ({"speech_config": known("voice", "")}, "MG106"),
        ({"media_resolution": known("resolution", "str")}, "MG106"),
        ({"system_instruction": known("part", "google.genai.types.Part")}, "MG101"),
        ({"system_instruction": [known("picture", PIL)]}, "MG101"),
        ({"http_options": {"retry_options": {"attempts": 3}}}, "MG101"),
        ({"http_options": {"base_url": "https://example.com"}}, "MG101"),
        ({"http_options": {"extra_body": {"a": 1}}}, "MG101"),
        ({"http_options": {"timeout": "soon"}}, "MG106"),
        ({"cached_content": known("cache")}, "MG101"),
        ({"candidate_count": known("count", "int")}, "MG101"),
        ({"should_return_http_response": True}, "MG101"),
    ],
)
def test_a_configuration_that_cannot_be_seen_or_mapped_is_refused(config: Any, code: str) -> None:
    done = request(config=config)
    assert done.value is None
    assert code in codes(done)
    assert all(diagnostic.help() for diagnostic in done.diagnostics)
    assert codes(done) <= set(CODES)


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"safety_settings": known("safety", "list")}, {"safety_settings": ("safety", "<safety>")}),
        (
            {"tools": [{"function_declarations": known("declarations", "list")}]},
            {"tools": ("declarations", "<declarations>")},
        ),
        (
            {"response_schema": known("schema", "")},
            {
                "response_format": {
                    "type": "text",
                    "mime_type": "application/json",
                    "schema": ("schema", "<schema>"),
                }
            },
        ),
    ],
)
def test_what_only_the_run_shows_is_rewritten_there_after_a_review(config: Any, expected: Any) -> None:
    done = request(config=config)
    assert body(done) == {"input": "hi", **expected}
    assert {each.level for each in done.diagnostics} == {Level.REVIEW}


# Python functions among the tools -----------------------------------------------------------------------------------

LOOKUP = known("lookup", "function")
DECLARED = ("declared", ["<lookup>"])
SEARCH = {"google_search": {}}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"tools": [LOOKUP]}, {"tools": ["<lookup>"]}),
        ({"tools": known("tools", "list[function]")}, {"tools": "<tools>"}),
        ({"tools": [LOOKUP, SEARCH]}, {"tools": ["<lookup>", {"type": "google_search"}]}),
        (
            {"tools": [LOOKUP], "automatic_function_calling": {"maximum_remote_calls": 3, "disable": False}},
            {"tools": ["<lookup>"], "maximum_remote_calls": 3},
        ),
        (
            {"tools": [LOOKUP], "automaticFunctionCalling": {"maximumRemoteCalls": known("most", "int")}},
            {"tools": ["<lookup>"], "maximum_remote_calls": "<most>"},
        ),
        ({"tools": [LOOKUP], "automatic_function_calling": {"disable": True}}, {"tools": DECLARED}),
        ({"tools": [LOOKUP], "automatic_function_calling": {"maximum_remote_calls": 0}}, {"tools": DECLARED}),
        (
            {"tools": [LOOKUP], "automatic_function_calling": {"disable": True, "maximum_remote_calls": 5}},
            {"tools": DECLARED},
        ),
        (
            {"tools": [LOOKUP, {"function_declarations": [{"name": "other"}]}]},
            {"tools": ("declared", ["<lookup>", {"type": "function", "name": "other"}])},
        ),
        ({"tools": [LOOKUP, {"function_declarations": []}]}, {"tools": ["<lookup>"]}),
    ],
)
def test_functions_are_called_where_the_sdk_called_them_and_declared_elsewhere(config: Any, expected: Any) -> None:
    done = request(config=config)
    assert done.value is not None, done.diagnostics
    assert {
        key: value for key, value in plain(done.value).items() if key not in ("model", "input", "store")
    } == expected
    called = "declared" not in str(expected)
    assert ("MG110" in codes(done), Feature.CALLABLES in done.features) == (called, called)
    assert done.level is (Level.REVIEW if called else Level.SAFE)


# Configurations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"http_options": {"timeout": 60_000}}, {"timeout": 60}),
        ({"http_options": Made("HttpOptions", timeout=1500)}, {"timeout": 1.5}),
        ({"http_options": {"timeout": known("t", "int")}}, {"timeout": ("seconds", "<t>")}),
        (
            {"http_options": {"headers": {"X-Run": "1"}, "api_version": "v1beta"}},
            {"extra_headers": {"X-Run": "1"}, "api_version": "v1beta"},
        ),
        ({"automatic_function_calling": {"disable": True}}, {}),
        (
            {"maxOutputTokens": 5, "stopSequences": ["a"]},
            {"generation_config": {"max_output_tokens": 5, "stop_sequences": ["a"]}},
        ),
        ({"temperature": None, "candidate_count": 1}, {}),
        ({"system_instruction": ["a", "b"]}, {"system_instruction": "a\nb"}),
        ({"system_instruction": ["a", known("b")]}, {"system_instruction": ("join_lines", ["a", "<b>"])}),
        ({"system_instruction": known("rules", "list[str]")}, {"system_instruction": ("join_lines", "<rules>")}),
        (
            {"system_instruction": Made("Content", parts=[Made("Part", text=known("rules"))])},
            {"system_instruction": "<rules>"},
        ),
        ({"system_instruction": Made("Part", text="a")}, {"system_instruction": "a"}),
        ({"speech_config": "Kore"}, {"generation_config": {"speech_config": [{"voice": "Kore"}]}}),
        (
            {"thinking_config": {"include_thoughts": known("show", "bool")}},
            {"generation_config": {"thinking_summaries": ("if", "show", "auto", "none")}},
        ),
        (
            {"temperature": Choice("warm", Literal(1), Literal(None))},
            {"generation_config": {"temperature": ("if", "warm", 1, None)}},
        ),
        (
            {"service_tier": Choice("fast", Literal("PRIORITY"), Literal("flex"))},
            {"service_tier": ("if", "fast", "priority", "flex")},
        ),
        (
            {"thinking_config": Choice("deep", ir({"thinking_level": "HIGH"}), Literal(None))},
            {"generation_config": {"thinking_level": ("if", "deep", "high", None)}},
        ),
        (
            {"tools": Choice("search", ir([{"google_search": {}}]), Literal(None))},
            {"tools": ("if", "search", [{"type": "google_search"}], None)},
        ),
        ({"tools": [{"code_execution": known("ToolCodeExecution", "type")}]}, {"tools": [{"type": "code_execution"}]}),
        (
            {"response_mime_type": "application/json", "response_schema": known("Recipe", "type")},
            {
                "response_format": {
                    "type": "text",
                    "mime_type": "application/json",
                    "schema": ("json_schema", "<Recipe>"),
                }
            },
        ),
        (
            {"response_mime_type": "application/json", "response_schema": known("s", SCHEMA)},
            {"response_format": {"type": "text", "mime_type": "application/json", "schema": ("schema_dump", "<s>")}},
        ),
        (
            {"response_mime_type": "application/json", "response_json_schema": known("s", "dict")},
            {"response_format": {"type": "text", "mime_type": "application/json", "schema": "<s>"}},
        ),
        (
            {"response_mime_type": Choice("asked", Literal("application/json"), Literal(None))},
            {"response_format": ("if", "asked", {"type": "text", "mime_type": "application/json"}, None)},
        ),
    ],
)
def test_a_configuration_means_the_same(config: Any, expected: dict[str, Any]) -> None:
    done = request(config=config)
    assert body(done) == {"input": "hi", **expected}
    assert done.level is Level.SAFE


@pytest.mark.parametrize(
    "config",
    [
        {"system_instruction": known("rules", "")},
        {"response_mime_type": known("mime")},
        {"tools": [{"function_declarations": [known("declaration", "")]}]},
        {"response_mime_type": "application/json", "response_json_schema": known("schema", "")},
        {"thinking_config": {"thinking_budget": 1024}},
        {"top_k": 3},
        {"labels": {"a": "b"}},
        {"safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]},
        {"store": True},
    ],
)
def test_an_assumption_or_a_difference_is_named(config: Any) -> None:
    done = request(config=config)
    assert done.value is not None
    assert done.level is Level.REVIEW


def test_fields_that_are_splatted_in_sight_count_as_written() -> None:
    inner = ir({"temperature": 0.5})
    config = Record("GenerateContentConfig", (Field("**", Spread(inner)), Field("seed", Literal(1))))
    assert body(request(config=config)) == {"input": "hi", "generation_config": {"temperature": 0.5, "seed": 1}}


def test_one_field_that_is_splatted_on_a_condition_becomes_a_condition() -> None:
    either = Choice("warm", ir({"temperature": 1}), ir({}))
    config = Record("dict", (Field("**", Spread(either)),))
    assert body(request(config=config))["generation_config"] == {"temperature": ("if", "warm", 1, None)}


def test_two_configurations_stay_two() -> None:
    done = plan.plan_config(Choice("warm", ir({"temperature": 1}), Literal(None)), CONTEXT)
    assert plain(done.value) == ("if", "warm", {"generation_config": {"temperature": 1}}, {})
    whole = request(config=Choice("warm", ir({"temperature": 1}), ir({"system_instruction": "a"})))
    assert body(whole)["**"][0] == "*"
    one = request(config=Choice("warm", ir({"system_instruction": "a"}), Literal(None)))
    assert body(one)["system_instruction"] == ("if", "warm", "a", None)


def test_a_condition_that_would_be_evaluated_twice_is_refused() -> None:
    deep = {"thinking_level": "HIGH", "include_thoughts": True}
    done = request(config={"thinking_config": Choice("deep", ir(deep), Literal(None))})
    assert codes(done) == {"MG106"}


def test_two_conditions_on_the_format_are_refused() -> None:
    either = Choice("asked", Literal("application/json"), Literal(None))
    config = {"response_mime_type": either, "response_schema": Choice("asked", known("Recipe", "type"), Literal(None))}
    assert "MG106" in codes(request(config=config))


def test_a_schema_that_is_json_schema_already_is_the_very_same() -> None:
    schema = ir({"type": "object", "properties": {"type": {"type": "string"}}})
    done = plan.plan_config(ir({"response_mime_type": "application/json", "response_schema": schema}), CONTEXT)
    found = done.value.get("response_format") if isinstance(done.value, Record) else None
    assert isinstance(found, Record)
    assert found.get("schema") is schema


def test_a_schema_object_becomes_json_schema() -> None:
    schema = Made("Schema", type="OBJECT", properties={"any_of": Made("Schema", type="STRING", nullable=True)})
    found = body(request(config={"response_mime_type": "application/json", "response_schema": schema}))
    assert found["response_format"]["schema"] == {
        "type": "object",
        "properties": {"any_of": {"type": ["string", "null"]}},
    }


@pytest.mark.parametrize(
    ("config", "model", "expected"),
    [
        ({}, "gemini-2.5-flash", set()),
        ({"tools": [{"google_search": {}}]}, "gemini-2.5-flash", {Feature.BUILTIN_TOOLS}),
        ({"tools": [{"code_execution": {}}]}, "gemini-2.5-flash", {Feature.CODE_EXECUTION}),
        ({"tools": [{"function_declarations": [{"name": "f"}]}]}, "gemini-2.5-flash", {Feature.FUNCTIONS}),
        ({"thinking_config": {"include_thoughts": True}}, "gemini-2.5-flash", {Feature.THOUGHTS}),
        ({"response_mime_type": "application/json"}, "gemini-2.5-flash", {Feature.JSON}),
        (
            {"response_mime_type": "application/json", "response_schema": {"type": "STRING"}},
            "gemini-2.5-flash",
            {Feature.JSON, Feature.SCHEMA},
        ),
        ({"response_modalities": ["TEXT", "IMAGE"]}, "gemini-2.5-flash", {Feature.IMAGE}),
        ({}, "gemini-2.5-flash-image", {Feature.IMAGE}),
        ({"speech_config": "Kore"}, "gemini-2.5-flash", {Feature.AUDIO}),
    ],
)
def test_readers_of_the_response_are_told_what_can_come(config: Any, model: str, expected: set[Feature]) -> None:
    assert request(config=config, model=model).features == expected


def test_the_resolution_of_a_configuration_is_for_its_media() -> None:
    config = ir(Made("GenerateContentConfig", media_resolution="MEDIA_RESOLUTION_HIGH"))
    assert plan.resolution_of(config, CONTEXT) == "high"
    assert plan.resolution_of(ir({}), CONTEXT) == ""
    assert plain(plan.plan_config(config, CONTEXT).value) == {}


def test_a_store_that_is_given_is_not_given_twice() -> None:
    assert plan.store_fields(ir({"store": True}), CONTEXT) == ()
    assert plan.store_fields(ir({}), CONTEXT) == (Field("store", Literal(value=False)),)


# Models -------------------------------------------------------------------------------------------------------------


def test_a_model_in_a_variable_is_carried() -> None:
    done = request(model=known("model"))
    assert plain(done.value)["model"] == "<model>"
    assert done.level is Level.SAFE


def test_a_retired_model_on_one_side_of_a_condition_is_refused() -> None:
    assert codes(request(model=Choice("fast", Literal("gemini-1.5-flash"), Literal("gemini-2.5-pro")))) == {"MG105"}


def test_a_retired_model_is_replaced_only_where_that_is_asked_for() -> None:
    assert request(model="models/gemini-1.5-flash").value is None
    done = request(model="models/gemini-1.5-flash", models=Models.UPGRADE)
    assert plain(done.value)["model"] == "gemini-3.8-flash"
    assert done.level is Level.REVIEW


def test_the_lowest_level_of_the_model_stands_for_no_thinking() -> None:
    config = {"thinking_config": {"thinking_budget": 0}}
    assert body(request(config=config, model="gemini-3.5-flash"))["generation_config"] == {"thinking_level": "minimal"}
    assert body(request(config=config, model="gemini-2.5-pro"))["generation_config"] == {"thinking_level": "low"}
    assert body(request(config=config, model=known("model")))["generation_config"] == {"thinking_level": "low"}
    assert "generation_config" not in body(request(config=config, model="gemini-2.5-flash-lite"))
    every = {"thinking_config": {"thinking_budget": -1}}
    assert request(config=every, model="gemini-2.5-flash-lite").value is None


# Contents -----------------------------------------------------------------------------------------------------------


PNG = Made("Part", inline_data={"data": known("data", "bytes"), "mime_type": "image/png"})
SENT = {"type": "image", "data": ("base64", "<data>"), "mime_type": "image/png"}
TEXT = {"type": "text", "text": "a"}


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ("a", "a"),
        (known("prompt"), "<prompt>"),
        (["a", known("b")], [TEXT, {"type": "text", "text": "<b>"}]),
        (known("texts", "list[str]"), ("text_list", "<texts>")),
        (["a", Spread(known("texts", "list[str]"))], [TEXT, ("*", ("text_list", "<texts>"))]),
        ([PNG, "a"], [SENT, TEXT]),
        (PNG, [SENT]),
        ([Made("Content", role="user", parts=[PNG, Made("Part", text="a")])], [SENT, TEXT]),
        (Made("Content", parts=[{"text": "a"}]), "a"),
        (Made("Content", role="user", parts="a"), "a"),
        ([["a", PNG]], [TEXT, SENT]),
        (
            [
                Made("Content", role="user", parts=[{"text": "a"}]),
                Made("Content", role="model", parts=[{"text": "a"}]),
                "a",
                "a",
            ],
            [
                {"type": "user_input", "content": [TEXT]},
                {"type": "model_output", "content": [TEXT]},
                {"type": "user_input", "content": [TEXT, TEXT]},
            ],
        ),
        (
            [known("doc", FILE, hint="application/pdf")],
            [{"type": "document", "uri": ("attribute", "<doc>", "uri"), "mime_type": "application/pdf"}],
        ),
        (
            [known("doc", FILE, repeatable=True, hint="audio/mp3")],
            [{"type": "audio", "uri": ("attribute", "<doc>", "uri"), "mime_type": ("attribute", "<doc>", "mime_type")}],
        ),
        ([known("cat", PIL)], [("picture", "<cat>")]),
        (
            [Made("Part", inline_data={"data": known("d", "bytes"), "mime_type": known("mime")})],
            [("inline", "<d>", "<mime>")],
        ),
        (
            [Made("Content", role=known("role"), parts=[{"text": "a"}])],
            [{"type": ("step_type", "<role>"), "content": [TEXT]}],
        ),
        ([{"inline_data": {"data": known("d"), "mime_type": "image/png"}}], [{**SENT, "data": "<d>"}]),
        (
            [Made("Part", inline_data={"data": known("d", "bytes"), "mime_type": "text/markdown"})],
            ("decode_text", "<d>"),
        ),
        (
            [
                Made(
                    "Part",
                    inline_data={
                        "data": known("d", "bytes"),
                        "mime_type": Choice("png", Literal("image/png"), Literal("application/pdf")),
                    },
                )
            ],
            [
                (
                    "if",
                    "png",
                    {**SENT, "data": ("base64", "<d>")},
                    {"type": "document", "data": ("base64", "<d>"), "mime_type": "application/pdf"},
                )
            ],
        ),
        ([Choice("first", Literal("a"), known("b"))], [("if", "first", TEXT, {"type": "text", "text": "<b>"})]),
        (Choice("first", Literal("a"), ir(["a"])), ("if", "first", "a", "a")),
    ],
)
def test_contents_mean_the_same(contents: Any, expected: Any) -> None:
    done = request(contents)
    assert body(done) == {"input": expected}
    assert done.level is Level.SAFE


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        (known("prompt", ""), "MG107"),
        ([known("prompt", ""), "a"], "MG107"),
        ([known("doc", FILE, repeatable=True)], "MG113"),
        ([known("notes", FILE, repeatable=True, hint="text/plain")], "MG113"),
        ([{"inline_data": {"data": known("d", ""), "mime_type": "image/png"}}], "MG102"),
    ],
)
def test_an_assumption_about_contents_is_named(contents: Any, code: str) -> None:
    done = request(contents)
    assert done.value is not None
    assert codes(done) == {code}
    assert done.level is Level.REVIEW


@pytest.mark.parametrize(
    ("contents", "code"),
    [
        ([], "MG108"),
        (None, "MG108"),
        (5, "MG108"),
        (Unknown("a helper in another file makes it"), "MG106"),
        ([Unknown("a helper in another file makes it")], "MG106"),
        (known("turns", "list[google.genai.types.Content]"), "MG106"),
        ([known("turn", "google.genai.types.Content")], "MG106"),
        ([known("data", "bytes")], "MG108"),
        ([Spread(known("history", "list"))], "MG106"),
        ([Made("File", uri="a", mime_type="image/png")], "MG108"),
        ([Made("Content", role="system", parts=[{"text": "a"}])], "MG115"),
        ([Made("Content", role="user", parts=known("parts", ""))], "MG106"),
        (
            [
                Made(
                    "Part",
                    inline_data={"data": known("d", "bytes"), "mime_type": known("mime")},
                    video_metadata={"fps": 1},
                )
            ],
            "MG101",
        ),
        ([Made("Part", inline_data=known("blob", ""))], "MG106"),
        ([Made("Part", text="a", thought=known("flag", "bool"))], "MG106"),
        ([Made("Part", function_response={"name": known("name"), "response": known("result", "dict")})], "MG112"),
        ([Made("Part", inline_data={"data": known("d"), "mime_type": "text/plain"})], "MG106"),
        ([Choice("more", ir(Made("Part", function_call={"id": "1", "name": "f"})), Literal("a"))], "MG106"),
    ],
)
def test_contents_that_cannot_be_seen_or_mapped_are_refused(contents: Any, code: str) -> None:
    done = request(contents)
    assert done.value is None
    assert code in codes(done)


def test_an_upload_inside_the_list_is_asked_for_its_type_while_the_program_runs() -> None:
    done = request([known("upload()", FILE)])
    assert "MG113" in codes(done)
    assert done.value is not None


def test_a_resolution_for_all_reaches_the_media_and_nothing_else() -> None:
    done = request([PNG, "a"], {"media_resolution": "MEDIA_RESOLUTION_LOW"})
    assert body(done) == {"input": [{**SENT, "resolution": "low"}, TEXT]}


def test_a_cut_video_stands_inside_a_turn() -> None:
    part = Made(
        "Part",
        file_data={"file_uri": known("uri"), "mime_type": "video/mp4"},
        video_metadata={"fps": known("fps", "float")},
    )
    (step,) = body(request([part, "a"]))["input"]
    assert step["type"] == "user_input"
    assert step["content"][0]["processing"] == {"type": "static", "fps": "<fps>"}


def test_calls_and_results_in_sight_find_each_other_by_name() -> None:
    call = Made("Part", function_call={"name": "f", "args": known("args", "dict")})
    other = Made("Part", function_call={"name": "g", "args": {}})
    answers = [Made("Part", function_response={"name": name, "response": {"result": 1}}) for name in ("g", "f")]
    turns = [Made("Content", role="model", parts=[call, other]), Made("Content", role="tool", parts=answers)]
    found = body(request(turns))["input"]
    assert [(step["type"], step.get("id") or step.get("call_id")) for step in found] == [
        ("function_call", "call_1"),
        ("function_call", "call_2"),
        ("function_result", "call_2"),
        ("function_result", "call_1"),
    ]


def test_the_reply_that_was_appended_to_a_history_becomes_its_steps() -> None:
    reply = Apply(Function.STEPS, (known("response", ""),))
    turns = [Made("Content", role="user", parts=[{"text": "a"}]), reply]
    assert body(request(turns))["input"][1] == ("*", ("steps", "<response>"))


# Lists that grow ----------------------------------------------------------------------------------------------------


def test_the_kind_of_a_list_is_what_can_hold_all_that_comes_into_it() -> None:
    user = ir(Made("Content", role="user", parts=[{"text": "a"}]))
    model = ir(Made("Content", role="model", parts=[{"text": "a"}]))
    assert plan.mode_of([ir("a"), ir(PNG)], CONTEXT) is Mode.CONTENTS
    assert plan.mode_of([user], CONTEXT) is Mode.CONTENTS
    assert plan.mode_of([user, model], CONTEXT) is Mode.STEPS
    assert plan.mode_of([user, user], CONTEXT) is Mode.STEPS


def test_a_list_that_will_grow_is_of_the_kind_that_is_asked_for() -> None:
    assert plain(plan.plan_contents(ir([]), CONTEXT, Mode.STEPS).value) == []
    one = plan.plan_contents(ir(["a"]), CONTEXT, Mode.STEPS)
    assert plain(one.value) == [{"type": "user_input", "content": [TEXT]}]
    turns = ir([Made("Content", role="user", parts=[{"text": "a"}]), Made("Content", role="model", parts=[])])
    assert plan.plan_contents(turns, CONTEXT, Mode.CONTENTS).value is None


def test_an_item_becomes_one_thing_or_several() -> None:
    assert plain(plan.plan_item(ir("a"), Mode.CONTENTS, CONTEXT).value) == TEXT
    assert plain(plan.plan_item(ir("a"), Mode.STEPS, CONTEXT).value) == {"type": "user_input", "content": [TEXT]}
    call = Made("Part", function_call={"id": "1", "name": "f", "args": {}})
    turn = ir(Made("Content", role="model", parts=[{"text": "a"}, call]))
    found = plan.plan_item(turn, Mode.STEPS, CONTEXT)
    assert [step["type"] for step in plain(found.value)] == ["model_output", "function_call"]
    assert plan.plan_item(turn, Mode.CONTENTS, CONTEXT).value is None
    answer = ir(Made("Part", function_response={"id": known("call.id"), "name": "f", "response": known("r", "dict")}))
    step = plan.plan_item(answer, Mode.STEPS, CONTEXT)
    assert plain(step.value) == {"type": "function_result", "call_id": "<call.id>", "name": "f", "result": "<r>"}
