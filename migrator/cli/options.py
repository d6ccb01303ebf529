"""The options that several commands take, and the settings they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import click

from migrator.diagnostics import Level
from migrator.settings import Models, Settings, State, Vertex

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
    click.option("--review", is_flag=True, help="Also apply rewrites that rest on a named assumption."),
    click.option(
        "--state",
        type=click.Choice([it.value for it in State]),
        default=State.STATELESS.value,
        show_default=True,
        help="Whether a migrated call leaves its interaction on the server; stateless adds store=False.",
    ),
    click.option(
        "--vertex",
        type=click.Choice([it.value for it in Vertex]),
        default=Vertex.REVIEW.value,
        show_default=True,
        help="What happens to calls of Vertex AI and Enterprise clients.",
    ),
    click.option(
        "--upgrade-models", is_flag=True, help="Replace models that are no longer served; such a call needs review."
    ),
    _FIELD_MAP,
)


def field_map(command: Command) -> Command:
    """Give a command the option that names field maps."""
    return _FIELD_MAP(command)


def decisions(command: Command) -> Command:
    """Give a command the options that settings are made of."""
    for option in reversed(_DECISIONS):
        command = option(command)
    return command


def settings(arguments: Mapping[str, Any]) -> Settings:
    """Make the settings that the options ask for; a field map that cannot be used is a click.ClickException."""
    made = Settings(
        accept=Level.REVIEW if arguments["review"] else Level.SAFE,
        state=State(arguments["state"]),
        vertex=Vertex(arguments["vertex"]),
        models=Models.UPGRADE if arguments["upgrade_models"] else Models.KEEP,
        field_maps=tuple(arguments["field_maps"]),
    )
    if made.field_maps:
        load(made.field_maps)  # once, before a file is touched
    return made


def load(field_maps: tuple[str, ...]) -> Any:  # noqa: ANN401  a FieldMap, whose module is imported only here
    """Load the maps; one that cannot be used is a click.ClickException that says what is wrong with it."""
    from migrator import fieldmap

    try:
        return fieldmap.load(field_maps)
    except (fieldmap.FieldMapError, OSError) as error:
        raise click.ClickException(str(error)) from error
