"""Arguments that the file does not show well enough: what else can be done than to leave their call.

A wrapper takes contents or a configuration from its callers, or makes them in a way that cannot be rewritten in place.
Such an argument may stay what it is and be converted while the program runs, where nothing in the file shows that it
holds something that the conversion does not know.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Iterator

import libcst as cst

from migrator import ir
from migrator.diagnostics import Level
from migrator.plan import UNSEEN_CONFIG, Context, plan_config, plan_contents
from migrator.python.evidence.module import descendants
from migrator.python.evidence.values import Facts
from migrator.python.requests.bindings import binding_of
from migrator.python.unit import Draft, Unit

_HIDDEN = frozenset({"MG106", "MG108", "MG113", "MG303"})
_UNSEEN = (UNSEEN_CONFIG, "the fields that are splatted into GenerateContentConfig are not visible")
_SPECIAL = {
    "contents": re.compile(
        r"\b(function_response|FunctionResponse|function_call|FunctionCall|from_function_\w+|executable_code|video_metadata"
        r"|VideoMetadata|thought_signature|code_execution_result|media_resolution|part_metadata)\b|\bPart\([^)]*\bthought=|\.content\)"
        r"|\bFileData\((?:(?!mime_type)(?:[^()]|\([^()]*\)))*\)|[\"']file_?[dD]ata[\"']:\s*\{(?:(?!mime_?[tT]ype)[^{}])*\}"
        r"|\.candidates\[\w+\]\.content\b(?!\s*\.)"
    ),
    "config": re.compile(
        r"\b(tools|tool_config|cached_content|response_modalities|speech_config|image_config|candidate_count|presence_penalty"
        r"|frequency_penalty|response_logprobs|logprobs|routing_config|media_resolution|audio_timestamp|http_options"
        r"|labels|service_tier)\b[\"']?\]?\s*[=:]"
    ),
}


def unplanned(request: ir.Request, context: Context) -> set[str]:
    """The arguments of a refused request that cannot be planned by themselves."""
    found: set[str] = set()
    contents = request.contents
    if contents is not None and contents != ir.Sequence((), contents.origin):
        found |= {"contents"} if plan_contents(contents, context).value is None else set()
    said = [each.message for each in plan_config(request.config, context).diagnostics if each.level is Level.MANUAL]
    if said and all(message in _UNSEEN for message in said):
        found.add("config")
    return found


def convertible(facts: Facts, units: Iterable[Unit]) -> frozenset[tuple[cst.Call, str]]:
    """The arguments to convert while the program runs, of calls that nothing else keeps."""
    found: set[tuple[cst.Call, str]] = set()
    for unit in units:
        refused = [each.code for draft in unit.drafts for each in draft.diagnostics if each.level is Level.MANUAL]
        hidden = [(draft, name) for draft in unit.drafts for name in draft.unseen]
        known = any(_is_written_out(draft, name) or _is_special(facts, draft, name) for draft, name in hidden)
        if _HIDDEN.issuperset(refused) and not known:
            found |= {(draft.site.call, name) for draft, name in hidden}
    return frozenset(found)


def _is_written_out(draft: Draft, name: str) -> bool:
    """Whether the call itself holds what cannot be migrated: no run makes it something else."""
    wrong = any(each.code == "MG108" for each in draft.diagnostics)
    return wrong and any(isinstance(node, (cst.List, cst.Dict)) for node in _given(draft, name))


def _given(draft: Draft, name: str) -> list[cst.BaseExpression]:
    return [each.value for each in draft.site.arguments if each.keyword is not None and each.keyword.value == name]


def _is_special(facts: Facts, draft: Draft, name: str) -> bool:
    """Whether what makes an argument mentions something that its conversion does not know."""
    given = _given(draft, name)
    makers = _makers(facts, draft.site.call, set()).union(*(_makers(facts, node, set()) for node in given))
    client = {*_client_calls(facts, draft.site.method)}
    return any(_SPECIAL[name].search(_without(facts, maker, client)) for maker in makers)


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


def _without(facts: Facts, maker: cst.CSTNode, client: Collection[cst.CSTNode]) -> str:
    """The source of ``maker`` without prose, what makes the client, and the places that only keep its options."""
    inside = {*descendants(maker)}
    left = [each for each in inside if each in client or _is_prose(each) or _keeps_options(each)]
    place, stop = facts.module.whole_span(maker)
    text = ""
    for begin, end in sorted(facts.module.span(each) for each in left):
        text += facts.module.text[place:begin]
        place = max(place, end)
    return text + facts.module.text[place:stop]


def _is_prose(node: cst.CSTNode) -> bool:
    """A comment, or a docstring."""
    match node:
        case cst.Comment() | cst.Expr(value=cst.SimpleString() | cst.ConcatenatedString()):
            return True
    return False


def _keeps_options(node: cst.CSTNode) -> bool:
    """``http_options=None`` in a signature and ``self.http_options = …``: a client has them too."""
    match node:
        case cst.Param(name=cst.Name(value="http_options")):
            return True
        case cst.AssignTarget(target=cst.Attribute(value=cst.Name(value="self"), attr=cst.Name(value="http_options"))):
            return True
    return False


def _makers(facts: Facts, node: cst.CSTNode, seen: set[cst.CSTNode]) -> set[cst.CSTNode]:
    """The functions, or else the module, whose code may decide what ``node`` holds."""
    whole = facts.module.enclosing(node, cst.FunctionDef) or facts.module.tree
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


def converted(units: Iterable[Unit], later: frozenset[tuple[cst.Call, str]]) -> frozenset[tuple[cst.Call, str]]:
    """Those of ``later`` whose calls are rewritten for it."""
    done: set[cst.Call] = set()
    for unit in units:
        if unit.level is not Level.MANUAL:
            done |= {draft.site.call for draft in unit.drafts}
    return frozenset((call, name) for call, name in later if call in done)


def keeps_unread(draft: Draft, key: Hashable) -> None:
    """Note that a structure of the request has to stay what it is."""
    if draft.held.get(key) == "contents":
        draft.unseen.add("contents")
