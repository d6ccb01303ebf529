"""The OpenAPI dialect of ``Schema`` as JSON Schema."""

from __future__ import annotations

from migrator.casing import camel
from migrator.diagnostics import Diagnostic, Level
from migrator.ir import PLANNED, Apply, Choice, Field, Function, Literal, Opaque, Record, Sequence, Value
from migrator.planning.model import Context
from migrator.planning.rows import Mapped, Put, Task, apply_row, known_name, spelling, unfolded
from migrator.records import dataclass

TABLES = ("$defs", "definitions", "patternProperties")  # JSON Schema keywords beyond Schema's own fields
LISTS = ("oneOf", "allOf", "prefixItems")
NULL = Record("dict", (Field("type", Literal("null")),))
SCHEMA = "google.genai.types.Schema"


@dataclass(frozen=True, slots=True)
class Converted:
    """A JSON Schema; the very value that was given where nothing in it had to change."""

    value: Value
    said: tuple[Diagnostic, ...] = ()


def convert(value: Value, context: Context) -> Converted:
    """Any value that a legacy call takes for a schema as JSON Schema."""
    match value:
        case Record():
            return _record(value, context)
        case Choice(test=test, then=then, otherwise=otherwise, origin=origin):
            sides = convert(then, context), convert(otherwise, context)
            return Converted(Choice(test, sides[0].value, sides[1].value, origin), sides[0].said + sides[1].said)
        case Literal(value=None):
            return Converted(value)
        case Opaque(type=kind) if kind == PLANNED:
            return Converted(value)
        case Opaque(type=kind, optional=True, repeatable=False) if kind in ("type", SCHEMA):
            return Converted(Apply(Function.SCHEMA, (value,)))
        case Opaque(type="type"):
            return Converted(Apply(Function.JSON_SCHEMA, (value,)))
        case Opaque(type=name) if name == SCHEMA:
            return Converted(Apply(Function.SCHEMA_DUMP, (value,)))
        case Opaque(type=kind) if _is_open(kind):
            return Converted(Apply(Function.SCHEMA, (value,)))
        case _:
            message = "whether the schema is a class, a Schema or a dict is not visible here"
            return Converted(value, (Diagnostic("MG106", Level.MANUAL, message, value.origin),))


def _is_open(kind: str) -> bool:
    """Whether a value of this type may be any of the schemas that the legacy call takes: the run tells them apart."""
    return " or " in kind or kind.partition("[")[0] in ("", "dict", "object", "Mapping", "typing.Any", "Any")


def _record(schema: Record, context: Context) -> Converted:
    if schema.type not in ("dict", "Schema"):
        message = f"expected a schema, found {schema.type}"
        return Converted(schema, (Diagnostic("MG106", Level.MANUAL, message, schema.origin),))
    fields = tuple(unfolded(schema))
    named = [Field(known_name(context.maps, "Schema", one.name) or one.name, one.value, one.origin) for one in fields]
    root = Record("Schema", tuple(named), schema.origin)
    if _nullable(root) and (root.get("enum") or not (root.get("type") or root.get("any_of"))):
        return _or_null(schema, context)
    found = Mapped()
    for before, after in zip(fields, named, strict=True):
        found = found | _field(before, after, root, schema.type, context)
    result = tuple(Field(put.path[0], put.value, put.origin) for put in found.puts)
    same = schema.type == "dict" and _same(schema.fields, result)
    return Converted(schema if same else Record("dict", result, schema.origin), found.said)


def _or_null(schema: Record, context: Context) -> Converted:
    """A nullable schema whose type cannot simply be widened, such as one that lists its values."""
    fields = tuple(field for field in schema.fields if field.name != "nullable")
    found = convert(Record(schema.type, fields, schema.origin), context)
    options = Sequence((found.value, NULL))
    return Converted(Record("dict", (Field("anyOf", options),), schema.origin), found.said)


def _same(before: tuple[Field, ...], after: tuple[Field, ...]) -> bool:
    pairs = list(zip(before, after, strict=False))
    return len(before) == len(after) and all(one.name == two.name and one.value is two.value for one, two in pairs)


def _field(before: Field, field: Field, root: Record, kind: str, context: Context) -> Mapped:
    row = context.maps.request("Schema", field.name)
    if row is not None:
        return apply_row(Task(field, row, context, root, HANDLERS))
    place = before.origin if before.origin is not None else before.value.origin
    match before:
        case Field(name="**"):
            message = "the keywords that are splatted into the schema are not visible"
            return Mapped(said=(Diagnostic("MG106", Level.MANUAL, message, place),))
        case Field(name=name) if kind == "Schema":
            return Mapped(said=(Diagnostic("MG104", Level.MANUAL, f"Schema has no field '{name}'", place),))
        case Field(name=name, value=Record() as table) if name in TABLES:
            value, said_inside = _table(table, context)
        case Field(name=name, value=Sequence() as items) if name in LISTS:
            value, said_inside = _list(items, context)
        case Field(name=name, value=value):
            said_inside = ()
    return Mapped((Put((name,), value, field.origin),), said_inside)


def _table(table: Record, context: Context) -> tuple[Value, tuple[Diagnostic, ...]]:
    """A mapping of names to schemas; the names are nobody's business."""
    each = [(field, convert(field.value, context)) for field in table.fields if field.name != "**"]
    said = tuple(text for _, one in each for text in one.said)
    if len(each) != len(table.fields):
        message = "properties that are splatted into the schema are not visible"
        said = (*said, Diagnostic("MG106", Level.MANUAL, message, table.origin))
    if all(field.value is one.value for field, one in each):
        return table, said
    fields = tuple(Field(field.name, one.value, field.origin) for field, one in each)
    return Record(table.type, fields, table.origin), said


def _list(items: Sequence, context: Context) -> tuple[Value, tuple[Diagnostic, ...]]:
    each = [convert(item, context) for item in items.items]
    said = tuple(text for one in each for text in one.said)
    if all(one.value is item for one, item in zip(each, items.items, strict=True)):
        return items, said
    return Sequence(tuple(one.value for one in each), items.origin), said


# Handlers -----------------------------------------------------------------------------------------------------------


def _put(task: Task, value: Value, name: str = "") -> Mapped:
    spelt = {"ref": "$ref", "defs": "$defs"}.get(task.row.field, camel(task.row.field))
    return Mapped((Put((name or spelt,), value, task.field.origin),))


def schema_keyword(task: Task) -> Mapped:
    """A keyword that JSON Schema has too."""
    return _put(task, task.value)


def schema_number(task: Task) -> Mapped:
    """A count, which JSON may spell as a string."""
    match task.value:
        case Literal(value=str() as digits, origin=origin) if digits.isdecimal():
            return _put(task, Literal(int(digits), origin))
        case value:
            return _put(task, value)


def schema_format(task: Task) -> Mapped:
    """The format; ``enum`` says nothing that the keyword ``enum`` does not say."""
    match task.value:
        case Literal(value="enum"):
            return Mapped()
        case value:
            return _put(task, value)


def schema_type(task: Task) -> Mapped:
    """The type in lower case, with null where the schema is nullable."""
    nullable = _nullable(task.root)
    match task.value:
        case Literal(value=str() as name) if name.upper().endswith("UNSPECIFIED"):
            return Mapped()
        case Literal(value=str() as name, origin=origin) as given if word := spelling(task.row, name):
            kept = given if word == name else Literal(word, origin)
            return _put(task, Sequence((kept, Literal("null"))) if nullable else kept)
        case Sequence(items=items, origin=origin) as given:
            words = [_word(task, item) for item in items]
            return _put(task, given if words == list(items) else Sequence(tuple(words), origin))
        case Literal(value=str() as name):
            return task.refuse("MG104", f"type: JSON Schema has no type '{name}'")
        case _:
            return task.refuse("MG106", "type: the type is not visible, and it is spelt in lower case now")


def _word(task: Task, item: Value) -> Value:
    match item:
        case Literal(value=str() as name, origin=origin) if word := spelling(task.row, name):
            return item if word == name else Literal(word, origin)
        case _:
            return item


def _nullable(schema: Record) -> bool:
    match schema.get("nullable"):
        case Literal(value=True):
            return True
        case _:
            return False


def schema_nullable(task: Task) -> Mapped:
    """Nothing of its own: null becomes one of the types."""
    match task.value:
        case Literal(value=bool()):
            return Mapped()
        case _:
            return task.refuse("MG106", "nullable: neither True nor False")


def schema_inner(task: Task) -> Mapped:
    """A schema inside the schema."""
    if isinstance(task.value, Literal) and isinstance(task.value.value, bool):
        return _put(task, task.value)
    found = convert(task.value, task.context)
    return Mapped(said=found.said) | _put(task, found.value)


def schema_list(task: Task) -> Mapped:
    """A list of schemas, with one for null where the schema around it is nullable."""
    match task.value:
        case Sequence() as items:
            value, said = _list(items, task.context)
            if _nullable(task.root) and isinstance(value, Sequence):
                value = Sequence((*value.items, NULL), value.origin)
            return Mapped(said=said) | _put(task, value)
        case _:
            return task.refuse("MG106", f"{task.row.field}: the list of schemas is not visible")


def schema_table(task: Task) -> Mapped:
    """Named schemas, in the order that ``property_ordering`` asks for."""
    match task.value:
        case Record() as table:
            order = _names(task.root.get("property_ordering")) if task.row.field == "properties" else ()
            value, said = _table(table, task.context)
            return Mapped(said=said) | _put(task, _ordered(value, order))
        case _:
            return task.refuse("MG106", f"{task.row.field}: the named schemas are not visible")


def _names(value: Value | None) -> tuple[str, ...]:
    items = value.items if isinstance(value, Sequence) else ()
    return tuple(item.value for item in items if isinstance(item, Literal) and isinstance(item.value, str))


def _ordered(table: Value, order: tuple[str, ...]) -> Value:
    if not isinstance(table, Record):
        return table
    names = tuple(field.name for field in table.fields)
    if set(order) != set(names) or order == names:
        return table
    return Record(table.type, tuple(sorted(table.fields, key=lambda field: order.index(field.name))), table.origin)


def schema_ordering(task: Task) -> Mapped:
    """Nothing of its own: the properties are written in this order."""
    properties = task.root.get("properties")
    names = {field.name for field in properties.fields} if isinstance(properties, Record) else set()
    if names == set(_names(task.value)):
        return Mapped()
    return task.review("property_ordering: it does not name every property, so the order of the source is kept")


def json_schema(task: Task) -> Mapped:
    """A whole schema at the row's place."""
    found = convert(task.value, task.context)
    return Mapped(said=found.said) | task.put(found.value)


HANDLERS = {
    "json_schema": json_schema,
    "schema_keyword": schema_keyword,
    "schema_number": schema_number,
    "schema_format": schema_format,
    "schema_type": schema_type,
    "schema_nullable": schema_nullable,
    "schema_inner": schema_inner,
    "schema_list": schema_list,
    "schema_table": schema_table,
    "schema_ordering": schema_ordering,
}
