"""What the new code of each block of a page needs: imports and helpers stand in the block that needs them first.

A block that imports the SDK is copied as a whole, so it gets all that it needs; the blocks behind it go on with that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.changes import Change
from migrator.python.evidence.scopes import Kind
from migrator.python.helpers.definitions import plain
from migrator.python.writing.blocks import Import
from migrator.python.writing.imports import settled
from migrator.python.writing.leftovers import Leftovers
from migrator.python.writing.render import Needs
from migrator.segments import Segments


def settled_by_segment(left: Leftovers, needs: Needs, segments: Segments) -> Iterator[Change]:
    """The changes that give every segment the imports and helpers that it needs, and take unused imports out."""
    ends = [*segments.starts[1:], len(left.module.text)]
    given = Needs()
    shares: list[tuple[Leftovers, Needs]] = []
    for start, end in zip(segments.starts, ends, strict=True):
        own = _within(left, start, end)
        if start in segments.importing:
            given = Needs()
        share = _share(needs, own)
        shares.append((own, share - given))
        given.update(share)
    wanted: set[str] = set()
    changes: list[Change] = []
    for own, share in reversed(shares):
        changes += settled(replace(own, wanted_later=frozenset(wanted)), share)
        wanted = (wanted | _words(own, share)) - _imported(own)
    yield from changes


def _within(left: Leftovers, start: int, end: int) -> Leftovers:
    edits = {node: edit for node, edit in left.edits.items() if start <= left.module.span(node)[0] < end}
    return replace(left, edits=edits, home=start, end=end)


def _share(needs: Needs, own: Leftovers) -> Needs:
    """What of the needs the new code of a segment has."""
    words = own.fresh_names()
    helpers = {each.name: each for each in plain(needs.helpers)}
    found: set[str] = set()
    while more := {name for name in helpers.keys() & words if name not in found}:
        found |= more
        words |= set[str]().union(*(helpers[name].names() for name in more))
    return Needs(
        {each for each in needs.modules if Import(each).bound in words},
        {each for each in needs.names if Import(*each).bound in words},
        {each for each in needs.aliases if Import(*each).bound in words},
        {each for each in needs.helpers if f"_{each.partition('.')[0]}" in found},
    )


def _words(own: Leftovers, share: Needs) -> set[str]:
    """The names that the new code of a segment uses, its helpers included."""
    return own.fresh_names().union(*(each.names() for each in plain(share.helpers)))


def _imported(own: Leftovers) -> set[str]:
    """The names that a segment imports for itself."""
    top = own.scopes.own(own.module.tree).definitions
    found = (each for definitions in top.values() for each in definitions if each.kind is Kind.IMPORT)
    return {each.name for each in found if own.holds(each.node)}
