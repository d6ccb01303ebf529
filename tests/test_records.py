"""Records behave as the standard library's dataclasses do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import KW_ONLY, FrozenInstanceError, field, replace
from typing import Any

import pytest

from migrator import records


def kinds(dataclass: Any) -> dict[str, Any]:
    """The same classes, made by the one or the other."""

    @dataclass(frozen=True, slots=True)
    class Point:
        """A place."""

        x: int
        y: int = 2
        names: list[str] = field(default_factory=list)
        _: KW_ONLY
        seen: int = field(default=0, compare=False, repr=False)

        @property
        def sum(self) -> int:
            return self.x + self.y

    @dataclass(frozen=True, slots=True)
    class Named(Point):
        name: str = "n"

    @dataclass(slots=True)
    class Counter:
        count: int = 0
        parts: dict[str, int] = field(default_factory=dict)
        double: int = field(init=False, default=0)

        def __post_init__(self) -> None:
            self.double = 2 * self.count

    @dataclass(frozen=True, slots=True, eq=False)
    class Node:
        value: object

    @dataclass(frozen=True, slots=True, order=True)
    class Version:
        major: int
        minor: int

    @dataclass(frozen=True)
    class Told:
        word: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Told)

        def __hash__(self) -> int:
            return 7

        def __repr__(self) -> str:
            return f"<{self.word}>"

    @dataclass
    class Empty:
        pass

    return {made.__name__: made for made in (Point, Named, Counter, Node, Version, Told, Empty)}


OURS, THEIRS = kinds(records.dataclass), kinds(dataclasses.dataclass)
MADE = [
    ("Point", (1,), {}),
    ("Point", (1, 3, ["a"]), {"seen": 4}),
    ("Named", (1,), {"name": "m"}),
    ("Counter", (3,), {}),
    ("Counter", (), {"parts": {"a": 1}}),
    ("Node", ([],), {}),
    ("Version", (1, 2), {}),
    ("Told", ("w",), {}),
    ("Empty", (), {}),
    ("Point", (), {}),
    ("Point", (1, 2, [], 3), {}),
    ("Node", (1, 2), {}),
    ("Version", (1,), {"size": 2}),
]


def told(ask: Any) -> object:
    """What comes of something, or the type of the error."""
    try:
        return ask()
    except (TypeError, AttributeError) as error:
        return type(error)


def behaviour(made: dict[str, Any], name: str, given: tuple[Any, ...], keywords: dict[str, Any]) -> list[object]:
    """All that can be asked of an instance."""
    one = told(lambda: made[name](*given, **keywords))
    if isinstance(one, type):
        return [one]
    any_: Any = one
    other = made[name](*given, **keywords)
    changed = [each.name for each in dataclasses.fields(any_) if each.init][:1]
    return [
        repr(one).replace(f"{kinds.__name__}.<locals>.", ""),
        one == other,
        one != other,
        one == 1,
        told(lambda: hash(one) == hash(other)),
        told(lambda: one < any_),
        told(lambda: one <= any_),
        told(lambda: setattr(one, changed[0] if changed else "x", 1)),
        isinstance(told(lambda: setattr(one, "unknown", 1)), type),
        hasattr(one, "__dict__"),
        made[name].__match_args__,
        made[name].__doc__ if name == "Point" else None,
        [getattr(copy.copy(other), each.name) == getattr(other, each.name) for each in dataclasses.fields(any_)],
        told(lambda: replace(other, **{changed[0]: 7}) == made[name](7, *given[1:], **keywords)) if given else None,
        dataclasses.asdict(any_) if name != "Node" else None,
        told(lambda: delattr(one, changed[0])) if changed else None,
    ]


@pytest.mark.parametrize(("name", "given", "keywords"), MADE)
def test_a_record_does_what_a_dataclass_does(name: str, given: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    assert behaviour(OURS, name, given, keywords) == behaviour(THEIRS, name, given, keywords)


def test_defaults_are_not_shared() -> None:
    first, second = OURS["Point"](1), OURS["Point"](1)
    first.names.append("a")
    assert second.names == []


@pytest.mark.parametrize(("above", "below"), [(records, dataclasses), (dataclasses, records)])
def test_both_kinds_stand_above_each_other(above: Any, below: Any) -> None:
    @above.dataclass(frozen=True, slots=True)
    class Above:
        x: int

    @below.dataclass(frozen=True, slots=True)
    class Below(Above):
        y: int

    assert (Below(1, 2).x, Below(1, 2).y, Below(1, 2) == Below(1, 2)) == (1, 2, True)
    with pytest.raises(FrozenInstanceError):
        Below(1, 2).x = 3


def test_a_record_that_holds_itself_is_shown() -> None:
    node = OURS["Node"]([])
    node.value.append(node)
    assert "..." in repr(node)


@records.dataclass(frozen=True, slots=True)
class Travelling:
    """A record of a module."""

    x: int
    parts: tuple[int, ...] = ()


def test_a_record_travels_between_processes() -> None:
    assert pickle.loads(pickle.dumps(Travelling(1, (2,)))) == Travelling(1, (2,))
