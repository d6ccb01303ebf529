"""Plan a legacy request as an Interactions request: pure functions from ``ir`` values to ``ir`` values.

A planned value is a ``Record`` of type ``body`` (keyword arguments of ``interactions.create``) or ``dict``, a
``Sequence`` or an ``Apply``; whatever is carried over keeps its ``origin``, so that a writer can carry its text too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.diagnostics import Settled
from migrator.ir import (
    LATER,
    PLANNED,
    Apply,
    Choice,
    Field,
    Function,
    Literal,
    Opaque,
    Record,
    Request,
    Spread,
    Unknown,
    Value,
)
from migrator.planning import automatic, config, contents, derived, formats, models, schema, system, tools
from migrator.planning.media import PART
from migrator.planning.model import Context, Feature, Mode, Planned, joined, planned, refused, review, unknown
from migrator.planning.rows import Handler, change_mapped, clashes, mapped, nest
from migrator.settings import State

__all__ = [
    "PART",
    "Context",
    "Feature",
    "Mode",
    "Planned",
    "literal_name",
    "mode_of",
    "plan_change",
    "plan_config",
    "plan_contents",
    "plan_history",
    "plan_input",
    "plan_item",
    "plan_model",
    "plan_request",
    "resolution_of",
    "store_fields",
]

_UNSEEN_CONFIG = "config: what it sets is not visible here"
_SET_ELSEWHERE = (
    "this configuration stays what it is and becomes keywords while the program runs; what the new code does not know, "
    "such as tools, raises a ValueError"
)
_TOOLS_ELSEWHERE = (
    "this configuration stays what it is and becomes keywords while the program runs, declared functions, Google "
    "search and pages to read among them; what the new code does not know raises a ValueError"
)
_FEATURES = frozenset({Feature.THOUGHTS, Feature.JSON, Feature.SCHEMA, Feature.OPEN_SCHEMA})
_SET_ADVICE = (
    "Accept with --review if it sets no more than sampling, thinking, an instruction, a format{kinds} and safety "
    "settings; {others}a thinking budget becomes a level, top_k is left out, and sources differ on safety "
    "settings in the Gemini API."
)
HANDLERS: dict[str, Handler] = {
    **config.HANDLERS,
    **automatic.HANDLERS,
    **schema.HANDLERS,
    **formats.HANDLERS,
    **system.HANDLERS,
    **tools.HANDLERS,
}


def plan_config(value: Value | None, context: Context) -> Planned:
    """The keyword arguments of ``create`` that a ``GenerateContentConfig`` becomes: a ``Record`` of type ``body``.

    A ``Choice`` of configurations becomes a ``Choice`` of such records. A media resolution in it is not among them: it
    belongs to every media item (``resolution_of``).
    """
    match value:
        case None | Literal(value=None):
            return Planned(Record("body", ()))
        case Record() if derived.is_derived(value):
            return derived.merged(value, context, plan_config)
        case Record():
            found = mapped(value, "GenerateContentConfig", context, HANDLERS)
            body = nest(found.puts, "body", value.origin)
            return planned(body, (*found.said, *clashes(found.puts)), found.features)
        case Choice(test=test, then=then, otherwise=otherwise, origin=origin):
            sides = [plan_config(side, context) for side in (then, otherwise)]
            values, said, features = joined(sides)
            choice = Choice(test, values[0], values[1], origin) if len(values) == len(sides) else None
            return planned(choice, said, features)
        case Opaque(type=kind) if kind == PLANNED:
            return Planned(Record("body", (Field("**", Spread(value)),)))
        case Opaque(type=kind) if kind == LATER:
            return _converted(value)
        case Unknown() as hidden:
            return unknown("config", hidden)
        case _:
            return refused("MG106", _UNSEEN_CONFIG, value.origin, settled=Settled.BY_THE_RUN)


def _converted(value: Opaque) -> Planned:
    """A configuration that becomes keywords while the program runs."""
    keywords = Record("body", (Field("**", Spread(Apply(Function.ANY_CONFIG, (value,), value.origin))),))
    parts = value.hint.split(",")
    has_tools, has_pictures = "tools" in parts, "pictures" in parts
    features = (
        _FEATURES | (tools.OF_UNSEEN_TOOLS if has_tools else set()) | ({Feature.IMAGE} if has_pictures else set())
    )
    message = _TOOLS_ELSEWHERE if has_tools else _SET_ELSEWHERE
    kinds = (", pictures" if has_pictures else "") + (", such tools" if has_tools else "")
    others = "Python functions, MCP sessions and other tools raise an error now, " if has_tools else ""
    advice = _SET_ADVICE.format(kinds=kinds, others=others)
    return planned(keywords, (review("MG107", message, value.origin, advice),), features)


def plan_change(change: Field, whole: Record, context: Context) -> Planned:
    """The keyword arguments that one field of a configuration becomes, which is given to the ``whole`` of it later."""
    found = change_mapped(change, replace(whole, type="GenerateContentConfig"), context, HANDLERS)
    body = nest(found.puts, "body", whole.origin)
    return planned(body, (*found.said, *clashes(found.puts)), found.features)


def plan_contents(value: Value, context: Context, mode: Mode | None = None) -> Planned:
    """The ``input`` that ``contents`` become; ``mode`` asks for a list of that kind where the list grows later on."""
    return contents.contents(value, context, mode)


def plan_history(value: Value, context: Context) -> Planned:
    """The steps that a chat begins with, for its ``history``."""
    return contents.past(value, context)


def plan_item(value: Value, mode: Mode, context: Context) -> Planned:
    """What one element appended to an existing contents list becomes: a ``Record``, or a ``Sequence`` of several."""
    return contents.item(value, mode, context)


def mode_of(values: Iterable[Value], context: Context) -> Mode:
    """The kind of ``input`` list that can hold all ``values``, the first ones and those appended later."""
    return contents.talk(values, context).mode


def plan_model(value: Value, context: Context) -> Planned:
    """The model to name; refused or replaced where it is a literal that is not served."""
    return models.model(value, context)


def outgrown(value: Value, context: Context, features: Iterable[Feature]) -> Planned:
    """A refusal where the model that takes another's place does not give what ``features`` ask for."""
    return Planned(None, models.outgrown(value, models.model(value, context), features))


def literal_name(model: Planned) -> str:
    """The model's name where the plan knows it, else empty."""
    return models.literal_name(model)


def resolution_of(value: Value | None, context: Context) -> str:
    """The media resolution that a configuration sets for all media: for ``Context.resolution`` of its contents."""
    return config.resolution_of(value, context)


def store_fields(body: Value | None, context: Context) -> tuple[Field, ...]:
    """``store=False`` where nothing may stay on the server and ``body`` does not decide it itself."""
    if context.settings.state is not State.STATELESS:
        return ()
    given = isinstance(body, Record) and body.get("store") is not None
    return () if given else (Field("store", Literal(value=False)),)


def plan_request(request: Request, context: Context) -> Planned:
    """The whole request: a ``Record`` of type ``body`` with model, input, the configuration and, last, ``store``."""
    model = plan_model(request.model, context) if request.model is not None else None
    resolution = resolution_of(request.config, context) or context.resolution
    name = models.literal_name(model) if model is not None else context.model
    context = replace(context, model=name, resolution=resolution)
    asked = plan_input(request.contents, context) if request.contents is not None else None
    settings = plan_config(request.config, context)
    missing = [] if request.kept is not None or asked is not None else [_unseen(request)]
    done = [part for part in (model, asked, *missing, settings) if part is not None]
    _, said, features = joined(done)
    said += (unfit := models.outgrown(request.model, model, features))
    if unfit or settings.value is None or any(part.value is None for part in done):
        return Planned(None, said, features)
    given = [("model", model), ("input", asked)]
    fields = tuple(Field(name, part.value) for name, part in given if part is not None and part.value is not None)
    kept = (Field("**", Spread(request.kept)),) if request.kept is not None else ()
    stream = (Field("stream", Literal(value=True)),) if request.operation.endswith("stream") else ()
    settled = _arguments(settings.value, context)
    body = Record("body", (*fields, *settled, *kept, *stream, *store_fields(settings.value, context)), request.origin)
    return planned(body, said, features)


def plan_input(value: Value, context: Context) -> Planned:
    """The ``input`` of a request, as short as it may be."""
    asked = plan_contents(value, context)
    return replace(asked, value=contents.briefly(asked.value))


def _unseen(request: Request) -> Planned:
    return refused("MG106", "contents: the call does not show them", request.origin)


def _arguments(settings: Value, context: Context) -> tuple[Field, ...]:
    """The planned configuration as arguments; one that depends on a condition stays whole.

    Where it decides one argument only, the argument depends on the condition: None is the same as nothing.
    """
    match settings:
        case Choice(test=test, then=Record() as then, otherwise=Record() as otherwise, origin=origin):
            names = {field.name for field in (*then.fields, *otherwise.fields)}
            if len(names) == 1 and "**" not in names:
                name = names.pop()
                sides = [side.get(name) or Literal(None) for side in (then, otherwise)]
                return (Field(name, Choice(test, sides[0], sides[1], origin)),)
    if isinstance(settings, Record):
        return derived.as_arguments(settings, context, plan_config)
    return (Field("**", Spread(settings)),)
