"""Run the migrator over every Python file of large packages of PyPI, and tell what became of them.

    python bench/packages.py CACHE --every 20

CACHE is filled by ``tree.py``. First ``migrator apply`` runs over a copy of all files: those that do not name the API
have to be the same bytes afterwards, the others are counted by what is said. Then every so many of the files without
the name go through the whole program nevertheless, parser, facts, dialect and all: none may crash or be changed. What
is printed stands in docs/reliability.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import tree

from migrator import recursion
from migrator.migrate import migrate
from migrator.outcome import Kind
from migrator.prefilter import TooDeepError, mentions, parsed
from migrator.settings import Settings

FOLDERS = ("clean", "named")


def digests(folder: Path) -> dict[str, bytes]:
    """What each file of a folder holds."""
    return {
        str(path.relative_to(folder)): hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def applied(cache: Path, scratch: Path) -> Counter[str]:
    """What an ``apply`` over all files did."""
    copy = scratch / "packages"
    for name in FOLDERS:  # linked: what is rewritten is a new file, the old one stays
        shutil.copytree(cache / name, copy, copy_function=os.link, dirs_exist_ok=True)
    before = digests(copy)
    naming = {name for name in before if mentions((copy / name).read_bytes())}
    report = scratch / "report.json"
    run = ("-m", "migrator", "apply", str(copy), "--isolated", "--no-cache", "--review", "--output", f"json={report}")
    environment = {**os.environ, "XDG_STATE_HOME": str(scratch / "state")}
    code = subprocess.run([sys.executable, *run], check=False, capture_output=True, env=environment).returncode
    after = digests(copy)
    told = json.loads(report.read_text())
    kinds = Counter(each["outcome"] for each in told["files"])
    changed = {name for name in before if after.get(name) != before[name]}
    figures = Counter({f"files that are {kind}": number for kind, number in kinds.items()})
    figures["packages"] = len({name.partition("/")[0] for name in before})
    figures["files"] = len(before)
    figures["files that name the API"] = len(naming)
    figures["files that do not name it and are other bytes afterwards"] = len(changed - naming)
    figures["files rewritten"] = len(changed & naming)
    figures["files added or gone"] = len(before.keys() ^ after.keys())
    figures["exit code"] = code
    return figures


def forced(path: Path) -> str:
    """What becomes of a file that goes through the whole program although it does not name the API."""
    data = path.read_bytes()
    try:
        parsed(data)
        with recursion.deep():
            outcome = migrate(str(path), data, Settings())
    except TooDeepError:
        return "nested too deeply"
    except Exception as error:  # noqa: BLE001  it is what is looked for
        return f"crash: {type(error).__name__} in {path}"
    if outcome.after is not None:
        return f"changed: {path}"
    if outcome.kind is Kind.FAILED:
        return "does not parse, and is named"
    return "unchanged, without a word" if not outcome.sites and not outcome.findings else f"spoken of: {path}"


def main() -> None:
    """Run both and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--every", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    tree.build(arguments.cache)
    with tempfile.TemporaryDirectory(dir=arguments.cache) as scratch:
        figures = applied(arguments.cache, Path(scratch))
    for what, number in figures.items():
        print(f"{number:7,}  {what}")
    chosen = sorted((arguments.cache / "clean").rglob("*.py"))[:: arguments.every]
    with ProcessPoolExecutor(arguments.jobs) as pool:
        found = Counter(pool.map(forced, chosen, chunksize=20))
    print(f"{len(chosen):7,}  files taken through the whole program, {sum(it.stat().st_size for it in chosen):,} bytes")
    for what, number in found.most_common():
        print(f"{number:7,}  {what}")


if __name__ == "__main__":
    main()
