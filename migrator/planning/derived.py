"""A configuration that is made of others, which become dicts where they are made: those dicts, merged again.

A legacy configuration is flat, the new one has ``generation_config`` inside of it, so that one level is merged by hand.
What a later field replaces is replaced whole, also where it has become several keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from migrator.diagnostics import Diagnostic, Level, Settled
from migrator.ir import PLANNED, Apply, Field, Function, Literal, Opaque, Origin, Record, Spread, Value
from migrator.planning.formats import GROUP
from migrator.planning.model import Context, Planned, joined, planned
from migrator.planning.rows import known_name, unfolded
from migrator.records import dataclass

CONFIG, INNER = "GenerateContentConfig", "generation_config"

Leaves = dict[tuple[str, ...], Value]
Plan = Callable[[Record, Context], Planned]


NOTHING = Planned(Record("body", ()))


@dataclass(frozen=True, slots=True)
class Part:
    """A run of fields, or a splatted dict: the legacy fields, by name, and the keys that each of them becomes."""

    fields: dict[str, Leaves]
    splat: Field | None = None
    body: Planned = NOTHING  # of a run of fields
    seen: bool = True  # whether ``fields`` are all that it may hold
    sure: bool = False  # whether the dict surely has an inner one

    @property
    def keys(self) -> set[str]:
        """The keys at the top."""
        return {path[0] for leaves in self.fields.values() for path in leaves}

    @property
    def is_inner(self) -> bool:
        """Whether there may be something in the inner dict."""
        return INNER in self.keys or not self.seen


def leaves(body: Value | None) -> Leaves:
    """The keys that a planned configuration sets, those inside its ``generation_config`` one by one."""
    found: Leaves = {}
    for field in body.fields if isinstance(body, Record) else ():
        if field.name == INNER and isinstance(field.value, Record):
            found |= {(field.name, inner.name): inner.value for inner in field.value.fields}
        else:
            found[(field.name,)] = field.value
    return found


def is_splat(field: Field) -> bool:
    """Whether a field stands for all that a rewritten configuration holds."""
    match field:
        case Field(name="**", value=Spread(value=Opaque(type=kind))):
            return kind == PLANNED
    return False


def is_derived(value: Record) -> bool:
    """Whether a configuration is made of others that are rewritten where they are made."""
    return any(is_splat(field) for field in unfolded(value))


def merged(value: Record, context: Context, plan: Plan) -> Planned:
    """The body that a derived configuration becomes: its splats and its own keys, in the order that counts."""
    runs = list(_runs(value))
    parts = [_part(_formatted(runs[:place], run, context), value, context, plan) for place, run in enumerate(runs)]
    done = [part.body for part in parts]
    _, said, features = joined(done)
    wrong = [*said, *_clashes(parts, value.origin)]
    if any(each.level is Level.MANUAL for each in wrong):
        return planned(None, wrong)
    emptied = [_emptied(parts[:position], part) for position, part in enumerate(parts)]
    inner = [(part, more) for part, more in zip(parts, emptied, strict=True) if part.is_inner or _inside(more)]
    fields: list[Field] = []
    for part, more in zip(parts, emptied, strict=True):
        if part.splat is not None:
            alone = part.seen and part.keys == {INNER} and len(inner) > 1
            fields += [] if alone else [part.splat]
        elif isinstance(part.body.value, Record):
            fields += [each for each in part.body.value.fields if each.name != INNER or (len(inner) == 1 and not more)]
            fields += [Field(path[0], none) for path, none in more.items() if len(path) == 1]
    if len(inner) > 1 or any(_inside(more) for more in emptied):
        fields.append(Field(INNER, _merged_inside(inner)))
    return planned(Record("body", tuple(fields), value.origin), wrong, features)


def as_arguments(body: Record, context: Context, plan: Plan) -> tuple[Field, ...]:
    """The fields of a body as keyword arguments; as one dict where a splat may have one of the keywords too."""
    splats = [part for field in body.fields if is_splat(field) and (part := _part((field,), body, context, plan))]
    if not splats:
        return body.fields
    given = [{field.name} for field in body.fields if not is_splat(field)] + [part.keys for part in splats]
    twice = len(set().union(*given)) < sum(map(len, given))
    if twice or (len(given) > 1 and not all(part.seen for part in splats)):
        return (Field("**", Spread(Record("dict", body.fields, body.origin))),)
    return tuple(sorted(body.fields, key=is_splat))


# Parts --------------------------------------------------------------------------------------------------------------


def _runs(value: Record) -> Iterator[tuple[Field, ...]]:
    """The fields in runs: each splat alone, and what stands between. A constructor takes no field twice."""
    own: list[Field] = []
    for field in unfolded(value):
        if not is_splat(field):
            own.append(field)
            continue
        if own and value.type == "dict":
            yield tuple(own)
            own = []
        yield (field,)
    if own:
        yield tuple(own)


def _formatted(before: list[tuple[Field, ...]], run: tuple[Field, ...], context: Context) -> tuple[Field, ...]:
    """A run that changes the format of the answer, with what an earlier dict says of it where that is a literal."""
    own = {known_name(context.maps, CONFIG, field.name) for field in run} & set(GROUP)
    if is_splat(run[0]) or not own or len(before) != 1:
        return run
    held = [was for field in before[0] if isinstance(field.value, Spread) for was in _was(field.value.value)]
    told = [field for record in held for field in _named(record, context) if field.name in GROUP]
    if len(held) != 1 or not all(isinstance(field.value, Literal) for field in told):
        return run
    return (*(field for field in told if field.name not in own), *run)


def _was(value: Value) -> tuple[Record, ...]:
    return value.was if isinstance(value, Opaque) else ()


def _part(run: tuple[Field, ...], whole: Record, context: Context, plan: Plan) -> Part:
    if is_splat(run[0]) and isinstance(run[0].value, Spread) and isinstance(run[0].value.value, Opaque):
        held = run[0].value.value.was
        each = [_leaves_of(record, context, plan) for record in held]
        fields: dict[str, Leaves] = {}
        for found in each:
            for name, one in found.items():
                fields[name] = fields.get(name, {}) | one
        there = bool(held) and run[0].value.value.hint != "optional"
        return Part(fields, run[0], seen=bool(held), sure=there and all(map(_has_inner, each)))
    record = Record(whole.type, run, whole.origin)
    return Part(_leaves_of(record, context, plan), body=plan(record, context))


def surely_has_inner(records: Iterable[Record], context: Context, plan: Plan) -> bool:
    """Whether a dict that was one of ``records`` surely has an inner one."""
    return all(_has_inner(_leaves_of(record, context, plan)) for record in records)


def _has_inner(fields: dict[str, Leaves]) -> bool:
    return any(path[0] == INNER for paths in fields.values() for path in paths)


def _leaves_of(record: Record, context: Context, plan: Plan) -> dict[str, Leaves]:
    """The keys that each field of a record becomes; those of the format become one."""
    found: dict[str, Leaves] = {}
    for field in _named(record, context):
        alone = plan(Record(CONFIG, (field,)), context).value
        found[field.name] = {("response_format",): Literal(None)} if field.name in GROUP else leaves(alone)
    return found


def _named(record: Record, context: Context) -> Iterator[Field]:
    """All fields, under the names that the SDK gives them."""
    for field in all_fields(record):
        yield replace(field, name=known_name(context.maps, CONFIG, field.name) or field.name)


def all_fields(record: Record) -> Iterator[Field]:
    """The fields of a record, with those of the rewritten ones that it was made of."""
    for field in unfolded(record):
        match field:
            case Field(name="**", value=Spread(value=Opaque(was=was))) if was:
                for inner in was:
                    yield from all_fields(inner)
            case _:
                yield field


# Merging ------------------------------------------------------------------------------------------------------------


def _clashes(parts: list[Part], origin: Origin) -> Iterator[Diagnostic]:
    for position, part in enumerate(parts):
        for before in parts[:position]:
            if (wrong := _clash(before, part)) is not None:
                place = part.splat.origin if part.splat is not None else origin
                yield Diagnostic("MG111", Level.MANUAL, wrong, place, settled=Settled.BY_THE_RUN)
    for part in parts:
        splat = part.splat.value.value if part.splat is not None and isinstance(part.splat.value, Spread) else None
        if isinstance(splat, Opaque) and not splat.repeatable and len([one for one in parts if one.is_inner]) > 1:
            message = "a configuration that is made here and merged with others is needed twice"
            yield Diagnostic("MG111", Level.MANUAL, message, splat.origin, "Put it into a variable first.")


def _clash(first: Part, second: Part) -> str | None:
    """Why one part cannot be laid over the other; None where it can."""
    formats = [part.fields.keys() & set(GROUP) or (set() if part.seen else {GROUP[0]}) for part in (first, second)]
    if all(formats) and not (formats[0] <= formats[1] and second.splat is None):
        return "response_format would be made of what two dicts say"
    for name in first.fields.keys() & second.fields.keys() - set(GROUP):
        missing = first.fields[name].keys() - second.fields[name].keys()
        spread = any(path[-1] == "**" for path in (*first.fields[name], *second.fields[name]))
        if spread or (missing and second.splat is not None):
            return f"{name} would be set by two dicts, and becomes several keys"
    return None


def _emptied(before: list[Part], part: Part) -> Leaves:
    """What earlier values of a part's own fields would have left behind, as None."""
    if part.splat is not None:
        return {}
    found: Leaves = {}
    for name, own in part.fields.items():
        for other in before:
            paths = other.fields.get(name, {})
            found |= dict.fromkeys((path for path in paths if path not in own), Literal(None))
    return found


def _inside(paths: Leaves) -> list[Field]:
    return [Field(path[1], value) for path, value in paths.items() if len(path) > 1]


def _merged_inside(inner: list[tuple[Part, Leaves]]) -> Value:
    """The inner dicts of several parts as one."""
    fields: list[Field] = []
    for part, more in inner:
        if part.splat is not None and isinstance(part.splat.value, Spread):
            member = Function.MEMBER if part.sure else Function.MEMBER_OR_EMPTY
            held = Apply(member, (part.splat.value.value, Literal(INNER)))
            fields.append(Field("**", Spread(held)))
            continue
        own = part.body.value.get(INNER) if isinstance(part.body.value, Record) else None
        fields += own.fields if isinstance(own, Record) else ()
        fields += _inside(more)
    return Record("dict", tuple(fields))
