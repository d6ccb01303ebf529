"""The live check against a server that plays the real endpoint: what is understood, and what leaves the process."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from migrator.cli import run_command_line
from migrator.schema import problems
from migrator.verification.live import LiveError, Terms
from migrator.verification.scrub import scrubbed
from migrator.verification.verdicts import Verdict, field_named, judged

KEY = "AIzaSyD-secret-key-of-the-tests-0123456789"
SECRET = "the merger with Initech is on Friday"
SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "output.schema.json").read_text(encoding="utf-8"))

SOURCE = f"""\
from google import genai

client = genai.Client()
client.interactions.create(
    model="gemini-2.5-flash",
    input=[
        {{"type": "text", "text": "{SECRET}"}},
        {{"type": "image", "data": "aW5pdGVjaA==", "mime_type": "image/jpeg"}},
    ],
    system_instruction="{SECRET}",
    generation_config={{
        "temperature": 0.5,
        "stop_sequences": ["Initech"],
    }},
    tools=[
        {{
            "type": "function",
            "name": "buy_initech",
            "description": "{SECRET}",
            "parameters": {{
                "type": "object",
                "properties": {{"initech_price": {{"type": "number", "description": "{SECRET}"}}}},
                "required": ["initech_price"],
            }},
        }}
    ],
    store=True,
    labels={{"project": "initech"}},
)
"""


def other(number: int) -> str:
    """A request of a form of its own: one more stop sequence each."""
    stops = ", ".join(["'.'"] * number)
    config = f'{{"seed": 1, "stop_sequences": [{stops}]}}'
    return f'client.interactions.create(model="gemini-2.5-flash", input="{SECRET}", generation_config={config})\n'


HEAD = "from google import genai\n\nclient = genai.Client()\n"


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    text: str
    at: float

    @property
    def body(self) -> dict[str, Any]:
        """The JSON of the request."""
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass
class Service:
    """Plays the endpoint: answers with what the test says, one answer a request, the last one for all others."""

    url: str = ""
    answers: list[tuple[int, object, dict[str, str]]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    behave: Callable[[BaseHTTPRequestHandler], None] | None = None

    def say(self, status: int, body: object, **headers: str) -> None:
        """Queue an answer; a string is sent as it is."""
        self.answers.append((status, body, headers))


DONE = {"id": "v1_abc", "status": "completed", "steps": []}


def error(code: str, message: str) -> dict[str, object]:
    return {"error": {"code": code, "message": message}}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    made = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            made.asked.append(Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, text, time.monotonic()))
            if made.behave is not None:
                made.behave(self)
                return
            status, body, headers = made.answers.pop(0) if len(made.answers) > 1 else made.answers[0]
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    made.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("GEMINI_API_KEY", KEY)
    yield made
    server.shutdown()
    server.server_close()


@dataclass(frozen=True)
class Ran:
    """What a command gave."""

    code: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(service: Service, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Writes a file and verifies it live; nothing of the key or of what requests say may be in the output."""
    monkeypatch.chdir(tmp_path)

    def verified(source: str, *options: str, command: str = "verify") -> Ran:
        Path("app.py").write_text(source, encoding="utf-8")
        asked = ["--live"] if command == "verify" else ["--verify-live"]
        fixed = ["--base-url", service.url, "--pause", "0", "--timeout", "2"]
        code = run_command_line([command, "app.py", *asked, *fixed, *options])
        out, err = capfd.readouterr()
        assert KEY not in out + err
        return Ran(code, out, err)

    return verified


def test_what_leaves_the_process(service: Service, run: Run) -> None:
    service.say(200, DONE)
    ran = run(SOURCE, "--yes")
    (asked,) = service.asked
    assert asked.path == "/v1/interactions"
    assert asked.headers["x-goog-api-key"] == KEY
    assert KEY not in asked.text
    assert KEY not in asked.path
    for word in (SECRET, "nitech", "aW5pdGVjaA==", "price"):
        assert word not in asked.text
        assert word not in ran.out + ran.err
    assert "labels" not in asked.body
    assert asked.body["store"] is False
    assert asked.body["generation_config"]["max_output_tokens"] == 16
    assert asked.body["generation_config"]["temperature"] == 0.5
    assert asked.body["tools"][0]["parameters"]["properties"] != {}
    assert problems(asked.body) == ()
    assert ran.code == 0
    assert "app.py:4:1: accepted (200 completed)" in ran.out
    assert "left out: labels: never sent by a live check" in ran.out


def test_content_is_sent_where_that_is_asked_for_and_shown_nowhere(service: Service, run: Run) -> None:
    service.say(400, error("invalid_request", f"The prompt '{SECRET}' with {KEY} is wrong at 'input'"))
    ran = run(SOURCE, "--yes", "--send-content")
    (asked,) = service.asked
    assert SECRET in asked.text
    assert asked.body["store"] is False
    assert asked.body["tools"][0]["name"] == "buy_initech"
    assert SECRET not in ran.out + ran.err
    assert "[hidden]" in ran.out


def test_nothing_is_sent_without_a_yes(service: Service, run: Run) -> None:
    ran = run(SOURCE)
    assert service.asked == []
    assert "1 call to http://127.0.0.1" in ran.err
    assert "at most 16 output tokens" in ran.err
    assert "add --yes" in ran.err
    assert ran.code == 2


def test_nothing_is_sent_where_the_offline_check_finds_something(service: Service, run: Run) -> None:
    ran = run(SOURCE.replace('"temperature"', '"temprature"'), "--yes")
    assert service.asked == []
    assert "MG601" in ran.out
    assert "nothing was sent" in ran.err
    assert ran.code == 1


def test_one_call_a_form_and_no_more_than_the_limit(service: Service, run: Run) -> None:
    service.say(200, DONE)
    source = HEAD + "".join(other(number) for number in range(14)) + other(3).replace('"seed": 1', '"seed": 2')
    ran = run(source, "--yes")
    assert len(service.asked) == 10
    assert ran.out.count(": accepted") == 10
    assert "4 not sent" in ran.out
    assert "over the limit of 10 calls" in ran.out
    assert "app.py:7:1 (and app.py:18:1): accepted" in ran.out
    assert ran.code == 1
    service.asked.clear()
    assert run(source, "--yes", "--max-calls", "3").code == 1
    assert len(service.asked) == 3


@pytest.mark.parametrize(
    ("code", "message", "line", "column"),
    [
        ("parameter_unknown", "Unknown parameter 'generation_config.temperature'.", 12, 9),
        ("parameter_unknown", "Unknown parameter 'temperature' at 'generation_config'.", 12, 9),
        ("invalid_request", "The value is not supported for 'type' at 'tools[0]'", 17, 13),
        ("invalid_request", "tools[0].parameters.properties.field_2.type is wrong", 22, 50),
        ("out_of_range", "`system_instruction` is too long", 10, 5),
        ("invalid_request", "image is not supported at 'input[0].content[1]'", 8, 9),
        ("invalid_request", "Unknown parameter 'text' at 'input[0].content[0]'", 7, 26),
        ("invalid_request", "generationConfig.stopSequences has too many entries", 13, 9),
        ("invalid_request", "this request is wrong", 4, 1),
    ],
)
def test_the_field_that_the_service_names_is_found_in_the_source(
    service: Service, run: Run, code: str, message: str, line: int, column: int
) -> None:
    service.say(400, error(code, message))
    ran = run(SOURCE, "--yes", "-q")
    assert f"app.py:{line}:{column} MG610 [manual] the service refuses this: 400 {code}" in ran.out
    assert ran.code == 1


def test_the_legacy_form_of_an_error_is_read_too(service: Service, run: Run) -> None:
    violation = {"fieldViolations": [{"field": "generation_config.temperature", "description": "no"}]}
    wrong = {"code": 400, "status": "INVALID_ARGUMENT", "message": "Invalid.", "details": [violation]}
    service.say(400, {"error": wrong})
    ran = run(SOURCE, "--yes", "-q")
    assert "app.py:12:9 MG610" in ran.out


def test_a_fault_of_the_checks_own_value_is_none_of_the_source(service: Service, run: Run) -> None:
    service.say(400, error("out_of_range", "'generation_config.max_output_tokens' is too small"))
    ran = run(SOURCE, "--yes")
    assert "inconclusive" in ran.out
    assert "MG610" not in ran.out


@pytest.mark.parametrize(
    ("status", "body", "verdict", "calls", "exit_code"),
    [
        (401, error("authentication", f"API key {KEY} is not valid"), "inconclusive (401 authentication)", 1, 2),
        (402, error("payment_required", "pay"), "inconclusive (402 payment_required)", 1, 2),
        (403, error("permission_denied", "no"), "inconclusive (403 permission_denied)", 1, 2),
        (400, error("invalid_request", "API key not valid"), "inconclusive (400 invalid_request)", 1, 1),
        (404, error("model_not_found", "models/x is not found"), "inconclusive (404 model_not_found)", 2, 1),
        (400, error("failed_precondition", "location"), "inconclusive (400 failed_precondition)", 2, 1),
        (500, error("internal", "oops"), "inconclusive (500 internal)", 2, 1),
        (503, "overloaded", "inconclusive (503)", 2, 1),
        (200, "{ not json", "inconclusive (200)", 2, 1),
        (200, {"id": "1", "status": "failed"}, "inconclusive (200 failed)", 2, 1),
        (200, {"id": "1", "status": "incomplete"}, "accepted (200 incomplete)", 2, 0),
        (200, {"id": "1", "status": "requires_action"}, "accepted (200 requires_action)", 2, 0),
        (302, "", "inconclusive (302)", 2, 1),
        (400, "<html>", "inconclusive (400)", 2, 1),
    ],
)
def test_what_an_answer_means(
    service: Service, run: Run, status: int, body: object, verdict: str, calls: int, exit_code: int
) -> None:
    service.say(status, body)
    ran = run(HEAD + other(1) + other(2), "--yes")
    assert f"app.py:4:1: {verdict}" in ran.out
    assert ("MG611" in ran.out) is not verdict.startswith("accepted")
    assert len(service.asked) == calls
    assert ran.code == exit_code
    if calls == 1:
        assert "app.py:5:1: not sent" in ran.out


def test_retry_after_is_honoured_once(service: Service, run: Run) -> None:
    service.say(429, error("rate_limit_exceeded", "slow down"), retry_after="1")
    service.say(200, DONE)
    ran = run(HEAD + other(1), "--yes")
    first, second = service.asked
    assert second.at - first.at >= 1
    assert "accepted" in ran.out
    assert ran.code == 0


@pytest.mark.parametrize("wait", ["0", "120"])
def test_a_second_429_or_a_long_wait_ends_it(service: Service, run: Run, wait: str) -> None:
    service.say(429, error("quota_exceeded", "enough"), retry_after=wait)
    ran = run(HEAD + other(1) + other(2), "--yes")
    assert len(service.asked) == (2 if wait == "0" else 1)
    assert "app.py:4:1: inconclusive (429 quota_exceeded)" in ran.out
    assert "app.py:5:1: not sent" in ran.out
    assert ran.code == 1


def test_a_retry_counts_as_a_call(service: Service, run: Run) -> None:
    service.say(429, error("rate_limit_exceeded", "slow down"), retry_after="0")
    run(HEAD + other(1) + other(2), "--yes", "--max-calls", "1")
    assert len(service.asked) == 1


def test_a_service_that_hangs_is_not_waited_for(service: Service, run: Run) -> None:
    release = threading.Event()
    service.behave = lambda _: void(release.wait(10))
    started = time.monotonic()
    ran = run(HEAD + other(1), "--yes", "--timeout", "0.5")
    release.set()
    assert time.monotonic() - started < 5
    assert "no answer within 0.5 s" in ran.out
    assert ran.code == 2


def test_a_service_that_drips_is_not_waited_for(service: Service, run: Run) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(50):
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    service.behave = drip
    started = time.monotonic()
    ran = run(HEAD + other(1), "--yes", "--timeout", "0.5")
    assert time.monotonic() - started < 4
    assert "no whole answer within 0.5 s" in ran.out


def test_an_answer_that_breaks_off(service: Service, run: Run) -> None:
    def cut(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        handler.wfile.write(b'{"id": "1", "status": "comp')
        handler.close_connection = True

    service.behave = cut
    ran = run(HEAD + other(1), "--yes")
    assert "inconclusive" in ran.out
    assert "the answer breaks off" in ran.out


def test_an_answer_without_end(service: Service, run: Run) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(40):
                handler.wfile.write(b"x" * 100_000)
        except OSError:
            return

    service.behave = flood
    ran = run(HEAD + other(1), "--yes")
    assert "the answer is larger than" in ran.out


def test_nobody_there(run: Run) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ran = run(HEAD + other(1) + other(2), "--yes", "--base-url", f"http://127.0.0.1:{port}")
    assert "no connection" in ran.out
    assert "app.py:5:1: not sent" in ran.out
    assert ran.code == 2


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ('client.interactions.create(agent="deep-research-x", input="a", background=True)\n', "agents run for minutes"),
        ('client.interactions.create(model="gemini-3.1-flash-image", input="a")\n', "images, audio or video"),
        ('client.interactions.create(model=open("m").read(), input="a")\n', "its model is not visible"),
    ],
)
def test_what_is_never_sent(service: Service, run: Run, source: str, why: str) -> None:
    ran = run(HEAD + source, "--yes")
    assert service.asked == []
    assert why in ran.out
    assert ran.code == 0


def test_the_report_for_programs(service: Service, run: Run) -> None:
    service.say(400, error("parameter_unknown", "Unknown parameter 'generation_config.temperature'."))
    ran = run(SOURCE, "--yes", "--output-format", "json")
    document = json.loads(ran.out)
    jsonschema.validate(document, SCHEMA)
    (call,) = document["live"]["calls"]
    assert call["verdict"] == "our fault"
    assert call["key"] == {"path": "app.py", "line": 12, "column": 9}
    assert call["sent"]["store"] is False
    assert SECRET not in ran.out
    assert document["summary"]["requests"] == {"right": 0, "wrong": 1, "unseen": 0, "hidden": 0}


def test_apply_asks_about_what_it_wrote(service: Service, run: Run) -> None:
    service.say(400, error("parameter_unknown", "Unknown parameter 'generation_config.temperature'."))
    legacy = (
        f'{HEAD}client.models.generate_content(\n    model="gemini-2.5-flash",\n    contents="{SECRET}",\n'
        '    config={"temperature": 0.5},\n)\n'
    )
    ran = run(legacy, "--yes", command="apply")
    written = Path("app.py").read_text(encoding="utf-8").splitlines()
    (asked,) = service.asked
    assert "interactions.create" in written[3]
    assert SECRET not in asked.text
    assert "about:    app.py:7:24 [generation_config.temperature]" in ran.out
    assert written[6][23:].startswith('"temperature"')
    assert ran.code == 1


def test_a_key_is_needed(service: Service, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEMINI_API_KEY")
    ran = run(SOURCE, "--yes")
    assert "GEMINI_API_KEY" in ran.err
    assert service.asked == []
    assert ran.code == 2


@pytest.mark.parametrize("url", ["http://example.org", "ftp://example.org", "example.org", "https://a:b@example.org"])
def test_the_key_is_sent_to_a_safe_address_only(url: str) -> None:
    with pytest.raises(LiveError):
        _ = Terms(KEY, url).url


def test_what_looks_like_a_secret_is_hidden() -> None:
    said = f"x-goog-api-key: abc ?key=abc&a=1 Bearer abc.def {KEY} {'A' * 80}"
    assert not any(word in scrubbed(said) for word in ("abc", KEY, "AAAA"))


def test_a_bare_name_counts_where_there_is_only_one() -> None:
    places = {"": "", "tools[0].type": "", "generation_config.seed": ""}
    assert field_named(None, "unknown parameter 'seed'", places) == "generation_config.seed"
    assert field_named(None, "unknown parameter 'sed'", places) is None
    assert judged(400, {"error": {"message": "no"}}).verdict is Verdict.OUR_FAULT


def void(_: object) -> None:
    """Nothing: the value of a lambda that is called for its effect."""
