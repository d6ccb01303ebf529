"""Runs at the start of every interpreter that a proven command starts, by way of PYTHONPATH.

It sees to two things: that the code of the copy is imported, and not the folder that it was copied from; and that each
request to the twin tells the line of the copy that it comes from. Where an interpreter ignores PYTHONPATH, requests
arrive without their line. Nothing here may fail: the command has not asked for it.
"""
# ruff: noqa: INP001, SLF001, BLE001, S110, SIM105, ARG002, ANN401

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import wraps
from importlib import util
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from types import FrameType

HERE = os.path.dirname(os.path.abspath(__file__))
URL = os.environ.get("MIGRATOR_PROOF_URL", "")
ORIGINAL = os.environ.get("MIGRATOR_PROOF_ORIGINAL", "")
COPY = os.environ.get("MIGRATOR_PROOF_COPY", "")
HEADER = "x-migrator-origin"


def moved(path: str) -> str:
    """The place in the copy of a path in the folder that was copied; virtual environments stay where they are."""
    if path == ORIGINAL or path.startswith(ORIGINAL + os.sep):
        inside = COPY + path[len(ORIGINAL) :]
        if os.path.exists(inside) and "site-packages" not in path:
            return inside
    return path


def import_from_copy() -> None:
    """Lets installs that point into the original folder (``pip install -e``) point into the copy."""
    sys.path[:] = [moved(path) for path in sys.path if path != HERE]
    for finder in sys.meta_path:
        module = sys.modules.get(getattr(finder, "__module__", ""))
        mapping = getattr(module, "MAPPING", None)
        if isinstance(mapping, dict):
            mapping.update({name: moved(path) for name, path in mapping.items()})


def origin() -> str:
    """The innermost line of the command's own code that is being run, and what runs it."""
    frame: FrameType | None = sys._getframe(1)
    own: tuple[str, int] | None = None
    outside: tuple[str, int] | None = None
    while frame is not None:
        path = frame.f_code.co_filename
        if not path.startswith("<"):
            path = os.path.realpath(path)
            if _is_own(path):
                own = own or (path, frame.f_lineno)
            elif path.startswith(ORIGINAL + os.sep) and not _is_installed(path):
                outside = outside or (path, frame.f_lineno)
        frame = frame.f_back
    path, line = own or outside or ("", 0)
    return f"{_lane()} {line} {quote(path)}"


def _is_own(path: str) -> bool:
    return path.startswith(COPY + os.sep) and not _is_installed(path)


def _is_installed(path: str) -> bool:
    return "site-packages" in path or path.startswith((sys.prefix + os.sep, sys.base_prefix + os.sep))


def _lane() -> str:
    task = ""
    if "asyncio" in sys.modules:
        try:
            current = sys.modules["asyncio"].current_task()
            task = f"{quote(current.get_name())}-{id(current)}" if current else ""
        except RuntimeError:  # no loop runs here
            pass
    return f"{os.getpid()}/{threading.get_ident()}/{task}"


def mark(headers: Any, url: object) -> None:
    """Adds the origin to the headers of a request to the twin, and to no other."""
    if str(url).startswith(URL):
        try:
            headers[HEADER] = origin()
        except Exception:  # a request matters more than where it comes from
            pass


def watch_httpx(module: Any) -> None:
    """Both clients of httpx and httpx2 send by ``send``."""
    for client in (module.Client, module.AsyncClient):
        _watch_send(client)


def watch_requests(module: Any) -> None:
    """A session of requests sends by ``send`` as well."""
    _watch_send(module.Session)


def _watch_send(client: Any) -> None:
    send = client.send

    @wraps(send)
    def sending(self: Any, request: Any, *args: Any, **kwargs: Any) -> Any:
        mark(request.headers, request.url)
        return send(self, request, *args, **kwargs)

    client.send = sending


def watch_aiohttp(module: Any) -> None:
    """A session of aiohttp gets headers as an argument."""
    request = module.ClientSession._request

    @wraps(request)
    def requesting(self: Any, method: str, url: object, **kwargs: Any) -> Any:
        headers = dict(kwargs.get("headers") or {})
        mark(headers, url)
        return request(self, method, url, **{**kwargs, "headers": headers})

    module.ClientSession._request = requesting


WATCHED = {"httpx": watch_httpx, "httpx2": watch_httpx, "requests": watch_requests, "aiohttp": watch_aiohttp}


class Watching(Loader):
    """Loads a module as its own loader does, then watches it."""

    def __init__(self, loader: Any, watch: Callable[[Any], None]) -> None:
        self.loader, self.watch = loader, watch

    def create_module(self, spec: ModuleSpec) -> Any:
        """What the module's own loader creates."""
        return self.loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        """Runs the module, and watches what it has become."""
        self.loader.exec_module(module)
        try:
            self.watch(module)
        except Exception:  # a version that sends by other names
            pass

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


class Finder(MetaPathFinder):
    """Finds the watched modules where everybody else would."""

    def __init__(self) -> None:
        self.asking = threading.local()

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The spec of a watched module; None for every other."""
        if name not in WATCHED or getattr(self.asking, "now", False):
            return None
        self.asking.now = True
        try:
            spec = util.find_spec(name)
        finally:
            self.asking.now = False
        if spec and spec.loader:
            spec.loader = Watching(spec.loader, WATCHED[name])
        return spec


def run_hidden() -> None:
    """Runs the ``sitecustomize`` that this one hides."""
    spec = PathFinder.find_spec("sitecustomize", [path for path in sys.path if path != HERE])
    if spec and spec.loader:
        module = util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if URL and COPY:
    import_from_copy()
    sys.meta_path.insert(0, Finder())
run_hidden()
