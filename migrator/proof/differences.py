"""The ways in which two runs can differ."""

from __future__ import annotations

from typing import TypeAlias

from migrator.proof.ran import Place
from migrator.records import dataclass


@dataclass(frozen=True, slots=True)
class Field:
    """A part of a request that two requests do not share; None where one of them does not have it."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Other:
    """A request that means something else; ``number`` counts from 1 as the code as it is asks."""

    number: int
    before: Place
    after: Place
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A request that the rewritten code does not make."""

    number: int
    before: Place


@dataclass(frozen=True, slots=True)
class Extra:
    """A request that only the rewritten code makes."""

    number: int
    after: Place


@dataclass(frozen=True, slots=True)
class Reordered:
    """The same requests, one after the other in both runs, and not in the same order."""

    number: int
    before: Place
    after: Place


@dataclass(frozen=True, slots=True)
class Wrong:
    """A request of the rewritten code that the service would refuse, and the reason that it would give."""

    after: Place
    problem: str


@dataclass(frozen=True, slots=True)
class Code:
    """Another exit code; with the last lines that the rewritten code said."""

    before: int
    after: int
    last: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """The first line of output that is not the same; None where one run says nothing more."""

    stream: str
    line: int
    before: str | None
    after: str | None


Difference: TypeAlias = Wrong | Other | Missing | Extra | Reordered | Code | Output
