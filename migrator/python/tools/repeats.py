"""Retries that a file makes itself: interactions are asked for again by the SDK before these see an error.

Run with google-genai 3.4: a client without ``retry_options`` repeats interactions answered with 408, 429 or 5xx up to
four times, and generate_content never; with ``retry_options``, both as often as these say.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from migrator.diagnostics import Diagnostic, Level
from migrator.python.errors.raising import Handler, Surfaces
from migrator.python.evidence.module import descendants
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.values import Facts

_WORDS = ("retry", "backoff", "on_exception")
_MESSAGE = (
    "the SDK asks for an interaction up to four times more where the answer is 408, 429 or 5xx, with pauses between, "
    "so this retry meets an error later"
)
_ADVICE = (
    "Nothing to do where that is welcome; genai.Client(http_options=types.HttpOptions("
    "retry_options=types.HttpRetryOptions(attempts=1))) asks once, as before."
)


def repeated(facts: Facts, surfaces: Surfaces) -> Iterator[Diagnostic]:
    """A note on the first retry that errors meet on their way, unless the file says how often the SDK asks."""
    if "retry_options" in facts.module.text:
        return
    for place in _retries(facts, surfaces):
        yield Diagnostic("MG208", Level.SAFE, _MESSAGE, place, _ADVICE)
        return


def _retries(facts: Facts, surfaces: Surfaces) -> Iterator[cst.CSTNode]:
    yield from (each for each in surfaces.handlers if _goes_round(facts, each))
    for decorator in surfaces.decorators:
        name = dotted(decorator.func if isinstance(decorator, cst.Call) else decorator)
        if any(word in name.lower() for word in _WORDS):
            yield decorator


def _goes_round(facts: Facts, handler: Handler) -> bool:
    """Whether what was tried is tried again after ``handler``: in a loop that counts or waits, not one over data."""
    for holder in facts.module.ancestors(handler):
        match holder:
            case cst.For(iter=cst.Call(func=cst.Name(value="range"))):
                return True
            case cst.For() | cst.While():
                return any(_waits(each) for each in descendants(handler))
            case cst.FunctionDef() | cst.Lambda() | cst.ClassDef():
                return False
    return False


def _waits(node: cst.CSTNode) -> bool:
    """Whether ``node`` lets time pass, or counts an attempt."""
    return isinstance(node, cst.AugAssign) or (
        isinstance(node, cst.Call) and dotted(node.func).rpartition(".")[2] == "sleep"
    )
