"""What else is done with a configuration under a name: fields read back, counted up, and updated many at once."""

from __future__ import annotations

import libcst as cst

from migrator import ir
from migrator.plan import plan_config
from migrator.planning.derived import INNER, Leaves, all_fields, leaves
from migrator.planning.formats import GROUP
from migrator.planning.rows import known_name
from migrator.python.evidence.values import Facts, Place
from migrator.python.replies.uses import TESTS, how_used
from migrator.python.requests.config_changes import Changes, records
from migrator.python.requests.workspace import CONFIG
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Carried, Concat, Doc, Text
from migrator.records import dataclass

_SAME = frozenset({"int", "float", "str", "bool"})  # a field gives these back as they were given
_WHOLE = ("int",)  # a class of the SDK makes a float of it where it wants one
_FRACTIONS = frozenset({"temperature", "top_p"})


@dataclass(frozen=True, slots=True)
class Reads:
    """Writes the reads of one configuration that ``changes`` knows; what it cannot write it leaves to be refused."""

    changes: Changes
    given: tuple[ir.Record, ...]  # by later changes

    def write(self) -> None:
        """Every such read as a read of the dict that the configuration is now."""
        module = self.changes.space.facts.module
        for read in self.changes.binding.reads:
            if read in self.changes.space.ledger.consumed:
                continue
            parent = module.parent(read)
            match parent:
                case cst.Attribute(value=value, attr=cst.Name(value="get" | "update" as method)) if value is read:
                    self._called(read, parent, method)
                case cst.Attribute(value=value, attr=cst.Name(value=name)) if value is read:
                    self._field(read, parent, name, ".")
                case cst.Subscript(
                    value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]
                ) if value is read:
                    self._field(read, parent, str(key.evaluated_value), "[")

                case cst.ComparisonTarget(operator=cst.In() | cst.NotIn()):
                    self._asked(read, module.parent(parent))

    def _asked(self, read: cst.BaseExpression, comparison: cst.CSTNode | None) -> None:
        """``"temperature" in config``."""
        match comparison:
            case cst.Comparison(left=cst.SimpleString() as key, comparisons=[_]):
                path = self._path(str(key.evaluated_value))
                if path is not None:
                    self._take(read)
                    self._edit(read, Text(f"{self.changes.space.facts.module.source(read)}{self._holder(path)}"))
                    self._edit(key, Text(self._quoted(path[-1])))

    # Fields --------------------------------------------------------------------------------------------------------

    def _called(self, read: cst.BaseExpression, function: cst.Attribute, method: str) -> None:
        call = self.changes.space.facts.module.parent(function)
        match method, call:
            case "get", cst.Call(args=[cst.Arg(value=cst.SimpleString() as key, star=""), *_]):
                found = self._path(str(key.evaluated_value))
                if found is not None:
                    self._take(read)
                    self._edit(function, Concat((Carried(read), Text(f"{self._holder(found)}.get"))))
                    self._edit(key, Text(self._quoted(found[-1])))
            case "update", cst.Call() if isinstance(self.changes.space.facts.module.parent(call), cst.Expr):
                self._update(read, call)

    def _field(self, read: cst.BaseExpression, node: cst.BaseExpression, spelt: str, style: str) -> None:
        facts = self.changes.space.facts
        path = self._path(spelt)
        if path is None:
            return
        match facts.module.parent(node):
            case cst.AssignTarget() | cst.Del():
                return
            case cst.AugAssign(target=target) if target is node and (
                self.changes.is_shared or not self._is_sure(spelt)
            ):
                return
        sure = style == "[" or self._is_sure(spelt)
        self._take(read)
        name = self._quoted(path[-1])
        self._edit(
            node, Concat((Carried(read), Text(f"{self._holder(path)}{f'[{name}]' if sure else f'.get({name})'}")))
        )
        if style == "." and not _is_reckoned(facts, node) and not self._is_same(spelt):
            message = f"{self.changes.binding.label}.{spelt} is what was given now, and was made a number by the SDK"
            self.changes.space.draft.ask("MG102", message, node)

    def _holder(self, path: tuple[str, ...]) -> str:
        """The code that follows the name and gives the dict which has the last key of ``path``."""
        if len(path) == 1:
            return ""
        name = self._quoted(INNER)
        return f"[{name}]" if self.changes.has_inner else f".get({name}, {{}})"

    def _fields(self, spelt: str) -> list[ir.Field]:
        maps = self.changes.space.facts.maps
        name = known_name(maps, CONFIG, spelt)
        whole = [*records(self.changes.made), *self.given]
        fields = [field for record in whole for field in all_fields(record)]
        return [field for field in fields if name is not None and known_name(maps, CONFIG, field.name) == name]

    def _path(self, spelt: str) -> tuple[str, ...] | None:
        """Where the field is, which holds there what was given; None where it becomes something else."""
        found: set[tuple[str, ...]] = set()
        for field in self._fields(spelt):
            if isinstance(field.value, ir.Literal) and field.value.value is None:
                continue
            name = known_name(self.changes.space.facts.maps, CONFIG, spelt) or spelt
            paths = leaves(
                plan_config(ir.Record(CONFIG, (ir.Field(name, field.value),)), self.changes.space.context).value
            )
            if len(paths) != 1 or next(iter(paths.values())) != field.value or not _is_plain(field.value):
                return None
            found |= paths.keys()
        return found.pop() if len(found) == 1 else self._usual_path(spelt) if not found else None

    def _usual_path(self, spelt: str) -> tuple[str, ...] | None:
        """Where a field would be that nothing gives here."""
        maps = self.changes.space.facts.maps
        row = maps.request(CONFIG, known_name(maps, CONFIG, spelt) or spelt)
        if row is None or row.to is None or row.via is not None or row.values:
            return None
        return tuple(row.to.split("."))

    def _is_sure(self, spelt: str) -> bool:
        """Whether the configuration has the field, whatever happens."""
        maps = self.changes.space.facts.maps
        name = known_name(maps, CONFIG, spelt)
        made = records(self.changes.made)
        names = [[known_name(maps, CONFIG, field.name) for field in all_fields(record)] for record in made]
        return len(made) >= len(self.changes.made) and all(name in each for each in names)

    def _is_same(self, spelt: str) -> bool:
        """Whether an object gave back what it was given."""
        return all(_is_kept(spelt, field.value) for field in self._fields(spelt))

    # Updates -------------------------------------------------------------------------------------------------------

    def _update(self, read: cst.BaseExpression, call: cst.Call) -> None:
        """``config.update({...})``, where what becomes an inner key is put into the inner dict."""
        space = self.changes.space
        record = self._updated(call)
        if record is None or any(known_name(space.facts.maps, CONFIG, each.name) in GROUP for each in record.fields):
            return
        planned = plan_config(record, space.context)
        paths = leaves(planned.value) | self._emptied(record)
        if planned.value is None or not paths or any(path[-1] == "**" for path in paths):
            return
        space.note(planned)
        self._take(read)
        inner = {path: value for path, value in paths.items() if path[0] == INNER}
        top = tuple(ir.Field(path[0], value) for path, value in paths.items() if path[0] != INNER)
        if inner and not top and not self.changes.is_shared:
            shown = space.renderer.value(
                ir.Record("dict", tuple(ir.Field(path[1], each) for path, each in inner.items()))
            )
            self._edit(call, Concat((Carried(read), Text(f"{self.changes.inner}.update("), shown, Text(")"))))
            return
        fields = (*top, *([ir.Field(INNER, self._renewed(read, inner))] if inner else []))
        shown = space.renderer.keeping(space.renderer.value(ir.Record("dict", fields)), call)
        self._edit(call, Concat((Carried(read), Text(".update("), shown, Text(")"))))

    def _updated(self, call: cst.Call) -> ir.Record | None:
        """The fields that an update gives."""
        reader, place = self.changes.reader, Place("config", CONFIG)
        fields: list[ir.Field] = []
        for argument in call.args:
            match argument:
                case cst.Arg(keyword=cst.Name(value=name), value=value):
                    kind = self.changes.space.facts.maps.types.get(CONFIG, {}).get(name, "")
                    fields.append(ir.Field(name, reader.read(value, Place(f"config.{name}", kind)), argument))
                case cst.Arg(star="", value=cst.Dict() as shown):
                    record = reader.read(shown, place)
                    if not isinstance(record, ir.Record):
                        return None
                    fields += record.fields
                case _:
                    return None
        return ir.Record("dict", tuple(fields), call) if fields else None

    def _emptied(self, record: ir.Record) -> Leaves:
        """What other values of the same fields would have left, as None."""
        found: Leaves = {}
        for field in record.fields:
            own = leaves(plan_config(ir.Record(CONFIG, (field,)), self.changes.space.context).value)
            for other in self._fields(field.name):
                name = known_name(self.changes.space.facts.maps, CONFIG, field.name) or field.name
                one = ir.Record(CONFIG, (ir.Field(name, other.value),))
                paths = leaves(plan_config(one, self.changes.space.context).value)
                found |= dict.fromkeys((path for path in paths if path not in own), ir.Literal(None))
        return found

    def _renewed(self, read: cst.BaseExpression, inner: Leaves) -> ir.Record:
        member = ir.Function.MEMBER if self.changes.has_inner else ir.Function.MEMBER_OR_EMPTY
        held = ir.Apply(member, (ir.Opaque(read), ir.Literal(INNER)))
        fields = tuple(ir.Field(path[1], value) for path, value in inner.items())
        return ir.Record("dict", (ir.Field("**", ir.Spread(held)), *fields))

    # Writing -------------------------------------------------------------------------------------------------------

    def _quoted(self, name: str) -> str:
        return self.changes.space.renderer.constant(name)

    def _take(self, read: cst.BaseExpression) -> None:
        self.changes.space.ledger.consumed.add(read)

    def _edit(self, node: cst.CSTNode, doc: Doc) -> None:
        self.changes.space.draft.edits[node] = Replace(doc)


def _is_reckoned(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether it does not matter if a number is a whole one."""
    match facts.module.parent(node):
        case cst.BinaryOperation(operator=cst.Add() | cst.Subtract() | cst.Multiply() | cst.Divide()):
            return True
        case cst.AugAssign() | cst.Comparison() | cst.ComparisonTarget():
            return True
    return how_used(facts, node)[0] in TESTS


def _is_plain(value: ir.Value) -> bool:
    match value:
        case ir.Choice(then=then, otherwise=otherwise):
            return _is_plain(then) and _is_plain(otherwise)
        case ir.Opaque(type=kind):
            return kind in ("", *_SAME)
    return isinstance(value, ir.Literal)


def _is_kept(name: str, value: ir.Value) -> bool:
    match value:
        case ir.Choice(then=then, otherwise=otherwise):
            return _is_kept(name, then) and _is_kept(name, otherwise)
        case ir.Literal(value=number):
            return not (name in _FRACTIONS and isinstance(number, int))
        case ir.Opaque(type=kind):
            return kind in _SAME and not (name in _FRACTIONS and kind in _WHOLE)
    return False
