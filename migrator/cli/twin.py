"""``twin``: the service's double, for a person's own tests."""

from __future__ import annotations

import click

from migrator.cli import answers
from migrator.cli.codes import CLEAN

PORT = 8421


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=PORT, show_default=True, help="0 takes a free one.")
@answers.option
@click.option("-q", "--quiet", is_flag=True, help="Do not name each request.")
def twin(**arguments: object) -> int:
    """Serve a double of the Gemini API on this machine.

    It ends when it is interrupted. It speaks generateContent and Interactions, and answers from what a request means.
    A wrong Interactions request is answered with the error of the service, which names the field.
    """
    return _serve(int(str(arguments["port"])), arguments["answers"], arguments["quiet"])


def _serve(port: int, chosen: object, quiet: object) -> int:
    import threading

    from migrator.twin.server import PortError, serving

    state = answers.twin(str(chosen) if chosen else None)
    if not quiet:
        state.log = click.echo
    try:
        with serving(state, port):
            click.echo(f"The twin listens at {state.url}; Ctrl-C ends it. Programs find it by\n")
            click.echo(f"    export GOOGLE_GEMINI_BASE_URL={state.url} GEMINI_API_KEY=none\n")
            threading.Event().wait()
    except PortError as error:
        raise click.ClickException(f"{error} {answers.OTHER_PORT}") from error
    except KeyboardInterrupt:
        click.echo("")
    return CLEAN
