"""The checks on a result find what they are there for: each is shown a result that has it."""

from __future__ import annotations

import sys

import libcst as cst
import pytest

from migrator import migrate as one_file
from migrator.dialects import google_genai
from migrator.fieldmap import load
from migrator.migrate import migrate
from migrator.outcome import Kind
from migrator.python.evidence.facts import facts_of
from migrator.readback import Breach, breaches
from migrator.settings import Settings

BEFORE = b"""\
from google import genai

client = genai.Client()
# ask
response = client.models.generate_content(model="gemini-2.5-flash", contents="Say hello")
"""
AFTER = b"""\
from google import genai

client = genai.Client()
# ask
response = client.interactions.create(model="gemini-2.5-flash", input="Say hello", store=False)
"""


def found(after: bytes, before: bytes = BEFORE) -> list[str]:
    facts = facts_of(cst.parse_module(before), load(()))
    return [each.message for each in breaches(after, facts, google_genai.read(facts, Settings()).units)]


def test_a_good_result_passes() -> None:
    assert found(AFTER) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"store=False)", b"store=False", "the result would not parse"),
        pytest.param(
            *(b"store=False)", b'store=False, t=f"{[\n1]}")', "the result would not parse"),
            marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="f-strings of several lines parse"),
        ),
        (b"# ask\n", b"", "the comment '# ask' would be lost"),
        (b"interactions.create", b"models.generate_content", "a planned call would be left"),
        (b"interactions.create", b"interactions.made", "a rewritten call cannot be found again"),
        (b"input=", b"inputs=", "the request of line 5 does not fit: unknown key 'inputs'; did you mean"),
        (b"store=False", b"store='no'", "the request of line 5 does not fit: expected a boolean"),
        (b'"Say hello"', b'[{"type": "txt", "text": "a"}]', "the request of line 5 does not fit: "),
        (b'"Say hello"', b'[{"data": "a"}]', "the request of line 5 does not fit: 'type' is missing"),
        (
            b"store=False",
            b'generation_config={"seed": -1.5}',
            "the request of line 5 does not fit: ",
        ),
    ],
)
def test_a_breach_is_found(old: bytes, new: bytes, said: str) -> None:
    assert old in AFTER
    assert any(problem.startswith(said) for problem in found(AFTER.replace(old, new)))


@pytest.mark.parametrize("value", [b"prompt", b"[*parts]", b"{**part}", b"[make(1)]", b"f'{name}'"])
def test_what_is_not_visible_fits(value: bytes) -> None:
    assert found(AFTER.replace(b'"Say hello"', value)) == []


@pytest.mark.parametrize("more", [b"type Name = str\n", b"def first[T](items: list[T]) -> T: ...\n"])
def test_newer_python_than_this_one_is_read_too(more: bytes) -> None:
    assert found(AFTER + more, BEFORE + more) == []
    assert found((AFTER + more).replace(b"input=", b"inputs="), BEFORE + more) != []


def test_requests_that_were_there_before_are_not_judged() -> None:
    old = b"other = client.interactions.create(agent='deep-research', something_new=1)\n"
    assert found(AFTER + old, BEFORE + old) == []


def test_a_breach_leaves_the_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_file, "breaches", lambda *_: [Breach("the comment '# ask' would be lost")])
    outcome = migrate("a.py", BEFORE, Settings())
    assert outcome.kind is Kind.REFUSED
    assert outcome.after is None
    found = [(each.code, each.message) for site in outcome.sites for each in site.findings]
    assert found == [("MG117", "the comment '# ask' would be lost")]


def test_a_breach_of_no_single_call_fails_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    both = BEFORE + BEFORE.replace(b"response", b"other")
    monkeypatch.setattr(
        one_file, "breaches", lambda _, __, accepted: [Breach("it is lost")] if len(accepted) > 1 else []
    )
    outcome = migrate("a.py", both, Settings())
    assert (outcome.kind, outcome.after) == (Kind.FAILED, None)
    assert [(each.code, each.message) for each in outcome.findings] == [("MG406", "it is lost")]
