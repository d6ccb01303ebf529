"""The inventory: every legacy use of a tree, with its level, its reasons and its model."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from migrator import source
from migrator.cli import run_command_line
from migrator.cli.codes import INTERRUPTED

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "app/new.py": """from google import genai
MODEL = "gemini-2.5-flash"
client = genai.Client()
print(client.models.generate_content(model=MODEL, contents="Name a sea.").text)
print(client.models.generate_content(model=MODEL, contents="Name a sea.").candidates[0].avg_logprobs)
""",
    "app/old.py": """import google.generativeai as genai
model = genai.GenerativeModel("gemini-1.5-pro")
print(model.generate_content("Name a sea.").text)
chat = model.start_chat()
""",
    "app/cloud.py": """from vertexai.generative_models import GenerativeModel
model = GenerativeModel(model_name="gemini-2.0-flash-001")
model.generate_content("Name a sea.")
""",
    "app/other.py": """class Writer:
    def generate_content(self): ...
Writer().generate_content()
""",
    "bin/ask.sh": """curl -s "https://generativelanguage.googleapis.com/v1/models/gemini-2.0-flash:generateContent" \\
  -H "x-goog-api-key: $KEY"
URL=https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent
curl -X POST \\
  -H 'Content-Type: application/json' \\
  $BASE/models/$MODEL:generateContent
""",
    "web/ask.ts": """const reply = await ai.models.generateContent({model, contents})
const model = old.getGenerativeModel({model: "gemini-pro"})
""",
    "notes.ipynb": json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "source": [
                        "from google import genai\n",
                        "genai.Client().models.generate_content(model='gemini-2.5-flash', contents='Hi')",
                    ],
                }
            ]
        }
    ),
    "torn.py": "client.models.generate_content(\n",
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in that holds a use of each dialect."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def scan(*arguments: str, code: int = 2) -> str:
    """What a scan prints; one file does not parse, so it ends with 2."""
    done = subprocess.run(
        [sys.executable, "-m", "migrator", "scan", *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    return done.stdout


def test_every_dialect_is_counted(tree: Path) -> None:
    told = json.loads(scan("--output-format", "json"))
    found = {
        (use["path"], use["line"], use["dialect"], use["operation"], use["level"], use["model"])
        for use in told["uses"]
        if use["level"] != "failed"
    }
    assert found == {
        ("app/cloud.py", 3, "vertexai", "generate_content", "other", "gemini-2.0-flash-001"),
        ("app/new.py", 4, "google_genai", "generate_content", "safe", "gemini-2.5-flash"),
        ("app/new.py", 5, "google_genai", "generate_content", "manual", "gemini-2.5-flash"),
        ("app/old.py", 3, "google-generativeai", "generate_content", "other", "gemini-1.5-pro"),
        ("app/old.py", 4, "google-generativeai", "start_chat", "other", "gemini-1.5-pro"),
        ("bin/ask.sh", 1, "curl", "generateContent", "other", "gemini-2.0-flash"),
        ("bin/ask.sh", 3, "REST", "streamGenerateContent", "other", "gemini-2.5-pro"),
        ("bin/ask.sh", 6, "curl", "generateContent", "other", ""),
        ("notes.ipynb", 1, "google_genai", "generate_content", "review", "gemini-2.5-flash"),
        ("web/ask.ts", 1, "google-genai for JavaScript", "generateContent", "other", ""),
        ("web/ask.ts", 2, "generative-ai for JavaScript", "getGenerativeModel", "other", ""),
    }
    assert [use["path"] for use in told["uses"] if use["level"] == "failed"] == ["torn.py"]
    counts = {"files": 8, "uses": 12, "safe": 1, "review": 1, "manual": 1, "other": 8, "failed": 1}
    assert told["summary"] == counts
    assert [use["codes"] for use in told["uses"] if use["level"] == "manual"] == [["MG201"]]


def test_a_line_a_use(tree: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(scan("--output-format", "csv"))))
    assert len(rows) == 12
    assert [row["codes"] for row in rows if row["level"] == "review"] == ["MG203"]


def test_tables(tree: Path) -> None:
    text = scan()
    assert text.startswith("Scanned 8 files: 11 legacy uses in 6 files; 1 file could not be read.\n")
    table = {
        line.split("  ")[0]: line.split()[1:]
        for line in text.splitlines()
        if line.startswith(("app", "MG201", "gemini"))
    }
    assert table["app"][0] == "5"
    assert table["gemini-2.5-flash"][-1] == "3"
    assert any(key.startswith("MG201") for key in table)


def test_nothing_to_migrate(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("print(1)\n")
    assert scan(str(tmp_path), code=0) == "Scanned 1 file: 0 legacy uses in 0 files.\n"


def test_nothing_is_written(tree: Path) -> None:
    scan()
    assert {name: (tree / name).read_text() for name in FILES} == FILES


def test_an_interrupted_scan_says_what_it_has_found(
    tree: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    read = source.read

    def interrupted(path: str) -> bytes:
        if path == "torn.py":
            raise KeyboardInterrupt
        return read(path)

    monkeypatch.setattr(source, "read", interrupted)
    assert run_command_line(["scan"]) == INTERRUPTED
    said = "Interrupted. 9 legacy uses found so far in 8 files, the last in notes.ipynb. Every file is"
    assert capfd.readouterr().err.lstrip().startswith(said)
