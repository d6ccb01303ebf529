"""Build the trees that the benchmarks run over, from wheels of PyPI packages and from the project's own fixtures.

    python bench/tree.py CACHE

CACHE is filled once: ``wheels`` holds what pip downloads, ``clean`` every Python file of them that does not name the
API, ``named`` those that do, ``mixed`` the clean files with our own calls among them, fewer than one in a hundred, and
``repository`` the clean files committed to git. Files are linked, not copied. Nothing is built, imported or run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from migrator.prefilter import mentions

PACKAGES = (
    *("django==5.2.19", "sympy==1.14.0", "sqlalchemy==2.1.9", "pandas==3.1.1", "transformers==5.23.0"),
    *("sphinx==9.0.4", "ansible-core==2.19.14", "ansible==12.3.0", "scikit-learn==1.9.1", "botocore==1.44.5"),
    *("langchain-community==0.4.2", "jax==0.10.2", "twisted==26.10.0", "scipy==1.17.1", "astropy==8.0.2"),
    *("google-cloud-aiplatform==2.7.0", "azure-mgmt-network==33.1.0"),
)
FIXTURES = Path(__file__).parents[1] / "fixtures" / "google_genai"
GRAFTED = 60
MARK = "complete"


def build(cache: Path) -> None:
    """Fill the cache, unless it is full already."""
    if (cache / MARK).exists():
        return
    wheels = cache / "wheels"
    for package in PACKAGES:
        pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "--dest", str(wheels)]
        subprocess.run([*pip, package], check=True)
    for name in ("clean", "named", "mixed", "repository"):
        shutil.rmtree(cache / name, ignore_errors=True)
    for package in PACKAGES:
        name = package.partition("==")[0].replace("-", "_")
        unpack(next(wheels.glob(f"{name}-*.whl")), name, cache)
    for name in ("mixed", "repository"):
        shutil.copytree(cache / "clean", cache / name, copy_function=os.link)
    graft(cache / "mixed")
    commit(cache / "repository")
    (cache / MARK).touch()


def unpack(wheel: Path, package: str, cache: Path) -> None:
    """Write the Python files of a wheel below ``clean``, or below ``named`` where they name the API."""
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if member.filename.endswith(".py"):
                data = archive.read(member)
                target = cache / ("named" if mentions(data) else "clean") / package / member.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)


def graft(tree: Path) -> None:
    """Put files with legacy calls among the others, as far apart as the folders are."""
    folders = [path for path in sorted(tree.rglob("*")) if path.is_dir()]
    cases = sorted(FIXTURES.glob("*/*/before.py"))
    for number in range(GRAFTED):
        source = cases[number * len(cases) // GRAFTED]
        folder = folders[number * len(folders) // GRAFTED]
        shutil.copy(source, folder / f"legacy_call_{number}.py")


def commit(tree: Path) -> None:
    """Make a git repository of a folder."""
    git = ["git", "-C", str(tree), "-c", "user.name=bench", "-c", "user.email=bench@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "The tree"]):
        subprocess.run([*git, *arguments], check=True)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
