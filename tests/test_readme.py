"""The README: its commands run, and its diff is the one that comes out."""

import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
INSTALLING = [command for command in COMMANDS if command.startswith("python3 -m venv")]
FURTHER = [command for command in COMMANDS if command not in INSTALLING]
(DIFF,) = re.findall(r"```diff\n(.*?)```", README, re.DOTALL)


def shell(command, folder):
    path = sysconfig.get_path("scripts")
    return subprocess.run(
        ["sh", "-c", f'PATH="{path}:$PATH"; {command}'], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.fixture
def checkout(tmp_path):
    """What a newcomer has: the files that git knows, and nothing else."""
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        if (ROOT / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_bytes((ROOT / "fixtures" / "sample" / "summarise.py").read_bytes())
    return tmp_path


def test_there_is_one_command_for_the_main_job_and_one_for_the_tests():
    assert len(INSTALLING) == 2
    assert INSTALLING[1].endswith(".venv/bin/pytest -n auto")


def test_the_main_job_runs_on_a_fresh_machine(checkout):
    """The one test that needs a package index: it installs the tool as the README says."""
    done = shell(INSTALLING[0], checkout)
    assert done.returncode == 1, done.stderr
    assert DIFF in done.stdout
    assert "refused" in done.stderr


def test_the_test_command_is_the_one_that_runs_in_ci():
    """It cannot run inside of itself; .ci/run takes it from the README."""
    pattern = re.search(r"grep -m1 -E '(.*)' README\.md", (ROOT / ".ci" / "run").read_text(encoding="utf-8"))[1]
    assert next(line for line in README.splitlines() if re.search(pattern, line)) == INSTALLING[1]


@pytest.mark.parametrize("command", FURTHER)
def test_a_command_runs(checkout, command):
    done = shell(command, checkout)
    assert done.returncode in (0, 1), done.stderr
    assert done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_diff_is_the_one_that_comes_out():
    done = shell("migrator diff fixtures/sample", ROOT)
    assert DIFF in done.stdout
    assert len(DIFF.splitlines()) >= 10


def test_every_link_leads_somewhere():
    links = [link for link in re.findall(r"\]\(([^)#]+)", README) if "://" not in link]
    assert links
    assert not [link for link in links if not (ROOT / link).exists()]


def test_every_option_of_the_table_exists():
    shown = subprocess.run(
        [sys.executable, "-m", "migrator", "check", "--help"], capture_output=True, text=True, check=True
    ).stdout
    table = "".join(line for line in README.splitlines() if line.startswith("| `-"))
    assert not [
        option for option in re.findall(r"--?[a-z][a-z-]*", re.sub(r"\|[^|]*\|$", "", table)) if option not in shown
    ]
