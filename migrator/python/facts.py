"""Parse a module and make everything that can be asked about it."""

from __future__ import annotations

import libcst as cst

from migrator.fieldmap import FieldMap
from migrator.python.kinds import Kinds
from migrator.python.module import Module
from migrator.python.names import Names
from migrator.python.scopes import Scopes
from migrator.python.values import Facts


def facts_of(tree: cst.Module, maps: FieldMap) -> Facts:
    """The facts of a parsed module."""
    module = Module(tree)
    scopes = Scopes(module)
    names = Names(module, scopes)
    return Facts(module, scopes, names, Kinds(module, scopes, names), maps)
