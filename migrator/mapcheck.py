"""Check field maps against their closed vocabulary and merge them into one ``FieldMap``.

Everything wrong is collected with file and line, so that a map is mended in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, cast

from migrator import handlers, mapfile, schema
from migrator.diagnostics import Level
from migrator.fieldmap import SERVICES, Constructor, FieldMap, Models, Replacement, Row, Scalar
from migrator.mapfile import Entry, Problem
from migrator.records import dataclass

Section = Literal["request", "response"]
SECTIONS = ("request", "response", "constructors", "enums", "models")
LEVELS = {"safe": Level.SAFE, "review": Level.REVIEW}


@dataclass(frozen=True, slots=True)
class Verb:
    """What a verb takes, and how to say so."""

    takes: str
    fits: Callable[[object], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _is_level(value: object) -> bool:
    return isinstance(value, str) and value in LEVELS


def _is_service(value: object) -> bool:
    return value in SERVICES


def _is_plain_list(value: object) -> bool:
    return isinstance(value, list) and not any(isinstance(item, list | dict) for item in value)


def _is_spelling(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())


VERBS = {
    **dict.fromkeys(("to", "via", "drop", "refuse", "note", "advice", "of"), Verb("a text", _is_text)),
    "level": Verb(" or ".join(LEVELS), _is_level),
    "service": Verb(" or ".join(SERVICES), _is_service),
    "unless": Verb("a list of plain values", _is_plain_list),
    "values": Verb("a mapping of legacy spelling to new spelling", _is_spelling),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """The merged maps and everything wrong with them; ``fieldmap`` is whole only when ``problems`` is empty."""

    fieldmap: FieldMap
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class _Sink:
    """What is gathered while the files are read; ``given`` are the keys of the present group of files."""

    requests: dict[str, dict[str, Row]] = field(default_factory=dict)
    responses: dict[str, dict[str, Row]] = field(default_factory=dict)
    constructors: dict[str, Constructor] = field(default_factory=dict)
    enums: dict[str, dict[str, str]] = field(default_factory=dict)
    served: list[str] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    formerly: dict[str, str] = field(default_factory=dict)
    replacements: dict[str, Replacement] = field(default_factory=dict)
    thinking: dict[str, tuple[str, ...]] = field(default_factory=dict)
    given: dict[tuple[str, ...], Problem] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, path: str, line: int, code: str, message: str) -> None:
        self.problems.append(Problem(path, line, code, message))

    def first(self, path: str, line: int, *key: str) -> bool:
        """Whether ``key`` is new in this group of files; complains where it is not."""
        here = Problem(path, line, "MG504", f"'{'.'.join(key)}' is given twice")
        before = self.given.setdefault(key, here)
        if before is not here:
            self.complain(path, line, "MG504", f"{here.message}; the first is {before.path}:{before.line}")
        return before is here


def read(built_in: Iterable[Path], user: Iterable[Path] = ()) -> Loaded:
    """Read and merge the maps; the rows of ``user`` maps replace built-in ones."""
    sink = _Sink()
    for group in (built_in, user):
        sink.given = {}
        for path in group:
            _file(sink, path)
    for table in (sink.requests, sink.responses):
        for row in _rows(table):
            _names(sink, row, table)
    return Loaded(_merged(sink), tuple(sink.problems))


def _rows(table: Mapping[str, Mapping[str, Row]]) -> Iterable[Row]:
    return [row for rows in table.values() for row in rows.values()]


def _merged(sink: _Sink) -> FieldMap:
    models = Models(
        tuple(sink.served),
        MappingProxyType(sink.aliases),
        tuple(sink.replacements.values()),
        sink.thinking,
        tuple(sink.retired),
        MappingProxyType(sink.formerly),
    )
    return FieldMap(
        requests=MappingProxyType(sink.requests),
        responses=MappingProxyType(sink.responses),
        constructors=MappingProxyType(sink.constructors),
        enums=MappingProxyType(sink.enums),
        models=models,
    )


def _file(sink: _Sink, path: Path) -> None:
    top, problems = mapfile.read(path)
    sink.problems.extend(problems)
    readers: dict[str, Callable[[_Sink, str, Entry], None]] = {
        "request": _requests,
        "response": _responses,
        "constructors": _constructors,
        "enums": _enums,
        "models": _models,
    }
    for name, entry in top.items() if top else ():
        if name in readers:
            readers[name](sink, str(path), entry)
        else:
            sink.complain(str(path), entry.line, "MG502", f"unknown section '{name}'; known: {', '.join(SECTIONS)}")


# Rows ---------------------------------------------------------------------------------------------------------------


def _requests(sink: _Sink, path: str, section: Entry) -> None:
    _table(sink, path, section, "request", sink.requests)


def _responses(sink: _Sink, path: str, section: Entry) -> None:
    _table(sink, path, section, "response", sink.responses)


def _table(sink: _Sink, path: str, section: Entry, name: Section, table: dict[str, dict[str, Row]]) -> None:
    for type_name, fields in _mapping(sink, path, section, f"'{name}'"):
        for field_name, entry in _mapping(sink, path, fields, f"'{type_name}'"):
            row = _row(sink, path, type_name, field_name, entry)
            if row is not None and sink.first(path, entry.line, name, type_name, field_name):
                table.setdefault(type_name, {})[field_name] = row


def _row(sink: _Sink, path: str, type_name: str, field_name: str, entry: Entry) -> Row | None:
    """The row, or None where something in it is wrong."""
    where = f"{type_name}.{field_name}"
    before = len(sink.problems)
    verbs = dict(_mapping(sink, path, entry, where))
    said = {verb: value.plain() for verb, value in verbs.items()}
    for verb, value in said.items():
        if verb not in VERBS:
            message = f"{where}: unknown verb '{verb}'; known: {', '.join(VERBS)}"
            sink.complain(path, verbs[verb].line, "MG502", message)
        elif not VERBS[verb].fits(value):
            sink.complain(path, verbs[verb].line, "MG503", f"{where}: '{verb}' takes {VERBS[verb].takes}")
    if len(sink.problems) == before:
        _decides(sink, path, where, verbs, entry.line)
    if len(sink.problems) != before:
        return None
    return _made(type_name, field_name, cast("dict[str, Any]", said), path, entry.line)


def _made(type_name: str, field_name: str, said: dict[str, Any], path: str, line: int) -> Row:
    level = LEVELS[said.pop("level", "safe")]
    unless = tuple(said.pop("unless", ()))
    return Row(type=type_name, field=field_name, level=level, unless=unless, file=path, line=line, **said)


def _decides(sink: _Sink, path: str, where: str, verbs: Mapping[str, Entry], line: int) -> None:
    """Complain about a row that decides nothing or two things, and about a verb that its decision makes pointless."""
    decisions = [verb for verb in ("drop", "refuse") if verb in verbs]
    if "to" in verbs or "via" in verbs:
        decisions.insert(0, "to" if "to" in verbs else "via")
    if not decisions:
        sink.complain(path, line, "MG505", f"{where} decides nothing; give one of to, via, drop, refuse")
    elif len(decisions) > 1:
        sink.complain(path, line, "MG505", f"{where} decides twice: {' and '.join(decisions)}")
    elif "unless" in verbs and "refuse" not in verbs:
        sink.complain(path, verbs["unless"].line, "MG505", f"{where}: 'unless' goes with 'refuse'")
    elif "values" in verbs and decisions[0] in ("drop", "refuse"):
        sink.complain(path, verbs["values"].line, "MG505", f"{where}: 'values' goes with 'to' or 'via'")
    elif "service" in verbs and "note" not in verbs:
        sink.complain(path, verbs["service"].line, "MG505", f"{where}: 'service' goes with 'note'")
    elif "level" in verbs and "refuse" in verbs:
        sink.complain(path, verbs["level"].line, "MG505", f"{where}: a refusal has no level")


def _names(sink: _Sink, row: Row, table: Mapping[str, Mapping[str, Row]]) -> None:
    """Complain about a handler, a target or a type that does not exist."""
    where = f"{row.type}.{row.field}"
    asked = table is sink.requests
    known = handlers.REQUEST_HANDLERS if asked else handlers.READERS
    if row.via is not None and row.via not in known:
        kind = "request handler" if asked else "reader"
        sink.complain(row.file, row.line, "MG506", f"{where}: no {kind} is called '{row.via}'")
    if row.of and row.of not in sink.requests and row.of not in sink.responses:
        sink.complain(row.file, row.line, "MG506", f"{where}: no map has rows for the type '{row.of}'")
    if row.to is not None and not (schema.has_request(row.to) if asked else schema.has_response(row.to)):
        side = "request" if asked else "response"
        sink.complain(row.file, row.line, "MG507", f"{where}: no Interactions {side} has '{row.to}'")


# The other sections -------------------------------------------------------------------------------------------------


def _mapping(sink: _Sink, path: str, entry: Entry, what: str) -> Iterable[tuple[str, Entry]]:
    if isinstance(entry.value, dict):
        return entry.items()
    sink.complain(path, entry.line, "MG503", f"{what} has to be a mapping")
    return ()


def _constructors(sink: _Sink, path: str, section: Entry) -> None:
    for name, entry in _mapping(sink, path, section, "'constructors'"):
        match entry.plain():
            case {"makes": str() as makes, "arguments": dict() as arguments, **rest} if set(rest) <= {"sets"}:
                sets = cast("dict[str, Scalar]", rest.get("sets", {}))
                if sink.first(path, entry.line, "constructors", name):
                    made = Constructor(makes, MappingProxyType(arguments), MappingProxyType(sets))
                    sink.constructors[name] = made
            case _:
                message = f"{name}: a constructor has 'makes', 'arguments' and maybe 'sets'"
                sink.complain(path, entry.line, "MG503", message)


def _enums(sink: _Sink, path: str, section: Entry) -> None:
    for name, entry in _mapping(sink, path, section, "'enums'"):
        match entry.plain():
            case list() as members if all(isinstance(member, str) for member in members):
                spelt = {member: member for member in members}
            case dict() as members if all(isinstance(value, str) for value in members.values()):
                spelt = dict(members)
            case _:
                message = f"{name}: an enum is a list of members, or a mapping of member to literal"
                sink.complain(path, entry.line, "MG503", message)
                continue
        if sink.first(path, entry.line, "enums", name):
            sink.enums[name] = spelt


def _models(sink: _Sink, path: str, section: Entry) -> None:
    for name, entry in _mapping(sink, path, section, "'models'"):
        match name, entry.plain():
            case "served", list() as patterns if all(isinstance(pattern, str) for pattern in patterns):
                sink.served.extend(pattern for pattern in patterns if pattern not in sink.served)
            case "retired", list() as patterns if all(isinstance(pattern, str) for pattern in patterns):
                sink.retired.extend(pattern for pattern in patterns if pattern not in sink.retired)
            case "aliases", dict() as aliases if all(isinstance(text, str) for text in aliases.values()):
                sink.aliases.update(aliases)
            case "formerly", dict() as formerly if all(isinstance(text, str) for text in formerly.values()):
                sink.formerly.update(formerly)
            case "replacements", dict():
                _replacements(sink, path, entry)
            case "thinking", dict() as levels if all(isinstance(names, list) for names in levels.values()):
                sink.thinking.update({pattern: tuple(names) for pattern, names in levels.items()})
            case (("served" | "retired" | "aliases" | "formerly" | "replacements" | "thinking"), _):
                sink.complain(path, entry.line, "MG503", f"models: '{name}' has the wrong shape")
            case _:
                known = "served, retired, aliases, formerly, replacements, thinking"
                sink.complain(path, entry.line, "MG502", f"models: unknown key '{name}'; known: {known}")


def _replacements(sink: _Sink, path: str, section: Entry) -> None:
    for pattern, entry in section.items():
        match entry.plain():
            case {"to": str() as to, "note": str() as note, **rest} if not rest:
                sink.replacements[pattern] = Replacement(pattern, to, note)
            case _:
                sink.complain(path, entry.line, "MG503", f"{pattern}: a replacement has 'to' and 'note'")
