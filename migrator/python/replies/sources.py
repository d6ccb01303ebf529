"""What a reply is grounded on, where it is read in ways that only its legacy form answers.

The annotations of an interaction are read directly where that is all that is asked for. Where sources are numbered, are
places or files, or go where nobody follows them, ``types.GroundingMetadata`` is made anew, and all that reads it stays.
"""

from __future__ import annotations

from dataclasses import replace

import libcst as cst

from migrator.diagnostics import Level
from migrator.fieldmap import Row
from migrator.plan import Feature
from migrator.python.evidence.guards import conditions, says_there
from migrator.python.evidence.values import Facts
from migrator.python.replies.absence import is_nothing
from migrator.python.replies.uses import TESTS, Track, Use, Veto

FIELD = "grounding_metadata"
REBUILT = "rebuilt"
NOTE = (
    "the grounding metadata is made anew of what the texts cite: a source that supports no passage is missing, sources "
    "are numbered in the order of the text, and of each there are its address, its title and the place_id only"
)
_ROW = Row("Candidate", FIELD, via=REBUILT, level=Level.REVIEW, note=NOTE)
_LOST = "it is None now, as where the service gave none"


TYPES = frozenset(
    """
    GroundingMetadata SearchEntryPoint GroundingChunk GroundingChunkWeb GroundingChunkImage GroundingChunkMaps
    GroundingChunkMapsRoute GroundingChunkMapsPlaceAnswerSources GroundingChunkMapsPlaceAnswerSourcesReviewSnippet
    GroundingChunkMapsPlaceAnswerSourcesAuthorAttribution GroundingChunkRetrievedContext GroundingChunkCustomMetadata
    GroundingChunkStringList RagChunk RagChunkPageSpan GroundingSupport Segment RetrievalMetadata
    GroundingMetadataSourceFlaggingUri
    """.split()
)
"""What grounding metadata is made of."""


def settled(facts: Facts, track: Track, features: frozenset[Feature]) -> Track:
    """The track without what is no concern where the metadata is made anew; as it was where it is not."""
    if Feature.STREAMED in features or not _is_asked_for(facts, track, features):
        return track
    uses = [replace(use, row=_ROW) if use.field == FIELD else use for use in track.uses if use.shape.type not in TYPES]
    vetoes = [veto for veto in track.vetoes if veto.about not in TYPES]
    lost: set[str] = set()
    for use in track.uses:
        if use.shape.type in TYPES and use.row is not None and use.row.refuse is not None:
            if _is_expected_to_miss(facts, use):
                name = f"{use.shape.type}.{use.field}"
                message = f"{name}: {use.row.refuse}; {_LOST}"
                vetoes += [] if name in lost else [Veto("MG203", use.node, message, Level.REVIEW)]
                lost.add(name)
            else:
                uses.append(use)
    nodes = {node: shape for node, shape in track.nodes.items() if shape.type not in TYPES}
    return replace(track, nodes=nodes, uses=uses, vetoes=vetoes, beside_sources=set())


def _is_asked_for(facts: Facts, track: Track, features: frozenset[Feature]) -> bool:
    """Whether something reads more of the metadata than annotations can be asked directly."""
    if not any(use.field == FIELD for use in track.uses):
        return False
    if Feature.SOURCES in features:
        return True  # whether there is any has to be seen in more than the searches
    rebuilt = any(use.row is not None and use.row.via == REBUILT for use in track.uses)
    unclear = any(veto.about in TYPES and veto.level is Level.MANUAL for veto in track.vetoes)
    beside = any(other not in track.nodes and not is_nothing(facts, other) for other in track.beside_sources)
    return rebuilt or unclear or beside


def _is_expected_to_miss(facts: Facts, use: Use) -> bool:
    """Whether the code has a way on where the field is None."""
    if use.how in TESTS:
        return True
    match use.node:
        case cst.Call(args=[_, _, cst.Arg()]):
            return True
    match facts.module.parent(use.node):
        case cst.BooleanOperation(left=left, operator=cst.Or()) if left is use.node:
            return True
    read, asked = facts.module.source(use.node), facts.module.source(use.base)
    return any(
        says_there(facts.module, test, read, holds=holds) or (holds and _asks_by_name(facts, test, asked, use.field))
        for test, holds in conditions(facts.module, use.node)
    )


def _asks_by_name(facts: Facts, test: cst.CSTNode, asked: str, name: str) -> bool:
    """``getattr(source, "text", None)``."""
    match test:
        case cst.BooleanOperation(left=left, operator=cst.And(), right=right):
            return _asks_by_name(facts, left, asked, name) or _asks_by_name(facts, right, asked, name)
        case cst.Call(func=cst.Name(value="getattr"), args=[base, cst.Arg(value=cst.SimpleString() as literal), _]):
            return facts.module.source(base.value) == asked and literal.evaluated_value == name
    return False
