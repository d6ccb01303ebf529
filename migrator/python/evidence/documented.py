"""What a docstring says of a parameter: ``prompt (str): …``, ``:param str prompt:``, ``prompt : str``."""

from __future__ import annotations

import re

import libcst as cst

from migrator.python.evidence.module import Module
from migrator.python.evidence.scopes import Definition, Scopes

_STR = r"(?:(?:str|string)(?:\s*,\s*optional|\s*\|\s*None)?|Optional\[str\])"
_FORMS = (
    r"^\s*{name}\s*\(\s*{kind}\s*\)\s*:",
    r":param\s+str\s+{name}\s*:",
    r":type\s+{name}\s*:\s*{kind}\s*$",
    r"^\s*{name}\s*:\s*{kind}\s*$",
)


def is_documented_as_text(module: Module, scopes: Scopes, parameter: Definition) -> bool:
    """Whether the function's docstring says that a parameter is a string, and its code does not ask whether it is."""
    function = parameter.scope.node
    docstring = function.get_docstring() if isinstance(function, cst.FunctionDef) else None
    if not docstring or any(_is_asked(module, read) for read in scopes.reads(parameter)):
        return False
    name = re.escape(parameter.name)
    return any(re.search(form.format(name=name, kind=_STR), docstring, re.MULTILINE) for form in _FORMS)


def _is_asked(module: Module, read: cst.Name) -> bool:
    """Whether ``isinstance`` or ``type`` is asked what the parameter is."""
    argument = module.parent(read)
    call = module.parent(argument) if isinstance(argument, cst.Arg) else None
    return isinstance(call, cst.Call) and isinstance(call.func, cst.Name) and call.func.value in ("isinstance", "type")
