"""What reading one call site works with and fills: the draft, what sites share, the edits that all readers make."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import field, replace

import libcst as cst

from migrator import ir
from migrator.plan import Context, Mode, Planned, resolution_of
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import Facts
from migrator.python.replies.responses import Shape, Track
from migrator.python.requests.bindings import Binding
from migrator.python.requests.special import PICTURES, TOOLS
from migrator.python.unit import Draft
from migrator.python.writing.edits import Annotate, Remove, Replace
from migrator.python.writing.layout import Text
from migrator.python.writing.render import Renderer
from migrator.records import dataclass

CONFIG = "GenerateContentConfig"
DICT = "dict[str, Any]"
_TURN = Shape("Content")
_CUTS = tuple(
    name
    for medium in ("video", "audio", "document", "spreadsheet")
    for name in (f"{medium}_metadata", f"{medium}Metadata")
)
_STEPS = ("function_call", "function_response", "functionCall", "functionResponse")


@dataclass(slots=True)
class Ledger:
    """What several sites of a module share while they are read.

    Which reads of which bindings were understood, which values are written differently, and where the replies go.
    """

    consumed: set[cst.CSTNode] = field(default_factory=set)
    modes: dict[Hashable, Mode] = field(default_factory=dict)
    uneven: set[Hashable] = field(default_factory=set)  # bindings of histories in which a turn may be several steps
    held: dict[cst.CSTNode, ir.Opaque] = field(default_factory=dict)  # reads of what is rewritten where it is made
    written: dict[cst.CSTNode, ir.Value] = field(default_factory=dict)
    tracks: dict[CallSite, Track] = field(default_factory=dict)
    answered: dict[cst.CSTNode, str] = field(default_factory=dict)  # the function whose result a call has
    later: frozenset[tuple[cst.Call, str]] = frozenset()  # arguments of calls that are converted while the program runs
    made: frozenset[Definition | cst.SimpleString] | None = None  # names of models that change where they are made
    shapes: dict[cst.CSTNode, Shape] = field(default_factory=dict)  # of every expression that a reply reaches


@dataclass(slots=True)
class Workspace:
    """One site on the bench; ``context`` learns the media resolution as soon as the configuration is read."""

    facts: Facts
    renderer: Renderer
    context: Context
    draft: Draft
    ledger: Ledger

    def note(self, result: Planned) -> None:
        """Keep what a plan says and what it makes possible."""
        self.draft.diagnostics += result.diagnostics
        self.draft.features |= result.features

    def remember(self, config: ir.Value | None) -> None:
        """What reading the response and the media will have to know of a configuration."""
        if config is None:
            return
        found = resolution_of(config, self.context)
        self.context = replace(self.context, resolution=found or self.context.resolution)
        for record in ir.walk(config):
            if isinstance(record, ir.Record):
                names = ("response_schema", "responseSchema", "response_json_schema")
                schemas = [schema for name in names if (schema := record.get(name)) is not None]
                for schema in schemas:
                    origin = getattr(schema, "origin", None)
                    if isinstance(origin, cst.BaseExpression) and schema != ir.Literal(None, origin):
                        self.parse_by(origin)

    def parse_by(self, schema: cst.BaseExpression) -> None:
        """Keep what the answer may be parsed with; what is spelt alike is another one where its names hold others."""
        names = [node for node in descendants(schema) if isinstance(node, cst.Name)]
        held = tuple(frozenset(self.facts.scopes.definitions(name)) for name in names)
        self.draft.schemas[self.facts.module.source(schema), held] = schema

    def rewrite(self, made: cst.CSTNode, value: ir.Value) -> None:
        """Put ``value`` where its legacy form is made, with the comments that stood inside."""
        if self.ledger.written.setdefault(made, value) != value:
            line = self.facts.module.position(made)[0]
            self.draft.refuse("MG303", f"what line {line} makes is needed in two forms", self.draft.site.call)
        self.draft.edits[made] = Replace(self.renderer.keeping(self.renderer.value(value), made))

    def move(self, binding: Binding) -> ir.Origin:
        """Take the one assignment of a binding out: its value goes into the call."""
        statement = self.facts.module.statement(binding.definitions[0].node)
        self.draft.edits[statement] = Remove()
        self.draft.moved.append(binding.values[0])
        return statement

    def later(self, node: cst.CSTNode, *hints: str) -> ir.Opaque:
        """An argument that stays what it is, and is converted while the program runs."""
        parts = (part for part in (PICTURES, TOOLS) if (self.draft.site.call, part) in self.ledger.later)
        return ir.Opaque(node, ir.LATER, hint=",".join([*hints, *parts]))

    def is_models_turn(self, node: cst.CSTNode) -> bool:
        """Whether ``node`` is the content of a reply's candidate: all steps of the reply."""
        return self.ledger.shapes.get(node) == _TURN

    def claim(self, binding: Binding, read: cst.CSTNode) -> None:
        """Say that the site uses the binding by this read, and that its values are rewritten where they are made."""
        self.draft.bindings[binding.key] = binding
        self.ledger.consumed.add(read)
        if binding.outside and not self.facts.alone:
            message = f"{binding.label} is given by the callers: assumed that no other file calls {binding.outside}"
            self.draft.ask("MG306", message, read)
        returns = binding.function.returns if binding.function is not None else None
        for annotation in [*binding.annotations, *([returns.annotation] if returns is not None else [])]:
            self._annotate(annotation)

    def declare(self, binding: Binding, kind: str) -> None:
        """Say where it is assigned that a binding holds a ``kind``: a type checker would take it for less."""
        assignment = self.facts.module.parent(binding.table or binding.values[0])
        if binding.annotations or binding.function is not None or not isinstance(assignment, cst.Assign):
            return
        if len(assignment.targets) == 1:
            self.renderer.needs.names.add(("typing", "Any"))
            self.draft.edits[assignment] = Annotate(kind)

    def _annotate(self, annotation: cst.BaseExpression) -> None:
        """``types.GenerateContentConfig`` and its like inside an annotation, which is a dict now."""
        for node in descendants(annotation):
            if isinstance(node, cst.BaseExpression) and self.facts.names.path(node).startswith("google.genai.types."):
                self.renderer.needs.names.add(("typing", "Any"))
                self.draft.edits[node] = Replace(Text(DICT))


def is_turn(value: ir.Value) -> bool:
    """Whether a value is a whole turn of a conversation, not a part of one."""
    match value:
        case ir.Record(type="Content"):
            return True
        case ir.Record(type="dict"):
            return value.get("parts") is not None or value.get("role") is not None
        case ir.Opaque(type=ir.PLANNED, hint=hint):
            return hint == Mode.STEPS.value
    return False


def is_step(value: ir.Value) -> bool:
    """Whether a part is a step of its own: a call of a function, or its result."""
    match value:
        case ir.Record(type="Part" | "dict"):
            return any(value.get(name) is not None for name in _STEPS)
        case ir.Spread(value=inner):
            return is_step(inner)
        case ir.Opaque(type=ir.PLANNED, hint=hint):
            return hint == Mode.STEPS.value
        case ir.Apply(function=function):
            return function is ir.Function.RESULT
    return False


def is_cut(value: ir.Value) -> bool:
    """Whether a part says how its medium is cut: such a content stands inside of a step only."""
    match value:
        case ir.Record(type="Part" | "dict"):
            return any(value.get(name) is not None for name in _CUTS)
        case ir.Opaque(type=ir.PLANNED, hint=hint):
            return hint == Mode.PARTS.value
    return False


def is_structure(value: ir.Value) -> bool:
    """Whether a value is something that has to be written differently, not an expression to carry."""
    match value:
        case ir.Record() | ir.Sequence() | ir.Unknown():
            return True
        case ir.Choice(then=then, otherwise=otherwise):
            return is_structure(then) or is_structure(otherwise)
        case ir.Opaque(type=type):
            return type == ir.PLANNED
    return False


def field_names(values: Iterable[ir.Value]) -> set[str]:
    """The names of all fields inside, those of structures that are rewritten where they are made included."""
    names: set[str] = set()
    for value in (inner for outer in values for inner in ir.walk(outer)):
        match value:
            case ir.Record(fields=fields):
                names.update(field.name for field in fields)
            case ir.Opaque(type=ir.PLANNED, hint=hint):
                names.update(hint.split(","))
    return names
