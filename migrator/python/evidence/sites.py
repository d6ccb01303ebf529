"""Call sites: where the legacy API is called, directly or by a method that is handed on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from migrator.python.evidence.functions import THREADS, argument_of
from migrator.python.evidence.module import descendants
from migrator.python.evidence.names import CLIENT, Entity, Instance, Resolved
from migrator.python.evidence.scopes import Definition, Kind, dotted
from migrator.python.evidence.values import TYPES, Facts
from migrator.records import dataclass

_METHODS = {
    "models.generate_content": "generate_content",
    "models.generate_content_stream": "generate_content_stream",
    "chats.create": "chats.create",
}
RUNNERS = THREADS | {"functools.partial", "concurrent.futures.ThreadPoolExecutor().submit"}
"""What is given a function and the arguments that it is to be called with, now or later."""

_RUNNERS = RUNNERS | {"asgiref.sync.sync_to_async"}


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """One legacy call: ``call`` is what is evaluated, ``method`` the expression that names the legacy method.

    ``arguments`` are the method's own arguments, also where another function makes the call. ``assumed`` is set where
    the client itself is not visible.
    """

    call: cst.Call
    method: cst.BaseExpression
    operation: str
    client: Entity
    arguments: tuple[cst.Arg, ...]
    assumed: bool = False
    handed_to: str = ""  # the function that makes the call, where the method is handed on


@dataclass(frozen=True, slots=True)
class LostSite:
    """A legacy method that is used in a way that cannot be followed."""

    node: cst.CSTNode
    operation: str
    reason: str
    code: str = "MG304"


@dataclass(frozen=True, slots=True)
class Named:
    """A legacy method by name: which one, of which client, and whether that client is only assumed."""

    operation: str
    client: Entity
    assumed: bool = False


def find(facts: Facts) -> tuple[list[CallSite], list[LostSite]]:
    """The call sites of a module in source order, and the uses of a legacy method that are no visible call."""
    sites: list[CallSite] = []
    lost: list[LostSite] = []
    for node in descendants(facts.module.tree):
        if not isinstance(node, (cst.Attribute, cst.Name)) or not _may_name_method(facts, node):
            continue
        found = _method(facts, node)
        match found:
            case None:
                continue
            case str():
                if isinstance(facts.module.parent(node), cst.Call):
                    lost.append(LostSite(node, "generate_content", found, "MG301"))
                continue
        site = _site(facts, node, found)
        match site:
            case CallSite():
                sites.append(site)
            case LostSite():
                lost.append(site)
    return sites, lost


def _may_name_method(facts: Facts, node: cst.Attribute | cst.Name) -> bool:
    if isinstance(node, cst.Attribute):
        return node.attr.value in ("generate_content", "generate_content_stream", "create")
    parent = facts.module.parent(node)
    called = isinstance(parent, (cst.Call, cst.Arg)) and bool(facts.scopes.definitions(node))
    return called and not _is_relayed(facts, node)


def _is_relayed(facts: Facts, node: cst.Name) -> bool:
    """Whether ``node`` is a parameter that is called with ``**kwargs``: the call is where the method is handed in."""
    for definition in facts.scopes.definitions(node):
        function = definition.scope.node
        if definition.kind is Kind.PARAMETER and isinstance(function, cst.FunctionDef):
            star = function.params.star_kwarg
            return star is not None and _passes_kwargs(facts, node, star.name.value)
    return False


def uses_sdk(facts: Facts) -> bool:
    """Whether a module imports anything of google-genai."""
    return any(
        definition.kind is Kind.IMPORT and definition.module.startswith("google.genai")
        for scope in facts.scopes.scope_of.values()
        for definitions in scope.definitions.values()
        for definition in definitions
    )


def _method(facts: Facts, node: cst.Attribute | cst.Name) -> Named | str | None:
    """What ``node`` names; a reason where it may be a legacy method, which is not certain; None for anything else."""
    found = facts.names.resolve(node)
    operation = _operation(found)
    if operation is not None and isinstance(found, Entity):
        return Named(operation, found)
    if found is not None and not isinstance(found, Entity):
        return None
    if isinstance(node, cst.Name):
        mixed = any(_operation(each) for each in facts.names.possibilities(node))
        return f"what {node.value} stands for is not visible" if mixed else None
    if not _looks_like_a_call(facts, node) or not uses_sdk(facts):
        return None
    return _assumed(facts, node, found)


def _assumed(facts: Facts, node: cst.Attribute, found: Entity | None) -> Named | str | None:
    """A call of the SDK's shape whose receiver is not visible: a client, unless something speaks against it."""
    if found is not None and not found.path.startswith((".", "typing.Any")) and _is_library(found.path):
        return None
    match node:
        case cst.Attribute(
            value=cst.Attribute(value=client, attr=cst.Name(value="models" | "chats" as group)) as whole
        ):
            if (group == "chats") is not (node.attr.value == "create"):
                return None
            candidates = facts.names.possibilities(client)
            others = [each for each in candidates if each is not None and not _is_client(each)]
            if others and any(each is not None and _is_client(each) for each in candidates):
                return f"{facts.module.source(client)} may also be something else than a google-genai client"
            if any(_is_derived(facts, each) for each in others):
                return f"the class of {facts.module.source(client)} changes what a google-genai client does"
            if others and all(isinstance(each, Instance) for each in others):
                return _taken_from_another(facts, whole, group)
            if isinstance(facts.names.function(client), cst.ClassDef):
                return None  # a class of this file, which has what is called here
            operation = "chats.create" if group == "chats" else node.attr.value
            return Named(operation, Entity(CLIENT), assumed=not _is_shown_to_be_one(facts, node, client))
        case cst.Attribute(value=cst.Name() as holder) if _is_made_from_a_client(facts, holder):
            return f"what {holder.value} stands for is not visible"
    return None


def _taken_from_another(facts: Facts, holder: cst.Attribute, group: str) -> str | None:
    """Why a class of this file may have a client's methods all the same: ``self.models = client.models``."""
    owner = facts.names.class_of(holder.value)
    held = facts.names.held(owner, group) if owner is not None else []
    taken = any(isinstance(each, cst.Attribute) and each.attr.value == group for each in held)
    return f"what {facts.module.source(holder)} stands for is not visible" if taken else None


def _is_shown_to_be_one(facts: Facts, method: cst.Attribute, client: cst.BaseExpression) -> bool:
    """Whether this client, here or at another call, is given objects of the SDK's types, as no other library is."""
    return any(
        _is_same(facts, client, other) and _takes_types(facts, node)
        for node in (method, *facts.module.attributes(method.attr.value))
        if isinstance(node.value, cst.Attribute)
        for other in (_without_aio(node.value.value),)
    )


def _without_aio(client: cst.BaseExpression) -> cst.BaseExpression:
    match client:
        case cst.Attribute(value=inner, attr=cst.Name(value="aio")):
            return inner
    return client


def _is_same(facts: Facts, client: cst.BaseExpression, other: cst.BaseExpression) -> bool:
    """Whether two expressions are the same variable, or the same attribute of one class."""
    client = _without_aio(client)
    if client is other:
        return True
    match client, other:
        case cst.Name(), cst.Name():
            found = facts.scopes.definitions(client)
            return bool(found) and found == facts.scopes.definitions(other)
        case cst.Attribute(value=cst.Name()), cst.Attribute(value=cst.Name()):
            home = facts.module.enclosing(client, cst.ClassDef)
            alike = facts.module.source(client) == facts.module.source(other)
            return home is not None and alike and facts.module.enclosing(other, cst.ClassDef) is home
    return False


def _takes_types(facts: Facts, method: cst.Attribute) -> bool:
    call = facts.module.enclosing(method, cst.Call)
    given = [argument.value for argument in call.args] if call is not None else []
    return any(
        facts.kinds.of(node).startswith(TYPES)
        for value in (
            *given,
            *(each for name in given if isinstance(name, cst.Name) for each in _put_into(facts, name)),
        )
        for node in (value, *descendants(value))
        if isinstance(node, (cst.Call, cst.Name))
    )


def _put_into(facts: Facts, name: cst.Name) -> Iterator[cst.BaseExpression]:
    """What a name is made of: what it is assigned, and what is appended to it."""
    for definition in facts.scopes.definitions(name):
        if definition.value is not None:
            yield definition.value
        for read in facts.scopes.reads(definition):
            method = facts.module.parent(read)
            call = facts.module.parent(method) if method is not None else None
            match method, call:
                case cst.Attribute(attr=cst.Name(value="append" | "extend")), cst.Call(args=[cst.Arg(value=added)]):
                    yield added


def _operation(found: Resolved | None) -> str | None:
    if not isinstance(found, Entity) or not found.path.startswith(CLIENT):
        return None
    return _METHODS.get(found.path.removeprefix(f"{CLIENT}.").removeprefix("aio."))


def _is_client(found: Resolved) -> bool:
    return isinstance(found, Entity) and found.path.startswith(CLIENT)


def _is_derived(facts: Facts, found: Resolved) -> bool:
    """Whether ``found`` is an instance of a class of this file that inherits from the SDK's client."""
    bases = found.of.bases if isinstance(found, Instance) else ()
    return any(facts.names.path(base.value) == CLIENT.removesuffix("()") for base in bases)


def _is_made_from_a_client(facts: Facts, name: cst.Name) -> bool:
    values = [each.value for each in facts.scopes.definitions(name) if each.value is not None]
    inside = [node for value in values for node in descendants(value) if isinstance(node, (cst.Name, cst.Attribute))]
    return any(facts.names.path(node).startswith(CLIENT) for node in inside)


def _is_library(path: str) -> bool:
    return path.split(".", maxsplit=1)[0] in (
        "unittest",
        "google",
        "vertexai",
        "litellm",
        "mock",
        "pytest",
        "openai",
        "anthropic",
    )


def _looks_like_a_call(facts: Facts, node: cst.Attribute) -> bool:
    """Whether ``node`` is called with the keywords of the SDK's method and no others."""
    call = facts.module.parent(node)
    if isinstance(call, cst.Arg):
        runner = facts.module.parent(call)
        runs = isinstance(runner, cst.Call) and facts.names.path(runner.func) in _RUNNERS
        call = runner if runs else call
    elif isinstance(call, cst.Call) and call.func is not node:
        return False
    if not isinstance(call, cst.Call):
        return False
    keywords = {argument.keyword.value for argument in call.args if argument.keyword is not None}
    if node.attr.value == "create":
        return {"model"} <= keywords <= {"model", "config", "history"}
    return {"model", "contents"} <= keywords <= {"model", "contents", "config"}


def _site(facts: Facts, node: cst.Attribute | cst.Name, named: Named) -> CallSite | LostSite | None:
    operation, client = named.operation, named.client
    parent = facts.module.parent(node)
    match parent:
        case cst.Call(func=func, args=args) if func is node:
            return CallSite(parent, node, operation, client, tuple(args), named.assumed)
        case cst.Arg():
            handed = _handed_on(facts, node, parent, operation, client)
            return replace(handed, assumed=named.assumed) if isinstance(handed, CallSite) else handed
        case cst.AssignTarget() | cst.AnnAssign() | cst.Assign() if isinstance(node, cst.Attribute):
            lost = LostSite(node, operation, "the method is kept where its calls are not visible")
            return None if _is_alias(parent) else lost
        case cst.Attribute():
            return LostSite(node, operation, "the method object itself is used")
    unused = LostSite(node, operation, "the method is used without being called")
    return unused if isinstance(node, cst.Attribute) else None


def _is_alias(assignment: cst.CSTNode) -> bool:
    """``generate = client.models.generate_content``: its calls are sites of their own."""
    match assignment:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name())]):
            return True
    return False


def _handed_on(
    facts: Facts, node: cst.BaseExpression, argument: cst.Arg, operation: str, client: Entity
) -> CallSite | LostSite | None:
    call = facts.module.parent(argument)
    if not isinstance(call, cst.Call):
        return LostSite(node, operation, "the method is handed on in a way that is not understood")
    path = facts.names.path(call.func) or dotted(call.func)
    rest = call.args[list(call.args).index(argument) + 1 :]
    if path in _RUNNERS:
        return CallSite(call, node, operation, client, tuple(rest), handed_to=path)
    if path.endswith("run_in_executor"):
        return LostSite(node, operation, "run_in_executor hands on no keywords; use asyncio.to_thread or a lambda")
    function = facts.names.function(call.func)
    if isinstance(function, cst.FunctionDef) and _calls_through(facts, function, call, argument):
        own = tuple(
            each for each in rest if each.keyword is not None and each.keyword.value in ("model", "contents", "config")
        )
        return CallSite(call, node, operation, client, own, handed_to=function.name.value)
    return LostSite(node, operation, f"the method is handed to {path or 'a function'}, which this file does not show")


def _calls_through(facts: Facts, function: cst.FunctionDef, call: cst.Call, argument: cst.Arg) -> bool:
    """Whether ``function`` calls what ``argument`` gives it with its own ``**kwargs``, and returns the result."""
    star = function.params.star_kwarg
    if star is None:
        return False
    definitions = [
        definition
        for found in facts.scopes.own(function).definitions.values()
        for definition in found
        if definition.kind is Kind.PARAMETER
    ]
    parameter = next((each for each in definitions if _fills(facts, each, call, argument)), None)
    return parameter is not None and all(
        _passes_kwargs(facts, read, star.name.value) for read in facts.scopes.reads(parameter)
    )


def _fills(facts: Facts, parameter: Definition, call: cst.Call, argument: cst.Arg) -> bool:
    function = parameter.scope.node
    assert isinstance(function, cst.FunctionDef)
    bound = facts.names.owner(function) is not None
    return argument_of(call, function, parameter.name, bound=bound) is argument.value


def _passes_kwargs(facts: Facts, read: cst.Name, kwargs: str) -> bool:
    call = facts.module.parent(read)
    if not isinstance(call, cst.Call) or call.func is not read:
        return False
    stars = [each for each in call.args if each.star == "**" and facts.module.source(each.value) == kwargs]
    holder = facts.module.parent(call)
    while isinstance(holder, cst.Await):
        holder = facts.module.parent(holder)
    return len(stars) == 1 and (is_only_returned(facts, holder))


def is_only_returned(facts: Facts, holder: cst.CSTNode | None) -> bool:
    """Whether ``holder`` returns a value, or is ``result = …`` whose every read is ``return result``."""
    match holder:
        case cst.Return():
            return True
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name)) as assigned]):
            made = [each for each in facts.scopes.at(holder).definitions.get(name, ()) if each.node is assigned]
            reads = [read for definition in made for read in facts.scopes.reads(definition)]
            return bool(reads) and all(isinstance(facts.module.parent(read), cst.Return) for read in reads)
    return False
