"""The layers of the design, by the imports that the sources show; and every code is documented and can be met."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml

from migrator.catalogue import CODES

ROOT = Path(__file__).parents[1]

# Lowest first: a module imports from its own layer or from one below. A prefix stands for a package.
LAYERS = (
    (
        "casing",
        "changes",
        "segments",
        "records",
        "recursion",
        "specimens",
        "catalogue",
        "diagnostics",
        "ir",
        "source",
        "wide",
        "settings",
        "outcome",
        "__version__",
    ),
    ("mapfile", "builtmap", "mapcheck", "fieldmap", "handlers", "schema", "mapinfo"),
    ("plan", "planning", "verification"),
    ("python",),
    ("patterns", "find", "sift", "bulk", "prefilter", "journal", "codes", "silence", "config", "baseline", "cache"),
    ("dialects", "readback", "report", "twin"),
    ("site_reports",),
    ("migrate", "verify"),
    ("embedded", "manifests"),
    ("run", "work", "pool", "livecheck"),
    ("inventory",),
    ("proof",),
    ("cli", "glance"),
    ("__main__",),
)
NEUTRAL = (
    "changes",
    "ir",
    "plan",
    "planning",
    "verification",
    "fieldmap",
    "handlers",
    "catalogue",
    "diagnostics",
    "report",
    "outcome",
    "settings",
    "source",
    "wide",
)
BANNED = ("libcst.matchers", "libcst.codemod", "libcst.metadata")
LATE = (
    *("libcst", "httpx", "yaml", "multiprocessing", "concurrent.futures", "jsonschema"),
    *("pathspec", "markdown_it", "asyncio", "socket", "ssl", "tomllib", "json"),
)


@cache
def imports() -> dict[str, frozenset[str]]:
    """Every module of the package with all that it imports, at its top or later."""
    found = {}
    for path in sorted((ROOT / "migrator").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        found[name] = frozenset(_imported(ast.parse(path.read_bytes())))
    return {name: frozenset(_known(each, found) for each in names) for name, names in found.items()}


def _imported(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, "imports are absolute"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def _known(name: str, modules: dict[str, frozenset[str]]) -> str:
    """``migrator.ir.Value`` is ``migrator.ir``; another package's name stays."""
    while name.startswith("migrator.") and name not in modules and name.removeprefix("migrator.") != "__version__":
        name = name.rpartition(".")[0]
    return name


def _layer(module: str) -> int:
    name = module.removeprefix("migrator").removeprefix(".").split(".")[0]
    layers = [number for number, names in enumerate(LAYERS) if name in names]
    assert name == "" or layers, f"{module} has no layer: name it in LAYERS"
    return layers[0] if layers else 0


@pytest.mark.parametrize("module", imports())
def test_a_module_imports_only_from_below(module: str) -> None:
    upward = [
        name
        for name in imports()[module]
        if name.startswith("migrator.") and _layer(name) > _layer(module) and module != "migrator"
    ]
    assert upward == []


@cache
def _reached(module: str) -> frozenset[str]:
    """All that importing ``module`` can bring in from this package and from others, directly or not."""
    seen: set[str] = set()
    todo = [module]
    while todo:
        name = todo.pop()
        new = imports().get(name, frozenset()) - seen
        seen |= new
        todo += new
    return frozenset(seen)


@pytest.mark.parametrize("module", [name for name in imports() if name.split(".")[-1] and "." in name])
def test_what_is_neutral_knows_no_syntax_tree(module: str) -> None:
    if module.split(".")[1] in NEUTRAL:
        assert not [name for name in _reached(module) if name.split(".")[0] == "libcst"]


@pytest.mark.parametrize("module", imports())
def test_the_slow_parts_of_libcst_are_used_nowhere(module: str) -> None:
    assert not [name for name in imports()[module] if name.startswith(BANNED)]


def test_the_command_line_starts_without_what_it_may_not_need() -> None:
    code = f"import sys, migrator.cli, migrator.run; print(*(set(sys.modules) & {set(LATE)!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


@pytest.mark.parametrize("arguments", [("check", "folder"), ("check", "folder", "-v"), ("apply", "folder/prose.py")])
def test_a_run_that_finds_nothing_imports_nothing_heavy(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """A whole run, over a file without the API and one that names it in its prose only."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "plain.py").write_text("x = 1\n")
    (folder / "prose.py").write_text('"""Calls generate_content of google.genai, one day."""\n')
    code = (
        "import sys, migrator.__main__ as program\n"
        f"sys.argv[1:] = {arguments!r}\n"
        "try:\n    program.main()\nfinally:\n"
        f"    print('found', *(set(sys.modules) & {set(LATE)!r}))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert done.stdout.splitlines()[-1].split() == ["found"], done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere git is run by subprocess")
def test_a_folder_without_a_call_is_searched_before_the_larger_modules_are_imported(tmp_path: Path) -> None:
    """Also in a git repository: each of them takes longer to import than a thousand files to search."""
    (tmp_path / "plain.py").write_text("x = 1\n")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    late = {"contextlib", "dataclasses", "enum", "functools", "re", "shutil", "subprocess", "typing"}
    code = (
        "import sys, migrator.__main__ as program\n"
        "sys.argv = ['migrator', 'check']\nprogram.main()\n"
        f"print(*(set(sys.modules) & {late!r}))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stdout.splitlines()[-1] == "", done.stderr


def test_a_commit_hook_that_finds_nothing_imports_no_option_parser(tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text("x = 1\n")
    for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")):
        code = (
            "import sys, migrator.__main__ as program\n"
            f"sys.argv = {[*hook['entry'].split(), 'plain.py']!r}\nprogram.main()\n"
            "print('click' in sys.modules, 'tomllib' in sys.modules)"
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path, env=environment
        )
        assert done.stdout.splitlines()[-1] == "False False"


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_documented(code: str) -> None:
    entry = CODES[code]
    assert entry.code == code
    assert re.fullmatch(r"MG[1-6]\d\d", code)
    assert entry.title
    assert entry.advice.endswith(".")
    assert entry.explanation.endswith(".")


@cache
def _met() -> str:
    """Everything that a fixture or, for files and maps, a test expects to be said."""
    reports = [path.read_text(encoding="utf-8") for path in (ROOT / "fixtures").rglob("report*")]
    return "".join(reports)


@pytest.mark.parametrize("code", CODES)
def test_every_code_can_be_met(code: str) -> None:
    """In a fixture; what is said of files and maps before a line of them is read may be met in a test instead."""
    tests = [path.read_text(encoding="utf-8") for path in (ROOT / "tests").glob("test_*.py")]
    assert code in (_met() + "".join(tests) if code[2] in "456" else _met())
