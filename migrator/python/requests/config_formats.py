"""The format of the answer, which a configuration is told by several fields, and after it was made.

All of them become one ``response_format``. Assignments in one block become one; others add to what is there, in forms
that mean the same whatever conditions stand around them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

import libcst as cst

from migrator import ir
from migrator.diagnostics import Settled
from migrator.plan import Planned, plan_config
from migrator.planning.derived import all_fields
from migrator.planning.formats import GROUP, JSON
from migrator.planning.rows import known_name
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import Definition
from migrator.python.evidence.values import Facts, is_steady_test
from migrator.python.requests.bindings import Binding, is_only_assignment
from migrator.python.requests.workspace import CONFIG, Workspace
from migrator.python.writing.edits import Remove, Replace
from migrator.python.writing.layout import Carried, Concat, Text
from migrator.records import dataclass

MIME, SCHEMA, JSON_SCHEMA = "response_mime_type", "response_schema", "response_json_schema"


class Assigned(Protocol):
    """An assignment to a field of a configuration."""

    @property
    def read(self) -> cst.BaseExpression:
        """The name of the configuration."""

    @property
    def target(self) -> cst.BaseExpression:
        """What is assigned to."""

    @property
    def made(self) -> cst.BaseExpression:
        """The code of the value."""

    @property
    def assignment(self) -> cst.Assign:
        """The whole of it."""

    @property
    def field(self) -> ir.Field:
        """The field that it gives."""

    @property
    def name(self) -> str:
        """The name of the field."""


@dataclass(frozen=True, slots=True)
class Formats:
    """Writes what one configuration is told about the format; ``made`` is all that it may have been made with."""

    space: Workspace
    binding: Binding
    made: tuple[ir.Value, ...]
    changed: frozenset[cst.CSTNode]  # the reads where any field is given to it
    shared: bool  # whether what is inside of it may be another configuration's too

    def write(self, changes: Sequence[Assigned]) -> None:
        """All changes of the format, or a refusal at each of them."""
        told = self._told_before()
        names = {change.name for change in changes} | {field.name for field in told}
        self._parsed_by(changes, told)
        if len(names) == 1:
            for change in changes:
                self._put(change, self._whole(change.field))
        elif names in ({MIME, SCHEMA}, {MIME, JSON_SCHEMA}) and self._is_json(changes, told):
            self._write_both(changes, told)
        else:
            for change in changes:
                self._refuse(change)

    def _told_before(self) -> list[ir.Field]:
        """What the configuration says of the format when it is made, None left out."""
        records = [each for value in self.made for each in ir.walk(value) if isinstance(each, ir.Record)]
        fields = [
            (known_name(self.space.facts.maps, CONFIG, field.name), field)
            for each in records
            for field in all_fields(each)
        ]
        return [
            ir.Field(name, field.value, field.origin)
            for name, field in fields
            if name in GROUP and not _is_none(field.value)
        ]

    def _is_json(self, changes: Sequence[Assigned], told: list[ir.Field]) -> bool:
        """Whether the MIME type is JSON wherever it is seen to be said; it may go together with the schema."""
        pairs = self._pairs(changes)
        gone = [each.read for each in changes if _is_none(each.field.value) and each.read in pairs]
        ends = {read for read in gone if _is_none(pairs[read].field.value)}
        mimes = [*told, *(each.field for each in changes if each.read not in ends)]
        return all(_may_be_json(field.value) for field in mimes if field.name == MIME)

    # One dict from several fields ----------------------------------------------------------------------------------

    def _write_both(self, changes: Sequence[Assigned], told: list[ir.Field]) -> None:
        """A MIME type, which is JSON wherever it is said, and a schema."""
        q = self.space.renderer.quote
        text = f"{q}type{q}: {q}text{q}"
        pairs = self._pairs(changes)
        for change in changes:
            partner = pairs.get(change.read)
            if partner is not None and change.name == MIME:
                self.space.draft.edits[self.space.facts.module.statement(change.assignment)] = Remove()
            elif partner is not None:
                self._put_both(change, partner)
            elif change.name == MIME and self._is_first(change, changes, told):
                self._put(change, self._whole(change.field))
            elif change.name == MIME:
                self._put(
                    change, Planned(change.field.value), f".setdefault({q}response_format{q}, {{{text}}})", "mime_type"
                )
            elif self.shared and len(told) == 1 and isinstance(told[0].value, ir.Literal):
                self._put(change, self._whole(told[0], change.field))
            elif self._has_format(told) or any(self._precedes(each, change) for each in changes):
                self._put(change, self._schema(change), f"[{q}response_format{q}]", "schema")
            elif self._is_given(change):
                message = f"{change.name}: JSON is asked for with it, also where response_mime_type was not given"
                self.space.draft.ask("MG102", message, change.target)
                made = f"{{{text}, {q}mime_type{q}: {q}{JSON}{q}}}"
                self._put(change, self._schema(change), f".setdefault({q}response_format{q}, {made})", "schema")
            else:
                self._refuse(change)

    def _put_both(self, schema: Assigned, mime: Assigned) -> None:
        if _is_none(mime.field.value):
            q = self.space.renderer.quote
            parts = (Carried(schema.read), Text(f".pop({q}response_format{q}, None)"))
            self.space.draft.edits[schema.assignment] = Replace(Concat(parts))
        else:
            self._put(schema, self._whole(mime.field, schema.field))

    def _has_format(self, told: list[ir.Field]) -> bool:
        """Whether the configuration is made with a format, whatever happens."""
        return len(self.made) == 1 and isinstance(self.made[0], ir.Record) and any(each.name == MIME for each in told)

    def _pairs(self, changes: Sequence[Assigned]) -> dict[cst.BaseExpression, Assigned]:
        """The MIME type and the schema that one block assigns, with nothing between that looks at the configuration."""
        found: dict[cst.BaseExpression, Assigned] = {}
        for one, other in pairwise(changes):
            different = MIME in (one.name, other.name) and one.name != other.name
            if one.read not in found and different and self._are_together(one, other):
                found |= {one.read: other, other.read: one}
        return found

    def _are_together(self, one: Assigned, other: Assigned) -> bool:
        module = self.space.facts.module
        statements = [module.statement(each.assignment) for each in (one, other)]
        if module.parent(statements[0]) is not module.parent(statements[1]):
            return False
        if not all(is_only_assignment(self.space.facts, each) for each in statements):
            return False
        first, last = sorted(module.order(each.read) for each in (one, other))
        between = {read for read in self.binding.reads if first < module.order(read) < last}
        return between <= self.changed and not any(self._leaves(each) for each in self._statements_between(*statements))

    def _statements_between(self, first: cst.CSTNode, last: cst.CSTNode) -> list[cst.CSTNode]:
        block = self.space.facts.module.parent(first)
        body: list[cst.CSTNode] = list(block.body) if isinstance(block, (cst.IndentedBlock, cst.Module)) else []
        start, end = sorted((body.index(first), body.index(last)))
        return body[start + 1 : end]

    def _leaves(self, statement: cst.CSTNode) -> bool:
        """Whether the second assignment may not be reached after the first."""
        return not isinstance(statement, cst.SimpleStatementLine) or any(
            not isinstance(each, (cst.Assign, cst.AnnAssign)) for each in statement.body
        )

    def _is_first(self, change: Assigned, changes: Sequence[Assigned], told: list[ir.Field]) -> bool:
        """Whether no schema can have been given before the MIME type is."""
        module, scopes = self.space.facts.module, self.space.facts.scopes
        looped = any(isinstance(each, (cst.For, cst.While)) for each in module.ancestors(change.assignment))
        homes = {definition.scope for definition in self.binding.definitions}
        if homes != {scopes.at(change.read)}:
            return False  # it outlives the function, and with it what an earlier run has given
        schemas = [each for each in changes if each.name != MIME]
        later = all(
            scopes.at(each.read) is scopes.at(change.read) and module.order(each.read) > module.order(change.read)
            for each in schemas
        )
        return later and not looped and all(each.name == MIME for each in told)

    def _precedes(self, mime: Assigned, schema: Assigned) -> bool:
        """Whether the MIME type was given wherever the schema is."""
        module, scopes = self.space.facts.module, self.space.facts.scopes
        if mime.name != MIME or scopes.at(mime.read) is not scopes.at(schema.read):
            return False
        if module.order(mime.read) > module.order(schema.read):
            return False
        block = module.parent(module.statement(mime.assignment))
        condition = module.parent(block) if block is not None else None
        around = list(module.ancestors(schema.assignment))
        if block in around:
            return True
        beside = condition is not None and module.parent(condition)
        others = [each for each in around if isinstance(each, cst.If) and module.parent(each) is beside]
        return isinstance(condition, cst.If) and any(self._follows(condition, other) for other in others)

    def _follows(self, condition: cst.If, other: cst.If) -> bool:
        """Whether ``condition`` holds wherever ``other``, which stands in the same block behind it, holds."""
        facts = self.space.facts
        wanted = facts.module.source(other.test)
        if not is_steady_test(other.test) or condition is other:
            return False
        return any(
            facts.module.source(side) == wanted and _names(facts, side) == _names(facts, other.test)
            for side in _alternatives(condition.test)
        )

    def _is_given(self, change: Assigned) -> bool:
        """Whether the schema cannot be None, which would not have asked for JSON."""
        match change.field.value:
            case ir.Record() | ir.Sequence():
                return True
            case ir.Opaque(type="type", origin=cst.Name() as name) if self._is_class(name):
                return True
        module, source = self.space.facts.module, self.space.facts.module.source(change.made)
        asked = conditions(module, change.assignment)
        return any(says_there(module, test, source, holds=holds) for test, holds in asked)

    def _is_class(self, name: cst.Name) -> bool:
        return isinstance(self.space.facts.names.function(name), cst.ClassDef)

    # Planning and writing ------------------------------------------------------------------------------------------

    def _whole(self, *fields: ir.Field) -> Planned:
        """The ``response_format`` that ``fields`` make together, or None where they ask for none."""
        result = plan_config(ir.Record(CONFIG, fields), self.space.context)
        match result.value:
            case ir.Record(fields=(ir.Field(name="response_format", value=value),)):
                return replace(result, value=value)
            case ir.Record():
                return replace(result, value=ir.Literal(None))
        return result

    def _schema(self, change: Assigned) -> Planned:
        """The schema alone, as it stands inside of a ``response_format``."""
        result = self._whole(ir.Field(MIME, ir.Literal(JSON)), change.field)
        match result.value:
            case ir.Record() as entry:
                return replace(result, value=entry.get("schema") or ir.Literal(None))
        return result

    def _put(self, change: Assigned, planned: Planned, holder: str = "", member: str = "response_format") -> None:
        """The change as an assignment to a ``member`` of what ``holder`` gives of the configuration."""
        self.space.note(planned)
        if planned.value is None:
            return  # a diagnostic says why it is refused
        if len(change.assignment.targets) > 1 or (self.shared and holder):
            self._refuse(change)
            return
        q = self.space.renderer.quote
        shown = self.space.renderer.keeping(self.space.renderer.value(planned.value), change.made)
        parts = (Carried(change.read), Text(f"{holder}[{q}{member}{q}] = "), shown)
        self.space.draft.edits[change.assignment] = Replace(Concat(parts))

    def _parsed_by(self, changes: Sequence[Assigned], told: list[ir.Field]) -> None:
        """What the text of the reply is parsed with: known only where one schema is given, and surely before."""
        schemas = [change for change in changes if change.name in (SCHEMA, JSON_SCHEMA)]
        if not schemas:
            return
        module, call = self.space.facts.module, self.space.draft.site.call
        self.space.draft.schemas = {"": None}
        only, *others = schemas
        block = module.parent(module.statement(only.assignment))
        surely = module.order(only.read) < module.order(call) and block in list(module.ancestors(call))
        if surely and not others and not any(field.name in (SCHEMA, JSON_SCHEMA) for field in told):
            self.space.draft.schemas = {}
            self.space.parse_by(only.made)

    def _refuse(self, change: Assigned) -> None:
        message = f"{self.binding.label}.{change.name} is changed after it was made, and becomes more than one key"
        advice = "Give the value where the configuration is made."
        self.space.draft.refuse("MG106", message, change.target, advice, Settled.BY_THE_RUN)


def _alternatives(test: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The conditions each of which is enough for ``test``."""
    match test:
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=right):
            yield from _alternatives(left)
            yield from _alternatives(right)
        case _:
            yield test


def _names(facts: Facts, node: cst.BaseExpression) -> list[frozenset[Definition]]:
    """Where the names in ``node`` got their values."""
    return [frozenset(facts.scopes.definitions(each)) for each in descendants(node) if isinstance(each, cst.Name)]


def _is_none(value: ir.Value) -> bool:
    return isinstance(value, ir.Literal) and value.value is None


def _may_be_json(value: ir.Value) -> bool:
    match value:
        case ir.Literal(value=name):
            return name == JSON
    return isinstance(value, ir.Opaque)
