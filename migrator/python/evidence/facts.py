"""Parse a module and make everything that can be asked about it."""

from __future__ import annotations

import libcst as cst

from migrator.fieldmap import FieldMap
from migrator.parts import WHOLE, Parts
from migrator.python.evidence.kinds import Kinds
from migrator.python.evidence.module import Module
from migrator.python.evidence.names import Names
from migrator.python.evidence.scopes import Scopes
from migrator.python.evidence.values import Facts


def facts_of(tree: cst.Module, maps: FieldMap, parts: Parts = WHOLE) -> Facts:
    """The facts of a parsed module; ``parts`` are those of a document's program."""
    module = Module(tree)
    scopes = Scopes(module, parts)
    names = Names(module, scopes)
    return Facts(module, scopes, names, Kinds(module, scopes, names), maps)
