"""What reading one call site gives, and the units that sites form: everything that must change together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import field

import libcst as cst

from migrator.diagnostics import Diagnostic, Level, Settled
from migrator.plan import Feature
from migrator.python.evidence.sites import CallSite
from migrator.python.replies.responses import Track
from migrator.python.requests.bindings import Binding
from migrator.python.requests.model_names import Named
from migrator.python.writing.edits import Edit
from migrator.records import dataclass


@dataclass(slots=True, eq=False)
class Draft:
    """One site on its way: its edits so far, what it shares with other sites, and what is said about it."""

    site: CallSite
    edits: dict[cst.CSTNode, Edit] = field(default_factory=dict)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    features: set[Feature] = field(default_factory=set)
    bindings: dict[Hashable, Binding] = field(default_factory=dict)
    copied: dict[Hashable, Binding] = field(default_factory=dict)  # constants written again where they are used
    keys: set[Hashable] = field(default_factory=set)
    moved: list[cst.CSTNode] = field(default_factory=list)  # nodes whose code and comments move into the call
    unseen: set[str] = field(default_factory=set)  # arguments that could not be read, or not be changed
    held: dict[Hashable, str] = field(default_factory=dict)  # the argument that each binding is read for
    schemas: dict[Hashable, cst.BaseExpression | None] = field(default_factory=dict)  # of the answer; None: not visible
    upgraded: list[cst.Name] = field(default_factory=list)  # constants whose model is replaced
    named: list[Named] = field(default_factory=list)  # strings that the model may be, which are replaced
    asked: set[cst.CSTNode] = field(default_factory=set)  # what is read on the way from the model to those strings
    track: Track = field(default_factory=Track)

    def refuse(
        self,
        code: str,
        message: str,
        origin: cst.CSTNode | None,
        advice: str = "",
        settled: Settled = Settled.BY_HAND,
    ) -> None:
        """Say why the site stays as it is."""
        self.diagnostics.append(Diagnostic(code, Level.MANUAL, message, origin, advice, settled))

    def ask(self, code: str, message: str, origin: cst.CSTNode | None, advice: str = "") -> None:
        """Name an assumption that a person has to accept."""
        self.diagnostics.append(Diagnostic(code, Level.REVIEW, message, origin, advice))

    @property
    def level(self) -> Level:
        """The least sure thing that was said."""
        level = Level.SAFE
        for diagnostic in self.diagnostics:
            level = level | diagnostic.level
        return level


@dataclass(frozen=True, slots=True, eq=False)
class Unit:
    """Sites that change together or not at all."""

    drafts: tuple[Draft, ...]

    @property
    def level(self) -> Level:
        """The least sure level of any of its sites."""
        level = Level.SAFE
        for draft in self.drafts:
            level = level | draft.level
        return level


def units(drafts: Iterable[Draft]) -> list[Unit]:
    """Drafts grouped by what they share: bindings, aliases, and every expression that a response reaches."""
    groups: list[tuple[set[Hashable], list[Draft]]] = []
    for draft in drafts:
        shared: set[Hashable] = {*draft.bindings, *draft.keys, *draft.track.nodes}
        touching = [group for group in groups if group[0] & shared]
        groups = [group for group in groups if not group[0] & shared]
        members = [draft, *(member for _, others in touching for member in others)]
        groups.append((shared.union(*(keys for keys, _ in touching)), members))
    return [Unit(tuple(sorted(members, key=lambda draft: draft.level.value))) for _, members in groups]
