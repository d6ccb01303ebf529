"""Tools: each field of a legacy ``Tool`` becomes an entry of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from migrator.diagnostics import Diagnostic, Level, Settled
from migrator.ir import (
    FRESH,
    PLANNED,
    Apply,
    Choice,
    Field,
    Function,
    Literal,
    Opaque,
    Origin,
    Record,
    Sequence,
    Spread,
    Unknown,
    Value,
    walk,
)
from migrator.planning.automatic import ADVICE, CALLED, brings_callables, is_callable, is_called
from migrator.planning.model import Feature, unknown
from migrator.planning.rows import (
    Mapped,
    Put,
    Task,
    canonical,
    clashes,
    either,
    fields_mapped,
    inside,
    nest,
)
from migrator.planning.tool_config import is_maps, position, position_fields, tool_choice

SESSIONS = ("mcp.", "fastmcp.")
MCP_ADVICE = (
    "Keep the call on generate_content, or call session.list_tools and session.call_tool in a loop of your own."
)
_DECLARED_ELSEWHERE = "a declaration that is made elsewhere becomes a tool while the program runs"
_LIST_ELSEWHERE = "declarations that are made elsewhere become tools while the program runs"
_DECLARED_ADVICE = "Accept with --review if there is a name, a description and parameters only."
_DECLARATIONS = {"", "dict", "google.genai.types.FunctionDeclaration", "something else"}
_UNSEEN_LISTS = ("", "list", "list[dict]", "list[google.genai.types.FunctionDeclaration]")
OF_THE_RUN = (
    "tools: the list shows only while the program runs, and is rewritten there: declarations of functions, Google "
    "search and pages that are read, without settings"
)
OF_ANOTHER_FILE = (
    "tools: this is taken to be a Tool, since calls are answered by hand here, and is rewritten while the program "
    "runs: declarations of functions, Google search and pages that are read, without settings"
)
UNSEEN: Final = "a tool of another file"
"""The type of an element of the tools that a file takes from elsewhere, and whose calls it answers itself."""
RUN_ADVICE = (
    "Accept with --review if there are no others; Python functions, MCP sessions and other tools raise an error now."
)
OF_UNSEEN_TOOLS = frozenset({Feature.FUNCTIONS, Feature.BUILTIN_TOOLS})
"""What tools may bring that only the run knows."""
_SOURCES = (Feature.BUILTIN_TOOLS, Feature.SOURCES)


def tools(task: Task) -> Mapped:
    """The flat list of entries; nothing where the list is empty."""
    match task.value:
        case Sequence(items=items, origin=origin):
            found = Mapped()
            for item in items:
                found = found | _tool(task.holding(item))
            said = Mapped(said=found.said, features=found.features)
            entries = tuple(put.value for put in found.puts)
            return said | _listed(task, _flat(entries, origin)) if entries else said
        case Opaque(type=type) if is_callable(task.value) or type == PLANNED:
            return _listed(task, task.value)
        case Opaque(type="") if _is_plain(task):
            return task.put(Apply(Function.TOOLS, (task.value,)), *OF_UNSEEN_TOOLS) | task.review(
                OF_THE_RUN, advice=RUN_ADVICE
            )
        case Opaque() if _brings_functions(task):
            message = "tools: the list is not visible here, and automatic_function_calling speaks of functions in it"
            return task.refuse("MG106", message)
        case Opaque():
            message = "tools: the list is not visible here, and every tool is written differently"
            return task.refuse("MG106", message, settled=Settled.BY_THE_RUN)
        case _:
            return task.refuse("MG106", "tools: expected a list of tools")


def _flat(entries: tuple[Value, ...], origin: Origin) -> Value:
    """The list of ``entries``: the one that it is made of alone, where it is made here."""
    match entries:
        case (Spread(value=Apply(function=Function.DECLARATIONS | Function.TOOLS) as whole),):
            return whole
        case (Spread(value=Opaque(type=kind, hint=hint) as whole),) if (kind, hint) == (PLANNED, FRESH):
            return whole
    return Sequence(entries, origin)


def _is_plain(task: Task) -> bool:
    """Whether nothing else of the request speaks of the functions among tools that only the run knows."""
    return task.root.get("tool_config") is None and not _brings_functions(task)


def _brings_functions(task: Task) -> bool:
    """Whether settings for calling functions say that a list that is not visible has Python functions."""
    settings = task.root.get("automatic_function_calling")
    return settings not in (None, Literal(None)) and is_called(task) is not False


def _listed(task: Task, entries: Value) -> Mapped:
    """The list at its place; Python functions in it are called by a loop, or declared where the SDK called none."""
    first = next((each for each in walk(entries) if brings_callables(each)), None)
    if first is None:
        return Mapped((Put(("tools",), entries, task.field.origin),))
    match is_called(task):
        case True:
            said = Diagnostic("MG110", Level.REVIEW, CALLED, getattr(first, "origin", None), ADVICE)
            features = frozenset({Feature.FUNCTIONS, Feature.CALLABLES})
            return Mapped((Put(("tools",), entries, task.field.origin),), (said,), features)
        case False:
            declared = Apply(Function.DECLARED, (entries,))
            return Mapped((Put(("tools",), declared, task.field.origin),), features=frozenset({Feature.FUNCTIONS}))
    message = "automatic_function_calling: whether the functions among the tools are called is not visible"
    return task.refuse("MG106", message)


def _tool(task: Task) -> Mapped:
    """The entries of one element of the list."""
    match task.value:
        case Record() as tool:
            whole, said = canonical(tool, "Tool", task.context)
            return Mapped(said=said) | fields_mapped(whole, task.root, task.context, task.handlers)
        case Choice():
            return _chosen(task)
        case Opaque(type=type, origin=origin) if type == PLANNED:
            return _placed(task, origin)
        case Opaque(type="function", origin=origin) | Spread(value=Opaque(type="list[function]"), origin=origin):
            return Mapped((Put(("tools",), task.value, origin),))
        case Opaque(type=name, origin=origin) if name.startswith(SESSIONS):
            message = "an MCP session lists and calls its tools over a connection of its own, which only the SDK does"
            return Mapped(said=(Diagnostic("MG101", Level.MANUAL, message, origin, MCP_ADVICE),))
        case Unknown() as hidden:
            return Mapped(said=unknown("tools", hidden).diagnostics)
        case Opaque(type=kind) as made if kind == UNSEEN and _is_plain(task):
            entry = Spread(Apply(Function.TOOLS, (Sequence((made,), made.origin),)), made.origin)
            taken = Diagnostic("MG102", Level.REVIEW, OF_ANOTHER_FILE, made.origin, RUN_ADVICE)
            return Mapped((Put(("tools",), entry, made.origin),), (taken,), OF_UNSEEN_TOOLS)
        case Spread(origin=origin) | Opaque(origin=origin) | Literal(origin=origin):
            message = "tools: this tool is not visible here; it may be a Tool or a function"
            return Mapped(said=(Diagnostic("MG106", Level.MANUAL, message, origin),))
        case _:
            return task.refuse("MG106", "tools: not a tool")


def _placed(task: Task, origin: Origin) -> Mapped:
    """A tool that is rewritten where it is made; the position that Google Maps asks about comes to it here."""
    assert isinstance(task.value, Opaque)
    where, said = position_fields(task) if is_maps(task.value) else ((), ())
    if not where:
        return Mapped((Put(("tools",), task.value, origin),), said)
    fields = (Field("**", Spread(task.value, origin)), *where)
    return Mapped((Put(("tools",), Record("dict", fields), origin),), said)


def _chosen(task: Task) -> Mapped:
    """A tool that depends on a condition: one entry on each side, or none at all."""
    match task.value:
        case Choice(test=test, then=then, otherwise=otherwise, origin=origin):
            sides = [_tool(task.holding(side)) for side in (then, otherwise)]
            said = Mapped(said=sides[0].said + sides[1].said, features=sides[0].features | sides[1].features)
            if any(len(side.puts) != 1 for side in sides):
                return said | task.refuse("MG106", "tools: a condition decides how many tools there are")
            values = [side.puts[0].value for side in sides]
            return said | Mapped((Put(("tools",), Choice(test, values[0], values[1], origin)),))
        case _:
            return Mapped()


# Entries ------------------------------------------------------------------------------------------------------------


def _entry(task: Task, kind: str, found: Mapped, *features: Feature, extra: tuple[Field, ...] = ()) -> Mapped:
    """An entry of type ``kind`` with what ``found`` puts into it."""
    fields = (Field("type", Literal(kind)), *nest(found.puts).fields, *extra)
    said = Mapped(said=found.said + clashes(found.puts), features=frozenset(features))
    return said | Mapped((Put(("tools",), Record("dict", fields, task.value.origin), task.field.origin),))


def _inner(task: Task) -> Mapped:
    """The settings of a tool; the bare class of its settings (``code_execution=ToolCodeExecution``) has none."""
    match task.value:
        case Opaque(type="type"):
            return Mapped()
        case Record() if not task.row.of:
            return Mapped()
        case Record():
            return inside(task)
        case _:
            return task.refuse("MG106", f"{task.row.field}: whether the tool is on, and how, is not visible here")


def builtin_tool(task: Task) -> Mapped:
    """A tool of the service that keeps its name."""
    feature = Feature.CODE_EXECUTION if task.field.name == "code_execution" else Feature.BUILTIN_TOOLS
    feature = Feature.FUNCTIONS if task.field.name == "computer_use" else feature
    features = (feature, Feature.SOURCES) if task.field.name == "file_search" else (feature,)
    return _entry(task, task.field.name, _inner(task), *features)


def search_tool(task: Task) -> Mapped:
    """The search tool of the 1.5 models."""
    return _entry(task, "google_search", _inner(task), Feature.BUILTIN_TOOLS)


def enterprise_search_tool(task: Task) -> Mapped:
    """The web search for enterprises, a kind of Google search now."""
    kinds = Field("search_types", Sequence((Literal("enterprise_web_search"),)))
    return _entry(task, "google_search", _inner(task), Feature.BUILTIN_TOOLS, extra=(kinds,))


def search_types(task: Task) -> Mapped:
    """The kinds of search that are switched on, as a list."""
    found = inside(task)
    kinds = tuple(put.value for put in found.puts)
    return Mapped(said=found.said) | task.put(Sequence(kinds, task.value.origin)) if kinds else found


def search_type(task: Task) -> Mapped:
    """One kind of search: that the field is there says it all."""
    return task.put(Literal(task.field.name))


def maps_tool(task: Task) -> Mapped:
    """Google Maps, with the position that the tool config gives."""
    position, said = position_fields(task)
    return _entry(task, "google_maps", _inner(task), *_SOURCES, extra=position) | Mapped(said=said)


def retrieval_tool(task: Task) -> Mapped:
    """A search in one's own data: the sources and their settings."""
    found = inside(task)
    kinds = {"vertex_ai_search_config": "vertex_ai_search", "rag_store_config": "rag_store"}
    types = tuple(Literal(kinds[put.path[0]]) for put in found.puts)
    listed = Put(("retrieval_types",), Sequence(types))
    return _entry(task, "retrieval", replace(found, puts=(listed, *found.puts)), *_SOURCES)


def retrieval_source(task: Task) -> Mapped:
    """One source of a retrieval."""
    found = inside(task)
    return Mapped(said=found.said + clashes(found.puts)) | task.put(nest(found.puts))


def partner_search_tool(task: Task) -> Mapped:
    """The search of a partner, a kind of retrieval now."""
    found = inside(task)
    listed = Field("retrieval_types", Sequence((Literal(task.field.name),)))
    settings = Field(f"{task.field.name}_config", nest(found.puts))
    return _entry(task, "retrieval", Mapped(said=found.said), *_SOURCES, extra=(listed, settings))


def mcp_tools(task: Task) -> Mapped:
    """MCP servers that the service calls itself, one entry each."""
    if not isinstance(task.value, Sequence):
        return task.refuse("MG106", "mcp_servers: the list is not visible here")
    found = Mapped()
    for item in task.value.items:
        one = task.holding(item)
        found = found | _entry(one, "mcp_server", inside(one), Feature.BUILTIN_TOOLS)
    return found


def function_tools(task: Task) -> Mapped:
    """Function declarations, one entry each."""
    match task.value:
        case Opaque(type=kind, origin=origin) if kind == PLANNED:
            entry = Put(("tools",), Spread(task.value, origin), task.field.origin)
            return Mapped((entry,), features=frozenset({Feature.FUNCTIONS}))
        case Opaque(type=kind) as made if kind in _UNSEEN_LISTS:
            return _unseen_functions(task, made)
    if not isinstance(task.value, Sequence):
        return task.refuse("MG106", "function_declarations: the list is not visible here")
    found = Mapped(features=frozenset({Feature.FUNCTIONS}))
    for item in task.value.items:
        found = found | _function(task.holding(item))
    return found


def _unseen_functions(task: Task, made: Opaque) -> Mapped:
    """Declarations whose list only the run knows."""
    entry = Put(("tools",), Spread(Apply(Function.DECLARATIONS, (made,), made.origin)), task.field.origin)
    said = Diagnostic("MG107", Level.REVIEW, _LIST_ELSEWHERE, made.origin, _DECLARED_ADVICE)
    return Mapped((entry,), (said,), frozenset({Feature.FUNCTIONS}))


def _function(task: Task) -> Mapped:
    match task.value:
        case Spread(value=Opaque(type=kind) as made) if kind in _UNSEEN_LISTS:
            return _unseen_functions(task, made)
        case Record():
            return _entry(task, "function", inside(task), Feature.FUNCTIONS)
        case Opaque(type=kind, origin=origin) if kind == PLANNED:
            return Mapped((Put(("tools",), task.value, origin),))
        case Opaque(type="google.genai.types.FunctionDeclaration", origin=origin) as made:
            entry = Apply(Function.DECLARATION, (made,), origin)
            return Mapped((Put(("tools",), entry, origin),), features=frozenset({Feature.FUNCTIONS}))
        case Opaque(type=kind, origin=origin) as made if _DECLARATIONS.issuperset(kind.split(" or ")):
            entry = Apply(Function.DECLARATION, (made,), origin)
            said = Diagnostic("MG107", Level.REVIEW, _DECLARED_ELSEWHERE, origin, _DECLARED_ADVICE)
            return Mapped((Put(("tools",), entry, origin),), (said,), frozenset({Feature.FUNCTIONS}))
        case value:
            message = "function_declarations: this declaration is not visible here"
            return Mapped(said=(Diagnostic("MG106", Level.MANUAL, message, value.origin),))


def lifted_tools(task: Task) -> Mapped:
    """The list of tools, or a condition between two lists."""
    return either(task, tools)


HANDLERS = {
    "tools": lifted_tools,
    "builtin_tool": builtin_tool,
    "search_tool": search_tool,
    "enterprise_search_tool": enterprise_search_tool,
    "search_types": search_types,
    "search_type": search_type,
    "maps_tool": maps_tool,
    "retrieval_tool": retrieval_tool,
    "retrieval_source": retrieval_source,
    "partner_search_tool": partner_search_tool,
    "mcp_tools": mcp_tools,
    "function_tools": function_tools,
    "tool_choice": tool_choice,
    "position": position,
}
