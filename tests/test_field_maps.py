"""The maps against the SDK that they describe, and the loader against maps that are wrong."""

from __future__ import annotations

import enum
import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from google.genai import types
from google.genai._gaos.types.interactions import interaction
from google.genai._gaos.types.interactions import model as target_model

from migrator import builtmap, handlers, mapcheck, mapinfo, schema
from migrator.catalogue import CODES
from migrator.diagnostics import Level
from migrator.fieldmap import FieldMap, FieldMapError, Models, Row, built_in, load

ROOT = Path(__file__).parents[1]
MAP = load()
ROWS = tuple(MAP.rows())


def name(row: Row) -> str:
    return f"{mapinfo.side(MAP, row)}:{row.type}.{row.field}"


# The maps are whole -------------------------------------------------------------------------------------------------


def test_every_field_of_the_sdk_has_a_row_and_no_row_is_made_up() -> None:
    found = mapinfo.coverage(MAP)
    assert found == mapinfo.Coverage(missing=(), unknown=(), version="3.4.0")


def test_the_comparison_sees_the_types_that_the_issue_names() -> None:
    asked = mapinfo.fields(mapinfo.REQUEST_ROOTS)
    named = (
        "Content Part Blob FileData FunctionCall FunctionResponse Tool ToolConfig FunctionDeclaration Schema "
        "HttpOptions "
        "ThinkingConfig SpeechConfig ImageConfig SafetySetting VideoMetadata GoogleSearch FileSearch McpServer"
    )
    assert set(named.split()) <= set(asked)
    answered = mapinfo.fields(mapinfo.RESPONSE_ROOTS)
    assert {"Candidate", "GroundingChunkWeb", "ModalityTokenCount", "LogprobsResultCandidate"} <= set(answered)
    assert len(asked) >= 95
    assert len(answered) >= 45


def test_a_missing_row_and_a_row_too_many_are_noticed() -> None:
    requests = {kind: dict(rows) for kind, rows in MAP.requests.items()}
    del requests["Blob"]["data"]
    requests["Blob"]["date"] = Row("Blob", "date", to="data")
    found = mapinfo.coverage(FieldMap(requests, MAP.responses, {}, {}, MAP.models))
    assert found.missing == ("Blob.data",)
    assert found.unknown == ("Blob.date",)


def test_properties_of_the_response_count_as_fields() -> None:
    reads = {name for name, value in vars(types.GenerateContentResponse).items() if isinstance(value, property)}
    assert {"text", "parts", "function_calls", "executable_code"} <= reads
    assert reads <= set(MAP.responses["GenerateContentResponse"])


def test_every_handler_and_every_reader_is_used() -> None:
    assert {row.via for rows in MAP.requests.values() for row in rows.values()} - {None} == set(
        handlers.REQUEST_HANDLERS
    )
    assert {row.via for rows in MAP.responses.values() for row in rows.values()} - {None} == set(handlers.READERS)


@pytest.mark.parametrize("row", [row for row in ROWS if row.refuse], ids=name)
def test_a_refusal_says_why_in_words(row: Row) -> None:
    assert len(str(row.refuse).split()) >= 3
    assert not str(row.refuse).endswith(".")  # the report adds what belongs around it


@pytest.mark.parametrize("row", [row for row in ROWS if row.level is Level.REVIEW], ids=name)
def test_a_row_to_review_names_the_difference(row: Row) -> None:
    """Or its handler does, which sees the value: the row then says what to expect."""
    assert row.note or row.drop or (row.via and row.advice)


JSON_TYPES = {"array", "boolean", "integer", "null", "number", "object", "string"}
STATES = get_args(get_args(interaction.InteractionStatus)[0])


# Spellings ----------------------------------------------------------------------------------------------------------


def enum_of(row: Row) -> type[enum.Enum] | None:
    """The legacy enum that a field holds."""
    kind: Any = getattr(types, row.type)
    if issubclass(kind, enum.Enum):
        return next(enums(kind))
    field = kind.model_fields.get(row.field)
    return next(enums(field.annotation), None) if field else None


def enums(annotation: Any) -> Iterator[type[enum.Enum]]:
    if inspect.isclass(annotation) and issubclass(annotation, enum.Enum) and annotation is not enum.Enum:
        yield annotation
    for inner in get_args(annotation):
        yield from enums(inner)


def spelt(node: object) -> Iterator[str]:
    """Every spelling that the target schema allows somewhere."""
    match node:
        case dict():
            yield from node.get("enum", ())
            if isinstance(node.get("const"), str):
                yield node["const"]
            for value in node.values():
                yield from spelt(value)
        case list():
            for value in node:
                yield from spelt(value)


@pytest.mark.parametrize("row", [row for row in ROWS if row.values], ids=name)
def test_spellings_exist_on_both_sides(row: Row) -> None:
    allowed = JSON_TYPES if row.type == "Schema" else {*spelt(dict(schema.target())), *STATES, "true", "false"}
    assert set(row.values.values()) <= allowed
    legacy = enum_of(row)
    if legacy is not None:
        assert set(row.values) <= {str(member.value) for member in legacy}


def test_enums_are_the_members_of_the_sdk() -> None:
    for kind, members in MAP.enums.items():
        assert members == {key: member.value for key, member in getattr(types, kind).__members__.items()}, kind


def test_every_enum_that_a_field_holds_is_listed() -> None:
    held = {kind.__name__ for row in ROWS if (kind := enum_of(row)) is not None}
    assert len(held) > 20
    assert held <= set(MAP.enums)


def test_the_models_are_those_that_the_sdk_names() -> None:
    named = get_args(get_args(target_model.Model)[0])
    assert sorted(MAP.models.served) == sorted(named)
    assert set(MAP.models.aliases) == {model for model in named if model.endswith("-latest")}


@pytest.mark.parametrize("model", MAP.models.formerly)
def test_what_was_named_once_is_neither_named_nor_replaced_now(model: str) -> None:
    assert not MAP.models.is_served(model)
    assert MAP.models.replacement(model) is None


@pytest.mark.parametrize("row", MAP.models.replacements, ids=lambda row: row.pattern)
def test_a_replacement_is_served_and_what_it_replaces_is_not(row: Any) -> None:
    assert MAP.models.is_served(row.to)
    assert not any(Models((row.pattern,)).is_served(model) for model in MAP.models.served)


@pytest.mark.parametrize(
    ("model", "to"),
    [
        ("gemini-2.0-flash", "gemini-3.8-flash"),
        ("gemini-2.0-flash-001", "gemini-3.8-flash"),
        ("gemini-2.0-flash-lite-001", "gemini-3.5-flash-lite"),
        ("gemini-1.5-flash-8b", "gemini-3.8-flash"),
    ],
)
def test_old_models_have_a_replacement(model: str, to: str) -> None:
    found = MAP.models.replacement(model)
    assert found is not None
    assert found.to == to


@pytest.mark.parametrize("model", ["gemini-2.0-flash-live-001", "gemini-2.0-flash-preview-image-generation", "gemma-2"])
def test_no_replacement_is_guessed(model: str) -> None:
    assert not MAP.models.is_served(model)
    assert MAP.models.replacement(model) is None


# Constructors -------------------------------------------------------------------------------------------------------

ARGUMENTS: dict[str, Any] = {
    "data": b"x",
    "mime_type": "image/png",
    "media_resolution": types.PartMediaResolutionLevel.MEDIA_RESOLUTION_LOW,
    "file_uri": "https://example.org/a.png",
    "text": "hello",
    "name": "f",
    "args": {"a": 1},
    "response": {"b": 2},
    "code": "1",
    "language": types.Language.PYTHON,
    "outcome": types.Outcome.OUTCOME_OK,
    "output": "2",
    "display_name": "cat",
}


@pytest.mark.parametrize("call", sorted(MAP.constructors))
def test_a_constructor_fills_what_the_map_says(call: str) -> None:
    kind, _, method = call.partition(".")
    legacy = getattr(types, kind)
    function = getattr(legacy, method) if method else legacy
    parameters = [key for key in inspect.signature(function).parameters if key != "self"]
    row = MAP.constructors[call]
    assert list(row.arguments) == parameters
    given = {key: ARGUMENTS.get(key) if method else ["hello"] for key in parameters}
    made = function(**given)
    assert isinstance(made, getattr(types, row.makes))
    for key, path in row.arguments.items():
        if method:
            assert follow(made, path) == given[key]
    for key, value in row.sets.items():
        assert follow(made, key) == value


def follow(value: Any, path: str) -> Any:
    for part in path.split("."):
        value = getattr(value, part)
    return value


def test_every_constructor_of_a_part_is_known() -> None:
    made = {key for key in vars(types.Part) if key.startswith("from_")}
    assert made == {call.partition(".")[2] for call in MAP.constructors if call.startswith("Part.")}


# Types --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", [row for row in ROWS if row.of], ids=name)
def test_the_type_of_a_field_is_the_sdks(row: Row) -> None:
    legacy = getattr(types, row.type)
    held = {kind.__name__ for kind in (*records(annotation(legacy, row.field)), *enums(annotation(legacy, row.field)))}
    assert not held or row.of in held


def annotation(legacy: Any, field: str) -> Any:
    found = getattr(legacy, "model_fields", {}).get(field)
    return found.annotation if found else None


def records(kind: Any) -> Iterator[Any]:
    if inspect.isclass(kind) and kind.__module__ == types.__name__ and hasattr(kind, "model_fields"):
        yield kind
    for inner in get_args(kind):
        yield from records(inner)


# Wrong maps ---------------------------------------------------------------------------------------------------------

WRONG = [
    ("requests:\n  Part: {}\n", 1, "MG502", "unknown section 'requests'"),
    ("wrappers: {}\n", 1, "MG502", "unknown section 'wrappers'"),
    ("request:\n  Part:\n    text: {too: text}\n", 3, "MG502", "unknown verb 'too'"),
    ("request:\n  Part:\n    text: text\n", 3, "MG503", "Part.text has to be a mapping"),
    ("request:\n  Part:\n    text:\n      to: [text]\n", 4, "MG503", "'to' takes a text"),
    ("request:\n  Part:\n    text: {to: text, level: manual}\n", 3, "MG503", "'level' takes safe or review"),
    ("request:\n  Part:\n    text: {refuse: no such thing, unless: 1}\n", 3, "MG503", "'unless' takes a list"),
    ("request:\n  Part:\n    text: {to: text, values: [A]}\n", 3, "MG503", "'values' takes a mapping"),
    ("request:\n  Part:\n    text: {to: text}\n    text: {drop: no}\n", 4, "MG504", "'text' is given twice"),
    ("request:\n  Part:\n    text: {to: text, to: text}\n", 3, "MG504", "'to' is given twice"),
    ("request:\n  Part:\n    text: {note: nothing}\n", 3, "MG505", "decides nothing"),
    ("request:\n  Part:\n    text: {to: text, drop: no}\n", 3, "MG505", "decides twice: to and drop"),
    ("request:\n  Part:\n    text: {via: text, refuse: no}\n", 3, "MG505", "decides twice: via and refuse"),
    ("request:\n  Part:\n    text: {to: text, unless: [1]}\n", 3, "MG505", "'unless' goes with 'refuse'"),
    ("request:\n  Part:\n    text: {drop: no, values: {A: a}}\n", 3, "MG505", "'values' goes with"),
    ("request:\n  Part:\n    text: {via: shell}\n", 3, "MG506", "no request handler is called 'shell'"),
    ("response:\n  Part:\n    text: {via: base64}\n", 3, "MG506", "no reader is called 'base64'"),
    ("request:\n  Part:\n    text: {to: text, of: Parts}\n", 3, "MG506", "no map has rows for the type 'Parts'"),
    ("\nrequest:\n  Part:\n    text: {to: txet}\n", 4, "MG507", "no Interactions request has 'txet'"),
    ("response:\n  Part:\n    text: {to: candidates}\n", 3, "MG507", "no Interactions response has 'candidates'"),
    ("request: {Part: [1]}\n", 1, "MG503", "'Part' has to be a mapping"),
    ("enums: {Type: STRING}\n", 1, "MG503", "an enum is a list"),
    ("constructors: {Part.of: {arguments: {}}}\n", 1, "MG503", "a constructor has 'makes'"),
    ("models:\n  severed: []\n", 2, "MG502", "unknown key 'severed'"),
    ("models:\n  replacements: {a: {to: b}}\n", 2, "MG503", "a replacement has 'to' and 'note'"),
    ("a: [\n", 2, "MG501", "is not YAML"),
    ("- request\n", 1, "MG503", "a field map is a mapping of sections"),
    ("? [a]\n: 1\n", 1, "MG503", "a key has to be a plain word"),
]


@pytest.mark.parametrize(("text", "line", "code", "message"), WRONG, ids=[f"{row[2]}-{row[3]}" for row in WRONG])
def test_what_is_wrong_is_named_with_file_and_line(
    tmp_path: Path, text: str, line: int, code: str, message: str
) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text, encoding="utf-8")
    (problem,) = mapinfo.check(path)
    assert (problem.path, problem.line, problem.code) == (str(path), line, code)
    assert message in problem.message
    assert problem.code in CODES
    with pytest.raises(FieldMapError, match=code):
        load((str(path),))


def test_every_code_of_field_maps_is_reached() -> None:
    assert {code for code in CODES if code.startswith("MG5")} == {code for _, _, code, _ in WRONG}


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("request:\n  Part:\n    text: {via: shell}\n    thought: {}\nmore: 1\n", encoding="utf-8")
    assert [problem.line for problem in mapinfo.check(path)] == [4, 5, 3]


def test_a_missing_file_and_a_file_that_is_no_text_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "none.yaml"
    assert [problem.code for problem in mapinfo.check(missing)] == ["MG501"]
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    assert [problem.code for problem in mapinfo.check(binary)] == ["MG501"]


def test_the_same_row_in_two_built_in_maps_is_refused(tmp_path: Path) -> None:
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    for path in (first, second):
        path.write_text("request:\n  Part:\n    text: {to: text}\n", encoding="utf-8")
    (problem,) = mapcheck.read((first, second)).problems
    assert (problem.path, problem.line, problem.code) == (str(second), 3, "MG504")
    assert f"{first}:3" in problem.message


@pytest.mark.parametrize("text", ["request: &a\n  Part: *a\n", "[" * 100_000, "a: " + "{a: " * 10_000])
def test_a_map_without_an_end_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text, encoding="utf-8")
    assert [problem.code for problem in mapinfo.check(path)] == ["MG501"]


def test_a_map_executes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text("models:\n  served: [!!python/object/apply:os.getcwd []]\n", encoding="utf-8")
    assert [problem.code for problem in mapinfo.check(path)] == ["MG503"]


# A user's map -------------------------------------------------------------------------------------------------------


def test_a_users_rows_replace_built_in_ones(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(
        "request:\n  GenerateContentConfig:\n    top_k: {refuse: we need top_k, advice: Ask the search team.}\n"
        "models:\n  served: [my-model-*]\n",
        encoding="utf-8",
    )
    mine = load((str(path),))
    row = mine.request("GenerateContentConfig", "top_k")
    assert row is not None
    assert (row.refuse, row.advice, row.file, row.line) == ("we need top_k", "Ask the search team.", str(path), 3)
    assert mine.models.is_served("my-model-7")
    assert mine.request("GenerateContentConfig", "seed") == MAP.request("GenerateContentConfig", "seed")
    before = MAP.request("GenerateContentConfig", "top_k")
    assert before is not None
    assert before.file != str(path)


def test_words_mean_what_they_look_like(tmp_path: Path) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(
        "request:\n  Part:\n    text: {to: text, values: {NO: off, 'null': yes}}\n"
        "    thought: {refuse: not so, unless: [null, false, 0, 1.5, 1:30, '2', off]}\n",
        encoding="utf-8",
    )
    mine = load((str(path),))
    text, thought = mine.request("Part", "text"), mine.request("Part", "thought")
    assert text is not None
    assert text.values == {"NO": "off", "null": "yes"}
    assert thought is not None
    assert thought.unless == (None, False, 0, 1.5, "1:30", "2", "off")


def test_what_is_read_for_the_built_in_maps_is_what_they_say() -> None:
    read = builtmap.read(built_in())
    assert read == mapcheck.read(built_in()).fieldmap
    assert read == load()


@pytest.mark.parametrize("damage", ["newer", "cut", "no rows", "gone"])
def test_maps_that_were_changed_since_are_read_themselves(tmp_path: Path, damage: str) -> None:
    for path in (*built_in(), built_in()[0].with_name(builtmap.NAME)):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    maps, made = sorted(tmp_path.glob("*.yaml")), tmp_path / builtmap.NAME
    assert builtmap.read(maps) is not None
    match damage:
        case "newer":
            maps[0].write_text(maps[0].read_text() + "# changed\n")
        case "cut":
            made.write_bytes(made.read_bytes()[:-100])
        case "no rows":
            made.write_text(made.read_text().replace('"requests"', '"asked"'))
        case _:
            made.unlink()
    assert builtmap.read(maps) is None


def test_the_maps_read_the_same_without_the_c_library(tmp_path: Path) -> None:
    script = (
        "import sys, yaml; del yaml.CSafeLoader\n"
        "from migrator import fieldmap, mapcheck\n"
        "read = mapcheck.read(fieldmap.built_in()).fieldmap\n"
        "print(sum(1 for _ in read.rows()), read.request('GenerateContentConfig', 'candidate_count').unless)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    candidates = MAP.request("GenerateContentConfig", "candidate_count")
    assert candidates is not None
    assert done.stdout.strip() == f"{len(ROWS)} {candidates.unless}"


# Showing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("seed", ["request:GenerateContentConfig.seed"]),
        ("config.maxOutputTokens", ["request:GenerateContentConfig.max_output_tokens"]),
        ("response.text", ["response:GenerateContentResponse.text"]),
        ("response.candidates.content.parts.inlineData.data", ["response:Blob.data"]),
        ("usage_metadata.total_token_count", ["response:GenerateContentResponseUsageMetadata.total_token_count"]),
        ("Blob.data", ["request:Blob.data", "response:Blob.data"]),
        ("LatLng", ["request:LatLng.latitude", "request:LatLng.longitude"]),
        ("tempreature", []),
    ],
)
def test_a_field_is_found_however_it_is_asked_for(query: str, rows: list[str]) -> None:
    assert sorted(map(name, mapinfo.show(MAP, query))) == rows


def test_without_a_question_every_row_is_shown() -> None:
    assert tuple(mapinfo.show(MAP)) == ROWS


def test_a_misspelt_field_gets_a_suggestion() -> None:
    assert mapinfo.nearest(MAP, "config.tempreature")[0] == "temperature"


def test_the_reference_page_is_made_from_the_maps() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/make_field_docs.py", "--check"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.stderr == ""
    assert done.returncode == 0


def test_the_built_in_maps_are_yaml_for_everyone_else_too() -> None:
    for path in built_in():
        assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)
