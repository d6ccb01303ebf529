"""How deep Python may recurse while a syntax tree is visited."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# A visitor recurses some six frames a level of the tree; ast has turned away what is deeper than this can bear.
DEEP = 20_000


@contextmanager
def deep() -> Iterator[None]:
    """Let a visitor go as deep as any tree that was let through; ast, which turns others away, has the usual limit."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(DEEP)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
