"""Runs a script inside this process against the loopback server, and keeps what it said and asked."""

from __future__ import annotations

import base64
import contextlib
import gc
import io
import os
import ssl
import sys
import traceback
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING
from unittest import mock

from google.genai.models import Models

from migrator.twin.meaning import Meaning, differences

if TYPE_CHECKING:
    from pathlib import Path

    from migrator.twin.state import Twin


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC"


ELSEWHERE = '''\
"""What another file of a program has."""

from google.genai import types

TOOL = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="weather",
            description="The weather of a city.",
            parameters=types.Schema(type="OBJECT", properties={"city": types.Schema(type="STRING")}),
        )
    ]
)


def execute(call, verbose=False):
    if verbose:
        print(f"Calling {call.name} with {sorted(call.args)}")
    return types.Content(role="tool", parts=[answer(call)])


def answer(call):
    return types.Part.from_function_response(name=call.name, response={"result": "sunny", "asked": dict(call.args)})
'''


@dataclass(frozen=True)
class Run:
    """What one run of a script did."""

    output: str
    meanings: list[Meaning]
    invalid: list[str]
    error: str = ""


def run(source: bytes, loopback: Twin, folder: Path) -> Run:
    """Executes ``source`` as the main module in ``folder``; an exception that it does not catch is ``Run.error``."""
    loopback.clear()
    output, error = io.StringIO(), ""
    module = ModuleType("__main__")
    with _standing(loopback, folder, module), contextlib.redirect_stdout(output):
        try:
            exec(compile(source, "script.py", "exec", dont_inherit=True), module.__dict__)
        except SystemExit:
            pass
        except BaseException:  # noqa: BLE001  (whatever a script raises is its result)
            error = traceback.format_exc(limit=-3)
    return Run(output.getvalue(), list(loopback.meanings), list(loopback.invalid), error)


@contextlib.contextmanager
def _standing(loopback: Twin, folder: Path, module: ModuleType) -> Iterator[None]:
    """The process as a script of its own would find it."""
    environment, main = dict(os.environ), sys.modules["__main__"]
    os.environ.update(GOOGLE_GEMINI_BASE_URL=loopback.url, GEMINI_API_KEY="test-key")
    sys.modules["__main__"] = module
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    quick = mock.patch("ssl.create_default_context", return_value=bare)
    whole = mock.patch.object(Models, "generate_content", Models.generate_content)  # a script may wrap it
    try:
        with (
            contextlib.chdir(folder),
            mock.patch.object(sys, "path", [str(folder), *sys.path]),
            warnings.catch_warnings(),
            contextlib.redirect_stderr(io.StringIO()),
            quick,
            whole,
        ):
            warnings.simplefilter("ignore")
            yield
            module.__dict__.clear()
            gc.collect()  # the sockets that the script left open, while nobody minds
    finally:
        sys.modules["__main__"] = main
        os.environ.clear()
        os.environ.update(environment)


def explain(before: Run, after: Run, allowed: frozenset[str] = frozenset()) -> list[str]:
    """How the two runs differ, a line each; ``allowed`` names the fields of a meaning, or ``output``, that may."""
    found = [f"fails {name}: {run.error}" for name, run in (("before", before), ("after", after)) if run.error]
    found += [f"invalid request: {problem}" for problem in after.invalid]
    if before.output != after.output and "output" not in allowed:
        found.append(f"output: {before.output!r} != {after.output!r}")
    if len(before.meanings) != len(after.meanings):
        found.append(f"requests: {len(before.meanings)} != {len(after.meanings)}")
    for left, right in zip(before.meanings, after.meanings, strict=False):
        found += [line for line in differences(left, right) if line.split(":")[0] not in allowed]
    return found


def make_files(folder: Path) -> None:
    """Writes the files that fixtures open."""
    (folder / "cat.png").write_bytes(base64.b64decode(PIXEL))
    (folder / "speech.mp3").write_bytes(b"ID3\x04\xff\xfb\x90\x00" * 4)
    (folder / "report.pdf").write_bytes(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    (folder / "notes.txt").write_text("two lines\nof notes\n", encoding="utf-8")
    (folder / "prompt.txt").write_text("Say hello\n", encoding="utf-8")
    (folder / "elsewhere.py").write_text(ELSEWHERE, encoding="utf-8")
