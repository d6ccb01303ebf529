"""What a run was asked for: frozen, picklable, and the only thing that decides besides the source itself."""

from __future__ import annotations

from enum import Enum

from migrator.diagnostics import Level
from migrator.records import dataclass


class Mode(Enum):
    """What a run does with what it finds."""

    APPLY = "apply"
    DIFF = "diff"
    CHECK = "check"
    VERIFY = "verify"


class State(Enum):
    """Whether a migrated call leaves the interaction on the server."""

    STATELESS = "stateless"
    STATEFUL = "stateful"


class Vertex(Enum):
    """What happens to calls of Vertex AI and Enterprise clients."""

    REFUSE = "refuse"
    REVIEW = "review"
    ALLOW = "allow"


class Models(Enum):
    """Whether model names that are no longer served are kept (and refused) or replaced from the map."""

    KEEP = "keep"
    UPGRADE = "upgrade"


class Marks(Enum):
    """Which comments of ours stand at calls that are left."""

    CURRENT = "current"  # those that are there and still true
    ALL = "all"  # one at each such call


@dataclass(frozen=True, slots=True)
class Settings:
    """The decisions of the person who runs the tool; ``accept`` is the least sure level that is still applied.

    ``select`` and ``ignore`` are beginnings of codes: what they leave out is not said, and is not rewritten for it.
    """

    accept: Level = Level.SAFE
    state: State = State.STATELESS
    vertex: Vertex = Vertex.REVIEW
    models: Models = Models.KEEP
    field_maps: tuple[str, ...] = ()
    bodies: frozenset[str] = frozenset()  # data files that somebody named: each holds request bodies
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    marks: Marks = Marks.CURRENT
    units: frozenset[int] | None = None  # the only units of the file to be rewritten
