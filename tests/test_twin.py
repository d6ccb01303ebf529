"""The twin as its users meet it: what it answers on the wire, and the command that serves it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from migrator.cli import run_command_line
from migrator.twin.server import LARGEST, serving
from migrator.twin.state import Twin

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "models/gemini-2.5-flash"
CREATE = {"model": "gemini-2.5-flash", "input": "hello"}
WEATHER = {"name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


@pytest.fixture
def twin() -> Iterator[Twin]:
    with serving(Twin()) as running:
        yield running


def say(text: str, **more: object) -> dict[str, object]:
    return {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}


def send(twin: Twin, path: str, body: object = None, method: str = "", data: bytes | None = None) -> tuple[int, Any]:
    given = data if data is not None else None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(twin.url + path, given, method=method or None)
    try:
        with urllib.request.urlopen(request, timeout=20) as reply:
            status, text = reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read().decode()
    return status, json.loads(text) if text.startswith(("{", "[")) else text


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_both_versions_of_both_protocols_are_spoken(twin: Twin, version: str) -> None:
    status, legacy = send(twin, f"/{version}/{MODEL}:generateContent", say("hello"))
    assert status == 200
    status, new = send(twin, f"/{version}/interactions", CREATE)
    assert status == 200
    assert legacy["candidates"][0]["content"]["parts"][0]["text"] == new["steps"][-1]["content"][0]["text"]
    assert twin.meanings[0] == twin.meanings[1]


def test_streams_are_events(twin: Twin) -> None:
    status, legacy = send(twin, f"/v1beta/{MODEL}:streamGenerateContent?alt=sse", say("hello"))
    assert status == 200
    pieces = [json.loads(line.removeprefix("data: ")) for line in legacy.splitlines() if line]
    _, listed = send(twin, f"/v1beta/{MODEL}:streamGenerateContent", say("hello"))
    assert listed == pieces
    _, new = send(twin, "/v1beta/interactions", {**CREATE, "stream": True})
    events = [json.loads(line.removeprefix("data: "))["event_type"] for line in new.splitlines() if line]
    assert events[0] == "interaction.created"
    assert events[-1] == "interaction.completed"


def test_an_interaction_is_kept_until_it_is_deleted(twin: Twin) -> None:
    _, made = send(twin, "/v1/interactions", CREATE)
    path = f"/v1/interactions/{made['id']}"
    assert send(twin, path) == (200, made)
    _, further = send(twin, "/v1/interactions", {**CREATE, "previous_interaction_id": made["id"]})
    assert len(twin.meanings[1].turns) == 3
    assert further["id"] != made["id"]
    assert send(twin, path, method="DELETE")[0] == 200
    assert send(twin, path)[0] == 404
    _, unstored = send(twin, "/v1/interactions", {**CREATE, "store": False})
    assert send(twin, f"/v1/interactions/{unstored['id']}")[0] == 404


@pytest.mark.parametrize(
    ("wrong", "code", "place"),
    [
        ({"generation_config": {"tempreature": 1}}, "parameter_unknown", "generation_config.tempreature"),
        ({"generationConfig": {"temperature": 1}}, "parameter_unknown", "generationConfig"),
        ({"tools": [{"google_search": {}}]}, "invalid_request", "tools[0]"),
        ({"input": [{"type": "text", "txt": "a"}]}, "parameter_unknown", "input[0].txt"),
        ({"input": ""}, "invalid_request", "input"),
        ({"previous_interaction_id": "none"}, "invalid_request", "previous_interaction_id"),
        ({"model": "gemini-1.5-pro"}, "invalid_request", "model"),
    ],
)
def test_a_wrong_interaction_is_answered_with_its_field(twin: Twin, wrong: dict, code: str, place: str) -> None:
    status, body = send(twin, "/v1/interactions", {**CREATE, **wrong})
    assert status == 400
    assert body["error"]["code"] == code
    assert place in body["error"]["message"]
    assert not twin.meanings
    assert twin.refused


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        (f"/v1beta/{MODEL}:generateContent", b"{", 400),
        (f"/v1beta/{MODEL}:generateContent", b"[]", 400),
        (f"/v1beta/{MODEL}:generateContent", b'{"contents": [7]}', 400),
        (f"/v1beta/{MODEL}:embedSong", b"{}", 404),
        ("/v1/interactions", b"{", 400),
        ("/v9/nothing", b"{}", 404),
    ],
)
def test_nonsense_is_answered_with_an_error(twin: Twin, path: str, data: bytes, status: int) -> None:
    found, body = send(twin, path, data=data)
    assert (found, body["error"]["code"]) == (status, status)
    assert len(twin.refused) == 1
    assert send(twin, "/v1/interactions", CREATE)[0] == 200


def test_a_body_that_is_too_large_is_not_read(twin: Twin) -> None:
    connection = http.client.HTTPConnection(urlsplit(twin.url).netloc, timeout=20)
    connection.putrequest("POST", f"/v1beta/{MODEL}:generateContent")
    connection.putheader("Content-Length", str(LARGEST + 1))
    connection.endheaders()
    with connection.getresponse() as reply:
        assert reply.status == 413
    connection.close()


def test_a_body_in_chunks_is_read(twin: Twin) -> None:
    connection = http.client.HTTPConnection(urlsplit(twin.url).netloc, timeout=20)
    pieces = iter([b'{"model": "gemini-2.5-flash", ', b'"input": "hello"}'])
    connection.request(
        "POST", "/v1/interactions", pieces, encode_chunked=True, headers={"Transfer-Encoding": "chunked"}
    )
    with connection.getresponse() as reply:
        assert reply.status == 200
    connection.close()


def test_marks_in_a_prompt_steer_the_answer(twin: Twin) -> None:
    """And nothing else does: an everyday prompt may speak of errors."""
    generate = f"/v1beta/{MODEL}:generateContent"
    assert send(twin, generate, say("what is error 404, and who is blocked?"))[0] == 200
    assert send(twin, generate, say("hello [twin: error 503]"))[0] == 503
    _, blocked = send(twin, generate, say("hello [twin: blocked]"))
    assert "promptFeedback" in blocked
    _, cut = send(twin, generate, say("hello [twin: max tokens]"))
    assert cut["candidates"][0]["finishReason"] == "MAX_TOKENS"


def test_a_function_is_called_where_one_may_be(twin: Twin) -> None:
    generate = f"/v1beta/{MODEL}:generateContent"
    tools = [{"functionDeclarations": [WEATHER]}]
    _, called = send(twin, generate, say("hello", tools=tools))
    assert called["candidates"][0]["content"]["parts"][0]["functionCall"]["name"] == "weather"
    none = {"functionCallingConfig": {"mode": "NONE"}}
    _, said = send(twin, generate, say("hello", tools=tools, toolConfig=none))
    assert "text" in said["candidates"][0]["content"]["parts"][0]


def test_a_file_is_named_by_what_it_holds() -> None:
    names = []
    for order in ((b"one", b"two"), (b"two", b"one")):
        twin = Twin()
        made = {data: twin.end_upload(twin.begin_upload("text/plain"), data)["name"] for data in order}
        names.append(made[b"one"])
    assert names[0] == names[1]
    twin = Twin()
    both = [twin.end_upload(twin.begin_upload("text/plain"), b"one")["name"] for _ in "ab"]
    assert both[0] != both[1]


def test_only_this_machine_is_listened_to(twin: Twin) -> None:
    assert urlsplit(twin.url).hostname == "127.0.0.1"


# The command --------------------------------------------------------------------------------------------------------


def test_a_client_that_hangs_up_leaves_no_traceback(twin: Twin, capfd: pytest.CaptureFixture[str]) -> None:
    place = urlsplit(twin.url)
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed by a reset
        connection.sendall(b"POST /v1")
        time.sleep(0.2)  # until the server waits for the rest of the line
    assert send(twin, "/v1/interactions", CREATE)[0] == 200
    time.sleep(0.2)
    assert "Traceback" not in capfd.readouterr().err


def test_the_command_serves_until_it_is_interrupted() -> None:
    # A shell's background job ignores interrupts, and so would what it starts.
    heed = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start = "from migrator.__main__ import main; sys.argv[1:] = ['twin', '--port', '0']; main()"
    command = [sys.executable, "-u", "-c", heed + start]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        line = process.stdout.readline()
        url = next(word for word in line.replace(";", " ").split() if word.startswith("http://127.0.0.1:"))
        assert send(Twin(url=url), "/v1/interactions", CREATE)[0] == 200
        assert send(Twin(url=url), "/v1/interactions", {**CREATE, "tempo": 1})[0] == 400
        os.kill(process.pid, signal.SIGINT)
        said = process.stdout.read()
    assert process.returncode == 0
    assert f"export GOOGLE_GEMINI_BASE_URL={url}" in said
    assert "200 Interactions" in said
    assert "unknown key 'tempo'" in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run_command_line(["twin", "--port", str(port)]) == 2
    said = capsys.readouterr().err
    assert f"Port {port} of 127.0.0.1 cannot be used" in said
    assert "--port" in said
