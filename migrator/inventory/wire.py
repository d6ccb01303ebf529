"""Uses of the legacy API that any text shows: addresses of its REST methods, and calls of the JavaScript SDKs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.inventory.entry import OTHER, Entry
from migrator.source import Lines

# generativelanguage.googleapis.com/…/models/MODEL:generateContent, whole or put together by the program.
_METHOD = re.compile(
    r"(?:models/(?P<model>[\w.-]+))?[^\s\"'`]{0,3}:(?P<method>generateContent|streamGenerateContent)\b"
)
_CALLS = (
    ("google-genai for JavaScript", re.compile(r"\.models\s*\.\s*(generateContent(?:Stream)?)\s*\(")),
    ("generative-ai for JavaScript", re.compile(r"\.(getGenerativeModel)\s*\(")),
)
_CURL = re.compile(r"(?:^|[\s!$(`])curl\b")
_CONTINUED = 12  # lines that a command goes on for, at most


def entries(path: str, text: str) -> Iterator[Entry]:
    """The uses in a text, in no order."""
    lines = Lines.of(text)
    for found in _METHOD.finditer(text):
        line, column = lines.position(found.start("method"))
        dialect = "curl" if _is_curl(lines, line) else "REST"
        yield Entry(path, line, column, dialect, found["method"], OTHER, model=found["model"] or "")
    for dialect, call in _CALLS:
        for found in call.finditer(text):
            line, column = lines.position(found.start(1))
            yield Entry(path, line, column, dialect, found[1], OTHER)


def _is_curl(lines: Lines, number: int) -> bool:
    """Whether a line belongs to a command that begins with curl; a backslash joins the lines of one."""
    for before in range(number, max(0, number - _CONTINUED), -1):
        if _CURL.search(lines.line(before)):
            return True
        if before > 1 and not lines.line(before - 1).rstrip().endswith("\\"):
            return False
    return False
