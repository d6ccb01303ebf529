"""Make what is made from the field maps: docs/fields.md, the reference of fields, and the form that a run reads.

Run with ``--check`` to compare only.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from migrator import builtmap, mapcheck
from migrator.fieldmap import FieldMap, Row, built_in
from migrator.mapinfo import becomes

ROOT = Path(__file__).parents[1]
INTRODUCTION = """\
# Fields

<!-- Made by scripts/make_field_docs.py from field_maps/; edit the maps instead. -->

Where each field of the legacy types goes. *Level* says how sure a rewrite is: `safe` is applied, `review` is applied
with `--review`, and `manual` is never applied: the call stays as it is and the reason is reported.
"""


def main() -> int:
    """Write the files, or with ``--check`` say which is stale."""
    loaded = mapcheck.read(built_in())
    for problem in loaded.problems:
        print(problem, file=sys.stderr)
    made = {
        ROOT / "docs" / "fields.md": page(loaded.fieldmap),
        ROOT / "field_maps" / builtmap.NAME: builtmap.text(loaded.fieldmap, built_in()),
    }
    stale = [path for path, text in made.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    if "--check" not in sys.argv[1:]:
        for path in stale:
            path.write_text(made[path], encoding="utf-8")
        stale = []
    for path in stale:
        print(f"{path.relative_to(ROOT)} is stale: run scripts/make_field_docs.py", file=sys.stderr)
    return 1 if stale or loaded.problems else 0


def page(fieldmap: FieldMap) -> str:
    """Build the whole page."""
    parts = [INTRODUCTION]
    parts += tables("Requests", "In a request", fieldmap.requests)
    parts += tables("Responses", "In a response", fieldmap.responses)
    parts.append(models(fieldmap))
    return "\n".join(parts)


def tables(title: str, prefix: str, table: Mapping[str, Mapping[str, Row]]) -> Iterator[str]:
    """Yield one table for each legacy type."""
    yield f"## {title}\n"
    for kind, rows in table.items():
        yield f"### {prefix}: {kind}\n"
        yield markdown(("field", "becomes", "level", "note"), (cells(row) for row in rows.values()))


def cells(row: Row) -> tuple[str, str, str, str]:
    """Give the four cells of a row."""
    level = "manual" if row.refuse is not None else row.level.value
    return f"`{row.field}`", target(row), level, " ".join(notes(row))


def target(row: Row) -> str:
    """Say what a row decides; paths are set as code."""
    if row.to is not None:
        return f"`{row.to}`"
    return becomes(row)


def notes(row: Row) -> Iterator[str]:
    """Yield everything else to know about a row, as sentences."""
    if row.values:
        yield sentence(", ".join(f"`{old}` is `{new}`" for old, new in row.values.items()))
    if row.unless:
        yield sentence(f"left out where it is {' or '.join(f'`{value}`' for value in row.unless)}")
    for text in (row.note, row.advice):
        if text:
            yield sentence(text)


def models(fieldmap: FieldMap) -> str:
    """Build the tables of models."""
    served = "\n".join(f"- `{name}`" for name in fieldmap.models.served)
    rows = ((f"`{row.pattern}`", f"`{row.to}`", sentence(row.note)) for row in fieldmap.models.replacements)
    replaced = markdown(("model", "replacement", "source"), rows)
    return (
        f"## Models\n\nServed by the Interactions API:\n\n{served}\n\nReplaced with `--upgrade-models`:\n\n{replaced}"
    )


def sentence(text: str) -> str:
    """Begin ``text`` with a capital, unless it begins with a name, and end it with a full stop."""
    begun = text[0].upper() + text[1:] if text.partition(" ")[0].isalpha() else text
    return begun if begun.endswith(".") else f"{begun}."


def markdown(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Lay out a Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    raise SystemExit(main())
