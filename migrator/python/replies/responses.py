"""Where a response goes: every read of it, through aliases, loops, helpers and returns of the same file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import libcst as cst

from migrator.diagnostics import Level
from migrator.python.chats import flow as chats
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.values import Facts
from migrator.python.replies import callbacks, containers, parameters
from migrator.python.replies import flow as responses
from migrator.python.replies.sources import TYPES as SOURCES
from migrator.python.replies.unreached import is_unreached
from migrator.python.replies.uses import (
    CHAT,
    RESPONSE,
    TESTS,
    Beside,
    Bound,
    Flow,
    How,
    Named,
    Shape,
    Step,
    Track,
    Use,
    Veto,
    how_used,
)
from migrator.python.streams import flow as streams

__all__ = ["CHAT", "RESPONSE", "How", "Shape", "Track", "Tracker", "Use", "Veto", "how_used"]


class Tracker:
    """Follows one response through the module, hop by hop, until every expression that holds it is known."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.track = Track()
        self.queue: list[Flow] = []
        self.fields: set[cst.CSTNode] = set()
        self.seen: set[Flow] = set()

    def run(self, node: cst.CSTNode, shape: Shape) -> Track:
        """The track of the value of ``node``."""
        self._take(Flow(node, shape))
        return self._drained()

    def run_result(self, function: cst.Call, shape: Shape) -> Track:
        """The track of what the partial call ``function`` gives wherever it is made."""
        for step in callbacks.from_callable(self.facts, function, function, shape):
            self._take(self._about(step, shape))
        return self._drained()

    def _drained(self) -> Track:
        while self.queue:
            flow = self.queue.pop()
            self._tested(flow)
            for step in _steps(self.facts, flow):
                self._take(self._about(step, flow.shape))
        return self.track

    def _about(self, step: Step, shape: Shape) -> Step:
        """A veto knows what it is about."""
        return replace(step, about=shape.type) if isinstance(step, Veto | Beside) else step

    def _tested(self, flow: Flow) -> None:
        """A test of an alias is a use of its own; a field that is tested where it is read is one already."""
        how, _ = how_used(self.facts, flow.node)
        if how in TESTS and flow.node not in self.fields and not flow.shape.inside:
            self._take(Use(flow.node, flow.node, flow.shape, "", None, how))

    def _take(self, step: Step) -> None:
        track = self.track
        match step:
            case Flow(node=node, shape=shape):
                known = track.nodes.setdefault(node, shape)
                if step not in self.seen and (known == shape or _may_be_both(known, shape)):
                    self.seen.add(step)
                    self.queue.append(step)
                elif bool(known.inside) is not bool(shape.inside):
                    track.vetoes.append(Veto("MG204", node, f"this may be a {known} or a {shape}"))
            case Bound(definition=definition, shape=shape):
                if definition not in track.definitions or shape.type in SOURCES or shape.inside:
                    track.definitions.add(definition)
                    for read in self.facts.scopes.reads(definition):
                        self._take(Flow(read, shape))
                        self._beside_parameters(read, shape)
            case Use(field="", how=How.COMPARED) if step.node in self.fields:
                pass  # where a field is read, what it is compared with is seen
            case Use():
                self.fields.add(step.node)
                track.uses.append(step)
            case Veto(code="MG202", level=Level.REVIEW) if self.facts.alone:
                pass  # there is no other file that could read it
            case Veto():
                track.vetoes.append(step)
            case Named(node=node):
                track.annotations.add(node)
            case Beside(node=node, about=about):
                (track.beside_sources if about in SOURCES else track.beside).add(node)

    def _beside_parameters(self, read: cst.Name, shape: Shape) -> None:
        """A parameter that reaches the read too, whatever its default, is what its callers pass."""
        for other in self.facts.scopes.definitions(read) - self.track.definitions:
            if other.kind is Kind.PARAMETER:
                for step in parameters.in_place_of(self.facts, other, read, shape):
                    self._take(self._about(step, shape))


def _may_be_both(known: Shape, shape: Shape) -> bool:
    """A source may be one of several types, as in ``chunk.web or chunk.maps``, and a container have several values."""
    return {known.type, shape.type} <= SOURCES or bool(known.inside and shape.inside)


def _steps(facts: Facts, flow: Flow) -> Iterator[Step]:
    if flow.shape.inside:
        return containers.steps(facts, flow.node, flow.shape)
    if flow.shape == streams.WHOLE:
        return streams.steps(facts, flow.node)
    if flow.shape in chats.FOLLOWED:
        return chats.steps(facts, flow.node, flow.shape)
    if is_unreached(facts, flow.node, flow.shape):
        return iter(())
    return responses.steps(facts, flow.node, flow.shape)
