"""What a name says, word by word."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]?[a-z]+")


def words(name: str) -> set[str]:
    """The words of a name, in whatever case it is written."""
    return {word.lower() for word in _WORD.findall(name)}
