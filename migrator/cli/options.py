"""The options that several commands take, and the policy that they make with the settings of files.

No option has a default here: what the command line does not say is left to the settings, and then to ``config.keys``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from migrator.settings import Settings, State, Vertex

if TYPE_CHECKING:
    from migrator.config.policy import Policy

Command = TypeVar("Command", bound=Callable[..., Any])

_FIELD_MAP = click.option(
    "--field-map",
    "field_maps",
    multiple=True,
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    help="Take rows from this field map too; may be given several times.",
)

_DECISIONS = (
    click.option(
        "--review/--no-review", default=None, help="Also apply rewrites that rest on a named assumption.  [default: no]"
    ),
    click.option(
        "--state",
        type=click.Choice([it.value for it in State]),
        help="Whether a migrated call leaves its interaction on the server; stateless adds store=False.  "
        f"[default: {State.STATELESS.value}]",
    ),
    click.option(
        "--vertex",
        type=click.Choice([it.value for it in Vertex]),
        help=f"What happens to calls of Vertex AI and Enterprise clients.  [default: {Vertex.REVIEW.value}]",
    ),
    click.option(
        "--upgrade-models/--no-upgrade-models",
        default=None,
        help="Replace models that are no longer served; such a call needs review.  [default: no]",
    ),
)

_SOURCES = (
    _FIELD_MAP,
    click.option(
        "--config",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False),
        help="Take settings from this file alone.  [default: the nearest pyproject.toml of each file]",
    ),
    click.option("--isolated", is_flag=True, help="Take settings from no file."),
)

# Parameters of a command whose names are those of keys; see config.keys.
_KEYS = (
    *("review", "state", "vertex", "upgrade_models", "field_maps", "select", "ignore", "mark"),
    *("include", "exclude", "force_exclude", "respect_gitignore", "jobs", "cache", "cache_dir", "baseline"),
)


def together(choices: Iterable[Callable[[Command], Command]]) -> Callable[[Command], Command]:
    """Make one decorator of several, which help shows in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(tuple(choices)):
            command = option(command)
        return command

    return decorate


def field_map(command: Command) -> Command:
    """Give a command the option that names field maps."""
    return _FIELD_MAP(command)


def decisions(command: Command) -> Command:
    """Give a command the options that settings are made of."""
    return together((*_DECISIONS, *_SOURCES))(command)


def sources(command: Command) -> Command:
    """Give a command the options that say where settings come from."""
    return together(_SOURCES)(command)


def policy(arguments: Mapping[str, Any]) -> Policy:
    """Make the policy that the options ask for; what cannot be used is a click.ClickException."""
    import os

    from migrator.config import pyproject
    from migrator.config.policy import Policy, Sources

    if arguments["isolated"] and arguments["config"]:
        raise click.UsageError("--isolated and --config exclude each other.")
    if arguments["field_maps"]:
        load(arguments["field_maps"])  # once, before a file is touched
    try:
        fixed = pyproject.read(arguments["config"], os.getcwd()) if arguments["config"] else None
    except pyproject.ConfigError as error:
        raise click.ClickException(str(error)) from error
    if arguments["config"] and fixed is None:
        raise click.ClickException(f"{arguments['config']} has no [tool.migrator]")
    return Policy(_given(arguments), fixed, Sources.NOWHERE if arguments["isolated"] else Sources.NEAREST)


def settings(arguments: Mapping[str, Any], path: str) -> Settings:
    """Make the settings for one file; what cannot be used is a click.ClickException."""
    from migrator.config.pyproject import ConfigError

    try:
        return policy(arguments).settings_for(path)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


def _given(arguments: Mapping[str, Any]) -> dict[str, object]:
    """Give what the command line says, by the names of keys, checked as settings are."""
    from migrator.config.keys import KEYS

    given: dict[str, object] = {}
    for name in _KEYS:
        value = arguments.get(name)
        if value is None or value == ():
            continue
        key = name.replace("_", "-")
        try:
            given[key] = KEYS[key].check(value)
        except ValueError as error:
            raise click.UsageError(f"--{key}: {error}.") from None
    return given


def load(field_maps: tuple[str, ...]) -> Any:  # noqa: ANN401  a FieldMap, whose module is imported only here
    """Load the maps; one that cannot be used is a click.ClickException that says what is wrong with it."""
    from migrator import fieldmap

    try:
        return fieldmap.load(field_maps)
    except (fieldmap.FieldMapError, OSError) as error:
        raise click.ClickException(str(error)) from error
