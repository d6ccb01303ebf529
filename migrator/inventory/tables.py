"""An inventory as text, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict

from migrator.catalogue import CODES
from migrator.inventory.entry import FAILED, LEVELS, OTHER, Entry
from migrator.inventory.scan import directory_of
from migrator.report import summary as words

FIELDS = ("path", "line", "column", "dialect", "operation", "level", "codes", "model")


def as_text(files: int, entries: Sequence[Entry]) -> str:
    """Tables for a person: what there is by directory, by dialect and operation, why it stays, and the models."""
    text = f"Scanned {words.plural(files, 'file')}: {_uses(entries)}.\n"
    if not entries:
        return text
    text += _by("directory", entries, directory_of)
    if any(each.level == OTHER for each in entries):
        text += "\nother: a dialect that is named here and not rewritten\n"
    text += _by(
        "dialect and operation", entries, lambda each: f"{each.dialect}: {each.operation}" if each.dialect else "-"
    )
    text += _counted("reason", Counter(code for each in entries for code in each.codes), _reason)
    text += _counted("model", Counter(each.model for each in entries if each.model), str)
    return text


def as_json(files: int, entries: Sequence[Entry]) -> str:
    """One document: the counts and every entry."""
    levels = Counter(each.level for each in entries)
    summary = {"files": files, "uses": len(entries), **{level: levels[level] for level in LEVELS}}
    return json.dumps({"version": 1, "summary": summary, "uses": [asdict(each) for each in entries]}, indent=2) + "\n"


def as_csv(_files: int, entries: Sequence[Entry]) -> str:
    """A line an entry; the codes are separated by spaces."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(FIELDS)
    for each in entries:
        writer.writerow([_cell(value) for value in asdict(each).values()])
    return written.getvalue()


def _cell(value: object) -> str:
    """A value that a spreadsheet does not take for a formula."""
    text = " ".join(value) if isinstance(value, (list, tuple)) else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def _uses(entries: Sequence[Entry]) -> str:
    found = [each for each in entries if each.level != FAILED]
    failed = {each.path for each in entries} - {each.path for each in found}
    unread = f"; {words.plural(len(failed), 'file')} could not be read" if failed else ""
    files = words.plural(len({each.path for each in found}), "file")
    return f"{words.plural(len(found), 'legacy use')} in {files}{unread}"


def _operation(entry: Entry) -> str:
    return f"{entry.dialect}: {entry.operation}" if entry.dialect else "-"


def _reason(code: str) -> str:
    return f"{code} {CODES[code].title}"


def _by(title: str, entries: Sequence[Entry], key: Callable[[Entry], str]) -> str:
    """A table with a line a key and a column a level."""
    shown = [level for level in LEVELS if any(each.level == level for each in entries)]
    counts: dict[str, Counter[str]] = {}
    for each in entries:
        counts.setdefault(key(each), Counter())[each.level] += 1
    width = max(len(title), *map(len, counts))
    head = f"\n{title:{width}}  {'all':>6}" + "".join(f"{level:>8}" for level in shown) + "\n"
    lines = [
        f"{name:{width}}  {count.total():>6}" + "".join(f"{count[level] or '':>8}" for level in shown) + "\n"
        for name, count in sorted(counts.items(), key=lambda pair: (-pair[1].total(), pair[0]))
    ]
    return head + "".join(lines)


def _counted(title: str, counts: Counter[str], shown: Callable[[str], str]) -> str:
    if not counts:
        return ""
    names = {name: shown(name) for name in counts}
    width = max(len(title), *map(len, names.values()))
    return f"\n{title:{width}}  {'all':>6}\n" + "".join(
        f"{names[name]:{width}}  {count:>6}\n" for name, count in sorted(counts.items(), key=lambda it: (-it[1], it[0]))
    )
