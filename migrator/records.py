"""``dataclass`` as the standard library has it, for what records of this project are, made in a third of the time.

Until Python 3.13 the library compiles up to seven functions a class, one by one: with a hundred records that is a
fifth of a run over one file. Here only ``__init__`` is compiled; the others ask the class for its fields when called.
"""

from __future__ import annotations

import sys

if sys.version_info >= (3, 13):
    from dataclasses import dataclass
else:
    import dataclasses
    from collections.abc import Callable, Sequence
    from dataclasses import MISSING, Field, FrozenInstanceError
    from operator import attrgetter, ge, gt, le, lt
    from reprlib import recursive_repr
    from typing import TYPE_CHECKING, Any, TypeAlias

    _Values: TypeAlias = Callable[[object], object]

    if TYPE_CHECKING:
        from dataclasses import dataclass
    else:

        def dataclass(cls: type | None = None, /, **options: bool) -> Any:
            """Make a record of a class, as the library's does; ``options`` are frozen, slots, eq and order."""
            return _made(cls, **options) if cls is not None else lambda cls: _made(cls, **options)

    def _made(cls: type, *, frozen: bool = False, slots: bool = False, eq: bool = True, order: bool = False) -> Any:
        own = dict(vars(cls))
        # A class of the library's own making, frozen, may stand above: it allows only frozen ones below.
        above = any(
            vars(base)["__dataclass_params__"].frozen
            for base in cls.__mro__[1:]
            if "__dataclass_params__" in vars(base)
        )
        made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots, frozen=above)(cls)
        fields = dataclasses.fields(made)
        methods: dict[str, object] = {"__init__": _init(made, fields, _frozen if frozen else _plain), "__repr__": _repr}
        if eq:
            methods |= _comparing(fields, _hash if frozen else _no_hash)
        if order:
            values = _values(each.name for each in fields if each.compare)
            methods |= {f"__{compare.__name__}__": _ordered(values, compare) for compare in (lt, le, gt, ge)}
        if frozen and slots:
            methods |= {"__getstate__": _getstate, "__setstate__": _setstate}
        for name, method in methods.items():
            if name not in own or (name == "__hash__" and own[name] is None):  # __eq__ in a class takes its hash away
                setattr(made, name, method)
        if frozen:
            made.__setattr__, made.__delattr__ = _setattr, _delattr
            made.__dataclass_params__.frozen = True
        return made

    def _init(made: Any, fields: Sequence[Field[Any]], assigned: Callable[[str, str], str]) -> object:
        """The method that fills the fields: compiled, because instances are made by the million."""
        names: dict[str, Any] = {"_set": object.__setattr__, "_missing": MISSING}
        given: dict[bool, list[str]] = {False: [], True: []}  # by whether they are keywords only
        lines = []
        for each in fields:
            name, parameter, value = each.name, each.name, each.name
            if each.default_factory is not MISSING:
                names[f"_new_{name}"] = each.default_factory
                made_new = f"_new_{name}()"
                parameter, value = f"{name}=_missing", f"{made_new} if {name} is _missing else {name}"
                value = value if each.init else made_new
            elif each.default is not MISSING:
                names[f"_default_{name}"] = each.default
                parameter = f"{name}=_default_{name}"
                value = name if each.init else f"_default_{name}"
            elif not each.init:
                continue  # whoever asks for that fills it
            if each.init:
                given[bool(each.kw_only)].append(parameter)
            lines.append(f" {assigned(name, value)}")
        if hasattr(made, "__post_init__"):
            lines.append(" self.__post_init__()")
        parameters = ", ".join(["self", *given[False], *(["*", *given[True]] if given[True] else [])])
        exec("\n".join([f"def __init__({parameters}):", *lines, " return None"]), names)  # noqa: S102  names of fields
        names["__init__"].__qualname__ = f"{made.__qualname__}.__init__"
        return names["__init__"]

    def _frozen(name: str, value: str) -> str:
        return f"_set(self, {name!r}, {value})"

    def _plain(name: str, value: str) -> str:
        return f"self.{name} = {value}"

    def _values(names: Any) -> _Values:
        chosen = tuple(names)
        return attrgetter(*chosen) if chosen else lambda _: ()

    def _comparing(fields: Sequence[Field[Any]], hashing: Callable[[_Values], object]) -> dict[str, object]:
        compared = tuple(each.name for each in fields if each.compare)
        hashed = tuple(each.name for each in fields if (each.compare if each.hash is None else each.hash))
        return {"__eq__": _eq(_values(compared)), "__hash__": hashing(_values(hashed))}

    def _eq(values: _Values) -> object:
        def __eq__(self: object, other: object) -> bool:
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        return __eq__

    def _hash(values: _Values) -> object:
        def __hash__(self: object) -> int:
            return hash(values(self))

        return __hash__

    def _no_hash(_values: _Values) -> None:
        """What may change has no hash."""

    def _ordered(values: _Values, compare: Callable[[Any, Any], Any]) -> object:
        def ordered(self: object, other: object) -> bool:
            return compare(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

        return ordered

    @recursive_repr()
    def _repr(self: Any) -> str:
        said = (f"{each.name}={getattr(self, each.name)!r}" for each in dataclasses.fields(self) if each.repr)
        return f"{type(self).__qualname__}({', '.join(said)})"

    def _setattr(self: object, name: str, value: object) -> None:  # noqa: ARG001  what Python calls
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _delattr(self: object, name: str) -> None:  # noqa: ARG001
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _getstate(self: Any) -> list[object]:
        return [getattr(self, each.name) for each in dataclasses.fields(self)]

    def _setstate(self: Any, state: list[object]) -> None:
        for each, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, each.name, value)


__all__ = ["dataclass"]
