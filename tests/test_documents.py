"""Notebooks and documents with code blocks: what changes, what is said, and that nothing else moves."""

from __future__ import annotations

import builtins
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cases import findings, report, settings
from running import explain, run

from migrator.embedded.document import Program
from migrator.embedded.migrate import migrate_document
from migrator.embedded.notebook import read_notebook
from migrator.embedded.opaque import READER
from migrator.embedded.read import reader_of
from migrator.embedded.verify import verify_document
from migrator.outcome import Kind
from migrator.python.evidence.module import Module, parse
from migrator.python.evidence.scopes import Scopes
from migrator.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from migrator.outcome import Outcome
    from migrator.twin.state import Twin

FIXTURES = Path(__file__).parents[1] / "fixtures" / "documents"


@dataclass(frozen=True)
class Case:
    """A folder with a document before and, where it changes, after."""

    folder: Path

    @property
    def before(self) -> Path:
        return next(self.folder.glob("before.*"))

    @property
    def after(self) -> Path:
        return self.before.with_stem("after")

    @property
    def settings(self) -> Settings:
        path = self.folder / "options.txt"
        return settings(path.read_text().split() if path.exists() else [], self.folder)


CASES = [Case(folder) for folder in sorted(FIXTURES.iterdir())]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.folder.name)
NOTEBOOKS = [case for case in CASES if case.after.exists() and case.after.suffix == ".ipynb"]


@every_case
def test_fixture(case: Case, request: pytest.FixtureRequest) -> None:
    outcome = migrate_document(case.before.name, case.before.read_bytes(), case.settings)
    said = case.folder / "report.txt"
    if request.config.getoption("--accept"):
        for path, data in ((case.after, outcome.after), (said, report(outcome).encode() or None)):
            path.unlink(missing_ok=True) if data is None else path.write_bytes(data)
    assert outcome.after == (case.after.read_bytes() if case.after.exists() else None)
    assert report(outcome) == (said.read_text(encoding="utf-8") if said.exists() else "")


@every_case
def test_a_second_run_changes_nothing(case: Case) -> None:
    if not case.after.exists():
        pytest.skip("it stays as it is")
    assert migrate_document(case.after.name, case.after.read_bytes(), case.settings).after is None


@every_case
def test_what_is_said_names_the_line(case: Case) -> None:
    outcome = migrate_document(case.before.name, case.before.read_bytes(), case.settings)
    lines = case.before.read_text(encoding="utf-8").split("\n")
    for site in outcome.sites:
        assert "generate_content" in lines[site.line - 1][site.column - 1 :]
    assert all(0 < finding.line <= len(lines) for finding in findings(outcome))


@every_case
def test_every_name_of_the_new_code_is_bound(case: Case) -> None:
    if not case.after.exists():
        pytest.skip("it stays as it is")
    assert _unbound(case.after) <= _unbound(case.before) | set(dir(builtins))


def _unbound(path: Path) -> set[str]:
    """The names that the programs of a document read and that none of their cells or blocks binds."""
    programs = reader_of(path.name)(path.read_bytes()).programs
    scopes = [Scopes(Module(parse(each.text.encode())), each.segments) for each in programs]
    return {name.value for each in scopes for name in each.unbound()}


@pytest.mark.parametrize("case", NOTEBOOKS, ids=lambda case: case.folder.name)
def test_only_sources_of_cells_change(case: Case) -> None:
    before, after = (json.loads(path.read_bytes()) for path in (case.before, case.after))
    for old, new in zip(before["cells"], after["cells"], strict=True):
        assert type(old["source"]) is type(new["source"])
        old["source"] = new["source"]
    assert before == after


@pytest.mark.parametrize("case", NOTEBOOKS, ids=lambda case: case.folder.name)
def test_a_notebook_does_the_same(case: Case, loopback: Twin, files: Path) -> None:
    programs = [read_notebook(path.read_bytes()).programs for path in (case.before, case.after)]
    before, after = (run(_script(*each), loopback, files) for each in programs)
    assert explain(before, after) == []
    assert before.meanings


def _script(program: Program) -> bytes:
    """A notebook as a script: what it asks of IPython is nothing, what it awaits at the top is awaited."""
    if "await" not in program.text:
        return f"def get_ipython(*_): pass\n{READER} = get_ipython\n{program.text}".encode()
    lines = "".join(f"    {line}" for line in program.text.splitlines(keepends=True))
    return f"import asyncio\nasync def main():\n{lines}\nasyncio.run(main())\n".encode()


def test_bytes_outside_changed_cells_stay() -> None:
    """The JSON is not written anew: every line that is not part of a changed source is there as it was."""
    before = (FIXTURES / "cells_are_one_program" / "before.ipynb").read_bytes()
    odd = (
        before.replace(b'"outputs": []', b'"outputs" :[ ]')
        .replace(b'"tags": []', b'"tags":\t[]')
        .replace(b"\n", b"\r\n")
    )
    outcome = migrate_document("odd.ipynb", odd, settings([], FIXTURES))
    assert outcome.after is not None
    gone = set(odd.split(b"\r\n")) - set(outcome.after.split(b"\r\n"))
    assert all(b"types" in line or b"contents" in line or b"response" in line for line in gone), gone
    assert outcome.after.count(b'"outputs" :[ ]') == odd.count(b'"outputs" :[ ]')


def test_the_command_line_takes_documents(tmp_path: Path) -> None:
    for case in CASES:
        (tmp_path / f"{case.folder.name}{case.before.suffix}").write_bytes(case.before.read_bytes())
    done = subprocess.run(
        [sys.executable, "-m", "migrator", "apply", str(tmp_path), "--output-format", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, "two notebooks are none"
    files = {Path(file["path"]).stem: file for file in json.loads(done.stdout)["files"]}
    for case in CASES:
        if (case.folder / "options.txt").exists():
            continue
        written = (tmp_path / f"{case.folder.name}{case.before.suffix}").read_bytes()
        assert written == (case.after if case.after.exists() else case.before).read_bytes()
        if case.after.exists():
            assert files[case.folder.name]["changed"]


def test_a_document_that_cannot_be_decoded_is_named() -> None:
    for name in ("seas.ipynb", "seas.md", "seas.rst"):
        outcome = migrate_document(name, b"\xff generate_content", settings([], FIXTURES))
        assert outcome.kind is Kind.FAILED
        assert [finding.code for finding in outcome.findings] == ["MG420"]


CODE = {"cell_type": "code", "source": "print(client.models.generate_content())"}


@pytest.mark.parametrize(
    ("notebook", "reason"),
    [
        ([CODE], "it has no cells"),
        ("generate_content", "it has no cells"),
        ({"nbformat": 3, "worksheets": [{"cells": [CODE]}]}, "it has no cells"),
        ({"cells": {"1": CODE}}, "its cells are no list"),
        ({"cells": [CODE], "metadata": None}, "its metadata are no object"),
        ({"cells": [CODE, 5]}, "cell 2 has no type"),
        ({"cells": [{"source": CODE["source"]}]}, "cell 1 has no type"),
        ({"cells": [CODE, {"cell_type": "code"}]}, "cell 2 has no type, or no source"),
        ({"cells": [CODE, {"cell_type": "code", "source": 5}]}, "cell 2 has no type, or no source"),
        ({"cells": [CODE, {"cell_type": "code", "source": ["x", 5]}]}, "cell 2 has no type, or no source"),
        ({"cells": [CODE, {"cell_type": "code", "source": "# \ud83d"}]}, "cell 2 holds half of a character"),
    ],
)
@pytest.mark.parametrize("look", [migrate_document, verify_document])
def test_json_that_is_no_notebook_is_named(
    notebook: object, reason: str, look: Callable[[str, bytes, Settings], Outcome]
) -> None:
    outcome = look("seas.ipynb", json.dumps(notebook).encode(), Settings())
    assert [finding.code for finding in outcome.findings] == ["MG420"]
    assert reason in outcome.findings[0].message


@pytest.mark.parametrize("metadata", [{}, {"kernelspec": None}, {"kernelspec": {"language": 3}, "language_info": []}])
def test_a_notebook_that_names_no_language_is_read_as_python(metadata: object) -> None:
    source = "from google import genai\nprint(genai.Client().chats.create(model='a'))"
    cells = [{"cell_type": "code", "source": source}]
    outcome = migrate_document("a.ipynb", json.dumps({"cells": cells, "metadata": metadata}).encode(), Settings())
    assert len(outcome.sites) == 1


def test_reports_name_the_cell() -> None:
    notebook = FIXTURES / "refused_and_migrated" / "before.ipynb"
    run_check = [sys.executable, "-m", "migrator", "check", str(notebook)]
    shown = subprocess.run(run_check, capture_output=True, text=True, check=False).stdout
    assert f"{notebook}:30:12 (cell 2) MG201" in shown
    told = subprocess.run([*run_check, "--output-format", "json"], capture_output=True, text=True, check=False).stdout
    assert [site["cell"] for site in json.loads(told)["files"][0]["sites"]] == [2, 3]


def test_a_cell_that_is_nested_too_deeply_stands_alone() -> None:
    deep = "x = 1" + " + 1" * 20_000
    asked = "genai.Client().models.generate_content(model='gemini-2.5-flash', contents='Hi')"
    call = f"from google import genai\nprint({asked}.text)"
    cells = [{"cell_type": "code", "source": source} for source in (call, deep, f"{deep}\n{call}")]
    outcome = migrate_document("deep.ipynb", json.dumps({"cells": cells}).encode(), settings([], FIXTURES))
    assert [site.status.value for site in outcome.sites] == ["migrated"]
    assert [said.message for said in outcome.findings] == [
        "names the legacy API, but cell 3 nested too deeply to be parsed"
    ]
