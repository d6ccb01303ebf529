"""Measure the migrator against other tools in one run, and write the table and the plots of docs/performance.md.

    python -m venv PEERS && PEERS/bin/pip install -r bench/requirements.txt
    python bench/speed.py CACHE --peers PEERS --rounds 5

CACHE is filled by ``tree.py``. The commands take turns, so that a busy moment of the machine meets all of them; what is
told is the median of the ratios' parts, after one round that only warms the disk cache. Needs ``rg`` and ``git``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import libcst as cst
import tree

from migrator.dialects import google_genai  # noqa: F401  warm before anything is measured
from migrator.migrate import migrate
from migrator.settings import Settings

ROOT = Path(__file__).parents[1]
NEEDLE = "generate_content"
START, END = "<!-- measured -->", "<!-- end -->"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took."""

    wall: float
    cpu: float
    peak: int  # KiB


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, made anew for each round by ``prepare`` where it changes files."""

    name: str
    line: tuple[str, ...]
    folder: Path | None = None
    prepare: Callable[[], object] = bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ours against a peer, and what the ratio of times should be."""

    target: str
    situation: str
    ours: Command
    peer: Command
    goal: float
    factor: float = 1.0  # the peer did only a part of the work: this many times as much is the whole


def once(command: Command) -> Cost:
    """Run a command and measure the process and all that it started."""
    command.prepare()
    started = time.perf_counter()
    process = subprocess.Popen(
        command.line, cwd=command.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )
    _, _, usage = os.wait4(process.pid, 0)
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def measured(commands: Iterable[Command], rounds: int) -> dict[Command, Cost]:
    """The medians of some rounds in which the commands take turns."""
    commands = list(dict.fromkeys(commands))
    costs: dict[Command, list[Cost]] = {command: [] for command in commands}
    for number in range(rounds + 1):
        for command in commands:
            cost = once(command)
            if number:
                costs[command].append(cost)
    return {command: middle(found) for command, found in costs.items()}


def middle(costs: list[Cost]) -> Cost:
    """The median of each part."""
    walls, cpus = [cost.wall for cost in costs], [cost.cpu for cost in costs]
    return Cost(statistics.median(walls), statistics.median(cpus), max(cost.peak for cost in costs))


# Situations ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is."""

    cache: Path
    peers: Path
    scratch: Path

    def ours(self, name: str, *arguments: str | Path, folder: Path | None = None) -> Command:
        """A command line of the migrator."""
        return Command(name, (str(Path(sys.executable).with_name("migrator")), *map(str, arguments)), folder)

    def peer(self, name: str, program: str, *arguments: str | Path, folder: Path | None = None) -> Command:
        """A command line of another tool."""
        return Command(name, (str(self.peers / "bin" / program), *map(str, arguments)), folder)

    def noop(self, name: str, *files: Path) -> Command:
        """libcst's runner with a codemod that changes nothing."""
        line = ("-m", "libcst.tool", "codemod", "--no-format", "--hide-progress", "noop.NOOPCommand")
        return self.peer(name, "python", *line, *files, folder=self.scratch)


def rows(place: Place) -> list[Row]:
    """What is compared with what."""
    clean, mixed, repository = (place.cache / name for name in ("clean", "mixed", "repository"))
    staged = sorted((clean / "django").rglob("*.py"), key=lambda path: path.stat().st_size)
    middle_ = staged[len(staged) // 2 : len(staged) // 2 + 10]
    call = ROOT / "fixtures" / "google_genai" / "text" / "literal" / "before.py"
    if not call.exists():
        call = min((ROOT / "fixtures" / "google_genai").glob("*/*/before.py"))
    prose = place.scratch / "prose.py"
    prose.write_bytes(b'"""Once this called generate_content of google.genai."""\n' + middle_[0].read_bytes())
    python = Command("python -c pass", (sys.executable, "-c", "pass"))
    sample = sorted(clean.rglob("*.py"))[:: len(list(clean.rglob("*.py"))) // 120][:120]
    share = len(list(clean.rglob("*.py"))) / len(sample)
    rg = Command("rg", ("rg", "-lF", "-tpy", NEEDLE, str(clean)))
    whole = place.ours("check", "check", clean, "--isolated")
    mixed_run = place.ours("check", "check", mixed, "--isolated")
    noop = place.noop("libcst.tool no-op", *sample)
    mcp = place.peer("mcp-codemod", "mcp-codemod", *_mcp(place, sample))
    return [
        Row("T1", "`--version`", place.ours("--version", "--version"), python, 5),
        Row("T2", "a hook with 10 files, no hit", place.ours("hook", "apply", *middle_), python, 5),
        Row("", "the same", place.ours("hook", "apply", *middle_), place.peer("pyupgrade", "pyupgrade", *middle_), 1),
        Row(
            "T3",
            "a hook with 10 files, 1 hit",
            place.ours("hook, 1 hit", "check", *middle_[:9], call),
            place.noop("libcst.tool no-op", *middle_[:9], call),
            0.5,
        ),
        Row("T4", "the name only in prose", place.ours("prose", "check", prose), place.noop("no-op", prose), 0.05),
        Row("T5", "whole tree, no hit", whole, rg, 1.5),
        Row(
            "",
            "whole tree in a git repository",
            place.ours("git", "check", repository, "--isolated"),
            Command("git grep", ("git", "-C", str(repository), "grep", "-lF", NEEDLE)),
            1.5,
        ),
        Row("T6", "whole tree, no hit", whole, place.peer("ruff, one rule", "ruff", *_ruff(clean)), 0.1),
        Row("T8", "whole tree, under 1 % hits", mixed_run, noop, 0.01, share),
        Row(
            "T9",
            "whole tree, no hit",
            whole,
            mcp,
            0.002,
            share,
        ),
    ]


def _ruff(folder: Path) -> tuple[str | Path, ...]:
    return "check", "--isolated", "--select", "UP010", "--no-cache", "--exit-zero", "-q", folder


def _mcp(place: Place, sample: list[Path]) -> tuple[str | Path, ...]:
    folder = place.scratch / "sample"
    folder.mkdir(exist_ok=True)
    for number, path in enumerate(sample):
        shutil.copy(path, folder / f"{number}.py")
    return (folder,)


# Single figures -----------------------------------------------------------------------------------------------------


def per_file(rounds: int) -> tuple[float, float]:
    """T10: processor seconds for all fixtures that are rewritten, by us and by a codemod with one ``leave_Call``."""
    from libcst.codemod import CodemodContext, VisitorBasedCodemodCommand

    class Renaming(VisitorBasedCodemodCommand):
        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: ARG002, N802
            match updated_node.func:
                case cst.Attribute(attr=cst.Name(value="generate_content")) as func:
                    return updated_node.with_changes(func=func.with_changes(attr=cst.Name("create")))
            return updated_node

    sources = [path.with_name("before.py").read_bytes() for path in (ROOT / "fixtures").glob("*/*/*/after.py")]

    def ours() -> None:
        for source in sources:
            migrate("file.py", source, Settings())

    def theirs() -> None:
        for source in sources:
            _ = Renaming(CodemodContext()).transform_module(cst.parse_module(source)).bytes

    return least(ours, rounds), least(theirs, rounds)


def least(work: Callable[[], None], rounds: int) -> float:
    """The least processor time of some rounds."""
    found = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)


def against_tree_size(place: Place, rounds: int) -> list[tuple[int, float, float]]:
    """T13: files, our seconds and those of ``rg`` over ever larger parts of the tree."""
    parts = sorted(path for path in (place.cache / "clean").iterdir() if path.is_dir())
    found = []
    for number in range(1, len(parts) + 1, 3):
        chosen = parts[:number]
        ours = place.ours("ours", "check", *chosen, "--isolated")
        rg = Command("rg", ("rg", "-lF", "-tpy", NEEDLE, *map(str, chosen)))
        costs = measured([ours, rg], rounds)
        files = sum(1 for part in chosen for _ in part.rglob("*.py"))
        found.append((files, costs[ours].cpu, costs[rg].cpu))
    return found


def against_file_size(rounds: int) -> list[tuple[int, float]]:
    """Lines of a file with a call every hundred lines, and the seconds to migrate it."""
    from long import program

    found = []
    for lines in (100, 300, 1_000, 3_000, 10_000, 20_000):
        source = program(lines)
        found.append((source.count(b"\n"), least(lambda source=source: migrate("big.py", source, Settings()), rounds)))
    return found


def workers(place: Place, rounds: int) -> tuple[float, float]:
    """T14: seconds for all fixtures by one process and by two."""
    folder = place.scratch / "calls"
    shutil.rmtree(folder, ignore_errors=True)
    for number, path in enumerate(sorted((ROOT / "fixtures").glob("*/*/after.py"))):
        folder.mkdir(exist_ok=True)
        shutil.copy(path.with_name("before.py"), folder / f"file_{number}.py")
    one = place.ours("one", "check", folder, "--isolated", "--jobs", "1", "--no-cache")
    two = place.ours("two", "check", folder, "--isolated", "--jobs", "2", "--no-cache")
    costs = measured([one, two], rounds)
    return costs[one].wall, costs[two].wall


def again(place: Place, rounds: int) -> tuple[float, float]:
    """T15: seconds for a second run over its own output, and for as many files that never named the API."""
    folder, other = place.scratch / "done", place.scratch / "never"
    for target in (folder, other):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
    for number, path in enumerate(sorted((ROOT / "fixtures").glob("*/*/*/after.py"))):
        if NEEDLE.encode() in path.read_bytes() or (path.parent / "report.txt").exists():
            continue
        shutil.copy(path, folder / f"file_{number}.py")
        (other / f"file_{number}.py").write_bytes(path.read_bytes().replace(b"google", b"strange"))
    done, never = (place.ours(str(each), "apply", each, "--isolated") for each in (folder, other))
    costs = measured([done, never], rounds)
    return costs[done].cpu, costs[never].cpu


# The page -----------------------------------------------------------------------------------------------------------


def table(found: list[Row], costs: dict[Command, Cost]) -> str:
    """The rows as Markdown."""
    lines = [
        "| | situation | ours | against | theirs | ratio | by processor time | target |",
        "| --- | --- | ---: | --- | ---: | ---: | ---: | ---: |",
    ]
    for row in found:
        ours, peer = costs[row.ours], costs[row.peer]
        whole = f" (1 file in {row.factor:.0f})" if row.factor > 1 else ""
        ratio, cpu = ours.wall / peer.wall / row.factor, ours.cpu / peer.cpu / row.factor
        lines.append(
            f"| {row.target} | {row.situation} | {seconds(ours.wall)} | {row.peer.name}{whole} | {seconds(peer.wall)} "
            f"| {row.goal and number(ratio)} | {number(cpu)} | {row.goal:g} |"
        )
    return "\n".join(lines) + "\n"


def number(value: float) -> str:
    """A ratio with two figures that count."""
    return f"{value:.2g}" if value < 10 else f"{value:.0f}"


def seconds(value: float) -> str:
    """A time in the unit that suits it."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s"


def plots(sizes: list[tuple[int, float, float]], files: list[tuple[int, float]], folder: Path) -> None:
    """The two pictures."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    axes.plot([it[0] for it in sizes], [it[1] for it in sizes], "o-", label="migrator check, no hit")
    axes.plot([it[0] for it in sizes], [it[2] for it in sizes], "s--", label="rg -lF -tpy")
    axes.set(xlabel="Python files in the tree", ylabel="processor seconds", xlim=0, ylim=0)
    axes.legend()
    axes.grid(alpha=0.3)
    figure.savefig(folder / "performance-tree.png", dpi=110, bbox_inches="tight")
    figure, axes = plt.subplots(figsize=(7, 4))
    axes.loglog([it[0] for it in files], [it[1] for it in files], "o-", label="one call every 100 lines")
    slope = files[-1][1] / files[-1][0]
    axes.loglog([it[0] for it in files], [it[0] * slope for it in files], ":", label="linear")
    axes.set(xlabel="lines of one file", ylabel="processor seconds")
    axes.legend()
    axes.grid(alpha=0.3, which="both")
    figure.savefig(folder / "performance-file.png", dpi=110, bbox_inches="tight")


def main() -> None:
    """Measure everything, rewrite the part of docs/performance.md that is measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    tree.build(arguments.cache)
    with tempfile.TemporaryDirectory() as scratch:
        place = Place(arguments.cache.resolve(), arguments.peers.resolve(), Path(scratch))
        (place.scratch / ".libcst.codemod.yaml").write_text("modules: ['libcst.codemod.commands']\n")
        found = rows(place)
        costs = measured([command for row in found for command in (row.ours, row.peer)], arguments.rounds)
        page = table(found, costs)
        whole = next(row.ours for row in found if row.target == "T5")
        sizes = against_tree_size(place, arguments.rounds)
        lines = against_file_size(2)
        mine, theirs = per_file(3)
        one, two = workers(place, 3)
        done, never = again(place, arguments.rounds)
    growth = (sizes[-1][1] / sizes[1][1]) / (sizes[-1][2] / sizes[1][2])
    page += "\n| | what | measured | target |\n| --- | --- | ---: | ---: |\n"
    for target, what, value, goal in (
        (
            "T10",
            "processor time for every fixture that is rewritten, against one `leave_Call`",
            f"{mine / theirs:.2f} ×",
            "1.0 ×",
        ),
        ("T12", "peak memory, whole tree, no hit", f"{costs[whole].peak / 1024:.0f} MiB", "30 MiB"),
        ("T13", "growth with the tree, against the growth of `rg`", f"{growth:.2f} ×", "1.1 ×"),
        ("T14", "one process against two, every fixture", f"{one / two:.2f} ×", "1.7 ×"),
        ("T15", "a run over its own output against a run over other files", f"{done / never:.2f} ×", "1 ×"),
        ("", f"a file of {lines[-1][0]:,} lines with 200 calls", seconds(lines[-1][1]), "no minutes"),
    ):
        page += f"| {target} | {what} | {value} | {goal} |\n"
    docs = ROOT / "docs"
    document = (docs / "performance.md").read_text(encoding="utf-8")
    before, after = document.partition(START)[0], document.partition(END)[2]
    (docs / "performance.md").write_text(f"{before}{START}\n\n{page}\n{END}{after}", encoding="utf-8")
    plots(sizes, lines, docs)
    print(page)


if __name__ == "__main__":
    main()
