"""The keys of ``[tool.migrator]``: one row each, with the check that its value has to pass.

A row says where the key may stand: with what decides a rewrite (also in overrides), with what decides which files are
taken, or with what belongs to a run as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from migrator import codes
from migrator.diagnostics import Level
from migrator.records import dataclass
from migrator.settings import Marks, Models, Settings, State, Vertex

Values = Mapping[str, object]


class Part(Enum):
    """What a key decides."""

    REWRITE = "rewrite"  # of one file: may stand in an override
    FIND = "find"  # which files are taken: of the nearest settings
    RUN = "run"  # the run: of the settings nearest to the current folder


@dataclass(frozen=True, slots=True)
class Key:
    """A key; ``check`` gives the value as the tool uses it, or raises ValueError with what was expected."""

    name: str
    part: Part
    check: Callable[[object], object]


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")  # noqa: TRY004  said of a file, not of the caller
    return value


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("expected a whole number of at least 1")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("expected a text")
    return value


def texts(value: object) -> tuple[str, ...]:
    """Check a list of texts."""
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) and item for item in value):
        raise ValueError("expected a list of texts")
    return tuple(value)


def _codes(value: object) -> tuple[str, ...]:
    return codes.prefixes(texts(value))


def _one_of(*names: str) -> Callable[[object], object]:
    def check(value: object) -> object:
        if value not in names:
            raise ValueError(f"expected {', '.join(names[:-1])} or {names[-1]}")
        return value

    return check


KEYS: dict[str, Key] = {
    key.name: key
    for key in (
        Key("review", Part.REWRITE, _flag),
        Key("state", Part.REWRITE, _one_of(*(it.value for it in State))),
        Key("vertex", Part.REWRITE, _one_of(*(it.value for it in Vertex))),
        Key("upgrade-models", Part.REWRITE, _flag),
        Key("field-maps", Part.REWRITE, texts),
        Key("select", Part.REWRITE, _codes),
        Key("ignore", Part.REWRITE, _codes),
        Key("mark", Part.REWRITE, _flag),
        Key("include", Part.FIND, texts),
        Key("exclude", Part.FIND, texts),
        Key("force-exclude", Part.RUN, _flag),
        Key("respect-gitignore", Part.RUN, _flag),
        Key("jobs", Part.RUN, _count),
        Key("cache", Part.RUN, _flag),
        Key("cache-dir", Part.RUN, _text),
        Key("baseline", Part.RUN, _text),
    )
}

# Values that name files: relative to the folder of the settings that hold them.
PATHS = frozenset({"field-maps", "cache-dir", "baseline"})


def settings_of(values: Values) -> Settings:
    """Make the settings of a file from checked values; what is missing has its default."""
    default = Settings()

    def of(key: str, otherwise: object) -> object:
        return values.get(key, otherwise)

    return Settings(
        accept=Level.REVIEW if of("review", otherwise=False) else Level.SAFE,
        state=State(of("state", default.state.value)),
        vertex=Vertex(of("vertex", default.vertex.value)),
        models=Models.UPGRADE if of("upgrade-models", otherwise=False) else Models.KEEP,
        field_maps=texts(of("field-maps", ())),
        select=texts(of("select", ())),
        ignore=texts(of("ignore", ())),
        marks=Marks.ALL if of("mark", otherwise=False) else Marks.CURRENT,
    )
