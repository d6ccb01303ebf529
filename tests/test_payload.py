"""Payloads: every fixture, and what holds for every body."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from cases import report
from cases import settings as options
from google.genai._gaos.types.interactions.createmodelinteraction import CreateModelInteraction
from hypothesis import given, settings
from hypothesis import strategies as st

from migrator import schema
from migrator.dialects.payload import migrate_payload
from migrator.outcome import Kind, Outcome, Status
from migrator.settings import Settings

FIXTURES = Path(__file__).parents[1] / "fixtures" / "payload"
CASES = sorted(FIXTURES.glob("*/*/before.*"))


def named(path: Path) -> str:
    return path.parent.relative_to(FIXTURES).as_posix()


def expected(before: Path) -> bytes | None:
    after = before.with_name("after" + before.suffix)
    return after.read_bytes() if after.exists() else None


CHANGED = [case for case in CASES if expected(case) is not None]
every_case = pytest.mark.parametrize("before", CASES, ids=named)
every_changed = pytest.mark.parametrize("before", CHANGED, ids=named)


def migrated(before: Path) -> Outcome:
    given = before.with_name("options.txt")
    chosen = given.read_text(encoding="utf-8").split() if given.exists() else []
    return migrate_payload(before.name, before.read_bytes(), options(chosen, before.parent))


@every_case
def test_fixture(before: Path, request: pytest.FixtureRequest) -> None:
    outcome = migrated(before)
    after, said = before.with_name("after" + before.suffix), before.with_name("report.txt")
    if request.config.getoption("--accept"):
        for path, data in ((after, outcome.after), (said, report(outcome).encode() or None)):
            path.unlink(missing_ok=True)
            if data is not None:
                path.write_bytes(data)
    assert outcome.after == expected(before)
    assert report(outcome) == (said.read_text(encoding="utf-8") if said.exists() else "")


@every_case
def test_an_outcome_is_consistent(before: Path) -> None:
    outcome = migrated(before)
    left = [site for site in outcome.sites if site.status is not Status.MIGRATED]
    assert (outcome.after is None) == (outcome.kind not in (Kind.MIGRATED, Kind.PARTIAL))
    assert bool(left) == (outcome.kind in (Kind.PARTIAL, Kind.REFUSED))
    assert all(site.findings for site in left)


@every_changed
def test_a_second_run_changes_nothing(before: Path) -> None:
    first = migrated(before)
    assert first.after is not None
    again = migrate_payload(before.name, first.after, Settings())
    assert again.after is None
    assert len(again.sites) == sum(site.status is not Status.MIGRATED for site in first.sites)


def documents(name: str, data: bytes) -> list[Any]:
    """Every body in a file, as another parser reads it."""
    text = data.decode("utf-8-sig")
    if name.endswith(".yaml"):
        found = list(yaml.safe_load_all(text))
    elif name.endswith(".jsonl"):
        found = [json.loads(line) for line in text.splitlines() if line.strip()]
    else:
        found = [json.loads(text)]
    flat = [body for document in found for body in (document if isinstance(document, list) else [document])]
    return [body.get("request", body) for body in flat]


@every_changed
def test_a_new_body_is_one_that_the_sdk_and_the_target_take(before: Path) -> None:
    outcome = migrated(before)
    assert outcome.after is not None
    new = [body for body in documents(before.name, outcome.after) if "input" in body]
    assert new
    for body in new:
        whole = {"model": "gemini-2.5-flash", **body}
        assert schema.problems(whole) == ()
        CreateModelInteraction.model_validate(whole)


@pytest.mark.parametrize("before", [case for case in CHANGED if case.suffix == ".jsonl"], ids=named)
def test_a_body_that_is_left_stays_byte_for_byte(before: Path) -> None:
    outcome = migrated(before)
    assert outcome.after is not None
    old, new = before.read_bytes().splitlines(), outcome.after.splitlines()
    kept = {site.line for site in outcome.sites if site.status is not Status.MIGRATED}
    assert all(old[line - 1] == new[line - 1] for line in kept)
    assert len(old) == len(new)


def test_more_than_a_third_of_the_fixtures_is_not_changed() -> None:
    assert len(CASES) - len(CHANGED) >= 0.35 * len(CASES)


def test_a_body_can_come_from_standard_input_in_any_format() -> None:
    body = {"model": "gemini-2.5-flash", "contents": [{"parts": [{"text": "hi"}]}]}
    in_json = migrate_payload("-", json.dumps(body).encode(), Settings())
    in_yaml = migrate_payload("-", yaml.safe_dump(body).encode(), Settings())
    assert in_json.after is not None
    assert in_yaml.after is not None
    assert json.loads(in_json.after) == yaml.safe_load(in_yaml.after)


texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
words = st.text(st.sampled_from("abc"), min_size=1, max_size=5)
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
)


@settings(max_examples=60, deadline=None)
@given(text=texts, arguments=st.dictionaries(words, plain, max_size=3), indent=st.sampled_from([None, 1, 2, 4]))
def test_what_the_user_wrote_arrives(text: str, arguments: dict[str, Any], indent: int | None) -> None:
    call = {"functionCall": {"id": "1", "name": "f", "args": arguments}}
    body = {
        "model": "gemini-2.5-pro",
        "contents": [{"role": "user", "parts": [{"text": text}]}, {"role": "model", "parts": [call]}],
    }
    outcome = migrate_payload("a.json", json.dumps(body, indent=indent).encode(), Settings())
    assert outcome.after is not None
    new = json.loads(outcome.after)
    assert new["input"][0] == {"type": "user_input", "content": [{"type": "text", "text": text}]}
    assert new["input"][1] == {"type": "function_call", "id": "1", "name": "f", "arguments": arguments}


@settings(max_examples=80, deadline=None)
@given(
    value=plain,
    place=st.sampled_from(["contents", "generationConfig", "tools", "systemInstruction", "toolConfig", "model"]),
)
def test_no_value_anywhere_breaks_it(value: Any, place: str) -> None:
    body = {"model": "gemini-2.5-pro", "contents": [{"parts": [{"text": "a"}]}], place: value}
    outcome = migrate_payload("a.json", json.dumps(body).encode(), Settings())
    assert outcome.kind is not Kind.FAILED


@settings(max_examples=80, deadline=None)
@given(text=st.text(st.sampled_from('{}[]",:ab1 \n\\-.'), max_size=30), name=st.sampled_from(["a.json", "a.yaml", "-"]))
def test_no_text_breaks_it(text: str, name: str) -> None:
    outcome = migrate_payload(name, text.encode(), Settings())
    assert outcome.after is None
    assert outcome.sites or outcome.findings or outcome.kind is Kind.UNCHANGED
