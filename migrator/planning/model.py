"""What every stage of the planning takes and gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from enum import Enum

from migrator.diagnostics import Diagnostic, Level, Settled
from migrator.fieldmap import SERVICES, FieldMap
from migrator.ir import Origin, Unknown, Value
from migrator.records import dataclass
from migrator.settings import Settings

GEMINI, ENTERPRISE = SERVICES


class Feature(Enum):
    """What a planned request makes possible in its response; readers of the response ask for it."""

    FUNCTIONS = "functions"
    CALLABLES = "callables"  # Python functions among the tools, which a loop calls
    RECORDED = "recorded"  # that loop keeps the steps that it took
    APART = "apart"  # settings of automatic function calling where no tools are in sight
    BUILTIN_TOOLS = "builtin_tools"
    SOURCES = "sources"  # places, files or documents may be cited, beside web pages
    CODE_EXECUTION = "code_execution"
    THOUGHTS = "thoughts"
    IMAGE = "image"
    AUDIO = "audio"
    SCHEMA = "schema"
    OPEN_SCHEMA = "open_schema"  # only the run knows whether the schema is a class or data
    JSON = "json"
    CHOICE = "choice"  # text/x.enum: the answer was a bare word, and is one in the quotes of JSON
    TOLD_BACK = "told_back"  # a history is read, whose turns may hold more than texts
    STREAMED = "streamed"  # every reply is a piece of a stream, which holds one thing


class Mode(Enum):
    """What an ``input`` list holds: contents of one user turn, or the steps of a conversation.

    PARTS are contents that have to stand inside of a step.
    """

    CONTENTS = "contents"
    STEPS = "steps"
    PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Context:
    """What a plan may look at besides the value itself.

    ``model`` is the model's name where the source shows it, else empty. ``resolution`` is the media resolution that the
    configuration sets for every media item, spelt for Interactions, else empty. ``service`` is the one that the client
    is shown to speak to, else empty. ``speaker`` is the type of the step in which parts without a content are said.
    """

    maps: FieldMap
    settings: Settings = field(default_factory=Settings)
    model: str = ""
    resolution: str = ""
    service: str = ""
    speaker: str = "user_input"


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned value; ``value`` is None where it is refused, and then a diagnostic of level MANUAL says why."""

    value: Value | None
    diagnostics: tuple[Diagnostic, ...] = ()
    features: frozenset[Feature] = frozenset()

    @property
    def level(self) -> Level:
        """The least sure level of the plan's diagnostics."""
        found = Level.SAFE
        for diagnostic in self.diagnostics:
            found = found | diagnostic.level
        return found

    def saying(self, *diagnostics: Diagnostic) -> Planned:
        """The same plan with more to say."""
        return planned(self.value, (*self.diagnostics, *diagnostics), self.features)


def planned(value: Value | None, diagnostics: Iterable[Diagnostic] = (), features: Iterable[Feature] = ()) -> Planned:
    """The plan for ``value``; without a value as soon as one diagnostic is a refusal."""
    said = tuple(dict.fromkeys(diagnostics))
    refused = any(diagnostic.level is Level.MANUAL for diagnostic in said)
    return Planned(None if refused else value, said, frozenset(features))


def joined(parts: Iterable[Planned]) -> tuple[tuple[Value, ...], tuple[Diagnostic, ...], frozenset[Feature]]:
    """The values, the diagnostics and the features of several plans."""
    done = tuple(parts)
    values = tuple(part.value for part in done if part.value is not None)
    said = tuple(diagnostic for part in done for diagnostic in part.diagnostics)
    return values, said, frozenset[Feature]().union(*(part.features for part in done))


def refused(
    code: str, message: str, origin: Origin = None, advice: str = "", settled: Settled = Settled.BY_HAND
) -> Planned:
    """No plan: what is asked has no counterpart, or is not visible."""
    return Planned(None, (Diagnostic(code, Level.MANUAL, message, origin, advice, settled),))


def unknown(field: str, value: Unknown) -> Planned:
    """No plan for a ``field`` of the request: its value is not visible."""
    return refused("MG106", f"{field}: {value.reason}", value.origin, settled=value.settled)


def review(code: str, message: str, origin: Origin = None, advice: str = "") -> Diagnostic:
    """A difference or an assumption that a person has to accept."""
    return Diagnostic(code, Level.REVIEW, message, origin, advice)


def noted(code: str, message: str, origin: Origin = None, advice: str = "") -> Diagnostic:
    """Something worth saying about a safe plan."""
    return Diagnostic(code, Level.SAFE, message, origin, advice)
