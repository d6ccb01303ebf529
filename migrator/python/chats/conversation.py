"""Chats: an object that keeps the steps of a conversation takes the place of the legacy one, with the same method.

A chat is followed like a response: every expression that may hold it is known, or the chat stays. Its sends are sites
of their own, which change together with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field

import libcst as cst

from migrator.plan import Context, Feature
from migrator.python.chats.flow import TABLE
from migrator.python.evidence.functions import THREADS
from migrator.python.evidence.names import CLIENT
from migrator.python.evidence.scopes import dotted
from migrator.python.evidence.sites import CallSite
from migrator.python.evidence.values import Facts
from migrator.python.replies.responses import CHAT, Track, Tracker, Use
from migrator.records import dataclass

CREATE, SEND, STREAM = "chats.create", "send_message", "send_message_stream"
SENDS = (SEND, STREAM)
_RUNNERS = THREADS | {"functools.partial"}
_POOLS = "concurrent.futures."


@dataclass(slots=True)
class Conversation:
    """A chat from its creation on: where it goes, and the messages that are sent in it."""

    created: CallSite
    track: Track
    sends: list[CallSite]
    is_async: bool
    context: Context | None = None
    features: set[Feature] = field(default_factory=set)


def conversations(facts: Facts, sites: Iterable[CallSite]) -> list[Conversation]:
    """The chats that ``sites`` create; a send that several of them may reach belongs to each."""
    known: dict[cst.CSTNode, CallSite] = {}
    found = []
    for site in sites:
        if site.operation == CREATE:
            track = Tracker(facts).run(site.call, CHAT)
            sends = list(_sends(facts, site, track, known))
            awaited = any(
                not send.handed_to and isinstance(facts.module.parent(send.call), cst.Await) for send in sends
            )
            found.append(Conversation(site, track, sends, awaited or site.client.path.startswith(f"{CLIENT}.aio.")))
    return found


def _sends(facts: Facts, created: CallSite, track: Track, known: dict[cst.CSTNode, CallSite]) -> Iterator[CallSite]:
    for use in track.uses:
        call = facts.module.parent(use.node)
        if use.field in SENDS and isinstance(call, cst.Call) and call.func is use.node:
            assert isinstance(use.node, cst.Attribute)
            yield known.setdefault(call, CallSite(call, use.node, use.field, created.client, tuple(call.args)))
        elif use.field == SEND and isinstance(call, cst.Arg):
            yield from _handed_on(facts, created, use, call, known)


def _handed_on(
    facts: Facts, created: CallSite, use: Use, argument: cst.Arg, known: dict[cst.CSTNode, CallSite]
) -> Iterator[CallSite]:
    """``asyncio.to_thread(chat.send_message, text)``: what runs it hands on the arguments behind it."""
    call = facts.module.parent(argument)
    if not isinstance(call, cst.Call) or argument.keyword is not None:
        return
    path = facts.names.path(call.func) or dotted(call.func)
    rest = tuple(call.args[call.args.index(argument) + 1 :])
    positional = path.endswith(".run_in_executor") or (path.startswith(_POOLS) and path.endswith(".submit"))
    if path in _RUNNERS or (positional and len(rest) == 1):
        assert isinstance(use.node, cst.Attribute)
        site = CallSite(call, use.node, SEND, created.client, rest, handed_to=path)
        yield known.setdefault(call, site)


def history_of(chat: Conversation) -> Track:
    """What is read of the chat's history: its turns and their parts, which are read as those of a reply are."""
    turns = {node: shape for node, shape in chat.track.nodes.items() if shape not in (CHAT, TABLE, CHAT.several())}
    uses = [use for use in chat.track.uses if use.shape not in (CHAT, TABLE, CHAT.several())]
    return Track(nodes=turns, uses=uses, definitions=chat.track.definitions)
