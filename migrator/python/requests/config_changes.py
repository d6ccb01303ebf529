"""Fields that a configuration under a name is given after it was made: assignments to the keys of the new dict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import libcst as cst

from migrator import ir
from migrator.diagnostics import Settled
from migrator.plan import Planned, plan_change, plan_config
from migrator.planning.derived import INNER, Leaves, all_fields, is_derived, leaves, surely_has_inner
from migrator.planning.formats import GROUP
from migrator.planning.rows import known_name
from migrator.python.evidence.module import descendants
from migrator.python.evidence.values import Place, Reader, is_steady_test
from migrator.python.requests.bindings import Binding
from migrator.python.requests.config_formats import Formats
from migrator.python.requests.copies import is_copied, is_own
from migrator.python.requests.workspace import CONFIG, Workspace
from migrator.python.writing.comments import comments_in, comments_of
from migrator.python.writing.edits import Behind, Remove, Replace
from migrator.python.writing.layout import Carried, Concat, Text
from migrator.records import dataclass

_ELSEWHERE = ("media_resolution", "automatic_function_calling")  # what they say is written at other places
_CONVERSIONS = ("int", "float", "str", "bool")


@dataclass(frozen=True, slots=True)
class Change:
    """A field that a configuration is given after it was made: ``target = made``."""

    read: cst.BaseExpression
    target: cst.BaseExpression
    made: cst.BaseExpression
    assignment: cst.Assign
    field: ir.Field

    @property
    def name(self) -> str:
        """The name of the field."""
        return self.field.name


@dataclass(frozen=True, slots=True)
class Changes:
    """Writes the changes of one configuration; ``made`` is all that it may hold."""

    space: Workspace
    reader: Reader
    binding: Binding
    made: tuple[ir.Value, ...]

    @property
    def whole(self) -> ir.Record:
        """What it was made with."""
        return next((value for value in self.made if isinstance(value, ir.Record)), ir.Record(CONFIG, ()))

    def write(self) -> list[ir.Record]:
        """Every change of the configuration, or a refusal at the first that cannot be written; what they give it."""
        changes = [change for read in self.binding.reads if (change := self._change(read)) is not None]
        shared = [value for value in self.made if self._is_alias(value)]
        for change in changes if shared else ():
            message = f"{self.binding.label}.{change.name} is changed, and the configuration that it is made of with it"
            self.space.draft.refuse("MG106", message, change.target, "Give it a configuration of its own.")
        if shared:
            return []
        for change in changes:
            self.space.ledger.consumed.add(change.read)
            if change.name not in GROUP:
                self._put(change, changes)
        formats = [change for change in changes if change.name in GROUP]
        if formats:
            read = frozenset(change.read for change in changes)
            Formats(self.space, self.binding, tuple(records(self.made)), read, self.is_shared).write(formats)
        return [ir.Record(CONFIG, (change.field,)) for change in changes]

    def _is_alias(self, value: ir.Value) -> bool:
        """Whether a configuration is another one under a second name, which a change would change too."""
        match value:
            case ir.Choice(then=then, otherwise=otherwise):
                return self._is_alias(then) or self._is_alias(otherwise)
            case ir.Opaque(type=ir.PLANNED):
                return not is_own(self.space.facts, value)
        return False

    @property
    def is_shared(self) -> bool:
        """Whether the dicts inside of it may be those of another configuration."""
        derived = any(is_derived(record) for record in records(self.made))
        return derived or any(self._sees_changes(read) for read in self.binding.reads)

    def _sees_changes(self, read: cst.BaseExpression) -> bool:
        """Whether a read makes another configuration of this one, which may be changed after that."""
        facts = self.space.facts
        if not is_copied(facts, read):
            return False
        module, homes = facts.module, {definition.scope for definition in self.binding.definitions}
        if homes != {facts.scopes.at(read)}:
            return True
        made = module.statement(self.binding.definitions[0].node)
        around = list(module.ancestors(made))
        looped = any(isinstance(each, (cst.For, cst.While)) and each not in around for each in module.ancestors(read))
        changed = [each for each in self.binding.reads if self._change(each) is not None]
        return looped or any(
            module.order(each) > module.order(read) or facts.scopes.at(each) not in homes for each in changed
        )

    @property
    def inner(self) -> str:
        """How the inner dict of the new dict is reached."""
        q = self.space.renderer.quote
        return f"[{q}{INNER}{q}]" if self.has_inner else f".setdefault({q}{INNER}{q}, {{}})"

    @property
    def has_inner(self) -> bool:
        """Whether the new dict surely has an inner one."""
        made = records(self.made)
        seen = len(made) >= len(self.made) and not _may_be_none(self.made)
        return seen and surely_has_inner(made, self.space.context, plan_config)

    # Reading -------------------------------------------------------------------------------------------------------

    def _change(self, read: cst.BaseExpression) -> Change | None:
        """``config.tools = …`` or ``config["tools"] = …`` at ``read``."""
        module = self.space.facts.module
        target = module.parent(read)
        assigned = module.parent(target) if target is not None else None
        assignment = module.parent(assigned) if isinstance(assigned, cst.AssignTarget) else None
        if not isinstance(assignment, cst.Assign):
            return None
        match target:
            case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is read:
                return self._changed(read, target, name, assignment)
            case cst.Subscript(
                value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]
            ) if value is read:
                return self._changed(read, target, str(key.evaluated_value), assignment)
        return None

    def _changed(
        self, read: cst.BaseExpression, target: cst.BaseExpression, spelt: str, assignment: cst.Assign
    ) -> Change:
        maps = self.space.facts.maps
        name = known_name(maps, CONFIG, spelt) or spelt
        place = Place(f"config.{name}", maps.types.get(CONFIG, {}).get(name, ""))
        field = ir.Field(name, self.reader.read(assignment.value, place), target)
        return Change(read, target, assignment.value, assignment, field)

    # Planning ------------------------------------------------------------------------------------------------------

    def _put(self, change: Change, changes: list[Change]) -> None:
        """The change as a change of the dict, together with what other values of the same field would have left."""
        planned = self._planned(change)
        self.space.note(planned)
        if planned.value is None and planned.diagnostics:
            return  # a diagnostic says why it is refused
        paths = leaves(planned.value)
        others = self._others(change, changes)
        if others and any(path[-1] == "**" for path in (*paths, *others)):
            self._refuse(change)
            return
        emptied: Leaves = dict.fromkeys((path for path in others if path not in paths), ir.Literal(None))
        self._write(change, paths | emptied)

    def _planned(self, change: Change) -> Planned:
        if _is_none(change.field.value):
            return Planned(ir.Record("body", ()))
        return plan_change(change.field, self.whole, self.space.context)

    def _others(self, change: Change, changes: list[Change]) -> Leaves:
        """The places where the other values of the field go, at its making and at other changes."""
        given = [each.field for each in changes if each.name == change.name and each is not change]
        maps = self.space.facts.maps
        for record in records(self.made):
            given += [field for field in all_fields(record) if known_name(maps, CONFIG, field.name) == change.name]
        found: Leaves = {}
        for field in given:
            one = ir.Field(change.name, field.value, field.origin)
            found |= leaves(plan_change(one, self.whole, self.space.context).value)
        return found

    # Writing -------------------------------------------------------------------------------------------------------

    def _write(self, change: Change, paths: Leaves) -> None:
        q = self.space.renderer.quote
        single = len(change.assignment.targets) == 1
        match list(paths.items()):
            case [] if single and change.name not in _ELSEWHERE and _is_idle(change.made):
                self._take_out(change)
            case [((key,), value)] if key != "**":
                self._assign(change, f"[{q}{key}{q}]", value)
            case [(("generation_config", key), value)] if key != "**":
                if self.is_shared:
                    self._replace(change, paths)
                else:
                    self._assign(change, f"{self.inner}[{q}{key}{q}]", value)
            case [_, *_] if single and all(path[0] == "generation_config" for path in paths):
                if self.is_shared:
                    self._replace(change, paths)
                    return
                fields = tuple(ir.Field(path[-1], value) for path, value in paths.items())
                head = f"{self.inner}.update("
                members = self.space.renderer.value(ir.Record("dict", fields, change.made))
                shown = self.space.renderer.keeping(members, change.made)
                parts = (Carried(change.read), Text(head), shown, Text(")"))
                self.space.draft.edits[change.assignment] = Replace(Concat(parts))
            case _:
                self._refuse(change)

    def _assign(self, change: Change, key: str, value: ir.Value) -> None:
        self.space.draft.edits[change.target] = Replace(Concat((Carried(change.read), Text(key))))
        module, made = self.space.facts.module, change.made
        shown = self.space.renderer.keeping(self.space.renderer.value(value), made)
        lost = [*(Counter(comments_in(made)) - Counter(comments_of(shown)))]  # the value may have one line now
        end = module.whole_span(made)[1]
        if len(lost) == 1 and not module.text[end : module.line_end(end)].strip():
            shown = Concat((shown, Text(f"  {lost[0]}")))
        elif lost:
            self.space.draft.edits[module.statement(change.assignment)] = Behind("\n".join(lost))
        self.space.draft.edits[made] = Replace(shown)

    def _replace(self, change: Change, paths: Leaves) -> None:
        """A new inner dict with the change, for the old one may belong to another configuration too."""
        if len(change.assignment.targets) > 1:
            self._refuse(change)
            return
        q = self.space.renderer.quote
        read = ir.Opaque(change.read)
        member = ir.Function.MEMBER if self.has_inner else ir.Function.MEMBER_OR_EMPTY
        inner = ir.Apply(member, (read, ir.Literal(INNER)))
        fields = (ir.Field("**", ir.Spread(inner)), *(ir.Field(path[-1], value) for path, value in paths.items()))
        shown = self.space.renderer.keeping(self.space.renderer.value(ir.Record("dict", fields)), change.made)
        parts = (Carried(change.read), Text(f"[{q}{INNER}{q}] = "), shown)
        self.space.draft.edits[change.assignment] = Replace(Concat(parts))

    def _take_out(self, change: Change) -> None:
        """A field that has no place any more goes, with the ``if`` that was there for it alone."""
        module = self.space.facts.module
        statement = module.statement(change.assignment)
        block = module.parent(statement)
        if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
            self._refuse(change)
        elif isinstance(block, (cst.IndentedBlock, cst.Module)) and len(block.body) > 1:
            self.space.draft.edits[statement] = Remove(tuple(comments_in(change.assignment)))
        elif (condition := self._condition(block)) is not None:
            self.space.draft.edits[condition] = Remove()
        else:
            self.space.draft.edits[change.assignment] = Replace(Text("pass"))

    def _condition(self, block: cst.CSTNode | None) -> cst.If | None:
        """The ``if`` that has nothing but ``block``, where it can go as a whole."""
        module = self.space.facts.module
        condition = module.parent(block) if block is not None else None
        if not isinstance(condition, cst.If) or condition.orelse is not None or not is_steady_test(condition.test):
            return None
        around = module.parent(condition)
        alone = not isinstance(around, (cst.IndentedBlock, cst.Module)) or len(around.body) == 1
        return None if alone or any(isinstance(each, cst.Comment) for each in descendants(condition)) else condition

    def _refuse(self, change: Change) -> None:
        message = f"{self.binding.label}.{change.name} is changed after it was made, and becomes more than one key"
        advice = "Give the value where the configuration is made."
        self.space.draft.refuse("MG106", message, change.target, advice, self._settled(change))

    def _settled(self, change: Change) -> Settled:
        """Who can settle a change that is no change of the new dict; a field that is dropped has to be named."""
        row = self.space.facts.maps.request(CONFIG, change.name)
        return Settled.BY_THE_RUN if row is None or row.drop is None else Settled.BY_HAND


def records(values: Iterable[ir.Value]) -> list[ir.Record]:
    """The configurations that one of the values may be; of one that others are made of, what it was."""
    found: list[ir.Record] = []
    for value in values:
        match value:
            case ir.Record():
                found.append(value)
            case ir.Choice(then=then, otherwise=otherwise):
                found += records((then, otherwise))
            case ir.Opaque(was=was):
                found += was
    return found


def _is_idle(node: cst.BaseExpression) -> bool:
    """Whether nothing is lost where ``node`` is not evaluated."""
    for each in descendants(node):
        match each:
            case cst.Call(func=cst.Name(value=name)) if name in _CONVERSIONS:
                continue
            case cst.Call() | cst.Await() | cst.Yield() | cst.NamedExpr():
                return False
    return True


def _is_none(value: ir.Value) -> bool:
    return isinstance(value, ir.Literal) and value.value is None


def _may_be_none(values: Iterable[ir.Value]) -> bool:
    return any(_is_none(each) for value in values for each in ir.walk(value) if not isinstance(value, ir.Record))
