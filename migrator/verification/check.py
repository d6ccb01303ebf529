"""The offline check of one request: what the schema and the rules have against it, at the keys of the source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from migrator.catalogue import CODES
from migrator.diagnostics import Level
from migrator.fieldmap import Models
from migrator.ir import Field, Literal, Origin, Record, Sequence
from migrator.records import dataclass
from migrator.schema import SPREAD, Problem, Wrong, has_path, is_keyword, problems
from migrator.verification import rules
from migrator.verification.body import POSITIONAL, Asked, Sender, certain, origin_at, plain, variants

_CODES = {Wrong.KEY: "MG601", Wrong.KIND: "MG602", Wrong.VALUE: "MG603", Wrong.MISSING: "MG604"}
_ADVICE = {
    "config": "Give its fields to create itself; sampling and thinking go into generation_config.",
    "generation_config": "An agent has its own settings: agent_config.",
    "contents": "It is called input.",
    "top_k": "It has no counterpart: leave it out.",
    "topK": "It has no counterpart: leave it out.",
    "candidate_count": "One interaction has one result: leave it out.",
    "presence_penalty": "It has no counterpart: leave it out.",
    "frequency_penalty": "It has no counterpart: leave it out.",
    "thinking_budget": "Use generation_config.thinking_level: minimal, low, medium or high.",
    "thinking_config": "Use generation_config.thinking_level and thinking_summaries.",
    "include_thoughts": "Use generation_config.thinking_summaries='auto'.",
    "response_schema": "Use response_format={'type': 'text', 'mime_type': 'application/json', 'schema': ...}.",
    "response_json_schema": "Use response_format={'type': 'text', 'mime_type': 'application/json', 'schema': ...}.",
    "tool_config": "Use generation_config.tool_choice.",
    "parts": "A step has content: [{'type': 'text', 'text': ...}].",
    "role": "A step says who speaks by its type: user_input or model_output.",
    "category": "It is called type: harassment, hate_speech …",
    "function_declarations": "A function is a tool of its own: {'type': 'function', 'name': ..., 'parameters': ...}.",
    "google_search_retrieval": "Use {'type': 'google_search'}.",
    "voice_config": "Use [{'voice': ...}].",
}
_LAST = re.compile(r"([^.\[\]]+)(?:\[\d+\])*$")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a request; ``origin`` is the key in the source that has to change."""

    origin: Origin
    path: str
    code: str
    level: Level
    message: str
    advice: str
    missing: str = ""  # the name of a field that is not given


def faults(asked: Asked, models: Models) -> tuple[Fault, ...]:
    """Everything that is wrong with a request, as far as it shows itself; each thing once."""
    found: dict[tuple[Origin, str], Fault] = {}
    for fault in _found(asked, models):
        found.setdefault((fault.origin, fault.message), fault)
    return tuple(found.values())


def _found(asked: Asked, models: Models) -> Iterator[Fault]:
    value = _as_sent(asked)
    for record in variants(value):
        body, _ = _split(record, asked.sender)
        for problem in problems(body):
            if problem.path != "agent":  # beside a model: the rules say so
                yield _problem(problem, record, asked)
        for breach in rules.values(body, asked.sender, models):
            yield _breach(breach, record, asked)
    sure = certain(value)
    body, keywords = _split(sure, asked.sender)
    for breach in rules.together(body, keywords, models):
        yield _breach(breach, sure, asked)


def _split(record: Record, sender: Sender) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The body, and the keywords of ``create`` itself."""
    whole = plain(record, sender)
    assert isinstance(whole, dict)
    keywords = {name: value for name, value in whole.items() if sender is Sender.SDK and is_keyword(name)}
    return {name: value for name, value in whole.items() if name not in keywords}, keywords


def _as_sent(asked: Asked) -> Record:
    """The request with what the SDK mends on its way: texts without a type, and the name ``schema_``."""
    if asked.sender is Sender.BODY:
        return asked.value
    return replace(asked.value, fields=tuple(_mended(field) for field in asked.value.fields))


def _mended(field: Field) -> Field:
    match field:
        case Field(name="input", value=Sequence(items=items) as value):
            typed = (_typed(item) if isinstance(item, Record) else item for item in items)
            return replace(field, value=replace(value, items=tuple(typed)))
        case Field(name="response_format", value=Record() as value):
            return replace(field, value=_renamed(value))
        case Field(name="response_format", value=Sequence(items=items) as value):
            renamed = (_renamed(item) if isinstance(item, Record) else item for item in items)
            return replace(field, value=replace(value, items=tuple(renamed)))
    return field


def _typed(content: Record) -> Record:
    names = [field.name for field in content.fields]
    if "type" in names or "text" not in names or SPREAD in names:
        return content
    return replace(content, fields=(Field("type", Literal("text")), *content.fields))


def _renamed(entry: Record) -> Record:
    fields = (replace(field, name="schema") if field.name == "schema_" else field for field in entry.fields)
    return replace(entry, fields=tuple(fields))


# Faults -------------------------------------------------------------------------------------------------------------


def _problem(problem: Problem, record: Record, asked: Asked) -> Fault:
    code = _CODES[problem.wrong]
    if problem.path == POSITIONAL:
        message = "create takes keywords only"
        return _fault(record, asked, POSITIONAL, "MG602", Level.MANUAL, message, "Name the argument.")
    advice = _advice(problem)
    message = problem.message.removesuffix(problem.hint) if advice else problem.message
    where = f" [{problem.path}]" if problem.path else ""
    fault = _fault(record, asked, problem.path, code, Level.MANUAL, message + where, advice)
    return replace(fault, missing=problem.missing)


def _breach(breach: rules.Breach, record: Record, asked: Asked) -> Fault:
    where = f" [{breach.path}]" if breach.path else ""
    return _fault(record, asked, breach.path, breach.code, breach.level, breach.message + where, breach.advice)


def _fault(record: Record, asked: Asked, path: str, code: str, level: Level, message: str, advice: str) -> Fault:
    origin = origin_at(record, path) or asked.origin
    return Fault(origin, path, code, level, message, advice or CODES[code].advice)


def _advice(problem: Problem) -> str:
    """Where the key belongs, where that is known."""
    last = _LAST.search(problem.path)
    name = last[1] if last else ""
    if problem.wrong is not Wrong.KEY:
        return ""
    if name in _ADVICE:
        return _ADVICE[name]
    if problem.path == name and has_path(f"generation_config.{name}"):
        return f"It belongs into generation_config: generation_config={{'{name}': ...}}."
    if problem.path.startswith("generation_config.") and has_path(name):
        return f"It belongs beside generation_config: {name} is an argument of its own."
    return ""
