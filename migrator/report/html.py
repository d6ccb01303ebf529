"""A run as one HTML page for people: what became of which call and why, with the changes side by side.

The page loads nothing and sends nothing: its style and script are in it, and its policy allows these two by their
hashes. Without scripts it is all there; the script adds filters, search and links that remember them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources

from migrator import __version__
from migrator.catalogue import CODES
from migrator.diagnostics import Level
from migrator.report.page import files, overview
from migrator.report.page.labels import Labels
from migrator.report.page.markup import EMPTY, Html, element, joined, text
from migrator.report.page.notes import FAILED
from migrator.report.record import Record


def render(record: Record) -> str:
    """Give the page, in ASCII: what is beyond is a reference, so that any encoding of a stream carries it."""
    labels = Labels(record.mode)
    parts = files.parts(record)
    page = f"<!doctype html>\n{_document(_head(record, labels), _body(record, parts, labels))}\n"
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _document(head: Html, body: Html) -> Html:
    return element("html", head, body, lang="en")


def _head(record: Record, labels: Labels) -> Html:
    style, script = _asset("report.css"), _asset("report.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    title = overview.headline(labels, overview.counted(record))
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("link", rel="icon", href="data:,"),
        element("title", title, text(" · migrator")),
        Html(f"<style>{style}</style><script>{script}</script>"),
    )


def _asset(name: str) -> str:
    """A file of the page, which holds nothing that would end its element."""
    return resources.files("migrator.report.page").joinpath(name).read_text("ascii")


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _body(record: Record, parts: Sequence[files.FilePart], labels: Labels) -> Html:
    reasons = overview.reasons(record)
    explained = overview.explanations(record)
    sections = [
        ("reasons", "Reasons", reasons),
        ("directories", "Directories", overview.directories(parts, labels) if parts else EMPTY),
        ("files", "Files", joined(_files(record, parts, labels))),
        ("explanations", "Explanations", explained),
    ]
    shown = [(name, title, content) for name, title, content in sections if content]
    links = (element("a", text(title), href=f"#{name}") for name, title, _ in shown)
    return element(
        "body",
        element("a", text("Skip to the files"), href="#files", class_="skip") if parts else EMPTY,
        _header(record, labels),
        element("nav", *links, aria_label="Sections") if shown else EMPTY,
        element(
            "main",
            *(
                element("section", element("h2", text(title), id=f"{name}-title"), content, id=name, **_labelled(name))
                for name, title, content in shown
            ),
        ),
        element("footer", element("p", text(f"migrator {__version__}, {record.mode.value}"))),
    )


def _labelled(name: str) -> dict[str, object]:
    return {"aria_labelledby": f"{name}-title", "tabindex": "-1"}


def _header(record: Record, labels: Labels) -> Html:
    counted = record.summary
    statuses = overview.counted(record)
    scanned = f"{_many(counted.files, 'file')} scanned, {counted.calling:,} with {labels.subject}s"
    return element(
        "header",
        element("p", text(f"migrator {record.mode.value}"), class_="brand"),
        element("h1", overview.headline(labels, statuses)),
        element("p", text(f"{scanned}."), class_="lead"),
        overview.totals(record, labels, statuses),
    )


# Files ----------------------------------------------------------------------------------------------------------------


def _files(record: Record, parts: Sequence[files.FilePart], labels: Labels) -> Iterator[Html]:
    if parts:
        yield _filters(parts, labels)
        yield element("div", *(files.section(part, labels, len(parts)) for part in parts), id="list")
        yield element("p", text("Nothing matches these filters."), id="none", hidden=True)
    yield overview.passed_over(record, parts)


def _filters(parts: Sequence[files.FilePart], labels: Labels) -> Html:
    said = [note for part in parts for note in part.notes]
    statuses = {it for note in said for it in note.statuses}
    levels = [level.value for level in Level if any(note.level == level.value for note in said)]
    codes = [code for code in CODES if any(code in note.codes for note in said)]
    folders = [path or "." for path, _ in overview.folders(parts)]
    buttons = (
        element("button", text(title), type="button", id=name)
        for name, title in (("clear", "Clear filters"), ("unfold", "Unfold all"), ("fold", "Fold all"))
    )
    return element(
        "form",
        element(
            "div",
            element("label", text("Search"), for_="q"),
            element("input", type="search", id="q", name="q", autocomplete="off", placeholder="Path, message or code"),
            class_="field wide",
        ),
        _choice("status", "Status", [(it, _capital(labels.of(it))) for it in sorted(statuses, key=_rank)]),
        _choice("level", "Level", [(it, _capital(it)) for it in levels]),
        _choice("code", "Code", [(code, f"{code} {CODES[code].title}") for code in codes]),
        _choice("dir", "Directory", [(path, f"{path}/" if path != "." else "./") for path in folders]),
        element("p", *buttons, class_="buttons"),
        element("p", text(_shown(parts, labels)), id="result", role="status", data_subject=labels.subject),
        role="search",
        aria_label="Filter files",
    )


_ORDER = ("migrated", "review", "refused", "right", "wrong", "unseen", "suppressed", "file", FAILED)


def _rank(status: str) -> int:
    return _ORDER.index(status)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _shown(parts: Sequence[files.FilePart], labels: Labels) -> str:
    calls = sum(bool(note.call) for part in parts for note in part.notes)
    findings = sum(not note.call for part in parts for note in part.notes)
    return ", ".join(_many(*each) for each in ((len(parts), "file"), (calls, labels.subject), (findings, "finding")))


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _choice(name: str, label: str, options: Sequence[tuple[str, str]]) -> Html:
    shown = (element("option", text(title), value=value) for value, title in options)
    return element(
        "div",
        element("label", text(label), for_=name),
        element("select", element("option", text("All"), value=""), *shown, id=name, name=name),
        class_="field",
    )
