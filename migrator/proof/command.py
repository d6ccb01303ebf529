"""Runs a command with the twin in place of the service, for a bounded time."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from migrator.records import dataclass

HOOK: Final = Path(__file__).parent / "hook"
KEY: Final = "no-key-is-needed-by-the-twin"
LARGEST: Final = 64 * 2**20  # bytes of output that are kept


class CommandError(Exception):
    """A command that cannot be run to its end; the message says why."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended and what it said."""

    code: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class Command:
    """What is run: its words, what it may read, and how many seconds it may take."""

    words: tuple[str, ...]
    typed: bytes = b""
    timeout: float = 600

    def run(self, folder: Path, environment: Mapping[str, str]) -> Ended:
        """Runs to the end in ``folder``. CommandError where it cannot be started or takes too long."""
        try:
            with subprocess.Popen(  # noqa: S603  the person's own command
                self.words,
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            ) as process:
                try:
                    stdout, stderr = process.communicate(self.typed, self.timeout)
                finally:
                    _end(process)
        except OSError as error:
            raise CommandError(f"{self.words[0]} cannot be started: {error.strerror or error}.") from error
        except subprocess.TimeoutExpired as error:
            raise CommandError(
                f"The command was ended after {self.timeout:g} seconds. --timeout SECONDS gives it longer."
            ) from error
        return Ended(process.returncode, _text(stdout), _text(stderr))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the command and all that it has started and left running."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        pass


def _text(data: bytes) -> str:
    return data[:LARGEST].decode("utf-8", "replace").replace("\r\n", "\n")


def environment(given: Mapping[str, str], url: str, original: Path, copy: Path) -> dict[str, str]:
    """``given`` with the twin at ``url`` in place of the service: no key, no proxy, no account of the person's is used.

    https://googleapis.github.io/python-genai/ names the variables of the Gemini API and of Vertex AI.
    """
    hosts = ",".join(filter(None, [given.get("NO_PROXY") or given.get("no_proxy"), "127.0.0.1", "localhost"]))
    search = os.pathsep.join(filter(None, [str(HOOK), given.get("PYTHONPATH")]))
    return {
        "PYTHONHASHSEED": "0",
        "GOOGLE_CLOUD_PROJECT": "project-of-the-twin",
        "GOOGLE_CLOUD_LOCATION": "global",
        **given,
        "GOOGLE_GEMINI_BASE_URL": url,
        "GOOGLE_VERTEX_BASE_URL": url,
        "GEMINI_API_KEY": KEY,
        "GOOGLE_API_KEY": KEY,
        "NO_PROXY": hosts,
        "no_proxy": hosts,
        "PYTHONPATH": search,
        "MIGRATOR_PROOF_URL": url,
        "MIGRATOR_PROOF_ORIGINAL": str(original),
        "MIGRATOR_PROOF_COPY": str(copy),
    }
