"""A verdict in words: what is the same, or the first difference side by side with the lines that it comes from."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterable, Iterator

from migrator.proof.differences import Code, Difference, Extra, Field, Missing, Other, Output, Reordered, Wrong
from migrator.proof.prove import Verdict
from migrator.proof.ran import Place

WIDE = 44  # characters of a value in a column
MOST = 12  # rows of a table
LINES = 6  # lines of a value
ABSENT = "(not there)"
HEAD = ("", "as it is", "rewritten")


def told(verdict: Verdict) -> str:
    """The whole report of a proof."""
    if not verdict.differences:
        return "".join(f"{line}\n" for line in [*_same(verdict), *_notes(verdict)])
    first, *others = verdict.differences
    also = [f"Also different: {', '.join(map(_kind, others))}."] if others else []
    head = [*_different(first, verdict.requests), "", *_announced(verdict), *also]
    return "".join(f"{line}\n" for line in [*head, *_notes(verdict)])


def _announced(verdict: Verdict) -> Iterator[str]:
    """The assumptions on which the call was rewritten: a difference that they name was accepted."""
    if verdict.announced:
        yield "--review accepted this rewriting, of which was said:"
    for finding in verdict.announced:
        yield textwrap.fill(f"{finding.code} {finding.message}", 110, initial_indent="  ", subsequent_indent="    ")


def _same(verdict: Verdict) -> Iterator[str]:
    yield f"The same: {_count(verdict.requests, 'request')}, the output and the exit code."


def _notes(verdict: Verdict) -> Iterator[str]:
    stays = verdict.requests - verdict.moved
    if stays > 0 and not verdict.differences:
        yield f"{_count(stays, 'request')} of these still {'is' if stays == 1 else 'are'} generateContent."
    reached, missed = verdict.reach.reached, verdict.reach.missed
    if missed:
        where = textwrap.fill(", ".join(map(str, missed)), 100)
        total = len(reached) + len(missed)
        yield f"{len(reached)} of {total} rewritten calls were reached. Not reached, and so not proved:"
        yield textwrap.indent(where, "  ")
    if not verdict.ordered and not verdict.differences:
        yield "Several threads, tasks or processes asked; the order among these is not fixed, and was not compared."
    if verdict.repeated.parts:
        names = ", ".join(sorted(verdict.repeated.parts)[:5])
        yield f"Two runs of the code as it is differ in {names} of their requests; that was not compared."
    if lines := verdict.repeated.lines:
        what = _count(lines, "line")
        yield f"Two runs of the code as it is differ in {what} of output; what varies was not compared."
    if left := verdict.summary.review + verdict.summary.refused:
        yield f"Calls of the project that were not rewritten: {left}. `migrator check` says why."
    if failed := verdict.summary.errors:
        yield f"Files that cannot be read or rewritten stayed as they are: {failed}. `migrator check` names them."


def _different(found: Difference, total: int) -> Iterator[str]:
    match found:
        case Wrong(after, problem):
            yield f"Different: the service would refuse a request of the rewritten code: {problem}."
            yield from _places(None, after)
        case Other(number, before, after, fields):
            yield f"Different: request {number} of {total} does not mean the same."
            yield from _places(before, after)
            yield from _table(fields)
        case Missing(number, before):
            yield f"Different: request {number} of {total} is not made by the rewritten code."
            yield from _places(before, None)
        case Extra(number, after):
            yield f"Different: the rewritten code makes one request more, its number {number}."
            yield from _places(None, after)
        case Reordered(number, before, after):
            yield f"Different: the requests come in another order from request {number} of {total} on."
            yield from _places(before, after)
        case Code(before, after, last):
            yield f"Different: the exit code is {after} and not {before}. The rewritten code said last:"
            yield from (f"    {line}" for line in last)
        case Output(stream, line, before, after):
            yield f"Different: the {stream} from line {line} on."
            yield from _table((Field(f"line {line}", before, after),))


def _places(before: Place | None, after: Place | None) -> Iterator[str]:
    yield ""
    for name, place in (("as it is", before), ("rewritten", after)):
        if place is not None:
            yield f"  {name:9}  {place}" + (f"   {place.text}" if place.text else "")


def _table(fields: Iterable[Field]) -> Iterator[str]:
    """The values side by side, each in as many lines as it takes, within reason."""
    shown = [(field.name, *_values(field)) for field in fields]
    width = max([len(name) for name, _, _ in shown[:MOST]], default=0)
    yield ""
    yield _row(width, *HEAD)
    for name, left, right in shown[:MOST]:
        for at in range(max(len(left), len(right))):
            yield _row(width, name if at == 0 else "", _at(left, at), _at(right, at))
    if len(shown) > MOST:
        yield f"  and {len(shown) - MOST} more"


def _row(width: int, name: str, left: str, right: str) -> str:
    return f"  {name:{width}}  {left:{WIDE}} | {right}".rstrip()


def _at(lines: list[str], at: int) -> str:
    return lines[at] if at < len(lines) else ""


def _values(field: Field) -> tuple[list[str], list[str]]:
    """Both values, cut to where they begin to differ if they are long."""
    left, right = _spelt(field.before), _spelt(field.after)
    same = next((n for n, (one, two) in enumerate(zip(left, right, strict=False)) if one != two), 0)
    start = max(0, same - WIDE) if max(len(left), len(right)) > WIDE * LINES else 0
    return _cut(left, start), _cut(right, start)


def _cut(text: str, start: int) -> list[str]:
    text = ("…" if start else "") + text[start:]
    lines = [text[at : at + WIDE] for at in range(0, len(text), WIDE)] or [""]
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], f"… {len(text)} characters"]


def _spelt(value: object) -> str:
    return ABSENT if value is None else json.dumps(value, ensure_ascii=False)


def _kind(found: Difference) -> str:
    match found:
        case Code(before, after, _):
            return f"the exit code ({after} and not {before})"
        case Output(stream, line, _, _):
            return f"the {stream} from line {line} on"
        case _:
            return "the requests"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
