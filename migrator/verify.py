"""Checks on the result before anybody sees it: a breach leaves the file alone and says so."""

from __future__ import annotations

import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator, Sequence

import libcst as cst

from migrator.python.unit import Unit
from migrator.python.values import Facts
from migrator.settings import Settings


def breaches(before: bytes, after: bytes, facts: Facts, settings: Settings, accepted: Sequence[Unit]) -> list[str]:
    """What is wrong with ``after``; empty when it parses and no comment is lost."""
    try:
        cst.parse_module(after)
    except cst.ParserSyntaxError as error:
        return [f"the result would not parse: {error.message.splitlines()[0]}"]
    lost = Counter(_comments(before)) - Counter(_comments(after))
    return [f"the comment {comment!r} would be lost" for comment in lost]


def _comments(source: bytes) -> Iterator[str]:
    try:
        for token in tokenize.tokenize(io.BytesIO(re.sub(rb"\r\n?", b"\n", source)).readline):
            if token.type == tokenize.COMMENT:
                yield token.string
    except (tokenize.TokenError, SyntaxError):
        return
