"""The live check: a few minimal calls to the real endpoint, one a form of request, bounded in number, time and size.

Neither the key nor what a request says is ever part of a result; messages of the service are scrubbed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from migrator.records import dataclass
from migrator.verification.placeholders import OUTPUT_TOKENS
from migrator.verification.probes import Passed, Probe, Spot
from migrator.verification.scrub import scrubbed
from migrator.verification.verdicts import Judgement, Then, Verdict, field_named, judged

if TYPE_CHECKING:
    import httpx

BASE_URL = "https://generativelanguage.googleapis.com"
API_VERSION = "v1"  # what google-genai 3 calls
MOST_CALLS = 10
LONGEST_WAIT = 60.0  # seconds that a Retry-After is honoured
LARGEST_ANSWER = 1_000_000  # bytes
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class LiveError(ValueError):
    """The live check cannot be done as it was asked for."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How to ask: where, with which key, how often, how long; ``sleep`` is the clock's, but for tests."""

    key: str
    base_url: str = BASE_URL
    api_version: str = API_VERSION
    most_calls: int = MOST_CALLS
    timeout: float = 30.0
    pause: float = 1.0
    sleep: Callable[[float], None] = time.sleep

    @property
    def url(self) -> str:
        """The address that requests go to; LiveError where a key must not be sent there."""
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LiveError(f"{scrubbed(self.base_url)} is no base URL: it has to begin with https://")
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise LiveError("the key is not sent over http: use https, except for this machine itself")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise LiveError("the base URL is an address alone: no user, no query")
        return f"{self.base_url.rstrip('/')}/{self.api_version}/interactions"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one probe; ``spot`` is the key that the service named, where it named one."""

    probe: Probe
    verdict: Verdict
    status: int | None = None
    code: str = ""
    message: str = ""
    field: str | None = None
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a live check did; ``passed`` were not to be sent at all."""

    url: str
    answers: tuple[Answer, ...]
    passed: tuple[Passed, ...]

    @property
    def is_stopped(self) -> bool:
        """Whether the service turned the caller away, so that nothing is known about the rest."""
        return any(answer.status in (401, 402, 403) for answer in self.answers) or (
            bool(self.answers) and all(answer.status is None for answer in self.answers)
        )

    @property
    def is_clean(self) -> bool:
        """Whether every form that was to be sent was accepted."""
        return all(answer.verdict is Verdict.ACCEPTED for answer in self.answers)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer; ``status`` is None where there was none, and then ``text`` says why."""

    status: int | None
    text: str
    retry_after: float | None = None
    then: Then = Then.GO_ON


def estimate(probes: Sequence[Probe], terms: Terms) -> str:
    """What asking would cost, in calls and tokens."""
    sent = probes[: terms.most_calls]
    tokens = sum(len(json.dumps(probe.body)) for probe in sent) // 4
    calls = f"{len(sent)} call{'' if len(sent) == 1 else 's'}"
    more = (
        f" ({len(probes) - len(sent)} more are over the limit of {terms.most_calls})" if len(probes) > len(sent) else ""
    )
    return (
        f"Live check: {calls}{more} to {terms.url}, about {tokens} input tokens and at most "
        f"{OUTPUT_TOKENS * len(sent)} output tokens; nothing is stored."
    )


def ask(probes: Sequence[Probe], terms: Terms) -> Iterator[Answer]:
    """Send the probes one after the other, until the limit or an answer that ends it; the rest is not sent."""
    import httpx

    url = terms.url
    limits = httpx.Timeout(terms.timeout, connect=min(10.0, terms.timeout))
    with httpx.Client(timeout=limits, follow_redirects=False) as client:
        budget, reason = terms.most_calls, ""
        for number, probe in enumerate(probes):
            if not reason and not budget:
                reason = f"over the limit of {terms.most_calls} calls"
            if reason:
                yield Answer(probe, Verdict.NOT_SENT, message=reason)
                continue
            if number:
                terms.sleep(terms.pause)
            spent, answer, then = _asked(client, url, probe, terms, budget)
            budget -= spent
            yield answer
            if then is not Then.GO_ON:
                reason = "stopped after the answer before"


def _asked(client: httpx.Client, url: str, probe: Probe, terms: Terms, budget: int) -> tuple[int, Answer, Then]:
    """How many calls one probe took, what was answered, and how to go on; a 429 is asked once more."""
    reply = _sent(client, url, probe.body, terms)
    answer, then = _answer(probe, reply, terms)
    wait = reply.retry_after
    if then is not Then.WAIT or budget < 2 or wait is None or wait > LONGEST_WAIT:
        return 1, answer, then
    terms.sleep(wait)
    return 2, *_answer(probe, _sent(client, url, probe.body, terms), terms)


def _sent(client: httpx.Client, url: str, body: dict[str, Any], terms: Terms) -> Reply:
    """Send one body and read the answer as far as it may be read."""
    import httpx

    headers = {"x-goog-api-key": terms.key, "accept": "application/json"}
    deadline = time.monotonic() + terms.timeout
    try:
        with client.stream("POST", url, json=body, headers=headers) as response:
            data = bytearray()
            for chunk in response.iter_bytes():
                data += chunk
                if len(data) > LARGEST_ANSWER:
                    return Reply(None, f"the answer is larger than {LARGEST_ANSWER} bytes")
                if time.monotonic() > deadline:
                    return Reply(None, f"no whole answer within {terms.timeout:g} s")
            return Reply(response.status_code, data.decode("utf-8", "replace"), _retry_after(response.headers))
    except httpx.TimeoutException:
        return Reply(None, f"no answer within {terms.timeout:g} s")
    except httpx.RemoteProtocolError:
        return Reply(None, "the answer breaks off")
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return Reply(None, f"no connection: {error}", then=Then.STOP)


def _retry_after(headers: httpx.Headers) -> float | None:
    """The seconds that the service asks to wait, spelt in any of its ways."""
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        given = headers.get("retry-after", "")
        if given.replace(".", "", 1).isdecimal():
            return float(given)
        return max(0.0, parsedate_to_datetime(given).timestamp() - time.time()) if given else None
    except (ValueError, TypeError):
        return None


# Answers ------------------------------------------------------------------------------------------------------------


def _answer(probe: Probe, reply: Reply, terms: Terms) -> tuple[Answer, Then]:
    secrets = {terms.key, *probe.secrets}
    if reply.status is None:
        return Answer(probe, Verdict.INCONCLUSIVE, message=scrubbed(reply.text, secrets)), reply.then
    body = _json(reply.text)
    found = judged(reply.status, body)
    named = field_named(body, found.message, probe.keys) if found.verdict is Verdict.OUR_FAULT else None
    if named in probe.made:
        found = Judgement(
            Verdict.INCONCLUSIVE, found.then, found.code, f"about a placeholder of the check: {found.message}"
        )
    spot = probe.keys[named] if named is not None and named not in probe.made else None
    message = scrubbed(found.message, secrets)
    return Answer(probe, found.verdict, reply.status, scrubbed(found.code, secrets), message, named, spot), found.then


def _json(text: str) -> object:
    """The JSON of a text; None where it is none, or nested too deeply."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
