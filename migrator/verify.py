"""Checks on the result before anybody sees it: a breach leaves the file alone and says so."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import libcst as cst

from migrator.planning.automatic import MAXIMUM
from migrator.python.module import Module
from migrator.python.tool_helpers import RUNNERS
from migrator.python.unit import Unit
from migrator.python.values import Facts
from migrator.schema import ANY, SPREAD, is_keyword, problems

_LEGACY = "generate_content"
_REQUEST = "interactions.create"


@dataclass(frozen=True, slots=True)
class Result:
    """What is read back from a rewritten file: its requests, by line, and how often the legacy method is named."""

    requests: tuple[tuple[int, ast.Call], ...]
    legacy: int


def breaches(after: bytes, facts: Facts, accepted: Sequence[Unit]) -> list[str]:
    """What is wrong with ``after``: a call or a comment that is lost, a request that does not fit, a syntax error."""
    try:
        result = _read(after)
    except cst.ParserSyntaxError as error:
        return [f"the result would not parse: {error.message.splitlines()[0]}"]
    sites = [draft.site for unit in accepted for draft in unit.drafts]
    planned = {site.method for site in sites if isinstance(site.method, cst.Attribute)}
    before, text = facts.module.text, after.decode(facts.module.tree.encoding)
    found = [
        f"the comment {comment!r} would be lost"
        for comment in dict.fromkeys(facts.module.comments)
        if text.count(comment) < before.count(comment)
    ]
    if result.legacy > len(facts.module.attributes(_LEGACY)) - sum(_is_direct(method) for method in planned):
        found.append("a planned call would be left")
    if len(result.requests) < sum(not site.handed_to and _is_direct(site.method) for site in sites):
        found.append("a rewritten call cannot be found again")
    old = {ast.dump(call) for _, call in _read(before.encode()).requests} if _REQUEST in before else set()
    new = [(line, call) for line, call in result.requests if ast.dump(call) not in old]
    return [*found, *(problem for line, call in new for problem in _misfits(line, call))]


def is_only_comments(before: bytes, after: bytes) -> bool:
    """Whether two sources differ in comments alone; newer Python than this one only has to parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
    except (SyntaxError, ValueError, RecursionError):
        try:
            cst.parse_module(after)
        except (cst.ParserSyntaxError, UnicodeDecodeError):
            return False
        return True


def _is_direct(method: cst.BaseExpression) -> bool:
    """Whether ``method`` names the client's own ``models``, which becomes ``interactions`` in its place."""
    match method:
        case cst.Attribute(value=cst.Attribute(attr=cst.Name(value="models")), attr=cst.Name(value=name)):
            return name == _LEGACY
    return False


def _read(source: bytes) -> Result:
    """What ``source`` asks for; newer Python than this one is read by libcst, its requests one by one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes that are not known: the file had them before
            nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError):
        return _read_slowly(Module(cst.parse_module(source)))
    requests = [(node.lineno, node) for node in nodes if isinstance(node, ast.Call) and _is_request(node)]
    legacy = sum(isinstance(node, ast.Attribute) and node.attr == _LEGACY for node in nodes)
    return Result(tuple(requests), legacy)


def _read_slowly(module: Module) -> Result:
    requests: list[tuple[int, ast.Call]] = []
    for call in module.nodes(cst.Call):
        try:
            shown = ast.parse(f"({module.source(call)})", mode="eval").body
        except SyntaxError:
            continue
        if isinstance(shown, ast.Call) and _is_request(shown):
            requests.append((module.position(call)[0], shown))
    return Result(tuple(requests), len(module.attributes(_LEGACY)))


def _is_request(call: ast.Call) -> bool:
    """Whether a call asks for an interaction, by itself or through a loop that is given the method."""
    return _is_method(call.func) or (bool(call.args) and _is_loop(call.func) and _is_method(call.args[0]))


def _is_loop(function: ast.expr) -> bool:
    return isinstance(function, ast.Name) and function.id.lstrip("_") in RUNNERS


def _is_method(function: ast.expr) -> bool:
    match function:
        case ast.Attribute(attr="create", value=ast.Attribute(attr="interactions")):
            return True
    return False


def _misfits(line: int, call: ast.Call) -> Iterator[str]:
    """What the target schema has against a request, as far as the call shows it."""
    own = (MAXIMUM,) if not _is_method(call.func) else ()
    given = [each for each in call.keywords if each.arg is None or not (is_keyword(each.arg) or each.arg in own)]
    body = {keyword.arg or SPREAD: _plain(keyword.value) if keyword.arg else ANY for keyword in given}
    for problem in problems(body):
        if problem.path and problem.message.endswith("is missing"):
            continue  # the legacy request did not give it either
        yield f"the request of line {line} does not fit: {problem.path}: {problem.message}"


def _plain(node: ast.expr) -> object:
    """The plain data that an expression shows; ANY where it shows none."""
    match node:
        case ast.Dict(keys=keys, values=values):
            return _mapping(keys, values)
        case ast.List(elts=items) if not any(isinstance(item, ast.Starred) for item in items):
            return [_plain(item) for item in items]
        case ast.Constant(value=str() | int() | float() | None as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    return ANY


def _mapping(keys: Sequence[ast.expr | None], values: Sequence[ast.expr]) -> dict[str, object]:
    shown: dict[str, object] = {}
    for key, value in zip(keys, values, strict=True):
        match key:
            case ast.Constant(value=str() as name):
                shown[name] = _plain(value)
            case _:
                shown[SPREAD] = ANY
    return shown
