"""What a run replaces can be put back, also after it was killed; and nothing is left lying about."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator import journal
from migrator.cli import run_command_line
from migrator.source import TEMPORARY_SUFFIX

CALL = b"""from google import genai

client = genai.Client()
print(client.models.generate_content(model="gemini-2.5-flash", contents="Name a sea.").text)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in, with three files, and a state directory of its own."""
    work = tmp_path / "work"
    work.mkdir()
    for name in ("a.py", "b.py", "c d.py"):
        (work / name).write_bytes(CALL)
    (work / "b.py").chmod(0o750)
    monkeypatch.chdir(work)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return work


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_run_can_be_taken_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = contents(folder)
    assert run_command_line(["apply", "-q"]) == 0
    assert all(contents(folder)[name] != data for name, data in before.items())
    assert run_command_line(["undo"]) == 0
    assert contents(folder) == before
    assert (folder / "b.py").stat().st_mode & 0o777 == 0o750
    assert capsys.readouterr().out == "c d.py: put back\nb.py: put back\na.py: put back\n"


def test_runs_are_taken_back_one_by_one(folder: Path) -> None:
    first = contents(folder)
    run_command_line(["apply", "-q", "a.py"])
    second = contents(folder)
    run_command_line(["apply", "-q", "b.py"])
    run_command_line(["check", "-q"])  # writes nothing and is no run to take back
    assert run_command_line(["undo"]) == 0
    assert contents(folder) == second
    assert run_command_line(["undo"]) == 0
    assert contents(folder) == first
    assert run_command_line(["undo"]) == 2


def test_what_was_changed_since_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_command_line(["apply", "-q"])
    (folder / "a.py").write_bytes(b"mine\n")
    (folder / "b.py").unlink()
    assert run_command_line(["undo"]) == 2
    assert contents(folder) == {"a.py": b"mine\n", "c d.py": CALL}
    said = capsys.readouterr().err
    assert "a.py: left as it is, changed since" in said
    assert "b.py: left as it is, No such file or directory" in said


def test_another_folder_has_runs_of_its_own(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_command_line(["apply", "-q"])
    monkeypatch.chdir(tmp_path)
    assert run_command_line(["undo"]) == 2
    assert (folder / "a.py").read_bytes() != CALL


def test_only_so_many_runs_are_remembered(folder: Path) -> None:
    for _ in range(journal.KEPT + 3):
        (folder / "a.py").write_bytes(CALL)
        run_command_line(["apply", "-q", "a.py"])
    [place] = Path(journal.state_directory()).iterdir()
    assert len(list(place.iterdir())) == journal.KEPT


def test_a_journal_that_cannot_be_written_is_a_warning(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = Path(os.environ["XDG_STATE_HOME"])
    state.write_text("a file where a folder should be")
    assert run_command_line(["apply", "-q"]) == 0
    assert (folder / "a.py").read_bytes() != CALL
    assert capsys.readouterr().err.count("this run cannot be undone") == 1


def test_a_torn_line_ends_a_journal(folder: Path) -> None:
    run_command_line(["apply", "-q"])
    [index] = Path(journal.state_directory()).rglob(journal.NAME)
    lines = index.read_text().splitlines(keepends=True)
    index.write_text("".join(lines[:3]) + lines[3][:20])
    assert run_command_line(["undo"]) == 0
    assert sorted(name for name, data in contents(folder).items() if data == CALL) == ["a.py", "b.py"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: b"junk\n",
        lambda data: bytes(len(data)),
        lambda data: b"\x9c\xff" + data,
        lambda data: data.replace(b'"version": 1', b'"version": 9'),
        lambda data: data.split(b"\n")[0] + b"\n",
        lambda data: data.replace(b'"old"', b'"odd"'),
    ],
)
def test_a_damaged_journal_is_named_and_kept(
    folder: Path, damage: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    run_command_line(["apply", "-q"])
    [index] = Path(journal.state_directory()).rglob(journal.NAME)
    index.write_bytes(damage(index.read_bytes()))
    for _ in range(2):
        assert run_command_line(["undo"]) == 2
        assert f"is damaged: {index.parent}" in capsys.readouterr().err
        assert [path.read_bytes() for path in index.parent.glob("*.old")] == [CALL] * 3
    journal.sweep()


def test_a_damaged_old_content_is_not_put_back(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_command_line(["apply", "-q"])
    new = (folder / "a.py").read_bytes()
    [old] = Path(journal.state_directory()).rglob("000001.old")
    old.write_bytes(CALL[:20])
    assert run_command_line(["undo"]) == 2
    assert contents(folder) == {"a.py": new, "b.py": CALL, "c d.py": CALL}
    assert f"a.py: left as it is, what was kept of it is damaged: {old}" in capsys.readouterr().err


def test_where_undo_is_run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run_command_line(["apply", "-q"])
    monkeypatch.chdir(folder.parent)
    assert run_command_line(["undo"]) == 2
    assert "undo is run in the folder in which apply was" in capsys.readouterr().err


def test_a_run_that_goes_on_is_not_swept(folder: Path) -> None:
    mine = journal.Journal(str(folder))
    mine.keep(str(folder / "a.py"), CALL, b"new")
    stray = folder / f".x{TEMPORARY_SUFFIX}"
    stray.write_bytes(b"in flight")
    journal.sweep()
    assert stray.exists()
    mine.close()
    [run] = Path(journal.state_directory()).glob("*/*")
    assert run.name.endswith(journal.DONE)
