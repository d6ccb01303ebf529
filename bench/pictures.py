"""The pictures of docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib import pyplot as plt

OURS, THEIRS = "#1b6ca8", "#c05a1c"


def tree(sizes: Sequence[tuple[int, float, float]], target: Path) -> None:
    """Processor seconds against the number of files in a tree in which nothing is found."""
    figure, axes = plt.subplots(figsize=(7, 4))
    files = [size[0] for size in sizes]
    axes.plot(files, [size[1] for size in sizes], "o-", color=OURS, label="migrator check")
    axes.plot(files, [size[2] for size in sizes], "s--", color=THEIRS, label="rg -lF -tpy generate_content")
    axes.set(xlabel="Python files in the tree, none with a call", ylabel="processor seconds")
    axes.set_xlim(left=0)
    axes.set_ylim(bottom=0)
    _save(figure, axes, target)


def file(costs: Sequence[tuple[int, float, float]], target: Path) -> None:
    """Processor seconds against the lines of one file that is rewritten."""
    figure, axes = plt.subplots(figsize=(7, 4))
    lines = [cost[0] for cost in costs]
    axes.loglog(lines, [cost[1] for cost in costs], "o-", color=OURS, label="migrator, a call in every 100 lines")
    axes.loglog(lines, [cost[2] for cost in costs], "s--", color=THEIRS, label="libcst codemod with one leave_Call")
    slope = costs[-1][1] / costs[-1][0]
    axes.loglog(lines, [line * slope for line in lines], ":", color="gray", label="linear")
    axes.set(xlabel="lines of one file", ylabel="processor seconds")
    _save(figure, axes, target)


def _save(figure: plt.Figure, axes: plt.Axes, target: Path) -> None:
    axes.legend()
    axes.grid(alpha=0.3, which="both")
    figure.savefig(target, dpi=100, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
