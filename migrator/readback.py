"""Checks on the result before anybody sees it: a breach leaves the file alone and says so."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence

import libcst as cst

from migrator.diagnostics import Level
from migrator.python.evidence.facts import facts_of
from migrator.python.evidence.module import Module
from migrator.python.evidence.values import Facts
from migrator.python.helpers.tools import RUNNERS
from migrator.python.requests import interactions
from migrator.python.unit import Unit
from migrator.records import dataclass
from migrator.verification.check import Fault, faults

_JSON_SCHEMA = re.compile(r"\.(?:parameters|schema)\b")
_LEGACY = "generate_content"
_REQUEST = "interactions.create"


@dataclass(frozen=True, slots=True)
class Result:
    """What is read back from a rewritten file: how many requests it has, and how often the legacy method is named."""

    requests: int
    legacy: int


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing wrong with a result; ``line`` is that of the request which does not fit, in a file that nobody sees."""

    reason: str
    line: int = 0

    @property
    def message(self) -> str:
        """What is wrong, and where."""
        return f"the request of line {self.line} does not fit: {self.reason}" if self.line else self.reason


def breaches(after: bytes, facts: Facts, accepted: Sequence[Unit]) -> list[Breach]:
    """What is wrong with ``after``: a call or a comment that is lost, a request that does not fit, a syntax error."""
    try:
        result = _read(after, facts.module.text)
    except SyntaxError as error:
        return [Breach(f"the result would not parse: {error.msg}")]
    except cst.ParserSyntaxError as error:
        return [Breach(f"the result would not parse: {error.message.splitlines()[0]}")]
    sites = [draft.site for unit in accepted for draft in unit.drafts]
    planned = {site.method for site in sites if isinstance(site.method, cst.Attribute)}
    found = [Breach(f"the comment {comment!r} would be lost") for comment in _lost_comments(after, facts)]
    if result.legacy > len(facts.module.attributes(_LEGACY)) - sum(_is_direct(method) for method in planned):
        found.append(Breach("a planned call would be left"))
    if result.requests < sum(not site.handed_to and _is_direct(site.method) for site in sites):
        found.append(Breach("a rewritten call cannot be found again"))
    return [*found, *_misfits(after, facts)]


def _lost_comments(after: bytes, facts: Facts) -> list[str]:
    """The comments that ``after`` has less often; its text tells, where it does not hold them as strings too."""
    before, text = facts.module.text, after.decode(facts.module.tree.encoding)
    fewer = [each for each in dict.fromkeys(facts.module.comments) if text.count(each) < before.count(each)]
    if not fewer:
        return []
    left = Counter(Module(cst.parse_module(after)).comments)
    had = Counter(facts.module.comments)
    return [each for each in fewer if left[each] < had[each]]


def is_only_comments(before: bytes, after: bytes) -> bool:
    """Whether two sources differ in comments alone; newer Python than this one only has to parse."""
    try:
        return ast.dump(_parsed(before)) == ast.dump(_parsed(after))
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


def _read(source: bytes, before: str) -> Result:
    """What ``source`` asks for; newer Python than this one is read by libcst, if ``before`` was newer too."""
    try:
        tree = _compiled(source)
        nodes = list(ast.walk(tree))
    except (SyntaxError, ValueError, RecursionError) as error:
        if isinstance(error, SyntaxError) and _is_known(before):
            raise
        return _read_slowly(Module(cst.parse_module(source)))
    requests = sum(isinstance(node, ast.Call) and _is_request(node) for node in nodes)
    legacy = sum(isinstance(node, ast.Attribute) and node.attr == _LEGACY for node in nodes)
    return Result(requests, legacy)


def _parsed(source: bytes | str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes that are not known: the file had them before
        return ast.parse(source)


def _compiled(source: bytes | str) -> ast.Module:
    """The tree of a source that Python takes: some errors are found by no parser (``:=`` in what is looped over)."""
    tree = _parsed(source)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(tree, "<result>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    return tree


def _is_known(source: str) -> bool:
    """Whether this Python takes ``source``."""
    try:
        _compiled(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


def _read_slowly(module: Module) -> Result:
    methods = [node for node in module.attributes("create") if module.source(node).endswith(_REQUEST)]
    return Result(len(methods), len(module.attributes(_LEGACY)))


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


# Requests -----------------------------------------------------------------------------------------------------------


def _misfits(after: bytes, facts: Facts) -> Iterator[Breach]:
    """What the check of ``migrator verify`` has against the requests that were not there before."""
    module = facts.module
    old = {module.source(call) for call in _calls(facts)} if _REQUEST in module.text else set()
    new = facts_of(cst.parse_module(after), facts.maps)
    for asked in interactions.find(new).requests:
        assert isinstance(asked.origin, cst.Call)
        if old and new.module.source(asked.origin) in old:
            continue
        for fault in faults(asked, facts.maps.models):
            if fault.level is Level.MANUAL and not _is_carried(fault):
                line = new.module.position(asked.origin)[0]
                yield Breach(fault.message, line)


def _calls(facts: Facts) -> Iterator[cst.CSTNode]:
    for asked in interactions.find(facts).requests:
        assert isinstance(asked.origin, cst.Call)
        yield asked.origin


def _is_carried(fault: Fault) -> bool:
    """Whether a fault was the legacy request's own: a field that it lacked too, a JSON Schema that is passed on."""
    needed = fault.missing == "type" and not fault.path.startswith("safety_settings")
    missing = fault.code == "MG604" and bool(fault.path) and not needed
    return missing or _JSON_SCHEMA.search(fault.path) is not None
