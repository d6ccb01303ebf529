"""Whether two runs ask for the same: request by request, or as sets where their order is nobody's choice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from migrator.proof.differences import Difference, Extra, Field, Missing, Other, Reordered
from migrator.proof.ran import Ran
from migrator.twin.meaning import Meaning
from migrator.twin.state import Asked


def parts(meaning: Meaning) -> dict[str, object]:
    """Everything that a request says, by the path of each value: ``sampling.temperature``, ``turns[0].text``."""
    record = asdict(meaning)
    turns = [{"role": role, "items": items} for role, items in record.pop("turns")]
    return dict(_leaves("", {**record, "turns": turns}))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401  JSON, as it comes
    match value:
        case dict():
            for key, each in value.items():
                yield from _leaves(f"{path}.{key}" if path else key, each)
        case list():
            for at, each in enumerate(value):
                yield from _leaves(f"{path}[{at}]", each)
        case "" | None:
            return
        case _:
            yield path, value


def fields(before: Meaning, after: Meaning, varying: frozenset[str] = frozenset()) -> tuple[Field, ...]:
    """What two requests do not share, but for the paths that vary by themselves."""
    left, right = parts(before), parts(after)
    names = [name for name in dict.fromkeys([*left, *right]) if name not in varying]
    return tuple(Field(name, left.get(name), right.get(name)) for name in names if left.get(name) != right.get(name))


def varying(before: Ran, again: Ran) -> frozenset[str]:
    """The parts of requests that differ between two runs of the same code: times, random names."""
    pairs = zip(before.asked, again.asked, strict=False)
    return frozenset(field.name for one, two in pairs for field in fields(one.meaning, two.meaning))


def difference(before: Ran, after: Ran, free: frozenset[str] = frozenset()) -> Difference | None:
    """The first request that is not the same; None where all are, but for the parts in ``free``."""
    left, right = _keys(before.asked, free), _keys(after.asked, free)
    if left == right:
        return None
    lost, new = _unmatched(left, right), _unmatched(right, left)
    if lost and new:
        return _closest(before, after, lost[0], new, free)
    if lost:
        return Missing(lost[0] + 1, before.place(before.asked[lost[0]].origin))
    if new:
        return Extra(new[0] + 1, after.place(after.asked[new[0]].origin))
    return _order(before, after, free)


def _key(meaning: Meaning, free: frozenset[str]) -> str:
    return repr(sorted((name, value) for name, value in parts(meaning).items() if name not in free))


def _keys(asked: Sequence[Asked], free: frozenset[str]) -> list[str]:
    return [_key(each.meaning, free) for each in asked]


def _unmatched(ours: Sequence[str], theirs: Sequence[str]) -> list[int]:
    """The positions of ours that have no partner among theirs."""
    left = Counter(theirs)
    found = []
    for at, key in enumerate(ours):
        if left[key]:
            left[key] -= 1
        else:
            found.append(at)
    return found


def _closest(before: Ran, after: Ran, at: int, candidates: Sequence[int], free: frozenset[str]) -> Other:
    """The request at ``at`` and the one that was made in its stead: the one that shares most with it."""
    one = before.asked[at]
    compared = [(fields(one.meaning, after.asked[each].meaning, free), each) for each in candidates]
    found, other = min(compared, key=lambda pair: (len(pair[0]), abs(pair[1] - at)))
    return Other(at + 1, before.place(one.origin), after.place(after.asked[other].origin), found)


# Order --------------------------------------------------------------------------------------------------------------


def _order(before: Ran, after: Ran, free: frozenset[str]) -> Reordered | None:
    """The first request out of order; None where those that one thread or task makes are in order."""
    lanes = _lanes(before.asked, free)
    if _processes(before.asked) > 1 or (len(lanes) > 1 and lanes == _lanes(after.asked, free)):
        return None
    pairs = zip(before.asked, after.asked, strict=True)
    at = next(n for n, (one, two) in enumerate(pairs) if _key(one.meaning, free) != _key(two.meaning, free))
    return Reordered(at + 1, before.place(before.asked[at].origin), after.place(after.asked[at].origin))


def concurrent(ran: Ran) -> bool:
    """Whether more than one thread, task or process asked."""
    return len({each.origin.lane for each in ran.asked}) > 1


def in_order(before: Ran, after: Ran, free: frozenset[str] = frozenset()) -> bool:
    """Whether the requests came one by one as before."""
    return _keys(before.asked, free) == _keys(after.asked, free)


def _processes(asked: Sequence[Asked]) -> int:
    return len({each.origin.lane.partition("/")[0] for each in asked})


def _lanes(asked: Sequence[Asked], free: frozenset[str]) -> list[list[str]]:
    """What each thread or task asked, one after the other."""
    found: dict[str, list[str]] = {}
    for each in asked:
        found.setdefault(each.origin.lane, []).append(_key(each.meaning, free))
    return sorted(found.values())
