"""Requirements and locks that keep google-genai too old for rewritten code are named at their lines."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from workflows import REFUSED, SAMPLE, repository

from migrator.manifests.check import outcomes
from migrator.manifests.find import governing
from migrator.manifests.pins import pins

LEGACY = SAMPLE.read_text(encoding="utf-8")
MIGRATED = """from google import genai

client = genai.Client()
print(client.interactions.create(model="gemini-2.5-flash", input="Hello", store=False).output_text)
"""
PIPFILE_LOCK = """{"default": {
"google-genai": {
"hashes": [],
"version": "==1.0"
},
"b": {
"version": "==1.0"
}}}
"""


def judged(tmp_path: Path, name: str, text: str) -> list[tuple[str, int]]:
    """Give the codes and lines that are said of a manifest."""
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / ".git").mkdir(exist_ok=True)
    found = outcomes([str(tmp_path / "app.py")])
    return [(finding.code, finding.line) for outcome in found for finding in outcome.findings]


@pytest.mark.parametrize(
    ("requirement", "code"),
    [
        ("google-genai", None),
        ("google-genai>=2.26", None),
        ("google-genai>=2.26,<4", None),
        ("google-genai==3.4.0", None),
        ("google-genai===3.4.0", None),
        ("google-genai~=3.0", None),
        ("google-genai>2.25.9,!=3.0.0", "MG431"),  # 2.25.10 is allowed
        ("google-genai==3.*", None),
        ("google-genai[aiohttp]>=2.26.1", None),
        ("google-genai @ git+https://github.com/googleapis/python-genai", None),
        ("google-generativeai==0.8", None),
        ("google-genai-extra==0.8", None),
        ("google-genai==1.5; python_version < '3.9'", None),
        ("google-genai==1.5; sys_platform == 'no such'", None),
        ("google-genai>=1.0", "MG431"),
        ("google-genai~=2.20", "MG431"),
        ("google-genai==2.*", "MG431"),
        ("google-genai!=1.0", "MG431"),
        ("google-genai<3", "MG431"),
        ("google-genai==1.5.0", "MG430"),
        ("google-genai[aiohttp] == 1.5.0", "MG430"),
        ("Google_GenAI<2", "MG430"),
        ("google.genai<2.26", "MG430"),
        ("google-genai<=2.25.9", "MG430"),
        ("google-genai~=2.20.1", "MG430"),
        ("google-genai==1.*", "MG430"),
        ("google-genai>=1,<2", "MG430"),
        ("google-genai==1.5; python_version >= '3.11'", "MG430"),
    ],
)
def test_a_requirement_is_judged_by_the_versions_that_it_leaves(
    tmp_path: Path, requirement: str, code: str | None
) -> None:
    expected = [] if code is None else [(code, 2)]
    assert judged(tmp_path, "requirements-dev.txt", f"# pins\n{requirement}\n") == expected
    (tmp_path / "requirements-dev.txt").unlink()
    assert (
        judged(tmp_path, "pyproject.toml", f'dependencies = [\n  "{requirement}", # "google-genai==0"\n]') == expected
    )


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("requirements/base.txt", "a\ngoogle-genai==1.5.0 \\\n    --hash=sha256:00\n", [("MG430", 2)]),
        ("requirements.in", "google-genai<2  # why\n#google-genai<1\n", [("MG430", 1)]),
        ("constraints.txt", "google-genai==2.0 --hash=sha256:00\n", [("MG430", 1)]),
        ("notes.txt", "google-genai==2.0\n", []),
        ("uv.lock", '[[package]]\nname = "google-genai"\nversion = "1.2"\n[[package]]\nname = "b"\n', [("MG430", 3)]),
        ("poetry.lock", '[[package]]\nname = "google-genai"\nversion = "3.4.0"\n', []),
        ("pylock.toml", '[[packages]]\nname = "google-genai"\nversion = "2.25.0"\n', [("MG430", 3)]),
        ("Pipfile", '[packages]\ngoogle-genai = "*"\n[dev-packages]\ngoogle-genai = "==1.0"\n', [("MG430", 4)]),
        ("Pipfile.lock", PIPFILE_LOCK, [("MG430", 4)]),
        ("setup.py", "setup(install_requires=['google-genai<2'])\n", [("MG430", 1)]),
        ("setup.cfg", "[options]\ninstall_requires =\n    google-genai<2\n", [("MG430", 3)]),
        ("environment.yml", "dependencies:\n  - pip:\n    - google-genai==1.0\n", [("MG430", 3)]),
        ("pyproject.toml", '[project]\nname = "google-genai"\nkeywords = ["google-genai"]\n', []),
        ("pyproject.toml", '[tool.other]\ngoogle-genai = "1.0"\n', []),
        ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-genai = "^1.2"\n', [("MG430", 2)]),
        ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-genai = "1.2"\n', [("MG430", 2)]),
        ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-genai = "^2.26"\n', []),
        ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-genai = ">=1.2 <2 || 3"\n', []),
        ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-genai = {a = "x", version = "~2.20"}\n', [("MG430", 2)]),
        ("pyproject.toml", '[tool.poetry.group.dev.dependencies]\ngoogle-genai = "*"\n', []),
    ],
)  # fmt: skip
def test_every_kind_of_manifest_is_read(tmp_path: Path, name: str, text: str, expected: list[tuple[str, int]]) -> None:
    assert judged(tmp_path, name, text) == expected


def test_the_column_is_where_the_pin_stands() -> None:
    for name, text in (
        ("pyproject.toml", 'x = ["a", "google-genai<2"]'),
        ("pyproject.toml", '[tool.poetry.dependencies]\ngoogle-genai = "^1.2"'),
        ("requirements.txt", "  google-genai<2  # x"),
        ("environment.yml", "    - google-genai<2"),
        ("uv.lock", 'name = "google-genai"\nversion = "1.2"'),
    ):
        (pin,) = pins(name, text)
        assert text.splitlines()[pin.line - 1][pin.column - 1 :].startswith(pin.text), name


def test_manifests_are_looked_for_up_to_the_work_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("", "work", "work/a", "work/a/b", "work/other"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "requirements.txt").touch()
    (tmp_path / "work" / ".git").touch()
    (tmp_path / "work" / "requirements").mkdir()
    (tmp_path / "work" / "requirements" / "base.txt").touch()
    monkeypatch.chdir(tmp_path / "work" / "a")
    assert governing(["b/x.py", "b/y.py", "z.py"]) == sorted(
        ["b/requirements.txt", "requirements.txt", "../requirements.txt", "../requirements/base.txt"]
    )
    (tmp_path / "work" / ".git").unlink()
    assert governing(["b/x.py"]) == ["b/requirements.txt", "requirements.txt"]
    assert governing([str(tmp_path / "work" / "other" / "x.py")]) == [
        str(tmp_path / "work" / "other" / "requirements.txt")
    ]


def migrator(*arguments: str, at: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "migrator", *arguments], cwd=at, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def test_a_run_with_something_to_rewrite_names_the_pin(tmp_path: Path) -> None:
    repository(tmp_path, {"src/app.py": LEGACY, "requirements.txt": "google-genai==1.5.0\n"})
    code, said = migrator("check", "src", at=tmp_path)
    assert code == 1
    assert "requirements.txt:1:1 MG430 [manual] google-genai==1.5.0 leaves no version from 2.26 on" in said
    code, said = migrator("apply", "src", at=tmp_path)
    assert code == 1, "the rewritten code does not run with what is installed"
    assert "MG430" in said
    assert (tmp_path / "requirements.txt").read_text(encoding="utf-8") == "google-genai==1.5.0\n"
    assert migrator("verify", "src", at=tmp_path)[0] == 1
    assert migrator("verify", "src", "--ignore", "MG43", at=tmp_path)[0] == 0


def test_a_floor_that_is_too_low_fails_nothing(tmp_path: Path) -> None:
    repository(tmp_path, {"app.py": MIGRATED, "requirements.txt": "google-genai>=1.5\n"})
    code, said = migrator("verify", "--output-format", "json", at=tmp_path)
    assert code == 0
    files = {file["path"]: file for file in json.loads(said)["files"]}
    assert [it["code"] for it in files["requirements.txt"]["diagnostics"]] == ["MG431"]
    code, said = migrator("verify", "--output-format", "junit", at=tmp_path)
    assert 'failures="0"' in said


@pytest.mark.parametrize("text", [REFUSED, "print('hello')\n"])
def test_code_that_stays_says_nothing_of_pins(tmp_path: Path, text: str) -> None:
    repository(tmp_path, {"app.py": text, "requirements.txt": "google-genai==1.5.0\n"})
    assert "MG43" not in migrator("check", at=tmp_path)[1]


def test_a_baseline_knows_a_pin(tmp_path: Path) -> None:
    repository(tmp_path, {"app.py": LEGACY, "requirements.txt": "google-genai==1.5.0\n"})
    assert migrator("check", "--write-baseline", "known.json", at=tmp_path)[0] == 0
    assert migrator("check", "--baseline", "known.json", at=tmp_path)[0] == 0
    (tmp_path / "requirements.txt").write_text("\ngoogle-genai==1.6.0\n", encoding="utf-8")
    assert migrator("check", "--baseline", "known.json", at=tmp_path)[0] == 1


def test_a_run_that_finds_nothing_looks_for_no_manifest(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n", encoding="utf-8")
    code = (
        "import sys; from migrator.cli import run_command_line; run_command_line(['check'])\n"
        "print('packaging' in sys.modules, 'migrator.manifests.check' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False False"
