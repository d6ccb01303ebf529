"""The history of the Python functions that were called for a reply: the steps that the loop in the file took."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.plan import Feature
from migrator.python.replies.uses import CALLED, TURNS, Track, Use, Veto
from migrator.python.replies.writer import Writer, carried, is_tested
from migrator.python.unit import Draft
from migrator.python.writing.taken import taken_beside

TURN_NAMES = (("types", "SimpleNamespace"), ("pydantic", "TypeAdapter"), ("google.genai", "interactions"))
_ADVICE = "Keep your own list of the calls and results in those functions; interaction.steps is the last reply alone."
_OTHERWISE = frozenset({"continued", "saved"})


def is_read(track: Track) -> bool:
    """Whether the history of the calls is read of a reply."""
    return any(_is_history(use) for use in track.uses)


def called(writer: Writer, use: Use) -> None:
    """The turns that the steps of the loop make; the steps themselves where they are printed or tested."""
    steps = carried(use, ".called_steps")
    printed = any(each.node is use.node and each.field == "printed" for each in writer.track.uses)
    if is_tested(use):
        writer.test(use, steps)
    elif printed:
        writer.put(use.node, steps)
    else:
        assert use.row is not None
        writer.renderer.needs.names.update(TURN_NAMES)
        for name in taken_beside(writer.facts, "turns", TURN_NAMES):
            writer.refuse(use, f"the name {name} is taken in this file", "MG308")
        writer.put(use.node, writer.helper("turns", steps))
        writer.ask(use, f"{use.shape.type}.{use.field}: {use.row.note}")


def unrecorded(drafts: Iterable[Draft]) -> Iterator[Veto]:
    """The reads of a history that no loop keeps: nothing is called for that reply, or it streams, or it is stored."""
    for draft in drafts:
        for use in draft.track.uses:
            if _is_history(use) and Feature.RECORDED not in draft.features:
                message = "an interaction has no history of the Python functions that were called for it"
                yield Veto("MG201", use.node, f"{use.shape.type}.{use.field}: {message}", advice=_ADVICE)
            elif use.shape == TURNS and use.field in _OTHERWISE and Feature.RECORDED in draft.features:
                yield Veto("MG204", use.node, "the history of the calls is handed on in a way that is not understood")


def _is_history(use: Use) -> bool:
    return use.row is not None and use.row.via == CALLED
