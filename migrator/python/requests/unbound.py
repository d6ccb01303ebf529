"""What a name that other files bind most likely stands for."""

from __future__ import annotations

import re

import libcst as cst

from migrator import ir
from migrator.diagnostics import Settled
from migrator.planning.parts import OWN
from migrator.python.evidence.models import OF_MODELS
from migrator.python.evidence.names import Instance
from migrator.python.evidence.own_types import is_no_content
from migrator.python.evidence.scopes import Kind
from migrator.python.evidence.unseen import TEXT_WORDS, is_made_unseen
from migrator.python.evidence.values import Place
from migrator.python.evidence.words import words
from migrator.python.requests.workspace import Workspace
from migrator.records import dataclass

_MEDIA_WORDS = frozenset(
    "file files image images img imgs photo picture audio video media part parts pdf doc document upload uploaded blob "
    "attachment frame screenshot clip recording history messages contents content turn turns".split()
)
_FILE_WORDS = frozenset("file audio video pdf doc document upload uploaded attachment clip recording".split())
CONTENTS = re.compile(r"contents(\[\])*(\.parts(\[\])?)?$")


@dataclass(frozen=True, slots=True)
class Unbound:
    """Judges names by what is known of their kind, and by their words."""

    space: Workspace

    def likely(self, node: cst.BaseExpression, place: Place) -> ir.Value | None:
        """What a name that is bound elsewhere most likely is, where its spelling says more than nothing."""
        if self.space.facts.kinds.of(node):
            return None
        if (CONTENTS.match(place.path)) and (owner := self._no_content(node)) is not None:
            return ir.Opaque(node, f"{OWN}{owner.name.value}")
        made_unseen = place.path == "contents[]" and is_made_unseen(self.space.facts, node)
        if not isinstance(node, (cst.Name, cst.Attribute)):
            return ir.Opaque(node, ir.MADE) if made_unseen else None
        name = node.value if isinstance(node, cst.Name) else node.attr.value
        said = words(name)
        if CONTENTS.match(place.path) and said & _MEDIA_WORDS and not said & TEXT_WORDS:
            if place.path == "contents[]" and said & _MEDIA_WORDS <= _FILE_WORDS:
                return ir.Opaque(node, ir.MADE)
            message = f"{name} may be a file, an image or a part: its type is not visible"
            return ir.Unknown(message, node, Settled.BY_THE_RUN)
        if made_unseen:
            return ir.Opaque(node, ir.MADE)
        looks_like_a_class = name[:1].isupper() and not name.isupper()
        if place.path.endswith("response_schema") and looks_like_a_class and self._is_from_elsewhere(node):
            message = f"response_schema: {name} is assumed to be a class: it is made elsewhere"
            if not self._is_used_as_a_class(node):
                self.space.draft.ask("MG102", message, node)
            return ir.Opaque(node, "type", repeatable=True)
        return None

    def _no_content(self, node: cst.BaseExpression) -> cst.ClassDef | None:
        """The class of this file that ``node`` is an instance of, where contents are made of no such object."""
        names = self.space.facts.names
        found = names.resolve(node)
        return found.of if isinstance(found, Instance) and is_no_content(names, found.of) else None

    def _is_used_as_a_class(self, node: cst.Name | cst.Attribute) -> bool:
        """Whether the file annotates with the same name, or asks it to validate something."""
        module = self.space.facts.module
        source = module.source(node)
        annotated = any(module.source(each.annotation) == source for each in module.nodes(cst.Annotation))
        asked = (each for name in OF_MODELS for each in module.attributes(name))
        return annotated or any(module.source(each.value) == source for each in asked)

    def _is_from_elsewhere(self, node: cst.Name | cst.Attribute) -> bool:
        if isinstance(node, cst.Attribute):
            return True
        return all(each.kind is Kind.IMPORT for each in self.space.facts.scopes.definitions(node))
