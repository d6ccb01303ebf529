"""What stands in for code that does not parse: a call with the names that it may read, bound to those that it may bind.

So a reply that such code reads is seen to be used where nobody can rewrite it, and a name that it binds is not taken
for that of a piece before it. Its imports are read as they are: which module a name means is not in doubt.
"""

from __future__ import annotations

import ast
import re
from keyword import iskeyword

from migrator.changes import Change

READER = "code_that_does_not_parse"

_STRING = re.compile(
    r"""(?<![fF])(?<![fF][rR])(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')""", re.DOTALL
)
_UNREAD = re.compile(r"#[^\n]*|%+\w+|^[ \t]*(?:from|import)\b[^\n]*|^[ \t]*(?:>>>|\.\.\.) ?", re.MULTILINE)
_BOUND = re.compile(
    r"^(?:(?:(?:async +)?def|class) +(?P<defined>\w+)|(?P<assigned>[^\W\d][\w, ]*)(?:: *[\w.\[\], |]+)?=(?!=))",
    re.MULTILINE,
)
_BOUND_INSIDE = re.compile(r"^[ \t]+([^\W\d]\w*) = ", re.MULTILINE)  # a keyword argument has no spaces there
_IMPORT = re.compile(r"^(?:from|import)\b[^\n]*\n", re.MULTILINE)
_NAME = re.compile(r"(?<![.\w])[^\W\d]\w*\b(?!\s*=[^=])")


def stand_in(code: str) -> tuple[Change, ...]:
    """What is read in the place of a piece that does not parse."""
    return (Change(0, len(code), _call(code)),)


def around_imports(code: str) -> tuple[Change, ...]:
    """What is read in the place of a piece that does not parse, but for its lines that import something."""
    at, changes = 0, []
    for found in _IMPORT.finditer(code):
        if _parses(found[0]):
            changes.append(Change(at, found.start(), ""))
            at = found.end()
    return (*changes, Change(at, len(code), _call(code)))


def _parses(line: str) -> bool:
    try:
        ast.parse(line)
    except (SyntaxError, ValueError):
        return False
    return True


def _call(code: str) -> str:
    names = _UNREAD.sub("", _STRING.sub('""', code))
    bound: dict[str, int] = {}
    for found in _BOUND.finditer(names):
        for name in _NAME.findall(found["defined"] or found["assigned"] + "\n"):
            bound.setdefault(name, found.end())
    own = {found[1]: found.end() for found in reversed([*_BOUND_INSIDE.finditer(names)])} | bound
    read = (found[0] for found in _NAME.finditer(names) if found.start() < own.get(found[0], len(names)))
    targets = "".join(f"{name} = " for name in bound if not iskeyword(name))
    arguments = ", ".join(name for name in dict.fromkeys(read) if not iskeyword(name))
    return f"{targets}{READER}({arguments})\n"
