"""What evidence is read from: the tree, its scopes, what names refer to, and the kinds of expressions.

The functions that find evidence take what they need of it, so that the kinds of a module may ask them too.
"""

from __future__ import annotations

from typing import Protocol

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.python.evidence.names import Names
from migrator.python.evidence.scopes import Scopes


class Sight(Protocol):
    """What there is to look at."""

    @property
    def module(self) -> Module:
        """The tree."""

    @property
    def scopes(self) -> Scopes:
        """Which definition reaches which read."""

    @property
    def names(self) -> Names:
        """What a name refers to."""


class Kinds(Sight, Protocol):
    """What is asked of the kinds of a module."""

    def of(self, node: cst.CSTNode) -> str:
        """The kind of an expression."""

    def annotation(self, node: cst.BaseExpression) -> str:
        """The kind that an annotation promises."""

    def annotation_of(self, node: cst.BaseExpression) -> cst.BaseExpression | None:
        """The annotation of what an expression names."""
