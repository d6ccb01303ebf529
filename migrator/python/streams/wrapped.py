"""What a streamed call becomes: its events are wrapped in a generator of this file, once for all that reads them.

Where only the text of the chunks is read, the generator gives that text. Where more is read, it gives interactions that
hold what has arrived since the last one, which are read as whole ones are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field, replace

import libcst as cst

from migrator.diagnostics import Diagnostic
from migrator.plan import Feature
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.values import Facts
from migrator.python.helpers.streams import NEEDED_BY, OF_CHAT, OF_MODEL, SIGNED
from migrator.python.replies.chains import shortened
from migrator.python.replies.uses import TESTS, How, Track, Use
from migrator.python.replies.writer import Answer, Writer, is_tested, joined
from migrator.python.streams.endings import passed_over
from migrator.python.streams.flow import CHUNK, STREAM
from migrator.python.streams.reads import Chunks, asks_for_the_end, is_of_text_or_end, puts_back
from migrator.python.unit import Draft, Unit
from migrator.python.writing.edits import Edit, Replace
from migrator.python.writing.layout import Carried, Doc, Text
from migrator.python.writing.render import Renderer
from migrator.python.writing.taken import taken
from migrator.records import dataclass

OPERATION = "generate_content_stream"
CHAT_OPERATIONS = frozenset({"send_message_stream"})
STREAMED = (OPERATION, *CHAT_OPERATIONS)
_CALL_WITHOUT_TEXT = (
    "a chunk that calls a function had no text, so this was None for it; no piece stands for a call now"
)


@dataclass(slots=True)
class Streams:
    """The streamed calls of one unit: ``textual`` are those of which only text is read."""

    facts: Facts
    renderer: Renderer
    drafts: list[Draft]
    textual: list[Draft] = field(default_factory=list)
    others: list[Draft] = field(default_factory=list)

    @property
    def features(self) -> frozenset[Feature]:
        """What is known of the replies because they come as streams."""
        return frozenset() if self.others else frozenset({Feature.STREAMED})

    def wrap(self) -> None:
        """Put the generator around every call, and say what it makes different."""
        for draft in self.drafts:
            chunks = Chunks(self.facts, draft, self.others)
            if not _is_of_chat(draft):
                draft.diagnostics += chunks.moved_errors()
            if draft not in self.textual:
                draft.diagnostics += chunks.partial_reads()
            self._wrap(draft)

    def _wrap(self, draft: Draft) -> None:
        place = _awaited(draft, self.facts)
        name = self._generator(draft)
        if place is None:
            draft.refuse("MG305", "the stream is awaited at another place than it is asked for", draft.site.call)
            return
        prefix = "async_" if isinstance(place, cst.Await) and not draft.site.handed_to else ""
        name, around = f"{prefix}{name}", f"{prefix}with_end"
        held = self._is_held(draft)
        if not self._bring(draft, name, (around,) if held else ()):
            return
        planned = draft.edits.get(draft.site.call)
        inner: tuple[Doc | str, ...] = (Carried(place),)
        if isinstance(place, cst.Await) and place.expression is draft.site.call:
            asked = planned.doc if isinstance(planned, Replace) else Carried(draft.site.call)
            inner = (asked,) if _is_of_chat(draft) else ("await ", asked)
        elif isinstance(planned, Replace) and place is draft.site.call:
            inner = (planned.doc,)
        call = joined((f"_{name}(", *inner, ")"))
        draft.edits[place] = Replace(joined((f"_{around}(", call, ")")) if held else call)

    def _is_held(self, draft: Draft) -> bool:
        """Whether a piece has to wait for the next one, because the last is to tell how the reply ended."""
        return draft not in self.textual and any(passed_over(self.facts, draft.track))

    def _generator(self, draft: Draft) -> str:
        """The least generator that gives all that is read of a stream."""
        if draft in self.textual:
            return "texts"
        if not asks_for_the_end(draft):
            return "pieces"
        plain = all(map(is_of_text_or_end, draft.track.uses)) and not self._is_held(draft)
        return "texts_and_end" if plain and not self.others else "replies"

    def _bring(self, draft: Draft, name: str, more: tuple[str, ...]) -> bool:
        """Ask for the generator and what it is made of; whether the names are free."""
        helpers = (*NEEDED_BY[name], *more)
        modules = ("errors",) if draft in self.textual else ("errors", "interactions")
        unfree = list(taken(self.facts, helpers, modules))
        for each in unfree:
            draft.refuse("MG305", f"the name {each}, which the new code needs, is taken in this file", draft.site.call)
        self.renderer.needs.names.update(("google.genai", module) for module in modules)
        self.renderer.needs.helpers.update((*helpers, f"{name}.{OF_CHAT if _is_of_chat(draft) else OF_MODEL}"))
        if puts_back(draft) and "piece" in helpers:
            self.renderer.needs.helpers.add(f"piece.{SIGNED}")
        return not unfree

    # Text ------------------------------------------------------------------------------------------------------------

    def read_texts(self, track: Track) -> tuple[Track, dict[cst.CSTNode, Edit]]:
        """What is left to be read of ``track``, and the edits that make the text of each chunk the chunk itself."""
        mine = [use for draft in self.textual for use in draft.track.uses]
        features = frozenset(feature for draft in self.textual for feature in draft.features)
        writer = Writer(self.facts, self.renderer, track, Answer(features))
        for use in mine:
            if use.field == "text":
                _text(writer, use)
        writer.edits.update(shortened(self.facts, writer.edits))
        for veto in writer.vetoes:
            self.textual[0].diagnostics.append(Diagnostic(veto.code, veto.level, veto.message, veto.node, veto.advice))
        annotations = {each for draft in self.textual for each in draft.track.annotations}
        others = [use for use in track.uses if use not in mine]
        return replace(track, uses=others, annotations=track.annotations - annotations), writer.edits


def _is_of_chat(draft: Draft) -> bool:
    """Whether the chat makes the stream: a generator, which sends its request when it is first read, as before."""
    return draft.site.operation in CHAT_OPERATIONS


def streams_of(facts: Facts, renderer: Renderer, unit: Unit) -> Streams:
    """The streamed calls of ``unit``; only where they share no reader with other calls can their chunks be text."""
    drafts = [draft for draft in unit.drafts if draft.site.operation in STREAMED]
    textual = [draft for draft in drafts if _is_textual(draft)]
    while mixed := [each for each in textual if _shares(each, set(unit.drafts).difference(textual))]:
        textual = [each for each in textual if each not in mixed]
    return Streams(facts, renderer, drafts, textual, [draft for draft in unit.drafts if draft not in drafts])


def _is_textual(draft: Draft) -> bool:
    """Whether nothing but the text of the chunks is read."""
    uses = [use for use in draft.track.uses if use.shape.type != STREAM]
    shown = any(veto.code == "MG203" for veto in draft.track.vetoes)
    return not shown and any(use.field == "text" for use in uses) and all(_is_of_text(use) for use in uses)


def _is_of_text(use: Use) -> bool:
    if use.shape.type != CHUNK.type:
        return False
    match use.node:
        case cst.Call(func=cst.Name(value="hasattr")):
            return use.field == "text" and use.how in TESTS
    return use.field in ("text", "", "len()") or use.field.startswith("[")


def _shares(draft: Draft, others: Iterable[Draft]) -> bool:
    return any(draft.track.nodes.keys() & other.track.nodes.keys() for other in others)


def _text(writer: Writer, use: Use) -> None:
    """The chunk is its text; there is no chunk without one."""
    parent = writer.facts.module.parent(use.node)
    match parent:
        case cst.BooleanOperation(left=left, operator=cst.Or(), right=cst.SimpleString(value="''" | '""')):
            if left is use.node and not parent.lpar:
                writer.put(parent, Carried(use.base))
                return
    if is_tested(use):
        writer.test(use, Carried(use.base))
        if _is_missed(writer.facts, use):
            writer.ask(use, "a piece of a stream has text always: what is done here for want of it is not reached now")
        return
    writer.put(use.node, Carried(use.base))
    source = writer.facts.module.source(use.node)
    asked = conditions(writer.facts.module, use.node)
    if writer.has(Feature.FUNCTIONS) and not any(
        says_there(writer.facts.module, test, source, holds=holds) for test, holds in asked
    ):
        writer.ask(use, _CALL_WITHOUT_TEXT)


def _is_missed(facts: Facts, use: Use) -> bool:
    """Whether a statement does something for pieces without text, such as the last one."""
    test: cst.CSTNode = use.node
    absent = False
    for holder in facts.module.ancestors(use.node):
        match holder:
            case cst.ComparisonTarget():
                continue
            case cst.Comparison():
                absent = use.how is How.IS_NONE
            case cst.UnaryOperation(operator=cst.Not()):
                absent = not absent
            case cst.If(test=asked, body=body, orelse=orelse) if asked is test:
                branch: cst.CSTNode | None = body if absent else orelse
                return branch is not None and not _does_nothing(branch)
            case _:
                return False
        test = holder
    return False


def _does_nothing(branch: cst.CSTNode) -> bool:
    match branch:
        case cst.Else(body=body):
            return _does_nothing(body)
        case cst.IndentedBlock(body=lines) | cst.SimpleStatementSuite(body=lines) | cst.SimpleStatementLine(body=lines):
            return all(_does_nothing(line) for line in lines)
    return isinstance(branch, (cst.Continue, cst.Pass))


# Places --------------------------------------------------------------------------------------------------------------


def _awaited(draft: Draft, facts: Facts) -> cst.BaseExpression | None:
    """The expression that gives the stream: the call, or what awaits it; None where that is not visible."""
    site = draft.site
    for holder in facts.module.ancestors(site.call):
        if isinstance(holder, cst.Await) and holder in draft.track.nodes:
            return holder
        if not isinstance(holder, (cst.BaseExpression, cst.Arg)) or isinstance(holder, cst.Lambda):
            break
    asynchronous = any(isinstance(node, cst.Await) for node in draft.track.nodes)
    return None if asynchronous or site.handed_to or ".aio." in f"{facts.names.path(site.method)}." else site.call


def annotated(texts: Streams) -> dict[cst.CSTNode, Edit]:
    """The edits that make annotations of chunks say that they are text."""
    nodes = {each for draft in texts.textual for each in draft.track.annotations}
    return {node: Replace(Text("str")) for node in nodes}


def loops(draft: Draft) -> list[cst.CSTNode]:
    """Where chunks are taken from the stream, which may raise what the service says in the middle of it."""
    return [use.node for use in draft.track.uses if use.shape.type == STREAM]
