"""The part of the page that is read first: totals, reasons and folders; and last: what the codes mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from itertools import pairwise

from migrator.catalogue import CODES
from migrator.diagnostics import Level
from migrator.outcome import Status
from migrator.records import dataclass
from migrator.report import summary as words
from migrator.report.names import relative
from migrator.report.page.files import FilePart, code_link
from migrator.report.page.labels import Labels
from migrator.report.page.markup import EMPTY, Html, element, joined, text
from migrator.report.record import Record
from migrator.settings import Mode

GAP = 3  # between the parts of a bar, whose width is 1000
ROWS = 40  # folders that are told apart; beyond that, those further down are counted with those above


# Totals ---------------------------------------------------------------------------------------------------------------


def totals(record: Record, labels: Labels, statuses: Counter[Status]) -> Html:
    """How much there is and what became of it, as a sentence, a bar and numbers."""
    shown = [
        status for status in (*labels.statuses(), Status.SUPPRESSED) if status in labels.statuses() or statuses[status]
    ]
    counted = element(
        "dl",
        *(
            _total(status.value, statuses[status], labels.of(status.value), f"status={status.value}")
            for status in shown
        ),
        _total("error", record.summary.errors, "error" if record.summary.errors == 1 else "errors", "status=error")
        if record.summary.errors
        else EMPTY,
        class_="totals",
    )
    bar = _bar([(status.value, statuses[status]) for status in shown])
    return joined((bar, counted))


def headline(labels: Labels, statuses: Counter[Status]) -> Html:
    """The one thing to know."""
    total = statuses.total()
    if not total:
        return text(f"No {labels.subject} found")
    best = labels.statuses()[0]
    verb = {Mode.APPLY: "migrated", Mode.VERIFY: "is right" if total == 1 else "are right"}.get(
        labels.mode, words.POSSIBLE
    )
    return text(f"{statuses[best]:,} of {total:,} {labels.subject}{'' if total == 1 else 's'} {verb}")


def _total(kind: str, count: int, label: str, state: str) -> Html:
    shown = element("span", text(label), data_filter=state) if count else text(label)
    return element("div", element("dt", shown), element("dd", text(f"{count:,}")), class_=kind)


def _bar(counts: Sequence[tuple[str, int]]) -> Html:
    """The shares as a bar; the numbers say the same, so it is not read out. Empty without a count."""
    total = sum(count for _, count in counts)
    if not total:
        return EMPTY
    rects, at = [], 0.0
    for kind, count in counts:
        width = 1000 * count / total
        if count:
            rects.append(
                element(
                    "rect",
                    x=round(at, 2),
                    width=round(max(width - GAP * (at + width < 999), GAP), 2),
                    height=8,
                    class_=kind,
                )
            )
        at += width
    return element("svg", *rects, viewBox="0 0 1000 8", preserveAspectRatio="none", class_="bar", aria_hidden="true")


# Reasons --------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Reason:
    levels: dict[Level, None] = field(default_factory=dict)
    findings: int = 0
    calls: int = 0
    files: set[str] = field(default_factory=set)


def reasons(record: Record) -> Html:
    """What is said how often, what keeps calls first; empty where nothing is."""
    found: dict[str, _Reason] = {}
    for outcome, finding in record.all():
        reason = found.setdefault(finding.code, _Reason())
        reason.levels[finding.level] = None
        reason.findings += 1
        reason.files.add(outcome.path)
    for outcome in record.outcomes:
        for site in outcome.sites:
            for code in {finding.code for finding in site.findings}:
                found[code].calls += 1
    told = [(code, reason) for code, reason in found.items() if code != "MG400"]
    if not told:
        return EMPTY
    order = list(Level)
    told.sort(key=lambda each: (-max(map(order.index, each[1].levels)), -each[1].findings, each[0]))
    head = ("Reason", "Findings", "Calls", "Files")
    return _table("What is said, by reason", head, (_reason(code, reason) for code, reason in told), "reasons")


def _reason(code: str, reason: _Reason) -> Html:
    levels = [
        element("span", text(level.value), class_=f"label {level.value}") for level in Level if level in reason.levels
    ]
    title = element("span", text(_capital(CODES[code].title)), class_="title")
    beside = element("span", code_link(code), *levels, class_="beside")
    findings = element(
        "span", text(f"{reason.findings:,}"), data_filter=f"code={code}", data_name=f"findings with {code}"
    )
    cells = (findings, text(f"{reason.calls:,}" if reason.calls else "–"), text(f"{len(reason.files):,}"))
    return element("tr", element("th", title, beside, scope="row"), *(element("td", cell) for cell in cells))


def _table(caption: str, head: Sequence[str], rows: Iterable[Html], kind: str) -> Html:
    cells = (element("th", text(name), scope="col") for name in head)
    return element(
        "table",
        element("caption", text(caption), class_="unseeable"),
        element("thead", element("tr", *cells)),
        element("tbody", *rows),
        class_=kind,
    )


def _capital(words_of: str) -> str:
    return words_of[:1].upper() + words_of[1:]


# Folders --------------------------------------------------------------------------------------------------------------


def folders(parts: Sequence[FilePart]) -> list[tuple[str, int]]:
    """The folders that are told apart, each with its depth among them; each holds files, or several such folders."""
    holders = {part.path.rpartition("/")[0] for part in parts}
    above = Counter(ancestor for holder in holders for ancestor in _ancestors(holder))
    children: dict[str, set[str]] = {}
    for holder in holders:
        chain = [*_ancestors(holder), holder]
        for parent, child in pairwise(chain):
            children.setdefault(parent, set()).add(child)
    shown = sorted(holders | {it for it in above if len(children.get(it, ())) > 1}, key=lambda path: path.split("/"))
    ranked = [(path, sum(path.startswith(f"{it}/") for it in shown if it)) for path in shown if path or "" in holders]
    deepest = max((depth for _, depth in ranked), default=0)
    while deepest and sum(depth <= deepest for _, depth in ranked) > ROWS:
        deepest -= 1
    return [(path, depth) for path, depth in ranked if depth <= deepest]


def _ancestors(path: str) -> Iterator[str]:
    names = path.split("/") if path else []
    yield from ("/".join(names[:count]) for count in range(len(names)))


def directories(parts: Sequence[FilePart], labels: Labels) -> Html:
    """What became of the calls below each folder."""
    told = folders(parts)
    head = (
        "Directory",
        "Files",
        f"{labels.subject.capitalize()}s",
        *(_capital(labels.of(it.value)) for it in labels.statuses()),
    )
    paths = [path for path, _ in told]
    rows = (_folder((_nearest(path, paths), path, depth), parts, labels) for path, depth in told)
    return _table(f"{labels.subject.capitalize()}s by directory", head, rows, "folders")


def _nearest(path: str, others: Sequence[str]) -> str:
    """The innermost other folder that this one is in, with its slash."""
    return max((f"{it}/" for it in others if it and path.startswith(f"{it}/")), key=len, default="")


def _folder(row: tuple[str, str, int], parts: Sequence[FilePart], labels: Labels) -> Html:
    """A row: the folder above is not shown again, and is read out."""
    above, path, depth = row
    within = [part for part in parts if not path or part.path.startswith(f"{path}/")]
    if not path:
        within = [part for part in parts if "/" not in part.path]
    statuses = Counter(site.status for part in within for site in part.outcome.sites)
    hidden = element("span", text(above), class_="unseeable") if above else EMPTY
    shown = text(f"{path[len(above) :]}/" if path else "./")
    named = element("span", hidden, shown, data_filter=f"dir={path or '.'}", class_="path")
    bar = _bar([(status.value, statuses[status]) for status in labels.statuses()])
    numbers = (len(within), statuses.total(), *(statuses[status] for status in labels.statuses()))
    cells = (element("td", text(f"{number:,}" if number else "–")) for number in numbers)
    return element("tr", element("th", named, bar, scope="row", class_=f"depth{min(depth, 5)}"), *cells)


# Explanations ---------------------------------------------------------------------------------------------------------


def explanations(record: Record) -> Html:
    """What the codes of this page mean."""
    told = {finding.code for _, finding in record.all()} | set(_unsaid(record))
    return joined(_explained(code) for code in CODES if code in told)


def _unsaid(record: Record) -> Iterator[str]:
    for outcome in record.outcomes:
        for site in outcome.sites:
            yield from (it.finding.code for it in site.unsaid)


def _explained(code: str) -> Html:
    told = CODES[code]
    advice = element("p", element("b", text("What to do: ")), text(told.advice)) if told.advice else EMPTY
    title = element("h3", element("span", text(code), class_="code"), text(f" {_capital(told.title)}"))
    return element("article", title, element("p", text(told.explanation)), advice, id=code, tabindex="-1")


def passed_over(record: Record, parts: Sequence[FilePart]) -> Html:
    """The files that name the API without a call, and the folders that were not looked into."""
    told = {part.outcome.path for part in parts}
    silent = [relative(it.path) for it in record.outcomes if it.path not in told]
    lists = (
        ("names the API and holds no call", "name the API and hold no call", silent, "file"),
        ("was passed over", "were passed over", [relative(path) for path in record.skipped], "folder"),
    )
    return joined(
        element(
            "details",
            element("summary", text(f"{words.plural(len(paths), noun)} {one if len(paths) == 1 else many}")),
            element("ul", *(element("li", text(path)) for path in paths)),
            class_="more",
        )
        for one, many, paths, noun in lists
        if paths
    )


def counted(record: Record) -> Counter[Status]:
    """The calls of the run by what became of them."""
    return Counter(site.status for outcome in record.outcomes for site in outcome.sites)
