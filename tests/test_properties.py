"""What holds for any input: no crash, no touch of code without the SDK, nothing left to do after the first run."""

from __future__ import annotations

import ast
import os

import hypothesmith
from cases import cases, findings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from migrator.diagnostics import Level
from migrator.migrate import migrate
from migrator.outcome import Kind, Outcome
from migrator.settings import Settings

EXAMPLES = int(os.environ.get("MIGRATOR_EXAMPLES", "25"))
few = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
some = settings(few, max_examples=EXAMPLES * 4)

SOURCES = [case.before for case in cases()]
LOOKING = b"\n# google.genai generate_content\nfrom google import genai\nclient = genai.Client()\n"


def _sound(source: bytes, outcome: Outcome, chosen: Settings) -> None:
    assert outcome.before in (source, b"")
    if outcome.after is None:
        return
    ast.parse(outcome.after)
    again = migrate("again.py", outcome.after, chosen)
    assert again.after is None, again.after.decode()


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A fixture with lines lost, doubled and moved."""
    lines = draw(st.sampled_from(SOURCES)).splitlines(keepends=True)
    for _ in range(draw(st.integers(0, 3))):
        where, there = draw(st.integers(0, len(lines) - 1)), draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["lose", "double", "swap"])):
            case "lose" if len(lines) > 1:
                del lines[where]
                there = min(there, len(lines) - 1)
            case "double":
                lines.insert(there, lines[where])
            case "swap":
                lines[where], lines[there] = lines[there], lines[where]
    return b"".join(lines)


@few
@given(hypothesmith.from_grammar())
def test_code_without_the_sdk_is_left_alone(code: str) -> None:
    source = code.encode("utf-8", "surrogatepass")
    outcome = migrate("any.py", source, Settings(accept=Level.REVIEW))
    assert outcome.after is None
    assert outcome.sites == ()


@few
@given(hypothesmith.from_grammar())
def test_any_code_beside_the_sdk_is_survived(code: str) -> None:
    source = code.encode("utf-8", "surrogatepass") + LOOKING
    outcome = migrate("any.py", source, Settings(accept=Level.REVIEW))
    assert outcome.after is None


@few
@given(st.binary(max_size=200))
def test_any_bytes_are_survived(data: bytes) -> None:
    source = data + LOOKING
    outcome = migrate("any.py", source, Settings())
    assert outcome.after is None
    assert outcome.kind in (Kind.UNCHANGED, Kind.FAILED)
    assert outcome.kind is Kind.UNCHANGED or findings(outcome)


@some
@given(damaged(), st.sampled_from([Level.SAFE, Level.REVIEW]))
def test_damaged_programs_are_survived(source: bytes, accept: Level) -> None:
    chosen = Settings(accept=accept)
    _sound(source, migrate("damaged.py", source, chosen), chosen)


@some
@given(st.sampled_from(SOURCES), st.sampled_from(SOURCES))
def test_two_programs_in_one_file_are_sound(first: bytes, second: bytes) -> None:
    chosen = Settings(accept=Level.REVIEW)
    source = first.rstrip(b"\n") + b"\n" + second
    _sound(source, migrate("two.py", source, chosen), chosen)
