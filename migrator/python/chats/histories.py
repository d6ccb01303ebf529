"""What is read of a chat's history: turns made of the steps that the chat keeps, or the steps themselves."""

from __future__ import annotations

import libcst as cst

from migrator.plan import Feature
from migrator.python.chats.conversation import Conversation
from migrator.python.chats.flow import HISTORIES
from migrator.python.chats.saved import adapter_of, content_of
from migrator.python.replies.responses import Use
from migrator.python.replies.uses import TURNS
from migrator.python.requests.workspace import Workspace
from migrator.python.tools.called import TURN_NAMES
from migrator.python.writing.edits import Replace
from migrator.python.writing.layout import Carried, Concat, Doc, Text
from migrator.python.writing.taken import taken_beside
from migrator.records import dataclass
from migrator.settings import State

_TURNS_DIFFER = (
    "the turns are made of the steps that the chat keeps: a turn without a reply is not among them, "
    "and a streamed reply is one turn"
)


@dataclass(frozen=True, slots=True)
class Histories:
    """Rewrites the reads of one chat's history."""

    space: Workspace
    chat: Conversation

    def read(self, use: Use) -> None:
        """The turns that the chat's steps make, or, where nobody looks into them, the steps."""
        call = self.space.facts.module.parent(use.node) if use.field == "get_history" else use.node
        if self.space.context.settings.state is State.STATEFUL:
            message = "the history of the chat is read, which the service keeps now"
            self.space.draft.refuse("MG201", message, use.node, "Keep the history in the program: --state stateless.")
        elif isinstance(call, cst.BaseExpression):
            steps: tuple[Doc, ...] = (Carried(use.base), Text(".history"))
            adapter = adapter_of(self.space.facts, self.space.facts.module.parent(call))
            if adapter is not None:
                steps = (Carried(adapter), Text(".validate_python("), *steps, Text(")"))
            elif not self._is_only_saved() and not any(
                each.node is call and each.field in ("continued", "printed") for each in self.chat.track.uses
            ):
                need(self.space, "turns", *TURN_NAMES)
                if not all(self._is_text(each) for each in self._given()):
                    self.space.draft.features.add(Feature.TOLD_BACK)
                steps = (Text("_turns("), *steps, Text(")"))
                self.space.draft.ask("MG203", _TURNS_DIFFER, use.node)
            self.space.draft.edits[call] = Replace(Concat(steps))

    def _given(self) -> list[cst.BaseExpression]:
        """What is said in the chat by the program: the messages, and the history that it begins with."""
        begun = [
            each.value
            for each in self.chat.created.arguments
            if each.keyword is None or each.keyword.value == "history"
        ]
        said = [
            each.value
            for send in self.chat.sends
            for position, each in enumerate(send.arguments)
            if (each.keyword is None and position == 0) or (each.keyword and each.keyword.value == "message")
        ]
        return [*begun, *said]

    def _is_text(self, node: cst.BaseExpression) -> bool:
        """Whether ``node`` is a text, a list of texts, or turns of nothing else."""
        match node:
            case cst.List(elements=elements):
                return all(self._is_text(each.value) for each in elements)
            case cst.Dict(elements=elements):
                return all(isinstance(each, cst.DictElement) and self._is_text_of_turn(each) for each in elements)
            case cst.Call() if self.space.ledger.shapes.get(node) == TURNS:
                return True  # the chat that it comes from is read with this one
        return self.space.facts.kinds.of(node) == "str"

    def _is_text_of_turn(self, entry: cst.DictElement) -> bool:
        key = entry.key.evaluated_value if isinstance(entry.key, cst.SimpleString) else None
        return key in ("role", "text") or (key == "parts" and self._is_text(entry.value))

    def is_asked_for(self, node: cst.CSTNode) -> bool:
        """Whether ``node`` is ``chat.get_history()`` itself, which becomes the steps of the chat."""
        names = {use.node for use in self.chat.track.uses if use.field in HISTORIES}
        return node in names or (isinstance(node, cst.Call) and node.func in names)

    def write_steps(self, node: cst.CSTNode) -> None:
        """Turns that begin another chat are its steps."""
        parts = (Text("[step for turn in "), Carried(node), Text(" for step in turn.steps]"))
        self.space.draft.edits[node] = Replace(Concat(parts))

    def _is_only_saved(self) -> bool:
        """Whether nothing is done with the chat's history but saving it."""
        uses = [each for each in self.chat.track.uses if each.shape.type == TURNS.type]
        return bool(uses) and all(each.field == "saved" for each in uses)

    def save(self, node: cst.CSTNode) -> None:
        """A history that an adapter saves are steps, and so is what the adapter is made for."""
        adapter = adapter_of(self.space.facts, self.space.facts.module.parent(node))
        content = content_of(self.space.facts, adapter) if adapter is not None else None
        assert adapter is not None
        assert content is not None
        self.space.renderer.needs.names.add(("google.genai", "interactions"))
        self.space.draft.edits[content] = Replace(Text("interactions.Step"))
        if self.is_asked_for(node):
            return
        if self._is_only_saved():
            self.space.draft.edits[node] = Replace(
                Concat((Carried(adapter), Text(".validate_python("), Carried(node), Text(")")))
            )
        else:
            self.write_steps(node)


def need(space: Workspace, helper: str, *names: tuple[str, str]) -> None:
    """Have the file given a helper and the names that its code uses; refuse where one of them is taken."""
    space.renderer.needs.helpers.add(helper)
    space.renderer.needs.names.update(names)
    for name in taken_beside(space.facts, helper, names):
        space.draft.refuse("MG308", f"the name {name} is taken in this file", space.draft.site.call)
