"""Which settings hold for a file: those of the command line, over those of the nearest settings upward of the file.

As in ruff, the nearest pyproject.toml with a section of ours holds alone: nothing is inherited from one further up.
"""

from __future__ import annotations

import os
from dataclasses import field
from enum import Enum

from migrator.config import pyproject
from migrator.config.keys import Values, settings_of, texts
from migrator.config.pyproject import Config, ConfigError
from migrator.patterns import Patterns
from migrator.records import dataclass
from migrator.settings import Settings


class Sources(Enum):
    """Where settings are looked for."""

    NEAREST = "nearest"
    NOWHERE = "nowhere"


@dataclass(slots=True)
class Policy:
    """Answers for each file and for the run; ``given`` is what the command line said, ``fixed`` its ``--config``.

    The answers raise ConfigError where settings cannot be used.
    """

    given: Values = field(default_factory=dict)
    fixed: Config | None = None
    sources: Sources = Sources.NEAREST
    _folders: dict[str, Config | None] = field(default_factory=dict)
    _made: dict[tuple[object, ...], Settings] = field(default_factory=dict)

    def settings_for(self, path: str) -> Settings:
        """Give the settings that decide what becomes of a file."""
        path = os.path.abspath(path)
        config = self._config(os.path.dirname(path))
        values = {**(config.values_for(path) if config else {}), **self.given}
        key = tuple(sorted((name, repr(value)) for name, value in values.items()))
        if key not in self._made:
            self._made[key] = _usable(settings_of(values))
        return self._made[key]

    def run_value(self, name: str) -> object:
        """Give a value of the run: from the command line, else from the settings nearest to the current folder."""
        if name in self.given:
            return self.given[name]
        config = self._config(os.getcwd())
        return config.values.get(name) if config else None

    def patterns(self, name: str, folder: str) -> Patterns:
        """Give ``include`` or ``exclude`` as it holds in a folder, an absolute path."""
        if name in self.given:
            here = os.getcwd()
            is_below = os.path.commonpath([here, folder]) == here
            return Patterns(here if is_below else os.path.abspath(os.sep), texts(self.given[name]))
        config = self._config(folder)
        return Patterns(config.base if config else folder, texts(config.values.get(name, ())) if config else ())

    def _config(self, folder: str) -> Config | None:
        if self.fixed is not None or self.sources is Sources.NOWHERE:
            return self.fixed
        if folder not in self._folders:
            above = os.path.dirname(folder)
            path = os.path.join(folder, pyproject.NAME)
            found = pyproject.read(path) if os.path.isfile(path) else None
            self._folders[folder] = found or (self._config(above) if above != folder else None)
        return self._folders[folder]


def _usable(settings: Settings) -> Settings:
    """Give the settings back if their field maps can be used, before a file is touched."""
    if settings.field_maps:
        from migrator import fieldmap

        try:
            fieldmap.load(settings.field_maps)
        except (fieldmap.FieldMapError, OSError) as error:
            raise ConfigError(str(error)) from error
    return settings
