"""Settings that callers decide: ``def ask(prompt, **settings)`` puts them into its configuration.

Where every caller shows, each gives the settings of an interaction instead, and the function splats those.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator import ir
from migrator.diagnostics import Settled
from migrator.plan import plan_config
from migrator.python.evidence.scopes import Definition, Kind, dotted
from migrator.python.evidence.values import Place, Reader
from migrator.python.requests.bindings import Binding
from migrator.python.requests.workspace import CONFIG, Workspace
from migrator.python.writing.edits import Replace
from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Gathered:
    """Reads the ``**`` parameters that one site's configuration is made of."""

    space: Workspace
    reader: Reader

    def read(self, node: cst.BaseExpression, place: Place) -> ir.Opaque | None:
        """The settings that the callers give, which each of them spells anew; None where one does not show."""
        found = self._parameter(node)
        if found is None:
            return None
        definition, function = found
        calls = self._calls(function)
        given = [(call, fields) for call in calls or () if (fields := self._given(call, function)) is not None]
        if not given or calls is None or len(given) < len(calls):
            return None
        records = [
            ir.Record("dict", tuple(self._field(each, place) for each in fields), call) for call, fields in given
        ]
        for (call, _), record in zip(given, records, strict=True):
            self._write(call, record, function)
        reads = tuple(self.space.facts.scopes.reads(definition))
        self.space.claim(Binding(definition, definition.name, (), reads, (definition,)), node)
        return ir.Opaque(node, ir.PLANNED, repeatable=True, was=tuple(records))

    # The callers ---------------------------------------------------------------------------------------------------

    def _parameter(self, node: cst.BaseExpression) -> tuple[Definition, cst.FunctionDef] | None:
        """The ``**`` parameter that ``node`` names, of a function that nobody outside of the file calls."""
        facts = self.space.facts
        found = list(facts.scopes.definitions(node)) if isinstance(node, cst.Name) else []
        match found:
            case [Definition(kind=Kind.PARAMETER, annotation=annotation) as definition]:
                function = definition.scope.node
            case _:
                return None
        if not isinstance(function, cst.FunctionDef) or function.params.star_kwarg is not definition.node:
            return None
        if annotation is not None and facts.module.source(annotation) not in ("Any", "typing.Any"):
            return None
        name = function.name.value
        nested = facts.module.enclosing(function, cst.FunctionDef) is not None
        private = name.startswith("_") and not name.endswith("__")
        return (definition, function) if private or nested or facts.alone else None

    def _calls(self, function: cst.FunctionDef) -> list[cst.Call] | None:
        """All calls of the function; None where one may be of another function too, or is not written as a call."""
        names, module = self.space.facts.names, self.space.facts.module
        calls = names.callers(function)
        others = [
            each
            for each in module.nodes(cst.FunctionDef)
            if each is not function and each.name.value == function.name.value
        ]
        if calls is None or any(module.parent(call) is None or not dotted(call.func) for call in calls):
            return None
        return None if any(call in names.calls_of(each) for each in others for call in calls) else calls

    def _given(self, call: cst.Call, function: cst.FunctionDef) -> list[cst.Arg] | None:
        """The arguments that no other parameter takes; None where they do not show."""
        if any(argument.star for argument in call.args):
            return None
        named = set(_named(function))
        return [each for each in call.args if each.keyword is not None and each.keyword.value not in named]

    def _field(self, argument: cst.Arg, place: Place) -> ir.Field:
        assert argument.keyword is not None
        name = argument.keyword.value
        kind = self.space.facts.maps.types.get(CONFIG, {}).get(name, "")
        return ir.Field(name, self.reader.read(argument.value, place.field(name, kind)), argument)

    # Writing -------------------------------------------------------------------------------------------------------

    def _write(self, call: cst.Call, record: ir.Record, function: cst.FunctionDef) -> None:
        """Let the caller give the settings of an interaction."""
        self.space.remember(record)
        result = plan_config(record, self.space.context)
        self.space.note(result)
        if not isinstance(result.value, ir.Record):
            return  # a diagnostic says why it is refused
        taken = {field.name for field in result.value.fields} & {*_named(function), "model", "input", "store"}
        for name in sorted(taken):
            message = f"{function.name.value} has a parameter called {name}, which is the name of a new setting"
            self.space.draft.refuse("MG111", message, call, settled=Settled.BY_THE_RUN)
        if self.space.ledger.written.setdefault(call, result.value) != result.value:
            line = self.space.facts.module.position(call)[0]
            self.space.draft.refuse("MG303", f"what line {line} makes is needed in two forms", call)
        if not _are_same(record, result.value):
            self.space.draft.edits[call] = Replace(self.space.renderer.passing(call, record, result.value.fields))


def _named(function: cst.FunctionDef) -> Iterator[str]:
    params = function.params
    for each in (*params.posonly_params, *params.params, *params.kwonly_params):
        yield each.name.value


def _are_same(record: ir.Record, planned: ir.Record) -> bool:
    """Whether the caller's arguments are what the new call takes."""
    before = [(field.name, field.value) for field in record.fields]
    return before == [(field.name, field.value) for field in planned.fields]
