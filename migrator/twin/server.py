"""The server on this machine that speaks both protocols and answers from the meaning of a request alone.

Point an SDK at ``Twin.url``. Equal output and an equal record of meanings is what 'the same program' means. Wrong
Interactions bodies are answered as the service does: with a 400 that names the field. It listens on the loopback
address alone, and takes no request that is larger or slower than one of an SDK can be.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import unquote

from migrator.schema import problems
from migrator.twin.answers import STATUSES, Answer, answer
from migrator.twin.interactions import (
    interaction_body,
    interaction_error,
    interaction_events,
    interactions_meaning,
    items_of,
)
from migrator.twin.legacy import legacy_body, legacy_chunks, legacy_error, legacy_meaning
from migrator.twin.meaning import Json, Meaning, get
from migrator.twin.state import Asked, Origin, Protocol, Refused, Twin

HOST: Final = "127.0.0.1"
ORIGIN: Final = "x-migrator-origin"  # the header that carries an Origin: "lane line path"
LARGEST: Final = 256 * 2**20  # a request body, in bytes
SLOWEST: Final = 60  # seconds that a connection may be silent
_STUMBLES = re.compile(r"\bstumbles (\d{3})\b")


class PortError(Exception):
    """A port on which the twin cannot listen; the message names it and says why."""


@contextmanager
def serving(twin: Twin, port: int = 0) -> Iterator[Twin]:
    """A running server for ``twin`` on a free port, or on ``port``. PortError where that one cannot be used."""
    try:
        server = _Server((HOST, port), type("BoundHandler", (Handler,), {"twin": twin}))
    except OSError as error:
        raise PortError(f"Port {port} of {HOST} cannot be used: {error.strerror or error}.") from error
    server.daemon_threads = True
    twin.url = f"http://{HOST}:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield twin
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    """A client that hangs up is none of the twin's errors: a program may end in the middle of a stream."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep silent about a connection that the other side closed; tell the rest on the standard error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _RefusedError(Exception):
    """A request that cannot be taken: the status and the error body."""

    def __init__(self, status: int, body: Json) -> None:
        super().__init__(status)
        self.status, self.body = status, body


class Handler(BaseHTTPRequestHandler):
    """One connection; every body is drained, or a client that keeps the connection would read its rest."""

    twin: Twin
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = SLOWEST

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the record says more."""

    def do_POST(self) -> None:
        """Answers a request of either protocol."""
        try:
            self._post()
        except _RefusedError as refused:
            self._refuse(refused.status, refused.body)
        except OSError:
            self.close_connection = True  # the client has gone
        except Exception as error:  # noqa: BLE001  (a body of any shape may come; its sender is told)
            told = f"the twin cannot read this request: {type(error).__name__}: {error}"
            self._refuse(400, legacy_error(400, told))

    def _post(self) -> None:
        data = self._data()
        path, _, query = self.path.partition("?")
        if path.startswith("/upload") or self.headers.get("X-Goog-Upload-Command"):
            self._upload(path, data)
        elif found := re.fullmatch(r"/(.*?)/?(models/[^:/]+|tunedModels/[^:/]+):(\w+)", path):
            self._models(found[1], found[2], f"{found[3]}?{query}", _json(data))
        elif found := re.fullmatch(r"/(.*?)/?interactions", path):
            self._interactions(found[1], _json(data))
        elif found := re.fullmatch(r".*/interactions/([^/]+)[:/]cancel", path):
            self._kept(found[1], self.twin.interactions)
        else:
            raise _RefusedError(404, legacy_error(404, f"the twin has no method at {path}"))

    def do_GET(self) -> None:
        """Answers with a kept file or interaction."""
        path = self.path.partition("?")[0]
        name = path.rsplit("/", 1)[-1]
        if kept := self.twin.files.get(name):
            self._send(200, kept)
        else:
            self._kept(name, self.twin.interactions)

    def _kept(self, name: str, interactions: dict[str, Json]) -> None:
        if found := interactions.get(name):
            self._send(200, found["body"])
        else:
            self._send(404, legacy_error(404, f"the twin keeps nothing called {name}"))

    def do_DELETE(self) -> None:
        """Forgets a file or an interaction."""
        name = self.path.partition("?")[0].rsplit("/", 1)[-1]
        self.twin.files.pop(name, None)
        self.twin.interactions.pop(name, None)
        self._send(200, {})

    def _data(self) -> bytes:
        """The request's body, however it is sent; nothing is read of one that is too large."""
        if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            return b"".join(self._chunks())
        length = int(self.headers.get("Content-Length") or 0)
        self._bound(length)
        return self.rfile.read(length)

    def _chunks(self) -> Iterator[bytes]:
        total = 0
        while size := int(self.rfile.readline(64).partition(b";")[0] or b"0", 16):
            total += size
            self._bound(total)
            yield self.rfile.read(size)
            self.rfile.readline(8)
        self.rfile.readline(8)

    def _bound(self, size: int) -> None:
        if size > LARGEST:
            self.close_connection = True
            raise _RefusedError(413, legacy_error(413, f"the twin takes no body over {LARGEST} bytes"))

    def _answer(self, meaning: Meaning) -> Answer:
        """The answer to ``meaning``; the first time that it is asked it may stumble."""
        directions = self.twin.directions(meaning)
        if (found := _STUMBLES.search(directions)) and self.twin.is_first(meaning):
            directions = f"error {found[1]}"
        return answer(meaning, directions, self.twin.words(meaning))

    # --- the legacy protocol ---------------------------------------------------------------------------------------

    def _models(self, version: str, model: str, method: str, body: Json) -> None:
        method, _, query = method.partition("?")
        if method == "countTokens":
            self._send(200, {"totalTokens": len(json.dumps(body)) // 4})
            return
        if method not in ("generateContent", "streamGenerateContent"):
            raise _RefusedError(404, legacy_error(404, f"the twin has no method {method}"))
        meaning = legacy_meaning(model, body, version.partition("/publishers")[0], self._own_headers())
        given = self._answer(meaning)
        self._asked(meaning, "generateContent", given.error)
        if given.error:
            self._send(given.error, legacy_error(given.error))
        elif method == "generateContent":
            config = get(body, "generation_config") or {}
            self._send(200, _bare_enum(legacy_body(given), get(config, "response_mime_type")))
        elif "alt=sse" in query:
            self._events(legacy_chunks(given))
        else:
            self._send(200, list(legacy_chunks(given)))

    # --- the Interactions protocol ---------------------------------------------------------------------------------

    def _interactions(self, version: str, body: Json) -> None:
        if problem := next(self._problems(body), None):
            code = "parameter_unknown" if problem.startswith("unknown key") else "invalid_request"
            raise _RefusedError(400, interaction_error(code, problem))
        earlier = self.twin.interactions.get(body.get("previous_interaction_id", ""), {}).get("turns", [])
        meaning = interactions_meaning(body, earlier, version, self._own_headers())
        given = self._answer(meaning)
        self._asked(meaning, "Interactions", given.error)
        if given.error or given.finish == "blocked":
            status = given.error or 400
            code = "content_blocked" if given.finish == "blocked" else STATUSES.get(status, ("", "unknown"))[1]
            self._send(status, interaction_error(code, f"as asked: {status}"))
            return
        self._keep(body, earlier, interaction_body(given))
        if body.get("stream"):
            self._events(interaction_events(given))
        else:
            self._send(200, interaction_body(given))

    def _problems(self, body: Json) -> Iterator[str]:
        yield from (f"{problem.message} at '{problem.path}'" for problem in problems(body))
        if not body.get("input"):
            yield "Missing input at 'input'"
        model = body.get("model", "")
        if re.match(r"gemini-(1|2\.0|pro)", model):
            yield f"'{model}' is not served at 'model'"
        if (previous := body.get("previous_interaction_id")) and previous not in self.twin.interactions:
            yield f"'{previous}' is not known at 'previous_interaction_id'"
        yield from _unmatched_results(body, self.twin.interactions)

    def _keep(self, body: Json, earlier: list[tuple[str, Json]], reply: Json) -> None:
        if body.get("store", True):
            said = [*earlier, *items_of(body["input"]), *items_of(reply["steps"])]
            self.twin.interactions[reply["id"]] = {"turns": said, "body": reply}

    # --- files and transport ---------------------------------------------------------------------------------------

    def _upload(self, path: str, data: bytes) -> None:
        if "start" in (self.headers.get("X-Goog-Upload-Command") or ""):
            mime = self.headers.get("X-Goog-Upload-Header-Content-Type") or "application/octet-stream"
            self._send(200, {}, {"X-Goog-Upload-URL": f"{self.twin.url}/upload/{self.twin.begin_upload(mime)}"})
        elif "finalize" in (self.headers.get("X-Goog-Upload-Command") or ""):
            file = self.twin.end_upload(path.rsplit("/", 1)[-1], data)
            self._send(200, {"file": file}, {"X-Goog-Upload-Status": "final"})
        else:
            self.twin.add_chunk(path.rsplit("/", 1)[-1], data)
            self._send(200, {}, {"X-Goog-Upload-Status": "active"})

    def _own_headers(self) -> Json:
        known = ("x-goog-", "x-server-timeout", "x-migrator-")
        found = {name.lower(): value for name, value in self.headers.items()}
        return {name: value for name, value in found.items() if name.startswith("x-") and not name.startswith(known)}

    def _origin(self) -> Origin:
        match (self.headers.get(ORIGIN) or "").split(" ", 2):
            case [lane, line, path] if line.isdigit():
                return Origin(unquote(path), int(line), lane)
        return Origin()

    def _asked(self, meaning: Meaning, protocol: Protocol, error: int) -> None:
        self.twin.take(Asked(meaning, protocol, self._origin()), failed=bool(error))
        self.twin.log(f"{error or 200} {protocol:15} {meaning.model}: {meaning.prompt()[:80]!r}")

    def _refuse(self, status: int, body: Json) -> None:
        told = body["error"]["message"]
        self.twin.refused.append(Refused(told, self._origin()))
        self.twin.log(f"{status} {self.path}: {told}")
        self._send(status, body)

    def _send(self, status: int, body: Json | list[Json], headers: dict[str, str] | None = None) -> None:
        extra = {"retry-after-ms": "1"} if status >= 400 else {}
        self._write(status, json.dumps(body).encode(), {"Content-Type": "application/json", **extra, **(headers or {})})

    def _events(self, events: Iterator[Json]) -> None:
        data = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
        self._write(200, data, {"Content-Type": "text/event-stream"})

    def _write(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


def _json(data: bytes) -> Json:
    try:
        body = json.loads(data or b"{}")
    except ValueError as error:
        raise _RefusedError(400, legacy_error(400, f"the body is no JSON: {error}")) from error
    if not isinstance(body, dict):
        raise _RefusedError(400, legacy_error(400, "the body is no JSON object"))
    return body


def _bare_enum(body: Json, mime_type: str | None) -> Json:
    """``text/x.enum`` answers with the bare value, where JSON would quote it."""
    if mime_type == "text/x.enum":
        for part in body["candidates"][0]["content"].get("parts", []):
            part["text"] = json.loads(part["text"])
    return body


def _unmatched_results(body: Json, kept: dict[str, Json]) -> Iterator[str]:
    """Function results whose call nobody made; what an earlier interaction called is taken on trust."""
    given = body.get("input")
    steps = [step for step in given if isinstance(step, dict)] if isinstance(given, list) else []
    if body.get("previous_interaction_id") in kept:
        return
    called = {step["id"] for step in steps if step.get("type") == "function_call"}
    for index, step in enumerate(steps):
        if step.get("type") == "function_result" and step.get("call_id") not in called:
            yield f"no function_call has the id '{step.get('call_id')}' at 'input[{index}].call_id'"
