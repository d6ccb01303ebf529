"""Every row of the field maps is exercised: each field is written, or read, in a program of its own, and migrated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from cases import findings
from google.genai import types

from migrator.diagnostics import Level
from migrator.fieldmap import Row, Table, load
from migrator.migrate import migrate
from migrator.outcome import Kind, Outcome, Status
from migrator.settings import Settings

CALL = """\
from google import genai

client = genai.Client(api_key="test-key")


def ask(value):
    response = client.models.generate_content(model="gemini-2.5-flash", {arguments})
    return {result}
"""


@dataclass(frozen=True)
class Way:
    """How to get to a field: the rows that lead there, the field's own last."""

    rows: tuple[Row, ...]

    @property
    def row(self) -> Row:
        """The row that is exercised."""
        return self.rows[-1]

    def __str__(self) -> str:
        return f"{self.row.type}.{self.row.field}"


def _is_list(row: Row) -> bool:
    """Whether the SDK declares the field as a list."""
    kind: Any = getattr(types, row.type, None)
    field = getattr(kind, "model_fields", {}).get(row.field)
    return row.field in ("parts", "function_calls", "tools") or (field is not None and _lists(field.annotation))


def _lists(annotation: Any) -> bool:
    if get_origin(annotation) is list:
        return True
    return get_origin(annotation) in (Union, UnionType) and any(_lists(each) for each in get_args(annotation))


def _ways(table: Table, *roots: str) -> list[Way]:
    """The shortest way to every row that can be reached from ``roots``."""
    found: dict[str, Way] = {}
    todo = [Way((row,)) for root in roots for row in table[root].values()]
    while todo:
        way = todo.pop(0)
        if str(way) not in found:
            found[str(way)] = way
            todo += [Way((*way.rows, row)) for row in table.get(way.row.of, {}).values()]
    return list(found.values())


@cache
def request_ways() -> list[Way]:
    """A way to every row of a request."""
    return _ways(load().requests, "GenerateContentConfig", "Content")


@cache
def response_ways() -> list[Way]:
    """A way to every row of a response."""
    return _ways(load().responses, "GenerateContentResponse")


# What has to stand beside a field that says something about another one.
BESIDE = {
    "tool_config": '"tools": [{"function_declarations": [{"name": "f"}]}]',
    "media_resolution": '"file_data": {"file_uri": "https://example.org/a.png", "mime_type": "image/png"}',
}


def _written(way: Way) -> str:
    value = "value"
    for row in reversed(way.rows):
        beside = f"{BESIDE[row.field]}, " if row.field in BESIDE and row.of else ""
        value = f'{{{beside}"{row.field}": {f"[{value}]" if _is_list(row) else value}}}'
    if way.rows[0].type == "Content":
        return f"contents=[{value}]"
    return f'contents="Say hello", config={value}'


def _read(way: Way) -> str:
    steps = [f".{row.field}" + ("[0]" if _is_list(row) and row is not way.row else "") for row in way.rows]
    return "response" + "".join(steps)


def _migrated(arguments: str, result: str) -> Outcome:
    source = CALL.format(arguments=arguments, result=result)
    outcome = migrate("row.py", source.encode(), Settings(accept=Level.REVIEW))
    assert outcome.kind is not Kind.FAILED, findings(outcome)
    assert len(outcome.sites) == 1
    return outcome


def _check(way: Way, outcome: Outcome) -> None:
    said = " ".join(f"{each.code} {each.message}" for each in findings(outcome))
    assert "MG104" not in said, said
    refusals = [row.refuse for row in way.rows if row.refuse and None not in row.unless]
    if refusals:
        assert outcome.sites[0].status is Status.REFUSED
        assert any(refusal in said for refusal in refusals), said
    elif way.row.drop:
        assert way.row.drop in said or outcome.sites[0].status is Status.REFUSED, said


@pytest.mark.parametrize("way", request_ways(), ids=str)
def test_a_field_of_a_request(way: Way) -> None:
    _check(way, _migrated(_written(way), "response.text"))


@pytest.mark.parametrize("way", response_ways(), ids=str)
def test_a_field_of_a_response(way: Way) -> None:
    _check(way, _migrated('contents="Say hello"', _read(way)))


def test_every_row_can_be_reached() -> None:
    """From a request or a response; what hangs on a refused field is reached through that field."""
    reached = {str(way) for way in (*request_ways(), *response_ways())}
    refused = {row.of for row in load().rows() if row.refuse or row.drop}
    behind = {"File", "FileStatus", "Schema", *refused}
    while new := {row.of for row in load().rows() if row.type in behind and row.of} - behind:
        behind |= new
    missing = [row for row in load().rows() if f"{row.type}.{row.field}" not in reached and row.type not in behind]
    assert missing == []
