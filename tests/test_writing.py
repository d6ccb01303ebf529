"""What is written is what a person agreed to: nothing over uncommitted changes, and one by one where they ask."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from migrator.cli import run_command_line
from migrator.report import progress

if TYPE_CHECKING:
    from pathlib import Path

CALLS = """from google import genai

client = genai.Client()
sea = client.models.generate_content(model="gemini-2.5-flash", contents="Sea?")
print(sea.text)
lake = client.models.generate_content(model="gemini-2.5-flash", contents="Lake?")
print(lake.text)
"""
FIRST = CALLS.replace(
    'client.models.generate_content(model="gemini-2.5-flash", contents="Sea?")',
    'client.interactions.create(model="gemini-2.5-flash", input="Sea?", store=False)',
).replace("sea.text", "sea.output_text")
BOTH = FIRST.replace(
    'client.models.generate_content(model="gemini-2.5-flash", contents="Lake?")',
    'client.interactions.create(model="gemini-2.5-flash", input="Lake?", store=False)',
).replace("lake.text", "lake.output_text")
SECOND = "".join(line + "\n" for line in CALLS.splitlines()[:5] + BOTH.splitlines()[5:])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in with two files of two calls, and a state directory of its own."""
    work = tmp_path / "work"
    work.mkdir()
    for name in ("a.py", "b.py"):
        (work / name).write_text(CALLS)
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return work


def git(*arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True)


# Uncommitted changes -------------------------------------------------------------------------------------------------


@pytest.fixture
def repository(folder: Path) -> Path:
    """The folder as a repository whose files are committed."""
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "Seas")
    return folder


def test_committed_files_are_rewritten(repository: Path) -> None:
    assert run_command_line(["apply", "-q"]) == 0
    assert (repository / "a.py").read_text() == BOTH


@pytest.mark.parametrize("stage", ["modified", "staged", "untracked"])
def test_a_file_with_uncommitted_changes_is_left(
    repository: Path, stage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = CALLS + "# mine\n"
    name = "new.py" if stage == "untracked" else "a.py"
    (repository / name).write_text(mine)
    if stage == "staged":
        git("add", name)
    assert run_command_line(["apply"]) == 2
    assert (repository / name).read_text() == mine
    assert (repository / "b.py").read_text() == BOTH
    assert f"{name}:1:1 MG408 [manual] has changes that are not committed" in capsys.readouterr().out
    assert run_command_line(["apply", "-q", "--allow-dirty"]) == 0
    assert (repository / name).read_text() == BOTH + "# mine\n"


def test_the_work_tree_of_each_file_is_asked(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inner = repository / "inner"
    inner.mkdir()
    (inner / "c.py").write_text(CALLS)
    (inner / "d.py").write_text(CALLS)
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Inner"]):
        git("-C", "inner", *arguments)
    git("-c", "protocol.file.allow=always", "submodule", "add", "-q", "./inner", "inner")
    git("commit", "-qm", "Outer")
    (inner / "d.py").write_text(CALLS + "# mine\n")
    assert run_command_line(["apply"]) == 2
    assert (inner / "d.py").read_text() == CALLS + "# mine\n"
    assert [(folder / name).read_text() for folder, name in ((repository, "a.py"), (inner, "c.py"))] == [BOTH, BOTH]
    assert "inner/d.py:1:1 MG408 [manual] has changes that are not committed" in capsys.readouterr().out


@pytest.mark.parametrize("trouble", ["missing", "broken"])
def test_where_git_cannot_say_nothing_is_rewritten(
    repository: Path, trouble: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "a.py").write_text(CALLS + "# mine\n")
    if trouble == "missing":
        monkeypatch.setenv("PATH", "")
    else:
        (repository / ".git" / "HEAD").unlink()
    assert run_command_line(["apply", "a.py"]) == 2
    assert (repository / "a.py").read_text() == CALLS + "# mine\n"
    reason = {"missing": "git is not installed, or not on the PATH", "broken": "not a git repository"}[trouble]
    said = capsys.readouterr().out
    assert f"a.py:1:1 MG408 [manual] may have changes that are not committed: git cannot say, {reason}" in said
    assert "--allow-dirty" in said
    assert run_command_line(["apply", "-q", "--allow-dirty", "a.py"]) == 0


def test_a_dirty_file_without_calls_is_no_matter(repository: Path) -> None:
    (repository / "other.py").write_text("print(1)\n")
    assert run_command_line(["apply", "-q"]) == 0


def test_what_git_ignores_may_be_rewritten(repository: Path) -> None:
    (repository / ".gitignore").write_text("local.py\n")
    git("add", ".gitignore")
    git("commit", "-qm", "Ignore")
    (repository / "local.py").write_text(CALLS)
    assert run_command_line(["apply", "-q", "local.py"]) == 0


# One by one ----------------------------------------------------------------------------------------------------------


def ask(answers: str, *paths: str) -> str:
    """Run apply --interactive on a terminal, give the answers, and give what the terminal showed."""
    script = "import sys; from migrator.cli import run_command_line; sys.exit(run_command_line(sys.argv[1:]))"
    master, slave = pty.openpty()
    command = [sys.executable, "-c", script, "apply", "--interactive", *paths]
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave):
        os.close(slave)
        os.write(master, answers.encode())
        shown = b""
        try:
            while data := os.read(master, 65536):
                shown += data
        except OSError:  # the terminal is closed
            pass
    os.close(master)
    return re.sub(r"\x1b\[[0-9;]*m|\r", "", shown.decode())


def test_each_rewrite_is_asked_for(folder: Path) -> None:
    shown = ask("y\nn\nn\ny\n", "a.py", "b.py")
    assert "a.py: rewrite 1 of 2 [y,n,a,s,q,?]" in shown
    assert shown.count(" = client.interactions.create(") == 4 + 1, (
        "the second diff of a.py has the first call as it is now"
    )
    assert (folder / "a.py").read_text() == FIRST
    assert (folder / "b.py").read_text() == SECOND


@pytest.mark.parametrize(
    ("answers", "first", "second"),
    [
        ("s\na\n", CALLS, BOTH),
        ("q\n", CALLS, CALLS),
        ("y\nq\n", FIRST, CALLS),
        ("?\nwhat\na\nq\n", BOTH, CALLS),
        ("\x04", CALLS, CALLS),
    ],
)
def test_the_rest_can_be_taken_or_left(folder: Path, answers: str, first: str, second: str) -> None:
    shown = ask(answers, "a.py", "b.py")
    assert ((folder / "a.py").read_text(), (folder / "b.py").read_text()) == (first, second)
    assert ("leave this code as it is" in shown) is ("?" in answers)


def test_questions_need_a_terminal(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command_line(["apply", "--interactive", "a.py"]) == 2
    assert "--interactive asks on a terminal, and there is none." in capsys.readouterr().err


# Progress ------------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_how_far_the_run_is(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(progress, "EVERY", 0)
    monkeypatch.setattr(sys, "stderr", terminal)
    run_command_line(["check", "--no-cache"])
    shown = terminal.getvalue()
    assert "\r\x1b[K1 of 2 files, 2 call sites, about " in shown
    assert shown.endswith("\r\x1b[K"), "the line goes away"


def test_a_pipe_shows_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0)
    monkeypatch.setattr(sys, "stderr", piped := io.StringIO())
    run_command_line(["check", "--no-cache"])
    assert piped.getvalue() == ""


def test_progress_in_words() -> None:
    assert progress.line(12, 48, 30, 4.0) == "12 of 48 files, 30 call sites, about 12 s left"
    assert progress.line(10, 1000, 7, 20.0) == "10 of 1000 files, 7 call sites, about 33 min left"
    assert progress.line(0, 10, 0, 5.0) == "0 of 10 files, 0 call sites, about 0 s left"
