"""Give the migrator programs that nobody would write, and hold what comes out against what must always be true.

    python bench/fuzz.py --inputs 20000 --seed 1 --failures DIR

Inputs are made from the fixtures: lines and tokens lost, doubled and moved, two programs in one file, layouts and names
changed, and modules of hypothesmith (any syntax that the grammar allows) with a fixture grafted in. The same seed makes
the same inputs. Prints a table; writes each input that breaks a rule to DIR and ends with 1. What is done is remembered
in DIR: the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import json
import multiprocessing
import random
import re
import signal
import sys
import time
import tokenize
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import changes
import hypothesmith
import libcst as cst
from cases import cases
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from migrator.changes import Change
from migrator.diagnostics import Level
from migrator.outcome import Kind, Outcome
from migrator.settings import Settings, Vertex
from migrator.work import MIGRATION, attempt

REVIEWED = Settings(accept=Level.REVIEW, vertex=Vertex.ALLOW)
SOURCES = tuple(case.before for case in cases())
SECONDS = 30  # for one input
TOKENS = re.compile(rb"\w+|\s+|[^\w\s]")
LAYOUTS = (
    *(changes.crlf, changes.line_above, changes.in_function, changes.in_class, changes.other_names),
    *(getattr(changes, name) for name in ("other_aliases", "other_modules") if hasattr(changes, name)),
)


class SlowError(Exception):
    """One input took longer than any may."""


@dataclass(slots=True)
class Tally:
    """What became of the inputs of one kind."""

    inputs: int = 0
    parsing: int = 0
    rewritten: int = 0
    caught: list[str] = field(default_factory=list)  # by the migrator's own check of its result: the file stays
    broken: list[str] = field(default_factory=list)

    def merge(self, other: Tally) -> None:
        """Add what another process counted."""
        self.inputs += other.inputs
        self.parsing += other.parsing
        self.rewritten += other.rewritten
        self.caught += other.caught
        self.broken += other.broken


# Inputs -------------------------------------------------------------------------------------------------------------


def damaged(chance: random.Random, _modules: list[bytes]) -> bytes:
    """A fixture with lines lost, doubled and moved."""
    return b"".join(_shaken(chance, chance.choice(SOURCES).splitlines(keepends=True)))


def mistyped(chance: random.Random, _modules: list[bytes]) -> bytes:
    """A fixture with tokens lost, doubled and moved, also to where those of another stood."""
    tokens = TOKENS.findall(chance.choice(SOURCES))
    others = TOKENS.findall(chance.choice(SOURCES))
    for _ in range(chance.randint(0, 2)):
        tokens[chance.randrange(len(tokens))] = chance.choice(others)
    return b"".join(_shaken(chance, tokens))


def _shaken(chance: random.Random, pieces: list[bytes]) -> list[bytes]:
    for _ in range(chance.randint(1, 3)):
        where, there = chance.randrange(len(pieces)), chance.randrange(len(pieces))
        match chance.randrange(3):
            case 0 if len(pieces) > 1:
                del pieces[where]
            case 1:
                pieces.insert(there, pieces[where])
            case _:
                pieces[where], pieces[there] = pieces[there], pieces[where]
    return pieces


def joined(chance: random.Random, _modules: list[bytes]) -> bytes:
    """Two fixtures in one file."""
    return chance.choice(SOURCES).rstrip(b"\n") + b"\n" + chance.choice(SOURCES)


def laid_out(chance: random.Random, _modules: list[bytes]) -> bytes:
    """A fixture in another layout or with other names, twice over."""
    source = chance.choice(SOURCES)
    for change in chance.sample(LAYOUTS, 2):
        with contextlib.suppress(
            SyntaxError, ValueError, cst.ParserSyntaxError
        ):  # not every layout goes with every other
            source = change(source) or source
    return source


def grafted(chance: random.Random, modules: list[bytes]) -> bytes:
    """A module of any syntax with a fixture before, behind or between its statements."""
    module, case = chance.choice(modules), chance.choice(SOURCES)
    ends = [0]
    try:
        lines = module.splitlines(keepends=True)
        ends += [statement.end_lineno or 0 for statement in ast.parse(module).body]
    except (SyntaxError, ValueError, RecursionError):
        return module + b"\n" + case
    at = chance.choice(ends)
    return b"".join(lines[:at]).rstrip(b"\n") + b"\n" + case.rstrip(b"\n") + b"\n" + b"".join(lines[at:])


KINDS: tuple[Callable[[random.Random, list[bytes]], bytes], ...] = (damaged, mistyped, joined, laid_out, grafted)


def grammar(count: int, seed: int) -> list[bytes]:
    """Modules of any syntax."""
    found: list[bytes] = []
    unhurried = settings(deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))

    @seeded(seed)
    @settings(unhurried, max_examples=count)
    @given(hypothesmith.from_grammar())
    def collect(code: str) -> None:
        found.append(code.encode("utf-8", "surrogatepass"))

    collect()
    return found


# Rules --------------------------------------------------------------------------------------------------------------


def breaches(source: bytes) -> tuple[Outcome, list[str]]:
    """The outcome of one input, and which rules it breaks."""
    outcome = attempt(MIGRATION.make, "input.py", source, REVIEWED)
    found = [f"{each.code} {each.message}" for each in outcome.findings if each.code == "MG405"]
    if outcome.after is not None:
        found += _of_result(source, outcome, outcome.after)
    stranger = source.replace(b"google", b"strange")
    if b"strange" not in source and attempt(MIGRATION.make, "input.py", stranger, REVIEWED).after is not None:
        found.append("touched without the SDK")
    return outcome, found


def _of_result(source: bytes, outcome: Outcome, after: bytes) -> list[str]:
    found = []
    if _parses(source) and not _parses(after):
        found.append("the result does not parse")
    again = attempt(MIGRATION.make, "input.py", after, REVIEWED)
    if again.after is not None:
        found.append("a second run changes it again")
    if again.kind is Kind.FAILED:
        found.append("a second run fails")
    if lost := _comments(source) - _comments(after):
        found.append(f"comments lost: {lost}")
    if not _keeps(source, after, outcome.changes):
        found.append("bytes outside of the edits differ")
    return found


def _parses(source: bytes) -> bool:
    try:
        compile(source, "input.py", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _comments(source: bytes) -> Counter[str]:
    try:
        tokens = list(tokenize.tokenize(io.BytesIO(source).readline))
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return Counter()
    return Counter(token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT)


def _keeps(source: bytes, after: bytes, made: tuple[Change, ...]) -> bool:
    """Whether all that stands between two changes stands in the result, in the same order."""
    text, result = source.decode("utf-8-sig", "replace"), after.decode("utf-8-sig", "replace")
    spots = sorted((change.start, change.end) for change in made)
    at = position = 0
    for start, end in [*spots, (len(text), len(text))]:
        if start < at:
            return False  # two changes overlap
        kept = text[at:start]
        position = result.find(kept, position)
        if position < 0:
            return False
        position += len(kept)
        at = end
    return True


# The run ------------------------------------------------------------------------------------------------------------


def work(task: tuple[int, int, list[bytes], str]) -> tuple[int, dict[str, Tally]]:
    """Judge a number of inputs of every kind; give the seed that they were made from too."""
    seed, count, modules, folder = task
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _too_slow)
    chance = random.Random(seed)
    tallies = {kind.__name__: Tally() for kind in KINDS}
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        source = kind(chance, modules)
        tally = tallies[kind.__name__]
        tally.inputs += 1
        tally.parsing += _parses(source)
        signal.alarm(SECONDS)
        try:
            outcome, found = breaches(source)
            tally.rewritten += outcome.after is not None
            said = [*outcome.findings, *(each for site in outcome.sites for each in site.findings)]
            caught = [each.message for each in said if each.code in ("MG406", "MG117")]
        except SlowError:
            found, caught = [f"takes more than {SECONDS} s"], []
        finally:
            signal.alarm(0)
        if found or caught:
            name = f"{kind.__name__}-{seed}-{number}.py"
            Path(folder, name).write_bytes(source)
            (tally.broken if found else tally.caught).append(f"{name}: {'; '.join(found or caught)}")
    return seed, tallies


def _too_slow(_signal: int, _frame: object) -> None:
    raise SlowError


def row(name: str, tally: Tally) -> str:
    """One line of the table."""
    counts = (tally.inputs, tally.parsing, tally.rewritten, len(tally.caught), len(tally.broken))
    return f"| {name} | " + " | ".join(map(str, counts)) + " |"


def _lines(done: Path) -> list[list[Any]]:
    return [json.loads(line) for line in done.read_text().splitlines()] if done.exists() else []


def _read(tallies: dict[str, dict[str, Any]]) -> dict[str, Tally]:
    return {name: Tally(**tally) for name, tally in tallies.items()}


def _merge(total: dict[str, Tally], tallies: dict[str, Tally]) -> None:
    for name, tally in tallies.items():
        total[name].merge(tally)
        for word, lines in (("broken", tally.broken), ("caught", tally.caught)):
            for line in lines:
                print(f"{word}: {line[:600]}", file=sys.stderr, flush=True)


def main() -> int:
    """Run, print the table; 1 where a rule was broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--modules", type=int, default=400)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--failures", required=True)
    given_ = parser.parse_args()
    Path(given_.failures).mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    modules = grammar(given_.modules, given_.seed)
    size = 500
    tasks = [
        (given_.seed * 1_000_000 + number, min(size, given_.inputs - number * size), modules, given_.failures)
        for number in range(-(-given_.inputs // size))
    ]
    done = Path(given_.failures, "done.jsonl")
    judged = {(seed, count): _read(tallies) for seed, count, tallies in _lines(done)}
    total = {kind.__name__: Tally() for kind in KINDS}
    for tallies in (judged[task[:2]] for task in tasks if task[:2] in judged):
        _merge(total, tallies)
    left = [task for task in tasks if task[:2] not in judged]
    counts = {task[0]: task[1] for task in left}
    with multiprocessing.Pool(given_.jobs, maxtasksperchild=4) as pool, done.open("a") as progress:
        for seed, tallies in pool.imap_unordered(work, left):
            _merge(total, tallies)
            written = {name: asdict(tally) for name, tally in tallies.items()}
            print(json.dumps([seed, counts[seed], written]), file=progress, flush=True)
    print("| inputs | count | parse | rewritten | caught | break a rule |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    whole = Tally()
    for kind in KINDS:
        tally = total[kind.__name__]
        whole.merge(tally)
        print(row((kind.__doc__ or "").rstrip("."), tally))
    print(row("all", whole))
    print(f"\n{given_.modules} modules of hypothesmith, seed {given_.seed}, {time.monotonic() - started:.0f} s.")
    return 1 if whole.broken else 0


if __name__ == "__main__":
    sys.exit(main())
