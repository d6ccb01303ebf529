"""Text without what must never be shown: keys, tokens, long encoded data, and what a request says."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[hidden]"
_SECRETS = (
    re.compile(r"AIza[0-9A-Za-z_-]{10,}"),
    re.compile(r"(?i)(?<=x-goog-api-key)(\W{1,4})[^\s'\",}]+"),
    re.compile(r"(?i)(?<=[?&]key=)[^&\s'\"]+"),
    re.compile(r"(?i)\bbearer\s+[\w.~+/=-]+"),
    re.compile(r"[A-Za-z0-9+/_=-]{65,}"),
)
_LONGEST = 400


def scrubbed(text: str, secrets: Iterable[str] = ()) -> str:
    """``text`` on one line, shortened, with secrets hidden: the given ones and whatever looks like one."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for pattern in _SECRETS:
        text = pattern.sub(HIDDEN, text)
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
