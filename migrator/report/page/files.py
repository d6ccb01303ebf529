"""The part of the page about each file: its lines side by side, and at each line what is said about it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from migrator.outcome import Outcome, Status
from migrator.records import dataclass
from migrator.report.names import relative
from migrator.report.page import hunks, notes, words
from migrator.report.page.labels import Labels
from migrator.report.page.markup import EMPTY, Html, element, joined, text
from migrator.report.page.notes import Note
from migrator.report.record import Record
from migrator.report.summary import plural

FEW = 3  # so many files are shown unfolded at once
SOME = 100  # in so many, lines far from what is said or changed are there too, and can be unfolded

_QUOTED = re.compile(r'\s*("(?:[^"\\]|\\.)*"),?\s*')


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file with what is said about it; ``name`` is what its ids begin with."""

    name: str
    outcome: Outcome
    notes: tuple[Note, ...]

    @property
    def path(self) -> str:
        """The path as seen from here."""
        return relative(self.outcome.path)


def parts(record: Record) -> list[FilePart]:
    """The files that something can be shown of."""
    found = ((outcome, notes.of(record, outcome)) for outcome in record.outcomes)
    told = [(outcome, said) for outcome, said in found if said or outcome.after is not None]
    return [FilePart(f"f{number}", outcome, tuple(said)) for number, (outcome, said) in enumerate(told, 1)]


def section(part: FilePart, labels: Labels, among: int) -> Html:
    """The file as an element that unfolds, ``among`` so many files.

    Its lines are in a noscript element: without scripts they are there; a script makes them when they are looked at,
    because a browser takes seconds for all lines of a large report.
    """
    folder, slash, name = part.path.rpartition("/")
    title = element(
        "h3", element("span", text(folder + slash), class_="folder"), element("span", text(name), class_="name")
    )
    return element(
        "details",
        element("summary", title, element("p", *_counts(part, labels), class_="tally")),
        element("noscript", *_body(part, labels, hunks.MOST if among <= SOME else 0)),
        class_="file",
        id=part.name,
        data_path=part.path,
        open=True if among <= FEW else None,
    )


def _counts(part: FilePart, labels: Labels) -> Iterator[Html]:
    statuses = [site.status for site in part.outcome.sites]
    for status in Status:
        if count := statuses.count(status):
            yield element("span", text(f"{count} {labels.of(status.value)}"), class_=f"count {status.value}")
    if others := sum(not note.call and notes.FAILED in note.statuses for note in part.notes):
        yield element("span", text(plural(others, "error")), class_="count error")
    elif others := sum(not note.call and notes.ABOUT_FILE in note.statuses for note in part.notes):
        yield element("span", text(f"{plural(others, 'note')} on the file"), class_="count about")


def _body(part: FilePart, labels: Labels, most: int) -> Iterator[Html]:
    outcome = part.outcome
    at: dict[int, list[Html]] = {}
    for number, note in enumerate(part.notes):
        at.setdefault(note.line, []).append(_note(part, number, note, labels))
    decoded = _unquoted if outcome.path.endswith(".ipynb") else str
    blocks = list(hunks.blocks(outcome.before, outcome.after, at)) if outcome.before else []
    rows = joined(_Lines(decoded, at, most).rows(blocks))
    if at:  # a place that the file does not have
        yield element("div", *(each for line in sorted(at) for each in at[line]), class_="notes")
    if rows:
        what = f"Changes in {part.path}" if outcome.after is not None else f"Lines of {part.path}"
        kind = "diff" if outcome.after is not None else "diff single"
        yield element("div", rows, class_=kind, role="group", aria_label=what)


def _unquoted(line: str) -> str:
    """A line of a notebook's JSON as the code that it holds."""
    if found := _QUOTED.fullmatch(line):
        try:
            return str(json.loads(found[1])).removesuffix("\n")
        except ValueError:
            return line
    return line


# Lines ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lines:
    """How lines are shown; each entry of ``at`` is taken out when its line is shown."""

    decoded: Callable[[str], str]
    at: dict[int, list[Html]]
    most: int  # lines that a fold holds

    def rows(self, blocks: Iterable[hunks.Block]) -> Iterator[Html]:
        for block in blocks:
            match block:
                case hunks.Same():
                    yield from self._same(block)
                case hunks.Swap():
                    yield self._swap(block)
                case hunks.Fold(hidden):
                    yield self._fold(hidden)

    def _same(self, run: hunks.Same) -> Iterator[Html]:
        """Lines that stay, once: a script puts them on both sides. Notes go across."""
        start = 0
        for position in range(len(run.lines)):
            if noted := self.at.pop(run.old + position, None):
                yield self._lines(run.part(start, position + 1))
                yield element("div", *noted, class_="notes")
                start = position + 1
        if start < len(run.lines):
            yield self._lines(run.part(start, len(run.lines)))

    def _lines(self, run: hunks.Same) -> Html:
        lines = (_line(run.old + at, text(self.decoded(line))) for at, line in enumerate(run.lines))
        return element("div", element("div", *lines), class_="same", data_new=run.new)

    def _swap(self, run: hunks.Swap) -> Html:
        """Lines on the left, on the right what comes in their place; notes stand below their line, on the left."""
        before, after = (tuple(map(self.decoded, side)) for side in (run.before, run.after))
        old, new = words.differing(before, after)
        left = []
        for at, (line, spans) in enumerate(zip(before, old, strict=True)):
            left.append(_line(run.old + at, _marked(line, spans)))
            if noted := self.at.pop(run.old + at, None):
                left.append(element("div", *noted, class_="notes"))
        right = [_line(run.new + at, _marked(*each)) for at, each in enumerate(zip(after, new, strict=True))]
        sides = element("del", *left) if left else element("div"), element("ins", *right) if right else element("div")
        return element("div", *sides, class_="swap")

    def _fold(self, run: hunks.Same) -> Html:
        count = len(run.lines)
        said = text(f"{plural(count, 'line')} unchanged")
        if count > self.most:
            return element("p", said, class_="gap")
        lines = joined(_line(run.old + at, text(self.decoded(line))) for at, line in enumerate(run.lines))
        return element("details", element("summary", said), element("div", lines), class_="fold")


def _line(number: int, code: Html) -> Html:
    return Html(f"<code data-n={number}>{code}</code>")


def _marked(line: str, spans: Sequence[tuple[int, int]]) -> Html:
    shown, at = [], 0
    for start, end in spans:
        shown += [text(line[at:start]), element("mark", text(line[start:end]))]
        at = end
    return joined([*shown, text(line[at:])])


# Notes ----------------------------------------------------------------------------------------------------------------


def _note(part: FilePart, number: int, note: Note, labels: Labels) -> Html:
    """One note; what it can be found by stands in its attributes."""
    place = f"{note.line}:{note.column}" + (f", cell {note.cell}" if note.cell else "")
    shown = _of_call(part, note, labels) if note.call else _of_finding(note)
    kind = note.statuses[0] if note.call else note.level
    return element(
        "div",
        element("p", *shown, element("span", text(place), class_="place")),
        element("p", text(note.advice), class_="advice") if note.advice else EMPTY,
        class_=f"note {'call' if note.call else 'finding'} {kind}",
        id=f"{part.name}n{number}",
        data_status=" ".join(note.statuses),
        data_level=note.level,
        data_code=" ".join(note.codes),
    )


def _of_finding(note: Note) -> Iterator[Html]:
    yield element("b", text(note.level), class_="label")
    yield from (text(" "), code_link(note.codes[0]), text(f" {_sentence(note.message)} "))


def _of_call(part: FilePart, note: Note, labels: Labels) -> Iterator[Html]:
    yield element("b", text(labels.of(note.statuses[0])), class_="label")
    yield from (text(" "), element("span", text(note.call), class_="operation"), text(" "))
    if note.message:
        yield text(f"{note.message} ")
    if "MG400" in note.codes:
        yield joined((code_link("MG400"), text(" ")))
    if note.elsewhere:
        numbers = _numbers(part.notes)
        links = [
            joined((code_link(code), text(" in "), _line_link(part, numbers, line))) for code, line in note.elsewhere
        ]
        yield joined((text("because of "), _listed(links), text(" ")))


def _numbers(said: Sequence[Note]) -> Mapping[int, int]:
    """The number of the first finding at each line."""
    found: dict[int, int] = {}
    for number, note in enumerate(said):
        if not note.call:
            found.setdefault(note.line, number)
    return found


def _line_link(part: FilePart, numbers: Mapping[int, int], line: int) -> Html:
    return element("a", text(f"line {line}"), href=f"#{part.name}n{numbers.get(line, 0)}")


def _listed(links: Sequence[Html]) -> Html:
    return Html(", ".join(links))


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:] + ("" if message.endswith((".", "?", "!")) else ".")


def code_link(code: str) -> Html:
    """A link to what the page says about a code."""
    return element("a", text(code), href=f"#{code}", class_="code")
