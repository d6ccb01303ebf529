"""What the client of a call site says about the service: Vertex AI and Enterprise clients follow a rule of their own."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Diagnostic, Level
from migrator.python.sites import CallSite
from migrator.python.values import Facts
from migrator.settings import Settings, Vertex

_SWITCHES = ("vertexai", "enterprise")


def conflicts(facts: Facts, site: CallSite, settings: Settings) -> Iterator[Diagnostic]:
    """What speaks against rewriting the calls of this client (api-map 7.2: sources conflict, only ``global`` is shown)."""
    for call in sorted(site.client.made_by, key=facts.module.span):
        arguments = {arg.keyword.value: arg.value for arg in call.args if arg.keyword is not None}
        if not _is_enterprise(arguments) or settings.vertex is Vertex.ALLOW:
            continue
        yield _judged(facts, site, arguments, settings)


def _is_enterprise(arguments: dict[str, cst.BaseExpression]) -> bool:
    for name in _SWITCHES:
        value = arguments.get(name)
        if value is not None:
            return not (isinstance(value, cst.Name) and value.value == "False")
    return "project" in arguments and "location" in arguments


def _judged(facts: Facts, site: CallSite, arguments: dict[str, cst.BaseExpression], settings: Settings) -> Diagnostic:
    location = _literal(arguments.get("location"), facts)
    if settings.vertex is Vertex.REFUSE:
        return Diagnostic("MG109", Level.MANUAL, "calls of Vertex AI and Enterprise clients stay, as asked", site.call)
    if location not in (None, "global"):
        message = f"the client's location is {location}: the Interactions API is shown for the location global only"
        return Diagnostic("MG109", Level.MANUAL, message, site.call)
    if "api_key" in arguments and "project" not in arguments:
        message = "the client is in express mode (an API key, no project), where the Interactions API is not found"
        return Diagnostic("MG109", Level.MANUAL, message, site.call)
    message = (
        "the client is a Vertex AI or Enterprise client: the migration page shows interactions for location global, "
        "other pages and open issues say that they are not available"
    )
    return Diagnostic("MG109", Level.REVIEW, message, site.call)


def _literal(node: cst.BaseExpression | None, facts: Facts) -> object:
    if isinstance(node, cst.Name):
        found = facts.scopes.definitions(node)
        values = {each.value for each in found}
        node = values.pop() if len(values) == 1 else None
    return node.evaluated_value if isinstance(node, cst.SimpleString) else None
