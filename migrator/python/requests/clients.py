"""What the client of a call site says about the service.

Vertex AI and Enterprise clients follow their own rule. A client that asks a server of its own (a gateway, a proxy, a
double) is a review: the path of interactions is another one, and what answers there the file does not show.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Diagnostic, Level
from migrator.planning.model import ENTERPRISE
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import Facts
from migrator.python.requests.bindings import binding_of
from migrator.settings import Settings, Vertex

_VARIABLES = ("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE")
_SWITCHES = ("vertexai", "enterprise")
_BASE = ("base_url", "baseUrl")
_OPTIONS = ("http_options", "httpOptions")
_GOOGLES = "googleapis.com"


def conflicts(facts: Facts, site: CallSite, settings: Settings) -> Iterator[Diagnostic]:
    """What speaks against rewriting the calls of this client: another server; sources that conflict."""
    for call in sorted(site.client.made_by, key=facts.module.span):
        arguments = _arguments(facts, call)
        if _asks_another_server(facts, arguments):
            message = "base_url: the client asks another server than Google's, which has to serve /interactions too"
            yield Diagnostic("MG310", Level.REVIEW, message, call)
        by_environment = _is_left_to_the_environment(arguments) and _is_switched_on(facts)
        if settings.vertex is Vertex.ALLOW or not (_is_enterprise(arguments) or by_environment):
            continue
        yield _judged(facts, site, arguments, settings)


def service(facts: Facts, site: CallSite) -> str:
    """The service that every client of the site is shown to speak to; empty where that is not known."""
    made = [_arguments(facts, call) for call in site.client.made_by]
    if not made or site.assumed:
        return ""
    return ENTERPRISE if all(_is_surely_enterprise(facts, each) for each in made) else ""


def _is_surely_enterprise(facts: Facts, arguments: dict[str, cst.BaseExpression]) -> bool:
    if _is_left_to_the_environment(arguments):
        return _is_switched_on(facts)
    return any(isinstance(value := arguments.get(name), cst.Name) and value.value == "True" for name in _SWITCHES)


def _arguments(facts: Facts, call: cst.Call) -> dict[str, cst.BaseExpression]:
    """The keywords of a client's constructor, those of a visible splatted dict included."""
    found = {argument.keyword.value: argument.value for argument in call.args if argument.keyword is not None}
    for argument in call.args:
        binding = binding_of(facts, argument.value) if argument.star == "**" else None
        for made in binding.values if binding is not None else ():
            for name, value in _fields(made) if isinstance(made, cst.Dict) else ():
                found.setdefault(str(name), value)
    return found


def _asks_another_server(facts: Facts, arguments: dict[str, cst.BaseExpression]) -> bool:
    """Whether the client's options name a base URL that is not visibly Google's own."""
    for options in (arguments[name] for name in _OPTIONS if name in arguments):
        binding = binding_of(facts, options)
        for made in (options, *(binding.values if binding is not None else ())):
            if any(_is_of_another(facts, value) for name, value in _fields(made) if name in _BASE):
                return True
    return False


def _is_of_another(facts: Facts, value: cst.BaseExpression) -> bool:
    literal = _literal(value, facts)
    is_none = isinstance(value, cst.Name) and value.value == "None"
    return not is_none and not (isinstance(literal, str) and _GOOGLES in literal)


def _fields(made: cst.BaseExpression) -> Iterator[tuple[object, cst.BaseExpression]]:
    """The names and values of a dict or of the keywords of a call."""
    match made:
        case cst.Dict(elements=elements):
            for element in elements:
                match element:
                    case cst.DictElement(key=cst.SimpleString() as key, value=value):
                        yield key.evaluated_value, value
        case cst.Call(args=args):
            yield from ((each.keyword.value, each.value) for each in args if each.keyword is not None)


def _is_switched_on(facts: Facts) -> bool:
    """Whether the file itself sets the environment variable that makes every client an enterprise client."""
    for node in facts.module.nodes(cst.SimpleString):
        if node.value.strip("'\"") not in _VARIABLES:
            continue
        statement = facts.module.statement(node)
        written = isinstance(statement, cst.SimpleStatementLine) and isinstance(statement.body[0], cst.Assign)
        inside_target = facts.module.enclosing(node, cst.AssignTarget) is not None
        defaulted = any(
            isinstance(each, cst.Call) and "setdefault" in facts.module.source(each.func)
            for each in facts.module.ancestors(node)
        )
        if ((written and inside_target) or defaulted) and not any(
            off in facts.module.source(statement).lower() for off in ("false", '"0"', "'0'")
        ):
            return True
    return False


def _is_left_to_the_environment(arguments: dict[str, cst.BaseExpression]) -> bool:
    return not any(name in arguments for name in _SWITCHES)


def _is_enterprise(arguments: dict[str, cst.BaseExpression]) -> bool:
    for name in _SWITCHES:
        value = arguments.get(name)
        if value is not None:
            return not (isinstance(value, cst.Name) and value.value == "False")
    return "project" in arguments and "location" in arguments


_STAYS = "Leave --vertex refuse out to have each call judged by what its client shows."
_NOT_SHOWN = "Keep these calls on generate_content, or pass --vertex allow where you know that they are served."


def _judged(facts: Facts, site: CallSite, arguments: dict[str, cst.BaseExpression], settings: Settings) -> Diagnostic:
    location = _literal(arguments.get("location"), facts)
    if settings.vertex is Vertex.REFUSE:
        message = "calls of Vertex AI and Enterprise clients stay, as asked"
        return Diagnostic("MG109", Level.MANUAL, message, site.call, _STAYS)
    if location not in (None, "global"):
        message = f"the client's location is {location}: the Interactions API is shown for the location global only"
        return Diagnostic("MG109", Level.MANUAL, message, site.call, _NOT_SHOWN)
    if "api_key" in arguments and "project" not in arguments:
        message = "the client is in express mode (an API key, no project), where the Interactions API is not found"
        return Diagnostic("MG109", Level.MANUAL, message, site.call, _NOT_SHOWN)
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
