"""Commit hooks and pipelines, with the real pre-commit and git, and every line of docs/ci.md that can be run."""

from __future__ import annotations

import json
import os
import re
import stat
import sysconfig
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest
import yaml
from filelock import FileLock
from workflows import REFUSED, ROOT, SAMPLE, git, published, repository, run

from migrator import __version__

DOCUMENT = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
SCHEMAS = {".github/": "vendor.github-workflows", ".gitlab-ci.yml": "vendor.gitlab-ci"}


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of the whole run, whichever process a test is in."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def tool(shared: Path) -> Path:
    """The tool's own repository, made once."""
    with FileLock(shared / "tool.lock"):
        return shared / "tool" if (shared / "tool").exists() else published(shared / "tool")


@pytest.fixture(scope="session")
def hooks(shared: Path) -> str:
    """Where pre-commit keeps what it has installed; it sees to it itself that this happens once."""
    return str(shared / "pre-commit")


def hooked(folder: Path, tool: Path, hooks: str, hook: str, **keys: object) -> Path:
    """Make a repository whose commits run the hook."""
    settings = {"repos": [{"repo": str(tool), "rev": "tested", "hooks": [{"id": hook, **keys}]}]}
    repository(folder, {".pre-commit-config.yaml": json.dumps(settings)})
    installed = run("pre-commit", "install", at=folder, PRE_COMMIT_HOME=hooks)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return folder


def commit(at: Path, hooks: str, **files: str) -> tuple[int, str]:
    for name, text in files.items():
        (at / f"{name}.py").write_text(text, encoding="utf-8")
    git("add", "--all", at=at)
    done = run("git", "commit", "--quiet", "--message", "Work", at=at, PRE_COMMIT_HOME=hooks)
    return done.returncode, done.stdout + done.stderr


def test_the_hook_rewrites_what_is_committed_and_passes_the_second_time(tmp_path: Path, tool: Path, hooks: str) -> None:
    folder = hooked(tmp_path, tool, hooks, "migrator")
    code, said = commit(folder, hooks, app=SAMPLE.read_text(encoding="utf-8"))
    assert code == 1, said
    assert "files were modified by this hook" in said
    assert "1 migrated" in said
    text = (folder / "app.py").read_text(encoding="utf-8")
    assert "client.interactions.create(" in text
    assert "generate_content" not in text
    code, said = commit(folder, hooks)
    assert code == 0, said
    assert git("show", "HEAD:app.py", at=folder) == text


def test_the_hook_names_the_line_that_it_cannot_rewrite(tmp_path: Path, tool: Path, hooks: str) -> None:
    folder = hooked(tmp_path, tool, hooks, "migrator")
    code, said = commit(folder, hooks, app=REFUSED)
    assert code == 1
    assert re.search(r"^app\.py:\d+:\d+ MG101 ", said, re.MULTILINE), said
    assert (folder / "app.py").read_text(encoding="utf-8") == REFUSED
    code, said = commit(folder, hooks, other=SAMPLE.read_text(encoding="utf-8"))
    assert code == 1
    assert "interactions.create" in (folder / "other.py").read_text(encoding="utf-8")


def test_the_check_names_lines_and_changes_nothing(tmp_path: Path, tool: Path, hooks: str) -> None:
    folder = hooked(tmp_path, tool, hooks, "migrator-check")
    text = SAMPLE.read_text(encoding="utf-8")
    code, said = commit(folder, hooks, app=text, refused=REFUSED)
    assert code == 1
    assert re.search(r"^app\.py:12:\d+ MG400 ", said, re.MULTILINE), said
    assert re.search(r"^refused\.py:\d+:\d+ MG101 ", said, re.MULTILINE), said
    assert (folder / "app.py").read_text(encoding="utf-8") == text


def test_a_check_with_a_baseline_lets_pass_what_is_known(tmp_path: Path, tool: Path, hooks: str) -> None:
    folder = hooked(tmp_path, tool, hooks, "migrator-check", args=["--baseline", "known.json"])
    (folder / "app.py").write_text(REFUSED, encoding="utf-8")
    assert run("migrator", "check", "--write-baseline", "known.json", at=folder).returncode == 0
    code, said = commit(folder, hooks)
    assert code == 0, said
    code, said = commit(folder, hooks, new=REFUSED)
    assert code == 1
    assert "new.py:" in said
    assert "\napp.py:" not in said


def test_other_files_start_no_hook_and_other_code_passes(tmp_path: Path, tool: Path, hooks: str) -> None:
    folder = hooked(tmp_path, tool, hooks, "migrator", verbose=True)
    (folder / "notes.txt").write_text("generate_content\n", encoding="utf-8")
    code, said = commit(folder, hooks)
    assert code == 0
    assert "no files to check" in said
    code, said = commit(folder, hooks, plain="print('hello')\n")
    assert code == 0, said
    assert "Nothing to do" in said


def test_what_the_settings_exclude_is_passed_over_although_it_is_named(tmp_path: Path, tool: Path, hooks: str) -> None:
    folder = hooked(tmp_path, tool, hooks, "migrator")
    (folder / "pyproject.toml").write_text('[tool.migrator]\nexclude = ["app.py"]\n', encoding="utf-8")
    code, said = commit(folder, hooks, app=REFUSED)
    assert code == 0, said


def test_the_manifest_of_the_hooks_is_valid() -> None:
    done = run("pre-commit", "validate-manifest", ".pre-commit-hooks.yaml", at=ROOT)
    assert done.returncode == 0, done.stdout


# The action ---------------------------------------------------------------------------------------------------------


def test_the_action_is_valid() -> None:
    done = run("check-jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml", at=ROOT)
    assert done.returncode == 0, done.stdout


def test_every_input_is_used_and_every_input_that_is_used_exists() -> None:
    used = set(re.findall(r"inputs\.([a-z-]+)", json.dumps([ACTION["runs"], ACTION["outputs"]])))
    assert used == set(ACTION["inputs"])
    table = re.findall(r"^\| `([a-z-]+)` \|", DOCUMENT, re.MULTILINE)
    assert set(ACTION["inputs"]) <= set(table)


def evaluated(text: str, known: dict[str, str]) -> str:
    return re.sub(r"\$\{\{ ([^}]+) \}\}", lambda found: known[found[1]], text)


def stepped(at: Path, venv: Path, name: str, own: str = str(ROOT), **inputs: str) -> tuple[int, str, dict[str, str]]:
    """Run a shell step of the action as a runner does; give its exit code, its words and its outputs."""
    known = {f"inputs.{key}": str(value.get("default", "")) for key, value in ACTION["inputs"].items()}
    known |= {f"inputs.{key.replace('_', '-')}": value for key, value in inputs.items()}
    known |= {"runner.temp": str(venv.parent), "github.action_path": own}
    known |= {"steps.python.outputs.python-path": "python3"}
    (step,) = (each for each in ACTION["runs"]["steps"] if each.get("name") == name)
    outputs, summary = at.parent / "outputs", at.parent / "summary.md"
    outputs.write_text("", encoding="utf-8")
    variables = {key: evaluated(value, known) for key, value in step["env"].items()}
    variables |= {"GITHUB_OUTPUT": str(outputs), "GITHUB_STEP_SUMMARY": str(summary)}
    done = run("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], at=at, **variables)
    given = dict(line.split("=", 1) for line in outputs.read_text(encoding="utf-8").splitlines())
    return done.returncode, done.stdout + done.stderr, given


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """What the step that installs leaves, with the tool as it stands here."""
    venv = tmp_path / "runner" / "migrator"
    venv.mkdir(parents=True)
    (venv / "bin").symlink_to(sysconfig.get_path("scripts"))
    return venv


def test_the_action_installs_itself(tmp_path: Path, tool: Path) -> None:
    """Needs a package index, as the runner does."""
    code, said, _ = stepped(tool, tmp_path / "migrator", "Install migrator", own=str(tool))
    assert code == 0, said
    done = run(str(tmp_path / "migrator" / "bin" / "migrator"), "--version", at=tmp_path)
    assert done.stdout == f"migrator {__version__}\n"


def test_the_action_names_what_is_left(tmp_path: Path, installed: Path) -> None:
    folder = repository(tmp_path / "work", {"src/app.py": SAMPLE.read_text(encoding="utf-8"), "my lib/b.py": REFUSED})
    code, said, outputs = stepped(
        folder, installed, "Run migrator", paths="src\nmy lib\n", args="--review\n --no-cache"
    )
    assert code == 1, said
    assert outputs == {"exit-code": "1"}
    assert re.search(r"^::warning file=src/app\.py,line=12,", said, re.MULTILINE), said
    assert re.search(r"^::error file=my lib/b\.py,line=\d+,", said, re.MULTILINE), said
    sarif = json.loads((folder / "migrator.sarif").read_text(encoding="utf-8"))
    assert len(sarif["runs"][0]["results"]) >= 2
    assert "src/app.py" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_the_action_looks_only_at_what_changed(tmp_path: Path, installed: Path) -> None:
    folder = repository(tmp_path / "work", {"app.py": REFUSED})
    git("switch", "--quiet", "--create", "topic", at=folder)
    (folder / "new.py").write_text("x = 1\n", encoding="utf-8")
    code, said, outputs = stepped(folder, installed, "Run migrator", diff_base="main", sarif="")
    assert (code, outputs) == (0, {"exit-code": "0"}), said
    assert not (folder / "migrator.sarif").exists()
    (folder / "app.py").write_text(f"{REFUSED}\n", encoding="utf-8")
    code, said, _ = stepped(folder, installed, "Run migrator", diff_base="main", sarif="")
    assert code == 1
    assert "::error file=app.py" in said


def test_an_error_of_the_action_is_told(tmp_path: Path, installed: Path) -> None:
    folder = repository(tmp_path / "work", {"a.py": ""})
    code, said, outputs = stepped(folder, installed, "Run migrator", paths="no/such")
    assert (code, outputs["exit-code"]) == (2, "2"), said
    assert "no/such" in said


def test_inputs_are_no_code(tmp_path: Path, installed: Path) -> None:
    folder = repository(tmp_path / "work", {"a.py": ""})
    stepped(
        folder,
        installed,
        "Run migrator",
        paths='$(touch p)";touch q',
        args="$(touch r) ;touch s",
        diff_base="`touch t`",
    )
    assert sorted(path.name for path in folder.iterdir() if path.suffix != ".sarif") == [".git", "a.py"]
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


# The document -------------------------------------------------------------------------------------------------------


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", DOCUMENT, re.DOTALL | re.MULTILINE)
    return [dedent(text) for _, text in found]


@cache
def configurations() -> dict[str, str]:
    """The files of the document, by their names, which stand in their first lines."""
    return {text.splitlines()[0].removeprefix("# "): text for text in blocks("yaml")}


def programs() -> Iterator[tuple[str, str]]:
    """Every line of shell in the configurations, with the file that it stands in."""
    for name, text in configurations().items():
        for job in (yaml.safe_load(text).get("jobs") or yaml.safe_load(text)).values():
            if isinstance(job, dict):
                lines = [*job.get("script", []), *(step["run"] for step in job.get("steps", []) if "run" in step)]
                yield from ((name, line) for line in lines)


def stub(folder: Path, *names: str) -> Path:
    """Put programs that only say how they were called in front of the real ones."""
    folder.mkdir()
    for name in names:
        (folder / name).write_text(f'#!/bin/sh\necho "{name} $*"\n', encoding="utf-8")
        (folder / name).chmod(stat.S_IRWXU)
    return folder


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    """A repository with calls, at a branch of its own."""
    files = {"src/app.py": SAMPLE.read_text(encoding="utf-8"), "src/refused.py": REFUSED}
    folder = repository(tmp_path / "work", files)
    git("update-ref", "refs/remotes/origin/main", "HEAD", at=folder)
    git("switch", "--quiet", "--create", "topic", at=folder)
    with (folder / "src" / "app.py").open("a", encoding="utf-8") as stream:
        stream.write("\n# changed\n")
    return folder


def shell(line: str, at: Path) -> tuple[int, str]:
    fakes = at.parent / "stubs"
    if not fakes.exists():
        stub(fakes, "pip", "gh")
    path = f'export PATH="{fakes}{os.pathsep}$PATH"; {line}'
    done = run("bash", "-eo", "pipefail", "-c", path, at=at, GITHUB_BASE_REF="main", NUMBER="7")
    return done.returncode, done.stdout + done.stderr


def test_the_configurations_are_valid(tmp_path: Path) -> None:
    assert len(configurations()) == 4
    for name, text in configurations().items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if name == ".pre-commit-config.yaml":
            done = run("pre-commit", "validate-config", str(path), at=tmp_path)
        else:
            (schema,) = (schema for start, schema in SCHEMAS.items() if name.startswith(start))
            done = run("check-jsonschema", "--builtin-schema", schema, str(path), at=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_configurations_name_what_there_is() -> None:
    assert set(re.findall(r"your-org/migrator(?:@| .*\n +rev: )(\S+)", DOCUMENT)) == {"main"}  # there are no tags
    (hook,) = yaml.safe_load(configurations()[".pre-commit-config.yaml"])["repos"][0]["hooks"]
    offered = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert hook["id"] in [each["id"] for each in offered]
    for each in offered:
        assert f"| `{each['id']}` |" in DOCUMENT
    steps = yaml.safe_load(configurations()[".github/workflows/migrator.yml"])["jobs"]["migrator"]["steps"]
    (own,) = (step for step in steps if step["uses"].startswith("your-org/migrator"))
    assert set(own["with"]) <= set(ACTION["inputs"])


@pytest.mark.parametrize("name", [".github/workflows/migrator-comment.yml", ".gitlab-ci.yml"])
def test_the_lines_of_a_pipeline_run(legacy: Path, name: str) -> None:
    lines = [line for file, line in programs() if file == name]
    assert len(lines) >= 2
    for line in lines:
        code, said = shell(line, legacy)
        assert code == int(name.startswith(".gitlab") and line.startswith("migrator check")), said
        assert "Traceback" not in said
    if name.startswith(".gitlab"):
        report = json.loads((legacy / "gl-code-quality-report.json").read_text(encoding="utf-8"))
        assert {entry["location"]["path"] for entry in report} == {"src/app.py", "src/refused.py"}
        assert ET.parse(legacy / "migrator.xml").getroot().tag == "testsuites"
    else:
        comment = (legacy / "migrator.md").read_text(encoding="utf-8")
        assert "src/app.py" in comment
        assert "src/refused.py" not in comment


def test_the_lines_for_a_shell_run_one_after_the_other(legacy: Path) -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines() if not line.startswith("pre-commit ")]
    assert len(lines) > 8
    git("commit", "--quiet", "--all", "--message", "Work", at=legacy)
    for line in lines:
        code, said = shell(line, legacy)
        assert code in ((0, 1) if re.match(r"migrator (check|apply)", line) else (0,)), f"{line}\n{said}"
        assert "Traceback" not in said
    assert "interactions.create" in (legacy / "src" / "app.py").read_text(encoding="utf-8")
    assert "TODO(migrator): MG101" in (legacy / "src" / "refused.py").read_text(encoding="utf-8")
    assert (legacy / "inventory.csv").read_text(encoding="utf-8").startswith("path,")


def test_a_newcomer_gets_from_the_readme_to_a_commit_hook(tmp_path: Path, hooks: str) -> None:
    """What the README says, word for word, in a repository beside one of this project without any tag."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(repos:.*?)```", readme, re.DOTALL)
    commands = [each for each in re.findall(r"`(pre-commit [^`]+)`", readme) if each != "pre-commit run --all-files"]
    assert len(commands) == 2
    published(tmp_path / "migrator")
    folder = repository(tmp_path / "mine", {".pre-commit-config.yaml": text})
    for command in commands:
        done = run("bash", "-c", command, at=folder, PRE_COMMIT_HOME=hooks)
        assert done.returncode == 0, done.stdout + done.stderr
    code, said = commit(folder, hooks, app=SAMPLE.read_text(encoding="utf-8"))
    assert (code, "1 migrated" in said) == (1, True), said
    code, said = commit(folder, hooks)
    assert code == 0, said
    assert "interactions.create" in git("show", "HEAD:app.py", at=folder)


def test_a_shell_completes_commands(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^_MIGRATOR_COMPLETE.*$", page, re.MULTILINE)
    done = run("bash", "-c", line, at=tmp_path, HOME=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "complete " in (tmp_path / ".migrator-complete.bash").read_text(encoding="utf-8")
    words = {"_MIGRATOR_COMPLETE": "bash_complete", "COMP_WORDS": "migrator ch", "COMP_CWORD": "1"}
    assert run("migrator", at=tmp_path, **words).stdout.split() == ["plain,check"]


PEERS = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")


def test_what_is_said_beside_other_tools_is_there() -> None:
    commands = re.findall(r"`migrator ([a-z]+)", PEERS)
    assert len(commands) > 10
    options = {option for code in re.findall(r"`([^`]*)`", PEERS) for option in re.findall(r"(?<!\w)--[a-z-]+", code)}
    helps = "".join(
        done.stdout
        for name in sorted({*commands, "apply", "check", "verify", "scan"})
        if (done := run("migrator", name, "--help", at=ROOT)).returncode == 0 or pytest.fail(name)
    )
    assert not [option for option in options if option not in helps]
    assert not [code for code in re.findall(r"MG\d{3}", PEERS) if run("migrator", "explain", code, at=ROOT).returncode]


def test_the_steps_of_the_ladder_are_commands(legacy: Path) -> None:
    ladder = re.findall(r"^\| \d \| `(migrator \w+)[^`]*` \|", DOCUMENT, re.MULTILINE)
    assert len(ladder) == 3
    for command in ladder:
        code, said = shell(f"{command} --help", legacy)
        assert code == 0
        assert "Usage" in said


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^)#]*)#?([^)]*)\)", DOCUMENT + PEERS)
    assert links
    for link, anchor in links:
        target = ROOT / "docs" / link if link else ROOT / "docs" / "ci.md"
        assert target.exists(), link
        headings = [
            re.sub(r"[^\w -]", "", line.lstrip("# ")).lower().replace(" ", "-")
            for line in target.read_text(encoding="utf-8").splitlines()
            if line.startswith("#")
        ]
        assert not anchor or anchor in headings, anchor
