"""Parse a module and make everything that can be asked about it."""

from __future__ import annotations

import libcst as cst

from migrator.fieldmap import FieldMap
from migrator.python.evidence.kinds import Kinds
from migrator.python.evidence.module import Module
from migrator.python.evidence.names import Names
from migrator.python.evidence.scopes import Scopes
from migrator.python.evidence.values import Facts
from migrator.segments import WHOLE, Segments


def facts_of(tree: cst.Module, maps: FieldMap, segments: Segments = WHOLE) -> Facts:
    """The facts of a parsed module; ``segments`` are those of a document's program."""
    module = Module(tree)
    scopes = Scopes(module, segments)
    names = Names(module, scopes)
    return Facts(module, scopes, names, Kinds(module, scopes, names), maps)
