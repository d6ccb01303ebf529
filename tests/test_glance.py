"""What is answered before options are read: the same words and the same code as by the whole run, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator import __main__, glance
from migrator.cli import run_command_line

CALL = "from google import genai\ngenai.Client().models.generate_content(model='m', contents='c')\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("a.py", "lib/b.py", "lib/c.md", "build/d.py", ".hidden/e.py", "lib/f.txt"):
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x = 1\n")
    return tmp_path / "tree"


@pytest.mark.parametrize("command", ["check", "diff"])
@pytest.mark.parametrize("arguments", [["tree"], ["tree", "--isolated"], ["tree/lib", "tree/a.py", "tree"], []])
@pytest.mark.usefixtures("folder")
def test_the_same_words_as_by_the_whole_run(
    command: str, arguments: list[str], capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_command_line([command, *arguments]) == 0
    whole = capfd.readouterr()
    monkeypatch.setattr(sys, "argv", ["migrator", command, *arguments])
    monkeypatch.setitem(sys.modules, "migrator.cli", None)
    __main__.main()
    assert capfd.readouterr() == whole
    assert "3 files" in whole.out + whole.err


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tree/lib/call.py", CALL),
        ("tree/lib/pyproject.toml", "[tool.migrator]\n"),
        ("tree/pyproject.toml", "[tool.migrator]\nunknown = 1\n"),
        ("pyproject.toml", "[tool.migrator]\n"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_hit_or_settings_are_for_the_command_line(name: str, text: str) -> None:
    assert glance.idle("check", ["tree"]) == (3, 0)
    Path(name).write_text(text)
    assert glance.idle("check", ["tree"]) is None


@pytest.mark.usefixtures("folder")
def test_settings_that_are_not_to_be_read() -> None:
    Path("pyproject.toml").write_text("[tool.migrator]\n")
    assert glance.idle("check", ["tree", "--isolated"]) == (3, 0)


@pytest.mark.parametrize(
    "arguments", [["nowhere"], ["tree", "-v"], ["-"], ["tree", "--jobs", "1"], ["tree", "--force-exclude"]]
)
@pytest.mark.usefixtures("folder")
def test_whatever_else_is_for_the_command_line(arguments: list[str]) -> None:
    assert glance.idle("check", arguments) is None


def test_apply_looks_closer_at_folders(folder: Path) -> None:
    assert glance.idle("apply", ["tree"]) is None
    assert glance.idle("apply", [str(folder / "a.py")]) == (1, 0)


def test_what_git_ignores_is_not_counted(folder: Path) -> None:
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / ".gitignore").write_text("lib/\n")
    assert glance.idle("check", ["tree"]) == (1, 0)


@pytest.mark.usefixtures("folder")
def test_an_interrupt_is_told_in_words(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    def interrupted(path: str) -> os.stat_result:
        raise KeyboardInterrupt

    monkeypatch.setattr(sys, "argv", ["migrator", "check", "tree"])
    monkeypatch.setattr(glance.os, "stat", interrupted)
    with pytest.raises(SystemExit) as left:
        __main__.main()
    monkeypatch.undo()
    assert left.value.code == 130
    assert capfd.readouterr().err == "Interrupted. Every file is as it was.\n"
