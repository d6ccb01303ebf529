"""What is settled while the program runs: by what the built-in maps say, and by no other map."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.diagnostics import Level
from migrator.migrate import migrate
from migrator.outcome import Kind
from migrator.planning.at_run_time import carried, dropped
from migrator.settings import Settings

WRAPPER = b"""\
from google import genai

client = genai.Client(api_key="test-key")


def ask(prompt: str, config) -> str:
    return client.models.generate_content(model="gemini-2.5-flash", contents=prompt, config=config).text
"""


def test_the_conversion_carries_and_drops_what_the_map_does() -> None:
    sampling = ("temperature", "top_p", "max_output_tokens", "stop_sequences", "seed")
    assert carried("GenerateContentConfig", "generation_config") == sampling
    assert carried("ImageConfig") == ("aspect_ratio", "image_size")
    assert dropped("GenerateContentConfig") == ("top_k",)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("models:\n  served: [my-model-*]\n", Kind.MIGRATED),
        ("request:\n  HttpRetryOptions:\n    jitter: {refuse: we need it}\n", Kind.MIGRATED),
        ("request:\n  GenerateContentConfig:\n    top_k: {refuse: we need it}\n", Kind.REFUSED),
        ("request:\n  ThinkingConfig:\n    thinking_budget: {refuse: we need it}\n", Kind.REFUSED),
    ],
)
def test_a_map_that_says_otherwise_of_a_configuration_keeps_it(tmp_path: Path, text: str, kind: Kind) -> None:
    path = tmp_path / "my.yaml"
    path.write_text(text, encoding="utf-8")
    outcome = migrate("a.py", WRAPPER, Settings(Level.REVIEW, field_maps=(str(path),)))
    assert outcome.kind is kind
    assert (b"_settings_of(config)" in (outcome.after or b"")) is (kind is Kind.MIGRATED)
