"""What the tests share: the loopback server, a folder with files to read, and ``--accept``."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest
from running import make_files

from migrator.twin.meaning import Meaning
from migrator.twin.server import serving
from migrator.twin.state import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds ``--accept``."""
    parser.addoption("--accept", action="store_true", help="write what the tool does into the fixtures")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test knows what another did, or what the one who runs them did."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache" / os.urandom(8).hex()))


@pytest.fixture(scope="session")
def loopback() -> Iterator[Twin]:
    """One server for the whole run."""
    from google import genai  # noqa: F401  (imported once, and kept out of every later collection)

    gc.freeze()
    with serving(Twin(directions=Meaning.prompt)) as twin:
        yield twin


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that fixtures open."""
    folder = tmp_path_factory.mktemp("files")
    make_files(folder)
    return folder


@pytest.fixture(autouse=True, scope="session")
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No run of a test is remembered, or known, where those of the person who tests are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
