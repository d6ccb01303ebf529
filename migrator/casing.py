"""The two spellings of a field: ``inline_data`` in Python, ``inlineData`` in JSON, where both are taken."""

from __future__ import annotations

import re

_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


def camel(name: str) -> str:
    """``inline_data`` as ``inlineData``."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(name: str) -> str:
    """``inlineData`` as ``inline_data``; the same for every name of a path."""
    return _HUMP.sub(lambda found: f"_{found[1].lower()}", name)
