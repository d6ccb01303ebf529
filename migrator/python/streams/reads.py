"""What reading a stream in pieces makes different: reads that only the last piece answers, errors that come earlier."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import libcst as cst

from migrator.diagnostics import Diagnostic, Level
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.scopes import Kind, dotted
from migrator.python.evidence.values import Facts
from migrator.python.replies.turns import PUT_BACK
from migrator.python.replies.uses import RESPONSE, TESTS, How, Use
from migrator.python.streams.endings import OF_THE_END
from migrator.python.streams.flow import STREAM
from migrator.python.unit import Draft

_ADVICE = "Ask whether it is there first, or read the reply of a call that does not stream."
_IN_PIECES = {
    "parsed": "what is parsed of a stream is parsed from a piece of its text",
    "prompt_feedback": "a blocked prompt raises an error now, so a streamed reply has no feedback",
    "create_time": "the time of a streamed reply comes with its end",
}
_OF_THE_END = OF_THE_END | {"shown"}
_OF_THE_LOOP = frozenset(
    """
    StopIteration StopAsyncIteration GeneratorExit AttributeError IndexError KeyError
    json.JSONDecodeError json.decoder.JSONDecodeError queue.Full asyncio.QueueFull
    """.split()
)
_FROM_OUTSIDE = frozenset(
    """
    KeyboardInterrupt SystemExit TimeoutError asyncio.TimeoutError CancelledError asyncio.CancelledError
    asyncio.exceptions.CancelledError asyncio.exceptions.TimeoutError
    """.split()
)
_OF_ANY_PIECE = frozenset({"text", "usage_metadata", "candidates", "", "len()"})
_ITEMS = frozenset({"Part", "FunctionCall"})
_SUMMED = (
    "generate_content may tell the usage with every chunk, counted up so far, and this sum was more than the "
    "total then; it is told once now, with the end"
)
_USAGE = "GenerateContentResponseUsageMetadata"


def asks_for_the_end(draft: Draft) -> bool:
    """Whether something is read that the last event alone tells, or that comes with it."""
    return any(use.field in _OF_THE_END for use in draft.track.uses) or puts_back(draft)


def puts_back(draft: Draft) -> bool:
    """Whether the steps of the reply are sent back: the signature of a thought may be all that comes with the end."""
    return any(use.field in PUT_BACK for use in draft.track.uses)


def is_of_text_or_end(use: Use) -> bool:
    """Whether ``use`` reads text, usage or how the reply ended, no part and nothing else that comes with the end."""
    if use.shape.type == RESPONSE:
        return use.field in _OF_ANY_PIECE or use.field.startswith("[")
    if use.shape.type == "Candidate":
        return use.field in ("finish_reason", "") or use.field.startswith("[")
    return use.shape.type in (STREAM, _USAGE, "FinishReason", "ModalityTokenCount") and use.field != "shown"


class Chunks:
    """How one streamed call is read."""

    def __init__(self, facts: Facts, draft: Draft, others: Sequence[Draft]) -> None:
        self.facts = facts
        self.draft = draft
        self.others = others  # the calls of its unit that are not streamed
        self.taken = [use.node for use in draft.track.uses if use.shape.type == STREAM]

    # Reads -----------------------------------------------------------------------------------------------------------

    def partial_reads(self) -> Iterator[Diagnostic]:
        """The reads that not every piece can answer, or none."""
        for use in self.draft.track.uses:
            message = self._missing(use)
            if message:
                yield Diagnostic("MG201", Level.MANUAL, message, use.node, _ADVICE)
            elif use.shape.type == _USAGE and self._is_summed(use.node) and self._is_repeated(use.node):
                yield Diagnostic("MG203", Level.REVIEW, _SUMMED, use.node)

    def _is_summed(self, node: cst.CSTNode) -> bool:
        """``total += chunk.usage_metadata.total_token_count or 0``."""
        parent = self.facts.module.parent(node)
        if isinstance(parent, cst.BooleanOperation) and parent.left is node:
            parent = self.facts.module.parent(parent)
        return isinstance(parent, cst.AugAssign)

    def _missing(self, use: Use) -> str:
        """Why ``use`` cannot be answered by a piece; empty where it can."""
        if use.field in _IN_PIECES and not (use.field == "prompt_feedback" and use.how in TESTS):
            return f"{use.shape.type}.{use.field}: {_IN_PIECES[use.field]}"
        if use.field in ("extend()", "insert()") or (use.field == "append()" and self._is_whole(use)):
            return "the model's turn comes in pieces, which are no history"
        if not self._is_repeated(use.node):
            return ""
        if use.shape.type == _USAGE and isinstance(use.node, cst.Attribute) and not self._is_known(use.node, use.base):
            return "the usage of a streamed reply is in its last event only, and this reads it of each"
        indexed = use.shape.type in _ITEMS and use.shape.listed and use.how is not How.COUNTED
        if (
            indexed
            and use.field.startswith("[")
            and use.field not in ("[*]", "[:]")
            and asks_for_the_end(self.draft)
            and not self._is_known(use.node, use.base)
        ):
            return "the last event of a streamed reply has no parts, and this reads one of each"
        return ""

    def _is_whole(self, use: Use) -> bool:
        """Whether the turn that is appended may be that of a reply that comes whole, and is not collected."""
        return bool(self.others) and not isinstance(use.node, cst.Call)

    def _is_repeated(self, node: cst.CSTNode) -> bool:
        """Whether ``node`` is evaluated for each chunk: in the loop over them, or in a function called there."""
        holders = set(self.facts.module.ancestors(node))
        loops = {self._loop(taken) for taken in self.taken}
        if loops & holders:
            return True
        homes = {self.facts.module.enclosing(taken, cst.FunctionDef) for taken in self.taken}
        return self.facts.module.enclosing(node, cst.FunctionDef) not in homes

    def _loop(self, taken: cst.CSTNode) -> cst.CSTNode | None:
        """The loop or comprehension over the stream ``taken``, enumerated or not."""
        inner = taken
        for holder in self.facts.module.ancestors(taken):
            match holder:
                case cst.For(iter=iterable):
                    return holder if iterable is inner else None
                case cst.CompFor(iter=iterable):
                    return self.facts.module.parent(holder) if iterable is inner else None
                case cst.BaseSmallStatement() | cst.FunctionDef():
                    return None
            inner = holder
        return None

    def _is_known(self, node: cst.CSTNode, base: cst.CSTNode) -> bool:
        """Whether a condition around ``node`` asks for ``base`` first, or one around where ``base`` got its value."""
        module = self.facts.module
        asked = module.source(base)
        if any(says_there(module, test, asked, holds=holds) for test, holds in conditions(module, node)):
            return True
        found = self.facts.scopes.definitions(base) if isinstance(base, cst.Name) else ()
        values = [each.value for each in found if each.kind is Kind.ASSIGN]
        return len(found) == 1 and len(values) == 1 and values[0] is not None and self._is_known(values[0], values[0])

    # Errors ----------------------------------------------------------------------------------------------------------

    def moved_errors(self) -> Iterator[Diagnostic]:
        """The legacy request was sent by the first step of the loop, the new one is by the call: handlers differ."""
        for taken in self.taken:
            origin = self._origin(taken)
            around_loop = self._handlers(taken)
            around_call = self._handlers(origin) if origin is not None else []
            alone = [each for each in around_loop if each not in around_call]
            if alone and all(_is_only(self.facts, each, _OF_THE_LOOP | _FROM_OUTSIDE) for each in alone):
                message = "the request is sent by the call now, so this handler of the loop sees no interruption of it"
                yield Diagnostic("MG208", Level.REVIEW, message, taken)
            elif alone:
                message = "the request is sent by the call now, not by the loop: this handler would not see its errors"
                yield Diagnostic("MG207", Level.MANUAL, message, taken, "Put the call inside the try as well.")
            elif [each for each in around_call if each not in around_loop]:
                message = (
                    "the request is sent by the call now, so its errors are handled here and no longer by the loop"
                )
                yield Diagnostic("MG208", Level.REVIEW, message, origin)

    def _origin(self, taken: cst.CSTNode) -> cst.CSTNode | None:
        """What gives the stream in the function that reads it; None where that is a parameter."""
        home = self.facts.module.enclosing(taken, cst.FunctionDef, cst.Lambda)
        made = [
            node
            for node, shape in self.draft.track.nodes.items()
            if shape.type == STREAM
            and isinstance(node, (cst.Call, cst.Await))
            and self.facts.module.enclosing(node, cst.FunctionDef, cst.Lambda) is home
        ]
        return min(made, key=self.facts.module.order, default=None)

    def _handlers(self, node: cst.CSTNode) -> list[cst.Try | cst.TryStar]:
        """The ``try`` statements of its function whose body holds ``node``."""
        found: list[cst.Try | cst.TryStar] = []
        inner = node
        for holder in self.facts.module.ancestors(node):
            match holder:
                case cst.Try(body=body) | cst.TryStar(body=body) if inner is body:
                    if not _is_only(self.facts, holder, _OF_THE_LOOP):
                        found.append(holder)
                case cst.FunctionDef() | cst.Lambda():
                    break
            inner = holder
        return found


def _is_only(facts: Facts, statement: cst.Try | cst.TryStar, kinds: frozenset[str]) -> bool:
    """Whether all handlers of a ``try`` wait for ``kinds`` of errors alone, which are not the request's."""
    return all(_is_among(facts, handler.type, kinds) for handler in statement.handlers)


def _is_among(facts: Facts, caught: cst.BaseExpression | None, kinds: frozenset[str]) -> bool:
    match caught:
        case cst.Tuple(elements=elements):
            return all(_is_among(facts, element.value, kinds) for element in elements)
    return caught is not None and (facts.names.path(caught) or dotted(caught)) in kinds
