"""What the tool says: one table of codes, and the record of one thing said.

Each code has a title, a default advice and a paragraph for ``migrator explain``; a message is made where the fact is
known. Codes are stable: a retired number is never used again.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """How sure a rewrite is, from proven to never applied."""

    SAFE = "safe"
    REVIEW = "review"
    MANUAL = "manual"

    def __or__(self, other: Level) -> Level:
        """The less sure of the two."""
        order = (Level.SAFE, Level.REVIEW, Level.MANUAL)
        return max(self, other, key=order.index)


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of diagnostic: MG1xx requests, MG2xx responses, MG3xx names and values, MG4xx files, MG5xx field maps."""

    code: str
    title: str
    advice: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing said about one place; ``origin`` is the place as the reader of the source knows it."""

    code: str
    level: Level
    message: str
    origin: Hashable = None
    advice: str = ""

    def help(self) -> str:
        """What to do: the diagnostic's own advice, else the code's."""
        return self.advice or CODES[self.code].advice


def _table(*codes: Code) -> dict[str, Code]:
    return {code.code: code for code in codes}


CODES = _table(
    # Requests -----------------------------------------------------------------------------------------------------
    Code(
        "MG101",
        "no counterpart in the Interactions API",
        "Keep this call on generate_content, or remove the field first.",
        "The field has no place in an Interactions request. Dropping it would change what is asked, so the call stays.",
    ),
    Code(
        "MG102",
        "mapped with a known difference",
        "Read the difference; accept it with --review.",
        "The field has a counterpart that is not exactly the same. The message names the difference.",
    ),
    Code(
        "MG103",
        "field dropped",
        "Nothing to do, unless you relied on it.",
        "The field has no effect in the Interactions API, or its value is the default there, so it is left out.",
    ),
    Code(
        "MG104",
        "unknown field",
        "Check the spelling against google.genai.types.",
        "The legacy type has no field of this name, so what it should become is not known.",
    ),
    Code(
        "MG105",
        "model not served",
        "Choose a served model, or pass --upgrade-models.",
        "The Interactions API serves gemini-2.5 and later. A newer model is never chosen silently: thinking, sampling "
        "and price differ.",
    ),
    Code(
        "MG106",
        "value not visible",
        "Write the value where the call can see it, or migrate this call by hand.",
        "The rewrite depends on a value that this file does not show.",
    ),
    Code(
        "MG107",
        "contents assumed to be text",
        "Accept with --review if it is a string; annotate it as str to make the rewrite safe.",
        "A legacy call takes a string, a part or a list in the same argument; the Interactions API needs to know which. "
        "Nothing in this file says, and a string is by far the most common.",
    ),
    Code(
        "MG108",
        "contents cannot be migrated",
        "Build the steps by hand: see docs/fields.md.",
        "A part of the contents has no counterpart as an Interactions content or step.",
    ),
    Code(
        "MG109",
        "enterprise client",
        "Use --vertex allow or --vertex refuse to decide for the whole run.",
        "Sources conflict on whether the Interactions API is served for Vertex AI and Enterprise clients: the migration "
        "page shows it for location global, earlier pages and open issues say that it is not available.",
    ),
)
