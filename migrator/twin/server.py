"""A server on this machine that speaks both protocols and answers from the meaning of a request alone.

Point the real SDK at ``Loopback.url``. Equal output and an equal record of meanings is what 'the same program' means.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from migrator.twin.answers import (
    STATUSES,
    Answer,
    answer,
    interaction_body,
    interaction_error,
    interaction_events,
    legacy_body,
    legacy_chunks,
    legacy_error,
)
from migrator.twin.meaning import Json, Meaning, get, interactions_meaning, items_of, legacy_meaning

Problems = Callable[[Json], list[str]]


def _no_problems(_body: Json) -> list[str]:
    return []


@dataclass
class Loopback:
    """The state of one server: what was asked since the last ``clear``, and what it keeps."""

    url: str = ""
    problems: Problems = _no_problems
    meanings: list[Meaning] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    interactions: dict[str, Json] = field(default_factory=dict)  # id -> {"turns", "body"}
    files: dict[str, Json] = field(default_factory=dict)

    def clear(self) -> None:
        """Forgets everything that was asked and kept."""
        for record in (self.meanings, self.invalid, self.interactions, self.files):
            record.clear()

    def asked(self, meaning: Meaning, given: Answer) -> None:
        """Records a request; the retries of a refused one count once."""
        if not (given.error and self.meanings and self.meanings[-1] == meaning):
            self.meanings.append(meaning)


@contextmanager
def serving(problems: Problems = _no_problems) -> Iterator[Loopback]:
    """A running server; ``problems`` says what is wrong with an Interactions body."""
    state = Loopback(problems=problems)
    handler = type("BoundHandler", (Handler,), {"state": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    """One connection; every body is drained, or a client that keeps the connection would read its rest."""

    state: Loopback
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the tests read the record."""

    def do_POST(self) -> None:
        """Answers a request of either protocol."""
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, _, _query = self.path.partition("?")
        if path.startswith("/upload") or self.headers.get("X-Goog-Upload-Command"):
            self._upload(path)
        elif found := re.fullmatch(r"/(.*?)/?(models/[^:]+|tunedModels/[^:]+):(\w+)", path):
            self._models(found[1], found[2], found[3], json.loads(data or b"{}"))
        elif found := re.fullmatch(r"/(.*?)/?interactions", path):
            self._interactions(found[1], json.loads(data))
        else:
            self._send(404, legacy_error(404))

    def do_GET(self) -> None:
        """Answers with a kept file or interaction."""
        name = self.path.partition("?")[0].rsplit("/", 1)[-1]
        if kept := self.state.files.get(name):
            self._send(200, kept)
        elif found := self.state.interactions.get(name):
            self._send(200, found["body"])
        else:
            self._send(404, legacy_error(404))

    def do_DELETE(self) -> None:
        """Forgets a file or an interaction."""
        name = self.path.partition("?")[0].rsplit("/", 1)[-1]
        self.state.files.pop(name, None)
        self.state.interactions.pop(name, None)
        self._send(200, {})

    # --- the legacy protocol ---------------------------------------------------------------------------------------

    def _models(self, version: str, model: str, method: str, body: Json) -> None:
        if method == "countTokens":
            self._send(200, {"totalTokens": len(json.dumps(body)) // 4})
            return
        if method not in ("generateContent", "streamGenerateContent"):
            self._send(404, legacy_error(404))
            return
        meaning = legacy_meaning(model, body, version, self._own_headers())
        given = answer(meaning)
        self.state.asked(meaning, given)
        if given.error:
            self._send(given.error, legacy_error(given.error))
        elif method == "generateContent":
            config = get(body, "generation_config") or {}
            self._send(200, _bare_enum(legacy_body(given), get(config, "response_mime_type")))
        else:
            self._events(legacy_chunks(given))

    # --- the Interactions protocol ---------------------------------------------------------------------------------

    def _interactions(self, version: str, body: Json) -> None:
        if problem := next(self._problems(body), None):
            self.state.invalid.append(problem)
            self._send(400, interaction_error("invalid_request", problem))
            return
        earlier = self.state.interactions.get(body.get("previous_interaction_id", ""), {}).get("turns", [])
        meaning = interactions_meaning(body, earlier, version, self._own_headers())
        given = answer(meaning)
        self.state.asked(meaning, given)
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
        yield from self.state.problems(body)
        if not body.get("input"):
            yield "Missing input"
        model = body.get("model", "")
        if re.match(r"gemini-(1|2\.0|pro)", model):
            yield f"'{model}' is not served at 'model'"
        if (previous := body.get("previous_interaction_id")) and previous not in self.state.interactions:
            yield f"'{previous}' is not known at 'previous_interaction_id'"
        yield from _unmatched_results(body, self.state.interactions)

    def _keep(self, body: Json, earlier: list[tuple[str, Json]], reply: Json) -> None:
        if body.get("store", True):
            said = [*earlier, *items_of(body["input"]), *items_of(reply["steps"])]
            self.state.interactions[reply["id"]] = {"turns": said, "body": reply}

    # --- files and transport ---------------------------------------------------------------------------------------

    def _upload(self, path: str) -> None:
        if "start" in (self.headers.get("X-Goog-Upload-Command") or ""):
            name = f"file-{len(self.state.files) + 1}"
            mime = self.headers.get("X-Goog-Upload-Header-Content-Type") or "application/octet-stream"
            record = {"name": f"files/{name}", "uri": f"https://files.example/{name}", "mimeType": mime}
            self.state.files[name] = {**record, "state": "ACTIVE"}
            self._send(200, {}, {"X-Goog-Upload-URL": f"{self.state.url}/upload/{name}"})
        else:
            name = path.rsplit("/", 1)[-1]
            self._send(200, {"file": self.state.files[name]}, {"X-Goog-Upload-Status": "final"})

    def _own_headers(self) -> Json:
        known = ("x-goog-", "x-server-timeout")
        found = {name.lower(): value for name, value in self.headers.items()}
        return {name: value for name, value in found.items() if name.startswith("x-") and not name.startswith(known)}

    def _send(self, status: int, body: Json, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        extra = {"retry-after-ms": "1"} if status >= 400 else {}
        length = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        for name, value in {**length, **extra, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def _events(self, events: Iterator[Json]) -> None:
        data = b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _bare_enum(body: Json, mime_type: str | None) -> Json:
    """``text/x.enum`` answers with the bare value, where JSON would quote it."""
    if mime_type == "text/x.enum":
        part = body["candidates"][0]["content"]["parts"][0]
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
