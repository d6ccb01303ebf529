"""Runs the migrated samples with several versions of google-genai, each in a virtual environment of its own.

A sample is a case of fixtures/google_genai: its before.py and its after.py run against the twin, and have to say and to
ask for the same. Writes docs/sdk-versions.md; with --check exits with 1 where a version does worse than that page.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "sdk-versions.md"
VERSIONS = ("2.26.0", "2.34.0", "3.0.0", "3.4.0")
LONGEST = 1800  # seconds that one version may take

# What became of each sample: nothing where it does the same, else what differs; None where it does not run even before.
Results = Mapping[str, list[str] | None]


def inside(part: int, parts: int) -> None:
    """Run every ``parts``-th sample from ``part`` with this interpreter's google-genai; print what became of them."""
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    from cases import cases
    from google import genai  # noqa: F401  (imported once, and kept out of every later collection)
    from running import explain, make_files, run

    from migrator.twin.meaning import Meaning
    from migrator.twin.server import serving
    from migrator.twin.state import Twin

    gc.freeze()
    results: dict[str, list[str] | None] = {}
    with tempfile.TemporaryDirectory() as folder, serving(Twin(directions=Meaning.prompt)) as twin:
        make_files(Path(folder))
        for case in list(cases())[part::parts]:
            if case.after is None or case.text("norun.txt"):
                continue
            before = run(case.before, twin, Path(folder))
            after = run(case.after, twin, Path(folder))
            results[case.name] = None if before.error else explain(before, after, case.differs)
    print(json.dumps(results))


def outside(version: str, folder: Path) -> Results:
    """What becomes of the samples with one version, in a virtual environment under ``folder``."""
    python = folder / version / "bin" / "python"
    if not python.exists():
        venv.create(folder / version, with_pip=True)
        needed = [f"google-genai=={version}", "PyYAML>=6.0", "pillow>=10"]
        subprocess.run([python, "-m", "pip", "install", "-q", *needed], check=True, timeout=LONGEST)
    parts = os.cpu_count() or 1
    with ThreadPoolExecutor(parts) as pool:
        found = pool.map(partial(_part, python, parts), range(parts))
        return dict(sorted(pair for results in found for pair in results.items()))


def _part(python: Path, parts: int, part: int) -> Results:
    done = subprocess.run(
        [python, __file__, "--inside", f"{part}/{parts}"],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=LONGEST,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )
    results: Results = json.loads(done.stdout)
    return results


def page(found: Mapping[str, Results]) -> str:
    """The page of the documentation."""
    return "\n".join([*_head(), *_table(found), "", *_named(found)]).rstrip() + "\n"


def _head() -> Iterator[str]:
    yield "# Versions of google-genai"
    yield ""
    yield "`scripts/sdk_matrix.py` runs the samples of `fixtures/google_genai` with each version, before and after the"
    yield "rewriting, against the [twin](prove.md). The same means: the same output, the same requests, none that the"
    yield "service would refuse. Rewritten code needs 2.26 or later; CI runs the samples with 2.26 and 3.4."
    yield ""


def _table(found: Mapping[str, Results]) -> Iterator[str]:
    yield "| google-genai | samples | the same | different | does not run before either |"
    yield "| --- | --: | --: | --: | --: |"
    for version, results in found.items():
        same = sum(each == [] for each in results.values())
        stuck = sum(each is None for each in results.values())
        yield f"| {version} | {len(results)} | {same} | {len(results) - same - stuck} | {stuck} |"


def _named(found: Mapping[str, Results]) -> Iterator[str]:
    for version, results in found.items():
        if different := {name: each for name, each in results.items() if each}:
            yield f"## Different with {version}"
            yield ""
            for name, each in different.items():
                yield f"- `{name}`: {_short(each[0])}"
            yield ""


def _short(line: str) -> str:
    said = line.strip().splitlines()
    return (f"{said[0][:60]} … {said[-1][:120]}" if len(said) > 1 else said[0][:160]).replace("`", "'")


def worse(found: Mapping[str, Results]) -> list[str]:
    """The samples that differ with a version and are not named on the page."""
    known = PAGE.read_text(encoding="utf-8")
    sections = {each.partition("\n")[0]: each for each in known.split("## Different with ")[1:]}
    return [
        f"{version}: {name}: {each[0]}"
        for version, results in found.items()
        for name, each in results.items()
        if each and f"`{name}`" not in sections.get(version, "")
    ]


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("versions", nargs="*", default=VERSIONS)
    parser.add_argument("--venvs", type=Path, default=ROOT / ".venv-sdk", help="where the environments are kept")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail where more differs than the page says"
    )
    parser.add_argument("--inside", metavar="PART/PARTS", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        inside(*map(int, given.inside.split("/")))
        return 0
    found = {version: outside(version, given.venvs.resolve()) for version in given.versions}
    print("\n".join(_table(found)))
    if given.check:
        lines = worse(found)
        print("\n".join(lines))
        return 1 if lines else 0
    PAGE.write_text(page(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
