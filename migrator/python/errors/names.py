"""The error classes of both APIs: what a class of ``google.genai.errors`` is among the errors of an interaction.

Interactions raise a hierarchy that has no public name. ``compat_errors`` is the one module that has held it since
google-genai 2.9; ``google.genai._interactions`` was missing from 2.9 to 2.33.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.scopes import Definition, Kind, dotted
from migrator.python.evidence.values import Facts
from migrator.python.helpers.definitions import is_definition
from migrator.python.requests.bindings import binding_of
from migrator.python.writing.edits import Behind, Edit, Replace
from migrator.python.writing.layout import Carried, Concat, Doc, Group, Item, Text
from migrator.python.writing.render import Needs
from migrator.records import dataclass

PACKAGE, MODULE, ALIAS = "google.genai._gaos.lib", "compat_errors", "interactions_errors"
STATUS, SERVER = "APIStatusError", "InternalServerError"
"""Exactly the answers 4xx and 5xx, and exactly 5xx. There is no class for 4xx alone: 402 or 499 are plain STATUS."""

_LEGACY = "google.genai.errors."
_CLASS = re.compile(r"_*[A-Z]\w*[a-z]|_*[A-Z][a-z]")  # spelt as classes are, and not as constants
_KNOWN = frozenset({"APIError", "ClientError", "ServerError"})
CLASSES = frozenset({*_KNOWN, STATUS, SERVER, "RateLimitError", "NotFoundError", "BadRequestError"})
_PRIVATE = ("google.genai._interactions.", f"{PACKAGE}.{MODULE}.")
_COVERED_BY = {
    STATUS: ("APIError", "GeminiNextGenAPIClientError"),
    SERVER: (STATUS, "APIError", "GeminiNextGenAPIClientError"),
    "APITimeoutError": ("APIConnectionError", "APIError"),
    "APIConnectionError": ("APIError",),
}
_OF_HTTP = {
    "TimeoutException": "APITimeoutError",
    "HTTPError": "APIConnectionError",
    "RequestError": "APIConnectionError",
    "TransportError": "APIConnectionError",
}
_OF_CONNECTIONS = """
    NetworkError ConnectError ReadError WriteError CloseError ProtocolError LocalProtocolError RemoteProtocolError
    ProxyError UnsupportedProtocol DecodingError TooManyRedirects
""".split()
_WITHIN = {
    **dict.fromkeys(("ConnectTimeout", "ReadTimeout", "WriteTimeout", "PoolTimeout"), "APITimeoutError"),
    **dict.fromkeys(_OF_CONNECTIONS, "APIConnectionError"),
}
"""The classes of httpx that have none of their own among an interaction's errors, and the one that they are part of:
``compat_errors.wrap_sdk_error`` makes every timeout the one, and every other ``httpx.HTTPError`` the other."""
_TWINS = {**_OF_HTTP, **_WITHIN}


class UnnamedError(Exception):
    """A class cannot be named at a place; the message says why."""


@dataclass(frozen=True, slots=True)
class Caught:
    """A class or tuple of classes as ``except`` and ``isinstance`` take it; ``holder`` is where it is written."""

    holder: cst.BaseExpression
    elements: tuple[cst.BaseExpression, ...]
    legacy: frozenset[str]
    http: frozenset[str]
    present: frozenset[str]
    everything: bool
    unseen: tuple[cst.BaseExpression, ...]  # what may be a tuple of classes that another file, or the run, makes

    @property
    def of_clients_only(self) -> bool:
        """Whether 4xx are caught and 5xx are not."""
        return "ClientError" in self.legacy and not self.legacy & {"ServerError", "APIError"}

    @property
    def servers(self) -> bool:
        """Whether a 5xx of the legacy API is caught."""
        return self.everything or bool(self.legacy & {"ServerError", "APIError"})

    @property
    def known(self) -> bool:
        """Whether nothing but errors of the two APIs is caught."""
        return len(self.elements) == len(self.legacy) + len(self.present)

    @property
    def unmatched(self) -> Iterator[str]:
        """The classes that have no counterpart among the errors of an interaction."""
        yield from sorted(self.legacy - _KNOWN)
        yield from sorted(name for name in self.http if name not in _TWINS)

    @property
    def wider(self) -> dict[str, list[str]]:
        """The missing classes that mean more errors than are caught, with the classes of httpx that they stand for."""
        exact = {_OF_HTTP[name] for name in self.http if name in _OF_HTTP}
        found: dict[str, list[str]] = {}
        for name in sorted(self.http & _WITHIN.keys()):
            twin = _WITHIN[name]
            if twin in self.missing and not exact & {twin, *_COVERED_BY[twin]}:
                found.setdefault(twin, []).append(name)
        return found

    @property
    def differences(self) -> Iterator[tuple[str, str]]:
        """What is different of the errors of httpx that are waited for, and what to do about it."""
        if self.http:
            message = "interactions wrap the errors of httpx; google-genai 3 raises those of httpx2 instead of httpx"
            yield message, "See which of the two this handler is meant for."
        for twin, names in self.wider.items():
            every = "timeout" if twin == "APITimeoutError" else "error of the connection, every timeout too"
            message = f"what waits for {', '.join(names)} meets every {every}: for an interaction they are all {twin}"
            yield message, "Accept with --review if all of them are to be handled like this."

    def takes_from(self, later: Caught) -> bool:
        """Whether errors that ``later`` waits for are caught here once the missing classes are added."""
        if "APIConnectionError" in self.wider:
            return bool(later.http)
        return "APITimeoutError" in self.wider and not later.http <= frozenset(_OF_CONNECTIONS)

    @property
    def missing(self) -> list[str]:
        """The classes to add, so that the errors of an interaction are caught too."""
        wanted = list(dict.fromkeys(_TWINS[name] for name in sorted(self.http) if name in _TWINS))
        if self.legacy & {"APIError", "ClientError"}:
            wanted.append(STATUS)
        elif "ServerError" in self.legacy:
            wanted.append(SERVER)
        if "APIConnectionError" in wanted and "APITimeoutError" in wanted:
            wanted.remove("APITimeoutError")
        return [name for name in wanted if not self.present & {name, *_COVERED_BY[name]}]


def caught(facts: Facts, node: cst.BaseExpression) -> Caught:
    """What ``node`` names, a tuple behind a name included."""
    holder = _holder(facts, node)
    elements = tuple(element.value for element in holder.elements) if isinstance(holder, cst.Tuple) else (holder,)
    paths = [facts.names.path(element) for element in elements]
    return Caught(
        holder,
        elements,
        frozenset(path.removeprefix(_LEGACY) for path in paths if path.startswith(_LEGACY) and "(" not in path),
        frozenset(name for path in paths if (name := _http(path))),
        frozenset(name for element in elements if (name := interaction(facts, element))),
        any(is_builtin(facts, element, "Exception", "BaseException") for element in elements),
        tuple(element for element in elements if not _is_class(facts, element)),
    )


def _is_class(facts: Facts, node: cst.BaseExpression) -> bool:
    """Whether ``node`` is one class by what it is or how it is spelt; a constant may hold any of them."""
    match node:
        case cst.Name(value=name) | cst.Attribute(attr=cst.Name(value=name)):
            if _CLASS.match(name) or facts.names.path(node).partition(".")[0] in sys.stdlib_module_names:
                return True
            found = facts.scopes.definitions(node) if isinstance(node, cst.Name) else frozenset()
            return bool(found) and all(each.kind is Kind.PARAMETER for each in found)  # what is passed is looked at
    return False


def _holder(facts: Facts, node: cst.BaseExpression) -> cst.BaseExpression:
    if isinstance(node, (cst.Name, cst.Attribute)):
        binding = binding_of(facts, node)
        if binding is not None and len(binding.values) == 1 and isinstance(binding.values[0], cst.Tuple):
            return binding.values[0]
    return node


def _http(path: str) -> str:
    package, _, name = path.partition(".")
    if package not in ("httpx", "httpx2") or "." in name or "(" in name or name == "HTTPStatusError":
        return ""
    return name if name in _TWINS or name.endswith("Error") else ""


def interaction(facts: Facts, node: cst.BaseExpression) -> str:
    """The class of an interaction's errors that ``node`` names, else an empty string; both imports may be tried."""
    if isinstance(node, cst.Name):
        modules = [each.module for each in facts.scopes.definitions(node) if each.kind is Kind.IMPORT]
        if modules and all(module.startswith(_PRIVATE) for module in modules):
            return modules[0].rpartition(".")[2]
    path = facts.names.path(node)
    return path.rpartition(".")[2] if path.startswith(_PRIVATE) else ""


def is_builtin(facts: Facts, node: cst.CSTNode, *names: str) -> bool:
    """Whether ``node`` is one of the builtins called ``names``."""
    return isinstance(node, cst.Name) and node.value in names and not facts.scopes.definitions(node)


# Writing -------------------------------------------------------------------------------------------------------------


def widened(facts: Facts, types: Caught, names: list[str]) -> dict[cst.CSTNode, Edit]:
    """The edit that adds the classes ``names`` where ``types`` are written; a tuple keeps its lines."""
    holder = types.holder
    if isinstance(holder, cst.Tuple) and "\n" in facts.module.source(holder):
        last = types.elements[-1]
        return {last: Replace(Concat((Carried(last), Text(", "), _joined(_added(names)))))}
    docs = [*(Carried(each) for each in types.elements), *_added(names)]
    if isinstance(facts.module.parent(holder), cst.Arg):
        return {holder: Replace(in_one_line(docs))}
    return {holder: Replace(Group("(", tuple(Item(doc) for doc in docs), ")"))}


def listed(types: Caught) -> dict[cst.CSTNode, Edit]:
    """As ``widened``, for a function that takes one class after the other."""
    if isinstance(types.holder, cst.Tuple):
        return {}
    return {types.holder: Replace(_joined([Carried(types.holder), *_added(types.missing)]))}


def _added(names: list[str]) -> list[Doc]:
    return [Text(f"{ALIAS}.{name}") for name in names]


def _joined(docs: list[Doc]) -> Concat:
    parts: list[Doc] = []
    for doc in docs:
        parts += [Text(", "), doc] if parts else [doc]
    return Concat(tuple(parts))


def in_one_line(docs: list[Doc]) -> Concat:
    """A tuple that no line is broken for."""
    return Concat((Text("("), _joined(docs), Text(")")))


def helper(facts: Facts, needs: Needs, name: str, argument: cst.BaseExpression) -> Concat:
    """A call of one of the helper functions, defined where it is missing. UnnamedError where its name is taken."""
    taken = [each for scope in _scopes(facts, argument) for each in scope.get(f"_{name}", [])]
    if any(not is_definition(name, facts.module.source(each.node)) for each in taken):
        raise UnnamedError(f"the name _{name} is taken in this file")
    needs.helpers.add(name)
    return Concat((Text(f"_{name}("), Carried(argument), Text(")")))


def imported(facts: Facts, needs: Needs, node: cst.CSTNode) -> dict[cst.CSTNode, Edit]:
    """What makes ``interactions_errors`` visible at ``node``: beside the SDK's import, under the same conditions.

    UnnamedError where the name is taken, or nothing of google.genai is imported.
    """
    visible = list(_scopes(facts, node))
    for scope in visible:
        taken = scope.get(ALIAS, [])
        if taken and all(each.module == f"{PACKAGE}.{MODULE}" for each in taken):
            return {}
        if taken:
            raise UnnamedError(f"the name {ALIAS} is taken in this file")
    statements = [[facts.module.statement(each.node) for each in _imports(scope)] for scope in visible]
    if any(facts.module.parent(each) is facts.module.tree for each in statements[-1]):
        needs.aliases.add((PACKAGE, MODULE, ALIAS))
        return {}
    for found in statements:
        for statement in reversed(found):
            if _is_in_block(facts, statement):
                return {_last_of_run(facts, statement): Behind(f"from {PACKAGE} import {MODULE} as {ALIAS}")}
    raise UnnamedError("nothing of google.genai is imported here")


def _scopes(facts: Facts, node: cst.CSTNode) -> Iterator[dict[str, list[Definition]]]:
    scope = facts.scopes.at(node)
    yield scope.definitions
    while scope.outer is not None:
        scope = scope.outer
        if not scope.is_class:
            yield scope.definitions


def _imports(scope: dict[str, list[Definition]]) -> Iterator[Definition]:
    for found in scope.values():
        yield from (each for each in found if each.kind is Kind.IMPORT and _is_of_sdk(each))


def _is_of_sdk(definition: Definition) -> bool:
    spelt = dotted(definition.node.name) if isinstance(definition.node, cst.ImportAlias) else ""
    return f"{definition.module}.".startswith("google.genai.") or spelt.startswith("google.genai")


def _is_in_block(facts: Facts, statement: cst.CSTNode) -> bool:
    condition = facts.module.enclosing(statement, cst.If)
    only_for_types = condition is not None and "TYPE_CHECKING" in facts.module.source(condition.test)
    return isinstance(facts.module.parent(statement), cst.IndentedBlock) and not only_for_types


def _last_of_run(facts: Facts, statement: cst.CSTNode) -> cst.CSTNode:
    """The last of the imports that follow one another in a block."""
    block = facts.module.parent(statement)
    assert isinstance(block, cst.IndentedBlock)
    following = list(block.body)[list(block.body).index(statement) :]  # type: ignore[arg-type]
    for each in following:
        match each:
            case cst.SimpleStatementLine(body=[cst.Import() | cst.ImportFrom(), *_]):
                statement = each
            case _:
                break
    return statement
