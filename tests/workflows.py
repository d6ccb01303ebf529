"""What the tests of hooks and pipelines share: a repository of a newcomer, and the tool as others fetch it."""

from __future__ import annotations

import os
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "fixtures" / "sample" / "summarise.py"
REFUSED = """from google import genai

client = genai.Client()


def both(prompt: str) -> list[str]:
    response = client.models.generate_content(
        model="gemini-2.5-flash", contents=prompt, config={"candidate_count": 2}
    )
    return [candidate.content.parts[0].text for candidate in response.candidates]
"""


def environment(**more: str) -> dict[str, str]:
    """Give an environment without what the user's git or a pipeline has set, with this tool first on the path."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT", "PRE_COMMIT", "PYTHONPATH"))
    }
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A"), ("EMAIL", "a@b.c"))
    }
    path = f"{sysconfig.get_path('scripts')}{os.pathsep}{os.environ['PATH']}"
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    return {**kept, **identity, **quiet, "PATH": path, **more}


def run(*command: str, at: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the folder ``at``, with ``more`` in its environment."""
    return subprocess.run(command, cwd=at, env=environment(**more), capture_output=True, text=True, check=False)


def git(*arguments: str, at: Path) -> str:
    """Run git, which has to succeed, and give what it says."""
    done = run("git", *arguments, at=at)
    assert done.returncode == 0, done.stderr
    return done.stdout


def repository(folder: Path, files: dict[str, str]) -> Path:
    """Make a repository with one commit of the files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    git("init", "--quiet", "--initial-branch", "main", at=folder)
    git("add", "--all", at=folder)
    git("commit", "--quiet", "--allow-empty", "--message", "First", at=folder)
    return folder


def published(folder: Path) -> Path:
    """Make a repository of this project as it stands here, with the tag ``tested``."""
    folder.mkdir()
    for name in filter(None, git("ls-files", "-z", "--cached", "--others", "--exclude-standard", at=ROOT).split("\0")):
        if (ROOT / name).exists() and not name.startswith(("fixtures/", "tests/", "bench/")):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((ROOT / name).read_bytes())
    repository(folder, {})
    git("tag", "tested", at=folder)
    return folder
