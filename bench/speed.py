"""Measure the migrator against other tools in one run, and write the tables and pictures of docs/performance.md.

    python -m venv PEERS && PEERS/bin/pip install -r bench/requirements.txt
    python -m venv OURS && OURS/bin/pip install . matplotlib && OURS/bin/python bench/speed.py CACHE --peers PEERS

CACHE is filled by ``tree.py``. Two commands take turns, so that a busy moment of the machine meets both; what is told
is the median of the ratios of neighbours, by processor time and by the clock. Each figure is kept in CACHE/speed.json
as soon as it is known, so a run that was stopped goes on; ``--again`` measures rows anew. Needs ``rg`` and ``git``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import libcst as cst
import tree
from long import program
from measure import Command, Kept, Pair, least, once, peak

from migrator import recursion
from migrator.migrate import migrate
from migrator.prefilter import NEEDLES
from migrator.settings import Settings

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "fixtures" / "google_genai"
START, END = "<!-- measured -->", "<!-- end -->"
NEEDLE = "generate_content"
SAMPLE = 30  # files for peers that would take minutes over the whole tree


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: ours against a peer; the goal is a ratio of ours to theirs."""

    target: str
    situation: str
    ours: Command
    peer: Command
    goal: float
    stretch: float
    rounds: int
    factor: float = 1.0  # the peer did only a part of the work: this many times as much is the whole
    start: Command | None = None  # what the peer does once, however much there is to do


@dataclass(frozen=True)
class Place:
    """Where everything is."""

    cache: Path
    peers: Path
    scratch: Path

    def ours(self, name: str, *arguments: str | Path) -> Command:
        """A command line of the migrator that is installed beside this Python."""
        return Command(name, (str(Path(sys.executable).with_name("migrator")), *map(str, arguments)))

    def peer(self, name: str, program_: str, *arguments: str | Path) -> Command:
        """A command line of another tool."""
        return Command(name, (str(self.peers / "bin" / program_), *map(str, arguments)), self.scratch)

    def noop(self, files: Sequence[Path]) -> Command:
        """libcst's runner with a codemod that changes nothing."""
        line = ("-m", "libcst.tool", "codemod", "--no-format", "--hide-progress", "noop.NOOPCommand")
        return self.peer("libcst.tool, no-op", "python", *line, *files)

    @cached_property
    def clean(self) -> Path:
        """The tree without a call."""
        return self.cache / "clean"

    @cached_property
    def files(self) -> list[Path]:
        """Its files."""
        return sorted(self.clean.rglob("*.py"))

    @cached_property
    def sample(self) -> list[Path]:
        """Some of them, from everywhere."""
        return self.files[:: len(self.files) // SAMPLE][:SAMPLE]

    @property
    def share(self) -> float:
        """How many times the sample the tree is, by bytes."""
        return sum(it.stat().st_size for it in self.files) / sum(it.stat().st_size for it in self.sample)


# Situations ---------------------------------------------------------------------------------------------------------


def rows(place: Place) -> list[Row]:
    """What is compared with what."""
    return [*_starts(place), *_trees(place)]


def _starts(place: Place) -> list[Row]:
    by_size = sorted((place.clean / "django").rglob("*.py"), key=lambda path: path.stat().st_size)
    ten = by_size[len(by_size) // 2 : len(by_size) // 2 + 10]
    call = place.scratch / "call.py"
    shutil.copy(min(FIXTURES.glob("response_text/*/after.py")).with_name("before.py"), call)
    prose = place.scratch / "prose.py"
    prose.write_bytes(b'"""Once this called generate_content of google.genai."""\n' + ten[0].read_bytes())
    python = Command("`python -c pass`", (sys.executable, "-c", "pass"))
    hook = place.ours("apply", "apply", *ten)
    hit = place.ours("check", "check", "--no-cache", *ten[:9], call)
    return [
        Row("T1", "`--version`", place.ours("version", "--version"), python, 5, 2, 9),
        Row("T2", "a hook with ten files, no call", hook, python, 5, 1.5, 9),
        Row("", "the same", hook, place.peer("pyupgrade", "pyupgrade", *ten), 1, 1, 5),
        Row("T3", "ten files, a call in one of them", hit, place.noop([*ten[:9], call]), 0.5, 0.35, 5),
        Row("T4", "the name in a docstring", place.ours("check", "check", prose), place.noop([prose]), 0.05, 0.03, 5),
    ]


def _trees(place: Place) -> list[Row]:
    whole = place.ours("check", "check", place.clean, "--isolated")
    mixed = place.ours("check", "check", place.cache / "mixed", "--isolated", "--no-cache")
    repository = place.cache / "repository"
    inside = place.ours("check", "check", repository, "--isolated")
    search = ("rg", "-lF", "-tpy")
    rg = Command("`rg -lF -tpy`, one name", (*search, NEEDLE, str(place.clean)))
    names = [word for needle in NEEDLES for word in ("-e", needle.decode())]
    both = Command("`rg -lF -tpy`, both names", (*search, *names, str(place.clean)))
    grep = Command("`git grep -lF`, both names", ("git", "-C", str(repository), "grep", "-lF", *names))
    ruff = ("check", "--isolated", "--select", "UP010", "--no-cache", "--exit-zero", "-q", place.clean)
    copies = place.scratch / "sample"
    copies.mkdir(exist_ok=True)
    for number, path in enumerate(place.sample):
        shutil.copy(path, copies / f"{number}.py")
    mcp = place.peer("mcp-codemod", "mcp-codemod", copies)
    tiny = place.scratch / "tiny" / "tiny.py"
    tiny.parent.mkdir(exist_ok=True)
    tiny.write_text("x = 1\n")
    noop = place.noop(place.sample)
    alone = place.noop([tiny]), place.peer("mcp-codemod", "mcp-codemod", tiny.parent)
    return [
        Row("T5", "the whole tree, no call", whole, rg, 1.5, 1.2, 9),
        Row("", "the same", whole, both, 1.5, 1.2, 9),
        Row("T5", "the whole tree in a git repository", inside, rg, 1.5, 0.8, 7),
        Row("", "the same", inside, grep, 1.5, 0.8, 7),
        Row("T6", "the whole tree, no call", whole, place.peer("ruff, one rule", "ruff", *ruff), 0.1, 0.06, 2),
        Row("T8", "calls in under 1 % of the files", mixed, noop, 1 / 100, 1 / 300, 2, place.share, alone[0]),
        Row("T9", "the whole tree, no call", whole, mcp, 1 / 500, 1 / 1000, 2, place.share, alone[1]),
    ]


# Single figures -----------------------------------------------------------------------------------------------------


def _renamed(source: bytes) -> bytes:
    """What a codemod with one ``leave_Call`` makes of a source: the least that any codemod does."""
    from libcst.codemod import CodemodContext, VisitorBasedCodemodCommand

    class Renaming(VisitorBasedCodemodCommand):
        def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: ARG002, N802
            match updated_node.func:
                case cst.Attribute(attr=cst.Name(value="generate_content")) as func:
                    return updated_node.with_changes(func=func.with_changes(attr=cst.Name("create")))
            return updated_node

    return Renaming(CodemodContext()).transform_module(cst.parse_module(source)).bytes


def _migrated(source: bytes) -> None:
    with recursion.deep():
        migrate("file.py", source, Settings())


def _against_codemod() -> tuple[float, float]:
    """T10: processor seconds for every third fixture that is rewritten, ours and the codemod's."""
    rewritten = sorted((ROOT / "fixtures").glob("*/*/*/after.py"))
    sources = [path.with_name("before.py").read_bytes() for path in rewritten][::3]
    _migrated(sources[0])
    return least(lambda: list(map(_migrated, sources)), 2), least(lambda: list(map(_renamed, sources)), 2)


def _against_lines() -> list[tuple[int, float, float]]:
    """Lines of a file, our processor seconds for it, and those of the codemod."""
    found = []
    for lines in (100, 300, 1_000, 3_000, 10_000):
        source, rounds = program(lines), 2 if lines < 5_000 else 1
        costs = least(lambda it=source: _migrated(it), rounds), least(lambda it=source: _renamed(it), rounds)
        found.append((source.count(b"\n"), *costs))
    return found


def _against_size(place: Place, kept: Kept, rounds: int) -> list[tuple[int, float, float]]:
    """T13: files, our processor seconds and those of ``rg``, over ever larger parts of the tree."""
    parts = sorted(place.clean.iterdir(), key=lambda part: sum(1 for _ in part.rglob("*.py")))
    found = []
    for number in (7, 10, 13, 16, len(parts)):
        chosen = parts[:number]
        ours = place.ours("check", "check", *chosen, "--isolated")
        rg = Command("rg", ("rg", "-lF", "-tpy", NEEDLE, *map(str, chosen)))
        files = sum(1 for part in chosen for _ in part.rglob("*.py"))
        pair = kept.pair(f"T13, {files} files", ours, rg, rounds)
        found.append((files, pair.ours.cpu, pair.peer.cpu))
    return found


def _copies(place: Place, name: str, file: str) -> list[Path]:
    """A folder of files from the fixtures."""
    folder = place.scratch / name
    folder.mkdir()
    sources = sorted(path.with_name(file) for path in FIXTURES.glob("*/*/after.py"))
    for number, path in enumerate(sources[::2]):
        shutil.copy(path, folder / f"file_{number}.py")
    return sorted(folder.iterdir())


def _workers(place: Place, kept: Kept) -> Pair:
    """T14: every second fixture by one process and by two."""
    folder = _copies(place, "calls", "before.py")[0].parent
    one, two = (place.ours(each, "check", folder, "--isolated", "--no-cache", "--jobs", each) for each in ("1", "2"))
    return kept.pair("T14", one, two, 3)


def _again(place: Place, kept: Kept) -> Pair:
    """T15: a run over rewritten files, against files that never named the API."""
    never = place.scratch / "never"
    never.mkdir()
    for path in _copies(place, "done", "after.py"):
        data = path.read_bytes()
        if any(needle in data for needle in NEEDLES):
            path.unlink()
        else:
            (never / path.name).write_bytes(data.replace(b"google", b"strange"))
    runs = (place.ours(each.name, "apply", each, "--isolated") for each in (place.scratch / "done", never))
    return kept.pair("T15", *runs, 9)


def _cached(place: Place, kept: Kept) -> Pair:
    """The second run over a tree with calls, against one over the tree without."""
    known = ("--isolated", "--cache-dir", place.scratch / "cache")
    ours = place.ours("mixed", "check", place.cache / "mixed", *known)
    return kept.pair("cache", ours, place.ours("clean", "check", place.clean, *known), 5)


def _long(place: Place, kept: Kept) -> Pair:
    """A ``diff`` of 20,000 lines with 50 calls, against libcst's runner that changes nothing."""
    path = place.scratch / "long.py"
    path.write_bytes(program(20_000, 50))
    return kept.pair("20,000 lines", place.ours("diff", "diff", "--no-cache", path), place.noop([path]), 1)


# The page -----------------------------------------------------------------------------------------------------------


def table(found: Sequence[tuple[Row, Pair]], kept: Kept) -> str:
    """The pairs as Markdown."""
    lines = [
        "| | situation | ours | against | theirs | by processor time | by the clock | goal | stretch | load |",
        "| --- | --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row, pair in found:
        name, theirs, cpu, wall = row.peer.name, pair.peer.cpu, pair.cpu, number(pair.wall)
        if row.start is not None:
            start = float(str(kept.figure(f"start of {name}", lambda it=row.start: once(it).cpu)))
            theirs = start + max(theirs - start, 0) * row.factor
            name, cpu, wall = f"{name}, from 1 file in {row.factor:,.0f}", pair.ours.cpu / theirs, ""
        ours = (row.target, row.situation, seconds(pair.ours.cpu))
        ratios = (judged(cpu, row.goal), wall, number(row.goal), number(row.stretch))
        lines.append(f"| {' | '.join((*ours, name, seconds(theirs), *ratios, f'{pair.load:.0f}'))} |")
    return "\n".join(lines) + "\n"


def judged(value: float, goal: float) -> str:
    """A ratio, and whether it is missed."""
    return missed(number(value), value > goal)


def number(value: float) -> str:
    """A ratio with two figures that count, of small ones how many times less."""
    if value < 0.02:
        return f"1/{1 / value:,.0f}"
    return f"{value:.2g} ×" if value < 10 else f"{value:.0f} ×"


def seconds(value: float) -> str:
    """A time in the unit that suits it."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.1f} s" if value < 100 else f"{value:,.0f} s"


def singles(place: Place, kept: Kept, whole: Command, sizes: Sequence[tuple[int, float, float]]) -> str:
    """The figures that are no comparison of one command line with another."""
    mine, theirs = kept.figure("T10", _against_codemod)  # type: ignore[misc]
    small, large = sizes[1], sizes[-1]
    growth = (large[1] / small[1]) / (large[2] / small[2])
    workers, again, cached, long = (measure(place, kept) for measure in (_workers, _again, _cached, _long))
    calls = len(list((place.scratch / "calls").iterdir()))
    memory = int(str(kept.figure("T12", lambda: peak(whole)))) / 1024
    spread = f"{workers.wall:.2g} ×"
    figures = (
        (
            "T10",
            "a rewritten file, against a codemod with one `leave_Call`",
            judged(mine / theirs, 1),
            "1.0 ×",
            "0.5 ×",
        ),
        ("T12", "peak memory, the whole tree, no call", missed(f"{memory:.0f} MiB", memory > 30), "30 MiB", ""),
        ("T13", f"growth from {small[0]:,} to {large[0]:,} files, against `rg`'s", judged(growth, 1.1), "1.1 ×", ""),
        (
            *("T14", f"one process against two, by the clock: {calls} files with calls; load {workers.load:.0f}"),
            *(missed(spread, workers.wall < 1.7), "1.7 ×", "1.85 ×"),
        ),
        ("T15", "a run over its own output, against files without the name", judged(again.cpu, 1.1), "1 ×", ""),
        ("", "a second run over the tree with calls, against the tree without", number(cached.cpu), "", ""),
        ("", "`diff` of 20,000 lines with 50 calls", seconds(long.ours.cpu), "no minutes", ""),
        ("", "the same, against libcst.tool's no-op", number(long.cpu), "", ""),
    )
    lines = ["| | what | measured | goal | stretch |", "| --- | --- | ---: | ---: | ---: |"]
    return "\n".join((*lines, *(f"| {' | '.join(figure)} |" for figure in figures), ""))


def missed(text: str, is_missed: bool) -> str:  # noqa: FBT001
    """A figure, in bold where it misses its goal."""
    return f"**{text}: missed**" if is_missed else text


def main() -> None:
    """Measure what is not known yet and rewrite the part of docs/performance.md that is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--peers", type=Path, required=True)
    parser.add_argument("--again", nargs="*", metavar="NAME", help="figures to measure anew; without a name, all")
    arguments = parser.parse_args()
    tree.build(arguments.cache)
    kept = Kept(arguments.cache / "speed.json")
    kept.forget(arguments.again)
    with tempfile.TemporaryDirectory() as scratch:
        place = Place(arguments.cache.resolve(), arguments.peers.resolve(), Path(scratch))
        (place.scratch / ".libcst.codemod.yaml").write_text("modules: ['libcst.codemod.commands']\n")
        found = [(row, kept.pair(_name(row), row.ours, row.peer, row.rounds)) for row in rows(place)]
        whole = next(row.ours for row, _ in found if row.target == "T5")
        sizes = _against_size(place, kept, 3)
        page = f"{table(found, kept)}\n{singles(place, kept, whole, sizes)}"
        lines = kept.figure("lines", _against_lines)
    docs = ROOT / "docs"
    document = (docs / "performance.md").read_text(encoding="utf-8")
    before, after = document.partition(START)[0], document.partition(END)[2]
    (docs / "performance.md").write_text(f"{before}{START}\n{page}{END}{after}", encoding="utf-8")
    import pictures

    pictures.tree(sizes, docs / "performance-tree.png")
    pictures.file(lines, docs / "performance-file.png")  # type: ignore[arg-type]
    print(page)


def _name(row: Row) -> str:
    return f"{row.target or 'also'}: {row.situation}, against {row.peer.name}"


if __name__ == "__main__":
    main()
