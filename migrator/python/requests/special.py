"""What the code that makes an argument mentions, of what its conversion while the program runs does not know."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import libcst as cst

from migrator.planning.automatic import FUNCTION, FUNCTIONS
from migrator.python.evidence.module import descendants, is_none
from migrator.python.evidence.values import Facts
from migrator.python.requests.bindings import binding_of

TOOLS, PICTURES = "tools", "pictures"
_PARTS = {"tools": TOOLS, "response_modalities": PICTURES, "image_config": PICTURES}
_UNKNOWN = frozenset(
    "tool_config cached_content speech_config candidate_count presence_penalty "
    "frequency_penalty response_logprobs logprobs routing_config media_resolution audio_timestamp http_options labels "
    "service_tier".split()
)
_USUAL = {"candidate_count": re.compile(r"1$"), "response_modalities": re.compile(r"\[\s*[\"']TEXT[\"'],?\s*\]$")}
_SOUND = re.compile(r"\bAUDIO\b")
_CONTENTS = re.compile(
    r"\b(function_response|FunctionResponse|function_call|FunctionCall|from_function_\w+|executable_code|video_metadata"
    r"|VideoMetadata|thought_signature|code_execution_result|media_resolution|part_metadata)\b|\bPart\([^)]*\bthought=|\.content\)"
    r"|\bFileData\((?:(?!mime_type)(?:[^()]|\([^()]*\)))*\)|[\"']file_?[dD]ata[\"']:\s*\{(?:(?!mime_?[tT]ype)[^{}])*\}"
    r"|\.candidates\[\w+\]\.content\b(?!\s*\.)"
)
_OTHER_TOOLS = re.compile(
    r"\b(code_execution|ToolCodeExecution|google_maps|GoogleMaps|google_search_retrieval|GoogleSearchRetrieval|file_search"
    r"|FileSearch|Callable|computer_use|ComputerUse|retrieval|Retrieval|mcp|mcp_servers)\b"
)


def is_special(facts: Facts, call: cst.Call, given: list[cst.BaseExpression], *, contents: bool) -> bool:
    """Whether what makes an argument of ``call`` mentions something that its conversion does not know."""
    makers = _all_makers(facts, call, given)
    if contents:
        return any(_CONTENTS.search(_code(facts, maker)) for maker in makers)
    client = {*_client_calls(facts, call.func)}
    said = [pair for maker in makers for pair in _fields(facts, maker, client)]
    if any(_is_unknown(facts, name, value) for name, value in said):
        return True
    if not any(name == TOOLS for name, _ in said):
        return False
    return any(_OTHER_TOOLS.search(_code(facts, maker)) for maker in makers) or any(
        _has_functions(facts, value) for name, value in said if name == TOOLS
    )


def parts(facts: Facts, call: cst.Call, given: list[cst.BaseExpression]) -> frozenset[str]:
    """The parts of its conversion that a configuration needs: what makes it speaks of tools, of pictures."""
    said = [pair for maker in _all_makers(facts, call, given) for pair in _fields(facts, maker, ())]
    return frozenset(_PARTS[name] for name, value in said if name in _PARTS and not _is_usual(facts, name, value))


def _is_unknown(facts: Facts, name: str, value: cst.BaseExpression | None) -> bool:
    if name == "response_modalities" and value is not None:
        return _SOUND.search(facts.module.source(value)) is not None
    return name in _UNKNOWN and not _is_usual(facts, name, value)


def _is_usual(facts: Facts, name: str, value: cst.BaseExpression | None) -> bool:
    """Whether a field says what is meant without it."""
    if value is None:
        return False
    return is_none(value) or (name in _USUAL and _USUAL[name].match(facts.module.source(value)) is not None)


def _has_functions(facts: Facts, tools: cst.BaseExpression | None) -> bool:
    """Whether Python functions are among tools, which only a loop can call."""
    if tools is None:
        return False
    found = (node for node in descendants(tools) if isinstance(node, cst.BaseExpression))
    return any(facts.kinds.of(node) in (FUNCTION, FUNCTIONS) for node in found)


def _fields(
    facts: Facts, maker: cst.CSTNode, client: Collection[cst.CSTNode]
) -> Iterator[tuple[str, cst.BaseExpression | None]]:
    """The names that ``maker`` gives to anything that may be a field of a configuration, with the values."""
    module = facts.module
    for node in descendants(maker):
        match node:
            case cst.Arg(keyword=cst.Name(value=name), value=value):
                call = module.parent(node)
                made = isinstance(call, cst.Call) and facts.names.path(call.func) == "google.genai.Client"
                if not made and call not in client:
                    yield name, value
            case cst.DictElement(key=cst.SimpleString() as key, value=value):
                yield str(key.evaluated_value), value
            case cst.AssignTarget(
                target=cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value="http_options"))
            ):
                pass  # a client has them too
            case cst.AssignTarget(target=cst.Attribute(attr=cst.Name(value=name))):
                yield name, _assigned(facts, node)
            case cst.AssignTarget(
                target=cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))])
            ):
                yield str(key.evaluated_value), _assigned(facts, node)
            case cst.Param(name=cst.Name(value=name)) | cst.AssignTarget(target=cst.Name(value=name)) if name == TOOLS:
                yield name, _assigned(facts, node)


def _assigned(facts: Facts, target: cst.CSTNode) -> cst.BaseExpression | None:
    assignment = facts.module.parent(target)
    return assignment.value if isinstance(assignment, cst.Assign) else None


def _client_calls(facts: Facts, method: cst.BaseExpression) -> Iterator[cst.CSTNode]:
    """The calls that give the client of ``method``: what they are told is no field of a configuration."""
    client = method
    while isinstance(client, cst.Attribute):
        found = binding_of(facts, client)
        yield from (found.values if found is not None else ())
        client = client.value
    if isinstance(client, cst.Call):
        yield client
    elif isinstance(client, cst.Name):
        values = (definition.value for definition in facts.scopes.definitions(client))
        yield from (value for value in values if isinstance(value, cst.Call))


def _code(facts: Facts, maker: cst.CSTNode) -> str:
    """The source of ``maker`` without comments and docstrings."""
    place, stop = facts.module.whole_span(maker)
    text = ""
    for begin, end in sorted(facts.module.span(each) for each in descendants(maker) if _is_prose(each)):
        text += facts.module.text[place:begin]
        place = max(place, end)
    return text + facts.module.text[place:stop]


def _is_prose(node: cst.CSTNode) -> bool:
    match node:
        case cst.Comment() | cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
            return True
    return False


# Makers -------------------------------------------------------------------------------------------------------------


def _all_makers(facts: Facts, call: cst.Call, given: list[cst.BaseExpression]) -> set[cst.CSTNode]:
    seen: set[cst.CSTNode] = set()
    for node in (call, *given):
        _makers(facts, node, seen)
    return seen


def _makers(facts: Facts, node: cst.CSTNode, seen: set[cst.CSTNode]) -> set[cst.CSTNode]:
    """The functions, or else the module, whose code may decide what ``node`` holds."""
    around = [each for each in (node, *facts.module.ancestors(node)) if isinstance(each, cst.FunctionDef)]
    whole = around[-1] if around else facts.module.tree
    if whole in seen:
        return seen
    seen.add(whole)
    for each in descendants(whole if isinstance(whole, cst.FunctionDef) else node):
        if isinstance(each, cst.Call):
            function = facts.names.function(each.func)
            if isinstance(function, cst.FunctionDef):
                _makers(facts, function.body, seen)
        elif isinstance(each, cst.Attribute) and (binding := binding_of(facts, each)) is not None:
            for value in binding.values:
                _makers(facts, value, seen)
    return seen
