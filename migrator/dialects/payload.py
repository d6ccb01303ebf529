"""Request bodies of ``generateContent``, in JSON, JSON Lines or YAML, as bodies of the Interactions API.

The same maps and plans as for programs: a body is read into ``ir``, planned, and written as plain data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum

from migrator import fieldmap, plan, schema
from migrator.casing import camel
from migrator.diagnostics import Diagnostic, Level
from migrator.dialects import jsontext, yamltext
from migrator.dialects.jsontext import Document, PayloadError, Place
from migrator.ir import Field, Literal, Record, Request, Sequence, Value, walk
from migrator.outcome import Finding, Kind, Outcome, SiteReport, Status
from migrator.plan import Planned
from migrator.planning import rows
from migrator.records import dataclass
from migrator.settings import Settings
from migrator.source import Lines

OPERATION = "generateContent"
DIALECT = "payload"
CONFIG = ("generation_config", "generationConfig")
BESIDE = (  # fields that a body has beside generationConfig and a GenerateContentConfig among its own
    "system_instruction",
    "tools",
    "tool_config",
    "safety_settings",
    "cached_content",
    "labels",
    "service_tier",
    "store",
)
STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
SPELT = frozenset(spelling for name in BESIDE for spelling in (name, camel(name)))


class Format(Enum):
    """How a file holds its bodies."""

    JSON = "json"
    YAML = "yaml"


@dataclass(frozen=True, slots=True)
class Body:
    """One body: the request that it holds, and what stays around it."""

    value: Record
    wrapper: Record | None = None


def migrate_payload(path: str, data: bytes, settings: Settings) -> Outcome:
    """Migrate every body in ``data``; what cannot be migrated stays as it is and is named with its place.

    A file that cannot be parsed is an outcome of kind FAILED with one finding; nothing is raised for its sake.
    """
    try:
        text = data.decode("utf-8-sig")
        form, documents = parsed(path, text)
    except UnicodeDecodeError as error:
        return Outcome.failed(path, Finding.of("MG407", f"not UTF-8: {error.reason}"), data)
    except PayloadError as error:
        return Outcome.failed(path, Finding.of("MG407", str(error), *Lines.of(text).position(error.offset)), data)
    context = plan.Context(fieldmap.load(settings.field_maps), settings)
    lines = Lines.of(text)
    sites: list[SiteReport] = []
    pieces: list[str] = []
    at = 0
    for document in documents:
        value, reports = _document(document.value, _said_of(form, text, document), context, lines)
        sites.extend(reports)
        if value is not document.value:
            pieces += (text[at : document.start], _written(value, form, text, document))
            at = document.end
    after = "".join((*pieces, text[at:]))
    return _outcome(path, data, after if pieces else None, tuple(sites))


def _outcome(path: str, data: bytes, after: str | None, sites: tuple[SiteReport, ...]) -> Outcome:
    left = [site for site in sites if site.status is not Status.MIGRATED]
    if after is None:
        return Outcome(path, Kind.REFUSED if left else Kind.UNCHANGED, data, None, sites)
    mark = b"\xef\xbb\xbf" if data.startswith(b"\xef\xbb\xbf") else b""
    return Outcome(path, Kind.PARTIAL if left else Kind.MIGRATED, data, mark + after.encode(), sites)


# Text ---------------------------------------------------------------------------------------------------------------


def parsed(path: str, text: str) -> tuple[Format, tuple[Document, ...]]:
    """The documents of a text, by its name, else by its first character; PayloadError where there is no sense in it."""
    if path.endswith((".yaml", ".yml")):
        return Format.YAML, yamltext.documents(text)
    if path.endswith((".json", ".jsonl", ".ndjson")) or text.lstrip()[:1] in ("{", "["):
        return Format.JSON, jsontext.documents(text)
    return Format.YAML, yamltext.documents(text)


def _said_of(form: Format, text: str, document: Document) -> tuple[Diagnostic, ...]:
    """What writing a document would lose."""
    if form is Format.JSON:
        return ()
    found = yamltext.comments(text[document.start : document.end])
    if found is None:
        return ()
    message = "a comment would be lost: YAML is written anew"
    return (Diagnostic("MG102", Level.REVIEW, message, Place("", document.start + found)),)


def _written(value: Value, form: Format, text: str, document: Document) -> str:
    """A migrated document in the layout of the one that it replaces."""
    before = text[document.start : document.end]
    if form is Format.YAML:
        after = yamltext.write(value)
        after = after if before.endswith("\n") else after.rstrip("\n")
    else:
        after = jsontext.write(value, jsontext.layout(before))
    return after.replace("\n", "\r\n") if "\r\n" in text else after


# Documents ----------------------------------------------------------------------------------------------------------


def _document(
    value: Value, said: tuple[Diagnostic, ...], context: plan.Context, lines: Lines
) -> tuple[Value, list[SiteReport]]:
    """A document with its bodies migrated; the very same value where nothing changes."""
    match value:
        case Sequence(items=items, origin=origin) if items:
            done = [_document(item, said, context, lines) for item in items]
            reports = [report for _, more in done for report in more]
            if all(new is old for (new, _), old in zip(done, items, strict=True)):
                return value, reports
            return Sequence(tuple(new for new, _ in done), origin), reports
        case Record() if _is_interaction(value):
            return value, []
        case _:
            planned = _planned(value, context)
            planned = planned.saying(*said)
            status = _status(planned, context.settings)
            report = _report(value, planned, status, lines)
            migrated = status is Status.MIGRATED and planned.value is not None
            return (planned.value if migrated and planned.value else value), [report]


def _is_interaction(body: Record) -> bool:
    """Whether the body is one of the new API already."""
    inner = body.get("request")
    held = inner if isinstance(inner, Record) else body
    return held.get("input") is not None and held.get("contents") is None


def _status(planned: Planned, settings: Settings) -> Status:
    if planned.value is None or planned.level is Level.MANUAL:
        return Status.REFUSED
    return Status.MIGRATED if planned.level | settings.accept is settings.accept else Status.REVIEW


def _report(value: Value, planned: Planned, status: Status, lines: Lines) -> SiteReport:
    line, column = _position(value.origin, lines)
    findings = tuple(_finding(diagnostic, value, lines) for diagnostic in planned.diagnostics)
    return SiteReport(line, column, OPERATION, DIALECT, status, findings)


def _finding(diagnostic: Diagnostic, value: Value, lines: Lines) -> Finding:
    place = diagnostic.origin if isinstance(diagnostic.origin, Place) else value.origin
    line, column = _position(place, lines)
    where = f" [{place.path}]" if isinstance(place, Place) and place.path else ""
    return Finding(diagnostic.code, diagnostic.level, line, column, diagnostic.message + where, diagnostic.help())


def _position(place: object, lines: Lines) -> tuple[int, int]:
    return lines.position(place.offset) if isinstance(place, Place) else (1, 1)


# Bodies -------------------------------------------------------------------------------------------------------------


def _planned(value: Value, context: plan.Context) -> Planned:
    """The new body for an old one, in its wrapper where it has one."""
    if not isinstance(value, Record) or _unwrapped(value).value.get("contents") is None:
        message = "this is no body of generateContent: it has no contents"
        return Planned(None, (Diagnostic("MG116", Level.MANUAL, message, value.origin),))
    body = _unwrapped(value)
    request, said = _request(body)
    done = _without_model(plan.plan_request(request, context), request)
    done = done.saying(*said)
    if not isinstance(done.value, Record):
        return done
    checked = _checked(replace(done, value=_sorted(done.value)))
    if body.wrapper is None or not isinstance(checked.value, Record):
        return checked
    return replace(checked, value=_wrapped(body.wrapper, checked.value))


def _unwrapped(value: Record) -> Body:
    """The body in ``{"model": …, "request": {…}}``, with the model in it."""
    inner = value.get("request")
    if not isinstance(inner, Record) or value.get("contents") is not None:
        return Body(value)
    model = tuple(field for field in value.fields if field.name == "model")
    fields = inner.fields if inner.get("model") is not None else (*model, *inner.fields)
    return Body(Record("dict", fields, inner.origin), value)


def _wrapped(wrapper: Record, body: Record) -> Record:
    """The body in what else the wrapper holds; alone where that is nothing."""
    names = [field.name for field in wrapper.fields if field.name != "model"]
    if names == ["request"]:
        return body
    fields = (replace(field, value=body) if field.name == "request" else field for field in wrapper.fields)
    return Record("dict", tuple(field for field in fields if field.name != "model"), wrapper.origin)


def _request(body: Body) -> tuple[Request, tuple[Diagnostic, ...]]:
    """The body as the request of a program: what a program calls its configuration is spread over a body."""
    config: list[Field] = []
    said: list[Diagnostic] = []
    settings_as = ""
    for field in body.value.fields:
        match field:
            case Field(name="model" | "contents"):
                continue
            case Field(name=name, value=Literal(None)) if name in CONFIG:
                continue  # null is a field that is not given
            case Field(name=name, value=Record() as settings) if name in CONFIG:
                if settings_as:
                    said.append(Diagnostic("MG111", Level.MANUAL, rows.twice(settings_as, name), field.origin))
                settings_as = name
                config.extend(settings.fields)
            case Field(name=name, origin=origin) if name in CONFIG:
                said.append(Diagnostic("MG116", Level.MANUAL, f"'{name}' has to be an object", origin))
            case Field(name=name) if name in SPELT:
                config.append(field)
            case Field(name=name, origin=origin):
                message = f"a body of generateContent has no field '{name}'"
                said.append(Diagnostic("MG104", Level.MANUAL, message, origin))
    settings = Record("dict", tuple(config), body.value.origin)
    model = body.value.get("model") or Literal("")
    return Request(OPERATION, model, body.value.get("contents"), settings, body.value.origin), tuple(said)


def _without_model(done: Planned, request: Request) -> Planned:
    """A plan that leaves out the model where the body does: it was in the URL."""
    if request.model != Literal(""):
        return done
    message = "the body names no model: it was in the URL, and belongs into the body now"
    said = [diagnostic for diagnostic in done.diagnostics if diagnostic.code != "MG105"]
    said.append(Diagnostic("MG114", Level.REVIEW, message, request.origin))
    value = done.value
    if isinstance(value, Record):
        value = replace(value, fields=tuple(field for field in value.fields if field.name != "model"))
    return Planned(value, tuple(said), done.features)


def _sorted(body: Record) -> Record:
    """The fields in the order of what they come from; what comes from nowhere is last."""
    return replace(body, type="dict", fields=tuple(sorted(body.fields, key=_offset)))


def _offset(field: Field) -> float:
    return min(_offsets(field), default=float("inf"))


def _offsets(field: Field) -> Iterator[int]:
    for place in (field.origin, *(value.origin for value in walk(field.value))):
        if isinstance(place, Place):
            yield place.offset


def _checked(done: Planned) -> Planned:
    """The plan, refused where its result would be no valid body."""
    if done.value is None:
        return done
    try:
        body = yamltext.plain(done.value)
    except TypeError as error:
        return _invalid(done, str(error))
    wrong = [one for one in schema.problems(body) if (one.path, one.missing) != ("", "model")]
    return _invalid(done, wrong[0].message, wrong[0].path) if wrong else done


def _invalid(done: Planned, message: str, path: str = "") -> Planned:
    place = _origin_at(done.value, path)
    where = f"{path}: " if path else ""
    said = Diagnostic("MG116", Level.MANUAL, f"the result would not be a valid request: {where}{message}", place)
    return Planned(None, (*done.diagnostics, said), done.features)


def _origin_at(value: Value | None, path: str) -> Place | None:
    """The place in the source of what stands at ``path`` of the result, or of the nearest thing around it."""
    found = None
    for number, name in STEP.findall(path):
        if value is not None and isinstance(value.origin, Place):
            found = value.origin
        match value:
            case Record() if name:
                value = value.get(name)
            case Sequence(items=items) if number:
                value = items[int(number)]
    return value.origin if value is not None and isinstance(value.origin, Place) else found
