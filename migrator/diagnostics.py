"""What the tool says of one place: the record, how sure a rewrite is, and who can settle what stands against it."""

from __future__ import annotations

from collections.abc import Hashable
from enum import Enum

from migrator.catalogue import CODES
from migrator.records import dataclass


class Level(Enum):
    """How sure a rewrite is, from proven to never applied."""

    SAFE = "safe"
    REVIEW = "review"
    MANUAL = "manual"

    def __or__(self, other: Level) -> Level:
        """The less sure of the two."""
        order = (Level.SAFE, Level.REVIEW, Level.MANUAL)
        return max(self, other, key=order.index)


class Settled(Enum):
    """Who can settle what stands against a rewrite."""

    BY_HAND = "by hand"
    BY_THE_RUN = "by the run"  # what it is about is there to see while the program runs, and can be converted there


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing said about one place; ``origin`` is the place as the reader of the source knows it."""

    code: str
    level: Level
    message: str
    origin: Hashable = None
    advice: str = ""
    settled: Settled = Settled.BY_HAND

    def help(self) -> str:
        """What to do: the diagnostic's own advice, else the code's."""
        return self.advice or CODES[self.code].advice
