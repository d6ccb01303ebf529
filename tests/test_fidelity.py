"""Bytes outside a rewritten construct never change, whatever the file's encoding and line endings are."""

from __future__ import annotations

import pytest

from migrator.changes import Change, spliced
from migrator.migrate import migrate
from migrator.outcome import Kind
from migrator.python.writing.splice import relocated
from migrator.settings import Settings

LINES = (
    "from google import genai",
    "",
    'client = genai.Client(api_key="test-key")',
    'name, MODEL = "Zoë", "gemini-2.5-flash"  # a name',
    "\x0cdef ask(question: str) -> str:",
    "\t# kept  ",
    "\treturn client.models.generate_content(model=MODEL, contents=question).text",
    "",
    'print(ask("hello"), name)',
    "",
)
CHANGED = {
    6: "\treturn client.interactions.create(model=MODEL, input=question, store=False).output_text",
}


def _mixed(lines: tuple[str, ...]) -> str:
    ends = ["\r\n" if number % 2 else "\n" for number in range(len(lines) - 1)]
    return "".join(map("".join, zip(lines, [*ends, ""], strict=True)))


KINDS = {
    "LF": lambda lines: "\n".join(lines).encode(),
    "CRLF": lambda lines: "\r\n".join(lines).encode(),
    "CR": lambda lines: "\r".join(lines).encode(),
    "mixed": lambda lines: _mixed(lines).encode(),
    "BOM": lambda lines: b"\xef\xbb\xbf" + "\n".join(lines).encode(),
    "latin-1": lambda lines: "\n".join(["# -*- coding: latin-1 -*-", *lines]).encode("latin-1"),
    "no final newline": lambda lines: "\n".join(lines[:-1]).encode(),
    "blanks at the end": lambda lines: "\n".join([*lines, " ", "\t", ""]).encode(),
    "line separators in strings": lambda lines: "\n".join([*lines[:-1], 'text = "a\u2028b\x1cc"', ""]).encode(),
}


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_lines_of_the_rewrite_change(kind: str) -> None:
    before = KINDS[kind](LINES)
    after = KINDS[kind](tuple(CHANGED.get(number, line) for number, line in enumerate(LINES)))
    outcome = migrate("file.py", before, Settings())
    assert outcome.kind is Kind.MIGRATED
    assert outcome.after == after


@pytest.mark.parametrize(
    ("source", "read", "change", "after"),
    [
        ("a\n\x0cold\n\x0cb\n", "a\nold\nb\n", Change(2, 5, "new"), "a\n\x0cnew\n\x0cb\n"),
        ("a\n\x0cold\n", "a\nold\n", Change(0, 0, "import x\n"), "import x\na\n\x0cold\n"),
        ("old\n \n\t\n", "old\n\t\n", Change(0, 3, "new"), "new\n \n\t\n"),
        ("old\n", "old\n", Change(4, 4, "new\n"), "old\nnew\n"),
    ],
)
def test_what_the_parser_did_not_read_stays(source: str, read: str, change: Change, after: str) -> None:
    changes = relocated([change], read, source)
    assert changes is not None
    assert spliced(source, changes) == after


def test_a_parser_that_reads_something_else_is_not_trusted() -> None:
    assert relocated([Change(0, 1, "c")], "ab", "a b c") is not None
    assert relocated([Change(0, 1, "c")], "ac", "a b c") is None
    assert relocated([Change(0, 1, "c")], "ba", "ab") is None
