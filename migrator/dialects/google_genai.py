"""The google-genai dialect: ``client.models.generate_content`` and its async twin, in Python source."""

from __future__ import annotations

import re
from dataclasses import replace

import libcst as cst

from migrator.diagnostics import Diagnostic, Level
from migrator.plan import Context, Feature
from migrator.python.chats.conversation import SENDS, Conversation, conversations, history_of
from migrator.python.chats.reader import ChatReader
from migrator.python.chats.single import SingleReader, is_single
from migrator.python.doubles import lookup, replacement, retries
from migrator.python.errors.handlers import Errors
from migrator.python.evidence import sites
from migrator.python.evidence.dynamic import rebinder
from migrator.python.evidence.module import Module, is_none
from migrator.python.evidence.pairs import given
from migrator.python.evidence.sites import CallSite, LostSite
from migrator.python.evidence.values import Facts
from migrator.python.replies.absence import is_nothing
from migrator.python.replies.callers import CALL_TYPE
from migrator.python.replies.handed import is_printed
from migrator.python.replies.reads import Answer
from migrator.python.replies.reads import read as read_reply
from migrator.python.replies.responses import RESPONSE, Track
from migrator.python.replies.sources import settled as settled_sources
from migrator.python.replies.unreached import stands_unreached
from migrator.python.requests.clients import conflicts, service
from migrator.python.requests.later import converted, convertible, keeps_unread
from migrator.python.requests.reader import RequestReader, drop_copied, follow, unread
from migrator.python.requests.upgrades import Made, settled
from migrator.python.requests.workspace import Ledger
from migrator.python.streams import wrapped as streams
from migrator.python.tools.called import unrecorded
from migrator.python.tools.calls import unsent
from migrator.python.unit import Draft, Unit, units
from migrator.python.writing.edits import Edit, Replace
from migrator.python.writing.habits import Style, style_of
from migrator.python.writing.imports import conflicts as name_conflicts
from migrator.python.writing.layout import Text
from migrator.python.writing.render import Needs, Renderer
from migrator.python.writing.transform import obstacles
from migrator.records import dataclass
from migrator.settings import Settings

NAME = "google_genai"
_OPERATIONS = ("generate_content", streams.OPERATION)
_RETRIES = (
    "generate_content is wrapped here to retry; a migrated call passes it by, and repeats 408, 409, 429 and 5xx "
    "up to four times by itself"
)
_LEGACY_NAME = re.compile(rf"[\w.]*\b{RESPONSE}\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """All units of a module with their edits, what the new code needs, and what cannot be followed at all."""

    units: tuple[Unit, ...]
    lost: tuple[LostSite, ...]
    needs: dict[Unit, Needs]


def read(facts: Facts, settings: Settings) -> Reading:
    """Read every call site of the module and plan what it becomes."""
    reading = _read(facts, settings, Ledger())
    made: frozenset[Made] | None = None
    if any(draft.upgraded or draft.named for unit in reading.units for draft in unit.drafts):
        made = settled(facts, reading.units, settings.accept)
        reading = _settled(facts, settings, Ledger(made=made))
    return _converting(facts, settings, reading, made)


def _converting(facts: Facts, settings: Settings, reading: Reading, made: frozenset[Made] | None) -> Reading:
    """``reading`` with the arguments that only the run knows converted there; one that is may set others free."""
    later: frozenset[tuple[cst.Call, str]] = frozenset()
    while wider := convertible(facts, reading.units) - later:
        tried = _settled(facts, settings, Ledger(made=made, later=later | wider))
        kept = converted(tried.units, later | wider)
        if not kept > later:
            break
        reading = tried if kept == later | wider else _settled(facts, settings, Ledger(made=made, later=kept))
        later = kept
    return reading


def _settled(facts: Facts, settings: Settings, ledger: Ledger) -> Reading:
    """What ``_read`` gives when no call that stays has lost the name of its model."""
    made = ledger.made
    while True:
        reading = _read(facts, settings, Ledger(made=made, later=ledger.later))
        if made is None:
            return reading
        still = made & settled(facts, reading.units, settings.accept)
        if still == made:
            return reading
        made = still  # a call that is not rewritten after all needs the old name of its model


def _read(facts: Facts, settings: Settings, ledger: Ledger) -> Reading:
    found, lost = sites.find(facts)
    context = Context(facts.maps, settings)
    chats = conversations(facts, found)
    found += dict.fromkeys(send for chat in chats for send in chat.sends)
    for chat in chats:
        ledger.shapes.update(chat.track.nodes)
        ledger.tracks[chat.created] = history_of(chat)
    for site in found:
        if site.operation in (*_OPERATIONS, *SENDS):
            follow(facts, site, ledger)
    style = style_of(facts.module)
    needs: dict[CallSite, Needs] = {site: Needs() for site in found}
    drafts = [_draft(facts, Renderer(facts, style, needs[site]), context, site, ledger, chats) for site in found]
    replaced, retried = (replacement(facts), retries(facts)) if found else (None, [])
    rebound = rebinder(facts.module) if found else None
    for draft in drafts:
        if rebound is not None:
            code, line = facts.module.source(rebound), facts.module.position(rebound)[0]
            draft.refuse("MG106", f"{code} on line {line} may give any name another value", draft.site.call)
        _check_bindings(facts, draft, ledger)
        read_by_name = lookup(facts, draft.site.call)
        if read_by_name is not None:
            code = facts.module.source(read_by_name)
            draft.refuse("MG204", f"{code} may read by name what is rewritten here", read_by_name)
        if replaced is not None:
            line = facts.module.position(replaced)[0]
            draft.refuse(
                "MG307", f"generate_content is replaced or inspected by a test double on line {line}", draft.site.call
            )
        for wrapper in retried:
            draft.ask("MG307", _RETRIES, wrapper, "Take the wrapper out when nothing in the program needs it any more.")
        drop_copied(facts, draft, ledger)
    _check_chats(facts, drafts, chats)
    grouped = units(drafts)
    together: dict[Unit, Needs] = {}
    errors = Errors(facts)
    for unit in grouped:
        together[unit] = Needs()
        _finish(facts, unit, Renderer(facts, style, together[unit]), errors, ledger)
        for draft in unit.drafts:
            together[unit].update(needs[draft.site])
        _check_places(facts, unit, together[unit], style)
    return Reading(tuple(grouped), tuple(lost), together)


def _draft(
    facts: Facts, renderer: Renderer, context: Context, site: CallSite, ledger: Ledger, chats: list[Conversation]
) -> Draft:
    settings = context.settings
    context = replace(context, service=service(facts, site))
    match site.operation:
        case "chats.create":
            mine = [chat for chat in chats if chat.created is site]
            draft = _chat_reader(facts, ledger, mine)(facts, renderer, context, site, ledger, mine).created()
        case operation if operation in SENDS:
            mine = [chat for chat in chats if site in chat.sends]
            draft = _chat_reader(facts, ledger, mine)(facts, renderer, context, site, ledger, mine).sent()
        case operation if operation in _OPERATIONS:
            draft = RequestReader(facts, renderer, context, site, ledger).read()
        case _:
            draft = Draft(site)
            draft.refuse("MG305", f"{site.operation} is not rewritten yet", site.call)
            return draft
    draft.diagnostics += conflicts(facts, site, settings)
    if site.assumed:
        source = facts.module.source(site.method)
        draft.ask("MG302", f"{source} is assumed to be a google-genai client's: the client is not visible", site.call)
    return draft


def _chat_reader(facts: Facts, ledger: Ledger, chats: list[Conversation]) -> type[ChatReader]:
    """A chat that several creations may give is no single one."""
    return SingleReader if len(chats) == 1 and is_single(facts, ledger, chats[0]) else ChatReader


def _check_chats(facts: Facts, drafts: list[Draft], chats: list[Conversation]) -> None:
    """Whatever may be in a chat's place is a chat of this file too."""
    made = {definition for chat in chats for definition in chat.track.definitions}
    reached = {node for chat in chats for node in chat.track.nodes}
    for chat in chats:
        draft = next(draft for draft in drafts if draft.site is chat.created)
        _check_definitions(facts, draft, replace(chat.track, definitions=made, beside=chat.track.beside - reached))


def _check_bindings(facts: Facts, draft: Draft, ledger: Ledger) -> None:
    for binding, node in unread(facts, draft, ledger):
        line = facts.module.position(node)[0]
        if is_printed(facts, node):
            message = f"{binding.label} is printed on line {line}, in its new form now"
            draft.ask("MG303", message, node, "Accept with --review if nobody parses the output.")
            continue
        keeps_unread(draft, binding.key)
        message = f"{binding.label} is also used on line {line}, where it has to stay what it is"
        if draft.level is not Level.MANUAL:
            draft.refuse("MG303", message, node)


# One unit ------------------------------------------------------------------------------------------------------------


def _finish(facts: Facts, unit: Unit, renderer: Renderer, errors: Errors, ledger: Ledger) -> None:
    """The reads, annotations and error handlers of a unit, put into its first draft."""
    first = unit.drafts[0]
    streamed = streams.streams_of(facts, renderer, unit)
    features = streamed.features.union(*(draft.features for draft in unit.drafts))
    _check_choices(unit, features)
    whole = settled_sources(facts, _joined(unit), features)
    track, texts = streamed.read_texts(whole)
    first.edits.update(texts)
    first.edits.update(streams.annotated(streamed))
    schemas = {facts.module.source(draft.schema): draft.schema for draft in unit.drafts if draft.schema is not None}
    schema = next(iter(schemas.values())) if len(schemas) == 1 else None
    reads = read_reply(facts, renderer, track, Answer(features, schema))
    first.edits.update(reads.edits)
    for veto in [*track.vetoes, *reads.vetoes, *unsent(facts, ledger, track), *unrecorded(unit.drafts)]:
        first.diagnostics.append(Diagnostic(veto.code, veto.level, veto.message, veto.node, veto.advice))
    streamed.wrap()
    _check_definitions(facts, first, whole)
    first.edits.update(_annotations(renderer, track))
    for draft in unit.drafts:
        handled = errors.handled(draft.site, renderer.needs, streams.loops(draft))
        draft.edits.update(handled.edits)
        draft.diagnostics += handled.diagnostics


def _check_choices(unit: Unit, features: frozenset[Feature]) -> None:
    """A word in quotes is read as such only where every reply of the unit is one, and comes whole."""
    if Feature.CHOICE not in features:
        return
    for draft in unit.drafts:
        if Feature.STREAMED in features:
            draft.refuse("MG101", "text/x.enum: the quotes around the value come in pieces", draft.site.call)
        elif Feature.CHOICE not in draft.features:
            draft.refuse("MG205", "what reads this reply reads one of text/x.enum too", draft.site.call)


def _check_places(facts: Facts, unit: Unit, needs: Needs, style: Style) -> None:
    """New code has to be possible where it is to stand: in an f-string, and beside other meanings of its names."""
    if unit.level is Level.MANUAL:
        return
    edits = {node: edit for draft in unit.drafts for node, edit in draft.edits.items()}
    for node, message in obstacles(facts.module, edits, style):
        unit.drafts[0].refuse("MG204", message, node, "Read the value into a variable before the f-string.")
    for node, message in name_conflicts(facts.scopes, facts.module, edits, needs):
        unit.drafts[0].refuse("MG308", message, node)


def _joined(unit: Unit) -> Track:
    whole = Track()
    for draft in unit.drafts:
        whole.nodes.update(draft.track.nodes)
        whole.uses += [use for use in draft.track.uses if use not in whole.uses]
        whole.vetoes += [veto for veto in draft.track.vetoes if veto not in whole.vetoes]
        whole.definitions |= draft.track.definitions
        whole.annotations |= draft.track.annotations
        whole.beside |= draft.track.beside
        whole.beside_sources |= draft.track.beside_sources
    return whole


def _annotations(renderer: Renderer, track: Track) -> dict[cst.CSTNode, Edit]:
    if track.annotations:
        renderer.needs.names.add(("google.genai", "interactions"))
    edits: dict[cst.CSTNode, Edit] = {}
    for annotation in track.annotations:
        quoted = isinstance(annotation, cst.SimpleString)
        source = renderer.facts.module.source(annotation) if quoted else RESPONSE
        new = "FunctionCallStep" if renderer.facts.names.path(annotation) == CALL_TYPE else "Interaction"
        edits[annotation] = Replace(Text(_LEGACY_NAME.sub(f"interactions.{new}", source)))
    return edits


def _check_definitions(facts: Facts, draft: Draft, track: Track) -> None:
    """Every definition that reaches a read of the response is one of this rewrite, or None."""
    for node in track.nodes:
        if not isinstance(node, cst.Name):
            continue
        for definition in facts.scopes.definitions(node) - track.definitions:
            if is_none(given(facts.module, definition)) or stands_unreached(facts, definition.node, track.nodes):
                continue
            line = facts.module.position(definition.node)[0]
            draft.refuse(
                "MG205",
                f"{node.value} may also hold what line {line} gives it, which is no response of this rewrite",
                node,
            )
    for other in track.beside | track.beside_sources:
        known = other in track.nodes or is_nothing(facts, other) or stands_unreached(facts, other, track.nodes)
        if not known:
            if _is_put_into_list(facts, other):
                draft.refuse("MG205", "the list also holds something that is no response of this rewrite", other)
            else:
                message = "something else may stand in its place that is no response of this rewrite"
                draft.refuse("MG205", message, other, "Keep other things apart, or migrate this call by hand.")


def _is_put_into_list(facts: Facts, node: cst.CSTNode) -> bool:
    """Whether ``node`` is an element of a list, or what ``items.append(…)`` adds."""
    match facts.module.parent(facts.module.parent(node) or node):
        case cst.List() | cst.Call(func=cst.Attribute(attr=cst.Name(value="append" | "insert" | "extend"))):
            return True
    return False


def said_of(module: Module, unit: Unit, accept: Level) -> None:
    """Tell every site of a unit that stays because of another one why it stays."""
    blocking = [draft for draft in unit.drafts if not _accepted(draft.level, accept)]
    if not blocking:
        return
    first = min(blocking, key=lambda draft: module.position(draft.site.call))
    message = f"shares code with the call on line {module.position(first.site.call)[0]}, which is not rewritten"
    for draft in unit.drafts:
        if draft not in blocking:
            draft.diagnostics.append(Diagnostic("MG206", first.level, message, draft.site.call))


def _accepted(level: Level, accept: Level) -> bool:
    return (level | accept) is accept
