"""Whether instances of a class of this file can stand among contents."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.python.evidence.names import Names
from migrator.python.evidence.scopes import dotted

_OF_NO_USE = frozenset(  # none of them makes what a list of contents takes
    "object pydantic.BaseModel abc.ABC typing.Generic typing.Protocol enum.Enum enum.IntEnum int float Exception "
    "collections.abc.Callable threading.Thread".split()
)
_SDK = "google.genai.types."


def is_no_content(names: Names, owner: cst.ClassDef) -> bool:
    """Whether an instance of ``owner`` is none of what contents are made of, or one with more to it."""
    bases = set(_bases(names, owner, set()))
    return any(base.startswith(_SDK) for base in bases) or bases <= _OF_NO_USE


def _bases(names: Names, owner: cst.ClassDef, seen: set[cst.ClassDef]) -> Iterator[str]:
    """The classes above ``owner`` that other code defines, by their dotted names."""
    seen.add(owner)
    for base in owner.bases:
        node = base.value.value if isinstance(base.value, cst.Subscript) else base.value
        above = names.function(node)
        if not isinstance(above, cst.ClassDef):
            yield names.path(node) or dotted(node)
        elif above not in seen:
            yield from _bases(names, above, seen)
