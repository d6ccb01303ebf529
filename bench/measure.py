"""Commands measured in pairs, in turn, and kept, so that a benchmark that was stopped goes on where it was."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, made anew for each round by ``prepare`` where it changes files."""

    name: str
    line: tuple[str, ...]
    folder: Path | None = None
    prepare: Callable[[], object] = bool


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command took, with all that it started."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two commands measured in turn: medians, and the median of the ratios of neighbours."""

    ours: Cost
    peer: Cost
    wall: float
    cpu: float
    load: float
    rounds: int


def once(command: Command) -> Cost:
    """Run a command and measure it."""
    command.prepare()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    nothing = subprocess.DEVNULL
    started = time.perf_counter()
    process = subprocess.Popen(
        command.line, cwd=command.folder, stdout=nothing, stderr=nothing, stdin=nothing, env=environment
    )
    _, _, usage = os.wait4(process.pid, 0)
    return Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)


def peak(command: Command) -> int:
    """The most memory that a command, or a process of it, held, in KiB.

    A process starts with the peak of the one that it was copied from: therefore a small one stands between.
    """
    between = "import os, sys; os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:]); import resource; "
    between += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    run = [sys.executable, "-ISc", between, *command.line]
    done = subprocess.run(run, cwd=command.folder, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return int(done.stdout.split()[-1])


def paired(ours: Command, peer: Command, rounds: int) -> Pair:
    """Measure two commands in turn, so that a busy moment meets both; the first of several rounds only warms up."""
    loads = [os.getloadavg()[0]]
    found = [(once(ours), once(peer)) for _ in range(rounds + (rounds > 1))][rounds > 1 :]
    loads.append(os.getloadavg()[0])
    mine, theirs = ([both[side] for both in found] for side in (0, 1))
    return Pair(
        middle(mine),
        middle(theirs),
        statistics.median(a.wall / b.wall for a, b in found),
        statistics.median(a.cpu / b.cpu for a, b in found),
        max(loads),
        rounds,
    )


def middle(costs: list[Cost]) -> Cost:
    """The median of each part."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
    )


def least(work: Callable[[], object], rounds: int) -> float:
    """The least processor time of some rounds in this process."""
    found = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)


class Kept:
    """Figures by name in a file: what is there is not measured again."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.figures: dict[str, object] = json.loads(path.read_text()) if path.exists() else {}

    def forget(self, names: list[str] | None) -> None:
        """Forget the figures whose names begin so; all where none is given, nothing for None."""
        if names is not None:
            begin = tuple(names) or ("",)
            self.figures = {name: value for name, value in self.figures.items() if not name.startswith(begin)}

    def figure(self, name: str, measure: Callable[[], object]) -> object:
        """A figure, measured unless it is known."""
        if name not in self.figures:
            started = time.perf_counter()
            self.figures[name] = measure()
            self.path.write_text(json.dumps(self.figures, indent=1))
            print(f"{name}: {time.perf_counter() - started:.0f} s", flush=True)
        return self.figures[name]

    def pair(self, name: str, ours: Command, peer: Command, rounds: int) -> Pair:
        """A pair of commands, measured unless it is known."""
        found = self.figure(name, lambda: asdict(paired(ours, peer, rounds)))
        assert isinstance(found, dict)
        return Pair(**{**found, "ours": Cost(**found["ours"]), "peer": Cost(**found["peer"])})
