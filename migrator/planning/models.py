"""The model of a request: whether an interaction can ask it."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.diagnostics import Diagnostic, Level
from migrator.ir import Apply, Choice, Literal, Opaque, Unknown, Value
from migrator.planning.model import Context, Feature, Planned, noted, planned, refused, review, unknown
from migrator.settings import Models

PREFIX = "models/"
_MEDIA = {Feature.IMAGE: "pictures", Feature.AUDIO: "speech"}
PICTURES, VOICES = ("image", "banana"), ("tts",)  # words in the names of models that answer with them unasked


def model(value: Value, context: Context) -> Planned:
    """The model to name; a literal that is not served is refused, or replaced where the settings ask for it."""
    match value:
        case Literal(value=str() as name):
            return _named(value, name.removeprefix(PREFIX), context)
        case Choice(test=test, then=then, otherwise=otherwise, origin=origin):
            sides = [model(side, context) for side in (then, otherwise)]
            said = sides[0].diagnostics + sides[1].diagnostics
            if sides[0].value is None or sides[1].value is None:
                return Planned(None, said)
            return planned(Choice(test, sides[0].value, sides[1].value, origin), said)
        case Opaque() | Apply():
            return Planned(value)
        case Unknown() as hidden:
            return unknown("model", hidden)
        case _:
            return refused("MG106", "model: not the name of a model", value.origin)


_FORMER = "Where it is switched off, it is so for both APIs: choose a model of today."
_UPGRADED = "Accept with --review, and look at what it answers: thinking, sampling and price differ between models."


def _named(value: Literal, name: str, context: Context) -> Planned:
    known = context.maps.models
    kept = value if name == value.value else Literal(name, value.origin)
    if known.is_served(name):
        care = known.aliases.get(name)
        said = () if care is None else (noted("MG102", f"{name}: {care}", value.origin),)
        return planned(kept, said, features(name))
    better = known.replacement(name)
    if better is None and name in known.formerly:
        message = f"{name} was named for interactions by {known.formerly[name]}; google-genai 3.4.0 names it no more"
        return planned(kept, (noted("MG105", message, value.origin, _FORMER),), features(name))
    if better is None and known.is_retired(name):
        message = f"{name} is not served by the Interactions API, and no page names its successor"
        return Planned(None, (Diagnostic("MG105", Level.MANUAL, message, value.origin, "Choose a served model."),))
    if better is None:
        message = f"{name} is not among the models that google-genai names for interactions; try this call once"
        advice = "Check the name; accept with --review if the service knows it."
        return planned(value, (review("MG105", message, value.origin, advice),), features(name))
    if context.settings.models is Models.UPGRADE:
        message = f"{name} is not served; {better.to} takes its place: {better.note}"
        changed = review("MG105", message, value.origin, _UPGRADED)
        return planned(Literal(better.to, value.origin), (changed,), features(better.to))
    message = f"{name} is not served by the Interactions API"
    advice = f"Choose a served model, or pass --upgrade-models to take {better.to}."
    return Planned(None, (Diagnostic("MG105", Level.MANUAL, message, value.origin, advice),))


def features(name: str) -> frozenset[Feature]:
    """What a model of this name answers with, unasked."""
    found = {Feature.IMAGE} if any(word in name for word in PICTURES) else set()
    return frozenset(found | ({Feature.AUDIO} if any(word in name for word in VOICES) else set()))


def outgrown(value: Value | None, planned_model: Planned | None, asked: Iterable[Feature]) -> tuple[Diagnostic, ...]:
    """A refusal where another model takes the place of one that was asked for pictures or speech."""
    after = literal_name(planned_model) if planned_model is not None else ""
    match value:
        case Literal(value=str() as name) if after and name.removeprefix(PREFIX) != after:
            pass
        case _:
            return ()
    kinds = [kind for feature, kind in _MEDIA.items() if feature in asked and feature not in features(after)]
    if not kinds:
        return ()
    message = f"{name} is not served, and {after}, which would take its place, gives no {' and no '.join(kinds)}"
    return (Diagnostic("MG105", Level.MANUAL, message, value.origin, "Choose a served model that does."),)


def literal_name(planned_model: Planned) -> str:
    """The model's name where the plan shows it, else empty."""
    match planned_model.value:
        case Literal(value=str() as name):
            return name
        case _:
            return ""
